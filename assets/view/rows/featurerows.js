/**
 * Features of one's own BED and VCF files: asked for by window, packed into lanes, drawn as boxes with names and as ticks.
 * Where there are more than can be drawn, the server counts them, and the counts are drawn.
 */
import { getJson, wasAborted } from "../../ui/api.js";
import { BASELINE, GROUND, INK, MUTED, tint } from "../../ui/palette.js";
import { formatNumber, formatRegion, formatValue, wholeBases } from "../../ui/scale.js";
import { area, line, rect, text } from "../draw/shapes.js";
import { widened } from "../data/signals.js";

/** @typedef {import("../../ui/scale.js").Region} Region */
/** @typedef {{start: number, end: number, name?: string, score?: number, strand?: string, color?: string, blocks?: number[][], summit?: number, ref?: string, alt?: string, problem?: string}} Feature */
/** @typedef {{kind: "bed"|"vcf", total: number, features?: Feature[], counts?: number[], start?: number, bin_bp?: number, asked: Region}} Features */

const OVERSCAN = 1; // windows a side that are asked for
const MARGIN = 0.2; // and that must be at hand before more is asked for
const SHARPER = 4; // counts are asked for again when so many times more can be seen of them
export const LANES = 3;
export const LANE = 16;
const BOX = 9;
const NAME_SIZE = 10;
const NAME_GAP = 4;
const LEAST = 1.5; // pixels of the smallest box

export class FeatureCache {
  // What it is made with.
  id;
  onChange;
  onError;
  fetchJson;

  /** @param {string} id of the file @param {{onChange: () => void, onError: (error: Error) => void, fetchJson?: typeof getJson}} options */
  constructor(id, { onChange, onError, fetchJson = getJson }) {
    Object.assign(this, { id, onChange, onError, fetchJson });
    /** @type {Features|null} */
    this.value = null;
    this.asked = null;
    this.problem = "";
  }

  get isCurrent() {
    return this.problem !== "" || (this.asked !== null && this.value?.asked === this.asked);
  }

  /** @returns {Features|null} */
  on(chrom) {
    return this.value?.asked.chrom === chrom ? this.value : null;
  }

  /** Ask for what a window needs and is not at hand. @param {Region} window @param {number} pixels @param {number} length of the chromosome */
  ensure(window, pixels, length) {
    const wanted = widened(window, MARGIN, length);
    const { asked } = this;
    const covered = asked && asked.chrom === wanted.chrom && asked.start <= wanted.start && asked.end >= wanted.end;
    const isBlurred = this.value?.counts && this.value.asked === asked && (asked.end - asked.start) / (window.end - window.start) > SHARPER;
    if (this.problem || (covered && !isBlurred)) return;
    this.abort?.abort();
    this.abort = new AbortController();
    const question = wholeBases(widened(window, OVERSCAN, length));
    this.asked = question;
    this.fetchJson(`uploads/${this.id}/features`, { ...question, pixels: Math.max(1, Math.min(16_384, Math.round(pixels * (1 + 2 * OVERSCAN)))) }, this.abort.signal)
      .then((answer) => {
        this.value = { ...answer, asked: question };
        this.onChange();
      })
      .catch((error) => {
        if (wasAborted(error)) return;
        if (error.status === 404) this.problem = error.message;
        else if (this.asked === question) this.asked = null;
        this.onError(error);
        this.onChange();
      });
  }
}

/** What is written at a feature. @param {Feature} feature */
export const labelOf = ({ name = "", ref, alt }) => (ref ? name || `${ref}>${alt}` : name);

/**
 * Features in view by lanes: on one where box and name have room, else where the box has, else on the last. A name that the
 * next box would cover is left out.
 * @param {Feature[]} features sorted by start
 * @param {any} scale @param {(words: string) => number} measure
 * @returns {{feature: Feature, lane: number, x: number, width: number, named: boolean}[]}
 */
