//! Several buffers in one call: they are one transfer, in their order; on all arrangements.

mod common;

use common::table;

#[test]
fn several_buffers_are_one_transfer() {
    table(
        "process a\nprocess b\n\
         b: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nb: WSPBind(l, 127.0.0.1:80)\nb: WSPListen(l, 5)\n\
         a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPConnect(s, 127.0.0.1:80)\nb: t = WSPAccept(l)\n\
         a: d = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\n\
         b: u = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\nb: WSPBind(u, 127.0.0.1:53)\n\
         b: x = Buffer(2)\nb: y = Buffer(\"......\")",
        r#"
            a: WSPSend(s, ["one", "", "two"]) => 6
                b: WSPRecv(t, [buffer(64)]) => "onetwo"
            a: WSPSendTo(d, ["head", "body"], 0, 127.0.0.1:53) => 8
                b: WSPRecvFrom(u, [buffer(64)]) => {buffers="headbody", number_of_bytes_recvd=8}
            # The first is full before the second gets a byte; one receive gives one message.
            a: WSPSendTo(d, ["head", "body"], 0, 127.0.0.1:53)
                a: WSPSendTo(d, "next", 0, 127.0.0.1:53)
                b: WSPRecvFrom(u, [x, y, buffer(64)])
                expect b.x == "he"
                expect b.y == "adbody"
                b: WSPRecv(u, [x, y])
                expect b.x == "ne"
                expect b.y == "xtbody"
            # A stream does not wait for all of them.
            a: WSPSend(s, "12345")
                b: WSPRecv(t, [buffer(10), buffer(10), buffer(10)]) => "12345"
            # The count may be less than there are, not more.
            a: WSPSend(s, ["one", "two"], buffer_count=1) => 3
                b: WSPRecv(t, [buffer(1), buffer(10)], buffer_count=1) => "o"
                b: WSPRecv(t, [buffer(10)]) => "ne"
            a: WSPSend(s, ["one", "two"], buffer_count=0) => 0
            a: WSPSendTo(d, ["one", "two"], 0, 127.0.0.1:53, buffer_count=1) => 3
                b: WSPRecvFrom(u, [buffer(9), buffer(9)], buffer_count=1) => "one"
            a: WSPSend(s, ["one"], buffer_count=2) => WSAEFAULT by WSPSend.efault-buffers
            a: WSPSend(s, ["one"], buffer_count=-1) => WSAEFAULT by WSPSend.efault-buffers
            a: WSPSendTo(d, ["one"], 0, 127.0.0.1:53, buffer_count=2) => WSAEFAULT by WSPSendTo.efault-buffers
            b: WSPRecv(t, [buffer(1)], buffer_count=2) => WSAEFAULT by WSPRecv.efault-buffers
            b: WSPRecvFrom(u, [buffer(1)], buffer_count=2) => WSAEFAULT by WSPRecvFrom.efault-buffers
            b: WSARecv(t, [buffer(1)], buffer_count=2) => WSAEFAULT
        "#,
    );
}
