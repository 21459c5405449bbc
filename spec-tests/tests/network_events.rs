//! Network events: what is recorded, when it is indicated again, and who hears of it.

mod common;

use common::{passes, script};
use winspi_script::Arrangement;
use winspi_script::report::Run;

/// A listening socket `l` of the server with event `le`, a socket `s` of the client with event `e`, not connected.
const TWO: &str = "process server\nprocess client\nsetup {\n\
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
    server: WSPBind(l, 127.0.0.1:80)\n\
    server: WSPListen(l, 5)\n\
    server: le = WPUCreateEvent()\n\
    client: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
    client: e = WPUCreateEvent()\n}\n";

/// The same, connected: `a` is the server's end.
const CONNECTED: &str = "client: WSPConnect(s, 127.0.0.1:80)\nserver: a = WSPAccept(l)\n";

/// Runs lines after an opening on all five arrangements.
#[track_caller]
fn on_all(opening: &str, lines: &str) -> Vec<Run> {
    let script = script(&format!("{TWO}{opening}{lines}"));
    Arrangement::five().iter().map(|arrangement| passes(&script, arrangement)).collect()
}

#[track_caller]
fn table(opening: &str, cases: &[(&str, &str)]) {
    for (clause, lines) in cases {
        assert!(winspi_core::Clause::find(clause).is_some(), "no clause is called {clause}");
        println!("{clause}");
        on_all(opening, lines);
    }
}

#[test]
fn what_event_select_refuses() {
    table(
        "",
        &[
            (
                "WSPEventSelect.enotsock",
                "client: WSPEventSelect(0x7f0, e, FD_READ) => WSAENOTSOCK by WSPEventSelect.enotsock\n",
            ),
            (
                "WSPEventSelect.einval-parameter",
                "client: WSPEventSelect(s, 0x7f0, FD_READ) => WSAEINVAL by WSPEventSelect.einval-parameter\n\
                 client: WSPEventSelect(s, s, FD_READ) => WSAEINVAL by WSPEventSelect.einval-parameter\n\
                 client: WSPEventSelect(s, e, 0x400) => WSAEINVAL by WSPEventSelect.einval-parameter\n",
            ),
            (
                "WSPEventSelect.zero-events-ignores-event-object",
                "client: WSPEventSelect(s, 0x7f0, 0) => 0\n\
                 client: WSPEventSelect(s, e, FD_READ)\n\
                 client: WSPEventSelect(s, 0x7f0, 0) => 0\n\
                 client: WSPIoctl(s, FIONBIO, 0)\n",
            ),
            (
                "WSPEnumNetworkEvents.enotsock",
                "client: WSPEnumNetworkEvents(0x7f0, e) => WSAENOTSOCK by WSPEnumNetworkEvents.enotsock\n",
            ),
        ],
    );
}

#[test]
fn selection_makes_nonblocking_until_it_ends() {
    table(
        CONNECTED,
        &[
            (
                "WSPEventSelect.sets-nonblocking",
                "client: WSPEventSelect(s, e, FD_READ)\nclient: WSPRecv(s, [buffer(4)]) => WSAEWOULDBLOCK\n",
            ),
            (
                "WSPEventSelect.sets-nonblocking-with-zero-events",
                "client: WSPEventSelect(s, 0, 0)\nclient: WSPRecv(s, [buffer(4)]) => WSAEWOULDBLOCK\n",
            ),
            (
                "WSPIoctl.fionbio-einval-event-select",
                "client: WSPEventSelect(s, e, FD_READ)\n\
                 client: WSPIoctl(s, FIONBIO, 0) => WSAEINVAL by WSPIoctl.fionbio-einval-event-select\n\
                 client: WSPIoctl(s, FIONBIO, 1)\n\
                 client: WSPRecv(s, [buffer(4)]) => WSAEWOULDBLOCK\n",
            ),
            (
                "WSPIoctl.fionbio-allowed-after-event-cancel",
                "client: WSPEventSelect(s, e, FD_READ)\n\
                 client: WSPEventSelect(s, 0, 0)\n\
                 client: WSPIoctl(s, FIONBIO, 0)\n\
                 client: WSPRecv(s, [buffer(4)]) => blocks for ever\n",
            ),
        ],
    );
}

