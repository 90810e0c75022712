/**
 * Where a base is on the screen, and how a person reads a coordinate.
 * Inside the code coordinates are 0-based half-open; text is 1-based inclusive ("chrI:1-100" is 100 bases).
 */

/** @typedef {{chrom: string, start: number, end: number}} Region */
/** @typedef {{name: string, length: number, aliases: string[], fold?: string|null}} Chromosome */
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

/** A bin as text, as far as it lies on its chromosome: the last one may be cut. @param {string} chrom @param {number} start @param {number} bases @param {number} [length] of the chromosome */
export const formatBin = (chrom, start, bases, length = Infinity) => formatRegion({ chrom, start: Math.max(0, start), end: Math.min(length, start + bases) });

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

/** A signal value with about three figures; what is no number is "no data". */
export function formatValue(value) {
  if (!Number.isFinite(value)) return "no data";
  const size = Math.abs(value);
  const sign = value < 0 ? "\u2212" : "";
  if (size === 0) return "0";
  if (size >= 999.5) return sign + formatNumber(size);
  if (size >= 100) return sign + size.toFixed(0);
  if (size >= 10) return sign + size.toFixed(1);
  if (size >= 1) return sign + size.toFixed(2);
  if (size >= 0.001) return sign + size.toFixed(2 - Math.floor(Math.log10(size)));
  return sign + size.toExponential(2);
}

/** A change: a value with its sign, zero without one. */
export const formatChange = (value) => (Number.isFinite(value) && value > 0 ? `+${formatValue(value)}` : formatValue(value));

/** A change as a share of what it changes: "\u221212 %", "3.50 times"; nothing of nothing. As app/figures/numbers.py has it. */
export function formatShare(change, reference) {
  const part = change / reference;
  if (!(reference > 0) || !Number.isFinite(part)) return "";
  if (part > 1) return `${formatValue(1 + part)} times`;
  const percent = 100 * part;
  if (Math.abs(percent) < 1) return `${formatChange(percent)} %`;
  return `${percent < 0 ? "\u2212" : "+"}${Math.abs(percent).toFixed(Math.abs(percent) >= 10 ? 0 : 1)} %`;
}

/** A correlation: two decimals, a dash where there is none. */
export function formatCorrelation(r) {
  if (r === null || r === undefined || Number.isNaN(r)) return "\u2013";
  const words = Math.abs(r).toFixed(2);
  return (r < 0 && Number(words) > 0 ? "\u2212" : "") + words;
}

/** The chromosome of a name, or of another that it goes by. @param {string} called @param {Chromosome[]} chromosomes */
export function chromosomeNamed(called, chromosomes) {
  const alias = called.toLowerCase();
  return chromosomes.find(({ name }) => name === called) ?? chromosomes.find(({ aliases }) => aliases.includes(alias));
}

/**
 * Read a region as `formatRegion` writes it, with or without commas. Whatever else a person may write for a place, the
 * server reads (core/genome/regions.py): here only what needs no question.
 *
 * @param {string} text
 * @param {Chromosome[]} chromosomes
 * @returns {Region|null} null where it is none, or not all on the genome
 */
export function parseRegion(text, chromosomes) {
  const match = /^(.+):(\d[\d,]*)-(\d[\d,]*)$/.exec(text);
  const chromosome = match && chromosomeNamed(match[1], chromosomes);
  if (!chromosome) return null;
  const [first, end] = [match[2], match[3]].map((digits) => Number(digits.replaceAll(",", "")));
  if (first < 1 || end < first || end > chromosome.length) return null;
  return clampWindow({ chrom: chromosome.name, start: first - 1, end }, chromosome.length);
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
