/** How far something is that the model computes: words, a bar, the time left, and Cancel. */
import { element } from "./dom.js";

const LEAST_SECONDS = 2; // below this the time left is no news

/** "about 12 s left", "" where that is not known or soon. @param {number|null|undefined} seconds */
export function timeLeft(seconds) {
  if (!(seconds >= LEAST_SECONDS)) return "";
  if (seconds < 90) return `about ${Math.ceil(seconds)} s left`;
  return `about ${Math.ceil(seconds / 60)} min left`;
}

/**
 * @param {import("./api.js").Progress} progress
 * @param {string} doing what is said before the server says anything
 * @param {string} cancelId id of the button
 * @param {() => void} onCancel
 * @returns {HTMLElement[]}
 */
export function progressParts({ done = 0, total = 0, message, state, seconds_left: seconds }, doing, cancelId, onCancel) {
  const bar = element("progress", { "aria-label": doing, max: total || 1 });
  if (total > 0 && done > 0) bar.value = done;
  const words = message || (state === "queued" ? "Waiting for the model" : doing);
  const left = timeLeft(seconds);
  return [
    element("span", { class: "quiet", role: "status" }, left ? `${words}, ${left}` : words),
    bar,
    element("button", { class: "button small", id: cancelId, type: "button", onclick: onCancel }, "Cancel"),
  ];
}
