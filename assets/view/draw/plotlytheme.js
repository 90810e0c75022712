/**
 * Plotly's figures are saved as for paper. In the dark theme the server colours them anew and says in their layout, as
 * `meta.light`, which light colour each dark one stands for; Plotly's own camera would save the dark.
 */

const CAMERA = '.modebar-btn[data-attr="toImage"], .modebar-btn[data-title^="Download plot"]';
const COLOUR = /#[0-9a-f]{6}/gi;

/** A figure's part in its light colours; numbers and typed arrays are shared. @param {any} part @param {Record<string, string>} light */
export function lightened(part, light) {
  if (typeof part === "string") return part.replace(COLOUR, (colour) => light[colour.toLowerCase()] ?? colour);
  if (Array.isArray(part)) return part.map((value) => lightened(value, light));
  if (part && typeof part === "object" && Object.getPrototypeOf(part) === Object.prototype) {
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, name === "meta" ? value : lightened(value, light)]));
  }
  return part;
}

/** Let the camera of dark figures save light ones. */
export function addFigures() {
  document.addEventListener(
    "click",
    (event) => {
      /** @type {any} */
      const figure = event.target instanceof Element && event.target.closest(CAMERA)?.closest(".js-plotly-plot");
      const light = figure?.layout?.meta?.light;
      if (!light || !/** @type {any} */ (globalThis).Plotly) return;
      event.stopImmediatePropagation();
      const { format = "svg", filename = "sighthound" } = figure._context.toImageButtonOptions;
      const { offsetWidth: width, offsetHeight: height } = figure;
      /** @type {any} */ (globalThis).Plotly.downloadImage({ data: lightened(figure.data, light), layout: lightened(figure.layout, light) }, { format, filename, width, height });
    },
    { capture: true },
  );
}
