// What is there after an event: per process the handles and descriptors, beneath them the objects and who holds each.

import { h, s, replace, at, count, hourglass } from "./dom.js";

const KINDS = {
  socket: "socket",
  "non-ifs": "handle of Ws2_32",
  claim: "claim",
  event: "event",
  process: "process",
  thread: "thread",
  port: "port",
  mapping: "mapping",
  stale: "closed",
};

const ORDER = new Intl.Collator("en", { numeric: true });

/** The state of one moment. */
export class State {
  constructor(model, root, select) {
    this.model = model;
    this.root = root;
    this.select = select;
    this.selected = null;
    this.tables = h("div", { class: "tables" });
    this.objects = h("div", { class: "objects" });
    this.arrows = s("svg", { class: "arrows", "aria-hidden": "true" });
    replace(root, this.arrows, this.tables, this.objects);
    new ResizeObserver(() => this.drawArrows()).observe(root);
  }

  show(n, hidden = false) {
    const shown = hidden ? n - 1 : n;
    const state = this.model.state(shown);
    const delta = shown > 0 ? this.model.event(shown).delta ?? {} : {};
    const gone = delta.gone ?? [];
    this.set = new Set(Object.keys(delta.set ?? {}));
    this.before = shown > 0 ? this.model.before(shown) : new Map();
    this.links = [];
    this.places = new Map();
    replace(this.tables, this.model.processes.map((name) => this.process(name, state, gone)));
    replace(this.objects, this.objectsOf(state, gone));
    this.drawArrows();
  }

  /** `new`, `changed` or nothing. */
  sign(key) {
    if (!this.set.has(key)) return null;
    const is = this.before.get(key) ? "changed" : "new";
    return h("span", { class: `sign ${is}` }, is);
  }

  process(name, state, gone) {
    const process = state.get(`process ${name}`);
    if (!process) return null;
    const handles = [...state].filter(([, thing]) => thing.is === "handle" && thing.process === name).sort(byValue);
    const closed = gone.filter((key) => key.startsWith(`handle ${name} `));
    const threads = [...state].filter(([, thing]) => thing.is === "thread" && thing.process === name && (thing.waits || thing.state === "calls"));
    const ended = process.state !== "running";
    const providers = (process.providers ?? []).join(", ");
    return h(
      "section",
      { class: `process${ended ? " ended" : ""}`, "aria-label": `process ${name}` },
      h(
        "h3",
        {},
        name,
        h("small", {}, ` ${process.pid}`, ended && ` · ${process.state}`, providers && ` · started: ${providers}`),
        this.sign(`process ${name}`),
      ),
      threads.map(([key, thread]) => this.thread(key, thread)),
      handles.length + closed.length > 0
        ? h(
            "table",
            { class: "handles" },
            h("thead", {}, h("tr", {}, h("th", {}, "handle"), h("th", {}, "name"), h("th", {}, "descriptor"), h("th", {}, "means"))),
            h(
              "tbody",
              {},
              handles.map(([key, handle]) => this.handle(key, handle)),
              closed.map((key) => this.closed(key)),
            ),
          )
        : h("p", { class: "none" }, "no handles"),
    );
  }

  thread(key, thread) {
    const name = key.slice("thread ".length);
    const whom = (thread.whom ?? []).length > 0 ? ` · could come from ${thread.whom.join(", ")}` : "";
    const until = thread.until === undefined ? "" : ` · until ${thread.until} ms`;
    const call = (thread.stack ?? [])[0]?.split(" ").at(-1);
    const says = thread.waits ? `waits for ${thread.waits}${whom}${until}` : "is within the call";
    const line = h("p", { class: "waits" }, hourglass(), h("b", {}, name), call && ` in ${call}`, ` ${says} `, this.sign(key));
    if (thread.on) this.links.push([line, thread.on, "waits"]);
    return line;
  }

  handle(key, handle) {
    const { descriptor } = handle;
    const stale = handle.kind === "stale";
    const described = descriptor && [
      h("b", {}, descriptor.provider),
      descriptor.layer ? " (layer)" : descriptor.provider.startsWith("base") ? "" : " (base)",
      h("small", {}, ` entry ${descriptor.entry}`, descriptor.context !== undefined && ` · context ${descriptor.context}`),
    ];
    const through = (handle.through ?? []).length > 0 && h("small", { class: "through" }, ` → ${handle.through.join(" → ")}`);
    const names = (handle.names ?? []).join(", ");
    const value = h("button", { class: "value", type: "button", "aria-pressed": this.selected === key ? "true" : "false", onclick: () => this.select(key) }, handle.handle);
    const row = h(
      "tr",
      { class: `${stale ? "stale" : ""}${this.selected === key ? " selected" : ""}` },
      h("td", {}, value),
      h("td", {}, names && h("code", {}, names)),
      h("td", {}, described ?? h("small", {}, stale ? "" : handle.raw ? "none: Ws2_32 does not know it" : "none")),
      h("td", { title: handle.means }, this.meaning(handle), through, " ", this.sign(key)),
    );
    if (handle.object) this.links.push([row, handle.object, handle.kind === "claim" ? "claim" : "handle"]);
    this.places.set(key, row);
    return row;
  }

