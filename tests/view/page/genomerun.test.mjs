import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRate, runWords } from "../../../assets/view/page/genomerun.js";

test("a run that is under way says its share, its rate and the time left", () => {
  const progress = { phase: "network", done: 30, total: 120, unit: "bases", rate: 2_500_000, seconds_left: 45 };
  const words = runWords({ state: "running", progress, written: 0, pending: 26 });
  assert.equal(words.label, "Predicting the genome 25 %, about 45 s left");
  assert.match(words.says, /at 2\.5 million bases a second; 26 tracks are to come/);
  assert.equal(words.share, 0.25);
});

test("a stopped run says what to do, a complete one nothing", () => {
  const words = runWords({ state: "stopped", progress: null, written: 2, pending: 3 });
  assert.match(words.says, /^3 of 5 tracks .* Run sighthound predict again: it goes on from where it was\.$/);
  assert.equal(runWords({ state: "complete", progress: null, written: 5, pending: 0 }), null);
  assert.equal(runWords({ state: "none", progress: null, written: 0, pending: 0 }), null);
});

test("rates are rounded as people read them", () => {
  assert.equal(formatRate(3.14), "3.1");
  assert.equal(formatRate(1234.5), "1,235");
});
