//! The chapter on findings: its figures are those of explorations, and what it says of them holds.

mod common;

use std::path::Path;

use common::{explored, on, script};
use winspi_core::Grain;
use winspi_core::event::HazardKind;
use winspi_explore::Options;

const CHAPTER: &str = include_str!("../../../docs/findings.md");
const FOLDER: &str = "../../scenarios/explored";

/// A number as the chapter has it: with commas.
fn number(text: &str) -> Option<u64> {
    text.trim().replace(',', "").parse().ok()
}

/// The rows of the chapter's table that begin with a link to a scenario here: its name, states and ends on two bases.
fn rows() -> Vec<(&'static str, Vec<Option<u64>>)> {
    let rows = CHAPTER.lines().filter(|line| line.starts_with("| [") && line.contains("scenarios/explored/"));
    let row = |line: &'static str| {
        let name = line.trim_start_matches("| [").split(']').next().unwrap_or_default();
        (name, line.split('|').skip(2).map(number).take(4).collect())
    };
    rows.map(row).collect()
}

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(format!("{name}.winspi"));
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_figures_of_the_chapter_are_those_of_explorations() {
    let rows = rows();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    assert_eq!(rows.len(), std::fs::read_dir(folder).expect("the folder is there").count());
    for (name, figures) in rows {
        let script = script(&text(name));
        for (place, figures) in figures.chunks(2).enumerate() {
            if winspi_script::run::lacking(&script, &on(place, Grain::Boundary)).is_some() {
                assert_eq!(figures, [None, None], "{name} on {place}");
                continue;
            }
            let found = explored(&script, &on(place, Grain::Boundary), &Options::kills(1));
            assert!(found.passed(), "{name}: {:?}", found.violations);
            assert_eq!(figures, [Some(found.unique), Some(found.end_states)], "{name} on {place}");
            // What the chapter says of a second listen: no order, and no kill of another, makes it fail.
            let listens: Vec<&str> = found.changes.iter().map(|c| c.message.as_str()).collect();
            assert!(listens.iter().all(|message| !message.starts_with("listen(")), "{listens:?}");
            let kinds = [HazardKind::ClaimTargetDied, HazardKind::UnclaimedDuplicationKeepsSocket];
            assert!(found.hazards.iter().all(|hazard| kinds.contains(&hazard.what.kind)), "{:?}", found.hazards);
        }
    }
}
