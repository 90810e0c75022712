/**
 * Where a base is on the screen, and how a person reads a coordinate.
 * Inside the code coordinates are 0-based half-open; text is 1-based inclusive ("chrI:1-100" is 100 bases).
 */

/** @typedef {{chrom: string, start: number, end: number}} Region */
/** @typedef {{name: string, length: number, fold?: string|null}} Chromosome */
/**
 * @typedef {{start: number, end: number, left: number, width: number, right: number,
 *   pixelsPerBase: number, toPixel: (base: number) => number, toBase: (pixel: number) => number}} Scale
 */

export const MIN_SPAN = 40; // bases; below this a letter is wider than a thumb

/**
 * A linear map from [start, end) in bases to [left, left + width) in pixels.
 * @returns {Scale}
 */
export function makeScale({ start, end }, { left, width }) {
  const pixelsPerBase = width / (end - start);
  return {
    start,
    end,
    left,
    width,
    right: left + width,
    pixelsPerBase,
    toPixel: (base) => left + (base - start) * pixelsPerBase,
    toBase: (pixel) => start + (pixel - left) / pixelsPerBase,
  };
}

/** The smallest of 1, 2, 5 x 10^k that is at least `least`. */
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  for (const factor of [1, 2, 5]) if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/**
 * Ruler ticks at round 1-based coordinates; `x` is the middle of that base.
 * @param {Scale} scale
 * @returns {{coordinate: number, x: number, label: string}[]}
 */
export function rulerTicks(scale, minPixels = 110) {
  const step = Math.max(1, niceStep(minPixels / scale.pixelsPerBase));
  const ticks = [];
  const first = Math.max(1, Math.ceil((scale.start + 1) / step)) * step;
  for (let coordinate = first; coordinate <= scale.end; coordinate += step) {
    ticks.push({ coordinate, x: scale.toPixel(coordinate - 0.5), label: formatNumber(coordinate) });
  }
  return ticks;
}

/** 1234567 -> "1,234,567". */
export function formatNumber(number) {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** @param {Region} region */
export function formatRegion({ chrom, start, end }) {
  return `${chrom}:${formatNumber(start + 1)}-${formatNumber(end)}`;
}

/** A 0-based base as text: "chrI:1". */
export function formatPosition(chrom, base) {
  return `${chrom}:${formatNumber(Math.floor(base) + 1)}`;
}

/** A length in bases: "200 bp", "16 kb", "1.2 Mb". */
export function formatSpan(bases) {
  if (bases < 1000) return `${Math.round(bases)} bp`;
  const [value, unit] = bases < 1e6 ? [bases / 1e3, "kb"] : [bases / 1e6, "Mb"];
  return `${value < 100 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}

/** A signal value with about three figures; NaN is "no data". */
export function formatValue(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "no data";
  const size = Math.abs(value);
  const sign = value < 0 ? "\u2212" : "";
  if (size === 0) return "0";
  if (size >= 999.5) return sign + formatNumber(size);
  if (size >= 100) return sign + size.toFixed(0);
  if (size >= 10) return sign + size.toFixed(1);
  if (size >= 1) return sign + size.toFixed(2);
  if (size >= 0.01) return sign + size.toFixed(3);
  return sign + size.toExponential(1);
}

/** A correlation: two decimals, a dash where there is none. */
export function formatCorrelation(r) {
  if (r === null || r === undefined || Number.isNaN(r)) return "\u2013";
  return (r < 0 ? "\u2212" : "") + Math.abs(r).toFixed(2);
}

/** Find a chromosome by name, ignoring case and a leading "chr". @returns {Chromosome|null} */
export function findChromosome(name, chromosomes) {
  const bare = (text) => text.toLowerCase().replace(/^chr/, "");
  const exact = chromosomes.find((chromosome) => chromosome.name === name);
  if (exact) return exact;
  const alike = chromosomes.filter((chromosome) => bare(chromosome.name) === bare(name));
  return alike.length === 1 ? alike[0] : null;
}

/**
 * Read "chrIV:1,000-2,000", "IV:1000" or "chrIV".
 *
 * @param {string} text
 * @param {Chromosome[]} chromosomes
 * @param {number} [span] width of the window that a single position is shown in
 * @returns {Region|null} null where the text is no region (perhaps a gene's name)
 * @throws {Error} one line, where it is a region that the genome does not have
 */
export function parseRegion(text, chromosomes, span = 2000) {
  const match = /^\s*([^\s:]+)(?::\s*([\d,_ ]+?)\s*(?:(?:-|\u2013|\.\.)\s*([\d,_ ]+?)\s*)?)?\s*$/.exec(text);
  if (!match) return null;
  const [, name, first, last] = match;
  const chromosome = findChromosome(name, chromosomes);
  if (!chromosome) return null;
  const number = (digits) => Number(digits.replace(/[,_ ]/g, ""));
  if (first === undefined) return { chrom: chromosome.name, start: 0, end: chromosome.length };
  const start = number(first) - 1;
  const end = last === undefined ? start + 1 : number(last);
  const limit = `${chromosome.name} has ${formatNumber(chromosome.length)} bases`;
  if (start < 0) throw new Error(`${text.trim()}: positions count from 1`);
  if (end <= start) throw new Error(`${text.trim()}: the end lies before the start`);
  if (start >= chromosome.length) throw new Error(`${text.trim()} lies beyond the end: ${limit}`);
  if (last === undefined) return around(chromosome, start, span);
  return clampWindow({ chrom: chromosome.name, start, end: Math.min(end, chromosome.length) }, chromosome.length);
}

/** The window of `span` bases around a base, kept inside the chromosome. @returns {Region} */
export function around(chromosome, base, span) {
  const start = Math.round(base - span / 2);
  return clampWindow({ chrom: chromosome.name, start, end: start + Math.round(span) }, chromosome.length);
}

/** Keep a window inside [0, length) and at least MIN_SPAN wide, moving it rather than cutting it. @returns {Region} */
export function clampWindow({ chrom, start, end }, length) {
  let span = Math.min(length, Math.max(MIN_SPAN, end - start));
  span = Math.max(1, span);
  const centre = (start + end) / 2;
  let from = end - start === span ? start : centre - span / 2;
  from = Math.min(Math.max(0, from), length - span);
  return { chrom, start: from, end: from + span };
}

/** Zoom by `factor` (< 1 is in) around the base that stays where it is. @returns {Region} */
export function zoomWindow({ chrom, start, end }, factor, anchor, length) {
  const span = Math.min(length, Math.max(MIN_SPAN, (end - start) * factor));
  const share = (anchor - start) / (end - start);
  const from = anchor - share * span;
  return clampWindow({ chrom, start: from, end: from + span }, length);
}

/** A window with whole-number ends, for the address bar and the server. @returns {Region} */
export function wholeBases({ chrom, start, end }) {
  const from = Math.round(start);
  return { chrom, start: from, end: Math.max(from + 1, Math.round(end)) };
}
