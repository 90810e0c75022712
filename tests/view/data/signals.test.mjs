import assert from "node:assert/strict";
import test from "node:test";
import { decodeSignal } from "../../../assets/ui/api.js";
import { binFor, blocksOf, logPearson, SignalCache, widened } from "../../../assets/view/data/signals.js";

function encode(header, series) {
  let text = JSON.stringify(header);
  text += " ".repeat((4 - (new TextEncoder().encode(text).length % 4)) % 4);
  const bytes = new TextEncoder().encode(text);
  const floats = new Float32Array(series.flat());
  const buffer = new ArrayBuffer(4 + bytes.length + floats.byteLength);
  new DataView(buffer).setUint32(0, bytes.length, true);
  new Uint8Array(buffer, 4).set(bytes);
  new Float32Array(buffer, 4 + bytes.length).set(floats);
  return buffer;
}

const header = {
  chrom: "chrI", start: 128, end: 512, bin_bp: 128, bins: 3, native_bin: 128, pearson: { "\u03b1": 0.5 },
  series: [
    { track: "\u03b1", kind: "experiment", stat: "mean", offset: 0 },
    { track: "\u03b1", kind: "prediction", stat: "mean", offset: 3 },
  ],
};

test("the binary answer is decoded, NaN and non-ASCII track ids included", () => {
  const signal = decodeSignal(encode(header, [[1, NaN, 3], [4, 5, 6]]));
  assert.equal(signal.binBp, 128);
  assert.deepEqual([...signal.series[0].values], [1, NaN, 3]);
  assert.deepEqual([...signal.series[1].values], [4, 5, 6]);
  assert.equal(signal.pearson["\u03b1"], 0.5);
});

test("an answer that was cut short is an error, not a picture", () => {
  assert.throws(() => decodeSignal(encode(header, [[1, 2, 3], [4]])), /cut short/);
  assert.throws(() => decodeSignal(new ArrayBuffer(0)), /empty/);
});

test("bins are native while a pixel wide, then double", () => {
  assert.deepEqual([1, 128, 129, 600].map((bases) => binFor(bases, 128)), [128, 128, 256, 1024]);
});

test("a widened window stays on the chromosome", () => {
  assert.deepEqual(widened({ chrom: "c", start: 100, end: 200 }, 1, 250), { chrom: "c", start: 0, end: 250 });
});

const pair = (experiment, prediction) => ({ start: 0, binBp: 10, bins: experiment.length, experiment: { mean: Float32Array.from(experiment) }, prediction: { mean: Float32Array.from(prediction) } });
const ramp = (bins) => Array.from({ length: bins }, (_, i) => i + 1);
const squared = (values) => values.map((x) => (x + 1) ** 2 - 1);
const everywhere = { start: 0, end: 1e6 };

test("log Pearson skips bins without data, and says how many it is of", () => {
  const { r, bins } = logPearson(pair([...ramp(20), NaN], [...squared(ramp(20)), 5]), everywhere);
  assert.ok(Math.abs(r - 1) < 1e-6);
  assert.equal(bins, 20);
});

test("below twenty bins with signal there is no r, nor without variance", () => {
  assert.deepEqual(logPearson(pair(ramp(3), ramp(3)), everywhere), { r: null, bins: 3 });
  assert.deepEqual(logPearson(pair(ramp(19), ramp(19)), everywhere), { r: null, bins: 19 });
  const quiet = [...ramp(19), ...new Array(100).fill(0)];
  assert.deepEqual(logPearson(pair(quiet, quiet), everywhere), { r: null, bins: 119 });
  assert.deepEqual(logPearson(pair(new Array(30).fill(2), ramp(30)), everywhere), { r: null, bins: 30 });
  assert.equal(logPearson({ ...pair(ramp(30), ramp(30)), experiment: null }, everywhere), null);
});

test("values below zero count as zero in r, as on the server", () => {
  const one = [-5, ...ramp(29)];
  assert.ok(Math.abs(logPearson(pair(one, one), everywhere).r - 1) < 1e-9);
});

