// One event: what was called on which way, why it gave what it gave, what changed, what else could have happened.

import { h, count, hourglass } from "./dom.js";

/** The text of a rule. */
export function ruleText(model, id, by) {
  const rule = model.rules.get(id);
  if (!rule) return h("li", {}, h("code", {}, id));
  const kind = rule.decision ? "decision" : "clause";
  const sure = { documented: "documented", observed: "seen in a real system", inferred: "follows from the documents", ours: "winspi's own choice" }[rule.sure] ?? `the documents say: ${rule.sure}`;
  return h(
    "li",
    { class: kind },
    h("code", { class: "rule" }, id),
    by && h("small", {}, ` ${by}`),
    h("p", {}, rule.text, rule.chosen && [" ", h("b", {}, rule.chosen)]),
    h("details", {}, h("summary", { class: "source" }, `${kind} · ${sure}`), h("p", {}, rule.source)),
  );
}

function values(list, infos) {
  return h(
    "span",
    { class: "args" },
    list.map(([name, text, info], place) => [
      place > 0 && ", ",
      h("span", { class: "name" }, `${name}=`),
      info === undefined ? h("span", {}, text) : h("button", { class: "info", type: "button", onclick: () => infos(info) }, text),
    ]),
  );
}

/** What a call gave. Those that send return 0; how many bytes they took they write to the caller's memory. */
const gave = (one) => (/^WS[AP]Send/.test(one.call) && /^\d+$/.test(one.result) ? `0, ${one.result} sent` : one.result);

/** The way of a call: each level with what goes in and what comes back. Where the result is hidden, only the call itself. */
export function way(model, event, { infos, hidden }) {
  const root = h("div", { class: "way" });
  const open = [{ body: root, depth: -1, args: [] }];
  const top = () => open.at(-1);
  for (const one of event.happened ?? []) {
    if (hidden && !(one.depth === 0 && (one.is === "enter" || one.is === "leave"))) continue;
    if (one.is === "enter") {
      while (open.length > 1 && top().depth >= one.depth) open.pop();
      const args = one.args ?? top().args;
      const body = h("div", { class: "level" });
      const result = h("span", { class: "result" });
      const up = one.call.startsWith("WPU");
      const level = h(
        "details",
        { open: true, class: up ? "up" : "" },
        h("summary", {}, h("span", { class: "who" }, up ? `↑ ${one.who}` : one.who), " ", h("b", {}, one.call), " ", one.args === undefined && h("span", { class: "same" }, "the same arguments"), result),
        (one.args ?? []).length > 0 && h("p", { class: "in" }, "in ", values(args, infos)),
        body,
      );
      top().body.append(level);
      open.push({ body, depth: one.depth, args, result, level });
    } else if (one.is === "leave") {
      while (open.length > 1 && top().depth > one.depth) open.pop();
      const at = top().depth === one.depth ? open.pop() : null;
      const said = hidden ? [h("b", {}, " → ?")] : [h("b", { class: one.failed ? "failed" : "ok" }, ` → ${gave(one)}`), one.why && h("code", { class: "rule" }, ` ${one.why}`)];
      const written = !hidden && (one.written ?? []).length > 0 && h("p", { class: "out" }, "out ", values(one.written, infos));
      if (at) {
        at.result.append(...said.filter(Boolean));
        if (written) at.level.append(written);
      } else {
        top().body.append(h("p", { class: "back" }, h("span", { class: "who" }, one.who), " ", h("b", {}, one.call), " comes back", said));
        if (written) top().body.append(written);
      }
    } else if (one.is === "rule") {
      top().body.append(h("p", { class: "note" }, "· ", h("code", { class: "rule" }, one.id)));
    } else if (one.is === "waits") {
      top().body.append(h("p", { class: "note" }, hourglass(), `waits for ${one.what}`));
    } else if (one.is === "note") {
      top().body.append(h("p", { class: "note" }, one.text));
    } else {
      top().body.append(alarm(one));
    }
  }
  return root;
}

/** A breach or a hazard. */
export function alarm(one) {
  const what = one.is === "breach" ? `breach of ${one.duty} by ${one.provider}: ` : `hazard, ${one.kind}: `;
  return h("p", { class: `alarm ${one.is}` }, h("b", {}, what), one.text, one.why && h("code", { class: "rule" }, ` ${one.why}`));
}

/** Which rules an event rests on: those of the call that the line made first. */
export function rulesOf(model, event) {
  const row = model.row(event);
  const found = new Map();
  if (row?.why && row.last === event.n) found.set(row.why, row.from);
  for (const one of event.happened ?? []) {
    if (one.is === "leave" && one.why && !found.has(one.why)) found.set(one.why, one.who);
  }
  const main = found.size;
  for (const one of event.happened ?? []) {
    if (one.is === "rule" && !found.has(one.id)) found.set(one.id, one.by);
  }
  return { all: [...found], main };
}

