import assert from "node:assert/strict";
import test from "node:test";
import { hasFiles, joined, LivePredictions } from "../../../assets/view/data/live.js";
import { trackLabel, trackPlot } from "../../../assets/view/rows/trackrows.js";
import { DEFAULTS } from "../../../assets/view/state/rowsettings.js";
import { makeScale } from "../../../assets/ui/scale.js";
import { SignalCache } from "../../../assets/view/data/signals.js";

const summary = (values) => ({ mean: Float32Array.from(values), max: null });
const files = { chrom: "c", start: 0, end: 400, binBp: 100, bins: 4, experiment: summary([1, 2, 3, 4]), prediction: null };
const live = { chrom: "c", start: 100, end: 300, binBp: 100, bins: 2, experiment: null, prediction: summary([7, 8]) };
const flat = (shape) => (shape.op === "group" ? shape.items.flatMap(flat) : [shape]);

test("nothing is read from files of a track that is predicted on the spot and has no experiment", () => {
  assert.equal(hasFiles({ has_experiment: false, has_prediction: true, live: true }), false);
  assert.equal(hasFiles({ has_experiment: true, has_prediction: true, live: true }), true);
  assert.equal(hasFiles({ has_experiment: false, has_prediction: true, live: false }), true);
});

test("a live prediction is put on the bins of the files, and says how far it reaches", () => {
  const both = joined(files, live);
  assert.deepEqual([...both.prediction.mean], [NaN, 7, 8, NaN]);
  assert.deepEqual(both.predicted, { start: 100, end: 300 });
  assert.equal(both.experiment, files.experiment);
  assert.deepEqual([...joined({ ...files, binBp: 50, bins: 8 }, live).prediction.mean].slice(2, 6), [7, 7, 8, 8]);
  assert.equal(joined({ ...files, prediction: summary([NaN, NaN, NaN, NaN]) }, null).prediction, null);
  assert.deepEqual(joined(null, live).predicted, { start: 100, end: 300 });
});

test("whole stretches are asked for, up to the widest that is predicted", () => {
  const cache = new SignalCache({ overscan: 0, margin: 0, stretch: 1000, most: 3000 });
  assert.deepEqual(cache.regionFor({ chrom: "c", start: 1200.5, end: 2100 }, 9000), { chrom: "c", start: 1000, end: 3000 });
  assert.deepEqual(cache.regionFor({ chrom: "c", start: 8200, end: 9000 }, 9000), { chrom: "c", start: 8000, end: 9000 });
  assert.deepEqual(cache.regionFor({ chrom: "c", start: 900, end: 3800 }, 9000), { chrom: "c", start: 900, end: 3800 });
});

test("a window that is too wide is said to be, and what was under way is given up", () => {
  const predictions = new LivePredictions({ stretch_bp: 1000, max_bp: 3000 }, () => {});
  const asked = [];
  predictions.cache.fetchSignal = (_, signal) => new Promise(() => asked.push(signal));
  const view = { chrom: "c", start: 0, end: 2000 };
  predictions.ensure(["a"], view, 100, 100, 9000);
  assert.equal(predictions.find("a", view, 100, null).live.state, "pending");
  const wide = { chrom: "c", start: 0, end: 3001 };
  predictions.ensure(["a"], wide, 100, 100, 9000);
  assert.equal(asked[0].aborted, true);
  const { block, live: said } = predictions.find("a", wide, 100, files);
  assert.equal(said.state, "wide");
  assert.match(said.message, /^zoom in to predict: at most 3/);
  assert.equal(block.experiment, files.experiment);
});

test("a row names its prediction live, draws what is there and marks what is to come", () => {
  const scale = makeScale({ start: 0, end: 400 }, { left: 200, width: 800 });
  const track = { id: "a", name: "ATAC", has_experiment: true, has_prediction: true, live: true };
  const what = {
    row: { kind: "prediction", y: 0, height: 40, track, first: false, last: true, name: "prediction of ATAC" },
    block: joined(files, live), live: { state: "pending", message: "predicting, 2 of 3" }, maximum: 8, scale, settings: DEFAULTS,
    layout: { left: 200, right: 100, plotWidth: 800 }, localR: null, folds: [], measure: (words) => words.length * 6, active: false,
    colours: { dark: "#000080", light: "#8080ff", darkFaint: "#aaaacc", lightFaint: "#ddddff" },
  };
  const shapes = [...trackPlot(what), ...trackLabel(what)].flatMap(flat);
  const words = shapes.filter(({ op }) => op === "text").map((shape) => shape.text);
  assert.ok(words.includes("predicted live"));
  assert.equal(words.filter((line) => line === "predicting, 2 of 3").length, 2);
  assert.ok(!words.includes("no data"));
  const waiting = shapes.filter(({ op, radius }) => op === "rect" && radius === 3);
  assert.deepEqual(waiting.map(({ x, w }) => [x, w]), [[200, 200], [800, 200]]);
});