#[test]
fn what_is_recorded_on_a_connected_socket() {
    table(
        CONNECTED,
        &[
            (
                "WSPEventSelect.flag-fd-read",
                "client: WSPEventSelect(s, e, FD_READ)\nexpect event(client.e).signaled == 0\n\
                 server: WSPSend(a, \"ab\")\nclient: WaitForSingleObject(e) => 0\n\
                 client: WSPEnumNetworkEvents(s, e) => {network_events=FD_READ, error_code[FD_READ_BIT]=0, error_code[FD_CLOSE_BIT]=untouched}\n\
                 expect event(client.e).signaled == 0\n",
            ),
            (
                "WSPEventSelect.events-not-nominated-silent",
                "client: WSPEventSelect(s, e, FD_CLOSE)\nserver: WSPSend(a, \"ab\")\n\
                 expect event(client.e).signaled == 0\nclient: WSPEnumNetworkEvents(s, e) => 0\n",
            ),
            (
                "WSPEventSelect.already-true-at-registration",
                "server: WSPSend(a, \"ab\")\nclient: WSPEventSelect(s, e, FD_READ | FD_WRITE)\n\
                 expect event(client.e).signaled\nclient: WSPEnumNetworkEvents(s, e) => FD_READ | FD_WRITE\n",
            ),
            (
                "WSPEventSelect.one-indication-until-reenabled",
                "client: WSPEventSelect(s, e, FD_READ)\nserver: WSPSend(a, \"ab\")\n\
                 client: WSPEnumNetworkEvents(s, e) => FD_READ\nserver: WSPSend(a, \"cd\")\n\
                 expect event(client.e).signaled == 0\nclient: WSPEnumNetworkEvents(s, e) => 0\n",
            ),
            (
                "WSPEventSelect.fd-read-partial-read-example",
                "client: WSPEventSelect(s, e, FD_READ)\nserver: WSPSend(a, bytes(100))\n\
                 client: WSPEnumNetworkEvents(s, e) => FD_READ\nclient: WSPRecv(s, [buffer(50)])\n\
                 expect event(client.e).signaled\nclient: WSPEnumNetworkEvents(s, e) => FD_READ\n\
                 client: WSPRecv(s, [buffer(50)])\nclient: WSPEnumNetworkEvents(s, e) => 0\n",
            ),
            (
                "WSPEventSelect.reenable-by-failing-call",
                "client: WSPEventSelect(s, e, FD_READ)\nserver: WSPSend(a, \"ab\")\nclient: WSPRecv(s, [buffer(9)])\n\
                 client: WSPEnumNetworkEvents(s, e) => FD_READ\n\
                 client: WSPRecv(s, [buffer(9)]) => WSAEWOULDBLOCK\nserver: WSPSend(a, \"cd\")\n\
                 client: WSPEnumNetworkEvents(s, e) => FD_READ\n",
            ),
            (
                "WSPEnumNetworkEvents.no-reenabling",
                "client: WSPEventSelect(s, e, FD_READ)\nserver: WSPSend(a, \"ab\")\n\
                 client: WSPEnumNetworkEvents(s, e) => FD_READ\nclient: WSPEnumNetworkEvents(s, e) => 0\n",
            ),
            (
                "WSPEnumNetworkEvents.null-event-object-not-reset",
                "client: WSPEventSelect(s, e, FD_READ)\nserver: WSPSend(a, \"ab\")\n\
                 client: WSPEnumNetworkEvents(s, 0) => FD_READ\nexpect event(client.e).signaled\n",
            ),
            (
                "WSPEnumNetworkEvents.failure-keeps-record",
                "client: WSPEventSelect(s, e, FD_READ)\nserver: WSPSend(a, \"ab\")\n\
                 client: WSPEnumNetworkEvents(s, 0x7f0) => WSAEINVAL by WSPEnumNetworkEvents.einval\n\
                 client: WSPEnumNetworkEvents(s, e, network_events=NULL) => WSAEINVAL by WSPEnumNetworkEvents.einval\n\
                 expect event(client.e).signaled\nclient: WSPEnumNetworkEvents(s, e) => FD_READ\n",
            ),
            (
                "WSPEventSelect.zero-cancels-all",
                "client: WSPEventSelect(s, e, FD_READ)\nclient: WSPEventSelect(s, e, 0)\nserver: WSPSend(a, \"ab\")\n\
                 expect event(client.e).signaled == 0\nclient: WSPEnumNetworkEvents(s, e) => 0\n",
            ),
            (
                "WSPEventSelect.no-accumulation",
                "client: WSPEventSelect(s, e, FD_READ)\nclient: f = WPUCreateEvent()\n\
                 client: WSPEventSelect(s, f, FD_CLOSE)\nserver: WSPSend(a, \"ab\")\n\
                 expect event(client.e).signaled == 0\nexpect event(client.f).signaled == 0\n",
            ),
            (
                "WSPEventSelect.clears-record",
                "client: WSPEventSelect(s, e, FD_READ)\nserver: WSPSend(a, \"ab\")\nclient: WSPRecv(s, [buffer(9)])\n\
                 client: WSPEventSelect(s, e, FD_READ)\nclient: WSPEnumNetworkEvents(s, e) => 0\n",
            ),
            (
                "WSPEventSelect.fd-write-not-after-successful-send",
                "client: WSPEventSelect(s, e, FD_WRITE)\nclient: WSPEnumNetworkEvents(s, e) => FD_WRITE\n\
                 client: WSPSend(s, \"x\")\nclient: WSPEnumNetworkEvents(s, e) => 0\n",
            ),
            (
                "WSPEventSelect.fd-write-after-wouldblock",
                "client: WSPEventSelect(s, e, FD_WRITE)\nclient: WSPEnumNetworkEvents(s, e) => FD_WRITE\n\
                 client: WSPSend(s, bytes(65536)) => 65536\nclient: WSPSend(s, \"x\") => WSAEWOULDBLOCK\n\
                 client: WSPEnumNetworkEvents(s, e) => 0\nserver: WSPRecv(a, [buffer(10)])\n\
                 expect event(client.e).signaled\nclient: WSPEnumNetworkEvents(s, e) => FD_WRITE\n\
                 client: WSPSend(s, \"x\") => 1\n",
            ),
        ],
    );
}

