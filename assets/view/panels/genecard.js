/**
 * The card of a gene: what it is, where its starts are and what drives each, where public databases describe it. Links lead
 * elsewhere only when they are clicked; the page itself asks nobody but its own server.
 */
import { getJson, wasAborted } from "../../ui/api.js";
import { closePopover, element, placeBeside } from "../../ui/dom.js";
import { around, formatPosition, formatRegion, formatSpan } from "../../ui/scale.js";
import { NO_MODEL } from "../rows/rownotes.js";
import { tracksOf } from "../state/contrast.js";

/** @typedef {import("../page/page.js").LocusPage} LocusPage */
/** @typedef {{id: string, name: string, chrom: string, start: number, end: number, strand: string, description: string, aliases: string[],
 *   starts: {position: number, transcripts: string[]}[], links: {database: string, id: string, url: string}[]}} GeneCardAnswer */

const ALIASES = 8; // that are named
const STARTS = 12; // that are offered, of genes with very many
const STRANDS = { "+": "plus strand", "-": "minus strand" };

/** Tracks that the model can explain, the one in question first. @param {LocusPage} page */
export function explainableTracks({ project, state, view }) {
  if (!project.has_model) return [];
  const shown = state.tracks.map((id) => view.tracks.get(id)).filter((track) => track?.has_prediction && !track.own);
  const [asked] = tracksOf(view.chosenRow?.track?.id ?? state.saliency?.track ?? "");
  return [...shown].sort((one, other) => Number(other.id === asked) - Number(one.id === asked));
}

/** @param {LocusPage} page */
export function addGeneCard(page) {
  const card = new GeneCard(page);
  page.openGene = (gene, at) => card.open(gene, at);
  page.actions.escape(0, () => closePopover(card.root));
  page.actions.key(["i"], () => card.openHere(), { says: "card of the gene in the middle, or of the one that was gone to", shown: "I", group: "Find" });
}

export class GeneCard {
  /** @param {LocusPage} page */
  constructor(page) {
    this.page = page;
    this.title = element("h2", { id: "gene-card-title" });
    this.body = element("div", { class: "gene-card-body" });
    const close = element("button", { class: "button icon small", type: "button", "aria-label": "Close", onclick: () => this.root.hidePopover() }, "\u2715");
    this.root = element("div", { class: "row-menu gene-card", id: "gene-card", role: "dialog", "aria-labelledby": "gene-card-title" }, element("div", { class: "row-menu-head" }, this.title, close), this.body);
    this.root.popover = "auto";
    this.root.addEventListener("toggle", ({ newState }) => newState === "closed" && this.abort?.abort());
    document.body.append(this.root);
  }

  /** For the keyboard: the gene at the base that is asked about. */
  openHere() {
    const { view, state } = this.page;
    const { chrom } = state.window;
    const base = view.askedBase(state.window);
    const away = ({ start, end }) => Math.max(start - base, base - end, 0);
    const [gene] = [...(view.data.genes.on(chrom)?.genes ?? [])].sort((one, other) => away(one) - away(other));
    if (!gene) return void this.page.say("No gene is near.");
    const box = view.canvas.getBoundingClientRect();
    this.open(gene, { x: box.left + view.scene.scale.toPixel(base), y: box.top + view.layout.headHeight });
    return undefined;
  }

  /** @param {{id: string, name: string, start: number, end: number}} gene as /api/v1/genes gives it @param {{x: number, y: number}} at client coordinates */
  async open(gene, { x, y }) {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.title.textContent = gene.name;
    const place = () => placeBeside(this.root, { getBoundingClientRect: () => ({ left: x, bottom: y, top: y, right: x }) });
    const say = (words) => this.body.replaceChildren(element("p", { class: "quiet", role: "status" }, words));
    say("Loading\u2026");
    // The press that asks for it would close it again.
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return;
    this.root.showPopover();
    place();
    try {
      const { start, end, id } = gene;
      const found = await getJson("gene", { chrom: this.page.state.window.chrom, start, end, gene: id }, signal, { onAway: (message) => say(`${message}.`) });
      this.show(found);
      place();
      /** @type {HTMLElement|null} */ (this.body.querySelector("button, a, select"))?.focus();
    } catch (error) {
      if (!wasAborted(error)) say(error.message);
    }
  }

  /** @param {GeneCardAnswer} gene */
  show({ id, name, chrom, start, end, strand, description, aliases, starts, links }) {
    const also = aliases.filter((alias) => alias !== id && alias !== name);
    const facts = [id === name ? null : id, STRANDS[strand] ?? "no strand", formatSpan(end - start)].filter(Boolean);
    this.body.replaceChildren(
      ...[
        element("p", { class: "gene-facts" }, `${facts.join(", ")}, `, element("button", { class: "link", type: "button", id: "gene-go", onclick: () => this.go({ chrom, start, end, label: name }) }, formatRegion({ chrom, start, end }))),
        description ? element("p", { id: "gene-description" }, description) : null,
        also.length ? element("p", { class: "quiet" }, `Also ${also.slice(0, ALIASES).join(", ")}${also.length > ALIASES ? " and others" : ""}`) : null,
        this.startsList(chrom, starts),
        links.length ? element("ul", { class: "gene-links", id: "gene-links", "aria-label": "In databases" }, ...links.map(linkLine)) : null,
      ].filter(Boolean),
    );
  }

  /** The starts, each with what explains it. */
  startsList(chrom, starts) {
    const tracks = explainableTracks(this.page);
    const choice = element("select", { class: "field", id: "gene-track", "aria-label": "Track that is explained" }, ...tracks.map(({ id, name }) => element("option", { value: id }, name)));
    const lines = starts.slice(0, STARTS).map(({ position, transcripts }) =>
      element("li", { title: transcripts.join(", ") },
        element("span", {}, formatPosition(chrom, position)),
        tracks.length ? element("button", { class: "button small", type: "button", "data-start": String(position), onclick: () => this.explain(choice.value, chrom, position) }, "Explain this start") : null,
      ),
    );
    const left = starts.length - lines.length;
    return element("fieldset", { class: "gene-starts" },
      element("legend", {}, starts.length === 1 ? "Start of transcription" : `${starts.length} starts of transcription`),
      tracks.length ? element("label", {}, "What drives it in ", choice) : element("p", { class: "quiet" }, this.page.project.has_model ? "Show a track with a prediction to ask what drives a start." : NO_MODEL),
      element("ul", {}, ...lines),
      left > 0 ? element("p", { class: "quiet" }, `and ${left} more`) : null,
    );
  }

  go(place) {
    this.root.hidePopover();
    this.page.goTo({ ...place, kind: "gene" });
  }

  /** The saliency of a track at a start, which comes into view. */
  explain(track, chrom, position) {
    const { page } = this;
    this.root.hidePopover();
    const { window } = page.state;
    const inView = window.chrom === chrom && position >= window.start && position < window.end;
    page.change({ saliency: { track, chrom, position }, ...(inView ? {} : { window: around(page.view.chromosomes.get(chrom), position, page.span) }) });
    page.view.canvas.focus({ preventScroll: true });
  }
}

const linkLine = ({ database, id, url }) => element("li", {}, element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, `${database} ${id}`));
