import assert from "node:assert/strict";
import test from "node:test";
import { makeScale } from "../../../assets/ui/scale.js";
import { isSure, letterOf, MeasuredData, measurementsOf, placeOf } from "../../../assets/view/measured/measureddata.js";
import { measuredNote, measuredPlot, nearest } from "../../../assets/view/measured/measuredrow.js";
import { shareOf, withInterval } from "../../../assets/view/measured/measuredcard.js";

const one = (position, alt, effect, more = {}) => ({ position, ref: "A", alt, effect, q: 0.01, experiment: "HepG2", gene: "", predicted: [], ...more });
const table = (effects, more = {}) => ({ name: "mpra", source: "mpra.tsv", effect: "logFC", significance: true, total: effects.length, largest: 1, tracks: [], score: "", effects, ...more });
const row = { y: 0, height: 48, table: "mpra", key: "measured/mpra" };
const sceneOf = (start, end) => ({ layout: { left: 100, plotWidth: 1000, right: 80, headHeight: 0 }, scale: makeScale({ start, end }, { left: 100, width: 1000 }), window: { chrom: "chrI", start, end }, measure: (words) => 6 * words.length, activeRow: null });

test("effects point up and down, are cut at what is usual, and grey where they are not significant", () => {
  const shapes = measuredPlot(table([one(100, "C", 0.5), one(200, "C", -0.5), one(300, "C", 9, { q: 0.5 })]), row, sceneOf(0, 1000));
  const dots = shapes.filter(({ op, radius }) => op === "rect" && radius);
  const middles = dots.map(({ y, h }) => y + h / 2);
  assert.deepEqual(middles, [6, 15, 33]); // the one that is not sure lies behind: first
  assert.equal(new Set(dots.map(({ fill }) => fill)).size, 3);
});

test("among letters the dots are the bases that come, and a loss and a gain of bases have a sign", () => {
  const shapes = measuredPlot(table([one(10, "C", 0.5), one(20, "AG", 0.2), { ...one(30, "A", 0.2), ref: "AT" }]), row, sceneOf(0, 100));
  assert.deepEqual(shapes.filter(({ op, align }) => op === "text" && align === "center").map(({ text }) => text), ["C", "+", "\u2212"]);
  assert.equal(letterOf(one(1, "G", 1)), "G");
  assert.deepEqual([placeOf(one(10, "C", 1)), placeOf(one(10, "AG", 1))], [10.5, 11]);
});

test("a table that says nothing of significance has no doubted effects", () => {
  assert.ok(isSure(one(1, "C", 1, { q: null }), table([], { significance: false })));
  assert.ok(!isSure(one(1, "C", 1, { q: null }), table([])));
});

test("what lies under the pointer is the nearest, and says what was measured and predicted", () => {
  const effects = [one(100, "C", 0.5, { predicted: [0.25] }), one(100, "C", 0.3, { experiment: "K562", gene: "TERT", predicted: [0.25] }), one(104, "G", -0.5)];
  const measured = table(effects, { tracks: ["atac"], score: "sum of log2 ratios" });
  const scene = sceneOf(0, 1000);
  assert.equal(nearest(measured, row, scene, { x: 201, y: 15 }), effects[0]);
  assert.equal(nearest(measured, row, scene, { x: 204, y: 33 }), effects[2]);
  assert.equal(nearest(measured, row, scene, { x: 300, y: 15 }), null);
  const note = measuredNote(measured, row, scene, { x: 201, y: 15, side: "plot", base: 100 }, new Map([["atac", { name: "ATAC" }]]));
  assert.equal(note.title, "chrI:101 A>C");
  assert.deepEqual(note.lines.map(({ label }) => label), ["HepG2", "K562", "gene", "predicted, ATAC"]);
  assert.match(note.lines[0].value, /^\+0\.500 .* FDR 0\.0100$/);
});

test("an empty window says so, and a table too large says what it shows", () => {
  assert.ok(measuredPlot(table([]), row, sceneOf(0, 10)).some(({ text }) => text === "nothing measured here"));
  assert.ok(measuredPlot(table([one(1, "C", 1)], { total: 9 }), row, sceneOf(0, 10)).some(({ text }) => text === "the 1 largest of 9"));
});

test("a variant's measurements are found however its alleles are written", () => {
  const deletion = { ...one(9, "A", 0.2), ref: "AT" };
  const tables = [table([one(10, "C", 1), deletion])];
  assert.deepEqual(measurementsOf(tables, { chrom: "chrI", position: 8, ref: "GAT", alt: "GA" }).map(({ effect }) => effect), [deletion]);
  assert.deepEqual(measurementsOf(tables, { chrom: "chrI", position: 10, ref: "A", alt: "G" }), []);
});

test("other tracks are asked for anew, the same are not", async () => {
  const asked = [];
  const data = new MeasuredData({ onChange() {}, onError(error) { throw error; }, fetchJson: /** @type {any} */ (async (name, question) => { asked.push(question); return { tables: [table([])] }; }) });
  const demand = { window: { chrom: "chrI", start: 100, end: 200 }, length: 1000 };
  for (const tracks of [["a"], ["a"], ["a", "b"]]) {
    data.of(tracks);
    data.ensure(demand);
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.deepEqual(asked.map(({ tracks }) => tracks), ["a", "a,b"]);
  assert.deepEqual([data.on("chrI").length, data.on("chrII").length], [1, 0]);
});

test("numbers have their intervals where they are known", () => {
  assert.equal(withInterval({ value: 0.5, low: 0.25, high: 0.75 }), "0.50 [0.25, 0.75]");
  assert.equal(withInterval({ value: 0.5, low: null, high: null }), "0.50");
  assert.equal(withInterval({ value: null, low: null, high: null }), "\u2013");
  assert.deepEqual([shareOf({ value: 0.75, low: null, high: null }, 4), shareOf({ value: 0.75, low: null, high: null }, 400)], ["3 of 4", "75\u202f%"]);
});
