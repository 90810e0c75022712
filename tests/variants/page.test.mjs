import assert from "node:assert/strict";
import test from "node:test";
import { filtersOf, locusOf, NOTHING, readAsked, writeAsked } from "../../assets/variants/address.js";
import { placesWords } from "../../assets/variants/atlas.js";
import { settled } from "../../assets/variants/filters.js";
import { wordsOf } from "../../assets/variants/lists.js";
import { doubtOf, fromStart, isDoubted, rankOf, shareOf, unitWords } from "../../assets/variants/rows.js";
import { readState } from "../../assets/view/state/state.js";

const SCORES = [{ name: "sad", unit: "track" }, { name: "log2_ratio", unit: "log2" }];
const RUN = { state: "read", message: "", alleles: 1200, done: 0, members: 3, seconds: 600, waiting: 0 };

test("what is asked for comes back from the address", () => {
  const asked = { ...NOTHING, id: "run-a", score: "sad", track: "odd id@x+y", gene: "HO", least: "0.5", known: true, sign: "lowers", order: "place", page: 2 };
  assert.deepEqual(readAsked(writeAsked(asked)), asked);
  assert.equal(writeAsked(NOTHING), "");
  assert.deepEqual(readAsked("#table=t&page=-4"), { ...NOTHING, id: "t" });
});

test("the server is asked for nothing that was not chosen", () => {
  assert.deepEqual(filtersOf({ ...NOTHING, id: "t", score: "sad", words: "  " }), { score: "sad" });
});

test("the locus page shows the variant with the track that it was found on", () => {
  const project = { default_tracks: ["a", "b"], chromosomes: [{ name: "chrI", length: 10_000 }] };
  const allele = { variant: "chrI:9999:A:G", chrom: "chrI", position: 9998, ref: "A", track: "c" };
  const { window, tracks, variant, locus } = readState(locusOf(allele, project).slice(2));
  assert.deepEqual(tracks, ["a", "b", "c"]);
  assert.deepEqual(variant, [{ chrom: "chrI", position: 9998, ref: "A", alt: "G" }]);
  assert.match(JSON.stringify(window ?? locus), /10000|10,000/);
});

test("a table opens by a score that tracks can be compared by, and by one track where there is none", () => {
  assert.deepEqual(settled({ scores: SCORES, tracks: ["a", "b"] }, NOTHING), { score: "log2_ratio", track: "" });
  assert.deepEqual(settled({ scores: SCORES, tracks: ["a", "b"] }, { ...NOTHING, score: "sad" }, ["x", "b"]), { score: "sad", track: "b" });
  assert.deepEqual(settled({ scores: SCORES, tracks: ["a", "b"] }, { ...NOTHING, score: "sad", track: "gone" }), { score: "sad", track: "a" });
  assert.deepEqual(settled({ scores: SCORES, tracks: ["a"] }, NOTHING), { score: "log2_ratio", track: "a" });
});

test("a list says how much it is and how long it takes, or that nobody knows yet", () => {
  assert.equal(wordsOf(RUN), "1,200 alleles read, 3 networks asked too; takes about 10 min");
  assert.match(wordsOf({ ...RUN, seconds: null, members: 0 }), /^1,200 alleles read; how long it takes is said once/);
  assert.match(wordsOf({ ...RUN, waiting: 1 }), /beside 1 allele of other lists$/);
  assert.equal(wordsOf({ ...RUN, state: "stopped", done: 40 }), "stopped at 40 of 1,200 alleles");
});

test("an allele's numbers are said in words", () => {
  assert.equal(fromStart(-1500), "1,500 bp upstream");
  assert.equal(fromStart(0), "at its start");
  assert.equal(rankOf(99.4), "\u2265 99 %");
  assert.equal(rankOf(98.9), "98 %");
  assert.equal(rankOf(null), "\u2013");
  assert.equal(shareOf({ score: 1, reference: 5 }, { name: "log2_ratio" }), "+100 %");
  assert.equal(shareOf({ score: -5, reference: 10 }, { name: "sad" }), "\u221250 %");
  assert.deepEqual(doubtOf({ known: false, mean: 1, deviation: 2 }), { words: "+1.00 \u00b1 2.00", doubt: "disagree" });
  assert.deepEqual([{ known: false, sign: 0.9 }, { known: true, sign: 0.55 }, { known: null, sign: null }].map(isDoubted), [true, true, false]);
  assert.equal(doubtOf({ known: null }).words, "not asked");
});

test("only what is a share of the reference is called one, and each score has its own unit", () => {
  for (const name of ["sum_log2_ratio", "max_log2", "sqrt_sad", "d1", "log_d2"]) assert.equal(shareOf({ score: 3, reference: 10 }, { name }), "", name);
  assert.deepEqual(["log2", "track", "sqrt(track)"].map((unit) => unitWords(unit, "reads")), ["log\u2082", "reads", "root of reads"]);
});

test("the list of the atlas says that it is of the largest, not of every substitution", () => {
  const found = { around: 4, averaged: "forward strand only", places: [{}], total: 1, is_present: true, is_complete: false };
  const words = placesWords(found, { bin: 64, unit: "mean per 64 bp" });
  assert.match(words, /^The substitutions of the atlas with the largest effects on this track, of neighbours within 32 bases only the largest/);
  assert.match(words, /summed over 576 bp around the base; forward strand only\. 1 of 1 place\. The atlas is not complete\.$/);
});
