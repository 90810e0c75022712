/**
 * Which rows there are and where: a head that stays (ideogram, ruler, bases, genes) and a body that scrolls (the tracks), made
 * of the kinds of rows in rowkinds.js; and genes packed into lanes so that names never collide.
 */
import { kindOf, rowsOf } from "./rowkinds.js";

/** @typedef {import("./rowkinds.js").Row} Row */
/**
 * @typedef {{head: Row[], body: Row[], headHeight: number, bodyHeight: number, left: number, right: number, plotWidth: number}} Layout
 */

export const HEIGHTS = { ideogram: 34, ruler: 26, bases: 20, lane: 27, denseLane: 11, pair: 36, wide: 54, saliency: 92 };
const GAP = { track: 16, within: 2, unit: 4 }; // the gap above a track holds its scale's top
const NAME_MARGIN = 28; // left and right of a track's name
const MOST_STRETCH = 2.2;
const TALL = 980; // pixels of rows from which they may stretch more: a large screen is looked at from farther off
const NAME_GAP = 10;
const DENSE_PIXELS_PER_GENE = 16;
export const MAX_LANES = 4;

/**
 * Where the plot lies between labels and correlations.
 * @param {{width: number, nameWidth?: number, printed?: {left: number, right: number}|null}} view  nameWidth: of the widest track name, in
 *   pixels; printed: of a picture for print, whose columns are as wide as what stands in them
 */
export function layoutColumns({ width, nameWidth = 0, printed = null }) {
  if (printed) return { left: printed.left, right: printed.right, plotWidth: Math.max(60, width - printed.left - printed.right) };
  const [least, most] = width < 820 ? [132, 160] : [164, 230];
  const left = Math.round(Math.max(least, Math.min(most, nameWidth + NAME_MARGIN)));
  const right = width < 820 ? 104 : 128; // an r with the number of its bins
  return { left, right, plotWidth: Math.max(60, width - left - right) };
}

/**
 * @param {import("./rowkinds.js").Needs & {width: number, height?: number, nameWidth?: number}} needs
 * @returns {Layout}
 */
export function layoutRows(needs) {
  const { tracks, height = 0 } = needs;
  const head = rowsOf("head", needs);
  let y = 0;
  for (const row of head) {
    Object.assign(row, { y, height: kindOf(row).height(row, needs) });
    y += row.height;
  }
  const headHeight = y;

  const groups = [rowsOf("top", needs), ...tracks.map((track) => rowsOf("track", needs, track)), rowsOf("bottom", needs)].filter((rows) => rows.length > 0);
  const stretch = stretchOf(groups, needs, height - headHeight);
  y = GAP.track;
  for (const rows of groups) {
    rows.forEach((row, index) => {
      const natural = kindOf(row).height(row, needs);
      Object.assign(row, { y, height: kindOf(row).stretches(row, needs) ? Math.round(natural * stretch) : natural });
      y += row.height + (index === rows.length - 1 ? GAP.track : row.last ? GAP.unit : GAP.within);
    });
  }
  return { head, body: groups.flat(), headHeight, bodyHeight: y, ...layoutColumns(needs) };
}

/** Few tracks in a tall window are drawn taller, up to a limit. */
function stretchOf(groups, needs, available) {
  let rows = 0;
  let gaps = GAP.track;
  for (const group of groups) {
    const elastic = group.filter((row) => kindOf(row).stretches(row, needs));
    rows += elastic.reduce((sum, row) => sum + kindOf(row).height(row, needs), 0);
    gaps += GAP.track + Math.max(0, elastic.length - 1) * GAP.within;
  }
  const most = MOST_STRETCH * Math.max(1, available / TALL);
  return rows === 0 ? 1 : Math.max(1, Math.min(most, (available - gaps) / rows));
}

/**
 * Pack genes into lanes by their extent in pixels from base 0, so that lanes stay put while the window is dragged.
 * A gene's name is written under its body, from the body's start; a gene that fits nowhere with its name loses the name.
 *
 * @param {{name: string, start: number, end: number, strand: string}[]} genes
 * @param {number} pixelsPerBase
 * @param {(name: string) => number} measure width of a name in pixels
 * @returns {{placed: {gene: any, lane: number, named: boolean, nameWidth: number}[], lanes: number, dense: boolean}}
 */
export function packGenes(genes, pixelsPerBase, measure, maxLanes = MAX_LANES) {
  const sorted = [...genes].sort((one, other) => one.start - other.start || one.end - other.end);
  if (sorted.length > 8) {
    const pixels = (Math.max(...sorted.map((gene) => gene.end)) - sorted[0].start) * pixelsPerBase;
    if (pixels / sorted.length < DENSE_PIXELS_PER_GENE) {
      const placed = sorted.map((gene) => ({ gene, lane: gene.strand === "-" ? 1 : 0, named: false, nameWidth: 0 }));
      return { placed, lanes: 2, dense: true };
    }
  }
  const bodyEnds = [];
  const nameEnds = [];
  const placed = [];
  for (const gene of sorted) {
    const from = gene.start * pixelsPerBase;
    const to = gene.end * pixelsPerBase;
    const nameWidth = measure(gene.name);
    const nameEnd = from + nameWidth;
    let lane = 0;
    while (lane < maxLanes && !(from >= (bodyEnds[lane] ?? -Infinity) && from >= (nameEnds[lane] ?? -Infinity))) lane += 1;
    const named = lane < maxLanes;
    if (!named) {
      lane = 0;
      while (lane < maxLanes - 1 && from < bodyEnds[lane]) lane += 1;
    }
    bodyEnds[lane] = Math.max(bodyEnds[lane] ?? -Infinity, to + 3);
    if (named) nameEnds[lane] = Math.max(nameEnd, to) + NAME_GAP;
    placed.push({ gene, lane, named, nameWidth });
  }
  return { placed, lanes: Math.max(1, bodyEnds.length), dense: false };
}

/** Where a gene's name begins: at its body's start, following the left edge of the view while the body lasts. */
export function nameX(bodyStart, bodyEnd, nameWidth, viewLeft) {
  return Math.max(bodyStart, Math.min(viewLeft, Math.max(bodyStart, bodyEnd - nameWidth)));
}

/** Where each track's rows begin and end in the body, in order. @param {Layout} layout @returns {{id: string, top: number, bottom: number}[]} */
export function trackSpans({ body }) {
  const spans = new Map();
  for (const { track, y, height } of body) {
    if (!track) continue;
    const span = spans.get(track.id) ?? { id: track.id, top: y, bottom: y };
    span.bottom = y + height;
    spans.set(track.id, span);
  }
  return [...spans.values()];
}
