//! What fuzzing found and was a fault of winspi: each scenario holds in every order, kills included.

mod common;

use common::{on, script};
use winspi_core::Grain;
use winspi_core::policy::UnclaimedDuplicate;
use winspi_explore::{Options, explore};
use winspi_script::run::run;

/// Explored on the five arrangements.
const SCENARIOS: [(&str, &str); 5] = [
    (
        "cleanup-while-a-worker-announces",
        include_str!("../../../scenarios/regressions/cleanup-while-a-worker-announces.winspi"),
    ),
    (
        "completion-on-a-recycled-value",
        include_str!("../../../scenarios/regressions/completion-on-a-recycled-value.winspi"),
    ),
    (
        "completion-of-a-strayed-operation",
        include_str!("../../../scenarios/regressions/completion-of-a-strayed-operation.winspi"),
    ),
    ("receive-on-a-recycled-value", include_str!("../../../scenarios/regressions/receive-on-a-recycled-value.winspi")),
    ("kill-closes-both-ends", include_str!("../../../scenarios/regressions/kill-closes-both-ends.winspi")),
];

/// WSACleanup ends the provider while another thread is within WSPSocket of it: the duplicate is not spent (decision
/// `failed-redemption`).
const NOT_SPENT: &str = include_str!("regressions/cleanup-before-redemption.winspi");

#[test]
fn they_hold_in_every_order() {
    for (name, text) in SCENARIOS {
        let script = script(text);
        for place in 0..5 {
            let found = explore(&script, &on(place, Grain::Boundary), &Options::kills(1)).expect("it can be explored");
            assert!(found.complete, "{name} on {place}");
            assert_eq!(common::messages(&found), Vec::<&str>::new(), "{name} on {place}");
            let seen: Vec<&str> = found.breaches.iter().map(|breach| breach.what.seen.as_str()).collect();
            assert_eq!(seen, Vec::<&str>::new(), "{name} on {place}");
        }
    }
}

#[test]
fn a_use_that_a_cleanup_overtakes_spends_nothing() {
    let script = script(NOT_SPENT);
    let run = run(&script, &on(1, Grain::Boundary)).expect("it can be run");
    let failures: Vec<String> = run.failures.iter().map(|f| format!("{}: {}", f.line, f.message)).collect();
    assert_eq!(failures, Vec::<String>::new());
}

/// Where duplicates that nobody has asked for keep nothing (decision `unclaimed-duplicate`): a process ends with one for
/// itself, which goes with its last descriptor, and with one that another process has used and one that it has not.
const KEEPS_NOTHING: &str = "process a
process b
a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: own = WSPDuplicateSocket(s, a)
a: used = WSPDuplicateSocket(s, b)
a: t = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: WSPDuplicateSocket(t, a)
a: left = WSPDuplicateSocket(t, b)
b: r = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.used) => any
a: ExitProcess(0)
";

#[test]
fn a_process_ends_with_duplicates_that_keep_nothing() {
    let script = script(KEEPS_NOTHING);
    for place in 0..5 {
        let mut arrangement = on(place, Grain::Boundary);
        arrangement.policy.unclaimed_duplicate = UnclaimedDuplicate::DoesNotKeep;
        let run = run(&script, &arrangement).expect("it can be run");
        let failures: Vec<String> = run.failures.iter().map(|f| format!("{}: {}", f.line, f.message)).collect();
        assert_eq!(failures, Vec::<String>::new(), "on {place}");
    }
}
