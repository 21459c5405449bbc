//! What a stored world has to be, rule by rule: each line damages a sound snapshot in one place, and is refused for it.

mod common;

use common::{Base, Line, at, b, call, list, machine, n, pid, process, r, room, run};
use serde_json::{Value as Json, json};
use winspi_core::System;
use winspi_core::kernel::process::{Next, ThreadRole};
use winspi_core::snapshot::Snapshot;

/// Something that waits in each part that is stored: duplicates, datagrams and messages on their way, operations, a
/// connection in a backlog, a call that is blocked.
fn busy(base: Base) -> System<Line> {
    let mut system = machine(base);
    process(
        &mut system,
        "server",
        [
            call("socket", [n(2), n(1), n(6)]),
            call("bind", [r(0), at("127.0.0.1:80")]),
            call("listen", [r(0), n(5)]),
            call("WSADuplicateSocket", [r(0), pid(1)]),
            call("WSADuplicateSocket", [r(0), pid(1)]),
            call("WSADuplicateSocket", [r(0), pid(2)]),
            call("socket", [n(2), n(2), n(17)]),
            call("bind", [r(6), at("127.0.0.1:53")]),
            call("Overlapped", []),
            call("Overlapped", []),
            call("WSARecvFrom", [r(6), list([room(4)])]).with("overlapped", r(8)),
            call("WSARecvFrom", [r(6), list([room(4)])]).with("overlapped", r(9)),
            call("socket", [n(2), n(1), n(6)]),
            call("bind", [r(12), at("127.0.0.1:81")]),
            call("listen", [r(12), n(5)]),
            call("accept", [r(12)]),
        ],
    );
    process(
        &mut system,
        "client",
        [call("socket", [n(2), n(1), n(6)]), call("connect", [r(0), at("127.0.0.1:80")]), call("send", [r(0), b("x")])],
    );
    process(&mut system, "other", [call("BusReceive", [])]);
    run(&mut system);
    for port in ["127.0.0.1:1053", "127.0.0.1:2053"] {
        process(
            &mut system,
            "sender",
            [
                call("socket", [n(2), n(2), n(17)]),
                call("bind", [r(0), at(port)]),
                call("sendto", [r(0), b("x"), n(0), at("127.0.0.1:54")]),
            ],
        );
    }
    // Datagrams stay on their way.
    while let Some(go) = system.enabled().into_iter().find(|t| matches!(t, winspi_core::Transition::Go(_))) {
        system.apply(&go).expect("it is enabled");
    }
    common::sound(&system);
    system
}

