/** What lies under the cursor: the row, the gene, and the note that says so. Pure: a laid-out view in, answers out. */
import { foldsIn, ideogramScale } from "./head.js";
import { HEIGHTS } from "./layout.js";
import { isLive } from "./live.js";
import { FOLDS } from "./palette.js";
import { formatPosition, makeScale } from "./scale.js";
import { correlationNote, geneNote, labelNote, saliencyNote, trackNote } from "./tooltip.js";

/**
 * What the view last drew.
 * @typedef {{layout: import("./layout.js").Layout, scroll: number, window: import("./scale.js").Region, chromosome: any, folds: any[],
 *   packing: any, blocks: Map<string, any>, colours: Map<string, any>, saliency: any, hasModel: boolean, averaged: string}} Drawn
 */

/** @param {Drawn} drawn */
export function rowAt({ layout, scroll }, y) {
  if (y < layout.headHeight) return layout.head.find((row) => y >= row.y && y < row.y + row.height) ?? null;
  const inBody = y - layout.headHeight + scroll;
  return layout.body.find((row) => inBody >= row.y - 1 && inBody < row.y + row.height + 2) ?? null;
}

export const inPlot = (layout, x) => x >= layout.left && x <= layout.left + layout.plotWidth;

/** The gene whose body or name lies at a place of the genes row. @param {Drawn} drawn */
export function geneAt({ layout, window, packing }, x, y) {
  const row = layout.head.find(({ kind }) => kind === "genes");
  const scale = makeScale(window, { left: layout.left, width: layout.plotWidth });
  const base = scale.toBase(x);
  const lane = Math.floor((y - row.y - 2) / (packing.dense ? HEIGHTS.denseLane : HEIGHTS.lane));
  const slack = 2 / scale.pixelsPerBase;
  const found = packing.placed.find(({ gene, lane: own, nameWidth }) => {
    const end = Math.max(gene.end, gene.start + nameWidth / scale.pixelsPerBase);
    return own === lane && base >= gene.start - slack && base <= end + slack;
  });
  return found?.gene ?? null;
}

/** Whether a click on a row asks the model for saliency. */
export const isExplainable = (row, hasModel) =>
  Boolean(hasModel && row.track?.has_prediction && ["prediction", "overlay", "residual"].includes(row.kind));

/** Whether a saliency is drawn on this chromosome, so that its bars can be clicked. */
export const hasBars = (saliency, chrom) => saliency?.status === "ready" && saliency.result.chrom === chrom;

/** Whether a click here does something. @param {Drawn} drawn */
export function isClickable(drawn, row, x) {
  if (!row || !inPlot(drawn.layout, x)) return false;
  if (row.kind === "saliency") return hasBars(drawn.saliency, drawn.window.chrom);
  return row.kind === "ideogram" || isExplainable(row, drawn.hasModel);
}

/** @param {Drawn} drawn @returns {import("./tooltip.js").Note|null} */
export function noteAt(drawn, row, x, y) {
  const { layout, window, saliency } = drawn;
  const { chrom } = window;
  if (!row) return null;
  if (row.track && row.kind !== "saliency") {
    if (x > layout.left + layout.plotWidth) return correlationNote(row.track);
    if (x < layout.left) return labelNote(row.track, isLive(row.track, chrom) ? drawn.averaged : "");
  }
  if (!inPlot(layout, x)) return null;
  const base = makeScale(window, { left: layout.left, width: layout.plotWidth }).toBase(x);
  const position = { title: formatPosition(chrom, base), lines: [] };
  if (row.kind === "genes") {
    const gene = geneAt(drawn, x, y);
    return gene ? geneNote(gene, chrom) : position;
  }
  if (row.kind === "ideogram") return foldNote(drawn, x);
  if (row.kind === "saliency") return hasBars(saliency, chrom) ? saliencyNote({ result: saliency.result, base, chrom }) : null;
  if (!row.track) return position;
  const { track } = row;
  return trackNote({
    track,
    block: drawn.blocks.get(track.id),
    base,
    chrom,
    colours: drawn.colours.get(track.id),
    canExplain: isExplainable(row, drawn.hasModel),
  });
}

function foldNote({ layout, chromosome, folds }, x) {
  const base = ideogramScale(chromosome, layout).toBase(x);
  const [fold] = foldsIn(folds, { chrom: chromosome.name, start: base, end: base + 1 });
  const lines = [{ label: "fold", value: fold ?? "none", colour: FOLDS[fold]?.fill }];
  return { title: formatPosition(chromosome.name, base), lines, hint: "Click: go there" };
}
