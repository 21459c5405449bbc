//! Faults beside kills: messages that are lost, doubled or damaged, datagrams that are lost, processes that run out.

mod common;

use common::{HANDOFF, explored, on, script};
use winspi_core::Grain;
use winspi_explore::{Exploration, Faults, Options};

const ASKS: &str = "process a\nprocess b\na: BusSend(b, \"ask\")\na: BusReceive(b) => \"answer\"\nb: BusReceive(a) => \"ask\"\nb: BusSend(a, \"answer\")\n";

#[track_caller]
fn under(text: &str, faults: Faults) -> Exploration {
    explored(&script(text), &on(0, Grain::Call), &Options::with(Faults { budget: faults.budget.max(1), ..faults }))
}

/// What has struck in some end, and how the threads ended.
fn ends(found: &Exploration) -> Vec<(String, Vec<String>)> {
    let of = |end: &winspi_explore::EndClass| {
        (end.faults.join(", "), end.threads.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    found.ends.iter().map(of).collect()
}

#[test]
fn a_lost_message_leaves_its_receiver_waiting() {
    let found = under(ASKS, Faults { lose: true, ..Faults::default() });
    assert!(found.passed(), "after a fault waiting for ever is no violation: {:#?}", found.violations);
    let ends = ends(&found);
    let [calm, to_b, to_a] = ends.as_slice() else { panic!("{ends:#?}") };
    assert_eq!(calm.0, "");
    assert_eq!(to_b.0, "a message from a to b lost");
    assert_eq!(to_b.1[1], "b waits in line 5, `BusReceive(a)`, for a message from a");
    assert_eq!((to_a.0.as_str(), to_a.1[1].as_str()), ("a message from b to a lost", "b is done"));
}

#[test]
fn a_second_copy_stays_where_nobody_receives_it() {
    let found = under(ASKS, Faults { duplicate: true, ..Faults::default() });
    assert!(found.passed() && found.changes.is_empty());
    assert_eq!(ends(&found).len(), 3);
    let twice = under(ASKS, Faults { duplicate: true, budget: 2, ..Faults::default() });
    assert!(twice.ends.iter().any(|end| end.faults.len() == 2) && twice.unique > found.unique);
}

#[test]
fn a_damaged_message_has_another_byte() {
    let found = under(ASKS, Faults { damage: true, damage_byte: Some(2), ..Faults::default() });
    let messages: Vec<&str> = found.changes.iter().map(|change| change.message.as_str()).collect();
    assert!(messages.iter().any(|m| m.starts_with("BusReceive(a): expected \"ask\", found ")), "{messages:?}");
    assert_eq!(found.changes[0].faults, ["byte 2 of a message from a to b damaged"]);
    // A message without such a byte stays as it is.
    let none = under(ASKS, Faults { damage: true, damage_byte: Some(7), ..Faults::default() });
    assert_eq!(none.unique, under(ASKS, Faults::default()).unique);
}

#[test]
fn of_an_info_a_byte_of_each_class_of_fields_is_damaged() {
    let found = under(HANDOFF, Faults { damage: true, ..Faults::default() });
    let mut struck: Vec<&str> = found.ends.iter().flat_map(|end| &end.faults).map(String::as_str).collect();
    struck.retain(|words| words.contains("source to target"));
    struck.dedup();
    // `pid?` has its first byte; the info six.
    assert_eq!(struck.len(), 7, "{struck:#?}");
    for byte in [20, 36, 40, 76, 112, 116] {
        assert!(struck.iter().any(|words| words.starts_with(&format!("byte {byte} of"))), "{byte} {struck:#?}");
    }
    let refused = found.changes.iter().filter(|change| change.message.starts_with("WSPSocket(FROM_PROTOCOL_INFO"));
    assert!(refused.count() > 0, "{:#?}", found.changes);
}

#[test]
fn a_datagram_may_be_lost() {
    let text = r#"
process a
process b
setup {
    b: t = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
    b: bind(t, 127.0.0.1:53)
    a: s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
}
a: sendto(s, "x", to=127.0.0.1:53)
b: recv(t, buffer(8)) => "x"
"#;
    let found = under(text, Faults { lose: true, ..Faults::default() });
    assert!(found.passed(), "{:#?}", found.violations);
    let lost = ends(&found).into_iter().find(|(faults, _)| !faults.is_empty()).expect("it may be lost");
    assert!(lost.0.starts_with("a datagram from ") && lost.0.ends_with(" to 127.0.0.1:53 lost"), "{}", lost.0);
    assert!(lost.1[1].starts_with("b waits in line 10"), "{:?}", lost.1);
}

#[test]
fn a_process_may_run_out() {
    let text = "process a\na: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: e = CreateEvent(manual_reset=TRUE, initial_state=TRUE)\n";
    let found = under(text, Faults { exhaust: true, ..Faults::default() });
    let after = |fault: &str| {
        found.changes.iter().filter(|c| c.faults == [fault]).map(|c| c.message.as_str()).collect::<Vec<_>>()
    };
    let descriptors = after("fault descriptors(a, limit=0)");
    assert!(descriptors.iter().any(|message| message.contains("found WSAEMFILE")), "{:#?}", found.changes);
    let buffers = after("fault buffers(a)");
    assert!(buffers.iter().any(|message| message.contains("found WSAENOBUFS")), "{:#?}", found.changes);
    assert!(!after("fault memory(a)").is_empty(), "{:#?}", found.changes);
    assert!(found.passed(), "what runs out is no violation: {:#?}", found.violations);
}

#[test]
fn faults_are_transitions_of_a_schedule() {
    let faults = Faults { kill: true, lose: true, duplicate: true, damage: true, exhaust: true, ..Faults::default() };
    let found = under(ASKS, faults);
    assert!(found.ends.len() > 8, "{:#?}", ends(&found));
    for end in &found.ends {
        let way = found.path_to(end.first);
        let file = winspi_explore::counterexample(&found.origin(ASKS, &on(0, Grain::Call)), &way, &[]);
        let run = winspi_script::run::run(&script(&file), &on(0, Grain::Call)).expect("it can run");
        assert!(run.failures.is_empty(), "{file}\n{:?}", run.failures);
        assert_eq!(run.trace.len(), way.len());
    }
}
