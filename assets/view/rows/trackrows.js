/**
 * The rows of a track: experiment above prediction on one scale, overlays, residuals.
 * Zoomed out, a bin's maximum (faint) lies behind its mean. NaN is "no data" and is hatched, never drawn as zero.
 */
import { awaited, gapsOf } from "./awaited.js";
import { correlationLabel, correlationNote } from "./correlation.js";
import { HEIGHTS } from "./layout.js";
import { BASELINE, CHOSEN, GROUND, INK, MUTED, NO_DATA, PENDING, TARGET } from "../../ui/palette.js";
import { spreadAt } from "../data/bands.js";
import { textLines, wrapText } from "../draw/printed.js";
import { registerRowKind } from "./rowkinds.js";
import { settingsOf, TRANSFORMS } from "../state/rowsettings.js";
import { formatValue } from "../../ui/scale.js";
import { area, bars, fitText, hatch, line, rect, steps, stroke, text } from "../draw/shapes.js";
import { labelNote, NO_MODEL, trackNote } from "./rownotes.js";

/** @typedef {import("../data/signals.js").Block} Block */

const HEADROOM = 3; // pixels above the tallest bin
const NAME_LINE = 13; // pixels of a name that has several
const BAND_OPACITY = "4d"; // of 255, in hexadecimal
const CAP = 2; // pixels of a mark where a value goes beyond a fixed scale

/** First and last + 1 bin of a block that a scale shows. @returns {[number, number]} */
export function visibleBins(block, scale) {
  const first = Math.max(0, Math.floor((scale.start - block.start) / block.binBp));
  const last = Math.min(block.bins, Math.ceil((scale.end - block.start) / block.binBp));
  return [first, Math.max(first, last)];
}

/** The bins that a scale shows of a prediction, which may reach less far than its block. */
const predictedBins = (block, { start, end }) =>
  visibleBins(block, block.predicted ? { start: Math.max(start, block.predicted.start), end: Math.min(end, block.predicted.end) } : { start, end });

/** The largest value in view over some kinds of signal, their maxima included; 0 without data. */
export function commonMaximum(block, scale, kinds = ["experiment", "prediction"]) {
  if (!block) return 0;
  const [first, last] = visibleBins(block, scale);
  let largest = 0;
  for (const kind of kinds) {
    const values = block[kind] && (block[kind].max ?? block[kind].mean);
    if (!values) continue;
    for (let i = first; i < last; i += 1) if (values[i] > largest) largest = values[i];
  }
  return largest;
}

/**
 * Experiment against prediction of one bin: a difference, or log2((experiment + 1) / (prediction + 1)).
 * @param {Block} block @param {"difference"|"ratio"} residual @returns {(bin: number) => number}
 */
export const residualOf = ({ experiment, prediction }, residual) =>
  residual === "ratio"
    ? (i) => Math.log2((Math.max(0, experiment.mean[i]) + 1) / (Math.max(0, prediction.mean[i]) + 1))
    : (i) => experiment.mean[i] - prediction.mean[i];

const LEAST_RATIO = 1; // of log2: noise in a quiet window is not blown up to the row's height

/** The largest |log2 ratio| in view. */
function largestRatio(block, scale) {
  if (!block?.experiment || !block.prediction) return 0;
  const [first, last] = predictedBins(block, scale);
  const ratio = residualOf(block, "ratio");
  let largest = LEAST_RATIO;
  for (let i = first; i < last; i += 1) if (Math.abs(ratio(i)) > largest) largest = Math.abs(ratio(i));
  return largest;
}

/**
 * The outline of bins as steps over a baseline; a bin of NaN goes down to the baseline.
 * @param {(bin: number) => number} value
 */
export function stepOutline(value, first, last, block, scale, baseline, pixelsPerUnit, limit) {
  if (last <= first) return [];
  const points = new Array(4 + 4 * (last - first));
  const binPixels = block.binBp * scale.pixelsPerBase;
  const origin = scale.toPixel(block.start);
  points[0] = origin + first * binPixels;
  points[1] = baseline;
  let at = 2;
  for (let i = first; i < last; i += 1) {
    const number = value(i);
    const y = baseline - (Number.isNaN(number) ? 0 : Math.max(-limit, Math.min(limit, number * pixelsPerUnit)));
    points[at] = origin + i * binPixels;
    points[at + 1] = y;
    points[at + 2] = origin + (i + 1) * binPixels;
    points[at + 3] = y;
    at += 4;
  }
  points[at] = origin + last * binPixels;
  points[at + 1] = baseline;
  return points;
}

