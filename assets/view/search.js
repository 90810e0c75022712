/** The locus box: coordinates or a gene, with suggestions (an ARIA combobox). */
import { getJson, wasAborted } from "./api.js";
import { element } from "./dom.js";
import { hooks } from "./hooks.js";
import { clampWindow, formatRegion, parseRegion, wholeBases } from "./scale.js";

/** @typedef {import("./scale.js").Region} Region */
/** @typedef {{label: string, detail: string, chrom: string, start: number, end: number, kind: string}} Found */

const PATIENCE = 90; // ms after a key before the server is asked
const GENE_FLANK = 0.75; // of the gene's length, a side
const LEAST_FLANK = 3000; // bases

/** The window that shows a search result; a gene is shown with its neighbourhood. @param {Found} found @returns {Region} */
export function windowOf(found, chromosomes) {
  const length = chromosomes.find(({ name }) => name === found.chrom)?.length ?? found.end;
  if (found.kind !== "gene") return clampWindow(found, length);
  const flank = Math.max(LEAST_FLANK, Math.round((found.end - found.start) * GENE_FLANK));
  return { chrom: found.chrom, start: Math.max(0, found.start - flank), end: Math.min(length, found.end + flank) };
}

/** @param {import("./page.js").LocusPage} page */
export function addLocusBox(page) {
  const box = new LocusBox(page.chromosomes, (region) => page.setWindow(region, { push: true }), () => page.span);
  page.place("locus-box-host", box.root);
  page.whenShown(({ window }) => box.show(formatRegion(wholeBases(window))), { lag: 100 });
  page.actions.key(["/"], () => box.focus(), { says: "go to the locus box" });
  Object.assign(hooks, { go: (words) => box.go(words) });
}

export class LocusBox {
  /** @param {any[]} chromosomes @param {(region: Region) => void} onGo @param {() => number} currentSpan */
  constructor(chromosomes, onGo, currentSpan) {
    this.chromosomes = chromosomes;
    this.onGo = onGo;
    this.currentSpan = currentSpan;
    this.found = [];
    this.marked = -1;
    this.input = element("input", {
      id: "locus-box",
      class: "field",
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: false,
      placeholder: "gene or chrIV:1,000-2,000",
      "aria-label": "Locus: coordinates or a gene",
      "aria-autocomplete": "list",
      "aria-controls": "locus-suggestions",
      "aria-expanded": "false",
      oninput: () => this.suggestSoon(),
      onkeydown: (event) => this.key(event),
      onfocus: () => this.input.select(),
      onblur: () => setTimeout(() => this.close(), 120),
    });
    this.list = element("ul", { id: "locus-suggestions", class: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.problem = element("div", { class: "locus-problem", id: "locus-problem", role: "alert", hidden: true });
    this.root = element("div", { class: "locus-box" }, this.input, this.list, this.problem);
  }

  focus() {
    this.input.focus();
  }

  /** Show where we are, unless a person is typing. */
  show(words) {
    if (document.activeElement !== this.input) this.input.value = words;
    this.settled = words;
  }

  suggestSoon() {
    this.problem.hidden = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.suggest(), PATIENCE);
  }

  async ask(words) {
    this.abort?.abort();
    this.abort = new AbortController();
    return (await getJson("search", { q: words }, this.abort.signal)).results;
  }

  async suggest() {
    const words = this.input.value.trim();
    if (!words) {
      this.close();
      return;
    }
    try {
      this.found = await this.ask(words);
    } catch (error) {
      if (wasAborted(error)) return;
      this.found = [];
    }
    if (document.activeElement !== this.input) return;
    this.marked = -1;
    this.render();
  }

  render() {
    this.list.hidden = this.found.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.list.replaceChildren(
      ...this.found.map((found, index) =>
        element(
          "li",
          {
            role: "option",
            id: `locus-suggestion-${index}`,
            "aria-selected": String(index === this.marked),
            onpointerdown: (event) => {
              event.preventDefault();
              this.choose(found);
            },
          },
          element("b", {}, found.label),
          element("span", {}, found.detail ?? ""),
        ),
      ),
    );
    if (this.marked >= 0) this.input.setAttribute("aria-activedescendant", `locus-suggestion-${this.marked}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.children[this.marked]?.scrollIntoView({ block: "nearest" });
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
      if (this.marked >= 0) this.choose(this.found[this.marked]);
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

  choose(found) {
    this.leave(windowOf(found, this.chromosomes));
  }

  /** Go where the words say: coordinates here, anything else by asking the server. */
  async go(words) {
    clearTimeout(this.timer);
    try {
      const region = parseRegion(words, this.chromosomes, this.currentSpan());
      if (region) {
        this.leave(region);
        return;
      }
      const [first] = await this.ask(words.trim());
      if (!first) throw new Error(`Nothing is called \u201c${words.trim()}\u201d. Try a gene's name or coordinates such as ${this.chromosomes[0].name}:1,000-9,000.`);
      this.choose(first);
    } catch (error) {
      if (wasAborted(error)) return;
      this.close();
      this.problem.textContent = error.message;
      this.problem.hidden = false;
    }
  }

  leave(region) {
    this.abort?.abort();
    this.problem.hidden = true;
    this.close();
    this.input.blur();
    this.onGo(region);
  }

  close() {
    this.found = [];
    this.marked = -1;
    this.render();
  }
}
