/**
 * One saliency under way or done: asks the server, names the place, and shows progress, Cancel and Close on its row, which
 * saliencyrow.js draws.
 */
import { getComputed, getJson, wasAborted } from "./api.js";
import { element } from "./dom.js";
import { progressParts } from "./progress.js";
import { around, formatPosition, wholeBases } from "./scale.js";

/** @typedef {import("./state.js").SaliencyTarget} SaliencyTarget */

export const saliencyKey = (target) => (target ? `${target.track}@${target.chrom}:${target.position}` : "");

/** Keep the saliency that the state names, and its controls on its row. @param {import("./page.js").LocusPage} page */
export function addSaliency(page) {
  const { view, project } = page;
  const box = element("div", { class: "saliency-box", id: "saliency-box", hidden: true });
  view.overlay.append(box);
  page.asked.saliency = 0;
  page.whenShown(({ saliency: target }) => {
    if ((view.saliency?.key ?? "") === saliencyKey(target)) return;
    view.saliency?.close();
    view.saliency = null;
    view.sight.await(target && `${target.track}/saliency`);
    if (!target) return;
    page.asked.saliency += 1;
    view.saliency = new Saliency(target, {
      box,
      trackName: view.tracks.get(target.track).name,
      chromosome: view.chromosomes.get(target.chrom),
      bin: project.bin,
      onChange: () => view.invalidate(),
      onClose: () => page.change({ saliency: null }),
    });
  });
  view.afterDraw(({ layout, scroll }) => {
    const row = view.saliency && layout.body.find(({ kind }) => kind === "saliency");
    if (!row) return;
    const y = layout.headHeight + row.y - scroll;
    box.style.visibility = y < layout.headHeight - 4 ? "hidden" : "visible";
    box.style.transform = `translate(${layout.left}px, ${y}px)`;
    box.style.width = `${layout.plotWidth}px`;
    box.style.height = `${row.height}px`;
  });
  page.actions.escape(30, () => page.state.saliency && page.change({ saliency: null }));
}

export class Saliency {
  /**
   * @param {SaliencyTarget} target
   * @param {{box: HTMLElement, trackName: string, chromosome: any, bin: number, onChange: () => void, onClose: () => void}} options
   */
  constructor(target, { box, trackName, chromosome, bin, onChange, onClose }) {
    Object.assign(this, { target, box, trackName, chromosome, bin, onChange, onClose });
    this.key = saliencyKey(target);
    /** @type {"loading"|"ready"|"error"} */
    this.status = "loading";
    this.result = null;
    this.abort = new AbortController();
    this.compute();
    this.findPlace();
  }

  get title() {
    const { chrom, position } = this.target;
    const where = formatPosition(chrom, position);
    return `saliency of ${this.trackName} at ${this.place ? `${this.place} (${where})` : where}`;
  }

  close() {
    this.abort.abort();
    this.box.hidden = true;
  }

  async compute() {
    this.status = "loading";
    this.progress = null;
    this.render();
    try {
      this.result = await getComputed("saliency", this.target, {
        signal: this.abort.signal,
        onProgress: (progress) => {
          this.progress = progress;
          this.render();
        },
      });
      this.status = "ready";
    } catch (error) {
      if (wasAborted(error)) return;
      this.status = "error";
      this.problem = error.message;
    }
    this.render();
    this.onChange();
  }

  /** The gene whose TSS lies in or beside the target bin, for the title; without one the position says it. */
  async findPlace() {
    const { chrom, position } = this.target;
    const reach = 2 * this.bin;
    const window = wholeBases(around(this.chromosome, position, 2 * reach));
    const answer = await getJson("genes", { ...window, chrom }, this.abort.signal).catch(() => null);
    this.place = nearestGene(answer?.genes ?? [], position, reach);
    if (this.place) this.onChange();
  }

  render() {
    const parts = [];
    if (this.status === "loading") {
      parts.push(...progressParts(this.progress ?? {}, "Computing saliency", "saliency-cancel", () => this.onClose()));
    } else if (this.status === "error") {
      parts.push(
        element("span", { class: "error", role: "alert" }, this.problem),
        element("button", { class: "button small", type: "button", onclick: () => this.compute() }, "Try again"),
      );
    }
    this.box.hidden = false;
    this.box.dataset.status = this.status;
    this.box.replaceChildren(
      element("div", { class: "saliency-status" }, ...parts),
      element(
        "button",
        { class: "row-close", id: "saliency-close", type: "button", "aria-label": "Close the saliency row", title: "Close (Esc)", onclick: this.onClose },
        "\u2715",
      ),
    );
  }
}

/** Name of the gene with the transcription start nearest to a base, within `reach` bases; null without one. */
export function nearestGene(genes, base, reach) {
  let best = reach;
  let name = null;
  for (const gene of genes) {
    for (const tss of gene.tss ?? []) {
      if (Math.abs(tss - base) > best) continue;
      best = Math.abs(tss - base);
      name = gene.name;
    }
  }
  return name;
}
