/**
 * The tracks page as an address: the view that it carries along (assets/view/state/tracksaddress.js), and after "#", for this page only,
 * what the table is filtered and sorted by.
 */
import { FACETS } from "../ui/trackfacets.js";
import { shownAddress } from "../view/state/state.js";

/** @typedef {import("../ui/trackfacets.js").Filter} Filter */

/** @typedef {{column: string, descending: boolean}[]} Sorting  the first column is what rows are sorted by first */

/** Where the locus page shows a view: a long one goes after "#", which no server has to take. @param {string} search "?..." */
export const locusAddress = (search) => (shownAddress(search, "./") === search ? `./${search}` : shownAddress(search, "./"));

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
