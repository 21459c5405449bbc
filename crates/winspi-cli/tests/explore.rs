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
fn a_reduced_search_finds_the_same_and_says_that_it_is_reduced() {
    let text = "process a\nprocess b\nprocess c\na: BusSend(c, \"x\")\nb: BusSend(c, \"y\")\nc: BusReceive()\nc: BusReceive(c)\n";
    let files = folder(&[("wait.winspi", text)]);
    let of = |words: &[&str]| winspi_in(files.path(), &[&["explore", "wait.winspi"], words].concat(), b"");
    let (full, reduced) = (of(&[]), of(&["--reduce", "--counterexamples", "found"]));
    assert_eq!((full.status, reduced.status), (Some(1), Some(1)));
    assert!(!full.out.contains("Reduced") && full.out.contains("A shortest order that shows it:"), "{}", full.out);
    assert!(
        reduced.out.contains("\n  Reduced: in ") && reduced.out.contains("  An order that shows it:"),
        "{}",
        reduced.out
    );
    assert_eq!(winspi_in(files.path(), &["run", "found/wait-1-deadlock.winspi"], b"").status, Some(1));
    let told: serde_json::Value = serde_json::from_str(&of(&["--reduce", "--json"]).out).expect("it is JSON");
    assert!(told["reduction"]["reduced"]["partly"].as_u64() > Some(0), "{}", told["reduction"]);
    assert_eq!(of(&["--reduce", "--threads", "3"]).out, of(&["--reduce"]).out);
    let plain: serde_json::Value = serde_json::from_str(&of(&["--json"]).out).expect("it is JSON");
    assert_eq!(plain["reduction"], "not-asked");
}

#[test]
fn a_random_run_that_fails_is_a_file_that_a_run_repeats() {
    let text =
        "process a\nprocess b\nprocess c\na: BusReceive() => \"b\"\nb: BusSend(a, \"b\")\nc: BusSend(a, \"c\")\n";
    let files = folder(&[("race.winspi", text)]);
    let run = |words: &[&str]| winspi_in(files.path(), &[&["run", "race.winspi"], words].concat(), b"");
    for by in [&["--pct", "2"][..], &[]] {
        let fails = |seed: &u32| {
            let seed = seed.to_string();
            let words = [&["--counterexamples", "found", "--seed", seed.as_str()], by].concat();
            run(&words).status == Some(1)
        };
        let seed = (0..40).find(fails).expect("some order breaks it");
        let name = if by.is_empty() { format!("race-seed-{seed}") } else { format!("race-pct-2-seed-{seed}") };
        let again = winspi_in(files.path(), &["run", &format!("found/{name}.winspi")], b"");
        assert_eq!(again.status, Some(1), "{}", again.err);
        assert!(again.out.contains(":4:1: BusReceive(): expected \"b\", found \"c\"\n"), "{}", again.out);
    }
    assert_eq!(run(&["--pct", "2"]).status, Some(2), "priorities are drawn from a seed");
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

#[test]
fn symmetry_is_exact_or_refused() {
    let lifetimes = "process a\nprocess b\nrepeat any {\n    a: CreateEvent() when handles(a) < 2\n    a: CloseHandle(some(Event))\n    \
        b: CreateEvent() when handles(b) < 2\n    b: CloseHandle(some(Event))\n}\n";
    let named = lifetimes.replace("{\n    a: C", "{\n    a: e = C");
    let waits = "process a\nthread a.other\nsetup { a: CreateEvent() }\n\
        repeat any {\n    a: WaitForSingleObject(some(Event))\n    a.other: CloseHandle(some(Event))\n}\n";
    let files = folder(&[("life.winspi", lifetimes), ("named.winspi", named.as_str()), ("waits.winspi", waits)]);
    let of = |file: &str, words: &[&str]| winspi_in(files.path(), &[&["explore", file], words].concat(), b"");
    // Two places each: which of them are in use, how many, and of whom.
    for (words, states, said) in [
        (&[][..], 16, "no faults\n"),
        (&["--symmetry", "handles"], 9, "no faults · handle values exchanged\n"),
        (&["--symmetry", "processes"], 10, "no faults · equal processes exchanged\n"),
        (&["--symmetry", "both", "--threads", "3"], 6, "no faults · handle values and equal processes exchanged\n"),
    ] {
        let done = of("life.winspi", words);
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
        let line = done.out.lines().find(|line| line.contains("  states  ")).unwrap_or_default();
        assert!(line.ends_with(&format!(" {states}")), "{words:?}: {}", done.out);
        assert!(done.out.contains(said), "{}", done.out);
    }
    let done = of("named.winspi", &["--symmetry", "handles"]);
    assert_eq!(done.status, Some(2));
    assert!(
        done.err.starts_with("named.winspi:4:8: --symmetry cannot be used here: `e` keeps what the call gives"),
        "{}",
        done.err
    );
    assert!(done.err.contains("a: e = CreateEvent()"), "{}", done.err);
    let done = of("life.winspi", &["--symmetry", "both", "--faults", "kill"]);
    assert_eq!(done.status, Some(2));
    assert!(done.err.contains("a fault names the process that it strikes"), "{}", done.err);
    let done = of("waits.winspi", &["--symmetry", "handles"]);
    assert_eq!(done.status, Some(2));
    assert!(done.err.contains("somebody keeps the handle 0x80, which is closed"), "{}", done.err);
}
