//! Completion ports: who reports to them, once for each socket, and what arrives.

mod common;

use common::{passes, script};
use winspi_script::Arrangement;

/// A connected pair of sockets with the overlapped attribute, a port `p` of the client with its socket `s` under key 7,
/// a WSAOVERLAPPED `o` with event `e`, a buffer `b`.
const WITH_PORT: &str = "process server\nprocess client\nprocess other\nsetup {\n\
    server: l = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
    server: bind(l, 127.0.0.1:80)\n\
    server: listen(l, 5)\n\
    client: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
    client: connect(s, 127.0.0.1:80)\n\
    server: a = accept(l)\n\
    client: p = CreateIoCompletionPort(INVALID_HANDLE_VALUE)\n\
    client: CreateIoCompletionPort(s, p, 7) => p\n\
    client: e = CreateEvent(NULL, TRUE)\n\
    client: o = Overlapped(event=e)\n\
    client: b = Buffer(4)\n}\n";

fn on(ifs: bool, layers: &[bool]) -> Arrangement {
    Arrangement { ifs, layers: layers.to_vec(), ..Arrangement::default() }
}

#[track_caller]
fn run(arrangement: &Arrangement, lines: &str) {
    passes(&script(&format!("{WITH_PORT}{lines}")), arrangement);
}

#[track_caller]
fn on_all(cases: &[(&str, &str)]) {
    for (rule, lines) in cases {
        let known = winspi_core::Clause::find(rule).is_some() || winspi_core::policy::Decision::find(rule).is_some();
        assert!(known, "no clause or decision is called {rule}");
        for arrangement in Arrangement::five() {
            println!("{rule} on {}", arrangement.name());
            run(&arrangement, lines);
        }
    }
}

#[test]
fn what_a_port_reports() {
    on_all(&[
        (
            "WPUCompleteOverlappedRequest.queues-to-port",
            "client: GetQueuedCompletionStatus(p, 0) => WAIT_TIMEOUT\n\
             client: WSARecv(s, [b], overlapped=o) => pending\n\
             client: GetQueuedCompletionStatus(p, 0) => WAIT_TIMEOUT\n\
             server: send(a, \"abcd\")\n\
             client: GetQueuedCompletionStatus(p) => {number_of_bytes_transferred=4, completion_key=7, overlapped=o}\n\
             client: GetQueuedCompletionStatus(p, 0) => WAIT_TIMEOUT\n\
             client: GetOverlappedResult(s, o) => 4\n\
             expect client.b == \"abcd\"\n",
        ),
        (
            "port-and-event",
            "client: WSARecv(s, [b], overlapped=o) => pending\nserver: send(a, \"abcd\")\n\
             expect event(client.e).signaled\nclient: GetQueuedCompletionStatus(p, 0) => ok\n",
        ),
        (
            "CompletionIndication.overlapped-completion-port",
            "client: n = Overlapped()\nclient: WSARecv(s, [b], overlapped=n) => pending\nserver: send(a, \"ab\")\n\
             client: GetQueuedCompletionStatus(p, 0) => {number_of_bytes_transferred=2, overlapped=n}\n",
        ),
        (
            "OverlappedIo.zero-means-indication-done",
            "client: WSASend(s, \"abc\", overlapped=o) => 3\n\
             client: GetQueuedCompletionStatus(p) => {number_of_bytes_transferred=3, completion_key=7, overlapped=o}\n",
        ),
        (
            "WPUCompleteOverlappedRequest.dwerror-is-status",
            "client: WSARecv(s, [b], overlapped=o) => pending\nserver: shutdown(a, SD_RECEIVE)\nclient: send(s, \"x\")\n\
             client: GetQueuedCompletionStatus(p) => {error=WSAECONNRESET, number_of_bytes_transferred=0, completion_key=7, overlapped=o}\n",
        ),
        (
            "WSPCloseSocket.overlapped-port-fires",
            "client: WSARecv(s, [b], overlapped=o) => pending\nclient: closesocket(s)\n\
             client: GetQueuedCompletionStatus(p) => {error=WSA_OPERATION_ABORTED, completion_key=7, overlapped=o}\n",
        ),
        (
            "win32-handle",
            "thread client.worker\n\
             client.worker: GetQueuedCompletionStatus(p) => blocks\n\
             client: PostQueuedCompletionStatus(p, 3, 9, o)\n\
             client.worker: returns => {number_of_bytes_transferred=3, completion_key=9, overlapped=o}\n\
             client.worker: GetQueuedCompletionStatus(p) => blocks\n\
             client: CloseHandle(p)\n\
             client.worker: returns => ERROR_ABANDONED_WAIT_0\n\
             client: GetQueuedCompletionStatus(p, 0) => ERROR_INVALID_HANDLE\n\
             client: PostQueuedCompletionStatus(p) => ERROR_INVALID_HANDLE\n\
             client: WSARecv(s, [b], overlapped=o) => pending\nserver: send(a, \"ab\")\n\
             expect event(client.e).signaled\n",
        ),
        (
            "WPUCreateSocketHandle.port-not-in-multiple-wait",
            "client: PostQueuedCompletionStatus(p)\nclient: WaitForMultipleObjects([e, p], FALSE, 0) => ERROR_INVALID_HANDLE\n\
             client: WaitForSingleObject(e, 0) => WAIT_TIMEOUT\n",
        ),
    ]);
}