#[test]
fn an_overlapped_receive_takes_first_and_the_rest_is_indicated() {
    on_all(
        "client: q = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nclient: connect(q, 127.0.0.1:80)\nserver: a = WSPAccept(l)\n",
        "client: WSPEventSelect(q, e, FD_READ)\nclient: o = Overlapped()\nclient: b = Buffer(4)\n\
         client: WSPRecv(q, [b], overlapped=o) => pending\nserver: WSPSend(a, \"abcd\")\n\
         client: WSPEnumNetworkEvents(q, e) => 0\n\
         client: WSPRecv(q, [b], overlapped=o) => pending\nserver: WSPSend(a, \"abcdef\")\n\
         client: WSPEnumNetworkEvents(q, e) => FD_READ\nclient: WSPRecv(q, [buffer(9)]) => \"ef\"\n",
    );
}

#[test]
fn the_last_cleanup_ends_a_registration() {
    let lines = "process other\n\
        client: info = WSPDuplicateSocket(s, other)\n\
        other: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, client.info)\n\
        client: WSPEventSelect(s, e, FD_READ)\nclient: WSACleanup()\n\
        server: WSPSend(a, \"ab\")\nexpect event(client.e).signaled == 0\nother: WSPIoctl(t, FIONBIO, 0)\n";
    on_all(CONNECTED, lines);
}

