/**
 * What is shown, as an address that can be sent to a colleague. Positions in the address are 1-based, as people write them:
 * ?locus=chrXVI:66001-82000&tracks=a,b&mode=overlay&saliency=a@chrXVI:70112&mutagenesis=a@chrXVI:70012-70211@70112
 *
 * A field of the state is declared once, in the module whose idea it is:
 *
 *     declareField({ name: "zebra", read: (words) => words === "on", write: (zebra) => (zebra ? "on" : null), initial: false });
 *
 * and is then read from the address, kept in `page.state.zebra`, changed by `page.change({ zebra: true })`, written into the
 * address and undone by Back. Declare at the top level of a module that parts.js imports, so that it is known before the
 * address is read.
 */

import { isKnown, tracksOf } from "./contrast.js";

/** @typedef {"pair"|"overlay"|"residual"} Mode */
/** @typedef {{track: string, chrom: string, position: number}} SaliencyTarget  track: or a contrast, "A/B"; position is a 0-based base */
/**
 * @typedef {{track: string, tracks: string[], chrom: string, start: number, end: number, target: number}} MutagenesisWindow
 *   0-based half-open; `track` is the first of `tracks`, of which any may be a contrast, "A/B"
 */
/**
 * `locus`, `tracks`, `mode`, `saliency`, `mutagenesis`, and whatever other modules declare.
 * @typedef {any} ViewState  a value for each field that is declared
 */
/**
 * @template T
 * @typedef {object} Field
 * @property {string} name in the state
 * @property {string} [key] in the address; the name if left out
 * @property {(words: string) => T} read  `words` as they stand in the address, still percent-encoded: see `decode`
 * @property {(value: T) => string|null} write  encoded, see `encode`; null leaves it out of the address
 * @property {T} initial what an address says that does not name it
 * @property {string} [expected] how its words look; a value that an address has and the page does not show is then told
 * @property {boolean} [undo] whether Back undoes a change of it; true if left out
 * @property {(value: T, state: ViewState, page: any) => T} [settle] what of a value this project and the fields declared
 *   before can show; asked whenever the state changes
 */

/** @type {Map<string, Field<any>>} */
const fields = new Map();

/** @param {Field<any>} field */
export function declareField(field) {
  if (fields.has(field.name)) throw new Error(`the state has two fields ${field.name}`);
  fields.set(field.name, { key: field.name, undo: true, settle: (value) => value, ...field });
}

/** Text out of an address; text that is not well encoded is taken as it is. */
export const decode = (words) => {
  try {
    return decodeURIComponent(words.replace(/\+/g, " "));
  } catch {
    return words;
  }
};

/** Text for an address, readable: "," separates ids (no id holds one) and "@" a track from its place. */
export const encode = (text) => encodeURIComponent(text).replace(/%3A/g, ":");

/** Values apart at commas, encoded or not. @returns {string[]} */
export const decodeList = (words) => words.split(/,|%2C/i).filter(Boolean).map(decode);
export const encodeList = (values) => values.map(encode).join(",");

