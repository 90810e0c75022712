/**
 * How far the networks that taught the model spread about their mean, bin by bin: asked of a view at rest, when bins are the
 * model's own, and behind all that somebody waits for. Without an answer there is no band, and nothing waits.
 */
import { getSpread } from "../../ui/api.js";
import { SignalCache } from "./signals.js";

/** @typedef {import("./signals.js").Block & {spread: import("./signals.js").Summary}} Band */

export class Bands {
  /** @param {{stretch_bp: number, max_bp: number}} limits @param {() => void} onChange */
  constructor(limits, onChange) {
    this.limits = limits;
    this.isRefused = false;
    this.cache = new SignalCache({
      overscan: 0,
      margin: 0,
      stretch: limits.stretch_bp,
      most: limits.max_bp,
      onChange,
      // One refusal holds for all windows.
      onError: () => (this.isRefused = true),
      fetchSignal: (asked, signal) => getSpread(asked, { signal }),
    });
  }

  /** Ask for what the view needs and is not at hand; what no longer serves it is cancelled. */
  ensure(tracks, view, pixels, nativeBin, length) {
    const isShown = view.end - view.start <= Math.min(this.limits.max_bp, pixels * nativeBin);
    if (this.isRefused || tracks.length === 0 || !isShown) this.cache.stop();
    else this.cache.ensure(tracks, view, pixels, nativeBin, length);
  }

  /** The band of a track where it covers the view; null without. @returns {Band|null} */
  find(track, view, bin) {
    const { block, exact } = this.cache.find(track, view, bin);
    return exact ? /** @type {Band} */ (block) : null;
  }
}

/** The deviation of a band at a base; null where there is none. */
export function spreadAt(band, base) {
  const bin = band ? Math.floor((base - band.start) / band.binBp) : -1;
  return band && bin >= 0 && bin < band.bins ? band.spread.mean[bin] : null;
}
