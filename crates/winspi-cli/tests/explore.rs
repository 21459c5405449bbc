//! `winspi explore`: findings as files, and what the options do.

mod common;

use common::{folder, winspi_in};

const EACH_WAITS: &str =
    "process a\nprocess b\na: BusReceive(b)\na: BusSend(b, \"x\")\nb: BusReceive(a)\nb: BusSend(a, \"y\")\n";

#[test]
fn findings_are_files_that_a_run_repeats() {
    let files = folder(&[("wait.winspi", EACH_WAITS)]);
    let done = winspi_in(
        files.path(),
        &["explore", "wait.winspi", "--counterexamples", "found", "--provider", "non-ifs"],
        b"",
    );
    assert_eq!((done.status, done.err.as_str()), (Some(1), ""));
    assert!(done.out.contains("    # To see it: winspi run FILE --provider non-ifs\n    schedule {\n"), "{}", done.out);
    assert!(done.out.ends_with("failed: 1 violation\nwritten: found/wait-1-deadlock.winspi\n"), "{}", done.out);
    let again = winspi_in(files.path(), &["run", "found/wait-1-deadlock.winspi", "--provider", "non-ifs"], b"");
    assert_eq!(again.status, Some(1));
    let message = "deadlock: a waits in line 3, `BusReceive(b)`, for a message from b; b waits in line 5";
    assert!(again.out.contains(message), "{}", again.out);
    assert!(again.out.ends_with("\nfailed: 2 calls are still blocked\n"), "{}", again.out);
}

#[test]
fn a_folder_that_cannot_be_made_is_bad_input() {
    let files = folder(&[("wait.winspi", EACH_WAITS)]);
    let done = winspi_in(files.path(), &["explore", "wait.winspi", "--counterexamples", "wait.winspi"], b"");
    assert_eq!(done.status, Some(2));
    assert!(done.err.starts_with("wait.winspi: this cannot be written: "), "{}", done.err);
}

#[test]
fn faults_a_budget_and_threads() {
    let files = folder(&[("wait.winspi", "process a\nprocess b\na: BusSend(b, \"x\")\nb: BusReceive()\n")]);
    let of = |words: &[&str]| winspi_in(files.path(), &[&["explore", "wait.winspi"], words].concat(), b"");
    let done = of(&["--faults", "kill,lose,duplicate,damage,exhaust", "--fault-budget", "2"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert!(done.out.contains("up to 2 faults at any boundary: a kill of any process, the loss of"), "{}", done.out);
    let lost = of(&["--faults", "lose"]).out;
    assert!(lost.contains("a message from a to b lost  b waits in line 4, BusReceive()"), "{lost}");
    assert!(done.out.contains("\nWhat a fault changes\n"), "{}", done.out);
    for options in [&["--json"][..], &[]] {
        let of = |threads| of(&[&["--faults", "kill,lose", "--threads", threads], options].concat()).out;
        assert_eq!(of("1"), of("3"));
    }
    let done = of(&["--max-states", "3"]);
    assert_eq!(done.status, Some(1));
    assert!(done.out.ends_with("failed: not all states were met: see --max-states\n"), "{}", done.out);
    let done = of(&["--max-memory", "1"]);
    assert!(
        done.out.ends_with("failed: not all states were met, for want of memory: see --max-memory\n"),
        "{}",
        done.out
    );
}
