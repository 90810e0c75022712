/** The sheet of all that the keys, the mouse and fingers do, and how to read the page. Keys come from those who registered them. */
import { element } from "../../ui/dom.js";

const HANDS = [
  ["drag", "pan"],
  ["drag the window on the ideogram", "go along the chromosome"],
  ["shift and drag", "zoom to a stretch, or keep it as a region"],
  ["wheel", "scroll the rows, where some are hidden; else zoom at the cursor"],
  ["Ctrl and wheel, pinch", "zoom where the cursor or the fingers are"],
  ["shift and wheel, sideways wheel", "pan"],
  ["click a prediction", "saliency: which sequence drives this bin?"],
  ["click a saliency bar", "mutagenesis: which bases?"],
  ["click a gene", "its card: what it is, where others describe it, what drives its starts"],
  ["click a base, in the sequence or the mutagenesis", "a variant: what would it do?"],
];

const READING = [
  "The strong colour is the experiment, the soft one the model\u2019s prediction, both on one scale; the number at the top left of a track is that scale\u2019s top.",
  "Zoomed out, a bin\u2019s maximum is drawn faintly behind its mean. Hatched grey is no data, which is not zero.",
  "r is Pearson\u2019s correlation of log(1 + x) over the bins of this window, whose number stands beside it; a dash below 20 bins with signal. Held-out r is the same over the test fold, which the model never saw.",
];

const GROUPS = ["Move", "Find", "Rows", "Page"];

/** @typedef {import("../../ui/actions.js").Key} Key */

/**
 * The keys of the sheet, in groups, with Escape as the last.
 * @param {Key[]} keys @returns {[string, [string, string][]][]}
 */
export function keySheet(keys) {
  const said = keys.filter(({ says }) => says);
  /** @param {Key} key */
  const groupOf = ({ group, onView }) => group ?? (onView ? "Rows" : "Page");
  const others = said.map(groupOf).filter((group) => !GROUPS.includes(group));
  /** @type {[string, [string, string][]][]} */
  const sheet = [...new Set([...GROUPS, ...others])].map((group) => [group, said.filter((key) => groupOf(key) === group).map(({ shown, says }) => [shown, says])]);
  sheet.find(([group]) => group === "Page")[1].push(["Esc", "closes what was opened last: a menu, a panel, a row"]);
  return sheet.filter(([, lines]) => lines.length > 0);
}

/** @param {import("./page.js").LocusPage} page */
export function addHelp(page) {
  const { actions } = page;
  const help = new HelpDialog(actions.keys, () => page.tour?.start());
  actions.click("help-button", () => help.show());
  actions.key(["?"], () => help.show(), { says: "this sheet" });
}

const list = (lines) => element("dl", { class: "keys" }, ...lines.flatMap(([key, does]) => [element("dt", {}, key), element("dd", {}, does)]));

export class HelpDialog {
  /** @param {Key[]} keys as they are registered, now and later @param {() => void} onTour */
  constructor(keys, onTour) {
    this.keys = keys;
    const close = () => this.dialog.close();
    const tour = () => {
      close();
      onTour();
    };
    this.sheet = element("div", { class: "help-column" });
    this.dialog = element(
      "dialog",
      { id: "help-dialog", class: "dialog help", "aria-labelledby": "help-title" },
      element(
        "div",
        { class: "dialog-head" },
        element("h2", { id: "help-title" }, "Keys, mouse, and how to read the page"),
        element("button", { class: "button small", type: "button", id: "help-tour", onclick: tour }, "Take the tour"),
        element("a", { class: "button small", href: "variants", title: "Lists of variants, scored and looked through" }, "Variants"),
        element("a", { class: "button small", href: "accuracy", title: "How right the model is, and what replicates allow" }, "Accuracy"),
        // Beside the page, whose place and rows one wants to keep while reading.
        element("a", { class: "button small", href: "guides/", target: "_blank" }, "Guides"),
        element("a", { class: "button small", href: "about" }, "About"),
        element("button", { class: "button icon", type: "button", "aria-label": "Close", onclick: close }, "\u2715"),
      ),
      element(
        "div",
        { class: "help-columns" },
        this.sheet,
        element("div", { class: "help-column" }, element("h3", {}, "Mouse and fingers"), list(HANDS), element("h3", {}, "Reading the page"), ...READING.map((words) => element("p", {}, words))),
      ),
    );
    document.body.append(this.dialog);
  }

  show() {
    if (this.dialog.open) return;
    this.sheet.replaceChildren(...keySheet(this.keys).flatMap(([group, lines]) => [element("h3", {}, group), list(lines)]));
    this.dialog.showModal();
  }
}
