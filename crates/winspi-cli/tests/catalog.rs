//! `winspi catalog`: what it shows for a machine, and for the layers of a scenario.

mod common;

use common::{file, json, winspi};

/// The types and ids of the entries.
fn entries(words: &[&str]) -> Vec<String> {
    let done = winspi(&[&["catalog"], words].concat());
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{words:?}");
    let value = |line: &str, name: &str| line.strip_prefix(name).map(|rest| rest.trim().to_owned());
    let types = done.out.lines().filter_map(|line| value(line, "Entry Type:"));
    let ids = done.out.lines().filter_map(|line| value(line, "Catalog Entry ID:"));
    types.zip(ids).map(|(kind, id)| format!("{id} {kind}")).collect()
}

#[test]
fn the_catalog_of_a_machine() {
    let base: Vec<String> = (1001..=1005).chain(901..=905).map(|id| format!("{id} Base Service Provider")).collect();
    assert_eq!(entries(&[]), base);
    assert_eq!(entries(&["--provider", "non-ifs"]), base);
    let layered = entries(&["--layers", "non-ifs"]);
    assert_eq!((layered.len(), layered[0].as_str()), (21, "1011 Layered Chain Entry"));
    assert_eq!(layered.last().map(String::as_str), Some("1006 Layered Service Provider"));
}

#[test]
fn the_layers_of_a_scenario_are_among_them() {
    file("layered.winspi", b"process p\nlayer filter (ifs) over tcp\np: GetCurrentProcessId()\n");
    let catalog = json(&["catalog", "layered.winspi", "--json"]);
    assert_eq!(catalog["entries"][0]["provider"], "filter");
    assert_eq!(catalog["entries"][0]["protocol_chain"], serde_json::json!([1006, 1001]));
    let refused = winspi(&["catalog", "layered.winspi", "--provider", "non-ifs"]);
    assert_eq!((refused.status, refused.out.as_str()), (Some(2), ""));
    assert!(refused.err.starts_with("layered.winspi:2:1: an IFS layer cannot stand over `tcp`"), "{}", refused.err);
    let refused = winspi(&["catalog", "--provider", "non-ifs", "--layers", "ifs"]);
    assert!(refused.status == Some(2) && refused.err.starts_with("error: the option '--layers <LIST>' cannot be met"));
}
