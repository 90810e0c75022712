/**
 * The rows of variants: a flag and a line at each, and with every track that the model predicts the alternative, filled, with the
 * reference as a line over it, and the difference as signed bars. Shaded: the bins that the variants can change.
 */
import { AllelesAtHand, isCompared } from "../data/alleledata.js";
import { ASSAY_PAIRS, BASELINE, CHOSEN, CONTEXT, GROUND, INK, MUTED, NEGATIVE, NO_DATA, PENDING, POSITIVE, TICK } from "../../ui/palette.js";
import { registerRowKind } from "./rowkinds.js";
import { commonMaximum, stepOutline, visibleBins } from "./trackrows.js";
import { tracksOf } from "../state/contrast.js";
import { settingsOf, TRANSFORMS } from "../state/rowsettings.js";
import { around, formatBin, formatChange, formatValue } from "../../ui/scale.js";
import { registerUnderlay } from "./scene.js";
import { area, bars, fitText, line, rect, stroke, text } from "../draw/shapes.js";
import { flagOf, formatVariant, trimmed } from "../state/variant.js";

/** @typedef {import("../data/alleledata.js").Alleles} Alleles */

const HEIGHTS = { flags: 20, alternative: 34, difference: 40 };
const HEADROOM = 3;
/** The reddish purple: no sign, no base and seldom a track. */
const variantColour = () => ASSAY_PAIRS[3][0];
const ZOOMED = 60; // bases in view after a click on a flag

const alleles = new AllelesAtHand({ onChange: () => tell() });
let tell = () => {};

/** @param {import("../page/page.js").LocusPage} page */
export function addAlleles(page) {
  tell = () => {
    page.view.ensure();
    page.view.invalidate();
  };
  page.view.data.addSource(alleles);
  let shown = null;
  page.whenShown(({ variant, mutagenesis, saliency, tracks }) => {
    if (variant === shown) return;
    shown = variant;
    // Each track gets two rows more: those of the track that was asked about stay in sight.
    const [track] = tracksOf((mutagenesis ?? saliency)?.track ?? "");
    if (variant && tracks.includes(track)) page.view.sight.await(`${track}/saliency`, `${track}/difference`);
  });
  return alleles;
}

/** Variants of the window's chromosome. */
const here = ({ variant, window }) => (variant ?? []).filter(({ chrom }) => chrom === window.chrom);

/** Where a variant is drawn: the bases that it replaces, or the place between bases where it inserts. */
function extent(variant, scale) {
  const { start, end } = trimmed(variant);
  const x = scale.toPixel(start);
  const w = Math.max(1.5, scale.toPixel(end) - x);
  return { x: end > start ? x : x - w / 2, w };
}

registerUnderlay(({ state, scale, layout, height }) =>
  here(state).map((variant) => {
    const { x, w } = extent(variant, scale);
    return rect(x, layout.head[1].y, w, height, `${variantColour()}${w > 3 ? "26" : "8c"}`);
  }),
);

registerRowKind({
  kind: "variants",
  place: "head",
  order: 18,
  rows: ({ state }) => (here(state).length ? [{ name: "variants" }] : []),
  height: () => HEIGHTS.flags,
  plot(row, { state, scale, measure }) {
    let taken = -Infinity;
    return here(state).flatMap((variant) => {
      const { x, w } = extent(variant, scale);
      const middle = x + w / 2;
      const y = row.y + HEIGHTS.flags;
      const marker = area([middle - 4, y - 6, middle + 4, y - 6, middle, y], variantColour());
      const words = flagOf(variant);
      const width = measure(words, 11, 600);
      const left = middle + 7;
      if (left < taken + 6) return [marker];
      taken = left + width;
      return [marker, text(left, row.y + HEIGHTS.flags / 2 + 1, words, variantColour(), { size: 11, weight: 600 })];
    });
  },
  label: (row, { state }) => [text(14, row.y + 11, here(state).length > 1 ? "haplotype" : "variant", MUTED)],
  note(row, { state, scale }, { x, side }) {
    const found = side === "plot" && nearest(state, scale, x);
    return found ? { title: formatVariant(found), lines: [], hint: "Click: zoom to its bases" } : null;
  },
  isClickable: (_, { state, scale }, { x }) => Boolean(nearest(state, scale, x)),
  click(_, { state, scale, chromosome, goTo }, { x }) {
    const { start, end } = trimmed(nearest(state, scale, x));
    goTo(around(chromosome, (start + end) / 2, ZOOMED + end - start), { push: true });
  },
});

