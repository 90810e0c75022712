/**
 * One saliency under way or done: asks the server, names the place, and shows progress, Cancel and Close on its row, which
 * saliencyrow.js draws.
 */
import { getComputed, getJson, wasAborted } from "../../ui/api.js";
import { element } from "../../ui/dom.js";
import { notify } from "../../ui/notice.js";
import { progressParts } from "../../ui/progress.js";
import { around, formatPosition, wholeBases } from "../../ui/scale.js";
import { trackOf, tracksOf } from "../state/contrast.js";
import { declareField, isShown, readTarget, writeTarget } from "../state/state.js";

/** @typedef {import("../state/state.js").SaliencyTarget} SaliencyTarget */

const isSame = (one, other) => one.track === other.track && one.chrom === other.chrom && one.position === other.position;

/** Which saliency it is, in a word; "" for none. */
export const saliencyKey = (target) => (target ? `${target.track}@${target.chrom}:${target.position}` : "");

/** Saliencies that a view holds: the one that was asked for last, and those before it. */
export const MOST_SALIENCIES = 4;

// What was asked before stays: the newest first.
declareField({
  name: "earlier",
  read: (words) => words.split(/,|%2C/i).map(readTarget).filter(Boolean),
  write: (targets) => (targets.length ? targets.map(writeTarget).join(",") : null),
  initial: [],
  settle(targets, settled, page) {
    const others = (targets ?? []).filter((place) => isShown(place, settled, page) && !(settled.saliency && isSame(place, settled.saliency)));
    return others.filter((place, i) => others.findIndex((other) => isSame(place, other)) === i).slice(0, MOST_SALIENCIES - 1);
  },
});

/** A change of the state as it is meant: a saliency that another follows stays. @param {import("../state/state.js").ViewState} state @param {Partial<import("../state/state.js").ViewState>} part */
export const keepingEarlier = (state, part) =>
  part.saliency && state.saliency && !part.earlier && !isSame(part.saliency, state.saliency) ? { ...part, earlier: [state.saliency, ...(state.earlier ?? [])] } : part;

/** Keep the saliencies that the state names, and their controls on their rows. @param {import("../page/page.js").LocusPage} page */
export function addSaliency(page) {
  const { view, project } = page;
  /** By key, whichever is the newest. @type {Map<string, Saliency>} */
  const kept = new Map();
  page.asked.saliency = 0;
  /** Close one; the one before the newest is the newest then. */
  const close = (key) => {
    const { saliency, earlier } = page.state;
    if (saliencyKey(saliency) !== key) return page.change({ earlier: earlier.filter((target) => saliencyKey(target) !== key) });
    return page.change({ saliency: earlier[0] ?? null, earlier: earlier.slice(1) });
  };
  const open = (target) => {
    page.asked.saliency += 1;
    const key = saliencyKey(target);
    const made = new Saliency(target, {
      track: trackOf(view.tracks, target.track),
      chromosome: view.chromosomes.get(target.chrom),
      bin: project.bin,
      members: project.members,
      onChange: () => view.invalidate(),
      onClose: () => close(key),
    });
    view.overlay.append(made.box);
    kept.set(key, made);
  };
  let before = [];
  page.whenShown(({ saliency, earlier }) => {
    const targets = [saliency, ...earlier].filter(Boolean);
    const keys = targets.map(saliencyKey);
    if (keys.join() === before.join() && (view.saliency?.key ?? "") === saliencyKey(saliency)) return;
    if (before.length === MOST_SALIENCIES && keys[0] !== before[0] && !keys.includes(before.at(-1))) notify(`A view holds ${MOST_SALIENCIES} saliencies; the oldest is closed.`);
    before = keys;
    for (const [key, made] of kept) {
      if (keys.includes(key)) continue;
      made.close();
      kept.delete(key);
    }
    for (const target of targets) if (!kept.has(saliencyKey(target))) open(target);
    if ((view.saliency?.key ?? "") !== saliencyKey(saliency)) view.sight.await(saliency && `${tracksOf(saliency.track)[0]}/saliency`);
    view.saliency = kept.get(saliencyKey(saliency)) ?? null;
    view.earlier = kept;
    for (const made of kept.values()) made.setNewest(made === view.saliency);
  });
  view.afterDraw(({ layout, scroll }) => {
    for (const made of kept.values()) {
      const row = layout.body.find(/** @param {any} row */ ({ kind, earlier }) => kind === "saliency" && (earlier ?? view.saliency?.key) === made.key);
      made.box.hidden = !row;
      if (!row) continue;
      const y = layout.headHeight + row.y - scroll;
      made.box.style.visibility = y < layout.headHeight - 4 ? "hidden" : "visible";
      made.box.style.transform = `translate(${layout.left}px, ${y}px)`;
      made.box.style.width = `${layout.plotWidth}px`;
      made.box.style.height = `${row.height}px`;
    }
  });
  page.actions.escape(30, () => Boolean(view.saliency ?? before[0]) && close(view.saliency?.key ?? before[0]));
}

