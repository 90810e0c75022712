import assert from "node:assert/strict";
import test from "node:test";
import { layoutRows, trackSpans } from "../../../assets/view/rows/layout.js";
import { Maxima } from "../../../assets/view/rows/rowscales.js";
import { moved, placeAt } from "../../../assets/view/rows/roworder.js";
import { freshName } from "../../../assets/view/places/regions.js";
import { residualOf, scaleWords, trackPlot } from "../../../assets/view/rows/trackrows.js";
import { ALL, colouredBy, DEFAULTS, settingsOf, TRANSFORMS, withSettings } from "../../../assets/view/state/rowsettings.js";
import { makeScale } from "../../../assets/ui/scale.js";
import { readState, settleState, writeState } from "../../../assets/view/state/state.js";

const tracks = ["a", "b", "c"].map((id) => ({ id, name: id.toUpperCase(), group: id === "c" ? "other" : "same", has_experiment: true, has_prediction: true }));
const scale = makeScale({ start: 0, end: 400 }, { left: 100, width: 400 });
const block = (experiment, prediction) => ({
  start: 0, end: 400, binBp: 100, bins: 4, experiment: { mean: Float32Array.from(experiment), max: null }, prediction: { mean: Float32Array.from(prediction), max: null },
});
const blocks = new Map([["a", block([1, 2, 3, 4], [0, 0, 9, 0])], ["b", block([20, 0, 0, 0], [0, 0, 0, 0])], ["c", block([500, 0, 0, 0], [0, 0, 0, 0])]]);
const sceneOf = (rows, mode = "pair", floors = {}) => {
  const state = { mode, rows };
  return { state, blocks, scale, floorOf: (id) => floors[id] ?? 0, layout: layoutRows({ tracks, state, geneLanes: 1, width: 1000 }) };
};
const topOf = (scene, id, maxima = new Maxima()) => maxima.ofScene(scene)(scene.layout.body.find(({ track }) => track.id === id));

test("settings of rows are held by the address, those of all rows under a star", () => {
  const rows = { [ALL]: { scale: "log", share: "group" }, a: { height: 72, scale: "sqrt", top: 5.5, colour: "#0b5c97" }, "odd id@x": { residual: "ratio" } };
  assert.deepEqual(readState(writeState({ rows })).rows, rows);
  assert.equal(writeState({ rows: { a: { height: 72, scale: "log" } } }), "?rows=a@h72~log");
  assert.equal(writeState({ rows: {} }), "?");
  assert.deepEqual(readState("?rows=a@h9999~top-3~cxyz~sideways,broken").rows, { a: { height: 240 } });
});

test("a track's own setting wins over that of all rows, and setting all sets every one", () => {
  let rows = withSettings({}, "a", { scale: "log", height: 50 });
  rows = withSettings(rows, ALL, { height: 30 });
  assert.deepEqual(rows, { [ALL]: { height: 30 }, a: { scale: "log" } });
  assert.equal(settingsOf({ rows }, "a").height, 30);
  rows = withSettings(rows, "a", { height: null });
  assert.equal(settingsOf({ rows }, "a").height, null);
  assert.equal(settingsOf({ rows: readState(writeState({ rows })).rows }, "b").height, 30);
  assert.deepEqual(withSettings({ a: { scale: "log" } }, "a", { scale: "linear" }), {});
});

test("settings of tracks that are not shown are dropped", () => {
  const page = { project: { default_tracks: [] }, view: { tracks: new Map([["a", {}]]), chromosomes: new Map() } };
  assert.deepEqual(settleState({ ...readState("?rows=*@log,a@sqrt,b@log"), tracks: ["a"] }, page).rows, { [ALL]: { scale: "log" }, a: { scale: "sqrt" } });
});

test("experiment and prediction share a top; groups and all may share one too; a fixed one stays", () => {
  assert.equal(topOf(sceneOf({}), "a"), 9);
  assert.equal(topOf(sceneOf({ [ALL]: { share: "group" } }), "a"), 20);
  assert.equal(topOf(sceneOf({ [ALL]: { share: "all" } }), "a"), 500);
  assert.equal(topOf(sceneOf({ a: { share: "all" }, c: { share: "all" } }), "b"), 20);
  assert.equal(topOf(sceneOf({ a: { top: 3 } }), "a"), 3);
});

test("a row's own top does not go below its genome-wide level; a shared one not below any of those that share it; a fixed one may", () => {
  const floors = { a: 40, b: 12 };
  assert.equal(topOf(sceneOf({}, "pair", floors), "a"), 40);
  assert.equal(topOf(sceneOf({}, "pair", floors), "b"), 20);
  assert.equal(topOf(sceneOf({ [ALL]: { share: "group" } }, "pair", floors), "b"), 40);
  assert.equal(topOf(sceneOf({ a: { top: 3 } }, "pair", floors), "a"), 3);
  assert.equal(topOf(sceneOf({}, "residual", floors), "a"), 40);
  assert.ok(topOf(sceneOf({ a: { residual: "ratio" } }, "residual", floors), "a") < 40);
});

