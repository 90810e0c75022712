import assert from "node:assert/strict";
import test from "node:test";
import { codonsOf, translate } from "../../../assets/view/rows/codons.js";
import { thickAndThin } from "../../../assets/view/rows/headrows.js";

const everything = { start: 0, end: 1000 };
const reader = (sequence) => (base) => sequence[base] ?? "";
const peptide = (codons) => codons.map(({ amino }) => amino).join("");

test("codons are translated by the standard code; what is not known is a question mark", () => {
  assert.equal(["ATG", "TGG", "TAA", "TAG", "TGA", "gca", "ANG", "AT"].map(translate).join(""), "MW***A??");
});

test("a gene on the plus strand is read from its start", () => {
  const codons = codonsOf({ coding: [[2, 11]], phase: 0, strand: "+" }, everything, reader("NNATGGCATAANN"));
  assert.equal(peptide(codons), "MA*");
  assert.deepEqual(codons[1], { number: 2, letters: "GCA", amino: "A", parts: [[5, 8]] });
});

test("a gene on the minus strand is read from its end, complemented", () => {
  const codons = codonsOf({ coding: [[0, 9]], phase: 0, strand: "-" }, everything, reader("TTATGCCAT"));
  assert.equal(peptide(codons), "MA*");
  assert.deepEqual(codons[0].parts, [[6, 9]]);
});

test("an intron parts a codon, and its letters are read across it", () => {
  const plus = codonsOf({ coding: [[0, 4], [10, 15]], phase: 0, strand: "+" }, everything, reader("ATGGNNNNNNCATAA"));
  assert.equal(peptide(plus), "MA*");
  assert.deepEqual(plus[1].parts, [[3, 4], [10, 12]]);
  const minus = codonsOf({ coding: [[0, 4], [10, 15]], phase: 0, strand: "-" }, everything, reader("TTATNNNNNNGCCAT"));
  assert.equal(peptide(minus), "MA*");
  assert.deepEqual(minus[1].parts, [[10, 12], [3, 4]]);
});

test("a coding sequence that begins within a codon keeps its frame", () => {
  const codons = codonsOf({ coding: [[0, 8]], phase: 2, strand: "+" }, everything, reader("CCATGTGG"));
  assert.deepEqual(codons.map(({ number, amino, parts }) => [number, amino, parts[0][0]]), [[2, "M", 2], [3, "W", 5]]);
});

test("a stretch sees the codons that it touches, wherever it lies in the gene", () => {
  const sequence = "ATG".repeat(100);
  const whole = codonsOf({ coding: [[0, 300]], phase: 0, strand: "+" }, everything, reader(sequence));
  for (let start = 0; start < 40; start += 1) {
    const seen = codonsOf({ coding: [[0, 300]], phase: 0, strand: "+" }, { start, end: start + 10 }, reader(sequence));
    assert.deepEqual(seen, whole.filter(({ parts }) => parts[0][1] > start && parts[0][0] < start + 10));
  }
});

test("exons are thin where they are not translated", () => {
  assert.deepEqual(thickAndThin([[0, 10], [20, 30]], [[5, 10], [20, 22]]), [[0, 5, true], [5, 10, false], [20, 22, false], [22, 30, true]]);
  assert.deepEqual(thickAndThin([[0, 10]], []), [[0, 10, false]]);
});
