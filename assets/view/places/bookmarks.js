/** Bookmarks: named places that this browser keeps for this project; they leave and come as BED. */
import { download, element } from "../../ui/dom.js";
import { PlaceList } from "./placelist.js";
import { areAlike, asBed, KeptPlaces, nameOf, plainName, readBed } from "../state/places.js";
import { wholeBases } from "../../ui/scale.js";

const SAME = 0.95; // of two windows that one bookmark stands for

export class Bookmarks {
  /** @param {import("../page/page.js").LocusPage} page */
  constructor(page) {
    this.page = page;
    this.id = "bookmarks";
    this.name = "Bookmarks";
    this.kept = new KeptPlaces("bookmarks", page.project);
    /** @type {() => void} */
    this.onChange = () => {};
    this.kept.onChange = () => {
      this.update();
      this.onChange();
    };
    this.list = new PlaceList({
      id: "bookmark-list",
      label: "Bookmarks",
      go: (place) => page.goTo({ ...place, window: { chrom: place.chrom, start: place.start, end: place.end } }),
      describe: () => [],
      acts: (place, index) => this.acts(place, index),
    });
    this.problem = element("p", { class: "error", role: "alert", hidden: true });
    this.empty = element("p", { class: "quiet" }, "Nothing is bookmarked yet. B, or the star beside the locus box, keeps the place you look at.");
    const file = element("input", { type: "file", id: "bookmark-file", class: "visually-hidden", accept: ".bed,.txt", tabIndex: -1, "aria-label": "BED file of bookmarks", onchange: () => this.read(file) });
    this.exporter = element("button", { class: "button small", id: "bookmark-export", type: "button", onclick: () => this.export() }, "Save as BED");
    this.root = element(
      "div",
      {},
      this.empty,
      this.list.root,
      this.problem,
      element("div", { class: "places-foot" }, this.exporter, element("button", { class: "button small", type: "button", onclick: () => file.click() }, "Add from BED"), file),
    );
  }

  update() {
    const places = this.kept.all;
    this.list.show(places);
    this.empty.hidden = places.length > 0;
    this.exporter.disabled = places.length === 0;
  }

  /** The bookmark of a window, if it has one. */
  of(window) {
    return this.kept.all.find((place) => areAlike(place, window, SAME)) ?? null;
  }

  /** Keep the window in view; the name is there to be changed. */
  add() {
    const window = wholeBases(this.page.state.window);
    const genes = this.page.view.data.genes.on(window.chrom)?.genes ?? [];
    const label = this.page.placeName() ?? nameOf(window, genes);
    if (!this.of(window)) this.kept.all = [{ ...window, label, kind: "region" }, ...this.kept.all];
    const index = this.kept.all.findIndex((place) => areAlike(place, window, SAME));
    this.page.say(`${this.kept.all[index].label} is bookmarked.`);
    this.rename(index);
  }

  remove(index) {
    this.page.say(`${this.kept.all[index].label} is no bookmark any more.`);
    this.kept.all = this.kept.all.filter((_, at) => at !== index);
  }

  /** A field in place of the name; Enter keeps it, Escape does not. */
  rename(index) {
    const name = this.list.root.children[index]?.querySelector(".place-name");
    if (!name) return;
    const before = this.kept.all[index].label;
    let done = false;
    const finish = (label) => {
      if (done) return;
      done = true;
      const places = this.kept.all;
      places[index] = { ...places[index], label: plainName(label) || before };
      this.kept.all = places;
    };
    const input = element("input", {
      class: "field place-rename",
      value: before,
      "aria-label": "Name of the bookmark",
      onclick: (event) => event.stopPropagation(),
      onblur: () => finish(input.value),
      onkeydown: (event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(input.value);
        if (event.key === "Escape") finish(before);
      },
    });
    // Not inside the button, which would take the spaces for clicks.
    name.closest(".place").replaceWith(input);
    input.focus();
    input.select();
  }

  acts(place, index) {
    const act = (sign, label, run) => element("button", { class: "button icon small quiet-button", type: "button", "aria-label": label, title: label, onclick: run }, sign);
    return [act("\u270e", `Rename ${place.label}`, () => this.rename(index)), act("\u2715", `Remove ${place.label}`, () => this.remove(index))];
  }

  export() {
    download(new Blob([asBed(this.kept.all)], { type: "text/plain" }), "bookmarks.bed");
  }

  async read(file) {
    this.problem.hidden = true;
    try {
      const [chosen] = file.files;
      const places = readBed(await chosen.text(), this.page.chromosomes);
      const kept = this.kept.all;
      this.kept.all = [...kept, ...places.filter((place) => !kept.some((other) => other.label === place.label && areAlike(other, place, SAME)))];
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
    }
    file.value = "";
  }
}
