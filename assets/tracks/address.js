/**
 * The tracks page as an address. Its query is the view's own (assets/view/state.js): what the locus page showed, carried
 * along with the chosen tracks put in; what the table is filtered and sorted by comes after "#", for this page only. More
 * tracks than an address of the view can name come after "#", too, where no server has to take them.
 */
import { FACETS } from "../view/facets.js";
import { decodeList, encodeList, LONGEST_ADDRESS, shownAddress } from "../view/state.js";

/** @typedef {import("../view/facets.js").Filter} Filter */

/** @typedef {{column: string, descending: boolean}[]} Sorting  the first column is what rows are sorted by first */

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

/** Where the locus page shows a view: a long one goes after "#", which no server has to take. @param {string} search "?..." */
export const locusAddress = (search) => (shownAddress(search, "/") === search ? `/${search}` : shownAddress(search, "/"));

/**
 * The address of this page after its path: a view, and what the table is asked for.
 * @param {string} search "?...", of the view @param {string} asked "#...", or nothing: see `writeFilter`
 */
export function pageAddress(search, asked) {
  if (search.length <= LONGEST_ADDRESS) return search + asked;
  const others = pairs(search).filter((part) => !part.startsWith("tracks="));
  const hash = [`tracks=${encodeList(tracksIn(search) ?? [])}`, ...pairs(asked)].join("&");
  return `${others.length ? `?${others.join("&")}` : ""}#${hash}`;
}

/** The view that an address of this page carries. @param {{search: string, hash: string}} place @returns {string} "?..." */
export function viewIn({ search, hash }) {
  const ids = tracksIn(hash);
  return ids ? withTracksIn(search, ids) : search;
}

/** "-r,name" is by r, the largest first, and then by name. @param {string} words @returns {Sorting} */
export const readSorting = (words) => words.split(",").filter(Boolean).map((word) => ({ column: word.replace(/^-/, ""), descending: word.startsWith("-") }));

/** @param {Sorting} sorting */
export const writeSorting = (sorting) => sorting.map(({ column, descending }) => `${descending ? "-" : ""}${column}`).join(",");

/** @param {string} hash "#..." @returns {Filter & {chosenOnly: boolean, sorting: Sorting}} */
export function readFilter(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const filter = { words: said.get("words") ?? "", least: null, chosenOnly: said.get("chosen") === "only", sorting: readSorting(said.get("sort") ?? "") };
  for (const facet of Object.keys(FACETS)) filter[facet] = said.getAll(facet);
  const least = Number.parseFloat(said.get("r") ?? "");
  if (Number.isFinite(least)) filter.least = least;
  return filter;
}

/** @param {Filter & {chosenOnly?: boolean, sorting?: Sorting}} filter @returns {string} "#...", or nothing */
export function writeFilter(filter) {
  const said = new URLSearchParams();
  if (filter.words?.trim()) said.set("words", filter.words.trim());
  for (const facet of Object.keys(FACETS)) for (const value of filter[facet] ?? []) said.append(facet, value);
  if (filter.least !== null && filter.least !== undefined) said.set("r", String(filter.least));
  if (filter.chosenOnly) said.set("chosen", "only");
  if (filter.sorting?.length) said.set("sort", writeSorting(filter.sorting));
  // The comma between columns stays readable; one in a facet's value would too, and reads back as itself.
  const words = said.toString().replace(/%2C/g, ",");
  return words ? `#${words}` : "";
}
