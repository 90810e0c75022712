/**
 * The contrast of a track with another: log2((A + 1) / (B + 1)) of the experiments, filled, and of the predictions, as a line over
 * it, with an r of its own. A model that is right about each of two conditions may still be wrong about what sets them apart.
 */
import { BASELINE, CHOSEN, GROUND, INK, MUTED, NEGATIVE, POSITIVE, TARGET } from "../../ui/palette.js";
import { formatBin, formatCorrelation, formatNumber, formatSpan, formatValue } from "../../ui/scale.js";
import { LEAST_BINS } from "../data/signals.js";
import { area, fitText, line, rect, steps, stroke, text } from "../draw/shapes.js";
import { contrastId } from "../state/contrast.js";
import { decode, declareField, encode } from "../state/state.js";
import { settingsOf } from "../state/rowsettings.js";
import { registerRowKind } from "./rowkinds.js";
import { NO_MODEL } from "./rownotes.js";
import { stepOutline, visibleBins } from "./trackrows.js";

/** Track ids: the first over the second. @typedef {[string, string]} Pair */
/**
 * Log ratios on the bins of the first track's block; null where a kind of signal is not at hand for both.
 * @typedef {{start: number, binBp: number, bins: number, experiment: Float32Array|null, prediction: Float32Array|null}} Contrast
 */

const HEIGHT = 40;
const LEAST_TOP = 1; // of log2: noise in a quiet window is not blown up to the row's height

declareField({
  name: "contrasts",
  /** @returns {Pair[]} */
  read: (words) =>
    // An "@" of an id is always encoded; that between ids only where some messenger did so.
    words.split(/,|%2C/i).map((entry) => /^(.+)@(.+)$/.exec(entry) ?? /^(.+)%40(.+)$/.exec(entry)).filter(Boolean).map(([, one, other]) => [decode(one), decode(other)]),
  write: (contrasts) => (contrasts.length ? contrasts.map((pair) => pair.map(encode).join("@")).join(",") : null),
  initial: [],
  settle: (contrasts, { tracks }) => contrasts.filter(([one, other], at) => one !== other && tracks.includes(one) && tracks.includes(other) && contrasts.findIndex(([first]) => first === one) === at),
});

/** What a track is contrasted with; null for nothing. @returns {string|null} */
export const contrastedWith = ({ contrasts = [] }, track) => contrasts.find(([one]) => one === track)?.[1] ?? null;

/** The contrasts with one track's changed. @param {Pair[]} contrasts @param {string} track @param {string|null} other @returns {Pair[]} */
export const withContrast = (contrasts, track, other) => [...contrasts.filter(([one]) => one !== track), ...(other ? [/** @type {Pair} */ ([track, other])] : [])];

const logRatio = (one, other) => Math.log2((Math.max(0, one) + 1) / (Math.max(0, other) + 1));

/** @type {WeakMap<object, {other: object, found: Contrast}>} */
const known = new WeakMap();

/**
 * The contrast of two tracks' blocks, null where their bins are not the same.
 * @param {import("../data/signals.js").Block|null|undefined} one @param {import("../data/signals.js").Block|null|undefined} other @returns {Contrast|null}
 */
export function contrastOf(one, other) {
  if (!one || !other || one.chrom !== other.chrom || one.binBp !== other.binBp) return null;
  const offset = (one.start - other.start) / one.binBp;
  if (!Number.isInteger(offset)) return null;
  const kept = known.get(one);
  if (kept?.other === other) return kept.found;
  const ratio = (kind) =>
    one[kind]?.mean && other[kind]?.mean ? Float32Array.from({ length: one.bins }, (_, i) => logRatio(one[kind].mean[i], other[kind].mean[i + offset] ?? NaN)) : null;
  const found = { start: one.start, binBp: one.binBp, bins: one.bins, experiment: ratio("experiment"), prediction: ratio("prediction") };
  known.set(one, { other, found });
  return found;
}

/**
 * Pearson's r between the contrast of the experiments and that of the predictions, over bins that have both; null below
 * LEAST_BINS where any of them is not zero, and without variance.
 * @param {Contrast} contrast @param {{start: number, end: number}} region @returns {import("../data/signals.js").Correlation|null}
 */
