//! The edges of the handoff: each has its file, and each file passes on every arrangement, or says what it needs.

mod common;

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;

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

/// Which edges have no file here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    not_here: Vec<NotHere>,
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

#[test]
fn every_edge_passes_on_ten_arrangements_or_says_what_it_needs() {
    let names = common::scenarios(FOLDER);
    let arrangements = common::ten_arrangements();
    assert_eq!(arrangements.len(), 10);
    let (mut wrong, mut lacking) = (Vec::new(), 0);
    for name in &names {
        let script = common::scenario(&format!("{FOLDER}/{name}.winspi"));
        let mut applied = false;
        for (on, arrangement) in &arrangements {
            match common::applies(&script, arrangement) {
                Ok(None) => applied = true,
                Ok(Some(_)) => lacking += 1,
                Err(what) => wrong.push(format!("{name} on {on}:\n    {what}")),
            }
        }
        assert!(applied, "{name} applies nowhere");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let pairs = names.len() * arrangements.len();
    assert!(lacking * 10 < pairs, "{lacking} of {pairs} pairs do not apply: less than a tenth may");
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
