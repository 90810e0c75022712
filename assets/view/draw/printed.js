/**
 * What differs where a picture is for print: no letter is smaller than six points on paper, columns beside the plot are as wide as
 * what stands in them so that no name is cut, and by choice names of genes are italic and the r and folds are left out.
 */
import { text } from "./shapes.js";

/** @typedef {import("./shapes.js").Shape} Shape */
/**
 * @typedef {{least: number, italic: boolean, withoutR: boolean, left: number, right: number}} Printed
 *   least: the smallest letters, in the picture's pixels; left, right: the columns beside the plot
 */

const LEAST_POINTS = 6;
const MM_A_POINT = 25.4 / 72;
const MOST_LEFT = [0.45, 0.6]; // of the width: names that are longer are wrapped, into two lines if that goes
const NAME_MARGIN = 26; // pixels beside a name in its column
const GAP = 12; // pixels between a label and the plot
const EDGE = 8;

/** Pixels of the smallest letters in a picture of so many pixels that is so many mm wide. @param {number} mm @param {number} width */
export const leastSize = (mm, width) => Math.ceil(((LEAST_POINTS * MM_A_POINT * width) / mm) * 100) / 100;

/** @param {Measure} measure @param {number} least @returns {Measure} widths of words as they are printed @typedef {(words: string, size: number, weight?: number) => number} Measure */
export const measurePrinted = (measure, least) => (words, size, weight) => measure(words, Math.max(size, least), weight);

/** @param {Shape[]} shapes @param {number} least @returns {Shape[]} with letters of that size at least */
export const withLeastSize = (shapes, least) =>
  shapes.map((shape) => {
    if (shape.op === "group") return { ...shape, items: withLeastSize(shape.items, least) };
    return shape.op === "text" && shape.size < least ? { ...shape, size: least } : shape;
  });

/**
 * The columns before they are fitted: as wide as they may become.
 * @param {number} width @param {string[]} names of tracks @param {Measure} measure
 */
export function widestColumns(width, names, measure) {
  const fits = (share) => names.every((name) => wrapText(name, share * width - NAME_MARGIN, measure, 12, 600).length <= 2);
  return { left: Math.round((MOST_LEFT.find(fits) ?? MOST_LEFT.at(-1)) * width), right: Math.round(0.35 * width) };
}

/**
 * Columns as wide as the labels of the rows, which were drawn in the widest.
 * @param {Shape[][]} labels of each row @param {{left: number, plotWidth: number}} layout of the widest @param {Measure} measure
 * @returns {{left: number, right: number}}
 */
export function fittedColumns(labels, { left, plotWidth }, measure) {
  const plotEnd = left + plotWidth;
  let [before, after] = [0, 0];
  for (const shapes of labels) {
    // A title over a plot takes no column's room.
    const texts = shapes.flatMap((shape) => (shape.op === "text" && !shape.isTitle ? [shape] : []));
    /** @param {import("./shapes.js").Text} shape */
    const width = ({ text: words, size, weight }) => measure(words, size, weight);
    // What stands at the column's other end needs its room beside the words on its line.
    const beside = texts.filter(({ align, x }) => align === "right" && x <= left);
    for (const shape of texts) {
      if (shape.align === "right") continue;
      const end = shape.x + width(shape);
      if (shape.x < left) {
        const others = beside.filter(({ y }) => Math.abs(y - shape.y) < shape.size).map((other) => width(other) + GAP);
        before = Math.max(before, end + Math.max(0, ...others));
      } else if (shape.x >= plotEnd) after = Math.max(after, end - plotEnd);
    }
    for (const shape of beside) before = Math.max(before, EDGE + width(shape));
  }
  return { left: Math.min(left, Math.ceil(before + GAP)), right: Math.ceil(after + EDGE) };
}

/**
 * Break words into lines that fit a width, between words where that goes, else between letters.
 * @param {string} words @param {number} width @param {Measure} measure @param {number} size @param {number} [weight] @returns {string[]}
 */
export function wrapText(words, width, measure, size, weight) {
  const fits = (line) => measure(line, size, weight) <= width;
  const lines = [];
  let line = "";
  for (const word of words.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    line = word;
    while (line.length > 1 && !fits(line)) {
      let length = line.length - 1;
      while (length > 1 && !fits(line.slice(0, length))) length -= 1;
      lines.push(line.slice(0, length));
      line = line.slice(length);
    }
  }
  return [...lines, line];
}

/** Lines of text below one another around a middle. @param {string[]} lines */
export const textLines = (lines, x, middle, height, ink, more) => lines.map((words, i) => text(x, middle + (i - (lines.length - 1) / 2) * height, words, ink, more));
