/** The order of the tracks: dragged by their names, or moved with the keyboard. */
import { element } from "../../ui/dom.js";
import { trackSpans } from "./layout.js";
import { rowAt } from "./hittest.js";

const EDGE = 30; // pixels from the body's edge within which a drag scrolls
const SCROLL = 14; // pixels a move

/** A list with one value taken out and put back before the place `to` of the list as it was. */
export function moved(list, value, to) {
  const from = list.indexOf(value);
  const rest = list.filter((other) => other !== value);
  const at = to > from ? to - 1 : to;
  return [...rest.slice(0, at), value, ...rest.slice(at)];
}

/** The place in the order where something dropped at a height of the body goes. @param {{top: number, bottom: number}[]} spans */
export function placeAt(spans, y) {
  const at = spans.findIndex(({ top, bottom }) => y < (top + bottom) / 2);
  return at < 0 ? spans.length : at;
}

/** @param {import("../page/page.js").LocusPage} page */
export function addOrder(page) {
  const { view, actions } = page;
  const line = element("div", { class: "drop-line", hidden: true });
  const ghost = element("div", { class: "drag-ghost", hidden: true });
  view.overlay.append(line, ghost);

  function settle(id, to) {
    const tracks = moved(page.state.tracks, id, to);
    if (tracks.join() !== page.state.tracks.join()) page.change({ tracks });
    const { name } = view.tracks.get(id);
    page.say(`${name} is now track ${page.state.tracks.indexOf(id) + 1} of ${page.state.tracks.length}.`);
  }

  function showDrop(id, y) {
    const { layout } = view;
    const inBody = y - layout.headHeight + view.scroller.scrollTop;
    const spans = trackSpans(layout);
    const place = placeAt(spans, inBody);
    const at = place < spans.length ? spans[place].top - 9 : spans.at(-1).bottom + 6;
    line.hidden = ghost.hidden = false;
    line.style.transform = `translateY(${Math.max(layout.headHeight, layout.headHeight + at - view.scroller.scrollTop)}px)`;
    ghost.textContent = view.tracks.get(id).name;
    ghost.style.transform = `translate(14px, ${y - 12}px)`;
    return place;
  }

  actions.grab(({ x, y }) => {
    const { layout, scene } = view;
    const row = x < layout.left && y > layout.headHeight && rowAt(scene, y);
    if (!row?.track) return null;
    let place = null;
    const end = () => {
      line.hidden = ghost.hidden = true;
    };
    return {
      move(_, now) {
        if (now < layout.headHeight + EDGE) view.scroller.scrollTop -= SCROLL;
        else if (now > view.height - EDGE) view.scroller.scrollTop += SCROLL;
        place = showDrop(row.track.id, now);
      },
      drop() {
        end();
        if (place !== null) settle(row.track.id, place);
      },
      cancel: end,
      // A popover that opens while the pointer goes up would be dismissed by that very event.
      click: () => setTimeout(() => page.openRowMenu(row)),
    };
  });

  const step = (by) => {
    const { chosenRow } = view;
    if (!chosenRow?.track) return false;
    const { id } = chosenRow.track;
    const { tracks } = page.state;
    const from = tracks.indexOf(id);
    const to = from + by;
    if (to < 0 || to >= tracks.length) return true;
    settle(id, by > 0 ? to + 1 : to);
    view.sight.await(chosenRow.key);
    return true;
  };
  actions.key(["ArrowUp"], () => step(-1), { says: "move the chosen row's track up", shown: "Shift \u2191", onView: true, shift: true });
  actions.key(["ArrowDown"], () => step(1), { says: "move the chosen row's track down", shown: "Shift \u2193", onView: true, shift: true });
}
