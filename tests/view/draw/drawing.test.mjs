import assert from "node:assert/strict";
import test from "node:test";
import { foldsByChromosome, foldsIn, mergeFolds } from "../../../assets/view/rows/folds.js";
import { foldStrip, genesPlot } from "../../../assets/view/rows/headrows.js";
import { FOLD_FILLS, tint, trackColours } from "../../../assets/ui/palette.js";
import { correlationNote } from "../../../assets/view/rows/correlation.js";
import { kindOf } from "../../../assets/view/rows/rowkinds.js";
import { commonMaximum, missingRuns, stepOutline, trackLabel, trackPlot } from "../../../assets/view/rows/trackrows.js";
import { nearestGene } from "../../../assets/view/data/saliency.js";
import { DEFAULTS } from "../../../assets/view/state/rowsettings.js";
import { saliencyLabel, saliencyPlot } from "../../../assets/view/rows/saliencyrow.js";
import { makeScale } from "../../../assets/ui/scale.js";
import { windowOf } from "../../../assets/view/state/places.js";
import { fitText, group, hatch, text } from "../../../assets/view/draw/shapes.js";
import { toSvg } from "../../../assets/view/draw/svg.js";
import { asTsv, signalTable } from "../../../assets/view/export/valuestable.js";

const measure = (words) => words.length * 6;
const scale = makeScale({ start: 0, end: 400 }, { left: 100, width: 400 });
const layout = { left: 100, right: 140, plotWidth: 400 };
const colours = { dark: "#000080", light: "#8080ff", darkFaint: "#aaaacc", lightFaint: "#ddddff" };
const track = { id: "a", name: "ATAC", has_experiment: true, has_prediction: true, held_out: { pearson_log1p: 0.62 }, unit: "reads" };
const block = (experiment, prediction) => ({
  chrom: "c", start: 0, end: 400, binBp: 100, bins: 4,
  experiment: experiment && { mean: Float32Array.from(experiment), max: null },
  prediction: prediction && { mean: Float32Array.from(prediction), max: null },
});
const flat = (shape) => (shape.op === "group" ? shape.items.flatMap(flat) : [shape]);
const drawn = (kind, data, more = {}, set = {}, folds = [], localR = { r: 0.714, bins: 250 }) => {
  const settings = { ...DEFAULTS, ...set };
  const row = { kind, key: `a/${kind}`, y: 0, height: 40, track: { ...track, ...more }, first: true, last: true, name: kind };
  const what = { row, block: data, maximum: commonMaximum(data, scale), scale, layout, colours, settings, localR, folds, measure, active: false };
  return [...trackPlot(what), ...trackLabel(what)].flatMap(flat);
};
const words = (shapes) => shapes.filter(({ op }) => op === "text").map((shape) => shape.text);

test("the r of a pair is marked with the fold of the window, or as mixed", () => {
  const both = block([1, 2, 3, 4], [1, 2, 3, 4]);
  assert.ok(!words(drawn("overlay", both)).includes("test"));
  assert.ok(words(drawn("overlay", both, {}, {}, ["test"])).includes("test"));
  assert.ok(words(drawn("overlay", both, {}, {}, ["test", "train"])).includes("mixed"));
});

test("the ruler shows where the folds of the window change", () => {
  const folds = [{ start: 0, end: 100, fold: "train" }, { start: 100, end: 900, fold: "test" }, { start: 900, end: 1000, fold: "valid" }];
  const strip = foldStrip({ scale, folds, y: 20 });
  assert.deepEqual(strip.map(({ x, w, fill }) => [x, w, fill]), [[100, 100, FOLD_FILLS.train], [200, 300, FOLD_FILLS.test]]);
});

test("bins become steps over the baseline", () => {
  assert.deepEqual(stepOutline((i) => [1, 3][i], 0, 2, { start: 0, binBp: 100 }, scale, 50, 10, 40), [100, 50, 100, 40, 200, 40, 200, 20, 300, 20, 300, 50]);
});

test("experiment and prediction share one scale", () => {
  assert.equal(commonMaximum(block([1, 2, NaN, 1], [0, 0, 0, 9]), scale), 9);
});

test("only bins in view set the scale", () => {
  assert.equal(commonMaximum(block([1, 2, 1, 90], [0, 0, 0, 0]), makeScale({ start: 0, end: 300 }, { left: 0, width: 10 })), 2);
});

test("bins without data are hatched, not drawn as zero", () => {
  assert.deepEqual(missingRuns([1, NaN, NaN, 2, NaN], 0, 5), [[1, 3], [4, 5]]);
  const hatches = drawn("experiment", block([1, NaN, NaN, 1], [1, 1, 1, 1])).filter(({ op }) => op === "hatch");
  assert.deepEqual(hatches.map(({ x, w }) => [x, w]), [[200, 200]]);
});

