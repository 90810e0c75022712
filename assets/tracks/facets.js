/** The facets beside the table: values with their counts, how accurate, and the saved sets. */
import { download, element } from "../ui/dom.js";
import { facetCounts, FACETS, heldOutR, matcher, remainingCounts, wordsOf } from "../ui/trackfacets.js";
import { formatCorrelation, formatNumber } from "../ui/scale.js";
import { writeSets } from "../ui/tracksets.js";
import { VirtualList } from "../ui/virtuallist.js";

const ROW = 28; // pixels of a value
const WITHOUT_SEARCH = 12; // values that are seen at once; of more, some, the last of them cut, as a sign that there are more
const SOME = 8.5;
const BINS = 20; // bars of the histogram of r

/** Share of the fullest of `bins` bars between 0 and 1; what lies outside is in the outer bars. @param {number[]} values */
export function histogram(values, bins) {
  const counts = new Array(bins).fill(0);
  for (const value of values) counts[Math.max(0, Math.min(bins - 1, Math.floor(value * bins)))] += 1;
  const most = Math.max(1, ...counts);
  return counts.map((count) => count / most);
}

/** One facet: a box a value, those that would leave tracks first. */
class Facet {
  constructor(key, tracks, onChange) {
    this.key = key;
    this.tracks = tracks;
    this.onChange = onChange;
    this.asked = new Set();
    const values = facetCounts(tracks, key).length;
    this.list = new VirtualList({ class: "facet-values", id: `facet-${key}`, "aria-label": FACETS[key] });
    this.list.root.style.height = `${(values > WITHOUT_SEARCH ? SOME : values) * ROW}px`;
    this.words = values > WITHOUT_SEARCH
      ? element("input", { class: "field small", type: "search", id: `facet-${key}-words`, placeholder: `Search ${formatNumber(values)}`, "aria-label": `Search values of ${key}`, oninput: () => this.fill() })
      : null;
    this.clear = element("button", { class: "link", type: "button", onclick: () => this.onChange([]), hidden: true, "aria-label": `Clear ${FACETS[key].toLowerCase()}` }, "Clear");
    this.root = element("section", { class: "facet", "data-facet": key }, element("div", { class: "facet-head" }, element("h2", {}, FACETS[key]), this.clear), this.words, this.list.root);
  }

  /** @param {import("../ui/trackfacets.js").Filter} filter */
  show(filter) {
    this.asked = new Set(filter[this.key] ?? []);
    this.counts = remainingCounts(this.tracks, this.key, filter);
    this.clear.hidden = this.asked.size === 0;
    this.fill({ keepPlace: true });
  }

  fill(place = {}) {
    const words = this.words?.value.toLowerCase() ?? "";
    const most = Math.max(1, ...this.counts.map(([, count]) => count));
    const found = this.counts.filter(([value]) => value.toLowerCase().includes(words) || this.asked.has(value));
    found.sort(([one, ones], [other, others]) => Number(this.asked.has(other)) - Number(this.asked.has(one)) || Number(others > 0) - Number(ones > 0));
    const focused = /** @type {HTMLInputElement|null} */ (this.list.root.querySelector("input:focus"))?.value;
    this.list.show(found.map(([value, count]) => ({ key: value, height: ROW, make: () => this.value(value, count, count / most) })), place);
    if (focused !== undefined) /** @type {HTMLElement|null} */ (this.list.root.querySelector(`input[value="${CSS.escape(focused)}"]`))?.focus();
  }

  value(value, count, share) {
    const box = element("input", { type: "checkbox", value, checked: this.asked.has(value), onchange: () => {
      if (box.checked) this.asked.add(value);
      else this.asked.delete(value);
      this.onChange([...this.asked]);
    } });
    const label = element("label", { title: value }, box, element("span", { class: "facet-value" }, wordsOf(this.key, value)), element("span", { class: "facet-count" }, formatNumber(count)));
    label.style.setProperty("--share", String(share));
    return element("li", { class: count ? "" : "none-left" }, label);
  }
}

/** How accurate tracks must be at least: a slider under the histogram of those that are left. */
class Accuracy {
  constructor(onChange) {
    this.bars = element("div", { class: "histogram", "aria-hidden": "true" }, ...Array.from({ length: BINS }, () => element("span")));
    this.slider = element("input", { type: "range", id: "least-r", min: 0, max: 1, step: 0.05, value: "0", "aria-label": "Held-out r at least", oninput: () => onChange(Number(this.slider.value) || null) });
    this.words = element("output", { htmlFor: "least-r" });
    this.root = element("section", { class: "facet", "data-facet": "r" }, element("div", { class: "facet-head" }, element("h2", {}, "Held-out r"), this.words), this.bars, this.slider);
  }

