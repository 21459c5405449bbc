//! Hazards: each appears where it should, in a run and when exploring, and where it should not it does not.

mod common;

use std::collections::BTreeMap;

use common::{explored, on, script};
use winspi_core::canon::Fingerprint;
use winspi_core::event::{Event, HazardKind};
use winspi_core::{Grain, System, Transition};
use winspi_explore::Options;
use winspi_script::{Lines, run};

/// A pair of connected sockets, overlapped on the client's side; `a` is the client.
const PAIR: &str = "
process server
process a
process b
thread a.other
setup {
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: WSPBind(l, 127.0.0.1:5000)
    server: WSPListen(l, 5)
    a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, flags=WSA_FLAG_OVERLAPPED)
    a: WSPConnect(s, 127.0.0.1:5000)
    server: c = WSPAccept(l)
    a: o = Overlapped()
    a: p = Overlapped()
    a: r = Buffer(8)
    a: q = Buffer(8)
    a: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
    a: i = WSPDuplicateSocket(s, a)
    a: d = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, i)
}
";

const IMPORT: &str = "b: info = BusReceive()
b: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info)";

/// What is done, and the hazards of it with a part of what is seen.
fn cases() -> Vec<(String, Vec<(HazardKind, &'static str)>)> {
    use HazardKind::{
        CellFreedUnderOperation as Freed, CellReusedUnderOperation as Reused, ClaimTargetDied as Died,
        RecycledHandle as Recycled, RegistrationCancelled as Cancelled, UnclaimedDuplicationKeepsSocket as Keeps,
    };
    let case = |text: &str, hazards: &[(HazardKind, &'static str)]| (text.to_owned(), hazards.to_vec());
    let share = "a: info = WSPDuplicateSocket(s, b)\na: BusSend(b, info)";
    vec![
        // The value goes to another socket, and the old name still means it.
        case(
            "a: WSPCloseSocket(d)\na: n = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPBind(d, 127.0.0.1:80)",
            &[(Recycled, "means another socket than when it was bound: a closed it by WSPCloseSocket in line ")],
        ),
        case(
            "a: WSPCloseSocket(d)\na: d = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPBind(d, 127.0.0.1:80)",
            &[],
        ),
        // It may be meant that the target ends, but not before it has asked.
        case(
            &format!("{share}\nb: ExitProcess(0)"),
            &[(Died, "b ended and had not asked for the duplicate that a made for it (")],
        ),
        case(&format!("{share}\n{IMPORT}\nb: ExitProcess(0)"), &[]),
        case(
            &format!(
                "{share}\na: WSPCloseSocket(s)\na: WSPCloseSocket(d)\na: BusSend(b, \"closed\")\nb: BusReceive()\nb: BusReceive() => \"closed\"\nb: ExitProcess(0)"
            ),
            &[(Keeps, "which a made and b has not asked for"), (Died, "; it was the last that kept the socket open")],
        ),
        // The last descriptor is closed.
        case(
            &format!("a: WSPCloseSocket(d)\n{share}\na: WSPCloseSocket(s)"),
            &[(Keeps, "the last descriptor of the socket 127.0.0.1:1024; it stays open by ")],
        ),
        case(
            &format!(
                "a: WSPCloseSocket(d)\n{share}\n{IMPORT}\nb: BusSend(a, \"mine\")\na: BusReceive()\na: WSPCloseSocket(s)"
            ),
            &[],
        ),
        case(&format!("{share}\na: WSPCloseSocket(s)"), &[]),
        case(
            &format!("a: WSPCloseSocket(d)\n{share}\na: ExitProcess(0)"),
            &[(Keeps, "a ended, and with it the last descriptor of the socket 127.0.0.1:1024")],
        ),
        // Events of one socket go to one registration.
        case(
            "a: WSPEventSelect(s, e, FD_READ)\na: WSPEventSelect(d, e, FD_READ)",
            &[(Cancelled, "a cancelled, through ")],
        ),
        case("a: WSPEventSelect(s, e, FD_READ)\na: WSPEventSelect(s, e, FD_WRITE)", &[]),
        // What a pending operation has belongs to it.
        case(
            "a: WSPRecv(s, [r], overlapped=o) => pending\na: Free(o)",
            &[(Freed, "the WSAOVERLAPPED of a receive that is pending on 0x")],
        ),
        case(
            "a: WSPRecv(s, [r], overlapped=o) => pending\na: Free(r)",
            &[(Freed, "a buffer of a receive that is pending on 0x")],
        ),
        case("a: WSPRecv(s, [r], overlapped=o) => pending\na: Free(q)", &[]),
        case("server: WSPSend(c, \"x\")\na: WSPRecv(s, [buffer(1)])\na: Free(r)", &[]),
        case(
            "a: WSPRecv(s, [r], overlapped=o) => pending\na: WSPRecv(s, [q], overlapped=o) => pending",
            &[(Reused, "a gave cell ")],
        ),
        case(
            "a: WSPRecv(s, [r], overlapped=o) => pending\na: WSPRecv(s, [r], overlapped=p) => pending",
            &[(Reused, "a receives into cell ")],
        ),
        case("a: WSPRecv(s, [r], overlapped=o) => pending\na: Write(r, \"x\")", &[(Reused, "a writes into cell ")]),
        case(
            "a: WSPRecv(s, [r], overlapped=o) => pending\na: WSPSend(s, [r], overlapped=p)",
            &[(Reused, "a sends cell ")],
        ),
        case("a: WSPRecv(s, [r], overlapped=o) => pending\na: WSPRecv(s, [q], overlapped=p) => pending", &[]),
        case("a: WSPSend(s, [r], overlapped=o)\na: WSPSend(s, [r], overlapped=p)", &[]),
    ]
}

#[test]
fn each_appears_where_it_should_and_nowhere_else() {
    for (lines, expected) in cases() {
        let script = script(&format!("{PAIR}{lines}\n"));
        for place in 0..5 {
            let arrangement = on(place, Grain::Boundary);
            let ran = run::run(&script, &arrangement).expect("it can run");
            assert!(ran.passed, "{lines}\n{:?} {:?}", ran.failures, ran.leaks);
            let in_run: Vec<_> = ran.hazards.iter().map(|(_, hazard)| hazard.clone()).collect();
            let found = explored(&script, &arrangement, &Options::without_faults());
            let in_order = found.hazards.iter().map(|found| found.what.clone());
            for (how, hazards) in [("run", in_run), ("explore", in_order.collect())] {
                let seen: Vec<_> = hazards.iter().map(|h| (h.kind, h.seen.as_str())).collect();
                let named: Vec<_> = expected.iter().map(|(kind, _)| *kind).collect();
                let mut kinds: Vec<_> = hazards.iter().map(|h| h.kind).collect();
                kinds.dedup();
                assert_eq!(kinds, named, "{how} on {place}: {lines}\n{seen:?}");
                for (kind, part) in &expected {
                    assert!(
                        seen.iter().any(|(k, s)| k == kind && s.contains(part)),
                        "{how} on {place}: {part}: {seen:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_file_says_which_hazards_it_expects() {
    let text = format!(
        "{PAIR}a: info = WSPDuplicateSocket(s, b)\na: BusSend(b, info)\nb: BusReceive()\nb: ExitProcess(0)\nexpect hazard claim-target-died\n"
    );
    let met = script(&text);
    assert!(run::run(&met, &on(0, Grain::Call)).expect("it can run").passed);
    assert!(explored(&met, &on(0, Grain::Call), &Options::without_faults()).passed());

    let other = script(&text.replace("hazard claim-target-died", "hazard recycled-handle"));
    let ran = run::run(&other, &on(0, Grain::Call)).expect("it can run");
    let messages: Vec<&str> = ran.failures.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(messages, ["expected the hazard recycled-handle, which was not met"]);
    let found = explored(&other, &on(0, Grain::Call), &Options::without_faults());
    assert_eq!(common::messages(&found), ["expected the hazard recycled-handle, which no order shows"]);
}

#[test]
fn a_handle_that_is_recycled_under_a_call_is_told_with_both_who_did_it() {
    // The accept has its socket already when another thread closes the handle, and gets the value for a new socket.
    let text = "
process server
thread server.other
process client
setup {
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: WSPBind(l, 127.0.0.1:80)
    server: WSPListen(l, 5)
    client: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    client: WSPConnect(s, 127.0.0.1:80)
}
server: WSPGetSockName(l) => any
server.other: WSPCloseSocket(l)
server.other: n = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
server.other: WSPBind(n, 127.0.0.1:81)
";
    let found = explored(&script(text), &on(0, Grain::Boundary), &Options::without_faults());
    let mut seen: Vec<&str> = found.hazards.iter().map(|h| h.what.seen.as_str()).collect();
    seen.sort_unstable();
    let by = "server.other closed it by WSPCloseSocket in line 13; server.other got the value by WSPSocket in line 14";
    assert_eq!(
        seen,
        [
            format!("`l`, 0x80, became another socket while the call on it was under way: {by}"),
            format!("`l`, 0x80, means another socket than when it was bound: {by}"),
        ]
    );
}

/// What a transition of a state leads to, and the hazards on the way.
type Told = BTreeMap<(Fingerprint, String), (Fingerprint, Vec<String>)>;

#[test]
fn equal_worlds_report_alike() {
    let recycled = script(common::RECYCLED_HANDLE);
    let text = format!(
        "{PAIR}a: info = WSPDuplicateSocket(s, b)\na: WSPCloseSocket(s)\na: WSPCloseSocket(d)\na.other: n = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na.other: WSPSetSockOpt(d, SOL_SOCKET, SO_KEEPALIVE, 1) => any\nb: ExitProcess(0)\n"
    );
    for script in [recycled, script(&text)] {
        let (start, failures) = run::after_setup(&script, &on(0, Grain::Boundary)).expect("it can run");
        assert_eq!(failures, []);
        let mut told = Told::new();
        let mut met = 0;
        // Every way of so many steps, and no state is left out because it is known.
        walk(start, 9, &mut told, &mut met);
        assert!(met > told.len(), "states are met again");
        assert!(told.values().any(|(_, hazards)| !hazards.is_empty()));
    }
}

fn walk(system: System<Lines>, left: usize, told: &mut Told, met: &mut usize) {
    if left == 0 {
        return;
    }
    let at = system.fingerprint();
    for transition in system.enabled() {
        let mut next = system.clone();
        let events = next.apply(&transition).expect("it is enabled");
        let mut hazards = hazards_of(&events);
        hazards.extend(finished(&mut next));
        let entry = (next.fingerprint(), hazards);
        *met += 1;
        let known = told.insert((at, transition_name(&transition)), entry.clone());
        assert!(known.is_none_or(|known| known == entry), "{transition:?}");
        walk(next, left - 1, told, met);
    }
}

fn transition_name(transition: &Transition) -> String {
    format!("{transition:?}")
}

fn hazards_of(events: &[Event]) -> Vec<String> {
    let hazards = events.iter().filter_map(|event| match event {
        Event::Hazard(hazard) => Some(hazard.seen.clone()),
        _ => None,
    });
    hazards.collect()
}

fn finished(system: &mut System<Lines>) -> Vec<String> {
    let tids: Vec<_> = system.programs().map(|(tid, _)| tid).collect();
    let finished = tids.into_iter().flat_map(|tid| system.program_mut(tid).map_or(Vec::new(), Lines::take_finished));
    finished.collect::<Vec<_>>().into_iter().filter_map(|one| one.hazard.map(|hazard| hazard.seen)).collect()
}
