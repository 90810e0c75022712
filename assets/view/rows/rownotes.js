/** The crosshair and the note beside the cursor: position, values, and what a click would do. */
import { element } from "../../ui/dom.js";
import { formatBin, formatNumber, formatPosition, formatValue } from "../../ui/scale.js";

/** @typedef {{title: string, lines: {label: string, value: string, colour?: string}[], hint?: string}} Note */

/** Why the model cannot be asked anything. */
export const NO_MODEL = "This project has no model to ask: sighthound train makes one, sighthound model import brings one.";

/** Value of one series at a base; null where the series does not reach. */
function valueAt(summary, block, base, stat) {
  const bin = Math.floor((base - block.start) / block.binBp);
  const values = summary?.[stat];
  return values && bin >= 0 && bin < block.bins ? values[bin] : null;
}

/** What the note says over a track's row. @returns {Note} */
export function trackNote({ track, block, base, chrom, length, colours, hint, spread = null }) {
  const lines = [];
  let title = formatPosition(chrom, base);
  if (block) {
    const bin = Math.floor((base - block.start) / block.binBp);
    title = formatBin(chrom, block.start + bin * block.binBp, block.binBp, length);
    for (const [kind, colour] of [["experiment", colours.dark], ["prediction", colours.light]]) {
      if (!block[kind]) continue;
      const mean = valueAt(block[kind], block, base, "mean");
      const max = valueAt(block[kind], block, base, "max");
      const value = formatValue(mean);
      lines.push({ label: kind, value: max === null || Number.isNaN(max) ? value : `${value} (max ${formatValue(max)})`, colour });
    }
  }
  if (spread) lines.push({ label: `\u00b1 sd of ${spread.members} networks (band)`, value: formatValue(spread.deviation), colour: colours.dark });
  return { title, lines: [{ label: track.unit ? `${track.name} (${track.unit})` : track.name, value: "" }, ...lines], hint };
}

/** What the networks that taught the model say of a bin. @returns {{label: string, value: string}[]} */
const saidLines = (said, bin) =>
  said ? [{ label: `${said.members} networks`, value: `${formatValue(said.mean[bin])} \u00b1 ${formatValue(said.deviation[bin])}` }, ...(said.known[bin] ? [] : [{ label: "they disagree", value: "" }])] : [];

/** What the note says over the saliency row. @returns {Note} */
export function saliencyNote({ result, base, chrom, unit = "", length }) {
  const bin = Math.floor((base - result.start) / result.bin);
  const value = bin >= 0 && bin < result.values.length ? result.values[bin] : null;
  return {
    title: formatBin(chrom, result.start + bin * result.bin, result.bin, length),
    lines: [{ label: unit ? `saliency (${unit})` : "saliency", value: value === null ? "outside the model's window" : formatValue(value) }, ...(value === null ? [] : saidLines(result.said, bin))],
    hint: value === null ? undefined : "Click: which bases? (mutate 200 bp here)",
  };
}

/** @returns {Note} */
export function geneNote(gene, chrom) {
  const lines = [
    { label: gene.id === gene.name ? "gene" : gene.id, value: `${gene.strand === "-" ? "minus" : gene.strand === "+" ? "plus" : "no"} strand` },
    { label: "span", value: `${chrom}:${formatNumber(gene.start + 1)}-${formatNumber(gene.end)}` },
  ];
  return { title: gene.name, lines, hint: [gene.description, "Click: its card, links, and what drives its starts"].filter(Boolean).join("\n") };
}

/** What the note says over a track's name; `averaged` of a prediction made on the spot. @returns {Note} */
export function labelNote(track, averaged = "") {
  const lines = [
    { label: "assay", value: track.assay },
    { label: "sample", value: track.sample },
    { label: "strand", value: track.strand === "." ? "" : track.strand },
    { label: "unit", value: track.unit ?? "" },
    { label: "predicted live", value: averaged },
  ];
  return { title: track.name, lines: lines.filter(({ value }) => value), hint: track.description || undefined };
}

const swatch = (colour) => {
  const made = element("span", { class: "note-swatch" });
  if (colour) made.style.background = colour;
  return made;
};

export class Tooltip {
  /** @param {HTMLElement} stage what the note and the crosshair lie on */
  constructor(stage) {
    this.stage = stage;
    this.crosshair = element("div", { class: "crosshair", hidden: true });
    this.note = element("div", { class: "note", role: "tooltip", id: "locus-note", hidden: true });
    stage.append(this.crosshair, this.note);
  }

  hide() {
    this.crosshair.hidden = true;
    this.note.hidden = true;
  }

  /** @param {number} x @param {number} y @param {Note} note @param {boolean} withCrosshair */
  show(x, y, note, withCrosshair) {
    this.crosshair.hidden = !withCrosshair;
    this.crosshair.style.transform = `translateX(${Math.round(x)}px)`;
    this.note.replaceChildren(
      element("div", { class: "note-title" }, note.title),
      ...note.lines.map(({ label, value, colour }) =>
        element(
          "div",
          { class: "note-line" },
          swatch(colour),
          element("span", {}, label),
          element("b", {}, value),
        ),
      ),
      note.hint ? element("div", { class: "note-hint" }, note.hint) : "",
    );
    this.note.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.note;
    const { clientWidth, clientHeight } = this.stage;
    const left = x + 16 + width > clientWidth ? x - width - 16 : x + 16;
    const top = Math.max(4, Math.min(clientHeight - height - 4, y + 14));
    this.note.style.transform = `translate(${Math.round(Math.max(4, left))}px, ${Math.round(top)}px)`;
  }
}
