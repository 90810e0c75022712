/**
 * The locus view: a canvas, what lies over it, and when it is drawn. What is drawn comes in through `show`; what a person does
 * goes out through the callbacks. The data is kept in data.js, the picture made in scene.js, of the rows in rowkinds.js.
 *
 * To lay HTML over a row (a box, a menu) put it into `view.overlay` and place it in `view.afterDraw((scene) => ...)`.
 */
import { CanvasSurface } from "../draw/canvas.js";
import { isAway, whenAway } from "../../ui/connection.js";
import { LocusData } from "../data/locusdata.js";
import { element } from "../../ui/dom.js";
import { foldsByChromosome, foldsIn } from "../rows/folds.js";
import { layoutColumns, layoutRows, packGenes } from "../rows/layout.js";
import { Maxima } from "../rows/rowscales.js";
import { GROUND, inTheme, MUTED, trackColours } from "../../ui/palette.js";
import { clickAt, explainRow, inPlot, isClickable, noteAt, refusalAt, rowAt } from "../rows/hittest.js";
import { notify } from "../../ui/notice.js";
import { fittedColumns, measurePrinted, textLines, widestColumns, withLeastSize, wrapText } from "../draw/printed.js";
import { kindOf } from "../rows/rowkinds.js";
import { colouredBy } from "../state/rowsettings.js";
import { formatRegion, makeScale, wholeBases } from "../../ui/scale.js";
import { drawHead, drawScene } from "../rows/scene.js";
import { group, rect } from "../draw/shapes.js";
import { Sight } from "./scrolling.js";
import { Tooltip } from "../rows/rownotes.js";

/** @typedef {import("../../ui/scale.js").Region} Region */
/**
 * @typedef {{goTo: (window: Region, how?: {live?: boolean, push?: boolean}) => void, change: (part: object) => void,
 *   offerBase: (chrom: string, position: number, at: {x: number, y: number}) => void, openGene: (gene: any, at: {x: number, y: number}) => void, onValues: (row: any) => void, onRefused: (why: string|null) => void, onDrawn: (complete: boolean) => void}} Callbacks
 */

const PIXELS_PER_LETTER = 7.5;
const REST = 220; // ms without movement before the view asks for what only a resting view needs
const KEPT = 250; // ms that the last picture of the rows stays while the next is fetched; then they are drawn as awaited
const FOOT = 26; // pixels of caption under an exported picture
const CAPTION_LINE = 15;
const KEYS = "Arrow left and right pan, plus and minus zoom, arrow up and down choose a row, Enter explains it, question mark lists all keys.";

export class LocusView {
  /** @param {any} project answer of /api/v1/project @param {Callbacks} callbacks */
  constructor(project, callbacks) {
    this.project = project;
    this.callbacks = callbacks;
    this.tracks = new Map(project.tracks.map((track) => [track.id, track]));
    this.colours = trackColours(project.tracks);
    this.chromosomes = new Map(project.chromosomes.map((chromosome) => [chromosome.name, chromosome]));
    this.folds = foldsByChromosome(project);
    this.state = null;
    /** What the saliency row shows; kept by its part of the page. */
    this.saliency = null;
    /** The saliencies by key, those before it as well. */
    this.earlier = new Map();
    /** Measured effects at hand; kept by their part of the page. @type {import("../measured/measureddata.js").MeasuredData|null} */
    this.measured = null;
    this.packing = { of: null, at: 0, value: { placed: [], lanes: 1, dense: false } };
    this.maxima = new Maxima();
    /** The tracks of the state, looked up once. */
    this.shown = { of: null, tracks: [], nameWidth: 0 };
    this.activeRow = null;
    /** The base that Enter on a row asks about; travel.js knows better. @type {(window: import("../../ui/scale.js").Region) => number} */
    this.askedBase = ({ start, end }) => Math.floor((start + end) / 2);
    this.closeFailure = () => {};
    this.frames = 0;
    this.hasPicture = false;
    this.waitsSince = null;
    /** @type {((scene: import("../rows/scene.js").Scene) => void)[]} */
    this.drawnListeners = [];
    /** @type {((at: {row: any, x: number, y: number}|null) => void)[]} */
    this.hoverListeners = [];
    this.width = 0;
    this.height = 0;
    this.data = new LocusData(project, { onChange: () => this.invalidate(), onError: (error) => this.fail(error) });
    whenAway(() => this.invalidate());
    this.build();
  }

