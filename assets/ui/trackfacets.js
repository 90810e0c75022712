/**
 * Tracks by their facets: which match a filter, how many of each value there are, groups of them, and choosing some.
 * Pure functions; the list beside the view and the table of the tracks page are made of them.
 */
import { formatCorrelation, formatNumber } from "./scale.js";

/** @typedef {{id: string, name: string, assay: string, sample: string, group: string, description: string, [key: string]: any}} Track */
/**
 * What tracks are asked for. An absent or empty part asks for nothing.
 * @typedef {{words?: string, assay?: string[], sample?: string[], group?: string[], strand?: string[], data?: string[], least?: number|null,
 *   ids?: Set<string>|null}} Filter  least: of held-out r; ids: only these
 */

/** Columns of the tracks table that are filtered by value, as people call them. */
export const FACETS = { assay: "Assay", sample: "Sample", group: "Group", strand: "Strand", data: "Data" };

/** What of a track can be drawn. @param {Track} track */
export function dataOf({ has_experiment: measured, has_prediction: predicted }) {
  if (measured) return predicted ? "experiment and prediction" : "experiment only";
  return predicted ? "prediction only" : "neither yet";
}

/** Held-out r of log(1 + x), the number beside every track; null where it is not known. @param {Track} track @returns {number|null} */
export const heldOutR = (track) => track.held_out?.pearson_log1p ?? null;

/** The r of log(1 + x) that replicates set beside a held-out r; null where it is not known. @param {Track} track @returns {number|null} */
export const ceilingR = (track) => track.held_out?.ceiling_log1p ?? null;

/**
 * What a ceiling is: "0.83, of replicates"; why there is none: "not known: no replicate".
 * @param {any} held of a track @param {"ceiling"|"ceiling_log1p"} [measure]
 */
export function ceilingWords(held, measure = "ceiling_log1p") {
  const { [measure]: ceiling = null, ceiling_of: of = null } = held ?? {};
  if (ceiling !== null) return `${formatCorrelation(ceiling)}, of ${of}`;
  return `not known: ${of ?? "the model was not evaluated"}`;
}

/** What a held-out r is of: "test fold, 13,597 bins of 64 bp; ceiling 0.83, of replicates"; "" where it is not known. @param {Track} track */
export function heldOutOf({ held_out: held }) {
  if (!held) return "";
  const bins = held.n_bins ? `${formatNumber(held.n_bins)} bins${held.bin ? ` of ${held.bin} bp` : ""}` : "";
  const over = [held.fold ? `${held.fold} fold` : "", bins].filter(Boolean).join(", ");
  return over && `${over}; ceiling ${ceilingWords(held)}`;
}

/**
 * Tracks from one list a column, as /api/v1/project?form=columns gives them.
 * @param {Record<string, any>} columns @returns {Track[]}
 */
export function tracksOfColumns({ held_out: scores = {}, ...columns }) {
  const keys = Object.keys(columns);
  const measures = Object.keys(scores);
  return columns.id.map((_, index) => {
    const track = {};
    for (const key of keys) track[key] = columns[key][index];
    const known = measures.some((key) => scores[key][index] !== null);
    track.held_out = known ? Object.fromEntries(measures.map((key) => [key, scores[key][index]])) : null;
    return track;
  });
}

const haystacks = new WeakMap();

function haystack(track) {
  let words = haystacks.get(track);
  if (words === undefined) {
    words = [track.id, track.name, track.assay, track.sample, track.group, track.description].join(" ").toLowerCase();
    haystacks.set(track, words);
  }
  return words;
}

/** The value of a facet. @param {Track} track @param {string} facet */
export const valueOf = (track, facet) => (facet === "data" ? dataOf(track) : (track[facet] ?? ""));

/**
 * A test of tracks: every word searched for, and one of the values asked for in every facet.
 * @param {Filter} filter @param {string} [except] a facet that is not looked at
 * @returns {(track: Track) => boolean}
 */