test("while a drag lasts tops only grow", () => {
  const maxima = new Maxima();
  const narrow = { ...sceneOf({}), scale: makeScale({ start: 0, end: 100 }, { left: 0, width: 10 }) };
  maxima.hold();
  assert.equal(topOf(sceneOf({}), "a", maxima), 9);
  assert.equal(topOf(narrow, "a", maxima), 9);
  maxima.release();
  assert.equal(topOf(narrow, "a", maxima), 1);
});

test("a residual is a difference, or a log2 ratio whose scale is at least a doubling", () => {
  const one = block([3, 0], [1, 7]);
  assert.equal(residualOf(one, "difference")(0), 2);
  assert.equal(residualOf(one, "ratio")(0), 1);
  assert.equal(residualOf(one, "ratio")(1), -3);
  const ratio = sceneOf({ [ALL]: { residual: "ratio" } }, "residual");
  assert.equal(topOf(ratio, "a"), Math.log2(5));
  const quiet = { ...ratio, blocks: new Map([["a", block([1, 1, 1, 1], [1, 1, 1, 1])]]) };
  assert.equal(topOf(quiet, "a"), 1);
});

test("square root and log raise what is low, keep zero and are odd", () => {
  for (const place of [TRANSFORMS.sqrt, TRANSFORMS.log]) {
    assert.equal(place(0), 0);
    assert.equal(place(-4), -place(4));
    assert.ok(place(1) / place(100) > 0.01);
  }
});

const drawn = (set, maximum) =>
  trackPlot({ row: { kind: "experiment", y: 0, height: 43, track: tracks[0] }, block: blocks.get("a"), maximum, scale, layout: { left: 100, plotWidth: 400 }, colours: { dark: "#000080" }, settings: { ...DEFAULTS, ...set } });
const heights = (shapes) => shapes.find(({ op }) => op === "path").points.filter((_, i) => i % 2 === 1).slice(1, -1).filter((_, i) => i % 2).map((y) => 43 - y);

test("a scale places the bins", () => {
  assert.deepEqual(heights(drawn({}, 4)), [10, 20, 30, 40]);
  assert.deepEqual(heights(drawn({ scale: "sqrt" }, 4)).map(Math.round), [20, 28, 35, 40]);
});

test("what goes beyond a fixed scale is cut and marked", () => {
  const shapes = drawn({ top: 2 }, 2);
  assert.deepEqual(heights(shapes), [20, 40, 40, 40]);
  assert.deepEqual(shapes.find(({ op }) => op === "bars").rects, [300, 0, 200, 2]);
});

test("a row's scale says what is special about it", () => {
  const row = { kind: "experiment", track: { unit: "reads" } };
  assert.equal(scaleWords(row, 4, DEFAULTS), "0 to 4.00 (reads)");
  assert.equal(scaleWords(row, 4, { ...DEFAULTS, scale: "log", share: "group" }), "0 to 4.00 (reads), log, scale of the group");
  assert.equal(scaleWords({ ...row, kind: "residual" }, 2, { ...DEFAULTS, residual: "ratio" }), "\u00b12.00 (log\u2082 ratio)");
});

test("a height of its own holds, whatever room there is", () => {
  const { body } = layoutRows({ tracks, state: { mode: "pair", rows: { b: { height: 100 } } }, geneLanes: 1, width: 1000, height: 3000 });
  assert.deepEqual(body.filter(({ track }) => track.id === "b").map(({ height }) => height), [100, 100]);
  assert.ok(body[0].height > 36);
});

test("a colour of its own gives a dark and a light one; others keep theirs", () => {
  const own = new Map([["a", { dark: "#111111" }], ["b", { dark: "#222222" }]]);
  const set = colouredBy(own, { rows: { a: { colour: "#008000" } } });
  assert.equal(set.get("a").dark, "#008000");
  assert.equal(set.get("a").light, "#80c080");
  assert.equal(set.get("b").dark, "#222222");
  assert.equal(colouredBy(own, { rows: {} }), own);
});

test("a track dragged is put where it is dropped", () => {
  assert.deepEqual(moved(["a", "b", "c"], "a", 2), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], "a", 3), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], "c", 0), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], "b", 1), ["a", "b", "c"]);
  const spans = trackSpans(sceneOf({}).layout);
  assert.deepEqual(spans.map(({ id }) => id), ["a", "b", "c"]);
  assert.equal(placeAt(spans, 0), 0);
  assert.equal(placeAt(spans, spans[1].bottom - 1), 2);
  assert.equal(placeAt(spans, 9999), 3);
});

test("regions are held by the address with their names, 1-based", () => {
  const regions = [{ chrom: "chrXVI", start: 816000, end: 818000, name: "enhancer, 2~1 @x+50%", colour: 2 }, { chrom: "c", start: 0, end: 1, name: "", colour: 0 }];
  assert.match(writeState({ regions }), /regions=chrXVI:816001-818000~/);
  assert.deepEqual(readState(writeState({ regions })).regions, regions);
  assert.deepEqual(readState("?regions=chrI:5-9,nonsense").regions, [{ chrom: "chrI", start: 4, end: 9, name: "", colour: 0 }]);
  assert.equal(freshName([{ name: "Region 2" }]), "Region 3");
});
