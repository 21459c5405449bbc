//! Random walks: through a scenario with something of everything, and through programs of random calls. Nothing panics,
//! all invariants hold at every boundary, and a snapshot restores to the same state.

mod common;

use std::collections::BTreeSet;

use common::{Argument, Base, Line, LineCall, Random, at, b, call, list, machine, n, null, pid, process, r};
use common::{random_step, room, scenario, thread};
use winspi_core::event::Event;
use winspi_core::snapshot::Snapshot;
use winspi_core::{Grain, System};

const GRAINS: [Grain; 3] = [Grain::Call, Grain::Boundary, Grain::Request];

/// Walks until nothing can happen, at most so many steps, and checks at each.
#[track_caller]
fn walk(system: &mut System<Line>, random: &mut Random, faults: bool, most: usize, name: &str) -> Vec<Event> {
    let mut events = Vec::new();
    for step in 0..most {
        let Some(more) = random_step(system, random, faults) else { break };
        events.extend(more);
        let violations = system.world().check();
        assert!(violations.is_empty(), "{name}, step {step}: {violations:#?}\n{}", tail(&events));
        if step % 50 == 7 {
            let restored = Snapshot::<Line>::from_json(&system.snapshot().to_json());
            let restored = restored.unwrap_or_else(|error| panic!("{name}, step {step}: {error}"));
            assert_eq!(restored.fingerprint(), system.fingerprint(), "{name}, step {step}");
        }
    }
    events
}

/// The last events, one a line.
fn tail(events: &[Event]) -> String {
    let last = events.iter().rev().take(40).rev();
    last.map(|event| format!("{event:?}\n")).collect()
}

#[test]
fn invariants_hold_at_every_boundary() {
    let mut kinds = BTreeSet::new();
    for base in Base::ALL {
        for grain in GRAINS {
            for seed in 0..20 {
                let mut system = scenario(base);
                system.grain = grain;
                let name = format!("{base:?} {grain:?} seed {seed}");
                let events = walk(&mut system, &mut Random::new(seed), seed % 2 == 1, 5_000, &name);
                assert!(system.enabled().is_empty(), "{name}: the run ends");
                kinds.extend(events.iter().map(kind));
            }
        }
    }
    // The walks come by what they are about.
    for kind in ["Completed", "Ended", "Delivered Reset", "Delivered Finish", "Time", "Message", "Waits"] {
        assert!(kinds.contains(kind), "no run had {kind}: {kinds:?}");
    }
}

fn kind(event: &Event) -> String {
    match event {
        Event::Delivered { what, .. } => format!("Delivered {what:?}"),
        other => {
            let text = format!("{other:?}");
            text.chars().take_while(|c| c.is_alphanumeric()).collect()
        }
    }
}

/// A number out of some that are near something.
fn number(random: &mut Random) -> Argument {
    n([-1, 0, 1, 2, 3, 4, 0x80, 0x84, 0x85, 0x88, 0x480, 0x881, 1000, 1004, 1001, 1007, i64::MAX][random.below(17)])
}

/// Anything: mostly an earlier result.
fn anything(random: &mut Random) -> Argument {
    match random.below(12) {
        0 => number(random),
        1 => null(),
        2 => at(["127.0.0.1:80", "127.0.0.1:0", "0.0.0.0:80", "127.0.0.1:1024", "10.0.0.1:5"][random.below(5)]),
        3 => b(["", "x", "hello"][random.below(3)]),
        4 => room([0, 1, 100][random.below(3)]),
        5 => list([r(random.below(10)), room(3)]),
        _ => r(random.below(14)),
    }
}

