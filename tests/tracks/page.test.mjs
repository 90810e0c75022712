import assert from "node:assert/strict";
import test from "node:test";
import { locusAddress, readFilter, writeFilter } from "../../assets/tracks/address.js";
import { histogram } from "../../assets/tracks/facets.js";
import { asTable, rowOf, sortingOf, tellingColumns } from "../../assets/tracks/table.js";
import { readState, searchIn } from "../../assets/view/state/state.js";
import { tableAddress, tracksIn, viewIn, withTracksIn } from "../../assets/view/state/tracksaddress.js";

const TRACK = { id: "a", name: "ATAC", assay: "ATAC", sample: "s", group: "", strand: ".", description: "", has_experiment: true, has_prediction: false, held_out: { pearson: 0.5, pearson_log1p: 0.6, r2: null } };

test("the view's own address is carried along with other tracks in it", () => {
  const view = "?locus=chrI:1-100&tracks=a,b&mode=overlay&something=new";
  assert.equal(withTracksIn(view, ["c", "d"]), "?locus=chrI:1-100&tracks=c,d&mode=overlay&something=new");
  assert.equal(withTracksIn("", ["c"]), "?tracks=c");
});

test("the locus page reads the tracks that were chosen here", () => {
  const ids = ["odd id@x+y", "h\u00e9", "plain"];
  assert.deepEqual(readState(withTracksIn("?locus=chrI:1-2", ids)).tracks, ids);
  assert.deepEqual(tracksIn(withTracksIn("", ids)), ids);
});

test("a view of many tracks goes back after the #, where the locus page looks for it", () => {
  const ids = Array.from({ length: 100 }, (_, number) => `a_track_with_a_long_name_${number}`);
  assert.equal(locusAddress("?tracks=a"), "./?tracks=a");
  const address = new URL(locusAddress(withTracksIn("?locus=chrI:1-2", ids)), "http://lab/browser/tracks");
  assert.equal(address.pathname + address.search, "/browser/");
  assert.deepEqual(readState(searchIn(address)).tracks, ids);
});

test("an address without tracks leaves them to the project, one with none means none", () => {
  assert.equal(tracksIn("?locus=chrI:1-2"), null);
  assert.deepEqual(tracksIn("?tracks="), []);
});

test("what is asked for is in the address and comes back", () => {
  const filter = { words: "liver adult", assay: ["ChIP:H3K27ac", "a&b=c"], sample: [""], group: [], strand: [], data: [], least: 0.55, chosenOnly: true, sorting: [] };
  assert.deepEqual(readFilter(writeFilter(filter)), filter);
  assert.equal(writeFilter(readFilter("")), "");
});

test("what the table is sorted by is in the address, as the grid says it, and comes back", () => {
  const columns = [{ colId: "name", sort: "asc", sortIndex: 1 }, { colId: "id", sort: null, sortIndex: null }, { colId: "r", sort: "desc", sortIndex: 0 }];
  const sorting = sortingOf(columns);
  assert.deepEqual(sorting, [{ column: "r", descending: true }, { column: "name", descending: false }]);
  const hash = writeFilter({ ...readFilter("#assay=CAGE"), sorting });
  assert.equal(hash, "#assay=CAGE&sort=-r,name");
  assert.deepEqual(readFilter(hash).sorting, sorting);
});

test("more tracks than the view's address can name stand after the #, beside what is asked for", () => {
  const few = withTracksIn("?locus=chrI:1-2", ["a"]);
  assert.equal(tableAddress(few, "#assay=CAGE"), "?locus=chrI:1-2&tracks=a#assay=CAGE");
  const ids = Array.from({ length: 4229 }, (_, number) => `odd id@${number}`);
  const address = new URL(tableAddress(withTracksIn("?locus=chrI:1-2&mode=overlay", ids), "#assay=CAGE&sort=-r"), "http://lab/tracks");
  assert.equal(address.search, "?locus=chrI:1-2&mode=overlay");
  assert.deepEqual(tracksIn(viewIn(address)), ids);
  assert.deepEqual(readFilter(address.hash), readFilter("#assay=CAGE&sort=-r"));
  assert.equal(viewIn(new URL("http://lab/tracks?tracks=a#assay=CAGE")), "?tracks=a");
  const long = `?locus=chrI:1-2&rows=${"x".repeat(2000)}`;
  assert.equal(tableAddress(long), long, "a view that names no tracks has the project's");
  assert.deepEqual(tracksIn(tableAddress(withTracksIn("", ids), "")), ids, "also with nothing before it");
});

test("a row has the numbers that a column can sort by", () => {
  const { r, pearson, r2, data } = rowOf(TRACK);
  assert.deepEqual({ r, pearson, r2, data }, { r: 0.6, pearson: 0.5, r2: null, data: "experiment only" });
  assert.equal(rowOf({ ...TRACK, held_out: null }).r, null);
});

test("a ceiling is a column of its own where replicates set one", () => {
  const held = { ...TRACK.held_out, ceiling_log1p: 0.8, ceiling_of: "replicates" };
  const columns = [{ field: "ceiling" }];
  assert.equal(rowOf({ ...TRACK, held_out: held }).ceiling, 0.8);
  assert.equal(tellingColumns(columns, [rowOf({ ...TRACK, held_out: held })], 2000)[0].hide, false);
  assert.equal(tellingColumns(columns, [rowOf(TRACK)], 2000)[0].hide, true);
});

test("a column that says nothing is left out", () => {
  const columns = ["name", "group", "strand", "r2", "r", "id"].map((field) => ({ field }));
  const hidden = tellingColumns(columns, [rowOf(TRACK)], 2000).filter(({ hide }) => hide);
  assert.deepEqual(hidden.map(({ field }) => field), ["group", "strand", "r2"]);
});

test("what data there are is said where tracks differ in it", () => {
  const shown = (...rows) => tellingColumns([{ field: "data" }], rows.map(rowOf), 2000).filter(({ hide }) => !hide).length;
  assert.equal(shown(TRACK, TRACK), 0);
  assert.equal(shown(TRACK, { ...TRACK, has_prediction: true }), 1);
});

test("a narrow table spares the numbers that say almost the same", () => {
  const columns = ["name", "r", "pearson"].map((field) => ({ field }));
  const shown = (width) => tellingColumns(columns, [rowOf(TRACK)], width).filter(({ hide }) => !hide).map(({ field }) => field);
  assert.deepEqual(shown(1000), ["name", "r"]);
  assert.deepEqual(shown(1600), ["name", "r", "pearson"]);
});

test("chosen tracks are a table with the accuracy under its file's names", () => {
  const [head, row] = asTable([TRACK]).trim().split("\n").map((line) => line.split("\t"));
  assert.equal(row[head.indexOf("held_out_pearson_log1p")], "0.6");
  assert.equal(row[head.indexOf("held_out_r2")], "");
  assert.equal(row[head.indexOf("data")], "experiment only");
});

test("bars of a histogram are shares of the fullest, with the ends in the outer ones", () => {
  assert.deepEqual(histogram([-0.2, 0.1, 0.6, 1], 2), [1, 1]);
  assert.deepEqual(histogram([0.1, 0.1, 0.9], 2), [1, 0.5]);
  assert.deepEqual(histogram([], 2), [0, 0]);
});
