/** The folds of the genome's windows: training, validation, test. */
import { FOLDS } from "../../ui/palette.js";

/** @typedef {{start: number, end: number, fold: string}} FoldWindow */

/**
 * Windows of each chromosome in order. A chromosome that is one fold as a whole and has no windows is one window.
 * @param {{folds: (FoldWindow & {chrom: string})[], chromosomes: {name: string, length: number, fold: string}[]}} project
 * @returns {Map<string, FoldWindow[]>}
 */
export function foldsByChromosome({ folds, chromosomes }) {
  /** @type {Map<string, FoldWindow[]>} */
  const found = new Map();
  for (const { chrom, start, end, fold } of folds) {
    if (!found.has(chrom)) found.set(chrom, []);
    found.get(chrom).push({ start, end, fold });
  }
  for (const windows of found.values()) windows.sort((one, other) => one.start - other.start);
  for (const { name, length, fold } of chromosomes) {
    if (!found.has(name)) found.set(name, FOLDS[fold] ? [{ start: 0, end: length, fold }] : []);
  }
  return found;
}

/** Windows of one fold that touch as one, so that few rectangles are drawn. @param {FoldWindow[]} windows of a chromosome @param {number} gap in bases that counts as touching */
export function mergeFolds(windows, gap) {
  const merged = [];
  for (const { start, end, fold } of windows) {
    const last = merged.at(-1);
    if (last && last.fold === fold && start - last.end <= gap) last.end = Math.max(last.end, end);
    else merged.push({ start, end, fold });
  }
  return merged;
}

/** The folds that a stretch touches, in the order of their share. @param {FoldWindow[]} windows of its chromosome @returns {string[]} */
export function foldsIn(windows, { start, end }) {
  const share = new Map();
  for (const window of windows) {
    const bases = Math.min(end, window.end) - Math.max(start, window.start);
    if (bases > 0) share.set(window.fold, (share.get(window.fold) ?? 0) + bases);
  }
  return [...share].sort((one, other) => other[1] - one[1]).map(([fold]) => fold);
}

/** One word for the folds that a window touches. @param {string[]} folds */
export const foldName = (folds) => (folds.length > 1 ? "mixed" : (folds[0] ?? "no fold"));
