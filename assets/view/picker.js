/** The list of tracks: facets (assay, sample), search, and a box to tick a track; held-out r beside each. */
import { element } from "./dom.js";
import { formatCorrelation } from "./scale.js";

/** @typedef {{id: string, name: string, assay: string, sample: string, group?: string, description?: string}} Track */
/** @typedef {{assay: string, sample: string, words: string}} Facets */

/** Whether a track has the facets and every word searched for. @param {Track} track @param {Facets} facets */
export function matches(track, { assay, sample, words }) {
  if (assay && track.assay !== assay) return false;
  if (sample && track.sample !== sample) return false;
  const haystack = [track.id, track.name, track.assay, track.sample, track.group, track.description].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

/** Values of a facet with their counts, most first. @returns {[string, number][]} */
export function facetCounts(tracks, key) {
  const counts = new Map();
  for (const track of tracks) if (track[key]) counts.set(track[key], (counts.get(track[key]) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]));
}

const PAGE = 150; // tracks that are put into the list at a time, as it is scrolled: an imported model has thousands

/** @param {import("./page.js").LocusPage} page */
export function addTrackPicker(page) {
  const picker = new TrackPicker(page.project, page.view.colours, (tracks) => page.change({ tracks }));
  page.place("track-picker", picker.root);
  page.whenShown(({ tracks }, { live }) => live || picker.show(tracks));
  const toggle = () => {
    const now = document.body.dataset.tracks ?? (matchMedia("(max-width: 1100px)").matches ? "closed" : "open");
    document.body.dataset.tracks = now === "open" ? "closed" : "open";
    return true;
  };
  page.actions.click("tracks-toggle", toggle);
  page.actions.click("track-scrim", toggle);
  page.actions.escape(10, () => document.body.dataset.tracks === "open" && toggle());
}

export class TrackPicker {
  /** @param {any} project @param {Map<string, any>} colours @param {(ids: string[]) => void} onChange */
  constructor(project, colours, onChange) {
    this.tracks = project.tracks;
    this.colours = colours;
    this.place = new Map(this.tracks.map((track, index) => [track.id, index]));
    this.defaults = project.default_tracks;
    this.onChange = onChange;
    this.chosen = [];
    this.order = "table";
    /** Those that were in the list so far. @type {Map<string, any>} */
    this.items = new Map();
    this.words = element("input", { id: "track-search", class: "field", type: "search", placeholder: "Search tracks", "aria-label": "Search tracks", oninput: () => this.filter() });
    this.assay = this.facet("assay", "All assays");
    this.sample = this.facet("sample", "All samples");
    this.count = element("span", { class: "quiet", role: "status", id: "track-count" });
    this.list = element("ul", { class: "track-list", id: "track-list", "aria-label": "Tracks", onscroll: () => this.fill() });
    this.sorter = element("button", { class: "link", type: "button", title: "Sort by held-out r", onclick: () => this.sort() }, "held-out r");
    this.root = element(
      "div",
      { class: "picker" },
      this.words,
      element("div", { class: "facets" }, this.assay, this.sample),
      element("div", { class: "picker-line" }, this.count, element("span", { class: "picker-acts" },
        element("button", { class: "link", type: "button", id: "tracks-none", onclick: () => this.set([]) }, "None"),
        element("button", { class: "link", type: "button", id: "tracks-default", onclick: () => this.set(this.defaults) }, "Default"))),
      element("div", { class: "picker-columns" }, element("span", {}, "track"), this.sorter),
      this.list,
    );
    this.filter();
  }

  facet(key, all) {
    const choose = element("select", { class: "field", id: `facet-${key}`, "aria-label": `Filter by ${key}`, onchange: () => this.filter() });
    choose.append(new Option(all, ""), ...facetCounts(this.tracks, key).map(([value, count]) => new Option(`${value} (${count})`, value)));
    return choose;
  }

  /** A track's line in the list, made when it is first needed. */
  item(track) {
    let item = this.items.get(track.id);
    if (!item) {
      item = this.makeItem(track, this.colours.get(track.id));
      item.box.checked = this.chosen.includes(track.id);
      this.items.set(track.id, item);
    }
    return item;
  }

  makeItem(track, { dark }) {
    const box = element("input", { type: "checkbox", value: track.id, onchange: () => this.toggle(track.id, box.checked) });
    const swatch = element("span", { class: "track-swatch", "aria-hidden": "true" });
    swatch.style.background = dark;
    const heldOut = track.held_out?.pearson_log1p;
    const detail = [track.assay, track.sample].filter((word) => word && !track.name.includes(word)).join(", ");
    const missing = track.has_experiment ? (track.has_prediction ? "" : "experiment only") : "prediction only";
    const label = element(
      "label",
      { title: track.description || track.name },
      box,
      swatch,
      element("span", { class: "track-name" }, track.name, detail || missing ? element("small", {}, [detail, missing].filter(Boolean).join(", ")) : null),
      element("span", { class: "track-r" }, track.has_experiment || heldOut !== undefined ? formatCorrelation(heldOut) : ""),
    );
    const item = element("li", { "data-track": track.id }, label);
    item.box = box;
    return item;
  }

  /** Show which tracks are chosen, without telling anyone. */
  show(ids) {
    this.chosen = [...ids];
    const chosen = new Set(ids);
    for (const [id, item] of this.items) item.box.checked = chosen.has(id);
    this.tell();
  }

  set(ids) {
    this.show(ids);
    this.onChange([...ids]);
  }

  /** A ticked track goes where the table has it, so that pairs and replicates stay together. */
  toggle(id, on) {
    const chosen = new Set(this.chosen);
    if (on) chosen.add(id);
    else chosen.delete(id);
    const known = this.chosen.filter((other) => chosen.has(other));
    if (!on) this.set(known);
    else {
      const at = known.findIndex((other) => this.place.get(other) > this.place.get(id));
      this.set(at < 0 ? [...known, id] : [...known.slice(0, at), id, ...known.slice(at)]);
    }
  }

  sort() {
    this.order = this.order === "table" ? "held-out" : "table";
    this.sorter.dataset.sorted = this.order;
    this.filter();
  }

  filter() {
    const facets = { assay: this.assay.value, sample: this.sample.value, words: this.words.value.trim() };
    this.hits = this.tracks.filter((track) => matches(track, facets));
    if (this.order === "held-out") {
      const score = (track) => track.held_out?.pearson_log1p ?? -2;
      this.hits.sort((one, other) => score(other) - score(one));
    }
    this.list.replaceChildren();
    this.list.scrollTop = 0;
    this.listed = 0;
    this.append();
    this.tell();
  }

  /** Go on with the list where its end comes near. */
  fill() {
    const { scrollTop, clientHeight, scrollHeight } = this.list;
    if (scrollTop + 2 * clientHeight > scrollHeight) this.append();
  }

  append() {
    const next = this.hits.slice(this.listed, this.listed + PAGE);
    this.list.append(...next.map((track) => this.item(track)));
    this.listed += next.length;
  }

  tell() {
    const found = this.hits.length === this.tracks.length ? `${this.tracks.length} tracks` : `${this.hits.length} of ${this.tracks.length}`;
    this.count.textContent = `${found}, ${this.chosen.length} shown`;
  }
}
