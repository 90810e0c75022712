import assert from "node:assert/strict";
import test from "node:test";
import { shareByKey, shareOf } from "../../../assets/view/panels/panelsize.js";

test("the height of the panels stays inside the window, and what is no number is their own height", () => {
  assert.deepEqual([shareOf("40"), shareOf(1), shareOf(99), shareOf("wide"), shareOf(""), shareOf(null)], [40, 15, 80, null, null, null]);
});

test("arrows move the bar, Home and End to its ends, Delete puts it back, and other keys are not its own", () => {
  assert.equal(shareByKey("ArrowUp", 40), 44);
  assert.equal(shareByKey("ArrowDown", 16), 15);
  assert.deepEqual([shareByKey("Home", 40), shareByKey("End", 40), shareByKey("Delete", 40), shareByKey("a", 40)], [15, 80, null, undefined]);
});
