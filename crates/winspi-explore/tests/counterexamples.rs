//! What was found is written as a file, and a run of the file finds the same.

mod common;

use common::{CLOSE_RACES_COMPLETION, HANDOFF, RECYCLED_HANDLE, explored, on, script};
use winspi_core::Grain;
use winspi_explore::{Counterexample, Exploration, Options, Violation, ViolationKind, counterexample};
use winspi_script::{Arrangement, Run, run};

/// Runs a file that was written, on the arrangement with another grain: the schedule says which it is.
#[track_caller]
fn run_of(text: &str, arrangement: &Arrangement) -> Run {
    let arrangement = Arrangement { grain: Grain::Call, ..arrangement.clone() };
    run::run(&script(text), &arrangement).expect("the arrangement is possible")
}

/// Whether a run has found the same.
fn shows(run: &Run, violation: &Violation) -> bool {
    let same = |message: &str, line: u32| {
        let place = violation.line.is_none_or(|of| of == line);
        let told = violation.message.trim_start_matches("`at end` does not hold: ");
        place && (message == violation.message || message.ends_with(told))
    };
    !run.passed && run.failures.iter().any(|failure| same(&failure.message, failure.line))
}

/// Every violation of an exploration is shown by its file.
#[track_caller]
fn all_are_shown(text: &str, arrangement: &Arrangement, options: &Options) -> Exploration {
    let found = explored(&script(text), arrangement, options);
    let files = found.counterexamples(text, arrangement);
    assert_eq!(files.len(), found.violations.len() + found.breaches.len() + found.hazards.len());
    for (violation, Counterexample { text: file, .. }) in found.violations.iter().zip(&files) {
        let run = run_of(file, arrangement);
        assert!(shows(&run, violation), "{violation:#?}\n{file}\n{:#?}", run.failures);
        let transitions: Vec<_> = run.trace.iter().skip(run.setup).map(|taken| taken.transition.clone()).collect();
        assert_eq!(transitions, found.path_to_place(&violation.place));
    }
    for file in &files[found.violations.len()..] {
        let run = run_of(&file.text, arrangement);
        let breaches = run.breaches.iter().map(|(_, breach)| &breach.seen);
        let seen: Vec<&String> = breaches.chain(run.hazards.iter().map(|(_, hazard)| &hazard.seen)).collect();
        assert!(seen.iter().any(|seen| file.shown.ends_with(*seen)), "{}: {seen:?}", file.shown);
    }
    found
}

const PAIR: &str = "process a\nprocess b\n";

#[test]
fn a_run_of_the_file_finds_the_same() {
    let sockets =
        "a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPCloseSocket(s)\nb: GetCurrentProcessId()\n";
    for (lines, kind) in [
        ("a: BusReceive() => \"b\"\na: BusSend(a, \"a\")\nb: BusSend(a, \"c\")\n", ViolationKind::Expectation),
        ("a: BusReceive(b)\na: BusSend(b, \"x\")\nb: BusReceive(a)\nb: BusSend(a, \"y\")\n", ViolationKind::Deadlock),
        ("a: BusReceive(b) => blocks for ever\nb: BusSend(a, \"y\")\n", ViolationKind::Expectation),
        (
            "a: BusReceive() => \"x\" | \"y\"\nb: BusSend(a, \"z\")\nexpect handles(a) == 1\n",
            ViolationKind::Expectation,
        ),
        (&format!("{sockets}always handles(a) == 0\n"), ViolationKind::Always),
        (&format!("{sockets}at end {{ expect handles(a) == 1 }}\n"), ViolationKind::AtEnd),
    ] {
        let text = format!("{PAIR}{lines}");
        for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
            for place in [0, 4] {
                let found = all_are_shown(&text, &on(place, grain), &Options::default());
                assert!(found.violations.iter().any(|v| v.kind == kind), "{text} {:?}", found.violations);
            }
        }
    }
}

#[test]
fn a_kill_is_a_transition_of_the_file() {
    // What holds always must hold after a kill, too; that a line then fails is no violation of its own.
    let text = format!(
        "{PAIR}a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: BusReceive(b)\nb: BusSend(a, \"x\")\n\
         at end {{ expect handles(a) == 1 }}\nalways handles(a) <= 1\nalways handles(b) == 0\n"
    );
    assert!(explored(&script(&text), &on(0, Grain::Boundary), &Options::default()).passed());
    let text = text.replace("always handles(b) == 0", "always running(b)");
    let found = all_are_shown(&text, &on(0, Grain::Boundary), &Options::default());
    let [violation] = found.violations.as_slice() else { panic!("{:#?}", found.violations) };
    assert_eq!(violation.kind, ViolationKind::Always);
    let file = &found.counterexamples(&text, &on(0, Grain::Boundary))[0].text;
    assert!(file.contains("\n    kill b  # 1 b is killed\n}\n"), "{file}");
}

#[test]
fn races_that_layers_have_are_shown() {
    all_are_shown(RECYCLED_HANDLE, &on(0, Grain::Boundary), &Options::without_faults());
    let faulty = "layer filter (non-ifs) over tcp {\n    breaks uncompleted-operation\n}\n";
    let text = CLOSE_RACES_COMPLETION.replace("layer filter (non-ifs) over tcp\n", faulty);
    all_are_shown(&text, &on(0, Grain::Boundary), &Options::without_faults());
}

#[test]
fn the_way_to_any_state_is_a_file_with_a_comment_for_each_transition() {
    let arrangement = on(1, Grain::Boundary);
    let found = explored(&script(HANDOFF), &arrangement, &Options::default());
    let killed = found.ends.iter().find(|end| end.killed == ["target"]).expect("the target was killed");
    let way = found.path_to(killed.first);
    let file = counterexample(&found.origin(HANDOFF, &arrangement), &way, &["what is shown".to_owned()]);
    let (before, order) = file.split_once("\n# what is shown\n").expect("it stands above the order");
    assert_eq!(before, HANDOFF);
    assert!(
        order.starts_with(
            "# To see it: winspi run FILE --provider non-ifs\nschedule {\n    grain boundary through lines\n"
        ),
        "{order}"
    );
    assert!(order.contains("    kill target  # "), "{order}");
    assert_eq!(order.matches("  # ").count(), way.len());
    let run = run_of(&file, &arrangement);
    assert!(run.passed, "what a kill changes is no failure: {:?}", run.failures);
    assert!(run.changes.iter().any(|change| change.line == 34), "{:?}", run.changes);
    // A schedule that is there already gives way.
    let again = counterexample(&found.origin(&file, &arrangement), &way, &["what is shown".to_owned()]);
    assert_eq!(again.matches("schedule {").count(), 1);
}

#[test]
fn a_schedule_that_does_not_fit_says_where() {
    let arrangement = on(0, Grain::Call);
    let found = explored(&script(HANDOFF), &arrangement, &Options::default());
    let end = found.ends.iter().find(|end| end.killed == ["target"]).expect("the target was killed");
    let file = counterexample(&found.origin(HANDOFF, &arrangement), &found.path_to(end.first), &[]);
    let spoilt = file.replacen("schedule {\n", "schedule {\n    kill target\n", 1);
    let run = run_of(&spoilt, &arrangement);
    let [failure] = run.failures.as_slice() else { panic!("{:?}", run.failures) };
    assert!(failure.message.starts_with("the schedule does not fit any more: `deliver "), "{}", failure.message);
    assert!(failure.line > 40, "{}", failure.line);
}
