//! What is checked in states and at lines, and what cannot be explored.

mod common;

use common::{explored, messages, of_text, on, script};
use winspi_core::Grain;
use winspi_explore::{ExploreError, Options, ViolationKind, explore};

const SOCKETS: &str = r#"
process a
process b
a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: WSPCloseSocket(s)
b: t = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
"#;

#[track_caller]
fn violations(claims: &str) -> Vec<(ViolationKind, Option<u32>, String)> {
    let found = of_text(&format!("{SOCKETS}{claims}\n"));
    found.violations.iter().map(|v| (v.kind, v.line, v.message.clone())).collect()
}

#[test]
fn always_holds_in_every_state_in_which_it_can_be_asked() {
    assert_eq!(violations("always handles(a) <= 1"), []);
    assert_eq!(violations("always socket(a.s).handles <= 1"), []);
    let [(kind, line, message)] = &violations("always handles(a) == 0")[..] else { panic!() };
    assert_eq!((*kind, *line), (ViolationKind::Always, Some(7)));
    assert_eq!(message, "`always` does not hold: it is 1");
    let [(kind, ..)] = &violations("always socket(a.s).colour == 3")[..] else { panic!() };
    assert_eq!(*kind, ViolationKind::Unanswered);
}

#[test]
fn reachable_holds_in_some_state() {
    assert_eq!(violations("reachable handles(a) == 1"), []);
    let found = of_text(&format!("{SOCKETS}reachable handles(a) == 1\n"));
    let state = found.reachable[0].expect("it is reached");
    let system = found.replay(&found.path_to(state)).expect("the way can be taken");
    let process = system.world().process_named("a").expect("it is there");
    assert_eq!(process.handles.len(), 1);

    let [(kind, line, _)] = &violations("reachable handles(a) == 2")[..] else { panic!() };
    assert_eq!((*kind, *line), (ViolationKind::Reachable, Some(7)));
}

#[test]
fn at_end_holds_in_every_end_without_faults() {
    assert_eq!(violations("at end { expect handles(a) == 0 }"), []);
    let [(kind, ..)] = &violations("at end { expect handles(a) == 1 }")[..] else { panic!() };
    assert_eq!(*kind, ViolationKind::AtEnd);
    // After a kill it is not asked.
    let text = format!("{SOCKETS}at end {{ expect handles(b) == 1 }}\nfinally no leaks\n");
    assert!(explored(&script(&text), &on(0, Grain::Boundary), &Options::default()).passed());
}

#[test]
fn an_expectation_is_asked_where_its_line_has_just_ended() {
    // Were the end of the line no boundary, the close would be under way when the question comes.
    let text = r#"
process a
a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: WSPBind(s, 127.0.0.1:80)
expect socket(s).handles == 1
a: WSPCloseSocket(s)
expect socket(s).handles == 0
expect handles(a) == 0
"#;
    for place in 0..5 {
        for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
            assert!(explored(&script(text), &on(place, grain), &Options::without_faults()).passed());
        }
    }
}

#[test]
fn a_name_that_threads_share_is_a_boundary() {
    // The other thread may send before or after the name is bound anew: both must be found at every grain.
    let text = r#"
process a
process b
thread a.other
setup { a: n = GetCurrentProcessId() }
a: n = BusReceive(b) => any
a: BusSend(b, "done")
a.other: BusSend(b, n)
b: BusSend(a, "new")
"#;
    let ends = |grain| explored(&script(text), &on(0, grain), &Options::without_faults()).end_fingerprints();
    let (boundary, request) = (ends(Grain::Boundary), ends(Grain::Request));
    assert_eq!(boundary, request);
    assert_eq!(boundary.len(), 4, "the old name or the new one, sent first or last");
}

#[test]
fn a_line_that_does_not_hold_is_a_violation_with_a_way() {
    let text =
        "process a\nprocess b\nprocess c\na: BusReceive() => \"b\"\nb: BusSend(a, \"b\")\nc: BusSend(a, \"c\")\n";
    let found = of_text(text);
    assert_eq!(messages(&found), ["BusReceive(): expected \"b\", found \"c\""]);
    let violation = &found.violations[0];
    assert_eq!((violation.kind, violation.line), (ViolationKind::Expectation, Some(4)));
    let steps = found.describe_path(&found.path_to_place(&violation.place));
    let last = steps.last().expect("the way is not empty").to_string();
    assert!(last.contains("a goes on with line 4, BusReceive()") || last.contains("a begins line 4"), "{last}");
    assert!(steps.iter().any(|step| step.what == "the message of c arrives at a"), "{steps:?}");
}

