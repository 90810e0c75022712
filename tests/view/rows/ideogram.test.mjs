import assert from "node:assert/strict";
import test from "node:test";
import { draggedWindow, holdsWindow, ideogramPlot, spannedWindow, windowBox } from "../../../assets/view/rows/ideogram.js";
import { layoutRows } from "../../../assets/view/rows/layout.js";
import { noteAt } from "../../../assets/view/rows/hittest.js";
import { makeScale, MIN_SPAN } from "../../../assets/ui/scale.js";

// A pixel is ten bases.
const scale = makeScale({ start: 0, end: 5000 }, { left: 100, width: 500 });
const window = { chrom: "c", start: 1000, end: 2000 };

test("a drag of the window moves it as far as the pointer and keeps its width, up to the chromosome's ends", () => {
  assert.deepEqual(draggedWindow(window, scale, 50), { chrom: "c", start: 1500, end: 2500 });
  assert.deepEqual(draggedWindow(window, scale, -999), { chrom: "c", start: 0, end: 1000 });
  assert.deepEqual(draggedWindow(window, scale, 999), { chrom: "c", start: 4000, end: 5000 });
});

test("the window is held by what is drawn of it and a little beside, however narrow it is", () => {
  for (const [x, holds] of [[195, false], [197, true], [250, true], [303, true], [305, false]]) assert.equal(holdsWindow(window, scale, x), holds, `at ${x}`);
  const last = { chrom: "c", start: 4999, end: 5000 };
  assert.deepEqual(windowBox(last, scale), { x: 596, width: 4 });
  assert.ok(holdsWindow(last, scale, 593));
  assert.ok(!holdsWindow({ chrom: "c", start: 0, end: 5000 }, scale, 300), "all of the chromosome has nowhere to go");
});

test("a drag beside the window spans a stretch in either direction, inside the chromosome and no narrower than a window may be", () => {
  assert.deepEqual(spannedWindow("c", scale, 400, 450), { chrom: "c", start: 3000, end: 3500 });
  assert.deepEqual(spannedWindow("c", scale, 450, 20), { chrom: "c", start: 0, end: 3500 });
  const { start, end } = spannedWindow("c", scale, 400, 401);
  assert.equal(end - start, MIN_SPAN);
});

test("the ideogram says the fold under the cursor and what a drag does there", () => {
  const layout = layoutRows({ tracks: [], state: {}, width: 1000 });
  const row = layout.head[0];
  const folds = [{ start: 0, end: 2500, fold: "train" }, { start: 2500, end: 5000, fold: "test" }];
  const scene = { layout, window, folds, scroll: 0, chromosome: { name: "c", length: 5000 }, scale: makeScale(window, { left: layout.left, width: layout.plotWidth }) };
  const at = (share) => noteAt(scene, row, layout.left + share * layout.plotWidth, 10);
  assert.equal(at(0.3).lines[0].value, "train");
  assert.match(at(0.3).hint, /move the window/);
  assert.equal(at(0.8).lines[0].value, "test");
  assert.match(at(0.8).hint, /go there/);
  assert.equal(noteAt(scene, row, 3, 10), null);
  assert.equal(ideogramPlot({ ...scene, row }).filter(({ op }) => op === "rect").length, 5, "chromosome, two folds, edge, window");
});
