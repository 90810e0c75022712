/** Dash, which draws the panels: started by the page when it has time, and told what to draw once it is there. */

const LOOK_EVERY = 50; // ms

/** Run the scripts that app/pages/page.py left in a template, one after the other; once. */
export async function startDash() {
  const template = /** @type {HTMLTemplateElement|null} */ (document.getElementById("dash-scripts"));
  if (!template) return;
  template.remove();
  const scripts = [...template.content.querySelectorAll("script")].map((script) => /** @type {HTMLScriptElement} */ (script.cloneNode(true)));
  const last = scripts.pop();
  const loaded = scripts.map((script) => {
    script.async = false;
    return new Promise((resolve) => script.addEventListener("load", resolve));
  });
  document.body.append(...scripts);
  await Promise.all(loaded);
  // What starts Dash has no address, so it would not wait for the others.
  document.body.append(last);
}

/** @param {string} id of an element that Dash draws @returns {Promise<{set_props: (id: string, props: object) => void}>} */
export function dashReady(id) {
  return new Promise((resolve) => {
    const look = () => {
      if (globalThis.dash_clientside?.set_props && document.getElementById(id)) resolve(globalThis.dash_clientside);
      else setTimeout(look, LOOK_EVERY);
    };
    look();
  });
}
