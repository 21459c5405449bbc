// The page: what the keys and buttons do, and what is shown where.

import { h, s, replace, at, count, seen, traceIn } from "./dom.js";
import { Model } from "./model.js";
import { Lanes } from "./lanes.js";
import { State } from "./state.js";
import { way, alarm, rulesOf, ruleText, changed, others, sentence, sharing } from "./detail.js";
import { showInfo, catalog } from "./infos.js";
import { stepsTable } from "./steps.js";
import { search } from "./search.js";

const PLAY = 900;
/** Milliseconds between two changes of the address. */
const LINK = 250;
/** How keys are called on the help sheet. */
const NAMES = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", " ": "Space" };

class App {
  constructor(trace) {
    this.model = new Model(trace);
    this.n = 0;
    this.found = [];
    this.predicts = false;
    this.hidden = false;
    this.known = 0;
    this.wrong = this.model.events.filter((event) => this.model.wrong(event)).map((event) => event.n);
    this.timer = null;
    this.lanes = new Lanes(this.model, (n) => this.go(n));
    this.state = new State(this.model, at("state"), (key) => this.select(key));
    this.keys = keys(this);
    this.listen();
    this.drawOverview();
    replace(at("catalog"), catalog(this.model, (place) => this.info(place)));
    replace(at("keys"), this.keys.map(([names, what]) => h("tr", {}, h("td", {}, names.split(" ").map((name) => [h("kbd", {}, name), " "])), h("td", {}, what))));
    this.fromLink();
    if (this.n === 0) this.go(this.startOfLines(), { announce: false });
  }

  /** The first event after `setup`. */
  startOfLines() {
    const first = this.model.trace.rows.find((row) => !row.setup);
    return this.model.last === 0 ? 0 : first?.first ?? 1;
  }

  // ---- moving

  go(n, { announce = true } = {}) {
    this.n = Math.max(0, Math.min(this.model.last, n));
    this.hidden = this.predicts && this.n > this.known && this.guessable(this.n);
    this.draw();
    if (announce) at("live").textContent = seen(sentence(this.model, this.n, this.hidden));
    this.link();
  }

  /** Whether there is something to guess: a call that comes back. */
  guessable(n) {
    const event = this.model.event(n);
    return (event?.happened ?? []).some((one) => one.is === "leave" && one.depth === 0);
  }

  step(by) {
    if (this.hidden && by > 0) return this.reveal();
    this.go(this.n + by);
  }

  /** To the next event for which this holds. */
  seek(by, holds, what) {
    for (let n = this.n + by; n >= 1 && n <= this.model.last; n += by) {
      if (holds(this.model.event(n))) return this.go(n);
    }
    this.say(`no ${by > 0 ? "later" : "earlier"} ${what}`);
  }

  call(by) {
    const rows = this.model.trace.rows;
    const ends = [...new Set(rows.map((row) => row.last))].sort((a, b) => a - b);
    const next = by > 0 ? ends.find((n) => n > this.n) : ends.findLast((n) => n < this.n);
    if (next === undefined) return this.say(`no ${by > 0 ? "later" : "earlier"} call`);
    this.go(next);
  }

  process(by) {
    const own = this.model.process(this.model.event(this.n) ?? {}) ?? this.model.processes[0];
    this.seek(by, (event) => this.model.process(event) === own, `event of ${own}`);
  }

  error(by) {
    this.seek(by, (event) => this.model.wrong(event), "error");
  }

  change(by) {
    if (!this.state.selected) return this.say("choose a handle or an object first");
    const all = this.model.changesOf(this.state.selected);
    const next = by > 0 ? all.find((n) => n > this.n) : all.findLast((n) => n < this.n);
    if (next === undefined) return this.say(`${this.state.selected} does not change ${by > 0 ? "later" : "earlier"}`);
    this.go(next);
  }

  match(by) {
    const next = by > 0 ? this.found.find((n) => n > this.n) : this.found.findLast((n) => n < this.n);
    if (next === undefined) return this.say(this.found.length === 0 ? "nothing is found" : `no ${by > 0 ? "later" : "earlier"} match`);
    this.go(next);
  }

