/** The rows of the head below the ideogram: ruler, reference bases, genes. */
import { AXIS, BASES, FOLD_FILLS, GENE, GENE_REVERSE, GRID, MUTED, TICK, TICK_INK } from "../../ui/palette.js";
import { mergeFolds } from "./folds.js";
import { HEIGHTS, nameX } from "./layout.js";
import { awaited } from "./awaited.js";
import { registerRowKind } from "./rowkinds.js";
import { formatNumber, formatPosition, formatSpan, rulerTicks } from "../../ui/scale.js";
import { area, bars, line, rect, text } from "../draw/shapes.js";
import { geneNote, NO_MODEL } from "./rownotes.js";

const CHEVRON_EVERY = 26; // pixels
const STRIP = 4; // pixels of fold along the ruler

export function rulerPlot({ scale, layout, row, folds, measure }) {
  const base = row.y + row.height - 0.5;
  /** @type {import("../draw/shapes.js").Shape[]} */ 
  const items = [...foldStrip({ scale, folds, y: base - STRIP }), line(layout.left, base, scale.right, base, AXIS)];
  for (const { x, label } of ticksOf(scale, measure)) {
    if (x < layout.left || x > scale.right) continue;
    items.push(line(x, base - STRIP - 3, x, base, TICK));
    const half = measure(label, 11) / 2;
    if (x - half >= layout.left && x + half <= scale.right) {
      items.push(text(x, row.y + row.height - 14, label, TICK_INK, { align: "center" }));
    }
  }
  return items;
}

/** The folds of the window, along the ruler's line. */
export const foldStrip = ({ scale, folds, y }) =>
  mergeFolds(folds.filter(({ start, end }) => end > scale.start && start < scale.end), 1 / scale.pixelsPerBase)
    .map(({ start, end, fold }) => ({ fold, from: Math.max(scale.left, scale.toPixel(start)), to: Math.min(scale.right, scale.toPixel(end)) }))
    .map(({ fold, from, to }) => rect(from, y, to - from, STRIP, FOLD_FILLS[fold] ?? FOLD_FILLS.none));

const BESIDE = 104; // pixels that the button of regions takes in the ruler's label

const rulerLabel = ({ window, layout, row, measure, printed }) => {
  const span = formatSpan(window.end - window.start);
  const words = !printed && measure(`${span} shown`, 11) <= layout.left - BESIDE ? `${span} shown` : span;
  return [text(layout.left - 10, row.y + row.height - 12, words, MUTED, { align: "right" })];
};

const NARROW = 480; // pixels of a plot in which coordinates stand as close as they can

/** A narrow plot has coordinates, too: at least two of them, where they fit. */
const ticksOf = (scale, measure) => (scale.width < NARROW ? rulerTicks(scale, Math.min(scale.width / 3, measure(formatNumber(scale.end), 11) + 8)) : rulerTicks(scale));

/** Faint verticals under the rows, at the ruler's ticks. */
export function drawGrid({ scale, measure, top, bottom }) {
  return ticksOf(scale, measure)
    .filter(({ x }) => x >= scale.left && x <= scale.right)
    .map(({ x }) => line(Math.round(x) + 0.5, top, Math.round(x) + 0.5, bottom, GRID));
}

/** @param {{sequence: {start: number, sequence: string}|null, scale: any, row: any}} view letters need about eight pixels a base */
export function basesPlot({ sequence, scale, row }) {
  const items = [];
  if (sequence) {
    const from = Math.max(0, Math.floor(scale.start) - sequence.start);
    const to = Math.min(sequence.sequence.length, Math.ceil(scale.end) - sequence.start);
    for (let i = from; i < to; i += 1) {
      const letter = sequence.sequence[i].toUpperCase();
      const x = scale.toPixel(sequence.start + i);
      items.push(
        text(x + scale.pixelsPerBase / 2, row.y + 10, letter, BASES[letter] ?? BASES.N, {
          size: Math.min(13, scale.pixelsPerBase + 3),
          weight: 700,
          align: "center",
        }),
      );
    }
  }
  return items;
}