#[test]
fn how_an_end_is_recorded() {
    table(
        CONNECTED,
        &[
            (
                "WSPEventSelect.fd-close-on-remote-shutdown",
                "client: WSPEventSelect(s, e, FD_CLOSE)\nserver: WSPShutdown(a, SD_SEND)\n\
                 client: WSPEnumNetworkEvents(s, e) => {network_events=FD_CLOSE, error_code[FD_CLOSE_BIT]=0}\n\
                 client: WSPRecv(s, [buffer(1)]) => \"\"\nclient: WSPRecv(s, [buffer(1)]) => \"\"\n\
                 client: WSPEnumNetworkEvents(s, e) => 0\n",
            ),
            (
                "WSPEventSelect.fd-close-on-remote-closesocket",
                "client: WSPEventSelect(s, e, FD_CLOSE)\nserver: WSPCloseSocket(a)\n\
                 client: WSPEnumNetworkEvents(s, e) => FD_CLOSE\n",
            ),
            (
                "WSPEventSelect.fd-close-after-data",
                "client: WSPEventSelect(s, e, FD_CLOSE | FD_READ)\nserver: WSPSend(a, \"ab\")\nserver: WSPCloseSocket(a)\n\
                 client: WSPEnumNetworkEvents(s, e) => FD_READ\nclient: WSPRecv(s, [buffer(9)]) => \"ab\"\n\
                 client: WSPEnumNetworkEvents(s, e) => FD_CLOSE\n",
            ),
            (
                "WSPEventSelect.fd-close-reset-code",
                "client: WSPEventSelect(s, e, FD_CLOSE)\nserver: WSPShutdown(a, SD_RECEIVE)\nclient: WSPSend(s, \"x\")\n\
                 client: WSPEnumNetworkEvents(s, e) => {network_events=FD_CLOSE, error_code[FD_CLOSE_BIT]=10054}\n",
            ),
            (
                "WSPEventSelect.close-cancels-association",
                "client: WSPEventSelect(s, e, FD_CLOSE)\nclient: WSPCloseSocket(s)\nserver: WSPCloseSocket(a)\n\
                 expect event(client.e).signaled == 0\nclient: SetEvent(e)\n",
            ),
        ],
    );
}

#[test]
fn connecting_and_accepting() {
    table(
        "",
        &[
            (
                "WSPConnect.fd-connect-success",
                "client: WSPEventSelect(s, e, FD_CONNECT | FD_WRITE)\n\
                 client: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK\nclient: WaitForSingleObject(e)\n\
                 client: WSPEnumNetworkEvents(s, e) => {network_events=FD_CONNECT | FD_WRITE, error_code[FD_CONNECT_BIT]=0}\n",
            ),
            (
                "WSPConnect.fd-connect-failure",
                "client: WSPEventSelect(s, e, FD_CONNECT)\n\
                 client: WSPConnect(s, 127.0.0.1:81) => WSAEWOULDBLOCK\n\
                 client: WSPEnumNetworkEvents(s, e) => {network_events=FD_CONNECT, error_code[FD_CONNECT_BIT]=WSAECONNREFUSED}\n\
                 client: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK\n\
                 client: WSPEnumNetworkEvents(s, e) => {network_events=FD_CONNECT, error_code[FD_CONNECT_BIT]=0}\n",
            ),
            (
                "WSPEnumNetworkEvents.fd-connect-error-eafnosupport",
                "client: WSPEventSelect(s, e, FD_CONNECT)\nclient: WSPConnect(s, [::1]:80) => WSAEAFNOSUPPORT\n\
                 client: WSPEnumNetworkEvents(s, e) => {error_code[FD_CONNECT_BIT]=WSAEAFNOSUPPORT}\n",
            ),
            (
                "WSPEnumNetworkEvents.fd-connect-error-enetunreach",
                "client: WSPEventSelect(s, e, FD_CONNECT)\nclient: WSPConnect(s, 10.0.0.1:80) => WSAENETUNREACH\n\
                 client: WSPEnumNetworkEvents(s, e) => {error_code[FD_CONNECT_BIT]=WSAENETUNREACH}\n",
            ),
            (
                "WSPEventSelect.flag-fd-accept",
                "server: WSPEventSelect(l, le, FD_ACCEPT)\nserver: WSPAccept(l) => WSAEWOULDBLOCK\n\
                 client: WSPConnect(s, 127.0.0.1:80)\nserver: WaitForSingleObject(le)\n\
                 server: WSPEnumNetworkEvents(l, le) => FD_ACCEPT\nserver: a = WSPAccept(l)\n\
                 server: WSPEnumNetworkEvents(l, le) => 0\n",
            ),
            (
                "WSPEventSelect.level-triggered-fd-accept",
                "server: WSPEventSelect(l, le, FD_ACCEPT)\nclient: t = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
                 client: WSPConnect(s, 127.0.0.1:80)\nclient: WSPConnect(t, 127.0.0.1:80)\n\
                 server: WSPEnumNetworkEvents(l, le) => FD_ACCEPT\nserver: WSPEnumNetworkEvents(l, le) => 0\n\
                 server: a = WSPAccept(l)\nserver: WSPEnumNetworkEvents(l, le) => FD_ACCEPT\n\
                 server: b = WSPAccept(l)\nserver: WSPEnumNetworkEvents(l, le) => 0\n",
            ),
            (
                "WSPEventSelect.reenable-fd-accept-not-on-defer",
                "condition later in server { return CF_DEFER }\n\
                 server: WSPEventSelect(l, le, FD_ACCEPT)\nclient: WSPConnect(s, 127.0.0.1:80)\n\
                 server: WSPEnumNetworkEvents(l, le) => FD_ACCEPT\n\
                 server: WSPAccept(l, condition=later) => WSATRY_AGAIN\nserver: WSPEnumNetworkEvents(l, le) => 0\n",
            ),
            (
                "WSPEventSelect.accepted-socket-inherits-events",
                "server: WSPEventSelect(l, le, FD_ACCEPT | FD_READ | FD_WRITE)\nclient: WSPConnect(s, 127.0.0.1:80)\n\
                 server: WSPEnumNetworkEvents(l, le) => FD_ACCEPT\nserver: a = WSPAccept(l)\n\
                 server: WSPEnumNetworkEvents(a, le) => FD_WRITE\nexpect event(server.le).signaled == 0\n\
                 client: WSPSend(s, \"x\")\nexpect event(server.le).signaled\n\
                 server: WSPEnumNetworkEvents(a, le) => FD_READ\n\
                 server: WSPRecv(a, [buffer(4)]) => \"x\"\n\
                 server: WSPRecv(a, [buffer(4)]) => WSAEWOULDBLOCK\n",
            ),
            (
                "WSPEventSelect.accepted-socket-can-be-redirected",
                "server: WSPEventSelect(l, le, FD_ACCEPT | FD_READ)\nclient: WSPConnect(s, 127.0.0.1:80)\n\
                 server: a = WSPAccept(l)\nserver: ae = WPUCreateEvent()\nserver: WSPEventSelect(a, ae, FD_READ)\n\
                 server: WSPEnumNetworkEvents(l, le) => FD_ACCEPT\nclient: WSPSend(s, \"x\")\n\
                 expect event(server.le).signaled == 0\nexpect event(server.ae).signaled\n",
            ),
        ],
    );
}

