import assert from "node:assert/strict";
import test from "node:test";
import { alignedTo } from "../../../assets/view/panels/panelzoom.js";
import { makeScale } from "../../../assets/ui/scale.js";

const margin = { l: 78, r: 92 };
const view = { left: 280, scale: makeScale({ start: 5000, end: 5100 }, { left: 164, width: 700 }) };

/** Where a base's middle is, in pixels of the page. */
const inView = (base) => view.left + view.scale.toPixel(base + 0.5);
const inFigure = (base, { left, right }, { l, r, range: [low, high] }) => left + l + ((base + 1 - low) / (high - low)) * (Math.round(right - left) - l - r);

for (const [words, figure] of [
  ["as wide as the view", { left: 280, right: 1252 }],
  ["beside a card, narrower than the view", { left: 280, right: 800 }],
  ["shifted by less than a pixel", { left: 280.4, right: 1252.4 }],
]) {
  test(`a figure ${words} has its bases below those of the view`, () => {
    const aligned = alignedTo(view, { ...figure, margin });
    assert.ok(aligned.l >= margin.l && aligned.r >= margin.r);
    for (const base of [5000, 5017, 5040]) assert.ok(Math.abs(inView(base) - inFigure(base, figure, aligned)) < 0.01, `${base}`);
  });
}
