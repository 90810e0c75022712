/**
 * The panel beside the view that lists places, a tab a list. A tab is
 *     { id, name, root, list, update(): show what is current; asked when the tab is looked at }
 */
import { element } from "../../ui/dom.js";

/** @typedef {{id: string, name: string, root: HTMLElement, list: import("./placelist.js").PlaceList, update: () => unknown}} Tab */

export class PlacesPanel {
  /** @param {Tab[]} tabs @param {() => void} onClose */
  constructor(tabs, onClose) {
    this.tabs = tabs;
    this.buttons = tabs.map((tab, index) =>
      element("button", { class: "tab", id: `places-tab-${tab.id}`, type: "button", role: "tab", "aria-controls": `places-${tab.id}`, onclick: () => this.show(tab.id), onkeydown: (event) => this.key(event, index) }, tab.name),
    );
    for (const tab of tabs) {
      tab.root.id = `places-${tab.id}`;
      tab.root.setAttribute("role", "tabpanel");
      tab.root.setAttribute("aria-labelledby", `places-tab-${tab.id}`);
      tab.root.classList.add("places-tab");
    }
    this.root = element(
      "section",
      { class: "places", id: "places", "aria-label": "Places" },
      element(
        "div",
        { class: "places-head" },
        element("div", { class: "tabs", role: "tablist", "aria-label": "Lists of places" }, ...this.buttons),
        element("button", { class: "button icon small", id: "places-close", type: "button", "aria-label": "Close the list of places", title: "Close (Esc)", onclick: () => (this.close(), onClose()) }, "\u2715"),
      ),
      ...tabs.map((tab) => tab.root),
    );
    this.chosen = tabs[0].id;
    this.mark();
  }

  get isOpen() {
    return document.body.dataset.places === "open";
  }

  /** @param {string} id of a tab @returns {Tab} */
  tab(id) {
    return this.tabs.find((tab) => tab.id === id);
  }

  /** Open a tab; resolves when its list is there. */
  async show(id = this.chosen) {
    this.chosen = id;
    document.body.dataset.places = "open";
    this.mark();
    await this.tab(id).update();
  }

  close() {
    if (!this.isOpen) return false;
    document.body.dataset.places = "closed";
    return true;
  }

  /** What is shown may have changed. */
  refresh() {
    if (this.isOpen) this.tab(this.chosen).update();
  }

  mark() {
    this.tabs.forEach((tab, index) => {
      const chosen = tab.id === this.chosen;
      this.buttons[index].setAttribute("aria-selected", String(chosen));
      this.buttons[index].tabIndex = chosen ? 0 : -1;
      tab.root.hidden = !chosen;
    });
  }

  key(event, index) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (index + step + this.tabs.length) % this.tabs.length;
    this.buttons[next].focus();
    this.show(this.tabs[next].id);
  }
}