export function genesPlot(scene) {
  const { packing, scale, row, genes, printed = null } = scene;
  const items = [];
  const seen = packing.placed.filter(({ gene, nameWidth }) => {
    const x = scale.toPixel(gene.start);
    return Math.max(scale.toPixel(gene.end), x + nameWidth) > scale.left && x < scale.right;
  });
  for (const { gene, lane, named, nameWidth } of seen) {
    const from = scale.toPixel(gene.start);
    const to = scale.toPixel(gene.end);
    if (packing.dense) {
      const y = row.y + 5 + lane * HEIGHTS.denseLane;
      items.push(rect(from, y, Math.max(1, to - from - 0.5), 6, lane ? GENE_REVERSE : GENE));
      continue;
    }
    const y = row.y + 10 + lane * HEIGHTS.lane;
    items.push(...geneBody(gene, from, to, y, scale));
    if (named) {
      const x = nameX(from, to, nameWidth, scale.left + 2);
      const whole = x >= scale.left && x + nameWidth <= scale.right;
      if (whole) items.push(text(x, y + 12, gene.name, GENE, { size: 10.5, weight: 500, ...(printed?.italic ? { italic: true } : {}) }));
    }
  }
  const coming = awaited(genes?.asked ?? null, scene, { y: row.y + 3, height: row.height - 8 }, "loading genes");
  if (coming.length) return [...items, ...coming];
  if (items.length === 0) items.push(text((scale.left + scale.right) / 2, row.y + 12, "no gene here", MUTED, { size: 10.5, align: "center" }));
  return items;
}

const genesLabel = ({ packing, layout, row }) =>
  packing.dense
    ? [
        text(14, row.y + 8, "genes +", MUTED),
        text(14, row.y + 8 + HEIGHTS.denseLane, "genes \u2212", MUTED),
        text(layout.left - 10, row.y + 13, "zoom in for names", MUTED, { align: "right", size: 9.5 }),
      ]
    : [text(14, row.y + 12, "genes", MUTED)];

/** Introns a line with chevrons, exons boxes, the 3' end a point, the start of transcription a hooked arrow. */
function geneBody(gene, from, to, y, scale) {
  const colour = GENE;
  const forward = gene.strand !== "-";
  const width = to - from;
  const items = [];
  const half = 4;
  const exons = gene.exons?.length ? gene.exons : [[gene.start, gene.end]];
  if (exons.length > 1 || exons[0][0] > gene.start || exons[0][1] < gene.end) {
    items.push(line(from, y, to, y, colour));
    const step = forward ? 2.5 : -2.5;
    const first = Math.max(from + CHEVRON_EVERY / 2, scale.left - (((scale.left - from) % CHEVRON_EVERY) + CHEVRON_EVERY) % CHEVRON_EVERY);
    for (let x = first; x < Math.min(to, scale.right); x += CHEVRON_EVERY) {
      items.push({ op: "path", points: [x - step, y - 3, x + step, y, x - step, y + 3], stroke: colour, width: 1, closed: false });
    }
  }
  const tip = Math.min(5, width / 2);
  const plain = [];
  thickAndThin(exons, gene.coding ?? []).forEach(([start, end, isThin]) => {
    if (isThin) {
      const x = scale.toPixel(start);
      plain.push(x, y - half / 2, Math.max(1, scale.toPixel(end) - x), half);
      return;
    }
    const x = scale.toPixel(start);
    const w = Math.max(1, scale.toPixel(end) - x);
    const pointed = gene.strand === "." ? false : forward ? end === gene.end : start === gene.start;
    if (!pointed || w < 3) plain.push(x, y - half, w, half * 2);
    else if (forward) items.push(area([x, y - half, x + w - tip, y - half, x + w, y, x + w - tip, y + half, x, y + half], colour));
    else items.push(area([x + w, y - half, x + tip, y - half, x, y, x + tip, y + half, x + w, y + half], colour));
  });
  if (plain.length) items.push(bars(plain, colour));
  if (width > 24) {
    const direction = forward ? 1 : -1;
    for (const tss of gene.tss ?? []) {
      const x = scale.toPixel(tss + 0.5);
      const elbow = y - 8;
      const tipX = x + 7 * direction;
      items.push(
        { op: "path", points: [x, y - half, x, elbow, tipX, elbow], stroke: colour, width: 1.2, closed: false },
        area([tipX, elbow - 2.6, tipX + 4 * direction, elbow, tipX, elbow + 2.6], colour),
      );
    }
  }
  return items;
}

