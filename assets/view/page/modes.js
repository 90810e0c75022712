/** Pair, overlay or residual: the segments of the bar, a choice of one as ARIA describes it, and the state follow each other. */
import { element } from "../../ui/dom.js";
import { MODES } from "../state/state.js";

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** @param {import("./page.js").LocusPage} page */
export function addModes(page) {
  const host = document.getElementById("view-mode");
  const radios = Object.entries(MODES).map(([value, says]) => /** @type {HTMLButtonElement} */ (element("button", { role: "radio", type: "button", value, "aria-checked": "false", tabIndex: -1 }, says)));
  host.append(...radios);
  const choose = (mode) => mode && mode !== page.state.mode && page.change({ mode });
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
