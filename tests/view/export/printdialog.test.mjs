import assert from "node:assert/strict";
import test from "node:test";
import { lightened } from "../../../assets/view/draw/plotlytheme.js";
import { legend } from "../../../assets/view/export/printdialog.js";

test("the legend says what is drawn and nothing else", () => {
  assert.match(legend("overlay", [{ kind: "overlay" }]), /the line the prediction/);
  assert.doesNotMatch(legend("overlay", [{ kind: "overlay" }]), /Saliency/);
  assert.match(legend("pair", [{ kind: "experiment" }, { kind: "saliency" }]), /Saliency: blue raises/);
});

test("a dark figure is lightened by the table it came with; its numbers stay the same arrays", () => {
  const z = new Float32Array([1, 2]);
  const light = { "#10161d": "#ffffff", "#e6ecf2": "#1d2733" };
  const figure = { z, colorscale: [[0, "#10161D"], [1, "#123456"]], font: { color: "#e6ecf2" }, meta: { light } };
  const made = lightened(figure, light);
  assert.equal(made.z, z);
  assert.deepEqual(made.colorscale, [[0, "#ffffff"], [1, "#123456"]]);
  assert.equal(made.font.color, "#1d2733");
  assert.equal(made.meta, figure.meta);
});
