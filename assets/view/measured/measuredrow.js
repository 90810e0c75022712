/**
 * Measured effects on the locus: a row a table above the tracks, a dot a measurement, up where the allele raises and down where it
 * lowers, grey where it is not significant. Among letters the dots are the bases that come. A click on one asks the model about
 * it; elsewhere in the row, how right the model is about the table.
 */
import { BASELINE, BASES, CHOSEN, DOUBTED, GROUND, INK, MUTED, NEGATIVE, POSITIVE } from "../../ui/palette.js";
import { formatChange, formatNumber, formatValue } from "../../ui/scale.js";
import { bars, fitText, line, rect, text } from "../draw/shapes.js";
import { registerRowKind } from "../rows/rowkinds.js";
import { formatVariant } from "../state/variant.js";
import { isSure, letterOf, MeasuredData, measurementsOf, placeOf } from "./measureddata.js";
import { MeasuredCard } from "./measuredcard.js";

/** @typedef {import("./measureddata.js").Table} Table */
/** @typedef {import("./measureddata.js").Effect} Effect */

const HEIGHT = 48;
const DOT = 2.6; // radius
const REACH = 5; // pixels beside a dot that are the dot's
const LETTERS = 7.5; // pixels a base from which on letters are drawn
const GENES = 4; // lines of a note for measurements of one allele

/** @param {import("../page/page.js").LocusPage} page */
export function addMeasured(page) {
  /** @type {{name: string, chromosomes: string[]}[]} */
  const tables = page.project.measured ?? [];
  if (tables.length === 0) return;
  const { view } = page;
  const data = new MeasuredData({ onChange: () => view.invalidate(), onError: (error) => view.fail(error) });
  const card = new MeasuredCard(page);
  view.data.addSource(data);
  view.measured = data;
  page.actions.escape(0, () => card.close());
  page.whenShown(({ tracks }) => {
    data.of(tracks.filter((id) => view.tracks.get(id)?.modelled));
    view.ensure();
  }, { lag: 150 });

  /** @returns {Table|null} */
  const tableOf = (row, { window }) => data.on(window.chrom).find(({ name }) => name === row.table) ?? null;
  const nearestTo = (row, scene, at) => {
    const table = tableOf(row, scene);
    return table && nearest(table, row, scene, at);
  };

  registerRowKind({
    kind: "measured",
    place: "top",
    order: 60,
    // Not where a table has nothing on the whole chromosome.
    rows: ({ state }) => tables.filter(({ chromosomes }) => chromosomes.includes(state.window.chrom)).map(({ name }) => ({ name: `measured effects: ${name}`, key: `measured/${name}`, table: name })),
    height: () => HEIGHT,
    plot: (row, scene) => measuredPlot(tableOf(row, scene), row, scene),
    label: (row, scene) => measuredLabel(tableOf(row, scene), row, scene),
    note: (row, scene, at) => measuredNote(tableOf(row, scene), row, scene, at, view.tracks),
    isClickable: (row, scene) => tableOf(row, scene) !== null,
    click(/** @type {any} */ row, scene, at) {
      const effect = nearestTo(row, scene, at);
      if (effect) return scene.change({ variant: [variantOf(effect, scene)] });
      const box = view.canvas.getBoundingClientRect();
      return card.open(row.table, scene.window, { x: box.left + at.x, y: box.top + scene.layout.headHeight - scene.scroll + row.y + HEIGHT });
    },
    explained(row, scene) {
      const table = tableOf(row, scene);
      const shown = table ? inView(table, scene) : [];
      return shown.length ? placeOf(shown.reduce((best, one) => (Math.abs(one.effect) > Math.abs(best.effect) ? one : best))) : null;
    },
    table(/** @type {any} */ row, scene) {
      const table = tableOf(row, scene);
      const rows = table ? inView(table, scene) : [];
      const columns = ["position", "ref", "alt", table?.effect ?? "effect", "false discovery rate", "experiment", "gene", ...(table?.tracks ?? []).map((track) => `predicted ${track}`)];
      return {
        caption: `Measured effects, ${row.table}`,
        note: "",
        columns,
        rows: rows.map(({ position, ref, alt, effect, q, experiment, gene, predicted }) => [position + 1, ref, alt, effect, q ?? "", experiment, gene, ...predicted.map((value) => value ?? "")]),
        cut: table ? table.effects.length < table.total : false,
      };
    },
  });
}

const variantOf = ({ position, ref, alt }, { window }) => ({ chrom: window.chrom, position, ref, alt });

/** @param {Table} table @param {any} scene */
const inView = ({ effects }, { scale }) => effects.filter((effect) => placeOf(effect) >= scale.start && placeOf(effect) <= scale.end);

/** Pixels below the row's top of an effect; what is larger than most lies at the edge. */
function heightOf({ effect }, { largest }, row) {
  const half = row.height / 2 - 6;
  const share = largest > 0 ? Math.max(-1, Math.min(1, effect / largest)) : 0;
  return row.y + row.height / 2 - share * half;
}

