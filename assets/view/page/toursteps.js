/**
 * The stops of the guided tour. Each drives the page on the project that is open: the place where most speaks for its model, the
 * rows of the track there, its model. A stop whose part this project lacks (no model, no genes) is left out.
 */
import { getJson } from "../../ui/api.js";
import { around, formatPosition, wholeBases } from "../../ui/scale.js";

/** @typedef {import("./page.js").LocusPage} LocusPage */
/**
 * What the tour is about: a track with both rows if there is one, and the place where most speaks for it, else the window's middle.
 * @typedef {{page: LocusPage, track: any, place: any, chrom: string, base: number}} Example
 */
/**
 * @typedef {object} Stop
 * @property {string} title
 * @property {(example: Example) => string} words
 * @property {(example: Example) => DOMRect|null} place what it is about, in the window
 * @property {(example: Example) => boolean} [needs]
 * @property {(example: Example, isHere: () => boolean) => void|Promise<void>} [act] what waits asks afterwards whether the tour
 *   is still at this stop: who has gone on, or left, sees nothing change any more
 */

const SPAN = 16_384;
const TRANSITION = { A: "G", C: "T", G: "A", T: "C" };

const ofElement = (id) => () => document.getElementById(id)?.getBoundingClientRect() ?? null;

/** Where rows of the view are, the part that is in sight. @param {LocusPage} page @param {(row: any) => boolean} isMeant */
function ofRows({ view }, isMeant) {
  const rows = view.layout?.body.filter(isMeant) ?? [];
  if (rows.length === 0) return null;
  const box = view.canvas.getBoundingClientRect();
  const top = box.top + view.layout.headHeight - view.scroller.scrollTop;
  const from = Math.max(box.top + view.layout.headHeight, top + rows[0].y - 4);
  const to = Math.min(box.bottom, top + rows.at(-1).y + rows.at(-1).height + 4);
  return to > from ? new DOMRect(box.left, from, box.width, to - from) : null;
}

/** Resolves with the first answer that is not null, asked after every picture. */
const drawnUntil = ({ view }, ask) =>
  new Promise((resolve) => {
    let found = false;
    const look = () => {
      if (found) return;
      const answer = ask();
      if (answer === null) return;
      found = true;
      resolve(answer);
    };
    view.afterDraw(look);
    look();
  });

/**
 * The place with the strongest evidence in the project, as the server finds it; before there are predictions in files, the middle
 * of the window.
 * @param {LocusPage} page @param {typeof getJson} [fetchJson] @returns {Promise<Example>}
 */
export async function chooseExample(page, fetchJson = getJson) {
  const { view, state, project } = page;
  const { place } = await fetchJson("example").catch(() => ({ place: null }));
  if (place) return { page, track: view.tracks.get(place.track) ?? null, place, chrom: place.chrom, base: place.position };
  const tracks = [...state.tracks, ...project.default_tracks].map((id) => view.tracks.get(id)).filter((track) => track?.has_prediction);
  const track = tracks.find(({ has_experiment: measured }) => measured) ?? tracks[0] ?? null;
  const { chrom, start, end } = wholeBases(state.window);
  return { page, track, place: null, chrom, base: Math.floor((start + end) / 2) };
}

/** Why the tour went where it went. @param {Example} example */
function whyHere({ place, track }) {
  if (!place) return "";
  const where = place.kind === "gene" ? `the start of ${place.label}` : formatPosition(place.chrom, place.position);
  const what = track?.has_experiment ? `the place where experiment and prediction of ${track.name} together` : `the place where the prediction of ${track?.name ?? "a track"}`;
  const stands = track?.has_experiment ? "stand" : "stands";
  const fold = place.fold === "test" ? " on sequence that the model never saw" : place.fold === "valid" ? " on sequence that the model was not trained on" : "";
  return ` We went to ${where}, ${what} ${stands} out most${fold}.`;
}

/** A base that matters: the strongest bar of the saliency once it is there. */
const strongest = ({ page }) =>
  drawnUntil(page, () => {
    const { saliency } = page.view;
    if (saliency?.status === "error") return saliency.target.position;
    if (saliency?.status !== "ready") return null;
    const { values, start, bin } = saliency.result;
    const at = values.reduce((best, value, i) => (Math.abs(value) > Math.abs(values[best]) ? i : best), 0);
    return start + Math.floor((at + 0.5) * bin);
  });