test("a row says its scale with the unit, its local r and its held-out r", () => {
  const said = words(drawn("overlay", block([1, 2, 3, 4], [1, 2, 3, 4])));
  assert.ok(said.includes("0 to 4.00 (reads)"));
  assert.ok(said.includes("r 0.71"));
  assert.ok(said.includes(" \u00b7 250 bins"));
  assert.ok(said.includes("held-out 0.62"));
});

test("a held-out r stands beside the r that replicates set, as far as there is room", () => {
  const held = { pearson_log1p: 0.62, ceiling_log1p: 0.7, ceiling_of: "replicates" };
  const shapes = drawn("overlay", block([1, 2, 3, 4], [1, 2, 3, 4]), { held_out: held });
  assert.ok(words(shapes).some((said) => said.startsWith("held-out 0.62") && said.includes("0.70")));
});

test("an r over a few bins is a dash, not in bold, with the bins there are", () => {
  const shapes = drawn("overlay", block([1, 2, 3, 4], [1, 2, 3, 4]), {}, {}, [], { r: null, bins: 3 });
  const r = shapes.find(({ text: said }) => said?.startsWith("r "));
  assert.deepEqual([r.text, r.weight], ["r \u2013", 400]);
  assert.ok(words(shapes).includes(" \u00b7 3 bins"));
});

test("the note on an r says its bins, its fold, the ceiling that replicates set, and why there is none", () => {
  const other = { ...track, id: "b", name: "ATAC 2", replicate_of: "a" };
  const values = Array.from({ length: 24 }, (_, i) => i);
  const long = { ...block(values, values), bins: 24 };
  const scene = {
    blocks: new Map([["a", long], ["b", long]]), project: { bin: 100, tracks: [track, other] }, window: { start: 0, end: 2400 }, foldsHere: ["test"],
    localR: () => ({ r: null, bins: 3 }),
  };
  const { lines, hint } = correlationNote({ ...track, held_out: { ...track.held_out, fold: "test", n_bins: 13597, ceiling_of: "no replicate" } }, scene);
  const said = Object.fromEntries(lines.map(({ label, value }) => [label, value]));
  assert.equal(said["r, this window"], "\u2013 \u00b7 3 bins");
  assert.equal(said["ceiling: ATAC 2"], "1.00 \u00b7 24 bins");
  assert.equal(said["held-out r (test, 13,597 bins)"], "0.620");
  assert.equal(said["its ceiling"], "not known: no replicate");
  assert.match(hint, /Too few bins/);
});

test("a track without experiment says so, and has no residual", () => {
  const said = words(drawn("residual", block(null, [1, 2, 3, 4]), { has_experiment: false }));
  assert.ok(said.some((line) => line.startsWith("prediction only")));
});

test("a residual is experiment minus prediction on both sides of the middle", () => {
  const areas = drawn("residual", block([4, 0, 0, 0], [0, 0, 4, 0])).filter(({ op }) => op === "path");
  const ys = areas.map(({ points }) => points.filter((_, i) => i % 2));
  assert.ok(Math.min(...ys[0]) < 20 && Math.max(...ys[0]) === 20);
  assert.ok(Math.max(...ys[1]) > 20 && Math.min(...ys[1]) === 20);
});

test("zoomed out, the maximum lies behind the mean", () => {
  const data = block([1, 1, 1, 1], [1, 1, 1, 1]);
  data.experiment.max = Float32Array.of(5, 5, 5, 5);
  const fills = drawn("experiment", data).filter(({ op }) => op === "path").map(({ fill }) => fill);
  assert.deepEqual(fills, [colours.darkFaint, colours.dark]);
});

test("saliency is blue above and orange below the middle, with what the chromosome's end cut off hatched", () => {
  const result = { track: "a", chrom: "c", bin: 100, start: -100, values: [0, 2, 0, -4, 0], target: { start: 100, end: 200 }, context: { start: 0, end: 400 }, truncated: { left: 300, right: 0 } };
  const what = { row: { kind: "saliency", y: 0, height: 92 }, saliency: { status: "ready", result, title: "saliency of ATAC at GAL1", track: { name: "ATAC", unit: "log\u2082 ratio" } }, scale, layout, measure, active: false, chromosome: { length: 10_000 } };
  const shapes = [...saliencyPlot(what), ...saliencyLabel(what)];
  const [raising, lowering] = shapes.filter(({ op }) => op === "bars");
  const middle = 20 + 72 / 2;
  assert.equal(raising.rects[1] + raising.rects[3], middle);
  assert.equal(lowering.rects[1], middle);
  assert.equal(lowering.rects[3], 2 * raising.rects[3]);
  assert.ok(shapes.some(({ op }) => op === "hatch"));
  assert.ok(words(shapes).includes("saliency of ATAC at GAL1"));
  assert.ok(words(shapes).some((said) => /^\u00b14\S* \(log\u2082 ratio\)$/.test(said)));
});

