/** The star and the list of places beside the locus box, and their keys: recent places, bookmarks, and what commands listed. */
import { Bookmarks } from "./bookmarks.js";
import { element } from "../../ui/dom.js";
import { Contrasts, Disagreements, TopVariants } from "./rankedlists.js";
import { PlaceList } from "./placelist.js";
import { PlacesPanel } from "./placespanel.js";

/** Recent places as a tab. @param {import("../page/page.js").LocusPage} page */
function recentTab(page) {
  const list = new PlaceList({ id: "recent-list", label: "Recent places", go: (place) => page.goTo(place), describe: () => [] });
  const empty = element("p", { class: "quiet" }, "Places that you go to, or stay at for a moment, are listed here. The browser's own Back and Forward go between them, too.");
  const clear = element("button", { class: "button small", id: "recent-clear", type: "button", onclick: () => (page.recent.all = []) }, "Forget them");
  const update = () => {
    const places = page.recent.all;
    list.show(places);
    empty.hidden = places.length > 0;
    clear.disabled = places.length === 0;
  };
  return { id: "recent", name: "Recent", list, update, root: element("div", {}, empty, list.root, element("div", { class: "places-foot" }, clear)) };
}

/** @param {import("../page/page.js").LocusPage} page */
export function addWayfinding(page) {
  const { actions } = page;
  const bookmarks = new Bookmarks(page);
  const recent = recentTab(page);
  const toCanvas = () => page.view.canvas.focus({ preventScroll: true });
  const lists = [new Disagreements(page), new Contrasts(page), new TopVariants(page)];
  const panel = new PlacesPanel([recent, bookmarks, ...lists], toCanvas);
  page.place("places-host", panel.root);
  page.recent.onChange = () => panel.chosen === "recent" && panel.refresh();

  const star = element("button", { class: "button icon", id: "bookmark", type: "button" });
  const open = element("button", { class: "button icon", id: "places-button", type: "button", "aria-controls": "places", "aria-label": "Places: recent, bookmarks, disagreements, contrasts, variants", title: "Places (F)" }, "\u2261");
  page.locusBox.side.append(star, open);

  const mark = () => {
    const known = bookmarks.of(page.state.window);
    star.textContent = known ? "\u2605" : "\u2606";
    star.setAttribute("aria-pressed", String(Boolean(known)));
    star.title = known ? `Bookmarked as ${known.label} (B)` : "Bookmark this place (B)";
    star.setAttribute("aria-label", known ? `Bookmarked as ${known.label}: rename` : "Bookmark this place");
    open.setAttribute("aria-expanded", String(panel.isOpen));
  };
  bookmarks.onChange = mark;

  const bookmark = async () => {
    await panel.show("bookmarks");
    bookmarks.add();
    mark();
  };
  const toggle = () => {
    if (panel.close()) toCanvas();
    else panel.show();
    mark();
  };
  page.whenShown((_, { live }) => {
    if (live) return;
    mark();
    if (lists.some(({ id }) => id === panel.chosen)) panel.refresh();
  });
  actions.click("bookmark", bookmark);
  actions.click("places-button", toggle);
  actions.escape(15, () => panel.close() && (mark(), toCanvas(), true));
  actions.key(["b"], () => void bookmark(), { says: "bookmark this place", shown: "B", group: "Find" });
  actions.key(["f"], toggle, { says: "list of places: recent, bookmarks, disagreements, contrasts, variants", shown: "F", group: "Find" });
  for (const list of lists) {
    page.addSteps({
      ...list.steps,
      async from() {
        await panel.show(list.id);
        mark();
        return list.standpoint();
      },
      go: (place) => list.list.take(place),
    });
  }
}
