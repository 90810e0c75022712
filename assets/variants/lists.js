/**
 * Lists of variants to be scored, and tables that are there: a list is pasted or sent as a file, read, and scored while the page
 * says how far it is; what is done opens in the page.
 */
import { OUR_HEADERS, endpoint, getJson, postJson, request, wasAborted } from "../ui/api.js";
import { element } from "../ui/dom.js";
import { attempt } from "../ui/notice.js";
import { progressParts, timeLeft } from "../ui/progress.js";
import { formatNumber } from "../ui/scale.js";
import { misfit, send } from "../view/data/uploads.js";

/** @typedef {{id: string, name: string, state: string, message: string, alleles: number, done: number, left_out: string[], members: number, seconds: number|null, waiting: number, expires: number}} Run */

const LOOK_EVERY = 1500; // ms, while something is scored
const GOING_ON = ["waiting", "running"];
const EXAMPLES = "chrIV:1,234 A>G\nrs12345, rs67890\nHIS4:c.-148C>A\nchrIV:g.1234_1236del\nchrIV  1234  .  A  G,T";
const plural = (number, one, many = `${one}s`) => `${formatNumber(number)} ${number === 1 ? one : many}`;

/** How long, for a person; "" where that is not known. @param {number|null} seconds */
export const duration = (seconds) => (seconds === null ? "" : timeLeft(Math.max(2, seconds)).replace(" left", ""));

/** What is said of a list before it is scored, and afterwards. @param {Run} run */
export function wordsOf({ state, message, alleles, done, members, seconds, waiting }) {
  const count = plural(alleles, "allele");
  const asked = members ? `, ${members} networks asked too` : "";
  if (state === "done") return `${count} scored${asked}`;
  if (state === "failed") return `${message}; ${formatNumber(done)} of ${count} are scored`;
  if (state === "stopped") return `stopped at ${formatNumber(done)} of ${count}`;
  if (state === "read") {
    const long = seconds === null ? "how long it takes is said once some are scored" : `takes ${duration(seconds)}`;
    return `${count} read${asked}; ${long}${waiting ? `, beside ${plural(waiting, "allele")} of other lists` : ""}`;
  }
  return `${formatNumber(done)} of ${count}${asked}`;
}

