/**
 * The list of tracks beside the view: search, facets, groups with their counts, saved sets, and a box to tick a track;
 * held-out r beside each. Only what is in sight is in the page, so it takes thousands of tracks.
 */
import { element } from "../../ui/dom.js";
import { byAccuracy, dataOf, facetCounts, FACETS, grouped, heldOutOf, heldOutR, matcher, MOST_SHOWN, withTracks, wordsOf } from "../../ui/trackfacets.js";
import { formatCorrelation, formatNumber } from "../../ui/scale.js";
import { SavedSets } from "../../ui/tracksets.js";
import { writeState } from "../state/state.js";
import { tableAddress } from "../state/tracksaddress.js";
import { VirtualList } from "../../ui/virtuallist.js";

const HEIGHTS = { group: 32, track: 36 };
const FLAT = 60; // tracks up to which a list without groups is quicker to read
const GROUPINGS = ["assay", "sample", "group"];

/** @param {import("./page.js").LocusPage} page */
export function addTrackPicker(page) {
  const picker = new TrackPicker(page.project, page.view.colours, (tracks) => page.change({ tracks }), () => writeState(page.addressed()));
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
  /** @param {any} project @param {Map<string, any>} colours @param {(ids: string[]) => void} onChange @param {() => string} address of the view, "?..." */
  constructor(project, colours, onChange, address) {
    this.tracks = project.tracks;
    this.colours = colours;
    this.byId = new Map(this.tracks.map((track) => [track.id, track]));
    this.place = new Map(this.tracks.map((track, index) => [track.id, index]));
    this.defaults = project.default_tracks;
    this.onChange = onChange;
    this.address = address;
    this.chosen = [];
    this.order = "table";
    /** Groups that a person opened or closed. @type {Map<string, boolean>} */
    this.opened = new Map();
    /** Boxes that are in the page. @type {Map<string, HTMLInputElement>} */
    this.boxes = new Map();
    this.sets = new SavedSets(`${project.title}|${project.genome}`, project.track_sets);
    this.sets.onChange = () => this.listSets();
    this.build();
    this.listSets();
    this.filter();
  }

  build() {
    const refilter = () => this.filter();
    this.words = element("input", { id: "track-search", class: "field", type: "search", placeholder: "Search tracks", "aria-label": "Search tracks", oninput: refilter });
    this.assay = this.facet("assay", "All assays");
    this.sample = this.facet("sample", "All samples");
    this.grouping = element("select", { class: "field", id: "track-grouping", "aria-label": "Group tracks by", onchange: refilter });
    const groupings = GROUPINGS.filter((facet) => facetCounts(this.tracks, facet).length > 1);
    this.grouping.append(new Option("No groups", ""), ...groupings.map((facet) => new Option(`By ${FACETS[facet].toLowerCase()}`, facet)));
    if (this.tracks.length > FLAT) this.grouping.value = groupings[0] ?? "";
    this.setChoice = element("select", { class: "field", id: "track-sets", "aria-label": "Show a saved set", onchange: () => this.chooseSet() });
    this.onlyShown = element("input", { type: "checkbox", id: "tracks-shown", onchange: refilter });
    this.count = element("span", { class: "quiet", role: "status", id: "track-count" });
    this.problem = element("p", { class: "error picker-problem", role: "alert", hidden: true });
    this.list = new VirtualList({ class: "track-list", id: "track-list", "aria-label": "Tracks" });
    this.sorter = element("button", { class: "link", type: "button", title: "Sort by held-out r", onclick: () => this.sort() }, "held-out r");
    this.table = element("a", { class: "link", id: "tracks-table", href: "tracks", title: "All tracks in a table, with facets, accuracy and saved sets" }, "Track table");
    for (const event of ["pointerenter", "focus", "click"]) this.table.addEventListener(event, () => (this.table.href = `tracks${tableAddress(this.address())}`));
    const act = (id, words, does) => element("button", { class: "link", type: "button", id, onclick: does }, words);
    this.root = element(
      "div",
      { class: "picker" },
      this.words,
      element("div", { class: "facets" }, this.assay, this.sample, this.grouping, this.setChoice),
      element("div", { class: "picker-line" }, this.count, this.table),
      this.problem,
      element("div", { class: "picker-columns" },
        element("span", { class: "picker-acts" },
          element("label", { title: "List only the tracks that are shown" }, this.onlyShown, "only shown"),
          act("tracks-none", "None", () => this.set([])),
          act("tracks-default", "Default", () => this.set(this.defaults))),
        this.sorter),
      this.list.root,
    );
  }

  facet(key, all) {
    const choose = element("select", { class: "field", id: `facet-${key}`, "aria-label": `Filter by ${key}`, onchange: () => this.filter() });
    choose.append(new Option(all, "\n"), ...facetCounts(this.tracks, key).map(([value, count]) => new Option(`${wordsOf(key, value)} (${count})`, value)));
    return choose;
  }

  listSets() {
    const sets = this.sets.all();
    this.setChoice.replaceChildren(new Option(sets.size ? "Saved sets" : "No saved sets", ""), ...[...sets].map(([name, ids]) => new Option(`${name} (${ids.length})`, name)));
    this.setChoice.disabled = sets.size === 0;
  }

  chooseSet() {
    const ids = this.sets.all().get(this.setChoice.value);
    this.setChoice.value = "";
    if (ids) this.set(ids.filter((id) => this.byId.has(id)));
  }

  get filtered() {
    const one = ({ value }) => (value === "\n" ? [] : [value]);
    return {
      words: this.words.value,
      assay: one(this.assay),
      sample: one(this.sample),
      ids: this.onlyShown.checked ? new Set(this.chosen) : null,
    };
  }

  filter() {
    this.hits = this.tracks.filter(matcher(this.filtered));
    if (this.order === "held-out") this.hits = byAccuracy(this.hits);
    this.fill();
    this.tell();
  }

  /** Put the tracks found into the list, in their groups. */
  fill(place = {}) {
    const facet = this.grouping.value;
    this.boxes.clear();
    if (!facet) {
      this.list.show(this.hits.map((track) => this.trackItem(track)), place);
      return;
    }
    const groups = grouped(this.hits, facet);
    this.list.show(
      groups.flatMap((group) => {
        const open = this.isOpen(group, groups.length);
        return [this.groupItem(group, open), ...(open ? group.tracks.map((track) => this.trackItem(track)) : [])];
      }),
      place,
    );
  }

  /** A group is open when somebody opened it, when it was searched for, or when what is shown is in it. */
  isOpen({ value, tracks }, groups) {
    const { words, ids } = this.filtered;
    if (words.trim() || ids || groups === 1) return true;
    if (!this.opened.has(value)) {
      // Before anything is shown nothing is decided.
      if (this.chosen.length === 0) return this.tracks.length <= FLAT;
      const chosen = new Set(this.chosen);
      this.opened.set(value, this.tracks.length <= FLAT || tracks.some((track) => chosen.has(track.id)));
    }
    return this.opened.get(value);
  }

  groupItem({ value, tracks }, open) {
    const name = wordsOf(this.grouping.value, value);
    const toggle = () => {
      this.opened.set(value, !open);
      this.fill({ keepPlace: true });
      /** @type {HTMLElement|null} */ (this.list.root.querySelector(`[data-group="${CSS.escape(value)}"] button`))?.focus();
    };
    const make = () => {
      const box = element("input", { type: "checkbox", "aria-label": `Show all ${tracks.length} tracks of ${name}`, title: `Show all of ${name}`, onchange: () => this.toggleGroup(tracks, box.checked) });
      const shown = element("span", { class: "group-count" });
      const item = element(
        "li",
        { class: "track-group", "data-group": value },
        element("button", { type: "button", class: "group-toggle", "aria-expanded": String(open), onclick: toggle }, element("span", { class: "group-name" }, name), shown),
        box,
      );
      /** @type {any} */ (item).refresh = () => {
        const chosen = tracks.filter((track) => this.chosenSet.has(track.id)).length;
        box.checked = chosen === tracks.length;
        box.indeterminate = chosen > 0 && chosen < tracks.length;
        shown.textContent = chosen ? `${chosen} of ${formatNumber(tracks.length)}` : formatNumber(tracks.length);
      };
      /** @type {any} */ (item).refresh();
      return item;
    };
    return { key: `group ${value}`, height: HEIGHTS.group, make };
  }

  trackItem(track) {
    return { key: track.id, height: HEIGHTS.track, make: () => this.makeTrack(track, this.colours.get(track.id)) };
  }

  makeTrack(track, { css }) {
    const box = element("input", { type: "checkbox", value: track.id, checked: this.chosenSet.has(track.id), onchange: () => this.toggle(track.id, box.checked) });
    const swatch = element("span", { class: "track-swatch", "aria-hidden": "true" });
    swatch.style.background = css;
    const detail = [track.assay, track.sample].filter((word) => word && !track.name.includes(word)).join(", ");
    const missing = track.has_experiment && track.has_prediction ? "" : dataOf(track);
    const scored = track.has_experiment || heldOutR(track) !== null;
    const label = element(
      "label",
      { title: [track.name, track.description].filter(Boolean).join("\n") },
      box,
      swatch,
      element("span", { class: "track-name" }, track.name, detail || missing ? element("small", {}, [detail, missing].filter(Boolean).join(", ")) : null),
      element("span", { class: "track-r", title: heldOutOf(track) ? `Held-out r of log(1 + x): ${heldOutOf(track)}` : "" }, scored ? formatCorrelation(heldOutR(track)) : ""),
    );
    this.boxes.set(track.id, box);
    return element("li", { "data-track": track.id }, label);
  }

  get chosenSet() {
    if (this.chosenIn?.of !== this.chosen) this.chosenIn = { of: this.chosen, ids: new Set(this.chosen) };
    return this.chosenIn.ids;
  }

  /** Show which tracks are chosen, without telling anyone. */
  show(ids) {
    const first = this.chosen.length === 0 && this.opened.size === 0;
    this.chosen = [...ids];
    // Groups of what is shown are open from the start.
    if (first) this.fill({ keepPlace: true });
    for (const [id, box] of this.boxes) box.checked = this.chosenSet.has(id);
    for (const item of this.list.drawn.values()) /** @type {any} */ (item).refresh?.();
    this.tell();
  }

  set(ids) {
    this.problem.hidden = ids.length <= MOST_SHOWN;
    if (ids.length > MOST_SHOWN) {
      this.problem.textContent = `That would be ${formatNumber(ids.length)} tracks; a view holds ${MOST_SHOWN}. The table keeps larger choices as sets.`;
      this.show(this.chosen);
      return;
    }
    this.show(ids);
    this.onChange([...ids]);
  }

  toggle(id, on) {
    this.set(on ? withTracks(this.chosen, [id], this.place) : this.chosen.filter((other) => other !== id));
  }

  toggleGroup(tracks, on) {
    const ids = tracks.map((track) => track.id);
    const those = new Set(ids);
    this.set(on ? withTracks(this.chosen, ids, this.place) : this.chosen.filter((other) => !those.has(other)));
  }

  sort() {
    this.order = this.order === "table" ? "held-out" : "table";
    this.sorter.dataset.sorted = this.order;
    this.filter();
  }

  tell() {
    const all = formatNumber(this.tracks.length);
    const found = this.hits.length === this.tracks.length ? `${all} tracks` : `${formatNumber(this.hits.length)} of ${all}`;
    this.count.textContent = `${found}, ${this.chosen.length} shown`;
  }
}
