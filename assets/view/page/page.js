/**
 * The locus page: holds the state, tells the view and every part of the page what to show, and keeps the address bar.
 *
 * A part of the page is a function `add(page)` in the list of parts.js. In it, a part registers
 *     page.actions            its clicks, keys and form controls (actions.js)
 *     page.whenShown(f)       what it does with every new state: f(state, { live }); live while a drag or a wheel goes on
 *     page.place(id, root)    an element of its own for the place with this id, in the frame or in what Dash draws
 *     page.view.afterDraw(f), page.view.data.addSource(s), registerRowKind(kind), declareField(field)
 * and it changes the state with page.change({ field: value }) or page.setWindow(window, { push: true }).
 */
import { Actions } from "../../ui/actions.js";
import { MOST_SHOWN } from "../../ui/trackfacets.js";
import { addHooks } from "./testhooks.js";
import { closeNewestNotice, notify } from "../../ui/notice.js";
import { PARTS } from "./parts.js";
import { keepingEarlier } from "../data/saliency.js";
import { clampWindow, formatRegion, parseRegion, wholeBases, zoomWindow } from "../../ui/scale.js";
import { tracksOf } from "../state/contrast.js";
import { AddressBar, isUndone, readState, searchIn, settleState, shownAddress, unshown, writeState } from "../state/state.js";
import { LocusView } from "./view.js";

/** @typedef {import("../../ui/scale.js").Region} Region */
/** @typedef {import("../state/state.js").ViewState & {window: Region}} PageState */

const TITLE_LAG = 150; // ms

/** A listener that is told at most every `lag` ms while a drag goes on, and of its end. */
function lagging(listener, lag) {
  let told = 0;
  let timer = 0;
  const tell = (state, how) => {
    told = performance.now();
    listener(state, how);
  };
  return (state, how) => {
    clearTimeout(timer);
    const wait = how.live ? told + lag - performance.now() : 0;
    if (wait <= 0) tell(state, how);
    else timer = setTimeout(tell, wait, state, how);
  };
}

export class LocusPage {
  // What parts give the page for others.
  addSteps;
  goTo;
  locusBox;
  openGene;
  openRowMenu;
  openSession;
  placeName;
  recent;
  showTable;
  showValues;
  standpoint;
  table;
  tour;

  /** @param {import("../../ui/answers.js").ProjectSummary & {own?: any}} project @param {string} search "?...": the view that the address asks for */
  constructor(project, search = searchIn(location)) {
    this.project = project;
    this.chromosomes = project.chromosomes;
    this.actions = new Actions();
    /** Offers to change a base; kept by its part of the page. @type {import("../panels/basemenu.js").BaseMenu|null} */
    this.baseMenu = null;
    /** Requests of the parts so far, by what for. @type {Record<string, number>} */
    this.asked = {};
    /** @type {Map<string, {root: HTMLElement, onPlaced: () => void}>} */
    this.places = new Map();
    /** @type {((state: PageState, how: {live: boolean}) => void)[]} */
    this.shownListeners = [];
    /** @type {((complete: boolean) => void)[]} */
    this.pictureListeners = [];
    this.view = new LocusView(project, {
      goTo: (window, how) => this.setWindow(window, how),
      change: (part) => this.change(part),
      offerBase: (chrom, position, { x, y }) => {
        const box = this.view.canvas.getBoundingClientRect();
        this.baseMenu?.open({ chrom, position, at: { x: box.left + x, y: box.top + y } });
      },
      openGene: (gene, { x, y }) => {
        const box = this.view.canvas.getBoundingClientRect();
        this.openGene(gene, { x: box.left + x, y: box.top + y });
      },
      onValues: (row) => this.showValues([row]),
      onRefused: (why) => why && notify(why),
      onDrawn: (complete) => {
        for (const tell of this.pictureListeners) tell(complete);
      },
    });
    this.address = new AddressBar((state) => this.restore(state), search);
    this.whenShown(({ window }) => {
      document.title = `${formatRegion(wholeBases(window))} \u2013 Sighthound`;
    }, { lag: TITLE_LAG });
    addHooks(this);
    for (const add of PARTS) add(this);
    this.actions.escape(40, closeNewestNotice);
    this.actions.listen(this.view.canvas);
    // In its place the view knows its width, and asks for the signals of just that.
    this.mount();
    this.restore(readState(search));
    for (const words of unshown(search, this.state)) notify(words, { failed: true });
  }

