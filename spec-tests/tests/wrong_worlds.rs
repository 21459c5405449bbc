//! The suite notices what is wrong: in each world of `wrong-worlds.toml` the cases named there fail, and for each
//! function and each kind of its clauses there is such a world.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use spec_tests::catalogue::Kind;
use spec_tests::report::COVERED;
use spec_tests::suite::Suite;
use spec_tests::trial::State;
use spec_tests::{Files, Select, run_all};
use winspi_core::wrong::Wrong;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Worlds {
    wrong: Vec<World>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    how: String,
    red: Vec<String>,
}

fn worlds() -> Vec<World> {
    let files = Files::built_in();
    let text = files.text("wrong-worlds.toml").expect("the list is there");
    toml::from_str::<Worlds>(text).unwrap_or_else(|error| panic!("wrong-worlds.toml: {error}")).wrong
}

/// The clauses of which a case fails in a world, of the files that a filter takes.
fn red(suite: &Suite, wrong: &Wrong, filter: &[String]) -> BTreeSet<String> {
    let arrangements = vec!["ifs".to_owned(), "non-ifs".to_owned()];
    let select = Select { filter: filter.to_vec(), arrangements, ..Select::default() };
    let mut trials = suite.trials(&select);
    for trial in &mut trials {
        trial.arrangement.policy.limits.wrong = Some(wrong.clone());
    }
    let ran = run_all(&trials, &|_| {});
    let failed = trials.iter().zip(&ran).filter(|(_, ran)| matches!(ran.state, State::Failed | State::Panicked));
    failed.filter(|(_, ran)| !ran.known).map(|(trial, _)| trial.case.clause().to_owned()).collect()
}

#[test]
fn each_wrong_world_turns_its_cases_red() {
    let suite = Suite::built_in().unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
    let mut unnoticed = Vec::new();
    for world in worlds() {
        let wrong: Wrong = world.how.parse().unwrap_or_else(|error: String| panic!("{error}"));
        assert_eq!(wrong.to_string(), world.how);
        let red = red(&suite, &wrong, &world.red);
        assert!(!world.red.is_empty(), "{}: no case", world.how);
        unnoticed
            .extend(world.red.iter().filter(|id| !red.contains(*id)).map(|id| format!("{id} where {}", world.how)));
    }
    assert!(unnoticed.is_empty(), "not noticed:\n{}", unnoticed.join("\n"));
}

#[test]
fn every_kind_of_clause_of_every_function_has_a_wrong_world() {
    let suite = Suite::built_in().unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
    let mut due: BTreeMap<(String, Kind), String> = BTreeMap::new();
    for case in &suite.cases {
        let Some(clause) = suite.catalogue.find(case.clause()) else { continue };
        // What is known to fail notices nothing.
        if suite.known_failures.iter().any(|failure| failure.case == clause.id) {
            continue;
        }
        let covered = suite.catalogue.owner(&clause.id).is_some_and(|part| COVERED.contains(&part));
        if covered {
            due.entry((clause.function().to_owned(), clause.kind)).or_insert_with(|| clause.id.clone());
        }
    }
    for id in worlds().into_iter().flat_map(|world| world.red) {
        let clause = suite.catalogue.find(&id).unwrap_or_else(|| panic!("no clause is called {id}"));
        due.remove(&(clause.function().to_owned(), clause.kind));
    }
    let missing: Vec<String> = due.iter().map(|((f, kind), id)| format!("{f} {kind:?}, {id} for one")).collect();
    assert!(missing.is_empty(), "no wrong world for:\n{}", missing.join("\n"));
}

#[test]
fn a_world_that_is_right_turns_nothing_red() {
    let suite = Suite::built_in().unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
    let unused: Wrong = "WSPGetQOSByName never waits".parse().expect("it is a way");
    assert_eq!(red(&suite, &unused, &["WSPBind".to_owned()]), BTreeSet::new());
    for (text, says) in [
        ("WSPBind is slow", "no way to be wrong: WSPBind is slow"),
        ("WSPBnd never fails", "no function is called WSPBnd"),
        ("WSPBind forgets flags", "WSPBind has no parameter flags"),
    ] {
        assert_eq!(text.parse::<Wrong>(), Err(says.to_owned()));
    }
}