test("touching windows of one fold are one stretch of the ideogram", () => {
  const folds = [{ chrom: "c", start: 100, end: 200, fold: "train" }, { chrom: "c", start: 0, end: 100, fold: "train" }, { chrom: "c", start: 200, end: 300, fold: "test" }, { chrom: "d", start: 0, end: 9, fold: "test" }];
  const chromosomes = [{ name: "c", length: 300, fold: "mixed" }, { name: "e", length: 70, fold: "valid" }, { name: "f", length: 70, fold: "" }];
  const windows = foldsByChromosome({ folds, chromosomes });
  assert.deepEqual(windows.get("e"), [{ start: 0, end: 70, fold: "valid" }], "a chromosome of one fold has no windows of its own");
  assert.deepEqual(windows.get("f"), []);
  assert.deepEqual(mergeFolds(windows.get("c"), 1), [{ start: 0, end: 200, fold: "train" }, { start: 200, end: 300, fold: "test" }]);
  assert.deepEqual(foldsIn(windows.get("c"), { start: 190, end: 290 }), ["test", "train"]);
});

test("the TSS nearest to the target names the saliency", () => {
  const genes = [{ name: "FAR", tss: [900] }, { name: "NEAR", tss: [480, 700] }];
  assert.equal(nearestGene(genes, 500, 256), "NEAR");
  assert.equal(nearestGene(genes, 5000, 256), null);
});

test("a gene found is shown with its neighbourhood, inside the chromosome", () => {
  assert.deepEqual(windowOf({ kind: "gene", chrom: "c", start: 1000, end: 2000 }, [{ name: "c", length: 4000 }]), { chrom: "c", start: 0, end: 4000 });
});

test("tracks of one assay share a dark and a light colour", () => {
  const map = trackColours([{ id: "1", color: 0 }, { id: "2", color: 1 }, { id: "3", color: 0 }, { id: "4", color: 1000 }]);
  assert.equal(map.get("1").dark, map.get("3").dark);
  assert.match(map.get("4").dark, /^#/, "colours come round again");
  assert.notEqual(map.get("1").dark, map.get("2").dark);
  assert.equal(tint("#000000", 1, "#ffffff"), "#ffffff");
});

test("text is cut with an ellipsis to fit", () => {
  assert.equal(fitText("short", 100, measure, 12), "short");
  assert.equal(fitText("H3K4me3 wild type", 60, measure, 12), "H3K4me3 w\u2026");
});

test("no name breaks an SVG", () => {
  const evil = "<img src=x onerror=alert(1)>\"&'\u0007\ud800\uffff]]>";
  const svg = toSvg([group(0, 0, [text(1, 2, evil, "#000")], { label: evil })], 100, 50, evil);
  const written = "&lt;img src=x onerror=alert(1)&gt;&quot;&amp;'   ]]&gt;";
  assert.equal(svg.split(written).length, 4);
  assert.ok(!svg.includes("<img"));
});

test("the SVG holds what the list says, escaped", () => {
  const svg = toSvg([group(5, 0, [text(1, 2, "a<b & c", "#000"), hatch(0, 0, 9, 9, { ground: "#eee", stripe: "#ccc" })], { clip: [0, 0, 10, 10], label: "row \"one\"" })], 100, 50, "t");
  assert.ok(svg.includes("a&lt;b &amp; c"));
  assert.ok(svg.includes("<title>row &quot;one&quot;</title>"));
  assert.ok(/clip-path="url\(#clip0\)"/.test(svg) && /id="clip0"/.test(svg));
  assert.ok(/fill="url\(#hatch1\)"/.test(svg));
});

test("the table has a row a bin and a column a series; no data is an empty cell", () => {
  const scene = { blocks: new Map([["a", block([1, NaN, 3, 4], [1, 2, 3, 4])]]), colours: new Map([["a", colours]]) };
  const series = ["experiment", "prediction"].flatMap((kind) => kindOf({ kind }).series({ kind, track }, scene));
  const table = signalTable({ series, window: { chrom: "c", start: 0, end: 400 } });
  assert.deepEqual(table.columns, ["start", "end", "ATAC: experiment", "ATAC: prediction"]);
  assert.deepEqual(table.rows[1], [101, 200, "", 2]);
  assert.equal(asTsv(table).split("\n")[1], "1\t100\t1\t1");
});

test("no gene is said where genes are known to be none; elsewhere that they come, or that the server is away", () => {
  const row = { y: 0, height: 30 };
  const scene = { packing: { placed: [], dense: false }, scale, layout, row, away: false };
  const said = (more) => words(genesPlot({ ...scene, ...more }).flatMap(flat));
  assert.deepEqual(said({ genes: { asked: { start: 0, end: 400 } } }), ["no gene here"]);
  assert.deepEqual(said({ genes: null }), ["loading genes"]);
  assert.deepEqual(said({ genes: { asked: { start: 0, end: 100 } } }), ["loading genes"]);
  assert.deepEqual(said({ genes: null, away: true }), ["The server does not answer"]);
});
