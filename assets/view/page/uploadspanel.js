/**
 * "Your data": the list of one's own files beside the view, adding to it (a dialog's choice, a drop on the page, an address), and
 * the rows of BED and VCF files. BigWigs are tracks like any other and need no rows of their own.
 */
import { wasAborted } from "../../ui/api.js";
import { element } from "../../ui/dom.js";
import { FeatureCache, featureAt, featureNote, featurePlot, featureTable, LANE, LANES } from "../rows/featurerows.js";
import { attempt, notify } from "../../ui/notice.js";
import { CHOSEN, INK, MUTED, trackColours } from "../../ui/palette.js";
import { registerRowKind } from "../rows/rowkinds.js";
import { fitText, rect, text } from "../draw/shapes.js";
import { decodeList, parametersOf } from "../state/state.js";
import { PREFIX, asTrack, fetchFrom, misfit, remove, send } from "../data/uploads.js";

const DAY = 86_400;
const ACCEPTED = ".bw,.bigwig,.bedgraph,.bdg,.bg,.wig,.bed,.narrowpeak,.broadpeak,.vcf,.gz,.txt";

/** Caches of the files' features. @type {Map<string, FeatureCache>} */
const caches = new Map();
const hasFeatures = ({ own }) => own === "bed" || own === "vcf";

registerRowKind({
  kind: "features",
  place: "track",
  order: 0,
  rows: (_, track) => (hasFeatures(track) ? [{ name: `${track.own === "vcf" ? "variants" : "features"} of ${track.name}` }] : []),
  height: () => LANES * LANE + 2,
  plot: (row, scene) => featurePlot({ ...ofScene(row, scene), row }),
  label(row, { layout, measure, colours, activeRow }) {
    const { track } = row;
    const middle = row.y + row.height / 2;
    const width = layout.left - 26;
    return [
      ...(row.key === activeRow ? [rect(0.5, row.y - 3, layout.left - 6, row.height + 6, CHOSEN, { radius: 4 })] : []),
      rect(4, row.y, 3, row.height, colours.get(track.id).dark),
      text(14, middle - 7, fitText(track.name, width, measure, 12, 600), INK, { size: 12, weight: 600 }),
      text(14, middle + 9, track.own === "vcf" ? "your variants" : "your features", MUTED, { size: 10.5 }),
    ];
  },
  table: (row, scene) => featureTable({ ...ofScene(row, scene), name: row.track.name }),
  note(row, scene, at) {
    if (at.side === "left") return { title: row.track.name, lines: [], hint: row.track.description };
    const feature = at.side === "plot" ? featureAt({ ...ofScene(row, scene), row, ...at }) : null;
    return feature && featureNote(feature, scene.window.chrom, canAsk(feature, scene));
  },
  isClickable(row, scene, at) {
    const feature = featureAt({ ...ofScene(row, scene), row, ...at });
    return Boolean(feature) && canAsk(feature, scene);
  },
  click(row, scene, at) {
    const { start, ref, alt } = featureAt({ ...ofScene(row, scene), row, ...at });
    askAbout(scene, { chrom: scene.window.chrom, position: start, ref, alt });
  },
});

const ofScene = ({ track }, scene) => {
  const cache = caches.get(track.id);
  return { ...scene, colours: scene.colours.get(track.id), here: cache?.on(scene.window.chrom) ?? null, problem: cache?.problem ?? "" };
};

/** Whether the model can be asked about a variant: the part of the page that shows variants declares the state's field for it. */
/** @param {any} feature */
const canAsk = ({ ref, problem }, { project, state }) => Boolean(ref && !problem && project.has_model && "variant" in state);

function askAbout({ change }, variant) {
  change({ variant: [variant] });
}

