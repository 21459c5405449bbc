//! What fuzzing found and was a fault of winspi: each scenario holds in every order, kills included.

mod common;

use common::{on, script};
use winspi_core::Grain;
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
