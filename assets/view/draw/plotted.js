/**
 * A figure of Plotly as a drawing list, so that a picture holds it as it holds the rows: with real text and every cell of a heat
 * map, whatever the screen's theme and width. Plotly draws the figure once more out of sight, light and as wide as the picture,
 * and what it drew is read from its SVG.
 */
import { lightened } from "./plotlytheme.js";
import { absoluteOutline } from "./outlines.js";
import { bars, group, MIDDLE_TO_BASELINE, rect, text } from "./shapes.js";

const SKIPPED = new Set(["defs", "style", "title", "clippath"]);
const NOT_DRAWN = ".draglayer, .hoverlayer, .zoomlayer, .menulayer, .selectionlayer";
const STEPS = 60; // of a colour bar
const BOLD_FROM = 600;
const hex = (value) => Math.round(value).toString(16).padStart(2, "0");

/** "#rrggbb" or "#rrggbbaa" of a computed colour; null where nothing is seen. @param {string} colour @param {number} opacity */
export function hexOf(colour, opacity = 1) {
  const found = /^rgba?\(([^)]+)\)$/.exec(colour);
  if (!found) return null;
  const [red, green, blue, own = 1] = found[1].split(/[\s,/]+/).map(Number);
  const alpha = own * opacity;
  if (!(alpha > 0)) return null;
  return `#${[red, green, blue].map(hex).join("")}${alpha < 1 ? hex(255 * alpha) : ""}`;
}

/** A colour of a scale of "#rrggbb", as Plotly mixes them. @param {[number, string][]} scale from 0 to 1 @param {number} share */
export function colourAt(scale, share) {
  const above = scale.findIndex(([stop]) => stop >= share);
  if (above === 0 || above < 0) return scale.at(above)[1];
  const [[low, one], [high, other]] = [scale[above - 1], scale[above]];
  const weight = (share - low) / (high - low);
  const channel = (colour, at) => parseInt(colour.slice(at, at + 2), 16);
  return `#${[1, 3, 5].map((at) => hex(channel(one, at) * (1 - weight) + channel(other, at) * weight)).join("")}`;
}

/** Whether everything in a figure has arrived that can be put into a picture. */
export const isPlotted = (figure) => Boolean(globalThis.Plotly && figure.layout && figure.data);

/** A figure's part with letters of a size at least. @param {any} part @param {number} least */
export function withLeastFonts(part, least) {
  if (Array.isArray(part)) return part.map((value) => withLeastFonts(value, least));
  if (!part || typeof part !== "object" || Object.getPrototypeOf(part) !== Object.prototype) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, /font$/.test(name) && value?.size < least ? { ...value, size: least } : withLeastFonts(value, least)]),
  );
}

/**
 * @param {any} figure  the element, as Plotly has drawn it in the page
 * @param {number} width  in CSS pixels
 * @param {number} [least] size of the smallest letters
 * @returns {Promise<{shapes: import("./shapes.js").Shape[], height: number}>}
 */
export async function plottedShapes(figure, width, least = 0) {
  const { Plotly } = /** @type {any} */ (globalThis);
  const light = figure.layout.meta?.light ?? {};
  const height = figure.layout.height ?? figure.offsetHeight;
  const copy = document.createElement("div");
  copy.className = "plotted";
  copy.setAttribute("aria-hidden", "true");
  document.body.append(copy);
  try {
    const { margin: own } = figure.layout.meta ?? {};
    // A figure that is linked to the view lies elsewhere in a picture.
    const margin = { ...figure.layout.margin, ...own };
    const layout = { ...lightened(figure.layout, light), margin, width, height, autosize: false };
    const [data, set] = [lightened(figure.data, light), layout].map((part) => withLeastFonts(part, least));
    await Plotly.newPlot(copy, data, set, { staticPlot: true });
    const shapes = [...copy.querySelectorAll(".main-svg")].flatMap((layer) => shapesOf(/** @type {SVGGraphicsElement} */ (layer), { figure: copy, opacity: 1 }));
    return { shapes, height };
  } finally {
    Plotly.purge(copy);
    copy.remove();
  }
}

/** @param {SVGGraphicsElement} node @param {{figure: any, opacity: number}} within */
function shapesOf(node, within) {
  if (SKIPPED.has(node.tagName.toLowerCase()) || node.matches(NOT_DRAWN)) return [];
  const style = getComputedStyle(node);
  const opacity = within.opacity * Number(style.opacity);
  if (style.display === "none" || !(opacity > 0)) return [];
  const shapes = drawnAs(node, style, { ...within, opacity });
  const clip = shapes.length ? clipOf(node) : null;
  return clip ? [group(0, 0, shapes, { clip })] : shapes;
}

function drawnAs(node, style, within) {
  switch (node.tagName.toLowerCase()) {
    case "path":
      return pathShapes(node, style, within.opacity);
    case "rect":
      return rectShapes(node, style, within.opacity);
    case "image":
      return cells(node, within.figure);
    case "text":
      return letters(node, within.opacity);
    default:
      return [...node.children].flatMap((child) => shapesOf(child, within));
  }
}

/** Where a point of a node lies in the figure. @returns {(x: number, y: number) => [number, number]} */
const placing = (node) => {
  const { a, b, c, d, e, f } = node.getCTM();
  return (x, y) => [a * x + c * y + e, b * x + d * y + f];
};