/** Runs of bins without data, as [first, last + 1] pairs. */
export function missingRuns(values, first, last) {
  const runs = [];
  for (let i = first; i < last; i += 1) {
    if (!Number.isNaN(values[i])) continue;
    const from = i;
    while (i < last && Number.isNaN(values[i])) i += 1;
    runs.push([from, i]);
  }
  return runs;
}

function hatchMissing(values, first, last, block, scale, y, height) {
  const items = [];
  for (const [from, to] of missingRuns(values, first, last)) {
    const x = Math.max(scale.left, scale.toPixel(block.start + from * block.binBp));
    const end = Math.min(scale.right, scale.toPixel(block.start + to * block.binBp));
    items.push(hatch(x, y, end - x, height, NO_DATA));
    if (end - x > 90) items.push(text((x + end) / 2, y + height / 2, "no data", MUTED, { align: "center", size: 10.5, halo: NO_DATA.ground }));
  }
  return items;
}

/** Marks at the top of a row where values go beyond its scale. */
function cappedMarks(values, maximum, [first, last], block, scale, y, colour) {
  const rects = [];
  const width = block.binBp * scale.pixelsPerBase;
  for (let i = first; i < last; i += 1) {
    if (!(values[i] > maximum)) continue;
    const from = i;
    while (i < last && values[i] > maximum) i += 1;
    rects.push(scale.toPixel(block.start + from * block.binBp), y, Math.max(1, (i - from) * width), CAP);
  }
  return rects.length ? [bars(rects, colour)] : [];
}

/** @param {any} summary @param {{row: any, block: Block, scale: any, maximum: number, settings: any, colours: any}} what @param {string[]} shades */
function summaryAreas(summary, { row, block, scale, maximum, settings, colours }, [mean, faint], range = visibleBins(block, scale)) {
  const [first, last] = range;
  const height = row.height - HEADROOM;
  const baseline = row.y + row.height;
  const placed = TRANSFORMS[settings.scale];
  const perUnit = maximum ? height / placed(maximum) : 0;
  const outline = (values, colour) => steps(stepOutline((i) => placed(values[i]), first, last, block, scale, baseline, perUnit, height), colour);
  const items = hatchMissing(summary.mean, first, last, block, scale, row.y, row.height);
  if (summary.max) items.push(outline(summary.max, faint));
  items.push(outline(summary.mean, mean));
  if (settings.top !== null) items.push(...cappedMarks(summary.max ?? summary.mean, maximum, range, block, scale, row.y, INK));
  return items;
}

/**
 * What lies in the plot of a track's row.
 * @param {{row: any, block: Block|null, live?: import("../data/live.js").LiveState|null, maximum: number, scale: any, layout: any,
 *   colours: any, settings: import("../state/rowsettings.js").RowSettings, band?: any}} what  live: of a prediction made on the spot;
 *   band: how far the model's networks spread about it
 */
export function trackPlot(what) {
  const { row, block, live = null, scale, layout, colours } = what;
  const { track, kind } = row;
  const items = [];
  const note = (words) => items.push(text(layout.left + 10, row.y + row.height / 2, words, MUTED, { size: 11 }));
  const both = track.has_experiment && track.has_prediction;
  if (!track.has_experiment && !track.has_prediction) note("neither an experiment nor a prediction yet");
  else if (kind === "residual" && !both) {
    note(track.has_experiment ? "no prediction yet: nothing to subtract" : "prediction only: no experiment to compare with");
  } else if (block) {
    const predicted = predictedBins(block, scale);
    if (kind === "experiment" && block.experiment) items.push(...summaryAreas(block.experiment, what, [colours.dark, colours.darkFaint]));
    else if (kind === "prediction" && block.prediction) items.push(...summaryAreas(block.prediction, what, [colours.light, colours.lightFaint], predicted), ...bandOf(what, predicted));
    else if (kind === "overlay") items.push(...overlay(what, predicted), ...bandOf(what, predicted));
    else if (kind === "residual") items.push(...residual(what, predicted));
  }
  const isAwaited = kind === "residual" ? both : kind === "experiment" || kind === "overlay" || track.has_prediction;
  if (isAwaited && !(live && kind !== "experiment")) items.push(...awaited(block, what, awaitedPlace(row)));
  if (live && kind !== "experiment" && (kind !== "residual" || both)) items.push(...missingPrediction({ live, block, scale, layout, row }));
  const zero = kind === "residual" && both ? row.y + row.height / 2 : row.y + row.height;
  items.push(line(layout.left, zero + 0.5, layout.left + layout.plotWidth, zero + 0.5, BASELINE));
  return items;
}

