/**
 * Wires the variants page: lists that are scored, the table that is open, what of it is asked for, and the address bar. Mounts into
 * the frame by the ids that app/pages/variants.py laid out; Dash draws the two pictures.
 */
import { isTyping } from "../ui/actions.js";
import { endpoint, getJson, getProject, wasAborted } from "../ui/api.js";
import { dashReady, startDash } from "../ui/dash.js";
import { copyText, element } from "../ui/dom.js";
import { awayCard, fatalCard, sayWhenAway } from "../ui/emptystate.js";
import { attempt, notify } from "../ui/notice.js";
import { theme } from "../ui/palette.js";
import { formatNumber, formatSpan } from "../ui/scale.js";
import { showPerson } from "../ui/person.js";
import { startTheme, toggleTheme, whenThemed } from "../ui/theme.js";
import { parseVariants } from "../view/state/variant.js";
import { filtersOf, locusOf, NOTHING, readAsked, writeAsked } from "./address.js";
import { AtlasPlaces } from "./atlas.js";
import { Filters, settled } from "./filters.js";
import { ListsPanel } from "./lists.js";
import { headOf, siteRows } from "./rows.js";

const SITES = 100; // a page

class VariantsPage {
  /** @param {any} project answer of /api/v1/project */
  constructor(project) {
    this.project = project;
    this.names = new Map(project.tracks.map(({ id, name }) => [id, name]));
    this.units = new Map(project.tracks.map(({ id, unit }) => [id, unit]));
    this.asked = readAsked(location.hash);
    this.table = null;
    this.lists = new ListsPanel(project, {
      onOpen: (id) => this.open({ ...NOTHING, id }),
      onGone: (id) => id === this.asked.id && this.open(NOTHING),
    });
    this.filters = new Filters((part) => this.ask(part));
    this.atlas = new AtlasPlaces(project);
    this.head = element("div", { class: "scored-head", hidden: true });
    this.rows = element("div", { class: "scored-rows" });
    this.pictures = /** @type {HTMLElement} */ (document.getElementById("scored-pictures"));
    this.watch();
    addEventListener("popstate", () => this.open(readAsked(location.hash), { push: false }));
    addEventListener("hashchange", () => location.hash !== writeAsked(this.asked) && this.open(readAsked(location.hash), { push: false }));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("click", ({ target }) => {
      if (target instanceof Element && target.closest("#theme-toggle")) toggleTheme();
    });
    whenThemed(() => this.table && this.draw());
  }

  async mount() {
    const places = { "variant-lists": this.lists.root, "atlas-host": this.atlas.root, "scored-head": this.head, "scored-rows": this.rows };
    for (const [id, part] of Object.entries(places)) document.getElementById(id).replaceChildren(part);
    await Promise.all([this.lists.refresh(), attempt(() => this.atlas.find()), this.lists.listOwn().catch(() => {}), this.asked.id ? this.open(this.asked, { push: false }) : null]);
    document.body.dataset.variants = "ready";
    const file = new URLSearchParams(location.hash.slice(1)).get("file");
    if (file) {
      this.write(false); // or a reload would have it read again
      await this.lists.add({ upload: file });
    }
  }

  /** Look at another table, or at none. @param {import("./address.js").Asked} asked */
  async open(asked, { push = true } = {}) {
    this.lists.open = asked.id;
    if (!asked.id) {
      this.asked = asked;
      this.table = null;
      this.head.hidden = this.pictures.hidden = true;
      this.rows.replaceChildren();
      this.write(push);
      return;
    }
    try {
      if (this.table?.id !== asked.id) this.table = await getJson(`variant-tables/${asked.id}`, {});
      this.asked = { ...asked, ...settled(this.table, asked, this.project.default_tracks) };
      this.write(push);
      this.showHead();
      await this.find();
      if (push) this.head.scrollIntoView({ block: "start" });
      this.lists.refresh();
    } catch (error) {
      this.table = null;
      this.head.hidden = this.pictures.hidden = true;
      this.rows.replaceChildren(element("p", { class: "error", role: "alert" }, error.message));
    }
  }

  ask(part) {
    const next = { ...this.asked, ...part };
    this.asked = { ...next, ...settled(this.table, next, this.project.default_tracks) };
    this.write(!("words" in part || "least" in part || "percentile" in part || "gene" in part));
    this.filters.show(this.table, this.asked, this.names);
    this.find();
  }

  write(push) {
    const address = `${location.pathname}${writeAsked(this.asked)}`;
    if (push) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }

  get score() {
    return this.table.scores.find(({ name }) => name === this.asked.score);
  }

  /** By what score rows are ranked among nulls; "" where they are not. */
  get rankedBy() {
    const { percentiles_of: ranked, scores } = this.table;
    if (!ranked.length || this.score.by_gene) return "";
    const by = ranked.includes(this.asked.score) ? this.asked.score : ranked[0];
    return scores.find(({ name }) => name === by).label;
  }

