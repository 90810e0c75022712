/**
 * The mutageneses that a view holds: the panel shows one of them, `mutagenesis` of the state, and a tab above it each. Who asks
 * for another only sets `mutagenesis`: those before it stay, the newest first, until they are closed.
 */
import { element } from "../../ui/dom.js";
import { notify } from "../../ui/notice.js";
import { placeOf } from "../data/saliency.js";
import { formatNumber, formatRegion } from "../../ui/scale.js";
import { trackOf } from "../state/contrast.js";
import { declareField, readMutagenesis, shownMutagenesis, writeMutagenesis } from "../state/state.js";

/** @typedef {import("../state/state.js").MutagenesisWindow} MutagenesisWindow */
/** @typedef {import("../page/page.js").LocusPage} LocusPage */

export const MOST_MUTAGENESES = 4;

/** Which mutagenesis it is, in a word; "" for none. @param {MutagenesisWindow|null} window */
export const mutagenesisKey = (window) => (window ? writeMutagenesis(window) : "");

const isKept = (key, windows) => windows.some((window) => mutagenesisKey(window) === key);

// The one that is shown is among them; where none is shown, none is kept.
declareField({
  name: "mutageneses",
  // One ends with its target; an encoded ; elsewhere is of a chromosome's name.
  read: (words) => words.split(/(?<=(?:@|%40)\d+)(?:;|%3B)/i).map(readMutagenesis).filter(Boolean),
  write: (windows) => (windows.length > 1 ? windows.map(writeMutagenesis).join(";") : null),
  initial: [],
  settle(windows, { mutagenesis: front }, page) {
    if (!front) return [];
    const shown = (windows ?? []).map((window) => shownMutagenesis(window, page)).filter(Boolean);
    const known = isKept(mutagenesisKey(front), shown) ? shown : [front, ...shown];
    const single = known.filter((window, i) => known.findIndex((other) => mutagenesisKey(other) === mutagenesisKey(window)) === i);
    const isFront = (window) => mutagenesisKey(window) === mutagenesisKey(front);
    const others = single.filter((window) => !isFront(window)).slice(0, MOST_MUTAGENESES - 1);
    return single.filter((window) => isFront(window) || others.includes(window));
  },
});

/**
 * A change of the state that closes one; its neighbour is shown then.
 * @param {import("../state/state.js").ViewState} state @param {string} [key] the one shown, if left out
 */
export function closingMutagenesis({ mutagenesis, mutageneses }, key = mutagenesisKey(mutagenesis)) {
  const at = mutageneses.findIndex((window) => mutagenesisKey(window) === key);
  const left = mutageneses.filter((_, i) => i !== at);
  return { mutagenesis: mutagenesisKey(mutagenesis) === key ? (left[at] ?? left[at - 1] ?? null) : mutagenesis, mutageneses: left };
}

/** A change of the state that puts another in the place of the one shown. @param {import("../state/state.js").ViewState} state @param {MutagenesisWindow} other */
export const replacingMutagenesis = ({ mutagenesis, mutageneses }, other) => ({
  mutagenesis: other,
  mutageneses: mutageneses.map((window) => (mutagenesisKey(window) === mutagenesisKey(mutagenesis) ? other : window)),
});

/** The tabs above the panel: arrows go along them, Delete closes one. */
export class MutagenesisTabs {
  /** @param {LocusPage} page @param {(window: MutagenesisWindow) => void} onNamed a start has got its name */
  constructor(page, onNamed) {
    this.page = page;
    this.onNamed = onNamed;
    /** Names of the starts that targets are in, once they are known. @type {Map<string, string|null>} */
    this.starts = new Map();
    /** @type {string[]} */
    this.keys = [];
    this.root = element("div", { class: "mutagenesis-tabs", id: "mutagenesis-tabs", role: "tablist", "aria-label": "Mutageneses" });
  }