  /** What a handle leads to: the same as the arrow says. */
  meaning(handle) {
    const plain = handle.kind === "socket" || handle.kind === "process" || handle.kind === "thread";
    if (handle.kind === "stale") return h("small", {}, handle.means);
    return [handle.object ? `→ ${handle.object}` : handle.means, !plain && h("small", {}, ` ${KINDS[handle.kind]}`), handle.kind === "claim" && h("small", {}, ": made, not yet asked for")];
  }

  closed(key) {
    const handle = this.before.get(key);
    return h(
      "tr",
      { class: "gone" },
      h("td", {}, h("s", {}, handle?.handle ?? key.split(" ").at(-1))),
      h("td", {}, (handle?.names ?? []).join(", ")),
      h("td", {}),
      h("td", {}, h("span", { class: "sign gone" }, "closed"), " ", h("small", {}, handle?.means ?? "")),
    );
  }

  objectsOf(state, gone) {
    const sockets = [...state].filter(([, thing]) => thing.is === "socket");
    const others = [...state].filter(([, thing]) => thing.is === "object" || thing.is === "operation");
    const ended = gone.filter((key) => /^(socket|event|port|mapping|operation) /.test(key));
    const faults = state.get("faults");
    return [
      faults && h("p", { class: "faults" }, h("b", {}, "goes wrong: "), faults.on.join(", ")),
      sockets.length + others.length + ended.length === 0 && h("p", { class: "none" }, "no objects yet"),
      sockets.sort(byNumber).map(([key, socket]) => this.socket(key, socket, state.get(key.replace("socket", "buffer")))),
      others.sort(byNumber).map(([key, thing]) => this.object(key, thing)),
      ended.map((key) => h("article", { class: "object gone" }, h("h4", {}, h("s", {}, key), h("span", { class: "sign gone" }, "gone")))),
    ];
  }

  socket(key, socket, buffer) {
    const card = h(
      "article",
      { class: `object socket ${socket.state}`, "aria-label": key },
      h("h4", {}, h("button", { class: "value", type: "button", "aria-pressed": this.selected === key ? "true" : "false", onclick: () => this.select(key) }, key), h("span", { class: "state" }, socket.state), this.sign(key)),
      h("p", { class: "names" }, socket.local ?? "no name", socket.peer && ` → ${socket.peer}`, socket.other && h("small", {}, ` the other end of ${socket.other}`)),
      h("p", {}, h("b", {}, count(socket.handles, "handle")), ` · ${count(socket.references, "reference")}`, socket.backlog && ` · backlog ${socket.backlog[0]} of ${socket.backlog[1]}`),
      h("ul", { class: "holders", "aria-label": `who holds ${key}` }, (socket.holders ?? []).map((held) => h("li", { class: held.how }, `${held.process} ${held.by}`))),
      buffer && this.buffer(key, buffer),
      (socket.notes ?? []).length > 0 && h("p", { class: "notes" }, socket.notes.join(" · ")),
    );
    this.places.set(key, card);
    return card;
  }

  buffer(key, buffer) {
    const part = (bytes, what) => bytes > 0 && h("li", {}, h("b", {}, bytes), ` ${bytes === 1 ? "byte" : "bytes"} ${what}`);
    return h(
      "div",
      { class: "buffer" },
      h("ul", {}, part(buffer.unread ?? 0, "to receive"), part(buffer.incoming ?? 0, "on the way to it"), part(buffer.outgoing ?? 0, "sent, not read"), this.sign(key.replace("socket", "buffer"))),
      (buffer.received ?? []).length > 0 && h("p", { class: "chunks" }, buffer.received.map((chunk) => h("code", {}, chunk))),
    );
  }

  object(key, thing) {
    const says = thing.is === "operation" ? `${thing.what} of ${thing.provider}, ${thing.state}` : `${thing.means} · ${count(thing.handles, "handle")}`;
    const card = h("article", { class: "object", "aria-label": key }, h("h4", {}, key, this.sign(key)), h("p", {}, says));
    this.places.set(key, card);
    if (thing.is === "operation") this.links.push([card, thing.socket, "operation"]);
    return card;
  }

  /** Lines from who holds to what is held. */
  drawArrows() {
    if (!this.links) return;
    const frame = this.root.getBoundingClientRect();
    const lines = [];
    const where = this.links.map(([from, key, kind]) => [from.getBoundingClientRect(), this.places.get(key)?.getBoundingClientRect(), kind, key]);
    const arriving = new Map();
    for (const [from, to, kind, key] of where) {
      if (!to || from.height === 0) continue;
      const beside = to.left > from.right + 8;
      const turn = arriving.get(key) ?? 0;
      arriving.set(key, turn + 1);
      const x1 = from.right - frame.left;
      const y1 = from.top + from.height / 2 - frame.top;
      const x2 = (beside ? to.left : to.right) - frame.left;
      const y2 = to.top - frame.top + Math.min(16 + turn * 9, to.height - 6);
      const bend = beside ? Math.max(18, (x2 - x1) / 2) : 26;
      const back = beside ? x2 - bend : x2 + bend;
      lines.push(s("path", { class: kind, d: `M${x1} ${y1} C${x1 + bend} ${y1} ${back} ${y2} ${x2} ${y2}`, "marker-end": "url(#tip)" }));
    }
    this.arrows.setAttribute("width", this.root.scrollWidth);
    this.arrows.setAttribute("height", this.root.scrollHeight);
    replace(this.arrows, lines);
  }
}

function byValue([, a], [, b]) {
  return Number(a.handle) - Number(b.handle);
}

function byNumber([a], [b]) {
  return ORDER.compare(a, b);
}