  play() {
    if (this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    } else {
      this.timer = setInterval(() => (this.n >= this.model.last || this.hidden ? this.play() : this.go(this.n + 1)), PLAY);
    }
    at("play").setAttribute("aria-pressed", this.timer !== null);
    at("play").textContent = this.timer === null ? "Play" : "Stop";
  }

  select(key) {
    this.state.selected = this.state.selected === key ? null : key;
    this.draw();
    if (this.state.selected) this.say(`${key} chosen: ${count(this.model.changesOf(key).length, "change")}; c and C go to them`);
    this.link();
  }

  // ---- guessing

  predict() {
    this.predicts = !this.predicts;
    at("predict").setAttribute("aria-pressed", this.predicts);
    this.say(this.predicts ? "results are hidden until you reveal them" : "results are shown");
    this.known = Math.max(0, this.n - 1);
    this.go(this.n, { announce: false });
    this.drawOverview();
  }

  reveal() {
    if (!this.hidden) return;
    const guess = at("guess")?.value.trim() ?? "";
    this.hidden = false;
    this.known = this.n;
    this.draw();
    const event = this.model.event(this.n);
    const row = this.model.row(event);
    const left = event.happened.findLast((one) => one.is === "leave" && one.depth === 0);
    const gave = row && row.last === this.n ? row.result : left.result;
    const right = guess && (gave.toLowerCase().includes(guess.toLowerCase()) || (guess.toLowerCase() === "ok" && !left.failed));
    const verdict = !guess ? `It gives ${gave}.` : `${right ? "Yes" : "Not so"}: you said ${guess}, it gives ${gave}.`;
    replace(at("prediction"), h("p", { class: right || !guess ? "right" : "not" }, verdict));
    this.say(verdict);
  }

  // ---- what is shown

  draw() {
    const { model, n, hidden } = this;
    const known = this.known;
    this.known = Math.max(known, hidden ? n - 1 : n);
    this.lanes.show(n, this.predicts ? this.known : Infinity);
    if (this.predicts && this.known > known) this.drawOverview();
    this.state.show(n, hidden);
    this.drawCaption();
    this.drawDetail();
    const table = stepsTable(model, n, hidden, (to) => this.go(to));
    at("steps").hidden = !table;
    if (table) replace(at("steps-table"), table);
    at("slider").value = n;
    at("slider").setAttribute("aria-valuetext", seen(sentence(model, n, hidden)));
    at("place").textContent = `${n} / ${model.last}`;
    at("time").textContent = n > 0 ? `${model.event(n).time} ms` : "0 ms";
    for (const [id, off] of [["first", n === 0], ["back", n === 0], ["next", n === model.last && !hidden], ["end", n === model.last]]) at(id).disabled = off;
  }

  drawCaption() {
    const place = this.model.mark(this.n);
    const mark = this.model.trace.marks[place];
    const event = this.model.event(this.n);
    const setup = this.model.row(event)?.setup;
    replace(at("caption"), mark ? [h("b", {}, `Step ${mark.number}`), ` ${mark.title}`] : setup ? [h("b", {}, "Setup")] : this.n === 0 ? "Before the first event" : this.model.trace.about[0] ?? "");
  }

