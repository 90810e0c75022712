import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as palette from "../../assets/ui/palette.js";

const { inTheme, THEMES, tint, trackColours, useTheme } = palette;

const linear = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
const luminance = (hex) => linear(hex).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
/** As WCAG 2 defines it. */
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

// Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
const SEEN = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanope: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranope: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanope: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};
const XYZ = [0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505];
const times = (m, v) => [0, 1, 2].map((row) => m[row * 3] * v[0] + m[row * 3 + 1] * v[1] + m[row * 3 + 2] * v[2]);
const lab = (hex, eye) => {
  const f = (t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const [x, y, z] = times(XYZ, times(SEEN[eye], linear(hex)).map((v) => Math.max(0, Math.min(1, v)))).map((v, i) => f(v / [0.9505, 1, 1.089][i]));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};
const distance = (one, other, eye) => Math.hypot(...lab(one, eye).map((v, i) => v - lab(other, eye)[i]));

for (const [name, colours] of Object.entries(THEMES)) {
  test(`${name}: text stands at 4.5 : 1 or more from what it is written on`, () => {
    const { GROUND, PLOT, CONTEXT, CHOSEN, PENDING, NO_DATA } = colours;
    for (const ink of ["INK", "MUTED", "TICK_INK", "GENE", "NEGATIVE_INK", "POSITIVE"]) {
      for (const ground of [GROUND, PLOT]) assert.ok(contrast(colours[ink], ground) >= 4.5, `${ink} on ${ground}`);
    }
    for (const ground of [CONTEXT, CHOSEN, PENDING, NO_DATA.ground]) {
      for (const ink of ["INK", "MUTED"]) assert.ok(contrast(colours[ink], ground) >= 4.5, `${ink} on ${ground}: ${contrast(colours[ink], ground)}`);
    }
  });

  test(`${name}: experiments stand out from the ground, and predictions from experiments`, () => {
    for (const [experiment, prediction] of colours.ASSAY_PAIRS) {
      assert.ok(contrast(experiment, colours.GROUND) >= 4.5, `${experiment}: ${contrast(experiment, colours.GROUND)}`);
      assert.ok(contrast(prediction, colours.GROUND) >= 1.6, `${prediction}: ${contrast(prediction, colours.GROUND)}`);
      assert.ok(contrast(experiment, prediction) >= 2, `${experiment} against ${prediction}: ${contrast(experiment, prediction)}`);
    }
  });

  test(`${name}: neighbours, bases, signs and folds differ for every common kind of colour vision`, () => {
    const { ASSAY_PAIRS, BASES, POSITIVE, NEGATIVE, FOLD_FILLS } = colours;
    const pairs = ASSAY_PAIRS.slice(1).map((pair, i) => [ASSAY_PAIRS[i][0], pair[0]]);
    pairs.push([POSITIVE, NEGATIVE], [BASES.A, BASES.T], [BASES.C, BASES.G], [BASES.C, BASES.T], [FOLD_FILLS.train, FOLD_FILLS.valid], [FOLD_FILLS.valid, FOLD_FILLS.test], [FOLD_FILLS.train, FOLD_FILLS.test]);
    for (const eye of Object.keys(SEEN)) for (const [one, other] of pairs) assert.ok(distance(one, other, eye) >= 11, `${one} and ${other} for a ${eye}: ${distance(one, other, eye)}`);
  });
}

test("both themes have the same colours, by name", () => {
  assert.deepEqual(Object.keys(THEMES.dark), Object.keys(THEMES.light));
  for (const name of Object.keys(THEMES.light)) assert.deepEqual(palette[name], THEMES.light[name], `${name} is exported`);
});

test("a theme reaches the colours that were handed out before", () => {
  const { a } = Object.fromEntries(trackColours([{ id: "a", color: 0 }]));
  const { dark } = a;
  inTheme("dark", () => assert.notEqual(a.dark, dark));
  assert.equal(a.dark, dark);
  assert.equal(palette.theme, "light");
});

test("what fails in the middle of a picture leaves the theme as it was", () => {
  useTheme("dark");
  assert.throws(() => inTheme("light", () => { throw new Error("no"); }));
  assert.equal(palette.theme, "dark");
  useTheme("light");
});

test("faint colours lie between a colour and the ground", () => {
  assert.equal(tint("#000000", 0.5, "#ffffff"), "#808080");
  assert.equal(inTheme("dark", () => tint("#ffffff", 1)), THEMES.dark.GROUND);
});

test("the style sheet's text colours stand at 4.5 : 1 or more in both themes", () => {
  const css = readFileSync(new URL("../../assets/styles/base.css", import.meta.url), "utf8");
  const variables = Object.fromEntries([...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, ...both]) => [name, both]));
  const grounds = ["surface", "ground", "raised", "control", "hover", "accent-soft"];
  const written = [["ink", grounds], ["ink-soft", grounds], ["muted", grounds], ["accent", ["surface", "raised", "control", "hover", "accent-soft"]], ["danger", ["surface", "raised"]], ["placeholder", ["control"]]];
  written.push(["on-accent", ["accent"]], ["warn-ink", ["warn-ground"]], ...["train", "valid", "test"].map((fold) => [`${fold}-ink`, [`${fold}-ground`]]));
  for (const [ink, on] of written) {
    for (const ground of on) for (const theme of [0, 1]) {
      const found = contrast(variables[ink][theme], variables[ground][theme]);
      assert.ok(found >= 4.5, `--${ink} on --${ground}: ${found}`);
    }
  }
});
