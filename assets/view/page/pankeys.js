/** Moving about: the buttons, the pointer and the keys that pan and zoom, and those that choose a row and explain it. */
import { attachPointer } from "./interaction.js";
import { makeScale } from "../../ui/scale.js";

const BUTTON = { pan: 0.5, zoom: 0.5 }; // of the window
const KEY = { pan: 0.2, zoom: 0.6 };

/** @param {import("./page.js").LocusPage} page */
export function addMoving(page) {
  const { view, actions } = page;
  page.place("locus-view", view.root, () => view.fit());
  const pointer = attachPointer(view.canvas, {
    pan(pixels, live) {
      if (live) view.maxima.hold();
      page.pan(pixels / view.layout.plotWidth, { live: true });
    },
    zoom(factor, x) {
      // Of the state, not of the picture: several fingers or turns of a wheel fall between two pictures.
      const { left, plotWidth: width } = view.layout;
      const scale = makeScale(page.state.window, { left, width });
      page.zoom(factor, Math.max(scale.start, Math.min(scale.end, scale.toBase(x))), { live: true });
    },
    click: (x, y) => view.click(x, y),
    hover: (x, y) => view.hover(x, y),
    leave: () => view.leave(),
    dragEnd() {
      view.maxima.release();
      page.setWindow(page.state.window);
    },
    inPlot: (x) => view.inPlot(x),
    scrolls: () => view.scrolls,
    grabAt: (at) => (view.scene ? actions.grabAt(at) : null),
  });
  actions.escape(-10, () => pointer.cancel());

  actions.click("pan-left", () => page.pan(-BUTTON.pan, { push: true }));
  actions.click("pan-right", () => page.pan(BUTTON.pan, { push: true }));
  actions.click("zoom-in", () => page.zoom(BUTTON.zoom, undefined, { push: true }));
  actions.click("zoom-out", () => page.zoom(1 / BUTTON.zoom, undefined, { push: true }));

  actions.key(["ArrowLeft", "a"], () => page.pan(-KEY.pan), { says: "pan left", group: "Move", shown: "\u2190 or A" });
  actions.key(["ArrowRight", "d"], () => page.pan(KEY.pan), { says: "pan right", group: "Move", shown: "\u2192 or D" });
  actions.key(["+", "=", "w"], () => page.zoom(KEY.zoom), { says: "zoom in", group: "Move", shown: "+ or W" });
  actions.key(["-", "_", "s"], () => page.zoom(1 / KEY.zoom), { says: "zoom out", group: "Move", shown: "\u2212 or S" });

  const choose = (step) => {
    const row = view.chooseRow(step);
    if (row) page.say(row.name);
    return Boolean(row);
  };
  actions.key(["ArrowUp"], () => choose(-1), { says: "choose the row above", shown: "\u2191 on the view", onView: true, shift: false });
  actions.key(["ArrowDown"], () => choose(1), { says: "choose the row below", shown: "\u2193 on the view", onView: true, shift: false });
  actions.key(["Enter"], () => view.explainChosen(), {
    says: "explain the chosen row at its mark: the gene or peak gone to, or the middle; on saliency, mutate the strongest bin in view",
    shown: "Enter on a chosen row",
    onView: true,
  });
}
