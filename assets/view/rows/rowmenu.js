/**
 * The menu on a row's name: scale, top, height, colour, place, for this track or for all. Opened with a click on the name, with
 * the button that shows there, or with M on a row chosen with the keyboard.
 */
import { element } from "../../ui/dom.js";
import { trackCard } from "../../ui/trackcard.js";
import { contrastedWith, withContrast } from "./contrastrows.js";
import { moved } from "./roworder.js";
import { inBothThemes, THEMES } from "../../ui/palette.js";
import { ALL, HEIGHT, settingsOf, withSettings } from "../state/rowsettings.js";

/** @typedef {import("../page/page.js").LocusPage} LocusPage */

const SCALES = [["linear", "Linear", "values as they are"], ["sqrt", "\u221a", "square root"], ["log", "Log", "log\u2082(1 + value)"]];
const SHARES = [["own", "Own", "the largest value in view of this track"], ["group", "Group", "the largest in view of the tracks of its group that share so"], ["all", "All", "the largest in view of all tracks that share so"], ["fixed", "Fixed", "a top that stays"]];
const RESIDUALS = [["difference", "Difference", "experiment minus prediction"], ["ratio", "Log\u2082 ratio", "log\u2082((experiment + 1) / (prediction + 1))"]];

export class RowMenu {
  /** @param {LocusPage} page */
  constructor(page) {
    this.page = page;
    this.track = null;
    this.forAll = element("input", { type: "checkbox", id: "row-for-all", onchange: () => this.render() });
    this.title = element("h2", { id: "row-menu-title" });
    this.body = element("div", { class: "row-menu-body" });
    this.root = element(
      "div",
      { class: "row-menu", id: "row-menu", role: "dialog", "aria-labelledby": "row-menu-title" },
      element("div", { class: "row-menu-head" }, this.title, element("button", { class: "button icon small", type: "button", "aria-label": "Close", onclick: () => this.close() }, "\u2715")),
      this.body,
      element("label", { class: "row-menu-all" }, this.forAll, "for all rows"),
      element(
        "div",
        { class: "row-menu-acts" },
        this.act("row-up", "Up", () => this.move(-1)),
        this.act("row-down", "Down", () => this.move(1)),
        this.act("row-values", "Table", () => this.showValues()),
        this.act("row-made", "Card", () => this.showCard(), "how the experiment was made"),
        this.act("row-reset", "Reset", () => this.reset()),
        this.act("row-hide", "Hide", () => this.hide()),
      ),
    );
    this.root.popover = "auto";
    this.root.addEventListener("toggle", ({ newState }) => {
      if (newState === "closed") this.track = null;
    });
    document.body.append(this.root);
  }

  act(id, words, run, title = "") {
    return element("button", { class: "button small", id, type: "button", title, onclick: run }, words);
  }

  get isOpen() {
    return this.track !== null;
  }

  /** @param {any} row @param {{x: number, y: number}} at client coordinates beside which it opens */
  open(row, { x, y }) {
    this.track = row.track;
    this.render();
    this.root.showPopover();
    this.place({ x, y });
    /** @type {HTMLElement|null} */ (this.body.querySelector("input:checked"))?.focus();
  }

  /** Put the whole of it inside the window. */
  place({ x, y }) {
    const { offsetWidth, offsetHeight } = this.root;
    this.root.style.left = `${Math.max(8, Math.min(innerWidth - offsetWidth - 8, x))}px`;
    this.root.style.top = `${Math.max(8, Math.min(innerHeight - offsetHeight - 8, y))}px`;
  }

  close() {
    if (!this.isOpen) return false;
    this.root.hidePopover();
    this.page.view.canvas.focus({ preventScroll: true });
    return true;
  }

  /** Whose settings are shown and set. */
  get target() {
    return this.forAll.checked ? ALL : this.track.id;
  }

  set(part) {
    this.page.change({ rows: withSettings(this.page.state.rows, this.target, part) });
  }