/** A rectangle of a node in the figure; nothing there is turned but text. */
function placed(node, { x, y, width, height }) {
  const place = placing(node);
  const [left, top] = place(x, y);
  const [right, bottom] = place(x + width, y + height);
  return [Math.min(left, right), Math.min(top, bottom), Math.abs(right - left), Math.abs(bottom - top)];
}

function clipOf(node) {
  const [, id] = /url\(["']?#([^"')]+)/.exec(node.getAttribute("clip-path") ?? "") ?? [];
  const box = id && node.ownerSVGElement.parentElement.querySelector(`#${CSS.escape(id)} rect`);
  if (!box) return null;
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name) ?? 0));
  return placed(node, { x, y, width, height });
}

function paintOf(style, opacity) {
  const width = parseFloat(style.strokeWidth);
  return {
    fill: hexOf(style.fill, opacity * Number(style.fillOpacity)),
    stroke: width > 0 ? hexOf(style.stroke, opacity * Number(style.strokeOpacity)) : null,
    width,
  };
}

function pathShapes(node, style, opacity) {
  const { fill, stroke, width } = paintOf(style, opacity);
  const data = node.getAttribute("d");
  if (!data || !(fill || stroke)) return [];
  // What is round in our figures are the marks of points.
  if (/a/i.test(data)) {
    const [x, y, w, h] = placed(node, node.getBBox());
    return [rect(x, y, w, h, fill, { radius: w / 2, ...(stroke ? { stroke } : {}) })];
  }
  return [{ op: "outline", d: absoluteOutline(data, placing(node)), ...(fill ? { fill } : {}), ...(stroke ? { stroke, width } : {}) }];
}

function rectShapes(node, style, opacity) {
  const [x, y, w, h] = placed(node, node.getBBox());
  const [, gradient] = /url\(["']?#([^"')]+)/.exec(style.fill) ?? [];
  if (gradient) {
    const stops = [...node.ownerSVGElement.parentElement.querySelectorAll(`#${CSS.escape(gradient)} stop`)];
    /** @type {[number, string][]} */
    const scale = stops.map((stop) => [parseFloat(stop.getAttribute("offset")) / 100, hexOf(getComputedStyle(stop).stopColor)]);
    // From below, as Plotly's colour bars run.
    return Array.from({ length: STEPS }, (_, i) => bars([x, y + h - ((i + 1) * h) / STEPS, w, h / STEPS + (i ? 0.5 : 0)], colourAt(scale, (i + 0.5) / STEPS)));
  }
  const { fill, stroke } = paintOf(style, opacity);
  if (!fill && !stroke) return [];
  return [rect(x, y, w, h, fill, stroke ? { stroke } : {})];
}

/** The heat map of a subplot, which Plotly draws as an image, cell by cell. */
function cells(image, figure) {
  const subplot = image.closest(".subplot");
  const [{ trace, x, y, z }] = figure.calcdata.map(([first]) => first).map((first, i) => ({ ...first, trace: figure._fullData[i] }))
    .filter(({ trace }) => trace.type === "heatmap" && subplot.classList.contains(`${trace.xaxis}${trace.yaxis}`));
  const [across, down] = [figure._fullLayout[`xaxis${trace.xaxis.slice(1)}`], figure._fullLayout[`yaxis${trace.yaxis.slice(1)}`]];
  const at = (axis, edges, i, gap) => {
    const [one, other] = [axis.c2p(edges[i]), axis.c2p(edges[i + 1])];
    return [axis._offset + Math.min(one, other) + gap / 2, Math.max(0.1, Math.abs(other - one) - gap)];
  };
  const shapes = [];
  z.forEach((row, j) => {
    const [top, h] = at(down, y, j, trace.ygap ?? 0);
    row.forEach((value, i) => {
      if (value === undefined || value === null || !Number.isFinite(value)) return;
      const [left, w] = at(across, x, i, trace.xgap ?? 0);
      shapes.push(rect(left, top, w, h, colourAt(trace.colorscale, (value - trace.zmin) / (trace.zmax - trace.zmin))));
    });
  });
  return [group(0, 0, shapes, { label: "heat map" })];
}

/** Each run of a text on its own: lines, and what is bold in them. */
function letters(node, opacity) {
  const { a, b } = node.getCTM();
  const place = placing(node);
  const turn = Math.round((Math.atan2(b, a) * 180) / Math.PI);
  const shapes = [];
  const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  let first = 0;
  while (walk.nextNode()) {
    const { data, parentElement } = /** @type {Text} */ (walk.currentNode);
    const from = first + data.length - data.trimStart().length;
    const words = data.trim();
    first += data.length;
    if (!words) continue;
    const style = getComputedStyle(parentElement);
    const size = parseFloat(style.fontSize);
    const start = node.getStartPositionOfChar(from);
    const end = node.getEndPositionOfChar(from + words.length - 1);
    const [share, align] = { start: [0, "left"], middle: [0.5, "center"], end: [1, "right"] }[style.textAnchor];
    const [x, y] = place(start.x + share * (end.x - start.x), start.y - MIDDLE_TO_BASELINE * size);
    const fill = hexOf(style.fill, opacity * Number(style.fillOpacity));
    if (fill) shapes.push(text(x, y, words, fill, { size, align, ...(Number(style.fontWeight) >= BOLD_FROM ? { weight: 700 } : {}), ...(turn ? { turn } : {}) }));
  }
  return shapes;
}
