import assert from "node:assert/strict";
import test from "node:test";
import { contrastId, isKnown, trackOf, tracksOf } from "../../../assets/view/state/contrast.js";
import { readState, settleState, writeState } from "../../../assets/view/state/state.js";
import "../../../assets/view/data/saliency.js";
import "../../../assets/view/panels/mutageneses.js";

const tracks = new Map([["a", { id: "a", name: "Rich", unit: "sum per 64 bp", modelled: true }], ["b", { id: "b", name: "Starved", modelled: true }], ["c", { id: "c", name: "Measured" }]]);
const page = { project: { default_tracks: ["a"] }, view: { tracks, chromosomes: new Map([["chr1", {}]]) } };
const settled = (search) => settleState(readState(search), page);

test("a contrast stands where a track does, with a name and a unit of its own", () => {
  const { name, unit, modelled } = trackOf(tracks, contrastId("a", "b"));
  assert.deepEqual({ name, unit, modelled }, { name: "Rich over Starved", unit: "log2 ratio", modelled: true });
  assert.ok(!trackOf(tracks, "a/c").modelled);
  assert.equal(trackOf(tracks, "a"), tracks.get("a"));
  assert.deepEqual(tracksOf("a/b"), ["a", "b"]);
});

test("a contrast with an unknown track, itself, or two others is none", () => {
  for (const id of ["a/x", "a/a", "a/b/c", "a/", "/"]) assert.ok(!isKnown(tracks, id) && !trackOf(tracks, id), id);
});

test("the saliency of a contrast is in the address, and shown where its first track is", () => {
  const { saliency } = settled("?tracks=a&saliency=a/b@chr1:5");
  assert.deepEqual(saliency, { track: "a/b", chrom: "chr1", position: 4 });
  assert.match(writeState({ ...readState(""), tracks: ["a"], saliency }), /saliency=a\/b@chr1:5/);
  // A messenger may have encoded it.
  assert.deepEqual(settled("?tracks=a&saliency=a%2Fb%40chr1%3A5").saliency, saliency);
  assert.equal(settled("?tracks=b&saliency=a/b@chr1:5").saliency, null);
  assert.equal(settled("?tracks=a&saliency=a/x@chr1:5").saliency, null);
});

test("a mutagenesis holds tracks and contrasts above one another", () => {
  const { mutagenesis } = settled("?tracks=a&mutagenesis=a/b,a,b/x@chr1:1-9@5");
  assert.deepEqual(mutagenesis.tracks, ["a/b", "a"]);
  assert.match(writeState({ ...readState(""), tracks: ["a"], mutagenesis }), /mutagenesis=a\/b,a@chr1:1-9@5/);
});