export function packFeatures(features, scale, measure) {
  const lanes = Array.from({ length: LANES }, () => ({ boxEnd: -Infinity, nameEnd: -Infinity, last: null }));
  const placed = [];
  for (const feature of features) {
    if (feature.end <= scale.start || feature.start >= scale.end) continue;
    const x = scale.toPixel(feature.start);
    const width = Math.max(LEAST, scale.toPixel(feature.end) - x);
    const label = labelOf(feature);
    // A box that begins left of the view is as good as one that begins there.
    const from = Math.max(x, scale.left);
    const lane = lanes.find(({ nameEnd }) => nameEnd <= from) ?? lanes.find(({ boxEnd }) => boxEnd < from) ?? lanes.at(-1);
    if (lane.last && lane.nameEnd > from) lane.last.named = false;
    const item = { feature, lane: lanes.indexOf(lane), x, width, named: Boolean(label) && lane.boxEnd < from };
    const boxEnd = Math.max(x + width, from);
    lane.boxEnd = Math.max(lane.boxEnd, boxEnd);
    lane.nameEnd = Math.max(lane.boxEnd, item.named ? boxEnd + NAME_GAP + measure(label) : 0) + NAME_GAP;
    lane.last = item;
    placed.push(item);
  }
  return placed;
}

/** @param {{row: any, here: Features|null, problem: string, scale: any, layout: any, colours: any, measure: Function}} what @returns {import("../draw/shapes.js").Shape[]} */
export function featurePlot({ row, here, problem, scale, layout, colours, measure }) {
  const middle = row.y + row.height / 2;
  const note = (words) => [text(layout.left + 10, middle, words, MUTED, { size: 11 })];
  const ground = line(layout.left, row.y + row.height + 0.5, layout.left + layout.plotWidth, row.y + row.height + 0.5, BASELINE);
  if (problem) return note(problem);
  if (!here) return note("\u2026");
  if (here.counts) return [...countShapes(here, row, scale, colours), ground];
  const width = (words) => measure(words, NAME_SIZE);
  const placed = packFeatures(here.features, scale, width);
  if (placed.length === 0) return [...note("nothing here"), ground];
  return [...placed.flatMap((item) => (row.track.own === "vcf" ? tick : box)(item, row, scale, colours)), ground];
}

function box({ feature, lane, x, width, named }, row, scale, colours) {
  const top = row.y + lane * LANE + 2;
  const colour = feature.color ?? colours.dark;
  const shapes = [];
  if (feature.blocks) {
    shapes.push(rect(x, top + BOX / 2 - 0.75, width, 1.5, colour));
    for (const [start, end] of feature.blocks) shapes.push(rect(scale.toPixel(start), top, Math.max(LEAST, (end - start) * scale.pixelsPerBase), BOX, colour, { radius: 1 }));
  } else shapes.push(rect(x, top, width, BOX, colour, { radius: width > 4 ? 1.5 : 0 }));
  // Which way it is read: a wedge inside the box.
  if (feature.strand && width > 14) {
    const [tip, back] = feature.strand === "-" ? [x + 3, x + 8] : [x + width - 3, x + width - 8];
    shapes.push(area([back, top + 1.5, tip, top + BOX / 2, back, top + BOX - 1.5], GROUND, { opacity: 0.85 }));
  }
  if (feature.summit !== undefined && width > 5) shapes.push(line(scale.toPixel(feature.summit + 0.5), top - 1.5, scale.toPixel(feature.summit + 0.5), top + BOX + 1.5, INK));
  if (named) shapes.push(text(Math.max(x + width, scale.left) + NAME_GAP, top + BOX / 2, labelOf(feature), INK, { size: NAME_SIZE }));
  return shapes;
}

function tick({ feature, lane, x, width, named }, row, _, colours) {
  const top = row.y + lane * LANE + 2;
  const centre = x + width / 2;
  const colour = feature.problem ? MUTED : colours.dark;
  /** @type {import("../draw/shapes.js").Shape[]} */ 
  const shapes = [
    line(centre, top + 4, centre, row.y + row.height, tint(colour, 0.55)),
    rect(Math.min(x, centre - 3), top, Math.max(6, width), 7, colour, { radius: 3 }),
  ];
  if (named) shapes.push(text(Math.max(x + width, centre + 3) + NAME_GAP, top + 3.5, labelOf(feature), INK, { size: NAME_SIZE }));
  return shapes;
}

