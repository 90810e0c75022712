/**
 * The printed page: the picture as vectors with real text, over the whole width, with a legend and where it is from; the figures
 * of open panels below it. Paper is white, whatever the screen's theme.
 */
import { element } from "../../ui/dom.js";
import { theme } from "../../ui/palette.js";
import { leastSize } from "../draw/printed.js";
import { toSvg } from "../draw/svg.js";

const WIDTH = 760; // CSS pixels of the picture before it is fitted to the paper
const PAPER_MM = 180; // between the margins of A4

const SAYS = {
  pair: "The strong colour is the experiment, the soft one the prediction, both on one scale.",
  overlay: "The strong colour is the experiment, the line the prediction.",
  residual: "Strong: more in the experiment than predicted; soft: less.",
  saliency: "Saliency: blue raises the signal at the mark, orange lowers it.",
};

/** What has to be said of the kinds of rows in a picture. @param {string} mode @param {{kind: string}[]} rows */
export function legend(mode, rows) {
  const kinds = new Set(rows.map(({ kind }) => kind));
  return [SAYS[mode], kinds.has("saliency") ? SAYS.saliency : null, "Hatched grey is no data."].filter(Boolean).join(" ");
}

/** A copy of a Plotly figure that fits any width; on paper its ground is white. @param {HTMLElement} figure */
function printed(figure) {
  const { offsetWidth: width, offsetHeight: height } = figure;
  const copy = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const layer of figure.querySelectorAll(".main-svg")) copy.append(layer.cloneNode(true));
  for (const layer of /** @type {NodeListOf<SVGElement>} */ (copy.querySelectorAll(".main-svg"))) layer.style.background = "none";
  for (const ground of /** @type {NodeListOf<SVGElement>} */ (copy.querySelectorAll("rect.bg"))) ground.style.fill = "none";
  return copy;
}

/** The heading and the figures of every panel that is open. */
const panels = () =>
  [...document.querySelectorAll(".panel")]
    .filter((panel) => panel.checkVisibility())
    .map((panel) => element("section", {}, element("h2", {}, panel.querySelector("h2")?.textContent ?? ""), ...[...panel.querySelectorAll(".js-plotly-plot")].map(printed)));

/** @param {import("../page/page.js").LocusPage} page */
export function addPaper(page) {
  const paper = element("div", { id: "paper", "aria-hidden": "true" });
  addEventListener("beforeprint", () => {
    const { view, project, state } = page;
    if (!view.layout) return;
    const { shapes, width, height } = view.picture({ width: WIDTH, print: { least: leastSize(PAPER_MM, WIDTH) } });
    const svg = new DOMParser().parseFromString(toSvg(shapes, width, height, document.title), "image/svg+xml").documentElement;
    // The server made the figures in the theme of the screen.
    paper.dataset.figures = theme;
    paper.replaceChildren(
      element("h1", {}, project.title),
      svg,
      element("p", {}, legend(state.mode, view.layout.body)),
      element("p", { class: "paper-address" }, page.link),
      ...panels(),
    );
    document.body.prepend(paper);
  });
  addEventListener("afterprint", () => paper.remove());
}
