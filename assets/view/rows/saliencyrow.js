/** The row of a saliency: signed bars, context shaded, what the chromosome's end cut off greyed; a click mutates a bar's bases. */
import { HEIGHTS } from "./layout.js";
import { BASELINE, CHOSEN, CONTEXT, DOUBTED, GROUND, INK, MUTED, NEGATIVE, NEGATIVE_INK, NO_DATA, PLOT, POSITIVE, SHADE, TARGET } from "../../ui/palette.js";
import { textLines, wrapText } from "../draw/printed.js";
import { registerRowKind } from "./rowkinds.js";
import { around, formatPosition, formatSpan, formatValue, wholeBases } from "../../ui/scale.js";
import { area, bars, fitText, hatch, line, rect, text } from "../draw/shapes.js";
import { saliencyKey } from "../data/saliency.js";
import { tracksOf } from "../state/contrast.js";
import { saliencyNote } from "./rownotes.js";

const TITLE_HEIGHT = 20;
const MUTATED_BASES = 200;

/** The plot below the title. */
const frame = (row) => {
  const top = row.y + TITLE_HEIGHT;
  const height = row.height - TITLE_HEIGHT;
  return { top, height, middle: top + height / 2 };
};

/** @param {{row: any, saliency: any, scale: any, layout: any, chromosome: {length: number}}} what */
export function saliencyPlot({ row, saliency, scale, layout, chromosome }) {
  const { top, height, middle } = frame(row);
  const { left, plotWidth } = layout;
  const chromLength = chromosome.length;
  /** @type {import("../draw/shapes.js").Shape[]} */ 
  const inside = [rect(left, top, plotWidth, height, PLOT)];
  if (saliency.status === "ready") {
    const { result } = saliency;
    const { context, target, truncated } = result;
    const from = scale.toPixel(Math.max(0, context.start));
    const to = scale.toPixel(Math.min(chromLength, context.end));
    inside.push(rect(from, top, to - from, height, CONTEXT));
    inside.push(...cutContext({ truncated, scale, layout, top, height, chromLength, context }));
    const targetX = scale.toPixel(target.start);
    const targetWidth = Math.max(2, scale.toPixel(target.end) - targetX);
    inside.push(rect(targetX, top, targetWidth, height, SHADE));
    inside.push(line(left, middle, left + plotWidth, middle, BASELINE));
    inside.push(...signedBars(result, scale, middle, height / 2 - 3));
    inside.push(area([targetX + targetWidth / 2 - 5, top, targetX + targetWidth / 2 + 5, top, targetX + targetWidth / 2, top + 7], TARGET));
    if (to < left || from > left + plotWidth) {
      inside.push(text(left + plotWidth / 2, middle, `computed around ${formatPosition(result.chrom, target.start)}, outside this window`, MUTED, { align: "center" }));
    }
  }
  return inside;
}

/** What a saliency is of, over its plot; on paper it is not cut but begins at the left edge. */
function title(words, { x, y, width, measure, printed }) {
  const more = { size: 12, weight: 600, isTitle: true };
  if (!printed || measure(words, 12, 600) <= width) return [text(x, y, fitText(words, width, measure, 12, 600), INK, more)];
  const lines = wrapText(words, width + x, measure, 12, 600);
  return textLines(lines, 14, y - ((lines.length - 1) / 2) * 13, 13, INK, more);
}

/** @param {{row: any, saliency: any, scale?: any, layout: any, measure: Function, active: boolean, printed?: any}} what */
export function saliencyLabel({ row, saliency, scale, layout, measure, active, printed = null }) {
  const { top, height, middle } = frame(row);
  const { left, plotWidth } = layout;
  /** @type {import("../draw/shapes.js").Shape[]} */ 
  const labels = [rect(4, top, 3, height, MUTED)];
  if (active) labels.unshift(rect(0.5, top - 3, left - 6, height + 6, CHOSEN, { radius: 4 }));
  labels.push(
    ...title(saliency.title, { x: left, y: row.y + 9, width: plotWidth + (printed ? layout.right : 0) - 40, measure, printed }),
    text(14, middle - 16, "saliency", INK, { size: 12, weight: 600 }),
    text(14, middle, "blue: raises", POSITIVE, { size: 10.5 }),
    text(14, middle + 14, "orange: lowers", NEGATIVE_INK, { size: 10.5 }),
  );
  if (saliency.result?.said) labels.push(text(14, middle + 28, "grey: in doubt", MUTED, { size: 10.5 }));
  if (saliency.status === "ready") {
    const largest = saliencyScale(saliency.result, scale);
    const { unit } = saliency.track;
    // Not of the plot, which may be too narrow for a unit on paper.
    if (largest > 0) labels.push(text(left + 4, top + 7, `\u00b1${formatValue(largest)}${unit ? ` (${unit})` : ""}`, MUTED, { size: 9.5, halo: GROUND, isTitle: true }));
    labels.push(text(left + plotWidth + 12, middle - 8, "context", MUTED, { size: 10.5 }));
    labels.push(text(left + plotWidth + 12, middle + 6, formatSpan(saliency.result.context.end - saliency.result.context.start), MUTED, { size: 10.5 }));
  }
  return labels;
}

/** The largest |saliency| in view. */
export function saliencyScale(result, scale) {
  const first = Math.max(0, Math.floor((scale.start - result.start) / result.bin));
  const last = Math.min(result.values.length, Math.ceil((scale.end - result.start) / result.bin));
  let largest = 0;
  for (let i = first; i < last; i += 1) largest = Math.max(largest, Math.abs(result.values[i]));
  return largest;
}

