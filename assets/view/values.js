/** Every row as numbers: the table behind the picture, for eyes, screen readers and spreadsheets. */
import { element } from "./dom.js";
import { formatNumber, formatRegion } from "./scale.js";
import { visibleBins } from "./rows.js";

export const MOST_ROWS = 2000;

/** @typedef {{caption: string, columns: string[], rows: (string|number)[][], cut: boolean}} Table */

const cell = (value) => (value === null || value === undefined || Number.isNaN(value) ? "" : Number(value.toPrecision(5)));

/**
 * Bins of the window, a column a series. Blocks of another bin than the first are left out: their rows would not line up.
 * @param {{tracks: any[], blocks: Map<string, any>, scale: any, window: any, saliency: any, most?: number}} view  `most` rows, of which the rest is cut
 * @returns {Table}
 */
export function signalTable({ tracks, blocks, scale, window, saliency, most = MOST_ROWS }) {
  const caption = `Values in ${formatRegion(window)}`;
  const shown = tracks.filter((track) => blocks.get(track.id));
  if (shown.length === 0) return { caption, columns: ["start", "end"], rows: [], cut: false };
  const grid = blocks.get(shown[0].id);
  const columns = ["start", "end"];
  const series = [];
  for (const track of shown) {
    const block = blocks.get(track.id);
    if (block.binBp !== grid.binBp) continue;
    for (const kind of ["experiment", "prediction"]) {
      if (!block[kind]) continue;
      columns.push(`${track.name}: ${kind}`);
      series.push((base) => block[kind].mean[Math.floor((base - block.start) / block.binBp)]);
    }
    if (saliency?.status === "ready" && saliency.target.track === track.id) {
      const { result } = saliency;
      columns.push(`${track.name}: saliency`);
      series.push((base) => (result.bin === grid.binBp ? result.values[Math.floor((base - result.start) / result.bin)] : null));
    }
  }
  const [first, last] = visibleBins(grid, scale);
  const rows = [];
  for (let bin = first; bin < Math.min(last, first + most); bin += 1) {
    const base = grid.start + bin * grid.binBp;
    rows.push([base + 1, base + grid.binBp, ...series.map((at) => cell(at(base)))]);
  }
  return { caption, columns, rows, cut: last - first > most };
}

/**
 * A table that can leave the page: with the chromosome as first column.
 * @param {Table} table
 * @param {string} name
 */
export const withChromosome = ({ columns, rows }, name) => ({ columns: ["chrom", ...columns], rows: rows.map((row) => [name, ...row]) });

/** @param {Table} table tab-separated text */
export const asTsv = ({ columns, rows }) => [columns, ...rows].map((row) => row.join("\t")).join("\n") + "\n";

export class ValuesDialog {
  constructor() {
    this.body = element("div", { class: "values-body", tabIndex: 0, "aria-label": "table of values" });
    this.copied = element("span", { class: "quiet", role: "status" });
    this.dialog = element(
      "dialog",
      { id: "values-dialog", class: "dialog wide", "aria-label": "Values as a table" },
      element(
        "div",
        { class: "dialog-head" },
        element("h2", {}, "Values as a table"),
        this.copied,
        element("button", { class: "button", id: "values-copy", onclick: () => this.copy() }, "Copy as TSV"),
        element("button", { class: "button icon", "aria-label": "Close", onclick: () => this.dialog.close() }, "\u2715"),
      ),
      this.body,
    );
    document.body.append(this.dialog);
  }

  /** @param {Table} table */
  show(table) {
    this.table = table;
    this.copied.textContent = table.cut ? `first ${formatNumber(MOST_ROWS)} bins` : "";
    this.body.replaceChildren(
      element(
        "table",
        { id: "values-table" },
        element("caption", {}, `${table.caption}. Coordinates are 1-based; an empty cell is no data.`),
        element("thead", {}, element("tr", {}, ...table.columns.map((name) => element("th", { scope: "col" }, name)))),
        element(
          "tbody",
          {},
          ...table.rows.map((row) => element("tr", {}, ...row.map((value, i) => element("td", {}, i < 2 ? formatNumber(value) : String(value))))),
        ),
      ),
    );
    this.dialog.showModal();
  }

  async copy() {
    await copyText(asTsv(this.table));
    this.copied.textContent = "Copied";
  }
}

/** Copy to the clipboard, also where the page is served without TLS and the clipboard interface is missing. */
export async function copyText(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const area = element("textarea", { value: words, class: "visually-hidden" });
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
