/**
 * Says beside the first prediction in sight that it can be clicked, under its name, where no data are; gone for good after the
 * first click.
 */
import { element } from "../../ui/dom.js";
import { kindOf } from "../rows/rowkinds.js";
import { rowsInSight } from "../rows/scene.js";

const KEPT = "sighthound-asked";
const ROOM = { named: 46, plain: 28 }; // pixels of height that a row has for a line more under its name
const BELOW = { named: 17, plain: 7 }; // pixels from the middle of the row to that line

function isKnown() {
  try {
    return localStorage.getItem(KEPT) !== null;
  } catch {
    return false;
  }
}

/** The row that the hint stands at; null where none can be clicked or has room. @param {import("../rows/scene.js").Scene} scene */
export function hintedRow(scene) {
  const { layout, scroll, scale } = scene;
  /** @type {Omit<import("../rows/rowkinds.js").At, "y">} */
  const at = { x: layout.left + 1, base: scale.toBase(layout.left + 1), side: "plot" };
  const isMeant = (row) =>
    row.track && (row.kind === "prediction" || row.kind === "overlay") && row.y >= scroll && row.height >= ROOM[row.first ? "named" : "plain"] && kindOf(row).isClickable(row, scene, { ...at, y: row.y + 1 });
  return rowsInSight(scene).find(isMeant) ?? null;
}

/** @param {import("./page.js").LocusPage} page */
export function addClickHint(page) {
  if (isKnown()) return;
  const { view } = page;
  const hint = element("div", { class: "click-hint", id: "click-hint", hidden: true }, "click: what drives it?");
  view.overlay.append(hint);
  let done = false;
  page.whenShown(({ saliency }) => {
    if (!saliency || done) return;
    done = true;
    hint.remove();
    try {
      localStorage.setItem(KEPT, "yes");
    } catch {
      // Then it is said again another time.
    }
  });
  view.afterDraw((scene) => {
    if (done) return;
    const row = hintedRow(scene);
    hint.hidden = !row;
    if (!row) return;
    const y = scene.layout.headHeight + row.y - scene.scroll + row.height / 2 + BELOW[row.first ? "named" : "plain"];
    hint.style.transform = `translate(14px, ${Math.round(y)}px)`;
    hint.style.maxWidth = `${scene.layout.left - 24}px`;
  });
}
