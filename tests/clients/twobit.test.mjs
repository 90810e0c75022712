// @gmod/twobit, the reader of JBrowse, reads the genome of our assembly hubs, by ranges of HTTP.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test, { after, before } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const installed = existsSync(new URL("node_modules/@gmod/twobit", import.meta.url));
if (!installed && process.env.CI) throw new Error("@gmod/twobit is missing; tests/install_tools.sh installs it");
const skip = installed ? false : "@gmod/twobit is not installed (npm ci in tests/clients)";

let folder, server, genome;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "sighthound-assembly-"));
  server = spawn(process.env.PYTHON || "python3", ["-m", "tests.clients.assembly", folder], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(createInterface(server.stdout), "line");
  const { TwoBitFile } = await import("@gmod/twobit");
  const { RemoteFile } = await import("generic-filehandle2");
  genome = new TwoBitFile({ filehandle: new RemoteFile(`http://127.0.0.1:${port}/genome.2bit`) });
});

after(() => {
  server?.kill();
  if (folder) rmSync(folder, { recursive: true });
});

test("chromosomes, lengths and every base are those of the FASTA, runs of N too", { skip }, async () => {
  const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  assert.deepEqual(await genome.getSequenceNames(), Object.keys(expected));
  for (const [name, sequence] of Object.entries(expected)) {
    assert.equal((await genome.getSequenceSizes())[name], sequence.length);
    assert.equal((await genome.getSequence(name)).toUpperCase(), sequence);
    assert.equal((await genome.getSequence(name, 8_995, 9_005)).toUpperCase(), sequence.slice(8_995, 9_005));
  }
});
