//! The explorer beside stateright: how long a generated state takes.
//!
//! For the explorer that is to copy a system, take a transition, check all invariants and look its fingerprint up; for the
//! peer the same on the smallest model of the same subject.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use winspi_core::Grain;
use winspi_explore::{Options, explore};
use winspi_script::{Arrangement, Script};

use crate::{handoff, lifetimes};

pub(crate) fn bench(criterion: &mut Criterion) {
    let script = handoff::script();
    let arrangement = Arrangement { grain: Grain::Boundary, ..Arrangement::default() };
    let run = |threads: usize| generated(&script, &arrangement, threads);
    let expected = run(1);

    let mut group = criterion.benchmark_group("explore: a generated state");
    group.bench_function("handoff with one kill, one thread", |b| b.iter_custom(|states| per_unit(states, || run(1))));
    group.bench_function("handoff with one kill, two threads", |b| b.iter_custom(|states| per_unit(states, || run(2))));
    group.bench_function("handoff with one kill, two explorations at once", |b| {
        b.iter_custom(|states| {
            per_unit(states, || {
                let both = std::thread::scope(|scope| {
                    let other = scope.spawn(|| run(1));
                    run(1) + other.join().expect("an exploration that ends")
                });
                assert_eq!(both, 2 * expected);
                both
            })
        });
    });
    group.bench_function("peer", |b| {
        b.iter_custom(|states| {
            per_unit(states, || {
                let counts = lifetimes::explore();
                assert_eq!(counts, lifetimes::COUNTS);
                counts.0 as u64
            })
        });
    });
    group.finish();
}

/// Explores all, and gives how many states were generated.
fn generated(script: &Arc<Script>, arrangement: &Arrangement, threads: usize) -> u64 {
    let options = Options { threads: NonZeroUsize::new(threads), ..Options::kills(1) };
    let found = explore(script, arrangement, &options).expect("the scenario can be explored");
    assert!(found.passed(), "{:?}", found.violations);
    found.generated
}

/// How long so many units take, such as generated states: it runs until there are as many, and what is too much is taken
/// off.
pub(crate) fn per_unit(wanted: u64, mut run: impl FnMut() -> u64) -> Duration {
    let begin = Instant::now();
    let mut made = 0;
    while made < wanted {
        made += run();
    }
    begin.elapsed().mul_f64(wanted as f64 / made.max(1) as f64)
}