/**
 * What lies beside the plot of a track's row: its scale, its name, its correlations.
 * @param {{row: any, block: Block|null, live?: import("../data/live.js").LiveState|null, maximum: number, layout: any, colours: any,
 *   settings: import("../state/rowsettings.js").RowSettings, localR: import("../data/signals.js").Correlation|null, folds: string[], measure: Function, active: boolean, printed?: any}} what
 */
export function trackLabel({ row, block, live = null, maximum, layout, colours, settings, localR, folds, measure, active, printed = null }) {
  const items = [];
  if (row.first && block && maximum > 0) items.push(text(layout.left + 1, row.y - 5, scaleWords(row, maximum, settings), MUTED, { size: 9.5 }));
  items.push(...rowLabels({ row, live, layout, colours, settings, measure, active, printed }), ...(printed?.withoutR ? [] : correlationLabel({ row, layout, localR, folds, measure })));
  return items;
}

/** The scale of a row in words: its range, unit and what is special about it. */
export function scaleWords({ kind, track }, maximum, { scale, share, top, residual }) {
  const isRatio = kind === "residual" && residual === "ratio";
  const range = `${kind === "residual" ? "\u00b1" : "0 to "}${formatValue(maximum)}`;
  const unit = isRatio ? " (log\u2082 ratio)" : track.unit ? ` (${track.unit})` : "";
  const special = [
    scale === "linear" || isRatio ? null : { sqrt: "square root", log: "log" }[scale],
    top !== null ? "fixed" : share === "group" ? "scale of the group" : share === "all" ? "scale of all" : null,
  ];
  return [range + unit, ...special].filter(Boolean).join(", ");
}

/** The lower part of a row, where its signal is to come. */
function awaitedPlace({ y, height }) {
  const part = Math.round(height * 0.6);
  return { y: y + height - part, height: part };
}

/**
 * One standard deviation of the model's networks above and below the prediction; nothing where they were not asked.
 * @param {any} what @param {number[]} bins first, and behind the last
 */
function bandOf({ row, block, band, scale, maximum, settings, colours }, [first, last]) {
  if (!band || !block.prediction || band.binBp !== block.binBp || !(maximum > 0)) return [];
  const height = row.height - HEADROOM;
  const placed = TRANSFORMS[settings.scale];
  const y = (value) => row.y + row.height - Math.max(0, Math.min(height, (placed(Math.max(0, value)) / placed(maximum)) * height));
  const offset = (block.start - band.start) / band.binBp;
  const width = block.binBp * scale.pixelsPerBase;
  const rects = [];
  for (let i = first; i < last; i += 1) {
    const mean = block.prediction.mean[i];
    const spread = band.spread.mean[i + offset];
    if (!(spread > 0) || Number.isNaN(mean)) continue;
    const top = y(mean + spread);
    const bottom = y(mean - spread);
    if (bottom > top) rects.push(scale.toPixel(block.start + i * block.binBp), top, width, bottom - top);
  }
  return rects.length ? [bars(rects, `${colours.dark}${BAND_OPACITY}`)] : [];
}

/** Where a prediction on the spot is still to come, or why it does not. */
function missingPrediction({ live, block, scale, layout, row }) {
  if (live.state === "ready") return [];
  const items = [];
  for (const [x, end] of gapsOf((block?.prediction && block.predicted) || null, { scale, layout })) {
    // Behind an experiment nothing is filled: it is drawn in the same place.
    if (row.kind !== "overlay") items.push(rect(x, row.y + 2, end - x, row.height - 2, live.state === "pending" ? PENDING : NO_DATA.ground, { radius: 3 }));
    if (end - x > 160) items.push(text((x + end) / 2, row.y + row.height / 2, live.message, MUTED, { align: "center", size: 10.5, halo: GROUND }));
  }
  return items;
}

