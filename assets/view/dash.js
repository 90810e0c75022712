/** Dash, once it has drawn the page and takes properties. */

const LOOK_EVERY = 50; // ms

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
