/**
 * Wires the tracks page: what is asked for (facets, words), what is chosen, the table, and the address bar. Mounts into the
 * frame by the ids that app/pages/tracks.py laid out, while Dash still draws the table.
 */
import { isTyping } from "../ui/actions.js";
import { getProject } from "../ui/api.js";
import { startDash } from "../ui/dash.js";
import { copyText, download, element } from "../ui/dom.js";
import { FACETS, matcher, MOST_SHOWN, withTracks, wordsOf } from "../ui/trackfacets.js";
import { trackColours } from "../ui/palette.js";
import { formatCorrelation, formatNumber } from "../ui/scale.js";
import { SavedSets } from "../ui/tracksets.js";
import { addressToShare, openAddress } from "../view/state/shares.js";
import { awayCard, fatalCard, sayWhenAway } from "../ui/emptystate.js";
import { tableAddress, tracksIn, viewIn, withTracksIn } from "../view/state/tracksaddress.js";
import { showPerson } from "../ui/person.js";
import { startTheme, toggleTheme } from "../ui/theme.js";
import { locusAddress, readFilter, writeFilter, writeSorting } from "./address.js";
import { CardDialog } from "./carddialog.js";
import { FacetPanel } from "./facets.js";
import { asTable, TracksTable } from "./table.js";
import { TableHelp } from "./help.js";
import { ChoiceTray } from "./tray.js";

const SAID = 6000; // ms that a message stays
const COPIED = 1600; // ms that the button says so
// What is asked for by these comes letter by letter: Back does not go through that.
const GRADUAL = ["words", "least"];
const OURS = { table: true }; // entries of the browser's history that this page wrote

class TracksPage {
  /** @param {any} project answer of /api/v1/project @param {string} search "?...": the view that is carried along */
  constructor(project, search) {
    this.project = project;
    this.search = search;
    /** The last of them that a view holds. */
    this.fitting = search;
    this.tracks = new Map(project.tracks.map((track) => [track.id, track]));
    this.place = new Map(project.tracks.map((track, index) => [track.id, index]));
    const colours = trackColours(project.tracks);
    this.sets = new SavedSets(`${project.title}|${project.genome}`, project.track_sets);
    this.filter = readFilter(location.hash);
    const shown = tracksIn(search) ?? project.default_tracks;
    this.chosen = shown.filter((id) => this.tracks.has(id));
    /** What the view shows besides tracks of the project: files of the visitor's own. */
    this.others = shown.filter((id) => !this.tracks.has(id));
    this.table = new TracksTable(project.tracks, colours, {
      onChoice: (ids) => this.choose(withTracks(this.chosen.filter((id) => ids.has(id)), ids, this.place), { ticked: true }),
      onSorted: (sorting) => this.ask({ sorting }),
      onCard: (track) => this.card.show(track),
    });
    this.panel = new FacetPanel(project.tracks, this.sets, {
      onFilter: (part) => this.ask(part),
      onSet: (ids, name) => this.chooseSet(ids, name),
      onSay: (words) => this.say(words),
    });
    this.tray = new ChoiceTray(this.tracks, colours, {
      onChoice: (ids) => this.choose(ids),
      onSave: (name, ids) => this.save(name, ids),
      onDownload: (ids) => download(new Blob([asTable(ids.map((id) => this.tracks.get(id)))], { type: "text/tab-separated-values" }), "tracks.tsv"),
    });
    this.card = new CardDialog();
    this.help = new TableHelp();
    this.words = element("input", { id: "table-search", class: "field", type: "search", placeholder: "Search tracks by any words", "aria-label": "Search tracks", value: this.filter.words, oninput: () => this.ask({ words: this.words.value }) });
    this.line = element("div", { class: "table-line" });
    this.found = element("span", { id: "found-count", role: "status" });
    this.asked = element("ul", { class: "chips", "aria-label": "Asked for" });
    this.all = element("button", { class: "button small", type: "button", id: "choose-found", onclick: () => this.choose(withTracks(this.chosen, this.hits.map((track) => track.id), this.place)) });
    this.only = element("input", { type: "checkbox", id: "chosen-only", onchange: () => this.ask({ chosenOnly: this.only.checked }) });
    this.line.append(this.found, this.asked, element("span", { class: "table-acts" }, element("label", {}, this.only, "Only chosen"), this.all));
    document.addEventListener("keydown", (event) => this.key(event));
    const clicks = { "tracks-toggle": () => this.toggleFacets(), "track-scrim": () => this.toggleFacets(), "theme-toggle": () => this.toggleTheme(), "help-button": () => this.help.show(), share: () => this.share() };
    document.addEventListener("click", ({ target }) => target instanceof Element && clicks[target.closest("[id]")?.id]?.());
    history.replaceState(OURS, "");
    addEventListener("popstate", ({ state }) => this.restore(state));
    this.show();
  }

  /** Ask for something else, which Back undoes; parts that are not given stay. */
  ask(part) {
    this.filter = { ...this.filter, ...part };
    this.write({ push: !Object.keys(part).some((name) => GRADUAL.includes(name)) });
    this.show();
  }

  /** Back and Forward change what the table is asked for, and leave what was chosen meanwhile; another address is another choice. */
  restore(state) {
    this.filter = readFilter(location.hash);
    const ids = state === null ? tracksIn(viewIn(location)) : null;
    if (ids) this.choose(ids.filter((id) => this.tracks.has(id)));
    this.write();
    this.show();
  }

  write({ push = false } = {}) {
    const address = `${location.pathname}${tableAddress(this.search, writeFilter(this.filter))}`;
    if (push) history.pushState(OURS, "", address);
    else history.replaceState(OURS, "", address);
  }

