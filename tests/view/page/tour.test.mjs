import assert from "node:assert/strict";
import test from "node:test";
import { cardPlace } from "../../../assets/view/page/tour.js";
import { chooseExample, STOPS } from "../../../assets/view/page/toursteps.js";

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
  const bare = { page: { project: { has_model: false }, state: {} }, track: null, place: null, chrom: "c", base: 5 };
  assert.deepEqual(STOPS.filter(({ needs }) => !needs || needs(bare)).map(({ title }) => title), ["Go anywhere", "Take it with you", "All of it with the keyboard"]);
});

const track = { id: "a", name: "ATAC", has_experiment: true, has_prediction: true };
const page = { state: { tracks: ["a"], window: { chrom: "chrI", start: 100, end: 300 } }, project: { default_tracks: [] }, view: { tracks: new Map([["a", track]]) } };
const wordsOf = (example) => STOPS[0].words(example);

test("the tour goes where the server says that most speaks for the project, and says why", async () => {
  const place = { label: "RPL11A", chrom: "chrXVI", position: 731785, kind: "gene", track: "a", fold: "test" };
  const example = await chooseExample(page, async () => ({ place }));
  assert.deepEqual([example.chrom, example.base, example.track], ["chrXVI", 731785, track]);
  assert.match(wordsOf(example), /We went to the start of RPL11A, the place where experiment and prediction of ATAC together stand out most on sequence that the model never saw\./);
  const peak = await chooseExample(page, async () => ({ place: { ...place, kind: "peak", fold: "" } }));
  assert.match(wordsOf(peak), /We went to chrXVI:731,786, .* stand out most\./);
});

test("before there are predictions in files the tour stays where one is", async () => {
  for (const fetchJson of [async () => ({ place: null, note: "no predictions yet" }), async () => { throw new Error("away"); }]) {
    const example = await chooseExample(page, fetchJson);
    assert.deepEqual([example.chrom, example.base, example.place], ["chrI", 200, null]);
    assert.ok(!wordsOf(example).includes("We went"));
  }
});

test("who leaves the tour, or goes on, while a stop still asks sees nothing change afterwards", async () => {
  const { fetch } = globalThis;
  globalThis.fetch = async () => Response.json({ sequence: "a" });
  try {
    const stop = STOPS.find(({ title }) => title.includes("variant"));
    const changed = [];
    const example = { page: { change: (fields) => changed.push(fields) }, chrom: "c", base: 5 };
    await stop.act(example, () => false);
    assert.deepEqual(changed, []);
    await stop.act(example, () => true);
    assert.deepEqual(changed[0].variant, [{ chrom: "c", position: 5, ref: "A", alt: "G" }]);
  } finally {
    globalThis.fetch = fetch;
  }
});
