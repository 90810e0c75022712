/**
 * Regions: a stretch selected with shift and drag (or on the ruler) is zoomed into or kept; kept ones are bands behind the rows,
 * named in the head and in a list. In the address: regions=chrXVI:816001-818000~promoter~2, positions 1-based.
 */
import { element } from "../../ui/dom.js";
import { rowAt } from "../rows/hittest.js";
import { registerRowKind } from "../rows/rowkinds.js";
import { formatRegion, formatSpan, wholeBases } from "../../ui/scale.js";
import { registerUnderlay } from "../rows/scene.js";
import { fitText, rect, text } from "../draw/shapes.js";
import { declareField, decode, encode } from "../state/state.js";

/** @typedef {import("../../ui/scale.js").Region & {name: string, colour: number}} NamedRegion  colour: place in REGION_COLOURS */
/** @typedef {import("../page/page.js").LocusPage} LocusPage */

/** They lie behind signals of any colour, so they are pale; their names tell them apart. */
export const REGION_COLOURS = ["#f2c14e", "#6fb7c0", "#d08fc0", "#93c47d", "#e08e79"];
const NAME = "#1d2733"; // reads on each of them, in either theme
const BAND = "38"; // alpha
const LEAST_PIXELS = 3; // of a selection that is meant
const ROW = 18;

