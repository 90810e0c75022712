/** The dialog of how a track's experiment was made. */
import { element } from "../ui/dom.js";
import { trackCard } from "../ui/trackcard.js";

export class CardDialog {
  constructor() {
    this.track = null;
    this.title = element("h2", { id: "card-title" });
    this.body = element("div");
    this.dialog = element(
      "dialog",
      { id: "card-dialog", class: "dialog", "aria-labelledby": "card-title" },
      element("div", { class: "dialog-head" }, this.title, element("button", { class: "button icon", type: "button", "aria-label": "Close", onclick: () => this.dialog.close() }, "\u2715")),
      this.body,
    );
    document.body.append(this.dialog);
  }

  /** @param {import("../ui/trackfacets.js").Track} track */
  async show(track) {
    this.track = track;
    this.title.textContent = track.name;
    this.body.replaceChildren(element("p", { role: "status" }, "Loading\u2026"));
    if (!this.dialog.open) this.dialog.showModal();
    const card = await trackCard(track);
    if (this.track === track) this.body.replaceChildren(card);
  }
}
