/**
 * The mutagenesis panel under the view: asks the server about one track or several, shows progress, and hands the answer to
 * Dash, which draws the figure (app/figures/mutagenesis.py). Of several it shows one, see mutageneses.js. A click on a base offers it as a variant (basemenu.js); its zoom
 * and the view's can be linked (panelzoom.js).
 */
import { getComputed, getJson, wasAborted } from "../../ui/api.js";
import { dashReady } from "../../ui/dash.js";
import { closePopover, element, placeBeside } from "../../ui/dom.js";
import { closingMutagenesis, mutagenesisKey, MutagenesisTabs } from "./mutageneses.js";
import { theme } from "../../ui/palette.js";
import { addPanelZoom } from "./panelzoom.js";
import { progressParts } from "../../ui/progress.js";
import { formatChange, formatNumber, formatRegion } from "../../ui/scale.js";
import { trackOf } from "../state/contrast.js";
import { declareField } from "../state/state.js";
import { StackPicker } from "./stackpicker.js";
import { whenThemed } from "../../ui/theme.js";
import { trimmed } from "../state/variant.js";

/** @typedef {import("../state/state.js").MutagenesisWindow} MutagenesisWindow */
/** @typedef {import("../page/page.js").LocusPage} LocusPage */

const BASES = "ACGT";
const SCALES = [["own", "Own", "colours and heights of each track on its own"], ["units", "One scale", "all tracks in their units on one scale"], ["log2", "Log\u2082 ratio", "log\u2082((alternative + 1) / (reference + 1)), all on one scale"]];
const STRONGEST = 12;

declareField({
  name: "mutagenesisScale",
  key: "scale",
  read: (words) => (SCALES.some(([scale]) => scale === words) ? words : null),
  write: (scale) => scale,
  initial: null,
  undo: false,
});

/** What is drawn where nobody chose: tracks of different assays compare as ratios. @param {any[]} tracks */
export function defaultScale([first, ...others]) {
  if (others.length === 0) return "own";
  return others.every(({ unit, assay }) => unit === first.unit && assay === first.assay) ? "units" : "log2";
}

/**
 * The changes of the largest effects over all tracks, one a base and alternative.
 * @param {{start: number, sequence: string, tracks: {track: string, effects: number[][]}[]}} answer of /api/v1/mutagenesis
 */
export function strongestChanges({ start, sequence, tracks }, most = STRONGEST) {
  const best = new Map();
  for (const { track, effects } of tracks) {
    effects.forEach((row, offset) =>
      row.forEach((effect, base) => {
        if (!effect || BASES[base] === sequence[offset].toUpperCase()) return;
        const key = 4 * offset + base;
        if (!best.has(key) || Math.abs(effect) > Math.abs(best.get(key).effect)) {
          best.set(key, { position: start + offset, ref: sequence[offset].toUpperCase(), alt: BASES[base], effect, track });
        }
      }),
    );
  }
  return [...best.values()].sort((one, other) => Math.abs(other.effect) - Math.abs(one.effect)).slice(0, most);
}

const LARGEST = 99; // percentile from which on a change is among the largest

/**
 * How many bases have a change that stands out among nulls, for a person; empty without nulls.
 * @param {{tracks: {track: string, percentiles: (number|null)[][]}[]}} found of /api/v1/mutagenesis/nulls
 */
export function rankWords({ tracks }) {
  const bases = tracks.flatMap(({ percentiles }) => percentiles.filter((row) => row.some((one) => one !== null)));
  const standing = bases.filter((row) => row.some((one) => one !== null && one >= LARGEST)).length;
  return bases.length === 0 ? "" : `${formatNumber(standing)} of ${formatNumber(bases.length)} bases have a change among the largest 1 % of matched nulls`;
}

/** @param {LocusPage} page */
export function addMutagenesisPanel(page) {
  const panel = new MutagenesisPanel(page);
  page.place("mutagenesis-head", panel.root, () => panel.tabs.markFigure());
  page.whenShown(({ mutagenesis, mutageneses }, { live }) => live || panel.show(mutagenesis, mutageneses));
  for (const { root } of [panel.picker, { root: panel.strongest }]) page.actions.escape(0, () => closePopover(root));
  page.actions.escape(20, () => page.state.mutagenesis && panel.close());
  addPanelZoom(page, panel);
  whenThemed(() => page.state.mutagenesis && panel.draw());
}

export class MutagenesisPanel {
  // What parts of the page add: tools, and who is told of a figure.
  zoomTools;
  onFigure;

