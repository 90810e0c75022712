/** What lies under the cursor: the row, and what its kind says of it. Pure: a scene in, answers out. */
import { kindOf } from "./rowkinds.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** @param {Scene} scene @returns {import("./rowkinds.js").Row|null} */
export function rowAt({ layout, scroll }, y) {
  if (y < layout.headHeight) return layout.head.find((row) => y >= row.y && y < row.y + row.height) ?? null;
  const inBody = y - layout.headHeight + scroll;
  return layout.body.find((row) => inBody >= row.y - 1 && inBody < row.y + row.height + 2) ?? null;
}

export const inPlot = (layout, x) => x >= layout.left && x <= layout.left + layout.plotWidth;

/** A place on the canvas as kinds of rows are told it: `y` in the coordinates of the row's part, head or body. @returns {import("./rowkinds.js").At} */
function placeOf(scene, x, y) {
  const { layout, scroll, scale } = scene;
  const side = x < layout.left ? "left" : x > layout.left + layout.plotWidth ? "right" : "plot";
  return { x, y: y < layout.headHeight ? y : y - layout.headHeight + scroll, base: scale.toBase(x), side };
}

/** Whether a click here does something. @param {Scene} scene */
export function isClickable(scene, row, x, y) {
  const place = placeOf(scene, x, y);
  return Boolean(row && place.side === "plot" && kindOf(row).isClickable(row, scene, place));
}

/** @param {Scene} scene @returns {import("./rownotes.js").Note|null} */
export const noteAt = (scene, row, x, y) => (row ? kindOf(row).note(row, scene, placeOf(scene, x, y)) : null);

/** Do what a click here does. @param {Scene} scene @returns {boolean} whether there was something to do */
export function clickAt(scene, row, x, y) {
  if (!isClickable(scene, row, x, y)) return false;
  kindOf(row).click(row, scene, placeOf(scene, x, y));
  return true;
}

/** Why a click here does nothing; null where something is done, or nothing is expected. @param {Scene} scene */
export const refusalAt = (scene, row, x, y) => (row && placeOf(scene, x, y).side === "plot" && !isClickable(scene, row, x, y) ? kindOf(row).refusal(row, scene) : null);

/** Do what Enter on a chosen row does, in the window or outside. @param {Scene} scene @returns {boolean} whether there was something to do */
export function explainRow(scene, row) {
  const { explained, isClickable: clickable, click } = kindOf(row);
  const base = explained(row, scene);
  /** @type {import("./rowkinds.js").At} */
  const place = { x: scene.scale.toPixel(base), y: row.y + 1, base, side: "plot" };
  if (base === null || !clickable(row, scene, place)) return false;
  click(row, scene, place);
  return true;
}
