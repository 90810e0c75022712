/**
 * Which rows there are and where: a fixed head (ideogram, ruler, bases, genes) and a scrolling body (tracks, saliency);
 * and genes packed into lanes so that names never collide.
 */

/** @typedef {"pair"|"overlay"|"residual"} Mode */
/**
 * @typedef {{kind: "ideogram"|"ruler"|"bases"|"genes"|"experiment"|"prediction"|"overlay"|"residual"|"saliency",
 *   key: string, y: number, height: number, track?: any, first?: boolean, last?: boolean, name: string}} Row
 * @typedef {{head: Row[], body: Row[], headHeight: number, bodyHeight: number, left: number, right: number, plotWidth: number}} Layout
 */

export const HEIGHTS = { ideogram: 34, ruler: 26, bases: 20, lane: 27, denseLane: 11, pair: 36, wide: 54, saliency: 92 };
const GAP = { track: 16, within: 2 }; // the gap above a track holds its scale's top
const NAME_MARGIN = 28; // left and right of a track's name
const MOST_STRETCH = 1.6;
const NAME_GAP = 10;
const DENSE_PIXELS_PER_GENE = 16;
export const MAX_LANES = 4;

/**
 * @param {{tracks: any[], mode: Mode, saliencyTrack: string|null, geneLanes: number, denseGenes: boolean, showBases: boolean, width: number,
 *   height?: number, nameWidth?: number}} view  nameWidth: of the widest track name, in pixels
 * @returns {Layout}
 */
export function layoutRows({ tracks, mode, saliencyTrack, geneLanes, denseGenes, showBases, width, height = 0, nameWidth = 0 }) {
  const [least, most] = width < 820 ? [132, 160] : [164, 230];
  const left = Math.round(Math.max(least, Math.min(most, nameWidth + NAME_MARGIN)));
  const right = width < 820 ? 92 : 108;
  const head = [];
  let y = 0;
  const addHead = (kind, height, name) => {
    head.push({ kind, key: kind, y, height, name });
    y += height;
  };
  addHead("ideogram", HEIGHTS.ideogram, "chromosome");
  addHead("ruler", HEIGHTS.ruler, "ruler");
  if (showBases) addHead("bases", HEIGHTS.bases, "reference bases");
  addHead("genes", Math.max(1, geneLanes) * (denseGenes ? HEIGHTS.denseLane : HEIGHTS.lane) + 8, "genes");
  const headHeight = y;

  const body = [];
  const stretch = stretchOf(tracks, mode, height - headHeight);
  y = GAP.track;
  for (const track of tracks) {
    const kinds = rowKinds(track, mode);
    kinds.forEach((kind, index) => {
      const height = Math.round(naturalHeight(kind) * stretch);
      const first = index === 0;
      const last = index === kinds.length - 1;
      body.push({ kind, key: `${track.id}/${kind}`, y, height, track, first, last, name: `${kind} of ${track.name}` });
      y += height + (last ? 0 : GAP.within);
    });
    if (saliencyTrack === track.id) {
      y += 4;
      body.push({
        kind: "saliency",
        key: `${track.id}/saliency`,
        y,
        height: HEIGHTS.saliency,
        track,
        first: true,
        last: true,
        name: `saliency of ${track.name}`,
      });
      y += HEIGHTS.saliency;
    }
    y += GAP.track;
  }
  return { head, body, headHeight, bodyHeight: y, left, right, plotWidth: Math.max(60, width - left - right) };
}

const naturalHeight = (kind) => (kind === "overlay" || kind === "residual" ? HEIGHTS.wide : HEIGHTS.pair);

/** Few tracks in a tall window are drawn taller, up to a limit. */
function stretchOf(tracks, mode, available) {
  const kinds = tracks.flatMap((track) => rowKinds(track, mode));
  if (kinds.length === 0) return 1;
  const rows = kinds.reduce((sum, kind) => sum + naturalHeight(kind), 0);
  const gaps = (tracks.length + 1) * GAP.track + (kinds.length - tracks.length) * GAP.within;
  return Math.max(1, Math.min(MOST_STRETCH, (available - gaps) / rows));
}

function rowKinds(track, mode) {
  if (mode !== "pair") return [mode];
  const kinds = [];
  if (track.has_experiment) kinds.push("experiment");
  if (track.has_prediction) kinds.push("prediction");
  return kinds.length ? kinds : ["prediction"];
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