/** @type {Stop[]} */
export const STOPS = [
  {
    title: "Go anywhere",
    words: (example) => `Type a gene, coordinates, a variant or its rsID here.${whyHere(example)} Drag the view to move along the genome; Ctrl and the wheel, or a pinch, zoom at the cursor.`,
    place: ofElement("locus-box"),
    act({ page, chrom, base }) {
      page.setWindow(around(page.view.chromosomes.get(chrom), base, SPAN), { push: true });
    },
  },
  {
    title: "Experiment and prediction",
    words: () => "The strong colour is what was measured, the soft one what the model predicts from the DNA alone, on one scale. At the right, how well they agree here and on sequence that the model never saw.",
    place: ({ page, track }) => ofRows(page, (row) => row.track?.id === track.id),
    needs: ({ track }) => track !== null,
    act({ page, track }) {
      const { tracks } = page.state;
      page.change({ mode: "pair", tracks: tracks.includes(track.id) ? tracks : [track.id, ...tracks] });
      page.view.sight.await(`${track.id}/${track.has_experiment ? "experiment" : "prediction"}`);
    },
  },
  {
    title: "Three ways to compare",
    words: () => "Overlay draws the prediction as a line over the experiment; Residual subtracts one from the other. This is the overlay.",
    place: ofElement("view-mode"),
    needs: ({ track }) => Boolean(track?.has_experiment),
    act: ({ page }) => page.change({ mode: "overlay" }),
  },
  {
    title: "Which sequence drives this?",
    words: ({ place, base, chrom }) => `A prediction can be clicked: that asks the model about it. Here: what around ${place?.kind === "gene" ? `the start of ${place.label}` : formatPosition(chrom, base)} raises the signal (blue), and what lowers it (orange).`,
    place: ({ page }) => ofRows(page, ({ kind }) => kind === "saliency"),
    needs: ({ page, track }) => Boolean(page.project.has_model && track),
    act({ page, track, chrom, base }) {
      page.change({ mode: "pair", mutagenesis: null, saliency: { track: track.id, chrom, position: base } });
    },
  },
  {
    title: "Which bases?",
    words: () => "A click on a bar of that row changes every base there, one by one. Tall letters matter; below, the effect of each change, and the motifs that lie there.",
    place: ofElement("mutagenesis-panel"),
    needs: ({ page, track }) => Boolean(page.project.has_model && track),
    async act(example, isHere) {
      const { page, track, chrom, base } = example;
      page.change({ saliency: { track: track.id, chrom, position: base } });
      const peak = await strongest(example);
      if (!isHere()) return;
      const { start, end } = wholeBases(around(page.view.chromosomes.get(chrom), peak, Math.min(200, page.project.max_mutagenesis_bp ?? 200)));
      page.change({ mutagenesis: { track: track.id, chrom, start, end, target: base } });
    },
  },
  {
    title: "What would a variant do?",
    words: ({ page }) => `Type a variant into the locus box${page.state.variant ? `, as ${page.state.variant.map(({ chrom, position, ref, alt }) => `${chrom}:${position + 1} ${ref}>${alt}`).join(", ")}` : ""}: the rows show both alleles, and the card ranks its effects over all tracks.`,
    place: () => ofElement("variant-panel")() ?? ofElement("locus-box")(),
    needs: ({ page, track }) => Boolean(page.project.has_model && track && "variant" in page.state),
    async act({ page, chrom, base }, isHere) {
      const { sequence } = await getJson("sequence", { chrom, start: base, end: base + 1 });
      if (!isHere()) return;
      const ref = sequence.toUpperCase();
      page.change({ mutagenesis: null, saliency: null, earlier: [], variant: [{ chrom, position: base, ref, alt: TRANSITION[ref] ?? "A" }] });
    },
  },
  {
    title: "Take it with you",
    words: () => "Share copies an address that holds all you see. Export has pictures for print, values, sessions for IGV and a track hub.",
    place: ofElement("share"),
    act: ({ page }) => page.change({ mutagenesis: null, saliency: null, earlier: [], ...("variant" in page.state ? { variant: null } : {}) }),
  },
  {
    title: "All of it with the keyboard",
    words: () => "? lists every key, and how to read the page. This tour can be taken again from there.",
    place: ofElement("help-button"),
  },
];
