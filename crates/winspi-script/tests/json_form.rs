//! The JSON form of a file, and its schema.

#![allow(clippy::disallowed_methods, reason = "the crate reads no files, these tests do")]

mod trees;

use proptest::prelude::*;
use serde_json::{Value, json};
use winspi_script::json::{JsonError, format, from_json, to_json, to_short_json};
use winspi_script::syntax::{self, tree::File};

/// Every scenario that is committed.
fn committed() -> Vec<(String, File)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut all = Vec::new();
    for folder in ["scenarios", "spec-tests", "docs"] {
        collect(&std::path::Path::new(root).join(folder), &mut all);
    }
    all
}

fn collect(folder: &std::path::Path, all: &mut Vec<(String, File)>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            collect(&path, all);
        } else if path.extension().is_some_and(|e| e == "winspi") {
            let text = std::fs::read_to_string(&path).expect("it can be read");
            all.push((path.display().to_string(), syntax::parse(&text).expect("it is in order")));
        }
    }
}

fn schema() -> Value {
    let text = include_str!("../../../docs/scenario.schema.json");
    serde_json::from_str(text).expect("the schema is JSON")
}

/// What is wrong with a value by a schema: as much of JSON Schema as ours uses.
fn check(schema: &Value, root: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (key, rule) in schema.as_object().ok_or("a schema is an object")? {
        match key.as_str() {
            "$ref" => {
                let name = rule.as_str().and_then(|r| r.strip_prefix("#/$defs/")).ok_or("a reference")?;
                let of = root["$defs"].get(name).ok_or(format!("no `{name}` in the schema"))?;
                check(of, root, value, at)?;
            }
            "type" => {
                let fits = match rule.as_str() {
                    Some("object") => value.is_object(),
                    Some("array") => value.is_array(),
                    Some("string") => value.is_string(),
                    Some("boolean") => value.is_boolean(),
                    Some("integer") => value.is_i64() || value.is_u64(),
                    Some("null") => value.is_null(),
                    other => return Err(format!("the schema has type {other:?}")),
                };
                if !fits {
                    return Err(format!("{at}: no {rule}"));
                }
            }
            "const" if value != rule => return Err(format!("{at}: not {rule}")),
            "enum" if !rule.as_array().is_some_and(|all| all.contains(value)) => {
                return Err(format!("{at}: none of {rule}"));
            }
            "anyOf" => {
                let mut tried = rule.as_array().into_iter().flatten().map(|one| check(one, root, value, at));
                if !tried.any(|result| result.is_ok()) {
                    return Err(format!("{at}: none of the forms fits {value}"));
                }
            }
            "properties" => {
                for (name, property) in value.as_object().into_iter().flatten() {
                    match rule.get(name) {
                        Some(of) => check(of, root, property, &format!("{at}/{name}"))?,
                        None => return Err(format!("{at}: nothing is called {name}")),
                    }
                }
            }
            "required" => {
                for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.get(name).is_none() {
                        return Err(format!("{at}: `{name}` is missing"));
                    }
                }
            }
            "items" if rule.is_object() => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(rule, root, item, &format!("{at}/{place}"))?;
                }
            }
            "prefixItems" => {
                let (rules, items) = (rule.as_array().ok_or("a list")?, value.as_array().ok_or("a list")?);
                if rules.len() != items.len() {
                    return Err(format!("{at}: {} items, not {}", items.len(), rules.len()));
                }
                for (rule, item) in rules.iter().zip(items) {
                    check(rule, root, item, at)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn validates(file: &File) -> Result<(), String> {
    let json = to_json(file).map_err(|e| e.to_string())?;
    let value: Value = serde_json::from_str(&json).map_err(|e| e.to_string())?;
    let schema = schema();
    check(&schema, &schema, &value, "")
}

#[test]
fn committed_scenarios_fit_the_schema_and_come_back() {
    let all = committed();
    assert!(all.len() >= 90);
    for (name, file) in all {
        assert_eq!(validates(&file), Ok(()), "{name}");
        let json = to_json(&file).expect("it can be written");
        assert_eq!(from_json(&json).expect("and read again"), file, "{name}");
        // The text comes back from the short form, too, comments included.
        let short = to_short_json(&file).expect("it can be written");
        let again = from_json(&short).expect("and read again");
        assert_eq!(syntax::print(&again), syntax::print(&file), "{name}");
    }
}

#[test]
fn the_schema_refuses() {
    let schema = schema();
    let bad = |value: Value| check(&schema, &schema, &value, "").expect_err("it does not fit");
    let file = json!({"title": null, "about": [], "items": [], "cases": [], "schedule": null, "tail": []});
    let with = |version: u64, file: Value| json!({"format": "winspi-scenario", "version": version, "file": file});
    assert_eq!(check(&schema, &schema, &with(1, file.clone()), ""), Ok(()));
    assert_eq!(bad(with(2, file)), "/version: not 1");
    assert_eq!(bad(with(1, json!({"title": null}))), "/file: `about` is missing");
    assert_eq!(bad(with(1, json!({"titel": null}))), "/file: nothing is called titel");
}

#[test]
fn other_json_is_refused() {
    let error = |json: &str| from_json(json).expect_err("it is refused").to_string();
    let empty = r#"{"title":null,"about":[],"items":[],"cases":[],"schedule":null,"tail":[]}"#;
    let of = |format: &str, version: &str, file: &str| {
        format!("{{\"format\":{format},\"version\":{version},\"file\":{file}}}")
    };
    assert_eq!(from_json(&of("\"winspi-scenario\"", "1", empty)).expect("it is one"), File::default());
    for (json, expected) in [
        (of("\"winspi-scenario\"", "2", "{}"), "version 2 of the format is not known; this is version 1"),
        (of("\"winspi-scenario\"", "\"1\"", "{}"), "version \"1\" of the format is not known; this is version 1"),
        (of("\"trace\"", "1", "{}"), "the format is \"trace\", not \"winspi-scenario\""),
        (of("\"winspi-scenario\"", "1", "{}"), "no scenario in JSON: missing field `about`"),
        ("[".to_owned(), "no scenario in JSON: EOF while parsing a list at line 1 column 1"),
    ] {
        assert!(error(&json).starts_with(expected.split(" at line").next().unwrap_or(expected)), "{}", error(&json));
    }
    let blank = empty.replace("\"items\":[]", r#""items":[{"Process":{"name":{"text":"a b"},"options":[]}}]"#);
    let refused = from_json(&of("\"winspi-scenario\"", "1", &blank)).expect_err("a name has no blank in it");
    assert!(matches!(refused, JsonError::Tree(_)), "{refused}");
}

#[test]
fn the_canonical_text() {
    assert_eq!(
        format("process  p\n\n\n\np:GetCurrentProcessId( )").as_deref(),
        Ok("process p\n\np: GetCurrentProcessId()\n")
    );
    assert_eq!(format("proces p").expect_err("it is no text of ours").len(), 1);
}

proptest! {
    #[test]
    fn every_tree_fits_the_schema(file in trees::file()) {
        prop_assert_eq!(validates(&file), Ok(()));
    }

    #[test]
    fn every_tree_comes_back(file in trees::file()) {
        let json = to_json(&file).expect("it can be written");
        prop_assert_eq!(&from_json(&json).expect("and read again"), &file);
        let short = to_short_json(&file).expect("it can be written");
        prop_assert!(!short.contains("\"span\"") && short.len() <= json.len());
        prop_assert_eq!(from_json(&short).expect("and read again"), file);
    }

    #[test]
    fn no_json_is_too_strange(text in "\\PC{0,60}|[\\[\\]{}\",:0-9a-z]{0,60}") {
        let _ = from_json(&text);
    }
}
