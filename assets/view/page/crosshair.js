/** The values of all rows at the pointer, beside the crosshair. */
import { element } from "../../ui/dom.js";
import { kindOf } from "../rows/rowkinds.js";
import { formatValue } from "../../ui/scale.js";
import { rowsInSight } from "../rows/scene.js";

const ROOM = 96; // pixels left of the crosshair that a reading needs

/**
 * What the rows in sight show at a base.
 * @param {import("../rows/scene.js").Scene} scene @param {number} base
 * @returns {{key: string, y: number, values: {words: string, colour?: string}[]}[]} y: the middle of the row on the canvas
 */
export function readingsAt(scene, base) {
  const { layout, scroll } = scene;
  return rowsInSight(scene).flatMap((row) => {
    const y = layout.headHeight + row.y - scroll + row.height / 2;
    const values = kindOf(row).series(row, scene).flatMap(({ start, binBp, values: numbers, colour }) => {
      const bin = Math.floor((base - start) / binBp);
      return bin >= 0 && bin < numbers.length && !Number.isNaN(numbers[bin]) ? [{ words: formatValue(numbers[bin]), colour }] : [];
    });
    return values.length && y > layout.headHeight ? [{ key: row.key, y, values }] : [];
  });
}

/** @param {import("./page.js").LocusPage} page */
export function addCrosshair({ view }) {
  const root = element("div", { class: "readings", id: "crosshair-readings", "aria-hidden": "true", hidden: true });
  view.overlay.append(root);
  /** Kept between moves: most differ only in place and words. @type {HTMLElement[]} */
  const pool = [];
  let at = null;

  function show() {
    const { scene } = view;
    const over = at && view.inPlot(at.x) && at.row?.kind !== "ideogram";
    root.hidden = !over;
    if (!over) return;
    const readings = readingsAt(scene, scene.scale.toBase(at.x));
    const right = at.x - scene.layout.left < ROOM;
    while (pool.length < readings.length) {
      pool.push(element("div", { class: "reading" }));
      root.append(pool.at(-1));
    }
    pool.forEach((line, i) => {
      const reading = readings[i];
      line.hidden = !reading;
      if (!reading) return;
      line.dataset.row = reading.key;
      const words = reading.values.map((value) => `${value.colour}${value.words}`).join();
      if (line.dataset.words !== words) {
        line.dataset.words = words;
        line.replaceChildren(...reading.values.flatMap(({ words: said, colour }) => [dot(colour), said]));
      }
      line.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(reading.y)}px) translate(${right ? "6px" : "calc(-100% - 6px)"}, -50%)`;
    });
  }

  const dot = (colour) => {
    const made = element("i", {});
    if (colour) made.style.background = colour;
    else made.hidden = true;
    return made;
  };

  view.whenHovered((where) => {
    at = where;
    show();
  });
  view.afterDraw(() => at && show());
}
