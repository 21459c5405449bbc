//! The clause catalogue is in order: every file parses, ids are unique and at home in their file, words are the
//! known ones, every clause has one owner, and the handoff scenario names clauses that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use spec_tests::catalogue::{Catalogue, ClauseFile};
use spec_tests::files::Files;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Handoff {
    scenario: String,
    title: String,
    source: String,
    processes: Vec<String>,
    note: String,
    step: Vec<Step>,
    edge: Vec<Edge>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    number: usize,
    actor: String,
    title: String,
    pre: String,
    call: String,
    result: String,
    functions: Vec<String>,
    clauses: Vec<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edge {
    id: String,
    step: usize,
    title: String,
    given: String,
    when: String,
    then: String,
    level: String,
    clauses: Vec<String>,
    note: Option<String>,
}

const LEVELS: [&str; 4] = ["must", "should", "may", "unspecified"];
const GROUPS: [&str; 13] = [
    "address",
    "catalog",
    "concept",
    "connection",
    "events",
    "multipoint",
    "options",
    "overlapped",
    "select",
    "socket",
    "startup",
    "transfer",
    "upcall",
];
/// The steps of the handoff scenario that are no function of the SPI: the programs' own messages.
const MESSAGES: [&str; 2] = ["ipc.send", "ipc.receive"];
const PARTS: [&str; 5] = ["core", "async", "options", "layers", "catalog"];

#[test]
fn files_are_named_by_their_function() {
    let mut functions = BTreeSet::new();
    for (name, file) in catalogue() {
        let concept = name.strip_prefix("concept_");
        assert_eq!(concept.is_some(), file.group == "concept", "{name}: {}", file.group);
        assert_eq!(
            concept.unwrap_or(&name).replace('_', ""),
            file.function.replace('_', "").to_lowercase(),
            "{name}: function"
        );
        assert!(GROUPS.contains(&file.group.as_str()), "{name}: group");
        assert!(!file.source.trim().is_empty(), "{name}: source");
        assert!(!file.clause.is_empty(), "{name}: no clause");
        assert!(functions.insert(file.function.clone()), "{name}: a second file for {}", file.function);
    }
}

#[test]
fn ids_are_unique_and_at_home_in_their_file() {
    let mut ids = BTreeSet::new();
    for (name, file) in catalogue() {
        for clause in file.clause {
            let slug = clause.id.strip_prefix(&file.function).and_then(|rest| rest.strip_prefix('.'));
            assert!(slug.is_some_and(is_slug), "{name}: {} is not {}.slug", clause.id, file.function);
            assert!(ids.insert(clause.id.clone()), "{name}: again {}", clause.id);
        }
    }
}

#[test]
fn clauses_say_something() {
    // Kinds, levels and parties are types, and no file has another field: the catalogue could not be read.
    for (name, file) in catalogue() {
        for clause in file.clause {
            let id = &clause.id;
            for (field, value) in [
                ("text", Some(&clause.text)),
                ("given", Some(&clause.given)),
                ("when", Some(&clause.when)),
                ("then", Some(&clause.then)),
                ("note", clause.note.as_ref()),
            ] {
                assert!(value.is_none_or(|value| !value.trim().is_empty()), "{name}: {id}: {field}");
            }
        }
    }
}

#[test]
fn every_clause_has_one_owner() {
    let mut missing = ids();
    let parts = whole().parts;
    let names: BTreeSet<&str> = parts.keys().map(String::as_str).collect();
    assert_eq!(names, PARTS.into());
    for (name, part) in parts {
        assert!(!part.title.is_empty(), "{name}: title");
        assert_eq!(part.count, part.clauses.len(), "{name}: count");
        for id in part.clauses {
            assert!(missing.remove(&id), "{name}: {id} is no clause or has an owner already");
        }
    }
    assert!(missing.is_empty(), "without owner: {missing:?}");
}

#[test]
fn the_handoff_scenario_names_clauses_that_exist() {
    let known = ids();
    let functions: BTreeSet<String> = catalogue().into_iter().map(|(_, f)| f.function).collect();
    let handoff: Handoff = read("handoff.toml");
    assert_eq!(handoff.scenario, "handoff");
    for value in [&handoff.title, &handoff.source, &handoff.note] {
        assert!(!value.is_empty());
    }
    assert!(!handoff.processes.is_empty());
    for (index, step) in handoff.step.iter().enumerate() {
        let place = format!("step {}", step.number);
        assert_eq!(step.number, index + 1, "{place}");
        for value in [&step.actor, &step.title, &step.pre, &step.call, &step.result] {
            assert!(!value.is_empty(), "{place}");
        }
        assert!(step.note.as_ref().is_none_or(|note| !note.is_empty()), "{place}: note");
        for function in &step.functions {
            assert!(
                functions.contains(function) || MESSAGES.contains(&function.as_str()),
                "{place}: no file for {function}"
            );
        }
        assert_known(&place, &step.clauses, &known);
    }
    let mut edges = BTreeSet::new();
    for edge in &handoff.edge {
        let id = &edge.id;
        assert!(id.strip_prefix("edge.").is_some_and(is_slug), "{id}");
        assert!(edges.insert(id), "again {id}");
        assert!((1..=handoff.step.len()).contains(&edge.step), "{id}: step");
        assert!(LEVELS.contains(&edge.level.as_str()), "{id}: level {}", edge.level);
        for value in [&edge.title, &edge.given, &edge.when, &edge.then] {
            assert!(!value.is_empty(), "{id}");
        }
        assert!(edge.note.as_ref().is_none_or(|note| !note.is_empty()), "{id}: note");
        assert_known(id, &edge.clauses, &known);
    }
}

#[track_caller]
fn assert_known(place: &str, clauses: &[String], known: &BTreeSet<String>) {
    assert!(!clauses.is_empty(), "{place}: no clause");
    for id in clauses {
        assert!(known.contains(id), "{place}: no such clause: {id}");
    }
}

/// Small letters and digits in words joined by `-`.
fn is_slug(text: &str) -> bool {
    text.split('-').all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

fn ids() -> BTreeSet<String> {
    catalogue().into_iter().flat_map(|(_, file)| file.clause).map(|clause| clause.id).collect()
}

/// All files of clauses, by name without extension.
fn catalogue() -> Vec<(String, ClauseFile)> {
    whole().files
}

#[track_caller]
fn whole() -> Catalogue {
    Catalogue::of(&Files::built_in()).unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
}

#[track_caller]
fn read<T: DeserializeOwned>(name: &str) -> T {
    let text = fs::read_to_string(folder().join(name));
    let text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
