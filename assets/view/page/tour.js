/**
 * A guided tour of two minutes. It is offered once, in a corner, on the first visit to a page that nobody shared, and never to a
 * program that drives the browser (navigator.webdriver); `sighthound-tour` in the browser's store remembers the answer. While it
 * runs the page stays free to use; when it ends everything is as it was.
 */
import { element } from "../../ui/dom.js";
import { hooks } from "../../ui/hooks.js";
import { chooseExample, STOPS } from "./toursteps.js";

const KEPT = "sighthound-tour";
const GAP = 12; // pixels between the card and what it is about

/** @param {import("./page.js").LocusPage} page */
export function addTour(page) {
  const tour = new Tour(page);
  page.tour = tour;
  page.actions.escape(-10, () => tour.leave());
  page.view.afterDraw(() => tour.settle());
  addEventListener("resize", () => tour.settle());
  hooks.tour = tour;
  let offered = false;
  page.whenDrawn((complete) => {
    if (!complete || offered) return;
    offered = true;
    if (isFirstVisit()) tour.offer();
  });
}

function isFirstVisit() {
  if (navigator.webdriver || location.search) return false;
  try {
    return localStorage.getItem(KEPT) === null;
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(KEPT, "seen");
  } catch {
    // Then it is offered again.
  }
}

/**
 * Where a card goes: below what it is about, above, right or left of it, whatever has room; else in the corner.
 * @param {{left: number, top: number, right: number, bottom: number}|null} place @param {{width: number, height: number}} card
 * @param {{width: number, height: number}} window @returns {{x: number, y: number}}
 */
export function cardPlace(place, card, window) {
  const corner = { x: window.width - card.width - 2 * GAP, y: window.height - card.height - 2 * GAP };
  if (!place) return corner;
  const within = (value, size, room) => Math.max(GAP, Math.min(value, room - size - GAP));
  const x = within(place.left, card.width, window.width);
  const y = within(place.top, card.height, window.height);
  if (place.bottom + GAP + card.height <= window.height - GAP) return { x, y: place.bottom + GAP };
  if (place.top - GAP - card.height >= GAP) return { x, y: place.top - GAP - card.height };
  if (place.right + GAP + card.width <= window.width - GAP) return { x: place.right + GAP, y };
  if (place.left - GAP - card.width >= GAP) return { x: place.left - GAP - card.width, y };
  return corner;
}

export class Tour {
  /** @param {import("./page.js").LocusPage} page */
  constructor(page) {
    this.page = page;
    this.at = -1;
    /** @type {import("./toursteps.js").Stop[]} */
    this.stops = [];
    this.ring = element("div", { class: "tour-ring", hidden: true });
    this.card = element("section", { class: "tour-card", id: "tour", role: "dialog", "aria-labelledby": "tour-title", "aria-describedby": "tour-words", hidden: true });
    document.body.append(this.ring, this.card);
  }

  get isOpen() {
    return !this.card.hidden;
  }

  /** Ask in a corner, without taking the focus. */
  offer() {
    this.at = -1;
    this.show("New here?", "A tour of two minutes shows the page on this project.", [
      element("button", { class: "button main", type: "button", id: "tour-start", onclick: () => this.start() }, "Take the tour"),
      element("button", { class: "button", type: "button", id: "tour-leave", onclick: () => this.leave() }, "No, thanks"),
    ]);
    this.page.say("New here? A tour of two minutes is offered at the end of the page; Escape declines it.");
  }

  async start() {
    remember();
    this.from = document.activeElement;
    this.before = { ...this.page.state };
    this.show("One moment", "Looking for the place where most speaks for this project\u2019s model.", [
      element("button", { class: "button", type: "button", id: "tour-leave", onclick: () => this.leave() }, "Leave"),
    ]);
    this.example = await chooseExample(this.page);
    // Who left meanwhile does not want it.
    if (!this.isOpen) return;
    this.stops = STOPS.filter(({ needs }) => !needs || needs(this.example));
    await this.go(0);
  }

  /** @param {number} at number of the stop */
  async go(at) {
    this.at = at;
    const stop = this.stops[at];
    const isLast = at === this.stops.length - 1;
    const show = () =>
      this.show(stop.title, stop.words(this.example), [
        element("button", { class: "button main", type: "button", id: "tour-next", onclick: () => (isLast ? this.leave() : this.go(at + 1)) }, isLast ? "Done" : "Next"),
        at > 0 ? element("button", { class: "button", type: "button", id: "tour-back", onclick: () => this.go(at - 1) }, "Back") : null,
        isLast ? null : element("button", { class: "button", type: "button", id: "tour-leave", onclick: () => this.leave() }, "Leave"),
        element("span", { class: "quiet tour-count" }, `${at + 1} of ${this.stops.length}`),
      ]);
    show();
    document.getElementById("tour-next").focus();
    try {
      await stop.act?.(this.example, () => this.isOpen && this.at === at);
    } catch {
      // What fails is said by the part of the page that failed; the tour goes on.
    }
    if (this.at !== at || !this.isOpen) return;
    // What was done may be part of the words.
    this.card.querySelector("#tour-words").textContent = stop.words(this.example);
    this.settle();
  }

  show(title, words, acts) {
    this.card.replaceChildren(
      element("h2", { id: "tour-title" }, title),
      element("p", { id: "tour-words" }, words),
      element("div", { class: "tour-acts" }, ...acts.filter(Boolean)),
    );
    this.card.hidden = false;
    this.settle();
  }

  /** Lay ring and card where what they are about is now. */
  settle() {
    if (!this.isOpen) return;
    const place = this.stops[this.at]?.place(this.example) ?? null;
    const isThere = Boolean(place?.width && place.height);
    this.ring.hidden = !isThere;
    if (isThere) Object.assign(this.ring.style, { left: `${place.left - 4}px`, top: `${place.top - 4}px`, width: `${place.width + 8}px`, height: `${place.height + 8}px` });
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const { x, y } = cardPlace(isThere ? place : null, { width, height }, { width: innerWidth, height: innerHeight });
    Object.assign(this.card.style, { left: `${x}px`, top: `${y}px` });
  }

  /** End it, or decline it, and show what was shown before. @returns {boolean} whether it was open */
  leave() {
    if (!this.isOpen) return false;
    remember();
    this.card.hidden = true;
    this.ring.hidden = true;
    if (this.at >= 0) {
      this.page.change(this.before);
      /** @type {HTMLElement} */ (this.from?.isConnected ? this.from : this.page.view.canvas).focus();
    }
    this.at = -1;
    return true;
  }
}
