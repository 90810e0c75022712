/**
 * What the model is asked about: a track, or what sets two apart, log2((A + 1) / (B + 1)) in the tracks' units. A contrast is
 * named where a track is, by both ids: "A/B". No id holds a "/".
 */

/** @param {string} one @param {string} other */
export const contrastId = (one, other) => `${one}/${other}`;

/** The tracks that an id is of: both of a contrast, else the one; the rows of a contrast lie under the first. @param {string} id @returns {string[]} */
export const tracksOf = (id) => id.split("/");

/** Whether all that an id is of is among some tracks. @param {{has: (id: string) => boolean}} tracks @param {string} id */
export function isKnown(tracks, id) {
  const ids = tracksOf(id);
  return ids.length <= 2 && new Set(ids).size === ids.length && ids.every((one) => tracks.has(one));
}

/** The track of an id, or what stands for a contrast where a track does. @param {Map<string, any>} tracks @param {string} id @returns {any} */
export function trackOf(tracks, id) {
  if (!isKnown(tracks, id)) return undefined;
  const [one, other] = tracksOf(id).map((name) => tracks.get(name));
  if (!other) return one;
  return { id, name: `${one.name} over ${other.name}`, unit: "log2 ratio", assay: "", sample: "contrast", modelled: one.modelled && other.modelled };
}