  drawDetail() {
    const { model, n, hidden } = this;
    const event = model.event(n);
    const root = at("detail");
    if (!event) return replace(root, model.trace.about.map((text) => h("p", {}, text)), h("p", { class: "none" }, "Go forward with →; ? shows all keys."));
    const row = model.row(event);
    const own = row && event.thread === row.thread;
    const result = own && row.last === n ? row.result : undefined;
    const { all, main } = rulesOf(model, event);
    const alarms = (event.happened ?? []).filter((one) => one.is === "breach" || one.is === "hazard");
    const failures = model.failuresAt(n);
    const shown = hidden ? [] : all;
    replace(
      root,
      h(
        "h3",
        { class: "what" },
        h("small", {}, `event ${n}`, event.thread && ` · ${event.thread}`, own && ` · line ${row.line}`),
        h("code", {}, own && event.thread ? `${row.bind ? `${row.bind} = ` : ""}${row.text}` : model.name(event.name)),
        result !== undefined && h("b", { class: row.error ? "failed" : "ok" }, hidden ? " → ?" : ` → ${result}`),
      ),
      h("div", { id: "prediction" }, hidden && [h("label", {}, "What will it give? ", h("input", { id: "guess", autocomplete: "off", size: 24 })), " ", h("button", { type: "button", onclick: () => this.reveal() }, "Reveal"), h("small", {}, " Enter")]),
      hidden ? [] : failures.map((failure) => h("p", { class: "alarm failure" }, h("b", {}, `line ${failure.line} does not hold: `), h("code", {}, model.line(failure.line)), ` ${failure.message.replace(/^the expectation does not hold: /, "")}`)),
      hidden ? [] : alarms.map(alarm),
      shown.length > 0 && part("why", "Why this result", [h("ul", { class: "rules" }, shown.slice(0, Math.max(1, main)).map(([id, by]) => ruleText(model, id, by))), shown.length > Math.max(1, main) && h("details", {}, h("summary", {}, `${count(shown.length - Math.max(1, main), "more rule")} on the way`), h("ul", { class: "rules" }, shown.slice(Math.max(1, main)).map(([id, by]) => ruleText(model, id, by))))]),
      !hidden && sharing(model, event) && part("sharing", "What holds for this duplicate", sharing(model, event)),
      part("way", "The way of the call", way(model, event, { infos: (place) => this.info(place), hidden })),
      !hidden && part("changed", "What changed", changed(model, n, (key) => this.select(key))),
      part("others", "What else could have happened here", others(model, event, (text) => this.copy(text)), (event.others ?? []).length),
    );
  }

  info(place, other = null) {
    showInfo(this.model, at("info-body"), place, other, (one, two) => this.info(one, two));
    const dialog = at("info");
    if (!dialog.open) dialog.showModal();
  }

  drawOverview() {
    const { model } = this;
    const slider = at("slider");
    slider.max = model.last;
    const x = (n) => ((n / Math.max(1, model.last)) * 1000).toFixed(2);
    const lines = (numbers, top, bottom) => [...new Set(numbers.map(x))].map((place) => `M${place} ${top}V${bottom}`).join("");
    const wrong = this.predicts ? this.wrong.filter((n) => n <= this.known) : this.wrong;
    replace(
      at("overview"),
      s("path", { class: "marks", d: lines(model.firstOf.map(([, n]) => n), 0, 20) }),
      s("path", { class: "errors", d: lines(wrong, 10, 20) }),
      s("path", { class: "matches", d: lines(this.found, 0, 9) }),
    );
    const expected = wrong.length > 0 && model.trace.passed ? ", expected" : "";
    at("legend").textContent = `${count(wrong.length, "error")}${expected}${this.found.length > 0 ? ` · ${this.found.length} found` : ""}`;
  }

  // ---- the rest

  find(question) {
    this.found = search(this.model, question);
    this.lanes.matches = new Set(this.found);
    this.drawOverview();
    this.lanes.draw();
    if (question.trim()) this.say(`${count(this.found.length, "event")} found`);
  }

