/**
 * The tops of the rows' scales. Rows of one track and unit share one, so that experiment and prediction compare; tracks may
 * share one with their group or with all. None goes below the genome-wide levels of its tracks, so that noise stays low. While a drag lasts tops only grow, so that peaks do not breathe.
 */
import { kindOf } from "./rowkinds.js";
import { settingsOf } from "../state/rowsettings.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** Who shares a row's scale: a name that all of them have. @param {any} row */
export function sharers(row, state) {
  const { track } = row;
  const { unit } = kindOf(row);
  const { share } = settingsOf(state, track.id);
  if (share === "all") return `${unit}/all`;
  return share === "group" ? `${unit}/group/${track.group || track.assay}` : `${unit}/own/${track.id}`;
}

/** @param {any[]} rows @returns {Map<string, any[]>} */
function bySharers(rows, state) {
  const found = new Map();
  for (const row of rows) {
    const name = sharers(row, state);
    if (found.has(name)) found.get(name).push(row);
    else found.set(name, [row]);
  }
  return found;
}

export class Maxima {
  constructor() {
    /** @type {Map<string, number>|null} while a drag lasts */
    this.held = null;
  }

  hold() {
    this.held ??= new Map();
  }

  release() {
    this.held = null;
  }

  /** The tops of one picture, each worked out when first asked for. @param {Scene} scene @returns {(row: any) => number} */
  ofScene(scene) {
    const { layout, state } = scene;
    const known = new Map();
    /** @type {Map<string, any[]>|null} */
    let rows = null;
    return (row) => {
      if (!row.track) return 0;
      const { top } = settingsOf(state, row.track.id);
      if (top !== null) return top;
      const name = sharers(row, state);
      if (known.has(name)) return known.get(name);
      rows ??= bySharers(layout.body.filter(({ track }) => track), state);
      let largest = Math.max(0, ...(rows.get(name) ?? [row]).flatMap((other) => [kindOf(other).largest(other, scene), kindOf(other).floor(other, scene)]));
      if (this.held) {
        largest = Math.max(largest, this.held.get(name) ?? 0);
        this.held.set(name, largest);
      }
      known.set(name, largest);
      return largest;
    };
  }
}
