import assert from "node:assert/strict";
import test from "node:test";
import { readState, settleState, writeState } from "../../../assets/view/state/state.js";
import { flagOf, hgvs, hgvsOf, overlap, parseVariants, trimmed, vcfLines, withoutVariant, withVariant } from "../../../assets/view/state/variant.js";

const variant = (position, ref, alt, chrom = "chrI") => ({ chrom, position, ref, alt });
const page = { project: { default_tracks: [], limits: { variants: 3 } }, view: { tracks: new Map(), chromosomes: new Map([["chrI", { length: 1000 }]]) } };

test("the address holds a haplotype in order, from 1, and reads what searches answer", () => {
  const both = [variant(20, "CT", "C"), variant(9, "A", "G")];
  assert.equal(writeState({ variant: both }), "?variant=chrI:21:CT:C;chrI:10:A:G");
  assert.deepEqual(readState("?variant=chrI:21:CT:C;chrI:10:A:G").variant, [both[1], both[0]]);
  assert.deepEqual(readState("?variant=chrI%3A10%3AA%3AG%2BchrI%3A21%3ACT%3AC").variant, [both[1], both[0]]);
  assert.deepEqual(parseVariants("chrI:10:a:g+chrI:21:CT:C"), [both[1], both[0]]);
  assert.deepEqual(parseVariants("chrI:10"), []);
  assert.equal(readState("?variant=nonsense").variant, null);
});

test("what this genome cannot have, or what overlaps what came before, is left out", () => {
  const settle = (words) => settleState(readState(`?variant=${words}`), page).variant;
  assert.deepEqual(settle("chrI:10:A:G;chrI:10:A:C"), [variant(9, "A", "G")]);
  assert.equal(settle("chrX:10:A:G"), null);
  assert.equal(settle("chrI:10:A:G;chrI:20:A:G;chrI:30:A:G;chrI:40:A:G").length, page.project.limits.variants);
  assert.equal(settle("chrI:1000:AA:G"), null);
});

test("a variant at the same place takes the place of the other, one elsewhere joins it", () => {
  const first = variant(9, "A", "G");
  assert.deepEqual(withVariant([first], variant(9, "A", "C")), [variant(9, "A", "C")]);
  assert.deepEqual(withVariant([first], variant(4, "T", "C")), [variant(4, "T", "C"), first]);
  assert.deepEqual(withVariant([first], variant(4, "T", "C", "chrII")), [variant(4, "T", "C", "chrII")]);
  assert.deepEqual(withVariant(null, first), [first]);
  assert.deepEqual(withoutVariant([variant(4, "T", "C"), first], first), [variant(4, "T", "C")]);
  assert.equal(withoutVariant([first], first), null);
});

test("alleles are compared without the bases that they share", () => {
  assert.deepEqual(trimmed(variant(9, "GAT", "GT")), { start: 10, end: 11, ref: "A", alt: "" });
  assert.deepEqual(trimmed(variant(9, "G", "GCC")), { start: 10, end: 10, ref: "", alt: "CC" });
  assert.ok(!overlap(variant(9, "GA", "G"), variant(9, "G", "C")), "a deletion begins after its anchor");
  assert.ok(overlap(variant(9, "GAT", "G"), variant(10, "A", "C")));
});

test("variants are written as HGVS and VCF write them", () => {
  const cases = { "chrI:g.10A>G": ["A", "G"], "chrI:g.11del": ["GA", "G"], "chrI:g.11_12del": ["GAC", "G"], "chrI:g.10_11insTT": ["G", "GTT"], "chrI:g.10_11delinsCC": ["GA", "CC"], "chrI:g.10delinsCC": ["G", "CC"] };
  for (const [written, [ref, alt]] of Object.entries(cases)) assert.equal(hgvs(variant(9, ref, alt)), written);
  const both = [variant(9, "A", "G"), variant(20, "CT", "C")];
  assert.equal(hgvsOf(both), "chrI:g.[10A>G;22del]");
  assert.equal(vcfLines([both[0]]), "chrI\t10\t.\tA\tG\t.\t.\t.");
  assert.equal(vcfLines(both).split("\n")[1], "chrI\t21\t.\tCT\tC\t.\t.\t.\tGT\t0|1");
  assert.deepEqual([flagOf(both[0]), flagOf(both[1]), flagOf(variant(9, "A", "ACCCCCCCC"))], ["A>G", "del T", "ins 8 bp"]);
});
