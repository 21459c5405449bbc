//! `winspi run` as a user meets it: exit status, standard output, standard error output.

mod common;

use common::{file, json, winspi};
use serde_json::Value;

/// The scenario of the ten steps.
const HANDOFF: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/handoff.winspi");

/// Bad input: status 2, nothing on the standard output, exactly this on the standard error output, with --json or not.
#[track_caller]
fn refuses(words: &[&str], message: &str) {
    for more in [&[][..], &["--json"][..]] {
        let done = winspi(&[&["run"], words, more].concat());
        assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (Some(2), "", message), "{words:?} {more:?}");
    }
}

#[test]
fn the_handoff_passes_on_all_arrangements() {
    for words in [
        &[][..],
        &["--provider", "non-ifs"],
        &["--layers", "ifs"],
        &["--layers", "non-ifs"],
        &["--layers", "ifs,non-ifs"],
        &["--provider", "non-ifs", "--layers", "non-ifs"],
        &["--modify-handles"],
        &["--layers", "ifs,non-ifs", "--modify-handles"],
        &["--grain", "boundary"],
        &["--grain", "request", "--layers", "ifs,non-ifs"],
    ] {
        let done = winspi(&[&["run", HANDOFF], words].concat());
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{words:?}\n{}", done.out);
        assert!(done.out.ends_with("\n\npassed\n"), "{words:?}\n{}", done.out);
        let report = json(&[&["run", HANDOFF, "--json"], words].concat());
        assert_eq!(report["passed"], true, "{words:?}");
    }
}

