import assert from "node:assert/strict";
import test from "node:test";
import { geneAt } from "../../../assets/view/rows/headrows.js";
import "../../../assets/view/rows/ideogram.js";
import { layoutRows } from "../../../assets/view/rows/layout.js";
import { explainRow, isClickable, noteAt, refusalAt, rowAt } from "../../../assets/view/rows/hittest.js";
import "../../../assets/view/rows/trackrows.js";
import "../../../assets/view/rows/saliencyrow.js";
import { makeScale } from "../../../assets/ui/scale.js";
import { WindowCache } from "../../../assets/view/data/windowcache.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

function cache(answers) {
  const asked = [];
  const errors = [];
  const fetchJson = async (name, question) => {
    asked.push(question);
    const answer = answers(question);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const made = new WindowCache("genes", { overscan: 1, margin: 0.1, onChange: () => {}, onError: (error) => errors.push(error), fetchJson });
  return { made, asked, errors };
}

test("a window inside what was asked for is not asked for again", async () => {
  const { made, asked } = cache(() => ({ genes: [] }));
  made.ensure({ chrom: "c", start: 1000, end: 2000 }, 10_000);
  assert.deepEqual(asked[0], { chrom: "c", start: 0, end: 3000 });
  assert.ok(!made.isCurrent);
  await turn();
  assert.ok(made.isCurrent);
  made.ensure({ chrom: "c", start: 1500, end: 2500 }, 10_000);
  assert.equal(asked.length, 1);
  made.ensure({ chrom: "c", start: 2500, end: 3500 }, 10_000);
  assert.equal(asked.length, 2);
});

test("what is at hand for one chromosome is not shown on another", async () => {
  const { made } = cache(() => ({ genes: ["one"] }));
  made.ensure({ chrom: "c", start: 0, end: 10 }, 100);
  await turn();
  assert.deepEqual(made.on("c").genes, ["one"]);
  assert.equal(made.on("d"), null);
});

test("after a failure the same window is asked for again", async () => {
  let fail = true;
  const { made, asked, errors } = cache(() => (fail ? new Error("gone") : { genes: [] }));
  made.ensure({ chrom: "c", start: 0, end: 10 }, 100);
  await turn();
  assert.equal(errors.length, 1);
  fail = false;
  made.ensure({ chrom: "c", start: 0, end: 10 }, 100);
  await turn();
  assert.equal(asked.length, 2);
  assert.ok(made.isCurrent);
});

const track = { id: "a", name: "ATAC", assay: "ATAC", has_experiment: true, has_prediction: true };
const layout = layoutRows({ tracks: [track], state: { mode: "pair", saliency: { track: "a" } }, geneLanes: 1, denseGenes: false, showBases: false, width: 1000 });
const gene = { id: "g", name: "GAL1", start: 100, end: 200, strand: "+" };
const drawn = {
  layout, scroll: 0, window: { chrom: "c", start: 0, end: 1000 }, chromosome: { name: "c", length: 5000 },
  folds: [{ start: 0, end: 5000, fold: "test" }], packing: { dense: false, placed: [{ gene, lane: 0, named: true, nameWidth: 30 }] },
  blocks: new Map(), colours: new Map([["a", { dark: "#000000", light: "#999999" }]]), saliency: null, project: { has_model: true },
  scale: makeScale({ start: 0, end: 1000 }, { left: layout.left, width: layout.plotWidth }),
};
const row = (kind) => [...layout.head, ...layout.body].find((other) => other.kind === kind);
const bodyY = (kind) => layout.headHeight + row(kind).y + 5;
const middle = layout.left + layout.plotWidth / 2;

test("the row under the cursor is found in the head and in the scrolled body", () => {
  assert.equal(rowAt(drawn, 5).kind, "ideogram");
  assert.equal(rowAt(drawn, bodyY("prediction")).kind, "prediction");
  assert.equal(rowAt({ ...drawn, scroll: 30 }, bodyY("prediction") - 30).kind, "prediction");
});

test("a prediction can be clicked, an experiment cannot, and nothing without a model", () => {
  assert.ok(isClickable(drawn, row("prediction"), middle, 0));
  assert.ok(!isClickable(drawn, row("experiment"), middle, 0));
  assert.ok(!isClickable(drawn, row("prediction"), 3, 0));
  assert.ok(!isClickable({ ...drawn, project: { has_model: false } }, row("prediction"), middle, 0));
});

test("a click that the model cannot answer says why, and one that asks nothing says nothing", () => {
  const why = (scene, kind) => refusalAt(scene, row(kind), middle, 0);
  const without = { ...drawn, project: { has_model: false } };
  assert.equal(why(drawn, "prediction"), null);
  assert.match(why(drawn, "experiment"), /click the prediction/);
  for (const kind of ["experiment", "prediction"]) assert.match(why(without, kind), /no model to ask: sighthound train/);
  assert.equal(why(without, "ruler"), null);
  assert.equal(refusalAt(drawn, row("experiment"), 3, 0), null);
});

test("saliency bars can be clicked once they are there and on their chromosome", () => {
  assert.ok(!isClickable(drawn, row("saliency"), middle, 0));
  assert.ok(isClickable({ ...drawn, saliency: { status: "ready", result: { chrom: "c" } } }, row("saliency"), middle, 0));
  assert.ok(!isClickable({ ...drawn, saliency: { status: "ready", result: { chrom: "d" } } }, row("saliency"), middle, 0));
});

test("Enter mutates around the strongest saliency in view, and around the strongest of all where none is", () => {
  const result = { chrom: "c", track: "a", start: 0, bin: 100, values: [-9, 1, -5, 2, 3, 0, 0, 0, 0, 0] };
  const asked = (window) => {
    let mutated = null;
    const change = (part) => (mutated = part.mutagenesis);
    const saliency = { status: "ready", result, target: { position: 450 } };
    explainRow({ ...drawn, window: { chrom: "c", ...window }, saliency, change }, row("saliency"));
    return [mutated.start, mutated.end];
  };
  assert.deepEqual(asked({ start: 150, end: 400 }), [150, 350]);
  assert.deepEqual(asked({ start: 2000, end: 3000 }), [0, 200]);
});

test("a gene is found by its body", () => {
  const x = layout.left + layout.plotWidth * 0.15;
  assert.equal(geneAt(drawn, row("genes"), { base: 150, y: row("genes").y + 8 }), gene);
  assert.equal(noteAt(drawn, row("genes"), x, row("genes").y + 8).title, "GAL1");
  assert.equal(geneAt(drawn, row("genes"), { base: 500, y: row("genes").y + 8 }), null);
});
