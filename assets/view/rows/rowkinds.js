/**
 * The kinds of rows, each told once: which rows there are, how tall, how they are drawn, named, read out and clicked.
 *
 *     registerRowKind({
 *       kind: "alternative", place: "track", order: 20,
 *       rows: ({ state }, track) => (state.variant ? [{ name: `alternative of ${track.name}` }] : []),
 *       height: () => 36,
 *       plot: (row, scene) => [...shapes],           // inside the plot, which clips them and moves them with the window
 *       label: (row, scene) => [...shapes],          // beside it: stays while the window moves
 *       note: (row, scene, { base }) => note,        // the tooltip
 *       series: (row, scene) => [{ name, block, values }],
 *     });
 *
 * Layout, drawing, tooltip, crosshair, keyboard, the list for screen readers, the table of values and the exports then have
 * the row. Register at the top level of a module that parts.js imports, or from within its `add(page)`.
 */

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("../draw/shapes.js").Shape} Shape */
/** @typedef {{x: number, y: number, base: number, side: "left"|"plot"|"right"}} At  side: of the plot */
/**
 * What decides which rows there are.
 * @typedef {{state: import("../state/state.js").ViewState, tracks: any[], geneLanes: number, denseGenes: boolean, showBases: boolean, genes: any}} Needs
 *   genes: at hand for the window's chromosome, or null
 */
/**
 * @typedef {{kind: string, key: string, name: string, y: number, height: number, track: any|null, first: boolean, last: boolean}} Row
 *   first, last: among the rows of its track and unit. A kind may add what it likes.
 */
/**
 * @typedef {object} RowKind
 * @property {string} kind
 * @property {"head"|"top"|"track"|"bottom"} place  in the head that never scrolls; above all tracks; with a track; below all tracks
 * @property {number} order among the kinds of the same place
 * @property {string} [unit] rows of one unit of one track stand close together, as a pair does; the kind if left out
 * @property {(row: Row, needs: Needs) => boolean} [stretches] whether it is drawn taller where there is room
 * @property {(needs: Needs, track: any|null) => Partial<Row>[]} rows  at least a `name` each; a `key` where there are several of a track
 * @property {(row: Row, needs: Needs) => number} height in pixels
 * @property {(row: Row, scene: Scene) => Shape[]} plot
 * @property {(row: Row, scene: Scene) => Shape[]} [label]
 * @property {(row: Row, scene: Scene, at: At) => import("./rownotes.js").Note|null} [note]
 *   asked left of the plot, in it, and right of it: see `side` in probe.js
 * @property {(row: Row, scene: Scene, at: At) => boolean} [isClickable] in the plot
 * @property {(row: Row, scene: Scene, at: At) => void} [click] in the plot, where it is clickable
 * @property {(row: Row, scene: Scene) => string|null} [refusal] why a click in the plot does nothing; null where none is expected to
 * @property {(row: Row, scene: any) => number|null} [explained] the base that Enter on the chosen row clicks; null for none
 * @property {(row: Row, scene: Scene) => Series[]} [series] what it shows, as numbers
 * @property {(row: Row, scene: Scene) => import("../export/valuestable.js").Table|null} [table] what it shows, where that is not numbers in bins
 * @property {(row: Row, scene: Scene) => number} [largest] value in view, for the scale that rows of a track and unit share:
 *   `scene.maximumOf(row)`
 * @property {(row: Row, scene: Scene) => number} [floor] what the top of that scale does not go below
 */
/**
 * @typedef {{name: string, track: any|null, start: number, binBp: number, values: ArrayLike<number>, max?: ArrayLike<number>|null, colour?: string}} Series
 */

const PLACES = ["head", "top", "track", "bottom"];

/** @type {Map<string, RowKind>} */
const kinds = new Map();
/** Kinds of a place in their order. @type {Map<string, RowKind[]>} */
const inOrder = new Map();

/** @param {RowKind} kind */
export function registerRowKind(kind) {
  if (kinds.has(kind.kind)) throw new Error(`there are two row kinds ${kind.kind}`);
  if (!PLACES.includes(kind.place)) throw new Error(`a row kind has its place in ${PLACES.join(", ")}; ${kind.kind} says ${kind.place}`);
  inOrder.clear();
  kinds.set(kind.kind, { unit: kind.kind, stretches: () => false, label: () => [], note: () => null, isClickable: () => false, click: () => {}, refusal: () => null, explained: () => null, series: () => [], table: () => null, largest: () => 0, floor: () => 0, ...kind });
}

/** @returns {RowKind} */
export const kindOf = (row) => kinds.get(row.kind);

/** The rows of a place, or of one track, in their order; without y and height. @param {Needs} needs @returns {Row[]} */
export function rowsOf(place, needs, track = null) {
  const rows = [];
  if (!inOrder.has(place)) inOrder.set(place, [...kinds.values()].filter((kind) => kind.place === place).sort((one, other) => one.order - other.order));
  for (const kind of inOrder.get(place)) {
    for (const row of kind.rows(needs, track)) rows.push({ kind: kind.kind, key: track ? `${track.id}/${kind.kind}` : kind.kind, track, ...row });
  }
  const unitOf = (row) => row && kindOf(row).unit;
  return rows.map((row, i) => ({ ...row, first: unitOf(rows[i - 1]) !== unitOf(row), last: unitOf(rows[i + 1]) !== unitOf(row) }));
}
