/**
 * Changing a base: a menu at the base that was clicked (in the sequence, in the mutagenesis) offers its three substitutions, a
 * deletion and an insertion, as a variant on its own or on the haplotype that is looked at.
 */
import { getJson } from "../../ui/api.js";
import { closePopover, element } from "../../ui/dom.js";
import { formatPosition, formatValue } from "../../ui/scale.js";
import { withVariant } from "../state/variant.js";

/** @typedef {import("../page/page.js").LocusPage} LocusPage */
/** @typedef {import("../state/variant.js").Variant} Variant */

export const BASES = ["A", "C", "G", "T"];
const MOST_DELETED = 50;

/**
 * Variants at a base, with the base beside it that VCF wants where bases are deleted or inserted.
 * @param {string} chrom @param {number} position 0-based
 * @param {{start: number, sequence: string}} around holds the base before, the base, and what may be deleted
 */
export function variantsAt(chrom, position, { start, sequence }) {
  const base = (at) => sequence[at - start]?.toUpperCase() ?? "";
  const reference = base(position);
  return {
    reference,
    substitute: (alt) => ({ chrom, position, ref: reference, alt }),
    /** @returns {Variant|null} */
    remove(count) {
      const deleted = sequence.slice(position - start, position - start + count).toUpperCase();
      const before = base(position - 1);
      if (deleted.length < count) return null;
      if (before) return { chrom, position: position - 1, ref: before + deleted, alt: before };
      // At the start of a chromosome the base after it is the anchor.
      const after = base(position + count);
      return after ? { chrom, position, ref: deleted + after, alt: after } : null;
    },
    insert: (bases) => ({ chrom, position, ref: reference, alt: reference + bases.toUpperCase() }),
  };
}

/** @param {LocusPage} page */
export function addBaseMenu(page) {
  if (!page.project.has_model) return;
  const menu = new BaseMenu(page);
  page.baseMenu = menu;
  page.actions.escape(0, () => closePopover(menu.root));
  page.actions.key(["e"], () => menu.openInMiddle(), { says: "edit the base in the middle: a variant", shown: "E" });
}

export class BaseMenu {
  /** @param {LocusPage} page */
  constructor(page) {
    this.page = page;
    this.title = element("h2", { id: "base-menu-title" });
    this.body = element("div", { class: "base-menu-body" });
    this.root = element("div", { class: "row-menu base-menu", id: "base-menu", role: "dialog", "aria-labelledby": "base-menu-title" },
      element("div", { class: "row-menu-head" }, this.title, element("button", { class: "button icon small", type: "button", "aria-label": "Close", onclick: () => this.close() }, "\u2715")),
      this.body,
    );
    this.root.popover = "auto";
    document.body.append(this.root);
  }

  close() {
    this.root.hidePopover();
  }

  /** At the middle of the window, for the keyboard. */
  openInMiddle() {
    const { view, state } = this.page;
    const base = Math.floor((state.window.start + state.window.end) / 2);
    const box = view.canvas.getBoundingClientRect();
    this.open({ chrom: state.window.chrom, position: base, at: { x: box.left + view.scene.scale.toPixel(base), y: box.top + view.layout.headHeight } });
  }

  /**
   * @param {{chrom: string, position: number, at: {x: number, y: number}, offered?: string|null, effects?: Record<string, number>, effectsOn?: string}} what
   *   at: client coordinates; offered: the base that is meant; effects: what the bases are known to do to one track, effectsOn
   */
  async open({ chrom, position, at, offered = null, effects = {}, effectsOn = "" }) {
    const asked = { chrom, position };
    this.asked = asked;
    this.title.textContent = formatPosition(chrom, position);
    this.body.replaceChildren(element("span", { class: "quiet" }, "reading the sequence"));
    // After the press that opens it: the browser closes what was open while it lasted.
    await new Promise((resolve) => setTimeout(resolve));
    this.root.showPopover();
    this.place(at);
    const { length } = this.page.view.chromosomes.get(chrom);
    const window = { chrom, start: Math.max(0, position - 1), end: Math.min(length, position + MOST_DELETED + 1) };
    try {
      const sequence = await getJson("sequence", window);
      if (this.asked !== asked) return;
      this.render(variantsAt(chrom, position, sequence), { offered, effects, effectsOn });
    } catch (error) {
      this.body.replaceChildren(element("span", { class: "error", role: "alert" }, error.message));
    }
    this.place(at);
  }