export class ListsPanel {
  /**
   * @param {any} project answer of /api/v1/project
   * @param {{onOpen: (id: string) => void, onGone: (id: string) => void}} does
   */
  constructor(project, { onOpen, onGone }) {
    this.project = project;
    this.onOpen = onOpen;
    this.onGone = onGone;
    this.open = "";
    this.text = element("textarea", { id: "variants-text", class: "field", rows: 7, placeholder: EXAMPLES, spellcheck: false, "aria-describedby": "variants-limits" });
    this.file = element("input", { id: "variants-file", type: "file", accept: ".vcf,.bcf,.gz,.txt,.tsv", class: "visually-hidden", onchange: () => this.sendFile() });
    this.members = element("input", { id: "variants-members", type: "checkbox", checked: true });
    this.membersLabel = element("label", { class: "check" }, this.members, element("span", {}));
    this.own = element("select", { id: "variants-own", class: "field", onchange: () => this.own.value && this.add({ upload: this.own.value }) });
    this.ownLabel = element("label", { class: "own-files", hidden: true }, element("span", {}, "or one of your files"), this.own);
    this.read = element("button", { class: "button main", id: "variants-read", type: "button", onclick: () => this.add({ text: this.text.value }) }, "Read the list");
    this.status = element("div", { class: "panel-status", id: "variants-status", role: "status" });
    this.limits = element("p", { class: "quiet", id: "variants-limits" });
    this.choose = element("button", { class: "button", id: "variants-choose", type: "button", onclick: () => this.file.click() }, "Choose a VCF\u2026");
    this.form = element("section", { class: "score-form", "aria-labelledby": "score-title" },
      element("h2", { id: "score-title" }, "Score variants"),
      element("label", { htmlFor: "variants-text" }, "Places with alleles, rsIDs, HGVS, or lines of a VCF; one a line"),
      this.text,
      element("div", { class: "form-acts" }, this.read, this.choose, this.file, this.ownLabel),
      this.membersLabel,
      this.limits,
      this.status,
    );
    this.file.tabIndex = -1;
    this.file.setAttribute("aria-label", "A VCF");
    this.runs = element("ul", { class: "run-list", id: "run-list" });
    this.tables = element("ul", { class: "run-list", id: "table-list" });
    this.studiesTitle = element("h2", { hidden: true }, "Reports of studies");
    this.studies = element("ul", { class: "run-list", id: "study-list" });
    this.root = element("div", { class: "lists" }, this.form,
      element("section", { class: "list-of", "aria-labelledby": "lists-title" },
        element("h2", { id: "lists-title" }, "Your lists"), this.runs,
        element("h2", {}, "Tables of this project"), this.tables, this.studiesTitle, this.studies));
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  /** Ask how everything is, and again while something is scored. */
  async refresh() {
    clearTimeout(this.timer);
    try {
      const found = await getJson("variant-tables", {});
      this.show(found);
      this.problem = "";
    } catch (error) {
      this.say(error.message, true);
    }
    if (!document.hidden && (this.problem !== "" || this.isBusy)) this.timer = setTimeout(() => this.refresh(), LOOK_EVERY);
  }

  show({ runs, tables, studies, limits }) {
    this.isBusy = runs.some(({ state }) => GOING_ON.includes(state));
    const done = runs.find(({ id, state }) => id === this.awaited && state === "done");
    if (done) {
      this.awaited = "";
      this.onOpen(done.id);
    }
    const takes = limits.alleles > 0;
    for (const control of [this.text, this.read, this.choose]) control.disabled = !takes;
    this.membersLabel.hidden = !limits.members;
    this.membersLabel.lastChild.textContent = `Ask the ${limits.members} networks that taught the model too: says where they agree, and takes about ${limits.members + 1} times as long`;
    const rate = limits.seconds ? ` The last list took ${limits.seconds < 1 ? `${(1 / limits.seconds).toPrecision(2)} alleles a second` : `${limits.seconds.toPrecision(2)} s an allele`}.` : "";
    const ids = limits.ids ? ` Ids are those of ${limits.ids}.` : " Ids are not known here: the project names no VCF of them.";
    this.limits.textContent = takes
      ? `Up to ${formatNumber(limits.alleles)} alleles a list, scored beside other work.${rate}${ids} Lists stay ${limits.days} days; who has the address of one can read it.`
      : this.project.has_model ? "This server takes no lists: its administrator sets upload_mb." : "The project has no trained model yet, which would score variants.";
    this.draw(this.runs, runs, (run) => this.ofRun(run), "None yet.");
    this.studiesTitle.hidden = this.studies.hidden = studies.length === 0;
    if (studies.length) this.draw(this.studies, studies, (path) => element("li", { class: "run" }, element("a", { id: `study-${path}`, href: `studies/${path.split("/").map(encodeURIComponent).join("/")}`, download: path.split("/").at(-1), title: "A page that stands alone, to be kept and opened" }, path)), "");
    this.draw(this.tables, tables, (table) => this.ofTable(table), "None: \u201csighthound variants\u201d with -o in the project\u2019s folder makes one.");
  }

  /** Keep what has the focus where it is, while all else is drawn anew. */
  draw(list, items, make, nothing) {
    const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
    const opened = new Set([...list.querySelectorAll("details[open]")].map(({ id }) => id));
    list.replaceChildren(...(items.length ? items.map(make) : [element("li", { class: "quiet" }, nothing)]));
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus();
  }

  /** @param {Run} run */
  ofRun(run) {
    const act = (what, words, does, kind = "") => element("button", { class: `button small ${kind}`, id: `${what}-${run.id}`, type: "button", "aria-label": `${words}: ${run.name}`, onclick: does }, words);
    const post = (what) => () => attempt(async () => {
      await postJson(`variant-tables/${run.id}/${what}`, {});
      if (what === "start") this.awaited = run.id;
      await this.refresh();
    });
    const remove = act("remove", "Remove", () => attempt(async () => {
      await request(endpoint(`variant-tables/${run.id}`), { method: "DELETE", headers: OUR_HEADERS });
      this.onGone(run.id);
      await this.refresh();
    }));
    const going = GOING_ON.includes(run.state);
    const acts = {
      read: [act("start", "Score", post("start"), "main"), remove],
      done: [act("open", "Open", () => this.onOpen(run.id), "main"), remove],
      stopped: [act("start", "Go on", post("start"), "main"), remove],
      failed: [act("start", "Go on", post("start"), "main"), remove],
    };
    const line = going
      ? element("div", { class: "panel-status" }, ...progressParts({ done: run.done, total: run.alleles, message: wordsOf(run), state: "running", seconds_left: run.seconds }, "Scoring", `stop-${run.id}`, post("stop")))
      : element("div", { class: run.state === "failed" ? "error" : "quiet" }, wordsOf(run));
    const left = run.left_out.length
      ? [element("details", { id: `left-${run.id}` }, element("summary", {}, "What is left out"), element("ul", {}, ...run.left_out.map((words) => element("li", {}, words))))]
      : [];
    return element("li", { class: "run", "data-state": run.state, ...(run.id === this.open && { "aria-current": "true" }) },
      element("div", { class: "run-head" }, element("b", { class: "run-name", title: run.name }, run.name), element("span", { class: "run-acts" }, ...(going ? [] : acts[run.state]))), line, ...left);
  }

  ofTable({ id, name, bytes }) {
    return element("li", { class: "run", ...(id === this.open && { "aria-current": "true" }) },
      element("div", { class: "run-head" }, element("b", { class: "run-name", title: name }, name),
        element("span", { class: "run-acts" }, element("button", { class: "button small main", id: `open-${id}`, type: "button", "aria-label": `Open: ${name}`, onclick: () => this.onOpen(id) }, "Open"))),
      element("div", { class: "quiet" }, `${(bytes / 1e6).toPrecision(2)} MB, scored by \u201csighthound variants\u201d`));
  }

  /** Send a list to be read; it is started by hand, when it is known how long that takes. */
  async add(given) {
    const text = given.text ?? "";
    if (!given.upload && !text.trim()) {
      this.say("Paste some variants, or choose a VCF.", true);
      this.text.focus();
      return;
    }
    if (/^##fileformat=VCF/.test(text.trimStart())) {
      await this.sendFile(new File([text.trimStart()], "pasted.vcf"));
      return;
    }
    this.say("Reading the list\u2026");
    try {
      const run = await postJson("variant-tables", { ...given, members: this.members.checked });
      this.text.value = "";
      this.say(`${run.name}: ${wordsOf(run)}.`);
      await this.refresh();
      document.getElementById(`start-${run.id}`)?.focus();
    } catch (error) {
      this.say(error.message, true);
    }
    this.own.value = "";
  }

  async sendFile(file = this.file.files[0]) {
    if (!file) return;
    this.file.value = "";
    const own = await getJson("uploads", {});
    const problem = misfit(file, own);
    if (problem) return this.say(problem, true);
    const abort = new AbortController();
    try {
      this.say(`Sending ${file.name}\u2026`);
      const upload = await send(file, (share) => this.say(`Sending ${file.name}: ${Math.round(100 * share)} %`), abort.signal);
      if (upload.kind !== "vcf") return this.say(`${upload.name} is no VCF; it is added to your data on the locus page.`, true);
      await this.add({ upload: upload.id });
      await this.listOwn();
    } catch (error) {
      if (!wasAborted(error)) this.say(error.message, true);
    }
  }

  /** The VCFs that are among the visitor's own files. */
  async listOwn() {
    const { files } = await getJson("uploads", {});
    const found = files.filter(({ kind }) => kind === "vcf");
    this.ownLabel.hidden = found.length === 0;
    this.own.replaceChildren(element("option", { value: "" }, "choose\u2026"), ...found.map(({ id, name, items }) => element("option", { value: id }, `${name}, ${plural(items, "allele")}`)));
  }

  say(words, failed = false) {
    this.problem = failed ? words : "";
    this.status.className = failed ? "panel-status error" : "panel-status quiet";
    this.status.textContent = words;
  }
}
