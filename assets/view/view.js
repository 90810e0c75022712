/**
 * The locus view: holds the data at hand, makes the drawing list out of it, and says when all of it is on the screen.
 * Everything it is asked to show comes in through `show`; everything a person does goes out through the callbacks.
 */
import { getPrediction, getSignal } from "./api.js";
import { CanvasSurface } from "./canvas.js";
import { element } from "./dom.js";
import { drawBases, drawGenes, drawGrid, drawIdeogram, drawRuler, foldsIn, ideogramScale } from "./head.js";
import { layoutRows, packGenes } from "./layout.js";
import { hasFiles, isLive, LivePredictions } from "./live.js";
import { FOLDS, MUTED, RULE, trackColours } from "./palette.js";
import { hasBars, inPlot, isClickable, isExplainable, noteAt, rowAt } from "./probe.js";
import { commonMaximum, drawSaliencyRow, drawTrackRow } from "./rows.js";
import { Saliency, saliencyKey } from "./saliency.js";
import { around, formatRegion, makeScale, wholeBases } from "./scale.js";
import { group, line, rect, text } from "./shapes.js";
import { binFor, logPearson, SignalCache } from "./signals.js";
import { Tooltip } from "./tooltip.js";
import { WindowCache } from "./windows.js";

/** @typedef {import("./scale.js").Region} Region */
/**
 * @typedef {{onWindow: (window: Region, how: {live?: boolean, push?: boolean}) => void, onSaliency: (target: any) => void,
 *   onMutagenesis: (window: any) => void, onDrawn: (complete: boolean) => void}} Callbacks
 */

const PIXELS_PER_LETTER = 7.5;
const REST = 220; // ms without movement before the view asks for what only a resting view needs
const MUTATED_BASES = 200;
const WITH_LIST = 1100; // pixels of window above which the list of tracks stands beside the view, as in sighthound.css
const LIST_WIDTH = 300;
const FOOT = 26; // pixels of caption under an exported picture

/** Windows of the folds; a chromosome that is one fold as a whole and has no windows is one window. */
function wholeFolds({ folds, chromosomes }) {
  const split = new Set(folds.map(({ chrom }) => chrom));
  const whole = chromosomes.filter(({ name, fold }) => FOLDS[fold] && !split.has(name));
  return [...folds, ...whole.map(({ name, length, fold }) => ({ chrom: name, start: 0, end: length, fold }))];
}

export class LocusView {
  /** @param {any} project answer of /api/v1/project @param {Callbacks} callbacks */
  constructor(project, callbacks) {
    this.project = project;
    this.callbacks = callbacks;
    this.tracks = new Map(project.tracks.map((track) => [track.id, track]));
    this.colours = trackColours(project.tracks);
    this.chromosomes = new Map(project.chromosomes.map((chromosome) => [chromosome.name, chromosome]));
    this.folds = wholeFolds(project);
    this.state = null;
    this.saliency = null;
    this.exactPearson = { key: "", values: {} };
    this.packing = { of: null, at: 0, value: { placed: [], lanes: 1, dense: false } };
    this.heldMaxima = null;
    this.activeRow = null;
    this.frames = 0;
    // Until the page is there, a guess that lets the first signal be asked for.
    this.width = Math.max(320, innerWidth - (innerWidth > WITH_LIST ? LIST_WIDTH : 0));
    this.height = innerHeight;
    this.counts = { pearson: 0, saliency: 0 };
    const events = { onChange: () => this.invalidate(), onError: (error) => this.fail(error) };
    this.signals = new SignalCache(events);
    this.live = project.live ? new LivePredictions(project.live, events.onChange) : null;
    /** @type {Map<string, import("./live.js").LiveState>} of the tracks that are predicted on the spot here */
    this.liveStates = new Map();
    this.genes = new WindowCache("genes", { overscan: 1, margin: 0.1, ...events });
    this.sequence = new WindowCache("sequence", { overscan: 3, margin: 0.3, ...events });
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
    this.overlay = element("div", { class: "view-overlay" });
    this.stage = element("div", { class: "view-stage" }, this.canvas, this.overlay);
    this.tooltip = new Tooltip(this.stage);
    this.spacer = element("div", { class: "view-spacer" });
    this.scroller = element("div", { class: "view-scroll", id: "locus-scroll" }, this.stage, this.spacer);
    this.alert = element("div", { class: "view-alert", role: "alert", id: "locus-alert", hidden: true });
    this.foldChip = element("button", { class: "fold-chip", id: "fold-chip", type: "button", "aria-describedby": "fold-tip" });
    this.foldTip = element("div", { class: "fold-tip", id: "fold-tip", role: "tooltip" });
    this.saliencyBox = element("div", { class: "saliency-box", id: "saliency-box", hidden: true });
    this.overlay.append(this.foldChip, this.foldTip, this.saliencyBox);
    this.rowList = element("ul", { class: "visually-hidden", id: "locus-rows", "aria-label": "Rows of the genome view" });
    this.root = element(
      "div",
      { class: "view-root" },
      this.alert,
      this.scroller,
      this.rowList,
      element("p", { class: "visually-hidden", id: "locus-keys" }, "Arrow left and right pan, plus and minus zoom, arrow up and down choose a row, Enter explains it, question mark lists all keys."),
    );
    this.scroller.addEventListener("scroll", () => {
      this.tooltip.hide();
      this.invalidate();
    });
    new ResizeObserver(() => this.fit()).observe(this.scroller);
  }

