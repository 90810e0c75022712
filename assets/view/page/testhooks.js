/** What tests and benchmarks ask of the locus page, on globalThis.sighthound (assets/ui/hooks.js). */
import { hooks } from "../../ui/hooks.js";
import { HEIGHTS } from "../rows/layout.js";
import { kindOf } from "../rows/rowkinds.js";

/** @param {import("./page.js").LocusPage} page */
export function addHooks(page) {
  const { view } = page;
  const box = () => view.canvas.getBoundingClientRect();
  page.whenDrawn((complete) => {
    hooks.lastDrawn = performance.now();
    hooks.complete = complete;
    if (complete) hooks.lastComplete = hooks.lastDrawn;
    hooks.firstComplete ||= hooks.lastComplete;
    hooks.frames = view.frames;
    hooks.draws += 1;
    hooks.requests = { ...page.asked, ...view.data.requests };
    dispatchEvent(new CustomEvent("sighthound:drawn", { detail: { complete, locus: page.state.window } }));
  });
  Object.assign(hooks, {
    state: () => page.addressed(),
    /** Client y of the middle of a row by its key ("<track id>/prediction", "bases"), null if there is none. */
    rowY(key) {
      const head = view.layout?.head.find((other) => other.key === key);
      if (head) return box().top + head.y + head.height / 2;
      const row = view.layout?.body.find((other) => other.key === key);
      return row ? box().top + view.layout.headHeight + row.y - view.scroller.scrollTop + row.height / 2 : null;
    },
    /** Whether the middle of a row is in sight. */
    inSight(key) {
      const y = hooks.rowY(key);
      const { top, bottom } = box();
      return y !== null && y > top + view.layout.headHeight && y < bottom;
    },
    rows: () => [...view.layout.head, ...view.layout.body].map(({ key, kind, name, track }) => ({ key, kind, name, live: view.data.liveStates.get(track?.id)?.state ?? null })),
    /** Client x, y of the body of a gene that has a lane. */
    genePlace(id) {
      const { packing, scale, layout } = view.scene;
      const { gene, lane } = packing.placed.find((placed) => placed.gene.id === id);
      const row = layout.head.find(({ kind }) => kind === "genes");
      return { x: box().left + scale.toPixel((gene.start + gene.end) / 2), y: box().top + row.y + 10 + lane * (packing.dense ? HEIGHTS.denseLane : HEIGHTS.lane) };
    },
    /** Client x of a 0-based base. */
    baseX: (base) => box().left + view.scene.scale.toPixel(base + 0.5),
    saliency: () => view.saliency && { status: view.saliency.status, target: view.saliency.target, result: view.saliency.result },
    /** What a row shows, as numbers. */
    series: (key) => {
      const row = view.layout.body.find((other) => other.key === key);
      return kindOf(row).series(row, view.scene).map(({ name, start, binBp, values }) => ({ name, start, binBp, values: Array.from(values) }));
    },
    table: () => page.table(view.layout.body),
  });
}
