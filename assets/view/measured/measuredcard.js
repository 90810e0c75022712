/** How right the model is about a table of measured effects: in this window, and everywhere, beside what repeats allow. */
import { getJson, wasAborted } from "../../ui/api.js";
import { closePopover, element, placeBeside } from "../../ui/dom.js";
import { formatCorrelation, formatNumber, formatRegion, wholeBases } from "../../ui/scale.js";

/** @typedef {{value: number|null, low: number|null, high: number|null}} WithInterval */
/** @typedef {{track: string, n: number, pearson: WithInterval, spearman: WithInterval, same_sign: WithInterval, signed: number, auroc: WithInterval, significant: number}} TrackAgreement */
/** @typedef {{name: string, summary: string, here: TrackAgreement[], everywhere: TrackAgreement[], repeats: {one: string, other: string, n: number, pearson: WithInterval, reachable: number|null}[]}} MeasuredAgreement */

const LEAST = 20; // measurements that a correlation is of
const SHOWN = 8; // tracks, those of the view first
const REPEATS = 5;
const FEW = 50; // of which a share is written as a count
const HEADS = ["track", "r", "rank r", "same sign", "AUROC"];

/** A share, of few as a count. @param {WithInterval} one @param {number} of */
export function shareOf({ value }, of) {
  if (value === null) return "\u2013";
  return of < FEW ? `${Math.round(value * of)} of ${of}` : `${Math.round(100 * value)}\u202f%`;
}

/** A number, with its interval where there is room. @param {WithInterval} one */
export function withInterval({ value, low, high }, isWhole = true) {
  if (value === null) return "\u2013";
  const number = formatCorrelation(value);
  return isWhole && low !== null && high !== null ? `${number} [${formatCorrelation(low)}, ${formatCorrelation(high)}]` : number;
}

export class MeasuredCard {
  /** @param {import("../page/page.js").LocusPage} page */
  constructor(page) {
    this.page = page;
    this.title = element("h2", { id: "measured-card-title" });
    this.body = element("div", { class: "measured-card-body" });
    const close = element("button", { class: "button icon small", type: "button", "aria-label": "Close", onclick: () => this.close() }, "\u2715");
    this.root = element("div", { class: "row-menu measured-card", id: "measured-card", role: "dialog", "aria-labelledby": "measured-card-title" }, element("div", { class: "row-menu-head" }, this.title, close), this.body);
    this.root.popover = "auto";
    this.root.addEventListener("toggle", ({ newState }) => newState === "closed" && this.abort?.abort());
    document.body.append(this.root);
  }

  close() {
    return closePopover(this.root);
  }

  /** @param {string} table @param {import("../../ui/scale.js").Region} window @param {{x: number, y: number}} at client coordinates */
  async open(table, window, { x, y }) {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.title.textContent = `Measured and predicted, ${table}`;
    const place = () => placeBeside(this.root, { getBoundingClientRect: () => ({ left: x, bottom: y, top: y, right: x }) });
    const say = (words) => this.body.replaceChildren(element("p", { class: "quiet", role: "status" }, words));
    say("Comparing\u2026");
    // The press that asks for it would close it again.
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return;
    this.root.showPopover();
    place();
    try {
      const place_ = wholeBases(window);
      this.show(await getJson("measured/agreement", { ...place_, table }, signal), place_);
      place();
    } catch (error) {
      if (!wasAborted(error)) say(error.message);
    }
  }

  /** @param {MeasuredAgreement} found @param {import("../../ui/scale.js").Region} window */
  show(found, window) {
    const { state } = this.page;
    const first = (one) => (state.tracks.includes(one.track) ? 0 : 1);
    const ids = [...found.everywhere].sort((one, other) => first(one) - first(other)).slice(0, SHOWN).map(({ track }) => track);
    const part = (words, rows, isWhole) => {
      const own = ids.map((id) => rows.find(({ track }) => track === id)).filter(Boolean);
      const { n = 0, signed = 0, significant = 0 } = own[0] ?? {};
      return [
        element("h3", {}, words),
        element("p", { class: "quiet" }, `${formatNumber(n)} measurements${n < LEAST ? ", too few for a correlation" : ""}; signs of ${significant ? `the ${formatNumber(significant)} significant ones` : formatNumber(signed)}`),
        ...(n ? [this.table(own, isWhole)] : []),
      ];
    };
    const repeats = found.repeats.slice(0, REPEATS).map(({ one, other, n, pearson, reachable }) =>
      element("li", {}, `${other ? `${one} and ${other}` : one}: r ${withInterval(pearson)}, ${formatNumber(n)} pairs${reachable === null ? "" : `; reachable r ${formatCorrelation(reachable)}`}`),
    );
    this.body.replaceChildren(
      element("p", {}, found.summary),
      ...(found.everywhere.length
        ? [...part(`Here, ${formatRegion(window)}`, found.here, false), ...part("Genome-wide, with 95 % intervals", found.everywhere, true)]
        : []),
      ...(repeats.length ? [element("h3", {}, "What repeated measurements allow"), element("ul", {}, ...repeats)] : []),
      element("p", {}, element("a", { href: `accuracy#truth-${encodeURIComponent(found.name)}` }, "Figures of every track")),
    );
  }

  /** @param {TrackAgreement[]} rows */
  table(rows, isWhole) {
    const cells = ({ track, pearson, spearman, same_sign: sign, signed, auroc }) => [
      this.page.view.tracks.get(track)?.name ?? track,
      withInterval(pearson, isWhole),
      withInterval(spearman, false),
      shareOf(sign, signed),
      withInterval(auroc, false),
    ];
    return element("table", {},
      element("thead", {}, element("tr", {}, ...HEADS.map((words) => element("th", { scope: "col" }, words)))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row).map((words) => element("td", {}, words))))),
    );
  }
}
