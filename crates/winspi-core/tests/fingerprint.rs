//! The canonical encoding: histories that led to the same state agree, states that differ do not.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Base, Line, LineCall, Random, at, b, call, go, list, machine, n, null, pid, process, r, room};
use common::{random_step, run, scenario, thread};
use serde::{Deserialize, Serialize};
use winspi_core::call::Callback;
use winspi_core::canon::{Fingerprint, Scratch};
use winspi_core::id::{EndpointId, Handle, Pid, Tid};
use winspi_core::kernel::process::ThreadRole;
use winspi_core::policy::{Limits, Policy};
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::snapshot::Snapshot;
use winspi_core::{Grain, Program, Shared, System, Transition, World};

fn tcp() -> LineCall {
    call("socket", [n(2), n(1), n(6)])
}

/// The world after one process has run these calls to their end.
fn after(base: Base, calls: impl IntoIterator<Item = LineCall>) -> World {
    let mut system = machine(base);
    process(&mut system, "one", calls);
    run(&mut system);
    common::sound(&system);
    system.world().clone()
}

#[track_caller]
fn same(base: Base, one: World, other: World) {
    assert_eq!(one.encoding(), other.encoding(), "{base:?}");
    assert_eq!(one.fingerprint(), other.fingerprint());
}

#[test]
fn sockets_that_are_gone_leave_no_trace() {
    for base in Base::ALL {
        let short = after(base, [tcp(), tcp(), call("closesocket", [r(0)])]);
        let long = after(
            base,
            [
                tcp(),
                tcp(),
                tcp(),
                call("closesocket", [r(2)]),
                call("closesocket", [r(1)]),
                tcp(),
                call("CreateEvent", [null(), n(0), n(0)]),
                call("CloseHandle", [r(6)]),
                call("closesocket", [r(0)]),
            ],
        );
        same(base, short, long);
    }
}

#[test]
fn the_order_of_making_does_not_show() {
    for base in Base::ALL {
        // Both end with a socket that has no name under the lower handle and one that has under the higher one.
        let one = after(base, [tcp(), tcp(), call("bind", [r(1), at("127.0.0.1:80")])]);
        let other =
            after(base, [tcp(), tcp(), call("bind", [r(1), at("127.0.0.1:80")]), call("closesocket", [r(0)]), tcp()]);
        same(base, one, other);
    }
}

#[test]
fn threads_that_do_not_meet_commute() {
    for base in Base::ALL {
        let mut ends = BTreeSet::new();
        for seed in 0..40 {
            let mut system = machine(base);
            system.grain = [Grain::Call, Grain::Boundary, Grain::Request][seed as usize % 3];
            for name in ["one", "two", "three"] {
                process(
                    &mut system,
                    name,
                    [tcp(), tcp(), call("closesocket", [r(0)]), call("CreateEvent", [null(), n(0), n(1)]), tcp()],
                );
            }
            let mut random = Random::new(seed);
            while random_step(&mut system, &mut random, false).is_some() {}
            system.grain = Grain::Call;
            ends.insert(system.fingerprint());
        }
        assert_eq!(ends.len(), 1, "{base:?}");
    }
}

/// On walks: two states have the same fingerprint exactly when they have the same encoding, whatever of it was kept from
/// states before.
#[test]
fn fingerprints_are_equal_where_encodings_are() {
    let (mut met_again, mut scratch) = (0, Scratch::default());
    for base in Base::ALL {
        let (mut prints, mut encodings) = (BTreeMap::new(), BTreeMap::new());
        for seed in 0..12 {
            let mut system = scenario(base);
            system.grain = [Grain::Call, Grain::Boundary, Grain::Request][seed as usize % 3];
            let mut random = Random::new(seed);
            let mut step = 0;
            while random_step(&mut system, &mut random, seed % 2 == 1).is_some() {
                let (encoding, print) = (system.encoding(), system.fingerprint_in(&mut scratch));
                if step % 16 == 3 {
                    let fresh = Snapshot::<Line>::from_json(&system.snapshot().to_json()).expect("a snapshot");
                    assert_eq!(fresh.fingerprint(), print, "{base:?}, seed {seed}, step {step}");
                }
                met_again += u32::from(prints.contains_key(&encoding));
                let known = prints.entry(encoding.clone()).or_insert(print);
                assert_eq!(*known, print, "{base:?}, seed {seed}, step {step}: one encoding, two fingerprints");
                let known = encodings.entry(print).or_insert_with(|| encoding.clone());
                assert_eq!(*known, encoding, "{base:?}, seed {seed}, step {step}: one fingerprint, two encodings");
                step += 1;
            }
        }
    }
    assert!(met_again > 0, "no state was met twice");
}

