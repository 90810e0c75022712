/**
 * Wires the locus page: the state, the view, the controls that Dash laid out (by their ids), and the address bar.
 * Starts fetching before Dash has drawn the page, and mounts into the page whenever it appears.
 */
import { getJson } from "./api.js";
import { toPng } from "./canvas.js";
import { download, follow } from "./dom.js";
import { HelpDialog } from "./help.js";
import { attachKeys, attachPointer } from "./interaction.js";
import { MutagenesisPanel } from "./panel.js";
import { TrackPicker } from "./picker.js";
import { clampWindow, formatRegion, parseRegion, wholeBases, zoomWindow } from "./scale.js";
import { LocusBox } from "./search.js";
import { AddressBar, MODES, readState, writeState } from "./state.js";
import { asBedGraph, hubAddress, igvDesktopLink, igvSession } from "./sharing.js";
import { toSvg } from "./svg.js";
import { asTsv, copyText, signalTable, ValuesDialog, withChromosome } from "./values.js";
import { LocusView } from "./view.js";

/** Counters and hooks for tests and benchmarks. */
const hooks = { lastDrawn: 0, lastComplete: 0, complete: false, frames: 0, draws: 0, requests: {} };
globalThis.sighthound = hooks;

const STEP = { pan: 0.5, zoomIn: 0.5, zoomOut: 2 };

class LocusPage {
  constructor(project) {
    this.project = project;
    this.view = new LocusView(project, {
      onWindow: (window, how) => this.setWindow(window, how),
      onSaliency: (saliency) => this.change({ saliency }),
      onMutagenesis: (mutagenesis) => this.change({ mutagenesis }),
      onValues: (ids) => this.showValues(ids),
      onDrawn: (complete) => this.drawn(complete),
    });
    this.chromosomes = project.chromosomes;
    this.box = new LocusBox(this.chromosomes, (region) => this.setWindow(region, { push: true }), () => this.span);
    this.picker = new TrackPicker(project, this.view.colours, (tracks) => this.change({ tracks }));
    this.panel = new MutagenesisPanel(this.view.tracks, () => this.change({ mutagenesis: null }));
    this.values = new ValuesDialog();
    this.help = new HelpDialog();
    this.address = new AddressBar((state) => this.restore(state));
    this.restore(readState(location.search));
    this.attach();
  }

  get span() {
    return this.state.window.end - this.state.window.start;
  }

  chromosomeLength(name) {
    return this.view.chromosomes.get(name).length;
  }

  /** Take the state of an address; what it does not say or what this genome lacks is the project's default. */
  restore(asked) {
    const { project } = this;
    let window = null;
    let problem = null;
    try {
      window = asked.locus ? parseRegion(asked.locus, this.chromosomes) : null;
      if (asked.locus && !window) problem = `${asked.locus}: ${project.genome} has no such chromosome.`;
    } catch (error) {
      problem = error.message;
    }
    window ??= parseRegion(project.default_locus, this.chromosomes) ?? { chrom: this.chromosomes[0].name, start: 0, end: Math.min(20000, this.chromosomes[0].length) };
    const known = (track) => this.view.tracks.has(track);
    const there = (place) => (place && known(place.track) && this.view.chromosomes.has(place.chrom) ? place : null);
    const saliency = there(asked.saliency);
    const tracks = (asked.tracks ?? project.default_tracks).filter(known);
    if (saliency && !tracks.includes(saliency.track)) tracks.push(saliency.track);
    this.state = { window, tracks, mode: asked.mode, saliency, mutagenesis: there(asked.mutagenesis) };
    this.render();
    if (problem) this.view.fail(new Error(problem));
  }

  /** A change that Back undoes. */
  change(part) {
    if (part.tracks && this.state.saliency && !part.tracks.includes(this.state.saliency.track)) part.saliency = null;
    this.state = { ...this.state, ...part };
    this.address.push(this.addressed());
    this.render();
  }

  setWindow(window, { push = false, live = false } = {}) {
    const clamped = clampWindow(window, this.chromosomeLength(window.chrom));
    this.state = { ...this.state, window: live ? clamped : wholeBases(clamped) };
    if (push) this.address.push(this.addressed());
    else this.address.replace(this.addressed());
    this.render({ live });
  }

  addressed() {
    return { ...this.state, locus: formatRegion(wholeBases(this.state.window)) };
  }

  render({ live = false } = {}) {
    const { state } = this;
    const locus = formatRegion(wholeBases(state.window));
    this.box.show(locus);
    document.title = `${locus} \u2013 Sighthound`;
    if (!live) {
      this.picker.show(state.tracks);
      this.panel.show(state.mutagenesis);
      this.showMode();
    }
    this.view.show(state, { live });
  }

