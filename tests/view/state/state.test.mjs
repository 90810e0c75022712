import assert from "node:assert/strict";
import test from "node:test";
import { readState, unshown, writeState } from "../../../assets/view/state/state.js";

const full = {
  locus: "chrXVI:66001-82000",
  tracks: ["ATAC_rich_r1", "odd id@x+y", "h\u00e9"],
  mode: "overlay",
  saliency: { track: "odd id@x+y", chrom: "chrXVI", position: 70111 },
  mutagenesis: { track: "ATAC_rich_r1", tracks: ["ATAC_rich_r1", "b"], chrom: "chrXVI", start: 70011, end: 70211, target: 70111 },
};

test("an address holds the whole state", () => {
  assert.deepEqual(readState(writeState(full)), full);
});

test("an address survives a mail program that encodes everything", () => {
  const encoded = writeState({ ...full, tracks: ["a", "b"], saliency: { ...full.saliency, track: "a" } }).replace(/[:,@]/g, encodeURIComponent);
  const read = readState(encoded);
  assert.deepEqual(read.tracks, ["a", "b"]);
  assert.deepEqual(read.saliency, { track: "a", chrom: "chrXVI", position: 70111 });
  assert.deepEqual(read.mutagenesis, full.mutagenesis);
});

test("positions in the address are 1-based and readable", () => {
  assert.equal(writeState({ ...full, tracks: ["a"], saliency: null }), "?locus=chrXVI:66001-82000&tracks=a&mode=overlay&mutagenesis=ATAC_rich_r1,b@chrXVI:70012-70211@70112");
});

test("an empty or broken address is the default state", () => {
  const nothing = { locus: null, tracks: null, mode: "pair", saliency: null, mutagenesis: null };
  assert.deepEqual(readState(""), nothing);
  assert.deepEqual(readState("?mode=upside-down&saliency=x&mutagenesis=a@b&locus"), nothing);
  assert.deepEqual(readState("?tracks=%E0%A4%A").tracks, ["%E0%A4%A"]);
});

test("no tracks is something else than the default tracks", () => {
  assert.deepEqual(readState(writeState({ ...full, tracks: [] })).tracks, []);
});

test("digits are grouped as people write them", () => {
  assert.deepEqual(readState("?saliency=a@chrXVI:70,112").saliency, { track: "a", chrom: "chrXVI", position: 70111 });
  assert.deepEqual(readState("?mutagenesis=ATAC_rich_r1,b@chrXVI:70,012-70%2C211@70,112").mutagenesis, full.mutagenesis);
});

test("what an address asks for and a page does not show is told", () => {
  const asked = "?locus=chrI:1-9&saliency=a@chrI:x&mutagenesis=b@chrI:1-2@3&mode=upside-down";
  const told = unshown(asked, { ...readState(asked), mutagenesis: null });
  assert.equal(told.length, 2);
  assert.match(told[0], /saliency=a@chrI:x, which cannot be shown; expected track@chromosome:position of this project/);
  assert.match(told[1], /mutagenesis=b@chrI:1-2@3, .*track@chromosome:start-end@target/);
  assert.deepEqual(unshown("?saliency=a@chrI:7&mutagenesis=", readState("?saliency=a@chrI:7")), []);
});
