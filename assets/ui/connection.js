/**
 * Whether the server answers. Who asked for something and got no answer waits here and asks again; the page is told when the
 * server goes and when it is back, and mends itself without anybody's doing.
 */
const AGAIN = 2000; // ms until it is asked again

/** What is said while it does not answer. */
export const AWAY = "The server does not answer";

let away = false;
/** @type {Set<() => void>} */
const sleepers = new Set();
/** @type {((away: boolean) => void)[]} */
const listeners = [];

export const isAway = () => away;

/** @param {(away: boolean) => void} listener told when the server goes, and when it is back */
export function whenAway(listener) {
  listeners.push(listener);
}

function become(now) {
  if (away === now) return;
  away = now;
  if (away) keepAsking();
  else wake();
  for (const tell of listeners) tell(away);
}

/** A request got no answer. */
export const missed = () => become(true);

/** A request got an answer, whatever it says. */
export const answered = () => become(false);

const wake = () => [...sleepers].forEach((resolve) => resolve());

/** Resolves when it is time to ask again; rejects when the signal aborts. @param {AbortSignal} [signal] */
export function pause(signal) {
  return new Promise((resolve, reject) => {
    const done = (end) => (value) => {
      clearTimeout(timer);
      sleepers.delete(awake);
      signal?.removeEventListener("abort", leave);
      end(value);
    };
    const awake = done(resolve);
    const leave = () => done(reject)(signal.reason);
    const timer = setTimeout(awake, AGAIN);
    sleepers.add(awake);
    if (signal?.aborted) leave();
    else signal?.addEventListener("abort", leave);
  });
}

/** While nobody waits for an answer, nobody would notice that the server is back. */
async function keepAsking() {
  while (away) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    if (!away || sleepers.size > 0) continue;
    await fetch(new URL("../../healthz", import.meta.url)).then(answered, () => {});
  }
}

// Who was cut off goes on as soon as the network is back.
globalThis.addEventListener?.("online", wake);