  /** Show what holds now; the control that has the focus keeps it. */
  render() {
    if (!this.track) return;
    const { state, view } = this.page;
    const settings = settingsOf(state, this.target);
    const focused = this.root.contains(document.activeElement) ? document.activeElement.id : "";
    this.title.textContent = this.forAll.checked ? "All rows" : this.track.name;
    this.title.style.borderLeftColor = view.scene.colours.get(this.track.id).dark;
    /** @type {HTMLElement[]} */
    const shown = [
      this.choice("scale", "Scale", SCALES, settings.scale, (scale) => this.set({ scale })),
      this.choice("share", "Top of the scale", SHARES, settings.top === null ? settings.share : "fixed", (share) => this.setShare(share), this.topField(settings), this.floorLine(settings)),
    ];
    if (state.mode === "residual") shown.push(this.choice("residual", "Residual", RESIDUALS, settings.residual, (residual) => this.set({ residual })));
    shown.push(this.heightField(settings), this.colourField(settings));
    if (!this.forAll.checked) shown.push(this.contrastField());
    if (this.track.modelled) shown.push(element("p", { class: "quiet" }, element("a", { class: "link", id: "row-trust", href: "accuracy#model-card" }, "How far to trust the model"), ": its card"));
    this.body.replaceChildren(...shown);
    if (focused) document.getElementById(focused)?.focus();
  }

  /** How the experiment was made: the card that stands beside its BigWig. */
  async showCard() {
    const { track } = this;
    const say = (shown) => {
      if (this.track !== track) return;
      this.body.replaceChildren(shown);
      this.place({ x: this.root.offsetLeft, y: this.root.offsetTop });
    };
    say(element("p", { class: "quiet", role: "status" }, "Loading\u2026"));
    say(await trackCard(track));
  }

  /** Radio buttons side by side. */
  choice(name, legend, options, chosen, choose, ...more) {
    const radios = options.map(([value, words, says]) => {
      const id = `row-${name}-${value}`;
      const input = element("input", { type: "radio", name: `row-${name}`, id, value, checked: value === chosen, onchange: () => choose(value) });
      return element("label", { title: says }, input, element("span", {}, words));
    });
    return element("fieldset", {}, element("legend", {}, legend), element("div", { class: "segments small" }, ...radios), ...more);
  }

  /** A fixed top begins where the scale is. */
  setShare(share) {
    if (share !== "fixed") this.set({ share, top: null });
    else this.set({ top: Number(this.largest().toPrecision(3)) || 1 });
  }

  largest() {
    const { scene } = this.page.view;
    const row = scene.layout.body.find(({ track }) => track === this.track);
    return row ? scene.maximumOf(row) : 0;
  }

  topField({ top }) {
    if (top === null) return null;
    const take = ({ target }) => target.valueAsNumber > 0 && this.set({ top: target.valueAsNumber });
    return element("input", { class: "field short", id: "row-top", type: "number", min: 0, step: "any", value: top, "aria-label": `Top of the scale${this.track.unit ? ` (${this.track.unit})` : ""}`, onchange: take });
  }

  /** What the top of the scale does not go below. */
  floorLine(settings) {
    const words = this.page.view.data.levels.floorWords(this.track.id, settings);
    return words ? element("p", { class: "quiet row-floor", id: "row-floor" }, words) : null;
  }

  heightField({ height }) {
    const row = this.page.view.layout.body.find(({ track }) => track === this.track);
    const now = height ?? row?.height ?? HEIGHT.least;
    const input = element("input", { id: "row-height", type: "range", ...{ min: HEIGHT.least, max: HEIGHT.most }, value: now, "aria-label": "Row height in pixels", onchange: ({ target }) => this.set({ height: target.valueAsNumber }) });
    const auto = element("button", { class: "link", type: "button", id: "row-height-auto", disabled: height === null, onclick: () => this.set({ height: null }) }, "as there is room");
    return element("fieldset", {}, element("legend", {}, `Height, ${now} pixels`), element("div", { class: "row-menu-line" }, input, auto));
  }

  colourField({ colour }) {
    // A colour is kept as on paper; the dark theme shows its counterpart.
    const offered = THEMES.light.ASSAY_PAIRS;
    const swatches = offered.map(([dark], index) => {
      const made = element("button", { class: "swatch", type: "button", id: `row-colour-${index}`, "aria-label": `Colour ${index + 1}`, "aria-pressed": String(colour === dark), onclick: () => this.set({ colour: dark }) });
      made.style.background = inBothThemes(({ ASSAY_PAIRS }) => ASSAY_PAIRS[index][0]);
      return made;
    });
    const custom = element("input", { type: "color", id: "row-colour-custom", value: colour ?? offered[0][0], "aria-label": "Another colour", title: "another colour", onchange: ({ target }) => this.set({ colour: target.value }) });
    const auto = element("button", { class: "link", type: "button", id: "row-colour-auto", disabled: colour === null, onclick: () => this.set({ colour: null }) }, "the assay\u2019s");
    return element("fieldset", {}, element("legend", {}, "Colour"), element("div", { class: "row-menu-line" }, ...swatches, custom, auto));
  }

