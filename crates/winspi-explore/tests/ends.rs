//! End states: done, blocked as expected, deadlocked, and what waits for a party outside.

mod common;

use common::{explored, messages, of_text, on, script};
use winspi_core::Grain;
use winspi_core::id::{PartyId, Pid};
use winspi_core::kernel::process::ThreadRole;
use winspi_explore::{Control, EndKind, Options, ThreadState, ViolationKind, explore_from};
use winspi_script::run;

const EACH_WAITS_FOR_THE_OTHER: &str = r#"
process source
process target
source: BusReceive(target) => "go"
source: BusSend(target, "go")
target: BusReceive(source) => "go"
target: BusSend(source, "go")
"#;

#[test]
fn a_deadlock_says_who_waits_for_whom() {
    let script = script(EACH_WAITS_FOR_THE_OTHER);
    for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
        let found = explored(&script, &on(0, grain), &Options::without_faults());
        let [violation] = found.violations.as_slice() else { panic!("{:?}", found.violations) };
        assert_eq!(violation.kind, ViolationKind::Deadlock);
        assert_eq!(violation.line, Some(4));
        assert_eq!(
            violation.message,
            "deadlock: source waits in line 4, `BusReceive(target)`, for a message from target; \
             target waits in line 6, `BusReceive(source)`, for a message from source"
        );
        let [end] = found.ends.as_slice() else { panic!("{:?}", found.ends) };
        assert_eq!((end.kind, end.expected, end.count), (EndKind::Blocked, false, 1));
        let ThreadState::Waits { whom, .. } = &end.threads[0].state else { panic!("{end}") };
        assert_eq!(whom, &["target"]);
    }
}

#[test]
fn after_a_kill_waiting_for_ever_is_expected() {
    let found = explored(&script(EACH_WAITS_FOR_THE_OTHER), &on(0, Grain::Call), &Options::default());
    let expected: Vec<bool> = found.ends.iter().map(|end| end.expected).collect();
    assert_eq!(expected, [false, true, true]);
    assert_eq!(found.violations.len(), 1);
    assert_eq!(found.ends[1].killed, ["source"]);
}

#[test]
fn a_deadlock_over_a_connection_names_who_has_the_other_end() {
    let found = of_text(
        r#"
process server
process client
setup {
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: WSPBind(l, 127.0.0.1:80)
    server: WSPListen(l, 5)
}
client: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
client: WSPConnect(s, 127.0.0.1:80)
client: WSPRecv(s, [buffer(8)])
server: a = WSPAccept(l)
server: WSPRecv(a, [buffer(8)])
"#,
    );
    let [message] = messages(&found)[..] else { panic!("{:?}", found.violations) };
    assert!(message.contains("for something to receive on s (from server 0x84)"), "{message}");
    assert!(message.contains("for something to receive on a (from client 0x480)"), "{message}");
}

#[test]
fn a_line_may_say_that_it_blocks() {
    let text = |expected: &str| format!("process a\nprocess b\na: BusReceive(b){expected}\nb: GetCurrentProcessId()\n");
    assert_eq!(of_text(&text("")).violations[0].kind, ViolationKind::Deadlock);
    let found = of_text(&text(" => blocks"));
    assert!(found.passed());
    assert!(found.ends[0].expected && found.ends[0].kind == EndKind::Blocked);
    assert!(of_text(&text(" => blocks for ever")).passed());
    // `returns` says that it is not for ever.
    let found = of_text(&(text(" => blocks") + "a: returns => \"x\"\n"));
    assert_eq!(found.violations[0].kind, ViolationKind::Deadlock);
}

#[test]
fn what_a_blocked_call_returns_is_checked_in_every_order() {
    let text = |sent: &str, expected: &str| {
        format!(
            "process a\nprocess b\na: BusReceive(b) => blocks\nb: BusSend(a, \"{sent}\")\na: returns => {expected}\n"
        )
    };
    assert!(of_text(&text("x", "\"x\"")).passed());
    let found = of_text(&text("y", "\"x\""));
    assert_eq!(messages(&found), ["BusReceive(b): expected \"x\", found \"y\""]);
    let never = "process a\nprocess b\na: BusReceive(b) => blocks for ever\nb: BusSend(a, \"x\")\n";
    let found = of_text(never);
    assert_eq!(messages(&found), ["BusReceive(b): expected the call to block for ever, found \"x\""]);
}

#[test]
fn a_line_waits_for_a_name_of_another_process() {
    let text = r#"
process a
process b
b: BusSend(a, "first")
b: n = GetCurrentProcessId()
a: TerminateProcess(b.n) => any
a: BusReceive()
"#;
    for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
        let found = explored(&script(text), &on(0, grain), &Options::without_faults());
        assert!(found.passed(), "{:?}", found.violations);
    }
    // A kill of the process before it has bound the name leaves the other waiting.
    let found = explored(&script(text), &on(0, Grain::Boundary), &Options::default());
    let waiting = found.ends.iter().map(ToString::to_string).find(|end| end.contains("b.n to be bound"));
    let waiting = waiting.expect("some end waits for the name");
    assert!(waiting.contains("b killed, blocked; a waits in line 6, `TerminateProcess(b.n)`, for b.n"), "{waiting}");
}

#[test]
fn a_party_outside_cannot_be_branched() {
    let script = script("process a\na: BusReceive() => blocks\n");
    let (mut system, failures) = run::after_setup(&script, &on(0, Grain::Boundary)).expect("it can run");
    assert!(failures.is_empty());
    system.world_mut().add_process("outside", true, ThreadRole::Outside(PartyId(0)));
    let found = explore_from(&script, system, &Options::without_faults(), None, &Control::default());
    let [end] = found.ends.as_slice() else { panic!("{:?}", found.ends) };
    assert_eq!(end.kind, EndKind::Outside);
    assert_eq!(end.threads[1].state, ThreadState::Asks);
    assert!(end.to_string().contains("cannot be branched"), "{end}");
    assert!(found.violations.is_empty(), "{:?}", found.violations);
}

#[test]
fn nothing_is_left_when_all_have_ended() {
    let text = r#"
process server
process client
setup {
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: WSPBind(l, 127.0.0.1:80)
    server: WSPListen(l, 1)
}
client: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
client: WSPConnect(s, 127.0.0.1:80)
client: WSPSend(s, "never read")
server: a = WSPAccept(l)
server: ExitProcess(3) => any
"#;
    for place in 0..5 {
        let found = explored(&script(text), &on(place, Grain::Boundary), &Options::kills(2));
        let ours = |kind| matches!(kind, ViolationKind::Invariant | ViolationKind::Leak | ViolationKind::Internal);
        assert!(!found.violations.iter().any(|v| ours(v.kind)), "{:#?}", found.violations);
        assert!(found.ends.iter().all(|end| end.leaks.is_empty()));
        let two = found.ends.iter().filter(|end| end.killed.len() == 2).count();
        assert!(two > 0, "both killed");
        assert_eq!(found.start().world().process(Pid::of_index(0)).map(|p| p.name.as_str()), Some("server"));
    }
}
