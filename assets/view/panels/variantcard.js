/**
 * The card of a variant or haplotype: what it is, what it does to every track and gene, and the motifs that it makes or breaks.
 * Plotly draws the ranking (app/figures/variant_effects.py) from the store that Dash keeps.
 */
import { getComputed, getJson, wasAborted } from "../../ui/api.js";
import { dashReady } from "../../ui/dash.js";
import { closePopover, copyText, element, placeBeside } from "../../ui/dom.js";
import { theme } from "../../ui/palette.js";
import { progressParts } from "../../ui/progress.js";
import { around, formatChange, formatNumber, formatRegion, formatShare, formatSpan, formatValue } from "../../ui/scale.js";
import { measurementsOf } from "../measured/measureddata.js";
import { showTrack } from "../rows/showtrack.js";
import { whenThemed } from "../../ui/theme.js";
import { formatVariant, hgvsOf, trimmed, variantsKey, vcfLines, withoutVariant } from "../state/variant.js";
import { agreedOf, agreedWords, amongNulls, measuredLines, promoterWords, signWords } from "./varianttrust.js";

/** @typedef {import("../page/page.js").LocusPage} LocusPage */
/** @typedef {import("../state/variant.js").Variant} Variant */

const ALL_TRACKS = 1_000_000;
const GENES = 8;
const MOTIFS = 12;
const GENE_SPAN = 8000; // bases around a gene's start
const SCORES = [
  ["log2", "Log\u2082 ratio", "log\u2082 of alternative over reference, of means over bins, to each of which the track's own spread is added: the standard deviation of its prediction over the genome"],
  ["sad", "SAD", "alternative minus reference, summed over bins, in each track's own unit"],
];
const WINDOWS = [["local", "Local", "over the bins that the variant changes most, found for each track"], ["context", "Whole context", "over all bins that the variant can change"]];
const SHOWN = 12; // tracks in the list for the keyboard

/** Bases from the nearest start of a gene to the variants, along its strand; negative is upstream. */
export function distanceTo({ tss, strand }, { start, end }) {
  const away = (site) => (site >= end ? end - 1 - site : site < start ? start - site : 0);
  const nearest = tss.reduce((best, site) => (Math.abs(away(site)) < Math.abs(away(best)) ? site : best));
  const found = away(nearest);
  return strand === "-" ? -found : found;
}

/** @param {LocusPage} page */
export function addVariantCard(page) {
  if (!page.project.has_model) return;
  const card = new VariantCard(page);
  page.place("variant-head", card.head);
  page.place("variant-haplotype", card.haplotype);
  page.place("variant-ranking-head", card.rankingHead);
  page.place("variant-consequences", card.consequences);
  page.whenShown(({ variant }, { live }) => live || card.show(variant));
  whenThemed(() => card.answer && card.draw());
  page.actions.escape(0, () => closePopover(card.ranking));
  page.actions.escape(22, () => page.state.variant && page.change({ variant: null }));
}

export class VariantCard {
  /** @param {LocusPage} page */
  constructor(page) {
    this.page = page;
    /** Of the variants shown; null before the first. @type {string|null} */
    this.key = null;
    this.score = "log2";
    this.window = "local";
    /** What was looked at before, for Undo. @type {(Variant[]|null)[]} */
    this.past = [];
    this.shown = null;
    this.title = element("h2", { id: "variant-title" });
    this.status = element("div", { class: "panel-status", id: "variant-status" });
    this.undoButton = element("button", { class: "button small", id: "variant-undo", type: "button", title: "Back to the variants before", onclick: () => this.undo() }, "Undo");
    this.head = element("div", { class: "panel-head" }, this.title, this.status, this.undoButton,
      element("button", { class: "button icon", id: "variant-close", type: "button", "aria-label": "Close the variant", title: "Close (Esc)", onclick: () => page.change({ variant: null }) }, "\u2715"),
    );
    this.haplotype = element("div", { class: "card-haplotype" });
    this.rankingHead = element("div", { class: "card-head" });
    this.doubt = element("p", { class: "quiet card-doubt", id: "variant-doubt", role: "status", hidden: !page.project.members });
    this.signs = element("p", { class: "quiet card-doubt", id: "variant-signs", role: "status", hidden: true });
    this.believed = null;
    this.nulls = element("p", { class: "quiet card-doubt", id: "variant-nulls", hidden: true });
    this.agreed = null;
    this.genes = element("div", { class: "card-genes" });
    this.motifs = element("div", { class: "card-motifs" });
    this.measured = element("div", { class: "card-measured" });
    this.atlas = element("div", { class: "card-measured", id: "variant-atlas" });
    this.consequences = element("div", {}, this.genes, this.motifs);
    this.ranking = element("div", { class: "row-menu strongest", id: "ranking-menu", role: "dialog", "aria-label": "Tracks that change most" });
    this.ranking.popover = "auto";
    document.body.append(this.ranking);
    this.watch();
  }

