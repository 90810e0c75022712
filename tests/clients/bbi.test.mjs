// @gmod/bbi, the reader of JBrowse, finds in our BigWigs what pyBigWig finds.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const installed = existsSync(new URL("node_modules/@gmod/bbi", import.meta.url));
if (!installed && process.env.CI) throw new Error("@gmod/bbi is missing; tests/install_tools.sh installs it");
const skip = installed ? false : "@gmod/bbi is not installed (npm ci in tests/clients)";

// Sums in zoom records are float32; so is their mean, up to this share of the largest value.
const ROUNDING = 1e-6;

let folder, expected, open;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "sighthound-clients-"));
  execFileSync(process.env.PYTHON || "python3", ["-m", "tests.clients.bigwigs", folder], { cwd: root, stdio: "inherit" });
  expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  const { BigWig } = await import("@gmod/bbi");
  const { LocalFile } = await import("generic-filehandle2");
  open = (name) => new BigWig({ filehandle: new LocalFile(join(folder, name)) });
});

after(() => folder && rmSync(folder, { recursive: true }));

/** Runs `check(name, file, read)` on every BigWig, `read` being what pyBigWig found in it. */
const everyFile = (check) => async () => {
  for (const [name, read] of Object.entries(expected)) await check(name, open(name), read);
};

test("every chromosome is found with its length, among hundreds too", { skip }, everyFile(async (name, file, read) => {
  const { refsByNumber } = await file.getHeader();
  const lengths = Object.fromEntries(Object.values(refsByNumber).map((ref) => [ref.name, ref.length]));
  assert.deepEqual(lengths, read.chromosomes, name);
}));

test("entries are the same bit for bit: gaps, one-base chromosomes and cut last bins", { skip }, everyFile(async (name, file, read) => {
  for (const [chrom, length] of Object.entries(read.chromosomes)) {
    const features = await file.getFeatures(chrom, 0, length, { scale: 1 });
    assert.deepEqual(features.map(({ start, end, score }) => [start, end, score]), read.entries[chrom], `${name} ${chrom}`);
  }
}));

test("a stretch inside a chromosome gives the entries that touch it", { skip }, async () => {
  for (const [name, chrom, start, end] of [
    ["predictions.bw", "chr1", 640, 90_000],
    ["predictions.bw", "chr1", 89_700, 192_100],
    ["bases.bw", "chr1", 1023, 2050],
    ["runs.bw", "chr1", 4990, 9010],
  ]) {
    const features = await open(name).getFeatures(chrom, start, end, { scale: 1 });
    const touching = expected[name].entries[chrom].filter(([from, to]) => from < end && to > start);
    assert.deepEqual(features.map((feature) => [feature.start, feature.end, feature.score]), touching, `${name} ${start}`);
  }
});

test("every zoom level holds mean, minimum and maximum of the bases", { skip }, everyFile(async (name, file, read) => {
  const { zoomLevels } = await file.getHeader();
  assert.deepEqual(zoomLevels.map((level) => String(level.reductionLevel)), Object.keys(read.zooms), name);
  for (const [zoom, bins] of Object.entries(read.zooms)) {
    for (const [chrom, length] of Object.entries(read.chromosomes)) {
      // the reader takes the coarsest level of at most twice the bases per span
      const records = await file.getFeatures(chrom, 0, length, { basesPerSpan: Number(zoom) });
      assert.equal(records.length, bins[chrom].length, `${name} ${chrom} at ${zoom}`);
      bins[chrom].forEach(([start, end, mean, minimum, maximum], rank) => {
        const record = records[rank];
        assert.ok(record.summary);
        assert.deepEqual([record.start, record.end, record.minScore, record.maxScore], [start, end, minimum, maximum]);
        const tolerance = ROUNDING * Math.max(Math.abs(minimum), Math.abs(maximum));
        assert.ok(Math.abs(record.score - mean) <= tolerance, `${name} ${chrom}:${start}: ${record.score}, not ${mean}`);
      });
    }
  }
}));
