//! The ten-step handoff in every order, on the five arrangements, without faults and with one kill at every boundary.

mod common;

use common::{HANDOFF, explored, on, script};
use winspi_core::Grain;
use winspi_core::event::HazardKind;
use winspi_explore::{EndKind, Exploration, Options, ThreadState};

/// States at `call`, and at `boundary`, each without faults and with one kill of any process.
///
/// These numbers are what the core makes of the scenario. A change of the core that adds a boundary, takes one away, or
/// keeps more or less in the state changes them: then say in the commit why, and put the new ones here.
const UNIQUE: [[u64; 4]; 5] = [
    [361, 1434, 1658, 4617],
    [361, 1434, 2916, 7093],
    [361, 1434, 2658, 6679],
    [361, 1434, 6338, 13248],
    [361, 1434, 7776, 15558],
];

/// End states without faults and with one kill, on every arrangement and at every grain.
const ENDS: [u64; 2] = [1, 22];

#[track_caller]
fn handoff(place: usize, grain: Grain, options: &Options) -> Exploration {
    let found = explored(&script(HANDOFF), &on(place, grain), options);
    assert!(found.passed(), "{:#?} {:#?}", found.violations, found.breaches);
    // Who is killed in between may leave a duplicate that nobody asks for; nothing else is dangerous.
    let mut hazards: Vec<HazardKind> = found.hazards.iter().map(|found| found.what.kind).collect();
    hazards.sort_unstable();
    hazards.dedup();
    let expected = match options.faults.kill {
        true => vec![HazardKind::ClaimTargetDied, HazardKind::UnclaimedDuplicationKeepsSocket],
        false => Vec::new(),
    };
    assert_eq!(hazards, expected);
    found
}

/// Every order of the handoff on an arrangement: all is well, and a kill leads to the same ends at both grains.
#[track_caller]
fn every_order_is_well(place: usize) {
    let mut unique = Vec::new();
    let mut ends_with_a_kill = Vec::new();
    for grain in [Grain::Call, Grain::Boundary] {
        let found = handoff(place, grain, &Options::without_faults());
        unique.push(found.unique);
        assert_eq!(found.end_states, ENDS[0]);
        assert_eq!(found.ends[0].kind, EndKind::Done);
        assert_eq!(found.changes, []);

        let found = handoff(place, grain, &Options::default());
        unique.push(found.unique);
        assert_eq!(found.end_states, ENDS[1]);
        assert!(found.ends.iter().all(|end| end.expected && end.leaks.is_empty()));
        ends_with_a_kill.push(found.end_fingerprints());
    }
    assert_eq!(unique, UNIQUE[place]);
    assert_eq!(ends_with_a_kill[0], ends_with_a_kill[1]);
}

#[test]
fn every_order_is_well_on_the_ifs_base() {
    every_order_is_well(0);
}

#[test]
fn every_order_is_well_on_the_non_ifs_base() {
    every_order_is_well(1);
}

#[test]
fn every_order_is_well_through_an_ifs_layer() {
    every_order_is_well(2);
}

#[test]
fn every_order_is_well_through_a_non_ifs_layer() {
    every_order_is_well(3);
}

#[test]
fn every_order_is_well_through_a_non_ifs_layer_over_an_ifs_layer() {
    every_order_is_well(4);
}

/// The grain `request` stops after every step of every party: were a boundary missing, it would have more ends.
#[track_caller]
fn boundary_loses_nothing(place: usize, unique: u64, options: &Options) {
    let (boundary, request) = (handoff(place, Grain::Boundary, options), handoff(place, Grain::Request, options));
    assert_eq!(boundary.end_fingerprints(), request.end_fingerprints());
    let classes = |found: &Exploration| found.ends.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(classes(&boundary), classes(&request));
    assert_eq!(request.unique, unique, "see UNIQUE");
}

#[test]
fn boundary_loses_no_end_on_the_ifs_base() {
    boundary_loses_nothing(0, 8808, &Options::without_faults());
}

#[test]
fn boundary_loses_no_end_that_a_kill_leads_to() {
    boundary_loses_nothing(0, 17963, &Options::default());
}

#[test]
fn boundary_loses_no_end_through_an_ifs_layer() {
    boundary_loses_nothing(2, 13073, &Options::without_faults());
}

