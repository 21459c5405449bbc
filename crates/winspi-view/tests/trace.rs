//! Traces: what they say of a run, that they come back as they were written, and that nothing else is read.

use std::sync::Arc;

use winspi_script::run::Order;
use winspi_script::{Arrangement, Script, syntax};
use winspi_view::trace::thing::{HandleKind, How, ThreadState};
use winspi_view::trace::{Happening, Origin, ReadError, Thing, Trace, WayEnd, of_run};

const HANDOFF: &str = include_str!("../../../scenarios/handoff.winspi");

fn script(text: &str) -> Arc<Script> {
    Script::new(&syntax::parse(text).expect("it parses"), text).expect("it means something")
}

fn traced_on(text: &str, arrangement: &Arrangement) -> Trace {
    let script = script(text);
    let origin = Origin { file: "a.winspi", text, options: "" };
    let (_, trace) = of_run(&script, arrangement, Order::of(&script), &origin).expect("it runs");
    trace
}

fn traced(text: &str) -> Trace {
    traced_on(text, &Arrangement::default())
}

/// Every scenario on every usual arrangement: written, read, and the same.
#[test]
fn a_trace_comes_back_as_it_was_written() {
    let layered =
        "process a\nprovider filter = layer(ifs) over tcp\na: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n";
    for (text, what) in [(HANDOFF, "the handoff"), (layered, "a layer")] {
        for arrangement in Arrangement::five() {
            let Ok(parsed) = syntax::parse(text) else { continue };
            if Script::new(&parsed, text).is_err() {
                continue;
            }
            let trace = traced_on(text, &arrangement);
            let json = trace.to_json();
            assert_eq!(Trace::read(&json).expect("it is whole"), trace, "{what} on {}", arrangement.name());
            assert!(Trace::is_meant(&json));
            assert_eq!(traced_on(text, &arrangement).to_json(), json, "the same run gives the same bytes");
        }
    }
}

#[test]
fn the_handoff_step_by_step() {
    let trace = traced(HANDOFF);
    let row = |text: &str| trace.rows.iter().find(|row| row.text.starts_with(text)).expect("it is there");
    let duplicate = row("WSPDuplicateSocket");
    let after = trace.state_after(duplicate.last);
    let Some(Thing::Socket(socket)) = after.get("socket 2") else { panic!("the socket is there") };
    let held: Vec<(&str, How)> = socket.holders.iter().map(|h| (h.process.as_str(), h.how)).collect();
    assert_eq!(held, [("source", How::Handle), ("target", How::Claim)]);
    let Some(Thing::Handle(claim)) = after.get("handle target 0x880") else { panic!("the claim is there") };
    assert_eq!((claim.kind, claim.object.as_deref()), (HandleKind::Claim, Some("socket 2")));

    let close = row("WSPCloseSocket");
    let after = trace.state_after(close.last);
    let Some(Thing::Handle(stale)) = after.get("handle source 0x480") else { panic!("the name is there") };
    assert_eq!((stale.kind, stale.names.as_slice()), (HandleKind::Stale, &["s".to_owned()][..]));
    let Some(Thing::Socket(socket)) = after.get("socket 2") else { panic!("the socket lives on") };
    assert_eq!((socket.handles, socket.state.as_str()), (1, "connected"));

    let info = trace.travels.iter().find(|t| t.bytes == 628).expect("the info travels");
    assert_eq!((info.by.as_deref(), info.end), (Some("source"), Some(WayEnd::Arrived)));
    assert_eq!(info.taken, Some(row("BusReceive()").last.max(info.ended.unwrap_or(0) + 1)));
    let info = &trace.infos[info.info.expect("it is one") as usize];
    let reserved = trace.fields.iter().position(|f| f.name == "dwProviderReserved").expect("it has it");
    assert_eq!(info.values[reserved], "2176 (0x880)");
}

#[test]
fn who_waits_and_what_else_could_happen() {
    let trace = traced("process a\nprocess b\na: BusReceive() => blocks\nb: BusSend(a, 1)\n");
    let first = trace.event(1).expect("it is there");
    assert_eq!(first.others.iter().map(|o| trace.name(*o)).collect::<Vec<_>>(), ["go b"]);
    assert_eq!(first.kills.iter().map(|kill| trace.name(*kill)).collect::<Vec<_>>(), ["kill a", "kill b"]);
    assert!(matches!(&first.happened[1], Happening::Waits { what } if what == "a message from anybody"));
    let after = trace.state_after(1);
    let Some(Thing::Thread(a)) = after.get("thread a") else { panic!("the thread is there") };
    assert_eq!((a.state, a.waits.as_deref()), (ThreadState::Waits, Some("a message from anybody")));
    assert_eq!(a.stack, ["system BusReceive"]);
}

