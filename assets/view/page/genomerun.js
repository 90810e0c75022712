/** The chip in the header that says how far the prediction of the whole genome is, while that is not complete. */
import { getJson } from "../../ui/api.js";
import { element } from "../../ui/dom.js";
import { timeLeft } from "../../ui/progress.js";

const ASK_AGAIN = { running: 2000, stopped: 30000 }; // ms

/**
 * @param {import("../../ui/answers.js").GenomeRun} run
 * @returns {{label: string, says: string, share: number|null}|null} null where there is nothing to tell
 */
export function runWords({ state, progress, written, pending }) {
  if (state !== "running" && state !== "stopped") return null;
  const share = progress?.total ? progress.done / progress.total : null;
  const percent = share === null ? "" : ` ${Math.floor(100 * share)} %`;
  if (state === "stopped") {
    return {
      label: "Prediction stopped",
      says: `${pending} of ${written + pending} tracks are still to be predicted genome-wide. Run sighthound predict again: it goes on from${percent || " where it was"}.`,
      share,
    };
  }
  const left = timeLeft(progress?.seconds_left);
  const doing = progress?.phase === "files" ? "Writing BigWigs" : "Predicting the genome";
  const rate = progress?.rate ? ` at ${formatRate(progress.rate)} ${progress.unit} a second` : "";
  return { label: `${doing}${percent}${left ? `, ${left}` : ""}`, says: `sighthound predict is at work${rate}; ${pending} tracks are to come.`, share };
}

/** "3.2 million", "410". @param {number} rate */
export function formatRate(rate) {
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(1)} million` : rate.toLocaleString("en", { maximumFractionDigits: rate < 10 ? 1 : 0 });
}

/** @param {import("./page.js").LocusPage} page */
export function addGenomeRun(page) {
  const root = element("div", { class: "genome-run", role: "status", hidden: true });
  page.place("genome-run", root);
  const ask = async () => {
    const run = await getJson("genome-run").catch(() => null);
    const words = run && runWords(run);
    root.hidden = !words;
    if (!words) return;
    const bar = element("progress", { "aria-hidden": "true", max: 1 });
    if (words.share !== null) bar.value = words.share;
    root.title = words.says;
    root.classList.toggle("stopped", run.state === "stopped");
    // Told anew only when it changes: a screen reader reads every change.
    if (root.dataset.label !== words.label) root.replaceChildren(element("span", {}, words.label), bar);
    root.dataset.label = words.label;
    setTimeout(ask, ASK_AGAIN[run.state]);
  };
  ask();
}
