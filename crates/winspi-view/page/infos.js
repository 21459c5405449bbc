// The 628 bytes of a protocol info, member by member; two of them compared. And the catalog.

import { h, replace } from "./dom.js";

/** Shows an info, and beside it another one. */
export function showInfo(model, root, place, other, choose) {
  const { infos, fields } = model.trace;
  const info = infos[place];
  if (!info) return;
  const beside = other === null ? null : infos[other];
  const choice = h(
    "select",
    { onchange: (event) => choose(place, event.target.value === "" ? null : Number(event.target.value)) },
    h("option", { value: "" }, "nothing"),
    infos.map((_, n) => n !== place && h("option", { value: n, selected: n === other }, title(model, n))),
  );
  const rows = fields.map((field, n) => {
    const [one, two] = [info.values[n], beside?.values[n]];
    const same = !beside || hex(info, field) === hex(beside, field);
    return h(
      "tr",
      { class: same ? "" : "differs" },
      h("td", {}, field.at),
      h("td", {}, field.size),
      h("th", { scope: "row" }, field.name),
      h("td", {}, one, field.size <= 16 && h("small", { class: "hex" }, ` ${hex(info, field)}`), note(model, info, field)),
      beside && h("td", {}, two, field.size <= 16 && h("small", { class: "hex" }, ` ${hex(beside, field)}`), !same && h("b", {}, " ≠")),
    );
  });
  replace(
    root,
    h("h3", {}, title(model, place)),
    h("p", {}, h("label", {}, "beside it: ", choice)),
    h(
      "table",
      { class: "fields" },
      h("thead", {}, h("tr", {}, h("th", {}, "at"), h("th", {}, "bytes"), h("th", {}, "member"), h("th", {}, "value"), beside && h("th", {}, title(model, other)))),
      h("tbody", {}, rows),
    ),
  );
}

function hex(info, field) {
  return info.bytes.slice(2 * field.at, 2 * (field.at + field.size)).replace(/(..)(?=.)/g, "$1 ");
}

function number(model, info, name) {
  const field = model.trace.fields.find((one) => one.name === name);
  const bytes = field ? hex(info, field).split(" ").slice(0, 4) : [];
  return Number.parseInt(bytes.reverse().join("") || "0", 16);
}

/** The process that an info was made for; undefined where it is no duplicate. */
function target(model, info) {
  if (number(model, info, "dwProviderReserved") === 0) return undefined;
  const pid = number(model, info, "dwServiceFlags3");
  return model.trace.processes.find((process) => process.pid === pid)?.name;
}

/** What a member of a duplicate says: the simulated providers keep here what leads them to it. */
function note(model, info, field) {
  const whom = target(model, info);
  if (whom === undefined) return null;
  const said = {
    dwServiceFlags3: `the process that it was made for: ${whom}`,
    dwServiceFlags4: `which of the duplicates for ${whom}, from 1`,
    dwProviderReserved: reserved(model, info, whom),
  }[field.name];
  return said && h("p", { class: "said" }, said);
}

function reserved(model, info, whom) {
  const handle = `0x${number(model, info, "dwProviderReserved").toString(16)}`;
  const key = `handle ${whom} ${handle}`;
  const claim = model.trace.events.some((event) => event.delta?.set?.[key]?.kind === "claim");
  const what = claim ? `the handle ${handle} that the duplicate already has in ${whom}` : "the number of the duplicate at the provider";
  const rule = model.rules.get("WSPDuplicateSocket.provider-reserved");
  return `the provider's own: ${what}.${rule ? ` ${rule.text}` : ""}`;
}

function title(model, place) {
  const { infos, catalog } = model.trace;
  const entry = catalog.find((one) => one.info === place);
  if (entry) return `info ${place}: catalog entry ${entry.id}`;
  const whom = target(model, infos[place]);
  const id = number(model, infos[place], "dwCatalogEntryId");
  return whom === undefined ? `info ${place}: of entry ${id}` : `info ${place}: of entry ${id}, a duplicate for ${whom}`;
}

/** The catalog with its chains. */
export function catalog(model, infos) {
  const { catalog: entries, providers } = model.trace;
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const chain = (entry) => entry.chain.map((id, place) => [place > 0 && " → ", h("span", { class: "link" }, `${byId.get(id)?.provider ?? "?"} ${id}`)]);
  return [
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, h("th", {}, "entry"), h("th", {}, "kind"), h("th", {}, "provider"), h("th", {}, "name"), h("th", {}, "chain, the top first"))),
      h(
        "tbody",
        {},
        entries.map((entry) => h("tr", {}, h("td", {}, h("button", { class: "info", type: "button", onclick: () => infos(entry.info) }, entry.id)), h("td", {}, entry.kind), h("td", {}, entry.provider), h("td", {}, entry.name), h("td", {}, chain(entry)))),
      ),
    ),
    h("p", { class: "source" }, providers.map((p) => `${p.name}: ${p.kind}${p.over ? ` over ${p.over}` : ""}`).join(" · ")),
  ];
}
