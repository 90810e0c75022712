/**
 * The variants that are looked at, all on one sequence: the state field `variant`, a list in order of position, and how they
 * are written. Positions are 0-based in the list, 1-based in text, as VCF and HGVS have them.
 */
import { formatNumber } from "../../ui/scale.js";
import { decode, declareField, encode } from "./state.js";

/** @typedef {{chrom: string, position: number, ref: string, alt: string}} Variant */

const WRITTEN = /^(.+):(\d+):([ACGTacgt]+):([ACGTacgt]+)$/;

/** Read "chrI:20006:A:G+chrI:20031:CT:C", as searches answer and addresses hold; what is none is left out. @returns {Variant[]} */
export function parseVariants(text) {
  const found = [];
  for (const part of text.split(/[+;,]/)) {
    const match = WRITTEN.exec(part.trim());
    if (match) found.push({ chrom: match[1], position: Number(match[2]) - 1, ref: match[3].toUpperCase(), alt: match[4].toUpperCase() });
  }
  return inOrder(found);
}

const inOrder = (variants) => [...variants].sort((one, other) => one.position - other.position || one.ref.length - other.ref.length);

/** @param {Variant} variant "chrI:20006:A:G" */
export const variantKey = ({ chrom, position, ref, alt }) => `${chrom}:${position + 1}:${ref}:${alt}`;

/** What the server is asked for. @param {Variant[]} variants */
export const variantsKey = (variants) => variants.map(variantKey).join(";");

/** The reference bases that a variant replaces, without those that both alleles begin or end with. @param {Variant} variant */
export function trimmed({ position, ref, alt }) {
  let start = 0;
  while (start < Math.min(ref.length, alt.length) && ref[start] === alt[start]) start += 1;
  let [r, a] = [ref.slice(start), alt.slice(start)];
  while (r && a && r.at(-1) === a.at(-1)) [r, a] = [r.slice(0, -1), a.slice(0, -1)];
  return { start: position + start, end: position + start + r.length, ref: r, alt: a };
}

/** Whether two variants cannot be on one sequence. @param {Variant} one @param {Variant} other */
export function overlap(one, other) {
  if (one.chrom !== other.chrom) return true;
  const [a, b] = [trimmed(one), trimmed(other)];
  if (a.start === b.start && a.end === b.end) return true;
  return a.start < b.end && b.start < a.end;
}

/**
 * A variant more on the same sequence; those that it overlaps give way, and so do all on another chromosome.
 * @param {Variant[]|null} variants @param {Variant} variant
 */
export const withVariant = (variants, variant) => inOrder([...(variants ?? []).filter((other) => !overlap(other, variant)), variant]);

/** @param {Variant[]} variants @param {Variant} variant @returns {Variant[]|null} */
export function withoutVariant(variants, variant) {
  const left = variants.filter((other) => variantKey(other) !== variantKey(variant));
  return left.length ? left : null;
}

const short = (bases) => (bases.length > 12 ? `${bases.slice(0, 9)}\u2026` : bases);

/** For people: "chrI:20,006 A>G". @param {Variant} variant */
export const formatVariant = ({ chrom, position, ref, alt }) => `${chrom}:${formatNumber(position + 1)} ${short(ref)}>${short(alt)}`;

/** What stands on a variant's line in the view. @param {Variant} variant */
export function flagOf(variant) {
  const { ref, alt } = trimmed(variant);
  if (ref && alt) return `${short(ref)}>${short(alt)}`;
  return ref ? `del ${ref.length > 6 ? `${ref.length} bp` : ref}` : `ins ${alt.length > 6 ? `${alt.length} bp` : alt}`;
}

/**
 * HGVS-like, on the chromosome: "chrI:g.20006A>G", "chrI:g.20007del", "chrI:g.20006_20007insTT". Like, because indels stay where
 * they are given (HGVS moves them to their last place) and duplications are written as insertions.
 * @param {Variant} variant
 */
export const hgvs = (variant) => `${variant.chrom}:g.${change(variant)}`;

function change(variant) {
  const { start, end, ref, alt } = trimmed(variant);
  const span = end - start === 1 ? `${start + 1}` : `${start + 1}_${end}`;
  if (ref.length === 1 && alt.length === 1) return `${start + 1}${ref}>${alt}`;
  if (!alt) return `${span}del`;
  if (!ref) return `${start}_${start + 1}ins${alt}`;
  return `${span}delins${alt}`;
}

/** A haplotype as HGVS writes alleles in cis: "chrI:g.[20006A>G;20031del]". @param {Variant[]} variants */
export const hgvsOf = (variants) => (variants.length === 1 ? hgvs(variants[0]) : `${variants[0].chrom}:g.[${variants.map(change).join(";")}]`);

/** Lines of a VCF; several variants of one sequence are phased alternatives of one sample. @param {Variant[]} variants */
export function vcfLines(variants) {
  const isPhased = variants.length > 1;
  return variants.map(({ chrom, position, ref, alt }) => [chrom, position + 1, ".", ref, alt, ".", ".", ".", ...(isPhased ? ["GT", "0|1"] : [])].join("\t")).join("\n");
}

declareField({
  name: "variant",
  read(words) {
    const found = parseVariants(decode(words.replace(/\+/g, ";")));
    return found.length ? found : null;
  },
  write: (variants) => variants.map((variant) => encode(variantKey(variant))).join(";"),
  initial: null,
  expected: "chromosome:position:ref:alt",
  settle(variants, _, { project, view }) {
    const known = (variants ?? []).filter(({ chrom, position, ref }) => position >= 0 && position + ref.length <= (view.chromosomes.get(chrom)?.length ?? 0));
    const together = known.reduce((kept, variant) => (kept.some((other) => overlap(other, variant)) ? kept : [...kept, variant]), []);
    return together.length ? together.slice(0, project.limits.variants) : null;
  },
});
