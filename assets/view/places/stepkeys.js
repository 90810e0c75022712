/**
 * Keys that go from place to place, as /api/v1/next has them: genes and peaks along the genome (here), and the places of
 * ranked lists (wayfinding.js). Peaks are of the chosen row, or of all that are shown.
 */
import { getJson, wasAborted } from "../../ui/api.js";
import { notify } from "../../ui/notice.js";

/** Whose peaks are meant: the track and signal of the chosen row, else all shown, as many as may be asked for. @param {any} row @param {string[]} shown @param {number} most @returns {{tracks: string[], series?: string}} */
export function peaksOf(row, shown, most) {
  if (!row?.track) return { tracks: shown.slice(0, most) };
  const series = row.kind === "experiment" || row.kind === "prediction" ? row.kind : undefined;
  return { tracks: [row.track.id], series };
}

/** @param {import("../page/page.js").LocusPage} page */
export function addStepping(page) {
  let abort = new AbortController();

  /**
   * A key that goes to the next place of a kind, and with Shift to the previous.
   * @param {{kind: string, key: string, what: string, from: () => object|null|Promise<object|null>, go: (place: any) => void}} steps
   *   what: in words; from: where one stands and what is asked for, or null where nothing can be; go: with the answer
   */
  page.addSteps = ({ kind, key, what, from, go }) => {
    const step = async (direction) => {
      abort.abort();
      abort = new AbortController();
      const { signal } = abort;
      try {
        const asked = await from();
        if (!asked || signal.aborted) return;
        const { place, note } = await getJson("next", { kind, direction, ...asked }, signal, { patient: false });
        if (place) go(place);
        else page.say(note);
      } catch (error) {
        if (!wasAborted(error)) notify(error.message, { failed: true });
      }
    };
    const shown = key.toUpperCase();
    page.actions.key([key], ({ shiftKey }) => void step(shiftKey ? "previous" : "next"), { says: `next ${what}; with Shift the previous`, shown: `${shown}, Shift ${shown}`, group: "Find" });
  };

  const go = (place) => page.goTo(place, {}, { passing: true });
  page.addSteps({ kind: "gene", key: "g", what: "gene", from: () => page.standpoint(), go });
  page.addSteps({
    kind: "peak",
    key: "p",
    what: "peak of the chosen row, or of any shown",
    from() {
      const { tracks, series } = peaksOf(page.view.chosenRow, page.state.tracks, page.project.limits.peak_tracks);
      if (tracks.length > 0) return { ...page.standpoint(), tracks: tracks.join(","), series };
      page.say("No tracks are shown.");
      return null;
    },
    go,
  });
}