#[test]
fn messages_and_what_becomes_of_them() {
    let text = "process a\nprocess b\nhold bus\na: BusSend(b, \"1\")\na: BusSend(b, \"2\")\na: BusSend(b, \"3\")\nlose bus a -> b\n\
                duplicate bus a -> b\nrelease bus\nb: BusReceive() => \"2\"\nb: BusReceive() => \"2\"\nb: BusReceive() => \"3\"\n";
    let trace = traced(text);
    assert!(trace.passed, "{:?}", trace.failures);
    let ends: Vec<_> = trace.travels.iter().map(|t| (t.end, t.copy, t.taken.is_some())).collect();
    let arrived = Some(WayEnd::Arrived);
    let expected =
        [(Some(WayEnd::Lost), false, false), (arrived, false, true), (arrived, false, true), (arrived, true, true)];
    assert_eq!(ends, expected);
}

#[test]
fn what_is_no_trace_is_refused_with_its_place() {
    let good = traced(HANDOFF).to_json();
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let nested = format!("{{\"format\":\"winspi-trace\",\"version\":1,\"title\":{}", "[".repeat(100_000));
    let half = &good[..good.len() / 2];
    for (text, expected) in [
        (changed("\"version\":1", "\"version\":2"), "a trace of version 2; this winspi reads version 1"),
        (changed("winspi-trace", "winspi-snapshot"), "its format is `winspi-snapshot`"),
        ("{}".to_owned(), "1:2: this is no whole trace: missing field `format`"),
        (half.to_owned(), "EOF while parsing"),
        (nested, "1:100045: this is no whole trace: EOF while parsing a list"),
        (changed("\"n\":7,\"name\"", "\"n\":8,\"name\""), "event 7 has another number"),
        (changed("\"others\":[0", "\"others\":[4000000000"), "event 1 names no transition"),
        (changed("\"kills\":[", "\"kills\":[4000000000,"), "event 1 names no transition"),
        (changed("\"sharing\":[", "\"sharing\":[\"x\","), "there is no rule `x`"),
        (changed("\"row\":3", "\"row\":99"), "names no row"),
        (changed("\"title\":", "\"titel\":"), "unknown field `titel`"),
        (changed("\"bytes\":\"", "\"bytes\":\"x"), "an info is not 628 bytes"),
        (changed("\"gone\":[\"", "\"gone\":[\"not "), "which is not there"),
        (changed("\"time\":0", "\"time\":5"), "is before the one before it"),
        (changed("\"end\":\"arrived\"", "\"end\":null"), "ends without an end"),
    ] {
        let error = Trace::read(&text).expect_err(expected).to_string();
        assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
    }
    assert!(matches!(Trace::read(half), Err(ReadError::Damaged { line: 1, .. })));
}

/// What holds for a duplicate stands in the trace where one is made, with what this machine chooses.
#[test]
fn what_holds_for_a_duplicate() {
    let chosen = |value: &str| {
        let mut arrangement = Arrangement::default();
        arrangement.policy.decide("unclaimed-duplicate", value).expect("the table has it");
        let trace = traced_on(
            "process a\na: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSADuplicateSocket(s, a)\n",
            &arrangement,
        );
        assert!(trace.sharing.iter().any(|id| id == "WSPDuplicateSocket.single-use"), "{:?}", trace.sharing);
        let rule = trace.rules.iter().find(|rule| rule.id == "unclaimed-duplicate").expect("it is among them");
        rule.chosen.clone().expect("it has a choice")
    };
    assert!(chosen("keeps").starts_with("It counts as a handle"));
    assert!(chosen("does-not-keep").starts_with("It does not"));
    let none =
        traced("process a\na: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSADuplicateSocket(s, 4) => fails\n");
    assert_eq!(none.sharing, [""; 0]);
}

/// Every scenario of the repository, and every finding: a trace that is whole, and a page of it.
#[test]
fn every_scenario_has_a_page() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let (mut folders, mut pages) = (vec![root], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "winspi") {
                let text = std::fs::read_to_string(&path).expect("a committed file can be read");
                let trace = traced(&text);
                assert_eq!(trace.check(), Ok(()), "{}", path.display());
                assert_eq!(Trace::read(&trace.to_json()).as_ref(), Ok(&trace), "{}", path.display());
                let page = winspi_view::page::render(&trace);
                assert!(page.contains("<!doctype html>") && page.len() < 400_000, "{}: {}", path.display(), page.len());
                pages += 1;
            }
        }
    }
    assert!(pages > 100, "{pages}");
}
