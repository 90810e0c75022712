/**
 * Pictures of the view and the panels under it as files: as on the screen, or as wide as a journal's column. PNG at 300 dots an inch; SVG and PDF with
 * real text. All are made of the one drawing list, so that they equal the screen.
 */
import { postJson } from "../../ui/api.js";
import { toPng } from "../draw/canvas.js";
import { download, element } from "../../ui/dom.js";
import { attempt, notify } from "../../ui/notice.js";
import { panelPictures } from "../panels/panelpictures.js";
import { withResolution } from "../draw/png.js";
import { leastSize } from "../draw/printed.js";
import { toSvg } from "../draw/svg.js";

export const DPI = 300;
const INCH_MM = 25.4;
const PIXELS_A_MM = 96 / INCH_MM;
const LEAST_PIXELS = 480; // below that labels leave no room for the plot: the picture is drawn wider and made smaller
const LEAST_MM = 40;
const MOST_MM = 600;
const COLUMNS = [
  ["85", "85 mm, a journal's single column"],
  ["180", "180 mm, a journal's double column"],
  ["screen", "as on the screen"],
  ["other", "another width"],
];

/** How wide a picture for paper is drawn, in CSS pixels. @param {number} mm */
export const drawnWidth = (mm) => Math.max(LEAST_PIXELS, Math.round(mm * PIXELS_A_MM));

/** A drawing list whose texts say how wide they are on the screen. @returns {import("../draw/shapes.js").Shape[]} */
export const withMeasures = (shapes, measure) =>
  shapes.map((shape) => {
    if (shape.op === "group") return { ...shape, items: withMeasures(shape.items, measure) };
    return shape.op === "text" ? { ...shape, measured: measure(shape.text, shape.size, shape.weight ?? 400) } : shape;
  });

/** Numbers to a hundredth of a pixel: a third of the bytes. */
const lean = (_, value) => (typeof value === "number" ? Math.round(value * 100) / 100 : value);

/**
 * @typedef {{form: "png"|"svg"|"pdf", mm: number|null, italic?: boolean, withoutR?: boolean}} Order  mm: width on paper; null for that of
 *   the screen; for paper, names of genes in italics, and no r and fold beside the rows
 * @param {import("../page/page.js").LocusPage} page @param {Order} order @returns {Promise<Blob>}
 */
export async function makePicture(page, { form, mm, italic = false, withoutR = false }) {
  const { view } = page;
  const asked = mm === null ? view.width : drawnWidth(mm);
  const least = mm === null ? 0 : leastSize(mm, asked);
  const below = await panelPictures(asked, view.measure, least);
  const { shapes, width, height } = view.picture({ width: asked, below, print: mm === null ? null : { least, italic, withoutR } });
  const title = document.title;
  if (form === "svg") return new Blob([toSvg(shapes, width, height, title, mm)], { type: "image/svg+xml" });
  if (form === "pdf") {
    const body = { width, height, width_mm: mm, title, subject: page.link, shapes: withMeasures(shapes, view.measure) };
    return await postJson("pdf", JSON.parse(JSON.stringify(body, lean)), undefined, (response) => response.blob());
  }
  if (mm === null) return toPng(shapes, width, height);
  const png = await toPng(shapes, width, height, ((mm / INCH_MM) * DPI) / width);
  return new Blob([/** @type {BlobPart} */ (withResolution(new Uint8Array(await png.arrayBuffer()), DPI))], { type: "image/png" });
}

/** @param {import("../page/page.js").LocusPage} page @param {(extension: string) => string} fileName */
export function addPictures(page, fileName) {
  const save = (order) =>
    attempt(async () => {
      download(await makePicture(page, order), fileName(order.form));
    });
  const dialog = new PictureDialog(save);
  page.actions.click("export-svg", () => save({ form: "svg", mm: null }));
  page.actions.click("export-png", () => save({ form: "png", mm: null }));
  page.actions.click("export-pdf", () => save({ form: "pdf", mm: null }));
  page.actions.click("export-print", () => dialog.show());
}

class PictureDialog {
  /** @param {(order: Order) => Promise<void>} save */
  constructor(save) {
    this.save = save;
    const radio = (name, value, label, checked) =>
      element("label", { class: "choice" }, element("input", { type: "radio", name, value, checked }), element("span", {}, label));
    const check = (name, label) => element("label", { class: "choice" }, element("input", { type: "checkbox", name }), element("span", {}, label));
    this.other = element("input", { class: "field short", type: "number", id: "picture-mm", min: LEAST_MM, max: MOST_MM, value: "120", "aria-label": "width in millimetres" });
    this.other.addEventListener("focus", () => {
      /** @type {any} */ (this.form.elements).width.value = "other";
    });
    this.form = element(
      "form",
      { method: "dialog", onsubmit: () => this.order() },
      element("fieldset", {}, element("legend", {}, "Width"), ...COLUMNS.map(([value, label]) => radio("width", value, label, value === "180")), element("span", { class: "choice-more" }, this.other, " mm")),
      element("fieldset", {}, element("legend", {}, "Form"), radio("form", "png", `PNG, ${DPI} dots an inch`, true), radio("form", "pdf", "PDF, text stays text", false), radio("form", "svg", "SVG, for drawing programs", false)),
      element("fieldset", {}, element("legend", {}, "On paper"), check("italic", "names of genes in italics"), check("withoutR", "without r and folds")),
      element("p", {}, "Every row of the view is in it, also those that are scrolled away, and the figures of open panels. On paper no letter is smaller than 6 points."),
      element("div", { class: "dialog-acts" }, element("button", { class: "button", type: "button", onclick: () => this.dialog.close() }, "Cancel"), element("button", { class: "button main", id: "picture-save" }, "Save")),
    );
    this.dialog = element(
      "dialog",
      { id: "picture-dialog", class: "dialog narrow", "aria-label": "Picture for print" },
      element("div", { class: "dialog-head" }, element("h2", {}, "Picture for print"), element("button", { class: "button icon", "aria-label": "Close", type: "button", onclick: () => this.dialog.close() }, "\u2715")),
      this.form,
    );
    document.body.append(this.dialog);
  }

  show() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  order() {
    const { width, form, italic, withoutR } = /** @type {any} */ (this.form.elements);
    const words = width.value === "other" ? this.other.value : width.value;
    const mm = words === "screen" ? null : Number(words);
    if (mm !== null && !(mm >= LEAST_MM && mm <= MOST_MM)) {
      notify(`A width of ${words || "nothing"} mm: expected ${LEAST_MM} to ${MOST_MM}.`, { failed: true });
      return;
    }
    this.save({ form: form.value, mm, italic: italic.checked, withoutR: withoutR.checked });
  }
}
