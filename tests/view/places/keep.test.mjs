import assert from "node:assert/strict";
import test from "node:test";
import { FeatureCache, featureNote, featurePlot, featureTable, LANES, packFeatures } from "../../../assets/view/rows/featurerows.js";
import { drawnWidth, withMeasures } from "../../../assets/view/export/picturedialog.js";
import { crc32, withResolution } from "../../../assets/view/draw/png.js";
import { formatBytes } from "../../../assets/view/export/reproduce.js";
import { makeScale } from "../../../assets/ui/scale.js";
import { readSession, writeSession } from "../../../assets/view/state/sessions.js";
import { group, rect, text } from "../../../assets/view/draw/shapes.js";
import { addressToShare, openAddress } from "../../../assets/view/state/shares.js";
import { LONGEST_ADDRESS, parametersOf, searchIn, searchOf, shownAddress } from "../../../assets/view/state/state.js";
import { toSvg } from "../../../assets/view/draw/svg.js";
import { asTrack, misfit } from "../../../assets/view/data/uploads.js";

const project = { title: "Lab", genome: "sacCer3", fingerprint: "f1", model_hash: "m1", version: "0.1.0" };
const SEARCH = "?locus=chrI:1-900&tracks=a,b&mode=overlay";
const long = `?locus=chrI:1-900&tracks=${Array.from({ length: 300 }, (_, i) => `track_${i}`).join(",")}`;

// Addresses -------------------------------------------------------------------------------------------------------------

test("an address of up to 1,500 characters says everything itself", async () => {
  assert.deepEqual(await addressToShare(SEARCH, () => assert.fail("the server was asked")), { address: SEARCH, problem: "" });
  assert.equal(shownAddress(SEARCH), SEARCH);
});

test("a longer one is kept on the server and comes back the same", async () => {
  assert.ok(long.length > LONGEST_ADDRESS);
  let kept = null;
  const shared = await addressToShare(long, async (name, { state }) => {
    assert.equal(name, "shares");
    kept = state;
    return { id: "abcdefghij" };
  });
  assert.deepEqual(shared, { address: "?s=abcdefghij", problem: "" });
  const opened = await openAddress({ search: shared.address, hash: "" }, async (name) => {
    assert.equal(name, "shares/abcdefghij");
    return { state: kept };
  });
  assert.deepEqual(opened, { search: long, problem: "" });
});

test("where the server keeps no view, the long address is shared and the reason said", async () => {
  const shared = await addressToShare(long, async () => {
    throw new Error("no room");
  });
  assert.deepEqual(shared, { address: `#${long.slice(1)}`, problem: "no room" });
  assert.equal((await openAddress({ search: "", hash: shared.address })).search, long);
});

test("while it is looked at, a long address stands behind #, where no server cuts it", () => {
  const shown = shownAddress(long, "/");
  assert.ok(shown.startsWith("/#locus="));
  const { search, hash } = new URL(shown, "http://lab.example/?s=abcdefghij");
  assert.equal(searchIn({ search, hash }), long);
});

test("a short address that nobody knows opens the default view and says why", async () => {
  const opened = await openAddress({ search: "?s=nosuchview", hash: "" }, async () => {
    throw new Error("no view is kept here");
  });
  assert.deepEqual(opened, { search: "", problem: "no view is kept here" });
});

test("parameters stay as they stand in the address", () => {
  assert.equal(searchOf(parametersOf("?tracks=a%2Cb,c&locus=x:1-2")), "?tracks=a%2Cb,c&locus=x:1-2");
});

// Sessions --------------------------------------------------------------------------------------------------------------

const session = () => writeSession(project, SEARCH, new Date(0), "http://lab.example/");

test("a session's file opens what was saved", () => {
  assert.deepEqual(readSession(session(), project, new Set(["a", "b"])), { search: SEARCH, remarks: [] });
});

test("a session of another genome changes nothing and says which it is of", () => {
  const other = { ...project, genome: "hg38", fingerprint: "f2" };
  assert.throws(() => readSession(session(), other, new Set()), /another genome, sacCer3 \(f1\); this project has hg38 \(f2\)\. Nothing was changed/);
});

test("tracks that are not here and another model are remarked on", () => {
  const { remarks } = readSession(session(), { ...project, model_hash: "m2" }, new Set(["a"]));
  assert.deepEqual(remarks, ["1 of its tracks is not here: b.", "It was saved with another model: predictions differ."]);
});

