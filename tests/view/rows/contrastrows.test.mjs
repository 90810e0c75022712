import assert from "node:assert/strict";
import test from "node:test";
import { contrastedWith, contrastOf, contrastPearson, withContrast } from "../../../assets/view/rows/contrastrows.js";
import { readState, writeState } from "../../../assets/view/state/state.js";

const block = (start, experiment, prediction = null, binBp = 10) => ({
  chrom: "chr1", start, end: start + experiment.length * binBp, binBp, bins: experiment.length,
  experiment: { mean: Float32Array.from(experiment), max: null }, prediction: prediction && { mean: Float32Array.from(prediction), max: null },
});

test("a contrast is the log ratio of what both tracks have in a bin", () => {
  const found = contrastOf(block(0, [3, 0, 7], [1, 1, 1]), block(0, [1, 0, 0], [0, 3, 1]));
  assert.deepEqual([...found.experiment], [1, 0, 3]);
  assert.deepEqual([...found.prediction], [1, -1, 0]);
});

test("blocks that begin elsewhere are laid over each other, and bins that only one has are no data", () => {
  const found = contrastOf(block(20, [1, 3]), block(30, [0, 1]));
  assert.ok(Number.isNaN(found.experiment[0]));
  assert.equal(found.experiment[1], 2);
});

test("blocks of other bins, another grid or another chromosome have no contrast", () => {
  const one = block(0, [1, 2]);
  assert.equal(contrastOf(one, block(0, [1], null, 20)), null);
  assert.equal(contrastOf(one, block(5, [1, 2])), null);
  assert.equal(contrastOf(one, { ...block(0, [1, 2]), chrom: "chr2" }), null);
  assert.equal(contrastOf(one, undefined), null);
});

test("what only one of the tracks has is not contrasted", () => {
  assert.equal(contrastOf(block(0, [1, 2], [1, 2]), block(0, [1, 2])).prediction, null);
});

test("r is Pearson's between the log ratios of the window", () => {
  const ramp = Array.from({ length: 40 }, (_, i) => i);
  const ones = ramp.map(() => 0);
  const same = contrastOf(block(0, ramp, ramp), block(0, ones, ones));
  const { r, bins } = contrastPearson(same, { start: 0, end: 400 });
  assert.ok(Math.abs(r - 1) < 1e-6);
  assert.equal(bins, 40);
  const mirrored = contrastOf(block(0, ramp, ones), block(0, ones, ramp));
  assert.ok(Math.abs(contrastPearson(mirrored, { start: 0, end: 400 }).r + 1) < 1e-6);
});

test("few bins, or bins that are all alike, have no r", () => {
  const few = contrastOf(block(0, [1, 2, 3], [1, 2, 3]), block(0, [0, 0, 0], [0, 0, 0]));
  assert.deepEqual(contrastPearson(few, { start: 0, end: 30 }), { r: null, bins: 3 });
  const flat = Array.from({ length: 30 }, () => 1);
  const none = flat.map(() => 0);
  assert.equal(contrastPearson(contrastOf(block(0, flat, flat), block(0, none, none)), { start: 0, end: 300 }).r, null);
});

test("a track has one contrast, which may be changed and taken away", () => {
  const contrasts = withContrast(withContrast([], "a", "b"), "c", "a");
  assert.equal(contrastedWith({ contrasts }, "a"), "b");
  assert.deepEqual(withContrast(contrasts, "a", "c"), [["c", "a"], ["a", "c"]]);
  assert.deepEqual(withContrast(contrasts, "a", null), [["c", "a"]]);
});

test("contrasts stand in the address, with ids of any characters", () => {
  const contrasts = [["a@1", "b c"], ["d", "a@1"]];
  const written = writeState({ ...readState(""), contrasts });
  assert.match(written, /contrasts=a%401@b%20c,d@a%401/);
  assert.deepEqual(readState(written).contrasts, contrasts);
  assert.deepEqual(readState("?contrasts=nothing").contrasts, []);
});
