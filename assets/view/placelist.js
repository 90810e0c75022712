/** A list of places to go to, one after another: a click goes, and so do the steps of `step`. */
import { element } from "./dom.js";
import { formatPosition, formatRegion, wholeBases } from "./scale.js";

/** @typedef {import("./places.js").Place} Place */

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
    this.current = at ? places.findIndex((place) => formatRegion(place) === formatRegion(at) && place.label === at.label) : -1;
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

  /** Go to the next place of the list, or the one before; from the last to the first. @returns {boolean} whether there was one */
  step(direction) {
    const { length } = this.places;
    if (length === 0) return false;
    this.choose(this.current < 0 ? (direction > 0 ? 0 : length - 1) : (this.current + direction + length) % length);
    return true;
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