export function contrastPearson(contrast, region) {
  const { experiment, prediction } = contrast;
  if (!experiment || !prediction) return null;
  const [first, last] = visibleBins(contrast, region);
  let [bins, signal, sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0, 0, 0];
  for (let i = first; i < last; i += 1) {
    const [x, y] = [experiment[i], prediction[i]];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    bins += 1;
    signal += x !== 0 || y !== 0 ? 1 : 0;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumYY += y * y;
    sumXY += x * y;
  }
  const spread = (bins * sumXX - sumX * sumX) * (bins * sumYY - sumY * sumY);
  return { r: signal >= LEAST_BINS && spread > 1e-9 ? (bins * sumXY - sumX * sumY) / Math.sqrt(spread) : null, bins };
}

/** Both tracks of a row, their contrast, and its r where bins are the model's. */
function ofRow(row, { blocks, project, state, window }) {
  const id = contrastedWith(state, row.track.id);
  const other = project.tracks.find((track) => track.id === id) ?? { id, name: id };
  const contrast = contrastOf(blocks.get(row.track.id), blocks.get(id));
  return { other, contrast, found: contrast && contrast.binBp === project.bin ? contrastPearson(contrast, window) : null };
}

function largest(row, scene) {
  const { contrast } = ofRow(row, scene);
  let most = LEAST_TOP;
  if (!contrast) return most;
  const [first, last] = visibleBins(contrast, scene.scale);
  for (const values of [contrast.experiment, contrast.prediction]) {
    if (values) for (let i = first; i < last; i += 1) if (Math.abs(values[i]) > most) most = Math.abs(values[i]);
  }
  return most;
}

/** Whether a click asks the model what sets the tracks apart. */
const isExplainable = (row, { project, state }) => Boolean(project.has_model && [row.track.id, contrastedWith(state, row.track.id)].every((id) => project.tracks.find((track) => track.id === id)?.modelled));

/** Why the model cannot be asked. */
function refusal(row, scene) {
  if (isExplainable(row, scene)) return null;
  return scene.project.has_model ? `The model does not predict both ${row.track.name} and ${ofRow(row, scene).other.name}.` : NO_MODEL;
}

/** Where Enter on the chosen row asks. */
function askedMark(row, scene) {
  if (row.key !== scene.activeRow || !isExplainable(row, scene)) return [];
  const x = scene.scale.toPixel(scene.asked + 0.5);
  return [area([x - 5, row.y, x + 5, row.y, x, row.y + 7], TARGET)];
}

/** A fixed top is of values, not of their ratios. */
const topOf = (row, scene) => (settingsOf(scene.state, row.track.id).top !== null ? largest(row, scene) : scene.maximumOf(row));

function plot(row, scene) {
  const { scale, layout } = scene;
  const { contrast, other } = ofRow(row, scene);
  const middle = row.y + row.height / 2;
  const axis = line(layout.left, middle + 0.5, layout.left + layout.plotWidth, middle + 0.5, BASELINE);
  if (!contrast) return [axis, text(layout.left + 10, middle, `waiting for the bins of ${other.name}`, MUTED, { size: 11 })];
  const half = row.height / 2 - 2;
  const top = topOf(row, scene);
  const [first, last] = visibleBins(contrast, scale);
  const outline = (value) => stepOutline(value, first, last, contrast, scale, middle, half / top, half);
  const signed = (values, sign) => (i) => (Number.isNaN(values[i]) ? NaN : Math.max(0, sign * values[i]) * sign);
  /** @type {import("../draw/shapes.js").Shape[]} */
  const items = [];
  const { experiment, prediction } = contrast;
  if (experiment) items.push(steps(outline(signed(experiment, 1)), POSITIVE), steps(outline(signed(experiment, -1)), NEGATIVE));
  if (prediction) {
    const drawn = outline((i) => prediction[i]).slice(2, -2);
    if (drawn.length) items.push(stroke(drawn, GROUND, 3, { opacity: 0.75 }), stroke(drawn, INK, 1.2));
  }
  if (!experiment && !prediction) items.push(text(layout.left + 10, middle - 8, `nothing that both tracks have`, MUTED, { size: 11 }));
  items.push(axis, text(layout.left + 4, row.y + 6, `\u00b1${formatValue(top)} (log\u2082 ratio)`, MUTED, { size: 9.5, halo: GROUND }));
  return items;
}