  /** @param {Variant[]|null} variants */
  show(variants) {
    const key = variants ? variantsKey(variants) : "";
    if (key === this.key) return;
    // Going back, with the button or the browser's, takes a step off; anything else adds one.
    const before = this.past.at(-1);
    if (this.past.length && (before ? variantsKey(before) : "") === key) this.past.pop();
    else if (this.key !== null) this.past.push(this.shown);
    this.key = key;
    this.shown = variants;
    this.abort?.abort();
    document.body.dataset.variant = variants ? "open" : "closed";
    this.undoButton.hidden = this.past.length === 0;
    if (!variants) return;
    this.title.textContent = variants.length === 1 ? `Variant ${formatVariant(variants[0])}` : `Haplotype of ${variants.length} variants on ${variants[0].chrom}`;
    this.renderHaplotype(variants);
    this.compute(variants);
  }

  undo() {
    this.page.change({ variant: this.past.at(-1) ?? null });
  }

  renderHaplotype(variants) {
    const { page } = this;
    const lines = variants.map((variant) =>
      element("li", {},
        element("button", { class: "link", type: "button", title: "Go there", onclick: () => this.goTo(variant) }, formatVariant(variant)),
        element("button", { class: "button icon small", type: "button", "aria-label": `Take ${formatVariant(variant)} off`, title: "Take off", onclick: () => page.change({ variant: withoutVariant(variants, variant) }) }, "\u2715"),
      ),
    );
    const copied = element("span", { class: "quiet", role: "status", id: "variant-copied" });
    const copy = (id, name, words) =>
      element("button", { class: "button small", id, type: "button", title: words, onclick: async () => {
        await copyText(words);
        copied.textContent = `${name} copied`;
      } }, `Copy ${name}`);
    const { claims } = page.project;
    this.haplotype.replaceChildren(
      element("h3", {}, variants.length === 1 ? "Variant" : "On one sequence"),
      element("ul", { class: "variant-list", id: "variant-list" }, ...lines),
      element("p", { class: "quiet" }, "Add another with a click on a base (zoom in), or E."),
      element("div", { class: "card-acts" }, copy("variant-hgvs", "HGVS", hgvsOf(variants)), copy("variant-vcf", "VCF", vcfLines(variants)), element("a", { class: "button small", id: "variant-many", href: "variants", title: "Score a list of variants, each by itself, and see which matter most" }, "Score many\u2026")),
      copied,
      this.measured,
      this.atlas,
      element("p", { class: "quiet" }, `Predicted: ${claims}.`),
    );
  }

  goTo(variant) {
    const { start, end } = trimmed(variant);
    const chromosome = this.page.view.chromosomes.get(variant.chrom);
    this.page.setWindow(around(chromosome, (start + end) / 2, Math.min(this.page.span, GENE_SPAN)), { push: true });
  }

  async compute(variants) {
    const abort = new AbortController();
    this.abort = abort;
    document.body.dataset.variantReady = "no";
    this.answer = null;
    this.agreed = null;
    this.believed = null;
    this.renderRankingHead();
    this.renderGenes(variants, null);
    this.nameMotifs(variants, abort.signal);
    this.findMeasured(variants, abort.signal);
    this.lookUp(variants, abort.signal);
    const onProgress = (progress) => {
      if (!abort.signal.aborted) this.status.replaceChildren(...progressParts(progress, "Scoring every track", "variant-cancel", () => this.cancel()));
    };
    onProgress({});
    try {
      const found = await getComputed("variant", { variants: variantsKey(variants), most: ALL_TRACKS }, { signal: abort.signal, onProgress });
      const dash = await dashReady("variant-figure");
      if (abort.signal.aborted) return;
      this.status.replaceChildren();
      this.answer = found;
      this.renderRankingHead();
      this.draw(dash);
      this.renderGenes(variants, found.genes);
      document.body.dataset.variantReady = "yes";
      await this.askMembers(variants, abort.signal);
      if (!abort.signal.aborted) this.askSigns(variants, abort.signal);
    } catch (error) {
      if (wasAborted(error)) return;
      this.status.replaceChildren(
        element("span", { class: "error", role: "alert" }, error.message),
        element("button", { class: "button small", type: "button", onclick: () => this.compute(variants) }, "Try again"),
      );
      this.genes.replaceChildren();
    }
  }

