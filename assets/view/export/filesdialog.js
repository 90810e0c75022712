/**
 * Files to take away: the BigWigs of the window, and a list of all files behind what is shown with their addresses, for
 * programs that read them in pieces.
 */
import { getFile, request, serverRoot } from "../../ui/api.js";
import { copyText, download, element } from "../../ui/dom.js";
import { attempt } from "../../ui/notice.js";
import { wholeBases } from "../../ui/scale.js";
import { linksAddress, shownOf } from "../state/sharing.js";

/** @param {import("../page/page.js").LocusPage} page */
export function addFiles(page) {
  const dialog = new FilesDialog();
  page.actions.click("export-bigwig", () =>
    attempt(async () => {
      const { chrom, start, end } = wholeBases(page.state.window);
      page.say("The BigWigs of this window are being made.");
      const { blob, name } = await getFile("bigwig", { chrom, start, end, tracks: shownOf(page).tracks.join(",") });
      download(blob, name);
      page.say(`${name} is saved.`);
    }),
  );
  page.actions.click("export-files", () =>
    attempt(async () => {
      dialog.show(await request(linksAddress(serverRoot(), shownOf(page))));
    }),
  );
}

/** @typedef {{locus: string, hub: string, jbrowse: string, igv_js_session: string, igv_desktop_session: string, ucsc: string|null,
 *   ucsc_note: string, bigwigs: {track: string, kind: string, name: string, url: string}[]}} Links  as /hub/links.json gives them */

export class FilesDialog {
  constructor() {
    this.body = element("div", { class: "files", tabIndex: 0, "aria-label": "files and addresses" });
    this.copied = element("span", { class: "quiet", role: "status" });
    this.dialog = element(
      "dialog",
      { id: "files-dialog", class: "dialog wide", "aria-label": "Files and addresses" },
      element("div", { class: "dialog-head" }, element("h2", {}, "Files and addresses"), this.copied, element("button", { class: "button icon", "aria-label": "Close", onclick: () => this.dialog.close() }, "\u2715")),
      this.body,
    );
    document.body.append(this.dialog);
  }

  /** @param {Links} links */
  show(links) {
    this.copied.textContent = "";
    const programs = [
      ["Session of IGV on the desktop", links.igv_desktop_session],
      ["Session of igv.js", links.igv_js_session],
      ["Configuration of JBrowse 2", links.jbrowse],
      ["Track hub", links.hub],
    ];
    const ucsc = links.ucsc ? element("p", {}, element("a", { href: links.ucsc, target: "_blank", rel: "noopener" }, "Open at UCSC")) : element("p", {}, `${links.ucsc_note}.`);
    this.body.replaceChildren(
      element("p", {}, "Other programs read these in pieces, by address; nothing has to be copied."),
      this.table("What is shown, for other programs", programs, false),
      ucsc,
      this.table(
        "Whole files",
        links.bigwigs.map(({ name, url }) => [name, url]),
        true,
      ),
    );
    this.dialog.showModal();
  }

  /** @param {string} caption @param {string[][]} files name, address @param {boolean} canSave */
  table(caption, files, canSave) {
    const rows = files.map(([name, url]) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, name),
        element("td", { class: "files-address" }, decodeURI(new URL(url).pathname)),
        element(
          "td",
          {},
          element("button", { class: "button", "aria-label": `Copy address of ${name}`, onclick: () => this.copy(name, url) }, "Copy address"),
          canSave ? element("a", { class: "button", href: url, download: fileName(url), "aria-label": `Save ${name}` }, "Save") : null,
        ),
      ),
    );
    return element("table", {}, element("caption", {}, caption), element("tbody", {}, ...rows));
  }

  async copy(name, url) {
    await copyText(url);
    this.copied.textContent = `${name}: address copied`;
  }
}

/** "…/tracks/cage/prediction.bw" is saved as cage.prediction.bw. @param {string} url */
export const fileName = (url) => decodeURIComponent(new URL(url).pathname.split("/tracks/").at(-1) ?? "").replaceAll("/", ".").replace(/[:+]/g, "_");
