import assert from "node:assert/strict";
import test from "node:test";
import { wheelAct } from "../../../assets/view/page/interaction.js";

const turn = (more) => ({ deltaX: 0, deltaY: 100, deltaMode: 0, ctrlKey: false, metaKey: false, shiftKey: false, ...more });
const hidden = { inPlot: true, scrolls: true };
const allShown = { inPlot: true, scrolls: false };

test("a wheel scrolls where rows are hidden, and zooms at the cursor where none are", () => {
  assert.equal(wheelAct(turn({}), hidden).act, "scroll");
  assert.equal(wheelAct(turn({}), allShown).act, "zoom");
  assert.ok(wheelAct(turn({}), allShown).factor > 1);
  assert.ok(wheelAct(turn({ deltaY: -100 }), allShown).factor < 1);
});

test("with Ctrl, with which browsers tell a pinch, and with the Mac\u2019s command key it zooms everywhere in the plot", () => {
  for (const key of ["ctrlKey", "metaKey"]) assert.equal(wheelAct(turn({ [key]: true }), hidden).act, "zoom");
  assert.equal(wheelAct(turn({ ctrlKey: true }), { inPlot: false, scrolls: true }).act, "scroll");
});

test("sideways, or with shift, it pans by pixels, also where it counts in lines", () => {
  assert.deepEqual(wheelAct(turn({ deltaX: 120, deltaY: 10 }), hidden), { act: "pan", pixels: 120 });
  assert.deepEqual(wheelAct(turn({ shiftKey: true }), hidden), { act: "pan", pixels: 100 });
  assert.deepEqual(wheelAct(turn({ shiftKey: true, deltaX: 3, deltaY: 0, deltaMode: 1 }), allShown), { act: "pan", pixels: 48 });
  assert.equal(wheelAct(turn({ deltaX: 10, deltaY: 120 }), hidden).act, "scroll");
});

test("no single turn, however large it is told, leaves the stretch that one looks at", () => {
  assert.ok(wheelAct(turn({ deltaY: 1e6 }), allShown).factor < 2);
});