/** @param {any} here counts of features in bins */
function countShapes({ counts, start, bin_bp: bin, total }, row, scale, colours) {
  const height = row.height - 14;
  const bottom = row.y + row.height;
  let largest = 1;
  const inView = [];
  counts.forEach((count, i) => {
    const from = start + i * bin;
    if (from + bin <= scale.start || from >= scale.end) return;
    largest = Math.max(largest, count);
    inView.push([from, count]);
  });
  const points = [];
  for (const [from, count] of inView) {
    const y = bottom - (count / largest) * height;
    points.push(scale.toPixel(from), y, scale.toPixel(from + bin), y);
  }
  if (points.length) points.unshift(points[0], bottom), points.push(points.at(-2), bottom);
  const shown = inView.reduce((sum, [, count]) => sum + count, 0) || total;
  return [area(points, colours.darkFaint), text(scale.left + 4, row.y + 5, `${formatNumber(shown)} here, up to ${formatNumber(largest)} in ${formatNumber(bin)} bp: zoom in to see each`, MUTED, { size: 10, halo: GROUND })];
}

/** The feature under the pointer. @returns {Feature|null} */
export function featureAt({ row, here, scale, measure, x, y }) {
  if (!here?.features) return null;
  const lane = Math.floor((y - row.y) / LANE);
  const near = packFeatures(here.features, scale, (words) => measure(words, NAME_SIZE)).filter((item) => x >= item.x - 3 && x <= item.x + item.width + 3);
  return (near.find((item) => item.lane === lane) ?? near.at(0))?.feature ?? null;
}

/** What the tooltip says. @param {Feature} feature @returns {import("./rownotes.js").Note} */
export function featureNote(feature, chrom, canAsk) {
  const { start, end, name, score, strand, summit, ref, alt, problem } = feature;
  const place = `${chrom}:${formatNumber(start + 1)}${end > start + 1 ? `-${formatNumber(end)}` : ""}`;
  const lines = [];
  if (name) lines.push({ label: "place", value: place });
  if (ref) lines.push({ label: "alleles", value: `${ref} > ${alt}` });
  if (score !== undefined) lines.push({ label: "score", value: formatValue(score) });
  if (strand) lines.push({ label: "strand", value: strand === "-" ? "minus" : "plus" });
  if (summit !== undefined) lines.push({ label: "summit", value: formatNumber(summit + 1) });
  const hint = problem ? `The model cannot be asked: ${problem}.` : canAsk ? "Click: what does it do to every track?" : undefined;
  return { title: name || place, lines, hint };
}

const COLUMNS = { bed: ["name", "score", "strand"], vcf: ["name", "ref", "alt", "problem"] };

/** What is in view, for eyes and screen readers; counts where there are too many. @param {{here: Features|null, window: Region, name: string}} what */
export function featureTable({ here, window, name }) {
  const caption = `${name} in ${formatRegion(wholeBases(window))}`;
  const isIn = (start, end) => end > window.start && start < window.end;
  if (!here) return { caption, columns: ["start", "end"], rows: [], cut: false };
  if (here.counts) {
    const rows = here.counts.map((count, i) => [here.start + i * here.bin_bp + 1, here.start + (i + 1) * here.bin_bp, count]);
    return { caption, columns: ["start", "end", "how many"], rows: rows.filter(([start, end]) => isIn(start - 1, end)), cut: false };
  }
  const columns = COLUMNS[here.kind];
  const shown = here.features.filter(({ start, end }) => isIn(start, end));
  return { caption, columns: ["start", "end", ...columns], rows: shown.map((feature) => [feature.start + 1, feature.end, ...columns.map((column) => feature[column] ?? "")]), cut: false };
}
