/**
 * Talking to the server: JSON, the binary signal format, and long answers that are asked for again (202) until ready.
 * Every address is relative to this file, so the view works under any prefix and never leaves its own origin.
 */
import { answered, AWAY, missed, pause } from "./connection.js";
import { tracksOfColumns } from "./trackfacets.js";

/** @typedef {{track: string, kind: "experiment"|"prediction"|"spread", stat: "mean"|"max", values: Float32Array}} Series */
/**
 * @typedef {{chrom: string, start: number, end: number, binBp: number, bins: number, nativeBin: number,
 *   series: Series[], pearson: Record<string, number|null>, pearsonBins: Record<string, number>,
 *   problems: Record<string, string>}} Signal  problems: why a track could not be read, by track
 */

export class ApiError extends Error {
  /** @param {string} message one line for a person @param {number} status HTTP status, 0 if the server was not reached @param {{again?: number}} [how] again: seconds after which the server says to ask again, 0 if it does not */
  constructor(message, status, { again = 0 } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.again = again;
  }
}

const wait = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

/** @param {unknown} error whether a request ended because we no longer wanted it */
export const wasAborted = (error) => error instanceof Error && error.name === "AbortError";

/** Where this server is, without a slash at the end: a proxy may have it below a path of its site. */
export const serverRoot = () => new URL("../..", import.meta.url).href.replace(/\/$/, "");

/** Address of an endpoint with its parameters; undefined ones are left out. */
export function endpoint(name, parameters = {}) {
  const url = new URL(`../../api/v1/${name}`, import.meta.url);
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null) url.searchParams.set(key, String(value));
  }
  return url;
}

/** What a proxy says of a server that is not there. */
const GONE = new Set([502, 504]);

/**
 * @param {URL|string} url @param {RequestInit} [options]
 * @param {{read?: (response: Response) => Promise<any>, patient?: boolean, onAway?: (message: string) => void}} [how]
 *   read: takes the body, as JSON by default; patient: asks again until the server answers, and says so by onAway
 * @returns {Promise<any>} what was read
 */
export async function request(url, options = {}, { read = (response) => response.json(), patient = false, onAway = () => {} } = {}) {
  for (;;) {
    try {
      const response = await fetch(url, options);
      if (!GONE.has(response.status)) {
        // A body that breaks off is a server that went while it spoke.
        const body = response.ok ? await read(response) : await response.json().catch(() => null);
        answered();
        if (response.ok) return body;
        throw new ApiError(body?.error ?? `The server answered ${response.status} ${response.statusText}.`, response.status, { again: Number(response.headers.get("Retry-After")) });
      }
    } catch (error) {
      if (wasAborted(error) || error instanceof ApiError || isLeft) throw error;
    }
    missed();
    if (!patient) throw new ApiError(`${AWAY}. Is \`sighthound serve\` still running?`, 0);
    onAway(`${AWAY}; it is asked again`);
    await pause(options.signal);
  }
}

/**
 * @param {string} name @param {Record<string, any>} [parameters] @param {AbortSignal} [signal]
 * @param {{patient?: boolean, onAway?: (message: string) => void}} [how] onAway: told whenever the server does not answer; it is asked
 *   until it does, unless that would come too late (patient: false)
 * @returns {Promise<any>}
 */
export const getJson = (name, parameters, signal, { patient = true, onAway } = {}) => request(endpoint(name, parameters), { signal }, { patient, onAway });

/** What the server takes as a sign that its own page asks; other sites cannot send it. */
export const OUR_HEADERS = { "X-Sighthound": "1" };

/** Give the server something to keep or to work on. @param {string} name @param {any} body @param {AbortSignal} [signal] @param {(response: Response) => Promise<any>} [read] @returns {Promise<any>} what was read */
export const postJson = (name, body, signal, read) =>
  request(endpoint(name), { method: "POST", body: JSON.stringify(body), signal, headers: { "Content-Type": "application/json", ...OUR_HEADERS } }, { read });

/** A file that the server makes, under the name that it gives. @returns {Promise<{blob: Blob, name: string}>} */
export async function getFile(name, parameters) {
  const read = async (response) => {
    const [, given = name] = /filename\*=UTF-8''(\S+)/.exec(response.headers.get("Content-Disposition") ?? "") ?? [];
    return { blob: await response.blob(), name: decodeURIComponent(given) };
  };
  return request(endpoint(name, parameters), {}, { read });
}

/** What the project holds, its tracks as a list. @param {{onAway?: (message: string) => void}} [how] as `getJson` takes it */
export async function getProject(how) {
  const project = await getJson("project", { form: "columns" }, undefined, how);
  return { ...project, tracks: tracksOfColumns(project.tracks) };
}

const wholeBody = (response) => response.arrayBuffer();
const BINARY = { read: wholeBody, decode: decodeSignal };

/** @returns {Promise<Signal>} */
export async function getSignal({ chrom, start, end, pixels, tracks }, signal) {
  const url = endpoint("signal", { chrom, start, end, pixels, tracks: tracks.join(",") });
  return decodeSignal(await request(url, { signal }, { read: wholeBody, patient: true }));
}

/**
 * Decode uint32 n, n bytes of JSON header, then float32 series (all little-endian).
 * @param {ArrayBuffer} buffer
 * @returns {Signal}
 */
