/**
 * What says how far an effect of a variant is to be trusted, in words: measurements, networks that agree, its rank among nulls.
 */
import { element } from "../../ui/dom.js";
import { formatChange, formatNumber, formatValue } from "../../ui/scale.js";
import { isSure } from "../measured/measureddata.js";
import { flagOf } from "../state/variant.js";

/** @typedef {import("../state/variant.js").Variant} Variant */

/**
 * Measurements of variants, one a line; among the tables it is said which effect that is.
 * @param {{variant: Variant, table: import("../measured/measureddata.js").Table, effect: import("../measured/measureddata.js").Effect}[]} found
 * @param {boolean} several variants that it could be of
 */
export function measuredLines(found, several) {
  if (found.length === 0) return [element("p", { class: "quiet" }, "Never, in the tables of this project.")];
  const lines = found.map(({ variant, table, effect }) =>
    element("li", { class: isSure(effect, table) ? "" : "unsure", title: `${table.source}: ${table.effect}` },
      element("b", { class: effect.effect < 0 ? "lowers" : "raises" }, formatChange(effect.effect)),
      ` ${[table.effect, effect.q === null ? "" : `FDR ${formatValue(effect.q)}`, effect.experiment, effect.gene, several ? flagOf(variant) : ""].filter(Boolean).join(" \u00b7 ")} `,
      element("small", {}, table.name),
    ),
  );
  return [element("ul", {}, ...lines)];
}

/** What agreement of the networks means, for a person. */
export const agreedWords = (members) => `Agree: the model and the ${members} networks that taught it have one sign, and the networks' mean is at least their standard deviation. That networks agree does not say that they are right.`;

/**
 * What the networks say of a variant, by track and by gene.
 * @param {{members: number, tracks: any[], genes: any[]}} found of /api/v1/variant/members
 */
export const agreedOf = ({ members, tracks, genes }) => ({
  members,
  tracks: new Map(tracks.map((row) => [row.track, row])),
  genes: new Map(genes.map(({ gene, sed }) => [gene, sed])),
  promoters: new Map(genes.flatMap(({ gene, promoter }) => (promoter ? [[gene, promoter]] : []))),
});

/**
 * What a reporter of a gene's promoter would drive with the alternative, for a person.
 * @param {{mean: number, deviation: number, known: boolean}} promoter of a gene of /api/v1/variant/members
 * @param {number} members
 */
export const promoterWords = ({ mean, deviation, known }, members) => ({
  text: `${formatChange(mean)} sd in a promoter reporter${known ? "" : ", networks disagree"}`,
  title: `What the bases around the variant drive in a reporter, read in the gene\u2019s direction: alternative minus reference, in standard deviations of measured promoters\u2019 expression. ${members} networks say ${formatChange(mean)} \u00b1 ${formatValue(deviation)}${known ? "" : ": they disagree"}.`,
});

const COIN = 0.55; // probability below which a sign is no better than a coin's
const percents = (shares) => {
  const [low, high] = [Math.min(...shares), Math.max(...shares)].map((share) => Math.round(100 * share));
  return low === high ? `${low} %` : `${low} to ${high} %`;
};

/**
 * How far predicted signs can be believed, for a person.
 * @param {{table: string, effect: string, told: number, tracks: {probability: number|null, alleles: number, right: number}[]}} found of /api/v1/variant/signs
 */
export function signWords({ table, effect, told, tracks }) {
  const probabilities = tracks.flatMap(({ probability }) => (probability === null ? [] : [probability]));
  if (probabilities.length === 0) return { text: "", title: "" };
  const alleles = Math.max(...tracks.map((track) => track.alleles));
  const count = probabilities.filter((probability) => probability >= told).length;
  const best = Math.max(...probabilities);
  const verdict = best < COIN ? "no better than a coin" : count === 0 ? `below ${percents([told])} on every track` : `${percents([told])} or more on ${formatNumber(count)} of ${formatNumber(tracks.length)} tracks`;
  return {
    text: `Measured effects have the predicted sign here with probability ${percents(probabilities)}: ${verdict}${count < tracks.length ? "; grey where it is less than " + percents([told]) : ""}`,
    title: `Learned from ${formatNumber(alleles)} alleles whose ${effect} in ${table} has a known sign, by size of the SAD over the whole context and agreement of the networks. Of these alleles ${percents(tracks.map((track) => track.right / track.alleles))} are predicted with their sign, by track.`,
  };
}

/**
 * How the size of a SAD ranks among matched nulls, for a person.
 * @param {number} percentile 0 to 100
 */
export const amongNulls = (percentile) => (percentile >= 99 ? "among the largest 1 % of matched nulls" : `larger than ${Math.floor(percentile)} % of matched nulls`);