/** The experiment over the prediction: light shows where the prediction is higher, a line where it lies. */
function overlay(what, [first, last]) {
  const { block, scale, row, maximum, settings, colours } = what;
  const items = [];
  const { experiment, prediction } = block;
  const height = row.height - HEADROOM;
  const bottom = row.y + row.height;
  const placed = TRANSFORMS[settings.scale];
  const outline = prediction && stepOutline((i) => placed(prediction.mean[i]), first, last, block, scale, bottom, maximum ? height / placed(maximum) : 0, height);
  if (outline) items.push(steps(outline, colours.light));
  if (experiment) items.push(...summaryAreas({ mean: experiment.mean, max: null }, what, [colours.dark, colours.darkFaint]));
  if (outline && experiment) {
    const top = outline.slice(2, -2);
    items.push(stroke(top, GROUND, 3, { opacity: 0.75 }), stroke(top, INK, 1.2));
  }
  return items;
}

function residual({ block, scale, row, maximum, settings, colours }, [first, last]) {
  if (!block.experiment || !block.prediction) return [];
  const half = row.height / 2 - 1;
  const middle = row.y + row.height / 2;
  const value = residualOf(block, settings.residual);
  const placed = settings.residual === "ratio" ? TRANSFORMS.linear : TRANSFORMS[settings.scale];
  const perUnit = maximum ? half / placed(maximum) : 0;
  const values = new Float32Array(last);
  for (let i = first; i < last; i += 1) values[i] = placed(value(i));
  const signed = (sign) => (i) => (Number.isNaN(values[i]) ? NaN : Math.max(0, sign * values[i]) * sign);
  return [
    ...hatchMissing(values, first, last, block, scale, row.y, row.height),
    steps(stepOutline(signed(1), first, last, block, scale, middle, perUnit, half), colours.dark),
    steps(stepOutline(signed(-1), first, last, block, scale, middle, perUnit, half), colours.light),
  ];
}

const KIND_LABEL = {
  experiment: "experiment",
  prediction: "prediction",
  overlay: "prediction as a line",
  residual: "experiment \u2212 prediction",
};

const LIVE_LABEL = { ...KIND_LABEL, prediction: "predicted live", overlay: "live prediction as a line", residual: "experiment \u2212 live prediction" };

/** A track's name, which on paper is not cut but has further lines above its middle. */
function nameLines(name, { width, measure, middle, printed }) {
  const more = { size: 12, weight: 600 };
  if (!printed) return [text(14, middle, fitText(name, width, measure, 12, 600), INK, more)];
  const lines = wrapText(name, width, measure, 12, 600);
  return textLines(lines, 14, middle - ((lines.length - 1) / 2) * NAME_LINE, NAME_LINE, INK, more);
}

function rowLabels({ row, live, layout, colours, settings, measure, active, printed }) {
  const { track, kind } = row;
  const both = track.has_experiment && track.has_prediction;
  const width = layout.left - 14 - 12;
  /** @type {import("../draw/shapes.js").Shape[]} */ 
  const items = active ? [rect(0.5, row.y - 3, layout.left - 6, row.height + 6, CHOSEN, { radius: 4 })] : [];
  items.push(rect(4, row.y, 3, row.height + (row.last ? 0 : 2), kind === "prediction" ? colours.light : colours.dark));
  let label = (live ? LIVE_LABEL : KIND_LABEL)[kind];
  if (kind === "residual" && settings.residual === "ratio") label = `log\u2082 ratio to ${live ? "live " : ""}prediction`;
  const alone = live ? LIVE_LABEL.prediction : "prediction only";
  if (kind === "overlay" && !both) label = track.has_experiment ? "experiment only" : alone;
  if (kind === "prediction" && !track.has_experiment) label = alone;
  if (track.own) label = "your data";
  const middle = row.y + row.height / 2;
  if (row.first) {
    items.push(
      ...nameLines(track.name, { width, measure, middle: middle - 7, printed }),
      text(14, middle + 9, fitText(label, width, measure, 10.5), MUTED, { size: 10.5 }),
    );
  } else items.push(text(14, middle, fitText(label, width, measure, 10.5), MUTED, { size: 10.5 }));
  return items;
}

// The kinds of rows -----------------------------------------------------------------------------------------------------

/** What of the scene belongs to one row. */
const ofScene = (row, scene) => {
  const { track } = row;
  const block = scene.blocks.get(track.id) ?? null;
  return {
    ...scene,
    row,
    block,
    // A file that cannot be read says so in its row, and in no other.
    band: scene.spreads?.get(track.id) ?? null,
    live: block?.problem ? { state: "failed", message: block.problem } : scene.liveStates.get(track.id),
    maximum: scene.maximumOf(row),
    colours: scene.colours.get(track.id),
    settings: settingsOf(scene.state, track.id),
    localR: scene.localR(track),
    folds: scene.foldsHere,
    active: row.key === scene.activeRow,
  };
};

