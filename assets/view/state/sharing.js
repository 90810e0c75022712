/**
 * What is taken from the page to other programs: addresses of IGV sessions and hubs of this server, and the values in
 * view as BedGraph. Loci in addresses are 1-based and inclusive; BedGraph is 0-based and half-open, as the format says.
 */
import { plainName } from "./places.js";

/** Where IGV on the desktop listens, on the machine of whoever looks at the page. */
const IGV_DESKTOP = "http://localhost:60151/load";

/**
 * @typedef {{locus: string, tracks: string[], variants: string}} Shown  a locus as people write it, ids of the tracks shown,
 *   variants as VCF counts them ("chrI:20006:A:G;chrI:20031:CT:C"), or ""
 */

/** What of a view other programs can be given: tracks of the project, for those of a visitor are nobody else's. @returns {Shown} */
export function shownOf(page) {
  const { locus, tracks, variant } = page.addressed();
  const ours = new Set(page.project.tracks.map(({ id }) => id));
  const variants = (variant ?? []).map(({ chrom, position, ref, alt }) => `${chrom}:${position + 1}:${ref}:${alt}`);
  return { locus, tracks: tracks.filter((id) => ours.has(id)), variants: variants.join(";") };
}

/** @param {Partial<Shown>} shown */
function query({ locus, tracks, variants }) {
  const asked = new URLSearchParams();
  if (locus) asked.set("locus", locus.replace(/,/g, ""));
  asked.set("tracks", tracks.join(","));
  if (variants) asked.set("variants", variants);
  return asked;
}

/** @param {string} origin @param {Shown} shown @returns {string} of all that other programs can open, as JSON */
export const linksAddress = (origin, shown) => `${origin}/hub/links.json?${query(shown)}`;

/**
 * @param {string} origin where this server is, without a slash at the end
 * @param {"json"|"xml"} form of igv.js, or of IGV on the desktop, which tells a session by how its address ends
 * @param {Shown} shown
 */
export function igvSession(origin, form, shown) {
  const asked = query(shown);
  asked.set("name", `session.${form}`);
  return `${origin}/hub/igv.${form}?${asked}`;
}

/** @param {string} origin @param {Shown} shown @returns {string} a link that opens them in an IGV that is running */
export function igvDesktopLink(origin, shown) {
  const asked = new URLSearchParams({ file: igvSession(origin, "xml", shown), locus: shown.locus.replace(/,/g, ""), merge: "false" });
  return `${IGV_DESKTOP}?${asked}`;
}

/** @param {string} origin @param {Shown} shown */
export function hubAddress(origin, { tracks, variants }) {
  return `${origin}/hub/hub.txt?${query({ tracks, variants })}`;
}

/**
 * The values in view as BedGraph, a section a series; bins without data are left out.
 * @param {import("../export/valuestable.js").Table} table its first columns are start and end, 1-based
 * @param {{name: string, length: number}} chromosome
 */
export function asBedGraph({ columns, rows }, { name, length }) {
  const sections = columns.slice(2).map((series, index) => {
    const lines = rows
      .filter((row) => row[index + 2] !== "" && Number(row[0]) <= length)
      .map((row) => [name, Number(row[0]) - 1, Math.min(Number(row[1]), length), row[index + 2]].join("\t"));
    return [`track type=bedGraph name="${plainName(series).replace(/"/g, "'")}"`, ...lines].join("\n");
  });
  return `${sections.join("\n")}\n`;
}
