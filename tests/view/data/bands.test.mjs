import assert from "node:assert/strict";
import test from "node:test";
import { Bands, spreadAt } from "../../../assets/view/data/bands.js";
import { agreedOf } from "../../../assets/view/panels/varianttrust.js";
import { saliencyNote, trackNote } from "../../../assets/view/rows/rownotes.js";
import { trackPlot } from "../../../assets/view/rows/trackrows.js";
import { DEFAULTS } from "../../../assets/view/state/rowsettings.js";
import { makeScale } from "../../../assets/ui/scale.js";

const LIMITS = { stretch_bp: 1000, max_bp: 3000 };
const summary = (values) => ({ mean: Float32Array.from(values), max: null });

test("networks are asked where bins are the model's own, and not again once they were refused", () => {
  const bands = new Bands(LIMITS, () => {});
  const asked = [];
  bands.cache.fetchSignal = (window) => new Promise(() => asked.push(window.start));
  bands.ensure(["a"], { chrom: "c", start: 0, end: 3000 }, 20, 100, 9000); // 30 bins on 20 pixels
  assert.deepEqual(asked, []);
  bands.ensure(["a"], { chrom: "c", start: 100, end: 900 }, 20, 100, 9000);
  assert.deepEqual(asked, [0]);
  bands.cache.onError();
  bands.ensure(["a"], { chrom: "c", start: 5100, end: 5900 }, 20, 100, 9000);
  assert.deepEqual(asked, [0]);
});

test("the band is one deviation above and below each bin, and nothing below zero", () => {
  const block = { chrom: "c", start: 100, end: 400, binBp: 100, bins: 3, experiment: null, prediction: summary([10, 2, NaN]) };
  const band = { chrom: "c", start: 0, end: 400, binBp: 100, bins: 4, spread: summary([9, 4, 3, 1]) };
  const scale = makeScale({ start: 100, end: 400 }, { left: 0, width: 300 });
  const row = { y: 0, height: 23, kind: "prediction", track: { has_experiment: false, has_prediction: true } };
  const colours = { dark: "#112233", light: "#445566", darkFaint: "#1", lightFaint: "#2" };
  const what = { row, block, band, scale, maximum: 20, settings: DEFAULTS, layout: { left: 0, plotWidth: 300 }, colours };
  const found = trackPlot(what).find(({ fill }) => fill?.startsWith("#112233"));
  // 20 pixels for 0 to 20, from 23 upward: 10 +- 4, and 2 +- 3 cut at zero.
  assert.deepEqual(found.rects, [0, 9, 100, 8, 100, 18, 100, 5]);
  assert.equal(spreadAt(band, 150), 4);
  assert.equal(spreadAt(band, 450), null);
  assert.equal(spreadAt(null, 150), null);
  assert.equal(trackPlot({ ...what, band: null }).some(({ fill }) => fill?.startsWith("#112233")), false);
});

test("notes have mean and deviation of the networks, and say where they disagree", () => {
  const result = { start: 0, bin: 100, values: [1, -2], said: { members: 3, mean: [0.9, 0.5], deviation: [0.2, 3], known: [true, false] } };
  const linesAt = (base) => saliencyNote({ result, base, chrom: "c", length: 1000 }).lines.map(({ label, value }) => `${label} ${value}`);
  assert.deepEqual(linesAt(50), ["saliency 1.00", "3 networks 0.900 \u00b1 0.200"]);
  assert.deepEqual(linesAt(150), ["saliency \u22122.00", "3 networks 0.500 \u00b1 3.00", "they disagree "]);
  const [, , , doubt] = trackNote({
    track: { name: "A", unit: "u" },
    block: { start: 0, binBp: 100, bins: 1, experiment: summary([1]), prediction: summary([2]) },
    base: 5, chrom: "c", length: 1000, colours: { dark: "#1", light: "#2" }, hint: undefined, spread: { members: 3, deviation: 0.25 },
  }).lines;
  assert.deepEqual([doubt.label, doubt.value], ["\u00b1 sd of 3 networks (band)", "0.250"]);
});

test("what networks say of a variant is found by track and by gene", () => {
  const known = { mean: 1, deviation: 0.1, known: true };
  const found = agreedOf({ members: 3, tracks: [{ track: "a", local: known, context: known }], genes: [{ gene: "g", track: "a", sed: known }] });
  assert.equal(found.tracks.get("a").local, known);
  assert.equal(found.genes.get("g"), known);
});
