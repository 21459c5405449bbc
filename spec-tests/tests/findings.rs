//! The findings: each file passes wherever it applies, and the chapter names each of them and no other.

mod common;

use std::collections::BTreeSet;
use std::fs;

const FOLDER: &str = "scenarios/findings";
const CHAPTER: &str = "docs/findings.md";

#[test]
fn every_finding_is_as_it_says_on_ten_arrangements() {
    let names = common::scenarios(FOLDER);
    assert!(names.len() >= 20, "{names:?}");
    let mut lacking = Vec::new();
    for name in names {
        let script = common::scenario(&format!("{FOLDER}/{name}.winspi"));
        assert!(!script.about.is_empty(), "{name} does not say what is surprising");
        for (on, arrangement) in common::ten_arrangements() {
            match common::applies(&script, &arrangement) {
                Ok(None) => {}
                Ok(Some(lacks)) => lacking.push(format!("{name} on {on}: {lacks}")),
                Err(what) => panic!("{name} on {on}:\n    {what}"),
            }
        }
    }
    let expected = [
        "inherited-listener-serves-nobody on base non-IFS: needs base ifs",
        "inherited-listener-serves-nobody on base non-IFS, changed handles: needs base ifs",
    ];
    assert_eq!(lacking, expected);
}

#[test]
fn the_chapter_names_every_finding_and_no_other() {
    let chapter = fs::read_to_string(common::root().join(CHAPTER)).expect("the chapter is there");
    let named = chapter.split("scenarios/findings/").skip(1).filter_map(|rest| rest.split(".winspi").next());
    let named: BTreeSet<String> = named.map(str::to_owned).collect();
    let there: BTreeSet<String> = common::scenarios(FOLDER).into_iter().collect();
    assert_eq!(named, there);
}

#[test]
fn what_is_explored_passes_in_text_order_and_is_in_the_chapter() {
    let chapter = fs::read_to_string(common::root().join(CHAPTER)).expect("the chapter is there");
    for name in common::scenarios("scenarios/explored") {
        let path = format!("scenarios/explored/{name}.winspi");
        assert!(chapter.contains(&format!("(../{path})")), "the chapter does not name {path}");
        assert_eq!(common::applies(&common::scenario(&path), &winspi_script::Arrangement::five()[0]), Ok(None));
    }
}

#[test]
fn a_hazard_that_the_chapter_speaks_of_is_one() {
    let chapter = fs::read_to_string(common::root().join(CHAPTER)).expect("the chapter is there");
    for kind in winspi_core::event::HazardKind::ALL {
        let name = kind.name();
        let expected = common::scenarios(FOLDER).iter().any(|file| {
            let text = fs::read_to_string(common::root().join(format!("{FOLDER}/{file}.winspi"))).expect("it is there");
            text.contains(&format!("expect hazard {name}\n"))
        });
        assert!(!expected || chapter.contains(&format!("`{name}`")), "the chapter does not name {name}");
    }
}
