/**
 * Light and dark: follows the system until a person chooses, and keeps the choice in this browser. The style sheet takes its
 * values from `data-theme` of the root, the canvas from palette.js.
 */
import { theme, useTheme } from "./palette.js";

/** @typedef {import("./palette.js").ThemeName} ThemeName */

const KEPT = "sighthound-theme";

const system = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
/** @type {Set<(name: ThemeName) => void>} */
const listeners = new Set();

const ofSystem = () => (system?.matches ? "dark" : "light");

/** The theme that a person chose, or null. Where a browser keeps nothing, nobody has chosen. */
function chosen() {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null;
  }
}

/** @param {ThemeName|null} name null: as the system has it */
function keep(name) {
  try {
    if (name) localStorage.setItem(KEPT, name);
    else localStorage.removeItem(KEPT);
  } catch {
    // The choice holds until the page is left.
  }
}

/** @param {ThemeName} name */
function apply(name) {
  useTheme(name);
  document.documentElement.dataset.theme = name;
  for (const tell of listeners) tell(name);
}

/** @param {(name: ThemeName) => void} listener told of every change */
export function whenThemed(listener) {
  listeners.add(listener);
}

/** Take the theme, and follow the system while nobody has chosen. To be called before anything is drawn. */
export function startTheme() {
  apply(chosen() ?? ofSystem());
  system?.addEventListener("change", () => chosen() ?? apply(ofSystem()));
}

/** The other theme. Going back to the system's forgets the choice, so that it is followed again. @returns {ThemeName} */
export function toggleTheme() {
  const name = theme === "dark" ? "light" : "dark";
  keep(name === ofSystem() ? null : name);
  apply(name);
  return name;
}

/** @param {import("../view/page/page.js").LocusPage} page */
export function addTheme(page) {
  whenThemed(() => page.view.draw());
  const toggle = () => page.say(`The page is ${toggleTheme()} now.`);
  page.actions.click("theme-toggle", toggle);
  page.actions.key(["l"], toggle, { says: "light or dark", shown: "L" });
}