/// The places in a JSON value at which something stands.
fn find(value: &Json, wanted: &dyn Fn(&Json) -> bool, at: &str, all: &mut Vec<String>) {
    if wanted(value) {
        all.push(at.to_owned());
    }
    match value {
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| find(item, wanted, &format!("{at}/{i}"), all));
        }
        Json::Object(members) => {
            for (name, item) in members {
                find(item, wanted, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

struct Stored(Json);

impl Stored {
    fn of(base: Base) -> Stored {
        let text = busy(base).snapshot().to_json();
        assert!(Snapshot::<Line>::from_json(&text).is_ok(), "{base:?}: it is sound");
        Stored(serde_json::from_str(&text).expect("JSON"))
    }

    /// Where something stands, below a place.
    fn places(&self, below: &str, wanted: impl Fn(&Json) -> bool) -> Vec<String> {
        let mut all = Vec::new();
        find(self.0.pointer(below).expect("it is there"), &wanted, below, &mut all);
        all
    }

    fn at(&mut self, place: &str) -> &mut Json {
        self.0.pointer_mut(place).unwrap_or_else(|| panic!("{place} is there"))
    }

    /// What is said to it.
    #[track_caller]
    fn refused(&self) -> String {
        Snapshot::<Line>::from_json(&self.0.to_string()).expect_err("it is damaged").to_string()
    }
}

const WORLD: &str = "/system/world";

#[test]
fn numbers_that_count_up_leave_room() {
    let mut stored = Stored::of(Base::Ifs);
    *stored.at(&format!("{WORLD}/ages")) = json!(1_u64 << 62);
    assert_eq!(stored.refused(), "ages: expected a smaller number");
}

#[test]
fn operations_of_a_socket_are_numbered_from_one() {
    for orders in [[2, 3], [1, 1], [1, 3]] {
        let mut stored = Stored::of(Base::Ifs);
        let places = stored.places(WORLD, |value| value.get("order").is_some_and(|o| o.as_u64() > Some(0)));
        assert_eq!(places.len(), 2, "two operations are pending: {places:?}");
        for (place, order) in places.iter().zip(orders) {
            stored.at(place)["order"] = json!(order);
        }
        let error = stored.refused();
        assert!(error.starts_with("the operations of a socket, place "), "{orders:?}: {error}");
    }
}

#[test]
fn tokens_stand_in_the_order_of_targets_and_numbers() {
    let tokens =
        |stored: &Stored| stored.places(&format!("{WORLD}/tokens"), |v| v.get("tokens").is_some_and(Json::is_array));
    let expected = "tokens: expected tokens in the order of targets and numbers, at least one for each target";
    let mut stored = Stored::of(Base::NonIfs);
    let targets = tokens(&stored);
    assert_eq!(targets.len(), 2, "two processes have duplicates");
    let first = format!("{}/tokens", targets[0]);
    let numbers = stored.at(&first).as_array().map(Vec::len);
    assert_eq!(numbers, Some(2), "the first has two");
    let number = stored.at(&first)[0]["number"].clone();
    stored.at(&first)[1]["number"] = number;
    assert_eq!(stored.refused(), expected, "two of one number");

    let mut stored = Stored::of(Base::NonIfs);
    stored.at(&first)[0]["number"] = json!(0);
    assert_eq!(stored.refused(), expected, "from 1");

    let mut stored = Stored::of(Base::NonIfs);
    let (list, _) = targets[0].rsplit_once('/').expect("a list");
    stored.at(list).as_array_mut().expect("a list").swap(0, 1);
    assert_eq!(stored.refused(), expected, "by target");
}

#[test]
fn datagrams_on_their_way_stand_in_lanes_with_an_order() {
    let lanes = format!("{WORLD}/network/lanes");
    let expected = "network: expected lanes by sender and receiver, each with a datagram";
    let mut stored = Stored::of(Base::Ifs);
    assert_eq!(stored.at(&lanes).as_array().map(Vec::len), Some(2));
    stored.at(&lanes).as_array_mut().expect("lanes").swap(0, 1);
    assert_eq!(stored.refused(), expected);
    let mut stored = Stored::of(Base::Ifs);
    stored.at(&lanes)[0]["packets"] = json!([]);
    assert_eq!(stored.refused(), expected);
}

#[test]
fn an_end_of_a_connection_is_where_its_holder_says() {
    let mut stored = Stored::of(Base::Ifs);
    let backlogs =
        stored.places(WORLD, |v| v.get("backlog").is_some_and(|b| b.as_array().is_some_and(|b| b.len() == 1)));
    assert_eq!(backlogs.len(), 1, "one connection waits to be accepted");
    stored.at(&backlogs[0])["backlog"] = json!([]);
    let error = stored.refused();
    assert!(error.starts_with("connection-ends-agree: the server end of the connection "), "{error}");
    assert!(error.ends_with("which does not have it"), "{error}");
}

/// A moment of the common scenario at which a thread of a provider has nothing to do, while a call of a program goes on.
fn with_idle_worker() -> Stored {
    let mut system = common::scenario(Base::LayerOverNonIfs);
    let mut random = common::Random::new(1);
    for _ in 0..500 {
        let idle = |t: &winspi_core::kernel::process::Thread| {
            matches!(t.role, ThreadRole::Worker(_)) && t.next == Next::Idle && t.stack.is_empty()
        };
        let world = system.world();
        if world.threads().any(|(_, t)| idle(t)) && world.threads().any(|(_, t)| t.stack.len() > 1) {
            return Stored(serde_json::from_str(&system.snapshot().to_json()).expect("JSON"));
        }
        common::random_step(&mut system, &mut random, false);
    }
    panic!("no provider has a thread that has nothing to do");
}

#[test]
fn a_worker_without_work_has_no_calls() {
    let mut stored = with_idle_worker();
    assert!(Snapshot::<Line>::from_json(&stored.0.to_string()).is_ok(), "it is sound");
    let threads = format!("{WORLD}/threads");
    let workers = stored.places(&threads, |v| v["role"].get("Worker").is_some() && v["next"] == "Idle");
    let blocked = stored.places(&threads, |v| v["stack"].as_array().is_some_and(|s| s.len() > 1));
    let stack = stored.at(&blocked[0])["stack"].clone();
    stored.at(&workers[0])["stack"] = stack;
    let error = stored.refused();
    assert!(error.contains("expected an empty stack where it has nothing to do"), "{error}");
}

#[test]
fn a_stage_of_a_layer_belongs_to_its_call() {
    for (base, kind) in [(Base::LayerIfs, "Ifs"), (Base::LayerNonIfs, "NonIfs")] {
        let mut stored = Stored::of(base);
        let calls = stored.places(&format!("{WORLD}/threads"), |v| v["stage"]["Layer"].get(kind).is_some());
        let call = calls.first().expect("a call of the layer").clone();
        stored.at(&call)["call"] = json!({ "WSPListen": { "s": 128, "backlog": 1 } });
        let error = stored.refused();
        assert!(error.contains("expected a stage that belongs to its call and its party"), "{base:?}: {error}");
    }
}
