/** Starts the locus page: fetches before Dash has drawn the page, and mounts into the page whenever it appears. */
import { getProject } from "./api.js";
import { LocusPage } from "./page.js";
import { startTheme } from "./theme.js";

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
    if (host && !host.querySelector(".view-fatal")) {
      const words = document.createElement("p");
      words.className = "view-fatal";
      words.setAttribute("role", "alert");
      words.textContent = error.message;
      host.replaceChildren(words);
    }
  });
}

/** This module runs as soon as it is here, perhaps before the body. */
async function bodyParsed() {
  while (!document.body) await new Promise(requestAnimationFrame);
}

startTheme();
try {
  const [project] = await Promise.all([getProject(), bodyParsed()]);
  const page = new LocusPage(project);
  whenPageAppears(() => page.mount());
} catch (error) {
  showFatal(error);
  throw error;
}