  say(text) {
    at("live").textContent = seen(text);
    at("said").textContent = seen(text);
    at("said").classList.add("shown");
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => at("said").classList.remove("shown"), 2600);
  }

  copy(text) {
    const done = () => this.say("copied");
    const area = h("textarea", { class: "away", "aria-hidden": "true" }, text);
    area.value = text;
    document.body.append(area);
    area.select();
    const taken = document.execCommand("copy");
    area.remove();
    if (taken) done();
    else navigator.clipboard?.writeText(text).then(done, () => this.say("the browser does not let a page copy"));
  }

  theme() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const root = document.documentElement;
    const now = root.dataset.theme ?? (dark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    this.say(`${root.dataset.theme} colours`);
  }

  fold() {
    const levels = [...document.querySelectorAll("#detail .way details")];
    const open = levels.some((level) => level.open);
    for (const level of levels) level.open = !open;
  }

  /** Writes the moment into the address: at once, but not again before a pause, since browsers are slow at it. */
  link() {
    if (this.linked) {
      this.linked.again = true;
      return;
    }
    const chosen = this.state.selected ? `&thing=${encodeURIComponent(this.state.selected)}` : "";
    history.replaceState(null, "", `#event=${this.n}${chosen}`);
    const linked = { again: false };
    this.linked = linked;
    setTimeout(() => {
      this.linked = null;
      if (linked.again) this.link();
    }, LINK);
  }

  fromLink() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (asked.has("thing")) this.state.selected = asked.get("thing");
    if (asked.has("find")) {
      at("search").value = asked.get("find");
      this.find(asked.get("find"));
    }
    const n = Number.parseInt(asked.get("event") ?? "", 10);
    if (Number.isFinite(n)) this.go(n, { announce: false });
  }

  listen() {
    const click = (id, does) => at(id).addEventListener("click", does);
    click("first", () => this.go(0));
    click("back", () => this.step(-1));
    click("next", () => this.step(1));
    click("end", () => this.go(this.model.last));
    click("call-back", () => this.call(-1));
    click("call-next", () => this.call(1));
    click("error-next", () => this.error(1));
    click("play", () => this.play());
    click("predict", () => this.predict());
    click("theme", () => this.theme());
    click("help-open", () => at("help").showModal());
    for (const button of document.querySelectorAll("dialog button.close")) button.addEventListener("click", () => button.closest("dialog").close());
    at("slider").addEventListener("input", (event) => this.go(Number(event.target.value)));
    at("search").addEventListener("input", (event) => this.find(event.target.value));
    at("search").addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.match(event.shiftKey ? -1 : 1);
      if (event.key === "Escape") event.target.blur();
    });
    addEventListener("hashchange", () => this.fromLink());
    addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const { target } = event;
    if (target.id === "guess" && event.key === "Enter") return this.reveal();
    if (target.matches?.("input:not([type=range]), select, textarea")) return;
    if (target.matches?.("button, summary") && (event.key === " " || event.key === "Enter")) return;
    const found = this.keys.find(([names]) => names.split(" ").includes(NAMES[event.key] ?? event.key));
    if (!found) return;
    event.preventDefault();
    found[2](event.key);
  }
}

/** All keys, with what they do. */
function keys(app) {
  return [
    ["→ j", "next event", () => app.step(1)],
    ["← k", "event before", () => app.step(-1)],
    ["↓", "to the end of the next call", () => app.call(1)],
    ["↑", "to the end of the call before", () => app.call(-1)],
    ["]", "next event of the same process", () => app.process(1)],
    ["[", "event before of the same process", () => app.process(-1)],
    ["e", "next error, breach or hazard", () => app.error(1)],
    ["E", "error before", () => app.error(-1)],
    ["c", "next change of the chosen handle or object", () => app.change(1)],
    ["C", "last change of it", () => app.change(-1)],
    ["Home", "before the first event", () => app.go(0)],
    ["End", "the last event", () => app.go(app.model.last)],
    ["Space", "play, stop", () => app.play()],
    ["/", "search: words, handle:0x480, process:source, error:, clause:WSPBind", () => at("search").focus()],
    ["n", "next event that was found", () => app.match(1)],
    ["N", "found event before", () => app.match(-1)],
    ["p", "predict: results stay hidden until you reveal them", () => app.predict()],
    ["Enter", "reveal", () => app.reveal()],
    ["f", "fold or unfold the way of the call", () => app.fold()],
    ["t", "light or dark", () => app.theme()],
    ["?", "this sheet", () => at("help").showModal()],
  ];
}

function part(id, title, body, number) {
  return h("details", { class: "part", "data-part": id, open: id !== "others" || number === undefined || number < 4 }, h("summary", {}, title, number !== undefined && h("small", {}, ` ${number}`)), body);
}

/** On paper stands the table of all calls; until it is asked for it is text. */
function paper() {
  const print = matchMedia("print");
  const make = () => {
    const table = at("table");
    const text = table.querySelector("noscript");
    if (!print.matches || !text) return;
    replace(table, [...new DOMParser().parseFromString(text.textContent, "text/html").body.childNodes]);
  };
  print.addEventListener("change", make);
  make();
}

document.documentElement.classList.add("script");
document.body.setAttribute("aria-busy", "true");
paper();
new App(await traceIn("trace"));
document.body.removeAttribute("aria-busy");
