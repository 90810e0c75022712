/**
 * Going to places by name: `page.goTo(place)`. What was gone to is named in the browser's history and in the list of recent
 * places, and marked in the view by a faint band.
 */
import { KeptPlaces, nameOf, windowOf, withVisit } from "../state/places.js";
import { formatRegion, wholeBases } from "../../ui/scale.js";
import { registerUnderlay } from "../rows/scene.js";
import { rect } from "../draw/shapes.js";
import { parseVariants } from "../state/variant.js";

/** @typedef {import("../state/places.js").Place} Place */

const STAY = 2500; // ms that a person looks at a window before it counts as a place
const BAND = "#2f7fc022";
const MARKED = ["peak", "disagreement", "variant", "haplotype"];

/** What was gone to last, while it is in the window. @type {(Place & {window: import("../../ui/scale.js").Region})|null} */
let last = null;

registerUnderlay(({ window, scale, layout, height }) => {
  if (!last || !MARKED.includes(last.kind) || last.chrom !== window.chrom || last.end <= window.start || last.start >= window.end) return [];
  const left = Math.max(scale.left, scale.toPixel(last.start));
  const right = Math.min(scale.right, scale.toPixel(last.end));
  return [rect(left, layout.head[1].y, Math.max(2, right - left), height, BAND)];
});

/**
 * The base that Enter on a row asks about: the start of the gene, or the middle of what else was gone to, while it is looked at;
 * else the window's middle.
 * @param {import("../../ui/scale.js").Region} window @param {Place|null} place @param {{name: string, start: number, end: number, strand: string, tss: number[]}[]} genes
 */
export function askedBase(window, place, genes) {
  const gene = place?.kind === "gene" && genes.find(({ start, end, tss }) => start === place.start && end === place.end && tss.length > 0);
  if (gene) return gene.strand === "-" ? Math.max(...gene.tss) : Math.min(...gene.tss);
  return place?.position ?? Math.floor(((place ?? window).start + (place ?? window).end) / 2);
}

/** @param {import("../page/page.js").LocusPage} page */
export function addTravel(page) {
  const recent = new KeptPlaces("recent", page.project);
  page.recent = recent;
  let resting = 0;

  const visit = (place) => {
    recent.all = withVisit(recent.all, place);
  };

  /**
   * Go to a place; Back undoes it.
   * @param {Place} place
   * @param {object} [change] of the state, together with it
   * @param {{passing?: boolean, arriving?: boolean}} [how] passing: on the way through a list, it is no recent place unless the
   *   person stays; arriving: the address itself asked for it, there is nothing to go back to
   */
  page.goTo = (place, change = {}, { passing = false, arriving = false } = {}) => {
    const window = wholeBases(place.window ?? windowOf(place, page.chromosomes, page.span));
    last = { ...place, window };
    const asked = place.variant ? { variant: parseVariants(place.variant) } : {};
    page.change({ window, ...asked, ...change }, arriving ? { isStep: false } : {});
    if (!passing) visit(last);
    page.say(`${place.label}, ${formatRegion(window)}`);
    return window;
  };

  const isHere = (window) => last && formatRegion(last.window) === formatRegion(wholeBases(window));

  /** What the window in view was gone to by; null if by no name. */
  page.placeName = () => (isHere(page.state.window) ? last.label : null);

  /** The base from which a step goes on: of what was stepped to, while it is looked at, else the window's middle. */
  page.standpoint = () => {
    const { chrom, start, end } = wholeBases(page.state.window);
    return { chrom, position: isHere(page.state.window) ? (last.position ?? Math.floor((last.start + last.end) / 2)) : Math.floor((start + end) / 2) };
  };

  page.view.askedBase = (window) => askedBase(window, isHere(window) ? last : null, page.view.data.genes.on(window.chrom)?.genes ?? []);

  page.whenShown(({ window }, { live }) => {
    clearTimeout(resting);
    if (live) return;
    const here = wholeBases(window);
    const there = isHere(window);
    // The browser lists its history by this title.
    if (there && last.label !== formatRegion(here)) document.title = `${last.label}, ${formatRegion(here)} \u2013 Sighthound`;
    if (last && last.chrom !== here.chrom) last = null;
    resting = setTimeout(() => {
      const genes = page.view.data.genes.on(here.chrom)?.genes ?? [];
      visit(there ? last : { ...here, window: here, kind: "region", label: nameOf(here, genes) });
    }, STAY);
  });
}
