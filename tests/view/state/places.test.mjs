import assert from "node:assert/strict";
import test from "node:test";
import { areAlike, asBed, KeptPlaces, nameOf, plainName, readBed, windowOf, withVisit } from "../../../assets/view/state/places.js";
import { peaksOf } from "../../../assets/view/places/stepkeys.js";
import { askedBase } from "../../../assets/view/places/navigation.js";

const chromosomes = [{ name: "chrI", length: 100_000, aliases: ["1", "i"] }, { name: "chrII", length: 500, aliases: [] }];
const place = (kind, start, end, more = {}) => ({ kind, chrom: "chrI", start, end, label: kind, ...more });

test("a gene is shown with its neighbourhood, a small thing as wide as the view was", () => {
  assert.deepEqual(windowOf(place("gene", 10_000, 20_000), chromosomes, 500), { chrom: "chrI", start: 2_500, end: 27_500 });
  assert.deepEqual(windowOf(place("gene", 0, 100), chromosomes), { chrom: "chrI", start: 0, end: 3_100 });
  assert.deepEqual(windowOf(place("position", 5_000, 5_001), chromosomes, 1_000), { chrom: "chrI", start: 4_501, end: 5_501 });
  assert.deepEqual(windowOf(place("peak", 5_000, 5_400, { position: 5_100 }), chromosomes, 2_000), { chrom: "chrI", start: 4_100, end: 6_100 });
  const { start, end } = windowOf(place("variant", 50_000, 50_001), chromosomes, 90_000);
  assert.equal(end - start, 40_000, "in a whole chromosome a variant is not seen");
  assert.equal(windowOf(place("disagreement", 50_000, 60_000), chromosomes, 2_000).end, 70_000, "with room on both sides");
  assert.deepEqual(windowOf({ ...place("region", 100, 900), chrom: "chrII" }, chromosomes), { chrom: "chrII", start: 0, end: 500 });
});

test("a row is asked about at the start of the gene gone to, at what else was gone to, or in the middle", () => {
  const window = { chrom: "chrI", start: 1_000, end: 9_001 };
  const genes = [{ start: 3_000, end: 5_000, strand: "-", tss: [4_900, 4_999] }, { start: 3_500, end: 6_000, strand: "+", tss: [3_500, 3_700] }];
  assert.equal(askedBase(window, place("gene", 3_000, 5_000), genes), 4_999);
  assert.equal(askedBase(window, place("gene", 3_500, 6_000), genes), 3_500);
  assert.equal(askedBase(window, place("gene", 3_000, 5_000), []), 4_000, "until the genes are there");
  assert.equal(askedBase(window, place("peak", 7_000, 8_000, { position: 7_100 }), genes), 7_100);
  assert.equal(askedBase(window, null, genes), 5_000);
});

const visit = (label, start, end, kind = "region") => ({ kind, label, chrom: "chrI", start, end, window: { chrom: "chrI", start, end } });

test("a place that is visited again moves to the front, and keeps its name", () => {
  const recent = withVisit(withVisit([], visit("HIS4", 1000, 2000, "gene")), visit("chrI:5,001-6,000", 5000, 6000));
  const again = withVisit(recent, visit("chrI:1,011-2,010", 1010, 2010));
  assert.deepEqual(again.map(({ label }) => label), ["HIS4", "chrI:5,001-6,000"]);
  assert.deepEqual(again[0].window, { chrom: "chrI", start: 1010, end: 2010 });
  const named = withVisit(again, visit("a peak", 5000, 6000, "peak"));
  assert.deepEqual(named.map(({ label }) => label), ["a peak", "HIS4"], "a name takes the place of mere coordinates");
  const two = withVisit(named, visit("another peak", 5000, 6000, "peak"));
  assert.equal(two.length, 3, "two things in one window are two places");
  assert.equal(withVisit(two, visit("far", 9000, 9900), 2).length, 2);
});

