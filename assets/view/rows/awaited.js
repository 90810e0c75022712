/** What stands in a row where its data are still to come: a calm ground, so that nothing there is not read as zero, and why. */
import { AWAY } from "../../ui/connection.js";
import { GROUND, MUTED, PENDING } from "../../ui/palette.js";
import { rect, text } from "../draw/shapes.js";

const ROOM = 120; // pixels that words take

/** Stretches of the plot, in pixels, that lie outside of what is at hand. @param {{start: number, end: number}|null} there in bases @returns {[number, number][]} */
export function gapsOf(there, { scale, layout }) {
  const right = layout.left + layout.plotWidth;
  const inPlot = (base) => Math.max(layout.left, Math.min(right, scale.toPixel(base)));
  const gaps = there ? [[layout.left, inPlot(there.start)], [inPlot(there.end), right]] : [[layout.left, right]];
  return /** @type {[number, number][]} */ (gaps.filter(([x, end]) => end - x >= 1));
}

/**
 * @param {{start: number, end: number}|null} there what is at hand, in bases @param {any} scene
 * @param {{y: number, height: number}} place @param {string} coming what is said while the server answers; "" for nothing
 * @returns {import("../draw/shapes.js").Shape[]}
 */
export function awaited(there, scene, { y, height }, coming = "") {
  const words = scene.away ? AWAY : coming;
  return gapsOf(there, scene).flatMap(([x, end]) => [
    rect(x, y, end - x, height, PENDING, { radius: 3 }),
    ...(words && end - x > ROOM ? [text((x + end) / 2, y + height / 2, words, MUTED, { size: 10.5, align: "center", halo: GROUND })] : []),
  ]);
}
