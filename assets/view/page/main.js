/** Starts the locus page: draws into the frame that came with the page, and into what Dash draws as soon as that is there. */
import { getProject } from "../../ui/api.js";
import { startDash } from "../../ui/dash.js";
import { notify } from "../../ui/notice.js";
import { LocusPage } from "./page.js";
import { openAddress } from "../state/shares.js";
import { awayCard, fatalCard, sayWhenAway } from "../../ui/emptystate.js";
import { showPerson } from "../../ui/person.js";
import { startTheme } from "../../ui/theme.js";
import { ownFiles } from "../data/uploads.js";

const PATIENCE = 2000; // ms that Dash waits for the first picture

/** Mount what has its place now, and the rest when Dash has drawn that. @param {LocusPage} page */
function mountWhenDrawn(page) {
  if (page.mount()) return;
  const observer = new MutationObserver(() => page.mount() && observer.disconnect());
  observer.observe(document.getElementById("react-entry-point"), { childList: true, subtree: true });
}

startTheme();
void showPerson();
sayWhenAway();
const place = document.getElementById("locus-view");
try {
  const [project, own, address] = await Promise.all([getProject({ onAway: () => place.replaceChildren(awayCard()) }), ownFiles(), openAddress(location)]);
  const page = new LocusPage({ ...project, own }, address.search);
  mountWhenDrawn(page);
  page.whenDrawn((complete) => complete && startDash());
  setTimeout(startDash, PATIENCE);
  if (address.problem) notify(address.problem, { failed: true });
} catch (error) {
  place.replaceChildren(fatalCard(error));
  throw error;
}
