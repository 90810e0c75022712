// @gmod/ucsc-hub, the reader of JBrowse, accepts every variant of our hubs, which core/browsers/ucsc_check.py accepts too.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const installed = existsSync(new URL("node_modules/@gmod/ucsc-hub", import.meta.url));
if (!installed && process.env.CI) throw new Error("@gmod/ucsc-hub is missing; tests/install_tools.sh installs it");
const skip = installed ? false : "@gmod/ucsc-hub is not installed (npm ci in tests/clients)";

let folder, expected, reader;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "sighthound-hubs-"));
  execFileSync(process.env.PYTHON || "python3", ["-m", "tests.clients.hubs", folder], { cwd: root, stdio: "inherit" });
  expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  reader = await import("@gmod/ucsc-hub");
});

after(() => {
  if (folder) rmSync(folder, { recursive: true });
});

/** The tracks of a hub in one file or in three. */
function tracksOf(name) {
  const text = (file) => readFileSync(join(folder, name, file), "utf8");
  if (!name.startsWith("three_files")) {
    const hub = new reader.SingleFileHub(text("hub.txt"));
    assert.equal(hub.hubData.data.useOneFile, "on");
    assert.equal(hub.genome.name, "tiny");
    return hub.tracks;
  }
  const hub = new reader.HubFile(text("hub.txt"));
  // What is asked of the first file is asked of the others: the query stays behind their names.
  const genomes = new reader.GenomesFile(text(hub.data.genomesFile.split("?")[0]));
  return new reader.TrackDbFile(text(genomes.data.tiny.data.trackDb.split("?")[0]));
}

test("every hub is read, and its tracks lead to the same files", { skip }, () => {
  const names = Object.keys(expected);
  assert.equal(names.length, 15);
  for (const name of names) {
    const { data } = tracksOf(name);
    const urls = Object.values(data).flatMap((track) => track.data.bigDataUrl ?? []);
    const form = name.startsWith("plain") ? "" : name.startsWith("faceted") ? "faceted/" : "files/";
    const there = [...new Set(urls.map((url) => new URL(url, `http://x/hub/${form}hub.txt`).pathname))].sort();
    assert.deepEqual(there.map(decodeURIComponent), expected[name].map(decodeURIComponent).sort(), name);
  }
});

test("what is asked for is in every form, and nothing else", { skip }, () => {
  for (const form of ["plain", "faceted", "three_files"]) {
    const types = (content) => Object.values(tracksOf(`${form}_${content}`).data).map((track) => track.data.type?.split(" ")[0]);
    assert.deepEqual(expected[`${form}_chosen`], ["/tracks/cage.minus/prediction.bw"]);
    assert.equal(types("known_variants").filter((type) => type === "vcfTabix").length, 1);
    assert.equal(types("pairs").includes("vcfTabix"), false);
    const alleles = expected[`${form}_alleles`].filter((url) => url.includes("chrI:9001:A:G"));
    assert.equal(alleles.length, 3);
    assert.equal(readdirSync(join(folder, `${form}_all`)).includes("metadata.tsv"), form === "faceted");
  }
});

test("a parent's settings reach the rows: overlays of pairs and of alleles on one scale", { skip }, () => {
  const { data } = tracksOf("plain_alleles");
  const settings = (name) => data[name].data;
  for (const pair of ["A_tiny_project__overlays_atac", "A_tiny_project__overlays_atac__alleles"]) {
    assert.equal(settings(pair).container, "multiWig");
    const rows = Object.values(data).filter((track) => track.data.parent === pair);
    assert.equal(rows.length, 2);
  }
  assert.equal(settings("A_tiny_project__view_contribution").logo, "on");
  assert.equal(settings("A_tiny_project_atac_difference").altColor, "204,77,0");
});
