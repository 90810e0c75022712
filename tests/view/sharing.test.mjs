import assert from "node:assert/strict";
import test from "node:test";
import { asTsv, withChromosome } from "../../assets/view/values.js";
import { asBedGraph, hubAddress, igvDesktopLink, igvSession } from "../../assets/view/sharing.js";

const ORIGIN = "http://127.0.0.1:8050";
const shown = { locus: "chrXVI:66,001-82,000", tracks: ["atac", "cage+"] };

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

test("values that leave the page name their chromosome", () => {
  const table = { columns: ["start", "end", "ATAC"], rows: [[1, 64, 0.5]] };
  assert.equal(asTsv(withChromosome(table, "chrI")), "chrom\tstart\tend\tATAC\nchrI\t1\t64\t0.5\n");
});