/** Whether a click on a row asks the model for saliency. */
const isExplainable = (row, { project }) => Boolean(project.has_model && row.track.has_prediction && row.kind !== "experiment");

/** Why the model cannot be asked about a row. */
function refusal(row, scene) {
  const { project } = scene;
  const { track } = row;
  if (isExplainable(row, scene)) return null;
  if (!project.has_model) return NO_MODEL;
  if (track.own) return "No model predicts a file of your own: click the prediction of another track to ask what drives it.";
  if (!track.has_prediction) return `The model does not predict ${track.name}.`;
  return "The model explains what it predicts: click the prediction, not the experiment.";
}

/** Where Enter on the chosen row asks. */
function askedMark(row, scene) {
  if (row.key !== scene.activeRow || !isExplainable(row, scene)) return [];
  const x = scene.scale.toPixel(scene.asked + 0.5);
  return [area([x - 5, row.y, x + 5, row.y, x, row.y + 7], TARGET)];
}

/** @returns {import("./rowkinds.js").Series[]} */
function trackSeries(row, { blocks, colours }) {
  const { track, kind } = row;
  const block = blocks.get(track.id);
  if (!block) return [];
  const { dark, light } = colours.get(track.id);
  return ["experiment", "prediction"]
    .filter((what) => block[what] && (what === kind || kind === "overlay" || kind === "residual"))
    .map((what) => ({ name: `${track.name}: ${what}`, track, start: block.start, binBp: block.binBp, values: block[what].mean, max: block[what].max, colour: what === "experiment" ? dark : light }));
}

function trackRowNote(row, scene, { base, side }) {
  const { track, kind } = row;
  const { chrom } = scene.window;
  if (side === "right") return track.own ? null : correlationNote(track, scene);
  if (side === "left") return labelNote(track, track.live ? (scene.project.live?.ensemble ?? "") : "");
  const hint = isExplainable(row, scene) ? "Click: which sequence drives this?" : undefined;
  const deviation = kind === "experiment" ? null : spreadAt(scene.spreads?.get(track.id), base);
  const spread = deviation === null ? null : { members: scene.project.members, deviation };
  return trackNote({ spread, track, block: scene.blocks.get(track.id), base, chrom, length: scene.chromosome.length, colours: scene.colours.get(track.id), hint });
}

/** @param {string} kind @param {number} order @param {(mode: string, track: any) => boolean} isShown */
const registerTrackRow = (kind, order, isShown) =>
  registerRowKind({
    kind,
    place: "track",
    order,
    unit: "pair",
    stretches: ({ track }, { state }) => settingsOf(state, track.id).height === null,
    rows: ({ state }, track) => (isShown(state.mode, track) ? [{ name: `${kind} of ${track.name}` }] : []),
    height: ({ track }, { state }) => settingsOf(state, track.id).height ?? (kind === "overlay" || kind === "residual" ? HEIGHTS.wide : HEIGHTS.pair),
    largest({ track }, { blocks, scale, state }) {
      const block = blocks.get(track.id);
      if (kind === "residual" && settingsOf(state, track.id).residual === "ratio") return largestRatio(block, scale);
      return commonMaximum(block, scale, kind === "experiment" || kind === "prediction" ? [kind] : undefined);
    },
    // A ratio has a scale of its own, with a floor of its own.
    floor: ({ track }, { state, floorOf }) => (kind === "residual" && settingsOf(state, track.id).residual === "ratio" ? 0 : floorOf(track.id)),
    plot: (row, scene) => [...trackPlot(ofScene(row, scene)), ...askedMark(row, scene)],
    label: (row, scene) => trackLabel(ofScene(row, scene)),
    note: trackRowNote,
    isClickable: isExplainable,
    click: (row, { window, change }, { base }) => change({ saliency: { track: row.track.id, chrom: window.chrom, position: Math.floor(base) } }),
    refusal,
    explained: (row, { asked }) => asked,
    series: trackSeries,
  });

// A visitor's own file has no prediction to be paired with.
registerTrackRow("experiment", 0, (mode, track) => (mode === "pair" || track.own) && track.has_experiment);
// A track with neither has a row that says so.
registerTrackRow("prediction", 1, (mode, track) => mode === "pair" && !track.own && (track.has_prediction || !track.has_experiment));
registerTrackRow("overlay", 2, (mode, track) => mode === "overlay" && !track.own);
registerTrackRow("residual", 3, (mode, track) => mode === "residual" && !track.own);