export function matcher(filter, except = "") {
  const words = (filter.words ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const asked = Object.keys(FACETS)
    .filter((facet) => facet !== except && filter[facet]?.length)
    .map((facet) => /** @type {const} */ ([facet, new Set(filter[facet])]));
  const { least = null, ids = null } = filter;
  return (track) => {
    if (ids && !ids.has(track.id)) return false;
    for (const [facet, values] of asked) if (!values.has(valueOf(track, facet))) return false;
    if (least !== null && !(heldOutR(track) >= least && heldOutR(track) !== null)) return false;
    if (words.length === 0) return true;
    const all = haystack(track);
    return words.every((word) => all.includes(word));
  };
}

const STRANDS = { ".": "both or none", "+": "forward (+)", "-": "reverse (\u2212)" };

/** A value of a facet as people read it. @param {string} facet @param {string} value */
export const wordsOf = (facet, value) => (facet === "strand" ? STRANDS[value] : null) ?? (value || "none given");

/** How many tracks have each value of a facet. @param {Track[]} tracks @returns {Map<string, number>} */
function countValues(tracks, facet) {
  const counts = new Map();
  for (const track of tracks) {
    const value = valueOf(track, facet);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

// H3K9ac before H3K27ac. Made once: comparing a thousand samples by `localeCompare` takes a tenth of a second.
const collator = new Intl.Collator(undefined, { numeric: true });
/** Counts of lists of tracks that were counted before. @type {WeakMap<Track[], Map<string, [string, number][]>>} */
const counted = new WeakMap();

/** Values of a facet with how many tracks have each, most first. @param {Track[]} tracks @returns {[string, number][]} */
export function facetCounts(tracks, facet) {
  if (!counted.has(tracks)) counted.set(tracks, new Map());
  const kept = counted.get(tracks);
  if (!kept.has(facet)) kept.set(facet, [...countValues(tracks, facet)].sort((one, other) => other[1] - one[1] || collator.compare(one[0], other[0])));
  return kept.get(facet);
}

/**
 * Values of a facet with how many tracks each would leave, given what else is asked for: a value without any left stays,
 * with 0, so that it can be taken back.
 * @param {Track[]} tracks @param {string} facet @param {Filter} filter @returns {[string, number][]}
 */
export function remainingCounts(tracks, facet, filter) {
  const left = countValues(tracks.filter(matcher(filter, facet)), facet);
  return facetCounts(tracks, facet).map(([value]) => [value, left.get(value) ?? 0]);
}

/** Tracks in groups of one value of a facet, in the order in which these appear. @returns {{value: string, tracks: Track[]}[]} */
export function grouped(tracks, facet) {
  const groups = new Map();
  for (const track of tracks) {
    const value = valueOf(track, facet);
    if (!groups.has(value)) groups.set(value, []);
    groups.get(value).push(track);
  }
  return [...groups].map(([value, members]) => ({ value, tracks: members }));
}

/** Most accurate first; those without a number last. @param {Track[]} tracks */
export function byAccuracy(tracks) {
  return [...tracks].sort((one, other) => (heldOutR(other) ?? -2) - (heldOutR(one) ?? -2));
}

/**
 * Ids with others added: each goes before the first that the table has after it, so that pairs and replicates stay
 * together and what was put in order by hand keeps it.
 * @param {string[]} chosen @param {Iterable<string>} added @param {Map<string, number>} place of every track in the table
 */
export function withTracks(chosen, added, place) {
  const there = new Set(chosen);
  const fresh = [...new Set(added)].filter((id) => !there.has(id)).sort((one, other) => place.get(one) - place.get(other));
  const ids = [];
  let next = 0;
  for (const id of chosen) {
    while (next < fresh.length && place.get(fresh[next]) < place.get(id)) ids.push(fresh[next++]);
    ids.push(id);
  }
  return [...ids, ...fresh.slice(next)];
}

/** Rows that a view can draw fast; more tracks than this are a set, not a picture. */
export const MOST_SHOWN = 100;