#[test]
fn the_report_shows_the_ten_steps() {
    let out = winspi(&["run", HANDOFF]).out;
    for part in [
        "Shared sockets: a connected socket handed to another process\n",
        "\nbase IFS · text order · 21 calls\n",
        "◀──── 1008 ───  BusSend",
        "WSPDuplicateSocket.\n",
        "\n  WSPSend.enotsock                         WSPSend fails with WSAENOTSOCK when",
        "\n  target  0x880  t  a connected socket (1 handle), provider base\n",
    ] {
        assert!(out.contains(part), "{part:?} is missing in\n{out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 100 && line.trim_end() == line), "{out}");
    assert!(!out.contains('\u{1b}'), "no colour unless a terminal shows it");
}

#[test]
fn the_shape_of_the_json() {
    let report = json(&["run", HANDOFF, "--json"]);
    let names = |value: &Value| value.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    assert_eq!(
        names(&report),
        [
            "scenario",
            "about",
            "arrangement",
            "passed",
            "marks",
            "steps",
            "failures",
            "changes",
            "leaks",
            "breaches",
            "hazards",
            "open"
        ]
    );
    let steps = report["steps"].as_array().expect("steps are a list");
    assert_eq!(steps.len(), 21);
    for (place, step) in steps.iter().enumerate() {
        assert_eq!(step["n"], place + 1);
        for name in
            ["line", "thread", "call", "args", "result", "error", "from", "clause", "expected", "held", "mark", "setup"]
        {
            assert!(step.get(name).is_some(), "step {} has no {name}", place + 1);
        }
    }
    let shared = &steps[13];
    assert_eq!(shared["call"], "WSPSocket");
    assert_eq!(shared["clause"], "WSPDuplicateSocket.recognised-in-target");
    assert_eq!(shared["args"]["protocol_info"]["catalog_entry_id"], 1001);
    assert_eq!(shared["args"]["protocol_info"]["bytes"].as_str().map(str::len), Some(2 * 628));
    assert_eq!(steps[16]["result"], "hello");
    let late = &steps[19];
    assert_eq!((&late["result"], &late["expected"]), (&Value::Null, &Value::from("WSAENOTSOCK")));
    assert_eq!((&late["error"]["name"], &late["error"]["code"]), (&Value::from("WSAENOTSOCK"), &Value::from(10038)));
    assert_eq!(late["clause"], "WSPSend.enotsock");
}

#[test]
fn the_arrangement_is_in_the_json() {
    let report =
        json(&["run", HANDOFF, "--json", "--layers", "ifs,non-ifs", "--modify-handles", "--grain", "boundary"]);
    let arrangement = serde_json::json!({
        "name": "non-IFS layer over IFS layer over base IFS",
        "provider": "ifs",
        "layers": ["ifs", "non-ifs"],
        "scenario_layers": [],
        "grain": "boundary",
        "modify_handles": true,
        "seed": null,
    });
    assert_eq!(report["arrangement"], arrangement);
}

#[test]
fn an_expectation_that_does_not_hold_gives_status_1_and_its_place() {
    file("expectation.winspi", b"process p\np: l = WSPSocket(AF_INET, SOCK_STREAM)\np: WSPListen(l, 5) => ok\n");
    let done = winspi(&["run", "expectation.winspi"]);
    assert_eq!((done.status, done.err.as_str()), (Some(1), ""));
    let end = "
Did not hold

expectation.winspi:3:1: WSPListen(l, 5): expected ok, found WSAEINVAL (WSPListen.error-einval)
    3 | p: WSPListen(l, 5) => ok
      | ^

failed: 1 expectation did not hold
";
    assert!(done.out.ends_with(end), "{}", done.out);
    assert!(done.out.contains("\n✗    3  p "), "{}", done.out);
    let report = winspi(&["run", "expectation.winspi", "--json"]);
    assert_eq!(report.status, Some(1));
}

#[test]
fn a_call_that_is_still_blocked_gives_status_1() {
    file("blocked.winspi", b"process p\np: BusReceive()\n");
    let done = winspi(&["run", "blocked.winspi"]);
    assert_eq!(done.status, Some(1));
    assert!(done.out.ends_with("\nfailed: 1 call is still blocked\n"), "{}", done.out);
    file("meant.winspi", b"process p\np: BusReceive() => blocks for ever\n");
    assert_eq!(winspi(&["run", "meant.winspi"]).status, Some(0));
}

#[test]
fn a_broken_duty_gives_status_1() {
    let text = "process p\nlayer leaky (ifs) over tcp {\n    breaks unregistered-handle\n}\n\
                p: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => any\n";
    file("duty.winspi", text.as_bytes());
    let done = winspi(&["run", "duty.winspi"]);
    assert_eq!(done.status, Some(1), "{}", done.out);
    assert!(done.out.contains("layer of the scenario: leaky"), "{}", done.out);
    assert!(
        done.out.contains("Duties that providers broke\n\n  line 5  leaky in p  unregistered-handle: "),
        "{}",
        done.out
    );
    assert!(done.out.ends_with("\nfailed: 1 duty was broken\n"), "{}", done.out);
    let report = json(&["run", "duty.winspi", "--json"]);
    assert_eq!((&report["breaches"][0]["provider"], &report["breaches"][0]["step"]), (&"leaky".into(), &1.into()));
}

#[test]
fn files_that_cannot_be_read() {
    refuses(&["missing.winspi"], "missing.winspi: there is no such file\n");
    // The standard input is empty.
    refuses(&["-"], "-: the scenario has no lines\n");
}

#[test]
fn files_without_lines() {
    file("empty.winspi", b"");
    file("comment.winspi", b"# nothing\nprocess p\n");
    refuses(&["empty.winspi"], "empty.winspi: the scenario has no lines\n");
    refuses(&["comment.winspi"], "comment.winspi: the scenario has no lines\n");
}

#[test]
fn files_that_are_not_in_the_language() {
    file("bytes.winspi", b"process p\np: BusSend(p, \"\xff\")\n");
    refuses(
        &["bytes.winspi"],
        "bytes.winspi:2:16: this is not UTF-8: byte 0xff at offset 25 of the file\n    \
         2 | p: BusSend(p, \"\u{fffd}\")\n      |                ^\n      \
         = help: in strings, `\\x00` to `\\xff` stand for any byte\n",
    );
    file("syntax.winspi", b"proces p\n");
    refuses(
        &["syntax.winspi"],
        "syntax.winspi:1:1: expected a statement, found `proces`\n    1 | proces p\n      | ^^^^^^\n      \
         = help: did you mean `process`?\n",
    );
    file("names.winspi", b"process p\np: s = WSPSoket(AF_INET)\np: WSPBind(x)\n");
    refuses(
        &["names.winspi"],
        "names.winspi:2:8: no function is called `WSPSoket`\n    2 | p: s = WSPSoket(AF_INET)\n      \
         |        ^^^^^^^^\n      = help: did you mean `WSPSocket`?\n",
    );
}

#[test]
fn options_that_do_not_fit() {
    let below = "which is no IFS provider: its WPUModifyIFSHandle would take the place of the handle's context (decision \
                 ifs-over-non-ifs)\n";
    refuses(
        &[HANDOFF, "--provider", "non-ifs", "--layers", "ifs"],
        &format!("error: the option '--layers <LIST>' cannot be met: an IFS layer cannot stand over `base`, {below}"),
    );
    refuses(
        &[HANDOFF, "--layers", "ifs,ifs,ifs,ifs,ifs,ifs,ifs"],
        "error: the option '--layers <LIST>' cannot be met: a protocol chain has at most 7 members\n",
    );
    file("layer.winspi", b"process p\nlayer filter (ifs) over tcp\np: s = WSPSocket(AF_INET, SOCK_STREAM)\n");
    assert_eq!(winspi(&["run", "layer.winspi"]).status, Some(0));
    refuses(
        &["layer.winspi", "--provider", "non-ifs"],
        &format!(
            "layer.winspi:2:1: an IFS layer cannot stand over `tcp`, {below}    \
             2 | layer filter (ifs) over tcp\n      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        ),
    );
    file("world.winspi", b"process p\np: h = CreateEvent()\nkill p\n");
    refuses(
        &["world.winspi", "--seed", "1"],
        "world.winspi:3:1: a random order (--seed) has no place for a statement about the world around\n    \
         3 | kill p\n      | ^^^^^^\n",
    );
    for words in [&["--layers", "tdi"][..], &["--grain", "fine"], &["--provider", "x"], &["--seed", "many"], &["--jsn"]]
    {
        let done = winspi(&[&["run", HANDOFF], words].concat());
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(done.err.starts_with("error: "), "{}", done.err);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for words in [&["run", HANDOFF][..], &["run", HANDOFF, "--json"], &["run", HANDOFF, "--seed", "7"]] {
        let (first, second) = (winspi(words), winspi(words));
        assert_eq!((first.status, first.out), (second.status, second.out), "{words:?}");
    }
}

#[test]
fn a_seed_names_the_order() {
    let order = |seed: &str| {
        let report = json(&["run", HANDOFF, "--json", "--seed", seed]);
        assert_eq!(report["arrangement"]["seed"].to_string(), seed);
        report["steps"].as_array().expect("steps are a list").iter().map(|s| s["line"].to_string()).collect::<Vec<_>>()
    };
    assert!((1..9).any(|seed| order(&seed.to_string()) != order("0")), "some other order is drawn");
}

#[test]
fn help_says_what_there_is() {
    let done = winspi(&["run", "--help"]);
    assert_eq!(done.status, Some(0));
    for part in ["--json", "--provider <KIND>", "--layers <LIST>", "--grain <GRAIN>", "--seed <N>", "Exit status:"] {
        assert!(done.out.contains(part), "{part:?} is missing in\n{}", done.out);
    }
    assert!(winspi(&["--help"]).out.contains("explore"), "both commands are offered");
}

#[test]
fn a_trace_is_written_beside_the_report() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("handoff.json");
    let done = winspi(&["run", HANDOFF, "--layers", "ifs", "--trace", path.to_str().expect("it is text")]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert!(done.out.ends_with("\n\npassed\n"), "the report is as ever");
    let trace: Value = serde_json::from_slice(&std::fs::read(&path).expect("it is written")).expect("it is JSON");
    assert_eq!((&trace["format"], &trace["version"]), (&Value::from("winspi-trace"), &Value::from(1)));
    assert_eq!(trace["machine"]["options"], "--layers ifs");
    let alone = json(&["run", HANDOFF, "--trace", "-"]);
    assert_eq!(alone["machine"]["options"], "");
    for (words, message) in [
        (&[HANDOFF, HANDOFF, "x", "--trace", "-"][..], "error: a trace (--trace) is of one scenario: name one file\n"),
        (&[HANDOFF, "--case", "x", "--trace", "-"], "no case has `x` in its clause or title (--case)\n"),
    ] {
        let done = winspi(&[&["run"], words].concat());
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(done.err.ends_with(message), "{}", done.err);
    }
}
