/** What a page says when there is nothing to show, or nothing can be shown: what is the matter, and the way on. */
import { AWAY, whenAway } from "./connection.js";
import { element } from "./dom.js";
import { notify } from "./notice.js";

/** @param {string} title @param {string} words @param {(HTMLElement|null)[]} acts @param {object} [properties] */
export const stateCard = (title, words, acts, properties = {}) =>
  element("div", { class: "state-card", ...properties }, element("h2", {}, title), element("p", {}, words), element("div", { class: "state-acts" }, ...acts.filter(Boolean)));

/** What stands in place of a page that cannot be shown. @param {Error & {status?: number}} error */
export function fatalCard(error) {
  const again = element("button", { class: "button main", type: "button", id: "load-again", onclick: () => location.reload() }, "Try again");
  const title = error.status === 0 ? AWAY : "The page cannot be shown";
  return stateCard(title, error.message, [again], { role: "alert", "data-state": "fatal" });
}

/** What stands in place of a page that is to come when the server is back. */
export const awayCard = () => stateCard(AWAY, "The page comes by itself as soon as it is back. Is `sighthound serve` still running?", [], { role: "alert", "data-state": "away" });

/** What the view says without rows. @param {import("../view/page/page.js").LocusPage} page */
export function addEmptyState(page) {
  const { view, project } = page;
  const none = project.tracks.length === 0;
  const card = none
    ? stateCard("No tracks yet", "This project has none: add rows to its tracks table, or a file of your own.", [])
    : stateCard("No tracks chosen", "Tick some in the list, take those that the project begins with, or look through all of them.", [
        element("button", { class: "button main", type: "button", id: "empty-default", onclick: () => page.change({ tracks: [...project.default_tracks] }) }, "Show the default tracks"),
        element("a", { class: "button", href: "tracks" }, `All ${project.tracks.length} tracks`),
      ]);
  card.hidden = true;
  view.overlay.append(card);
  view.afterDraw(({ layout }) => {
    card.hidden = layout.body.length > 0;
    card.style.top = `${layout.headHeight + 24}px`;
  });
}

/** Say that the server does not answer, for as long as it does not. */
export function sayWhenAway() {
  let close = () => {};
  whenAway((away) => {
    close();
    close = away ? notify(`${AWAY}. What is missing comes by itself as soon as it is back.`, { failed: true }) : () => {};
  });
}
