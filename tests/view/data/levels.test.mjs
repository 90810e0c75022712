import assert from "node:assert/strict";
import test from "node:test";
import { Levels } from "../../../assets/view/data/levels.js";
import { DEFAULTS } from "../../../assets/view/state/rowsettings.js";

// What is added from a BED has no signal, and is not asked for.
const TRACKS = { tracks: [{ id: "a", has_experiment: true }, { id: "b", has_prediction: true }, { id: "own-bed", has_experiment: false }] };
const answering = (...answers) => {
  const asked = [];
  const levels = new Levels({ onChange: () => {}, onError: (error) => asked.push(error.message), fetchJson: async (name, { tracks }) => {
    asked.push(tracks);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  } });
  return { levels, asked };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the floor of a scale is the larger of experiment and prediction, and is said", async () => {
  const { levels, asked } = answering({ levels: { a: { experiment: 2, prediction: 3.2 }, b: { prediction: 1 } }, pending: [] });
  levels.ensure(TRACKS);
  assert.equal(levels.isReady(TRACKS), false);
  levels.ensure(TRACKS);
  await settled();
  assert.deepEqual(asked, ["a,b"]);
  assert.equal(levels.isReady(TRACKS), true);
  assert.equal(levels.floorOf("a"), 3.2);
  assert.equal(levels.floorWords("a", DEFAULTS), "Own scale, at least 3.20 = genome-wide 99th percentile of the prediction.");
  assert.match(levels.floorWords("a", { ...DEFAULTS, share: "group" }), /^At least 3\.20/);
  assert.equal(levels.floorWords("a", { ...DEFAULTS, top: 5 }), "");
});

test("without a level, or of a track that is zero nearly everywhere, there is no floor and nothing is said", async () => {
  const { levels } = answering({ levels: { a: { experiment: 0 }, b: {} }, pending: [] });
  assert.equal(levels.floorOf("a"), 0);
  levels.ensure(TRACKS);
  await settled();
  assert.deepEqual([levels.floorOf("a"), levels.floorOf("b"), levels.floorWords("a", DEFAULTS)], [0, 0, ""]);
});

test("what could not be asked is asked again", async () => {
  const { levels, asked } = answering(new Error("away"), { levels: { a: {}, b: {} }, pending: [] });
  levels.ensure(TRACKS);
  await settled();
  levels.ensure(TRACKS);
  await settled();
  assert.deepEqual(asked, ["a,b", "away", "a,b"]);
  assert.equal(levels.isReady(TRACKS), true);
});