  /** Put the view into the page; safe to call again when the page was rebuilt. */
  mount(host) {
    if (this.root.parentElement !== host) host.replaceChildren(this.root);
    this.fit();
  }

  fit() {
    const { clientWidth, clientHeight } = this.scroller;
    if (!clientWidth || !clientHeight) return;
    if (clientHeight < this.height) this.revealSaliency = true;
    this.width = clientWidth;
    this.height = clientHeight;
    this.stage.style.height = `${clientHeight}px`;
    this.surface.resize(clientWidth, clientHeight);
    this.ensure();
    this.draw();
  }

  /** @param {{window: Region, tracks: string[], mode: any, saliency: any, mutagenesis: any}} state */
  show(state, { live = false } = {}) {
    const before = this.state;
    this.state = state;
    if (!live && before && before.window.chrom !== state.window.chrom) this.heldMaxima = null;
    this.setSaliency(state.saliency);
    this.ensure({ moving: live });
    this.invalidate();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), REST);
  }

  /** Requests so far, by what for. */
  get requests() {
    return { ...this.counts, signal: this.signals.requests, prediction: this.live?.cache.requests ?? 0, genes: this.genes.requests, sequence: this.sequence.requests };
  }

  get chromosome() {
    return this.chromosomes.get(this.state.window.chrom);
  }

  get shownTracks() {
    return this.state.tracks.map((id) => this.tracks.get(id)).filter(Boolean);
  }

  currentLayout() {
    const { window } = this.state;
    const pixelsPerBase = this.plotWidth / (window.end - window.start);
    const packing = this.pack(pixelsPerBase);
    return layoutRows({
      ...this.layoutNeeds(),
      geneLanes: packing.lanes,
      denseGenes: packing.dense,
      showBases: pixelsPerBase >= PIXELS_PER_LETTER,
    });
  }

  layoutNeeds() {
    const tracks = this.shownTracks;
    return {
      tracks,
      mode: this.state.mode,
      saliencyTrack: this.saliency?.target.track ?? null,
      width: this.width,
      height: this.height,
      nameWidth: Math.max(0, ...tracks.map((track) => this.measure(track.name, 12, 600))),
    };
  }

  /** Width of the plot, which does not depend on what is in it. */
  get plotWidth() {
    return layoutRows({ ...this.layoutNeeds(), geneLanes: 1, denseGenes: false, showBases: false }).plotWidth;
  }

  /** Genes in lanes; packed again when the zoom or the genes at hand change. */
  pack(pixelsPerBase) {
    const here = this.genes.on(this.state.window.chrom);
    const { packing } = this;
    if (here && (packing.of !== here || packing.at !== pixelsPerBase)) {
      const value = packGenes(here.genes, pixelsPerBase, (name) => this.measure(name, 10.5, 500));
      this.packing = { of: here, at: pixelsPerBase, value };
    }
    return this.packing.value;
  }

  scaleOf(layout) {
    return makeScale(this.state.window, { left: layout.left, width: layout.plotWidth });
  }

  /** Ask for what the window needs and is not at hand; the model is not asked while the view moves. */
  ensure({ moving = false } = {}) {
    if (!this.state) return;
    const { window } = this.state;
    const { length } = this.chromosome;
    const { plotWidth } = this;
    const readable = this.shownTracks.filter(hasFiles).map((track) => track.id);
    if (readable.length) this.signals.ensure(readable, window, plotWidth, this.project.bin, length);
    if (!moving) this.live?.ensure(this.liveTracks, window, plotWidth, this.project.bin, length);
    this.genes.ensure(window, length);
    if (plotWidth / (window.end - window.start) >= PIXELS_PER_LETTER) this.sequence.ensure(window, length);
  }

  /** Ids of the tracks whose prediction is made on the spot here. */
  get liveTracks() {
    const { chrom } = this.state.window;
    return this.live ? this.shownTracks.filter((track) => isLive(track, chrom)).map((track) => track.id) : [];
  }

  /** What only a view at rest needs: live predictions, the exact per-locus r when zoomed out, the spoken summary. */
  rest() {
    this.heldMaxima = null;
    this.ensure();
    this.invalidate();
    this.canvas.setAttribute("aria-label", this.summary());
    const window = wholeBases(this.state.window);
    const bin = this.wantedBin();
    const live = this.liveTracks;
    const both = this.shownTracks.filter((track) => track.has_experiment && track.has_prediction).map((track) => track.id);
    const key = `${formatRegion(window)}/${both}`;
    if (bin === this.project.bin || both.length === 0 || this.exactPearson.key === key) return;
    this.pearsonAbort?.abort();
    this.pearsonAbort = new AbortController();
    const { signal } = this.pearsonAbort;
    this.counts.pearson += 1;
    this.exactPearson = { key, window: formatRegion(window), values: {} };
    const take = ({ pearson }) => {
      if (signal.aborted) return;
      Object.assign(this.exactPearson.values, pearson);
      this.invalidate();
    };
    const stored = both.filter((track) => !live.includes(track));
    if (stored.length) getSignal({ ...window, pixels: 1, tracks: stored }, signal).then(take, () => {});
    if (both.length > stored.length && !this.live.isTooWide(window)) {
      getPrediction({ ...window, pixels: 1, tracks: live }, { signal, onProgress: () => {} }).then(take, () => {});
    }
  }

  wantedBin() {
    const { window } = this.state;
    return binFor((window.end - window.start) / this.plotWidth, this.project.bin);
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
    this.layout = layout;
    const content = layout.headHeight + layout.bodyHeight;
    const spacer = `${Math.max(0, content - this.height)}px`;
    if (this.spacer.style.height !== spacer) this.spacer.style.height = spacer;
    this.scroll = this.scroller.scrollTop;
    const bin = this.wantedBin();
    const complete = this.gather(bin) && this.genes.isCurrent;
    this.surface.paint(this.shapes(layout, { scroll: this.scroll, height: this.height }));
    this.placeOverlay(layout);
    this.listRows(layout);
    this.frames += 1;
    if (complete && !this.alert.hidden) this.alert.hidden = true;
    this.canvas.dataset.complete = complete ? "yes" : "no";
    this.callbacks.onDrawn(complete);
  }

  /** Collect what is at hand of every track. @returns {boolean} whether that is all that the window needs */
  gather(bin) {
    const { window } = this.state;
    const live = new Set(this.liveTracks);
    this.blocks = new Map();
    this.liveStates = new Map();
    let complete = true;
    for (const track of this.shownTracks) {
      let block = null;
      if (hasFiles(track)) {
        const found = this.signals.find(track.id, window, bin);
        block = found.block;
        complete &&= found.exact;
      }
      if (live.has(track.id)) {
        const found = this.live.find(track.id, window, bin, block);
        block = found.block;
        this.liveStates.set(track.id, found.live);
        complete &&= found.live.state !== "pending";
      }
      this.blocks.set(track.id, block);
    }
    return complete;
  }

  /** The drawing list of the head and of the rows between `scroll` and `scroll + height`. */
  shapes(layout, { scroll, height }) {
    const { window } = this.state;
    const scale = this.scaleOf(layout);
    const rows = new Map(layout.head.map((row) => [row.kind, row]));
    const chromosome = this.chromosome;
    const { measure } = this;
    const body = [];
    for (const row of layout.body) {
      if (row.y + row.height < scroll - 4 || row.y > scroll + height - layout.headHeight + 4) continue;
      body.push(this.bodyRow(row, layout, scale));
    }
    if (layout.body.length === 0) {
      body.push(text(layout.left + layout.plotWidth / 2, 60, "No tracks chosen. Tick one in the list of tracks.", MUTED, { size: 13, align: "center" }));
    }
    const bodyHeight = height - layout.headHeight;
    return [
      ...drawGrid({ scale, top: layout.headHeight, bottom: height }),
      group(0, layout.headHeight - scroll, body, { clip: [0, scroll, this.width, bodyHeight] }),
      group(0, 0, [
        rect(0, 0, this.width, layout.headHeight, "#ffffff"),
        ...drawGrid({ scale, top: rows.get("ruler").y + rows.get("ruler").height, bottom: layout.headHeight }),
        drawIdeogram({ chromosome, folds: this.folds, window, layout, row: rows.get("ideogram"), measure }),
        drawRuler({ scale, window, layout, row: rows.get("ruler") }),
        ...(rows.has("bases") ? drawBases({ sequence: this.sequence.on(window.chrom), scale, layout, row: rows.get("bases") }) : []),
        ...(this.genes.on(window.chrom)
          ? drawGenes({ packing: this.packing.value, scale, layout, row: rows.get("genes"), highlighted: null })
          : []),
        line(0, layout.headHeight - 0.5, this.width, layout.headHeight - 0.5, RULE),
      ]),
    ];
  }

  bodyRow(row, layout, scale) {
    const active = row.key === this.activeRow;
    const { measure } = this;
    if (row.kind === "saliency") {
      const { saliency } = this;
      return drawSaliencyRow({ row, saliency, scale, layout, measure, title: saliency.title, active, chromLength: this.chromosome.length });
    }
    const block = this.blocks.get(row.track.id) ?? null;
    return drawTrackRow({
      row,
      block,
      live: this.liveStates.get(row.track.id),
      maximum: this.maximumOf(row.track.id, block, scale),
      scale,
      layout,
      colours: this.colours.get(row.track.id),
      localR: this.localR(row.track, block),
      measure,
      active,
    });
  }

  /** While a drag lasts a row's scale only grows, so that peaks do not breathe as others come and go. */
  maximumOf(id, block, scale) {
    const now = commonMaximum(block, scale);
    if (!this.heldMaxima) return now;
    const held = Math.max(now, this.heldMaxima.get(id) ?? 0);
    this.heldMaxima.set(id, held);
    return held;
  }

  localR(track, block) {
    if (!track.has_experiment || !track.has_prediction || !block) return null;
    if ((this.liveStates.get(track.id)?.state ?? "ready") !== "ready") return null;
    if (block.binBp === this.project.bin) return logPearson(block, this.state.window);
    const { window, values } = this.exactPearson;
    return window === formatRegion(wholeBases(this.state.window)) ? (values[track.id] ?? null) : null;
  }

  setSaliency(target) {
    if ((this.saliency?.key ?? "") === saliencyKey(target)) return;
    this.saliency?.close();
    this.saliency = null;
    const chromosome = target && this.chromosomes.get(target.chrom);
    if (!chromosome) return;
    this.counts.saliency += 1;
    this.revealSaliency = true;
    this.saliency = new Saliency(target, {
      box: this.saliencyBox,
      trackName: this.tracks.get(target.track)?.name ?? target.track,
      chromosome,
      bin: this.project.bin,
      onChange: () => this.invalidate(),
      onClose: () => this.callbacks.onSaliency(null),
    });
  }

  // Overlay: the controls that lie on rows -----------------------------------------------------------------------------

  placeOverlay(layout) {
    const folds = foldsIn(this.folds, this.state.window);
    const name = folds.length > 1 ? "mixed" : (folds[0] ?? "no fold");
    const key = folds.join("+");
    if (this.foldChip.dataset.folds !== key) {
      const says = folds.map((fold) => FOLDS[fold]?.says ?? fold).join(" ") || "No training, validation or test window lies here.";
      this.foldChip.textContent = name;
      this.foldChip.dataset.folds = key;
      this.foldChip.dataset.fold = folds.length === 1 ? folds[0] : "none";
      this.foldTip.textContent = folds.length > 1 ? `This window touches ${folds.join(", ")}. ${says}` : says;
    }
    this.foldChip.style.transform = `translate(${layout.left + layout.plotWidth + 10}px, 7px)`;
    const row = layout.body.find(({ kind }) => kind === "saliency");
    if (!row || !this.saliency) return;
    if (this.revealSaliency) {
      // Genes that arrive later push the row down.
      this.revealSaliency = !this.genes.isCurrent;
      this.reveal(row);
    }
    const y = layout.headHeight + row.y - this.scroller.scrollTop;
    this.saliencyBox.style.visibility = y < layout.headHeight - 4 ? "hidden" : "visible";
    this.saliencyBox.style.transform = `translate(${layout.left}px, ${y}px)`;
    this.saliencyBox.style.width = `${layout.plotWidth}px`;
    this.saliencyBox.style.height = `${row.height}px`;
  }

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
          element("button", { type: "button", tabIndex: -1, onclick: () => this.callbacks.onValues([row.track.id]) }, `Values of ${row.name} as a table`),
        ),
      ),
    );
  }

  // What lies under the cursor --------------------------------------------------------------------------------------

  /** @returns {import("./probe.js").Drawn} */
  get drawn() {
    const { layout, scroll, blocks, colours, saliency, chromosome, folds } = this;
    return {
      layout,
      scroll,
      window: this.state.window,
      chromosome,
      folds,
      packing: this.packing.value,
      blocks,
      colours,
      saliency,
      hasModel: Boolean(this.project.has_model),
      averaged: this.project.live?.ensemble ?? "",
    };
  }

  inPlot(x) {
    return Boolean(this.layout) && inPlot(this.layout, x);
  }

  hover(x, y) {
    if (!this.layout) return;
    const { drawn } = this;
    const row = rowAt(drawn, y);
    this.canvas.style.cursor = isClickable(drawn, row, x) ? "pointer" : "";
    const note = noteAt(drawn, row, x, y);
    if (note) this.tooltip.show(x, y, note, row.kind !== "ideogram");
    else this.tooltip.hide();
  }

  click(x, y) {
    this.tooltip.hide();
    const row = this.layout && rowAt(this.drawn, y);
    if (!row || !this.inPlot(x)) return;
    const { window } = this.state;
    if (row.kind === "ideogram") {
      const base = ideogramScale(this.chromosome, this.layout).toBase(x);
      this.callbacks.onWindow(around(this.chromosome, base, window.end - window.start), { push: true });
      return;
    }
    this.explain(row, Math.floor(this.scaleOf(this.layout).toBase(x)));
  }

  /** Saliency at a prediction's base, or mutagenesis at a saliency's base. @returns {boolean} whether there was something to explain */
  explain(row, base) {
    const { window } = this.state;
    if (isExplainable(row, this.project.has_model)) {
      this.callbacks.onSaliency({ track: row.track.id, chrom: window.chrom, position: base });
      return true;
    }
    if (row.kind !== "saliency" || !hasBars(this.saliency, window.chrom)) return false;
    const { result } = this.saliency;
    const bin = Math.floor((base - result.start) / result.bin);
    if (bin < 0 || bin >= result.values.length) return false;
    const centre = result.start + (bin + 0.5) * result.bin;
    const { start, end } = wholeBases(around(this.chromosome, centre, MUTATED_BASES));
    this.callbacks.onMutagenesis({ track: result.track, chrom: result.chrom, start, end, target: this.saliency.target.position });
    return true;
  }

  // Keyboard: a row is chosen with the arrows and explained at the window's centre ------------------------------------

  chooseRow(step) {
    const rows = this.layout?.body ?? [];
    if (rows.length === 0) return null;
    const now = rows.findIndex(({ key }) => key === this.activeRow);
    const row = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, now + step))];
    this.activeRow = row.key;
    this.reveal(row);
    this.invalidate();
    return row;
  }

  /** Scroll the least that brings a row into sight; its top, where it does not fit. */
  reveal(row) {
    const sight = this.height - this.layout.headHeight;
    const top = this.scroller.scrollTop;
    if (row.y < top || row.height > sight) this.scroller.scrollTop = row.y - 8;
    else if (row.y + row.height > top + sight) this.scroller.scrollTop = row.y + row.height - sight + 8;
  }

  explainChosen() {
    const row = this.layout?.body.find(({ key }) => key === this.activeRow);
    if (!row) return false;
    const { window } = this.state;
    if (row.kind !== "saliency") return this.explain(row, Math.floor((window.start + window.end) / 2));
    const { result } = this.saliency;
    if (!result) return false;
    let strongest = 0;
    result.values.forEach((value, bin) => {
      if (Math.abs(value) > Math.abs(result.values[strongest])) strongest = bin;
    });
    return this.explain(row, result.start + strongest * result.bin);
  }

  // Messages and export ---------------------------------------------------------------------------------------------

  fail(error) {
    this.alert.replaceChildren(
      element("span", {}, error.message),
      element("button", { class: "button small", type: "button", onclick: () => this.retry() }, "Try again"),
    );
    this.alert.hidden = false;
  }

  retry() {
    this.alert.hidden = true;
    this.ensure();
  }

  /** The whole view, rows that are scrolled away included. @returns {{shapes: any[], width: number, height: number}} */
  picture() {
    const { layout, project } = this;
    const height = layout.headHeight + layout.bodyHeight;
    const caption = [
      `Sighthound, ${project.genome}, ${formatRegion(wholeBases(this.state.window))}`,
      project.simulated ? "simulated assays" : null,
    ].filter(Boolean);
    const shapes = [
      ...this.shapes(layout, { scroll: 0, height }),
      text(14, height + FOOT / 2, caption.join(", "), MUTED, { size: 10.5 }),
    ];
    return { shapes, width: this.width, height: height + FOOT };
  }
}