  build() {
    this.canvas = element("canvas", {
      id: "locus-canvas",
      tabIndex: 0,
      role: "application",
      "aria-roledescription": "genome view",
      "aria-describedby": "locus-keys",
    });
    this.surface = new CanvasSurface(this.canvas);
    this.measure = this.surface.measure;
    /** How the picture differs that is being made for print. @type {import("../draw/printed.js").Printed|null} */
    this.printed = null;
    this.overlay = element("div", { class: "view-overlay" });
    this.stage = element("div", { class: "view-stage" }, this.canvas, this.overlay);
    this.tooltip = new Tooltip(this.stage);
    this.spacer = element("div", { class: "view-spacer" });
    this.scroller = element("div", { class: "view-scroll", id: "locus-scroll" }, this.stage, this.spacer);
    this.rowList = element("ul", { class: "visually-hidden", id: "locus-rows", "aria-label": "Rows of the genome view" });
    this.root = element(
      "div",
      { class: "view-root" },
      this.scroller,
      this.rowList,
      element("p", { class: "visually-hidden", id: "locus-keys" }, KEYS),
    );
    this.sight = new Sight(this.scroller);
    this.scroller.addEventListener("scroll", () => {
      this.leave();
      this.invalidate();
    });
    new ResizeObserver(() => this.fit()).observe(this.scroller);
  }

  fit() {
    const { clientWidth, clientHeight } = this.scroller;
    if (!clientWidth || !clientHeight) return;
    if (clientHeight < this.height) this.sight.shrunk();
    this.width = clientWidth;
    this.height = clientHeight;
    this.stage.style.height = `${clientHeight}px`;
    if (this.surface.resize(clientWidth, clientHeight)) this.hasPicture = false;
    this.ensure();
    this.draw();
  }