/** What holds for a duplicate, where an event makes one or uses one. */
export function sharing(model, event) {
  const made = (one) => one.is === "leave" && one.call === "WSPDuplicateSocket" && !one.failed;
  const used = (one) => one.is === "rule" && one.id === "WSPDuplicateSocket.recognised-in-target";
  if (!(event.happened ?? []).some((one) => made(one) || used(one))) return null;
  return [
    h("p", {}, "WSPSocket in the target turns the claim into a descriptor of its own. After that there is nothing left that the info could lead to. If the target ends before, the claim goes with it; the socket stays as long as others hold it."),
    h("ul", { class: "rules" }, (model.trace.sharing ?? []).map((id) => ruleText(model, id))),
  ];
}

/** What an event changed, in words. */
export function changed(model, n, select) {
  const delta = model.event(n).delta ?? {};
  const after = model.state(n);
  const before = model.before(n);
  const lines = [];
  for (const key of delta.gone ?? []) lines.push(h("li", {}, h("span", { class: "sign gone" }, "gone"), " ", key));
  for (const key of Object.keys(delta.set ?? {})) {
    const [old, now] = [before.get(key), after.get(key)];
    const sign = old ? "changed" : "new";
    const parts = old ? differences(old, now) : [];
    lines.push(h("li", {}, h("span", { class: `sign ${sign}` }, sign), " ", h("button", { class: "value", type: "button", onclick: () => select(key) }, key), parts.length > 0 && h("small", {}, ` ${parts.join("; ")}`)));
  }
  for (const travel of model.trace.travels) {
    const what = `${travel.what}, from ${travel.from} to ${travel.to}`;
    if (travel.sent === n) lines.push(h("li", {}, h("span", { class: "sign new" }, "sent"), ` ${what}`));
    if (travel.ended === n) lines.push(h("li", {}, h("span", { class: `sign ${travel.end === "arrived" ? "changed" : "gone"}` }, travel.end), ` ${what}`));
    if (travel.taken === n) lines.push(h("li", {}, h("span", { class: "sign gone" }, "received"), ` ${what}`));
  }
  return lines.length > 0 ? h("ul", { class: "changes" }, lines) : h("p", { class: "none" }, "nothing that others can see");
}

function differences(old, now) {
  const parts = [];
  const word = (value) => (value === undefined ? "nothing" : typeof value === "object" ? brief(value) : String(value));
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    if (name === "is" || JSON.stringify(old[name]) === JSON.stringify(now[name])) continue;
    if (name === "holders") {
      const keys = (list) => new Set((list ?? []).map((held) => `${held.process} ${held.by}`));
      const [a, b] = [keys(old.holders), keys(now.holders)];
      for (const one of b) if (!a.has(one)) parts.push(`+ ${one}`);
      for (const one of a) if (!b.has(one)) parts.push(`− ${one}`);
    } else {
      parts.push(`${name} ${word(old[name])} → ${word(now[name])}`);
    }
  }
  return parts;
}

function brief(value) {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => (typeof one === "object" ? Object.values(one).join(" ") : one)).join(", ");
  return Object.entries(value).map(([name, one]) => `${name} ${one}`).join(", ");
}

/** What else could have happened, and who could have been killed, each with the command that runs it. */
export function others(model, event, copy) {
  const all = event.others ?? [];
  const button = (command, place) => h("button", { type: "button", onclick: () => copy(command), title: command, "aria-label": `copy the command for ${model.name(place)}` }, "copy command");
  const setup = event.n <= (model.trace.setup ?? 0) && h("small", {}, " setup keeps its order");
  const other = (place) => {
    const command = model.command(event.n, place);
    return h("li", {}, h("code", {}, model.name(place)), command ? h("div", { class: "command" }, h("code", {}, command), button(command, place)) : setup);
  };
  const kill = (place) => {
    const command = model.command(event.n, place);
    return command && h("li", {}, h("code", {}, model.name(place)), " ", button(command, place));
  };
  const kills = (event.kills ?? []).map(kill).filter(Boolean);
  return [
    all.length === 0 ? h("p", { class: "none" }, "nothing else could go on") : h("ul", { class: "others" }, all.map(other)),
    kills.length > 0 && [h("p", { class: "none" }, "Or a process is killed:"), h("ul", { class: "kills" }, kills)],
  ];
}

/** The event in a sentence, for those who listen. */
export function sentence(model, n, hidden) {
  if (n === 0) return `Before the first of ${count(model.last, "event")}.`;
  const event = model.event(n);
  const row = model.row(event);
  const left = (event.happened ?? []).findLast((one) => one.is === "leave" && one.depth === 0);
  const waits = (event.happened ?? []).find((one) => one.is === "waits");
  const what = event.thread === undefined ? model.name(event.name) : `${event.thread}: ${row?.text ?? model.name(event.name)}`;
  const gives = hidden ? ". What does it give?" : left ? ` gives ${row && row.last === n ? row.result : left.result}` : waits ? ` waits for ${waits.what}` : "";
  return `Event ${n} of ${model.last}. ${what}${gives}`;
}
