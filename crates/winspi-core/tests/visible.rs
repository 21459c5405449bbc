//! What counts: a change of any single part of a stored state that is not history changes its encoding, and a change of
//! what is history does not.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Base, Line, Random, random_step, scenario};
use serde_json::{Value as Json, json};
use winspi_core::snapshot::Snapshot;
use winspi_core::{Grain, System};

/// States in the middle of things: of random runs, each one that has a name in its stored form that those before it do
/// not have.
fn states() -> Vec<System<Line>> {
    let (mut states, mut known) = (Vec::new(), BTreeSet::new());
    for (place, base) in Base::ALL.into_iter().enumerate() {
        for seed in 0..8 {
            let mut system = scenario(base);
            system.grain = [Grain::Boundary, Grain::Request][seed % 2];
            let mut random = Random::new((seed * 10 + place) as u64);
            // Not each single step: that would take long and find little.
            while (0..7).all(|_| random_step(&mut system, &mut random, false).is_some()) {
                let stored = serde_json::to_value(&system).expect("JSON");
                let before = known.len();
                names(&stored, "", &mut known);
                if known.len() > before {
                    states.push(system.clone());
                }
            }
        }
    }
    states
}

/// The names of members, each with the one around it.
fn names(value: &Json, around: &str, all: &mut BTreeSet<(String, String)>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| names(item, around, all)),
        Json::Object(members) => {
            for (name, inner) in members.iter().filter(|(name, _)| *name != "catalog" && *name != "programs") {
                all.insert((around.to_owned(), name.clone()));
                names(inner, name, all);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// The places of all booleans, numbers and texts of the state; catalog and policy are the matter of another test.
fn leaves(value: &Json, at: &mut String, all: &mut Vec<String>) {
    if at.ends_with("/catalog") || at.ends_with("/policy") {
        return;
    }
    let length = at.len();
    let mut within = |name: &str, inner: &Json| {
        at.push('/');
        at.push_str(name);
        leaves(inner, at, all);
        at.truncate(length);
    };
    match value {
        Json::Array(items) => items.iter().enumerate().for_each(|(i, item)| within(&i.to_string(), item)),
        Json::Object(members) => members.iter().for_each(|(name, item)| within(name, item)),
        Json::Null => {}
        Json::Bool(_) | Json::Number(_) | Json::String(_) => all.push(at.clone()),
    }
}

/// Whether a place is history: an age, a key or version of an arena, the time itself.
fn is_history(pointer: &str) -> bool {
    if !pointer.starts_with("/system/world/") {
        return false;
    }
    let segments: Vec<&str> = pointer.rsplit('/').collect();
    let is_age_of_pair = |list: &str| segments[0] == "0" && segments.get(2) == Some(&list);
    ["since", "asked", "age", "ages", "now", "idx", "version"].contains(&segments[0])
        || is_age_of_pair("incoming")
        || (is_age_of_pair("messages") && pointer.contains("/lanes/"))
}

fn changed(value: &Json) -> Json {
    match value {
        Json::Bool(b) => json!(!b),
        Json::Number(number) => match number.as_u64() {
            Some(u64::MAX) => json!(u64::MAX - 1),
            Some(number) => json!(number + 1),
            None => json!(number.as_i64().expect("no fractions") + 1),
        },
        Json::String(text) => json!(format!("{text}x")),
        other => other.clone(),
    }
}

#[test]
fn every_part_counts_that_is_not_history() {
    let (mut seen, mut refused, mut tried) = (BTreeSet::new(), 0, BTreeMap::new());
    for system in states() {
        let text = system.snapshot().to_json();
        let now = system.world().now();
        let mut stored: Json = serde_json::from_str(&text).expect("JSON");
        let mut all = Vec::new();
        leaves(&stored["system"], &mut "/system".to_owned(), &mut all);
        for pointer in all.iter().filter(|pointer| !is_history(pointer)) {
            // Six of each kind are enough.
            let kind = pointer.replace(|c: char| c.is_ascii_digit(), "");
            let tries: &mut usize = tried.entry(kind).or_default();
            *tries += 1;
            if *tries > 6 {
                continue;
            }
            let place = stored.pointer_mut(pointer).expect("a place");
            let before = place.clone();
            if pointer.contains("deadline") && before.as_u64().is_some_and(|deadline| deadline < now) {
                // A moment that is over is over.
                continue;
            }
            *place = changed(&before);
            match Snapshot::<Line>::restore_unchecked(&stored.to_string()) {
                Ok(other) => {
                    assert_ne!(other.encoding(), system.encoding(), "{pointer}");
                    assert_ne!(other.fingerprint(), system.fingerprint(), "{pointer}");
                    other.world().check();
                    seen.extend(pointer.split('/').map(str::to_owned));
                }
                Err(_) => refused += 1,
            }
            *stored.pointer_mut(pointer).expect("a place") = before;
        }
    }
    for name in [
        "nonblocking",
        "local",
        "port",
        "role",
        "limit",
        "backlog",
        "handles",
        "references",
        "operations",
        "incoming",
        "Data",
        "received",
        "read",
        "finished",
        "send_shut",
        "receive_shut",
        "signaled",
        "manual_reset",
        "startups",
        "catalog_entry_id",
        "context",
        "serial",
        "creator",
        "claims_made",
        "claims_before",
        "Bytes",
        "Overlapped",
        "internal",
        "cells",
        "loaded",
        "ready",
        "stack",
        "call",
        "stage",
        "deadline",
        "Waits",
        "next",
        "tokens",
        "inboxes",
        "lanes",
        "instances",
        "starts",
        "table",
        "record",
        "worker",
        "order",
        "cell",
        "results",
        "calls",
        "name",
        "upper",
    ] {
        assert!(seen.contains(name), "no state of the test has `{name}`");
    }
    assert!(refused > 0);
}

#[test]
fn history_does_not_count() {
    for system in states() {
        let mut stored: Json = serde_json::from_str(&system.snapshot().to_json()).expect("JSON");
        let mut all = Vec::new();
        leaves(&stored["system"], &mut "/system".to_owned(), &mut all);
        let is_age = |pointer: &&String| is_history(pointer) && !pointer.ends_with("idx") && !pointer.ends_with("now");
        for pointer in all.iter().filter(is_age).filter(|pointer| !pointer.ends_with("version")) {
            let place = stored.pointer_mut(pointer).expect("a place");
            *place = changed(place);
        }
        let other = Snapshot::<Line>::restore_unchecked(&stored.to_string()).expect("the same with other ages");
        assert_eq!(other.encoding(), system.encoding());
    }
}

/// An arena in another order, with holes and other versions, is the same state.
#[test]
fn the_order_of_an_arena_does_not_count() {
    let mut moved = 0;
    for system in states() {
        let mut stored: Json = serde_json::from_str(&system.snapshot().to_json()).expect("JSON");
        for arena in ["endpoints", "connections", "events", "operations"] {
            moved += usize::from(reverse(&mut stored, arena));
        }
        let other = Snapshot::<Line>::from_json(&stored.to_string()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(other.encoding(), system.encoding());
    }
    assert!(moved > 30, "{moved}");
}

/// Puts the components of an arena into the opposite order behind a hole, and changes all keys accordingly. Keys do not
/// say what they are keys of: the places that hold those of this kind are known by name.
fn reverse(stored: &mut Json, arena: &str) -> bool {
    let pointer = format!("/system/world/{arena}/map");
    let slots = stored.pointer(&pointer).and_then(Json::as_array).expect("an arena").clone();
    let count = slots.len();
    let at = |idx: usize| count + 1 - idx;
    let mut turned = vec![json!({ "value": null, "version": 0 }); count + 1];
    for (idx, slot) in slots.iter().enumerate().skip(1) {
        let version = slot["version"].as_u64().expect("a version") + 2;
        turned[at(idx)] = json!({ "value": slot["value"], "version": version });
    }
    *stored.pointer_mut(&pointer).expect("an arena") = json!(turned);
    let mut keys = Vec::new();
    keys_of(&stored["system"]["world"], &mut "/system/world".to_owned(), arena, &mut keys);
    for key in &keys {
        let key = stored.pointer_mut(key).expect("a key");
        let idx = key["idx"].as_u64().expect("a place") as usize;
        if (1..count).contains(&idx) {
            *key = json!({ "idx": at(idx), "version": key["version"].as_u64().expect("a version") + 2 });
        }
    }
    !keys.is_empty()
}

fn keys_of(value: &Json, at: &mut String, arena: &str, all: &mut Vec<String>) {
    let length = at.len();
    let kind = match at.rsplit('/').find(|segment| segment.parse::<usize>().is_err()) {
        Some("connection" | "backlog") => "connections",
        Some("Event") => "events",
        Some("Announced") => "operations",
        _ => "endpoints",
    };
    match value {
        Json::Object(members) if members.contains_key("idx") && kind == arena => all.push(at.clone()),
        Json::Object(members) => {
            for (name, inner) in members {
                at.push('/');
                at.push_str(name);
                keys_of(inner, at, arena, all);
                at.truncate(length);
            }
        }
        Json::Array(items) => {
            for (place, inner) in items.iter().enumerate() {
                at.push('/');
                at.push_str(&place.to_string());
                keys_of(inner, at, arena, all);
                at.truncate(length);
            }
        }
        _ => {}
    }
}
