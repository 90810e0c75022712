/**
 * The signal that is at hand: over-scanned windows of every track, so that dragging has data on both sides, and the
 * one request under way for what is missing. A request that no longer serves the view is aborted.
 */
import { getSignal, wasAborted } from "../../ui/api.js";

/** @typedef {import("../../ui/scale.js").Region} Region */
/** @typedef {{mean: Float32Array, max: Float32Array|null}} Summary */
/**
 * One track's signal over one window. `start` is where bin 0 begins; `asked` is the window and the bin that were asked for.
 * @typedef {{chrom: string, start: number, end: number, binBp: number, bins: number,
 *   experiment: Summary|null, prediction: Summary|null, spread?: Summary, problem?: string, asked: Region & {bin: number}}} Block
 */

const BLOCKS_PER_TRACK = 4;
/** Bins with signal below which no r is given, as core/tracks/metrics.py has it. */
export const LEAST_BINS = 20;

/** An r and the bins with data in both that it is of; null below LEAST_BINS with signal, and without variance. @typedef {{r: number|null, bins: number}} Correlation */

/** The native bin while it is at least a pixel wide, else native x 2^k. */
export function binFor(basesPerPixel, nativeBin) {
  let bin = nativeBin;
  while (bin < basesPerPixel) bin *= 2;
  return bin;
}

/** A window widened by `share` of its span on both sides, inside the chromosome. @returns {Region} */
export function widened({ chrom, start, end }, share, length) {
  const extra = (end - start) * share;
  return { chrom, start: Math.max(0, Math.floor(start - extra)), end: Math.min(length, Math.ceil(end + extra)) };
}

const covers = (outer, inner) => outer.chrom === inner.chrom && outer.start <= inner.start && outer.end >= inner.end;

const overlap = (one, other) =>
  one.chrom === other.chrom ? Math.max(0, Math.min(one.end, other.end) - Math.max(one.start, other.start)) : 0;

/** Split an answer into one block a track. @returns {Map<string, Block>} */
export function blocksOf(signal, tracks, asked) {
  const { chrom, start, end, binBp, bins } = signal;
  const blocks = new Map(
    tracks.map((track) => [track, { chrom, start, end, binBp, bins, experiment: null, prediction: null, problem: signal.problems?.[track] ?? "", asked }]),
  );
  for (const { track, kind, stat, values } of signal.series) {
    const block = blocks.get(track);
    if (!block) continue;
    block[kind] = { mean: null, max: null, ...block[kind], [stat]: values };
  }
  return blocks;
}

/** Running sums of a block's logarithms, so that r over any window costs nothing while it is dragged. @type {WeakMap<Block, Float64Array[]>} */
const runningSums = new WeakMap();

function sumsOf(block) {
  const kept = runningSums.get(block);
  if (kept) return kept;
  const sums = Array.from({ length: 7 }, () => new Float64Array(block.bins + 1));
  const [n, sumX, sumY, sumXX, sumYY, sumXY, signal] = sums;
  for (let i = 0; i < block.bins; i += 1) {
    const x = Math.log1p(Math.max(0, block.experiment.mean[i]));
    const y = Math.log1p(Math.max(0, block.prediction.mean[i]));
    const known = !(Number.isNaN(x) || Number.isNaN(y));
    n[i + 1] = n[i] + (known ? 1 : 0);
    sumX[i + 1] = sumX[i] + (known ? x : 0);
    sumY[i + 1] = sumY[i] + (known ? y : 0);
    sumXX[i + 1] = sumXX[i] + (known ? x * x : 0);
    sumYY[i + 1] = sumYY[i] + (known ? y * y : 0);
    sumXY[i + 1] = sumXY[i] + (known ? x * y : 0);
    signal[i + 1] = signal[i] + (known && (x > 0 || y > 0) ? 1 : 0);
  }
  runningSums.set(block, sums);
  return sums;
}

/**
 * Pearson correlation of log(1 + x) over the bins that overlap the region and have data in both; null without both series.
 * @param {Pick<Block, "experiment"|"prediction"|"start"|"binBp"|"bins">} block @param {{start: number, end: number}} region
 * @returns {Correlation|null}
 */
