/**
 * Where the mutagenesis lies in the view: a band behind the rows, darker where the panel is zoomed in; and, when linked, every
 * base of the panel stands below its column in the view, so that a zoom of one is a zoom of the other.
 */
import { element } from "../../ui/dom.js";
import { INK } from "../../ui/palette.js";
import { formatRegion } from "../../ui/scale.js";
import { registerUnderlay } from "../rows/scene.js";
import { line, rect } from "../draw/shapes.js";
import { declareField } from "../state/state.js";

const BAND = "0d"; // alpha
const EDGE = "59";

declareField({ name: "linked", read: (words) => words === "yes", write: (linked) => (linked ? "yes" : null), initial: false, undo: false });

/** Bases that the panel shows of its window, 0-based; null: all. @type {{start: number, end: number}|null} */
let zoomed = null;

registerUnderlay(({ state, window, scale, layout, height }) => {
  const { mutagenesis } = state;
  if (!mutagenesis || mutagenesis.chrom !== window.chrom) return [];
  const band = ({ start, end }) => {
    const x = scale.toPixel(start);
    return [x, Math.max(1, scale.toPixel(end) - x)];
  };
  const [x, w] = band(mutagenesis);
  const top = layout.head[1].y;
  const shapes = [rect(x, top, w, height, `${INK}${BAND}`), line(x, top, x, height, `${INK}${EDGE}`, { dash: [3, 3] }), line(x + w, top, x + w, height, `${INK}${EDGE}`, { dash: [3, 3] })];
  if (zoomed) {
    const [from, width] = band(zoomed);
    shapes.push(rect(from, top, width, height, `${INK}${BAND}`));
  }
  return shapes;
});

/** Bases of the x axis of the figure, which numbers them from 1. @param {[number, number]} range */
export const basesOf = ([low, high]) => ({ start: Math.round(low - 0.5), end: Math.round(high - 0.5) });
/** @param {{start: number, end: number}} bases @returns {[number, number]} */
export const rangeOf = ({ start, end }) => [start + 0.5, end + 0.5];

const isSame = (one, other) => one && other && one.start === other.start && one.end === other.end;

/**
 * Where the figure's plot begins and ends so that every base stands below its column in the view: as far right as the view's plot,
 * or as the figure has room beside its colour bar.
 * @param {{left: number, scale: import("../../ui/scale.js").Scale}} view  left: of the canvas, in pixels of the page
 * @param {{left: number, right: number, margin: {l: number, r: number}}} figure  margin: its own, which it needs
 * @returns {{l: number, r: number, range: [number, number]}} margins, and the range of the x axis between them
 */
export function alignedTo({ left: canvas, scale }, { left, right, margin }) {
  const width = Math.round(right - left);
  const l = Math.max(margin.l, Math.round(canvas + scale.left - left));
  const r = Math.max(margin.r, Math.round(right - canvas - scale.right));
  const baseAt = (pixel) => scale.toBase(left + pixel - canvas);
  return { l, r, range: rangeOf({ start: baseAt(l), end: baseAt(width - r) }) };
}

/** @param {import("../page/page.js").LocusPage} page @param {import("./mutagenesispanel.js").MutagenesisPanel} panel */
export function addPanelZoom(page, panel) {
  const { view } = page;
  let figure = null;
  let isMoving = false;

  /** How the figure is to lie; null while it shows what it likes. */
  function wanted() {
    const { mutagenesis, linked, window } = page.state;
    if (!linked || window.chrom !== mutagenesis.chrom) return null;
    const { left, right } = figure.getBoundingClientRect();
    return alignedTo({ left: view.canvas.getBoundingClientRect().left, scale: view.scene.scale }, { left, right, margin: figure.layout.meta.margin });
  }

  async function follow() {
    const { mutagenesis } = page.state;
    if (isMoving || !mutagenesis || !figure?.isConnected || !figure.layout?.meta?.margin || !view.scene) return;
    const { margin: own } = figure.layout.meta;
    const edges = rangeOf(mutagenesis);
    const aligned = wanted();
    const { margin, xaxis } = figure.layout;
    const { l, r } = aligned ?? own;
    // A figure that is let go of goes back to its bases.
    const isLoose = !aligned && margin.l === own.l && margin.r === own.r;
    const range = aligned?.range ?? (isLoose ? xaxis.range : edges);
    const isThere = margin.l === l && margin.r === r && range.every((edge, i) => Math.abs(edge - xaxis.range[i]) < 1e-6);
    if (isThere) return;
    isMoving = true;
    const [least, most] = aligned ? [null, null] : edges;
    try {
      await globalThis.Plotly.relayout(figure, { "margin.l": l, "margin.r": r, "xaxis.minallowed": least, "xaxis.maxallowed": most, "xaxis.range": range });
    } finally {
      isMoving = false;
    }
    // The view went on meanwhile.
    view.invalidate();
  }

  let region = "";
  page.whenShown(({ mutagenesis }) => {
    const shown = mutagenesis ? formatRegion(mutagenesis) : "";
    // Of other bases the figure shows all.
    if (shown !== region) zoomed = null;
    region = shown;
  });
  view.afterDraw(follow);
  panel.onFigure = (appeared) => {
    figure = appeared;
    figure.on("plotly_afterplot", follow);
    figure.on("plotly_relayout", (changed) => {
      const { mutagenesis, linked, window } = page.state;
      if (!mutagenesis || isMoving || !Object.keys(changed).some((name) => name.startsWith("xaxis"))) return;
      const { range } = figure.layout.xaxis;
      zoomed = isSame(basesOf(range), mutagenesis) ? null : basesOf(range);
      view.invalidate();
      if (!linked) return;
      // The view shows more than the figure where its plot is wider.
      const { l, r } = figure.layout.margin;
      const share = view.scene.scale.width / (figure.offsetWidth - l - r);
      const start = range[0] - 0.5;
      const asked = { chrom: mutagenesis.chrom, start, end: start + (range[1] - range[0]) * share };
      if (window.start !== asked.start || window.end !== asked.end) page.setWindow(asked);
    });
    follow();
  };
  panel.zoomTools = () => {
    const { mutagenesis, linked } = page.state;
    const link = element("button", { class: "button small", id: "mutagenesis-link", type: "button", title: "The panel's bases below those of the view: zooming one zooms the other", "aria-pressed": String(linked), onclick: () => {
      const shown = zoomed ?? page.state.mutagenesis;
      page.change({ linked: !page.state.linked });
      zoomed = null;
      if (page.state.linked) page.setWindow({ chrom: mutagenesis.chrom, start: shown.start, end: shown.end }, { push: true });
      panel.renderTools(page.state.mutagenesis);
    } }, "Link zoom");
    const go = element("button", { class: "button small", id: "mutagenesis-go", type: "button", title: `Show ${formatRegion(mutagenesis)} in the view`, onclick: () => page.setWindow({ chrom: mutagenesis.chrom, ...(zoomed ?? page.state.mutagenesis) }, { push: true }) }, "Show in view");
    return [link, go];
  };
}