  cancel() {
    this.page.change({ variant: this.past.at(-1) ?? null });
  }

  /** What was measured of these very variants stands beside what is predicted. */
  async findMeasured(variants, signal) {
    this.measured.replaceChildren();
    if (!this.page.project.measured?.length) return;
    try {
      const answers = await Promise.all(
        variants.map((variant) => getJson("measured", { chrom: variant.chrom, start: Math.max(0, variant.position - 1), end: variant.position + variant.ref.length }, signal)),
      );
      const found = variants.flatMap((variant, place) => measurementsOf(answers[place].tables, variant).map((one) => ({ variant, ...one })));
      if (signal.aborted) return;
      this.measured.replaceChildren(element("h3", {}, "Measured"), ...measuredLines(found, variants.length > 1));
    } catch (error) {
      if (!wasAborted(error)) this.measured.replaceChildren(element("p", { class: "quiet" }, `Whether it was measured cannot be said: ${error.message}`));
    }
  }

  /** What the project's atlas has of a substitution is there at once, on the tracks in view. */
  async lookUp(variants, signal) {
    this.atlas.replaceChildren();
    if (variants.length > 1 || variants[0].ref.length !== 1 || variants[0].alt.length !== 1) return;
    try {
      const { around: bins, averaged, effects } = await getJson("atlas", { variants: variantsKey(variants) }, signal);
      const { state, view, project } = this.page;
      const shown = effects.filter(({ track, effect }) => effect !== null && state.tracks.includes(track));
      if (signal.aborted || shown.length === 0) return;
      const lines = shown.map(({ track, effect }) => element("li", {}, element("b", { class: effect < 0 ? "lowers" : "raises" }, formatChange(effect)), ` ${view.tracks.get(track)?.name ?? track} `, element("small", {}, view.tracks.get(track)?.unit ?? "")));
      this.atlas.replaceChildren(element("h3", { title: "Alternative minus reference, looked up in the project\u2019s atlas; right to 3.6 %" }, `From the atlas, summed over ${formatSpan((2 * bins + 1) * project.bin)}`), element("ul", {}, ...lines), element("p", { class: "quiet" }, `The atlas: ${averaged}.`));
    } catch (error) {
      if (!wasAborted(error)) this.atlas.replaceChildren(element("p", { class: "quiet" }, `The atlas cannot be read: ${error.message}`));
    }
  }

  /** What the networks that taught the model say comes into what stands already. */
  async askMembers(variants, signal) {
    const { members } = this.page.project;
    if (!members) return;
    document.body.dataset.variantMembers = "no";
    this.doubt.textContent = `${members} networks are asked whether they agree`;
    try {
      const found = await getComputed("variant/members", { variants: variantsKey(variants) }, { signal });
      this.agreed = agreedOf(found);
      this.draw();
      this.renderGenes(variants, this.answer.genes);
      this.renderDoubt();
      document.body.dataset.variantMembers = "yes";
    } catch (error) {
      if (!wasAborted(error)) this.doubt.textContent = `Whether networks agree cannot be said: ${error.message}`;
    }
  }

  /** What measured effects say of predicted signs comes last. */
  async askSigns(variants, signal) {
    if (!this.page.project.measured?.length) return;
    document.body.dataset.variantSigns = "no";
    try {
      const found = await getComputed("variant/signs", { variants: variantsKey(variants) }, { signal });
      if (found.tracks.length) {
        this.believed = { ...found, of: new Map(found.tracks.map((row) => [row.track, row.probability])) };
        this.draw();
      }
      this.renderSigns();
      document.body.dataset.variantSigns = "yes";
    } catch (error) {
      if (wasAborted(error)) return;
      this.signs.hidden = false;
      this.signs.textContent = `Whether the signs can be believed cannot be said: ${error.message}`;
    }
  }

