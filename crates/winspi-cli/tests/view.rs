//! `winspi view` as a user meets it.

mod common;

use common::{file, winspi};

/// The scenario of the ten steps.
const HANDOFF: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/handoff.winspi");

/// What is written to the standard output.
#[track_caller]
fn shown(words: &[&str]) -> String {
    let done = winspi(&[&["view"], words, &["-o", "-"]].concat());
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{words:?}");
    done.out
}

#[test]
fn a_trace_alone_gives_the_same_page() {
    let trace = shown(&[HANDOFF, "--format", "json"]);
    file("handoff.trace.json", trace.as_bytes());
    assert_eq!(shown(&["handoff.trace.json"]), shown(&[HANDOFF]));
    assert!(shown(&[HANDOFF, "handoff.trace.json"]).contains("0 differences"));
}

#[test]
fn another_transition_is_taken_in_the_place_of_an_event() {
    let page = shown(&[HANDOFF, "--instead", "5 go target", "--format", "json"]);
    let trace: serde_json::Value = serde_json::from_str(&page).expect("it is JSON");
    assert_eq!(trace["events"].as_array().map(Vec::len), Some(5));
    assert_eq!(
        (&trace["events"][4]["thread"], &trace["machine"]["order"]),
        (&"target".into(), &"recorded order".into())
    );
    let killed = shown(&[HANDOFF, "--instead", "20 kill source", "--format", "json"]);
    assert!(killed.contains("\"kind\":\"kill\""));
}

/// An order that is drawn is shown as `run` takes it, and its commands lead to it again.
#[test]
fn a_random_order() {
    for (words, order) in [
        (&["--seed", "3"][..], "random order 3"),
        (&["--seed", "3", "--pct", "2"], "random order 3 by priorities of depth 2"),
    ] {
        let page = shown(&[&[HANDOFF, "--format", "json"], words].concat());
        let done = winspi(&[&["run", HANDOFF, "--trace", "-"], words].concat());
        assert_eq!((done.status, &done.out), (Some(0), &page), "{words:?}");
        let trace: serde_json::Value = serde_json::from_str(&page).expect("it is JSON");
        assert_eq!(trace["machine"]["order"], order);
    }
    let done = winspi(&["view", HANDOFF, "--pct", "2"]);
    assert_eq!(done.status, Some(2));
}

#[test]
fn what_cannot_be_shown_is_refused() {
    file("half.trace.json", b"{\"format\":\"winspi-trace\",\"version\":1,");
    file("later.trace.json", b"{\"format\":\"winspi-trace\",\"version\":9}");
    for (words, message) in [
        (&["half.trace.json"][..], ":1:37: this is no whole trace: EOF while parsing a value\n"),
        (&["later.trace.json"], "this is a trace of version 9; this winspi reads version 1"),
        (&["later.trace.json", "--seed", "1"], "--instead, --seed and --case need the scenario\n"),
        (&[HANDOFF, "--instead", "x"], "expected an event and a transition: '17 go target'\n"),
        (&[HANDOFF, "--instead", "1 go source"], "there is no such event after `setup`; there are 4 to 30\n"),
        (
            &[HANDOFF, "--instead", "5 go server.x"],
            "`go server.x` cannot happen there; what can: go server, go target, go source\n",
        ),
        (&[HANDOFF, HANDOFF, "--format", "json"], "two runs have one form only: --format html\n"),
        (&["no-such-file"], "there is no such file\n"),
    ] {
        let done = winspi(&[&["view"], words, &["-o", "-"]].concat());
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(done.err.contains(message), "expected {message:?}, found {:?}", done.err);
    }
}

#[test]
fn the_forms_for_terminals_and_documents() {
    let handoff = &format!("{}/scenarios/handoff.winspi", common::ROOT);
    for (format, begins) in [
        ("text", "Shared sockets: "),
        ("mermaid", "sequenceDiagram\n"),
        ("svg", "<svg xmlns="),
        ("json", "{\"format\":"),
    ] {
        let done = winspi(&["view", handoff, "--format", format, "--output", "-"]);
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{format}");
        assert!(done.out.starts_with(begins), "{format}: {}", done.out);
    }
    let shown = winspi(&["view", handoff, "--format", "text"]);
    assert!(shown.out.ends_with("passed\n"), "text goes to the terminal: {}", shown.out);
}

/// Where the system has nothing that opens pages, the page is written all the same.
#[cfg(target_os = "linux")]
#[test]
fn a_page_that_cannot_be_opened() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_winspi"))
        .args(["view", HANDOFF, "-o", "page.html", "--open"])
        .current_dir(&folder)
        .env("PATH", folder.path())
        .output()
        .expect("the command starts");
    let told = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2));
    assert!(told.starts_with("error: the page is written, but cannot be opened ("), "{told}");
    let page = std::fs::read_to_string(folder.path().join("page.html")).expect("it is written");
    assert!(page.ends_with("</html>\n"), "{}", &page[page.len() - 20..]);
}
