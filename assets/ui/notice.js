/**
 * Notices: what was done, and what could not be. One place at the foot of the page, which makes room for them, so that none
 * lies over a plot; in an open dialog at the foot of that, which is all that can be reached then. At most three stand there;
 * what is said again is counted.
 */
import { wasAborted } from "./api.js";
import { element } from "./dom.js";

const STAYS = 7000; // ms of a notice that nobody has to act on
const MOST = 3;

/** @typedef {{words: string, failed: boolean, times: number, root: HTMLElement, timer?: number}} Notice */

/** Oldest first. @type {Notice[]} */
let shown = [];
/** @type {HTMLElement|null} */
let host = null;

/**
 * @param {string} words one line for a person
 * @param {{failed?: boolean, act?: {words: string, run: () => void}|null}} [how]  failed: stays until it is closed; act: a way on
 * @returns {() => void} closes it
 */
export function notify(words, { failed = false, act = null } = {}) {
  const before = shown.find((notice) => notice.words === words && notice.failed === failed);
  const times = (before?.times ?? 0) + 1;
  if (before) close(before);
  /** @type {Notice} */
  const notice = { words, failed, times, root: element("div", { class: `notice${failed ? " failed" : ""}`, role: failed ? "alert" : "status" }) };
  const done = () => close(notice);
  notice.root.append(
    element("span", { class: "notice-words" }, words),
    ...(times > 1 ? [element("span", { class: "notice-times", title: `said ${times} times` }, `${times}\u00d7`)] : []),
    ...(act ? [element("button", { class: "button small", type: "button", onclick: () => (done(), act.run()) }, act.words)] : []),
    element("button", { class: "button icon small", type: "button", "aria-label": "Close this notice", onclick: done }, "\u2715"),
  );
  shown.push(notice);
  // The first to go is one that nobody has to act on.
  if (shown.length > MOST) close(shown.find((other) => !other.failed && other !== notice) ?? shown[0]);
  if (!failed) notice.timer = setTimeout(done, STAYS);
  place();
  host.append(notice.root);
  return done;
}

/** @param {Notice} notice */
function close(notice) {
  clearTimeout(notice.timer);
  const hadFocus = notice.root.contains(document.activeElement);
  notice.root.remove();
  shown = shown.filter((other) => other !== notice);
  // The keyboard goes on with the next one.
  if (hadFocus) /** @type {HTMLElement|null|undefined} */ (shown.at(-1)?.root.querySelector("button:last-child"))?.focus();
}

/** Close the newest, as Escape does. @returns {boolean} whether there was one */
export function closeNewestNotice() {
  const newest = shown.at(-1);
  if (newest) close(newest);
  return Boolean(newest);
}

/** Where notices can be reached now. */
function place() {
  if (!host) {
    host = element("div", { class: "notices", id: "notices" });
    // Dialogs tell when they close to themselves alone.
    document.addEventListener("close", () => shown.length && place(), { capture: true });
  }
  const home = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.querySelector(".page") ?? document.body;
  if (host.parentElement !== home) home.append(host);
}

/** Run what a person asked for; what goes wrong is said. @template T @param {() => Promise<T>} act @returns {Promise<T|undefined>} */
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    if (!wasAborted(error)) notify(error.message, { failed: true });
    return undefined;
  }
}