  renderSigns() {
    const { text, title } = this.believed ? signWords(this.believed) : { text: "", title: "" };
    this.signs.hidden = !text;
    Object.assign(this.signs, { textContent: text, title });
  }

  /** On how many tracks the networks agree, in the window that is shown. */
  renderDoubt() {
    const { agreed } = this;
    if (!agreed) return;
    const rows = [...agreed.tracks.values()];
    const known = rows.filter((row) => row[this.window].known).length;
    this.doubt.textContent = `The ${agreed.members} networks agree on ${formatNumber(known)} of ${formatNumber(rows.length)} tracks; grey: they disagree`;
    this.doubt.title = agreedWords(agreed.members);
  }

  /** Tracks with what groups them, as the figure takes them. */
  get rows() {
    const { tracks } = this.page.view;
    const contextBp = this.answer.bins * this.answer.bin;
    return this.answer.ranked.map((row) => {
      const { name = row.track, assay = "", group = "", sample = "", unit = "" } = tracks.get(row.track) ?? {};
      const agreed = this.agreed?.tracks.get(row.track);
      return { ...row, name, assay, group, sample, unit, context_bp: contextBp, ...(agreed && { members: this.agreed.members, agreed }), ...(this.believed && { sign: this.believed.of.get(row.track) ?? null, told: this.believed.told }) };
    });
  }

  draw(dash = globalThis.dash_clientside) {
    const { rows, score, window } = this;
    dash.set_props("variant-data", { data: { rows, score, window, chrom: this.shown[0].chrom, theme } });
  }

  renderRankingHead() {
    const count = this.answer?.ranked.length;
    const choice = (field, name, choices) =>
      element("div", { class: "segments small", role: "group", "aria-label": name },
        ...choices.map(([value, words, title]) => element("button", { type: "button", [`data-${field}`]: value, title, "aria-pressed": String(value === this[field]), onclick: () => {
          this[field] = value;
          this.renderRankingHead();
          this.renderDoubt();
          this.draw();
        } }, words)),
      );
    this.rankingHead.replaceChildren(
      element("h3", {}, count ? `Effect on ${formatNumber(count)} track${count === 1 ? "" : "s"}` : "Effect on every track"),
      ...(count
        ? [
            choice("window", "bins that are compared", WINDOWS),
            choice("score", "score", SCORES),
            element("div", { class: "card-acts" },
              element("button", { class: "button small", id: "variant-show", type: "button", title: "Show a track that changes, as a click on its bar does", onclick: (event) => this.listRanking(event.currentTarget) }, "Show track"),
              element("button", { class: "button small", id: "variant-table", type: "button", onclick: () => this.showTable() }, "Table"),
            ),
            this.nulls,
            this.doubt,
            this.signs,
          ]
        : []),
    );
    this.renderNulls();
    this.renderSigns();
  }

  /** On which track the change stands out most among random substitutions that match. */
  renderNulls() {
    const matched = this.answer?.matched_on;
    this.nulls.hidden = !matched;
    if (!matched) return;
    const rows = this.rows.filter(({ percentile }) => percentile !== null);
    const [first] = rows.sort((one, other) => other.percentile - one.percentile || Math.abs(other.log2 ?? 0) - Math.abs(one.log2 ?? 0));
    this.nulls.textContent = first ? `SAD over the whole context ${amongNulls(first.percentile)} on ${first.name}, where it stands out most` : "Too few nulls match to rank it";
    this.nulls.title = `Nulls: random substitutions of this genome, matched on ${matched}. Of many tracks some stand out by chance.`;
  }

  /** The number that ranks a track now. */
  scoreOf(row) {
    return (this.window === "local" ? row.local : row)[this.score];
  }