  /** Of the tracks that are shown, the one that this is contrasted with. */
  contrastField() {
    const { state, project } = this.page;
    const chosen = contrastedWith(state, this.track.id);
    const others = state.tracks.filter((id) => id !== this.track.id);
    const option = (value, words) => element("option", { value, selected: value === (chosen ?? "") }, words);
    const nameOf = (id) => project.tracks.find((track) => track.id === id)?.name ?? id;
    const select = element(
      "select",
      { class: "field", id: "row-contrast", "aria-label": "Contrast with", disabled: others.length === 0, onchange: ({ target }) => this.page.change({ contrasts: withContrast(state.contrasts, this.track.id, target.value || null) }) },
      option("", others.length ? "none" : "show a second track first"),
      ...others.map((id) => option(id, nameOf(id))),
    );
    return element("fieldset", {}, element("legend", {}, "Contrast: log\u2082 ratio to"), element("div", { class: "row-menu-line" }, select));
  }

  move(by) {
    const { tracks } = this.page.state;
    const to = tracks.indexOf(this.track.id) + by;
    if (to >= 0 && to < tracks.length) this.page.change({ tracks: moved(tracks, this.track.id, by > 0 ? to + 1 : to) });
  }

  reset() {
    const { [this.target]: _, ...rows } = this.page.state.rows;
    this.page.change({ rows: this.forAll.checked ? {} : rows });
  }

  hide() {
    const { id, name } = this.track;
    this.close();
    this.page.change({ tracks: this.page.state.tracks.filter((other) => other !== id) });
    this.page.say(`${name} is hidden; Back brings it again.`);
  }

  showValues() {
    const { track } = this;
    this.close();
    this.page.showValues(this.page.view.layout.body.filter((row) => row.track === track));
  }
}

/** @param {LocusPage} page */
export function addRowMenu(page) {
  const { view, actions } = page;
  const menu = new RowMenu(page);
  const placeOf = (row) => {
    const box = view.canvas.getBoundingClientRect();
    return { x: box.left + view.layout.left - 26, y: box.top + view.layout.headHeight + row.y - view.scroller.scrollTop + 8 };
  };
  page.openRowMenu = (row) => {
    view.leave();
    menu.open(row, placeOf(row));
  };
  page.whenShown(() => menu.render());
  view.afterDraw(() => menu.isOpen && !menu.root.contains(document.activeElement) && menu.render());
  actions.escape(0, () => menu.close());

  /** The button shows at the row under the pointer, else at the chosen one. */
  let row = null;
  const button = element("button", { class: "row-button", id: "row-button", type: "button", hidden: true, onclick: () => page.openRowMenu(row) }, "\u22ef");
  view.overlay.append(button);
  const show = (wanted) => {
    const now = wanted?.track && view.layout.body.find(({ key }) => key === wanted.key);
    button.hidden = !now;
    if (!now) return;
    if (row?.key !== now.key) button.setAttribute("aria-label", `Settings of ${now.track.name}`);
    row = now;
    const y = view.layout.headHeight + now.y - view.scroller.scrollTop;
    button.hidden = y < view.layout.headHeight - 4;
    button.style.transform = `translate(${view.layout.left - 30}px, ${y}px)`;
  };
  view.whenHovered((at) => at?.row && show(at.row));
  view.stage.addEventListener("pointerleave", () => show(view.chosenRow));
  view.afterDraw(() => show(menu.isOpen || !button.hidden ? row : view.chosenRow));

  const chosen = () => view.chosenRow?.track && view.chosenRow;
  actions.key(["m"], () => Boolean(chosen()) && (page.openRowMenu(chosen()), true), { says: "settings of the chosen row: scale, height, colour, place", shown: "M on a chosen row", onView: true });
  actions.key(["Delete"], () => Boolean(chosen()) && page.change({ tracks: page.state.tracks.filter((id) => id !== chosen().track.id) }), { says: "hide the chosen row's track", shown: "Delete on a chosen row", onView: true });
}
