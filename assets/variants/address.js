/**
 * The variants page as an address: after "#", which table is looked at and what of it is asked for; and where the locus page
 * shows a variant. Positions are 0-based.
 */
import { encode, encodeList } from "../view/state/state.js";

/**
 * @typedef {{id: string, score: string, track: string, gene: string, words: string, least: string, percentile: string, known: boolean,
 *   sign: string, order: string, page: number}} Asked  an empty track is that of each allele's largest effect
 */

/** @type {Asked} */
export const NOTHING = { id: "", score: "", track: "", gene: "", words: "", least: "", percentile: "", known: false, sign: "both", order: "effect", page: 0 };
const TEXTS = ["score", "track", "gene", "words", "least", "percentile", "sign", "order"];
const SPAN = 8000; // bases around a variant

/** @param {string} hash "#..." @returns {Asked} */
export function readAsked(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const page = Number.parseInt(said.get("page") ?? "1", 10) - 1;
  const texts = Object.fromEntries(TEXTS.map((name) => [name, said.get(name) ?? NOTHING[name]]));
  return { ...NOTHING, ...texts, id: said.get("table") ?? "", known: said.get("known") === "1", page: page > 0 ? page : 0 };
}

/** @param {Asked} asked @returns {string} "#...", or nothing */
export function writeAsked(asked) {
  if (!asked.id) return "";
  const said = new URLSearchParams({ table: asked.id, ...filtersOf(asked) });
  if (asked.page) said.set("page", String(asked.page + 1));
  return `#${said}`;
}

/** What of a table is asked for, as the server takes it; what is not, is left out. @param {Asked} asked @returns {Record<string, string>} */
export function filtersOf(asked) {
  const given = TEXTS.filter((name) => asked[name].trim() !== "" && (name === "score" || asked[name] !== NOTHING[name]));
  return { ...Object.fromEntries(given.map((name) => [name, asked[name].trim()])), ...(asked.known && { known: "1" }) };
}

/**
 * Where the locus page shows an allele, its track among those that the page opens on.
 * @param {{variant: string, chrom: string, position: number, ref: string, track: string}} allele
 * @param {{default_tracks: string[], chromosomes: {name: string, length: number}[]}} project
 */
export function locusOf({ variant, chrom, position, ref, track }, project) {
  const length = project.chromosomes.find(({ name }) => name === chrom)?.length ?? Infinity;
  const middle = position + Math.floor(ref.length / 2);
  const start = Math.max(0, Math.min(middle - SPAN / 2, length - SPAN));
  const tracks = [...new Set([...project.default_tracks, track])].filter(Boolean);
  return `./?locus=${encode(chrom)}:${start + 1}-${Math.min(length, start + SPAN)}&tracks=${encodeList(tracks)}&variant=${encode(variant)}`;
}
