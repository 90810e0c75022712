/** From gene to gene and from peak to peak. Peaks are of the chosen row, or of all that are shown. */
import { getJson, wasAborted } from "./api.js";

const MOST_TRACKS = 100; // as app/neighbours.py has it

/** Whose peaks are meant: the track and signal of the chosen row, else all shown. @returns {{tracks: string[], series?: string}} */
export function peaksOf(row, shown) {
  if (!row?.track) return { tracks: shown.slice(0, MOST_TRACKS) };
  const series = row.kind === "experiment" || row.kind === "prediction" ? row.kind : undefined;
  return { tracks: [row.track.id], series };
}

/** @param {import("./page.js").LocusPage} page */
export function addStepping(page) {
  let abort = new AbortController();

  /** @param {"gene"|"peak"} kind @param {"next"|"previous"} direction */
  page.step = async (kind, direction) => {
    abort.abort();
    abort = new AbortController();
    const asked = kind === "peak" ? peaksOf(page.view.chosenRow, page.state.tracks) : {};
    if (asked.tracks?.length === 0) {
      page.say("No tracks are shown.");
      return;
    }
    const parameters = { kind, direction, ...page.standpoint(), ...asked, tracks: asked.tracks?.join(",") };
    try {
      const { place, note } = await getJson("next", parameters, abort.signal);
      if (place) page.goTo(place, {}, { passing: true });
      else page.say(note);
    } catch (error) {
      if (!wasAborted(error)) page.view.fail(error);
    }
  };

  for (const [kind, key] of [["gene", "g"], ["peak", "p"]]) {
    const shown = key.toUpperCase();
    page.actions.key([key], ({ shiftKey }) => page.step(kind, shiftKey ? "previous" : "next"), {
      says: `next ${kind}${kind === "peak" ? " of the chosen row, or of any shown" : ""}; with Shift the previous`,
      shown: `${shown}, Shift ${shown}`,
      group: "Find",
    });
  }
}
