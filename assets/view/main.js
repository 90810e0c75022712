/** Starts the locus page: fetches before Dash has drawn the page, and mounts into the page whenever it appears. */
import { getProject } from "./api.js";
import { notify } from "./notice.js";
import { LocusPage } from "./page.js";
import { openAddress } from "./shares.js";
import { fatalCard } from "./states.js";
import { startTheme } from "./theme.js";
import { ownFiles } from "./uploads.js";

function whenPageAppears(mount) {
  mount();
  let queued = false;
  new MutationObserver(() => {
    if (queued) return;
    queued = true;
    queueMicrotask(() => {
      queued = false;
      mount();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
}

function showFatal(error) {
  whenPageAppears(() => {
    const host = document.getElementById("locus-view");
    if (host && !host.querySelector(".state-card")) host.replaceChildren(fatalCard(error));
  });
}

/** This module runs as soon as it is here, perhaps before the body. */
async function bodyParsed() {
  while (!document.body) await new Promise(requestAnimationFrame);
}

startTheme();
try {
  const [project, own, address] = await Promise.all([getProject(), ownFiles(), openAddress(location), bodyParsed()]);
  const page = new LocusPage({ ...project, own }, address.search);
  whenPageAppears(() => page.mount());
  if (address.problem) notify(address.problem, { failed: true });
} catch (error) {
  showFatal(error);
  throw error;
}
