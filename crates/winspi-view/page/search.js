// Finding events: words, and `handle:` `process:` `error:` `clause:` before one.

/** The numbers of the events that a question finds, in order. */
export function search(model, question) {
  const asked = question.toLowerCase().split(/\s+/).filter(Boolean);
  if (asked.length === 0) return [];
  return model.events.filter((event) => asked.every((word) => fits(model, event, word))).map((event) => event.n);
}

function fits(model, event, word) {
  const [kind, value] = word.includes(":") ? [word.slice(0, word.indexOf(":")), word.slice(word.indexOf(":") + 1)] : ["", word];
  const happened = event.happened ?? [];
  const row = model.row(event);
  switch (kind) {
    case "process":
      return (model.process(event) ?? model.name(event.name)).toLowerCase().includes(value);
    case "error":
      return happened.some((one) => (one.is === "leave" && one.failed && one.result.toLowerCase().includes(value)) || one.is === "breach" || one.is === "hazard") || (value === "" && model.wrong(event));
    case "clause":
      return happened.some((one) => (one.id ?? one.why ?? "").toLowerCase().includes(value));
    case "handle": {
      const exact = (text) => text.toLowerCase().split(/[^0-9a-z_]+/).includes(value);
      const keys = [...Object.keys(event.delta?.set ?? {}), ...(event.delta?.gone ?? [])];
      const names = Object.values(event.delta?.set ?? {}).flatMap((thing) => thing.names ?? []);
      const args = happened.flatMap((one) => [...(one.args ?? []), ...(one.written ?? [])].map((pair) => pair[1]));
      const own = row && row.first <= event.n && event.thread === row.thread ? [row.text] : [];
      return keys.filter((key) => key.startsWith("handle ")).some(exact) || names.some(exact) || args.some(exact) || own.some(exact) || happened.some((one) => exact(one.result ?? ""));
    }
    default: {
      const texts = [model.name(event.name), row?.text ?? "", row && row.last === event.n ? row.result : ""];
      for (const one of happened) texts.push(one.call ?? "", one.who ?? "", one.result ?? "", one.text ?? "", one.id ?? "", one.what ?? "");
      return texts.some((text) => text.toLowerCase().includes(word));
    }
  }
}