/**
 * Exons cut where translation begins and ends: [start, end, whether it is untranslated]; without coding sequence none is.
 * @param {[number, number][]} exons @param {[number, number][]} coding
 */
export function thickAndThin(exons, coding) {
  if (coding.length === 0) return exons.map(([start, end]) => [start, end, false]);
  const [from, to] = [coding[0][0], coding.at(-1)[1]];
  return exons.flatMap(([start, end]) =>
    [[start, Math.min(end, from), true], [Math.max(start, from), Math.min(end, to), false], [Math.max(start, to), end, true]].filter(([first, last]) => first < last),
  );
}

/** The gene whose body or name lies at a place of the genes row. */
export function geneAt({ packing, scale }, row, { y, base }) {
  const lane = Math.floor((y - row.y - 2) / (packing.dense ? HEIGHTS.denseLane : HEIGHTS.lane));
  const slack = 2 / scale.pixelsPerBase;
  const found = packing.placed.find(({ gene, lane: own, nameWidth }) => {
    const end = Math.max(gene.end, gene.start + nameWidth / scale.pixelsPerBase);
    return own === lane && base >= gene.start - slack && base <= end + slack;
  });
  return found?.gene ?? null;
}

// The kinds of rows -----------------------------------------------------------------------------------------------------

const positionNote = (_, { window }, { base, side }) => (side === "plot" ? { title: formatPosition(window.chrom, base), lines: [] } : null);

registerRowKind({
  kind: "ruler",
  place: "head",
  order: 10,
  rows: () => [{ name: "ruler" }],
  height: () => HEIGHTS.ruler,
  plot: (row, scene) => rulerPlot({ ...scene, row }),
  label: (row, scene) => rulerLabel({ ...scene, row }),
  note: positionNote,
});

registerRowKind({
  kind: "bases",
  place: "head",
  order: 20,
  rows: ({ showBases }) => (showBases ? [{ name: "reference bases" }] : []),
  height: () => HEIGHTS.bases,
  plot: (row, scene) => basesPlot({ ...scene, row }),
  label: (row) => [text(14, row.y + 10, "sequence", MUTED)],
  note(row, scene, at) {
    const note = positionNote(row, scene, at);
    return note && scene.project.has_model ? { ...note, hint: "Click: change this base" } : note;
  },
  isClickable: (_, { project }) => Boolean(project.has_model),
  refusal: (_, { project }) => (project.has_model ? null : NO_MODEL),
  click: (_, { window, offerBase }, { x, y, base }) => offerBase(window.chrom, Math.floor(base), { x, y }),
});

registerRowKind({
  kind: "genes",
  place: "head",
  order: 30,
  rows: () => [{ name: "genes" }],
  height: (_, { geneLanes, denseGenes }) => Math.max(1, geneLanes) * (denseGenes ? HEIGHTS.denseLane : HEIGHTS.lane) + 8,
  plot: (row, scene) => genesPlot({ ...scene, row }),
  label: (row, scene) => (scene.genes ? genesLabel({ ...scene, row }) : []),
  note(row, scene, at) {
    const gene = at.side === "plot" && geneAt(scene, row, at);
    return gene ? geneNote(gene, scene.window.chrom) : positionNote(row, scene, at);
  },
  isClickable: (row, scene, at) => Boolean(geneAt(scene, row, at)),
  click: (row, scene, at) => scene.openGene(geneAt(scene, row, at), at),
});