#[test]
fn a_registration_through_another_descriptor_cancels_silently() {
    let lines = "process other\n\
        client: info = WSPDuplicateSocket(s, other)\n\
        other: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, client.info)\n\
        other: oe = WPUCreateEvent()\n\
        client: WSPEventSelect(s, e, FD_READ)\n\
        other: WSPEventSelect(t, oe, FD_CLOSE)\n\
        server: WSPSend(a, \"ab\")\n\
        expect event(client.e).signaled == 0\n\
        expect event(other.oe).signaled == 0\n\
        other: WSPEnumNetworkEvents(t, oe) => 0\n\
        server: WSPCloseSocket(a)\n\
        client: WSPRecv(s, [buffer(9)]) => \"ab\"\n\
        expect event(other.oe).signaled\n";
    for run in on_all(CONNECTED, lines) {
        let kinds: Vec<&str> = run.hazards.iter().map(|(_, h)| h.kind.name()).collect();
        assert_eq!(kinds, ["registration-cancelled"], "WSPDuplicateSocket.event-select-cancels, .no-split-events");
    }
}

#[test]
fn the_registration_outlives_a_descriptor_that_is_not_its_processs_last() {
    let own = "client: pid = GetCurrentProcessId()\n\
        client: info = WSPDuplicateSocket(s, pid)\n\
        client: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info)\n\
        client: WSPEventSelect(s, e, FD_READ)\n";
    on_all(
        CONNECTED,
        &format!("{own}client: WSPCloseSocket(s)\nserver: WSPSend(a, \"ab\")\nexpect event(client.e).signaled\n"),
    );
    let other = "process other\n\
        client: info = WSPDuplicateSocket(s, other)\n\
        other: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, client.info)\n\
        client: WSPEventSelect(s, e, FD_READ)\nclient: WSPCloseSocket(s)\n\
        server: WSPSend(a, \"ab\")\nexpect event(client.e).signaled == 0\n\
        other: WSPIoctl(t, FIONBIO, 0)\n";
    on_all(CONNECTED, other);
}

