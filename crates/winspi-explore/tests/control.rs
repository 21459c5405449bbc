//! Threads, limits, and being stopped.

mod common;

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use common::{HANDOFF, RECYCLED_HANDLE, explored, on, script};
use winspi_core::Grain;
use winspi_explore::{Control, Exploration, Faults, Options, Progress, Stopped, explore, explore_from, start};

/// All that an exploration gives.
fn told(found: &Exploration) -> String {
    let states: Vec<_> = (0..found.unique as u32).map(|s| (found.fingerprint(s), found.parent(s))).collect();
    let Exploration { generated, unique, transitions, depth, ends, violations, breaches, hazards, changes, .. } = found;
    let coverage = &found.coverage;
    let reachable = &found.reachable;
    format!(
        "{generated} {unique} {transitions} {depth} {ends:?} {violations:?} {breaches:?} {hazards:?} {changes:?} \
         {coverage:?} {reachable:?} {states:?} {:?}",
        found.end_fingerprints()
    )
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let claims = format!("{RECYCLED_HANDLE}reachable handles(source) == 0\nalways handles(source) <= 0\n");
    let faults = Faults { lose: true, duplicate: true, budget: 1, ..Faults::default() };
    for (text, grain, options) in [
        (HANDOFF, Grain::Call, Options::with(faults)),
        (&claims, Grain::Boundary, Options::default()),
        (HANDOFF, Grain::Call, Options { max_states: 700, ..Options::default() }),
    ] {
        let of = |threads| {
            let options = Options { threads: NonZeroUsize::new(threads), ..options };
            told(&explore(&script(text), &on(0, grain), &options).expect("it can be explored"))
        };
        let one = of(1);
        for threads in [2, 3] {
            assert!(of(threads) == one, "{threads} threads give another result");
        }
    }
}

#[track_caller]
fn controlled(control: &Control<'_>) -> Exploration {
    let (script, arrangement) = (script(HANDOFF), on(0, Grain::Call));
    let system = start(&script, &arrangement).expect("it can be explored");
    explore_from(&script, system, &Options::default(), None, control)
}

#[test]
fn who_stops_it_gets_what_is_known() {
    let stop = AtomicBool::new(true);
    let found = controlled(&Control { stop: Some(&stop), ..Control::default() });
    assert_eq!((found.stopped, found.complete, found.unique), (Some(Stopped::Told), false, 1));
    // After some portions.
    let stop = AtomicBool::new(false);
    let seen = Cell::new(0);
    let tell = |progress: &Progress| {
        seen.set(progress.states);
        stop.store(progress.states > 100, std::sync::atomic::Ordering::Relaxed);
    };
    let found = controlled(&Control { stop: Some(&stop), progress: Some(&tell), ..Control::default() });
    assert_eq!(found.stopped, Some(Stopped::Told));
    assert!(found.unique > 100 && found.unique < 1_434 && found.unique == seen.get(), "{}", found.unique);
}

#[test]
fn memory_is_bounded() {
    let taken = Cell::new(0);
    let memory = || {
        taken.set(taken.get() + 10);
        taken.get()
    };
    let found = controlled(&Control { memory: Some((45, &memory)), ..Control::default() });
    assert_eq!((found.stopped, taken.get()), (Some(Stopped::Memory), 50));
    assert!(found.unique > 1 && !found.passed());
    let enough = controlled(&Control { memory: Some((u64::MAX, &memory)), ..Control::default() });
    assert!(enough.complete && enough.stopped.is_none());
}

#[test]
fn a_visited_state_takes_at_most_64_bytes() {
    let found = explored(&script(HANDOFF), &on(0, Grain::Call), &Options::default());
    let each = found.bytes / found.unique;
    assert!(each <= 64, "{each} bytes");
}