  /** The tracks that change most as buttons: the way to the figure's bars for the keyboard. */
  listRanking(button) {
    const size = (row) => Math.abs(this.scoreOf(row) ?? 0);
    const sorted = this.rows.sort((one, other) => size(other) - size(one) || one.name.localeCompare(other.name));
    const lines = sorted.slice(0, SHOWN).map((row) =>
      element("li", {},
        element("button", { class: "button small", type: "button", "data-track": row.track, onclick: () => {
          this.ranking.hidePopover();
          showTrack(this.page, row.track);
        } }, row.name),
        element("b", { class: this.scoreOf(row) < 0 ? "lowers" : "raises" }, formatChange(this.scoreOf(row))),
        element("small", {}, [row.assay, row.percentile != null && amongNulls(row.percentile)].filter(Boolean).join(", ")),
      ),
    );
    const [, score] = SCORES.find(([name]) => name === this.score);
    this.ranking.replaceChildren(element("h2", {}, `Tracks that change most, by ${score}`), element("ul", {}, ...lines));
    this.ranking.showPopover();
    placeBeside(this.ranking, button);
    this.ranking.querySelector("button")?.focus();
  }

  /** Plotly's figure comes and goes with Dash: a click on a bar or point shows its track. */
  watch() {
    const heard = new WeakSet();
    const listen = () => {
      const figure = /** @type {any} */ (document.querySelector("#variant-figure .js-plotly-plot"));
      if (!figure?.on || heard.has(figure)) return;
      heard.add(figure);
      figure.on("plotly_click", ({ points: [{ customdata }] }) => customdata && showTrack(this.page, customdata));
    };
    new MutationObserver(listen).observe(document.documentElement, { childList: true, subtree: true });
  }

  showTable() {
    const both = ["reference", "alternative", "SAD", "log2 ratio"];
    const columns = ["track", "assay", "sample", "unit", "spread", "local start", "local end", ...both.map((name) => `local ${name}`), ...both.map((name) => `context ${name}`)];
    const values = ({ reference, alternative, sad, log2 }) => [reference, alternative, sad, log2 ?? ""];
    const said = (agreed) => (agreed ? [agreed.mean, agreed.deviation, agreed.known ? "agree" : "disagree"] : []);
    const saidOf = ({ agreed }) => [...said(agreed?.local), ...said(agreed?.context)];
    if (this.agreed) columns.push(...["local", "context"].flatMap((window) => [`${window} networks' mean SAD`, `${window} networks' deviation`, `${window} networks`]));
    const signOf = ({ sign }) => (this.believed ? [sign ?? ""] : []);
    if (this.believed) columns.push("probability that a measured effect has the sign of the context's SAD");
    const { matched_on: matched } = this.answer;
    const rankOf = ({ percentile }) => (matched ? [percentile === null ? "" : percentile] : []);
    if (matched) columns.push("context percentile among nulls");
    const rows = this.rows.map((row) => [row.name, row.assay, row.sample, row.unit, row.spread ?? "", row.local.start + 1, row.local.end, ...values(row.local), ...values(row), ...saidOf(row), ...signOf(row), ...rankOf(row)]);
    const { bin, bins, local_bins: localBins } = this.answer;
    const note = `Local: the ${formatNumber(localBins * bin)} bp that the variant changes most; context: all ${formatNumber(bins * bin)} bp that it can change. Reference and alternative are sums of bins in the track's unit; log2 ratios are of means over bins plus the track's spread (1 where none is known).${this.agreed ? ` ${agreedWords(this.agreed.members)}` : ""}${this.believed ? ` ${signWords(this.believed).title}` : ""}${matched ? ` Percentile: of the size of the context's SAD among random substitutions matched on ${matched}.` : ""}`;
    this.page.showTable({ caption: `${this.title.textContent}: effect on every track`, note, columns, rows, cut: false });
  }

