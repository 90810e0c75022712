/** The one file that owns the canvas: paints a drawing list, sharp on any screen, and measures text. */
import { GROUND } from "../../ui/palette.js";
import { FONT, MIDDLE_TO_BASELINE } from "./shapes.js";

/** @typedef {import("./shapes.js").Shape} Shape */

const fontOf = (size, weight = 400, italic = false) => `${italic ? "italic " : ""}${weight} ${size}px ${FONT}`;

const HATCH_TILE = 7; // CSS pixels

export class CanvasSurface {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.width = 0;
    this.height = 0;
    this.ratio = 1;
    /** @type {Map<string, CanvasPattern>} */
    this.patterns = new Map();
    /** @type {Map<string, number>} */
    this.widths = new Map();
    this.measure = (words, size, weight = 400) => {
      const key = `${size}/${weight}/${words}`;
      let width = this.widths.get(key);
      if (width === undefined) {
        this.context.font = fontOf(size, weight);
        width = this.context.measureText(words).width;
        if (this.widths.size > 5000) this.widths.clear();
        this.widths.set(key, width);
      }
      return width;
    };
  }

  /** Fit the canvas to a size in CSS pixels. @returns {boolean} whether anything changed */
  resize(width, height, ratio = globalThis.devicePixelRatio || 1) {
    if (width === this.width && height === this.height && ratio === this.ratio) return false;
    Object.assign(this, { width, height, ratio });
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.patterns.clear();
    return true;
  }

  /** @param {Shape[]} shapes @param {{over?: boolean}} [how]  over: what is there stays below them */
  paint(shapes, { over = false } = {}) {
    const { context, ratio } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!over) {
      context.fillStyle = GROUND;
      context.fillRect(0, 0, this.width, this.height);
    }
    context.textBaseline = "alphabetic";
    context.lineJoin = "round";
    for (const shape of shapes) this.draw(shape);
  }

  /** @param {Shape} shape */
  draw(shape) {
    const { context } = this;
    switch (shape.op) {
      case "group":
        context.save();
        if (shape.x || shape.y) context.translate(shape.x, shape.y);
        if (shape.clip) {
          context.beginPath();
          context.rect(...shape.clip);
          context.clip();
        }
        for (const item of shape.items) this.draw(item);
        context.restore();
        break;
      case "rect":
        this.drawRect(shape);
        break;
      case "bars":
        context.fillStyle = shape.fill;
        for (let i = 0; i < shape.rects.length; i += 4) {
          context.fillRect(shape.rects[i], shape.rects[i + 1], shape.rects[i + 2], shape.rects[i + 3]);
        }
        break;
      case "path":
        if (shape.steps) this.drawSteps(shape);
        else this.drawPath(shape);
        break;
      case "outline":
        this.drawOutline(shape);
        break;
      case "line":
        context.strokeStyle = shape.stroke;
        context.lineWidth = shape.width ?? 1;
        if (shape.dash) context.setLineDash(shape.dash);
        context.beginPath();
        context.moveTo(shape.x1, shape.y1);
        context.lineTo(shape.x2, shape.y2);
        context.stroke();
        if (shape.dash) context.setLineDash([]);
        break;
      case "text":
        this.drawText(shape);
        break;
      case "hatch":
        context.fillStyle = this.hatchPattern(shape.ground, shape.stripe);
        context.fillRect(shape.x, shape.y, shape.w, shape.h);
        break;
    }
  }

  /** @param {import("./shapes.js").Rect} shape */
  drawRect({ x, y, w, h, fill, stroke, radius }) {
    const { context } = this;
    if (fill && !radius && !stroke) {
      context.fillStyle = fill;
      context.fillRect(x, y, w, h);
      return;
    }
    context.beginPath();
    if (radius) context.roundRect(x, y, w, h, Math.min(radius, w / 2, h / 2));
    else context.rect(x, y, w, h);
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    if (stroke) {
      context.strokeStyle = stroke;
      context.lineWidth = 1;
      context.stroke();
    }
  }

  /** Bars between whole pixels: crisp, without seams, and twice as fast as filling their outline. */
  /** @param {import("./shapes.js").Path} shape */
  drawSteps({ points, fill }) {
    const { context, ratio } = this;
    const baseline = points[1];
    context.fillStyle = fill;
    let x = Math.round(points[2] * ratio);
    for (let i = 2; i < points.length - 2; i += 4) {
      const end = Math.round(points[i + 2] * ratio);
      const y = points[i + 1];
      if (y !== baseline && end > x) context.fillRect(x / ratio, Math.min(y, baseline), (end - x) / ratio, Math.abs(baseline - y));
      x = end;
    }
  }

  /** @param {import("./shapes.js").Path} shape */
  drawPath({ points, fill, stroke, width, closed, opacity }) {
    if (points.length < 4) return;
    const { context } = this;
    if (opacity !== undefined) context.globalAlpha = opacity;
    context.beginPath();
    context.moveTo(points[0], points[1]);
    for (let i = 2; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
    if (closed) context.closePath();
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    if (stroke) {
      context.strokeStyle = stroke;
      context.lineWidth = width ?? 1;
      context.stroke();
    }
    if (opacity !== undefined) context.globalAlpha = 1;
  }

  /** @param {import("./shapes.js").Outline} shape */
  drawOutline({ d, fill, stroke, width }) {
    const { context } = this;
    const outline = new Path2D(d);
    if (fill) {
      context.fillStyle = fill;
      context.fill(outline, "evenodd");
    }
    if (stroke) {
      context.strokeStyle = stroke;
      context.lineWidth = width ?? 1;
      context.stroke(outline);
    }
  }

  drawText(shape) {
    const { x, y: middle, text, fill, size, weight, align, halo, turn, italic } = shape;
    const { context } = this;
    if (turn) {
      context.save();
      context.translate(x, middle);
      context.rotate((turn * Math.PI) / 180);
      this.drawText({ ...shape, x: 0, y: 0, turn: 0 });
      context.restore();
      return;
    }
    const y = middle + MIDDLE_TO_BASELINE * size;
    context.font = fontOf(size, weight, italic);
    context.textAlign = align ?? "left";
    if (halo) {
      context.strokeStyle = halo;
      context.lineWidth = 3;
      context.strokeText(text, x, y);
    }
    context.fillStyle = fill;
    context.fillText(text, x, y);
  }

  hatchPattern(ground, stripe) {
    const key = `${ground}/${stripe}`;
    let pattern = this.patterns.get(key);
    if (!pattern) {
      const side = Math.round(HATCH_TILE * this.ratio);
      const tile = document.createElement("canvas");
      tile.width = side;
      tile.height = side;
      const brush = tile.getContext("2d");
      brush.fillStyle = ground;
      brush.fillRect(0, 0, side, side);
      brush.strokeStyle = stripe;
      brush.lineWidth = this.ratio;
      brush.beginPath();
      for (const shift of [-side, 0, side]) {
        brush.moveTo(shift, side);
        brush.lineTo(shift + side, 0);
      }
      brush.stroke();
      pattern = this.context.createPattern(tile, "repeat");
      pattern.setTransform(new DOMMatrix().scale(1 / this.ratio));
      this.patterns.set(key, pattern);
    }
    return pattern;
  }
}

/** Paint a drawing list to a PNG, by default of twice the screen's size. @returns {Promise<Blob>} */
export function toPng(shapes, width, height, ratio = 2) {
  const surface = new CanvasSurface(document.createElement("canvas"));
  surface.resize(width, height, ratio);
  surface.paint(shapes);
  return new Promise((resolve, reject) => {
    const tooLarge = new Error("The picture is too large for a PNG: show fewer tracks, or save it as SVG or PDF.");
    surface.canvas.toBlob((blob) => (blob ? resolve(blob) : reject(tooLarge)), "image/png");
  });
}