#[test]
fn connections_are_known_by_their_ends() {
    for base in Base::ALL {
        let end = |first: usize| {
            let mut system = machine(base);
            let server = process(
                &mut system,
                "server",
                [tcp(), call("bind", [r(0), at("127.0.0.1:80")]), call("listen", [r(0), n(5)])],
            );
            go(&mut system, Tid::main(server));
            let mut clients = Vec::new();
            for port in [1001, 1002] {
                let name = at(&format!("127.0.0.1:{port}"));
                let connect = call("connect", [r(0), at("127.0.0.1:80")]);
                clients.push(process(&mut system, "client", [tcp(), call("bind", [r(0), name]), connect]));
            }
            let order = if first == 0 { clients.clone() } else { clients.iter().rev().copied().collect() };
            for client in order {
                go(&mut system, Tid::main(client));
            }
            // Both requests are on their way; they arrive in the same order in both histories.
            for port in [1001, 1002] {
                let (from, to) = (format!("127.0.0.1:{port}"), "127.0.0.1:80");
                let deliver = Transition::Deliver {
                    from: from.parse().expect("an address"),
                    to: to.parse().expect("an address"),
                };
                system.apply(&deliver).expect("a request on its way");
            }
            run(&mut system);
            system
        };
        let (one, other) = (end(0), end(1));
        assert_eq!(one.encoding(), other.encoding(), "{base:?}");
    }
}

#[test]
fn operations_that_are_done_leave_no_order() {
    for base in Base::ALL {
        let pending = |earlier: bool| {
            let mut system = machine(base);
            let receive = call("WSARecv", [r(3), list([r(5)])]).with("overlapped", r(4));
            // One history has had an operation more than the other; both have made the worker of a non-IFS provider.
            let result = call("WSAGetOverlappedResult", [r(3), r(4)]).with("wait", n(1));
            let first = match earlier {
                true => vec![receive.clone(), result.clone()],
                false => vec![call("recv", [r(3), room(1)])],
            };
            let fill = first.into_iter().chain([receive.clone(), result]);
            let calls = [
                tcp(),
                call("bind", [r(0), at("127.0.0.1:80")]),
                call("listen", [r(0), n(5)]),
                call("accept", [r(0)]),
                call("Overlapped", [n(0)]),
                call("Buffer", [n(1)]),
            ];
            let last = [receive, call("WSARecv", [r(3), list([r(5)])]).with("overlapped", r(4))];
            process(&mut system, "server", calls.into_iter().chain(fill).chain(last));
            process(
                &mut system,
                "client",
                [
                    tcp(),
                    call("connect", [r(0), at("127.0.0.1:80")]),
                    call("send", [r(0), b("x")]),
                    call("send", [r(0), b("y")]),
                ],
            );
            run(&mut system);
            common::sound(&system);
            // Two operations share a structure: allowed, and a test of what names them.
            assert_eq!(system.world().operation_count(), 2, "{base:?}");
            system
        };
        let (one, other) = (pending(true), pending(false));
        same(base, one.world().clone(), other.world().clone());
    }
}

#[test]
fn moments_are_relative() {
    let waits = |before: u32| {
        let mut system = machine(Base::Ifs);
        let pid = process(
            &mut system,
            "one",
            [
                call("CreateEvent", [null(), n(0), n(0)]),
                call("WaitForSingleObject", [r(0), n(i64::from(before))]),
                call("WaitForSingleObject", [r(0), n(20)]),
            ],
        );
        go(&mut system, Tid::main(pid));
        if before > 0 {
            system.apply(&Transition::TimePasses).expect("a deadline");
            go(&mut system, Tid::main(pid));
        }
        assert_eq!(system.world().now(), u64::from(before));
        system.world().clone()
    };
    let (early, late) = (waits(0), waits(70));
    same(Base::Ifs, early.clone(), late);
    let mut system: System<Line> = System::new(early.clone(), ());
    system.apply(&Transition::Advance(5)).expect("time");
    assert_ne!(system.world().fingerprint(), early.fingerprint());
}

#[test]
fn a_killed_process_is_the_same_wherever_it_was() {
    for base in Base::ALL {
        let mut ends = BTreeSet::new();
        for steps in 0..30 {
            let mut system = machine(base);
            let pid = process(
                &mut system,
                "one",
                [
                    tcp(),
                    call("bind", [r(0), at("127.0.0.1:80")]),
                    call("listen", [r(0), n(5)]),
                    call("WSADuplicateSocket", [r(0), pid(0)]),
                    call("accept", [r(0)]),
                ],
            );
            system.grain = Grain::Request;
            for _ in 0..steps {
                if !system.can_go(Tid::main(pid)) {
                    break;
                }
                system.apply(&Transition::Go(Tid::main(pid))).expect("a thread that can go on");
            }
            system.apply(&Transition::Kill(pid)).expect("a process that runs");
            common::sound(&system);
            ends.insert(system.fingerprint());
        }
        assert_eq!(ends.len(), 1, "{base:?}");
    }
}