function label(row, scene) {
  const { layout, measure, activeRow } = scene;
  const { other, found } = ofRow(row, scene);
  const middle = row.y + row.height / 2;
  const width = layout.left - 22;
  const items = [
    ...(row.key === activeRow ? [rect(0.5, row.y - 3, layout.left - 6, row.height + 6, CHOSEN, { radius: 4 })] : []),
    rect(4, row.y, 3, row.height / 2, POSITIVE),
    rect(4, middle, 3, row.height / 2, NEGATIVE),
    text(14, middle - 7, fitText(`log\u2082 over ${other.name}`, width, measure, 10.5), INK, { size: 10.5 }),
    text(14, middle + 7, fitText("prediction as a line", width, measure, 10.5), MUTED, { size: 10.5 }),
  ];
  if (!found) return items;
  const x = layout.left + layout.plotWidth + 12;
  items.push(text(x, middle - 7, `r ${formatCorrelation(found.r)}`, found.r === null ? MUTED : INK, { size: 12, weight: found.r === null ? 400 : 600 }));
  items.push(text(x, middle + 8, fitText(`contrast, ${formatNumber(found.bins)} bins`, layout.right - 16, measure, 10.5), MUTED, { size: 10.5 }));
  return items;
}

function note(row, scene, { base, side }) {
  const { project, chromosome, window } = scene;
  const { other, contrast, found } = ofRow(row, scene);
  const title = `${row.track.name} over ${other.name}`;
  const formula = `log\u2082((${row.track.name} + 1) / (${other.name} + 1)) of each bin, in the experiments\u2019 units`;
  if (side === "right") {
    const r = found ? `${formatCorrelation(found.r)} \u00b7 ${formatNumber(found.bins)} bins` : "\u2013";
    const why = found ? "" : ` Zoom in until bins are the model\u2019s, of ${formatSpan(project.bin)}.`;
    return { title, lines: [{ label: "r, this window", value: r }, { label: "bins of", value: formatSpan(project.bin) }], hint: `Pearson\u2019s r between ${formula}: of the experiments and of the predictions.${why}` };
  }
  if (side !== "plot" || !contrast) return { title, lines: [], hint: `${formula}. Filled: the experiments; line: the predictions.` };
  const bin = Math.floor((base - contrast.start) / contrast.binBp);
  const value = (values) => (values && bin >= 0 && bin < contrast.bins ? formatValue(values[bin]) : "\u2013");
  return {
    title: formatBin(window.chrom, contrast.start + bin * contrast.binBp, contrast.binBp, chromosome.length),
    lines: [
      { label: title, value: "log\u2082 ratio" },
      { label: "experiments", value: value(contrast.experiment), colour: contrast.experiment && contrast.experiment[bin] < 0 ? NEGATIVE : POSITIVE },
      { label: "predictions", value: value(contrast.prediction), colour: INK },
    ],
    hint: isExplainable(row, scene) ? "Click: which sequence sets them apart?" : undefined,
  };
}

registerRowKind({
  kind: "contrast",
  place: "track",
  order: 9,
  unit: "contrast",
  rows: ({ state }, track) => (contrastedWith(state, track.id) ? [{ name: `contrast of ${track.name}` }] : []),
  height: () => HEIGHT,
  largest,
  plot: (row, scene) => [...plot(row, scene), ...askedMark(row, scene)],
  label,
  note,
  isClickable: isExplainable,
  click: (row, { state, window, change }, { base }) => change({ saliency: { track: contrastId(row.track.id, contrastedWith(state, row.track.id)), chrom: window.chrom, position: Math.floor(base) } }),
  refusal,
  explained: (_, { asked }) => asked,
  series(row, scene) {
    const { other, contrast } = ofRow(row, scene);
    if (!contrast) return [];
    const { start, binBp } = contrast;
    return ["experiment", "prediction"]
      .filter((kind) => contrast[kind])
      .map((kind) => ({ name: `log2 ${row.track.name} over ${other.name}: ${kind}`, track: row.track, start, binBp, values: contrast[kind], colour: kind === "experiment" ? POSITIVE : INK }));
  },
});
