//! Races that only some grains, and only some layers, show.

mod common;

use common::{CLOSE_RACES_COMPLETION, RECYCLED_HANDLE, explored, messages, on, script};
use winspi_core::Grain;
use winspi_core::event::{Duty, HazardKind};
use winspi_explore::{Options, ViolationKind};

const FINE: [Grain; 2] = [Grain::Boundary, Grain::Request];

#[test]
fn a_close_removes_the_entry_of_a_socket_that_got_the_same_value() {
    let script = script(RECYCLED_HANDLE);
    // Over the base IFS provider, and through an IFS layer.
    for place in [0, 2] {
        let found = explored(&script, &on(place, Grain::Call), &Options::without_faults());
        assert!(found.passed() && found.hazards.is_empty(), "`call` hides it: {:?}", found.violations);

        let mut ends = Vec::new();
        for grain in FINE {
            let found = explored(&script, &on(place, grain), &Options::without_faults());
            let kinds: Vec<HazardKind> = found.hazards.iter().map(|h| h.what.kind).collect();
            assert_eq!(kinds, [HazardKind::RemovedAnothersEntry]);
            let expected = "bind(t, 127.0.0.1:4000): expected success, found WSAENOTSOCK (unknown-handle)";
            assert!(messages(&found).contains(&expected), "{:?}", messages(&found));
            assert_eq!(found.breaches, [], "no provider has done anything wrong");
            assert!(found.ends.iter().all(|end| end.leaks.is_empty()));
            ends.push(found.end_fingerprints());
        }
        assert_eq!(ends[0], ends[1]);
    }
}

#[test]
fn the_way_to_the_removed_entry_reads_as_a_list() {
    let script = script(RECYCLED_HANDLE);
    let found = explored(&script, &on(0, Grain::Boundary), &Options::without_faults());
    let steps = found.describe_path(&found.path_to_place(&found.hazards[0].place));
    let text: Vec<String> = steps.iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    assert!(text.starts_with("  1 source begins line 10, WSPCloseSocket(s)\n      > Ws2_32 WSPCloseSocket"), "{text}");
    assert!(
        text.contains("source.creator goes on with line 12, WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)"),
        "{text}"
    );
    let last = steps.last().map(ToString::to_string).unwrap_or_default();
    assert!(last.contains("HAZARD removed-anothers-entry: the entry of 0x80"), "{last}");
}

#[test]
fn a_handle_that_upcalls_give_back_is_not_taken_from_another() {
    // Non-IFS: WPUCloseSocketHandle takes entry and handle away at once.
    let script = script(RECYCLED_HANDLE);
    for place in [1, 3, 4] {
        for grain in FINE {
            let found = explored(&script, &on(place, grain), &Options::without_faults());
            assert!(found.passed() && found.hazards.is_empty(), "{:?} {:?}", found.violations, found.hazards);
        }
    }
}

#[test]
fn a_close_and_a_completion_end_well_in_every_order() {
    let script = script(CLOSE_RACES_COMPLETION);
    // The layer of the scenario over the IFS and the non-IFS base.
    for place in [0, 1] {
        for grain in [Grain::Call, Grain::Boundary] {
            let found = explored(&script, &on(place, grain), &Options::default());
            assert!(found.passed(), "{:#?} {:#?}", found.violations, found.breaches);
            let done: u64 = found.ends.iter().filter(|end| end.killed.is_empty()).map(|end| end.count).sum();
            assert!(done >= 2, "with the data, and aborted: {:#?}", found.ends);
        }
    }
}

#[test]
fn a_layer_that_does_not_wait_loses_a_completion_in_some_order() {
    let faulty = "layer filter (non-ifs) over tcp {\n    breaks uncompleted-operation\n}\n";
    let text = CLOSE_RACES_COMPLETION.replace("layer filter (non-ifs) over tcp\n", faulty);
    let script = script(&text);
    for grain in [Grain::Call, Grain::Boundary] {
        let found = explored(&script, &on(0, grain), &Options::without_faults());
        let duties: Vec<Duty> = found.breaches.iter().map(|b| b.what.duty).collect();
        assert_eq!(duties, [Duty::UncompletedOperation]);
        assert!(messages(&found).iter().any(|m| m.starts_with("deadlock: client waits")), "{:?}", messages(&found));
        assert!(found.violations.iter().all(|v| v.kind != ViolationKind::Leak && v.kind != ViolationKind::Invariant));
        let lost = found.ends.iter().filter(|end| !end.expected).map(|end| end.count).sum::<u64>();
        assert!(lost > 0 && lost < found.end_states, "in some orders, not in all: {:#?}", found.ends);
    }
}

#[test]
fn no_operation_begins_on_a_socket_whose_close_has_begun() {
    // The non-IFS base: a receive that has its socket already while another thread closes it.
    let text = r#"
process server
process client
thread client.closer
setup {
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: WSPBind(l, 127.0.0.1:5000)
    server: WSPListen(l, 5)
    client: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, flags=WSA_FLAG_OVERLAPPED)
    client: WSPConnect(s, 127.0.0.1:5000)
    server: a = WSPAccept(l)
    client: e = CreateEvent(manual_reset=TRUE, initial_state=TRUE)
    client: o = Overlapped(event=e)
    client: b = Buffer(64)
}
client: WSPRecv(s, [b], overlapped=o) => one of [pending, WSAENOTSOCK]
client: WaitForSingleObject(e)
client.closer: WSPCloseSocket(s)
"#;
    let script = script(text);
    for place in 0..5 {
        let found = explored(&script, &on(place, Grain::Boundary), &Options::without_faults());
        assert!(found.passed(), "{place}: {:#?} {:#?}", found.violations, found.breaches);
    }
}

#[test]
fn an_entry_of_its_own_is_all_that_a_close_removes_where_that_is_decided() {
    let script = script(RECYCLED_HANDLE);
    for grain in FINE {
        let mut arrangement = on(0, grain);
        arrangement.policy.decide("descriptor-removal", "own-entry").expect("the table has it");
        let found = explored(&script, &arrangement, &Options::without_faults());
        assert!(found.passed() && found.hazards.is_empty(), "{:?} {:?}", found.violations, found.hazards);
    }
}

#[test]
fn a_clean_up_under_calls_is_seen_at_boundary_as_at_request() {
    // A provider that is ended while a call is on its way through a layer: what a layer keeps is shared, too.
    let text = r#"
process a
thread a.two
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => any
a: bind(s, 127.0.0.1:80) => any
a: WSACleanup() => any
a.two: t = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => any
a.two: closesocket(t) => any
a.two: WSACleanup() => any
"#;
    let script = script(text);
    for place in [0, 2, 3] {
        let [boundary, request] = FINE.map(|grain| {
            let found = explored(&script, &on(place, grain), &Options::without_faults());
            assert!(found.passed(), "{:#?} {:#?}", found.violations, found.breaches);
            found.end_fingerprints()
        });
        assert_eq!(boundary, request, "on {place}");
    }
}
