/**
 * The tracks page as an address. Its query is the view's own (assets/view/state.js): what the locus page showed, carried
 * along with the chosen tracks put in; what the table is filtered by comes after "#", for this page only.
 */
import { FACETS } from "../view/facets.js";
import { decodeList, encodeList, shownAddress } from "../view/state.js";

/** @typedef {import("../view/facets.js").Filter} Filter */

const pairs = (search) => search.replace(/^\?/, "").split("&").filter(Boolean);

/** Ids of the tracks that a view's address asks for; null where it leaves them to the project. @param {string} search */
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

/** Where the locus page shows a view: a long one goes after "#", which no server has to take. @param {string} search "?..." */
export const locusAddress = (search) => (shownAddress(search, "/") === search ? `/${search}` : shownAddress(search, "/"));

/** @param {string} hash "#..." @returns {Filter & {chosenOnly: boolean}} */
export function readFilter(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const filter = { words: said.get("words") ?? "", least: null, chosenOnly: said.get("chosen") === "only" };
  for (const facet of Object.keys(FACETS)) filter[facet] = said.getAll(facet);
  const least = Number.parseFloat(said.get("r") ?? "");
  if (Number.isFinite(least)) filter.least = least;
  return filter;
}

/** @param {Filter & {chosenOnly?: boolean}} filter @returns {string} "#...", or nothing */
export function writeFilter(filter) {
  const said = new URLSearchParams();
  if (filter.words?.trim()) said.set("words", filter.words.trim());
  for (const facet of Object.keys(FACETS)) for (const value of filter[facet] ?? []) said.append(facet, value);
  if (filter.least !== null && filter.least !== undefined) said.set("r", String(filter.least));
  if (filter.chosenOnly) said.set("chosen", "only");
  const words = said.toString();
  return words ? `#${words}` : "";
}
