/**
 * The bar between the rows and the panels under them: dragged, or moved with the arrows, it shares out the height. The browser keeps
 * where it is; a double click, or Delete, puts it back.
 */
import { element } from "../../ui/dom.js";

const KEPT = "sighthound-panels";
const LEAST = 15; // per cent of the window's height that panels take
const MOST = 80;
const STEP = 4;

/** Per cent inside the limits; null for the panels' own height. @param {string|number|null} value */
export function shareOf(value) {
  const number = value === null || value === "" ? NaN : Number(value);
  return Number.isFinite(number) ? Math.round(Math.max(LEAST, Math.min(MOST, number)) * 10) / 10 : null;
}

/** Where a key moves the bar; null puts it back, undefined is no key of its own. @param {string} key @param {number} now */
export function shareByKey(key, now) {
  if (key === "ArrowUp") return shareOf(now + STEP);
  if (key === "ArrowDown") return shareOf(now - STEP);
  if (key === "Home") return LEAST;
  if (key === "End") return MOST;
  return key === "Delete" ? null : undefined;
}

/** @param {import("../page/page.js").LocusPage} page */
export function addPanelSize(page) {
  let share = null;
  const bar = element("div", { class: "panel-size", id: "panel-size", role: "separator", tabIndex: 0, title: "Drag, or arrows: the height of the panels. Double click: back", "aria-orientation": "horizontal", "aria-label": "Height of the panels", "aria-valuemin": LEAST, "aria-valuemax": MOST });
  const measured = () => (100 * (document.getElementById("panels")?.offsetHeight ?? 0)) / innerHeight;
  const say = () => bar.setAttribute("aria-valuenow", String(Math.round(share ?? measured())));

  function set(next, { keep = true } = {}) {
    share = next;
    if (share === null) document.body.style.removeProperty("--panels-height");
    else document.body.style.setProperty("--panels-height", `${share}vh`);
    say();
    if (!keep) return;
    try {
      if (share === null) localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, String(share));
    } catch {
      // Then it lasts as long as the page.
    }
    // Figures are drawn for the room that they have.
    page.render();
  }

  bar.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    bar.focus({ preventScroll: true });
    const [from, top] = [share ?? measured(), event.clientY];
    const move = ({ clientY }) => set(shareOf(from + (100 * (top - clientY)) / innerHeight), { keep: false });
    const done = () => {
      bar.removeEventListener("pointermove", move);
      if (share !== null) set(share);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", done, { once: true });
  });
  bar.addEventListener("dblclick", () => set(null));
  bar.addEventListener("keydown", (event) => {
    const next = shareByKey(event.key, share ?? measured());
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(next);
  });
  document.getElementById("locus-view").after(bar);
  page.whenShown(say, { lag: 500 });
  try {
    const kept = shareOf(localStorage.getItem(KEPT));
    if (kept !== null) set(kept, { keep: false });
  } catch {
    // The panels have their own height.
  }
}
