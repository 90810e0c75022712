/**
 * The genome-wide 99th percentile of tracks, below which the top of a row's own scale does not go: what is noise over the genome
 * stays low in a quiet window. In the unit of the rows, a value per bin of the model, which drawn bins keep at every zoom.
 */
import { getJson, wasAborted } from "../../ui/api.js";
import { formatValue } from "../../ui/scale.js";

/** @typedef {{experiment?: number, prediction?: number}} Level */

/** What is added from a BED or VCF has no signal. @param {{has_experiment: boolean, has_prediction: boolean}} track */
const isSignal = (track) => track.has_experiment || track.has_prediction;
const AGAIN = 1500; // ms until those that are being worked out are asked for again

export class Levels {
  // What it is made with.
  onChange;
  onError;
  fetchJson;

  /** @param {{onChange: () => void, onError: (error: Error) => void, fetchJson?: typeof getJson}} options */
  constructor({ onChange, onError, fetchJson = getJson }) {
    Object.assign(this, { onChange, onError, fetchJson });
    /** @type {Map<string, Level>} */
    this.known = new Map();
    /** On their way, or being worked out by the server. @type {Set<string>} */
    this.asked = new Set();
    /** Answered once, if only by "not yet". @type {Set<string>} */
    this.answered = new Set();
  }

  /** @param {import("./locusdata.js").Demand} demand */
  ensure({ tracks }) {
    const missing = tracks.filter(isSignal).map(({ id }) => id).filter((id) => !this.known.has(id) && !this.asked.has(id));
    if (missing.length) this.ask(missing);
  }

  isReady({ tracks }) {
    return tracks.filter(isSignal).every(({ id }) => this.known.has(id) || this.answered.has(id));
  }

  async ask(ids) {
    for (const id of ids) this.asked.add(id);
    try {
      const { levels, pending } = await this.fetchJson("levels", { tracks: ids.join(",") });
      for (const id of ids) this.answered.add(id);
      for (const [id, level] of Object.entries(levels)) this.known.set(id, level);
      if (pending.length) setTimeout(() => this.ask(pending), AGAIN);
      this.onChange();
    } catch (error) {
      for (const id of ids) this.asked.delete(id);
      if (!wasAborted(error)) this.onError(error);
    }
  }

  /** The least top of a track's own scale; 0 while it is not known. @param {string} id */
  floorOf(id) {
    const { experiment = 0, prediction = 0 } = this.known.get(id) ?? {};
    return Math.max(0, experiment, prediction);
  }

  /** What sets the least top of a scale, in words; "" while nothing does. @param {string} id @param {import("../state/rowsettings.js").RowSettings} settings */
  floorWords(id, { share, top }) {
    const floor = this.floorOf(id);
    if (!(floor > 0) || top !== null) return "";
    const { experiment = 0, prediction = 0 } = this.known.get(id);
    const percentile = `${formatValue(floor)} = genome-wide 99th percentile of the ${experiment >= prediction ? "experiment" : "prediction"}`;
    return share === "own" ? `Own scale, at least ${percentile}.` : `At least ${percentile}, or of another that shares the scale, if that is larger.`;
  }
}