#[test]
fn a_socket_is_associated_once() {
    on_all(&[
        (
            "completion-port-once",
            "client: CreateIoCompletionPort(s, p, 8) => ERROR_INVALID_PARAMETER by completion-port-once\n\
             client: CreateIoCompletionPort(s) => ERROR_INVALID_PARAMETER by completion-port-once\n\
             client: CloseHandle(p)\n\
             client: CreateIoCompletionPort(s) => ERROR_INVALID_PARAMETER\n",
        ),
        (
            "win32-handle",
            "client: CreateIoCompletionPort(0x7f0, p) => ERROR_INVALID_HANDLE\n\
             client: CreateIoCompletionPort(e, p) => ERROR_INVALID_PARAMETER\n\
             client: CreateIoCompletionPort(INVALID_HANDLE_VALUE, p) => ERROR_INVALID_PARAMETER\n\
             client: t = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
             client: CreateIoCompletionPort(t, e) => ERROR_INVALID_HANDLE\n\
             client: q = CreateIoCompletionPort(t)\nexpect q != client.p\n",
        ),
    ]);
    run(
        &on(true, &[]),
        "client: plain = WSASocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
         client: CreateIoCompletionPort(plain, p) => ERROR_INVALID_PARAMETER\n",
    );
}

#[test]
fn a_duplicate_of_an_ifs_socket_is_associated_already_and_of_another_is_not() {
    // One port for the underlying object for life: what Python, Rust and .NET programs meet after a handoff.
    let duplicate = "client: info = WSADuplicateSocket(s, other)\n\
        other: t = WSASocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, client.info, 0, WSA_FLAG_OVERLAPPED)\n";
    for arrangement in Arrangement::five() {
        let top_is_ifs = arrangement.layers.last().copied().unwrap_or(arrangement.ifs);
        let outcome = if top_is_ifs { " => ERROR_INVALID_PARAMETER by completion-port-once" } else { "" };
        run(&arrangement, &format!("{duplicate}other: CreateIoCompletionPort(t){outcome}\n"));
    }
    // What the duplicate's process does reports to the port of the first.
    run(
        &on(true, &[]),
        &format!(
            "{duplicate}other: o = Overlapped()\nother: WSASend(t, \"abc\", overlapped=o) => 3\n\
             client: GetQueuedCompletionStatus(p, 0) => {{number_of_bytes_transferred=3, completion_key=7}}\n"
        ),
    );
}

#[test]
fn the_lower_handle_of_a_layer_has_no_port() {
    // WPUCreateSocketHandle.lsp-lower-handle-no-port: one report, and it is the layer's.
    let script = script(&format!(
        "{WITH_PORT}client: WSARecv(s, [b], overlapped=o) => pending\nserver: send(a, \"ab\")\n\
         client: GetQueuedCompletionStatus(p, 0) => {{overlapped=o}}\nclient: GetQueuedCompletionStatus(p, 0) => WAIT_TIMEOUT\n"
    ));
    for arrangement in [on(true, &[false]), on(false, &[false]), on(true, &[true, false])] {
        let run = passes(&script, &arrangement);
        let upcalls = run.trace.iter().flat_map(|t| &t.events).filter(|event| {
            matches!(event, winspi_core::event::Event::Enter { call, .. }
                if call.function().name() == "WPUCompleteOverlappedRequest")
        });
        assert!(upcalls.count() >= 1, "WPUCreateSocketHandle.complete-via-upcall on {}", arrangement.name());
    }
}

#[test]
fn cancelling_takes_the_threads_own_or_the_processs_operations_of_an_ifs_handle() {
    run(
        &on(true, &[]),
        "thread client.worker\n\
         client: c = Buffer(4)\nclient: q = Overlapped()\n\
         client: WSARecv(s, [b], overlapped=o) => pending\n\
         client.worker: WSARecv(s, [c], overlapped=q) => pending\n\
         client.worker: CancelIo(s)\n\
         expect q.internal == WSA_OPERATION_ABORTED\n\
         expect o.internal == WSS_OPERATION_IN_PROGRESS\n\
         client: GetOverlappedResult(s, o) => ERROR_IO_INCOMPLETE\n\
         client.worker: CancelIoEx(s, q) => ERROR_NOT_FOUND\n\
         client.worker: CancelIoEx(s, o)\n\
         client: GetOverlappedResult(s, o) => ERROR_OPERATION_ABORTED\n\
         client: CancelIoEx(s) => ERROR_NOT_FOUND\n",
    );
    for arrangement in [on(false, &[]), on(true, &[false])] {
        run(
            &arrangement,
            "client: WSARecv(s, [b], overlapped=o) => pending\n\
             client: CancelIo(s) => ERROR_INVALID_FUNCTION by cancel-on-non-ifs\n\
             client: CancelIoEx(s, o) => ERROR_INVALID_FUNCTION by cancel-on-non-ifs\n\
             client: WSAGetOverlappedResult(s, o) => WSA_IO_INCOMPLETE\n\
             client: closesocket(s)\n\
             client: GetQueuedCompletionStatus(p) => {error=WSA_OPERATION_ABORTED}\n",
        );
    }
}

#[test]
fn file_functions_report_too() {
    on_all(&[(
        "WPUCreateSocketHandle.readfile-redirect",
        "client: ReadFile(s, b, overlapped=o) => ERROR_IO_PENDING\nserver: WriteFile(a, \"abcd\")\n\
         client: GetQueuedCompletionStatus(p) => {number_of_bytes_transferred=4, overlapped=o}\n\
         expect client.b == \"abcd\"\n\
         client: GetOverlappedResult(s, o, wait=TRUE) => {number_of_bytes_transferred=4}\n",
    )]);
}

#[test]
fn an_event_with_its_low_bit_set_keeps_the_report_away() {
    run(
        &on(true, &[]),
        "client: n = Overlapped(event=e | 1)\nclient: WSARecv(s, [b], overlapped=n) => pending\nserver: send(a, \"ab\")\n\
         expect event(client.e).signaled\nclient: GetQueuedCompletionStatus(p, 0) => WAIT_TIMEOUT\n",
    );
}
