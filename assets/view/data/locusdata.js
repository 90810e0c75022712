/**
 * The data at hand: asks for what the window needs and is not there, and gathers what there is for drawing.
 * Other modules add what their rows need with `addSource`.
 */
import { getPrediction, getSignal } from "../../ui/api.js";
import { Bands } from "./bands.js";
import { Levels } from "./levels.js";
import { hasFiles, LivePredictions } from "./live.js";
import { formatRegion, wholeBases } from "../../ui/scale.js";
import { binFor, logPearson, SignalCache } from "./signals.js";
import { WindowCache } from "./windowcache.js";

/** @typedef {import("../../ui/scale.js").Region} Region */
/**
 * What is asked of the data: a window of so many pixels, for these tracks.
 * @typedef {{window: Region, plotWidth: number, tracks: any[], length: number, bin: number, nativeBin: number, showBases: boolean, state: any}} Demand
 *   length of the chromosome; bin: as wide as the screen can show
 */
/**
 * @typedef {{ensure: (demand: Demand, how: {moving: boolean}) => void, isReady: (demand: Demand) => boolean}} Source
 *   ensure: ask for what is missing, and call `invalidate` of the view when it is there
 */

export class LocusData {
  /** @param {any} project @param {{onChange: () => void, onError: (error: Error) => void}} events */
  constructor(project, events) {
    this.project = project;
    this.onChange = events.onChange;
    this.signals = new SignalCache(events);
    this.live = project.live ? new LivePredictions(project.live, events.onChange) : null;
    this.bands = project.live && project.members ? new Bands(project.live, events.onChange) : null;
    this.genes = new WindowCache("genes", { overscan: 1, margin: 0.1, ...events });
    this.sequence = new WindowCache("sequence", { overscan: 3, margin: 0.3, ...events });
    this.levels = new Levels(events);
    /** @type {Map<string, any>} */
    this.blocks = new Map();
    /** @type {Map<string, import("./live.js").LiveState>} of the tracks that are predicted on the spot here */
    this.liveStates = new Map();
    /** @type {Map<string, import("./bands.js").Band>} of the tracks whose networks have been asked here */
    this.spreads = new Map();
    this.exactPearson = { key: "", window: "", values: {} };
    this.asked = { pearson: 0 };
    /** @type {Source[]} */
    this.sources = [
      { ensure: (demand, how) => this.ensureSignals(demand, how), isReady: (demand) => this.gather(demand) },
      { ensure: ({ window, length }) => this.genes.ensure(window, length), isReady: () => this.genes.isCurrent },
      this.levels,
      { ensure: ({ window, length, showBases }) => showBases && this.sequence.ensure(window, length), isReady: () => true },
    ];
  }

  /** @param {Source} source */
  addSource(source) {
    this.sources.push(source);
  }

  /** Requests so far, by what for. */
  get requests() {
    return { ...this.asked, signal: this.signals.requests, prediction: this.live?.cache.requests ?? 0, genes: this.genes.requests, sequence: this.sequence.requests };
  }

  /** @returns {Demand} */
  demand({ state, tracks, plotWidth, chromosome, showBases }) {
    const { window } = state;
    const nativeBin = this.project.bin;
    return { window, plotWidth, tracks, length: chromosome.length, nativeBin, bin: binFor((window.end - window.start) / plotWidth, nativeBin), showBases, state };
  }

  /** Ask for what is not at hand. @param {Demand} demand */
  ensure(demand, { moving = false } = {}) {
    for (const source of this.sources) source.ensure(demand, { moving });
  }

  /** Whether everything is at hand; gathers it. @param {Demand} demand */
  isReady(demand) {
    return this.sources.map((source) => source.isReady(demand)).every(Boolean);
  }

  /** The model is not asked while the view moves. */
  ensureSignals({ window, plotWidth, tracks, length, nativeBin }, { moving }) {
    const readable = tracks.filter(hasFiles).map((track) => track.id);
    if (readable.length) this.signals.ensure(readable, window, plotWidth, nativeBin, length);
    if (moving) return;
    this.live?.ensure(this.liveTracks(tracks), window, plotWidth, nativeBin, length);
    this.bands?.ensure(tracks.filter((track) => track.modelled).map((track) => track.id), window, plotWidth, nativeBin, length);
  }

  /** Ids of the tracks whose prediction is made on the spot here. */
  liveTracks(tracks) {
    return this.live ? tracks.filter((track) => track.live).map((track) => track.id) : [];
  }

  /** Collect what is at hand of every track. @returns {boolean} whether that is all that the window needs */
  gather({ tracks, window, bin }) {
    const live = new Set(this.liveTracks(tracks));
    this.blocks = new Map();
    this.liveStates = new Map();
    this.spreads = new Map();
    let complete = true;
    for (const track of tracks) {
      const band = this.bands?.find(track.id, window, bin);
      if (band) this.spreads.set(track.id, band);
      let block = null;
      if (hasFiles(track)) {
        const found = this.signals.find(track.id, window, bin);
        block = found.block;
        complete &&= found.exact;
      }
      if (live.has(track.id)) {
        const found = this.live.find(track.id, window, bin, block);
        block = found.block;
        this.liveStates.set(track.id, found.live);
        complete &&= found.live.state !== "pending";
      }
      this.blocks.set(track.id, block);
    }
    return complete;
  }

  /** The exact per-locus r when zoomed out, which only a view at rest asks for. @param {Demand} demand */
  ensurePearson(demand) {
    const { tracks, bin, nativeBin } = demand;
    const window = wholeBases(demand.window);
    const live = this.liveTracks(tracks);
    const both = tracks.filter((track) => track.has_experiment && track.has_prediction).map((track) => track.id);
    const key = `${formatRegion(window)}/${both}`;
    if (bin === nativeBin || both.length === 0 || this.exactPearson.key === key) return;
    this.pearsonAbort?.abort();
    this.pearsonAbort = new AbortController();
    const { signal } = this.pearsonAbort;
    this.asked.pearson += 1;
    this.exactPearson = { key, window: formatRegion(window), values: {} };
    const take = ({ pearson, pearsonBins }) => {
      if (signal.aborted) return;
      for (const [track, r] of Object.entries(pearson)) this.exactPearson.values[track] = { r, bins: pearsonBins[track] ?? 0 };
      this.onChange();
    };
    const stored = both.filter((track) => !live.includes(track));
    if (stored.length) getSignal({ ...window, pixels: 1, tracks: stored }, signal).then(take, () => {});
    if (both.length > stored.length && !this.live.isTooWide(window)) {
      getPrediction({ ...window, pixels: 1, tracks: live }, { signal, onProgress: () => {} }).then(take, () => {});
    }
  }

  /** Correlation of a track's experiment and prediction in a window; null while it is not known. @returns {import("./signals.js").Correlation|null} */
  localR(track, region) {
    const block = this.blocks.get(track.id);
    if (!track.has_experiment || !track.has_prediction || !block) return null;
    if ((this.liveStates.get(track.id)?.state ?? "ready") !== "ready") return null;
    if (block.binBp === this.project.bin) return logPearson(block, region);
    const { window, values } = this.exactPearson;
    return window === formatRegion(wholeBases(region)) ? (values[track.id] ?? null) : null;
  }
}