  showHead() {
    const { name, alleles, tracks, members, is_present: isPresent, averaged } = this.table;
    const copied = element("span", { class: "quiet", role: "status" });
    const about = [`${formatNumber(alleles)} allele${alleles === 1 ? "" : "s"}`, `${formatNumber(tracks.length)} track${tracks.length === 1 ? "" : "s"}`, averaged, members ? `${members} networks asked` : "networks not asked"];
    const { context_bp: context } = this.project;
    const reach = isPresent && context ? `, up to ${formatSpan(context)} to either side` : "";
    this.head.replaceChildren(
      element("div", { class: "scored-title" }, element("h2", { id: "scored-title", tabIndex: -1 }, name),
        element("button", { class: "button small", id: "scored-link", type: "button", onclick: async () => {
          await copyText(location.href);
          copied.textContent = "The address is copied.";
        } }, "Copy address"), copied),
      element("p", { class: "quiet" }, `${about.join(" \u00b7 ")}. Each allele by itself, over all bins that it can change${reach}.`),
      ...(isPresent ? [] : [element("p", { class: "warning", role: "alert" }, "These scores are of another model than the project has now: the locus page says something else.")]),
      this.filters.root,
    );
    this.head.hidden = false;
    this.filters.show(this.table, this.asked, this.names);
  }

  /** Ask for the rows; a newer question takes the place of an older one. */
  async find() {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    const { asked } = this;
    this.rows.setAttribute("aria-busy", "true");
    try {
      const found = await getJson(`variant-tables/${asked.id}/rows`, { ...filtersOf(asked), first: asked.page * SITES, limit: SITES }, abort.signal);
      if (found.rows.length === 0 && asked.page > 0 && found.sites) return this.ask({ page: Math.ceil(found.sites / SITES) - 1 });
      this.showRows(found);
      this.pictures.hidden = found.passing === 0;
      if (found.passing) this.draw();
      document.body.dataset.scored = "ready";
    } catch (error) {
      if (wasAborted(error)) return;
      this.pictures.hidden = true;
      this.rows.replaceChildren(element("p", { class: "error", role: "alert" }, error.message));
    } finally {
      if (this.abort === abort) this.rows.removeAttribute("aria-busy");
    }
  }

  showRows({ total, passing, sites, first, rows }) {
    const { asked, score, table, project, names, units, rankedBy } = this;
    const what = score.by_gene ? "alleles and genes" : total === 1 ? "allele" : "alleles";
    const file = (form) => element("a", { class: "button small", id: `scored-${form}`, href: endpoint(`variant-tables/${asked.id}/file`, { ...filtersOf(asked), form }).href, download: `variants.${form}` }, form.toUpperCase());
    const step = (words, page, off) => element("button", { class: "button small", type: "button", disabled: off, onclick: () => {
      this.ask({ page });
      document.getElementById("scored-title")?.focus();
    } }, words);
    const pages = Math.ceil(sites / SITES);
    const line = element("div", { class: "scored-line" },
      element("span", { id: "scored-count", role: "status" }, `${formatNumber(passing)} of ${formatNumber(total)} ${what}, at ${formatNumber(sites)} site${sites === 1 ? "" : "s"}`),
      element("span", { class: "scored-acts" }, element("span", { class: "quiet" }, "These as"), file("tsv"), file("vcf")),
    );
    const steps = () => pages > 1 ? element("nav", { class: "scored-steps", "aria-label": "Pages of the table" }, step("Previous", asked.page - 1, asked.page === 0), element("span", {}, `sites ${formatNumber(first + 1)} to ${formatNumber(first + rows.length)} of ${formatNumber(sites)}`), step("Next", asked.page + 1, asked.page + 1 >= pages)) : null;
    const how = { project, names, units, score, rankedBy, hasMembers: table.members > 0, hasSigns: rows.some((site) => site.some(({ sign }) => sign !== null)), measured: project.measured?.length > 0 && rows.some((site) => site.some(({ measured }) => measured.length)) };
    this.rows.replaceChildren(line, ...(rows.length
      ? [element("div", { class: "scored-table", tabIndex: 0, role: "region", "aria-label": "Scored variants" }, element("table", {}, headOf(how), ...rows.map((site) => siteRows(site, how)))), steps()].filter(Boolean)
      : [element("p", { class: "quiet" }, "Nothing is all of that: ask for less.")]));
  }

  /** Have the pictures drawn of what is asked for. */
  async draw() {
    const dash = await dashReady("scored-figures");
    if (!this.table) return;
    dash.set_props("variants-asked", { data: { ...filtersOf(this.asked), id: this.asked.id, theme } });
  }

  /** A click on a point opens its variant. Plotly tells on its own element, which comes with a picture. */
  watch() {
    const heard = new WeakSet();
    const listen = () => {
      for (const plot of /** @type {NodeListOf<any>} */ (this.pictures.querySelectorAll(".js-plotly-plot"))) {
        if (!plot.on || heard.has(plot)) continue;
        heard.add(plot);
        plot.on("plotly_click", ({ points: [{ customdata }] }) => {
          const [variant] = customdata ? parseVariants(customdata[0]) : [];
          if (variant) location.href = locusOf({ ...variant, variant: customdata[0], track: customdata[1] }, this.project);
        });
      }
    };
    new MutationObserver(listen).observe(this.pictures, { childList: true, subtree: true });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const keys = { "/": () => (this.table ? this.filters.words : this.lists.text).focus(), l: () => notify(`The page is ${toggleTheme()} now.`) };
    const run = keys[event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  }
}

startTheme();
void showPerson();
startDash();
sayWhenAway();
const place = document.getElementById("variant-lists");
try {
  const project = await getProject({ onAway: () => place.replaceChildren(awayCard()) });
  await new VariantsPage(project).mount();
} catch (error) {
  place.replaceChildren(fatalCard(error));
  throw error;
}