export class Saliency {
  // What it is made with.
  target;
  track;
  chromosome;
  bin;
  members;
  onChange;
  onClose;

  /**
   * @param {SaliencyTarget} target
   * @param {{track: {name: string, unit?: string}, chromosome: any, bin: number, members: number, onChange: () => void, onClose: () => void}} options
   */
  constructor(target, { track, chromosome, bin, members, onChange, onClose }) {
    Object.assign(this, { target, track, chromosome, bin, members, onChange, onClose });
    this.box = element("div", { class: "saliency-box" });
    this.isNewest = false;
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
    return `saliency of ${this.track.name} at ${this.place ? `${this.place} (${where})` : where}`;
  }

  close() {
    this.abort.abort();
    this.box.remove();
  }

  /** The newest has the ids by which it is found. */
  setNewest(isNewest) {
    if (this.isNewest === isNewest) return;
    this.isNewest = isNewest;
    this.box.id = isNewest ? "saliency-box" : "";
    this.render();
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
    if (this.status === "ready" && this.members) await this.askMembers();
  }

  /** What the networks that taught the model say comes into the row that is drawn; without it nothing is doubted. */
  async askMembers() {
    try {
      this.result = { ...this.result, said: await getComputed("saliency/members", this.target, { signal: this.abort.signal }) };
    } catch (error) {
      if (wasAborted(error)) return;
    }
    this.onChange();
  }

  async findPlace() {
    this.place = await placeOf(this.target, this.chromosome, this.bin, this.abort.signal);
    if (this.place) this.onChange();
  }

  render() {
    const parts = [];
    if (this.status === "loading") {
      parts.push(...progressParts(this.progress ?? {}, "Computing saliency", this.isNewest ? "saliency-cancel" : "", () => this.onClose()));
    } else if (this.status === "error") {
      parts.push(
        element("span", { class: "error", role: "alert" }, this.problem),
        element("button", { class: "button small", type: "button", onclick: () => this.compute() }, "Try again"),
      );
    }
    this.box.dataset.status = this.status;
    this.box.replaceChildren(
      element("div", { class: "saliency-status" }, ...parts),
      element(
        "button",
        { class: "row-close", id: this.isNewest ? "saliency-close" : "", type: "button", "aria-label": `Close the ${this.title}`, title: "Close (Esc)", onclick: this.onClose },
        "\u2715",
      ),
    );
  }
}

/** The gene whose TSS lies in or beside the target bin, for a title; without one, null, the position says it. */
export async function placeOf({ chrom, position }, chromosome, bin, signal = undefined) {
  const reach = 2 * bin;
  const window = wholeBases(around(chromosome, position, 2 * reach));
  const answer = await getJson("genes", { ...window, chrom }, signal).catch(() => null);
  return nearestGene(answer?.genes ?? [], position, reach);
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