/// A call of a handle that is likely to be a socket.
fn random_call(random: &mut Random) -> LineCall {
    let s = r([3, 3, 6, 6, 6, 5, random.below(20)][random.below(7)]);
    let cell = [r(1), r(1), r(1), r(1), r(2), r(5), anything(random)][random.below(7)].clone();
    match random.below(30) {
        0 => call("socket", [n(2), n(1), n(6)]),
        1 => call("WSASocket", [n(2), n(1), n(6), null(), n(0), n(random.below(2) as i64)]),
        2 => call("WSASocket", [n(-1), n(-1), n(-1), anything(random)]),
        3 => call("bind", [s, anything(random)]),
        4 => call("listen", [s, number(random)]),
        5 => call("connect", [s, at(["127.0.0.1:80", "127.0.0.1:81"][random.below(2)])]),
        6 | 7 => call("WSAAccept", [s])
            .with("condition", [null(), common::callback(random.below(3) as u32)][random.below(2)].clone()),
        8 => call("closesocket", [anything(random)]),
        9 => call("WSPCloseSocket", [anything(random)]),
        10 => call("CloseHandle", [anything(random)]),
        11 => call("shutdown", [s, n(random.below(4) as i64)]),
        12 | 13 => call("WSASend", [s, list([anything(random), b("abc")])]).with("overlapped", cell),
        14 | 15 => {
            call("WSARecv", [s, list([[r(2), room(2)][random.below(2)].clone(), room(1)])]).with("overlapped", cell)
        }
        16 => call("Overlapped", [anything(random)]),
        17 => call("Buffer", [anything(random)]),
        18 => call("Free", [cell]),
        19 => call("WSAGetOverlappedResult", [s, cell]).with("wait", n(random.below(2) as i64)),
        20 => call("WSADuplicateSocket", [s, pid(random.below(3))]),
        21 => call("BusSend", [pid(random.below(3)), anything(random)]),
        22 => call("BusReceive", [n(0)]),
        23 => call("CreateEvent", [null(), n(random.below(2) as i64), n(random.below(2) as i64)]),
        24 => {
            call("WaitForSingleObject", [[r(0), anything(random)][random.below(2)].clone(), n(random.below(40) as i64)])
        }
        25 => call("ioctlsocket", [s, n(0x8004_667e), number(random)]),
        26 => match random.below(6) {
            0 => call("WSACleanup", []),
            1 => call("WSAStartup", [n(0x202)]),
            2 => call("WSPCleanup", []),
            3 => call("ExitProcess", [n(1)]),
            4 => call("OpenProcess", [n(0), n(0), pid(random.below(3))]),
            _ => call("TerminateProcess", [anything(random), n(1)]),
        },
        27 => match random.below(4) {
            0 => call("WPUCloseSocketHandle", [anything(random)]),
            1 => call("WPUCreateSocketHandle", [n(1001 + random.below(10) as i64), number(random)]),
            2 => call("WPUModifyIFSHandle", [n(1001 + random.below(10) as i64), anything(random)]),
            _ => call("WPUQuerySocketHandleContext", [anything(random)]),
        },
        28 => call("recv", [s, room(5)]),
        _ => call("send", [s, b("data")]),
    }
}

/// Programs that begin with what makes the rest likely to mean something.
///
/// The results 0 to 3 are an event, a WSAOVERLAPPED with it, a buffer and a socket; 6 is often a connection or a duplicate.
fn random_program(random: &mut Random) -> Vec<LineCall> {
    let flags = [1, 1, 1, 0][random.below(4)];
    let mut calls = vec![
        call("CreateEvent", [null(), n(random.below(2) as i64), n(0)]),
        call("Overlapped", [[r(0), n(0)][random.below(2)].clone()]),
        call("Buffer", [n(4)]),
        call("WSASocket", [n(2), n(1), n(6), null(), n(0), n(flags)]),
    ];
    let peer = pid(random.below(3));
    match random.below(4) {
        0 => calls.extend([
            call("bind", [r(3), at("127.0.0.1:80")]),
            call("listen", [r(3), n(2)]),
            call("accept", [r(3)]),
            call("WSADuplicateSocket", [r(6), peer.clone()]),
            call("BusSend", [peer, r(7)]),
        ]),
        1 | 2 => calls.extend([
            call("connect", [r(3), at("127.0.0.1:80")]),
            call("send", [r(3), b("first")]),
            call("WSADuplicateSocket", [r(3), peer.clone()]),
            call("BusSend", [peer, r(6)]),
        ]),
        _ => calls.extend([
            call("BusReceive", [n(0)]),
            call("Overlapped", [n(0)]),
            call("WSASocket", [n(-1), n(-1), n(-1), r(4)]),
        ]),
    }
    calls.extend((0..6 + random.below(14)).map(|_| random_call(random)));
    calls
}

/// A system of three processes with two threads each that run random programs.
fn random_system(base: Base, random: &mut Random) -> System<Line> {
    let mut system = machine(base);
    for name in ["one", "two", "three"] {
        let pid = process(&mut system, name, random_program(random));
        thread(&mut system, pid, random_program(random));
    }
    system
}

#[test]
fn invariants_hold_under_random_programs() {
    // 12,000 seeds were clean when this was written.
    for seed in 0..400 {
        let base = Base::ALL[seed as usize % 6];
        let mut random = Random::new(seed);
        let mut system = random_system(base, &mut random);
        system.grain = GRAINS[seed as usize / 6 % 3];
        let name = format!("{base:?} {:?} seed {seed}", system.grain);
        walk(&mut system, &mut random, seed % 5 == 4, 3_000, &name);
    }
}