export function decodeSignal(buffer) {
  if (buffer.byteLength < 4) throw new ApiError("The signal answer is empty.", 0);
  const headerBytes = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerBytes)));
  const floats = new Float32Array(buffer, 4 + headerBytes);
  const series = header.series.map(({ track, kind, stat, offset }) => {
    if (offset + header.bins > floats.length) throw new ApiError("The signal answer was cut short.", 0);
    return { track, kind, stat, values: floats.subarray(offset, offset + header.bins) };
  });
  return {
    chrom: header.chrom,
    start: header.start,
    end: header.end,
    binBp: header.bin_bp,
    bins: header.bins,
    nativeBin: header.native_bin,
    series,
    pearson: header.pearson ?? {},
    pearsonBins: header.pearson_bins ?? {},
    problems: header.problems ?? {},
  };
}

const TRY_AGAIN = 2000; // ms until a worker that was not there is asked again

/**
 * A window's prediction, made on the spot. Goes on asking while the inference worker starts; leaving cancels it.
 * @param {{chrom: string, start: number, end: number, pixels: number, tracks: string[]}} window
 * @param {{signal: AbortSignal, onProgress: (progress: {message: string}) => void}} options
 * @returns {Promise<Signal>}
 */
export async function getPrediction({ chrom, start, end, pixels, tracks }, { signal, onProgress }) {
  const parameters = { chrom, start, end, pixels, tracks: tracks.join(",") };
  for (;;) {
    try {
      return await getComputed("prediction", parameters, { signal, onProgress, ...BINARY });
    } catch (error) {
      if (error.status !== 503) throw error;
      onProgress({ message: error.message });
      await wait(TRY_AGAIN, signal);
    }
  }
}

/**
 * Standard deviation of what the networks that taught the model predict of a window; leaving cancels it.
 * @param {{chrom: string, start: number, end: number, pixels: number, tracks: string[]}} window @param {Parameters<typeof getComputed>[2]} options
 * @returns {Promise<Signal>} of kind "spread"
 */
export const getSpread = ({ chrom, start, end, pixels, tracks }, options) =>
  getComputed("prediction/members", { chrom, start, end, pixels, tracks: tracks.join(",") }, { ...options, ...BINARY });

/**
 * Both alleles of variants, in the bins that they can change.
 * @param {{variants: string, tracks: string[]}} asked @param {Parameters<typeof getComputed>[2]} options
 * @returns {Promise<Signal>} of kinds "reference" and "alternative"
 */
export const getAlleles = ({ variants, tracks }, options) =>
  getComputed("alternative", { variants, tracks: tracks.join(",") }, { ...options, ...BINARY });

/** How many wait for each answer that the server computes. @type {Map<string, number>} */
const waitedFor = new Map();

function giveUp(address) {
  // The page may be gone before the request is: it is kept alive.
  fetch(address, { method: "DELETE", keepalive: true }).catch(() => {});
}

let isLeft = false;

// Who leaves the page wants nothing of it any more.
globalThis.addEventListener?.("pagehide", () => {
  isLeft = true;
  for (const address of waitedFor.keys()) giveUp(address);
});

// Back on a page that the browser kept as it was: what was given up is asked for again.
globalThis.addEventListener?.("pageshow", ({ persisted }) => {
  if (persisted && isLeft) location.reload();
});

/**
 * Ask for something the model computes; while the server answers 202, report progress and ask again. Aborting cancels the
 * computation, unless another part of the page waits for the same; what another person cancelled is asked for again.
 *
 * @param {string} name "saliency", "mutagenesis", "prediction", ...
 * @param {Record<string, unknown>} parameters
 * @param {{signal: AbortSignal, onProgress?: (progress: Progress) => void, read?: (response: Response) => Promise<any>, decode?: (body: any) => any}} options
 *   read: the answer's body, JSON by default; decode: what was read
 */
export async function getComputed(name, parameters, { signal, onProgress = () => {}, read = (response) => response.json(), decode = (body) => body }) {
  const address = endpoint(name, parameters).href;
  waitedFor.set(address, (waitedFor.get(address) ?? 0) + 1);
  const waits = (message) => onProgress({ state: "queued", message });
  const readEither = async (response) => (response.status === 202 ? { progress: await response.json() } : { body: await read(response) });
  try {
    for (let lag = 60, later = 0; ; lag = Math.min(600, lag * 1.5), later = 0) {
      const found = await request(address, { signal }, { read: readEither, patient: true, onAway: waits }).catch((error) => {
        if (isLeft || (error.status !== 409 && !error.again)) throw error;
        // The worker is starting, or too many wait for it: that is waited for, and said.
        if (error.again) waits(error.message.split(";")[0]);
        // Many who found it full do not come again at one moment.
        if (error.status === 429) later = 1000 * error.again * (0.7 + 0.6 * Math.random());
        return null;
      });
      if (found && "body" in found) return decode(found.body);
      if (found) onProgress(found.progress);
      await wait(Math.max(lag, later), signal);
    }
  } catch (error) {
    if (wasAborted(error) && waitedFor.get(address) === 1) giveUp(address);
    throw error;
  } finally {
    const others = waitedFor.get(address) - 1;
    if (others) waitedFor.set(address, others);
    else waitedFor.delete(address);
  }
}

/** @typedef {{state?: string, done?: number, total?: number, message?: string, seconds_left?: number|null}} Progress */
