/** Pair, overlay or residual: the segmented control that Dash laid out and the state follow each other. */
import { MODES } from "./state.js";

/** @param {import("./page.js").LocusPage} page */
export function addModes(page) {
  /** The control belongs to Dash: set its property once Dash is there. */
  const show = () => {
    const { mode } = page.state;
    const radio = document.querySelector(`#view-mode input[value="${mode}"]`);
    if (radio && !radio.checked) globalThis.dash_clientside?.set_props?.("view-mode", { value: mode });
  };
  page.whenShown((_, { live }) => live || show());
  page.whenPlaced(show);
  page.actions.change("#view-mode input", ({ value }) => {
    if (MODES.includes(value) && value !== page.state.mode) page.change({ mode: value });
  });
}
