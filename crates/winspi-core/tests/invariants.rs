//! Every invariant has a test that breaks it: a stored world is edited and believed.

mod common;

use common::{Base, Line, at, b, call, list, machine, n, null, process, r, run};
use serde_json::{Value as Json, json};
use winspi_core::System;
use winspi_core::snapshot::Snapshot;
use winspi_core::world::check::{INVARIANTS, Violation};

/// A listener with a connection in its backlog, a connected pair with data that arrived, a claim or token for the second
/// process, an event, and a server that waits in accept.
fn busy(base: Base) -> System<Line> {
    let mut system = machine(base);
    process(
        &mut system,
        "server",
        [
            call("socket", [n(2), n(1), n(6)]),
            call("bind", [r(0), at("127.0.0.1:80")]),
            call("listen", [r(0), n(5)]),
            call("accept", [r(0)]),
            call("WSADuplicateSocket", [r(0), common::pid(1)]),
            call("WSADuplicateSocket", [r(0), common::pid(1)]),
            call("CreateEvent", [null(), n(0), n(0)]),
            call("Overlapped", [r(6)]),
            call("WSARecv", [r(3), list([common::room(2)])]),
            call("WSARecv", [r(3), list([common::room(4)])]).with("overlapped", r(7)),
            call("WaitForSingleObject", [r(6)]),
        ],
    );
    process(
        &mut system,
        "client",
        [
            call("socket", [n(2), n(1), n(6)]),
            call("connect", [r(0), at("127.0.0.1:80")]),
            call("send", [r(0), b("hi")]),
            call("socket", [n(2), n(1), n(6)]),
            call("connect", [r(3), at("127.0.0.1:80")]),
            call("recv", [r(0), common::room(10)]),
        ],
    );
    run(&mut system);
    common::sound(&system);
    system
}

/// A system without running processes.
fn over(base: Base) -> System<Line> {
    let mut system = machine(base);
    process(
        &mut system,
        "one",
        [
            call("socket", [n(2), n(1), n(6)]),
            call("WSADuplicateSocket", [r(0), common::pid(0)]),
            call("ExitProcess", [n(0)]),
        ],
    );
    run(&mut system);
    common::sound(&system);
    system
}

/// What a check says of a system after an edit of its stored world.
fn after(system: &System<Line>, edit: impl FnOnce(&mut Json)) -> Vec<Violation> {
    let mut stored: Json = serde_json::from_str(&system.snapshot().to_json()).expect("JSON");
    edit(&mut stored["system"]["world"]);
    let text = stored.to_string();
    let restored = Snapshot::<Line>::restore_unchecked(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let violations = restored.world().check();
    assert!(Snapshot::<Line>::from_json(&text).is_err(), "what is unsound is not restored");
    violations
}

#[track_caller]
fn breaks(invariant: &str, violations: &[Violation], place: &str, seen: &str) {
    assert!(INVARIANTS.contains(&invariant));
    let found = violations.iter().any(|v| v.invariant == invariant && v.place.contains(place) && v.seen.contains(seen));
    assert!(found, "{invariant}: {place}: {seen} is not among {violations:#?}");
}

/// The components of an arena that fulfil a condition.
fn find<'a>(world: &'a mut Json, arena: &str, wanted: impl Fn(&Json) -> bool) -> &'a mut Json {
    let slots = world[arena]["map"].as_array_mut().expect("an arena");
    slots.iter_mut().map(|slot| &mut slot["value"]).find(|v| !v.is_null() && wanted(v)).expect("a component")
}

fn listens(endpoint: &Json) -> bool {
    endpoint["role"].get("Listening").is_some()
}

fn add(number: &mut Json, more: i64) {
    *number = json!(number.as_i64().expect("a number") + more);
}

#[test]
fn counts_agree() {
    for base in Base::ALL {
        let system = busy(base);
        for (field, what) in
            [("handles", "handles"), ("references", "references"), ("operations", "pending operations")]
        {
            let violations = after(&system, |world| add(&mut find(world, "endpoints", listens)[field], 1));
            breaks("counts-agree", &violations, "the socket 127.0.0.1:80", what);
        }
        let violations = after(&system, |world| add(&mut find(world, "events", |_| true)["handles"], 1));
        breaks("counts-agree", &violations, "the event", "handles: 2 are counted, 1 are there");
        let violations = after(&system, |world| find(world, "endpoints", listens)["role"] = json!("Closed"));
        breaks("counts-agree", &violations, "the socket 127.0.0.1:80", "handles and is Closed");
    }
}

#[test]
fn a_call_that_waits_is_a_reference() {
    let mut system = machine(Base::NonIfs);
    process(
        &mut system,
        "one",
        [
            call("socket", [n(2), n(1), n(6)]),
            call("bind", [r(0), at("127.0.0.1:80")]),
            call("listen", [r(0), n(5)]),
            call("accept", [r(0)]),
        ],
    );
    run(&mut system);
    let violations = after(&system, |world| {
        world["threads"][0][0]["stack"] = json!([]);
        world["threads"][0][0]["next"] = json!("Idle");
    });
    breaks("counts-agree", &violations, "the socket 127.0.0.1:80", "references: 2 are counted, 1 are there");
}

