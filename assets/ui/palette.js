/**
 * Colours of the view, in a light and a dark theme: one pair an assay (the stronger: experiment, the softer: prediction), chosen
 * after Okabe and Ito so that neighbours differ for every common kind of colour vision; the four bases; the folds.
 *
 * Names are live: a module imports INK once, and after `useTheme("dark")` INK is the dark theme's. So drawing code reads
 * colours when it draws, and never keeps one. The style sheet has the same colours for what is not on the canvas.
 */

/** @typedef {"light"|"dark"} ThemeName */
/**
 * `dark` is the experiment's colour, `light` the prediction's, as on paper; in the dark theme the experiment is the brighter.
 * @typedef {{dark: string, light: string, darkFaint: string, lightFaint: string}} TrackColours
 */

const LIGHT = {
  ASSAY_PAIRS: [
    ["#0b5c97", "#86bce2"],
    ["#b0530c", "#f0b47c"],
    ["#0a7757", "#7fcbb0"],
    ["#8b3a75", "#dca0c8"],
    ["#84690a", "#dfc45c"],
    ["#414f96", "#a9b4e4"],
    ["#7c3d2d", "#d9a797"],
    ["#47535f", "#b3bec9"],
  ],
  GROUND: "#ffffff",
  INK: "#1d2733",
  MUTED: "#5b6875",
  RULE: "#e3e8ee",
  GRID: "#f0f2f5",
  BASELINE: "#cfd6de",
  AXIS: "#c4ccd5",
  TICK: "#9aa5b1",
  TICK_INK: "#44505c",
  CHOSEN: "#eaf1f8",
  PLOT: "#fafbfc",
  POSITIVE: "#0067a8",
  NEGATIVE: "#cc4d00",
  NEGATIVE_INK: "#a63f00",
  NO_DATA: { ground: "#f3f4f6", stripe: "#d7dbe0" },
  PENDING: "#edf1f5",
  DOUBTED: "#c3cad2",
  CONTEXT: "#eaf3fb",
  TARGET: "#1d2733",
  SHADE: "#1d273324",
  GENE: "#2f4a63",
  GENE_REVERSE: "#8b9bab",
  CHROMOSOME: { fill: "#f2f4f7", edge: "#b9c2cc" },
  BASES: { A: "#00805d", C: "#0067a8", G: "#b57800", T: "#cc4d00", N: "#8a95a1" },
  FOLD_FILLS: { train: "#d9e0e8", valid: "#f3d58c", test: "#c3b0ea", none: "#e6eaef" },
};

/** @type {typeof LIGHT} */
const DARK = {
  ASSAY_PAIRS: [
    ["#6cb8f2", "#2a6699"],
    ["#f29a52", "#96521a"],
    ["#46cfa3", "#1c725a"],
    ["#e795cd", "#8a4878"],
    ["#e2c44f", "#7a681f"],
    ["#a5b2f5", "#525da6"],
    ["#e09a85", "#8c4f40"],
    ["#b9c4cf", "#5c6975"],
  ],
  GROUND: "#10161d",
  INK: "#e6ecf2",
  MUTED: "#9fadba",
  RULE: "#2a343f",
  GRID: "#19212a",
  BASELINE: "#3b4754",
  AXIS: "#45525f",
  TICK: "#66737f",
  TICK_INK: "#b7c2cd",
  CHOSEN: "#1b2b3a",
  PLOT: "#141b23",
  POSITIVE: "#5fb2f0",
  NEGATIVE: "#f98d4a",
  NEGATIVE_INK: "#f98d4a",
  NO_DATA: { ground: "#1a222b", stripe: "#333f4b" },
  PENDING: "#1c252f",
  DOUBTED: "#4f5b67",
  CONTEXT: "#142739",
  TARGET: "#e6ecf2",
  SHADE: "#e6ecf22e",
  GENE: "#a9c4de",
  GENE_REVERSE: "#6f8296",
  CHROMOSOME: { fill: "#1a222b", edge: "#4a5764" },
  BASES: { A: "#46cfa3", C: "#5fb2f0", G: "#e8b23a", T: "#f98d4a", N: "#8a97a4" },
  FOLD_FILLS: { train: "#313d4a", valid: "#8a6c1c", test: "#6a51ad", none: "#27313b" },
};