/** Parameters of an address, as they stand there. @param {string} search "?..." @returns {Record<string, string>} */
export function parametersOf(search) {
  const raw = {};
  for (const pair of search.replace(/^\?/, "").split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) raw[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return raw;
}

/** @param {Record<string, string>} parameters @returns {string} "?..." */
export const searchOf = (parameters) => `?${Object.entries(parameters).map(([key, words]) => `${key}=${words}`).join("&")}`;

/** @param {string} search "?..." @returns {ViewState} */
export function readState(search) {
  const raw = new Map(Object.entries(parametersOf(search)));
  const state = {};
  for (const { name, key, read, initial } of fields.values()) state[name] = raw.has(key) ? read(raw.get(key)) : initial;
  return state;
}

/** @param {ViewState} state @returns {string} "?..." */
export function writeState(state) {
  const parts = [];
  for (const { name, key, write } of fields.values()) {
    const value = state[name];
    const words = value === null || value === undefined ? null : write(value);
    if (words !== null) parts.push(`${key}=${words}`);
  }
  return `?${parts.join("&")}`;
}

/** What of a state this project can show, field by field in the order of their declaration. @returns {ViewState} */
export function settleState(state, page) {
  const settled = { ...state };
  for (const { name, settle } of fields.values()) settled[name] = settle(settled[name], settled, page);
  return settled;
}

/**
 * What an address asks for and a page does not show, as a sentence each: it cannot be read, or is of nothing that is here.
 * @param {string} search "?..." @param {ViewState} state as the page has settled it @returns {string[]}
 */
export function unshown(search, state) {
  const raw = parametersOf(search);
  return [...fields.values()]
    .filter(({ name, key, expected }) => expected && raw[key] && state[name] === null)
    .map(({ key, expected }) => `The address asks for ${key}=${decode(raw[key])}, which cannot be shown; expected ${expected} of this project.`);
}

/** Whether Back should undo a change of these fields. @param {ViewState} part */
export const isUndone = (part) => Object.keys(part).some((name) => fields.get(name)?.undo ?? true);

/** Characters of an address that servers, proxies and mail programs let through. */
export const LONGEST_ADDRESS = 1500;

/** How the address bar shows a state: a long one stands behind "#", which is the browser's own. @param {string} search "?..." */
export const shownAddress = (search, pathname = globalThis.location?.pathname ?? "/") => (search.length <= LONGEST_ADDRESS ? search : `${pathname}#${search.slice(1)}`);

/** The state in the address bar. @param {{search: string, hash: string}} place @returns {string} "?..." */
export const searchIn = ({ search, hash }) => (hash.length > 1 ? `?${hash.slice(1)}` : search);

/** Keeps the address bar and the state the same: a step that Back should undo is pushed, a pan or zoom replaces. */
export class AddressBar {
  /** @param {(state: ViewState) => void} onBack called when the person goes back or forward @param {string} search of now */
  constructor(onBack, search = searchIn(location)) {
    // A short address does not say what it stands for: the browser keeps that beside it.
    addEventListener("popstate", (event) => {
      this.forget();
      this.search = event.state?.view ?? searchIn(location);
      onBack(readState(this.search));
    });
    this.search = search;
    this.timer = 0;
    /** A state that is not written yet. @type {ViewState|null} */
    this.waiting = null;
  }

  push(state) {
    // Back goes to what was seen last, also where that was not written yet.
    const before = this.waiting ? writeState(this.waiting) : this.search;
    if (before !== this.search) this.show(before);
    this.forget();
    const search = writeState(state);
    if (search !== this.search) history.pushState({ ...history.state, view: search }, "", shownAddress(search));
    this.search = search;
  }

  /** Replace soon: a drag writes the address once, when it rests. */
  replace(state, delay = 200) {
    this.forget();
    this.waiting = state;
    this.timer = setTimeout(() => this.show(writeState(state)), delay);
  }

  forget() {
    clearTimeout(this.timer);
    this.waiting = null;
  }

  /** Show an address for the state of now. @param {string} search "?..." @param {string} [shown] what stands for it */
  show(search, shown = shownAddress(search)) {
    this.forget();
    history.replaceState({ ...history.state, view: search }, "", shown);
    this.search = search;
  }
}

// The fields that the view itself needs -------------------------------------------------------------------------------

/** How experiment and prediction stand, with the label of each. */
export const MODES = { pair: "Pair", overlay: "Overlay", residual: "Residual" };

declareField({ name: "locus", read: decode, write: (locus) => encode(locus.replace(/,/g, "")), initial: null });

declareField({
  name: "tracks",
  read: decodeList,
  write: encodeList,
  initial: null,
  settle: (tracks, _, { project, view }) => (tracks ?? project.default_tracks).filter((id) => view.tracks.has(id)),
});

declareField({
  name: "mode",
  read: (words) => (Object.hasOwn(MODES, words) ? words : "pair"),
  write: (mode) => (mode === "pair" ? null : mode),
  initial: "pair",
});

/** A position in an address, 0-based; people group digits: 581,301. @param {string} words */
const readPosition = (words) => Number(words.replace(/,|%2C/gi, "")) - 1;

/** A saliency as the address has it: track@chrom:position. @returns {SaliencyTarget|null} */
export function readTarget(words) {
  const match = /^(.+?)(?:@|%40)([^@]+?)(?::|%3A)(\d(?:\d|,|%2C)*)$/i.exec(words);
  return match ? { track: decode(match[1]), chrom: decode(match[2]), position: readPosition(match[3]) } : null;
}

/** A track or contrast for an address. */
const encodeAsked = (id) => tracksOf(id).map(encode).join("/");

export const writeTarget = ({ track, chrom, position }) => `${encodeAsked(track)}@${encode(chrom)}:${position + 1}`;
/** Whether a project and a view have what a saliency is of. */
export const isShown = (place, { tracks }, { view }) => Boolean(place) && tracks.includes(tracksOf(place.track)[0]) && isKnown(view.tracks, place.track) && view.chromosomes.has(place.chrom);

declareField({
  name: "saliency",
  read: readTarget,
  write: writeTarget,
  initial: null,
  expected: "track@chromosome:position",
  settle: (place, settled, page) => (isShown(place, settled, page) ? place : null),
});

/** A mutagenesis as the address has it: track,track@chrom:start-end@target. @returns {MutagenesisWindow|null} */
export function readMutagenesis(words) {
  const match = /^(.+?)(?:@|%40)([^@]+?)(?::|%3A)(\d(?:\d|,|%2C)*)-(\d(?:\d|,|%2C)*)(?:@|%40)(\d(?:\d|,|%2C)*)$/i.exec(words);
  if (!match) return null;
  const [, ids, chrom, start, end, target] = match;
  const tracks = decodeList(ids);
  return { track: tracks[0], tracks, chrom: decode(chrom), start: readPosition(start), end: readPosition(end) + 1, target: readPosition(target) };
}

export const writeMutagenesis = ({ track, tracks = [track], chrom, start, end, target }) => `${tracks.map(encodeAsked).join(",")}@${encode(chrom)}:${start + 1}-${end}@${target + 1}`;

/** What of a mutagenesis a view can show; who asks about one track need not name it twice. @returns {MutagenesisWindow|null} */
export function shownMutagenesis(window, { view }) {
  const tracks = (window?.tracks ?? [window?.track]).filter((id) => id && isKnown(view.tracks, id));
  return tracks.length && view.chromosomes.has(window.chrom) ? { ...window, track: tracks[0], tracks } : null;
}

declareField({
  name: "mutagenesis",
  read: readMutagenesis,
  write: writeMutagenesis,
  initial: null,
  expected: "track@chromosome:start-end@target",
  settle: (window, _, page) => shownMutagenesis(window, page),
});
