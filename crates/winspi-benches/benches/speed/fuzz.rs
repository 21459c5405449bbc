//! Fuzzing beside proptest-state-machine: how long a call takes, with all that is around it.
//!
//! For winspi that is to write a scenario, make it a script, take it, check after every transition, and take it again;
//! the peer draws transitions of a machine that is empty, and takes them on a system that is empty.

use criterion::Criterion;
use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use winspi_explore::fuzz::{Checks, Options, Part, fuzz};

use crate::explore::per_unit;

/// How many cases a campaign has.
const CASES: u64 = 100;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fuzz: a call");
    for (name, checks) in [("all checks", Checks::All), ("invariants alone", Checks::Invariants)] {
        group.bench_function(name, |b| b.iter_custom(|calls| per_unit(calls, || campaign(checks))));
    }
    group.bench_function("peer", |b| b.iter_custom(|transitions| per_unit(transitions, nothing)));
    group.finish();
}

/// A campaign; gives how many calls came back.
fn campaign(checks: Checks) -> u64 {
    let options = Options { checks, ..Options::default() };
    let report = fuzz(&options, Part::WHOLE, |report| report.cases < CASES, |_| {});
    assert!(report.findings.is_empty(), "shrinking is not what is measured");
    report.calls
}

/// As many cases of the peer, as long; gives how many transitions were taken.
fn nothing() -> u64 {
    let steps = Options::default().steps;
    let strategy = Nothing::sequential_strategy(steps / 2..=steps);
    let mut runner = TestRunner::deterministic();
    let mut taken = 0;
    for _ in 0..CASES {
        let tree = strategy.new_tree(&mut runner).expect("a case of the peer");
        let (state, transitions, seen) = tree.current();
        taken += transitions.len() as u64;
        Nothing::test_sequential(Config::default(), state, transitions, seen);
    }
    taken
}

/// A machine and a system without a state.
struct Nothing;

impl ReferenceStateMachine for Nothing {
    type State = ();
    type Transition = ();

    fn init_state() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn transitions((): &()) -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn apply((): (), (): &()) {}
}

impl StateMachineTest for Nothing {
    type SystemUnderTest = ();
    type Reference = Nothing;

    fn init_test((): &()) {}

    fn apply((): (), (): &(), (): ()) {}
}
