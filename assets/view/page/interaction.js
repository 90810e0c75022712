/**
 * Hands on the view: drag, wheel and pinch become pan, zoom, click, or what a grab makes of them. Knows pixels, not genomes.
 *
 * The wheel scrolls the rows where some are hidden, else it zooms at the cursor; with Ctrl, as which browsers tell a pinch on a
 * trackpad, it always zooms; with shift, or sideways, it pans.
 */

const CLICK_SLOP = 4; // pixels a press may wander and still be a click

/**
 * @typedef {{pan: (pixels: number, live: boolean) => void, zoom: (factor: number, x: number) => void, click: (x: number, y: number) => void,
 *   hover: (x: number, y: number) => void, leave: () => void, dragEnd: () => void, inPlot: (x: number) => boolean, scrolls: () => boolean,
 *   grabAt: (at: {x: number, y: number, shift: boolean}) => import("../../ui/actions.js").Grab|null}} Hands
 */

const LINE = 16; // pixels of a wheel that counts in lines
const PAGE = 400; // and in pages
const MOST_TURN = 240; // pixels of one turn that count
const ZOOM = { wheel: 0.0015, pinch: 0.01 }; // of the logarithm of the zoom, a pixel

/**
 * What a turn of the wheel, or two fingers on a trackpad, is meant to do.
 * @param {Pick<WheelEvent, "deltaX"|"deltaY"|"deltaMode"|"ctrlKey"|"metaKey"|"shiftKey">} event
 * @param {{inPlot: boolean, scrolls: boolean}} where scrolls: whether rows are hidden
 * @returns {{act: "pan", pixels: number}|{act: "zoom", factor: number}|{act: "scroll"}}
 */
export function wheelAct({ deltaX, deltaY, deltaMode, ctrlKey, metaKey, shiftKey }, { inPlot, scrolls }) {
  const unit = deltaMode === 1 ? LINE : deltaMode === 2 ? PAGE : 1;
  const zooms = ctrlKey || metaKey;
  if (!zooms && (shiftKey || Math.abs(deltaX) > Math.abs(deltaY))) return { act: "pan", pixels: (shiftKey && !deltaX ? deltaY : deltaX) * unit };
  if (!inPlot || (scrolls && !zooms)) return { act: "scroll" };
  const turn = Math.max(-MOST_TURN, Math.min(MOST_TURN, deltaY * unit));
  return { act: "zoom", factor: Math.exp(turn * (ctrlKey ? ZOOM.pinch : ZOOM.wheel)) };
}

/** @param {HTMLElement} element @param {Hands} hands @returns {{cancel: () => boolean}} ends a grab without its drop */
export function attachPointer(element, hands) {
  const pointers = new Map();
  let press = null;
  let pinch = null;
  const place = (event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spread = () => {
    const [one, other] = [...pointers.values()];
    return { distance: Math.hypot(one.x - other.x, one.y - other.y), x: (one.x + other.x) / 2 };
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    // The press gives the focus back, as one of the mouse: without the ring that the keyboard needs.
    element.blur();
    const at = place(event);
    pointers.set(event.pointerId, at);
    if (pointers.size === 2) {
      cancel();
      press = null;
      pinch = spread();
      return;
    }
    const grab = hands.grabAt({ ...at, shift: event.shiftKey });
    if (grab || hands.inPlot(at.x)) press = { ...at, lastX: at.x, moved: false, id: event.pointerId, grab };
  });
  element.addEventListener("pointermove", (event) => {
    const at = place(event);
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, at);
    if (pinch && pointers.size === 2) {
      const now = spread();
      // First the bases go with the fingers, then they stay under them.
      hands.pan(pinch.x - now.x, true);
      if (now.distance > 8) hands.zoom(pinch.distance / now.distance, now.x);
      pinch = now;
    } else if (press && press.id === event.pointerId) {
      const { grab } = press;
      if (!press.moved && Math.abs(at.x - press.x) + (grab ? Math.abs(at.y - press.y) : 0) > CLICK_SLOP) {
        press.moved = true;
        element.setPointerCapture(event.pointerId);
        element.classList.add(grab ? "grabbing" : "dragging");
        hands.leave();
      }
      if (press.moved && grab) grab.move(at.x, at.y);
      else if (press.moved) {
        hands.pan(press.lastX - at.x, true);
        press.lastX = at.x;
      }
      if (press.moved) return;
    }
    hands.hover(at.x, at.y);
  });
  const release = (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size < 2) pinch = null;
    if (!press || press.id !== event.pointerId) return;
    const { moved, x, y, grab } = press;
    const done = event.type === "pointerup";
    press = null;
    element.classList.remove("dragging", "grabbing");
    if (grab && moved) {
      const at = place(event);
      if (done) grab.drop(at.x, at.y);
      else grab.cancel();
    } else if (moved) hands.dragEnd();
    else if (done) (grab?.click ?? hands.click)(x, y);
  };
  const cancel = () => {
    if (!press?.grab || !press.moved) return false;
    press.grab.cancel();
    press = null;
    element.classList.remove("grabbing");
    return true;
  };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
  element.addEventListener("pointerleave", () => hands.leave());
  element.addEventListener(
    "wheel",
    (event) => {
      const at = place(event);
      const turned = wheelAct(event, { inPlot: hands.inPlot(at.x), scrolls: hands.scrolls() });
      if (turned.act === "scroll") return;
      event.preventDefault();
      if (turned.act === "pan") hands.pan(turned.pixels, false);
      else hands.zoom(turned.factor, at.x);
    },
    { passive: false },
  );
  return { cancel };
}
