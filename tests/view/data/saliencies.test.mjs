import assert from "node:assert/strict";
import test from "node:test";
import { keepingEarlier } from "../../../assets/view/data/saliency.js";
import { readState, settleState, writeState } from "../../../assets/view/state/state.js";

test("a saliency that another follows stays, up to four in all, and each can be closed alone", () => {
  const page = { project: { default_tracks: ["a"] }, view: { tracks: new Map([["a", {}]]), chromosomes: new Map([["c", {}]]) } };
  const at = (position) => ({ track: "a", chrom: "c", position });
  let state = settleState({ ...readState("?tracks=a&saliency=a@c:1"), tracks: ["a"] }, page);
  const ask = (part) => (state = settleState({ ...state, ...keepingEarlier(state, part) }, page));
  for (const position of [10, 20, 30, 40]) ask({ saliency: at(position) });
  assert.deepEqual(state.saliency, at(40));
  assert.deepEqual(state.earlier, [at(30), at(20), at(10)]);
  assert.deepEqual(readState(writeState(state)).earlier, state.earlier);
  ask({ saliency: at(20) });
  assert.deepEqual(state.earlier, [at(40), at(30), at(10)]);
  ask({ saliency: null });
  assert.deepEqual(state.earlier, [at(40), at(30), at(10)]);
  ask({ tracks: [] });
  assert.deepEqual(state.earlier, []);
});
