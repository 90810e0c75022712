/** Pair, overlay or residual: the segments of the bar and the state follow each other. */
import { MODES } from "../state/state.js";

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** @param {import("./page.js").LocusPage} page */
export function addModes(page) {
  const host = document.getElementById("view-mode");
  const radios = /** @type {HTMLButtonElement[]} */ ([...host.querySelectorAll("[role=radio]")]);
  const choose = (mode) => MODES.includes(mode) && mode !== page.state.mode && page.change({ mode });
  page.whenShown(({ mode }, { live }) => {
    if (live) return;
    for (const radio of radios) {
      radio.setAttribute("aria-checked", String(radio.value === mode));
      radio.tabIndex = radio.value === mode ? 0 : -1;
    }
  });
  page.actions.click("view-mode", ({ target }) => choose(target.closest("[role=radio]")?.value));
  host.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    const next = radios.at((radios.indexOf(/** @type {HTMLButtonElement} */ (event.target)) + step) % radios.length);
    next.focus();
    choose(next.value);
    event.preventDefault();
  });
}
