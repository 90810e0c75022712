/** Sessions as files: what is shown, and of which project and genome, to be opened later or elsewhere. */
import { download, element } from "../../ui/dom.js";
import { attempt, notify } from "../../ui/notice.js";
import { decodeList, parametersOf, readState, searchOf, writeState } from "./state.js";

export const FORMAT = "sighthound session";
export const FORMAT_VERSION = 1;
const MOST_BYTES = 4e6;
const NAMED = 6; // tracks that a message names

/**
 * @param {any} project answer of /api/v1/project @param {string} search "?..." @param {Date} now @param {string} link
 * @returns {string} the file
 */
export function writeSession(project, search, now, link) {
  const { title, genome, fingerprint, model_hash: model, version } = project;
  const session = {
    format: FORMAT,
    format_version: FORMAT_VERSION,
    software: `sighthound ${version}`,
    saved: now.toISOString(),
    project: { title, genome, fingerprint, model },
    address: link,
    state: parametersOf(search),
  };
  return `${JSON.stringify(session, null, 1)}\n`;
}

/**
 * Read a session's file.
 * @param {string} text @param {any} project @param {Set<string>} known ids of tracks
 * @returns {{search: string, remarks: string[]}} what to show, and what a person should know about it
 * @throws {Error} with one line: it is no session, or of another genome
 */
export function readSession(text, project, known) {
  let session;
  try {
    session = JSON.parse(text);
  } catch {
    throw new Error("This file is no session: it is not JSON. Sessions are saved with Export, Save session.");
  }
  if (session?.format !== FORMAT || typeof session.state !== "object" || session.state === null) {
    throw new Error("This file is no session of Sighthound. Sessions are saved with Export, Save session.");
  }
  if (!(session.format_version <= FORMAT_VERSION)) {
    throw new Error(`This session was saved by ${session.software}, which is newer than this server's ${project.version}; open it there.`);
  }
  const { genome, fingerprint, title, model } = session.project ?? {};
  if (fingerprint !== project.fingerprint) {
    throw new Error(`This session is of another genome, ${genome || "unnamed"} (${fingerprint}); this project has ${project.genome} (${project.fingerprint}). Nothing was changed.`);
  }
  const state = Object.fromEntries(Object.entries(session.state).filter(([, words]) => typeof words === "string"));
  const remarks = [];
  const missing = state.tracks === undefined ? [] : decodeList(state.tracks).filter((id) => !known.has(id));
  if (missing.length) {
    const named = missing.slice(0, NAMED).join(", ") + (missing.length > NAMED ? ", \u2026" : "");
    remarks.push(`${missing.length} of its tracks ${missing.length === 1 ? "is" : "are"} not here: ${named}.`);
  }
  if (model !== project.model_hash) {
    remarks.push(`It was saved with ${title && title !== project.title ? `the model of ${title}` : "another model"}: predictions differ.`);
  }
  return { search: searchOf(state), remarks };
}

/** @param {import("../page/page.js").LocusPage} page @param {(extension: string) => string} fileName */
export function addSessions(page, fileName) {
  const { project, view } = page;

  function save() {
    const text = writeSession(project, writeState(page.addressed()), new Date(), page.link);
    download(new Blob([text], { type: "application/json" }), fileName("session.json"));
  }

  /** @param {File} file */
  async function open(file) {
    if (file.size > MOST_BYTES) throw new Error(`${file.name} is too large to be a session.`);
    const { search, remarks } = readSession(await file.text(), project, new Set(view.tracks.keys()));
    page.restore(readState(search));
    page.address.push(page.addressed());
    notify([`${file.name} is open.`, ...remarks].join(" "), { failed: remarks.length > 0 });
  }

  const chooser = element("input", {
    id: "session-file", type: "file", accept: ".json,application/json", hidden: true, "aria-label": "Session file",
    onchange() {
      const [file] = chooser.files;
      if (file) attempt(() => open(file));
      chooser.value = "";
    },
  });
  document.body.append(chooser);
  page.openSession = open;
  page.actions.click("session-save", save);
  page.actions.click("session-open", () => chooser.click());
}
