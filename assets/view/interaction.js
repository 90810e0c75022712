/**
 * Hands on the view: drag, wheel and pinch become pan, zoom, click, or what a grab makes of them. Knows pixels, not genomes.
 *
 * Wheel zooms at the cursor; shift-wheel or a sideways wheel pans; over the row labels the wheel scrolls the rows.
 */

const CLICK_SLOP = 4; // pixels a press may wander and still be a click

/**
 * @typedef {{pan: (pixels: number, live: boolean) => void, zoom: (factor: number, x: number) => void, click: (x: number, y: number) => void,
 *   hover: (x: number, y: number) => void, leave: () => void, dragEnd: () => void, inPlot: (x: number) => boolean,
 *   grabAt: (at: {x: number, y: number, shift: boolean}) => import("./actions.js").Grab|null}} Hands
 */

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
      const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
      const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
      if (!event.ctrlKey && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
        event.preventDefault();
        hands.pan(sideways * unit, false);
      } else if (hands.inPlot(at.x)) {
        event.preventDefault();
        const speed = event.ctrlKey ? 0.01 : 0.0015;
        hands.zoom(Math.exp(Math.max(-240, Math.min(240, event.deltaY * unit)) * speed), at.x);
      }
    },
    { passive: false },
  );
  return { cancel };
}