  /** @param {LocusPage} page */
  constructor(page) {
    this.page = page;
    this.tracks = page.view.tracks;
    this.key = "";
    this.shown = "";
    this.drawn = "";
    /** Answers of the mutageneses that the view holds: another tab is shown at once. @type {Map<string, any>} */
    this.answers = new Map();
    /** Answers of the tracks in the panel, motifs with them. @type {any} */
    this.answer = null;
    this.title = element("h2", { id: "mutagenesis-title" });
    this.status = element("div", { class: "panel-status", id: "mutagenesis-status" });
    /** How far to trust it, in sentences. */
    this.words = element("div", { class: "panel-words", id: "mutagenesis-words" });
    this.tools = element("div", { class: "panel-tools" });
    this.picker = new StackPicker(page);
    this.tabs = new MutagenesisTabs(page, (window) => this.entitle(window));
    const head = element(
      "div",
      { class: "panel-head" },
      this.title,
      this.status,
      this.tools,
      element("button", { class: "button icon", id: "mutagenesis-close", type: "button", "aria-label": "Close this mutagenesis", title: "Close (Esc)", onclick: () => this.close() }, "\u2715"),
    );
    this.root = element("div", {}, this.tabs.root, head, this.words);
    this.strongest = element("div", { class: "row-menu strongest", id: "strongest-menu", role: "dialog", "aria-label": "Strongest changes" });
    this.strongest.popover = "auto";
    document.body.append(this.strongest);
    this.watch();
  }

  /** Close the one that is shown; the next one is shown then. */
  close() {
    return this.page.change(closingMutagenesis(this.page.state));
  }

  /** @param {MutagenesisWindow|null} window @param {MutagenesisWindow[]} windows all that the view holds */
  show(window, windows) {
    const held = windows.map(mutagenesisKey);
    const shown = [...held, mutagenesisKey(window)].join(" ");
    if (shown !== this.shown) {
      this.shown = shown;
      for (const key of this.answers.keys()) if (!held.includes(key)) this.answers.delete(key);
      this.tabs.show(window, windows);
    }
    const key = mutagenesisKey(window);
    if (key !== this.key) {
      this.key = key;
      this.abort?.abort();
      document.body.dataset.mutagenesis = window ? "open" : "closed";
      if (window) this.compute(window);
    } else if (window) this.draw();
  }

  /** Say of which region, track and start it is. @param {MutagenesisWindow} window */
  entitle(window) {
    const { chrom, start, end, tracks, target } = window;
    // Of several tracks each has its name in the figure.
    const name = tracks.length === 1 ? `, ${this.tabs.tracksOf(window)},` : "";
    const gene = this.tabs.startOf(window);
    const base = formatNumber(target + 1);
    this.title.textContent = `Mutagenesis of ${formatRegion({ chrom, start, end })}${name} at ${gene ? `${gene} (${base})` : base}`;
    this.title.title = this.title.textContent;
  }

  get scale() {
    const { mutagenesis, mutagenesisScale } = this.page.state;
    return mutagenesisScale ?? defaultScale(mutagenesis.tracks.map((id) => trackOf(this.tracks, id)));
  }

  /** @param {MutagenesisWindow} window */
  async compute(window) {
    const abort = new AbortController();
    this.abort = abort;
    const { tracks, chrom, start, end, target } = window;
    this.entitle(window);
    document.body.dataset.mutagenesisReady = "no";
    this.report({});
    this.renderTools(window);
    try {
      const asked = { tracks: tracks.join(","), chrom, start, end, target };
      const result = this.answers.get(this.key) ?? (await getComputed("mutagenesis", asked, { signal: abort.signal, onProgress: (progress) => this.report(progress) }));
      await dashReady("mutagenesis-figure");
      if (abort.signal.aborted) return;
      const known = this.knownMotifs(window);
      for (const one of result.tracks) {
        const { name, unit } = trackOf(this.tracks, one.track);
        Object.assign(one, { name, unit }, known.get(one.track));
      }
      this.answer = { ...result, asked: window };
      this.answers.set(this.key, this.answer);
      this.status.replaceChildren();
      this.words.replaceChildren();
      this.drawn = "";
      this.draw();
      this.renderTools(window);
      document.body.dataset.mutagenesisReady = "yes";
      await this.findMeasured(abort.signal);
      await Promise.all(result.tracks.filter(({ motifs }) => !motifs).map((one) => this.nameMotifs(window, one, abort.signal)));
      await this.askMembers(asked, abort.signal);
      await this.askNulls(asked, abort.signal);
    } catch (error) {
      if (wasAborted(error)) return;
      this.status.replaceChildren(
        element("span", { class: "error", role: "alert" }, error.message),
        element("button", { class: "button small", type: "button", onclick: () => this.compute(window) }, "Try again"),
      );
    }
  }