export function logPearson(block, region) {
  if (!block.experiment || !block.prediction) return null;
  const first = Math.max(0, Math.floor((region.start - block.start) / block.binBp));
  const last = Math.min(block.bins, Math.ceil((region.end - block.start) / block.binBp));
  if (last <= first) return { r: null, bins: 0 };
  const [n, sumX, sumY, sumXX, sumYY, sumXY, signal] = sumsOf(block).map((sum) => sum[last] - sum[first]);
  const spreadX = n * sumXX - sumX * sumX;
  const spreadY = n * sumYY - sumY * sumY;
  // What rounding leaves of bins that are all alike is no spread.
  const isSpread = (spread, squares) => spread > Math.max(1e-9, 1e-12 * n * squares);
  const isEvidence = signal >= LEAST_BINS && isSpread(spreadX, sumXX) && isSpread(spreadY, sumYY);
  return { r: isEvidence ? (n * sumXY - sumX * sumY) / Math.sqrt(spreadX * spreadY) : null, bins: n };
}

export class SignalCache {
  // What it is made with.
  onChange;
  onError;
  fetchSignal;
  overscan;
  margin;
  stretch;
  most;

  /**
   * @param {{onChange: () => void, onError: (error: Error) => void, fetchSignal?: typeof getSignal, overscan?: number,
   *   margin?: number, stretch?: number, most?: number}} options  overscan and margin in windows a side: how much is asked
   *   for, and how much must be at hand before more is asked for; whole stretches are asked for, up to `most` bases
   */
  constructor({ onChange, onError, fetchSignal = getSignal, overscan = 1, margin = 0.3, stretch = 1, most = Infinity }) {
    Object.assign(this, { onChange, onError, fetchSignal, overscan, margin, stretch, most });
    /** @type {Map<string, Block[]>} newest first */
    this.blocks = new Map();
    this.pending = null;
    this.requests = 0;
  }

  /**
   * The best block for a view: one that covers it in the wanted bins, else the one that overlaps it most.
   * @returns {{block: Block|null, exact: boolean}}
   */
  find(track, view, bin) {
    let best = null;
    for (const block of this.blocks.get(track) ?? []) {
      if (block.asked.bin === bin && covers(block.asked, view)) return { block, exact: true };
      if (overlap(block, view) > (best ? overlap(best, view) : 0)) best = block;
    }
    return { block: best, exact: false };
  }

  /** What is asked for when a view is not at hand. @returns {Region} */
  regionFor(view, length) {
    const { chrom, start, end } = widened(view, this.overscan, length);
    const { stretch } = this;
    const whole = { chrom, start: Math.floor(start / stretch) * stretch, end: Math.min(length, Math.ceil(end / stretch) * stretch) };
    return whole.end - whole.start > this.most ? { chrom, start, end } : whole;
  }

  /** Give up what is under way. */
  stop() {
    this.pending?.abort.abort();
    this.pending = null;
  }

  /**
   * Make sure that the view and a margin around it are at hand or on their way.
   * @param {string[]} tracks @param {Region} view @param {number} pixels width of the view
   * @param {number} nativeBin @param {number} length of the chromosome
   */
  ensure(tracks, view, pixels, nativeBin, length) {
    const bin = binFor((view.end - view.start) / pixels, nativeBin);
    const wanted = widened(view, this.margin, length);
    const missing = tracks.filter((track) => !this.find(track, wanted, bin).exact);
    if (missing.length === 0) return;
    if (this.pending) {
      const { asked } = this.pending;
      if (asked.bin === bin && covers(asked.region, wanted) && missing.every((track) => asked.tracks.has(track))) return;
      this.pending.abort.abort();
    }
    const region = this.regionFor(view, length);
    const abort = new AbortController();
    const pending = { abort, asked: { bin, region, tracks: new Set(missing) } };
    this.pending = pending;
    this.requests += 1;
    // The server picks the bin from pixels: ask for just enough that `bin` is its answer, however it snaps.
    const askedPixels = Math.ceil((region.end - region.start) / bin) + 2;
    this.fetchSignal({ ...region, pixels: askedPixels, tracks: missing }, abort.signal)
      .then((signal) => {
        for (const [track, block] of blocksOf(signal, missing, { ...region, bin })) {
          this.blocks.set(track, [block, ...(this.blocks.get(track) ?? [])].slice(0, BLOCKS_PER_TRACK));
        }
        if (this.pending === pending) this.pending = null;
        this.onChange();
      })
      .catch((error) => {
        if (this.pending === pending) this.pending = null;
        if (!wasAborted(error)) this.onError(error);
      });
  }
}
