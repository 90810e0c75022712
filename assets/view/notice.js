/** Notices at the foot of the page: what was done, and what could not be. */
import { element } from "./dom.js";

const STAYS = 7000; // ms of a notice that nobody has to act on

/** @type {HTMLElement|null} */
let host = null;

/**
 * @param {string} words one line for a person
 * @param {{failed?: boolean}} [how]  failed: stays until it is closed
 */
export function notify(words, { failed = false } = {}) {
  if (!host?.isConnected) {
    host = element("div", { class: "notices", id: "notices" });
    document.body.append(host);
  }
  // Said again, it stands once, for as long as before.
  [...host.children].find((shown) => shown.firstChild.textContent === words)?.remove();
  const notice = element(
    "div",
    { class: `notice${failed ? " failed" : ""}`, role: failed ? "alert" : "status" },
    element("span", {}, words),
    element("button", { class: "button icon small", type: "button", "aria-label": "Close this notice", onclick: () => notice.remove() }, "\u2715"),
  );
  host.append(notice);
  if (!failed) setTimeout(() => notice.remove(), STAYS);
}

/** Run what a person asked for; what goes wrong is said. @template T @param {() => Promise<T>} act @returns {Promise<T|undefined>} */
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    notify(error.message, { failed: true });
    return undefined;
  }
}
