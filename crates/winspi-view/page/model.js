// The trace, and what is asked of it: states, what belongs to which call, what changed when.

/** A run. */
export class Model {
  constructor(trace) {
    this.trace = trace;
    this.events = trace.events;
    this.last = trace.events.length;
    this.things = new Map(Object.entries(trace.start.set ?? {}));
    this.at = 0;
    this.undo = [];
    this.failures = new Map();
    for (const failure of trace.failures) this.failures.set(failure.event, [...(this.failures.get(failure.event) ?? []), failure]);
    this.rules = new Map(trace.rules.map((rule) => [rule.id, rule]));
    this.processes = trace.processes.map((process) => process.name);
    this.threads = trace.processes.flatMap((p) => p.threads.map((name) => ({ name, process: p.name })));
    this.processOf = new Map(this.threads.map((thread) => [thread.name, thread.process]));
    this.firstOf = this.firstEventsOfMarks();
    this.changes = null;
  }

  event(n) {
    return this.events[n - 1];
  }

  row(event) {
    return event === undefined || event.row === undefined ? undefined : this.trace.rows[event.row];
  }

  name(place) {
    return this.trace.names[place] ?? "";
  }

  /** The state after an event: a map from keys to things, as it is until another one is asked for. */
  state(n) {
    while (this.at < n) this.forward();
    while (this.at > n) this.back();
    return this.things;
  }

  /** What an event changed, as it was before: things by key, undefined where there was none. */
  before(n) {
    if (this.undo[n] === undefined) this.state(n);
    return this.undo[n];
  }

  forward() {
    this.at += 1;
    const delta = this.event(this.at).delta ?? {};
    const set = Object.entries(delta.set ?? {});
    this.undo[this.at] ??= new Map([...(delta.gone ?? []), ...set.map(([key]) => key)].map((key) => [key, this.things.get(key)]));
    for (const key of delta.gone ?? []) this.things.delete(key);
    for (const [key, thing] of set) this.things.set(key, thing);
  }

  back() {
    for (const [key, thing] of this.undo[this.at]) {
      if (thing === undefined) this.things.delete(key);
      else this.things.set(key, thing);
    }
    this.at -= 1;
  }

  /** The process of an event, where it belongs to one. */
  process(event) {
    return event.thread === undefined ? undefined : this.processOf.get(event.thread);
  }

  /** Whether something in an event is wrong: a code, a breach, a hazard, an expectation. */
  wrong(event) {
    const bad = (what) => what.is === "breach" || what.is === "hazard" || (what.is === "leave" && what.failed && what.depth === 0);
    return (event.happened ?? []).some(bad) || this.failuresAt(event.n).length > 0;
  }

  /** A line of the file. */
  line(number) {
    this.lines ??= this.trace.text.split("\n");
    return (this.lines[number - 1] ?? "").trim();
  }

  failuresAt(n) {
    return this.failures.get(n) ?? [];
  }

  /** The mark that stands over an event. */
  mark(n) {
    let found;
    for (const [place, first] of this.firstOf) if (first <= n) found = place;
    return found;
  }

  firstEventsOfMarks() {
    const first = new Map();
    for (const row of this.trace.rows) {
      if (row.mark !== undefined && !first.has(row.mark)) first.set(row.mark, row.first);
    }
    return [...first].sort((a, b) => a[1] - b[1]);
  }

  /** The events that changed a thing, in order. */
  changesOf(key) {
    if (this.changes === null) {
      this.changes = new Map();
      for (const event of this.events) {
        for (const one of [...Object.keys(event.delta?.set ?? {}), ...(event.delta?.gone ?? [])]) {
          if (!this.changes.has(one)) this.changes.set(one, []);
          this.changes.get(one).push(event.n);
        }
      }
    }
    return this.changes.get(key) ?? [];
  }

  /** How something that travels stands after an event. */
  travel(travel, n) {
    if (travel.sent > n) return "later";
    if (travel.ended === undefined || travel.ended > n) return "in flight";
    return travel.end;
  }

  /** The scenario with the order up to an event, and another transition in its place. */
  otherwise(n, other) {
    const { scenario, setup, machine } = this.trace;
    if (scenario === undefined || scenario === null || n <= setup) return null;
    const lines = this.events.slice(setup, n - 1).map((event) => this.name(event.name));
    const head = machine.schedule ? [machine.schedule] : [];
    const body = [...head, ...lines, this.name(other)].map((line) => `    ${line}\n`).join("");
    return `${scenario}schedule {\n${body}}\n`;
  }

  /** The command that runs another transition in the place of an event. */
  command(n, other) {
    const { file, machine, setup } = this.trace;
    if (n <= setup || this.trace.scenario === null || this.trace.scenario === undefined) return null;
    const options = machine.options ? ` ${machine.options}` : "";
    const [, seed, depth] = /^random order (\d+)(?: by priorities of depth (\d+))?$/.exec(machine.order) ?? [];
    const order = (seed ? ` --seed ${seed}` : "") + (depth ? ` --pct ${depth}` : "");
    const quoted = (text) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
    return `winspi view ${quoted(file)}${options}${order} --instead ${quoted(`${n} ${this.name(other)}`)}`;
  }
}