/// States of random runs through the scenario, all bases and grains.
fn states(runs: u64) -> BTreeMap<Vec<u8>, Fingerprint> {
    let mut states = BTreeMap::new();
    let mut scratch = Scratch::default();
    for base in Base::ALL {
        for seed in 0..runs {
            let mut system = scenario(base);
            system.grain = [Grain::Call, Grain::Boundary, Grain::Request][seed as usize % 3];
            let mut random = Random::new(seed);
            while random_step(&mut system, &mut random, true).is_some() {
                let fingerprint = system.fingerprint_in(&mut scratch);
                assert_eq!(fingerprint, system.fingerprint(), "memory that was used before leaves no trace");
                let known = states.insert(system.encoding(), fingerprint);
                assert!(known.is_none_or(|known| known == fingerprint));
            }
        }
    }
    states
}

#[test]
fn states_that_differ_have_different_fingerprints() {
    let states: Vec<_> = states(12).into_iter().collect();
    let distinct: BTreeSet<_> = states.iter().map(|(_, fingerprint)| *fingerprint).collect();
    assert_eq!(distinct.len(), states.len());
    let mut random = Random::new(7);
    let mut pairs = 0;
    while pairs < 10_000 {
        let (one, other) = (random.below(states.len()), random.below(states.len()));
        let (one, other) = (&states[one], &states[other]);
        assert_eq!(one.0 == other.0, one.1 == other.1);
        pairs += usize::from(one.0 != other.0);
    }
}

#[test]
fn the_same_run_gives_the_same_states() {
    assert_eq!(states(2), states(2));
}

#[test]
fn a_fingerprint_is_32_digits() {
    let fingerprint = Fingerprint(0x2a);
    assert_eq!(fingerprint.to_string(), "0000000000000000000000000000002a");
    assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    assert!("2a".parse::<Fingerprint>().is_err());
    assert!("+000000000000000000000000000002a".parse::<Fingerprint>().is_err());
    let stored = serde_json::to_string(&fingerprint).expect("JSON");
    assert_eq!(serde_json::from_str::<Fingerprint>(&stored).ok(), Some(fingerprint));
}

/// A program that remembers keys of sockets, as bindings do.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Remembers(Vec<EndpointId>);

impl Program for Remembers {
    type Shared = ();
    fn enter(&mut self, _: &Callback) {}
    fn step(&mut self, _: &mut Shared<()>, _: &World, _: Tid, _: Reply) -> Step<()> {
        Step::Ask(Request::Done, ())
    }
    fn end(&mut self) {}
}

#[test]
fn a_program_remembers_a_socket_by_its_number_or_as_dead() {
    // The keys of four sockets, of which the first two are closed afterwards.
    let mut system = machine(Base::Ifs);
    let pid = process(
        &mut system,
        "one",
        [tcp(), tcp(), tcp(), tcp(), call("CreateEvent", [null(), n(0), n(0)]), call("WaitForSingleObject", [r(4)])],
    );
    run(&mut system);
    let key = |handle| system.world().socket_of(pid, Handle(handle)).expect("a socket");
    let keys = [key(0x80), key(0x84), key(0x88), key(0x8c)];
    thread(&mut system, pid, [call("closesocket", [n(0x80)]), call("closesocket", [n(0x84)])]);
    run(&mut system);
    let remembering = |key: EndpointId| {
        let mut remembering = System::new(system.world().clone(), ());
        remembering.set_program(Tid::main(pid), Remembers(vec![key]));
        remembering.encoding()
    };
    assert_eq!(remembering(keys[0]), remembering(keys[1]), "all dead keys are alike");
    assert_ne!(remembering(keys[0]), remembering(keys[2]));
    assert_ne!(remembering(keys[2]), remembering(keys[3]));
}

#[test]
fn what_never_changes_counts_too() {
    let world = |base: Base, policy: Policy| {
        let mut world = World::new(base.catalog(&[]), policy);
        assert_eq!(world.add_process("one", true, ThreadRole::Program), Pid::of_index(0));
        world.fingerprint()
    };
    let plain = world(Base::Ifs, Policy::default());
    assert_eq!(plain, world(Base::Ifs, Policy::default()));
    assert_ne!(plain, world(Base::NonIfs, Policy::default()));
    assert_ne!(
        plain,
        world(Base::Ifs, Policy { limits: Limits { backlog: 5, ..Limits::default() }, ..Policy::default() })
    );
}

/// A system apart is the same system, whenever it is made, and goes on in the same way.
#[test]
fn a_system_apart_is_equal_and_goes_on_alike() {
    for base in Base::ALL {
        let mut random = Random::new(11);
        let mut system = scenario(base);
        for _ in 0..60 {
            let mut apart = system.apart();
            assert_eq!(apart.encoding(), system.encoding(), "{base:?}");
            assert_eq!(apart.fingerprint(), system.fingerprint());
            let all = system.enabled();
            assert_eq!(apart.enabled(), all);
            let Some(next) = all.get(random.below(all.len().max(1))).cloned() else { break };
            assert_eq!(apart.apply(&next), system.apply(&next));
            assert_eq!(apart.encoding(), system.encoding(), "{base:?}");
        }
    }
}
