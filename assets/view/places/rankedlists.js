/**
 * The lists that commands made: where prediction and experiment disagree most, where two tracks differ most, and the variants with
 * the largest effects. Each is asked for when somebody looks at it.
 */
import { getJson, wasAborted } from "../../ui/api.js";
import { element } from "../../ui/dom.js";
import { PlaceList } from "./placelist.js";
import { contrastId, trackOf } from "../state/contrast.js";
import { withContrast } from "../rows/contrastrows.js";
import { formatChange, formatNumber, formatValue } from "../../ui/scale.js";
import { whenThemed } from "../../ui/theme.js";

/** What several lists of the server have in common */
class ServedList {
  // What it is made with.
  page;
  id;
  name;
  route;
  steps;
  asked;

  /**
   * @param {import("../page/page.js").LocusPage} page
   * @param {{id: string, name: string, label: string, route: string, steps: {kind: string, key: string, what: string}}} about
   *   steps: of the key that goes through it
   */
  constructor(page, { id, name, label, route, steps }) {
    Object.assign(this, { page, id, name, route, steps, asked: null });
    this.list = new PlaceList({ id: `${id}-list`, label, go: (place) => this.go(place), describe: (place) => this.describe(place) });
    this.note = element("p", { class: "quiet", role: "status", id: `${id}-note` });
    this.root = element("div", {}, this.filters(), this.note, this.list.root);
    // Bars have the tracks' colours, which are others in the dark.
    whenThemed(() => this.list.show(this.list.places));
  }

  filters() {
    return element("div", {});
  }

  /** Ask again where what is asked for has changed. */
  update() {
    const parameters = this.parameters();
    const key = JSON.stringify(parameters);
    if (key !== this.asked) {
      this.asked = key;
      this.answer = this.ask(parameters);
    }
    return this.answer;
  }

  async ask(parameters) {
    this.abort?.abort();
    this.abort = new AbortController();
    this.note.textContent = "Loading\u2026";
    try {
      const answer = await getJson(this.route, parameters, this.abort.signal, { onAway: (message) => (this.note.textContent = `${message}.`) });
      this.take(answer);
      this.list.show(answer.places);
      this.note.textContent = answer.note ? `${answer.note[0].toUpperCase()}${answer.note.slice(1)}.` : this.summary(answer.places.length);
    } catch (error) {
      if (wasAborted(error)) return;
      this.asked = null;
      this.list.show([]);
      this.note.textContent = error.message;
    }
  }

  /** Hear of a new answer. @param {any} _answer */
  take(_answer) {}

  /** What is asked of the server. @returns {Record<string, any>} */
  parameters() {
    return {};
  }

  /** What a line of the list says of a place. @param {any} _place @returns {any} */
  describe(_place) {
    return {};
  }

  /** What stands above the list. @param {number} _count @returns {string} */
  summary(_count) {
    return "";
  }

  nameOf(track) {
    return this.page.view.tracks.get(track)?.name ?? track;
  }

  /** Where in the list one is, for the step to the next; null where it is empty. */
  standpoint() {
    const { places, current } = this.list;
    if (places.length > 0) return { ...this.parameters(), rank: current < 0 ? undefined : current + 1 };
    this.page.say(this.note.textContent);
    return null;
  }

  /** Go to a place, and show the track that it is of. */
  go(place) {
    const { tracks } = this.page.state;
    this.page.goTo(place, tracks.includes(place.track) ? {} : { tracks: [...tracks, place.track] }, { passing: true });
  }
}

/** "6.7 times more", by a log2 ratio. */
export function timesMore(log2) {
  const times = 2 ** Math.abs(log2);
  return `${times < 10 ? times.toFixed(1) : formatNumber(times)}\u00d7 ${log2 > 0 ? "more" : "less"}`;
}

/** In which fold places are wanted. */
const foldPicker = (id, again) =>
  element(
    "select",
    { class: "field", id, "aria-label": "In which fold", onchange: again },
    option("", "All folds"), option("valid,test", "Held out"), option("test", "Test"), option("valid", "Validation"), option("train", "Training"),
  );

export class Disagreements extends ServedList {
  constructor(page) {
    super(page, {
      id: "disagreements",
      name: "Disagreements",
      label: "Places where prediction and experiment disagree most",
      route: "disagreements",
      steps: { kind: "disagreement", key: "x", what: "place where prediction and experiment disagree" },
    });
  }

  filters() {
    const again = () => this.update();
    this.of = element("select", { class: "field", id: "disagreements-of", "aria-label": "Of which tracks", onchange: again }, option("shown", "Tracks shown"), option("", "All tracks"));
    this.fold = foldPicker("disagreements-fold", again);
    return element("div", { class: "places-filters" }, this.of, this.fold);
  }

  parameters() {
    return { tracks: this.of.value ? this.page.state.tracks.join(",") : undefined, folds: this.fold.value || undefined };
  }

  summary(count) {
    return count ? `${formatNumber(count)} places, the largest differences first. X and Shift X step through them.` : "No place differs twofold here.";
  }

  describe({ track, also, fold, experiment, prediction, log2_ratio: ratio }) {
    const { dark, light } = this.page.view.colours.get(track) ?? { dark: "#47535f", light: "#b3bec9" };
    const top = Math.max(experiment, prediction) || 1;
    const bar = (name, value, colour) => {
      const fill = element("span", { class: "bar-fill" });
      fill.style.width = `${Math.max(1, (100 * value) / top)}%`;
      fill.style.background = colour;
      return [element("span", { class: "bar-name" }, name), element("span", { class: "bar" }, fill), element("span", { class: "bar-value" }, formatValue(value))];
    };
    const others = also.length ? `, and ${also.length} more` : "";
    return [
      element("span", { class: "place-what", title: also.map((id) => this.nameOf(id)).join(", ") }, `${this.nameOf(track)}${others}`),
      element("span", { class: "place-tags" }, element("b", {}, timesMore(ratio)), " predicted", fold ? element("span", { class: "fold-tag", "data-fold": fold }, fold) : null),
      element("span", { class: "bars" }, ...bar("experiment", experiment, dark), ...bar("prediction", prediction, light)),
    ];
  }
}

