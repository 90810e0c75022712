/**
 * The drawing list: what to draw, as plain data. canvas.js paints it, svg.js writes it, tests read it.
 * Coordinates are CSS pixels from the top left corner.
 */

/**
 * @typedef {{op: "rect", x: number, y: number, w: number, h: number, fill?: string, stroke?: string, radius?: number}} Rect
 * @typedef {{op: "bars", rects: number[], fill: string}} Bars  x, y, w, h of each, flat
 * @typedef {{op: "path", points: number[], fill?: string, stroke?: string, width?: number, closed: boolean, opacity?: number, steps?: boolean}} Path
 *   x, y of each point, flat; steps: the outline of bars on one baseline, as `stepOutline` gives it
 * @typedef {{op: "outline", d: string, fill?: string, stroke?: string, width?: number}} Outline
 *   path data of M, L, C and Z in capitals; filled by the even-odd rule, so that a hole is an outline in an outline
 * @typedef {{op: "line", x1: number, y1: number, x2: number, y2: number, stroke: string, width?: number, dash?: number[]}} Line
 * @typedef {{op: "text", x: number, y: number, text: string, fill: string, size: number, weight?: number,
 *   align?: "left"|"center"|"right", halo?: string, turn?: number, italic?: boolean, isTitle?: boolean}} Text  y is the middle of the line; turn: degrees clockwise about x, y
 * @typedef {{op: "hatch", x: number, y: number, w: number, h: number, ground: string, stripe: string}} Hatch
 * @typedef {{op: "group", x: number, y: number, clip?: [number, number, number, number], label?: string, items: Shape[]}} Group
 *   clip is in the group's own coordinates
 * @typedef {Rect|Bars|Path|Outline|Line|Text|Hatch|Group} Shape
 */

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** From the middle of a line of text down to where its letters stand, by their size: so on every machine, on canvas, in SVG and in PDF. */
export const MIDDLE_TO_BASELINE = 0.31;

/** @returns {Rect} */
export const rect = (x, y, w, h, fill, more = {}) => ({ op: "rect", x, y, w, h, fill, ...more });
/** @returns {Bars} */
export const bars = (rects, fill) => ({ op: "bars", rects, fill });
/** @returns {Path} */
export const area = (points, fill, more = {}) => ({ op: "path", points, fill, closed: true, ...more });
/** Bars side by side, by the outline of their steps. @returns {Path} */
export const steps = (points, fill) => ({ op: "path", points, fill, closed: true, steps: true });
/** @returns {Path} */
export const stroke = (points, colour, width, more = {}) => ({
  op: "path",
  points,
  stroke: colour,
  width,
  closed: false,
  ...more,
});
/** @returns {Line} */
export const line = (x1, y1, x2, y2, colour, more = {}) => ({ op: "line", x1, y1, x2, y2, stroke: colour, ...more });
/** @returns {Text} */
export const text = (x, y, words, fill, more = {}) => ({ op: "text", x, y, text: words, fill, size: 11, ...more });
/** @returns {Hatch} */
export const hatch = (x, y, w, h, { ground, stripe }) => ({ op: "hatch", x, y, w, h, ground, stripe });
/** @returns {Group} */
export const group = (x, y, items, more = {}) => ({ op: "group", x, y, items, ...more });

/** Cut a text with an ellipsis so that it fits a width. @param {(text: string, size: number, weight?: number) => number} measure */
export function fitText(words, width, measure, size, weight = undefined) {
  if (measure(words, size, weight) <= width) return words;
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${words.slice(0, middle).trimEnd()}\u2026`, size, weight) <= width) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? `${words.slice(0, low).trimEnd()}\u2026` : "";
}