/** The effect under the pointer: by its place, and of those at one place by its size. */
export function nearest(table, row, scene, { x, y }) {
  const close = inView(table, scene)
    .map((effect) => ({ effect, dx: Math.abs(scene.scale.toPixel(placeOf(effect)) - x), dy: Math.abs(heightOf(effect, table, row) - y) }))
    .filter(({ dx }) => dx <= Math.max(REACH, scene.scale.pixelsPerBase / 2));
  close.sort((one, other) => Math.hypot(one.dx, one.dy) - Math.hypot(other.dx, other.dy));
  return close[0]?.effect ?? null;
}

/** @param {Table|null} table @param {any} scene @returns {import("../draw/shapes.js").Shape[]} */
export function measuredPlot(table, row, scene) {
  const { layout, scale } = scene;
  const middle = row.y + row.height / 2;
  const axis = line(layout.left, middle + 0.5, layout.left + layout.plotWidth, middle + 0.5, BASELINE);
  const say = (words) => [axis, text(layout.left + 10, middle - 8, words, MUTED, { size: 11 })];
  if (!table) return say("\u2026");
  const shown = inView(table, scene);
  if (shown.length === 0) return say("nothing measured here");
  const asLetters = scale.pixelsPerBase >= LETTERS;
  const stems = { sure: [], unsure: [] };
  const unsure = [];
  const sure = [];
  for (const effect of shown) {
    const [x, y] = [scale.toPixel(placeOf(effect)), heightOf(effect, table, row)];
    const counts = isSure(effect, table);
    const colour = counts ? (effect.effect < 0 ? NEGATIVE : POSITIVE) : DOUBTED;
    if (!asLetters) (counts ? stems.sure : stems.unsure).push(x - 0.5, Math.min(y, middle), 1, Math.abs(y - middle));
    const letter = letterOf(effect);
    (counts ? sure : unsure).push(
      asLetters
        ? text(x, y + 0.5, letter, counts ? (BASES[letter] ?? INK) : DOUBTED, { size: 11, weight: counts ? 700 : 400, align: "center", halo: GROUND })
        : rect(x - DOT, y - DOT, 2 * DOT, 2 * DOT, colour, { radius: DOT }),
    );
  }
  const cut = table.total > table.effects.length ? [text(layout.left + layout.plotWidth - 4, row.y + 6, `the ${formatNumber(table.effects.length)} largest of ${formatNumber(table.total)}`, MUTED, { size: 9.5, align: "right", halo: GROUND })] : [];
  return [
    axis,
    bars(stems.unsure, DOUBTED),
    bars(stems.sure, MUTED),
    ...unsure,
    ...sure,
    text(layout.left + 4, row.y + 6, `\u00b1${formatValue(table.largest)} (${table.effect})`, MUTED, { size: 9.5, halo: GROUND }),
    ...cut,
  ];
}

function measuredLabel(table, row, scene) {
  const { layout, measure, activeRow } = scene;
  const middle = row.y + row.height / 2;
  const width = layout.left - 22;
  const items = [
    ...(row.key === activeRow ? [rect(0.5, row.y - 3, layout.left - 6, row.height + 6, CHOSEN, { radius: 4 })] : []),
    rect(4, row.y, 3, row.height / 2, POSITIVE),
    rect(4, middle, 3, row.height / 2, NEGATIVE),
    text(14, middle - 8, fitText(row.table, width, measure, 12, 600), INK, { size: 12, weight: 600 }),
    text(14, middle + 7, fitText(table?.significance === false ? "measured effects" : "grey: not significant", width, measure, 10.5), MUTED, { size: 10.5 }),
  ];
  if (!table) return items;
  const count = inView(table, scene).length;
  return [...items, text(layout.left + layout.plotWidth + 12, middle, fitText(`${formatNumber(count)} measured`, layout.right - 16, measure, 10.5), MUTED, { size: 10.5 })];
}

/** @param {Table|null} table @param {Map<string, any>} tracks @returns {import("../rows/rownotes.js").Note|null} */
export function measuredNote(table, row, scene, at, tracks) {
  if (!table) return null;
  const title = `Measured effects, ${table.name}`;
  const hint = "Click: how right the model is about them";
  if (at.side !== "plot") return { title, lines: [{ label: "table", value: table.source }, { label: "effect", value: table.effect }], hint: "A dot is a measurement: up raises, down lowers." };
  const effect = nearest(table, row, scene, at);
  if (!effect) return { title, lines: [], hint };
  const variant = variantOf(effect, scene);
  const own = measurementsOf([table], variant);
  const lines = own.slice(0, GENES).map(({ effect: one }) => ({
    label: one.experiment || table.effect,
    value: `${formatChange(one.effect)}${one.q === null ? "" : ` \u00b7 FDR ${formatValue(one.q)}`}`,
    colour: isSure(one, table) ? (one.effect < 0 ? NEGATIVE : POSITIVE) : DOUBTED,
  }));
  const genes = [...new Set(own.map(({ effect: one }) => one.gene).filter(Boolean))];
  if (genes.length) lines.push({ label: genes.length > 1 ? "genes" : "gene", value: genes.join(", "), colour: undefined });
  effect.predicted.forEach((value, place) => {
    if (value !== null) lines.push({ label: `predicted, ${tracks.get(table.tracks[place])?.name ?? table.tracks[place]}`, value: formatChange(value), colour: undefined });
  });
  const more = effect.predicted.some((value) => value !== null) ? ` Predicted: ${table.score}.` : "";
  return { title: formatVariant(variant), lines, hint: `Click: ask the model about it.${more}` };
}