test("what is no session is refused", () => {
  assert.throws(() => readSession("not json", project, new Set()), /is no session: it is not JSON/);
  assert.throws(() => readSession('{"format": "other"}', project, new Set()), /no session of Sighthound/);
  const newer = session().replace('"format_version": 1', '"format_version": 9');
  assert.throws(() => readSession(newer, project, new Set()), /newer than this server's 0\.1\.0/);
});

// Pictures --------------------------------------------------------------------------------------------------------------

test("a picture for print is drawn at its size on paper, but never too narrow for its labels", () => {
  assert.equal(drawnWidth(180), 680);
  assert.equal(drawnWidth(85), 480);
});

test("an SVG for print is as wide as the column", () => {
  const svg = toSvg([rect(0, 0, 10, 10, "#000000")], 680, 340, "t", 180);
  assert.match(svg, /width="180mm" height="90mm" viewBox="0 0 680 340"/);
});

test("texts tell how wide they are, wherever they lie", () => {
  const [{ items }] = withMeasures([group(0, 0, [text(1, 2, "abcd", "#000000"), rect(0, 0, 1, 1, "#ffffff")])], (words, size) => words.length * size);
  assert.equal(items[0].measured, 44);
  assert.equal(items[1].measured, undefined);
});

test("a PNG says its resolution in a chunk whose checksum holds", () => {
  assert.equal(crc32(new TextEncoder().encode("IEND")), 0xae426082);
  const png = new Uint8Array(60).fill(7);
  const made = withResolution(png, 300);
  assert.equal(made.length, 81);
  const fields = new DataView(made.buffer);
  assert.equal(new TextDecoder().decode(made.subarray(37, 41)), "pHYs");
  assert.deepEqual([fields.getUint32(33), fields.getUint32(41), fields.getUint32(45), made[49]], [9, 11811, 11811, 1]);
  assert.equal(fields.getUint32(50), crc32(made.subarray(37, 50)));
});

test("sizes of files are written as people read them", () => {
  assert.deepEqual([0, 999, 1500, 61_000, 3.2e9].map(formatBytes), ["0 B", "999 B", "1.5 kB", "61 kB", "3.2 GB"]);
});

// One's own data --------------------------------------------------------------------------------------------------------

const scale = makeScale({ start: 0, end: 1000 }, { left: 100, width: 500 });
const measure = (words) => words.length * 6;
const names = (features) => packFeatures(features, scale, measure).map(({ feature, lane, named }) => [feature.name, lane, named]);

test("features share a lane while their names have room, then go down", () => {
  assert.deepEqual(names([{ start: 0, end: 100, name: "one" }, { start: 110, end: 200, name: "two" }, { start: 400, end: 500, name: "three" }]), [
    ["one", 0, true],
    ["two", 1, true],
    ["three", 0, true],
  ]);
});

test("a name that the next box would cover is left out, never written under it", () => {
  const crowded = Array.from({ length: 12 }, (_, i) => ({ start: i * 20, end: i * 20 + 10, name: `peak_${i}` }));
  const placed = packFeatures(crowded, scale, measure);
  assert.ok(placed.every(({ lane }) => lane < LANES));
  for (const item of placed.filter(({ named }) => named)) {
    const end = item.x + item.width + 4 + measure(item.feature.name);
    for (const other of placed) if (other !== item && other.lane === item.lane && other.x > item.x) assert.ok(other.x >= end);
  }
  assert.ok(placed.some(({ named }) => named));
});

const layout = { left: 100, plotWidth: 500 };
const colours = { dark: "#000080", darkFaint: "#aaaacc" };
const plot = (own, here) => featurePlot({ row: { y: 0, height: 50, track: { own } }, here, problem: "", scale, layout, colours, measure });

test("a box lies where its feature does, in its own colour, with summit, blocks and strand", () => {
  const shapes = plot("bed", { features: [{ start: 100, end: 200, strand: "-", color: "#ff0080", summit: 150, blocks: [[100, 120], [180, 200]] }] });
  const boxes = shapes.filter(({ op, h }) => op === "rect" && h > 5);
  assert.deepEqual(boxes.map(({ x, w, fill }) => [x, w, fill]), [[150, 10, "#ff0080"], [190, 10, "#ff0080"]]);
  assert.ok(shapes.some(({ op, x1 }) => op === "line" && x1 === 175.25));
  assert.ok(shapes.some(({ op, points }) => op === "path" && points[2] < points[0]), "the wedge points left");
});

test("variants are ticks; one that cannot be scored is grey and says so", () => {
  const fine = { start: 100, end: 101, ref: "A", alt: "G" };
  const not = { start: 300, end: 301, ref: "A", alt: "<DEL>", problem: "symbolic allele" };
  const heads = plot("vcf", { features: [fine, not] }).filter(({ op }) => op === "rect");
  assert.equal(heads[0].fill, "#000080");
  assert.notEqual(heads[1].fill, "#000080");
  assert.match(featureNote(not, "chrI", false).hint, /symbolic allele/);
  assert.equal(featureNote(fine, "chrI", true).title, "chrI:101");
  assert.match(featureNote(fine, "chrI", true).hint, /every track/);
});

test("more than can be drawn is shown as how many there are where", () => {
  const shapes = plot("bed", { total: 5000, start: 0, bin_bp: 500, counts: [1000, 4000] });
  const [x1, bottom, , top] = shapes[0].points;
  assert.deepEqual([x1, bottom], [100, 50]);
  assert.equal(50 - top, (50 - 14) / 4);
  assert.match(shapes[1].text, /5,000 here, up to 4,000 in 500 bp/);
});

test("features are asked for once for a window and its sides, and again when counts can become features", async () => {
  const asked = [];
  const answers = [{ counts: [1] }, { features: [] }];
  const cache = new FeatureCache("own-x", {
    onChange() {},
    onError: assert.fail,
    async fetchJson(name, question) {
      asked.push([name, question.start, question.end]);
      return answers[asked.length - 1];
    },
  });
  const window = { chrom: "c", start: 1000, end: 2000 };
  cache.ensure(window, 500, 9000);
  await new Promise(setImmediate);
  cache.ensure({ ...window, start: 1100, end: 2100 }, 500, 9000);
  assert.deepEqual(asked, [["uploads/own-x/features", 0, 3000]]);
  cache.ensure({ ...window, start: 1500, end: 1600 }, 500, 9000);
  assert.deepEqual(asked[1], ["uploads/own-x/features", 1400, 1700]);
  await new Promise(setImmediate);
  assert.ok(cache.isCurrent);
});

test("a file that has expired is not asked for again", async () => {
  let asked = 0;
  const cache = new FeatureCache("own-x", {
    onChange() {},
    onError() {},
    async fetchJson() {
      asked += 1;
      throw Object.assign(new Error("it has expired"), { status: 404 });
    },
  });
  for (let i = 0; i < 3; i += 1) {
    cache.ensure({ chrom: "c", start: 0, end: 100 }, 500, 900);
    await new Promise(setImmediate);
  }
  assert.equal(asked, 1);
  assert.equal(cache.problem, "it has expired");
});

test("a BigWig of one's own is an experiment; BED and VCF have rows of their own", () => {
  const file = { id: "own-x", name: "a", note: "", source: "", items: 3 };
  assert.equal(asTrack({ ...file, kind: "bigwig" }).has_experiment, true);
  assert.equal(asTrack({ ...file, kind: "vcf" }).has_experiment, false);
  assert.match(asTrack({ ...file, kind: "vcf" }).description, /3 alleles/);
});

test("what the server would refuse is not sent", () => {
  const own = { upload_mb: 1 };
  assert.equal(misfit({ name: "a.bw", size: 1000 }, own), "");
  assert.match(misfit({ name: "a.bw", size: 2e6 }, own), /a\.bw is larger than 1 MB/);
  assert.match(misfit({ name: "a.bw", size: 0 }, own), /is empty/);
  assert.match(misfit({ name: "a.bw", size: 5 }, { upload_mb: 0 }), /takes no files/);
});

test("what a row of features shows can be read as a table, in positions as people write them", () => {
  const window = { chrom: "chrI", start: 0, end: 1000 };
  const features = [{ start: 99, end: 200, name: "one", score: 7 }, { start: 2000, end: 2001, name: "outside" }];
  assert.deepEqual(featureTable({ here: { kind: "bed", features }, window, name: "a.bed" }), {
    caption: "a.bed in chrI:1-1,000", columns: ["start", "end", "name", "score", "strand"], rows: [[100, 200, "one", 7, ""]], cut: false,
  });
  assert.deepEqual(featureTable({ here: { counts: [3, 4, 5], start: 0, bin_bp: 500 }, window, name: "a" }).rows, [[1, 500, 3], [501, 1000, 4]]);
});
