//! Lifetimes: processes that open, duplicate and close as they like, on real handle tables.
//!
//! `P` processes with places for `H` handles each, and `O` objects at most. All its states can be written down by hand,
//! so all counts are compared with an enumeration.

mod common;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use common::lifetimes::scenario;
use common::{explored, on, script};
use winspi_core::Grain;
use winspi_explore::{Exchange, Options};

/// How many states there are by hand, up to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UpTo {
    /// Which object is which: no state of the machine shows that.
    Objects,
    /// And which place of a process holds what.
    Places,
    /// And which process is which.
    Processes,
}

/// Counts by writing all states down: for each renaming of the objects the places, and then the rows of the processes,
/// are put in order, and the smallest of these is the class.
fn counted(processes: usize, handles: usize, objects: usize, up_to: UpTo) -> usize {
    let places = processes * handles;
    let renamings = permutations(objects);
    let mut classes = BTreeSet::new();
    for number in 0..(objects + 1).pow(places as u32) {
        let mut rest = number;
        let mut state = Vec::new();
        for _ in 0..places {
            state.push(rest % (objects + 1));
            rest /= objects + 1;
        }
        let renamed = renamings.iter().map(|renaming| {
            let object = |place: &usize| place.checked_sub(1).map_or(0, |object| renaming[object] + 1);
            let mut rows: Vec<Vec<usize>> = state.chunks(handles).map(|row| row.iter().map(object).collect()).collect();
            if up_to != UpTo::Objects {
                rows.iter_mut().for_each(|row| row.sort_unstable());
            }
            if up_to == UpTo::Processes {
                rows.sort_unstable();
            }
            rows
        });
        classes.insert(renamed.min());
    }
    classes.len()
}

fn permutations(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(of - 1);
    let with = |rest: &Vec<usize>| {
        let rest = rest.clone();
        (0..of).map(move |place| [&rest[..place], &[of - 1], &rest[place..]].concat())
    };
    shorter.iter().flat_map(with).collect()
}

#[test]
fn the_count_by_hand_is_the_known_one() {
    // Counted apart, by brute force.
    assert_eq!(counted(2, 2, 1, UpTo::Objects), 16);
    assert_eq!(counted(3, 3, 2, UpTo::Objects), 9_842);
}

/// The states of a scenario, on so many threads.
#[track_caller]
fn states(
    (processes, handles, objects): (usize, usize, usize),
    symmetry: Option<Exchange>,
    threads: usize,
) -> (u64, u64) {
    let script = script(&scenario(processes, handles, objects));
    let options = Options { symmetry, threads: NonZeroUsize::new(threads), ..Options::without_faults() };
    let found = explored(&script, &on(0, Grain::Call), &options);
    assert!(found.passed(), "{:?}", found.violations);
    (found.unique, found.generated)
}

#[test]
fn all_states_are_met_and_no_more() {
    for size @ (p, h, o) in [(2, 2, 1), (2, 2, 2), (1, 3, 2), (3, 2, 1), (3, 2, 2)] {
        assert_eq!(states(size, None, 1).0, counted(p, h, o, UpTo::Objects) as u64, "{size:?}");
    }
}

#[test]
fn all_classes_are_met_and_no_more() {
    for size @ (p, h, o) in [(1, 3, 3), (2, 2, 1), (2, 2, 3), (3, 2, 2), (3, 3, 2)] {
        let places = counted(p, h, o, UpTo::Places) as u64;
        assert_eq!(states(size, Some(Exchange::Handles), 1).0, places, "handles of {size:?}");
        if p > 1 {
            let processes = counted(p, h, o, UpTo::Processes) as u64;
            assert_eq!(states(size, Some(Exchange::Both), 1).0, processes, "handles and processes of {size:?}");
        }
    }
}

#[test]
fn classes_are_the_same_for_any_number_of_threads() {
    for symmetry in [Exchange::Handles, Exchange::Both] {
        let one = states((3, 2, 2), Some(symmetry), 1);
        for threads in [2, 3] {
            assert_eq!(states((3, 2, 2), Some(symmetry), threads), one, "{symmetry:?} on {threads} threads");
        }
    }
}

#[test]
fn four_processes_with_three_places_and_two_objects() {
    assert_eq!(states((4, 3, 2), Some(Exchange::Both), 1).0, 371);
}
