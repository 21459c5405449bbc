//! The cases as vectors, for who tests another implementation: what is set up, the call, what it may give, the clause
//! and where it stands.
//!
//! A vector says everything in calls and observable outcomes, in the words of docs/language.md; `winspi explain` tells
//! parameters and results of a function.

use serde_json::{Value, json};
use winspi_script::script::{Item, Line, Script, print_outcome};
use winspi_script::syntax::print_test;
use winspi_script::syntax::tree::NeedKind;

use crate::suite::{Case, Suite};

/// What the vectors call themselves.
pub const FORMAT: &str = "winspi-vectors";

/// The version of the form.
pub const VERSION: u32 = 1;

/// All cases as vectors, in the order of the suite.
pub fn vectors(suite: &Suite) -> Value {
    let all: Vec<Value> = suite.cases.iter().map(|case| vector(suite, case)).collect();
    json!({ "format": FORMAT, "version": VERSION, "vectors": all })
}

fn vector(suite: &Suite, case: &Case) -> Value {
    let script = &case.declaration.script;
    let clause = suite.catalogue.find(case.clause());
    let source = suite.catalogue.files.iter().find(|(_, file)| file.clause.iter().any(|c| c.id == case.clause()));
    let needs: Vec<Value> = case.declaration.needs.iter().map(need).collect();
    let processes: Vec<Value> = script
        .processes
        .iter()
        .map(|p| json!({ "name": p.name, "started": p.started, "created": p.created, "threads": p.threads }))
        .collect();
    let (setup, calls): (Vec<Value>, Vec<Value>) = {
        let items: Vec<(bool, Value)> =
            script.statements().into_iter().filter_map(|item| step(script, item, case.declaration.line)).collect();
        let (before, within): (Vec<_>, Vec<_>) = items.into_iter().partition(|(within, _)| !within);
        (before.into_iter().map(|(_, v)| v).collect(), within.into_iter().map(|(_, v)| v).collect())
    };
    let at_end: Vec<String> = script.at_end.iter().map(|(test, _)| print_test(test)).collect();
    json!({
        "clause": case.clause(),
        "title": case.title(),
        "rule": clause.map(|c| c.text.clone()),
        "level": clause.map(|c| c.level),
        "kind": clause.map(|c| c.kind),
        "decision": clause.and_then(|c| c.decision.clone()),
        "source": source.map(|(_, file)| file.source.clone()),
        "needs": needs,
        "processes": processes,
        "setup": setup,
        "steps": calls,
        "at_end": at_end,
    })
}

fn need(need: &NeedKind) -> Value {
    match need {
        NeedKind::Ifs => json!("ifs"),
        NeedKind::NonIfs => json!("non-ifs"),
        NeedKind::BaseIfs => json!("base ifs"),
        NeedKind::BaseNonIfs => json!("base non-ifs"),
        NeedKind::Layered => json!("layered"),
        NeedKind::Decision { name, value } => json!({ "decision": name.text, "value": value.text }),
        NeedKind::Profile(name) => json!({ "profile": name.text }),
    }
}

/// A statement, and whether it stands in the case.
fn step(script: &Script, item: &Item, begins: u32) -> Option<(bool, Value)> {
    let who = |thread: &winspi_core::id::Tid| {
        let process = script.processes.iter().find(|p| script.process(&p.name) == Some(thread.process));
        let ordinal = usize::from(thread.ordinal);
        let name = process.map(|p| p.name.clone()).unwrap_or_default();
        let own = process.and_then(|p| p.threads.get(ordinal.checked_sub(1)?));
        own.map_or(name.clone(), |thread| format!("{name}.{thread}"))
    };
    match item {
        Item::Line(place) => {
            let line = script.lines.get(*place)?;
            Some((line.span.line >= begins, call(line, &who(&line.thread))))
        }
        Item::Returns { thread, outcome, span } => {
            let allowed = outcome.as_ref().map(print_outcome);
            Some((span.line >= begins, json!({ "thread": who(thread), "returns": true, "allowed": allowed })))
        }
        Item::Sync { thread, sync, span } => {
            let name = script.syncs.get(*sync).map(|sync| sync.name.clone());
            Some((span.line >= begins, json!({ "thread": who(thread), "sync": name })))
        }
        // One that stands right below a line is with the line.
        Item::Expect(test, _) => {
            let with_line = script.lines.iter().any(|line| line.expects.contains(test));
            (!with_line).then(|| (test.span.line >= begins, json!({ "expect": print_test(test) })))
        }
        Item::World { world, span, .. } => Some((span.line >= begins, json!({ "world": world }))),
        // What is in it follows as statements of its own.
        Item::Any(_) => Some((true, json!({ "repeat": "any" }))),
        Item::Repeat { times, .. } => Some((true, json!({ "repeat": times }))),
    }
}

fn call(line: &Line, thread: &str) -> Value {
    let expects: Vec<String> = line.expects.iter().map(print_test).collect();
    json!({
        "thread": thread,
        "call": line.text(),
        "function": line.function.name(),
        "bind": line.bind(),
        "allowed": line.expected().unwrap_or_else(|| "ok".to_owned()),
        "expect": expects,
    })
}
