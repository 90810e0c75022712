/**
 * The locus box: coordinates, genes, variants and ids, with suggestions (an ARIA combobox). Before anything is typed it
 * offers recent places. What is typed is read by the server (app/api/search.py).
 */
import { getJson, wasAborted } from "../../ui/api.js";
import { element } from "../../ui/dom.js";
import { hooks } from "../../ui/hooks.js";
import { formatRegion, parseRegion, wholeBases } from "../../ui/scale.js";

/** @typedef {import("../state/places.js").Place} Place */

const PATIENCE = 90; // ms after a key before the server is asked
const RECENT = 8;

/** @param {import("../page/page.js").LocusPage} page */
export function addLocusBox(page) {
  const box = new LocusBox(page.chromosomes, {
    go(place, how) {
      page.goTo(place, {}, how);
      // From here the arrows choose a row.
      page.view.canvas.focus({ preventScroll: true });
    },
    window: () => page.state.window,
    recent: () => page.recent.all.slice(0, RECENT),
  });
  page.place("locus-box-host", box.root);
  page.whenShown(({ window }) => box.show(formatRegion(wholeBases(window))), { lag: 100 });
  page.actions.key(["/"], () => box.focus(), { says: "go to the locus box", group: "Find" });
  page.locusBox = box;
  Object.assign(hooks, { go: (words) => box.go(words) });
}

export class LocusBox {
  /**
   * @param {any[]} chromosomes
   * @param {{go: (place: Place, how?: {arriving?: boolean}) => void, window: () => import("../../ui/scale.js").Region, recent: () => Place[]}} page
   */
  constructor(chromosomes, page) {
    this.chromosomes = chromosomes;
    this.page = page;
    /** @type {Place[]} */
    this.found = [];
    this.heading = "";
    this.note = "";
    /** Why what was typed is no place of this genome. */
    this.refusal = "";
    this.marked = -1;
    this.input = element("input", {
      id: "locus-box",
      class: "field",
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: false,
      placeholder: "gene, chrIV:1,000-2,000, variant or rsID",
      "aria-label": "Locus: coordinates, a gene, a variant or its id",
      "aria-autocomplete": "list",
      "aria-controls": "locus-suggestions",
      "aria-expanded": "false",
      oninput: () => this.suggestSoon(),
      onkeydown: (event) => this.key(event),
      onfocus: () => this.focused(),
      onblur: () => setTimeout(() => this.close(), 120),
    });
    this.list = element("ul", { id: "locus-suggestions", class: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.problem = element("div", { class: "locus-problem", id: "locus-problem", role: "alert", hidden: true });
    this.side = element("div", { class: "locus-side" });
    this.root = element("div", { class: "locus-box" }, this.input, this.side, this.list, this.problem);
  }

  focus() {
    this.input.focus();
  }

  /** Show where we are, unless a person is typing. */
  show(words) {
    if (document.activeElement !== this.input) this.input.value = words;
    this.settled = words;
  }

  focused() {
    this.input.select();
    if (this.input.value === this.settled) this.offer();
  }

  /** Recent places, until something is typed. */
  offer() {
    this.found = this.page.recent();
    this.heading = this.found.length ? "Recent places" : "";
    this.note = "";
    this.marked = -1;
    this.render();
  }

  suggestSoon() {
    this.problem.hidden = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.suggest(), PATIENCE);
  }

  async ask(words) {
    this.abort?.abort();
    this.abort = new AbortController();
    const { results, note = "", problem = "" } = await getJson("search", { q: words, chrom: this.page.window().chrom }, this.abort.signal, { onAway: (message) => this.complain(`${message}.`) });
    this.problem.hidden = true;
    this.note = note;
    this.refusal = problem;
    return results;
  }

  async suggest() {
    const words = this.input.value.trim();
    if (!words) {
      this.offer();
      return;
    }
    try {
      this.found = await this.ask(words);
    } catch (error) {
      if (wasAborted(error)) return;
      this.found = [];
      this.note = "";
    }
    this.heading = "";
    if (document.activeElement !== this.input) return;
    this.marked = -1;
    this.render();
  }

  render() {
    const hidden = this.found.length === 0 && !this.note;
    this.list.hidden = hidden;
    this.input.setAttribute("aria-expanded", String(!hidden));
    const aside = (words) => element("li", { class: "suggestion-aside", role: "presentation" }, words);
    this.list.replaceChildren(
      ...(this.heading ? [aside(this.heading)] : []),
      ...this.found.map((found, index) => this.option(found, index)),
      ...(this.note ? [aside(`${this.note[0].toUpperCase()}${this.note.slice(1)}`)] : []),
    );
    if (this.marked >= 0) this.input.setAttribute("aria-activedescendant", `locus-suggestion-${this.marked}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  option(found, index) {
    const choose = (event) => {
      event.preventDefault();
      this.leave(found);
    };
    const detail = found.window ? formatRegion(found.window) : (found.detail ?? "");
    return element(
      "li",
      { role: "option", id: `locus-suggestion-${index}`, "data-kind": found.kind, "aria-selected": String(index === this.marked), onpointerdown: choose },
      element("b", {}, found.label),
      element("span", {}, detail === found.label ? "" : detail),
    );
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.found.length === 0) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.marked = (this.marked + step + this.found.length + (this.marked < 0 && step < 0 ? 1 : 0)) % this.found.length;
      this.render();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.marked >= 0) this.leave(this.found[this.marked]);
      else this.go(this.input.value);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      this.input.value = this.settled ?? "";
      this.problem.hidden = true;
      this.close();
      this.input.blur();
    }
  }

  /** Go where the words say; but for a region as the page itself writes it, the server reads them. @param {string} words @param {{arriving?: boolean}} [how] */
  async go(words, how = {}) {
    clearTimeout(this.timer);
    try {
      const region = parseRegion(words.trim(), this.chromosomes);
      if (region) {
        this.leave({ ...region, window: region, kind: "region", label: formatRegion(wholeBases(region)) }, how);
        return;
      }
      const [first] = await this.ask(words);
      if (!first && this.refusal) throw new Error(this.refusal);
      const hint = this.note || `Try a gene's name or coordinates such as ${this.chromosomes[0].name}:1,000-9,000`;
      if (!first) throw new Error(`Nothing is called \u201c${words.trim()}\u201d. ${hint[0].toUpperCase()}${hint.slice(1)}.`);
      this.leave(first, how);
    } catch (error) {
      if (wasAborted(error)) return;
      this.close();
      this.complain(error.message);
    }
  }

  complain(words) {
    this.list.hidden = true;
    this.problem.textContent = words;
    this.problem.hidden = false;
  }

  /** @param {Place} place @param {{arriving?: boolean}} [how] */
  leave(place, how = {}) {
    this.abort?.abort();
    clearTimeout(this.timer);
    this.problem.hidden = true;
    this.close();
    this.input.blur();
    this.page.go(place, how);
  }

  close() {
    this.found = [];
    this.heading = this.note = "";
    this.marked = -1;
    this.render();
  }
}
