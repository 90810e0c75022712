/**
 * What is shown, as an address that can be sent to a colleague. Positions in the address are 1-based, as people write them:
 * ?locus=chrXVI:66001-82000&tracks=a,b&mode=overlay&saliency=a@chrXVI:70112&mutagenesis=a@chrXVI:70012-70211@70112
 */

/** @typedef {import("./layout.js").Mode} Mode */
/** @typedef {{track: string, chrom: string, position: number}} SaliencyTarget  position is a 0-based base */
/** @typedef {{track: string, chrom: string, start: number, end: number, target: number}} MutagenesisWindow  0-based half-open */
/**
 * @typedef {{locus: string|null, tracks: string[]|null, mode: Mode, saliency: SaliencyTarget|null, mutagenesis: MutagenesisWindow|null}} ViewState
 */

export const MODES = ["pair", "overlay", "residual"];

const decode = (words) => {
  try {
    return decodeURIComponent(words.replace(/\+/g, " "));
  } catch {
    return words;
  }
};
// Readable in the address bar; "," separates track ids (no id holds one) and "@" a track from its place.
const encodeId = (id) => encodeURIComponent(id).replace(/%3A/g, ":");

/** @param {string} search "?..." @returns {ViewState} */
export function readState(search) {
  const raw = new Map();
  for (const pair of search.replace(/^\?/, "").split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) raw.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const mode = raw.get("mode");
  return {
    locus: raw.has("locus") ? decode(raw.get("locus")) : null,
    tracks: raw.has("tracks") ? raw.get("tracks").split(/,|%2C/i).filter(Boolean).map(decode) : null,
    mode: MODES.includes(mode) ? mode : "pair",
    saliency: readSaliency(raw.get("saliency")),
    mutagenesis: readMutagenesis(raw.get("mutagenesis")),
  };
}

function readSaliency(words) {
  const match = /^(.+?)(?:@|%40)([^@]+?)(?::|%3A)(\d+)$/i.exec(words ?? "");
  return match ? { track: decode(match[1]), chrom: decode(match[2]), position: Number(match[3]) - 1 } : null;
}

function readMutagenesis(words) {
  const match = /^(.+?)(?:@|%40)([^@]+?)(?::|%3A)(\d+)-(\d+)(?:@|%40)(\d+)$/i.exec(words ?? "");
  if (!match) return null;
  const [, track, chrom, start, end, target] = match;
  return { track: decode(track), chrom: decode(chrom), start: Number(start) - 1, end: Number(end), target: Number(target) - 1 };
}

/** @param {ViewState} state @returns {string} "?..." */
export function writeState({ locus, tracks, mode, saliency, mutagenesis }) {
  const parts = [];
  if (locus) parts.push(`locus=${encodeId(locus.replace(/,/g, ""))}`);
  if (tracks) parts.push(`tracks=${tracks.map(encodeId).join(",")}`);
  if (mode && mode !== "pair") parts.push(`mode=${mode}`);
  if (saliency) parts.push(`saliency=${encodeId(saliency.track)}@${encodeId(saliency.chrom)}:${saliency.position + 1}`);
  if (mutagenesis) {
    const { track, chrom, start, end, target } = mutagenesis;
    parts.push(`mutagenesis=${encodeId(track)}@${encodeId(chrom)}:${start + 1}-${end}@${target + 1}`);
  }
  return `?${parts.join("&")}`;
}

/** Keeps the address bar and the state the same: a step that Back should undo is pushed, a pan or zoom replaces. */
export class AddressBar {
  /** @param {(state: ViewState) => void} onBack called when the person goes back or forward */
  constructor(onBack) {
    addEventListener("popstate", () => onBack(readState(location.search)));
    this.timer = 0;
  }

  push(state) {
    clearTimeout(this.timer);
    const address = writeState(state);
    if (address !== location.search) history.pushState(history.state, "", address);
  }

  /** Replace soon: a drag writes the address once, when it rests. */
  replace(state, delay = 200) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => history.replaceState(history.state, "", writeState(state)), delay);
  }
}
