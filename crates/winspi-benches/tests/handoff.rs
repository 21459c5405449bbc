//! The typed program of the handoff is the scenario.

use winspi_benches::handoff::typed;
use winspi_core::event::Event;
use winspi_script::run::run_in_text_order;
use winspi_script::{Arrangement, Script, syntax};

#[test]
fn the_typed_program_gives_the_events_of_the_script() {
    let text = include_str!("../../../scenarios/handoff.winspi");
    let file = syntax::parse(text).expect("a scenario without errors");
    let script = Script::new(&file, text).expect("a scenario that can run");
    let run = run_in_text_order(&script, &Arrangement::default()).expect("it runs");
    let mut system = typed();
    let (mut calls, mut events) = (0, 0);
    for taken in &run.trace {
        let given = system.apply(&taken.transition).expect("the transition fits");
        calls += given.iter().filter(|event| matches!(event, Event::Enter { depth: 0, .. })).count();
        events += given.len();
        assert_eq!(given, taken.events, "{:?}", taken.transition);
    }
    assert_eq!((run.trace.len(), calls), (30, 22));
    assert!(events > 100, "{events}");
    assert_eq!(system.world().check(), Vec::new());
}
