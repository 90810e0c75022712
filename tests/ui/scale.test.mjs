import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as scale from "../../assets/ui/scale.js";

const chromosomes = [
  { name: "chrI", length: 1000, aliases: [] },
  { name: "chrIV", length: 2_000_000, aliases: ["4", "chr4"] },
];

test("a base and its pixel are inverse", () => {
  const map = scale.makeScale({ start: 100, end: 300 }, { left: 50, width: 400 });
  assert.equal(map.toPixel(100), 50);
  assert.equal(map.toPixel(300), 450);
  assert.equal(map.toBase(map.toPixel(217)), 217);
});

test("ticks stand at round 1-based coordinates, at the middle of the base", () => {
  const map = scale.makeScale({ start: 0, end: 100 }, { left: 0, width: 1000 });
  const ticks = scale.rulerTicks(map, 150);
  assert.deepEqual(ticks.map(({ label }) => label), ["20", "40", "60", "80", "100"]);
  assert.equal(ticks[0].x, 195);
});

test("steps are 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual([0.7, 1, 3, 12, 501].map(scale.niceStep), [1, 1, 5, 20, 1000]);
});

test("a region is written 1-based and inclusive", () => {
  assert.equal(scale.formatRegion({ chrom: "chrI", start: 0, end: 100 }), "chrI:1-100");
  assert.equal(scale.formatPosition("chrI", 1233), "chrI:1,234");
});

test("a region is read as it is written, with or without commas", () => {
  assert.deepEqual(scale.parseRegion("chrIV:1,001-2,000", chromosomes), { chrom: "chrIV", start: 1000, end: 2000 });
  assert.deepEqual(scale.parseRegion("chrIV:1001-2000", chromosomes), { chrom: "chrIV", start: 1000, end: 2000 });
  const odd = [{ name: "HLA-A*01:01", length: 3000, aliases: [] }];
  assert.deepEqual(scale.parseRegion("HLA-A*01:01:1-100", odd), { chrom: "HLA-A*01:01", start: 0, end: 100 });
});

test("a chromosome goes by its other names, in capitals or not, and by its own before those", () => {
  assert.deepEqual(scale.parseRegion("CHR4:1-100", chromosomes), { chrom: "chrIV", start: 0, end: 100 });
  const taken = [{ name: "IV", length: 9, aliases: ["4"] }, { name: "4", length: 9, aliases: [] }];
  assert.equal(scale.chromosomeNamed("4", taken).name, "4");
  assert.equal(scale.chromosomeNamed("V", taken), undefined);
});

test("what is no region, or not all on the genome, is left to the server", () => {
  for (const text of ["GAL10", "chrXX:1-10", "iv:1-100", "chrI", "chrI:500", "chrI:900-1,001", "chrI:500-100", "chrI:0-100"]) assert.equal(scale.parseRegion(text, chromosomes), null, text);
});

test("no case of places.json is read otherwise than by the server", () => {
  const table = JSON.parse(readFileSync(new URL("../places.json", import.meta.url), "utf8"));
  const genome = Object.entries(table.chromosomes).map(([name, length]) => ({ name, length, aliases: table.aliases[name] }));
  let read = 0;
  for (const { typed, place } of table.cases) {
    const region = scale.parseRegion(typed, genome);
    if (!region) continue;
    read += 1;
    const [chrom, first, last] = place.split(/[:-]/);
    assert.deepEqual(region, { chrom, start: Number(first) - 1, end: Number(last) }, typed);
  }
  assert.ok(read > 4);
});

test("writing and reading a region gives the same region", () => {
  for (const region of [{ chrom: "chrI", start: 0, end: 1000 }, { chrom: "chrIV", start: 1_234_567, end: 1_299_999 }]) {
    assert.deepEqual(scale.parseRegion(scale.formatRegion(region), chromosomes), region);
  }
});

test("a window is moved, not cut, at the chromosome's ends", () => {
  assert.deepEqual(scale.clampWindow({ chrom: "chrI", start: -50, end: 150 }, 1000), { chrom: "chrI", start: 0, end: 200 });
  assert.deepEqual(scale.clampWindow({ chrom: "chrI", start: 900, end: 1100 }, 1000), { chrom: "chrI", start: 800, end: 1000 });
  assert.deepEqual(scale.clampWindow({ chrom: "chrI", start: -500, end: 5000 }, 1000), { chrom: "chrI", start: 0, end: 1000 });
});

test("zooming keeps the base under the cursor where it is", () => {
  const before = { chrom: "chrIV", start: 10_000, end: 20_000 };
  const after = scale.zoomWindow(before, 0.5, 12_500, 2_000_000);
  assert.equal(after.end - after.start, 5000);
  assert.equal((12_500 - after.start) / 5000, 0.25);
});

test("numbers read as people write them", () => {
  assert.equal(scale.formatNumber(1234567), "1,234,567");
  assert.equal(scale.formatSpan(200), "200 bp");
  assert.equal(scale.formatSpan(16_384), "16.4 kb");
  assert.equal(scale.formatSpan(948_066), "948 kb");
  assert.equal(scale.formatValue(NaN), "no data");
  assert.equal(scale.formatValue(-1.234), "\u22121.23");
  assert.equal(scale.formatValue(1234.4), "1,234");
  assert.equal(scale.formatCorrelation(null), "\u2013");
  assert.equal(scale.formatCorrelation(0.714), "0.71");
});

test("a bin that sticks out of its chromosome ends with it", () => {
  assert.equal(scale.formatBin("chrI", 9_984, 64, 10_000), "chrI:9,985-10,000");
  assert.equal(scale.formatBin("chrI", -32, 64, 10_000), "chrI:1-32");
  assert.equal(scale.formatBin("chrI", 64, 64), "chrI:65-128");
});

test("changes have a sign, zero none; shares of nothing are not told, large ones as times", () => {
  assert.deepEqual([0.3, -0.3, 0, -0, NaN, null, Infinity].map(scale.formatChange), ["+0.300", "\u22120.300", "0", "0", "no data", "no data", "no data"]);
  assert.equal(scale.formatShare(-0.3, 2.5), "\u221212 %");
  assert.equal(scale.formatShare(10, 2), "6.00 times");
  assert.equal(scale.formatShare(-1e-4, 1), "\u22120.0100 %");
  for (const [change, reference] of [[1, 0], [1, -2], [NaN, 1], [1, NaN]]) assert.equal(scale.formatShare(change, reference), "");
  assert.equal(scale.formatCorrelation(-0.001), "0.00");
});
