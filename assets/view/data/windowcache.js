/** Things of a window that come as JSON (genes, sequence): one over-scanned window is kept, the next replaces it. */
import { getJson, wasAborted } from "../../ui/api.js";
import { wholeBases } from "../../ui/scale.js";
import { widened } from "./signals.js";

/** @typedef {import("../../ui/scale.js").Region} Region */

export class WindowCache {
  // What it is made with.
  name;
  overscan;
  margin;
  onChange;
  onError;
  fetchJson;

  /**
   * @param {string} name of the endpoint
   * @param {{overscan: number, margin: number, onChange: () => void, onError: (error: Error) => void, fetchJson?: typeof getJson}} options
   *   overscan and margin in windows a side: how much is asked for, and how much must be at hand before more is asked for
   */
  constructor(name, { overscan, margin, onChange, onError, fetchJson = getJson }) {
    Object.assign(this, { name, overscan, margin, onChange, onError, fetchJson });
    /** The last answer, with the window it is for. */
    this.value = null;
    this.asked = null;
    this.requests = 0;
  }

  /** Whether the answer to the last question is here. */
  get isCurrent() {
    return this.asked !== null && this.value?.asked === this.asked;
  }

  /** What is at hand for a chromosome; null where it is for another one. */
  on(chrom) {
    return this.value?.asked.chrom === chrom ? this.value : null;
  }

  /** @param {Region} window @param {number} length of the chromosome */
  ensure(window, length) {
    const wanted = widened(window, this.margin, length);
    const { asked } = this;
    if (asked && asked.chrom === wanted.chrom && asked.start <= wanted.start && asked.end >= wanted.end) return;
    this.abort?.abort();
    this.abort = new AbortController();
    const question = wholeBases(widened(window, this.overscan, length));
    this.asked = question;
    this.requests += 1;
    this.fetchJson(this.name, question, this.abort.signal)
      .then((answer) => {
        this.value = { ...answer, asked: question };
        this.onChange();
      })
      .catch((error) => {
        if (wasAborted(error)) return;
        if (this.asked === question) this.asked = null;
        this.onError(error);
      });
  }
}