#[test]
fn the_non_ifs_base_sets_the_event_by_the_upcall_and_the_ifs_base_natively() {
    let lines = "client: WSPEventSelect(s, e, FD_READ)\nserver: WSPSend(a, \"ab\")\n";
    for (run, arrangement) in on_all(CONNECTED, lines).iter().zip(Arrangement::five()) {
        let seen = run.trace.iter().flat_map(|taken| &taken.events).any(|event| {
            matches!(event, winspi_core::event::Event::Enter { call, .. } if call.function().name() == "WPUSetEvent")
        });
        assert_eq!(seen, !arrangement.ifs, "EventObjects.provider-sets-with-wpusetevent on {}", arrangement.name());
    }
}

#[test]
fn event_objects_for_providers_and_programs() {
    table(
        "",
        &[
            (
                "WPUCreateEvent.initially-nonsignaled",
                "client: f = WPUCreateEvent()\nclient: WaitForSingleObject(f, 0) => WAIT_TIMEOUT\n",
            ),
            (
                "WPUCreateEvent.manual-reset",
                "client: WPUSetEvent(e) => TRUE\nclient: WaitForSingleObject(e, 0) => 0\nclient: WaitForSingleObject(e, 0) => 0\n\
                 client: WPUResetEvent(e) => TRUE\nclient: WaitForSingleObject(e, 0) => WAIT_TIMEOUT\n",
            ),
            (
                "WPUCloseEvent.use-after-close",
                "client: WPUCloseEvent(e) => TRUE\nclient: WPUCloseEvent(e) => WSA_INVALID_HANDLE by WPUCloseEvent.invalid-handle\n\
                 client: WPUSetEvent(e) => ERROR_INVALID_HANDLE by WPUSetEvent.invalid-handle\n\
                 client: WPUResetEvent(e) => WSA_INVALID_HANDLE by WPUResetEvent.invalid-handle\n",
            ),
            (
                "TransportMapping.native-wsacreateevent",
                "client: f = WSACreateEvent() => {error=0}\nclient: WSASetEvent(f)\n\
                 client: WSAWaitForMultipleEvents([e, f], FALSE, 0) => 1\n\
                 client: WSAWaitForMultipleEvents([e, f], TRUE, 0) => WAIT_TIMEOUT\n\
                 client: WSAResetEvent(f)\nclient: WSAWaitForMultipleEvents([e, f], FALSE, 10) => WAIT_TIMEOUT\n\
                 client: WSACloseEvent(f)\nclient: WSASetEvent(f) => WSA_INVALID_HANDLE\n",
            ),
            (
                "EventObjects.handle-valid-in-creating-process-only",
                "server: SetEvent(client.e) => ERROR_INVALID_HANDLE\n",
            ),
        ],
    );
}

#[test]
fn one_event_watches_several_sockets_and_threads_wait_for_several_events() {
    on_all(
        CONNECTED,
        "thread client.waiter\n\
         client: auto = CreateEvent(manual_reset=FALSE)\n\
         client: both = WaitForMultipleObjects([e, auto], TRUE) => blocks\n\
         client.waiter: SetEvent(auto)\n\
         expect event(client.auto).signaled\n\
         client.waiter: SetEvent(e)\n\
         client: returns => 0\n\
         expect event(client.auto).signaled == 0\n\
         client: WaitForMultipleObjects([], FALSE) => ERROR_INVALID_PARAMETER\n\
         client: WaitForMultipleObjects([e, e], TRUE) => ERROR_INVALID_PARAMETER\n\
         client: WaitForMultipleObjects([e, 0x7f0], FALSE) => ERROR_INVALID_HANDLE\n\
         client: Sleep(5)\n\
         client: SleepEx(5, FALSE) => 0\n",
    );
}
