/** One's own files: what the server has of this browser, and adding, naming and removing them. */
import { ApiError, OUR_HEADERS, endpoint, getJson, postJson, request } from "../../ui/api.js";

/**
 * @typedef {{id: string, name: string, kind: "bigwig"|"bed"|"vcf", bytes: number, added: number, expires: number, items: number,
 *   note: string, source: string}} OwnFile
 * @typedef {{files: OwnFile[], upload_mb: number, upload_days: number, allowed_urls: string[]}} Own
 */

/** What ids of visitors' files begin with. */
export const PREFIX = "own-";
export const ASSAY = "Your data";
const KIND_NAMES = { bigwig: "BigWig", bed: "BED", vcf: "VCF" };

/** What the server has of this browser; nothing where it does not say. @returns {Promise<Own>} */
export async function ownFiles(fetchJson = getJson) {
  try {
    return await fetchJson("uploads");
  } catch {
    return { files: [], upload_mb: 0, upload_days: 0, allowed_urls: [] };
  }
}

/** A file as a track of the view. @param {OwnFile} file */
export const asTrack = ({ id, name, kind, note, source, items }) => ({
  id,
  name,
  own: kind,
  assay: ASSAY,
  sample: "",
  group: "",
  strand: ".",
  strand_pair: "",
  replicate_of: "",
  description: [`Your own ${KIND_NAMES[kind]}${items ? `, ${items.toLocaleString("en")} ${kind === "vcf" ? "alleles" : "features"}` : ""}`, source, note].filter(Boolean).join(". "),
  aggregation: "mean",
  unit: kind === "bigwig" ? "mean" : "",
  has_experiment: kind === "bigwig",
  has_prediction: false,
  live: false,
  held_out: null,
});

/** Why a file cannot even be sent; empty if it can. @param {{name: string, size: number}} file @param {Own} own */
export function misfit({ name, size }, { upload_mb: most }) {
  if (!most) return "This server takes no files of visitors.";
  if (size > most * 1024 * 1024) return `${name} is larger than ${most} MB, the most that this server takes.`;
  if (size === 0) return `${name} is empty.`;
  return "";
}

/**
 * Send a file. @param {File} file @param {(share: number) => void} onProgress 0 to 1 of its bytes @param {AbortSignal} signal
 * @returns {Promise<OwnFile>}
 */
export function send(file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much was sent
    request.open("POST", endpoint("uploads", { name: file.name }));
    for (const [name, value] of Object.entries(OUR_HEADERS)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 200) resolve(request.response);
      else reject(new ApiError(request.response?.error ?? `The server answered ${request.status}.`, request.status));
    };
    request.onerror = () => reject(new ApiError(`${file.name} could not be sent: the connection broke.`, 0));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Have the server fetch a file. @param {string} url @param {AbortSignal} signal @returns {Promise<OwnFile>} */
export const fetchFrom = (url, signal) => postJson("uploads/from-url", { url }, signal);

/** @param {string} id */
export async function remove(id) {
  await request(endpoint(`uploads/${id}`), { method: "DELETE", headers: OUR_HEADERS }).catch((error) => {
    // One that has expired meanwhile is gone as well.
    if (error.status !== 404) throw error;
  });
}
