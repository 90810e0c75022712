/** What the keys and the mouse do, and how to read the page. */
import { element } from "./dom.js";

const KEYS = [
  ["\u2190 \u2192 or A D", "pan"],
  ["+ \u2212 or W S", "zoom in, out"],
  ["drag", "pan"],
  ["wheel", "zoom at the cursor (over the row names: scroll the rows)"],
  ["shift + wheel, sideways wheel", "pan"],
  ["/", "go to the locus box"],
  ["\u2191 \u2193 on the view", "choose a row"],
  ["Enter on a chosen row", "explain it at the middle of the window; on saliency, mutate its strongest bin"],
  ["click on a prediction", "saliency: which sequence drives this bin?"],
  ["click on a saliency bar", "mutagenesis: which bases?"],
  ["Esc", "close the panel, then the saliency row"],
  ["?", "this help"],
];

const READING = [
  "Dark is the experiment, light the model's prediction, both on one scale; the number at the top left of a track is that scale's top.",
  "Zoomed out, a bin's maximum is drawn faintly behind its mean. Hatched grey is no data, which is not zero.",
  "r is Pearson's correlation of log(1 + x) over the bins of this window; held-out r is the same over the test fold, which the model never saw.",
];

/** @param {import("./page.js").LocusPage} page */
export function addHelp({ actions }) {
  const help = new HelpDialog();
  actions.click("help-button", () => help.show());
  actions.key(["?"], () => help.show(), { says: "this help" });
}

export class HelpDialog {
  constructor() {
    const close = () => this.dialog.close();
    this.dialog = element(
      "dialog",
      { id: "help-dialog", class: "dialog", "aria-label": "Keys and how to read the page" },
      element("div", { class: "dialog-head" }, element("h2", {}, "Keys"), element("button", { class: "button icon", "aria-label": "Close", onclick: close }, "\u2715")),
      element("dl", { class: "keys" }, ...KEYS.flatMap(([key, does]) => [element("dt", {}, key), element("dd", {}, does)])),
      element("h2", {}, "Reading the page"),
      ...READING.map((words) => element("p", {}, words)),
    );
    document.body.append(this.dialog);
  }

  show() {
    if (!this.dialog.open) this.dialog.showModal();
  }
}
