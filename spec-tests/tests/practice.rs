//! The scenarios from practice pass on every arrangement or say what they need, and say where they come from.

mod common;

const FOLDER: &str = "scenarios/practice";

#[test]
fn every_scenario_passes_on_ten_arrangements_or_says_what_it_needs() {
    let names = common::scenarios(FOLDER);
    assert!(names.len() >= 10, "{names:?}");
    let mut lacking = Vec::new();
    for name in names {
        let script = common::scenario(&format!("{FOLDER}/{name}.winspi"));
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
            "inherited-listener on base non-IFS: needs base ifs",
            "inherited-listener on base non-IFS, changed handles: needs base ifs",
        ]
    );
}

#[test]
fn every_scenario_names_its_origin_what_is_expected_and_how_sure_that_is() {
    for name in common::scenarios(FOLDER) {
        let script = common::scenario(&format!("{FOLDER}/{name}.winspi"));
        for what in ["Origin", "Expected: ", "How sure: "] {
            assert!(script.about.iter().any(|text| text.starts_with(what)), "{name} has no `{what}`");
        }
    }
}
