import assert from "node:assert/strict";
import test from "node:test";
import { keepingEarlier } from "../../../assets/view/data/saliency.js";
import { closingMutagenesis, MOST_MUTAGENESES, mutagenesisKey, replacingMutagenesis } from "../../../assets/view/panels/mutageneses.js";
import { readState, settleState, writeState } from "../../../assets/view/state/state.js";

const page = { project: { default_tracks: ["a"] }, view: { tracks: new Map([["a", {}], ["b", {}]]), chromosomes: new Map([["c;1", {}]]) } };
const at = (start, track = "a", target = 500) => ({ track, chrom: "c;1", start, end: start + 200, target });
const whole = (window) => ({ tracks: [window.track], ...window });

/** A view that asks one after the other. */
function asked(...windows) {
  let state = settleState(readState("?tracks=a"), page);
  for (const mutagenesis of windows) state = changed(state, { mutagenesis });
  return state;
}
const changed = (state, part) => settleState({ ...state, ...keepingEarlier(state, part) }, page);
const starts = ({ mutageneses }) => mutageneses.map(({ start }) => start);

test("a mutagenesis that another follows stays: of another region, another track or another target", () => {
  const state = asked(at(10), at(20), at(20, "b"), at(20, "b", 900));
  assert.deepEqual(state.mutagenesis, whole(at(20, "b", 900)));
  assert.deepEqual(state.mutageneses, [at(20, "b", 900), at(20, "b"), at(20), at(10)].map(whole));
});

test("asking again for one that is kept shows it where it is", () => {
  const state = asked(at(10), at(20), at(30), at(10));
  assert.equal(state.mutagenesis.start, 10);
  assert.deepEqual(starts(state), [30, 20, 10]);
});

test("a view holds four mutageneses: the oldest makes way, but never the one that is shown", () => {
  assert.deepEqual(starts(asked(at(10), at(20), at(30), at(40), at(50))), [50, 40, 30, 20]);
  const five = [10, 20, 30, 40, 50].map((start) => whole(at(start)));
  const state = settleState({ ...asked(), mutagenesis: five[4], mutageneses: five }, page);
  assert.deepEqual(starts(state), [10, 20, 30, 50]);
  assert.equal(state.mutageneses.length, MOST_MUTAGENESES);
});

test("the address holds all of them, and one alone as it always did", () => {
  const state = changed(asked(at(10), at(20)), { mutagenesis: at(10) });
  const address = writeState({ ...state, locus: "c" });
  assert.match(address, /&mutagenesis=a@c%3B1:11-210@501&.*mutageneses=a@c%3B1:21-220@501;a@c%3B1:11-210@501/);
  const read = settleState(readState(address), page);
  assert.deepEqual([read.mutagenesis, read.mutageneses], [state.mutagenesis, state.mutageneses]);
  const mailed = settleState(readState(address.replace(/mutageneses=.*/, (words) => words.replace(/[;:,@]/g, encodeURIComponent))), page);
  assert.deepEqual(mailed.mutageneses, state.mutageneses);
  assert.doesNotMatch(writeState({ ...asked(at(10)), locus: "c" }), /mutageneses/);
  assert.deepEqual(starts(settleState(readState("?tracks=a&mutagenesis=a@c%3B1:11-210@501&mutageneses=x;b@nowhere:1-2@3"), page)), [10]);
});

test("closing the one that is shown shows its neighbour; closing another leaves it; the last closes the panel", () => {
  let state = asked(at(10), at(20), at(30));
  state = changed(state, closingMutagenesis(state, mutagenesisKey(at(20))));
  assert.deepEqual([state.mutagenesis.start, starts(state)], [30, [30, 10]]);
  state = changed(state, closingMutagenesis(state));
  assert.deepEqual([state.mutagenesis.start, starts(state)], [10, [10]]);
  state = changed(state, closingMutagenesis(state));
  assert.deepEqual([state.mutagenesis, state.mutageneses], [null, []]);
});

test("other tracks of the one that is shown stand in its place", () => {
  let state = changed(asked(at(10), at(20)), { mutagenesis: at(10) });
  state = changed(state, replacingMutagenesis(state, { ...at(10), tracks: ["a", "b"] }));
  assert.deepEqual(state.mutageneses.map(({ tracks }) => tracks), [["a"], ["a", "b"]]);
  assert.deepEqual(state.mutagenesis.tracks, ["a", "b"]);
});
