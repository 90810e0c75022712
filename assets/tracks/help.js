/** The sheet of what the keys and the mouse do in the table, and how to read it. */
import { element } from "../ui/dom.js";
import { MOST_SHOWN } from "../ui/trackfacets.js";

const KEYS = [
  ["/", "search"],
  ["\u2190 \u2192 \u2191 \u2193", "from cell to cell; past the first row, to the columns\u2019 names"],
  ["Space", "choose a row, or what a box stands for"],
  ["Enter on a column\u2019s name", "sort by it, turn the order round, undo"],
  ["Enter on \u201ccard\u201d", "how the track\u2019s experiment was made"],
  ["L", "light or dark"],
  ["Esc", "close the facets in a narrow window, or a name being given to a set"],
  ["?", "this sheet"],
];

const HANDS = [
  ["click a row", "choose it, or take it out"],
  ["click a column\u2019s name", "sort by it"],
  ["drag the edge of a column\u2019s name", "make it wider"],
];

const READING = [
  "The number beside a value is how many tracks it would leave, given all else that is asked for. Values of one facet are alternatives.",
  "Held-out r is Pearson\u2019s correlation of log(1 + x) between experiment and prediction over the fold that was held out (test, where there is one), with the number of its bins, and a dash below 20 of them; R\u00b2 is the share of the experiment\u2019s variance that is explained there.",
  `A view holds ${MOST_SHOWN} tracks; a saved set may hold more. Sets stay in this browser: export them to keep or share them.`,
];

const list = (lines) => element("dl", { class: "keys" }, ...lines.flatMap(([key, does]) => [element("dt", {}, key), element("dd", {}, does)]));

export class TableHelp {
  constructor() {
    this.dialog = element(
      "dialog",
      { id: "help-dialog", class: "dialog help", "aria-labelledby": "help-title" },
      element("div", { class: "dialog-head" }, element("h2", { id: "help-title" }, "Choosing tracks"), element("button", { class: "button icon", type: "button", "aria-label": "Close", onclick: () => this.dialog.close() }, "\u2715")),
      element("div", { class: "help-columns" },
        element("div", { class: "help-column" }, element("h3", {}, "Keys"), list(KEYS)),
        element("div", { class: "help-column" }, element("h3", {}, "Mouse"), list(HANDS), element("h3", {}, "Reading the page"), ...READING.map((words) => element("p", {}, words)))),
    );
    document.body.append(this.dialog);
  }

  show() {
    if (!this.dialog.open) this.dialog.showModal();
  }
}
