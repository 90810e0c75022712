/**
 * Predictions made on the spot, for tracks without a predicted file: what is asked for, how far it is, and how the answer
 * joins what was read from files.
 */
import { getPrediction } from "../../ui/api.js";
import { formatSpan } from "../../ui/scale.js";
import { SignalCache } from "./signals.js";

/** @typedef {import("./signals.js").Block} Block */
/** @typedef {{state: "ready"|"pending"|"wide"|"failed", message: string}} LiveState */

/** Whether anything of a track is read from files. */
export const hasFiles = (track) => track.has_experiment || (track.has_prediction && !track.live);

/**
 * Put a live prediction on the bins of what was read from files; `predicted` says how far it reaches.
 * @param {Block|null} files @param {Block|null} live
 * @returns {(Block & {predicted?: {start: number, end: number}})|null}
 */
export function joined(files, live) {
  if (!live) return files && { ...files, prediction: null };
  if (!files) return { ...live, predicted: { start: live.start, end: live.end } };
  const ratio = files.binBp / live.binBp;
  const from = (files.start - live.start) / live.binBp;
  const on = (values) => values && Float32Array.from({ length: files.bins }, (_, i) => values[Math.floor(from + (i + 0.5) * ratio)] ?? NaN);
  return {
    ...files,
    prediction: { mean: on(live.prediction.mean), max: on(live.prediction.max) },
    predicted: { start: Math.max(files.start, live.start), end: Math.min(files.end, live.end) },
  };
}

export class LivePredictions {
  /** @param {{stretch_bp: number, max_bp: number}} limits @param {() => void} onChange */
  constructor(limits, onChange) {
    this.limits = limits;
    this.progress = "";
    this.problem = "";
    /** @type {WeakMap<Block, {files: Block|null, value: any}>} */
    this.joinedBlocks = new WeakMap();
    this.cache = new SignalCache({
      overscan: 0,
      margin: 0,
      stretch: limits.stretch_bp,
      most: limits.max_bp,
      onChange,
      onError: (error) => {
        this.problem = error.message;
        onChange();
      },
      fetchSignal: (asked, signal) => {
        this.progress = this.problem = "";
        const onProgress = ({ message }) => {
          this.progress = message;
          onChange();
        };
        return getPrediction(asked, { signal, onProgress });
      },
    });
  }

  isTooWide({ start, end }) {
    return end - start > this.limits.max_bp;
  }

  /** Ask for what the view needs and is not at hand; what no longer serves it is cancelled. */
  ensure(tracks, view, pixels, nativeBin, length) {
    if (tracks.length === 0 || this.isTooWide(view)) this.cache.stop();
    else this.cache.ensure(tracks, view, pixels, nativeBin, length);
  }

  /**
   * What there is to draw of a track.
   * @param {Block|null} files what was read from files @returns {{block: any, live: LiveState}}
   */
  find(track, view, bin, files) {
    if (this.isTooWide(view)) {
      return { block: joined(files, null), live: { state: "wide", message: `zoom in to predict: at most ${formatSpan(this.limits.max_bp)}` } };
    }
    const { block, exact } = this.cache.find(track, view, bin);
    /** @type {LiveState} */
    const live = exact
      ? { state: "ready", message: "" }
      : this.problem
        ? { state: "failed", message: this.problem }
        : { state: "pending", message: this.progress || "predicting" };
    return { block: this.join(files, block), live };
  }

  /** Joining is repeated only when one of the two changed. */
  join(files, block) {
    if (!block) return joined(files, null);
    const kept = this.joinedBlocks.get(block);
    if (kept?.files === files) return kept.value;
    const value = joined(files, block);
    this.joinedBlocks.set(block, { files, value });
    return value;
  }
}
