/**
 * Codons: the coding sequence of the genes in view read three bases at a time, with the amino acid of each, in a row below the
 * reference bases once letters are readable. The standard genetic code; mitochondria have their own, so theirs are left out.
 */
import { BASES, GENE, INK, MUTED, tint } from "../../ui/palette.js";
import { registerRowKind } from "./rowkinds.js";
import { formatNumber } from "../../ui/scale.js";
import { rect, text } from "../draw/shapes.js";

/** By the first, second and third base in the order T, C, A, G; "*" is a stop. */
const CODE = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG";
const ORDER = "TCAG";
const COMPLEMENT = { A: "T", C: "G", G: "C", T: "A" };
export const AMINO_ACIDS = {
  A: ["Ala", "alanine"], C: ["Cys", "cysteine"], D: ["Asp", "aspartate"], E: ["Glu", "glutamate"], F: ["Phe", "phenylalanine"],
  G: ["Gly", "glycine"], H: ["His", "histidine"], I: ["Ile", "isoleucine"], K: ["Lys", "lysine"], L: ["Leu", "leucine"],
  M: ["Met", "methionine"], N: ["Asn", "asparagine"], P: ["Pro", "proline"], Q: ["Gln", "glutamine"], R: ["Arg", "arginine"],
  S: ["Ser", "serine"], T: ["Thr", "threonine"], V: ["Val", "valine"], W: ["Trp", "tryptophan"], Y: ["Tyr", "tyrosine"], "*": ["Stop", "stop"],
};
const MITOCHONDRION = /^(chr)?(m|mt|mito|mtDNA)$/i;
const ROW = 17;
const PIXELS_PER_NAME = 34; // of a codon, for three letters

/** The amino acid of three bases, "*" for a stop, "?" where a base is not known. */
export function translate(codon) {
  const [first, second, third] = [...codon.toUpperCase()].map((base) => ORDER.indexOf(base));
  return codon.length === 3 && Math.min(first, second, third) >= 0 ? CODE[16 * first + 4 * second + third] : "?";
}

/**
 * The codons of a gene that touch a stretch; one that an intron parts has two parts.
 * @param {{coding: [number, number][], phase: number, strand: string}} gene  phase: bases before the first whole codon
 * @param {{start: number, end: number}} stretch
 * @param {(base: number) => string} baseAt letter of the forward strand; "" where it is not at hand
 * @returns {{number: number, letters: string, amino: string, parts: [number, number][]}[]} number: from 1 at the 5' end
 */
export function codonsOf({ coding, phase, strand }, { start, end }, baseAt) {
  const backward = strand === "-";
  const spans = backward ? [...coding].reverse() : coding;
  const codons = [];
  let before = 0; // coding bases before this span, in the direction of translation
  for (const [index, [spanStart, spanEnd]] of spans.entries()) {
    const length = spanEnd - spanStart;
    if (spanEnd > start - 3 && spanStart < end + 3) {
      // Codons that begin in this span and may touch the stretch.
      const place = (base) => (backward ? spanEnd - 1 - base : base - spanStart);
      const near = Math.max(0, Math.min(place(start - 3), place(end + 3)));
      const far = Math.min(length - 1, Math.max(place(start - 3), place(end + 3)));
      let at = near + ((((phase - before - near) % 3) + 3) % 3);
      for (; at <= far; at += 3) {
        const codon = codonFrom(spans, index, at, backward, baseAt);
        if (codon.parts.some(([from, to]) => to > start && from < end)) codons.push({ number: Math.floor((before + at - phase) / 3) + 1 + (phase ? 1 : 0), ...codon });
      }
    }
    before += length;
  }
  return codons;
}