#[test]
fn a_condition_function_may_call_and_wait_while_others_go_on() {
    let text = r#"
process server
process client
thread server.other
condition waits in server { WaitForSingleObject(go) ; expect callback_data == 7 ; return CF_ACCEPT }
setup {
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: WSPBind(l, 127.0.0.1:80)
    server: WSPListen(l, 5)
    server: go = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
}
client: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
client: WSPConnect(s, 127.0.0.1:80)
server: a = WSPAccept(l, waits, callback_data=7)
server.other: SetEvent(go)
"#;
    for place in 0..5 {
        let found = explored(&script(text), &on(place, Grain::Boundary), &Options::without_faults());
        assert!(found.passed(), "{:#?}", found.violations);
        let found = explored(&script(text), &on(place, Grain::Boundary), &Options::default());
        assert!(found.passed(), "{:#?}", found.violations);
    }
}

#[test]
fn time_passes_where_nothing_else_can_happen() {
    let text = r#"
process a
process b
a: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
a: WaitForSingleObject(e, 500) => WAIT_TIMEOUT
b: GetCurrentProcessId()
"#;
    assert!(of_text(text).passed());
}

#[test]
fn what_only_an_exploration_decides_cannot_stand_in_a_scenario() {
    for statement in ["kill a", "advance 2s", "hold network", "release bus", "deliver bus a -> a"] {
        let script = script(&format!("process a\na: GetCurrentProcessId()\n{statement}\n"));
        let refused = explore(&script, &on(0, Grain::Call), &Options::default()).expect_err("it is refused");
        let ExploreError::Decided { line, .. } = &refused else { panic!("{refused}") };
        assert_eq!(*line, 3);
        assert!(refused.to_string().contains("exploring decides itself when this happens"), "{refused}");
    }
    let in_setup = script("process a\nprocess b\nsetup { kill b }\na: BusSend(b, \"x\") => fails\n");
    let found = explored(&in_setup, &on(0, Grain::Boundary), &Options::without_faults());
    assert!(found.passed(), "in `setup` it is taken in text order: {:?}", found.violations);
}

#[test]
fn a_setup_that_does_not_hold_is_no_start() {
    let text = "process a\nsetup {\n    a: GetCurrentProcessId() => 7\n    expect handles(a) == 5\n}\n";
    let refused = explore(&script(text), &on(0, Grain::Call), &Options::default()).expect_err("it is refused");
    let ExploreError::Setup(failures) = &refused else { panic!("{refused}") };
    assert_eq!(failures.iter().map(|f| f.line).collect::<Vec<_>>(), [3, 4]);
    let impossible = script("process a\nlayer x (ifs) over tcp\na: GetCurrentProcessId()\n");
    let refused = explore(&impossible, &on(1, Grain::Call), &Options::default());
    assert!(matches!(refused, Err(ExploreError::Arrangement(_))));
}

#[test]
fn a_bounded_exploration_says_that_it_is_not_complete() {
    let options = Options { max_states: 10, ..Options::default() };
    let found = explore(&script(SOCKETS), &on(0, Grain::Boundary), &options).expect("it can be explored");
    assert!(!found.complete && !found.passed());
    assert_eq!(found.unique, 10);
    let none = Options { max_states: 0, ..Options::default() };
    let found = explore(&script(SOCKETS), &on(0, Grain::Boundary), &none).expect("it can be explored");
    assert_eq!(found.unique, 1);
}

#[test]
fn a_scenario_without_lines_has_one_end() {
    let found = of_text("");
    assert_eq!((found.unique, found.end_states, found.transitions), (1, 1, 0));
    let found = explored(&script("process a\n"), &on(0, Grain::Boundary), &Options::kills(5));
    assert!(found.passed());
}

#[test]
fn a_condition_of_many_acts_does_not_exhaust_the_stack() {
    let many = "expect callback_data == 1 ; ".repeat(4_000);
    let text = format!(
        r#"
process server
process client
condition long in server {{ {many} return CF_ACCEPT }}
setup {{
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: WSPBind(l, 127.0.0.1:80)
    server: WSPListen(l, 5)
}}
client: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
client: WSPConnect(s, 127.0.0.1:80)
server: a = WSPAccept(l, long, callback_data=1)
"#
    );
    assert!(explored(&script(&text), &on(0, Grain::Call), &Options::without_faults()).passed());
}
