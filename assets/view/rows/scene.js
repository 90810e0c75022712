/**
 * The scene: all that one picture of the view is made of, and its drawing list. Rows are drawn by their kinds (rowkinds.js),
 * in the head, which stays, and in the body, which scrolls.
 */
import { drawGrid } from "./headrows.js";
import { GROUND, MUTED, RULE } from "../../ui/palette.js";
import { kindOf } from "./rowkinds.js";
import { group, line, rect, text } from "../draw/shapes.js";

/** @typedef {import("../draw/shapes.js").Shape} Shape */
/**
 * @typedef {object} Scene
 * @property {import("./layout.js").Layout} layout
 * @property {import("../../ui/scale.js").Scale} scale of the plot
 * @property {number} scroll pixels of the body that lie above the sight
 * @property {number} width of the canvas, in CSS pixels
 * @property {number} height
 * @property {import("../state/state.js").ViewState} state
 * @property {import("../../ui/scale.js").Region} window
 * @property {any} project answer of /api/v1/project
 * @property {any} chromosome
 * @property {import("./folds.js").FoldWindow[]} folds of the chromosome
 * @property {string[]} foldsHere that the window touches
 * @property {(words: string, size: number, weight?: number) => number} measure
 * @property {import("../draw/printed.js").Printed|null} printed how a picture for print differs
 * @property {any} genes at hand for this chromosome, or null
 * @property {any} sequence at hand for this chromosome, or null
 * @property {any} packing of the genes
 * @property {Map<string, import("../data/signals.js").Block|null>} blocks signal at hand, by track
 * @property {Map<string, import("../data/live.js").LiveState>} liveStates of the tracks predicted on the spot
 * @property {Map<string, import("../data/bands.js").Band>} spreads of the tracks whose networks have been asked
 * @property {Map<string, import("../../ui/palette.js").TrackColours>} colours by track
 * @property {(row: any) => number} maximumOf top of a row's scale
 * @property {(id: string) => number} floorOf what the top of a track's own scale does not go below
 * @property {(track: any) => import("../data/signals.js").Correlation|null} localR correlation in this window
 * @property {boolean} away whether the server does not answer
 * @property {any} saliency the newest
 * @property {Map<string, any>} earlier all saliencies by key
 * @property {string|null} activeRow key of the row chosen with the keyboard
 * @property {(part: object) => void} change a change of the state, as page.change
 * @property {(window: any, how?: object) => void} goTo
 * @property {(gene: any, at: {x: number, y: number}) => void} openGene its card; x, y on the canvas
 * @property {(chrom: string, position: number, at: {x: number, y: number}) => void} offerBase a base to be changed; x, y on the canvas
 */

/** @type {((scene: Scene) => Shape[])[]} */
const underlays = [];

/** Draw something of one's own behind all rows, as bands and marks at a base: it is clipped to the plot. @param {(scene: Scene) => Shape[]} underlay */
export function registerUnderlay(underlay) {
  underlays.push(underlay);
}

/** One row: what is in the plot is clipped to it. @param {Scene} scene */
export function drawRow(row, scene) {
  const { layout } = scene;
  const kind = kindOf(row);
  const plot = group(0, 0, kind.plot(row, scene), { clip: [layout.left, row.y - 1, layout.plotWidth, row.height + 2] });
  return group(0, 0, [plot, ...kind.label(row, scene)], { label: row.name });
}

/** Rows of the body that are in sight. @param {Scene} scene */
export const rowsInSight = ({ layout, scroll, height }) =>
  layout.body.filter((row) => row.y + row.height >= scroll - 4 && row.y <= scroll + height - layout.headHeight + 4);

/** Everything. @param {Scene} scene @returns {Shape[]} */
export const drawScene = (scene) => [...drawBody(scene), drawHead(scene)];

/** What scrolls. @param {Scene} scene @returns {Shape[]} */
export function drawBody(scene) {
  const { layout, scale, scroll, width, height, measure } = scene;
  const { headHeight, left, plotWidth } = layout;
  /** @type {Shape[]} */
  const body = rowsInSight(scene).map((row) => drawRow(row, scene));
  if (layout.body.length === 0) {
    body.push(text(left + plotWidth / 2, 60, "No tracks chosen. Tick one in the list of tracks.", MUTED, { size: 13, align: "center" }));
  }
  return [
    ...drawGrid({ scale, measure, top: headHeight, bottom: height }),
    drawBehind(scene),
    group(0, headHeight - scroll, body, { clip: [0, scroll, width, height - headHeight] }),
  ];
}

/** What stays above. @param {Scene} scene @returns {Shape} */
export function drawHead(scene) {
  const { layout, scale, width, measure } = scene;
  const { headHeight } = layout;
  const ruler = layout.head.find(({ kind }) => kind === "ruler");
  return group(0, 0, [
    rect(0, 0, width, headHeight, GROUND),
    ...drawGrid({ scale, measure, top: ruler.y + ruler.height, bottom: headHeight }),
    drawBehind(scene),
    ...layout.head.map((row) => drawRow(row, scene)),
    line(0, headHeight - 0.5, width, headHeight - 0.5, RULE),
  ], { clip: [0, 0, width, headHeight] });
}

const drawBehind = (scene) =>
  group(0, 0, underlays.flatMap((underlay) => underlay(scene)), { clip: [scene.layout.left, 0, scene.layout.plotWidth, scene.height] });
