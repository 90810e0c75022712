/** The chip beside the ruler that says which fold the window lies in, and what that means for its r. */
import { element } from "../../ui/dom.js";
import { foldName } from "../rows/folds.js";
import { FOLDS } from "../../ui/palette.js";

/** @param {string[]} folds that a window touches, most first */
export function foldWords(folds) {
  const says = folds.map((fold) => FOLDS[fold]?.says ?? fold).join(" ") || "No training, validation or test window lies here.";
  return { name: foldName(folds), says: folds.length > 1 ? `This window touches ${folds.join(", ")}. ${says}` : says };
}

/** @param {import("./page.js").LocusPage} page */
export function addFoldChip({ view }) {
  const chip = element("button", { class: "fold-chip", id: "fold-chip", type: "button", "aria-describedby": "fold-tip" });
  const tip = element("div", { class: "fold-tip tip", id: "fold-tip", role: "tooltip" });
  view.overlay.append(chip, tip);
  view.afterDraw(({ layout, foldsHere: folds }) => {
    const key = folds.join("+");
    if (chip.dataset.folds !== key) {
      const { name, says } = foldWords(folds);
      chip.textContent = name;
      chip.dataset.folds = key;
      chip.dataset.fold = folds.length === 1 ? folds[0] : "none";
      tip.textContent = says;
    }
    chip.style.transform = `translate(${layout.left + layout.plotWidth + 10}px, 7px)`;
  });
}
