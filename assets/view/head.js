/** Drawing the head of the view: ideogram with folds and window, ruler, reference bases, genes. Pure: data in, shapes out. */
import { BASES, FOLDS, GENE, INK, MUTED } from "./palette.js";
import { HEIGHTS, nameX } from "./layout.js";
import { formatSpan, makeScale, rulerTicks } from "./scale.js";
import { area, bars, fitText, group, line, rect, text } from "./shapes.js";

const CHEVRON_EVERY = 26; // pixels

/** Join touching windows of one fold, so that the ideogram draws few rectangles. */
export function mergeFolds(folds, chrom, gap) {
  const merged = [];
  const own = folds.filter((window) => window.chrom === chrom).sort((one, other) => one.start - other.start);
  for (const { start, end, fold } of own) {
    const last = merged.at(-1);
    if (last && last.fold === fold && start - last.end <= gap) last.end = Math.max(last.end, end);
    else merged.push({ start, end, fold });
  }
  return merged;
}

/** The folds that a window touches, in the order of their share. @returns {string[]} */
export function foldsIn(folds, { chrom, start, end }) {
  const share = new Map();
  for (const window of folds) {
    if (window.chrom !== chrom) continue;
    const bases = Math.min(end, window.end) - Math.max(start, window.start);
    if (bases > 0) share.set(window.fold, (share.get(window.fold) ?? 0) + bases);
  }
  return [...share].sort((one, other) => other[1] - one[1]).map(([fold]) => fold);
}

/** Scale of the whole chromosome in the ideogram's row. */
export const ideogramScale = (chromosome, layout) =>
  makeScale({ start: 0, end: chromosome.length }, { left: layout.left, width: layout.plotWidth });

export function drawIdeogram({ chromosome, folds, window, layout, row, measure }) {
  const scale = ideogramScale(chromosome, layout);
  const y = row.y + 12;
  const height = 10;
  const ends = { radius: 5 };
  const items = [rect(layout.left, y, layout.plotWidth, height, "#f2f4f7", ends)];
  for (const { start, end, fold } of mergeFolds(folds, chromosome.name, 2 / scale.pixelsPerBase)) {
    const x = scale.toPixel(start);
    const w = Math.max(0.7, scale.toPixel(end) - x);
    const radius = Math.min(w / 2, start <= chromosome.length * 0.005 || end >= chromosome.length * 0.995 ? 5 : 0);
    items.push(rect(x, y, w, height, FOLDS[fold]?.fill ?? "#e6eaef", { radius }));
  }
  items.push(rect(layout.left + 0.5, y + 0.5, layout.plotWidth - 1, height - 1, undefined, { stroke: "#b9c2cc", ...ends }));
  const from = scale.toPixel(window.start);
  const width = Math.max(4, scale.toPixel(window.end) - from);
  const x = Math.min(from, layout.left + layout.plotWidth - width);
  items.push(rect(x, y - 4, width, height + 8, "#1d273322", { stroke: INK, radius: 2 }));
  items.push(
    text(14, y + 5, fitText(chromosome.name, layout.left - 84, measure, 13, 650), INK, { size: 13, weight: 650 }),
    text(layout.left - 10, y + 5, formatSpan(chromosome.length), MUTED, { align: "right" }),
  );
  return group(0, 0, items, { label: `chromosome ${chromosome.name}` });
}

export function drawRuler({ scale, window, layout, row }) {
  const base = row.y + row.height - 0.5;
  const items = [line(layout.left, base, scale.right, base, "#c4ccd5")];
  for (const { x, label } of rulerTicks(scale)) {
    if (x < layout.left || x > scale.right) continue;
    items.push(line(x, base - 5, x, base, "#9aa5b1"));
    if (x - layout.left > 18 && scale.right - x > 18) {
      items.push(text(x, row.y + row.height - 14, label, "#44505c", { align: "center" }));
    }
  }
  items.push(text(layout.left - 10, row.y + row.height - 12, `${formatSpan(window.end - window.start)} shown`, MUTED, { align: "right" }));
  return group(0, 0, items, { label: "ruler" });
}

/** Faint verticals under the rows, at the ruler's ticks. */
export function drawGrid({ scale, top, bottom }) {
  return rulerTicks(scale)
    .filter(({ x }) => x >= scale.left && x <= scale.right)
    .map(({ x }) => line(Math.round(x) + 0.5, top, Math.round(x) + 0.5, bottom, "#f0f2f5"));
}

/** @param {{sequence: {start: number, sequence: string}|null}} view letters need about eight pixels a base */
export function drawBases({ sequence, scale, layout, row }) {
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
  return [
    text(14, row.y + 10, "sequence", MUTED),
    group(0, 0, items, { clip: [layout.left, row.y, layout.plotWidth, row.height], label: "reference bases" }),
  ];
}

export function drawGenes({ packing, scale, layout, row, highlighted }) {
  const items = [];
  const seen = packing.placed.filter(({ gene, nameWidth }) => {
    const x = scale.toPixel(gene.start);
    return Math.max(scale.toPixel(gene.end), x + nameWidth) > scale.left && x < scale.right;
  });
  for (const { gene, lane, named, nameWidth } of seen) {
    const from = scale.toPixel(gene.start);
    const to = scale.toPixel(gene.end);
    const colour = gene.id === highlighted ? "#0067a8" : GENE;
    if (packing.dense) {
      const y = row.y + 5 + lane * HEIGHTS.denseLane;
      items.push(rect(from, y, Math.max(1, to - from - 0.5), 6, lane ? "#8b9bab" : GENE));
      continue;
    }
    const y = row.y + 10 + lane * HEIGHTS.lane;
    items.push(...geneBody(gene, from, to, y, colour, scale));
    if (named) {
      const x = nameX(from, to, nameWidth, scale.left + 2);
      const whole = x >= scale.left && x + nameWidth <= scale.right;
      if (whole) items.push(text(x, y + 12, gene.name, colour, { size: 10.5, weight: 500 }));
    }
  }
  const label = packing.dense
    ? [
        text(14, row.y + 8, "genes +", MUTED),
        text(14, row.y + 8 + HEIGHTS.denseLane, "genes \u2212", MUTED),
        text(layout.left - 10, row.y + 13, "zoom in for names", MUTED, { align: "right", size: 9.5 }),
      ]
    : [text(14, row.y + 12, "genes", MUTED)];
  return [...label, group(0, 0, items, { clip: [layout.left, row.y, layout.plotWidth, row.height], label: "genes" })];
}

/** Introns a line with chevrons, exons boxes, the 3' end a point, the start of transcription a hooked arrow. */
function geneBody(gene, from, to, y, colour, scale) {
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
  exons.forEach(([start, end]) => {
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
