//! Every scenario of the repository passes in text order, on every arrangement, at every grain.

mod common;

use winspi_core::Grain;
use winspi_script::run::{after_setup, run};
use winspi_script::{Arrangement, Script, syntax};

#[test]
fn every_scenario_passes_on_every_arrangement_at_every_grain() {
    let names = common::scenarios("scenarios");
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        let script = common::scenario(&format!("scenarios/{name}.winspi"));
        for arrangement in Arrangement::five() {
            for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
                println!("{name} on {} at {grain:?}", arrangement.name());
                common::passes(&script, &Arrangement { grain, ..arrangement.clone() });
            }
        }
    }
}

#[test]
fn who_has_not_been_created_does_not_run() {
    for (text, line) in [
        ("process a\nprocess b (created=yes)\nb: GetCurrentProcessId()\n", 3),
        (
            "process a\nprocess b (created=yes)\na: CreateProcess(\"b\", creation_flags=CREATE_SUSPENDED)\nb: GetCurrentProcessId()\n",
            4,
        ),
    ] {
        let tree = syntax::parse(text).expect("it parses");
        let script = Script::new(&tree, text).expect("it means something");
        let run = run(&script, &Arrangement::default()).expect("it can run here");
        let failure = run.failures.first().expect("a line that cannot go on");
        assert_eq!(failure.line, line);
        assert!(failure.message.starts_with("b does not run: "), "{}", failure.message);
        // Nor in any other order.
        let (system, _) = after_setup(&script, &Arrangement::default()).expect("it can run here");
        let threads = system.enabled().into_iter().map(|next| format!("{next:?}")).collect::<Vec<_>>();
        assert!(threads.iter().all(|go| !go.contains("1004")), "{threads:?}");
    }
}
