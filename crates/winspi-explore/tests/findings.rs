//! The chapter on findings: its figures are those of explorations, and what it says of them holds.

mod common;

use common::{explored, on, script};
use winspi_core::Grain;
use winspi_core::event::HazardKind;
use winspi_explore::Options;

const CHAPTER: &str = include_str!("../../../docs/findings.md");

/// The scenarios that the chapter's figures are about, in its order.
const EXPLORED: [(&str, &str); 4] = [
    ("second-listen", include_str!("../../../scenarios/explored/second-listen.winspi")),
    ("dead-target", include_str!("../../../scenarios/explored/dead-target.winspi")),
    ("close-before-import", include_str!("../../../scenarios/explored/close-before-import.winspi")),
    ("inherited-listener", include_str!("../../../scenarios/explored/inherited-listener.winspi")),
];

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

#[test]
fn the_figures_of_the_chapter_are_those_of_explorations() {
    let rows = rows();
    assert_eq!(rows.iter().map(|(name, _)| *name).collect::<Vec<_>>(), EXPLORED.map(|(name, _)| name));
    for ((name, figures), (_, text)) in rows.into_iter().zip(EXPLORED) {
        let script = script(text);
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