/** The codon whose first base is `at` in a span. */
function codonFrom(spans, index, at, backward, baseAt) {
  const parts = [];
  let letters = "";
  let [spanStart, spanEnd] = spans[index];
  for (let i = 0; i < 3; i += 1) {
    if (at >= spanEnd - spanStart) {
      index += 1;
      if (index >= spans.length) break;
      at = 0;
      [spanStart, spanEnd] = spans[index];
    }
    const base = backward ? spanEnd - 1 - at : spanStart + at;
    const letter = baseAt(base).toUpperCase();
    letters += backward ? (COMPLEMENT[letter] ?? letter) : letter;
    const last = parts.at(-1);
    if (last && base === last[1]) last[1] += 1;
    else if (last && base === last[0] - 1) last[0] -= 1;
    else parts.push([base, base + 1]);
    at += 1;
  }
  return { letters, amino: translate(letters), parts };
}

/** Genes in view that are translated, those of a strand in a lane. @returns {{strand: string, genes: any[]}[]} */
function lanesOf({ genes, state }) {
  const { chrom, start, end } = state.window;
  if (!genes || MITOCHONDRION.test(chrom)) return [];
  const seen = genes.genes.filter((gene) => gene.coding?.some(([from, to]) => to > start && from < end));
  return ["+", "-"].map((strand) => ({ strand, genes: seen.filter((gene) => gene.strand === strand) })).filter((lane) => lane.genes.length > 0);
}

/** The codons of a lane in view; where genes overlap, those of the first. */
function codonsInLane(lane, { sequence, scale }) {
  const baseAt = (base) => sequence?.sequence[base - sequence.start] ?? "";
  const taken = [];
  return lane.genes.flatMap((gene) => {
    const free = codonsOf(gene, scale, baseAt).filter(({ parts }) => !taken.some(([from, to]) => parts.some(([a, b]) => a < to && b > from)));
    taken.push(...free.flatMap(({ parts }) => parts));
    return free.map((codon) => ({ gene, ...codon }));
  });
}

function drawCodon({ number, amino, parts }, scale, y) {
  const start = amino === "M" && number === 1;
  const fill = amino === "*" ? tint(BASES.T, 0.7) : start ? tint(BASES.A, 0.7) : tint(GENE, number % 2 ? 0.88 : 0.8);
  const widest = parts.reduce((one, other) => (other[1] - other[0] > one[1] - one[0] ? other : one));
  const name = 3 * scale.pixelsPerBase >= PIXELS_PER_NAME ? AMINO_ACIDS[amino]?.[0] : amino;
  return [
    ...parts.map(([from, to]) => rect(scale.toPixel(from) + 0.5, y, (to - from) * scale.pixelsPerBase - 1, ROW - 3, fill, { radius: 2 })),
    text(scale.toPixel((widest[0] + widest[1]) / 2), y + (ROW - 3) / 2 + 0.5, name ?? "", amino === "*" ? BASES.T : INK, { size: 10.5, weight: 600, align: "center" }),
  ];
}

registerRowKind({
  kind: "codons",
  place: "head",
  order: 25,
  rows: (needs) => (needs.showBases && lanesOf(needs).length ? [{ name: "codons and amino acids" }] : []),
  height: (_, needs) => lanesOf(needs).length * ROW + 2,
  plot: (row, scene) => lanesOf(scene).flatMap((lane, i) => codonsInLane(lane, scene).flatMap((codon) => drawCodon(codon, scene.scale, row.y + 1 + i * ROW))),
  label: (row, scene) => lanesOf(scene).map(({ strand }, i) => text(14, row.y + 1 + i * ROW + ROW / 2, `amino acids ${strand === "-" ? "\u2212" : "+"}`, MUTED)),
  note(row, scene, { y, base, side }) {
    const lane = lanesOf(scene)[Math.floor((y - row.y - 1) / ROW)];
    if (side !== "plot" || !lane) return null;
    const codon = codonsInLane(lane, scene).find(({ parts }) => parts.some(([from, to]) => base >= from && base < to));
    if (!codon) return null;
    const [short, name] = AMINO_ACIDS[codon.amino] ?? ["?", "not known"];
    return { title: `${codon.gene.name}, codon ${formatNumber(codon.number)}`, lines: [{ label: codon.letters, value: `${name} (${short})` }] };
  },
});
