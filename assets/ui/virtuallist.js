/**
 * A long list of which only what is in sight is in the page. Items keep their elements while they stay in sight, so
 * focus and ticks stay; the one that has the focus is kept even when it is scrolled away.
 */
import { element } from "./dom.js";

/** Where items begin and, last, where the list ends. @param {number[]} heights @returns {Float64Array} */
export function offsetsOf(heights) {
  const offsets = new Float64Array(heights.length + 1);
  heights.forEach((height, index) => {
    offsets[index + 1] = offsets[index] + height;
  });
  return offsets;
}

/**
 * First item in sight and one past the last, with a margin on both sides.
 * @param {Float64Array} offsets @param {number} top @param {number} height @param {number} margin in pixels
 * @returns {[number, number]}
 */
export function rangeInSight(offsets, top, height, margin = 0) {
  const items = offsets.length - 1;
  /** The number of items that begin at or above y. */
  const upTo = (y) => {
    let low = 0;
    let high = items;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (offsets[middle - 1] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return [Math.max(0, upTo(top - margin) - 1), upTo(top + height + margin)];
}

const MARGIN = 240; // pixels beyond the edges that are in the page already

/** @typedef {{key: string, height: number, make: () => HTMLElement}} Item  its element is made when it comes into sight */

export class VirtualList {
  /** @param {Record<string, any>} properties of the list's element */
  constructor(properties) {
    this.list = element("ul", { class: "virtual-list" });
    this.root = element("div", { tabIndex: -1, ...properties, onscroll: () => this.draw() }, this.list);
    if (properties["aria-label"]) this.list.setAttribute("aria-label", properties["aria-label"]);
    /** @type {Map<string, HTMLElement>} */
    this.drawn = new Map();
    this.items = [];
    this.offsets = offsetsOf([]);
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  /** Show these items from the top, or from where the list stands. @param {Item[]} items */
  show(items, { keepPlace = false } = {}) {
    this.items = items;
    this.offsets = offsetsOf(items.map((item) => item.height));
    this.list.style.height = `${this.offsets[items.length]}px`;
    if (!keepPlace) this.root.scrollTop = 0;
    for (const node of this.drawn.values()) node.remove();
    this.drawn.clear();
    this.draw();
  }

  draw() {
    const { clientHeight, scrollTop } = this.root;
    const [first, end] = rangeInSight(this.offsets, scrollTop, clientHeight, MARGIN);
    const wanted = new Map(this.items.slice(first, end).map((item, index) => [item.key, first + index]));
    for (const [key, node] of this.drawn) {
      if (wanted.has(key) || node.contains(document.activeElement)) continue;
      node.remove();
      this.drawn.delete(key);
    }
    let before = null;
    for (const [key, index] of wanted) {
      let node = this.drawn.get(key);
      if (!node) {
        node = this.items[index].make();
        node.style.transform = `translateY(${this.offsets[index]}px)`;
        node.style.height = `${this.items[index].height}px`;
        node.setAttribute("aria-setsize", String(this.items.length));
        node.setAttribute("aria-posinset", String(index + 1));
        this.drawn.set(key, node);
        // In the page in the list's order, so that Tab goes down it.
        if (before) before.after(node);
        else this.list.prepend(node);
      }
      before = node;
    }
  }
}