export const THEMES = { light: LIGHT, dark: DARK };

/** What a fold means for the numbers shown in it. */
export const FOLDS = {
  train: { says: "The model was trained on this region, so its r here flatters it." },
  valid: { says: "Validation: training stopped when the error here stopped falling; not trained on, but not blind either." },
  test: { says: "Test: the model never saw this region. Its r here is an honest one." },
};

/** @type {ThemeName} */
export let theme;
export let ASSAY_PAIRS, GROUND, INK, MUTED, RULE, GRID, BASELINE, AXIS, TICK, TICK_INK, CHOSEN, PLOT, POSITIVE, NEGATIVE, NEGATIVE_INK;
export let NO_DATA, PENDING, DOUBTED, CONTEXT, TARGET, SHADE, GENE, GENE_REVERSE, CHROMOSOME, BASES, FOLD_FILLS;

/** Draw with the colours of a theme from now on. @param {ThemeName} name */
export function useTheme(name) {
  theme = name;
  ({ ASSAY_PAIRS, GROUND, INK, MUTED, RULE, GRID, BASELINE, AXIS, TICK, TICK_INK, CHOSEN, PLOT, POSITIVE, NEGATIVE, NEGATIVE_INK } = THEMES[name]);
  ({ NO_DATA, PENDING, DOUBTED, CONTEXT, TARGET, SHADE, GENE, GENE_REVERSE, CHROMOSOME, BASES, FOLD_FILLS } = THEMES[name]);
}

useTheme("light");

/** Do something in the colours of a theme: what is exported or printed is drawn light. @template T @param {ThemeName} name @param {() => T} draw @returns {T} */
export function inTheme(name, draw) {
  const before = theme;
  useTheme(name);
  try {
    return draw();
  } finally {
    useTheme(before);
  }
}

/** Mix a "#rrggbb" colour with the ground; share 0 keeps it, 1 is the ground. */
export function tint(colour, share, ground = GROUND) {
  const channel = (of, at) => parseInt(of.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) =>
    Math.round(channel(colour, at) + (channel(ground, at) - channel(colour, at)) * share)
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${mixed.join("")}`;
}

/** A colour for the style sheet, which has both themes at once. @param {(colours: typeof LIGHT) => string} of */
export const inBothThemes = (of) => `light-dark(${of(LIGHT)}, ${of(DARK)})`;

const DARK_FAINT = 0.52; // of the ground, in a bin's maximum behind its mean
const LIGHT_FAINT = 0.5;

/** The colours of an assay, in the theme in which they are asked for. @implements {TrackColours} */
export class AssayColours {
  constructor(number) {
    this.number = number;
  }

  get dark() {
    return ASSAY_PAIRS[this.number][0];
  }

  get light() {
    return ASSAY_PAIRS[this.number][1];
  }

  get darkFaint() {
    return tint(this.dark, DARK_FAINT);
  }

  get lightFaint() {
    return tint(this.light, LIGHT_FAINT);
  }

  /** The experiment's colour for elements of the page, which follows the theme by itself. */
  get css() {
    return inBothThemes(({ ASSAY_PAIRS: pairs }) => pairs[this.number][0]);
  }
}

/**
 * Colours of every track, by the number of its assay.
 * @param {{id: string, color: number}[]} tracks
 * @returns {Map<string, TrackColours & {css: string}>}
 */
export function trackColours(tracks) {
  return new Map(tracks.map(({ id, color }) => [id, new AssayColours(color % ASSAY_PAIRS.length)]));
}
