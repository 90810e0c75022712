/**
 * The table: the grid that Dash laid out, filled with tracks, filtered by a function, its ticks the chosen tracks.
 * The columns are those of app/pages/tracks.py; what of them needs a function is put on here.
 */
import { appears } from "../ui/dom.js";
import { ceilingR, dataOf, heldOutOf, heldOutR } from "../ui/trackfacets.js";
import { formatCorrelation, formatNumber } from "../ui/scale.js";

/** @typedef {import("../ui/trackfacets.js").Track} Track */

/** A row of the table. @param {Track} track */
export function rowOf(track) {
  const { pearson = null, r2 = null, n_bins: bins = null, fold = null } = track.held_out ?? {};
  return { ...track, r: heldOutR(track), ceiling: ceilingR(track), pearson, r2, bins, fold, data: dataOf(track), card: track.has_card ? "card" : "" };
}

const DOWNLOADED = ["id", "name", "assay", "sample", "group", "strand", "r", "ceiling", "pearson", "r2", "bins", "fold", "data", "description"];
const HEADS = { r: "held_out_pearson_log1p", ceiling: "ceiling_pearson_log1p", pearson: "held_out_pearson", r2: "held_out_r2", bins: "held_out_bins", fold: "held_out_fold" };

/** Tracks as a table in a file. @param {Track[]} tracks */
export function asTable(tracks) {
  const lines = tracks.map(rowOf).map((row) => DOWNLOADED.map((column) => row[column] ?? "").join("\t"));
  return [DOWNLOADED.map((column) => HEADS[column] ?? column).join("\t"), ...lines].join("\n") + "\n";
}

/** How the grid says that a person ticked rows. */
const BY_HAND = new Set(["rowClicked", "checkboxSelected", "spaceKey", "uiSelectAll", "uiSelectAllFiltered", "keyboardSelectAll"]);
const SHORT = { "experiment and prediction": "exp. + pred.", "experiment only": "exp. only", "prediction only": "pred. only", "neither yet": "neither" };

const SCORES = ["r", "ceiling", "pearson", "r2"];

const WIDE = 1250; // pixels of the table from which names are read whole beside all the numbers
const NARROW = 950; // below which the bins of an r are in its tooltip alone; with a column of ceilings, below WIDE

/**
 * Columns that say something of these rows: one where all are empty is left out, that of the data where all have the
 * same, and in a narrow table what is said twice.
 * @param {any[]} columns @param {any[]} rows @param {number} width of the table in pixels
 */
export function tellingColumns(columns, rows, width) {
  const empty = (value) => value === null || value === undefined || value === "" || value === ".";
  const roomy = rows.some(({ ceiling }) => !empty(ceiling)) ? WIDE : NARROW;
  const spared = (field) => (field === "pearson" && width < WIDE) || (field === "bins" && width < roomy) || (field === "data" && rows.every(({ data }) => data === rows[0].data));
  return columns.map((column) => ({ ...column, hide: spared(column.field) || (column.field !== "id" && rows.every((row) => empty(row[column.field]))) }));
}

/** What rows are sorted by, out of how the grid keeps its columns. @param {{colId: string, sort?: string|null, sortIndex?: number|null}[]} columns */
export const sortingOf = (columns) =>
  columns
    .filter(({ sort }) => sort)
    .sort((one, other) => one.sortIndex - other.sortIndex)
    .map(({ colId, sort }) => ({ column: colId, descending: sort === "desc" }));

/** A button in each row that has a card; its click chooses no row. @param {(track: Track) => void} onCard */
function cardCell(onCard) {
  const open = (event, data) => {
    event.stopPropagation();
    onCard(data);
  };
  const button = ({ value, data }) => {
    const properties = { type: "button", className: "link", tabIndex: -1, "aria-label": `How ${data.name} was made` };
    // A listener of its own: the grid takes clicks before React gives them out.
    return value ? globalThis.React.createElement("button", { ...properties, ref: (made) => made && (made.onclick = (event) => open(event, data)) }, value) : null;
  };
  return { cellRenderer: button, suppressKeyboardEvent: ({ event, data }) => event.type === "keydown" && event.key === "Enter" && data.card && (open(event, data), true) };
}