  /** @param {MutagenesisWindow|null} front @param {MutagenesisWindow[]} windows */
  show(front, windows) {
    const keys = windows.map(mutagenesisKey);
    // Nothing is said of one that was closed by hand, or that another address has not.
    const [newest] = keys;
    const isFull = this.keys.length === MOST_MUTAGENESES && !this.keys.includes(newest) && keys.slice(1).join(" ") === this.keys.slice(0, -1).join(" ");
    if (isFull) notify(`A view holds ${MOST_MUTAGENESES} mutageneses; the oldest is closed.`);
    this.keys = keys;
    for (const window of windows) this.findStart(window);
    this.render(front, windows);
  }

  /** Which track, or how many. @param {MutagenesisWindow} window */
  tracksOf({ tracks }) {
    return tracks.length === 1 ? trackOf(this.page.view.tracks, tracks[0]).name : `${tracks.length} tracks`;
  }

  /** The gene whose start is predicted, once it is known. @param {MutagenesisWindow} window */
  startOf({ chrom, target }) {
    return this.starts.get(`${chrom}:${target}`) ?? null;
  }

  async findStart({ chrom, target }) {
    const { view, project } = this.page;
    const where = `${chrom}:${target}`;
    if (this.starts.has(where)) return;
    this.starts.set(where, null);
    const start = await placeOf({ chrom, position: target }, view.chromosomes.get(chrom), project.bin);
    if (!start) return;
    this.starts.set(where, start);
    const { mutagenesis, mutageneses } = this.page.state;
    this.render(mutagenesis, mutageneses);
    if (mutagenesis) this.onNamed(mutagenesis);
  }

  render(front, windows) {
    const hadFocus = this.root.contains(document.activeElement);
    const several = windows.length > 1;
    document.body.dataset.mutageneses = several ? "several" : "one";
    this.markFigure(several);
    this.root.replaceChildren(...(several ? windows.map((window, i) => this.tab(window, i, windows, mutagenesisKey(window) === mutagenesisKey(front))) : []));
    if (!hadFocus) return;
    /** @type {HTMLElement} */
    const next = this.root.querySelector("[aria-selected=true]") ?? this.page.view.canvas;
    next.focus();
  }

  /** The figure is the panel of the tabs, where there are some. */
  markFigure(several = this.keys.length > 1) {
    const figure = document.getElementById("mutagenesis-figure");
    for (const [name, value] of [["role", "tabpanel"], ["aria-labelledby", "mutagenesis-tab-shown"]]) {
      if (several) figure?.setAttribute(name, value);
      else figure?.removeAttribute(name);
    }
  }

  tab(window, at, windows, isShown) {
    const { page } = this;
    const key = mutagenesisKey(window);
    const close = () => page.change(closingMutagenesis(page.state, key));
    const region = formatRegion(window);
    const start = this.startOf(window);
    const of = `${this.tracksOf(window)} \u00b7 ${start ? `start of ${start}` : `at ${formatNumber(window.target + 1)}`}`;
    const keys = {
      ArrowLeft: () => this.choose(windows.at(at - 1)),
      ArrowRight: () => this.choose(windows[(at + 1) % windows.length]),
      Delete: close,
    };
    return element(
      "button",
      {
        class: "mutagenesis-tab",
        type: "button",
        role: "tab",
        id: isShown ? "mutagenesis-tab-shown" : "",
        tabIndex: isShown ? 0 : -1,
        title: `${region} \u00b7 ${of} (Delete closes it)`,
        "aria-selected": String(isShown),
        "aria-controls": "mutagenesis-figure",
        "aria-keyshortcuts": "Delete",
        onclick: () => this.choose(window),
        onkeydown: (event) => {
          if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          event.stopPropagation();
          keys[event.key]();
        },
      },
      element("span", { class: "mutagenesis-tab-words" }, element("b", {}, region), " ", element("small", {}, of)),
      // A tab holds no button: this one is for the pointer, Delete for the keyboard.
      element("span", { class: "mutagenesis-tab-close", title: "Close it (Delete)", "aria-hidden": "true", onclick: (event) => {
        event.stopPropagation();
        close();
      } }, "\u2715"),
    );
  }

  /** Show one that is kept: no step of its own for Back. */
  choose(mutagenesis) {
    this.page.change({ mutagenesis }, { isStep: false });
  }
}