  renderGenes(variants, genes) {
    const head = element("h3", {}, "Genes", element("small", {}, " change at their starts (SED), expression first"));
    if (!genes) {
      this.genes.replaceChildren(head, element("p", { class: "quiet" }, "\u2026"));
      return;
    }
    if (genes.length === 0) {
      this.genes.replaceChildren(head, element("p", { class: "quiet" }, "No gene starts where the variant can change anything."));
      return;
    }
    const spans = variants.map(trimmed);
    const span = { start: spans[0].start, end: Math.max(...spans.map(({ end }) => end)) };
    const size = ({ ranked: [{ log2 }] }) => Math.abs(log2 ?? 0);
    const largest = Math.max(...genes.map(size)) || 1;
    const listed = genes.slice(0, GENES);
    const rows = listed.map((gene) => {
      const [{ track: id, sed, reference, alternative, log2 }] = gene.ranked;
      const track = this.page.view.tracks.get(id);
      const distance = distanceTo(gene, span);
      const share = formatShare(sed, reference);
      const bar = element("span", { class: `sed-bar ${sed < 0 ? "lowers" : "raises"}` });
      bar.style.width = `${Math.max(2, (100 * size(gene)) / largest)}%`;
      const where = distance === 0 ? "at its start" : `${formatSpan(Math.abs(distance))} ${distance < 0 ? "upstream" : "downstream"}`;
      const window = `${formatSpan(gene.bins * this.answer.bin)} at its start${gene.bins > 1 ? "s" : ""}`;
      const title = `${track?.name ?? id}, ${window}: ${formatValue(reference)} to ${formatValue(alternative)}${track?.unit ? ` (${track.unit})` : ""}; log\u2082 ratio ${formatChange(log2)}, which the bar shows`;
      const agreed = this.agreed?.genes.get(gene.gene);
      const isDoubted = agreed && !agreed.known;
      const doubt = agreed ? `\n${this.agreed.members} networks say ${formatChange(agreed.mean)} \u00b1 ${formatValue(agreed.deviation)}${isDoubted ? ": they disagree" : ""}` : "";
      return element("tr", { title: title + doubt, class: isDoubted ? "is-doubted" : "" },
        element("td", {}, element("button", { class: "link", type: "button", title: "Go to its start", onclick: () => this.goToGene(variants[0].chrom, gene) }, gene.name), element("small", {}, where)),
        element("td", {}, element("span", { class: "sed-track" }, track?.name ?? id), element("small", {}, [track?.assay, window].filter(Boolean).join(", ")), element("span", { class: "sed-line" }, bar)),
        element("td", { class: "number" }, formatChange(sed), element("small", {}, `of ${formatValue(reference)}`), element("small", {}, isDoubted ? "networks disagree" : share)),
      );
    });
    const inReporters = (gene) => {
      const promoter = this.agreed?.promoters.get(gene.gene);
      if (!promoter) return [];
      const { text, title } = promoterWords(promoter, this.agreed.members);
      return [element("tr", { title, class: `sed-promoter ${promoter.known ? "" : "is-doubted"}` }, element("td", {}), element("td", { colSpan: 2 }, element("small", {}, text)))];
    };
    this.genes.replaceChildren(head, element("table", { class: "sed-table", id: "variant-genes" }, element("tbody", {}, ...rows.flatMap((row, place) => [row, ...inReporters(listed[place])]))));
  }

  goToGene(chrom, { tss }) {
    this.page.setWindow(around(this.page.view.chromosomes.get(chrom), tss[0], Math.max(GENE_SPAN, this.page.span)), { push: true });
  }

  async nameMotifs(variants, signal) {
    const head = element("h3", {}, "Motifs");
    const say = (words, kind = "quiet") => this.motifs.replaceChildren(head, element("p", { class: kind }, words));
    say("naming motifs");
    try {
      const onProgress = ({ message = "" }) => say(message || "naming motifs");
      const { changes } = await getComputed("variant/motifs", { variants: variantsKey(variants) }, { signal, onProgress });
      if (changes.length === 0) {
        say("No motif is made or broken.");
        return;
      }
      const lines = changes.slice(0, MOTIFS).map((change) => {
        const { kind, name, url, strand, p_reference: before, p_alternative: after } = change;
        const where = formatRegion({ chrom: variants[0].chrom, start: change.start, end: change.end });
        return element("li", { "data-kind": kind, title: where },
          element("span", { class: `motif-kind ${kind}` }, kind === "gain" ? "makes" : "breaks"),
          url ? element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, `${name} ${strand}`) : element("span", {}, `${name} ${strand}`),
          element("small", {}, `p ${before.toPrecision(1)} \u2192 ${after.toPrecision(1)}`),
        );
      });
      const left = changes.length - lines.length;
      this.motifs.replaceChildren(head, element("ul", { class: "motif-list", id: "variant-motifs" }, ...lines), left > 0 ? element("p", { class: "quiet" }, `and ${left} more`) : "");
    } catch (error) {
      if (!wasAborted(error)) say(`Motifs cannot be named: ${error.message}`);
    }
  }
}
