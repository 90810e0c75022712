/** Share and Export: the address, pictures, values, sessions and hubs of what is shown. */
import { serverRoot } from "../../ui/api.js";
import { copyText, download, follow } from "../../ui/dom.js";
import { addMenu } from "../../ui/menu.js";
import { attempt, notify } from "../../ui/notice.js";
import { addPictures } from "./picturedialog.js";
import { addReproduce } from "./reproduce.js";
import { formatRegion, wholeBases } from "../../ui/scale.js";
import { addSessions } from "../state/sessions.js";
import { addressToShare } from "../state/shares.js";
import { asBedGraph, hubAddress, igvDesktopLink, igvSession, shownOf } from "../state/sharing.js";
import { writeState } from "../state/state.js";
import { asTsv, withChromosome } from "./valuestable.js";

const COPIED = 1600; // ms that the button says so

/** @param {import("../page/page.js").LocusPage} page */
export function addExport(page) {
  addMenu(page, "export");
  const { view, actions } = page;
  const origin = serverRoot();
  const fileName = (extension) => `sighthound_${formatRegion(wholeBases(page.state.window)).replace(/,/g, "").replace(":", "_")}.${extension}`;
  const give = (text, extension, type = "text/plain") => download(new Blob([text], { type }), fileName(extension));

  async function share() {
    const search = writeState(page.addressed());
    const { address, problem } = await addressToShare(search);
    const link = new URL(address, location.href.replace(/[?#].*/, "")).href;
    await copyText(link);
    page.address.show(search, link);
    if (problem) notify(`A long address is copied. ${problem}`, { failed: true });
    page.say("The address of this view is copied.");
    document.body.dataset.copied = "yes";
    setTimeout(() => delete document.body.dataset.copied, COPIED);
  }

  async function copyHub() {
    await copyText(hubAddress(origin, shownOf(page)));
    page.say("The address of a track hub of these tracks is copied. UCSC cannot reach a server behind a firewall.");
  }

  const everyValue = () => page.table(view.layout.body, Infinity);
  addPictures(page, fileName);
  addSessions(page, fileName);
  addReproduce(page, fileName);
  actions.click("share", () => attempt(share));
  actions.click("export-tsv", () => give(asTsv(withChromosome(everyValue(), view.chromosome.name)), "tsv"));
  actions.click("export-bedgraph", () => give(asBedGraph(everyValue(), view.chromosome), "bedgraph"));
  actions.click("export-igv", () => follow(igvDesktopLink(origin, shownOf(page)), { target: "_blank" }));
  actions.click("export-igv-xml", () => follow(igvSession(origin, "xml", shownOf(page)), { download: fileName("xml") }));
  actions.click("export-igv-json", () => follow(igvSession(origin, "json", shownOf(page)), { download: fileName("json") }));
  actions.click("export-hub", copyHub);
}