test("windows that share most of both are one place", () => {
  const window = (start, end, chrom = "chrI") => ({ chrom, start, end });
  assert.ok(areAlike(window(0, 100), window(10, 110)));
  assert.ok(!areAlike(window(0, 100), window(0, 200)));
  assert.ok(!areAlike(window(0, 100), window(0, 100, "chrII")));
});

test("a window is called by the gene at its middle, else by its place", () => {
  const genes = [{ name: "HIS4", start: 1400, end: 1600 }];
  assert.equal(nameOf({ chrom: "chrI", start: 1000, end: 2000 }, genes), "HIS4");
  assert.equal(nameOf({ chrom: "chrI", start: 3000, end: 4000 }, genes), "chrI:3,001-4,000");
});

test("bookmarks leave and come back as BED", () => {
  const places = [place("region", 99, 200, { label: "my\tpeak" }), place("region", 0, 50, { label: "chrI:1-50" })];
  const text = asBed(places);
  assert.equal(text, "chrI\t99\t200\tmy peak\nchrI\t0\t50\tchrI:1-50\n");
  assert.deepEqual(readBed(`track name=x\n#c\n\n${text}`, chromosomes).map(({ label, start, end }) => [label, start, end]), [["my peak", 99, 200], ["chrI:1-50", 0, 50]]);
  assert.equal(readBed("chrII 10 20", chromosomes)[0].label, "chrII:11-20");
  assert.equal(readBed("I 10 20", chromosomes)[0].label, "chrI:11-20", "by a name that others give the chromosome");
  assert.throws(() => readBed("chrI\tten\t20", chromosomes), /Line 1 .* a line of BED is/);
  assert.throws(() => readBed("chrI\t1\t20\nchrII\t1\t501", chromosomes), /Line 2: chrII:1-501 is not on this genome/);
  assert.equal(plainName("  a\n b "), "a b");
});

class Memory {
  held = new Map();
  getItem(key) {
    return this.held.get(key) ?? null;
  }
  setItem(key, value) {
    if (this.full) throw new Error("full");
    this.held.set(key, value);
  }
}

test("places are kept by project, and outlive what others wrote", () => {
  const storage = new Memory();
  const kept = new KeptPlaces("bookmarks", { title: "lab", genome: "g" }, storage);
  let told = 0;
  kept.onChange = () => (told += 1);
  kept.all = [place("region", 1, 2)];
  assert.equal(told, 1);
  assert.equal(new KeptPlaces("bookmarks", { title: "lab", genome: "g" }, storage).all.length, 1);
  assert.deepEqual(new KeptPlaces("bookmarks", { title: "lab", genome: "other" }, storage).all, []);
  for (const broken of ["{", "7", '[{"chrom": "chrI"}]']) {
    storage.held.set(kept.key, broken);
    assert.deepEqual(new KeptPlaces("bookmarks", { title: "lab", genome: "g" }, storage).all, []);
  }
});

test("a browser that keeps nothing keeps places until the page is left", () => {
  const storage = new Memory();
  const kept = new KeptPlaces("bookmarks", { title: "lab", genome: "g" }, storage);
  storage.full = true;
  kept.all = [place("region", 1, 2)];
  assert.equal(kept.all.length, 1);
  assert.deepEqual(new KeptPlaces("bookmarks", { title: "lab", genome: "g" }, storage).all, []);
});

test("a chosen row says whose peaks are meant", () => {
  assert.deepEqual(peaksOf(null, ["a", "b", "c"], 2), { tracks: ["a", "b"] });
  assert.deepEqual(peaksOf({ kind: "prediction", track: { id: "b" } }, ["a", "b"], 2), { tracks: ["b"], series: "prediction" });
  assert.deepEqual(peaksOf({ kind: "overlay", track: { id: "b" } }, ["a", "b"], 2), { tracks: ["b"], series: undefined });
});