/** What a column needs beyond what a server can say. @param {any} column @param {Map<string, any>} colours @param {(track: Track) => void} onCard */
function withFunctions(column, colours, onCard) {
  if (SCORES.includes(column.field)) {
    return {
      ...column,
      valueFormatter: ({ value }) => formatCorrelation(value),
      tooltipValueGetter: ({ data }) => heldOutOf(data),
      cellStyle: ({ value }) => ({ "--share": String(Math.max(0, Math.min(1, value ?? 0))) }),
    };
  }
  if (column.field === "bins") return { ...column, valueFormatter: ({ value }) => (value === null ? "\u2013" : formatNumber(value)), tooltipValueGetter: ({ data }) => heldOutOf(data) };
  if (column.field === "data") return { ...column, valueFormatter: ({ value }) => SHORT[value] };
  if (column.field === "card") return { ...column, ...cardCell(onCard) };
  if (column.field === "strand") return { ...column, valueFormatter: ({ value }) => ({ "+": "+", "-": "\u2212" })[value] ?? "" };
  if (column.field === "name") return { ...column, cellStyle: ({ data }) => ({ "--swatch": colours.get(data.id).css }) };
  return column;
}

async function gridApi() {
  // The grid's own script comes after the page's.
  while (!globalThis.dash_ag_grid) await new Promise((resolve) => setTimeout(resolve, 10));
  return globalThis.dash_ag_grid.getApiAsync("tracks-grid");
}

export class TracksTable {
  /**
   * @param {Track[]} tracks @param {Map<string, any>} colours
   * @param {{onChoice: (ids: Set<string>) => void, onSorted: (sorting: import("./address.js").Sorting) => void, onCard: (track: Track) => void}} callbacks
   */
  constructor(tracks, colours, { onChoice, onSorted, onCard }) {
    this.rows = tracks.map(rowOf);
    this.colours = colours;
    this.onChoice = onChoice;
    this.onSorted = onSorted;
    this.onCard = onCard;
    /** @type {import("./address.js").Sorting} */
    this.sorting = [];
    /** @type {(track: Track) => boolean} */
    this.passes = () => true;
    this.chosen = new Set();
    this.api = null;
  }

  /** Fill the grid once it is there; resolves when rows are painted. */
  async open() {
    const host = await appears("tracks-grid");
    const api = await gridApi();
    const painted = new Promise((resolve) => api.addEventListener("firstDataRendered", () => requestAnimationFrame(() => setTimeout(resolve))));
    const columns = tellingColumns(api.getColumnDefs(), this.rows, host.clientWidth).map((column) => withFunctions(column, this.colours, this.onCard));
    api.updateGridOptions({
      columnDefs: columns,
      isExternalFilterPresent: () => true,
      doesExternalFilterPass: ({ data }) => this.passes(data),
      rowData: this.rows,
      loading: false,
    });
    this.api = api;
    if (this.sorting.length) this.sort(this.sorting);
    api.addEventListener("sortChanged", ({ source }) => source !== "api" && this.onSorted(sortingOf(api.getColumnState())));
    api.addEventListener("selectionChanged", ({ source }) => {
      if (!BY_HAND.has(source)) return;
      this.chosen = new Set(api.getSelectedNodes().map((node) => node.id));
      this.onChoice(this.chosen);
    });
    await painted;
    document.querySelector("#tracks-grid [role=grid], #tracks-grid [role=treegrid]")?.setAttribute("aria-label", "Tracks");
    this.tick();
  }

  /** @param {(track: Track) => boolean} passes */
  filter(passes) {
    this.passes = passes;
    this.api?.onFilterChanged();
  }

  /** @param {import("./address.js").Sorting} sorting columns that the table does not have are passed over */
  sort(sorting) {
    this.sorting = sorting;
    const state = sorting.map(({ column, descending }, sortIndex) => ({ colId: column, sort: descending ? "desc" : "asc", sortIndex }));
    this.api?.applyColumnState({ state, defaultState: { sort: null } });
  }

  /** Tick these tracks and no others. @param {string[]} ids */
  choose(ids) {
    this.chosen = new Set(ids);
    this.tick();
  }

  tick() {
    const { api, chosen } = this;
    if (!api) return;
    const on = [];
    const off = [];
    api.forEachNode((node) => {
      if (Boolean(node.isSelected()) !== chosen.has(node.id)) (chosen.has(node.id) ? on : off).push(node);
    });
    if (on.length) api.setNodesSelected({ nodes: on, newValue: true, source: "api" });
    if (off.length) api.setNodesSelected({ nodes: off, newValue: false, source: "api" });
  }
}
