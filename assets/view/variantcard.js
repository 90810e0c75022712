/**
 * The card of a variant or haplotype: what it is, what it does to every track and gene, and the motifs that it makes or breaks.
 * Plotly draws the ranking (app/figures/variant_effects.py) from the store that Dash keeps.
 */
import { getComputed, wasAborted } from "./api.js";
import { dashReady } from "./dash.js";
import { copyText, element } from "./dom.js";
import { theme } from "./palette.js";
import { progressParts } from "./progress.js";
import { around, formatNumber, formatRegion, formatSpan, formatValue } from "./scale.js";
import { whenThemed } from "./theme.js";
import { formatVariant, hgvsOf, trimmed, variantsKey, vcfLines, withoutVariant } from "./variant.js";

/** @typedef {import("./page.js").LocusPage} LocusPage */
/** @typedef {import("./variant.js").Variant} Variant */

const ALL_TRACKS = 1_000_000;
const GENES = 8;
const MOTIFS = 12;
const GENE_SPAN = 8000; // bases around a gene's start
const SCORES = [["sad", "SAD", "alternative minus reference, summed over the bins that can change"], ["log2_ratio", "Log\u2082 ratio", "log\u2082 of alternative + 1 over reference + 1, of the same sums"]];

const signed = (value) => `${value < 0 ? "\u2212" : "+"}${formatValue(Math.abs(value))}`;

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
  page.actions.escape(22, () => page.state.variant && page.change({ variant: null }));
}

export class VariantCard {
  /** @param {LocusPage} page */
  constructor(page) {
    this.page = page;
    /** Of the variants shown; null before the first. @type {string|null} */
    this.key = null;
    this.score = "sad";
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
    this.genes = element("div", { class: "card-genes" });
    this.motifs = element("div", { class: "card-motifs" });
    this.consequences = element("div", {}, this.genes, this.motifs);
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
    const { ensemble = "" } = page.project.live ?? {};
    this.haplotype.replaceChildren(
      element("h3", {}, variants.length === 1 ? "Variant" : "On one sequence"),
      element("ul", { class: "variant-list", id: "variant-list" }, ...lines),
      element("p", { class: "quiet" }, "Add another with a click on a base (zoom in), or E."),
      element("div", { class: "card-acts" }, copy("variant-hgvs", "HGVS", hgvsOf(variants)), copy("variant-vcf", "VCF", vcfLines(variants))),
      copied,
      ...(ensemble ? [element("p", { class: "quiet" }, `Predicted: ${ensemble}.`)] : []),
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
    this.renderRankingHead();
    this.renderGenes(variants, null);
    this.nameMotifs(variants, abort.signal);
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

  /** Tracks with what groups them, as the figure takes them. */
  get rows() {
    const { tracks } = this.page.view;
    return this.answer.ranked.map((row) => {
      const { name = row.track, assay = "", group = "", sample = "" } = tracks.get(row.track) ?? {};
      return { ...row, name, assay, group, sample };
    });
  }

  draw(dash = globalThis.dash_clientside) {
    dash.set_props("variant-data", { data: { rows: this.rows, score: this.score, theme } });
  }

  renderRankingHead() {
    const count = this.answer?.ranked.length;
    const choose = (score) => {
      this.score = score;
      this.renderRankingHead();
      this.draw();
    };
    this.rankingHead.replaceChildren(
      element("h3", {}, count ? `Effect on ${formatNumber(count)} track${count === 1 ? "" : "s"}` : "Effect on every track"),
      ...(count
        ? [
            element("div", { class: "segments small", role: "group", "aria-label": "score" },
              ...SCORES.map(([score, words, title]) => element("button", { type: "button", "data-score": score, title, "aria-pressed": String(score === this.score), onclick: () => choose(score) }, words)),
            ),
            element("button", { class: "button small", id: "variant-table", type: "button", onclick: () => this.showTable() }, "Table"),
          ]
        : []),
    );
  }

  showTable() {
    const columns = ["track", "assay", "sample", "reference", "alternative", "SAD", "log2 ratio"];
    const rows = this.rows.map(({ name, assay, sample, reference, alternative, sad, log2_ratio: ratio }) => [name, assay, sample, reference, alternative, sad, ratio]);
    this.page.showTable({ caption: `${this.title.textContent}: effect on every track`, note: "Reference and alternative are sums over the bins that can change, in the track's unit.", columns, rows, cut: false });
  }

  renderGenes(variants, genes) {
    const head = element("h3", {}, "Genes", element("small", {}, " SED at their starts"));
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
    const largest = Math.abs(genes[0].ranked[0]?.sed ?? 0) || 1;
    const rows = genes.slice(0, GENES).map((gene) => {
      const [{ track, sed, reference }] = gene.ranked;
      const distance = distanceTo(gene, span);
      const share = reference > 0 ? `${signed((100 * sed) / reference)} %` : "";
      const bar = element("span", { class: `sed-bar ${sed < 0 ? "lowers" : "raises"}` });
      bar.style.width = `${Math.max(2, (100 * Math.abs(sed)) / largest)}%`;
      const where = distance === 0 ? "at its start" : `${formatSpan(Math.abs(distance))} ${distance < 0 ? "upstream" : "downstream"}`;
      return element("tr", {},
        element("td", {}, element("button", { class: "link", type: "button", title: "Go to its start", onclick: () => this.goToGene(variants[0].chrom, gene) }, gene.name), element("small", {}, where)),
        element("td", {}, element("span", { class: "sed-track" }, this.page.view.tracks.get(track)?.name ?? track), element("span", { class: "sed-line" }, bar)),
        element("td", { class: "number" }, signed(sed), element("small", {}, share)),
      );
    });
    this.genes.replaceChildren(head, element("table", { class: "sed-table", id: "variant-genes" }, element("tbody", {}, ...rows)));
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
