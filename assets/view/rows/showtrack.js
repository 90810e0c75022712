/** Shows one track: adds it to the rows, if it is not there, scrolls to it and marks it. */
import { MOST_SHOWN } from "../../ui/trackfacets.js";
import { notify } from "../../ui/notice.js";
import { formatNumber } from "../../ui/scale.js";

/** The rows of a track, from the one that says most of a variant. */
const KINDS = ["difference", "prediction", "overlay", "residual", "experiment"];

/** @param {import("../page/page.js").LocusPage} page @param {string} id of the track */
export function showTrack(page, id) {
  const { view, state } = page;
  const { name = id } = view.tracks.get(id) ?? {};
  const isThere = state.tracks.includes(id);
  if (!isThere && state.tracks.length >= MOST_SHOWN) {
    notify(`A view holds ${formatNumber(MOST_SHOWN)} tracks: take one off to show ${name}.`, { failed: true });
    return;
  }
  if (!isThere) page.change({ tracks: [...state.tracks, id] });
  const keys = new Set(view.currentLayout().body.map(({ key }) => key));
  const rows = KINDS.map((kind) => `${id}/${kind}`).filter((key) => keys.has(key));
  view.activeRow = rows[0] ?? null;
  // The last above all.
  view.sight.await(...rows.reverse());
  view.invalidate();
  page.say(`${name} is ${isThere ? "shown" : "added"}.`);
}