  /** @param {import("../state/state.js").ViewState & {window: Region}} state */
  show(state, { live = false } = {}) {
    const before = this.state;
    this.state = state;
    if (!live && before && before.window.chrom !== state.window.chrom) this.maxima.release();
    this.ensure({ moving: live });
    this.invalidate();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), REST);
  }

  get chromosome() {
    return this.chromosomes.get(this.state.window.chrom);
  }

  get shownTracks() {
    const ids = this.state.tracks;
    if (this.shown.of !== ids) {
      const tracks = ids.map((id) => this.tracks.get(id)).filter(Boolean);
      this.shown = { of: ids, tracks, nameWidth: Math.max(0, ...tracks.map((track) => this.measure(track.name, 12, 600))) };
    }
    return this.shown.tracks;
  }

  /** Width of the plot, which does not depend on what is in it. */
  get plotWidth() {
    return layoutColumns(this.columnNeeds()).plotWidth;
  }

  columnNeeds() {
    return { width: this.width, nameWidth: this.shownTracks && this.shown.nameWidth, printed: this.printed };
  }

  currentLayout() {
    const packing = this.pack(this.pixelsPerBase);
    return layoutRows({
      state: this.state,
      tracks: this.shownTracks,
      ...this.columnNeeds(),
      height: this.height,
      geneLanes: packing.lanes,
      denseGenes: packing.dense,
      showBases: this.showsBases,
      genes: this.data.genes.on(this.state.window.chrom),
    });
  }

  get pixelsPerBase() {
    const { start, end } = this.state.window;
    return this.plotWidth / (end - start);
  }

  get showsBases() {
    return this.pixelsPerBase >= Math.max(PIXELS_PER_LETTER, 0.85 * (this.printed?.least ?? 0));
  }

  /** Genes in lanes; packed again when the zoom or the genes at hand change. Among letters only genes in reach have lanes. */
  pack(pixelsPerBase) {
    const { window } = this.state;
    const here = this.data.genes.on(window.chrom);
    const reach = window.end - window.start;
    const stretch = this.showsBases ? Math.floor(window.start / reach) : null;
    const { packing } = this;
    if (here && (packing.of !== here || packing.at !== pixelsPerBase || packing.stretch !== stretch)) {
      const near = stretch === null ? here.genes : here.genes.filter(({ start, end }) => end > (stretch - 1) * reach && start < (stretch + 3) * reach);
      const value = packGenes(near, pixelsPerBase, (name) => this.measure(name, 10.5, 500));
      this.packing = { of: here, at: pixelsPerBase, stretch, value };
    }
    return this.packing.value;
  }

  demand() {
    return this.data.demand({ state: this.state, tracks: this.shownTracks, plotWidth: this.plotWidth, chromosome: this.chromosome, showBases: this.showsBases });
  }

  /** Ask for what the window needs and is not at hand. */
  ensure(how) {
    if (this.state) this.data.ensure(this.demand(), how);
  }

  /** What only a view at rest needs: live predictions, the exact per-locus r when zoomed out, the spoken summary. */
  rest() {
    this.maxima.release();
    this.ensure();
    this.invalidate();
    this.canvas.setAttribute("aria-label", this.summary());
    this.data.ensurePearson(this.demand());
  }

  summary() {
    const rows = this.shownTracks.map((track) => track.name).join(", ") || "none";
    return `Genome view of ${formatRegion(wholeBases(this.state.window))}. Tracks: ${rows}.`;
  }

  invalidate() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  draw() {
    if (!this.state || !this.root.isConnected) return;
    const layout = this.currentLayout();
    const spacer = `${Math.max(0, layout.headHeight + layout.bodyHeight - this.height)}px`;
    if (this.spacer.style.height !== spacer) this.spacer.style.height = spacer;
    this.sight.keepPlace(this.layout, layout);
    const complete = this.data.isReady(this.demand());
    const scene = this.sceneOf(layout, { scroll: this.scroller.scrollTop, height: this.height });
    this.scene = scene;
    if (this.keepsPicture(scene)) this.surface.paint([drawHead(scene)], { over: true });
    else this.surface.paint(drawScene(scene));
    // Genes that arrive later push the rows down.
    this.sight.revealAwaited(layout, this.height - layout.headHeight, this.data.genes.isCurrent);
    for (const tell of this.drawnListeners) tell(scene);
    this.listRows(layout);
    this.frames += 1;
    if (complete) this.closeFailure();
    const said = complete ? "yes" : "no";
    if (this.canvas.dataset.complete !== said) this.canvas.dataset.complete = said;
    this.callbacks.onDrawn(complete);
  }

  /** Whether the rows' last picture stays a moment, because nothing of where the window went is at hand yet. */
  keepsPicture({ blocks, liveStates }) {
    const waits = blocks.size > 0 && liveStates.size === 0 && [...blocks.values()].every((block) => block === null);
    if (!waits || !this.hasPicture) {
      this.hasPicture = true;
      this.waitsSince = null;
      return false;
    }
    this.waitsSince ??= performance.now();
    const left = this.waitsSince + KEPT - performance.now();
    if (left <= 0) return false;
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.invalidate(), left);
    return true;
  }

  /** @param {(scene: import("../rows/scene.js").Scene) => void} listener called after every picture */
  afterDraw(listener) {
    this.drawnListeners.push(listener);
  }

  /** Whether rows are hidden, above or below. */
  get scrolls() {
    return Boolean(this.layout) && this.layout.headHeight + this.layout.bodyHeight > this.height + 1;
  }

  /** The layout last drawn. */
  get layout() {
    return this.scene?.layout ?? null;
  }

  /** @returns {import("../rows/scene.js").Scene} */
  sceneOf(layout, { scroll, height }) {
    const { state, data, width, chromosome, project, measure, colours, saliency, earlier, activeRow } = this;
    const { window } = state;
    const scale = makeScale(window, { left: layout.left, width: layout.plotWidth });
    const { blocks, liveStates, spreads } = data;
    const folds = this.folds.get(window.chrom);
    /** @type {any} */
    const scene = {
      layout, scale, scroll, width, height, state, window, project, chromosome, folds, measure,
      printed: this.printed,
      foldsHere: foldsIn(folds, window),
      genes: data.genes.on(window.chrom),
      sequence: data.sequence.on(window.chrom),
      packing: this.packing.value,
      blocks, liveStates, spreads, saliency, earlier, activeRow,
      away: isAway(),
      asked: this.askedBase(window),
      colours: colouredBy(colours, state),
      localR: (track) => data.localR(track, window),
      floorOf: (id) => data.levels.floorOf(id),
      change: this.callbacks.change,
      goTo: this.callbacks.goTo,
      offerBase: this.callbacks.offerBase,
      openGene: this.callbacks.openGene,
    };
    return Object.assign(scene, { maximumOf: this.maxima.ofScene(scene) });
  }

  /** A list of the rows for screen readers. */
  listRows(layout) {
    const names = layout.body.map((row) => row.name).join("\n");
    if (names === this.listed) return;
    this.listed = names;
    this.rowList.replaceChildren(
      ...layout.body.map((row) =>
        element(
          "li",
          {},
          `${row.name}. `,
          element("button", { type: "button", tabIndex: -1, onclick: () => this.callbacks.onValues(row) }, `Values of ${row.name} as a table`),
        ),
      ),
    );
  }

  // What lies under the cursor --------------------------------------------------------------------------------------

  inPlot(x) {
    return Boolean(this.layout) && inPlot(this.layout, x);
  }

  hover(x, y) {
    const { scene } = this;
    if (!scene) return;
    const row = rowAt(scene, y);
    this.canvas.style.cursor = isClickable(scene, row, x, y) ? "pointer" : "";
    const note = noteAt(scene, row, x, y);
    if (note) this.tooltip.show(x, y, note, row.kind !== "ideogram" && this.inPlot(x));
    else this.tooltip.hide();
    for (const tell of this.hoverListeners) tell({ row, x, y });
  }

  /** @param {(at: {row: any, x: number, y: number}|null) => void} listener told where the pointer rests; null: nowhere */
  whenHovered(listener) {
    this.hoverListeners.push(listener);
  }

  leave() {
    this.tooltip.hide();
    for (const tell of this.hoverListeners) tell(null);
  }

  click(x, y) {
    this.leave();
    const { scene } = this;
    const row = scene && rowAt(scene, y);
    if (row && !clickAt(scene, row, x, y)) this.callbacks.onRefused(refusalAt(scene, row, x, y));
  }

  // Keyboard: a row is chosen with the arrows and explained where `askedBase` says ------------------------------------

  chooseRow(step) {
    const rows = this.layout?.body ?? [];
    if (rows.length === 0) return null;
    const now = rows.findIndex(({ key }) => key === this.activeRow);
    const row = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, now + step))];
    this.activeRow = row.key;
    this.sight.reveal(row, this.height - this.layout.headHeight);
    this.invalidate();
    return row;
  }

  get chosenRow() {
    return this.layout?.body.find(({ key }) => key === this.activeRow) ?? null;
  }

  explainChosen() {
    const { scene, chosenRow: row } = this;
    if (!row) return false;
    if (!explainRow(scene, row)) this.callbacks.onRefused(kindOf(row).refusal(row, scene));
    return true;
  }

  // Messages and export ---------------------------------------------------------------------------------------------

  /** Say what of the window cannot be had, until it is there. */
  fail(error) {
    this.closeFailure = notify(error.message, { failed: true, act: { words: "Try again", run: () => this.ensure() } });
  }

  /**
   * The whole view, rows that are scrolled away included, as for paper.
   * @param {{width?: number, below?: {shapes: any[], height: number}, print?: {least: number, italic?: boolean, withoutR?: boolean}|null}} [how]
   *   width in CSS pixels, that of the screen if left out; below: what stands under the rows; print: how it differs, for print (printed.js)
   * @returns {{shapes: any[], width: number, height: number}}
   */
  picture({ width = this.width, below, print = null } = {}) {
    const { width: onScreen, measure } = this;
    this.width = width;
    try {
      return inTheme("light", () => {
        if (!print) return this.paperPicture(below);
        this.measure = measurePrinted(measure, print.least);
        this.printed = { italic: false, withoutR: false, ...print, ...widestColumns(width, this.shownTracks.map(({ name }) => name), this.measure) };
        this.packing = { ...this.packing, of: null };
        const layout = this.currentLayout();
        const scene = this.sceneOf(layout, { scroll: 0, height: layout.headHeight + layout.bodyHeight });
        const labels = [...layout.head, ...layout.body].map((row) => kindOf(row).label(row, scene));
        Object.assign(this.printed, fittedColumns(labels, layout, this.measure));
        const picture = this.paperPicture(below);
        return { ...picture, shapes: withLeastSize(picture.shapes, print.least) };
      });
    } finally {
      this.width = onScreen;
      this.measure = measure;
      this.printed = null;
      // Names were as wide as they are printed.
      if (print) this.packing = { ...this.packing, of: null };
    }
  }

  paperPicture(below = { shapes: [], height: 0 }) {
    const { project, width } = this;
    const layout = this.currentLayout();
    const rows = layout.headHeight + layout.bodyHeight;
    const height = rows + below.height;
    const caption = [
      `Sighthound, ${project.genome}, ${formatRegion(wholeBases(this.state.window))}`,
      project.simulated ? "simulated assays" : null,
    ].filter(Boolean);
    const lines = wrapText(caption.join(", "), width - 28, this.measure, 10.5);
    const foot = FOOT + (lines.length - 1) * CAPTION_LINE;
    const shapes = [
      rect(0, 0, width, height + foot, GROUND),
      // The row that the keyboard chose is none of the picture's business.
      ...drawScene({ ...this.sceneOf(layout, { scroll: 0, height: rows }), activeRow: null }),
      group(0, rows, below.shapes),
      ...textLines(lines, 14, height + foot / 2, CAPTION_LINE, MUTED, { size: 10.5 }),
    ];
    return { shapes, width, height: height + foot };
  }
}
