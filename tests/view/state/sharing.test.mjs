import assert from "node:assert/strict";
import test from "node:test";
import { asTsv, withChromosome } from "../../../assets/view/export/valuestable.js";
import { fileName } from "../../../assets/view/export/filesdialog.js";
import { asBedGraph, hubAddress, igvDesktopLink, igvSession, linksAddress, shownOf } from "../../../assets/view/state/sharing.js";

const ORIGIN = "http://127.0.0.1:8050";
const shown = { locus: "chrXVI:66,001-82,000", tracks: ["atac", "cage+"], variants: "" };

test("a session's address holds locus and tracks, and ends as IGV wants it", () => {
  const address = new URL(igvSession(ORIGIN, "xml", shown));
  assert.equal(address.pathname, "/hub/igv.xml");
  assert.equal(address.searchParams.get("locus"), "chrXVI:66001-82000");
  assert.equal(address.searchParams.get("tracks"), "atac,cage+");
  assert.ok(address.href.endsWith(".xml"));
});

test("the link to a running IGV carries the whole address of the session", () => {
  const link = new URL(igvDesktopLink(ORIGIN, shown));
  assert.equal(link.origin, "http://localhost:60151");
  assert.equal(link.searchParams.get("file"), igvSession(ORIGIN, "xml", shown));
  assert.equal(link.searchParams.get("locus"), "chrXVI:66001-82000");
});

test("a hub's address names the tracks", () => {
  assert.equal(new URL(hubAddress(ORIGIN, shown)).searchParams.get("tracks"), "atac,cage+");
});

test("what leaves the page has the variants looked at, and no track of the visitor alone", () => {
  const page = {
    project: { tracks: [{ id: "atac" }] },
    addressed: () => ({
      locus: "chrI:1-9,000",
      tracks: ["own-1", "atac"],
      variant: [
        { chrom: "chrI", position: 20005, ref: "A", alt: "G" },
        { chrom: "chrI", position: 20030, ref: "CT", alt: "C" },
      ],
    }),
  };
  const what = shownOf(page);
  assert.deepEqual(what, { locus: "chrI:1-9,000", tracks: ["atac"], variants: "chrI:20006:A:G;chrI:20031:CT:C" });
  for (const address of [igvSession(ORIGIN, "json", what), hubAddress(ORIGIN, what), linksAddress(ORIGIN, what)]) {
    assert.equal(new URL(address).searchParams.get("variants"), what.variants);
  }
  assert.equal(new URL(hubAddress(ORIGIN, shown)).searchParams.has("variants"), false);
});

test("a whole file is saved under the name of its track", () => {
  assert.equal(fileName(`${ORIGIN}/tracks/cage.plus/prediction.bw`), "cage.plus.prediction.bw");
  assert.equal(fileName(`${ORIGIN}/browser/tracks/cage.plus/prediction.bw`), "cage.plus.prediction.bw");
  assert.equal(fileName(`${ORIGIN}/tracks/atac/chrI:9001:A:G%2BchrI:9301:AC:A/difference.bw`), "atac.chrI_9001_A_G_chrI_9301_AC_A.difference.bw");
});

test("BedGraph counts from 0, ends with the chromosome and leaves out bins without data", () => {
  const table = {
    columns: ["start", "end", "ATAC: experiment", 'The "best": prediction'],
    rows: [[1, 64, 0.5, 1], [65, 128, "", 2], [129, 192, 0, 3], [193, 256, 4, 4]],
  };
  assert.equal(
    asBedGraph(table, { name: "chrI", length: 150 }),
    'track type=bedGraph name="ATAC: experiment"\nchrI\t0\t64\t0.5\nchrI\t128\t150\t0\n' +
      "track type=bedGraph name=\"The 'best': prediction\"\nchrI\t0\t64\t1\nchrI\t64\t128\t2\nchrI\t128\t150\t3\n",
  );
});

test("no name ends a line or a cell of what leaves the page", () => {
  const table = { columns: ["start", "end", "two\nlines\tand a \"tab\""], rows: [[1, 64, 0.5]] };
  assert.equal(asBedGraph(table, { name: "chrI", length: 150 }), "track type=bedGraph name=\"two lines and a 'tab'\"\nchrI\t0\t64\t0.5\n");
  assert.equal(asTsv(table), 'start\tend\ttwo lines and a "tab"\n1\t64\t0.5\n');
});

test("values that leave the page name their chromosome", () => {
  const table = { columns: ["start", "end", "ATAC"], rows: [[1, 64, 0.5]] };
  assert.equal(asTsv(withChromosome(table, "chrI")), "chrom\tstart\tend\tATAC\nchrI\t1\t64\t0.5\n");
});