#[test]
fn kills_strike_at_every_line_of_source_and_target() {
    let lines_of = |who: &str| -> Vec<u32> {
        let numbered = HANDOFF.lines().zip(1u32..).filter(|(line, _)| line.starts_with(&format!("{who}: ")));
        numbered.map(|(_, n)| n).collect()
    };
    let found = handoff(0, Grain::Boundary, &Options::default());
    for who in ["source", "target"] {
        assert_eq!(found.coverage.lines_within(who), lines_of(who), "within every line of {who}");
    }
    let at_the_end = found.coverage.points.iter().filter(|p| p.own && p.line.is_none());
    assert_eq!(at_the_end.count(), 3, "each process was killed after its last line, too");
}

#[test]
fn what_a_kill_changes_is_told_by_line() {
    let found = handoff(0, Grain::Boundary, &Options::default());
    let of = |killed: &str, what: &str| {
        found.changes.iter().filter(|c| c.killed == [killed] && c.message.contains(what)).map(|c| c.times).sum::<u64>()
    };
    assert!(of("target", "WSPDuplicateSocket(s, pid): expected success, found WSAEINVAL") > 0);
    assert!(of("server", "WSPConnect(s, 127.0.0.1:5000): expected success, found WSAECONNREFUSED") > 0);
    assert!(of("source", "BusSend(source, \"mine\"): expected success") > 0);
    // The duplicate that nobody will ask for keeps the connection open: the finding of this scenario.
    let claims = found.ends.iter().filter(|end| end.open.iter().any(|socket| socket.state == "claim"));
    let claims: Vec<String> = claims.map(ToString::to_string).collect();
    assert_eq!(claims.len(), 1, "{claims:#?}");
    assert!(claims[0].contains("source killed, blocked"), "{claims:#?}");
    assert!(claims[0].contains("server waits in line 34"), "{claims:#?}");
}

#[test]
fn the_way_to_every_state_leads_there() {
    let found = handoff(1, Grain::Boundary, &Options::without_faults());
    for state in (0..found.unique as u32).step_by(53) {
        let path = found.path_to(state);
        assert_eq!(path.len() as u32, found.depth_of(state).expect("the state was met"));
        let system = found.replay(&path).expect("the way can be taken");
        assert_eq!(Some(system.fingerprint()), found.fingerprint(state));
    }
    assert_eq!(found.fingerprint(found.unique as u32), None);
    assert!(found.path_to(u32::MAX).is_empty());
}

#[test]
fn an_exploration_is_the_same_each_time() {
    let told = |found: &Exploration| {
        (
            found.generated,
            found.unique,
            found.depth,
            found.ends.clone(),
            found.changes.clone(),
            found.coverage.clone(),
            (0..found.unique as u32).map(|state| found.fingerprint(state)).collect::<Vec<_>>(),
        )
    };
    let options = Options::default();
    assert!(told(&handoff(3, Grain::Call, &options)) == told(&handoff(3, Grain::Call, &options)));
}

/// The chapter on findings has the figures of this file, a row for each of the four arrangements that it is about.
#[test]
fn the_chapter_has_these_figures() {
    let chapter = include_str!("../../../docs/findings.md");
    let rows: Vec<Vec<u64>> = chapter
        .lines()
        .skip_while(|line| !line.starts_with("| arrangement"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').filter_map(|cell| cell.trim().replace(',', "").parse().ok()).collect())
        .collect();
    let expected: Vec<Vec<u64>> = UNIQUE.iter().take(4).map(|unique| vec![unique[3], ENDS[1]]).collect();
    assert_eq!(rows, expected);
}

/// Who waits at the end after a kill, as the chapter's table has it: how many ends for each who was killed.
#[test]
fn the_chapter_tells_of_each_end() {
    let chapter = include_str!("../../../docs/findings.md");
    let found = handoff(0, Grain::Boundary, &Options::default());
    let mut ends: Vec<(String, u64, usize)> = Vec::new();
    for end in &found.ends {
        let killed = end.killed.first().map_or("nobody", String::as_str).to_owned();
        let waits = end.threads.iter().filter(|thread| matches!(thread.state, ThreadState::Waits { .. })).count();
        ends.push((killed, end.count, waits));
    }
    let mut told: Vec<(String, u64, usize)> = Vec::new();
    let rows = chapter.lines().skip_while(|line| !line.starts_with("| killed")).skip(2);
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let who = ["the server for", "the source for", "the target for"];
        let waits = who.iter().filter(|who| cells[3].contains(*who)).count();
        told.push((cells[1].to_owned(), cells[2].parse().expect("a number"), waits));
    }
    let sum = |all: &[(String, u64, usize)]| {
        let mut sums = std::collections::BTreeMap::new();
        for (killed, count, waits) in all {
            *sums.entry((killed.clone(), *waits)).or_insert(0) += count;
        }
        sums
    };
    assert_eq!(sum(&told), sum(&ends));
}