  /** The segmented control belongs to Dash: set its property once Dash is there. */
  showMode() {
    const radio = document.querySelector(`#view-mode input[value="${this.state.mode}"]`);
    if (radio && !radio.checked) globalThis.dash_clientside?.set_props?.("view-mode", { value: this.state.mode });
  }

  pan(windows, how) {
    const { chrom, start, end } = this.state.window;
    const shift = windows * (end - start);
    this.setWindow({ chrom, start: start + shift, end: end + shift }, how);
  }

  zoom(factor, anchor, how) {
    const { window } = this.state;
    const length = this.chromosomeLength(window.chrom);
    this.setWindow(zoomWindow(window, factor, anchor ?? (window.start + window.end) / 2, length), how);
  }

  attach() {
    const { view } = this;
    attachPointer(view.canvas, {
      pan: (pixels, live) => {
        if (live) view.heldMaxima ??= new Map();
        this.pan(pixels / view.layout.plotWidth, { live: true });
      },
      zoom: (factor, x) => {
        const scale = view.scaleOf(view.layout);
        this.zoom(factor, Math.max(scale.start, Math.min(scale.end, scale.toBase(x))), { live: true });
      },
      click: (x, y) => view.click(x, y),
      hover: (x, y) => view.hover(x, y),
      leave: () => view.tooltip.hide(),
      dragEnd: () => {
        view.heldMaxima = null;
        this.setWindow(this.state.window);
      },
      inPlot: (x) => view.inPlot(x),
    });
    attachKeys(
      {
        pan: (windows) => this.pan(windows),
        zoom: (factor) => this.zoom(factor),
        search: () => this.box.focus(),
        help: () => this.help.show(),
        escape: () => this.escape(),
        row: (step) => {
          const row = view.chooseRow(step);
          if (row) this.say(row.name);
        },
        enter: () => view.explainChosen(),
      },
      (target) => target === view.canvas,
    );
    const clicks = {
      "pan-left": () => this.pan(-STEP.pan, { push: true }),
      "pan-right": () => this.pan(STEP.pan, { push: true }),
      "zoom-in": () => this.zoom(STEP.zoomIn, undefined, { push: true }),
      "zoom-out": () => this.zoom(STEP.zoomOut, undefined, { push: true }),
      share: () => this.share(),
      "export-svg": () => this.exportSvg(),
      "export-png": () => this.exportPng(),
      "export-tsv": () => this.exportValues("tsv"),
      "export-bedgraph": () => this.exportValues("bedgraph"),
      "export-igv": () => follow(igvDesktopLink(location.origin, this.addressed()), { target: "_blank" }),
      "export-igv-xml": () => follow(igvSession(location.origin, "xml", this.addressed()), { download: this.fileName("xml") }),
      "export-igv-json": () => follow(igvSession(location.origin, "json", this.addressed()), { download: this.fileName("json") }),
      "export-hub": () => this.copyHub(),
      "values-button": () => this.showValues(this.state.tracks),
      "help-button": () => this.help.show(),
      "tracks-toggle": () => this.toggleTracks(),
    };
    document.addEventListener("click", (event) => {
      const id = Object.keys(clicks).find((key) => event.target instanceof Element && event.target.closest(`#${key}`));
      if (id) clicks[id]();
      else if (event.target instanceof Element && event.target.closest("#track-scrim")) this.toggleTracks();
    });
    document.addEventListener("change", (event) => {
      const chosen = event.target;
      if (chosen instanceof HTMLInputElement && chosen.closest("#view-mode") && MODES.includes(chosen.value) && chosen.value !== this.state.mode) {
        this.change({ mode: chosen.value });
      }
    });
  }

  escape() {
    if (document.body.dataset.tracks === "open") this.toggleTracks();
    else if (this.state.mutagenesis) this.change({ mutagenesis: null });
    else if (this.state.saliency) this.change({ saliency: null });
  }

  toggleTracks() {
    const narrow = matchMedia("(max-width: 1100px)").matches;
    const now = document.body.dataset.tracks ?? (narrow ? "closed" : "open");
    document.body.dataset.tracks = now === "open" ? "closed" : "open";
  }

  say(words) {
    const region = document.getElementById("announcer");
    if (region) region.textContent = words;
  }

  showValues(ids) {
    this.values.show(this.table(ids));
  }

  table(ids, most) {
    const { view } = this;
    const tracks = ids.map((id) => view.tracks.get(id)).filter(Boolean);
    return signalTable({ tracks, blocks: view.blocks, scale: view.scaleOf(view.layout), window: wholeBases(this.state.window), saliency: view.saliency, most });
  }

