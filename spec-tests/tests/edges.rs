//! The edges of the handoff: each has its file, and each file passes on every arrangement, or the exception says why not.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;
use winspi_script::{Arrangement, run};

const FOLDER: &str = "scenarios/handoff";
const EXCEPTIONS: &str = "scenarios/handoff/exceptions.toml";
const EDGES: &str = "spec-tests/handoff.toml";

/// The part of `handoff.toml` that matters here.
#[derive(Deserialize)]
struct Handoff {
    edge: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    id: String,
}

/// Where an edge does not pass, and which edges have no file here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
    #[serde(default)]
    not_here: Vec<NotHere>,
}

/// An edge that does not pass on an arrangement.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    edge: String,
    arrangement: String,
    reason: String,
}

/// An edge without a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotHere {
    edge: String,
    reason: String,
}

fn read<T: for<'de> Deserialize<'de>>(path: &str) -> T {
    let text = fs::read_to_string(common::root().join(path)).expect("the file is in the repository");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The edges of the document, without `edge.`.
fn edges() -> BTreeSet<String> {
    let handoff: Handoff = read(EDGES);
    handoff.edge.iter().map(|e| e.id.strip_prefix("edge.").expect("edges are called edge.").to_owned()).collect()
}

/// The five arrangements, each with the proposed handles and with changed ones.
fn arrangements() -> Vec<(String, Arrangement)> {
    let both = |arrangement: Arrangement| {
        let changed = Arrangement { modify_handles: true, ..arrangement.clone() };
        let name = arrangement.name();
        [(name.clone(), arrangement), (format!("{name}, changed handles"), changed)]
    };
    Arrangement::five().into_iter().flat_map(both).collect()
}

/// Why a scenario does not pass on an arrangement.
fn fails(name: &str, arrangement: &Arrangement) -> Option<String> {
    let script = common::scenario(&format!("{FOLDER}/{name}.winspi"));
    let run = match run::run(&script, arrangement) {
        Ok(run) => run,
        Err(error) => return Some(error.to_string()),
    };
    let failures = run.failures.iter().map(|f| format!("{}:{} {}", f.line, f.column, f.message));
    let breaches = run.breaches.iter().map(|(_, breach)| format!("breach: {breach:?}"));
    let leaks = run.leaks.iter().map(|leak| format!("leak: {leak}"));
    let what: Vec<String> = failures.chain(breaches).chain(leaks).collect();
    (!run.passed).then(|| what.join("\n    "))
}

#[test]
fn every_edge_passes_on_ten_arrangements_but_for_the_exceptions() {
    let names = common::scenarios(FOLDER);
    let arrangements = arrangements();
    assert_eq!(arrangements.len(), 10);
    let exceptions: Exceptions = read(EXCEPTIONS);
    let mut known = BTreeMap::new();
    for exception in &exceptions.exception {
        let is_there = names.contains(&exception.edge);
        assert!(is_there, "{EXCEPTIONS}: no scenario is called {}", exception.edge);
        let place = arrangements.iter().any(|(name, _)| *name == exception.arrangement);
        assert!(place, "{EXCEPTIONS}: no arrangement is called {}", exception.arrangement);
        assert!(!exception.reason.is_empty(), "{EXCEPTIONS}: {} has no reason", exception.edge);
        let twice = known.insert((exception.edge.as_str(), exception.arrangement.as_str()), &exception.reason);
        assert!(twice.is_none(), "{EXCEPTIONS}: {} on {} twice", exception.edge, exception.arrangement);
    }
    let mut wrong = Vec::new();
    for name in &names {
        for (on, arrangement) in &arrangements {
            match (fails(name, arrangement), known.get(&(name.as_str(), on.as_str()))) {
                (Some(what), None) => wrong.push(format!("{name} on {on}:\n    {what}")),
                (None, Some(reason)) => wrong.push(format!("{name} on {on} passes, against {EXCEPTIONS}: {reason}")),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (excepted, pairs) = (known.len(), names.len() * arrangements.len());
    assert!(excepted * 10 < pairs, "{excepted} exceptions of {pairs} pairs: less than a tenth may be");
}

#[test]
fn every_edge_has_its_file_or_a_reason() {
    let here: BTreeSet<String> = common::scenarios(FOLDER).into_iter().collect();
    let not_here: Exceptions = read(EXCEPTIONS);
    assert!(not_here.not_here.iter().all(|n| !n.reason.is_empty()));
    let not_here: BTreeSet<String> = not_here.not_here.into_iter().map(|n| n.edge).collect();
    let edges = edges();
    for edge in &edges {
        let places = [&here, &not_here].iter().filter(|set| set.contains(edge)).count();
        assert_eq!(places, 1, "edge.{edge} has to be in one place: {FOLDER} or not_here in {EXCEPTIONS}");
    }
    for name in here.iter().chain(&not_here) {
        assert!(edges.contains(name), "{EDGES} has no edge.{name}");
    }
}

#[test]
fn every_edge_says_in_words_what_it_rests_on() {
    let decisions = fs::read_to_string(common::root().join("docs/decisions.md")).expect("the page is there");
    for name in common::scenarios(FOLDER) {
        let path = format!("{FOLDER}/{name}.winspi");
        let text = fs::read_to_string(common::root().join(&path)).expect("it is there");
        let file = winspi_script::syntax::parse(&text).expect("it can be parsed");
        let about: Vec<String> = file.about.iter().map(|a| a.text.to_str().into_owned()).collect();
        let evidence = |text: &&String| ["must: ", "should: ", "decision: "].iter().any(|e| text.starts_with(e));
        assert!(about.len() >= 2 && about.iter().any(|text| evidence(&text)), "{path} names no evidence");
        assert!(!about.first().is_some_and(|text| evidence(&text)), "{path} begins with evidence");
        for text in about.iter().filter(evidence) {
            assert!(named(text, &decisions), "{path}: {text}");
        }
    }
}

/// Whether the clauses and decisions of a line are there: the clauses up to the first full stop, `decision: NAME (...)`.
fn named(evidence: &str, decisions: &str) -> bool {
    let (kind, rest) = evidence.split_once(": ").unwrap_or_default();
    if kind == "decision" {
        let name = rest.split(" (").next().unwrap_or_default();
        return decisions.contains(&format!("`{name}`\n"));
    }
    let clauses = rest.split(". ").next().unwrap_or_default().trim_end_matches('.');
    clauses.split(", ").all(|id| winspi_core::Clause::find(id).is_some())
}
