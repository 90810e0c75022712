/** How the experiment of a track was made: what stands on the card beside its BigWig, and its curves. */
import { getJson } from "./api.js";
import { element } from "./dom.js";

const NAMES = { GC: "How coverage depends on GC", fragments: "How far 5\u2032 ends of the strands lie apart" };

/**
 * @param {{id: string, has_experiment?: boolean, own?: any}} track
 * @returns {Promise<HTMLElement>} never rejects: what went wrong is said in place
 */
export async function trackCard(track) {
  const quiet = (words) => element("p", { class: "quiet", role: "status", id: "row-card" }, words);
  try {
    const { lines, pictures } = track.own || !track.has_experiment ? { lines: [], pictures: [] } : await getJson("track-card", { track: track.id });
    if (!lines.length) return quiet("No card lies beside this track\u2019s BigWig; \u201csighthound coverage\u201d writes one.");
    const list = element("dl", {}, ...lines.flatMap(({ what, words }) => [element("dt", {}, what), element("dd", {}, words)]));
    const drawn = pictures.map(({ what, svg }) => element("img", { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt: NAMES[what], width: 480, height: 300 }));
    return element("div", { class: "track-card", id: "row-card" }, list, ...drawn);
  } catch (error) {
    return quiet(error.message);
  }
}