#[test]
fn an_endpoint_exists_while_it_is_referenced() {
    let violations = after(&over(Base::Ifs), |world| world["endpoints"] = busy_world(Base::Ifs)["endpoints"].clone());
    breaks("endpoint-exists-while-referenced", &violations, "the socket 127.0.0.1:80", "nothing refers to it");
    breaks("no-leak", &violations, "the socket 127.0.0.1:80, 3 handles", "nobody leads to it");
}

fn busy_world(base: Base) -> Json {
    serde_json::to_value(busy(base).world()).expect("JSON")
}

#[test]
fn no_handle_leads_to_a_destroyed_object() {
    let gone = json!({ "idx": 77, "version": 1 });
    let violations = after(&busy(Base::Ifs), |world| {
        let slots = world["processes"][0]["handles"]["slots"].as_array_mut().expect("slots");
        slots.iter_mut().filter(|slot| slot.get("Socket").is_some()).for_each(|slot| slot["Socket"] = gone.clone());
        slots.iter_mut().filter(|slot| slot.get("Event").is_some()).for_each(|slot| slot["Event"] = gone.clone());
        let slots = world["processes"][1]["handles"]["slots"].as_array_mut().expect("slots");
        let claims = slots.iter_mut().filter(|slot| slot.get("Claim").is_some());
        claims.for_each(|slot| slot["Claim"]["endpoint"] = gone.clone());
    });
    let name = "no-handle-to-destroyed-object";
    breaks(name, &violations, "handle 0x80 of process 1000", "a socket that does not exist");
    breaks(name, &violations, "of process 1000", "an event that does not exist");
    breaks(name, &violations, "of process 1004", "a socket that does not exist");
    let violations = after(&busy(Base::NonIfs), |world| {
        world["instances"][0][0]["record"]["BaseNonIfs"]["sockets"][0]["endpoint"] = gone.clone();
        world["tokens"]["targets"][0]["tokens"][0]["endpoint"] = gone.clone();
        find(world, "operations", |_| true)["socket"]["endpoint"] = gone.clone();
    });
    breaks(name, &violations, "lower number 1 of provider 0 in process 1000", "does not exist");
    breaks(name, &violations, "token 1 of process 1004", "does not exist");
    breaks(name, &violations, "the operation of process 1000", "does not exist");
    let mut waiting = machine(Base::Ifs);
    process(
        &mut waiting,
        "one",
        [
            call("socket", [n(2), n(1), n(6)]),
            call("bind", [r(0), at("127.0.0.1:80")]),
            call("listen", [r(0), n(5)]),
            call("accept", [r(0)]),
        ],
    );
    run(&mut waiting);
    let violations = after(&waiting, |world| {
        let top = &mut world["threads"][0][0]["stack"][1]["stage"]["BaseIfs"]["In"]["WSPAccept"]["Arrives"];
        assert!(!top.is_null());
        top["endpoint"] = gone.clone();
    });
    breaks(name, &violations, "thread 1000.0, call 1 of its stack", "does not exist");
}

#[test]
fn a_descriptor_belongs_to_a_started_provider() {
    for base in Base::ALL {
        let name = "descriptor-belongs-to-started-provider";
        let violations = after(&busy(base), |world| {
            world["processes"][0]["descriptors"]["entries"][0]["catalog_entry_id"] = json!(4711);
        });
        breaks(name, &violations, "of process 1000", "the provider of its catalog entry 4711 is not started");
        let violations = after(&busy(base), |world| {
            for instance in world["instances"][1].as_array_mut().expect("instances") {
                *instance = Json::Null;
            }
        });
        breaks(name, &violations, "of process 1004", "is not started there");
    }
}

#[test]
fn a_claim_is_redeemed_once() {
    let name = "claim-redeemed-once";
    let violations = after(&busy(Base::Ifs), |world| {
        let slots = world["processes"][1]["handles"]["slots"].as_array_mut().expect("slots");
        slots.iter_mut().filter(|slot| slot.get("Claim").is_some()).for_each(|slot| slot["Claim"]["serial"] = json!(2));
    });
    breaks(name, &violations, "the claim at handle", "its serial 2 has a second one");
    let violations = after(&busy(Base::NonIfs), |world| {
        world["tokens"]["targets"][0]["tokens"][0]["serial"] = json!(9);
    });
    breaks(name, &violations, "token 1 of process 1004", "its serial 9 was never given out, the last was 2");
    let violations = after(&busy(Base::Ifs), |world| world["processes"][1]["claims_made"] = json!(1));
    breaks(name, &violations, "of process 1004", "its serial 2 was never given out, the last was 1");
}

