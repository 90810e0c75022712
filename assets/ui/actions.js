/**
 * What a person can do, told by the part of the page whose idea it is:
 *
 *     page.actions.click("share", () => ...);                       // a click on #share or inside it
 *     page.actions.change("#view-mode input", (input) => ...);      // a form control that changed
 *     page.actions.key(["n"], () => ..., { says: "next gene" });    // a key, when nobody is typing
 *     page.actions.escape(10, () => wasOpen);                       // Escape: the first, by order, that had something to close
 *     page.actions.grab((at) => grab);                              // a press on the canvas that is more than pan or click
 *
 * Controls that Dash lays out come and go, so one listener on the document serves all of them by id.
 */

/**
 * @typedef {object} Key
 * @property {string[]} keys as KeyboardEvent.key has them, letters small
 * @property {(event: KeyboardEvent) => unknown} run  false says that the key was not for it
 * @property {string} says what it does, for the help sheet; "" leaves it out
 * @property {string} shown the keys as the help sheet writes them
 * @property {string} [group] of the help sheet: Move, Rows, Page or one of its own
 * @property {boolean} onView whether it works only while the canvas has the focus
 * @property {boolean|null} shift whether Shift must be held, or must not; null: either
 */

/**
 * What a press on the canvas takes hold of, in CSS pixels from its corner. Escape cancels it.
 * @typedef {{move: (x: number, y: number) => void, drop: (x: number, y: number) => void, cancel: () => void, click?: (x: number, y: number) => void}} Grab
 *   click: the press that did not move; what a click does without the grab if left out
 */

/** Whether one press can be meant for both. @param {Key} one @param {Key} other */
const canClash = (one, other) => one.shift === null || other.shift === null || one.shift === other.shift;

/** Whether keys typed into an element are text. */
export const isTyping = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !["checkbox", "radio"].includes(/** @type {any} */ (target).type));

export class Actions {
  constructor() {
    /** @type {Map<string, (event: MouseEvent) => void>} by id */
    this.clicks = new Map();
    /** @type {[string, (control: any, event: Event) => void][]} by selector */
    this.changes = [];
    /** @type {Key[]} */
    this.keys = [];
    /** @type {{order: number, close: () => boolean}[]} */
    this.escapes = [];
    /** @type {((at: {x: number, y: number, shift: boolean}) => Grab|null)[]} */
    this.grabs = [];
  }

  click(id, run) {
    if (this.clicks.has(id)) throw new Error(`two parts answer a click on #${id}`);
    this.clicks.set(id, run);
  }

  change(selector, run) {
    this.changes.push([selector, run]);
  }

  /**
   * A key that works everywhere works on the view, too: nobody else has it there.
   * @param {string[]} keys @param {Key["run"]} run @param {Partial<Key>} [how]
   * @throws {Error} where another part has one of the keys
   */
  key(keys, run, how = {}) {
    const key = { keys, run, says: "", shown: keys.join(" or "), onView: false, shift: null, ...how };
    for (const name of keys) {
      const taken = this.keys.find((other) => other.keys.includes(name) && canClash(key, other));
      if (taken) throw new Error(`the key ${name} is asked for twice: \u201c${taken.says}\u201d and \u201c${key.says}\u201d`);
    }
    this.keys.push(key);
  }

  /** @param {number} order small is asked first: 0 a menu, 10 a drawer, 20 a panel, 30 a row, 40 a notice @param {() => boolean} close */
  escape(order, close) {
    this.escapes.push({ order, close });
    this.escapes.sort((one, other) => one.order - other.order);
  }

  /** @param {(at: {x: number, y: number, shift: boolean}) => Grab|null} find the first that finds something has the press */
  grab(find) {
    this.grabs.push(find);
  }

  grabAt(at) {
    for (const find of this.grabs) {
      const grab = find(at);
      if (grab) return grab;
    }
    return null;
  }

  /** @param {HTMLElement} canvas whose focus makes the keys `onView` work */
  listen(canvas) {
    document.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("change", (event) => this.changed(event));
    document.addEventListener("keydown", (event) => this.pressed(event, canvas));
  }

  clicked(event) {
    for (let at = event.target instanceof Element ? event.target.closest("[id]") : null; at; at = at.parentElement?.closest("[id]")) {
      const run = this.clicks.get(at.id);
      if (run) {
        run(event);
        return;
      }
    }
  }

  changed(event) {
    if (!(event.target instanceof Element)) return;
    for (const [selector, run] of this.changes) if (event.target.matches(selector)) run(event.target, event);
  }

  pressed(event, canvas) {
    const { target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      this.escapes.find(({ close }) => close());
      return;
    }
    if (isTyping(target)) return;
    if (target instanceof HTMLInputElement && target.type === "radio" && event.key.startsWith("Arrow")) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const key = this.keys.find(({ keys, onView, shift }) => keys.includes(name) && (!onView || target === canvas) && (shift === null || shift === event.shiftKey));
    if (key && key.run(event) !== false) event.preventDefault();
  }
}
