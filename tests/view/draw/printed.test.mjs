import assert from "node:assert/strict";
import test from "node:test";
import { fittedColumns, leastSize, measurePrinted, widestColumns, withLeastSize, wrapText } from "../../../assets/view/draw/printed.js";
import { group, text } from "../../../assets/view/draw/shapes.js";

const measure = (words, size) => words.length * size * 0.6;
const POINTS_A_MM = 72 / 25.4;

test("the smallest letters are six points on paper, whatever the picture's pixels", () => {
  for (const [mm, width] of [[85, 480], [180, 680], [180, 1400]]) {
    const points = (leastSize(mm, width) / width) * mm * POINTS_A_MM;
    assert.ok(points >= 6 && points < 6.02, `${points}`);
  }
});

test("letters are raised to the smallest size and measured so, larger ones stay", () => {
  const [inner] = withLeastSize([group(0, 0, [text(0, 0, "a", "#000", { size: 9.5 }), text(0, 0, "b", "#000", { size: 13 })])], 12);
  assert.deepEqual(inner.items.map(({ size }) => size), [12, 13]);
  assert.equal(measurePrinted(measure, 12)("ab", 9.5), measure("ab", 12));
});

test("columns are as wide as what stands in them, titles over the plot aside", () => {
  const layout = { left: 280, plotWidth: 100 };
  const row = [text(14, 10, "twelve words", "#000", { size: 10 }), text(280, 0, "a title of any width", "#000", { isTitle: true }), text(392, 10, "r 0.71", "#000", { size: 10 })];
  const head = [text(14, 10, "chrXVI", "#000", { size: 10 }), text(270, 10, "948 kb", "#000", { size: 10, align: "right" })];
  assert.deepEqual(fittedColumns([row], layout, measure), { left: 14 + 72 + 12, right: 12 + 36 + 8 });
  assert.equal(fittedColumns([row, head], layout, measure).left, 14 + 36 + 36 + 12 + 12);
  assert.equal(fittedColumns([[]], layout, measure).right, 8);
});

test("what is too long goes on below, all of it", () => {
  assert.deepEqual(wrapText("STRIPE-seq diamide plus", 80, measure, 10), ["STRIPE-seq", "diamide plus"]);
  assert.deepEqual(wrapText("Supercalifragilistic", 60, measure, 10), ["Supercalif", "ragilistic"]);
  assert.deepEqual(wrapText("short", 80, measure, 10), ["short"]);
});

test("a long name has two lines before it takes more of the plot's room", () => {
  const name = (letters) => Array.from({ length: letters / 5 }, () => "abcd").join(" ");
  const left = (letters) => widestColumns(480, ["short", name(letters)], measure).left;
  assert.equal(left(45), 216);
  assert.equal(left(60), 288);
  assert.equal(left(500), 288);
});