  /** What was measured of these bases stands below what is predicted. */
  async findMeasured(signal) {
    const { answer } = this;
    if (!this.page.project.measured?.length || answer.measured) return;
    const { chrom, start, sequence } = answer;
    try {
      answer.measured = (await getJson("measured", { chrom, start, end: start + sequence.length }, signal)).tables;
      this.draw();
    } catch (error) {
      if (wasAborted(error)) throw error;
      this.status.replaceChildren(element("span", { class: "quiet", role: "status" }, `Measured effects cannot be shown: ${error.message}`));
    }
  }

  /** Names found before, when only the choice of tracks changed. */
  knownMotifs({ chrom, start, end, target }) {
    const before = this.answer?.asked;
    const isSame = before && before.chrom === chrom && before.start === start && before.end === end && before.target === target;
    return new Map(isSame ? this.answer.tracks.map(({ track, motifs, changes }) => [track, { motifs, changes }]) : []);
  }

  /** The figure stands already; names come into it when they are there. */
  async nameMotifs({ chrom, start, end, target }, one, signal) {
    let named = { motifs: [], changes: [] };
    try {
      named = await getComputed("motifs", { track: one.track, chrom, start, end, target }, { signal });
    } catch (error) {
      if (wasAborted(error)) return;
      this.status.replaceChildren(element("span", { class: "quiet", role: "status" }, `Motifs cannot be named: ${error.message}`));
    }
    if (signal.aborted) return;
    Object.assign(one, named);
    this.draw();
  }

  /** What the networks that taught the model say comes last, and greys the letters that they disagree on. */
  async askMembers(asked, signal) {
    const { members } = this.page.project;
    if (!members) return;
    const { answer } = this;
    if (!answer.tracks.every((one) => one.said)) {
      document.body.dataset.mutagenesisMembers = "no";
      try {
        const found = await getComputed("mutagenesis/members", asked, { signal });
        found.tracks.forEach((said, place) => Object.assign(answer.tracks[place], { said: { members, ...said } }));
      } catch (error) {
        if (!wasAborted(error)) this.words.replaceChildren(element("span", { class: "quiet", role: "status" }, `Whether networks agree cannot be said: ${error.message}`));
        return;
      }
    }
    this.draw();
    const known = answer.tracks.flatMap(({ said }) => said.contributions);
    const words = `Grey: networks disagree (${formatNumber(known.filter((one) => !one).length)} of ${formatNumber(known.length)})`;
    this.words.replaceChildren(element("span", { class: "quiet", role: "status", id: "mutagenesis-doubt", title: `On grey letters the ${members} networks that taught the model disagree. On the others the model and they have one sign, and their mean is at least their standard deviation: they agree, which does not say that they are right.` }, words));
    document.body.dataset.mutagenesisMembers = "yes";
  }

  /** How large each change is among random substitutions that match comes last of all, where there are some. */
  async askNulls(asked, signal) {
    const { answer } = this;
    if (!answer.nulls) {
      document.body.dataset.mutagenesisNulls = "no";
      try {
        answer.nulls = await getComputed("mutagenesis/nulls", asked, { signal });
      } catch (error) {
        if (!wasAborted(error)) this.words.append(element("span", { class: "quiet", role: "status" }, `How large changes are among nulls cannot be said: ${error.message}`));
        return;
      }
      for (const { track, percentiles } of answer.nulls.tracks) Object.assign(answer.tracks.find((one) => one.track === track), { percentiles });
    }
    if (signal.aborted) return;
    document.body.dataset.mutagenesisNulls = "yes";
    const words = rankWords(answer.nulls);
    if (!words) return;
    this.draw();
    this.words.append(element("span", { class: "quiet", role: "status", id: "mutagenesis-nulls", title: `Of the SAD over all bins that a change can reach, among random substitutions of this genome (${formatNumber(answer.nulls.nulls)} in all) matched on ${answer.nulls.matched_on}.` }, words));
  }