/** The variant whose flag lies at a pixel. */
function nearest(state, scale, x) {
  const reach = (variant) => {
    const { x: from, w } = extent(variant, scale);
    return x < from ? from - x : Math.max(0, x - from - w - 40);
  };
  const sorted = here(state).sort((one, other) => reach(one) - reach(other));
  return sorted.length && reach(sorted[0]) < 8 ? sorted[0] : null;
}

/** The bins that can change, shaded, as far as they are in the plot. */
function shade({ start, end }, { scale }, row) {
  const [x, to] = [Math.max(scale.left, scale.toPixel(start)), Math.min(scale.right, scale.toPixel(end))];
  return to > x ? [rect(x, row.y, to - x, row.height, CONTEXT)] : [];
}

/** What stands where there is nothing to draw yet. */
function waiting(row, { layout, state }) {
  const failed = alleles.problem !== null;
  const { left, plotWidth } = layout;
  const words = alleles.said(state.variant);
  return [
    rect(left, row.y + 2, plotWidth, row.height - 2, failed ? NO_DATA.ground : PENDING, { radius: 3 }),
    text(left + plotWidth / 2, row.y + row.height / 2, words, MUTED, { align: "center", size: 10.5 }),
  ];
}

/** @param {Alleles} found @param {import("./scene.js").Scene} scene */
export function alternativePlot(row, found, scene) {
  const { scale, colours, layout } = scene;
  const { light, lightFaint } = colours.get(row.track.id);
  const placed = TRANSFORMS[settingsOf(scene.state, row.track.id).scale];
  const height = row.height - HEADROOM;
  const bottom = row.y + row.height;
  const maximum = scene.maximumOf(row);
  const perUnit = maximum ? height / placed(maximum) : 0;
  const outline = (values, block, [from, end]) => stepOutline((i) => placed(values[i]), from, end, block, scale, bottom, perUnit, height);
  /** @type {import("../draw/shapes.js").Shape[]} */ 
  const items = shade(found, scene, row);
  const block = scene.blocks.get(row.track.id);
  // Beyond the bins that change the prediction stays what it is.
  if (block?.prediction) {
    const [first, last] = visibleBins(block, scale);
    const [from, to] = [Math.floor((found.start - block.start) / block.binBp), Math.ceil((found.end - block.start) / block.binBp)];
    for (const [start, end] of [[first, Math.min(last, from)], [Math.max(first, to), last]]) items.push(area(outline(block.prediction.mean, block, [start, end]), lightFaint));
  }
  const range = visibleBins(found, scale);
  items.push(area(outline(found.alternative, found, range), light));
  const reference = outline(found.reference, found, range).slice(2, -2);
  if (reference.length) items.push(stroke(reference, GROUND, 2.6, { opacity: 0.7 }), stroke(reference, INK, 1));
  items.push(line(layout.left, bottom + 0.5, layout.left + layout.plotWidth, bottom + 0.5, BASELINE));
  return items;
}

/** @param {Alleles} found @param {import("./scene.js").Scene} scene @param {number} maximum */
export function differencePlot(row, found, scene, maximum) {
  const { scale, layout } = scene;
  const middle = row.y + row.height / 2;
  const half = row.height / 2 - 2;
  /** @type {import("../draw/shapes.js").Shape[]} */ 
  const items = [...shade(found, scene, row), line(layout.left, middle, layout.left + layout.plotWidth, middle, BASELINE)];
  const [raising, lowering] = [[], []];
  const width = found.binBp * scale.pixelsPerBase;
  const [first, last] = visibleBins(found, scale);
  for (let i = first; i < last && maximum > 0; i += 1) {
    const change = found.alternative[i] - found.reference[i];
    const h = Math.min(1, Math.abs(change) / maximum) * half;
    if (!(h > 0.2)) continue;
    const x = scale.toPixel(found.start + i * found.binBp);
    const w = Math.max(0.8, width - (width > 4 ? 1 : 0));
    if (change > 0) raising.push(x, middle - h, w, h);
    else lowering.push(x, middle, w, h);
  }
  items.push(bars(raising, POSITIVE), bars(lowering, NEGATIVE));
  if (maximum > 0) items.push(text(layout.left + 4, row.y + 6, `\u00b1${formatValue(maximum)}`, MUTED, { size: 9.5, halo: GROUND }));
  return items;
}

/** The largest difference in view. */
function largestDifference(found, scale) {
  const [first, last] = visibleBins(found, scale);
  let largest = 0;
  for (let i = first; i < last; i += 1) largest = Math.max(largest, Math.abs(found.alternative[i] - found.reference[i]));
  return largest;
}

