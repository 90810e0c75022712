/** The open panels under the view as a drawing list, for pictures: their headings, Plotly's figures, and what is listed beside. */
import { INK, inTheme, MUTED, RULE } from "../../ui/palette.js";
import { isPlotted, plottedShapes } from "../draw/plotted.js";
import { textLines, wrapText } from "../draw/printed.js";
import { group, line, text } from "../draw/shapes.js";

const MARGIN = 14;
const HEAD = 34;
const ROW = 17;
const SIZE = 11; // of the lists' letters
const HEADING = 13;
const GAP = 24;
const FOOT = 12;
const SIDE_BY_SIDE = 760; // pixels from which lists stand beside the figure
const SHARE = 0.6; // of the width for the figure then
const NO_WORDS = "button.icon";
/** Lists of a panel, and what in them is a line. */
const LISTS = [
  [".card-haplotype", "h3, li"],
  [".card-genes", "h3, tr, li, p"],
  [".card-motifs", "h3, tr, li, p"],
];

/** The words of a part of the page as a person reads them. @param {Element} part */
function wordsOf(part) {
  const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  const words = [];
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest(NO_WORDS)) words.push(/** @type {Text} */ (walk.currentNode).data.trim());
  return words.filter(Boolean).join("  ");
}

/** A line; the last cell of a table's row, a number, stands on the right. @param {HTMLElement} part */
function lineOf(part) {
  const cells = part.tagName === "TR" ? [...part.children] : [part];
  const right = cells.length > 1 ? wordsOf(cells.pop()) : "";
  return { words: cells.map(wordsOf).join("  "), right, isHeading: part.tagName === "H3" };
}

/** @param {Element} panel @returns {{words: string, right: string, isHeading: boolean}[]} */
function listed(panel) {
  return LISTS.flatMap(([where, lines]) => {
    const found = [...panel.querySelectorAll(where)].flatMap((list) => [...list.querySelectorAll(lines)]);
    // A single variant is in the heading already.
    if (where === ".card-haplotype" && found.length < 3) return [];
    return found.map(lineOf);
  });
}

function listShapes(lines, width, measure, least) {
  const size = Math.max(SIZE, least);
  const row = (ROW / SIZE) * size;
  let y = 0;
  const shapes = lines.flatMap(({ words, right, isHeading }, i) => {
    const [weight, ink] = isHeading ? [600, INK] : [400, MUTED];
    const room = width - (right ? measure(right, size) + size : 0);
    y += isHeading && i > 0 ? row / 2 : 0;
    return wrapText(words, room, measure, size, weight).flatMap((line, at) => {
      y += row;
      const left = text(0, y - row / 2, line, ink, { size, weight });
      return right && at === 0 ? [left, text(width, y - row / 2, right, ink, { size, align: "right" })] : [left];
    });
  });
  return { shapes, height: y };
}

async function panelShapes(panel, width, measure, least) {
  const inside = width - 2 * MARGIN;
  const lines = listed(panel);
  const isBeside = lines.length > 0 && inside >= SIDE_BY_SIDE;
  const plotWidth = isBeside ? Math.round(inside * SHARE) : inside;
  const heading = wrapText(panel.querySelector("h2")?.textContent ?? "", inside, measure, HEADING, 600);
  const head = HEAD + (heading.length - 1) * ROW;
  const shapes = [];
  let y = head;
  for (const figure of [...panel.querySelectorAll(".js-plotly-plot")].filter(isPlotted)) {
    const plotted = await plottedShapes(figure, plotWidth, least);
    shapes.push(group(MARGIN, y, plotted.shapes, { clip: [0, 0, plotWidth, plotted.height] }));
    y += plotted.height;
  }
  if (shapes.length === 0) return null;
  return inTheme("light", () => {
    const list = listShapes(lines, isBeside ? inside - plotWidth - GAP : inside, measure, least);
    shapes.push(isBeside ? group(MARGIN + plotWidth + GAP, head, list.shapes) : group(MARGIN, y, list.shapes));
    const title = textLines(heading, MARGIN, head / 2 + 2, ROW, INK, { size: HEADING, weight: 600 });
    return { shapes: [line(0, 0.5, width, 0.5, RULE), ...title, ...shapes], height: (isBeside ? Math.max(y, head + list.height) : y + list.height) + FOOT };
  });
}

/**
 * @param {number} width of the picture in CSS pixels @param {(words: string, size: number, weight?: number) => number} measure
 * @param {number} [least] size of the smallest letters
 * @returns {Promise<{shapes: import("../draw/shapes.js").Shape[], height: number}>} from the top, nothing where no panel is open
 */
export async function panelPictures(width, measure, least = 0) {
  const shapes = [];
  let height = 0;
  for (const panel of document.querySelectorAll(".panel")) {
    const made = panel.checkVisibility() ? await panelShapes(panel, width, measure, least) : null;
    if (!made) continue;
    shapes.push(group(0, height, made.shapes));
    height += made.height;
  }
  return { shapes, height };
}
