/**
 * Sets of tracks under names. They are kept by this browser for this project, and go to others as a table of two
 * columns, set and track: the same file that a project names under [tracks] sets, for everybody.
 */

/** @typedef {Map<string, string[]>} Sets  track ids by name */

const HEADER = "set\ttrack";

/** A name that fits into one cell of a table. */
export const cleanName = (name) => name.replace(/\s+/g, " ").trim();

/** @param {Sets} sets @returns {string} a table, one row a track of a set */
export function writeSets(sets) {
  return [HEADER, ...[...sets].flatMap(([name, ids]) => ids.map((id) => `${name}\t${id}`))].join("\n") + "\n";
}

/**
 * @param {string} text as `writeSets` gives it
 * @returns {Sets}
 */
export function parseSets(text) {
  const [header, ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (header.trim() !== HEADER) {
    const given = header.length > 60 ? `${header.slice(0, 60)}\u2026` : header;
    throw new Error(`The file begins with "${given}"; a table of sets begins with the columns set and track, separated by a tab.`);
  }
  const sets = new Map();
  lines.forEach((line, index) => {
    if (!line.trim()) return;
    const [name, id, ...more] = line.split("\t").map((cell) => cell.trim());
    if (!name || !id || more.length) throw new Error(`Line ${index + 2} of the table of sets is "${line}"; each line is a set, a tab and a track.`);
    if (!sets.has(name)) sets.set(name, []);
    if (!sets.get(name).includes(id)) sets.get(name).push(id);
  });
  return sets;
}

export class SavedSets {
  /**
   * @param {string} project title and genome: what tells projects on one address apart
   * @param {Record<string, string[]>} [shared] the project's own sets, which cannot be changed here
   * @param {Storage} [storage]
   */
  constructor(project, shared = {}, storage = globalThis.localStorage) {
    this.key = `sighthound.sets:${project}`;
    this.shared = new Map(Object.entries(shared));
    this.storage = storage;
    /** @type {() => void} */
    this.onChange = () => {};
    globalThis.addEventListener?.("storage", ({ key }) => key === this.key && this.onChange());
  }

  /** Those of this browser. @returns {Sets} */
  own() {
    try {
      const kept = JSON.parse(this.storage.getItem(this.key) ?? "{}");
      return new Map(Object.entries(kept).filter(([, ids]) => Array.isArray(ids)));
    } catch {
      // A browser that keeps nothing, or what someone else wrote there.
      return new Map();
    }
  }

  /** All, the browser's own first: they win over shared ones of the same name. @returns {Sets} */
  all() {
    const own = this.own();
    return new Map([...own, ...[...this.shared].filter(([name]) => !own.has(name))]);
  }

  keep(sets) {
    try {
      this.storage.setItem(this.key, JSON.stringify(Object.fromEntries(sets)));
    } catch {
      throw new Error("This browser keeps no more sets: its storage is full or switched off. Export the sets, or delete some.");
    }
    this.onChange();
  }

  /** @param {string} name @param {string[]} ids */
  save(name, ids) {
    this.keep(new Map([...this.own()].filter(([other]) => other !== name)).set(name, [...ids]));
  }

  /** @param {string} name */
  remove(name) {
    const own = this.own();
    own.delete(name);
    this.keep(own);
  }

  /** Take in sets from a file; those of the same name are replaced. @returns {number} how many */
  take(text) {
    const taken = parseSets(text);
    this.keep(new Map([...this.own(), ...taken]));
    return taken.size;
  }
}
