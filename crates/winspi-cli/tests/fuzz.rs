//! `winspi fuzz`: reports, files, parts.

mod common;

use common::{folder, json, winspi, winspi_in};

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let words = ["fuzz", "--seed", "3", "--cases", "20", "--steps", "12", "--corpus", "no-such-folder"];
    let (first, second) = (winspi(&words), winspi(&words));
    assert_eq!((first.status, first.err.as_str()), (Some(0), ""), "{}", first.out);
    assert_eq!(first.out, second.out);
    assert!(first.out.contains("duplicates redeemed"), "{}", first.out);
}

#[test]
fn parts_become_the_whole() {
    let common = ["--steps", "12", "--corpus", "no-such-folder", "--json"];
    let words = |more: &[&str]| -> Vec<String> {
        ["fuzz"].iter().chain(more).chain(&common).map(|word| (*word).to_owned()).collect()
    };
    let run = |more: &[&str]| {
        let words = words(more);
        winspi(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let first = run(&["--cases", "6", "--partition", "1/2"]);
    let second = run(&["--cases", "6", "--partition", "2/2"]);
    let there = folder(&[("1.json", &first.out), ("2.json", &second.out), ("bad.json", "{}\n")]);
    let merged = winspi_in(there.path(), &["fuzz", "--merge", "2.json", "1.json", "--json"], b"");
    let whole = json(&["fuzz", "--cases", "12", "--steps", "12", "--corpus", "no-such-folder", "--json"]);
    let merged: serde_json::Value = serde_json::from_str(&merged.out).expect("what is written is JSON");
    for member in ["cases", "calls", "transitions", "statistics", "findings", "passed"] {
        assert_eq!(merged[member], whole[member], "{member}");
    }
    for (words, says) in [
        (vec!["fuzz", "--merge", "1.json", "1.json"], "which another has, too"),
        (vec!["fuzz", "--merge", "bad.json"], "bad.json:1:"),
        (vec!["fuzz", "--merge", "none.json"], "none.json: cannot be read"),
        (vec!["fuzz", "--partition", "3/2"], "is no part"),
    ] {
        let done = winspi_in(there.path(), &words, b"");
        assert_eq!(done.status, Some(2), "{words:?}");
        assert!(done.err.contains(says), "{words:?}: {}", done.err);
    }
}

#[test]
fn scenarios_of_the_corpus_are_run_first_on_their_machines() {
    let holds = "# winspi run FILE --provider non-ifs\nscenario \"x\"\nneeds base non-ifs\nprocess a\n\
                 a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n";
    let fails = "process a\na: WSPCloseSocket(0x7fc)\n";
    let there = folder(&[("1.winspi", holds)]);
    let words = ["fuzz", "--cases", "1", "--corpus", "."];
    assert_eq!(winspi_in(there.path(), &words, b"").status, Some(0));
    std::fs::write(there.path().join("2.winspi"), fails).expect("the folder can be written to");
    let done = winspi_in(there.path(), &words, b"");
    assert_eq!(done.status, Some(1));
    assert!(done.out.contains("FAILED: 2:1: WSPCloseSocket(0x7fc)"), "{}", done.out);
}