test("log Pearson counts every bin that the window touches", () => {
  const block = pair([90, ...ramp(20), 90], [0, ...ramp(20), 0]);
  assert.ok(Math.abs(logPearson(block, { start: 10, end: 210 }).r - 1) < 1e-6);
  assert.ok(logPearson(block, { start: 9, end: 210 }).r < 0.9);
});

function cacheWithServer() {
  const asked = [];
  const fetchSignal = (query, abortSignal) =>
    new Promise((resolve, reject) => {
      asked.push({ ...query, abortSignal });
      abortSignal.addEventListener("abort", () => reject(Object.assign(new Error("stop"), { name: "AbortError" })));
      const bin = 100;
      const start = Math.floor(query.start / bin) * bin;
      const bins = Math.ceil(query.end / bin) - start / bin;
      const series = query.tracks.map((track) => ({ track, kind: "prediction", stat: "mean", values: new Float32Array(bins) }));
      setImmediate(() => resolve({ chrom: query.chrom, start, end: start + bins * bin, binBp: bin, bins, nativeBin: bin, series, pearson: {} }));
    });
  const errors = [];
  let changed;
  const cache = new SignalCache({ onChange: () => changed?.(), onError: (error) => errors.push(error), fetchSignal });
  const settle = () => new Promise((resolve) => (changed = resolve));
  return { cache, asked, errors, settle };
}

const view = { chrom: "c", start: 5000, end: 6000 };

test("a small drag is served from the over-scanned window without a request", async () => {
  const { cache, asked, settle } = cacheWithServer();
  cache.ensure(["t"], view, 500, 100, 100_000);
  await settle();
  assert.deepEqual([asked[0].start, asked[0].end], [4000, 7000]);
  const dragged = { chrom: "c", start: 5400, end: 6400 };
  cache.ensure(["t"], dragged, 500, 100, 100_000);
  assert.equal(asked.length, 1);
  assert.ok(cache.find("t", dragged, 100).exact);
});

test("a track that joins is asked for alone", async () => {
  const { cache, asked, settle } = cacheWithServer();
  cache.ensure(["t"], view, 500, 100, 100_000);
  await settle();
  cache.ensure(["t", "u"], view, 500, 100, 100_000);
  assert.deepEqual(asked[1].tracks, ["u"]);
});

test("a request that no longer serves the view is aborted, silently", async () => {
  const { cache, asked, errors, settle } = cacheWithServer();
  cache.ensure(["t"], view, 500, 100, 100_000);
  cache.ensure(["t"], { chrom: "c", start: 50_000, end: 51_000 }, 500, 100, 100_000);
  assert.ok(asked[0].abortSignal.aborted);
  await settle();
  assert.deepEqual(errors, []);
  assert.ok(cache.find("t", { chrom: "c", start: 50_000, end: 51_000 }, 100).exact);
});

test("a request under way that will serve the view is not repeated", () => {
  const { cache, asked } = cacheWithServer();
  cache.ensure(["t"], view, 500, 100, 100_000);
  cache.ensure(["t"], { chrom: "c", start: 5100, end: 6100 }, 500, 100, 100_000);
  assert.equal(asked.length, 1);
});

test("at a chromosome's end the margin is what the chromosome has", async () => {
  const { cache, asked, settle } = cacheWithServer();
  const end = { chrom: "c", start: 9050, end: 10_050 };
  cache.ensure(["t"], end, 500, 100, 10_050);
  await settle();
  cache.ensure(["t"], end, 500, 100, 10_050);
  assert.equal(asked.length, 1);
});

test("blocks hold mean and maximum of each kind", () => {
  const values = Float32Array.of(1);
  const signal = { chrom: "c", start: 0, end: 8, binBp: 8, bins: 1, series: [
    { track: "t", kind: "experiment", stat: "mean", values },
    { track: "t", kind: "experiment", stat: "max", values },
  ] };
  const block = blocksOf(signal, ["t"], { chrom: "c", start: 0, end: 8, bin: 8 }).get("t");
  assert.equal(block.experiment.max, values);
  assert.equal(block.prediction, null);
});
