/**
 * A view in the address of the tracks page: carried along in its query as assets/view/state/state.js writes it, with the chosen tracks
 * put in. More tracks than an address can name come after "#", where no server has to take them.
 */
import { decodeList, encodeList, LONGEST_ADDRESS } from "./state.js";

const pairs = (search) => search.replace(/^[?#]/, "").split("&").filter(Boolean);

/** Ids of the tracks that a view's address asks for; null where it leaves them to the project. @param {string} search "?..." or "#..." */
export function tracksIn(search) {
  const pair = pairs(search).find((part) => part.startsWith("tracks="));
  return pair === undefined ? null : decodeList(pair.slice("tracks=".length));
}

/**
 * The query of a view with other tracks, all else as it was.
 * @param {string} search "?..." @param {string[]} ids @returns {string} "?..."
 */
export function withTracksIn(search, ids) {
  const tracks = `tracks=${encodeList(ids)}`;
  const parts = pairs(search);
  const at = parts.findIndex((part) => part.startsWith("tracks="));
  if (at < 0) parts.push(tracks);
  else parts[at] = tracks;
  return `?${parts.join("&")}`;
}

/**
 * The address of the tracks page after its path: a view, and what the table is asked for.
 * @param {string} search "?...", of the view @param {string} asked "#...", or nothing
 */
export function tableAddress(search, asked = "") {
  const ids = tracksIn(search);
  if (ids === null || search.length <= LONGEST_ADDRESS) return search + asked;
  const others = pairs(search).filter((part) => !part.startsWith("tracks="));
  const hash = [`tracks=${encodeList(ids)}`, ...pairs(asked)].join("&");
  return `${others.length ? `?${others.join("&")}` : ""}#${hash}`;
}

/** The view that an address of the tracks page carries. @param {{search: string, hash: string}} place @returns {string} "?..." */
export function viewIn({ search, hash }) {
  const ids = tracksIn(hash);
  return ids ? withTracksIn(search, ids) : search;
}
