/**
 * Both alleles of the variants that are looked at: the bins that they can change, asked of the server, and kept for a while,
 * so that going back costs nothing. allelerows.js draws them.
 */
import { getAlleles, wasAborted } from "../../ui/api.js";
import { variantsKey } from "../state/variant.js";

/** @typedef {import("../state/variant.js").Variant} Variant */
/**
 * @typedef {{chrom: string, start: number, end: number, binBp: number, bins: number, reference: Float32Array, alternative: Float32Array,
 *   largest: number, change: number}} Alleles  largest of |alternative - reference|; change: its sum over bins, the SAD
 */

const MOST_KEPT = 12; // haplotypes

/** @param {import("../../ui/api.js").Signal} signal @returns {Map<string, Alleles>} by track */
export function allelesOf(signal) {
  const { chrom, start, end, binBp, bins } = signal;
  const found = new Map();
  for (const { track, kind, values } of signal.series) {
    const alleles = found.get(track) ?? { chrom, start, end, binBp, bins, largest: 0, change: 0 };
    alleles[kind] = values;
    found.set(track, alleles);
  }
  for (const alleles of found.values()) {
    for (let i = 0; i < bins; i += 1) {
      const change = alleles.alternative[i] - alleles.reference[i];
      alleles.largest = Math.max(alleles.largest, Math.abs(change));
      alleles.change += change;
    }
  }
  return found;
}

/** Whether variants are drawn on a track's rows in this state. */
export const isCompared = ({ variant, window }, track) => Boolean(variant && variant[0].chrom === window.chrom && track.modelled);

export class AllelesAtHand {
  /** @param {{onChange: () => void, fetchAlleles?: typeof getAlleles}} options */
  constructor({ onChange, fetchAlleles = getAlleles }) {
    this.onChange = onChange;
    this.fetchAlleles = fetchAlleles;
    /** @type {Map<string, Map<string, Alleles>>} by variants and track, the last used last */
    this.kept = new Map();
    this.pending = null;
    this.problem = null;
    this.message = "";
    this.requests = 0;
  }

  /** @param {Variant[]|null} variants @param {string} track @returns {Alleles|null} */
  of(variants, track) {
    return (variants && this.kept.get(variantsKey(variants))?.get(track)) ?? null;
  }

  /** What stands in rows whose alleles are not there. @param {Variant[]} variants */
  said(variants) {
    return this.problem?.key === variantsKey(variants) ? this.problem.message : this.message || "predicting the alternative";
  }

  /** Ask for what the rows need; what nobody looks at any more is given up. @param {import("./locusdata.js").Demand} demand */
  ensure({ state, tracks }) {
    const wanted = tracks.filter((track) => isCompared(state, track)).map(({ id }) => id);
    if (wanted.length === 0) {
      this.stop();
      return;
    }
    const key = variantsKey(state.variant);
    const here = this.kept.get(key);
    const missing = wanted.filter((id) => !here?.has(id));
    if (here) {
      this.kept.delete(key);
      this.kept.set(key, here);
    }
    if (missing.length === 0 || this.problem?.key === key) return;
    if (this.pending?.key === key && missing.every((id) => this.pending.tracks.has(id))) return;
    this.stop();
    const abort = new AbortController();
    const pending = { key, abort, tracks: new Set(missing) };
    this.pending = pending;
    this.requests += 1;
    const onProgress = ({ message = "" }) => {
      this.message = message;
      this.onChange();
    };
    this.fetchAlleles({ variants: key, tracks: missing }, { signal: abort.signal, onProgress })
      .then((signal) => this.keep(key, allelesOf(signal)))
      .catch((error) => {
        if (!wasAborted(error)) this.problem = { key, message: error.message };
      })
      .finally(() => {
        if (this.pending !== pending) return;
        this.pending = null;
        this.message = "";
        this.onChange();
      });
  }

  keep(key, alleles) {
    this.kept.set(key, new Map([...(this.kept.get(key) ?? []), ...alleles]));
    while (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value);
  }

  stop() {
    this.pending?.abort.abort();
    this.pending = null;
  }

  /** Ask again for what failed. */
  retry() {
    this.problem = null;
    this.onChange();
  }

  /** @param {import("./locusdata.js").Demand} demand */
  isReady({ state, tracks }) {
    return tracks.every((track) => !isCompared(state, track) || this.of(state.variant, track.id) !== null || this.problem !== null);
  }
}