  /** Hand what there is to Dash, unless it has it. */
  draw() {
    const { answer } = this;
    if (!answer || mutagenesisKey(answer.asked) !== this.key) return;
    const { chrom, start, sequence } = answer;
    const here = (this.page.state.variant ?? []).filter((variant) => variant.chrom === chrom).map(trimmed);
    const marked = here.map(({ start: from, end: to }) => [from, to]);
    const room = document.getElementById("mutagenesis-figure")?.clientHeight ?? 0;
    const measured = answer.measured ?? [];
    const data = { chrom, start, sequence, scale: this.scale, marked, room, theme, measured, tracks: answer.tracks };
    const drawn = JSON.stringify([this.key, data.scale, marked, room, theme, measured.length, answer.tracks.map(({ track, motifs, said, percentiles }) => [track, Boolean(motifs), Boolean(said), Boolean(percentiles)])]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    globalThis.dash_clientside.set_props("mutagenesis-data", { data });
  }

  report(progress) {
    this.words.replaceChildren();
    this.status.replaceChildren(...progressParts(progress, "Mutating every base", "mutagenesis-cancel", () => this.close()));
  }

  /** @param {MutagenesisWindow} window */
  renderTools(window) {
    const { page } = this;
    const choose = (mutagenesisScale) => {
      page.change({ mutagenesisScale });
      this.renderTools(window);
    };
    const several = window.tracks.length > 1;
    this.tools.replaceChildren(
      ...(several
        ? [
            element("div", { class: "segments small", role: "group", "aria-label": "scale of the tracks" },
              ...SCALES.map(([scale, words, title]) => element("button", { type: "button", "data-scale": scale, title, "aria-pressed": String(scale === this.scale), onclick: () => choose(scale) }, words)),
            ),
          ]
        : []),
      element("button", { class: "button small", id: "mutagenesis-tracks", type: "button", title: "Tracks above one another", onclick: (event) => this.picker.open(event.currentTarget, window) }, several ? `${window.tracks.length} tracks` : "More tracks"),
      element("button", { class: "button small", id: "mutagenesis-strongest", type: "button", title: "The changes that do most, to try as variants", onclick: (event) => this.listStrongest(event.currentTarget) }, "Strongest"),
      ...(this.zoomTools?.() ?? []),
    );
  }

  /** The strongest changes as buttons: the way to the variants of the heat map for the keyboard. */
  listStrongest(button) {
    // While another is computed the answer is of the one before.
    if (!this.answer || mutagenesisKey(this.answer.asked) !== this.key) return;
    const { chrom } = this.answer;
    const rows = strongestChanges(this.answer).map(({ position, ref, alt, effect, track }) =>
      element("li", {},
        element("button", { class: "button small", type: "button", onclick: () => {
          this.strongest.hidePopover();
          const { left, bottom } = button.getBoundingClientRect();
          this.offer(position, { x: left, y: bottom }, alt);
        } }, `${formatNumber(position + 1)} ${ref}>${alt}`),
        element("b", { class: effect < 0 ? "lowers" : "raises" }, formatChange(effect)),
        element("small", {}, trackOf(this.tracks, track).name),
      ),
    );
    this.strongest.replaceChildren(element("h2", {}, `Strongest changes, ${chrom}`), element("ul", {}, ...rows));
    this.strongest.showPopover();
    placeBeside(this.strongest, button);
    this.strongest.querySelector("button")?.focus();
  }

  /** Offer a base as a variant, with what its changes do to the first track. */
  offer(position, at, offered = null) {
    const { chrom, start, tracks } = this.answer;
    const row = tracks[0].effects[position - start];
    const effects = row ? Object.fromEntries(row.map((effect, base) => [BASES[base], effect])) : {};
    this.page.baseMenu?.open({ chrom, position, at, offered, effects, effectsOn: tracks[0].name });
  }

  /** Plotly's figure comes and goes with Dash: listen to each that appears. */
  watch() {
    const heard = new WeakSet();
    const listen = () => {
      const figure = /** @type {any} */ (document.querySelector("#mutagenesis-figure .js-plotly-plot"));
      if (!figure?.on || heard.has(figure)) return;
      heard.add(figure);
      figure.on("plotly_click", ({ points: [point], event }) => {
        // The base under the pointer, whatever the mark's own x is.
        const { xaxis } = figure._fullLayout;
        const position = Math.round(xaxis.p2l(event.clientX - figure.getBoundingClientRect().left - xaxis._offset)) - 1;
        const alternative = point.data.type === "heatmap" ? point.y : null;
        this.offer(position, { x: event.clientX, y: event.clientY }, alternative);
      });
      this.onFigure?.(figure);
    };
    new MutationObserver(listen).observe(document.documentElement, { childList: true, subtree: true });
  }
}
