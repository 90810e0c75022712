/** Which rows are in sight: brings those that are awaited there, and keeps what is looked at where it is. */

/** @typedef {import("../rows/layout.js").Layout} Layout */

const MARGIN = 8; // pixels beside a row that is brought into sight

export class Sight {
  /** @param {HTMLElement} scroller that the rows of the body scroll in */
  constructor(scroller) {
    this.scroller = scroller;
    /** @type {string[]} keys of rows */
    this.awaited = [];
    this.lastAwaited = [];
  }

  /** Bring rows into sight as soon as they are drawn, the last above all, and again when the view shrinks. @param {...(string|null)} keys */
  await(...keys) {
    this.awaited = keys.filter(Boolean);
    this.lastAwaited = this.awaited;
  }

  /** The view has become lower. */
  shrunk() {
    this.awaited = this.lastAwaited;
  }

  /** Rows that come or go above what is looked at do not push it away. @param {Layout|null} before @param {Layout} layout */
  keepPlace(before, layout) {
    const rows = before?.body ?? [];
    const top = this.scroller.scrollTop;
    if (top === 0 || rows.length === layout.body.length) return;
    const places = new Map(layout.body.map(({ key, y }) => [key, y]));
    const seen = rows.find(({ key, y }) => y >= top && places.has(key));
    if (seen) this.scroller.scrollTop = top + places.get(seen.key) - seen.y;
  }

  /** Scroll the least that brings a row into sight; its top, where it does not fit. @param {import("../rows/rowkinds.js").Row} row @param {number} height of the body's part of the view */
  reveal(row, height) {
    const top = this.scroller.scrollTop;
    if (row.y < top || row.height > height) this.scroller.scrollTop = row.y - MARGIN;
    else if (row.y + row.height > top + height) this.scroller.scrollTop = row.y + row.height - height + MARGIN;
  }

  /** @param {Layout} layout @param {number} height of the body's part of the view @param {boolean} settled whether nothing that comes later pushes rows down */
  revealAwaited(layout, height, settled) {
    const rows = this.awaited.map((awaited) => layout.body.find(({ key }) => key === awaited)).filter(Boolean);
    if (rows.length === 0) return;
    if (settled) this.awaited = [];
    for (const row of rows) this.reveal(row, height);
  }
}
