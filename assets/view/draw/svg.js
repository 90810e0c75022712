/** The drawing list as SVG text: the export shows what the screen shows. */
import { FONT, MIDDLE_TO_BASELINE } from "./shapes.js";

// No XML may hold these, not even escaped.
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const escape = (words) =>
  String(words).replace(UNFIT, " ").replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
const number = (value) => String(Math.round(value * 100) / 100);
const paint = (fill, stroke, width) =>
  `fill="${fill ?? "none"}"${stroke ? ` stroke="${stroke}" stroke-width="${width ?? 1}"` : ""}`;

/**
 * @param {import("./shapes.js").Shape[]} shapes
 * @param {number|null} [mm] width on paper; that of so many CSS pixels if left out
 * @returns {string} a complete SVG document
 */
export function toSvg(shapes, width, height, title = "", mm = null) {
  const definitions = [];
  const size = (pixels) => (mm === null ? number(pixels) : `${number((pixels / width) * mm)}mm`);
  const body = shapes.map((shape) => element(shape, definitions)).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${size(width)}" height="${size(height)}" viewBox="0 0 ${number(width)} ${number(height)}" font-family="${escape(FONT)}">
<title>${escape(title)}</title>
<defs>${definitions.join("")}</defs>
<rect width="100%" height="100%" fill="#ffffff"/>
${body}
</svg>
`;
}

function element(shape, definitions) {
  switch (shape.op) {
    case "group": {
      let clip = "";
      if (shape.clip) {
        const [x, y, w, h] = shape.clip.map(number);
        const id = `clip${definitions.length}`;
        definitions.push(`<clipPath id="${id}"><rect x="${x}" y="${y}" width="${w}" height="${h}"/></clipPath>`);
        clip = ` clip-path="url(#${id})"`;
      }
      const move = shape.x || shape.y ? ` transform="translate(${number(shape.x)} ${number(shape.y)})"` : "";
      const label = shape.label ? `<title>${escape(shape.label)}</title>` : "";
      return `<g${move}${clip}>${label}${shape.items.map((item) => element(item, definitions)).join("")}</g>`;
    }
    case "rect":
      return `<rect x="${number(shape.x)}" y="${number(shape.y)}" width="${number(Math.max(0, shape.w))}" height="${number(Math.max(0, shape.h))}"${shape.radius ? ` rx="${number(shape.radius)}"` : ""} ${paint(shape.fill, shape.stroke)}/>`;
    case "bars": {
      let path = "";
      for (let i = 0; i < shape.rects.length; i += 4) {
        const [x, y, w, h] = shape.rects.slice(i, i + 4).map(number);
        path += `M${x} ${y}h${w}v${h}h-${w}z`;
      }
      return path ? `<path d="${path}" ${paint(shape.fill)}/>` : "";
    }
    case "path": {
      if (shape.points.length < 4) return "";
      let path = "";
      for (let i = 0; i < shape.points.length; i += 2) path += `${i ? "L" : "M"}${number(shape.points[i])} ${number(shape.points[i + 1])}`;
      const opacity = shape.opacity === undefined ? "" : ` opacity="${shape.opacity}"`;
      return `<path d="${path}${shape.closed ? "z" : ""}" ${paint(shape.fill, shape.stroke, shape.width)}${opacity}/>`;
    }
    case "outline":
      return `<path d="${escape(shape.d)}" fill-rule="evenodd" ${paint(shape.fill, shape.stroke, shape.width)}/>`;
    case "line":
      return `<line x1="${number(shape.x1)}" y1="${number(shape.y1)}" x2="${number(shape.x2)}" y2="${number(shape.y2)}" ${paint(null, shape.stroke, shape.width)}${shape.dash ? ` stroke-dasharray="${shape.dash.join(" ")}"` : ""}/>`;
    case "text": {
      const anchor = { left: "start", center: "middle", right: "end" }[shape.align ?? "left"];
      const halo = shape.halo ? ` stroke="${shape.halo}" stroke-width="3" paint-order="stroke" stroke-linejoin="round"` : "";
      const turn = shape.turn ? ` transform="rotate(${number(shape.turn)} ${number(shape.x)} ${number(shape.y)})"` : "";
      return `<text x="${number(shape.x)}" y="${number(shape.y)}" dy="${MIDDLE_TO_BASELINE}em" font-size="${shape.size}" font-weight="${shape.weight ?? 400}" text-anchor="${anchor}"${shape.italic ? ' font-style="italic"' : ""} fill="${shape.fill}"${halo}${turn}>${escape(shape.text)}</text>`;
    }
    case "hatch": {
      const id = `hatch${definitions.length}`;
      definitions.push(
        `<pattern id="${id}" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="${shape.ground}"/><path d="M0 7L7 0" stroke="${shape.stripe}"/></pattern>`,
      );
      return `<rect x="${number(shape.x)}" y="${number(shape.y)}" width="${number(Math.max(0, shape.w))}" height="${number(shape.h)}" fill="url(#${id})"/>`;
    }
    default:
      throw new Error(`unknown shape ${shape.op}`);
  }
}
