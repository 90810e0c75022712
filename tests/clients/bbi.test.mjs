// @gmod/bbi, the reader of JBrowse, finds in our BigWigs what pyBigWig finds: as files, and from our server.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test, { after, before } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const installed = existsSync(new URL("node_modules/@gmod/bbi", import.meta.url));
if (!installed && process.env.CI) throw new Error("@gmod/bbi is missing; tests/install_tools.sh installs it");
const skip = installed ? false : "@gmod/bbi is not installed (npm ci in tests/clients)";

// Sums in zoom records are float32; so is their mean, up to this share of the largest value.
const ROUNDING = 1e-6;

const python = process.env.PYTHON || "python3";
let folder, expected, open, server;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "sighthound-clients-"));
  execFileSync(python, ["-m", "tests.clients.bigwigs", folder], { cwd: root, stdio: "inherit" });
  expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  const { BigWig } = await import("@gmod/bbi");
  const { LocalFile, RemoteFile } = await import("generic-filehandle2");
  const port = await served(folder);
  const handles = {
    file: (name) => new LocalFile(join(folder, name)),
    "HTTP ranges": (name) => new RemoteFile(`http://127.0.0.1:${port}/tracks/${name.replace(".bw", "")}/experiment.bw`),
  };
  open = (name, way) => new BigWig({ filehandle: handles[way](name) });
});

after(() => {
  server?.kill();
  if (folder) rmSync(folder, { recursive: true });
});

/** Starts our server on the folder's BigWigs; gives the port, the first line that it prints. */
async function served(folder) {
  server = spawn(python, ["-m", "tests.clients.serve", folder], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(server.stdout)) return Number(line);
  throw new Error("the server ended before it said its port");
}

/** Chromosomes (name, length) to look at: every one in a file, every twentieth of hundreds over HTTP. */
const someOf = ({ chromosomes }, way) =>
  Object.entries(chromosomes).filter((_, rank, all) => way === "file" || all.length < 20 || rank % 20 === 0);

/** A test of every BigWig, from its file and from our server; `read` is what pyBigWig found in it. */
function testEveryBigWig(title, check) {
  for (const way of ["file", "HTTP ranges"]) {
    test(`${title} (${way})`, { skip }, async () => {
      for (const [name, read] of Object.entries(expected)) await check(name, open(name, way), read, someOf(read, way));
    });
  }
}

testEveryBigWig("every chromosome is found with its length, among hundreds too", async (name, file, read) => {
  const { refsByNumber } = await file.getHeader();
  const lengths = Object.fromEntries(Object.values(refsByNumber).map((ref) => [ref.name, ref.length]));
  assert.deepEqual(lengths, read.chromosomes, name);
});

testEveryBigWig("entries are the same bit for bit: gaps, one-base chromosomes, cut last bins", async (name, file, read, chroms) => {
  for (const [chrom, length] of chroms) {
    const features = await file.getFeatures(chrom, 0, length, { scale: 1 });
    assert.deepEqual(features.map(({ start, end, score }) => [start, end, score]), read.entries[chrom], `${name} ${chrom}`);
  }
});

testEveryBigWig("a stretch inside a chromosome gives the entries that touch it", async (name, file, read) => {
  const [chrom, length] = Object.entries(read.chromosomes)[0];
  for (const [start, end] of [[5, 6], [640, 90_000], [1023, 2050], [89_700, 192_100]]) {
    if (end > length) continue;
    const features = await file.getFeatures(chrom, start, end, { scale: 1 });
    const touching = read.entries[chrom].filter(([from, to]) => from < end && to > start);
    assert.deepEqual(features.map((feature) => [feature.start, feature.end, feature.score]), touching, `${name} ${start}`);
  }
});

testEveryBigWig("every zoom level holds mean, minimum and maximum of the bases", async (name, file, read, chroms) => {
  const { zoomLevels } = await file.getHeader();
  assert.deepEqual(zoomLevels.map((level) => String(level.reductionLevel)), Object.keys(read.zooms), name);
  for (const [zoom, bins] of Object.entries(read.zooms)) {
    for (const [chrom, length] of chroms) {
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
});
