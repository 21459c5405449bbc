//! The scenarios from practice pass on every arrangement, and say where they come from.

mod common;

use winspi_script::{Arrangement, run};

const FOLDER: &str = "scenarios/practice";

/// Where a scenario does not pass, and why.
const EXCEPTIONS: [(&str, &str, &str); 1] =
    [("inherited-listener", "base non-IFS", "what is inherited there is no handle of the socket")];

#[test]
fn every_scenario_passes_on_ten_arrangements() {
    let names = common::scenarios(FOLDER);
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        let script = common::scenario(&format!("{FOLDER}/{name}.winspi"));
        for arrangement in Arrangement::five() {
            for modify_handles in [false, true] {
                println!("{name} on {}, changed handles: {modify_handles}", arrangement.name());
                let on = Arrangement { modify_handles, ..arrangement.clone() };
                match EXCEPTIONS.iter().find(|(file, on, _)| *file == name && *on == arrangement.name()) {
                    None => {
                        common::passes(&script, &on);
                    }
                    Some((_, _, why)) => {
                        let run = run::run(&script, &on).expect("the arrangement is possible");
                        assert!(!run.passed, "it passes, against the exception: {why}");
                    }
                }
            }
        }
    }
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
