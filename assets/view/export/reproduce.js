/** What the picture was made of, for a methods section or a colleague: commands, model, genome, hashes of files. */
import { postJson } from "../../ui/api.js";
import { copyText, download, element } from "../../ui/dom.js";
import { attempt } from "../../ui/notice.js";
import { parametersOf, writeState } from "../state/state.js";

const AGAIN = 700; // ms until files that are being hashed are asked about again
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** A file's size as people read it. */
export function formatBytes(bytes) {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** @param {import("../page/page.js").LocusPage} page @param {(extension: string) => string} fileName */
export function addReproduce(page, fileName) {
  const dialog = new ReproduceDialog((script) => download(new Blob([script], { type: "text/x-shellscript" }), fileName("sh")));
  page.actions.click("reproduce", () => attempt(() => dialog.ask(parametersOf(writeState(page.addressed())), page.link)));
}

class ReproduceDialog {
  /** @param {(script: string) => void} save */
  constructor(save) {
    this.save = save;
    this.script = "";
    this.body = element("div", { class: "reproduce-body", tabIndex: 0, "aria-label": "what the picture was made of" });
    this.status = element("span", { class: "quiet", role: "status" });
    this.saving = element("button", { class: "button main", id: "reproduce-save", type: "button", onclick: () => this.save(this.script) }, "Save as a script");
    this.dialog = element(
      "dialog",
      { id: "reproduce-dialog", class: "dialog wide", "aria-label": "Reproduce this picture", onclose: () => this.abort?.abort() },
      element(
        "div",
        { class: "dialog-head" },
        element("h2", {}, "Reproduce this picture"),
        this.status,
        element("button", { class: "button", id: "reproduce-copy", type: "button", onclick: () => this.copy() }, "Copy"),
        this.saving,
        element("button", { class: "button icon", "aria-label": "Close", type: "button", onclick: () => this.dialog.close() }, "\u2715"),
      ),
      this.body,
    );
    document.body.append(this.dialog);
  }

  async copy() {
    await copyText(this.script);
    this.status.textContent = "copied";
  }

  /** @param {Record<string, string>} state @param {string} address */
  async ask(state, address) {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.status.textContent = "";
    for (;;) {
      const found = await postJson("reproduce", { state, address: address.slice(0, 4000) }, signal);
      if (signal.aborted) return;
      this.show(found);
      if (!this.dialog.open) this.dialog.showModal();
      if (found.complete) return;
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
      if (signal.aborted) return;
    }
  }

  show({ software, genome, model, address, commands, files, complete, script }) {
    this.script = script;
    this.saving.disabled = !complete;
    this.status.textContent = complete ? "" : "hashing files\u2026";
    const facts = [
      ["Software", software],
      ["Genome", `${genome.name || genome.file} \u00b7 fingerprint ${genome.fingerprint}`],
      ["Model", model ? model.hash : "none"],
      ...(model?.predictions ? [["Predictions", model.predictions]] : []),
      ["Address", address],
    ];
    this.body.replaceChildren(
      element("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
      element("h3", {}, "Commands"),
      ...(commands.length
        ? commands.flatMap(({ title, line }) => [element("div", { class: "quiet" }, title), element("pre", { class: "command" }, line)])
        : [element("p", {}, "Only experiments are shown: nothing was computed.")]),
      element("h3", {}, "Files"),
      element(
        "table",
        { class: "source-files" },
        element("thead", {}, element("tr", {}, ...["file", "what it is", "size", "SHA-256"].map((name) => element("th", { scope: "col" }, name)))),
        element("tbody", {}, ...files.map(fileRow)),
      ),
    );
  }
}

const fileRow = ({ path, role, bytes, inside, sha256 }) =>
  element(
    "tr",
    {},
    element("td", {}, path, inside ? null : element("small", {}, " (not in the project's folder)")),
    element("td", {}, role),
    element("td", { class: "number" }, formatBytes(bytes)),
    element("td", { class: "hash" }, sha256 ?? "\u2026"),
  );
