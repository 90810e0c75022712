/**
 * How each track's rows are drawn, as people set it: height, scale, its top, colour, kind of residual. In the address:
 * rows=*@log,ATAC@h72~sqrt~top5~c0b5c97 where "*" is all rows and a track's own setting wins.
 */
import { AssayColours, THEMES, tint } from "../../ui/palette.js";
import { declareField, decode, encode } from "./state.js";

/**
 * @typedef {object} RowSettings
 * @property {number|null} height pixels of each of its rows; null: as the view has room
 * @property {"linear"|"sqrt"|"log"} scale
 * @property {"own"|"group"|"all"} share whose values in view set the scale's top: its own, its group's, those of all that share so
 * @property {number|null} top fixed top of the scale; null: the largest value in view
 * @property {string|null} colour "#rrggbb" of the experiment; null: its assay's
 * @property {"difference"|"ratio"} residual experiment - prediction, or log2((experiment + 1) / (prediction + 1))
 */
/** @typedef {Record<string, Partial<RowSettings>>} AllSettings by track id; "*" is all */

export const ALL = "*";
/** @type {RowSettings} */
export const DEFAULTS = { height: null, scale: "linear", share: "own", top: null, colour: null, residual: "difference" };
export const HEIGHT = { least: 14, most: 240 };

const WORDS = {
  linear: { scale: "linear" }, sqrt: { scale: "sqrt" }, log: { scale: "log" },
  own: { share: "own" }, group: { share: "group" }, all: { share: "all" },
  auto: { top: null }, difference: { residual: "difference" }, ratio: { residual: "ratio" },
};

/** @param {string} word of the address @returns {Partial<RowSettings>} */
function readWord(word) {
  if (Object.hasOwn(WORDS, word)) return WORDS[word];
  const [, key, rest] = /^(h|top|c)(.+)$/.exec(word) ?? [];
  const number = Number(rest);
  if (key === "h" && number > 0) return { height: Math.max(HEIGHT.least, Math.min(HEIGHT.most, Math.round(number))) };
  if (key === "top" && number > 0 && Number.isFinite(number)) return { top: number };
  if (key === "c" && /^[0-9a-f]{6}$/i.test(rest)) return { colour: `#${rest.toLowerCase()}` };
  return {};
}

function writeWords({ height, scale, share, top, colour, residual }) {
  return [height ? `h${height}` : null, scale, share, top === null ? "auto" : top ? `top${top}` : null, colour ? `c${colour.slice(1)}` : null, residual].filter(Boolean).join("~");
}

declareField({
  name: "rows",
  read(words) {
    const entries = words.split(/,|%2C/i).map((entry) => /^(.+)(?:@|%40)(.+)$/i.exec(entry)).filter(Boolean);
    return Object.fromEntries(entries.map(([, id, said]) => [decode(id), Object.assign({}, ...decode(said).split("~").map(readWord))]));
  },
  write(rows) {
    const entries = Object.entries(rows).map(([id, settings]) => [id, writeWords(settings)]).filter(([, words]) => words);
    return entries.length ? entries.map(([id, words]) => `${id === ALL ? ALL : encode(id)}@${words}`).join(",") : null;
  },
  initial: {},
  settle: (rows, { tracks }) => Object.fromEntries(Object.entries(rows).filter(([id]) => id === ALL || tracks.includes(id))),
});

/** What holds for a track. @param {{rows?: AllSettings}} state @returns {RowSettings} */
export const settingsOf = ({ rows = {} }, id) => ({ ...DEFAULTS, ...rows[ALL], ...rows[id] });

/**
 * Settings with some of one track changed, or of all.
 * @param {AllSettings} rows @param {string} id of a track, or ALL @param {Partial<RowSettings>} part @returns {AllSettings}
 */
export function withSettings(rows, id, part) {
  const names = Object.keys(part);
  const changed = {};
  for (const [other, settings] of Object.entries({ [ALL]: {}, [id]: {}, ...rows })) {
    const next = { ...settings };
    if (other === id) Object.assign(next, part);
    // What is set for all holds for all.
    else if (id === ALL) for (const name of names) delete next[name];
    changed[other] = next;
  }
  const inherited = { ...DEFAULTS, ...changed[ALL] };
  for (const [other, settings] of Object.entries(changed)) {
    const under = other === ALL ? DEFAULTS : inherited;
    for (const name of Object.keys(settings)) if (settings[name] === under[name]) delete settings[name];
    if (Object.keys(settings).length === 0) delete changed[other];
  }
  return changed;
}

/** A value as its scale places it; odd, so that residuals may use it. */
export const TRANSFORMS = {
  linear: (value) => value,
  sqrt: (value) => Math.sign(value) * Math.sqrt(Math.abs(value)),
  log: (value) => Math.sign(value) * Math.log2(1 + Math.abs(value)),
};

/** Colours of the tracks as they were set. @param {Map<string, import("../../ui/palette.js").TrackColours>} colours */
export function colouredBy(colours, { rows = {} }) {
  const common = rows[ALL]?.colour;
  if (!common && !Object.values(rows).some(({ colour }) => colour)) return colours;
  return new Map([...colours].map(([id, own]) => {
    const colour = rows[id]?.colour ?? (rows[id]?.colour === null ? null : common);
    return [id, colour ? pairOf(colour) : own];
  }));
}

/** Dark for the experiment and light for the prediction, of one colour. */
export function pairOf(dark) {
  const offered = THEMES.light.ASSAY_PAIRS.findIndex(([colour]) => colour === dark);
  if (offered >= 0) return new AssayColours(offered);
  const light = tint(dark, 0.5);
  return { dark, light, darkFaint: tint(dark, 0.52), lightFaint: tint(light, 0.5) };
}
