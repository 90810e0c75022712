import assert from "node:assert/strict";
import test from "node:test";
import { Actions } from "../../../assets/ui/actions.js";
import { clickAt, explainRow, isClickable, noteAt, rowAt } from "../../../assets/view/rows/hittest.js";
import { layoutRows } from "../../../assets/view/rows/layout.js";
import { kindOf, registerRowKind } from "../../../assets/view/rows/rowkinds.js";
import { makeScale } from "../../../assets/ui/scale.js";
import { declareField, isUndone, readState, settleState, writeState } from "../../../assets/view/state/state.js";

declareField({ name: "zebra", key: "z", read: Number, write: (zebra) => (zebra === 1 ? null : String(zebra)), initial: 1, settle: (zebra, _, { most }) => Math.min(zebra, most) });
declareField({ name: "quiet", read: (words) => words === "on", write: (quiet) => (quiet ? "on" : null), initial: false, undo: false });

test("a field of another module is read from the address, settled and written, its default left out", () => {
  assert.equal(readState("?z=7").zebra, 7);
  assert.equal(readState("").zebra, 1);
  assert.match(writeState({ zebra: 7 }), /z=7/);
  assert.doesNotMatch(writeState({ zebra: 1 }), /z=/);
  const page = { most: 5, project: { default_tracks: [] }, view: { tracks: new Map(), chromosomes: new Map() } };
  assert.equal(settleState(readState("?z=7"), page).zebra, 5);
  assert.throws(() => declareField({ name: "zebra" }), /two fields zebra/);
});

test("Back undoes a change unless all of its fields say otherwise", () => {
  assert.ok(isUndone({ zebra: 2 }));
  assert.ok(!isUndone({ quiet: true }));
  assert.ok(isUndone({ quiet: true, zebra: 2 }));
});

const clicked = [];
registerRowKind({
  kind: "striped", place: "track", order: 50, rows: ({ state }, track) => (state.striped ? [{ name: `stripes of ${track.name}` }] : []), height: () => 30, plot: () => [],
  note: (row, _, { base, side }) => ({ title: `${side} ${Math.floor(base)}`, lines: [] }), isClickable: () => true, click: (row, _, { base }) => clicked.push([row.key, base]), explained: () => 250,
});
registerRowKind({ kind: "banner", place: "top", order: 0, rows: () => [{ name: "banner" }], height: () => 12, plot: () => [] });
registerRowKind({ kind: "sum", place: "bottom", order: 0, rows: () => [{ name: "sum", key: "sum/1" }, { name: "sum", key: "sum/2" }], height: () => 12, plot: () => [] });

const layout = layoutRows({ tracks: [{ id: "a", name: "A" }], state: { striped: true }, width: 1000 });
const scene = { layout, scroll: 0, scale: makeScale({ start: 0, end: 500 }, { left: layout.left, width: layout.plotWidth }) };

test("kinds of rows of other modules come where they say: top, track, bottom", () => {
  assert.deepEqual(layout.body.map(({ key }) => key), ["banner", "a/striped", "sum/1", "sum/2"]);
  assert.deepEqual(layout.body.map(({ first, last }) => [first, last]), [[true, true], [true, true], [true, false], [false, true]]);
  assert.throws(() => registerRowKind({ kind: "striped", place: "top" }), /two row kinds striped/);
});

test("such a row is found under the cursor, says what it is, and is clicked and explained", () => {
  const row = layout.body[1];
  const y = layout.headHeight + row.y + 5;
  const x = scene.scale.toPixel(100);
  assert.equal(rowAt(scene, y), row);
  assert.equal(noteAt(scene, row, x, y).title, "plot 100");
  assert.match(noteAt(scene, row, 3, y).title, /^left/);
  assert.ok(clickAt(scene, row, x, y));
  assert.ok(!clickAt(scene, row, 3, y));
  assert.ok(explainRow(scene, row));
  assert.deepEqual(clicked.map(([key, base]) => [key, Math.round(base)]), [["a/striped", 100], ["a/striped", 250]]);
  const banner = layout.body[0];
  assert.ok(!isClickable(scene, banner, x, layout.headHeight + banner.y + 1));
  assert.ok(!explainRow(scene, banner));
  assert.deepEqual(kindOf(banner).series(banner, scene), []);
});

test("Escape closes the first thing that is open, in the order of what lies on top", () => {
  const actions = new Actions();
  const closed = [];
  const open = { menu: false, panel: true, row: true };
  for (const [name, order] of [["row", 30], ["menu", 0], ["panel", 20]]) actions.escape(order, () => open[name] && closed.push(name) > 0);
  actions.escapes.find(({ close }) => close());
  assert.deepEqual(closed, ["panel"]);
});

test("one press is for one part: a key or a control that another has is refused, unless Shift tells them apart", () => {
  const actions = new Actions();
  const nothing = () => {};
  actions.key(["n", "ArrowUp"], nothing, { says: "next gene", shift: false });
  assert.throws(() => actions.key(["x", "n"], nothing, { says: "new region" }), /the key n is asked for twice: \u201cnext gene\u201d and \u201cnew region\u201d/);
  assert.throws(() => actions.key(["n"], nothing, { onView: true }), /twice/, "everywhere is on the view, too");
  actions.key(["ArrowUp"], nothing, { shift: true });
  assert.throws(() => actions.key(["ArrowUp"], nothing, { shift: true }), /twice/);
  assert.equal(actions.keys.length, 2, "what is refused is not kept");
  actions.click("share", nothing);
  assert.throws(() => actions.click("share", nothing), /two parts answer a click on #share/);
});