  /** Copy the address of this table for a colleague: a long one is kept on the server. */
  async share() {
    const { address, problem } = await addressToShare(this.search);
    const hash = writeFilter(this.filter);
    await copyText(`${location.origin}${location.pathname}${problem ? tableAddress(this.search, hash) : `${address}${hash}`}`);
    this.say(problem ? `A long address is copied. ${problem}` : "The address of this table is copied.");
    document.body.dataset.copied = "yes";
    setTimeout(() => delete document.body.dataset.copied, COPIED);
  }

  show() {
    const { filter } = this;
    const asked = { ...filter, ids: filter.chosenOnly ? new Set(this.chosen) : null };
    const passes = matcher(asked);
    this.hits = this.project.tracks.filter(passes);
    this.table.filter(passes);
    if (writeSorting(this.table.sorting) !== writeSorting(filter.sorting)) this.table.sort(filter.sorting);
    this.panel.show(asked);
    if (this.words.value.trim() !== filter.words.trim()) this.words.value = filter.words;
    this.only.checked = filter.chosenOnly;
    const all = formatNumber(this.project.tracks.length);
    this.found.textContent = this.hits.length === this.project.tracks.length ? `${all} tracks` : `${formatNumber(this.hits.length)} of ${all} tracks`;
    this.asked.replaceChildren(...this.askedFor());
    this.showChosen();
  }

  /** What is asked for, each with a button that takes it back. */
  askedFor() {
    const { filter } = this;
    const chip = (words, part) => element("li", { class: "chip" }, element("span", { class: "chip-name" }, words), element("button", { class: "row-act", type: "button", "aria-label": `Do not ask for ${words}`, onclick: () => this.ask(part) }, "\u2715"));
    const chips = Object.keys(FACETS).flatMap((facet) => filter[facet].map((value) => chip(value ? wordsOf(facet, value) : `no ${facet}`, { [facet]: filter[facet].filter((other) => other !== value) })));
    if (filter.least !== null) chips.push(chip(`held-out r \u2265 ${formatCorrelation(filter.least)}`, { least: null }));
    if (chips.length > 1 || (chips.length && filter.words.trim())) {
      const nothing = { words: "", least: null, chosenOnly: false, ...Object.fromEntries(Object.keys(FACETS).map((facet) => [facet, []])) };
      chips.push(element("li", {}, element("button", { class: "link", type: "button", id: "ask-all", onclick: () => this.ask(nothing) }, "Clear all")));
    }
    return chips;
  }

  /** @param {string[]} ids in the order of the view */
  choose(ids, { ticked = false } = {}) {
    this.chosen = ids;
    if (!ticked) this.table.choose(ids);
    this.search = withTracksIn(this.search, [...ids, ...this.others]);
    if (ids.length <= MOST_SHOWN) this.fitting = this.search;
    this.write();
    this.showChosen();
    if (this.filter.chosenOnly && !ticked) this.show();
  }

  showChosen() {
    const address = locusAddress(this.fitting);
    this.tray.show(this.chosen, address);
    document.getElementById("to-locus")?.setAttribute("href", address);
    const chosen = new Set(this.chosen);
    const left = this.hits.filter((track) => !chosen.has(track.id)).length;
    this.all.textContent = left === 0 ? "All found are chosen" : `Choose all ${formatNumber(this.hits.length)} found`;
    this.all.disabled = left === 0;
  }

  chooseSet(ids, name) {
    const known = ids.filter((id) => this.tracks.has(id));
    this.choose(known);
    const missing = ids.length - known.length;
    this.say(`${known.length} tracks of ${name} are chosen.${missing ? ` ${missing} are not in this project.` : ""}`);
  }

  save(name, ids) {
    try {
      const before = this.sets.own().get(name);
      this.sets.save(name, ids);
      this.say(`${formatNumber(ids.length)} tracks are kept as ${name}${before ? `, instead of the ${formatNumber(before.length)} before` : ""}.`);
    } catch (error) {
      this.say(error.message);
    }
  }

  say(words) {
    const region = document.getElementById("announcer");
    if (!region) return;
    region.textContent = words;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => region.replaceChildren(), SAID);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.help.dialog.open || this.card.dialog.open) return;
    if (event.key === "Escape" && document.body.dataset.tracks === "open") this.toggleFacets();
    const keys = { "/": () => this.words.focus(), "?": () => this.help.show(), l: () => this.toggleTheme() };
    const run = isTyping(event.target) ? undefined : keys[event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  }

  toggleTheme() {
    this.say(`The page is ${toggleTheme()} now.`);
  }

  toggleFacets() {
    const narrow = matchMedia("(max-width: 1100px)").matches;
    const now = document.body.dataset.tracks ?? (narrow ? "closed" : "open");
    document.body.dataset.tracks = now === "open" ? "closed" : "open";
  }

  async mount() {
    const places = { "facet-panel": this.panel.root, "table-search-host": this.words, "table-line": this.line, "choice-tray": this.tray.root };
    for (const [id, part] of Object.entries(places)) document.getElementById(id).replaceChildren(part);
    this.showChosen();
    this.table.choose(this.chosen);
    await this.table.open();
    // For tests and benchmarks: when the rows were there, in ms from the navigation.
    globalThis.sighthound = { painted: performance.now() };
    document.body.dataset.table = "ready";
  }
}

startTheme();
void showPerson();
startDash();
sayWhenAway();
const place = document.getElementById("table-line");
try {
  const [project, { search, problem }] = await Promise.all([getProject({ onAway: () => place.replaceChildren(awayCard()) }), openAddress({ search: viewIn(location), hash: "" })]);
  const page = new TracksPage(project, search);
  await page.mount();
  if (problem) page.say(problem);
} catch (error) {
  place.replaceChildren(fatalCard(error));
  throw error;
}
