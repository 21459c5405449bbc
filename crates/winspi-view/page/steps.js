// The table of the document: source, IPC, destination, filling up step by step.

import { h } from "./dom.js";

/** Who talks to whom decides the columns: the two that send most over the bus stand beside it. */
function columns(model) {
  const { travels } = model.trace;
  const first = travels.find((travel) => travel.info !== undefined && travel.on === "bus") ?? travels.find((travel) => travel.on === "bus");
  if (!first) return null;
  const others = model.processes.filter((name) => name !== first.from && name !== first.to);
  return { source: first.from, target: first.to, others };
}

/** The table as far as the events up to `n` fill it. */
export function stepsTable(model, n, hidden, go) {
  const found = columns(model);
  if (!found || model.trace.marks.length < 2) return null;
  const done = hidden ? n - 1 : n;
  const now = model.mark(n);
  const cells = new Map();
  const put = (mark, column, item) => {
    const key = `${mark} ${column}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(item);
  };
  for (const row of model.trace.rows) {
    if (row.mark === undefined || row.first > n) continue;
    const process = model.processOf.get(row.thread) ?? row.thread;
    const result = row.last <= done ? ` ${row.short}` : " …";
    put(row.mark, process, h("button", { type: "button", class: row.error && row.last <= done ? "failed" : "", onclick: () => go(row.last) }, row.call, h("b", {}, result)));
  }
  for (const travel of model.trace.travels) {
    if (travel.on !== "bus" || travel.sent > done || travel.sent === 0) continue;
    const mark = model.mark(travel.sent);
    if (mark === undefined) continue;
    const right = travel.from === found.source;
    const stands = model.travel(travel, done);
    put(mark, "ipc", h("span", { class: `ipc ${stands.replace(" ", "-")}` }, right ? `${travel.what} →` : `← ${travel.what}`, stands !== "arrived" && h("small", {}, ` ${stands}`)));
  }
  const heads = [found.source, "IPC", found.target, ...found.others];
  const keys = [found.source, "ipc", found.target, ...found.others];
  return h(
    "table",
    { class: "steps" },
    h("thead", {}, h("tr", {}, h("th", {}, "step"), heads.map((name) => h("th", {}, name)))),
    h(
      "tbody",
      {},
      model.trace.marks.map((mark, place) =>
        h(
          "tr",
          { class: place === now ? "now" : "", title: mark.title },
          h("th", { scope: "row" }, mark.number),
          keys.map((key) => h("td", {}, (cells.get(`${place} ${key}`) ?? []).map((item) => [item, " "]))),
        ),
      ),
    ),
  );
}
