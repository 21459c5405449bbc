//! The scenarios from practice pass on every arrangement or say what they need, and say where they come from.

mod common;

const FOLDER: &str = "scenarios/practice";

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(common::root().join(FOLDER)).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("a readable folder").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".winspi")).collect();
    names.sort();
    names
}

#[test]
fn every_scenario_passes_on_ten_arrangements_or_says_what_it_needs() {
    let names = names();
    assert!(names.len() >= 10, "{names:?}");
    let mut lacking = Vec::new();
    for name in names {
        let script = common::scenario(&format!("{FOLDER}/{name}"));
        for (on, arrangement) in common::ten_arrangements() {
            match common::applies(&script, &arrangement) {
                Ok(None) => {}
                Ok(Some(lacks)) => lacking.push(format!("{name} on {on}: {lacks}")),
                Err(what) => panic!("{name} on {on}:\n    {what}"),
            }
        }
    }
    assert_eq!(
        lacking,
        [
            "inherited-listener.winspi on base non-IFS: needs base ifs",
            "inherited-listener.winspi on base non-IFS, changed handles: needs base ifs",
        ]
    );
}

#[test]
fn every_scenario_names_its_origin_what_is_expected_and_how_sure_that_is() {
    for name in names() {
        let script = common::scenario(&format!("{FOLDER}/{name}"));
        for what in ["Origin", "Expected: ", "How sure: "] {
            assert!(script.about.iter().any(|text| text.starts_with(what)), "{name} has no `{what}`");
        }
    }
}