/** @param {import("./page.js").LocusPage} page */
export function addOwnData(page) {
  const { view, project } = page;
  const { own } = project;
  const known = (file) => {
    const track = asTrack(file);
    view.tracks.set(file.id, track);
    view.colours.set(file.id, trackColours([{ ...track, color: project.assays.length }]).get(file.id));
    if (hasFeatures(track)) caches.set(file.id, new FeatureCache(file.id, { onChange: () => view.invalidate(), onError: () => {} }));
  };
  own.files.forEach(known);
  sayWhatIsMissing(page);
  view.data.addSource({
    ensure: ({ tracks, window, plotWidth, length }) => tracks.forEach(({ id }) => caches.get(id)?.ensure(window, plotWidth, length)),
    isReady: ({ tracks }) => tracks.every(({ id }) => caches.get(id)?.isCurrent ?? true),
  });

  const panel = new OwnDataPanel(own, {
    onFiles: (files) => take(files),
    onAddress: (url) => add(url, (_, signal) => fetchFrom(url, signal)),
    onShow: (id, on) => page.change({ tracks: on ? [...page.state.tracks, id] : page.state.tracks.filter((other) => other !== id) }),
    onRemove: (file) =>
      attempt(async () => {
        await remove(file.id);
        own.files.splice(own.files.indexOf(file), 1);
        page.change({ tracks: page.state.tracks.filter((id) => id !== file.id) });
        panel.list(page.state.tracks);
      }),
  });
  page.place("own-data", panel.root);
  page.whenShown(({ tracks }, { live }) => live || panel.list(tracks));

  /** @param {string} name @param {(onProgress: (share: number) => void, signal: AbortSignal) => Promise<any>} bring */
  async function add(name, bring) {
    const abort = new AbortController();
    const progress = panel.begin(name, () => abort.abort());
    try {
      const file = await bring(progress, abort.signal);
      own.files.push(file);
      known(file);
      page.change({ tracks: [...page.state.tracks, file.id] });
      view.sight.await(`${file.id}/${file.kind === "bigwig" ? "experiment" : "features"}`);
      page.say(`${file.name} is added.`);
      if (file.note) notify(`${file.name}: ${file.note}.`);
    } catch (error) {
      if (!wasAborted(error)) notify(error.message, { failed: true });
    } finally {
      panel.end(name);
    }
  }

  /** @param {Iterable<File>} files */
  async function take(files) {
    for (const file of files) {
      if (/\.json$/i.test(file.name)) await attempt(() => page.openSession(file));
      else {
        const problem = misfit(file, own);
        if (problem) notify(problem, { failed: true });
        else await add(file.name, (onProgress, signal) => send(file, onProgress, signal));
      }
    }
  }
  acceptDrops(take);
}

/** An address may name files that another browser added. @param {import("./page.js").LocusPage} page */
function sayWhatIsMissing({ address, view }) {
  const missing = decodeList(parametersOf(address.search).tracks ?? "").filter((id) => id.startsWith(PREFIX) && !view.tracks.has(id));
  const rows = missing.length === 1 ? "1 row is" : `${missing.length} rows are`;
  if (missing.length) notify(`${rows} left out: somebody's own files are seen by the browser that added them, and go after a while.`);
}

/** Files dropped anywhere on the page. @param {(files: Iterable<File>) => void} take */
function acceptDrops(take) {
  const sheet = element("div", { class: "drop-sheet", id: "drop-sheet", hidden: true }, element("div", {}, "Drop a BigWig, bedGraph, BED or VCF to see it here, or a session to open it"));
  document.body.append(sheet);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (hasFiles(event)) sheet.hidden = false;
  });
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) sheet.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    sheet.hidden = true;
    take([...event.dataTransfer.files]);
  });
}

