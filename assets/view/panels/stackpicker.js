/** The choice of the tracks that stand above one another in the mutagenesis panel. */
import { element, placeBeside } from "../../ui/dom.js";
import { contrastId, trackOf } from "../state/contrast.js";
import { replacingMutagenesis } from "./mutageneses.js";

export const MOST_STACKED = 8;
const MOST_LISTED = 60;

export class StackPicker {
  /** @param {import("../page/page.js").LocusPage} page */
  constructor(page) {
    this.page = page;
    this.filter = element("input", { class: "field", id: "stack-search", type: "search", placeholder: "find a track", "aria-label": "Find a track", oninput: () => this.render() });
    this.list = element("ul", { class: "stack-list", id: "stack-list" });
    this.note = element("p", { class: "quiet", role: "status" });
    this.root = element("div", { class: "row-menu stack-picker", id: "stack-picker", role: "dialog", "aria-label": "Tracks of the mutagenesis" },
      element("h2", {}, "Tracks above one another"), this.filter, this.list, this.note,
      element("div", { class: "row-menu-acts" }, element("button", { class: "button primary", id: "stack-take", type: "button", onclick: () => this.take() }, "Show")),
    );
    this.root.popover = "auto";
    document.body.append(this.root);
  }

  /** @param {HTMLElement} button @param {import("../state/state.js").MutagenesisWindow} window */
  open(button, { tracks }) {
    this.chosen = [...tracks];
    this.filter.value = "";
    this.render();
    this.root.showPopover();
    placeBeside(this.root, button);
    this.filter.focus();
  }

  /** Chosen tracks and contrasts first, then those in view, then all other tracks. */
  get listed() {
    const { view, state } = this.page;
    const words = this.filter.value.trim().toLowerCase();
    const contrasts = state.contrasts.map(([one, other]) => contrastId(one, other));
    const order = [...new Set([...this.chosen, ...contrasts, ...state.tracks, ...view.tracks.keys()])];
    return order.map((id) => trackOf(view.tracks, id)).filter((track) => track?.modelled && (!words || `${track.name} ${track.assay} ${track.sample}`.toLowerCase().includes(words)));
  }

  render() {
    const found = this.listed;
    this.list.replaceChildren(
      ...found.slice(0, MOST_LISTED).map((track) => {
        const tick = element("input", { type: "checkbox", value: track.id, checked: this.chosen.includes(track.id), onchange: ({ target }) => this.tick(track.id, target) });
        return element("li", {}, element("label", {}, tick, element("span", {}, track.name), element("small", {}, track.sample ?? "")));
      }),
    );
    this.say(found.length > MOST_LISTED ? `${found.length - MOST_LISTED} more; type to find them` : "");
  }

  tick(id, box) {
    if (box.checked && this.chosen.length >= MOST_STACKED) {
      box.checked = false;
      this.say(`At most ${MOST_STACKED} tracks stand above one another.`);
      return;
    }
    this.chosen = box.checked ? [...this.chosen, id] : this.chosen.filter((other) => other !== id);
    this.say(this.chosen.length ? "" : "Choose at least one.");
  }

  say(words) {
    this.note.textContent = words;
  }

  take() {
    if (this.chosen.length === 0) return;
    this.root.hidePopover();
    const { state } = this.page;
    this.page.change(replacingMutagenesis(state, { ...state.mutagenesis, track: this.chosen[0], tracks: this.chosen }));
  }
}
