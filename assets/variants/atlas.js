/** Where one base matters most: the ranked list of the project's atlas, a track at a time; nothing where there is none. */
import { getJson } from "../ui/api.js";
import { element } from "../ui/dom.js";
import { attempt } from "../ui/notice.js";
import { formatChange, formatNumber } from "../ui/scale.js";
import { locusOf } from "./address.js";
import { fromStart } from "./rows.js";

const SHOWN = 20; // places, and as many more with each press

/**
 * What is listed, for a person.
 * @param {{around: number, averaged: string, places: any[], total: number, is_present: boolean, is_complete: boolean}} found of /api/v1/atlas/places
 * @param {{bin: number, unit: string}} how
 */
export function placesWords({ around, averaged, places, total, is_present: isPresent, is_complete: isComplete }, { bin, unit }) {
  const old = isPresent ? "" : " The atlas is of another model than the project has now.";
  const part = isComplete ? "" : " The atlas is not complete.";
  return `The substitutions of the atlas with the largest effects on this track, of neighbours within 32 bases only the largest: alternative \u2212 reference, in its unit (${unit}), summed over ${formatNumber((2 * around + 1) * bin)} bp around the base; ${averaged}. ${formatNumber(places.length)} of ${formatNumber(total)} ${total === 1 ? "place" : "places"}.${old}${part}`;
}

export class AtlasPlaces {
  /** @param {any} project answer of /api/v1/project */
  constructor(project) {
    this.project = project;
    this.names = new Map(project.tracks.map(({ id, name }) => [id, name]));
    this.units = new Map(project.tracks.map(({ id, unit }) => [id, unit]));
    this.limit = SHOWN;
    this.track = element("select", { id: "atlas-track", class: "field", onchange: () => {
      this.limit = SHOWN;
      attempt(() => this.find(this.track.value));
    } });
    this.words = element("p", { class: "quiet", id: "atlas-words" });
    this.body = element("div", {});
    this.root = element("details", { class: "atlas", id: "atlas-places", hidden: true }, element("summary", {}, "Where does one base matter most?"),
      element("div", { class: "atlas-head" }, element("label", { class: "ask ask-track" }, element("span", {}, "Track"), this.track), this.words), this.body);
  }

  /** @param {string} [track] the first that the page opens on, by default */
  async find(track) {
    const asked = track ?? this.project.default_tracks[0];
    const found = await getJson("atlas/places", { limit: this.limit, ...(this.first && asked && { track: asked }) });
    this.root.hidden = found.tracks.length === 0;
    if (this.root.hidden) return;
    if (!this.first) {
      this.first = true;
      this.track.replaceChildren(...found.tracks.map((id) => element("option", { value: id }, this.names.get(id) ?? id)));
    }
    this.track.value = found.track;
    this.words.textContent = placesWords(found, { bin: this.project.bin, unit: this.units.get(found.track) ?? "" });
    const head = ["", "Place", "Allele", "Nearest start", "Effect"].map((words, place) => element("th", { scope: "col", class: place === 4 ? "number" : "" }, words));
    const rows = found.places.map((place) =>
      element("tr", {},
        element("td", { class: "number" }, String(place.rank)),
        element("td", {}, `${place.chrom}:${formatNumber(place.position + 1)}`),
        element("td", {}, element("a", { href: locusOf({ ...place, track: found.track }, this.project), title: "See it at its place" }, `${place.ref}>${place.alt}`)),
        element("td", {}, place.gene || "\u2013", element("small", {}, fromStart(place.distance))),
        element("td", { class: "number" }, element("b", { class: place.effect < 0 ? "lowers" : "raises" }, formatChange(place.effect))),
      ),
    );
    const more = found.places.length < found.total ? element("button", { class: "button small", id: "atlas-more", type: "button", onclick: () => {
      this.limit += 5 * SHOWN;
      attempt(() => this.find(found.track));
    } }, "More") : "";
    this.body.replaceChildren(element("div", { class: "scored-table", tabIndex: 0, role: "region", "aria-label": "Where one base matters most" }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows))), more);
  }
}
