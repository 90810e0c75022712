/**
 * Where the mutagenesis lies in the view: a band behind the rows, darker where the panel is zoomed in; and, when linked, a zoom
 * of one is a zoom of the other.
 */
import { element } from "./dom.js";
import { INK } from "./palette.js";
import { formatRegion } from "./scale.js";
import { registerUnderlay } from "./scene.js";
import { line, rect } from "./shapes.js";
import { declareField } from "./state.js";

const BAND = "0d"; // alpha
const EDGE = "59";
const LEAST = 4; // bases that the panel shows at least

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
/** @param {{start: number, end: number}} bases */
export const rangeOf = ({ start, end }) => [start + 0.5, end + 0.5];

/** What both show, as the panel shows it; null where they do not meet. */
export function common(window, region) {
  if (window.chrom !== region.chrom) return null;
  const start = Math.max(Math.floor(window.start), region.start);
  const end = Math.min(Math.ceil(window.end), region.end);
  return end - start >= LEAST ? { start, end } : null;
}

const isSame = (one, other) => one && other && one.start === other.start && one.end === other.end;

/** @param {import("./page.js").LocusPage} page @param {import("./panel.js").MutagenesisPanel} panel */
export function addPanelZoom(page, panel) {
  let figure = null;
  const follow = () => {
    const { mutagenesis, linked, window } = page.state;
    if (!linked || !mutagenesis || !figure?.isConnected || !figure.layout) return;
    const shown = common(window, mutagenesis);
    if (!shown || isSame(shown, basesOf(figure.layout.xaxis.range))) return;
    globalThis.Plotly.relayout(figure, { "xaxis.range": rangeOf(shown) });
  };
  page.whenShown(({ mutagenesis }) => {
    if (!mutagenesis) zoomed = null;
    follow();
  });
  panel.onFigure = (appeared) => {
    figure = appeared;
    figure.on("plotly_relayout", () => {
      const { mutagenesis, linked, window } = page.state;
      if (!mutagenesis) return;
      const shown = basesOf(figure.layout.xaxis.range);
      zoomed = isSame(shown, mutagenesis) ? null : shown;
      page.view.invalidate();
      const here = common(window, mutagenesis);
      if (linked && !isSame(shown, here)) page.setWindow({ chrom: mutagenesis.chrom, ...shown });
    });
    follow();
  };
  panel.zoomTools = () => {
    const { mutagenesis, linked } = page.state;
    const link = element("button", { class: "button small", id: "mutagenesis-link", type: "button", title: "Zooming the panel zooms the view, and the other way round", "aria-pressed": String(linked), onclick: () => {
      page.change({ linked: !page.state.linked });
      panel.renderTools(page.state.mutagenesis);
    } }, "Link zoom");
    const go = element("button", { class: "button small", id: "mutagenesis-go", type: "button", title: `Show ${formatRegion(mutagenesis)} in the view`, onclick: () => page.setWindow({ chrom: mutagenesis.chrom, ...(zoomed ?? page.state.mutagenesis) }, { push: true }) }, "Show in view");
    return [link, go];
  };
}
