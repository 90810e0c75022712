/** Rows of a table of scored variants: a site a group, its alleles one below the other, each with a link to its place. */
import { element } from "../ui/dom.js";
import { formatChange, formatNumber, formatShare, formatValue } from "../ui/scale.js";
import { hgvs } from "../view/state/variant.js";
import { locusOf } from "./address.js";

/**
 * @typedef {{variant: string, chrom: string, position: number, ref: string, alt: string, id: string, track: string, score: number|null,
 *   reference: number|null, alternative: number|null, mean: number|null, deviation: number|null, known: boolean|null, percentile: number|null, sign: number|null,
 *   gene: string, gene_name: string, distance: number|null, passes: boolean, measured: {table: string, effect: number}[]}} Allele
 */

const short = (bases) => (bases.length > 14 ? `${bases.slice(0, 11)}\u2026` : bases);

/** Where an allele lies from the start of a gene. @param {number|null} distance */
export function fromStart(distance) {
  if (distance === null) return "";
  if (distance === 0) return "at its start";
  return `${formatNumber(Math.abs(distance))} bp ${distance < 0 ? "upstream" : "downstream"}`;
}

/** What the networks say, for a person. @param {Allele} allele @returns {{words: string, doubt: string}} */
export function doubtOf({ known, mean, deviation }) {
  if (known === null) return { words: "not asked", doubt: "" };
  const said = `${formatChange(mean)} \u00b1 ${formatValue(deviation)}`;
  return { words: said, doubt: known ? "agree" : "disagree" };
}

const TOLD = 0.6; // probability below which a sign is not told, as core/project/signs.py has it

/** Whether an effect is grey: networks disagree, or its sign is too unsure. @param {Allele} allele */
export const isDoubted = ({ known, sign }) => known === false || (sign !== null && sign < TOLD);

/** In what a score is, as core/interpretation/scores.py names it. @param {string} unit @param {string} [track] the track's own */
export const unitWords = (unit, track = "the track\u2019s unit") => (unit === "log2" ? "log\u2082" : unit === "track" ? track : `root of ${track}`);

/** The change as a share of the reference; "" of scores that are none: sums of ratios, roots and distances. @param {Allele} allele @param {{name: string}} score */
export const shareOf = ({ score: change, reference }, { name }) => (change === null ? "" : name === "log2_ratio" ? formatShare(2 ** change - 1, 1) : ["sad", "sax", "sed"].includes(name) ? formatShare(change, reference) : "");

/** How the size ranks among nulls. @param {number|null} percentile */
export const rankOf = (percentile) => (percentile === null ? "\u2013" : percentile >= 99 ? "\u2265 99 %" : `${Math.floor(percentile)} %`);

/** @param {{score: {label: string, unit: string, by_gene: boolean}, hasMembers: boolean, hasSigns: boolean, rankedBy: string, measured: boolean}} how */
export function headOf({ score, hasMembers, hasSigns, rankedBy, measured }) {
  const columns = [
    ["Site", "Chromosome and position, from 1"],
    ["Allele", "REF>ALT; HGVS below"],
    [score.by_gene ? "Gene" : "Nearest start", score.by_gene ? "The gene whose starts the score is of" : "The gene with the nearest start"],
    ["Track", "The track that the score is on"],
    [`${score.label}`, unitWords(score.unit), "number"],
    ["Of the reference", "The change as a share of what is predicted without the variant", "number"],
    ...(hasMembers ? [["Networks", "Mean \u00b1 standard deviation of the networks that taught the model, and whether they agree with it", "number"]] : []),
    ...(hasSigns ? [["Sign right", "Probability that a measured effect has this sign, learned from the project\u2019s measured effects", "number"]] : []),
    ...(rankedBy ? [["Among nulls", `Share of matched random substitutions whose ${rankedBy} is smaller`, "number"]] : []),
    ...(measured ? [["Measured", "Mean effect in the project\u2019s tables of measured effects", "number"]] : []),
  ];
  return element("thead", {}, element("tr", {}, ...columns.map(([words, title, kind = ""]) => element("th", { scope: "col", class: kind, title }, words))));
}

/**
 * @param {Allele[]} alleles of one site
 * @param {{project: any, names: Map<string, string>, units: Map<string, string>, score: {name: string, unit: string}, hasMembers: boolean, hasSigns: boolean, rankedBy: string, measured: boolean}} how
 */
export function siteRows(alleles, { project, names, units, score, hasMembers, hasSigns, rankedBy, measured }) {
  const [first] = alleles;
  const site = element("th", { scope: "rowgroup", rowSpan: alleles.length, class: "site" }, `${first.chrom}:${formatNumber(first.position + 1)}`, element("small", {}, alleles.find(({ id }) => id)?.id ?? ""), alleles.length > 1 ? element("small", {}, `${alleles.length} alleles`) : null);
  const rows = alleles.map((allele, place) => {
    const { words, doubt } = doubtOf(allele);
    const number = (...parts) => element("td", { class: "number" }, ...parts);
    const unit = unitWords(score.unit, units.get(allele.track) || undefined);
    const change = allele.score === null ? "no value" : formatChange(allele.score);
    const isGrey = isDoubted(allele);
    const kind = isGrey ? "doubted" : (allele.score ?? 0) < 0 ? "lowers" : "raises";
    return element("tr", { class: [allele.passes ? "" : "beside", isGrey ? "is-doubted" : ""].join(" ").trim(), ...(!allele.passes && { title: "Another allele of this site, which is not what is asked for" }) },
      ...(place ? [] : [site]),
      element("td", {}, element("a", { href: locusOf(allele, project), title: "See it at its place, with its effect on every track" }, `${short(allele.ref)}>${short(allele.alt)}`), element("small", {}, hgvs(allele))),
      element("td", {}, allele.gene_name || "\u2013", element("small", {}, fromStart(allele.distance))),
      element("td", {}, names.get(allele.track) ?? allele.track),
      number(element("b", { class: kind }, change), element("small", {}, unit)),
      element("td", { class: "number", title: `${formatValue(allele.reference)} to ${formatValue(allele.alternative)} (${unit})` }, shareOf(allele, score) || "\u2013"),
      ...(hasMembers ? [number(words, element("small", {}, doubt))] : []),
      ...(hasSigns ? [number(allele.sign === null ? "\u2013" : allele.sign.toFixed(2))] : []),
      ...(rankedBy ? [number(rankOf(allele.percentile))] : []),
      ...(measured ? [number(allele.measured.length ? allele.measured.map(({ effect }) => formatChange(effect)).join(", ") : "\u2013", element("small", {}, allele.measured.map(({ table }) => table).join(", ")))] : []),
    );
  });
  return element("tbody", {}, ...rows);
}
