import assert from "node:assert/strict";
import test from "node:test";
import { byAccuracy, dataOf, facetCounts, grouped, matcher, remainingCounts, tracksOfColumns, withTracks } from "../../assets/ui/trackfacets.js";

const track = (id, assay, sample, r, more = {}) => ({
  id,
  name: `${assay} ${sample}`,
  assay,
  sample,
  group: "",
  strand: ".",
  has_experiment: true,
  has_prediction: true,
  held_out: r === null ? null : { pearson_log1p: r },
  ...more,
});
const TRACKS = [
  track("a", "ATAC", "liver", 0.7),
  track("b", "ATAC", "lung", 0.5),
  track("c", "CAGE", "liver", 0.9, { has_experiment: false }),
  track("d", "CAGE", "lung", null),
  track("e", "", "lung", -0.1),
];
const found = (filter) => TRACKS.filter(matcher(filter)).map(({ id }) => id).join("");
const places = new Map([..."abcdefgh"].map((id, index) => [id, index]));

test("columns of tracks are the tracks again", () => {
  const columns = { id: ["a", "b"], assay: ["ATAC", "CAGE"], live: [false, ["chrI"]], held_out: { pearson: [0.5, null], r2: [null, null] } };
  assert.deepEqual(tracksOfColumns(columns), [
    { id: "a", assay: "ATAC", live: false, held_out: { pearson: 0.5, r2: null } },
    { id: "b", assay: "CAGE", live: ["chrI"], held_out: null },
  ]);
  assert.equal(tracksOfColumns({ id: ["a"], held_out: {} })[0].held_out, null);
});

test("a track is found by every word, in any of its texts and in any case", () => {
  assert.equal(found({ words: "LIVER cage" }), "c");
  assert.equal(found({ words: " " }), "abcde");
  assert.equal(found({ words: "liver lung" }), "");
});

test("values of one facet are alternatives, facets are conditions", () => {
  assert.equal(found({ assay: ["ATAC", "CAGE"] }), "abcd");
  assert.equal(found({ assay: ["ATAC", "CAGE"], sample: ["lung"] }), "bd");
  assert.equal(found({ assay: [""] }), "e");
  assert.equal(found({ data: [dataOf(TRACKS[2])] }), "c");
});

test("a least accuracy leaves out tracks without a number", () => {
  assert.equal(found({ least: 0.5 }), "abc");
  assert.equal(found({ least: -1 }), "abce");
});

test("only these tracks can be asked for", () => {
  assert.equal(found({ ids: new Set(["d", "a"]), sample: ["lung"] }), "d");
});

test("values are counted, most first, then by name with numbers in order", () => {
  const numbered = ["H3K27ac", "H3K9ac", "H3K9ac", "H3K4me1"].map((assay, index) => track(String(index), assay, "", null));
  assert.deepEqual(facetCounts(numbered, "assay"), [["H3K9ac", 2], ["H3K4me1", 1], ["H3K27ac", 1]]);
});

test("a facet counts what its values would leave, whatever of its own is asked for", () => {
  assert.deepEqual(remainingCounts(TRACKS, "assay", { assay: ["CAGE"], sample: ["liver"] }), [["ATAC", 1], ["CAGE", 1], ["", 0]]);
});

test("groups keep the table's order", () => {
  assert.deepEqual(grouped(TRACKS, "sample").map(({ value, tracks }) => [value, tracks.map(({ id }) => id).join("")]), [["liver", "ac"], ["lung", "bde"]]);
});

test("the most accurate come first, those without a number last", () => {
  assert.equal(byAccuracy(TRACKS).map(({ id }) => id).join(""), "cabed");
});

test("a track that is chosen goes where the table has it", () => {
  assert.equal(withTracks([..."bdf"], ["c", "a", "h"], places).join(""), "abcdfh");
  assert.equal(withTracks([], ["c", "a", "c"], places).join(""), "ac");
});

test("an order by hand stays when others are chosen", () => {
  assert.equal(withTracks([..."fb"], ["c", "g", "f"], places).join(""), "cfbg");
});