const labelled = (row, { colours, activeRow, layout, measure }, words, colour) => [
  ...(row.key === activeRow ? [rect(0.5, row.y - 3, layout.left - 6, row.height + 6, CHOSEN, { radius: 4 })] : []),
  rect(4, row.y, 3, row.height, colour ?? colours.get(row.track.id).light),
  ...words.split(", ").map((line, at, { length }) => text(14, row.y + row.height / 2 + (at - (length - 1) / 2) * 13, fitText(line, layout.left - 22, measure, 10.5), MUTED, { size: 10.5 })),
];

function alleleNote(row, scene, { base, side }) {
  const found = alleles.of(scene.state.variant, row.track.id);
  if (side !== "plot" || !found) return null;
  const bin = Math.floor((base - found.start) / found.binBp);
  const from = found.start + bin * found.binBp;
  const title = formatBin(found.chrom, from, found.binBp, scene.chromosome.length);
  if (bin < 0 || bin >= found.bins) return { title, lines: [{ label: row.track.name, value: "" }], hint: "The variant cannot change this bin." };
  const [reference, alternative] = [found.reference[bin], found.alternative[bin]];
  return {
    title,
    lines: [
      { label: row.track.unit ? `${row.track.name} (${row.track.unit})` : row.track.name, value: "" },
      { label: "reference", value: formatValue(reference), colour: INK },
      { label: "alternative", value: formatValue(alternative), colour: scene.colours.get(row.track.id).light },
      { label: "difference", value: formatChange(alternative - reference), colour: alternative >= reference ? POSITIVE : NEGATIVE },
    ],
  };
}

const seriesOf = (row, { state }, kind) => {
  const found = alleles.of(state.variant, row.track.id);
  if (!found) return [];
  const { start, binBp } = found;
  const one = (name, values) => ({ name: `${row.track.name}: ${name}`, track: row.track, start, binBp, values });
  if (kind === "alternative") return [one("reference allele", found.reference), one("alternative allele", found.alternative)];
  return [one("difference", found.alternative.map((value, i) => value - found.reference[i]))];
};

registerRowKind({
  kind: "alternative",
  place: "track",
  order: 6,
  unit: "alleles",
  rows: ({ state }, track) => (isCompared(state, track) ? [{ name: `alternative allele of ${track.name}` }] : []),
  height: () => HEIGHTS.alternative,
  largest({ track }, { blocks, scale, state }) {
    const found = alleles.of(state.variant, track.id);
    const shared = commonMaximum(blocks.get(track.id) ?? null, scale);
    return found ? Math.max(shared, commonMaximum({ ...found, alternative: { mean: found.alternative } }, scale, ["alternative"])) : shared;
  },
  floor: ({ track }, { floorOf }) => floorOf(track.id),
  plot(row, scene) {
    const found = alleles.of(scene.state.variant, row.track.id);
    return found ? alternativePlot(row, found, scene) : waiting(row, scene);
  },
  label: (row, scene) => labelled(row, scene, "alternative, reference as line"),
  note: alleleNote,
  series: (row, scene) => seriesOf(row, scene, "alternative"),
});

registerRowKind({
  kind: "difference",
  place: "track",
  order: 7,
  unit: "difference",
  rows: ({ state }, track) => (isCompared(state, track) ? [{ name: `alternative minus reference of ${track.name}` }] : []),
  height: () => HEIGHTS.difference,
  largest: ({ track }, { scale, state }) => {
    const found = alleles.of(state.variant, track.id);
    return found ? largestDifference(found, scale) : 0;
  },
  plot(row, scene) {
    const found = alleles.of(scene.state.variant, row.track.id);
    if (!found) return waiting(row, scene);
    // A fixed top is of predictions, not of their differences.
    const isFixed = settingsOf(scene.state, row.track.id).top !== null;
    return differencePlot(row, found, scene, isFixed ? largestDifference(found, scene.scale) : scene.maximumOf(row));
  },
  label(row, scene) {
    const found = alleles.of(scene.state.variant, row.track.id);
    const { left, plotWidth } = scene.layout;
    const x = left + plotWidth + 12;
    const middle = row.y + row.height / 2;
    const sum = found ? [text(x, middle - 7, `SAD ${formatChange(found.change)}`, INK, { size: 11, weight: 600 }), text(x, middle + 7, "all bins", MUTED, { size: 10.5 })] : [];
    return [...labelled(row, scene, "alternative \u2212 reference", TICK), ...sum];
  },
  note: alleleNote,
  series: (row, scene) => seriesOf(row, scene, "difference"),
});