  place({ x, y }) {
    const { offsetWidth, offsetHeight } = this.root;
    this.root.style.left = `${Math.max(8, Math.min(innerWidth - offsetWidth - 8, x + 8))}px`;
    this.root.style.top = `${Math.max(8, Math.min(innerHeight - offsetHeight - 8, y + 8))}px`;
  }

  render(choices, { offered, effects, effectsOn }) {
    const { reference } = choices;
    const { variant } = this.page.state;
    this.title.textContent = `${formatPosition(this.asked.chrom, this.asked.position)} ${reference}`;
    if (!BASES.includes(reference)) {
      this.body.replaceChildren(element("span", { class: "quiet" }, `${reference} is no base that can be changed.`));
      return;
    }
    const joins = element("input", { type: "checkbox", id: "base-joins", checked: Boolean(variant && variant[0].chrom === this.asked.chrom) });
    const take = (found) => found && this.take(found, joins.checked && !joins.disabled);
    const substitutions = BASES.filter((base) => base !== reference).map((base) =>
      element("button", { class: `button base-${base}${base === offered ? " primary" : ""}`, type: "button", "data-alternative": base, "aria-label": `${reference}>${base}: ${reference} to ${base}`, onclick: () => take(choices.substitute(base)) },
        element("b", {}, `${reference}>${base}`),
        effects[base] === undefined ? null : element("small", {}, `${effects[base] < 0 ? "\u2212" : "+"}${formatValue(Math.abs(effects[base]))}`),
      ),
    );
    const count = element("input", { class: "field number", id: "base-deleted", type: "number", min: "1", max: String(MOST_DELETED), value: "1", "aria-label": "bases to delete from here" });
    const bases = element("input", { class: "field", id: "base-inserted", type: "text", maxLength: this.page.project.limits.allele_bp - 1, placeholder: "ACGT", pattern: "[ACGTacgt]+", spellcheck: false, autocomplete: "off", "aria-label": "bases to insert after this one" });
    const onEnter = (run) => (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      run();
    };
    const remove = () => count.checkValidity() && take(choices.remove(Number(count.value)));
    const insert = () => bases.value && bases.checkValidity() && take(choices.insert(bases.value));
    count.addEventListener("keydown", onEnter(remove));
    bases.addEventListener("keydown", onEnter(insert));
    const parts = [
      element("div", { class: "base-choices", role: "group", "aria-label": "substitute" }, ...substitutions),
      ...(effectsOn && Object.keys(effects).length ? [element("span", { class: "quiet" }, `effect on ${effectsOn}`)] : []),
      element("div", { class: "base-line" }, element("button", { class: "button small", id: "base-delete", type: "button", onclick: remove }, "Delete"), count, element("span", { class: "quiet" }, "bp from here")),
      element("div", { class: "base-line" }, element("button", { class: "button small", id: "base-insert", type: "button", onclick: insert }, "Insert"), bases, element("span", { class: "quiet" }, "after it")),
    ];
    if (variant) parts.push(element("label", { class: "row-menu-all" }, joins, variant.length > 1 ? `with the ${variant.length} variants looked at` : "with the variant looked at: a haplotype"));
    this.body.replaceChildren(...parts);
    (substitutions.find((button) => button.classList.contains("primary")) ?? substitutions[0]).focus();
  }

  /** @param {Variant} variant @param {boolean} joins the haplotype */
  take(variant, joins) {
    this.close();
    const { page } = this;
    page.change({ variant: joins ? withVariant(page.state.variant, variant) : [variant] });
  }
}