function signedBars(result, scale, middle, half) {
  const largest = saliencyScale(result, scale);
  if (!(largest > 0)) return [];
  const raising = [];
  const lowering = [];
  const doubted = [];
  const width = result.bin * scale.pixelsPerBase;
  const gap = width > 4 ? 1 : 0;
  result.values.forEach((value, i) => {
    const x = scale.toPixel(result.start + i * result.bin);
    if (x + width < scale.left || x > scale.right || !value) return;
    const h = (Math.abs(value) / largest) * half;
    const kind = result.said?.known[i] === false ? doubted : value > 0 ? raising : lowering;
    kind.push(x, value > 0 ? middle - h : middle, Math.max(0.8, width - gap), h);
  });
  return [bars(raising, POSITIVE), bars(lowering, NEGATIVE), ...(doubted.length ? [bars(doubted, DOUBTED)] : [])];
}

function cutContext({ truncated, scale, layout, top, height, chromLength, context }) {
  const items = [];
  const wide = (bp) => Math.min(90, Math.max(14, bp * scale.pixelsPerBase));
  if (truncated.left > 0 && scale.toPixel(0) >= layout.left - 1) {
    const x = scale.toPixel(Math.max(0, context.start));
    items.push(hatch(x, top, wide(truncated.left), height, NO_DATA));
    items.push(text(x + 6, top + height - 8, `context cut: ${formatSpan(truncated.left)} beyond the end`, MUTED, { size: 10, halo: GROUND }));
  }
  if (truncated.right > 0 && scale.toPixel(chromLength) <= layout.left + layout.plotWidth + 1) {
    const x = scale.toPixel(Math.min(chromLength, context.end));
    items.push(hatch(x - wide(truncated.right), top, wide(truncated.right), height, NO_DATA));
    items.push(text(x - 6, top + height - 8, `context cut: ${formatSpan(truncated.right)} beyond the end`, MUTED, { size: 10, align: "right", halo: GROUND }));
  }
  return items;
}

/** The saliency of a row: the newest, or one before it. */
const saliencyOf = (row, { saliency, earlier }) => (row.earlier ? (earlier.get(row.earlier) ?? null) : saliency);

/** Whether a saliency is drawn on this chromosome, so that its bars can be clicked. */
function hasBars(row, scene) {
  const saliency = saliencyOf(row, scene);
  return saliency?.status === "ready" && saliency.result.chrom === scene.window.chrom;
}

/** The 200 bases around the middle of the bar at a base, asked of the bar's target. */
function mutagenesisAt(base, saliency, { chromosome }) {
  const { result, target } = saliency;
  const bin = Math.floor((base - result.start) / result.bin);
  if (bin < 0 || bin >= result.values.length) return null;
  const { start, end } = wholeBases(around(chromosome, result.start + (bin + 0.5) * result.bin, MUTATED_BASES));
  return { track: result.track, chrom: result.chrom, start, end, target: target.position };
}

/** Where the strongest bar in view begins; of all, where none is. */
function strongestBar(row, scene) {
  if (!hasBars(row, scene)) return null;
  const { values, start, bin } = saliencyOf(row, scene).result;
  const { window } = scene;
  const begins = values.map((_, i) => start + i * bin);
  const inView = begins.filter((base) => base + bin > window.start && base < window.end);
  const strength = (base) => Math.abs(values[(base - start) / bin]);
  return (inView.length ? inView : begins).reduce((best, base) => (strength(base) > strength(best) ? base : best));
}

registerRowKind({
  kind: "saliency",
  place: "track",
  order: 10,
  rows({ state }, track) {
    const isUnder = (target) => tracksOf(target.track)[0] === track.id;
    const what = (target) => (target.track === track.id ? `saliency of ${track.name}` : `saliency of ${track.name} over another track`);
    const newest = state.saliency && isUnder(state.saliency) ? [{ name: what(state.saliency) }] : [];
    const before = (state.earlier ?? []).filter(isUnder).map((target) => {
      const earlier = saliencyKey(target);
      return { earlier, key: `${track.id}/saliency/${earlier}`, name: `${what(target)} at ${formatPosition(target.chrom, target.position)}` };
    });
    return [...newest, ...before];
  },
  height: () => HEIGHTS.saliency,
  plot: (row, scene) => (saliencyOf(row, scene) ? saliencyPlot({ ...scene, row, saliency: saliencyOf(row, scene) }) : []),
  label: (row, scene) => (saliencyOf(row, scene) ? saliencyLabel({ ...scene, row, saliency: saliencyOf(row, scene), active: row.key === scene.activeRow }) : []),
  note: (row, scene, { base, side }) => (side === "plot" && hasBars(row, scene) ? saliencyNote({ result: saliencyOf(row, scene).result, base, chrom: scene.window.chrom, unit: saliencyOf(row, scene).track.unit, length: scene.chromosome.length }) : null),
  isClickable: hasBars,
  click(row, scene, { base }) {
    const mutagenesis = mutagenesisAt(base, saliencyOf(row, scene), scene);
    if (mutagenesis) scene.change({ mutagenesis });
  },
  explained: strongestBar,
  series(row, scene) {
    if (!hasBars(row, scene)) return [];
    const { result, track } = saliencyOf(row, scene);
    return [{ name: `${track.name}: saliency`, track: row.track, start: result.start, binBp: result.bin, values: result.values }];
  },
});
