//! Random walks through a scenario with something of everything: nothing panics, all invariants hold at every boundary.

mod common;

use common::{Base, Random, random_step, scenario};
use winspi_core::Grain;

#[test]
fn invariants_hold_at_every_boundary() {
    for base in Base::ALL {
        for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
            for seed in 0..40 {
                let mut random = Random::new(seed);
                let mut system = scenario(base);
                system.grain = grain;
                let mut steps = 0;
                while random_step(&mut system, &mut random, seed % 2 == 1).is_some() {
                    let violations = system.world().check();
                    assert!(violations.is_empty(), "{base:?} {grain:?} seed {seed} step {steps}: {violations:#?}");
                    steps += 1;
                    assert!(steps < 5_000, "the run does not end");
                }
            }
        }
    }
}

#[test]
fn show() {
    for base in Base::ALL {
        let mut system = scenario(base);
        common::run(&mut system);
        eprintln!("{base:?}");
        for (tid, program) in system.programs() {
            eprintln!("  {tid}: {:?}", program.results.iter().map(|r| match r { common::Seen::Value(v) => v.to_string(), o => format!("{o:?}") }).collect::<Vec<_>>());
        }
        eprintln!("{} {} {}", system.encoding().len(), system.fingerprint(), serde_json::to_string(&system).unwrap().len());
    }
}
