/** Every row as numbers: the table behind the picture, for eyes, screen readers and spreadsheets. */
import { copyText, element } from "../../ui/dom.js";
import { kindOf } from "../rows/rowkinds.js";
import { formatNumber, formatRegion, wholeBases } from "../../ui/scale.js";
import { visibleBins } from "../rows/trackrows.js";

export const MOST_ROWS = 2000;

/** @typedef {{caption: string, note?: string, columns: string[], rows: (string|number)[][], cut: boolean}} Table  note: in place of that on bins */

const cell = (value) => (Number.isFinite(value) ? Number(value.toPrecision(5)) : "");

/**
 * Bins of the window, a column a series. Series of another bin than the first are left out: their rows would not line up.
 * @param {{series: import("../rows/rowkinds.js").Series[], window: import("../../ui/scale.js").Region, length?: number, most?: number}} view  length of the chromosome; `most` rows, of which the rest is cut
 * @returns {Table}
 */
export function signalTable({ series, window, length = Infinity, most = MOST_ROWS }) {
  const caption = `Values in ${formatRegion(window)}`;
  if (series.length === 0) return { caption, columns: ["start", "end"], rows: [], cut: false };
  const [grid] = series;
  const shown = series.filter(({ binBp }) => binBp === grid.binBp);
  const [first, last] = visibleBins({ ...grid, bins: grid.values.length }, window);
  const rows = [];
  for (let bin = first; bin < Math.min(last, first + most); bin += 1) {
    const base = grid.start + bin * grid.binBp;
    // Bins may stick out of the chromosome, at its end and, of a variant's, at its start.
    if (base + grid.binBp <= 0 || base >= length) continue;
    rows.push([Math.max(0, base) + 1, Math.min(length, base + grid.binBp), ...shown.map(({ values, start, binBp }) => cell(values[Math.floor((base - start) / binBp)]))]);
  }
  return { caption, columns: ["start", "end", ...shown.map(({ name }) => name)], rows, cut: last - first > most };
}

/** What rows of the view show, as numbers. @param {import("../rows/rowkinds.js").Row[]} rows */
export const seriesOf = (rows, scene) => rows.flatMap((row) => kindOf(row).series(row, scene));

/** @param {import("../page/page.js").LocusPage} page */
export function addValues(page) {
  const { view } = page;
  const dialog = new ValuesDialog();
  page.table = (rows, most) => signalTable({ series: seriesOf(rows, view.scene), window: wholeBases(page.state.window), length: view.chromosome.length, most });
  // One row may have a table of its own kind.
  page.showValues = (rows) => dialog.show((rows.length === 1 && kindOf(rows[0]).table(rows[0], view.scene)) || page.table(rows));
  page.showTable = (table) => dialog.show(table);
  page.actions.click("values-button", () => page.showValues(view.layout?.body ?? []));
}

/**
 * A table that can leave the page: with the chromosome as first column.
 * @param {Table} table
 * @param {string} name
 * @returns {Table}
 */
export const withChromosome = ({ columns, rows, ...others }, name) => ({ ...others, columns: ["chrom", ...columns], rows: rows.map((row) => [name, ...row]) });

/** @param {Table} table tab-separated text */
export const asTsv = ({ columns, rows }) => [columns, ...rows].map((row) => row.map((cell) => String(cell).replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n") + "\n";

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
        element("caption", {}, `${table.caption}. ${table.note ?? "Coordinates are 1-based; an empty cell is no data."}`),
        element("thead", {}, element("tr", {}, ...table.columns.map((name) => element("th", { scope: "col" }, name)))),
        element(
          "tbody",
          {},
          ...table.rows.map((row) => element("tr", {}, ...row.map((value, i) => element("td", {}, i < 2 && typeof value === "number" ? formatNumber(value) : String(value))))),
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
