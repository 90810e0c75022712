import assert from "node:assert/strict";
import test from "node:test";
import { absoluteOutline } from "../../../assets/view/draw/outlines.js";
import { colourAt, hexOf } from "../../../assets/view/draw/plotted.js";
import { text } from "../../../assets/view/draw/shapes.js";
import { toSvg } from "../../../assets/view/draw/svg.js";

test("an outline becomes absolute and lies where its figure puts it", () => {
  const moved = (x, y) => [x + 10, y + 100];
  assert.equal(absoluteOutline("M1,2H3V4.256Z", moved), "M11 102L13 102L13 104.26Z");
  assert.equal(absoluteOutline("m1 2 3 0l0,-2zl1 1"), "M1 2L4 2L4 0ZL2 3");
  assert.equal(absoluteOutline("M0 0C1 2 3 4 5 6c1 1 1 1 2 2"), "M0 0C1 2 3 4 5 6C6 7 6 7 7 8");
  assert.equal(absoluteOutline("M1e1,.5L-2,-3"), "M10 0.5L-2 -3");
  assert.throws(() => absoluteOutline("M0 0A1 1 0 0 1 2 2"), /an outline has A/);
});

test("colours that are seen become hexadecimal, others nothing", () => {
  assert.equal(hexOf("rgb(0, 103, 168)"), "#0067a8");
  assert.equal(hexOf("rgba(255, 0, 0, 0.5)", 0.5), "#ff000040");
  assert.equal(hexOf("rgb(1, 2, 3)", 0), null);
  assert.equal(hexOf("none"), null);
});

test("a colour of a scale lies between its stops", () => {
  const scale = [[0, "#000000"], [0.5, "#ffffff"], [1, "#ff0000"]];
  assert.equal(colourAt(scale, 0), "#000000");
  assert.equal(colourAt(scale, 0.25), "#808080");
  assert.equal(colourAt(scale, 1), "#ff0000");
  assert.equal(colourAt(scale, 0.75), "#ff8080");
  assert.equal(colourAt(scale, 1.2), "#ff0000");
  assert.equal(colourAt(scale, -0.2), "#000000");
});

test("turned text and outlines are written as SVG says them", () => {
  const svg = toSvg([text(5, 6, "up", "#000", { turn: -90 }), { op: "outline", d: "M0 0L1 1Z", fill: "#000" }], 10, 10);
  assert.match(svg, /transform="rotate\(-90 5 6\)">up</);
  assert.match(svg, /<path d="M0 0L1 1Z" fill-rule="evenodd" fill="#000"\/>/);
});
