// Who does what, from top to bottom: a lane for each thread, the bus and the network between processes.
// Only the rows that can be seen are in the page.

import { h, s, replace, at, seen } from "./dom.js";

const ROW = 30;
const GUTTER = 64;
const BETWEEN = 44;
const BLOCK = 64;

/** The lanes of a run. */
export class Lanes {
  constructor(model, go) {
    this.model = model;
    this.go = go;
    this.scroller = at("lanes");
    this.sheet = at("sheet");
    this.heads = at("heads");
    this.cursor = 0;
    this.known = Infinity;
    this.matches = new Set();
    this.items = [];
    this.itemOf = [];
    const marks = new Map(model.firstOf.map(([mark, first]) => [first, mark]));
    for (const event of model.events) {
      if (marks.has(event.n)) this.items.push({ mark: marks.get(event.n) });
      this.itemOf[event.n] = this.items.length;
      this.items.push({ event });
    }
    this.travels = this.blocksOfTravels();
    this.spans = this.blocksOfSpans();
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.measure()).observe(this.scroller);
    this.sheet.style.setProperty("height", `${this.items.length * ROW + 8}px`);
    this.measure();
  }

  blocksOfTravels() {
    const blocks = new Map();
    for (const travel of this.model.trace.travels) {
      const [from, to] = [this.item(travel.sent), this.item(travel.ended ?? this.model.last)];
      for (let block = Math.floor(from / BLOCK); block <= Math.floor(to / BLOCK); block++) {
        if (!blocks.has(block)) blocks.set(block, []);
        blocks.get(block).push(travel);
      }
    }
    return blocks;
  }

  /** Calls that last longer than one event. */
  blocksOfSpans() {
    const blocks = new Map();
    for (const row of this.model.trace.rows) {
      const open = row.blocked && row.last === row.first && row.result.startsWith("blocks");
      const end = open ? this.model.last : row.last;
      if (end === row.first) continue;
      const [from, to] = [this.item(row.first), this.item(end)];
      for (let block = Math.floor(from / BLOCK); block <= Math.floor(to / BLOCK); block++) {
        if (!blocks.has(block)) blocks.set(block, []);
        blocks.get(block).push({ row, from, to });
      }
    }
    return blocks;
  }

  item(n) {
    return this.itemOf[n] ?? 0;
  }

  /** Where each lane lies. */
  measure() {
    const { model } = this;
    const used = new Set(model.events.map((event) => event.thread));
    const threads = model.threads.filter((t) => used.has(t.name) || model.processes.includes(t.name));
    const room = this.scroller.clientWidth - GUTTER - BETWEEN * (model.processes.length - 1) - 10;
    const width = Math.max(112, Math.floor(room / Math.max(1, threads.length)));
    this.lane = new Map();
    let x = GUTTER;
    const heads = [h("span", { class: "head gutter" }, "event")];
    for (const [place, process] of model.processes.entries()) {
      const own = threads.filter((thread) => thread.process === process);
      const left = x;
      for (const thread of own) {
        this.lane.set(thread.name, { x, width });
        x += width;
      }
      this.lane.set(`process ${process}`, { x: left, width: x - left });
      const many = own.length > 1 ? own.map((t) => h("small", { class: "sub" }, t.name.replace(`${process}.`, "").replace(`${process} `, ""))) : [];
      const head = h("span", { class: "head" }, h("b", {}, process), many.length > 0 && h("span", { class: "subs" }, many));
      head.style.setProperty("left", `${left}px`);
      head.style.setProperty("width", `${x - left}px`);
      heads.push(head);
      if (place + 1 < model.processes.length) {
        const bus = h("span", { class: "head bus" }, "bus");
        bus.style.setProperty("left", `${x}px`);
        bus.style.setProperty("width", `${BETWEEN}px`);
        heads.push(bus);
        x += BETWEEN;
      }
    }
    this.width = x + 6;
    this.sheet.style.setProperty("width", `${this.width}px`);
    this.heads.style.setProperty("width", `${this.width}px`);
    replace(this.heads, heads);
    this.draw();
  }

  /** Shows an event. What lies behind `known` keeps its result to itself. */
  show(cursor, known) {
    this.cursor = cursor;
    this.known = known;
    if (cursor > 0) {
      const top = this.item(cursor) * ROW;
      const room = this.scroller.clientHeight - this.heads.offsetHeight;
      const above = this.scroller.scrollTop;
      if (top < above + ROW || top > above + room - 3 * ROW) this.scroller.scrollTop = Math.max(0, top - room * 0.45);
    } else {
      this.scroller.scrollTop = 0;
    }
    this.draw();
  }

  draw() {
    const top = this.scroller.scrollTop;
    const from = Math.max(0, Math.floor(top / ROW) - 4);
    const to = Math.min(this.items.length, Math.ceil((top + this.scroller.clientHeight) / ROW) + 4);
    const rows = [];
    for (let place = from; place < to; place++) {
      const row = this.items[place].event ? this.drawEvent(this.items[place].event) : this.drawMark(this.items[place].mark);
      row.style.setProperty("top", `${place * ROW}px`);
      rows.push(row);
    }
    const lines = this.drawLines(from, to);
    lines.style.setProperty("top", `${from * ROW}px`);
    replace(this.sheet, lines, rows);
  }

  drawMark(place) {
    const mark = this.model.trace.marks[place];
    const now = this.model.mark(this.cursor) === place;
    return h("div", { class: `mark${now ? " now" : ""}` }, h("b", {}, `step ${mark.number}`), " ", mark.title);
  }

  drawEvent(event) {
    const { model } = this;
    const hidden = event.n > this.known;
    const classes = ["event"];
    if (event.n === this.cursor) classes.push("now");
    if (event.n > this.cursor) classes.push("later");
    if (this.matches.has(event.n)) classes.push("match");
    const wrong = !hidden && model.wrong(event);
    if (wrong) classes.push("wrong");
    const line = h(
      "div",
      { class: classes.join(" "), "data-event": event.n, onclick: () => this.go(event.n), title: model.name(event.name) },
      h("span", { class: "n" }, event.n, event.time > 0 && h("small", {}, ` ${event.time} ms`)),
    );
    const lane = this.lane.get(event.thread);
    const [text, result] = this.words(event, hidden);
    const box = h("span", { class: `box ${event.kind}` }, wrong && h("span", { class: "cross", "aria-hidden": "true" }, "✕ "), h("span", { class: "call" }, text), result && h("b", {}, result));
    if (lane) {
      box.style.setProperty("left", `${lane.x + 3}px`);
      box.style.setProperty("width", `${lane.width - 8}px`);
    } else {
      box.classList.add("between");
      const place = this.placeOf(event);
      box.style.setProperty("left", `${place.x + 3}px`);
      box.style.setProperty("max-width", `${place.width}px`);
    }
    line.append(box);
    return line;
  }

  /** Where something without a thread of its own is told. */
  placeOf(event) {
    const process = /^(?:kill|complete) (\S+)/.exec(this.model.name(event.name))?.[1];
    const lane = this.lane.get(`process ${process}`);
    if (lane) return lane;
    const travel = (this.travels.get(Math.floor(this.item(event.n) / BLOCK)) ?? []).find((t) => t.ended === event.n);
    const to = travel && this.lane.get(`process ${travel.process}`);
    return to ?? { x: GUTTER, width: 260 };
  }

  /** What stands in the box of an event. */
  words(event, hidden) {
    const happened = event.happened ?? [];
    const row = this.model.row(event);
    const left = happened.findLast((one) => one.is === "leave" && one.depth === 0);
    const waits = happened.find((one) => one.is === "waits");
    if (event.thread !== undefined) {
      const call = row?.call ?? happened.find((one) => one.call)?.call ?? this.model.name(event.name);
      const short = row && row.last === event.n ? row.short : left?.result;
      if (left) return [`${call} `, hidden ? "= ?" : `= ${short}`];
      if (waits) return [`${call} `, hidden ? "= ?" : "waits"];
      return [call, "…"];
    }
    const travel = (this.travels.get(Math.floor(this.item(event.n) / BLOCK)) ?? []).find((t) => t.ended === event.n);
    if (travel && event.kind === "deliver") return [`⤷ ${travel.what}`, ""];
    if (travel && event.kind === "message") return [`⤷ ${travel.what} is there`, ""];
    return [this.model.name(event.name), ""];
  }

  drawLines(from, to) {
    const lines = [];
    const seenTravels = new Set();
    const seenSpans = new Set();
    const y = (place) => place * ROW + ROW / 2;
    for (const process of this.model.processes) {
      const lane = this.lane.get(`process ${process}`);
      lines.push(s("rect", { class: "lane", x: lane.x, y: from * ROW, width: lane.width, height: (to - from) * ROW }));
    }
    for (let block = Math.floor(from / BLOCK); block <= Math.floor(to / BLOCK); block++) {
      for (const span of this.spans.get(block) ?? []) {
        if (seenSpans.has(span.row)) continue;
        seenSpans.add(span.row);
        const lane = this.lane.get(span.row.thread);
        if (!lane || span.row.first > this.cursor) continue;
        const end = Math.min(span.to, this.item(this.cursor));
        lines.push(s("rect", { class: "span", x: lane.x + 5, y: y(span.from), width: 6, height: Math.max(0, y(end) - y(span.from)) }, s("title", {}, seen(span.row.text))));
      }
      for (const travel of this.travels.get(block) ?? []) {
        if (seenTravels.has(travel)) continue;
        seenTravels.add(travel);
        lines.push(this.drawTravel(travel, y));
      }
    }
    return s("svg", { class: "lines", width: this.width, height: (to - from) * ROW, viewBox: `0 ${from * ROW} ${this.width} ${(to - from) * ROW}`, "aria-hidden": "true" }, lines);
  }

  drawTravel(travel, y) {
    const stands = this.model.travel(travel, Math.min(this.cursor, this.known));
    if (stands === "later") return null;
    const sender = this.lane.get(travel.by) ?? this.lane.get(`process ${travel.from}`);
    const receiver = this.lane.get(`process ${travel.process ?? travel.to}`);
    if (!receiver) return null;
    const end = travel.ended === undefined ? this.cursor : Math.min(travel.ended, this.cursor);
    const [y1, y2] = [y(this.item(travel.sent)), y(this.item(Math.max(end, travel.sent)))];
    const right = !sender || sender.x <= receiver.x;
    const from = sender ?? { x: receiver.x - 30, width: 10 };
    const same = from.x === receiver.x;
    const x1 = same ? from.x + from.width - 4 : right ? from.x + from.width - 5 : from.x + 3;
    const x2 = same ? x1 : right ? receiver.x + 2 : receiver.x + receiver.width - 4;
    const name = { bus: "bus", stream: "stream", datagram: "stream" }[travel.on];
    const signs = { "in flight": "", arrived: "", lost: "✕ lost", dropped: "✕ dropped" };
    const label = `${travel.copy ? "⧉ " : ""}${travel.on === "bus" ? travel.what : ""} ${signs[stands] ?? ""}`.trim();
    const shape = same ? `M${x1} ${y1} q18 ${(y2 - y1) / 2} 0 ${y2 - y1}` : `M${x1} ${y1} L${x2} ${y2}`;
    const labelled = label.length > 0 && Math.abs(x2 - x1) > 30;
    return s(
      "g",
      { class: `travel ${name} ${stands.replace(" ", "-")}` },
      s("path", { d: shape, "marker-end": stands === "lost" || stands === "dropped" ? null : "url(#tip)" }),
      (stands === "lost" || stands === "dropped") && s("text", { x: x2, y: y2 + 4, class: "end" }, "✕"),
      labelled && s("text", { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 5 }, short(label)),
      s("title", {}, `${travel.from} → ${travel.to}: ${travel.what}, ${stands}`),
    );
  }
}

const short = (text) => (text.length > 9 ? `${text.slice(0, 8)}…` : text);
