/** Counters and hooks for tests and benchmarks, on globalThis.sighthound; a part adds its own with Object.assign(hooks, ...). */
export const hooks = { lastDrawn: 0, firstComplete: 0, lastComplete: 0, complete: false, frames: 0, draws: 0, requests: {} };
globalThis.sighthound = hooks;
