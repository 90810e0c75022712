/** A list of places: a click goes to one, and where one is is marked. */
import { element } from "../../ui/dom.js";
import { formatPosition, formatRegion, wholeBases } from "../../ui/scale.js";

/** @typedef {import("../state/places.js").Place} Place */

export class PlaceList {
  /**
   * @param {{id: string, label: string, go: (place: Place) => void, describe: (place: Place) => (Node|null)[], acts?: (place: Place, index: number) => Node[]}} options
   *   describe: what stands under a place's name; acts: buttons beside it
   */
  constructor({ id, label, go, describe, acts = () => [] }) {
    this.go = go;
    this.describe = describe;
    this.acts = acts;
    /** @type {Place[]} */
    this.places = [];
    this.current = -1;
    this.root = element("ol", { class: "place-list", id, "aria-label": label });
  }

  /** @param {Place[]} places */
  show(places) {
    const at = this.places[this.current];
    this.places = places;
    this.current = at ? places.findIndex((place) => formatRegion(place) === formatRegion(at) && place.label === at.label && place.track === at.track) : -1;
    this.root.replaceChildren(...places.map((place, index) => this.row(place, index)));
    this.mark();
  }

  row(place, index) {
    const region = wholeBases(place.window ?? place);
    const where = region.end - region.start === 1 ? formatPosition(region.chrom, region.start) : formatRegion(region);
    const main = element(
      "button",
      { class: "place", type: "button", onclick: () => this.choose(index) },
      element("span", { class: "place-name" }, place.label),
      ...(place.label === where ? [] : [element("span", { class: "place-where" }, where)]),
      ...this.describe(place).filter((part) => part !== null),
    );
    return element("li", { "data-kind": place.kind }, main, ...this.acts(place, index));
  }

  choose(index) {
    this.current = index;
    this.mark();
    this.go(this.places[index]);
  }

  /** Go to a place that the server has found in this list. @param {Place & {rank: number}} place */
  take(place) {
    this.current = place.rank - 1;
    this.mark();
    this.go(place);
  }

  mark() {
    [...this.root.children].forEach((row, index) => {
      const main = row.querySelector(".place");
      if (index === this.current) {
        main.setAttribute("aria-current", "true");
        main.scrollIntoView?.({ block: "nearest" });
      } else main.removeAttribute("aria-current");
    });
  }
}
