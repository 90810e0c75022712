/**
 * Places worth remembering: what a search, a list or a step found, and the window that shows it. 0-based inside;
 * bookmarks leave as BED, which is 0-based too.
 */
import { around, chromosomeNamed, clampWindow, formatRegion, wholeBases } from "../../ui/scale.js";

/** @typedef {import("../../ui/scale.js").Region} Region */
/**
 * @typedef {Region & {label: string, kind: string, detail?: string, position?: number, variant?: string, track?: string, window?: Region}} Place
 *   kind: gene, region, position, chromosome, peak, disagreement, contrast, variant or haplotype; position: the base of a peak;
 *   variant: "chrIV:1234:A:G", several joined by "+"; window: what to show of it, if not what is around it
 */

const GENE_FLANK = 0.75; // of the gene's length, a side
const LEAST_FLANK = 3000; // bases
const WIDEST = 40_000; // bases in which something as small as a variant or a peak still shows
const ROOM = 3; // times its own length that a listed place is shown in, at least
const SAME = 0.8; // of both windows that two visits to one place share

/** The window that shows a place: a gene with its neighbourhood, small things as wide as the view was. @param {Place} place @returns {Region} */
export function windowOf(place, chromosomes, span = 2000) {
  const chromosome = chromosomes.find(({ name }) => name === place.chrom) ?? { name: place.chrom, length: place.end };
  const { chrom, start, end } = place;
  if (place.kind === "gene") {
    const flank = Math.max(LEAST_FLANK, Math.round((end - start) * GENE_FLANK));
    return { chrom, start: Math.max(0, start - flank), end: Math.min(chromosome.length, end + flank) };
  }
  if (place.kind === "position") return around(chromosome, start + 0.5, span);
  if (["peak", "disagreement", "contrast", "variant", "haplotype"].includes(place.kind)) {
    return around(chromosome, place.position ?? (start + end) / 2, Math.max(ROOM * (end - start), Math.min(span, WIDEST)));
  }
  return clampWindow({ chrom, start, end }, chromosome.length);
}

/** A name without what would break a line of a table. */
export const plainName = (name) => name.replace(/\s+/g, " ").trim();

/** Whether two windows show one place. @param {Region} one @param {Region} other @param {number} [share] of both that they have in common */
export function areAlike(one, other, share = SAME) {
  if (one.chrom !== other.chrom) return false;
  const shared = Math.min(one.end, other.end) - Math.max(one.start, other.start);
  return shared >= share * Math.max(one.end - one.start, other.end - other.start);
}

/**
 * Recent places with one more, the last first. A place that was visited before moves to the front; a mere region gives way
 * to what was gone to by name.
 * @param {(Place & {window: Region})[]} recent @param {Place & {window: Region}} place
 */
export function withVisit(recent, place, most = 30) {
  const isSame = (other) => other.label === place.label || other.kind === "region" || place.kind === "region";
  const before = recent.find((other) => areAlike(other.window, place.window) && isSame(other));
  const kept = before && place.kind === "region" && before.kind !== "region" ? { ...before, window: place.window } : place;
  return [kept, ...recent.filter((other) => other !== before)].slice(0, most);
}

/** What to call a window: the gene at its middle, if there is one. @param {Region} window @param {{name: string, start: number, end: number}[]} genes */
export function nameOf(window, genes) {
  const middle = (window.start + window.end) / 2;
  const here = genes.find(({ start, end }) => start <= middle && middle < end);
  return here?.name ?? formatRegion(wholeBases(window));
}

/** @param {Place[]} places @returns {string} lines of BED: chrom, start, end, name */
export const asBed = (places) => places.map(({ chrom, start, end, label }) => [chrom, Math.round(start), Math.round(end), plainName(label)].join("\t") + "\n").join("");

/**
 * Read BED; lines without a name are called by their place.
 * @param {string} text @param {import("../../ui/scale.js").Chromosome[]} chromosomes
 * @returns {Place[]}
 */
export function readBed(text, chromosomes) {
  const places = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (!line.trim() || /^(#|track|browser)/.test(line)) return;
    const [called, first, last, name = ""] = line.includes("\t") ? line.split("\t") : line.trim().split(/\s+/);
    const chromosome = chromosomeNamed(called, chromosomes);
    const [start, end] = [Number(first), Number(last)];
    if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end)) {
      throw new Error(`Line ${index + 1} is \u201c${line.slice(0, 60)}\u201d; a line of BED is a chromosome, a start, an end and perhaps a name.`);
    }
    if (!chromosome || end > chromosome.length) throw new Error(`Line ${index + 1}: ${called}:${first}-${last} is not on this genome.`);
    const chrom = chromosome.name;
    places.push({ chrom, start, end, kind: "region", label: plainName(name) || formatRegion({ chrom, start, end }) });
  });
  return places;
}

/** A list of places that this browser keeps for a project. */
export class KeptPlaces {
  /** @param {string} name of the list @param {{title: string, genome: string}} project @param {Storage} [storage] */
  constructor(name, { title, genome }, storage = globalThis.localStorage) {
    this.key = `sighthound.${name}:${title}|${genome}`;
    this.storage = storage;
    /** @type {() => void} */
    this.onChange = () => {};
    // Another window of this browser changed it.
    globalThis.addEventListener?.("storage", ({ key }) => key === this.key && this.onChange());
  }

  /** @returns {any[]} */
  get all() {
    if (this.unkept) return this.unkept;
    try {
      const kept = JSON.parse(this.storage.getItem(this.key) ?? "[]");
      return Array.isArray(kept) ? kept.filter(({ chrom, start, end, label }) => chrom && label && end > start) : [];
    } catch {
      // What someone else wrote there.
      return [];
    }
  }

  set all(places) {
    try {
      this.storage.setItem(this.key, JSON.stringify(places));
      this.unkept = null;
    } catch {
      // Full, or not allowed: kept until the page is left.
      this.unkept = places;
    }
    this.onChange();
  }
}
