/** The chosen tracks under the table: which they are, and what becomes of them: a view, a set, a file. */
import { element } from "../ui/dom.js";
import { MOST_SHOWN } from "../ui/trackfacets.js";
import { formatNumber } from "../ui/scale.js";
import { cleanName } from "../ui/tracksets.js";

const CHIPS = 40; // names that are written out

export class ChoiceTray {
  /**
   * @param {Map<string, any>} tracks by id @param {Map<string, any>} colours
   * @param {{onChoice: (ids: string[]) => void, onSave: (name: string, ids: string[]) => void, onDownload: (ids: string[]) => void}} callbacks
   */
  constructor(tracks, colours, callbacks) {
    this.tracks = tracks;
    this.colours = colours;
    this.callbacks = callbacks;
    this.ids = [];
    const act = (id, words, does) => element("button", { class: "button", type: "button", id, onclick: does }, words);
    this.count = element("strong", { id: "choice-count", role: "status" });
    this.chips = element("ul", { class: "chips", "aria-label": "Chosen tracks" });
    this.name = element("input", { class: "field", id: "set-name", type: "text", placeholder: "Name of the set", "aria-label": "Name of the set", maxLength: 60, required: true });
    this.form = element("form", { class: "set-form", hidden: true, onsubmit: (event) => this.save(event), onkeydown: (event) => event.key === "Escape" && this.cancel(event) },
      this.name, element("button", { class: "button", type: "submit", id: "set-keep" }, "Save"), element("button", { class: "button", type: "button", onclick: (event) => this.cancel(event) }, "Cancel"));
    this.acts = element("span", { class: "tray-acts" },
      act("set-save", "Save as set\u2026", () => this.ask()),
      act("choice-download", "Download", () => callbacks.onDownload(this.ids)),
      act("choice-clear", "Clear", () => callbacks.onChoice([])));
    this.open = element("a", { class: "button primary", id: "show-tracks" }, "Show at the locus");
    this.open.addEventListener("click", (event) => this.open.getAttribute("aria-disabled") === "true" && event.preventDefault());
    this.note = element("span", { class: "quiet", id: "choice-note" });
    this.root = element("div", { class: "tray" }, element("div", { class: "tray-what" }, this.count, this.chips), element("div", { class: "tray-does" }, this.note, this.form, this.acts, this.open));
  }

  /** @param {string[]} ids @param {string} address of a view of them */
  show(ids, address) {
    this.ids = ids;
    const { length } = ids;
    const fits = length > 0 && length <= MOST_SHOWN;
    this.count.textContent = length === 0 ? "No tracks chosen" : `${formatNumber(length)} ${length === 1 ? "track" : "tracks"} chosen`;
    this.note.textContent = length > MOST_SHOWN ? `A view holds ${MOST_SHOWN}; more are kept as a set, or shared.` : length === 0 ? "Tick tracks to see them at the locus." : "";
    this.acts.hidden = length === 0;
    if (length === 0) this.form.hidden = true;
    this.open.setAttribute("aria-disabled", String(!fits));
    if (fits) this.open.setAttribute("href", address);
    else this.open.removeAttribute("href");
    const more = length > CHIPS ? [element("li", { class: "quiet" }, `and ${formatNumber(length - CHIPS)} more`)] : [];
    this.chips.replaceChildren(...ids.slice(0, CHIPS).map((id) => this.chip(id)), ...more);
  }

  chip(id) {
    const { name } = this.tracks.get(id);
    const chip = element("li", { class: "chip", title: name }, element("span", { class: "chip-name" }, name),
      element("button", { class: "row-act", type: "button", "aria-label": `Take ${name} out`, onclick: () => this.callbacks.onChoice(this.ids.filter((other) => other !== id)) }, "\u2715"));
    chip.style.setProperty("--swatch", this.colours.get(id).css);
    return chip;
  }

  ask() {
    this.form.hidden = false;
    this.acts.hidden = true;
    this.name.focus();
  }

  cancel(event) {
    event.stopPropagation();
    this.form.hidden = true;
    this.acts.hidden = this.ids.length === 0;
    /** @type {HTMLElement|null} */ (this.acts.firstElementChild)?.focus();
  }

  save(event) {
    event.preventDefault();
    const name = cleanName(this.name.value);
    if (!name) return;
    this.callbacks.onSave(name, this.ids);
    this.name.value = "";
    this.cancel(event);
  }
}
