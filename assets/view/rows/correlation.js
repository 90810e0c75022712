/**
 * The r beside a track's rows: of this window, with the number of its bins and the fold that it is of, and below it that of all
 * held-out bins. An r over a few bins is no evidence: below LEAST_BINS with signal it is a dash, and the note says why.
 */
import { foldName } from "./folds.js";
import { FOLD_FILLS, INK, MUTED, tint } from "../../ui/palette.js";
import { ceilingWords } from "../../ui/trackfacets.js";
import { formatCorrelation, formatNumber, formatSpan } from "../../ui/scale.js";
import { rect, text } from "../draw/shapes.js";
import { LEAST_BINS, logPearson } from "../data/signals.js";

/** @typedef {import("../data/signals.js").Correlation} Correlation */

const LINE = 15; // pixels
const GAP = 12; // from the plot

/** "250 bins". @param {number} bins */
const binsInWords = (bins) => `${formatNumber(bins)} ${bins === 1 ? "bin" : "bins"}`;

/** An r with what it stands on: "0.71 · 250 bins". @param {Correlation|null} found */
export const correlationWords = (found) => (found?.bins ? `${formatCorrelation(found.r)} \u00b7 ${binsInWords(found.bins)}` : formatCorrelation(found?.r));

/**
 * What stands beside a track's row.
 * @param {{row: any, layout: any, localR: Correlation|null, folds: string[], measure: Function}} what
 */
export function correlationLabel({ row, layout, localR, folds, measure }) {
  const { track } = row;
  if (track.own) return [];
  const x = layout.left + layout.plotWidth + GAP;
  const room = layout.right - GAP - 4;
  const heldOut = track.held_out?.pearson_log1p ?? null;
  const lines = [];
  if (row.first && track.has_experiment) {
    lines.push((y) => localWords(localR, { x, y, room, measure }));
    if (folds.length) lines.push((y) => foldMark(foldName(folds), { x, y, measure }));
  }
  if ((row.last || !track.has_experiment) && heldOut !== null) {
    const held = (y) => [text(x, y, heldWords(track.held_out, (words) => measure(words, 10.5) <= room), MUTED, { size: 10.5 })];
    // The two numbers come before the fold where there is no room for all.
    lines.splice(1, 0, held);
  }
  const shown = lines.slice(0, Math.max(1, Math.floor((row.height + 6) / LINE)));
  const top = row.y + row.height / 2 - ((shown.length - 1) * LINE) / 2;
  return shown.flatMap((line, i) => line(top + i * LINE));
}

/** The held-out r beside the r that replicates set, as far as there is room. @param {any} held @param {(words: string) => boolean} fits */
function heldWords(held, fits) {
  const own = `held-out ${formatCorrelation(held.pearson_log1p)}`;
  if ((held.ceiling_log1p ?? null) === null) return own;
  const ceiling = formatCorrelation(held.ceiling_log1p);
  return [`${own}, ceiling ${ceiling}`, `${own} of ${ceiling}`, `${own}/${ceiling}`].find(fits) ?? own;
}

/** The r of the window, and its bins as far as there is room for them. */
function localWords(found, { x, y, room, measure }) {
  const r = `r ${formatCorrelation(found?.r)}`;
  const isEvidence = found !== null && found.r !== null;
  const width = measure(r, 12, 600);
  const items = [text(x, y, r, isEvidence ? INK : MUTED, { size: 12, weight: isEvidence ? 600 : 400 })];
  const bins = found?.bins ? [` \u00b7 ${binsInWords(found.bins)}`, ` \u00b7 ${formatNumber(found.bins)}`].find((words) => width + measure(words, 10.5) <= room) : null;
  if (bins) items.push(text(x + width, y, bins, MUTED, { size: 10.5 }));
  return items;
}

/** A fold's name on its colour. */
function foldMark(name, { x, y, measure }) {
  return [rect(x, y - 7, measure(name, 9.5) + 8, 14, tint(FOLD_FILLS[name] ?? FOLD_FILLS.none, 0.5), { radius: 7 }), text(x + 4, y, name, INK, { size: 9.5 })];
}

/**
 * How well other replicates' experiments agree with a track's here: what a prediction can at best reach. Of those in the view.
 * @param {any} track @param {import("./scene.js").Scene} scene @returns {{name: string, found: Correlation}[]}
 */
export function ceilings(track, { blocks, project, window }) {
  const own = blocks.get(track.id);
  if (!own?.experiment || own.binBp !== project.bin) return [];
  const root = (other) => other.replicate_of || other.id;
  return project.tracks.filter((other) => other.id !== track.id && root(other) === root(track)).flatMap((other) => {
    const block = blocks.get(other.id);
    if (!block?.experiment || block.binBp !== own.binBp || block.start !== own.start || block.bins !== own.bins) return [];
    return [{ name: other.name, found: logPearson({ ...own, prediction: block.experiment }, window) }];
  });
}

const write = (value) => (value === null || value === undefined ? "\u2013" : value.toFixed(3));

/** What the note says over a track's correlations. @param {any} track @param {import("./scene.js").Scene} scene @returns {import("./rownotes.js").Note} */
export function correlationNote(track, scene) {
  const { foldsHere, project } = scene;
  const here = scene.localR(track);
  const lines = [
    { label: "r, this window", value: correlationWords(here) },
    { label: "bins of", value: formatSpan(project.bin) },
    { label: "fold", value: foldName(foldsHere) },
    ...ceilings(track, scene).map(({ name, found }) => ({ label: `ceiling: ${name}`, value: correlationWords(found) })),
  ];
  const { held_out: held } = track;
  if (held) {
    const of = [held.fold, held.n_bins ? `${binsInWords(held.n_bins)}${held.bin ? ` of ${held.bin} bp` : ""}` : null].filter(Boolean).join(", ");
    lines.push({ label: `held-out r${of ? ` (${of})` : ""}`, value: write(held.pearson_log1p) }, { label: "its ceiling", value: ceilingWords(held) }, { label: "held-out r of x", value: write(held.pearson) }, { label: "held-out R\u00b2", value: write(held.r2) });
  }
  return { title: track.name, lines: lines.filter(({ value }) => value), hint: `${whyNone(here, track)}r is Pearson\u2019s between log(1 + experiment) and log(1 + prediction) over the bins that have both. ${heldOutSays(held)}` };
}

/** Why there is no r here. @param {Correlation|null} here */
function whyNone(here, { has_experiment: measured, has_prediction: predicted }) {
  if (!measured || !predicted) return "Without an experiment and a prediction there is no r. ";
  if (here === null) return "The r of so wide a window comes when the view rests. ";
  if (here.r !== null) return "";
  return here.bins < LEAST_BINS ? `Too few bins for an r: zoom out to at least ${LEAST_BINS}. ` : `No r: fewer than ${LEAST_BINS} bins have signal here, or all are alike. `;
}

/** What a held-out r is of. @param {{fold?: string|null}|null} held */
function heldOutSays(held) {
  if (!held) return "";
  if (held.fold === "valid") return "Held-out: over the validation fold, on which the model was chosen but not trained.";
  return "Held-out: over the test fold, which the model never saw.";
}