/** Where two tracks differ most, measured and predicted, and the motif that explains each place. */
export class Contrasts extends ServedList {
  constructor(page) {
    super(page, {
      id: "contrasts",
      name: "Contrasts",
      label: "Places where two tracks differ most",
      route: "contrasts",
      steps: { kind: "contrast", key: "c", what: "place where two tracks differ" },
    });
  }

  filters() {
    const again = () => this.update();
    this.of = element("select", { class: "field", id: "contrasts-of", "aria-label": "Which two tracks", hidden: true, onchange: again });
    this.fold = foldPicker("contrasts-fold", again);
    return element("div", { class: "places-filters stacked" }, this.of, this.fold);
  }

  parameters() {
    return { contrast: this.of.value || undefined, folds: this.fold.value || undefined };
  }

  take({ contrast = "", contrasts = [], ranked = "", places }) {
    this.ranked = ranked;
    this.of.hidden = contrasts.length === 0;
    this.of.replaceChildren(...contrasts.map((id) => option(id, trackOf(this.page.view.tracks, id)?.name ?? id)));
    this.of.value = contrast;
    // What was answered is what is asked for from now on.
    this.asked = JSON.stringify(this.parameters());
    this.largest = Math.max(1, ...places.flatMap(({ measured, predicted }) => [Math.abs(measured), Math.abs(predicted)]));
  }

  summary(count) {
    return count ? `The ${formatNumber(count)} largest differences at ${this.ranked}, log\u2082 of the two tracks\u2019 ratio. C and Shift C step through them.` : "The list has no place in these folds.";
  }

  describe({ track, other, fold, measured, predicted, motif, matrix, q_value: q, by, effect }) {
    const bar = (name, value) => {
      const share = (50 * Math.min(Math.abs(value), this.largest)) / this.largest;
      const fill = element("span", { class: `bar-fill signed ${value < 0 ? "down" : "up"}` });
      fill.style.width = `${Math.max(0.5, share)}%`;
      fill.style.left = value < 0 ? `${50 - share}%` : "50%";
      return [element("span", { class: "bar-name" }, name), element("span", { class: "bar" }, fill), element("span", { class: "bar-value" }, formatChange(value))];
    };
    const why = motif
      ? element("span", { class: "place-why", title: `${matrix}, ${by === "effects" ? "which the effects look like" : "which the sequence matches"}; its bases add ${formatChange(effect)} to the predicted log\u2082 ratio` }, element("b", {}, motif), ` adds ${formatChange(effect)}, q ${formatValue(q)}`)
      : element("span", { class: "place-why quiet" }, "no motif named");
    return [
      element("span", { class: "place-what" }, trackOf(this.page.view.tracks, contrastId(track, other))?.name ?? `${track} over ${other}`),
      element("span", { class: "place-tags" }, why, fold ? element("span", { class: "fold-tag", "data-fold": fold }, fold) : null),
      element("span", { class: "bars zeroed" }, ...bar("measured", measured), ...bar("predicted", predicted)),
    ];
  }

  /** Go to a place, and show both tracks and their contrast there. */
  go(place) {
    const { tracks, contrasts } = this.page.state;
    const { track, other } = place;
    const shown = [...tracks, ...[track, other].filter((id) => !tracks.includes(id))];
    this.page.goTo(place, { tracks: shown, contrasts: withContrast(contrasts, track, other) }, { passing: true });
  }
}

export class TopVariants extends ServedList {
  constructor(page) {
    super(page, {
      id: "variants",
      name: "Variants",
      label: "Variants with the largest effects",
      route: "top-variants",
      steps: { kind: "variant", key: "v", what: "variant with a large effect" },
    });
  }

  parameters() {
    return { tracks: this.page.state.tracks.join(",") };
  }

  take({ tables = [], places }) {
    this.tables = tables;
    this.largest = Math.max(0, ...places.map(({ deviation }) => Math.abs(deviation)));
  }

  summary(count) {
    return count ? `The ${formatNumber(count)} largest effects on the tracks shown, from ${this.tables.join(", ")}. V and Shift V step through them.` : "No variant has an effect on the tracks shown.";
  }

  describe({ track, value, deviation, score, variant, known }) {
    const fill = element("span", { class: "bar-fill signed" });
    const share = (50 * Math.abs(deviation)) / (this.largest || 1);
    fill.style.width = `${Math.max(0.5, share)}%`;
    fill.style.left = deviation < 0 ? `${50 - share}%` : "50%";
    fill.classList.add(known === false ? "doubted" : deviation < 0 ? "down" : "up");
    const doubt = known === false ? "; networks disagree" : "";
    const [ref, alt] = variant.split(":").slice(-2);
    return [
      element("span", { class: "place-what" }, `${short(ref)}>${short(alt)}, most in ${this.nameOf(track)}${doubt}`),
      element("span", { class: "bars one", title: doubt && "The networks that taught the model disagree on it" }, element("span", { class: "bar" }, fill), element("span", { class: "bar-value" }, `${score.toUpperCase().replace("_", " ")} ${value > 0 ? "+" : ""}${formatValue(value)}`)),
    ];
  }
}

const option = (value, text) => element("option", { value }, text);
const short = (bases) => (bases.length > 8 ? `${bases.slice(0, 6)}\u2026` : bases);