  show(tracks, filter) {
    const least = filter.least ?? 0;
    this.slider.value = String(least);
    this.words.textContent = least ? `at least ${formatCorrelation(least)}` : "any";
    this.slider.setAttribute("aria-valuetext", this.words.textContent);
    const values = tracks.filter(matcher({ ...filter, least: null })).map(heldOutR).filter((r) => r !== null);
    histogram(values, BINS).forEach((share, bin) => {
      const bar = /** @type {HTMLElement} */ (this.bars.children[bin]);
      bar.style.height = `${share * 100}%`;
      bar.className = (bin + 1) / BINS <= least + 1e-9 ? "below" : "";
    });
  }
}

/** Saved sets: choose one, give them to a colleague, take in a colleague's. */
class Sets {
  constructor(sets, onChoose, onSay) {
    this.sets = sets;
    this.onChoose = onChoose;
    this.onSay = onSay;
    this.list = element("ul", { class: "set-list", id: "set-list", "aria-label": "Saved sets" });
    this.file = element("input", { type: "file", id: "sets-file", accept: ".tsv,text/tab-separated-values,text/plain", hidden: true, onchange: () => this.take() });
    this.problem = element("p", { class: "error", role: "alert", hidden: true });
    this.export = element("button", { class: "link", type: "button", id: "sets-export", onclick: () => this.give() }, "Export");
    this.root = element("section", { class: "facet", "data-facet": "sets" },
      element("div", { class: "facet-head" }, element("h2", {}, "Saved sets"), element("span", { class: "picker-acts" }, this.export, element("button", { class: "link", type: "button", id: "sets-import", onclick: () => this.file.click() }, "Import"))),
      this.list, this.file, this.problem);
    sets.onChange = () => this.show();
    this.show();
  }

  show() {
    const all = this.sets.all();
    const own = this.sets.own();
    this.export.hidden = all.size === 0;
    const empty = element("li", { class: "quiet" }, "Choose tracks and save them under a name; they stay in this browser.");
    const items = [...all].map(([name, ids]) => element("li", {},
      element("button", { class: "set-name", type: "button", title: `Choose the ${ids.length} tracks of ${name}`, onclick: () => this.onChoose(ids, name) }, element("span", {}, name), element("small", {}, `${formatNumber(ids.length)}${own.has(name) ? "" : ", of the project"}`)),
      own.has(name) ? element("button", { class: "row-act", type: "button", "aria-label": `Delete the set ${name}`, title: "Delete", onclick: () => this.remove(name) }, "\u2715") : null));
    this.list.replaceChildren(...(items.length ? items : [empty]));
  }

  remove(name) {
    this.sets.remove(name);
    this.onSay(`The set ${name} is deleted.`);
  }

  give() {
    download(new Blob([writeSets(this.sets.all())], { type: "text/tab-separated-values" }), "track_sets.tsv");
  }

  async take() {
    const [file] = this.file.files;
    this.file.value = "";
    this.problem.hidden = true;
    try {
      if (file) this.onSay(`${this.sets.take(await file.text())} sets taken from ${file.name}.`);
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
    }
  }
}

export class FacetPanel {
  /**
   * @param {import("../ui/trackfacets.js").Track[]} tracks @param {import("../ui/tracksets.js").SavedSets} sets
   * @param {{onFilter: (part: object) => void, onSet: (ids: string[], name: string) => void, onSay: (words: string) => void}} callbacks
   */
  constructor(tracks, sets, { onFilter, onSet, onSay }) {
    this.tracks = tracks;
    const telling = Object.keys(FACETS).filter((facet) => facetCounts(tracks, facet).length > 1);
    this.facets = telling.map((facet) => new Facet(facet, tracks, (values) => onFilter({ [facet]: values })));
    this.accuracy = tracks.some((track) => heldOutR(track) !== null) ? new Accuracy((least) => onFilter({ least })) : null;
    this.root = element("div", { class: "facet-panel" }, new Sets(sets, onSet, onSay).root, ...this.facets.map((facet) => facet.root), this.accuracy?.root ?? null);
  }

  /** @param {import("../ui/trackfacets.js").Filter} filter */
  show(filter) {
    for (const facet of this.facets) facet.show(filter);
    this.accuracy?.show(this.tracks, filter);
  }
}
