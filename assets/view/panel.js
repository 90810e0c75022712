/**
 * The mutagenesis panel under the canvas: asks the server, shows progress, and hands the answer to Dash, which draws the
 * figure (app/figures/mutagenesis.py).
 */
import { cancelComputed, getComputed, wasAborted } from "./api.js";
import { element } from "./dom.js";
import { progressParts } from "./saliency.js";
import { formatNumber } from "./scale.js";

/** @typedef {import("./state.js").MutagenesisWindow} MutagenesisWindow */

/** Resolves when Dash has drawn the page and takes properties. */
function dashReady() {
  return new Promise((resolve) => {
    const look = () => {
      if (globalThis.dash_clientside?.set_props && document.getElementById("mutagenesis-figure")) resolve(globalThis.dash_clientside);
      else setTimeout(look, 50);
    };
    look();
  });
}

/** @param {import("./page.js").LocusPage} page */
export function addMutagenesisPanel(page) {
  const close = () => page.change({ mutagenesis: null });
  const panel = new MutagenesisPanel(page.view.tracks, close);
  page.place("mutagenesis-head", panel.root);
  page.whenShown(({ mutagenesis }, { live }) => live || panel.show(mutagenesis));
  page.actions.escape(20, () => page.state.mutagenesis && close());
}

export class MutagenesisPanel {
  /** @param {Map<string, any>} tracks @param {() => void} onClose */
  constructor(tracks, onClose) {
    this.tracks = tracks;
    this.onClose = onClose;
    this.key = "";
    this.title = element("h2", { id: "mutagenesis-title" });
    this.status = element("div", { class: "panel-status", id: "mutagenesis-status" });
    this.root = element(
      "div",
      { class: "panel-head" },
      this.title,
      this.status,
      element("button", { class: "button icon", id: "mutagenesis-close", type: "button", "aria-label": "Close the mutagenesis panel", title: "Close (Esc)", onclick: onClose }, "\u2715"),
    );
  }

  /** @param {MutagenesisWindow|null} window */
  show(window) {
    const key = JSON.stringify(window);
    if (key === this.key) return;
    this.key = key;
    this.abort?.abort();
    document.body.dataset.mutagenesis = window ? "open" : "closed";
    if (window) this.compute(window);
  }

  async compute(window) {
    const abort = new AbortController();
    this.abort = abort;
    const track = this.tracks.get(window.track);
    const name = track?.name ?? window.track;
    this.title.textContent = `Mutagenesis of ${window.chrom}:${formatNumber(window.start + 1)}-${formatNumber(window.end)}, ${name} at ${window.chrom}:${formatNumber(window.target + 1)}`;
    document.body.dataset.mutagenesisReady = "no";
    this.report({}, window);
    try {
      const result = await getComputed("mutagenesis", window, { signal: abort.signal, onProgress: (progress) => this.report(progress, window) });
      const dash = await dashReady();
      if (abort.signal.aborted) return;
      const data = { ...result, unit: track?.unit ?? "" };
      dash.set_props("mutagenesis-data", { data });
      this.status.replaceChildren();
      document.body.dataset.mutagenesisReady = "yes";
      await this.nameMotifs(window, data, abort.signal);
    } catch (error) {
      if (wasAborted(error)) return;
      this.status.replaceChildren(
        element("span", { class: "error", role: "alert" }, error.message),
        element("button", { class: "button small", type: "button", onclick: () => this.compute(window) }, "Try again"),
      );
    }
  }

  /** The figure stands already; names come into it when they are there. */
  async nameMotifs(window, data, signal) {
    let named = { motifs: [] };
    try {
      named = await getComputed("motifs", window, { signal, onProgress: () => {} });
    } catch (error) {
      if (wasAborted(error)) return;
      this.status.replaceChildren(element("span", { class: "quiet", role: "status" }, `Motifs cannot be named: ${error.message}`));
    }
    if (!signal.aborted) globalThis.dash_clientside.set_props("mutagenesis-data", { data: { ...data, ...named } });
  }

  report(progress, window) {
    const cancel = () => {
      cancelComputed("mutagenesis", window);
      this.onClose();
    };
    this.status.replaceChildren(...progressParts(progress, "Mutating every base", "mutagenesis-cancel", cancel));
  }
}
