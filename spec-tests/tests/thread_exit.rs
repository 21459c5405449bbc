//! What a thread that ends leaves of what it has issued; on all arrangements.

mod common;

use common::table;

const SOCKETS: &str = "process a\nprocess b\nthread a.other\n\
    b: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nb: WSPBind(l, 127.0.0.1:80)\nb: WSPListen(l, 5)\n\
    a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, flags=WSA_FLAG_OVERLAPPED)\na: WSPConnect(s, 127.0.0.1:80)\n\
    b: t = WSPAccept(l)\n\
    a: d = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, flags=WSA_FLAG_OVERLAPPED)\na: WSPBind(d, 127.0.0.1:53)\n\
    a: e = CreateEvent(manual_reset=TRUE)\na: o = Overlapped(event=e)\na: p = Overlapped()\na: x = Buffer(4)\n\
    a: WSPSetSockOpt(s, SOL_SOCKET, SO_SNDBUF, 1)";

#[test]
fn what_a_thread_has_issued_is_cancelled_when_it_ends() {
    table(
        SOCKETS,
        r#"
            a.other: WSPRecv(s, [x], overlapped=o) => pending
                a.other: ExitThread(0) => any
                expect event(e).signaled == 1
                a: WSPGetOverlappedResult(s, o) => WSA_OPERATION_ABORTED
            a.other: WSPRecvFrom(d, [x], overlapped=o) => pending
                a.other: ExitThread(0) => any
                a: WSPGetOverlappedResult(d, o) => WSA_OPERATION_ABORTED
            # What it has received already, and what others have issued, stays.
            a: WSPRecv(s, [x], overlapped=o) => pending
                a.other: WSPRecv(s, [buffer(4)], overlapped=p) => pending
                a.other: ExitThread(0) => any
                a: WSPGetOverlappedResult(s, p) => WSA_OPERATION_ABORTED
                b: WSPSend(t, "late")
                a: WSPGetOverlappedResult(s, o) => 4
                expect a.x == "late"
            a.other: WSPSend(s, "a")
                a.other: ExitThread(0) => any
                b: WSPRecv(t, [buffer(9)]) => "a"
            hold network
                a.other: WSPSend(s, "ab", overlapped=o) => pending
                a.other: ExitThread(0) => any
                release network
                a: WSPGetOverlappedResult(s, o) => WSA_OPERATION_ABORTED
            # Its sockets are the process's; the last thread takes the process along.
            a.other: ExitThread(0) => any
                a: WSPSend(s, "a") => 1
            a.other: ExitThread(0) => any
                expect running(a)
                a: ExitThread(3) => any
                expect running(a) == 0
                b: WSPRecv(t, [buffer(9)]) => ""
        "#,
    );
}
