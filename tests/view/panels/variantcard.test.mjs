// The card of a variant: how it says where an effect ranks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { distanceTo } from "../../../assets/view/panels/variantcard.js";
import { agreedOf, amongNulls, promoterWords, signWords } from "../../../assets/view/panels/varianttrust.js";

test("a percentile is said in whole percent that are not too many, and at the end as the largest", () => {
  assert.equal(amongNulls(97.9), "larger than 97 % of matched nulls");
  assert.equal(amongNulls(0.5), "larger than 0 % of matched nulls");
  assert.equal(amongNulls(99.5), "among the largest 1 % of matched nulls");
});

test("the distance to a gene is along its strand, from the nearest of its starts", () => {
  const variant = { start: 100, end: 101 };
  assert.equal(distanceTo({ tss: [90, 500], strand: "+" }, variant), 10);
  assert.equal(distanceTo({ tss: [90], strand: "-" }, variant), -10);
  assert.equal(distanceTo({ tss: [100], strand: "+" }, variant), 0);
});

test("a sign that measured effects do not tell is called a coin's, and one that they tell is counted", () => {
  const found = (...probabilities) => ({ table: "mpra", effect: "logFC", told: 0.6, tracks: probabilities.map((probability, n) => ({ track: `t${n}`, probability, alleles: 200, right: 100 + n })) });
  assert.equal(signWords(found(0.48, 0.54)).text, "Measured effects have the predicted sign here with probability 48 to 54 %: no better than a coin; grey where it is less than 60 %");
  assert.equal(signWords(found(0.58, null)).text, "Measured effects have the predicted sign here with probability 58 %: below 60 % on every track; grey where it is less than 60 %");
  assert.equal(signWords(found(0.5, 0.9)).text, "Measured effects have the predicted sign here with probability 50 to 90 %: 60 % or more on 1 of 2 tracks; grey where it is less than 60 %");
  assert.match(signWords(found(0.9, 0.8)).title, /^Learned from 200 alleles whose logFC in mpra has a known sign.* 50 to 51 % are predicted with their sign/);
  assert.equal(signWords(found()).text, "");
});

test("what networks disagree on is grey, and can still be read: its words are not made paler", () => {
  const css = readFileSync(new URL("../../../assets/styles/card.css", import.meta.url), "utf8");
  const [, words] = css.match(/\.is-doubted td:not\(:first-child\) \{([^}]*)\}/);
  assert.equal(words.trim(), "color: var(--muted);");
});

test("what a promoter reporter drives is told of genes that have a promoter here", () => {
  const promoter = { mean: -0.25, deviation: 0.05, known: true };
  const { promoters } = agreedOf({ members: 3, tracks: [], genes: [{ gene: "g1", sed: {}, promoter }, { gene: "g2", sed: {}, promoter: null }] });
  assert.deepEqual([...promoters], [["g1", promoter]]);
  const { text, title } = promoterWords(promoter, 3);
  assert.equal(text, "\u22120.250 sd in a promoter reporter");
  assert.match(title, /standard deviations of measured promoters\u2019 expression\. 3 networks say \u22120\.250 \u00b1 0\.0500\.$/);
  assert.match(promoterWords({ ...promoter, known: false }, 3).text, /, networks disagree$/);
});