  get span() {
    return this.state.window.end - this.state.window.start;
  }

  /**
   * @param {(state: PageState, how: {live: boolean}) => void} listener
   * @param {{lag?: number}} [how]  lag: ms that it may lag behind while a drag or a wheel goes on, for what costs a frame
   */
  whenShown(listener, { lag = 0 } = {}) {
    this.shownListeners.push(lag ? lagging(listener, lag) : listener);
  }

  /** @param {(complete: boolean) => void} listener told after every picture; complete: with all that the window needs */
  whenDrawn(listener) {
    this.pictureListeners.push(listener);
  }

  /** Put an element into its place, now or when it appears. */
  place(id, root, onPlaced = () => {}) {
    this.places.set(id, { root, onPlaced });
  }

  /** Put every part into its place, if that is there yet. @returns {boolean} whether all are placed */
  mount() {
    for (const [id, { root, onPlaced }] of this.places) {
      const host = document.getElementById(id);
      if (!host) continue;
      host.replaceChildren(root);
      this.places.delete(id);
      onPlaced();
    }
    return this.places.size === 0;
  }

  /** Take the state of an address; what it does not say is the project's default. */
  restore(asked) {
    const { project, chromosomes } = this;
    let window = asked.locus ? parseRegion(asked.locus, chromosomes) : null;
    const isWords = asked.locus && !window;
    window ??= parseRegion(project.default_locus, chromosomes) ?? { chrom: chromosomes[0].name, start: 0, end: Math.min(20000, chromosomes[0].length) };
    const { saliency } = asked;
    const tracks = [...(asked.tracks ?? project.default_tracks)];
    // An address that asks for a saliency shows the track it is of.
    for (const place of [saliency, ...(asked.earlier ?? [])].filter(Boolean)) {
      const [track] = tracksOf(place.track);
      if (!tracks.includes(track)) tracks.push(track);
    }
    this.state = settleState({ ...asked, window, tracks: tracks.slice(0, MOST_SHOWN) }, this);
    this.render();
    if (tracks.length > MOST_SHOWN) notify(`The address asks for ${tracks.length} tracks; a view holds ${MOST_SHOWN}, and the first of them are shown.`, { failed: true });
    // A place in other words than the page's own is read as if it were typed.
    if (isWords) this.locusBox.go(asked.locus, { arriving: true });
  }

  /**
   * @param {Partial<PageState>} part of the state that becomes another
   * @param {{isStep?: boolean}} [how] whether Back undoes it; its fields say by default
   */
  change(part, { isStep = isUndone(part) } = {}) {
    this.state = settleState({ ...this.state, ...keepingEarlier(this.state, part) }, this);
    if (isStep) this.address.push(this.addressed());
    else this.address.replace(this.addressed());
    this.render();
    return true;
  }

  /** @param {Region} window @param {{push?: boolean, live?: boolean}} how  push: Back undoes it; live: a drag or wheel goes on */
  setWindow(window, { push = false, live = false } = {}) {
    const clamped = clampWindow(window, this.view.chromosomes.get(window.chrom).length);
    this.state = { ...this.state, window: live ? clamped : wholeBases(clamped) };
    if (push) this.address.push(this.addressed());
    else this.address.replace(this.addressed());
    this.render({ live });
  }

  /** The state as the address has it. */
  addressed() {
    return { ...this.state, locus: formatRegion(wholeBases(this.state.window)) };
  }

  get link() {
    return new URL(shownAddress(writeState(this.addressed())), location.href).href;
  }

  render({ live = false } = {}) {
    for (const tell of this.shownListeners) tell(this.state, { live });
    this.view.show(this.state, { live });
  }

  /** @param {number} windows to the right @param {object} [how] as setWindow takes it */
  pan(windows, how) {
    const { chrom, start, end } = this.state.window;
    const shift = windows * (end - start);
    this.setWindow({ chrom, start: start + shift, end: end + shift }, how);
  }

  /** @param {number} factor < 1 is in @param {number} [anchor] base that stays where it is @param {object} [how] */
  zoom(factor, anchor, how) {
    const { window } = this.state;
    const { length } = this.view.chromosome;
    this.setWindow(zoomWindow(window, factor, anchor ?? (window.start + window.end) / 2, length), how);
  }

  /** Say something to a screen reader. */
  say(words) {
    const region = document.getElementById("announcer");
    if (region) region.textContent = words;
  }
}