class OwnDataPanel {
  /** @param {import("../data/uploads.js").Own} own @param {Record<string, Function>} events */
  constructor(own, events) {
    this.own = own;
    this.events = events;
    this.coming = new Map();
    this.chooser = element("input", {
      id: "own-file", type: "file", multiple: true, accept: ACCEPTED, hidden: true, "aria-label": "Your own BigWig, bedGraph, BED or VCF",
      onchange: () => {
        events.onFiles([...this.chooser.files]);
        this.chooser.value = "";
      },
    });
    this.items = element("ul", { class: "own-list", id: "own-list", "aria-label": "Your data" });
    /** @type {HTMLElement[]} */
    const children = [
      element(
        "div",
        { class: "own-head" },
        element("h2", {}, "Your data"),
        element("a", { class: "link", id: "own-lists", href: "variants", title: "Score many variants, and see the lists that you had scored" }, "Variants"),
        this.chooser,
        element("button", { class: "button small", id: "own-add", type: "button", title: "BigWig, bedGraph, BED, narrowPeak or VCF; or drop it on the page", onclick: () => this.chooser.click() }, "Add a file\u2026"),
      ),
    ];
    if (own.allowed_urls.length) children.push(this.addressForm());
    this.root = element("section", { class: "own-data", "aria-label": "Your data", hidden: !own.upload_mb }, ...children, this.items);
  }

  addressForm() {
    const address = element("input", { class: "field", id: "own-url", type: "url", required: true, placeholder: "or its address", "aria-label": "Address of a file", title: `Addresses below ${this.own.allowed_urls.join(", ")}` });
    const form = element("form", { class: "own-url" }, address, element("button", { class: "button small" }, "Fetch"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.events.onAddress(address.value.trim());
      form.reset();
    });
    return form;
  }

  /** A file on its way. @returns {(share: number) => void} */
  begin(name, onCancel) {
    const bar = element("progress", { max: 1, "aria-label": `sending ${name}` });
    const item = element("li", { class: "own-coming" }, element("span", { class: "own-name" }, name), bar, element("button", { class: "link", type: "button", onclick: onCancel }, "Cancel"));
    this.coming.set(name, item);
    this.list(this.shown ?? []);
    return (share) => {
      // The last part is the server's: it reads the file.
      if (share < 1) bar.value = share;
      else bar.removeAttribute("value");
    };
  }

  end(name) {
    this.coming.delete(name);
    this.list(this.shown ?? []);
  }

  /** @param {string[]} shown ids of the tracks in view */
  list(shown) {
    this.shown = shown;
    const { files, upload_mb: most, upload_days: days } = this.own;
    const key = JSON.stringify([files.map(({ id }) => [id, shown.includes(id)]), [...this.coming.keys()]]);
    if (key === this.listed) return;
    this.listed = key;
    // Where people log in, a file is a person's, in whatever browser.
    const whose = document.getElementById("person") ? "Only you see them" : "Only this browser sees them";
    const hint = `${whose}; they go after ${days} days. Up to ${most} MB each.`;
    this.items.replaceChildren(...files.map((file) => this.item(file, shown.includes(file.id))), ...this.coming.values(), ...(files.length + this.coming.size ? [] : [element("li", { class: "quiet" }, hint)]));
  }

  item(file, isShown) {
    const left = Math.max(1, Math.ceil((file.expires - Date.now() / 1000) / DAY));
    const box = element("input", { type: "checkbox", checked: isShown, onchange: () => this.events.onShow(file.id, box.checked) });
    return element(
      "li",
      { "data-own": file.id },
      element("label", { title: [file.name, file.note, file.source, `goes in ${left} day${left === 1 ? "" : "s"}`].filter(Boolean).join("\n") }, box, element("span", { class: "own-name" }, file.name), element("small", {}, { bigwig: "BigWig", bed: "BED", vcf: "VCF" }[file.kind])),
      file.kind === "vcf" ? element("a", { class: "link", href: `variants#file=${file.id}`, title: "Score all its variants", "aria-label": `Score the variants of ${file.name}` }, "Score") : null,
      element("button", { class: "button icon small", type: "button", title: "Remove", "aria-label": `Remove ${file.name}`, onclick: () => this.events.onRemove(file) }, "\u2715"),
    );
  }
}
