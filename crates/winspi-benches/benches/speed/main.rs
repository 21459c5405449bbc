//! How long things take, each beside its peer. See `docs/benchmarks.md`; `cargo xtask bench` prints the ratios.

mod calls;
mod descriptors;
mod explore;
mod fuzz;
mod handoff;
#[cfg(unix)]
mod host;
mod lifetimes;
mod worlds;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    #[cfg(unix)]
    if std::env::args().nth(1).as_deref() == Some(host::TARGET) {
        return host::target().expect("the target of the handoff");
    }
    let criterion = Criterion::default().sample_size(20);
    let criterion = criterion.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    let mut criterion = criterion.configure_from_args();
    handoff::bench(&mut criterion);
    calls::bench(&mut criterion);
    descriptors::bench(&mut criterion);
    worlds::bench(&mut criterion);
    explore::bench(&mut criterion);
    fuzz::bench(&mut criterion);
    criterion.final_summary();
}
