// The card of a variant: how it says where an effect ranks.
import assert from "node:assert/strict";
import test from "node:test";

import { amongNulls, distanceTo } from "../../../assets/view/panels/variantcard.js";

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