const REGION = /^(.+?)(?::|%3A)(\d+)-(\d+)(?:(?:~|%7E)(.*?))?(?:(?:~|%7E)(\d))?$/i;
// Commas and tildes part regions, also where a mail program encoded them: in names they are encoded twice.
const encodeName = (name) => encode(name.replace(/[%,~+]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`));
const decodeName = (words) => decode(decode(words));

declareField({
  name: "regions",
  read: (words) =>
    words.split(/,|%2C/i).flatMap((entry) => {
      const match = REGION.exec(entry);
      if (!match) return [];
      const [, chrom, start, end, name = "", colour = "0"] = match;
      return [{ chrom: decode(chrom), start: Number(start) - 1, end: Number(end), name: decodeName(name), colour: Number(colour) % REGION_COLOURS.length }];
    }),
  write: (regions) =>
    regions.length ? regions.map(({ chrom, start, end, name, colour }) => `${encode(chrom)}:${start + 1}-${end}~${encodeName(name)}~${colour}`).join(",") : null,
  initial: [],
  settle: (regions, _, { view }) => regions.filter(({ chrom, start, end }) => end > start && start >= 0 && end <= (view.chromosomes.get(chrom)?.length ?? -1)),
});

/** Regions of the window's chromosome that it shows. */
const inWindow = ({ state, window }) => (state.regions ?? []).filter(({ chrom, start, end }) => chrom === window.chrom && end > window.start && start < window.end);

const extent = ({ start, end }, scale) => {
  const x = Math.max(scale.left, scale.toPixel(start));
  return { x, w: Math.max(1, Math.min(scale.right, scale.toPixel(end)) - x) };
};

registerUnderlay((scene) =>
  inWindow(scene).map((region) => {
    const { x, w } = extent(region, scene.scale);
    return rect(x, scene.layout.head[1].y, w, scene.height, REGION_COLOURS[region.colour] + BAND);
  }),
);

registerRowKind({
  kind: "regions",
  place: "head",
  order: 15,
  rows: ({ state }) => (state.regions?.some(({ chrom }) => chrom === state.window.chrom) ? [{ name: "regions" }] : []),
  height: () => ROW,
  plot(row, scene) {
    return inWindow(scene).flatMap((region) => {
      const { x, w } = extent(region, scene.scale);
      const name = fitText(region.name, w - 8, scene.measure, 10.5, 500);
      return [rect(x, row.y + 2, w, ROW - 4, REGION_COLOURS[region.colour], { radius: 3 }), ...(name ? [text(x + 4, row.y + ROW / 2 + 0.5, name, NAME, { size: 10.5, weight: 500 })] : [])];
    });
  },
  note(_, scene, { base, side }) {
    const region = side === "plot" && inWindow(scene).find(({ start, end }) => base >= start && base < end);
    return region ? { title: region.name || "region", lines: [{ label: formatRegion(region), value: formatSpan(region.end - region.start) }], hint: "Click: zoom to it" } : null;
  },
  isClickable: (_, scene, { base }) => inWindow(scene).some(({ start, end }) => base >= start && base < end),
  click: (_, scene, { base }) => scene.goTo(inWindow(scene).find(({ start, end }) => base >= start && base < end), { push: true }),
});

/** A name that no region has yet. @param {NamedRegion[]} regions */
export function freshName(regions) {
  const taken = new Set(regions.map(({ name }) => name));
  let number = regions.length + 1;
  while (taken.has(`Region ${number}`)) number += 1;
  return `Region ${number}`;
}

/** The list of what is kept. */
class RegionList {
  /** @param {LocusPage} page */
  constructor(page) {
    this.page = page;
    this.list = element("ul", { class: "region-list", id: "region-list" });
    this.root = element(
      "div",
      { class: "row-menu region-menu", id: "region-menu", role: "dialog", "aria-label": "Regions of interest" },
      element("div", { class: "row-menu-head" }, element("h2", {}, "Regions of interest"), element("button", { class: "button icon small", type: "button", "aria-label": "Close", onclick: () => this.close() }, "\u2715")),
      element("p", { class: "quiet" }, "Select with shift and drag, or on the ruler."),
      this.list,
      element("button", { class: "button small", type: "button", id: "region-keep-window", onclick: () => this.keep(page.state.window) }, "Keep this window"),
    );
    this.root.popover = "auto";
    document.body.append(this.root);
  }

  get isOpen() {
    return this.root.matches(":popover-open");
  }

  /** @param {{x: number, y: number}} at client coordinates */
  open({ x, y }) {
    this.render();
    if (!this.isOpen) this.root.showPopover();
    this.root.style.left = `${Math.max(8, Math.min(innerWidth - this.root.offsetWidth - 8, x))}px`;
    this.root.style.top = `${Math.max(8, Math.min(innerHeight - this.root.offsetHeight - 8, y))}px`;
  }

  close() {
    if (!this.isOpen) return false;
    this.root.hidePopover();
    this.page.view.canvas.focus({ preventScroll: true });
    return true;
  }

  /** @param {import("../../ui/scale.js").Region} window */
  keep(window) {
    const { regions } = this.page.state;
    const region = { ...wholeBases(window), name: freshName(regions), colour: regions.length % REGION_COLOURS.length };
    this.page.change({ regions: [...regions, region] });
    this.page.say(`${region.name}, ${formatRegion(region)}, is kept.`);
    this.render();
    this.list.lastElementChild?.querySelector("input")?.select();
  }

  set(index, part) {
    this.page.change({ regions: this.page.state.regions.map((region, at) => (at === index ? { ...region, ...part } : region)) });
    this.render();
  }

  remove(index) {
    this.page.change({ regions: this.page.state.regions.filter((_, at) => at !== index) });
    this.render();
    (this.list.querySelector("input") ?? this.root.querySelector("#region-keep-window")).focus();
  }

  render() {
    this.list.replaceChildren(...this.page.state.regions.map((region, index) => this.item(region, index)));
  }

  item(region, index) {
    const called = region.name || formatRegion(region);
    const swatch = element("button", { class: "swatch", type: "button", "aria-label": `Another colour for ${called}`, title: "another colour", onclick: () => this.set(index, { colour: (region.colour + 1) % REGION_COLOURS.length }) });
    swatch.style.background = REGION_COLOURS[region.colour];
    return element(
      "li",
      {},
      swatch,
      element("input", { class: "field", type: "text", value: region.name, maxLength: 60, "aria-label": `Name of ${formatRegion(region)}`, onchange: ({ target }) => this.set(index, { name: target.value.trim() }) }),
      element("button", { class: "link", type: "button", "aria-label": `Go to ${called}`, onclick: () => this.page.setWindow(region, { push: true }) }, formatRegion(region)),
      element("button", { class: "row-close", type: "button", "aria-label": `Remove ${called}`, title: "Remove", onclick: () => this.remove(index) }, "\u2715"),
    );
  }
}

/** What is selected right now, with what to do about it. */
class Selection {
  /** @param {LocusPage} page @param {(window: any, at: {x: number, y: number}) => void} onKeep */
  constructor(page, onKeep) {
    this.page = page;
    this.region = null;
    this.band = element("div", { class: "selection", hidden: true });
    this.words = element("span", { role: "status" });
    const zoom = element("button", { class: "button small", type: "button", id: "selection-zoom", onclick: () => this.zoom() }, "Zoom in");
    const keep = element("button", { class: "button small", type: "button", id: "selection-keep", onclick: () => this.keep(onKeep) }, "Keep");
    const drop = element("button", { class: "row-close", type: "button", "aria-label": "Drop the selection", onclick: () => this.clear() }, "\u2715");
    this.bar = element("div", { class: "selection-bar", id: "selection-bar", role: "group", "aria-label": "Selected region", hidden: true }, this.words, zoom, keep, drop);
    page.view.overlay.append(this.band, this.bar);
    page.view.afterDraw(({ window }) => this.region && (window.start !== this.within.start || window.end !== this.within.end || window.chrom !== this.within.chrom) && this.clear());
  }

  /** @param {number} from @param {number} to pixels */
  show(from, to) {
    const { scale, layout, window, height } = this.page.view.scene;
    const [left, right] = [Math.min(from, to), Math.max(from, to)].map((x) => Math.max(scale.left, Math.min(scale.right, x)));
    this.within = window;
    this.region = wholeBases({ chrom: window.chrom, start: scale.toBase(left), end: scale.toBase(right) });
    this.pixels = right - left;
    const top = layout.head[1].y;
    this.band.hidden = false;
    Object.assign(this.band.style, { transform: `translate(${left}px, ${top}px)`, width: `${right - left}px`, height: `${height - top}px` });
    this.words.textContent = formatSpan(this.region.end - this.region.start);
    this.bar.hidden = true;
  }

  /** Offer what can be done. */
  offer() {
    if (this.pixels < LEAST_PIXELS) {
      this.clear();
      return;
    }
    const { scale, layout } = this.page.view.scene;
    const middle = (scale.toPixel(this.region.start) + scale.toPixel(this.region.end)) / 2;
    this.bar.hidden = false;
    const half = this.bar.offsetWidth / 2;
    const x = Math.max(scale.left, Math.min(scale.right - 2 * half, middle - half));
    this.bar.style.transform = `translate(${x}px, ${layout.headHeight + 6}px)`;
    this.bar.querySelector("button").focus({ preventScroll: true });
  }

  zoom() {
    const { region } = this;
    this.clear();
    this.page.setWindow(region, { push: true });
    this.page.view.canvas.focus({ preventScroll: true });
  }

  keep(onKeep) {
    const { region } = this;
    const { left, bottom } = this.bar.getBoundingClientRect();
    this.clear();
    onKeep(region, { x: left, y: bottom });
  }

  clear() {
    if (!this.region) return false;
    this.region = null;
    this.band.hidden = this.bar.hidden = true;
    return true;
  }
}

/** @param {LocusPage} page */
export function addRegions(page) {
  const { view, actions } = page;
  const list = new RegionList(page);
  const selection = new Selection(page, (region, at) => {
    list.open(at);
    list.keep(region);
  });
  const button = element("button", { class: "link regions-button", id: "regions-button", type: "button", onclick: () => list.open(button.getBoundingClientRect()) }, "Regions");
  view.overlay.append(button);
  page.whenShown(({ regions }) => {
    const words = regions.length ? `Regions (${regions.length})` : "Regions";
    if (button.textContent !== words) button.textContent = words;
    if (list.isOpen && !list.root.contains(document.activeElement)) list.render();
  });

  actions.grab(({ x, y, shift }) => {
    if (!view.inPlot(x)) return null;
    const onRuler = rowAt(view.scene, y)?.kind === "ruler";
    if (!shift && !onRuler) return null;
    selection.clear();
    return {
      move: (now) => selection.show(x, now),
      drop: () => (onRuler && selection.pixels >= LEAST_PIXELS ? selection.zoom() : selection.offer()),
      cancel: () => selection.clear(),
    };
  });
  actions.escape(0, () => list.close());
  actions.escape(1, () => selection.clear());
  actions.key(["r"], () => list.open(button.getBoundingClientRect()), { says: "regions of interest", shown: "R" });
}
