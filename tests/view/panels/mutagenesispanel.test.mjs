// The panel of a mutagenesis: how it says that changes stand out among nulls.
import assert from "node:assert/strict";
import test from "node:test";

import { rankWords } from "../../../assets/view/panels/mutagenesispanel.js";

test("bases with a change among the largest are counted, of those that were ranked", () => {
  const tracks = [{ track: "a", percentiles: [[null, 99.5, 3, 4], [50, null, 20, 98.9], [null, null, null, null]] }];
  assert.equal(rankWords({ tracks }), "1 of 2 bases have a change among the largest 1 % of matched nulls");
  assert.equal(rankWords({ tracks: [] }), "");
});
