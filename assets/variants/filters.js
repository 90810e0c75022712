/** What of a table is asked for: its score and track, and what rows must be. */
import { element } from "../ui/dom.js";
import { unitWords } from "./rows.js";

/** @typedef {import("./address.js").Asked} Asked */

const SIGNS = [["both", "Both"], ["raises", "Raises"], ["lowers", "Lowers"]];
const ORDERS = [["effect", "largest effect"], ["percentile", "percentile"], ["place", "place"], ["gene", "gene"]];
const LATE = 350; // ms after the last letter
export const ANY_TRACK = "";

/** The score and track that a table is opened by, where the address does not say. @param {any} table @param {Asked} asked @returns {{score: string, track: string}} */
export function settled(table, asked, defaults = []) {
  const known = table.scores.find(({ name }) => name === asked.score);
  const score = known ?? table.scores.find(({ unit }) => unit === "log2") ?? table.scores[0];
  const comparable = score.unit === "log2" && table.tracks.length > 1;
  const isKnown = table.tracks.includes(asked.track);
  if (isKnown || (asked.track === ANY_TRACK && comparable)) return { score: score.name, track: asked.track };
  return { score: score.name, track: comparable ? ANY_TRACK : (defaults.find((track) => table.tracks.includes(track)) ?? table.tracks[0]) };
}

export class Filters {
  /** @param {(part: Partial<Asked>) => void} onAsk */
  constructor(onAsk) {
    this.onAsk = onAsk;
    const chosen = (name) => {
      const control = element("select", { id: `ask-${name}`, class: "field", onchange: () => onAsk({ [name]: control.value, page: 0 }) });
      return control;
    };
    const typed = (name, properties) => {
      const control = element("input", { id: `ask-${name}`, class: "field", ...properties, oninput: () => {
        clearTimeout(this.typing);
        this.typing = setTimeout(() => control.validity.valid && onAsk({ [name]: control.value, page: 0 }), LATE);
      } });
      return control;
    };
    const labelled = (words, control) => element("label", { class: `ask ${control.id}` }, element("span", {}, words), control);
    this.score = chosen("score");
    this.track = chosen("track");
    this.order = chosen("order");
    this.gene = typed("gene", { type: "search", placeholder: "name or id" });
    this.words = typed("words", { type: "search" });
    this.least = typed("least", { type: "number", min: "0", step: "any" });
    this.percentile = typed("percentile", { type: "number", min: "0", max: "100", step: "any" });
    this.percentileLabel = labelled("Percentile at least", this.percentile);
    this.order.append(...ORDERS.map(([value, words]) => element("option", { value }, words)));
    this.sign = element("div", { class: "segments small", role: "group", "aria-label": "Direction" }, ...SIGNS.map(([value, words]) => element("button", { type: "button", "data-sign": value, onclick: () => onAsk({ sign: value, page: 0 }) }, words)));
    this.known = element("input", { id: "ask-known", type: "checkbox", onchange: () => onAsk({ known: this.known.checked, page: 0 }) });
    this.knownLabel = element("label", { class: "check" }, this.known, element("span", {}, "Only where networks agree"));
    this.root = element("div", { class: "filters", role: "group", "aria-label": "What is asked for" }, labelled("Score", this.score), labelled("Track", this.track), labelled("Gene", this.gene), labelled("Place, id or allele", this.words), labelled("Effect at least", this.least), this.percentileLabel, labelled("Sorted by", this.order),
      element("div", { class: "ask" }, element("span", {}, "Direction"), this.sign), this.knownLabel);
  }

  /** @param {any} table @param {Asked} asked @param {Map<string, string>} names of tracks */
  show(table, asked, names) {
    const { unit, label } = table.scores.find(({ name }) => name === asked.score);
    const isComparable = unit === "log2" && table.tracks.length > 1;
    fill(this.score, table.scores.map(({ name, label: words, unit: of }) => [name, `${words} (${unitWords(of)})`]), asked.score);
    fill(this.track, [...(isComparable ? [[ANY_TRACK, "where it is largest"]] : []), ...table.tracks.map((track) => [track, names.get(track) ?? track])], asked.track);
    this.score.title = `${label}: how it is computed stands in the guides`;
    for (const name of ["gene", "words", "least", "percentile"]) if (this[name] !== document.activeElement) this[name].value = asked[name];
    this.order.value = asked.order;
    this.known.checked = asked.known;
    this.knownLabel.hidden = !table.members;
    this.percentileLabel.hidden = !table.percentiles_of.length;
    for (const button of this.sign.children) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.sign === asked.sign));
  }
}

function fill(select, options, chosen) {
  const words = JSON.stringify(options);
  if (select.dataset.options !== words) {
    select.replaceChildren(...options.map(([value, said]) => element("option", { value }, said)));
    select.dataset.options = words;
  }
  select.value = chosen;
}
