// Two runs side by side, row by row.

import { h, replace, at, seen, traceIn } from "./dom.js";
import { Model } from "./model.js";
import { State } from "./state.js";
import { way, alarm, rulesOf, ruleText, changed } from "./detail.js";
import { showInfo } from "./infos.js";

/** One of the two runs. */
class Side {
  constructor(side, trace) {
    this.side = side;
    this.model = new Model(trace);
    this.state = new State(this.model, at(`state-${side}`), () => {});
    this.n = 0;
  }

  show(row) {
    const of = row === null ? null : this.model.trace.rows[row];
    if (of) this.n = of.last;
    const event = this.model.event(this.n);
    this.state.show(this.n);
    const root = at(`detail-${this.side}`);
    if (!of || !event) return replace(root, h("p", { class: "none" }, "this run has no such row"));
    const { all, main } = rulesOf(this.model, event);
    const infos = (place) => {
      showInfo(this.model, at("info-body"), place, null, (one, other) => showInfo(this.model, at("info-body"), one, other, () => {}));
      at("info").showModal();
    };
    const alarms = [...this.model.failuresAt(this.n).map((f) => h("p", { class: "alarm failure" }, f.message)), ...(event.happened ?? []).filter((one) => one.is === "breach" || one.is === "hazard").map(alarm)];
    replace(
      root,
      h("h3", { class: "what" }, h("small", {}, `event ${this.n} · ${of.thread} · line ${of.line}`), h("code", {}, of.text), h("b", { class: of.error ? "failed" : "ok" }, ` → ${of.result}`)),
      alarms,
      h("ul", { class: "rules" }, all.slice(0, Math.max(1, main)).map(([id, by]) => ruleText(this.model, id, by))),
      h("details", {}, h("summary", {}, "The way of the call"), way(this.model, event, { infos, hidden: false })),
      h("details", { open: true }, h("summary", {}, "What changed"), changed(this.model, this.n, () => {})),
    );
  }
}

class Two {
  constructor(left, right) {
    this.sides = [new Side("left", left), new Side("right", right)];
    this.rows = [...document.querySelectorAll("#pairs tbody tr[data-left]")];
    this.place = 0;
    for (const [place, row] of this.rows.entries()) row.addEventListener("click", () => this.go(place));
    at("back").addEventListener("click", () => this.go(this.place - 1));
    at("next").addEventListener("click", () => this.go(this.place + 1));
    at("differs-next").addEventListener("click", () => this.difference());
    at("theme").addEventListener("click", () => this.theme());
    document.querySelector("dialog .close").addEventListener("click", () => at("info").close());
    addEventListener("keydown", (event) => this.key(event));
    const asked = Number.parseInt(new URLSearchParams(location.hash.slice(1)).get("row") ?? "", 10);
    const first = this.rows.findIndex((row) => row.classList.contains("differs"));
    this.go(Number.isFinite(asked) ? asked - 1 : Math.max(0, first));
  }

  go(place) {
    if (place < 0 || place >= this.rows.length) return;
    this.rows[this.place].classList.remove("now");
    this.rows[this.place].removeAttribute("aria-current");
    this.place = place;
    const row = this.rows[place];
    row.classList.add("now");
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    for (const side of this.sides) side.show(row.dataset[side.side] === "" ? null : Number(row.dataset[side.side]));
    at("live").textContent = seen(row.innerText.replaceAll("\t", ", "));
    history.replaceState(null, "", `#row=${place + 1}`);
  }

  difference() {
    const next = this.rows.findIndex((row, place) => place > this.place && row.classList.contains("differs"));
    if (next >= 0) this.go(next);
    else at("live").textContent = "no later difference";
  }

  theme() {
    const root = document.documentElement;
    const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const does = { ArrowDown: () => this.go(this.place + 1), ArrowUp: () => this.go(this.place - 1), d: () => this.difference(), t: () => this.theme() }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  }
}

document.documentElement.classList.add("script");
document.body.setAttribute("aria-busy", "true");
new Two(await traceIn("trace-left"), await traceIn("trace-right"));
document.body.removeAttribute("aria-busy");
