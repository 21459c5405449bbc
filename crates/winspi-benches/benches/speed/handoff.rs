//! The ten steps of the handoff, on winspi and on the kernel of the host.

use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion};
use winspi_core::{Program, System, Transition};
use winspi_script::run::{after_setup, run_in_text_order};
use winspi_script::{Arrangement, Script, syntax};

pub(crate) fn bench(criterion: &mut Criterion) {
    let script = script();
    let arrangement = Arrangement::default();
    let run = run_in_text_order(&script, &arrangement).expect("the arrangement takes the scenario");
    assert!(run.passed, "{:?}", run.failures);
    let (set_up, _) = after_setup(&script, &arrangement).expect("the arrangement takes the scenario");
    let transitions: Vec<Transition> = run.trace.iter().map(|taken| taken.transition.clone()).collect();
    let (setup, ten_steps) = transitions.split_at(run.setup);
    let mut typed = winspi_benches::handoff::typed();
    take(&mut typed, setup);

    let mut group = criterion.benchmark_group("handoff");
    group.bench_function("typed program, without events", |b| {
        b.iter_batched_ref(|| typed.apart(), |system| take_silently(system, ten_steps), BatchSize::SmallInput);
    });
    group.bench_function("typed program, with events", |b| {
        b.iter_batched_ref(|| typed.apart(), |system| take(system, ten_steps), BatchSize::SmallInput);
    });
    group.bench_function("script, with events", |b| {
        b.iter_batched_ref(|| set_up.apart(), |system| take(system, ten_steps), BatchSize::SmallInput);
    });
    group.bench_function("script, with events, clone and drop", |b| {
        b.iter(|| {
            let mut system = set_up.clone();
            take(&mut system, ten_steps);
            system
        });
    });
    group.bench_function("script, whole run with report", |b| b.iter(|| run_in_text_order(&script, &arrangement)));
    #[cfg(unix)]
    {
        let mut host = crate::host::Handoff::start().expect("a second process");
        group.bench_function("peer", |b| b.iter(|| host.hand_over().expect("a handoff")));
    }
    group.finish();
}

/// The scenario.
pub(crate) fn script() -> Arc<Script> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/handoff.winspi");
    let text = std::fs::read_to_string(path).expect("the scenario");
    let file = syntax::parse(&text).expect("a scenario without errors");
    Script::new(&file, &text).expect("a scenario that can run")
}

fn take<P: Program>(system: &mut System<P>, transitions: &[Transition]) {
    for transition in transitions {
        system.apply(transition).expect("the transition was recorded here");
    }
}

fn take_silently<P: Program>(system: &mut System<P>, transitions: &[Transition]) {
    for transition in transitions {
        system.apply_silently(transition).expect("the transition was recorded here");
    }
}
