/** Measured effects at hand: those of the window, of every table of the project, with predictions for the tracks that are shown. */
import { getJson } from "../../ui/api.js";
import { WindowCache } from "../data/windowcache.js";
import { trimmed, variantKey } from "../state/variant.js";

/** @typedef {import("../state/variant.js").Variant} Variant */
/** @typedef {{position: number, ref: string, alt: string, effect: number, q: number|null, experiment: string, gene: string, predicted: (number|null)[]}} Effect */
/** @typedef {{name: string, source: string, effect: string, significance: boolean, total: number, largest: number, tracks: string[], score: string, effects: Effect[]}} Table */

const MOST_TRACKS = 8; // whose predictions stand beside a measurement
export const SIGNIFICANT = 0.05;

export class MeasuredData {
  /** @param {{onChange: () => void, onError: (error: Error) => void, fetchJson?: typeof getJson}} options */
  constructor({ onChange, onError, fetchJson = getJson }) {
    /** @type {string[]} */
    this.tracks = [];
    const ask = (name, question, signal) => fetchJson(name, this.tracks.length ? { ...question, tracks: this.tracks.join(",") } : question, signal);
    this.cache = new WindowCache("measured", { overscan: 1, margin: 0.1, onChange, onError, fetchJson: /** @type {typeof getJson} */ (ask) });
  }

  /** Predictions are of these tracks from now on; own files have none. @param {string[]} tracks */
  of(tracks) {
    const some = tracks.slice(0, MOST_TRACKS);
    if (some.join() === this.tracks.join()) return;
    this.tracks = some;
    this.cache.asked = null;
  }

  ensure({ window, length }) {
    this.cache.ensure(window, length);
  }

  /** A picture does not wait for it. */
  isReady() {
    return true;
  }

  /** @returns {Table[]} */
  on(chrom) {
    return this.cache.on(chrom)?.tables ?? [];
  }
}

/** Whether a measurement counts: significant, or in a table that does not say. @param {Effect} effect @param {Table} table */
export const isSure = ({ q }, { significance }) => !significance || (q !== null && q < SIGNIFICANT);

/** What an effect is written as where a letter has room: the base that comes, or that one goes or comes. @param {Effect} effect */
export function letterOf({ position, ref, alt }) {
  const { ref: gone, alt: come } = trimmed({ chrom: "", position, ref, alt });
  if (gone.length === 1 && come.length === 1) return come;
  return come.length > gone.length ? "+" : "\u2212";
}

/** Where an effect stands: the middle of the bases that it replaces, or the place between two. @param {Effect} effect */
export function placeOf({ position, ref, alt }) {
  const { start, end } = trimmed({ chrom: "", position, ref, alt });
  return (start + end) / 2;
}

/** The measurements of one variant, table by table. @param {Table[]} tables @param {Variant} variant */
export function measurementsOf(tables, variant) {
  const plain = (one) => {
    const { start, ref, alt } = trimmed({ chrom: "", ...one });
    return variantKey({ chrom: "", position: start, ref, alt });
  };
  const asked = plain(variant);
  return tables.flatMap((table) => table.effects.filter((effect) => plain(effect) === asked).map((effect) => ({ table, effect })));
}
