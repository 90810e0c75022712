import assert from "node:assert/strict";
import test from "node:test";
import { cardPlace } from "../../assets/view/tour.js";
import { STOPS } from "../../assets/view/toursteps.js";

const card = { width: 300, height: 150 };
const window = { width: 1400, height: 880 };
const box = (left, top, width, height) => ({ left, top, right: left + width, bottom: top + height });

test("a card goes below what it is about, or above it, or beside it, and never out of the window", () => {
  assert.deepEqual(cardPlace(box(400, 10, 300, 34), card, window), { x: 400, y: 56 });
  assert.deepEqual(cardPlace(box(284, 476, 1116, 404), card, window), { x: 284, y: 314 });
  assert.deepEqual(cardPlace(box(0, 60, 284, 820), card, window), { x: 296, y: 60 });
  assert.equal(cardPlace(box(1366, 10, 34, 34), card, window).x, 1400 - 300 - 12);
});

test("a card about nothing, or about all of the window, lies in the corner", () => {
  const corner = { x: 1400 - 300 - 24, y: 880 - 150 - 24 };
  assert.deepEqual(cardPlace(null, card, window), corner);
  assert.deepEqual(cardPlace(box(0, 0, 1400, 880), card, window), corner);
});

test("without model and tracks the tour still says where to go, how to share and which keys there are", () => {
  const bare = { page: { project: { has_model: false }, state: {} }, track: null, gene: null, base: 5 };
  assert.deepEqual(STOPS.filter(({ needs }) => !needs || needs(bare)).map(({ title }) => title), ["Go anywhere", "Take it with you", "All of it with the keyboard"]);
});
