//! `repeat any`: a thread takes any of several lines, one after the other, for ever.

mod common;

use common::{fails, passes, refused, run_text, script};
use winspi_core::{Choice, Transition};
use winspi_script::report::Verdict;
use winspi_script::{Arrangement, run, syntax};

const TWO: &str = "process a\nprocess b\nsetup { a: OpenProcess(PROCESS_DUP_HANDLE, FALSE, b) }\n";

fn with(lines: &str) -> String {
    format!("{TWO}repeat any {{\n{lines}\n}}\n")
}

/// What was called in text order.
fn called(lines: &str) -> Vec<String> {
    let run = run_text(&with(lines));
    assert_eq!(run.verdict(), Verdict::Passed, "{:?}", run.failures);
    run.rows.iter().filter(|row| !row.setup).map(|row| format!("{} {}", row.line, row.call)).collect()
}

#[test]
fn in_text_order_each_line_is_taken_once_if_it_can_be() {
    for (lines, expected) in [
        ("a: CreateEvent()", vec!["5 CreateEvent"]),
        ("a: CloseHandle(some(Event))\na: CreateEvent()", vec!["6 CreateEvent"]),
        ("a: CreateEvent()\na: CloseHandle(some(Event))", vec!["5 CreateEvent", "6 CloseHandle"]),
        ("a: CreateEvent() when objects(Event) > 0", vec![]),
        ("a: CreateEvent() when objects(Event) == 0 and handles(b) == 1", vec![]),
        ("a: CreateEvent() when objects(Event) == 0 and handles(b) == 0", vec!["5 CreateEvent"]),
        ("b: CreateEvent()\na: CreateEvent()", vec!["5 CreateEvent", "6 CreateEvent"]),
        ("a: CreateEvent()\nexpect objects(Event) == 1", vec!["5 CreateEvent"]),
        // A test without an answer does not hold.
        ("a: CreateEvent() when event(a.x).signaled\na: x = CreateEvent()", vec!["6 CreateEvent"]),
    ] {
        assert_eq!(called(lines), expected, "{lines}");
    }
}

#[test]
fn a_line_takes_some_handle_and_says_which_it_may_be() {
    let duplicate =
        "a: DuplicateHandle(GetCurrentProcess(), some(Event, e), some(Process, q), 0, FALSE, DUPLICATE_SAME_ACCESS)";
    for (when, expected) in [
        ("", 1),
        (" when handles(q) == 0", 1),
        (" when handles(q) > 0", 0),
        (" when event(e).handles == 1 and event(e).signaled == 0", 1),
        (" when event(e).signaled", 0),
    ] {
        let text = with(&format!("a: CreateEvent(manual_reset=TRUE)\n{duplicate}{when}"));
        let run = run_text(&text);
        assert!(run.passed, "{:?}", run.failures);
        let found = run.rows.iter().filter(|row| row.call == "DuplicateHandle").count();
        assert_eq!(found, expected, "{when}");
    }
}

#[test]
fn what_does_not_hold_is_told_of_the_line() {
    fails(&with("a: CreateEvent() => fails"), &["5: CreateEvent(): expected fails, found 0x84"]);
    fails(&with("a: CreateEvent()\nexpect objects(Event) == 2"), &["6: the expectation does not hold: it is 1"]);
}

#[test]
fn other_orders_are_bounded_and_can_be_repeated() {
    let text = with("a: CreateEvent() when objects(Event) < 2\na: SetEvent(some(Event))\na: CloseHandle(some(Event))");
    for seed in 0..3 {
        for pct in [None, Some(2)] {
            let run = match pct {
                None => run::run_seeded(&script(&text), &Arrangement::default(), seed),
                Some(depth) => run::run_by_priorities(&script(&text), &Arrangement::default(), seed, depth),
            };
            let run = run.expect("possible");
            assert!(run.passed, "{:?}", run.failures);
            let chosen = |t: &&Transition| matches!(t, Transition::Choose { .. });
            let order: Vec<Transition> = run.trace.iter().skip(run.setup).map(|t| t.transition.clone()).collect();
            assert_eq!(order.iter().filter(chosen).count(), 100);
            let mut file = syntax::parse(&text).expect("in order");
            file.schedule = Some(run.schedule());
            let again = run_text(&syntax::print(&file));
            assert!(again.passed, "{:?}", again.failures);
            assert_eq!(again.trace.iter().skip(again.setup).map(|t| t.transition.clone()).collect::<Vec<_>>(), order);
        }
    }
}

#[test]
fn a_choice_that_there_is_not_is_refused() {
    let script = script(&with("a: CloseHandle(some(Event))"));
    let (mut system, _) = run::after_setup(&script, &Arrangement::default()).expect("possible");
    let thread = system.world().threads().next().map(|(tid, _)| tid).expect("a thread");
    for handles in [Vec::new(), vec![winspi_core::id::Handle(0x80)]] {
        for alternative in [0, 1, 2] {
            let choice = Choice { alternative, handles: handles.clone() };
            assert!(system.apply(&Transition::Choose { thread, choice }).is_err());
        }
    }
    assert!(system.apply(&Transition::Go(thread)).is_err());
    let text = with("a: CreateEvent()");
    fails(
        &format!("{text}schedule {{\n    go a choice 2\n}}\n"),
        &["8: the schedule does not fit any more: `go a choice 2` cannot happen now; what can: go a choice 1, go b"],
    );
}

#[test]
#[rustfmt::skip]
fn what_cannot_be() {
    for (text, expected) in [
        (with("a: sync x\nb: sync x"), "5:1: `repeat any` has nothing but calls of threads, and `expect` behind them"),
        (with("kill b"), "5:1: `repeat any` has nothing but calls of threads, and `expect` behind them"),
        (with(""), "4:1: `repeat any` has at least one line"),
        (with("a: CreateEvent()") + "a: CreateEvent()\n", "7:1: this thread has a `repeat any` above, which never ends"),
        (format!("{TWO}repeat 2 {{\n    repeat any {{\n        a: CreateEvent()\n    }}\n}}\n"), "6:9: `repeat any` never ends: it stands in no other `repeat`"),
        (format!("{TWO}a: CreateEvent() when handles(a) == 1\n"), "4:1: only a line of a `repeat any` has `when`"),
        (format!("{TWO}a: CloseHandle(some(Event))\n"), "4:16: which handle `some(...)` is stays open only in `repeat any`"),
        (with("a: CloseHandle([some(Event)])"), "5:17: `some(...)` is a whole argument of the call"),
        (with("a: CloseHandle(some(Evnt))"), "5:16: `some` takes what the handle leads to (Socket, Event, Process, Thread, Port, Mapping), and perhaps a name"),
        (with("a: CreateEvent() when objects(Evnt) == 1"), "5:23: `objects` takes what is counted: Socket, Event, Process, Thread, Port, Mapping"),
    ] {
        refused(&text, &[expected]);
    }
    refused(&with("a: CloseHandle(some(Event, e)) when handles(f) == 1"), &["5:45: `f` is bound nowhere in process `a`"]);
}

#[test]
fn it_means_the_same_on_all_arrangements() {
    passes(&with("a: CreateEvent()\na: CloseHandle(some(Event))"));
}
