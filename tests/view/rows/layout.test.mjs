import assert from "node:assert/strict";
import test from "node:test";
import "../../../assets/view/rows/ideogram.js";
import "../../../assets/view/rows/trackrows.js";
import "../../../assets/view/rows/saliencyrow.js";
import { layoutRows, nameX, packGenes } from "../../../assets/view/rows/layout.js";

const both = { id: "a", name: "ATAC", has_experiment: true, has_prediction: true };
const predicted = { id: "b", name: "imported", has_experiment: false, has_prediction: true };
const view = { tracks: [both, predicted], state: { mode: "pair", saliency: null }, geneLanes: 2, denseGenes: false, showBases: false, width: 1000 };

test("a pair is the experiment above the prediction; a track without experiment is one row", () => {
  const { body } = layoutRows(view);
  assert.deepEqual(body.map(({ key }) => key), ["a/experiment", "a/prediction", "b/prediction"]);
  assert.ok(body[0].y < body[1].y);
});

test("overlay and residual are one row a track", () => {
  assert.deepEqual(layoutRows({ ...view, state: { mode: "overlay" } }).body.map(({ kind }) => kind), ["overlay", "overlay"]);
});

test("saliency comes right below its track", () => {
  const { body } = layoutRows({ ...view, state: { mode: "pair", saliency: { track: "a" } } });
  assert.deepEqual(body.map(({ key }) => key), ["a/experiment", "a/prediction", "a/saliency", "b/prediction"]);
});

test("rows never overlap, with or without bases and saliency", () => {
  for (const showBases of [true, false]) {
    const { head, body, headHeight, bodyHeight } = layoutRows({ ...view, state: { mode: "pair", saliency: { track: "b" } }, showBases });
    for (const rows of [head, body]) {
      for (let i = 1; i < rows.length; i += 1) assert.ok(rows[i].y >= rows[i - 1].y + rows[i - 1].height, rows[i].key);
    }
    assert.equal(headHeight, head.at(-1).y + head.at(-1).height);
    assert.ok(bodyHeight >= body.at(-1).y + body.at(-1).height);
  }
});

test("few tracks in a tall window are drawn taller, and still fit", () => {
  const short = layoutRows({ ...view, height: 100 });
  const tall = layoutRows({ ...view, height: 2000 });
  assert.ok(tall.body[0].height > short.body[0].height);
  assert.ok(tall.headHeight + tall.bodyHeight <= 2000);
  const huge = layoutRows({ ...view, height: 4000 });
  assert.ok(huge.body[0].height > tall.body[0].height, "more on a large screen");
});

test("names of genes never collide, at any zoom", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const genes = Array.from({ length: 300 }, (_, i) => {
    const start = Math.floor(random() * 200_000);
    return { name: `YAL${i}W-A`, start, end: start + 100 + Math.floor(random() * 4000), strand: i % 2 ? "+" : "-" };
  });
  for (const pixelsPerBase of [0.01, 0.04, 0.1, 0.5, 3]) {
    const { placed } = packGenes(genes, pixelsPerBase, (name) => name.length * 6);
    const byLane = new Map();
    for (const { gene, lane, named, nameWidth } of placed) {
      if (!named) continue;
      const from = gene.start * pixelsPerBase;
      const to = Math.max(gene.end * pixelsPerBase, from + nameWidth);
      for (const [otherFrom, otherTo] of byLane.get(lane) ?? []) assert.ok(from >= otherTo || to <= otherFrom, `${gene.name} at ${pixelsPerBase}`);
      byLane.set(lane, [...(byLane.get(lane) ?? []), [from, to]]);
    }
  }
});

test("lanes do not depend on where the window stands", () => {
  const genes = [{ name: "A", start: 100, end: 200, strand: "+" }, { name: "B", start: 150, end: 400, strand: "-" }];
  assert.deepEqual(packGenes(genes, 0.5, () => 20).placed.map(({ lane }) => lane), [0, 1]);
});

test("a crowd of genes loses its names and is split by strand", () => {
  const genes = Array.from({ length: 100 }, (_, i) => ({ name: `G${i}`, start: i * 100, end: i * 100 + 90, strand: i % 2 ? "+" : "-" }));
  const { dense, lanes, placed } = packGenes(genes, 0.01, () => 30);
  assert.ok(dense);
  assert.equal(lanes, 2);
  assert.deepEqual([...new Set(placed.filter(({ gene }) => gene.strand === "-").map(({ lane }) => lane))], [1]);
});

test("a name follows the left edge of the view while its gene lasts", () => {
  assert.equal(nameX(50, 400, 60, 10), 50);
  assert.equal(nameX(-200, 400, 60, 10), 10);
  assert.equal(nameX(-200, 40, 60, 10), -20);
});
