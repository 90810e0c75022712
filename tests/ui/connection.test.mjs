import assert from "node:assert/strict";
import test from "node:test";
import { getComputed, getJson, getProject } from "../../assets/ui/api.js";
import { answered, isAway, whenAway } from "../../assets/ui/connection.js";

const told = [];
whenAway((away) => told.push(away));

const answer = (body, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });
/** Answers one after another; an Error is a server that is not there. */
function serve(...answers) {
  globalThis.fetch = async () => {
    const next = answers.shift() ?? new Error("asked too often");
    if (next instanceof Error) throw next;
    return next;
  };
}
const gone = new TypeError("Failed to fetch");
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("what is asked for while the server is away is said to wait, and comes when it is back", async () => {
  serve(gone, answer({ genes: [1] }));
  const said = [];
  const asked = getJson("genes", {}, undefined, { onAway: (message) => said.push(message) });
  await settled();
  assert.equal(isAway(), true);
  assert.deepEqual(said, ["The server does not answer; it is asked again"]);
  answered(); // as any other request that gets an answer says
  assert.deepEqual(await asked, { genes: [1] });
  assert.deepEqual(told.splice(0), [true, false]);
});

test("a proxy without a server behind it, and an answer that breaks off, are a server that is away", async () => {
  const broken = new Response(new ReadableStream({ start: (stream) => stream.error(gone) }), { status: 200 });
  for (const miss of [answer({}, 502), answer({}, 504), broken]) {
    serve(miss, answer({ there: true }));
    const asked = getJson("genes", {});
    await settled();
    await settled();
    assert.equal(isAway(), true);
    answered();
    assert.deepEqual(await asked, { there: true });
  }
});

test("what the server refuses is an error and no absence", async () => {
  told.length = 0;
  serve(answer({ error: "chrom is missing" }, 400));
  await assert.rejects(getJson("genes", {}), /chrom is missing/);
  assert.deepEqual(told, []);
});

test("what would come too late is not waited for", async () => {
  serve(gone);
  await assert.rejects(getJson("next", {}, undefined, { patient: false }), /does not answer/);
  answered();
});

test("who leaves while the server is away no longer waits", async () => {
  serve(gone);
  const leaving = new AbortController();
  const asked = getJson("genes", {}, leaving.signal);
  await settled();
  leaving.abort();
  await assert.rejects(asked, { name: "AbortError" });
  answered();
});

test("a page that is opened while the server is away waits, too", async () => {
  serve(gone, answer({ title: "t", tracks: { id: [], held_out: {} } }));
  let shown = 0;
  const project = getProject({ onAway: () => (shown += 1) });
  await settled();
  answered();
  assert.equal((await project).title, "t");
  assert.equal(shown, 1);
});

test("a computation says that the worker starts, that it loads the model, and goes on over an absence", async () => {
  serve(
    answer({ error: "the inference worker is starting; ask again in a moment" }, 503, { "Retry-After": "2" }),
    gone,
    answer({ state: "queued", message: "loading the model" }, 202),
    answer({ values: [1] }),
  );
  const said = [];
  const computed = getComputed("saliency", {}, { signal: new AbortController().signal, onProgress: ({ message }) => {
    said.push(message);
    if (isAway()) setImmediate(answered);
  } });
  assert.deepEqual(await computed, { values: [1] });
  assert.deepEqual(said, ["the inference worker is starting", "The server does not answer; it is asked again", "loading the model"]);
});

test("a question that finds too many waiting says so, and is asked again after the time that the server names", async () => {
  serve(answer({ error: "500 questions wait already; this one is asked again" }, 429, { "Retry-After": "0.1" }), answer({ values: [1] }));
  const said = [];
  const began = performance.now();
  const found = await getComputed("saliency", {}, { signal: new AbortController().signal, onProgress: ({ message }) => said.push(message) });
  assert.deepEqual(found, { values: [1] });
  assert.deepEqual(said, ["500 questions wait already"]);
  assert.ok(performance.now() - began >= 65);
});