  exportValues(form) {
    const table = this.table(this.state.tracks, Infinity);
    const chromosome = this.view.chromosomes.get(this.state.window.chrom);
    const text = form === "tsv" ? asTsv(withChromosome(table, chromosome.name)) : asBedGraph(table, chromosome);
    download(new Blob([text], { type: "text/plain" }), this.fileName(form));
  }

  async copyHub() {
    await copyText(hubAddress(location.origin, this.addressed()));
    this.say("The address of a track hub of these tracks is copied. UCSC cannot reach a server behind a firewall.");
  }

  async share() {
    await copyText(new URL(writeState(this.addressed()), location.href).href);
    history.replaceState(history.state, "", writeState(this.addressed()));
    this.say("The address of this view is copied.");
    document.body.dataset.copied = "yes";
    setTimeout(() => delete document.body.dataset.copied, 1600);
  }

  fileName(extension) {
    return `sighthound_${formatRegion(wholeBases(this.state.window)).replace(/,/g, "").replace(":", "_")}.${extension}`;
  }

  exportSvg() {
    const { shapes, width, height } = this.view.picture();
    download(new Blob([toSvg(shapes, width, height, document.title)], { type: "image/svg+xml" }), this.fileName("svg"));
  }

  async exportPng() {
    const { shapes, width, height } = this.view.picture();
    download(await toPng(shapes, width, height), this.fileName("png"));
  }

  drawn(complete) {
    hooks.lastDrawn = performance.now();
    hooks.complete = complete;
    if (complete) hooks.lastComplete = hooks.lastDrawn;
    hooks.frames = this.view.frames;
    hooks.draws += 1;
    hooks.requests = this.view.requests;
    dispatchEvent(new CustomEvent("sighthound:drawn", { detail: { complete, locus: this.state.window } }));
  }

  /** Put every part into its place in the page that Dash drew. */
  mount() {
    const places = { "locus-view": null, "locus-box-host": this.box.root, "track-picker": this.picker.root, "mutagenesis-head": this.panel.root };
    for (const [id, part] of Object.entries(places)) {
      const host = document.getElementById(id);
      if (!host) continue;
      if (id === "locus-view") {
        if (this.view.root.parentElement !== host) {
          this.view.mount(host);
          this.showMode();
        }
      } else if (part.parentElement !== host) host.replaceChildren(part);
    }
  }
}

function exposeHooks(page) {
  const { view } = page;
  const box = () => view.canvas.getBoundingClientRect();
  Object.assign(hooks, {
    go: (words) => page.box.go(words),
    state: () => page.addressed(),
    /** Client y of the middle of a row by its key ("<track id>/prediction"), null if there is none. */
    rowY: (key) => {
      const row = view.layout?.body.find((other) => other.key === key);
      return row ? box().top + view.layout.headHeight + row.y - view.scroller.scrollTop + row.height / 2 : null;
    },
    rows: () => [...view.layout.head, ...view.layout.body].map(({ key, kind, name, track }) => ({ key, kind, name, live: view.liveStates.get(track?.id)?.state ?? null })),
    /** Client x of a 0-based base. */
    baseX: (base) => box().left + view.scaleOf(view.layout).toPixel(base + 0.5),
    saliency: () => view.saliency && { status: view.saliency.status, target: view.saliency.target, result: view.saliency.result },
    table: () => signalTable({ tracks: view.shownTracks, blocks: view.blocks, scale: view.scaleOf(view.layout), window: wholeBases(page.state.window), saliency: view.saliency }),
  });
}

function whenPageAppears(mount) {
  mount();
  let queued = false;
  new MutationObserver(() => {
    if (queued) return;
    queued = true;
    queueMicrotask(() => {
      queued = false;
      mount();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
}

function showFatal(error) {
  whenPageAppears(() => {
    const host = document.getElementById("locus-view");
    if (host && !host.querySelector(".view-fatal")) {
      const words = document.createElement("p");
      words.className = "view-fatal";
      words.setAttribute("role", "alert");
      words.textContent = error.message;
      host.replaceChildren(words);
    }
  });
}

/** This module runs as soon as it is here, perhaps before the body. */
async function bodyParsed() {
  while (!document.body) await new Promise(requestAnimationFrame);
}

try {
  const [project] = await Promise.all([getJson("project"), bodyParsed()]);
  const page = new LocusPage(project);
  exposeHooks(page);
  whenPageAppears(() => page.mount());
} catch (error) {
  showFatal(error);
  throw error;
}
