import assert from "node:assert/strict";
import test from "node:test";
import { offsetsOf, rangeInSight } from "../../assets/ui/virtuallist.js";

const offsets = offsetsOf([30, 40, 40, 30, 40]);

test("items begin where those above end", () => {
  assert.deepEqual([...offsets], [0, 30, 70, 110, 140, 180]);
});

test("what is in sight is what the window touches", () => {
  assert.deepEqual(rangeInSight(offsets, 0, 30), [0, 2]);
  assert.deepEqual(rangeInSight(offsets, 31, 20), [1, 2]);
  assert.deepEqual(rangeInSight(offsets, 115, 500), [3, 5]);
});

test("a margin brings in the neighbours", () => {
  assert.deepEqual(rangeInSight(offsets, 75, 10, 10), [1, 3]);
});

test("an empty list has nothing in sight", () => {
  assert.deepEqual(rangeInSight(offsetsOf([]), 0, 100), [0, 0]);
});

test("of thousands of items a window is in the page", () => {
  const [first, end] = rangeInSight(offsetsOf(new Array(4229).fill(36)), 36 * 2000, 720, 240);
  assert.ok(first > 1990 && end < 2030);
});