#[test]
fn the_ends_of_a_connection_agree() {
    let name = "connection-ends-agree";
    let system = busy(Base::Ifs);
    let connected = |endpoint: &Json| endpoint["role"].get("Connected").is_some();
    let violations = after(&system, |world| {
        find(world, "endpoints", connected)["role"] = json!({ "Unconnected": { "failure": null } });
    });
    breaks(name, &violations, "end of the connection", "which does not have it");
    let violations = after(&system, |world| {
        find(world, "connections", |_| true)["ends"][0]["holder"] = json!("Gone");
    });
    breaks(name, &violations, "which is connected", "the end that it means is with Gone");
    let violations = after(&system, |world| {
        let role = &mut find(world, "endpoints", connected)["role"]["Connected"];
        role["connection"] = json!({ "idx": 77, "version": 1 });
    });
    breaks(name, &violations, "which is connected", "its connection does not exist");
    let violations = after(&system, |world| {
        find(world, "endpoints", listens)["role"]["Listening"]["backlog"] = json!([]);
    });
    breaks(name, &violations, "the server end", "Backlog");
    let violations = after(&system, |world| {
        let backlog = &mut find(world, "endpoints", listens)["role"]["Listening"]["backlog"];
        *backlog = json!([backlog[0], backlog[0]]);
    });
    breaks(name, &violations, "which listens", "2 connections wait, 1 different ones");
    let violations = after(&system, |world| {
        find(world, "endpoints", listens)["role"]["Listening"]["limit"] = json!(0);
    });
    breaks(name, &violations, "which listens", "at most 0 may");
    let violations = after(&system, |world| find(world, "connections", |_| true)["ends"][1]["read"] = json!(5));
    breaks(name, &violations, "the server end", "5 bytes of the first chunk are read, it has 0");
    let violations = after(&system, |world| {
        find(world, "connections", |_| true)["ends"][1]["incoming"] = json!([[1, "Request"], [2, "Grant"]]);
    });
    breaks(name, &violations, "the server end", "1 requests are on their way to it");
    breaks(name, &violations, "the server end", "1 grants are on their way to it");
}

#[test]
fn starts_and_ends_balance() {
    let name = "startup-balance";
    for base in Base::ALL {
        let violations = after(&busy(base), |world| world["instances"][1][0]["starts"] = json!(0));
        breaks(name, &violations, "provider 0 in process 1004", "it is there and was not started");
        let violations = after(&busy(base), |world| {
            world["processes"][1]["loaded"][0]["ready"] = json!(false);
        });
        breaks(name, &violations, "in process 1004", "Ws2_32 waits for a start that nobody makes");
    }
}

#[test]
fn nothing_is_left() {
    let name = "nothing-left";
    let ended = json!({ "Ended": 1 });
    for base in Base::ALL {
        let violations = after(&busy(base), |world| {
            world["processes"][0]["state"] = ended.clone();
            world["processes"][1]["state"] = ended.clone();
        });
        for what in ["handles", "descriptors", "memory", "started providers", "providers", "operations"] {
            breaks(name, &violations, "process 1000, which has ended", &format!("it has {what}"));
        }
        breaks(name, &violations, "process 1004, which has ended", "it has threads that have not ended");
        for what in ["2 connections", "1 events", "1 operations", "sockets", "providers"] {
            breaks(name, &violations, "the machine, all of whose processes have ended", what);
        }
    }
    let violations = after(&over(Base::NonIfs), |world| {
        world["bus"]["inboxes"] = json!([{ "process": 1000, "messages": [[1000, [1]]] }]);
        let token = json!({ "number": 1, "serial": 1, "endpoint": { "idx": 1, "version": 1 }, "creator": 1000 });
        world["tokens"]["targets"] = json!([{ "process": 1000, "tokens": [token] }]);
    });
    breaks(name, &violations, "process 1000, which has ended", "messages are there for it");
    breaks(name, &violations, "process 1000, which has ended", "it has duplicates that wait for it");
    breaks(name, &violations, "the machine", "1 tokens");
}

#[test]
fn nothing_leaks() {
    for arena in ["connections", "events"] {
        let other = busy_world(Base::Ifs);
        let violations = after(&over(Base::Ifs), |world| world[arena] = other[arena].clone());
        let place = arena.trim_end_matches('s');
        breaks("no-leak", &violations, place, "nobody leads to it");
    }
}

#[test]
fn what_is_found_says_where() {
    let violations = after(&busy(Base::Ifs), |world| add(&mut find(world, "endpoints", listens)["handles"], 1));
    let text = violations[0].to_string();
    assert!(text.starts_with("counts-agree: the socket 127.0.0.1:80, "), "{text}");
    assert!(text.ends_with("handles: 4 are counted, 3 are there"), "{text}");
    assert!(serde_json::to_string(&violations).is_ok());
}
