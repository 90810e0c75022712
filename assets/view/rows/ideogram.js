/**
 * The ideogram: the whole chromosome with its folds, and on it the window. The window is dragged; a click beside it goes
 * there, and a drag beside it goes to the stretch that it spans.
 */
import { element } from "../../ui/dom.js";
import { foldsIn, mergeFolds } from "./folds.js";
import { HEIGHTS } from "./layout.js";
import { CHROMOSOME, FOLD_FILLS, INK, MUTED, SHADE } from "../../ui/palette.js";
import { rowAt } from "./hittest.js";
import { registerRowKind } from "./rowkinds.js";
import { around, clampWindow, formatPosition, formatSpan, makeScale } from "../../ui/scale.js";
import { fitText, rect, text } from "../draw/shapes.js";

/** @typedef {import("../../ui/scale.js").Region} Region */
/** @typedef {import("../../ui/scale.js").Scale} Scale */

const BAR = { top: 12, height: 10 }; // pixels, in the row
const OVER = 4; // pixels that the window stands out above and below
const LEAST = 4; // pixels that the window is drawn wide, however narrow it is
const REACH = 4; // pixels beside the window that still take hold of it

/** Scale of the whole chromosome in the ideogram's row. */
export const ideogramScale = (chromosome, layout) =>
  makeScale({ start: 0, end: chromosome.length }, { left: layout.left, width: layout.plotWidth });

/** Where the window is drawn. @param {Region} window @param {Scale} scale of the chromosome @returns {{x: number, width: number}} */
export function windowBox(window, scale) {
  const from = scale.toPixel(window.start);
  const width = Math.max(LEAST, scale.toPixel(window.end) - from);
  return { x: Math.min(from, scale.right - width), width };
}

/** Whether a press at `x` takes hold of the window; one that shows the whole chromosome has nowhere to go. @param {Region} window @param {Scale} scale */
export function holdsWindow(window, scale, x) {
  const box = windowBox(window, scale);
  return window.end - window.start < scale.end && x >= box.x - REACH && x <= box.x + box.width + REACH;
}

/** The window after a drag over so many pixels of the ideogram, as wide as before. @param {Region} window @param {Scale} scale @returns {Region} */
export function draggedWindow({ chrom, start, end }, scale, pixels) {
  const bases = pixels / scale.pixelsPerBase;
  return clampWindow({ chrom, start: start + bases, end: end + bases }, scale.end);
}

/** The stretch between two places of the ideogram, inside the chromosome. @param {Scale} scale @returns {Region} */
export function spannedWindow(chrom, scale, from, to) {
  const [start, end] = [Math.min(from, to), Math.max(from, to)].map((x) => Math.max(0, Math.min(scale.end, scale.toBase(x))));
  return clampWindow({ chrom, start, end }, scale.end);
}

export function ideogramPlot({ chromosome, folds, window, layout, row }) {
  const scale = ideogramScale(chromosome, layout);
  const y = row.y + BAR.top;
  const { height } = BAR;
  const ends = { radius: 5 };
  const items = [rect(layout.left, y, layout.plotWidth, height, CHROMOSOME.fill, ends)];
  for (const { start, end, fold } of mergeFolds(folds, 2 / scale.pixelsPerBase)) {
    const x = scale.toPixel(start);
    const w = Math.max(0.7, scale.toPixel(end) - x);
    const radius = Math.min(w / 2, start <= chromosome.length * 0.005 || end >= chromosome.length * 0.995 ? 5 : 0);
    items.push(rect(x, y, w, height, FOLD_FILLS[fold] ?? FOLD_FILLS.none, { radius }));
  }
  items.push(rect(layout.left + 0.5, y + 0.5, layout.plotWidth - 1, height - 1, undefined, { stroke: CHROMOSOME.edge, ...ends }));
  const { x, width } = windowBox(window, scale);
  items.push(rect(x, y - OVER, width, height + 2 * OVER, SHADE, { stroke: INK, radius: 2 }));
  return items;
}

const ideogramLabel = ({ chromosome, layout, row, measure }) => [
  text(14, row.y + 17, fitText(chromosome.name, layout.left - 84, measure, 13, 650), INK, { size: 13, weight: 650 }),
  text(layout.left - 10, row.y + 17, formatSpan(chromosome.length), MUTED, { align: "right" }),
];

registerRowKind({
  kind: "ideogram",
  place: "head",
  order: 0,
  rows: () => [{ name: "chromosome" }],
  height: () => HEIGHTS.ideogram,
  plot: (row, scene) => ideogramPlot({ ...scene, row }),
  label: (row, scene) => ideogramLabel({ ...scene, row }),
  note(_, { chromosome, folds, layout, window }, { x, side }) {
    if (side !== "plot") return null;
    const scale = ideogramScale(chromosome, layout);
    const base = scale.toBase(x);
    const [fold] = foldsIn(folds, { start: base, end: base + 1 });
    const hint = holdsWindow(window, scale, x) ? "Drag: move the window" : "Click: go there. Drag: go to what you span";
    return { title: formatPosition(chromosome.name, base), lines: [{ label: "fold", value: fold ?? "none", colour: FOLD_FILLS[fold] }], hint };
  },
  isClickable: () => true,
  click(_, { chromosome, layout, window, goTo }, { x }) {
    goTo(around(chromosome, ideogramScale(chromosome, layout).toBase(x), window.end - window.start), { push: true });
  },
});

/** @param {import("../page/page.js").LocusPage} page */
export function addIdeogram(page) {
  const { view, actions } = page;
  const band = element("div", { class: "selection", id: "ideogram-span", hidden: true });
  view.overlay.append(band);

  /** The chromosome's scale where the pointer is on the ideogram, else null. */
  const scaleAt = (x, row) => (row?.kind === "ideogram" && view.inPlot(x) ? ideogramScale(view.scene.chromosome, view.layout) : null);

  function holdWindow(from, scale) {
    const before = page.state.window;
    const end = () => view.maxima.release();
    return {
      move(x) {
        // Tops do not breathe while the window passes by, as when the rows are dragged.
        view.maxima.hold();
        page.setWindow(draggedWindow(before, scale, x - from), { live: true });
      },
      drop(x) {
        end();
        // Back goes to where the drag began, not to where it paused.
        page.setWindow(before);
        page.setWindow(draggedWindow(before, scale, x - from), { push: true });
      },
      cancel() {
        end();
        page.setWindow(before);
      },
    };
  }

  function spanStretch(from, scale, { y, height }) {
    const { chrom } = page.state.window;
    const end = () => {
      band.hidden = true;
    };
    return {
      move(x) {
        const [left, right] = [Math.min(from, x), Math.max(from, x)].map((at) => Math.max(scale.left, Math.min(scale.right, at)));
        Object.assign(band.style, { transform: `translate(${left}px, ${y}px)`, width: `${right - left}px`, height: `${height}px` });
        band.hidden = false;
      },
      drop(x) {
        end();
        page.setWindow(spannedWindow(chrom, scale, from, x), { push: true });
      },
      cancel: end,
    };
  }

  actions.grab(({ x, y, shift }) => {
    const row = rowAt(view.scene, y);
    const scale = scaleAt(x, row);
    if (!scale || shift) return null;
    return holdsWindow(page.state.window, scale, x) ? holdWindow(x, scale) : spanStretch(x, scale, row);
  });

  view.whenHovered((at) => {
    const scale = at && scaleAt(at.x, at.row);
    if (scale && holdsWindow(page.state.window, scale, at.x)) view.canvas.style.cursor = "grab";
  });
}
