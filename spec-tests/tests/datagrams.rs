//! Datagrams: WSPSendTo, WSPRecvFrom, the default peer, names; on all arrangements.

mod common;

use common::table;

const PAIR: &str = "process a\nprocess b\nprocess c\nthread a.other\nthread b.other\n\
    a: s = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, flags=WSA_FLAG_OVERLAPPED)\n\
    a: WSPBind(s, 127.0.0.1:53)\n\
    b: t = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, flags=WSA_FLAG_OVERLAPPED)\n\
    c: u = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\n\
    a: s6 = WSPSocket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP)\n\
    a: stream = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
    a: raw = WSPSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP)";

#[test]
fn a_datagram_goes_to_the_address_and_is_received_with_the_senders() {
    table(
        PAIR,
        r#"
            b: WSPSendTo(t, "hello", 0, 127.0.0.1:53) => 5  ## WSPSendTo.connectionless-to-address
            b: WSPSendTo(t, "hello", 0, 127.0.0.1:53)
                b: WSPGetSockName(t) => {name=0.0.0.0:1024}  ## WSPGetSockName.local-address
            b: WSPSendTo(t, ["he", "llo"], 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(64)]) => {buffers="hello", number_of_bytes_recvd=5, from=127.0.0.1:1024, fromlen=16, flags=0}  ## WSPRecvFrom.source-address-copied
            b: WSPSendTo(t, "hello", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(2), buffer(64)], from=NULL) => {buffers="hello", from=untouched}  ## WSPRecvFrom.message-into-buffers
            b: sendto(t, "hello", 0, 127.0.0.1:53) => 5
                a: recvfrom(s, buffer(64)) => {buffers="hello", from=127.0.0.1:1024}
            b: WSASendTo(t, "hello", 0, 127.0.0.1:53) => 5
                a: WSARecvFrom(s, [buffer(64)]) => "hello"
            # Boundaries of messages stay, empty ones are messages.
            b: WSPSendTo(t, "one", 0, 127.0.0.1:53)
                b: WSPSendTo(t, "", 0, 127.0.0.1:53)
                b: WSPSendTo(t, "two", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(64)]) => "one"
                a: WSPRecvFrom(s, [buffer(64)]) => ""
                a: WSPRecv(s, [buffer(64)]) => "two"  ## WSPRecv.message-into-buffers
            a: WSPRecvFrom(s, [buffer(64)]) => blocks
                b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                a: returns => {buffers="x", from=127.0.0.1:1024}
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPRecvFrom(s, [buffer(64)]) => WSAEWOULDBLOCK by WSPRecvFrom.ewouldblock-nonblocking
            b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(64)], MSG_PEEK) => "x"
                a: WSPRecvFrom(s, [buffer(64)]) => "x"
            a: WSPBind(s6, [::1]:53)
                a: v = WSPSocket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP)
                a: WSPSendTo(v, "six", 0, [::1]:53)
                a: WSPRecvFrom(s6, [buffer(64)]) => {buffers="six", from=[::1]:1024, fromlen=28}
        "#,
    );
}

#[test]
fn a_message_that_does_not_fit() {
    table(
        PAIR,
        r#"
            b: WSPSendTo(t, "hello", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(2)]) => {error=WSAEMSGSIZE, buffers="he", from=127.0.0.1:1024} by WSPRecvFrom.oversized-unreliable-emsgsize
            b: WSPSendTo(t, "hello", 0, 127.0.0.1:53)
                b: WSPSendTo(t, "next", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(4)]) => WSAEMSGSIZE
                a: WSPRecvFrom(s, [buffer(4)]) => "next"
            b: WSPSendTo(t, "hello", 0, 127.0.0.1:53)
                a: WSPRecv(s, [buffer(2)]) => WSAEMSGSIZE by WSPRecv.oversized-unreliable-emsgsize
            b: WSPSendTo(t, bytes(65467), 0, 127.0.0.1:53) => 65467
            b: WSPSendTo(t, bytes(65468), 0, 127.0.0.1:53) => WSAEMSGSIZE by WSPSendTo.emsgsize
            b: WSPConnect(t, 127.0.0.1:53)
                b: WSPSend(t, bytes(65468)) => WSAEMSGSIZE by WSPSend.emsgsize
        "#,
    );
}

#[test]
fn what_is_refused() {
    table(
        PAIR,
        r#"
            b: WSPSendTo(0x7fc, "x", 0, 127.0.0.1:53) => WSAENOTSOCK by WSPSendTo.enotsock
            b: WSPRecvFrom(0x7fc, [buffer(1)]) => WSAENOTSOCK by WSPRecvFrom.enotsock
            b: WSPRecvFrom(t, [buffer(1)]) => WSAEINVAL by WSPRecvFrom.einval-unbound
            b: WSPRecv(t, [buffer(1)]) => WSAEINVAL by WSPRecv.einval-unbound
            b: WSPSendTo(t, "x", 0, NULL) => WSAEDESTADDRREQ by WSPSendTo.edestaddrreq
            b: WSPSend(t, "x") => WSAENOTCONN by WSPSend.enotconn
            b: WSPSendTo(t, "x", 0, bad) => WSAEFAULT by WSPSendTo.efault-lpto
            b: WSPSendTo(t, "x", 0, 127.0.0.1:53, tolen=4) => WSAEFAULT by WSPSendTo.efault-lpto-too-small
            b: WSPSendTo(t, "x", 0, [::1]:53) => WSAEAFNOSUPPORT by WSPSendTo.eafnosupport
            b: WSPSendTo(t, "x", 0, sockaddr(family=99, data="0123456789abcd")) => WSAEAFNOSUPPORT by WSPSendTo.eafnosupport
            b: WSPSendTo(t, "x", 0, 0.0.0.0:53) => WSAEADDRNOTAVAIL by WSPSendTo.eaddrnotavail
            b: WSPSendTo(t, "x", 0, 10.0.0.1:53) => WSAENETUNREACH by WSPSendTo.enetunreach
            b: WSPSendTo(t, bad, 0, 127.0.0.1:53) => WSAEFAULT by WSPSendTo.efault-buffers
            a: WSPRecvFrom(s, bad) => WSAEFAULT by WSPRecvFrom.efault-buffers
            b: WSPSendTo(t, "x", MSG_OOB, 127.0.0.1:53) => WSAEOPNOTSUPP by WSPSendTo.eopnotsupp-oob-not-stream
            b: WSPSendTo(t, "x", MSG_PARTIAL, 127.0.0.1:53) => WSAEOPNOTSUPP by WSPSendTo.eopnotsupp-partial
            b: WSPSendTo(t, "x", MSG_DONTROUTE, 127.0.0.1:53) => 1  ## WSPSendTo.connectionless-to-address
            a: WSPRecvFrom(s, [buffer(1)], MSG_OOB) => WSAEOPNOTSUPP by WSPRecvFrom.eopnotsupp-oob-not-stream
            a: WSPRecvFrom(s, [buffer(1)], fromlen=15) => WSAEFAULT by WSPRecvFrom.efault-fromlen
            a: WSPShutdown(s, SD_SEND)
                a: WSPSendTo(s, "x", 0, 127.0.0.1:53) => WSAESHUTDOWN by WSPSendTo.eshutdown-sd-send
            a: WSPShutdown(s, SD_BOTH)
                a: WSPSendTo(s, "x", 0, 127.0.0.1:53) => WSAESHUTDOWN by WSPSendTo.eshutdown-sd-both
            a: WSPShutdown(s, SD_RECEIVE)
                a: WSPRecvFrom(s, [buffer(1)]) => WSAESHUTDOWN by WSPRecvFrom.eshutdown-sd-receive
            a: WSPListen(s, 5) => WSAEOPNOTSUPP by WSPListen.error-eopnotsupp
            a: WSPAccept(s) => WSAEOPNOTSUPP by WSPAccept.error-eopnotsupp
            a: WSPSendTo(stream, "x", 0, 127.0.0.1:53) => WSAENOTCONN by WSPSendTo.enotconn
            a: WSPRecvFrom(stream, [buffer(1)]) => WSAENOTCONN
        "#,
    );
}

#[test]
fn broadcasts_need_the_option_and_reach_everybody() {
    table(
        PAIR,
        r#"
            b: WSPSendTo(t, "x", 0, 255.255.255.255:53) => WSAEACCES by WSPSendTo.eacces-broadcast
            b: WSPConnect(t, 255.255.255.255:53) => WSAEACCES by WSPConnect.error-eacces
            b: WSPSetSockOpt(t, SOL_SOCKET, SO_BROADCAST, 1)
                c: WSPSetSockOpt(u, SOL_SOCKET, SO_REUSEADDR, 1)
                c: WSPBind(u, 0.0.0.0:53)
                b: WSPSendTo(t, "x", 0, 127.255.255.255:53) => 1
                a: WSPRecvFrom(s, [buffer(9)]) => "x"
                c: WSPRecvFrom(u, [buffer(9)]) => "x"
            b: WSPSetSockOpt(t, SOL_SOCKET, SO_BROADCAST, 1)
                b: WSPConnect(t, 255.255.255.255:53)
                b: WSPSend(t, "x")
                a: WSPRecvFrom(s, [buffer(9)]) => "x"
            b: WSPSetSockOpt(t, SOL_SOCKET, SO_BROADCAST, 1)
                b: WSPConnect(t, 255.255.255.255:53)
                b: WSPSetSockOpt(t, SOL_SOCKET, SO_BROADCAST, 0)
                b: WSPSend(t, "x") => WSAEACCES by WSPSend.eacces-broadcast
            b: WSPSetSockOpt(t, SOL_SOCKET, SO_BROADCAST, 1)
                b: WSPSendTo(t, "x", 0, 127.255.255.255:99) => 1
        "#,
    );
}

#[test]
fn the_default_peer() {
    table(
        PAIR,
        r#"
            b: WSPConnect(t, 127.0.0.1:4711)  ## WSPConnect.dgram-default-destination
            b: WSPConnect(t, 127.0.0.1:53)
                b: WSPGetSockName(t) => {name=127.0.0.1:1024}
            b: WSPConnect(t, 127.0.0.1:53)
                b: WSPSend(t, "x") => 1  ## WSPSend.connectionless-default-peer
            b: WSPConnect(t, 127.0.0.1:53)
                b: WSPSendTo(t, "x", 0, NULL)
                a: WSPRecvFrom(s, [buffer(9)]) => "x"
            b: WSPConnect(t, 127.0.0.1:53)
                c: WSPBind(u, 127.0.0.1:99)
                b: WSPSendTo(t, "q", 0, 127.0.0.1:99)
                b: WSPSend(t, "p")
                a: WSPRecvFrom(s, [buffer(9)]) => "p"
                c: WSPRecvFrom(u, [buffer(9)]) => "q"
            # Only the peer's datagrams are received.
            a: WSPConnect(s, 127.0.0.1:99)
                c: WSPBind(u, 127.0.0.1:99)
                b: WSPSendTo(t, "no", 0, 127.0.0.1:53)
                c: WSPSendTo(u, "yes", 0, 127.0.0.1:53)
                a: WSPRecv(s, [buffer(9)]) => "yes"
            a: WSPConnect(s, 127.0.0.1:99)
                b: WSPSendTo(t, "no", 0, 127.0.0.1:53)
                b: WSPIoctl(t, FIONBIO, 1)
                b: WSPRecvFrom(t, [buffer(9)]) => WSAEWOULDBLOCK by WSPRecvFrom.ewouldblock-nonblocking
            # Another peer: what was queued is gone. The same: it stays.
            b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                a: WSPConnect(s, 127.0.0.1:99)
                a: WSPIoctl(s, FIONREAD) => 0
            b: WSPBind(t, 127.0.0.1:99)
                a: WSPConnect(s, 127.0.0.1:99)
                b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                a: WSPConnect(s, 127.0.0.1:99)
                a: WSPRecv(s, [buffer(9)]) => "x"
            b: WSPBind(t, 127.0.0.1:99)
                a: WSPConnect(s, 127.0.0.1:99)
                b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                a: WSPConnect(s, 127.0.0.1:98)
                a: WSPIoctl(s, FIONREAD) => 0
            # The zero address takes the peer away.
            a: WSPConnect(s, 127.0.0.1:99)
                a: WSPConnect(s, 0.0.0.0:0)  ## WSPConnect.dgram-zero-disconnects
            a: WSPConnect(s, 127.0.0.1:99)
                a: WSPConnect(s, 0.0.0.0:0)
                a: WSPSend(s, "x") => WSAENOTCONN by WSPSend.enotconn
            a: WSPConnect(s, 127.0.0.1:99)
                a: WSPConnect(s, 0.0.0.0:0)
                a: WSPRecv(s, [buffer(9)]) => WSAENOTCONN by WSPConnect.dgram-disconnected-recv
            a: WSPConnect(s, 127.0.0.1:99)
                a: WSPConnect(s, 0.0.0.0:0)
                b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(9)]) => "x"
                a: WSPSendTo(s, "y", 0, 127.0.0.1:53) => 1
            a: WSPConnect(s, 0.0.0.0:99) => WSAEADDRNOTAVAIL by WSPConnect.error-eaddrnotavail
            a: WSPConnect(s, 127.0.0.1:99, caller_data="ignored")  ## WSPConnect.dgram-default-destination
            a: WSPConnect(stream, 127.0.0.1:99, caller_data="data") => WSAEPROTONOSUPPORT by WSPConnect.error-eprotonosupport
            a: WSPConnect(s, [::1]:99) => WSAEAFNOSUPPORT by WSPConnect.error-eafnosupport
            a: WSPConnect(s, 127.0.0.1:99, namelen=4) => WSAEFAULT by WSPConnect.error-efault-namelen
        "#,
    );
}

#[test]
fn the_name_of_the_peer() {
    let connected = format!(
        "{PAIR}\nc: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nc: WSPBind(l, 127.0.0.1:80)\nc: WSPListen(l, 5)\n\
         a: WSPConnect(stream, 127.0.0.1:80)\nc: n = WSPAccept(l)"
    );
    table(
        &connected,
        r#"
            a: WSPGetPeerName(stream) => {name=127.0.0.1:80, namelen=16}  ## WSPGetPeerName.peer-address
            c: getpeername(n) => {name=127.0.0.1:1024}  ## WSPGetPeerName.peer-address
            c: WSPGetPeerName(l) => WSAENOTCONN by WSPGetPeerName.error-enotconn
            a: WSPGetPeerName(s) => WSAENOTCONN by WSPGetPeerName.error-enotconn
            a: WSPConnect(s, 127.0.0.1:99)
                a: WSPSendTo(s, "x", 0, 127.0.0.1:98)
                a: WSPGetPeerName(s) => {name=127.0.0.1:99}  ## WSPGetPeerName.dgram-connect-only
            a: WSPSendTo(s, "x", 0, 127.0.0.1:98)
                a: WSPGetPeerName(s) => WSAENOTCONN by WSPGetPeerName.error-enotconn
            a: WSPGetPeerName(stream, name=NULL) => WSAEFAULT by WSPGetPeerName.error-efault-memory
            a: WSPGetPeerName(stream, namelen=4) => WSAEFAULT by WSPGetPeerName.error-efault-namelen
            a: WSPGetPeerName(0x7fc) => WSAENOTSOCK by WSPGetPeerName.error-enotsock
            # A stream takes no address.
            a: WSPSendTo(stream, "x", 0, 127.0.0.1:9)
                c: WSPRecvFrom(n, [buffer(9)]) => {buffers="x", from=untouched}
            c: WSPRecvFrom(n, [buffer(9)]) => blocks
                a: WSPSendTo(stream, "x", 0, NULL)
                c: returns => "x"
        "#,
    );
}

#[test]
fn a_datagram_that_finds_nobody() {
    table(
        PAIR,
        r#"
            a: WSPSendTo(s, "x", 0, 127.0.0.1:99) => 1
                a: WSPRecvFrom(s, [buffer(9)]) => WSAECONNRESET by WSPRecvFrom.econnreset-udp-unreachable
            a: WSPSendTo(s, "x", 0, 127.0.0.1:99)
                a: WSPRecvFrom(s, [buffer(9)]) => WSAECONNRESET
                a: WSPIoctl(s, FIONBIO, 1)
                a: WSPRecvFrom(s, [buffer(9)]) => WSAEWOULDBLOCK
            a: WSPIoctl(s, SIO_UDP_CONNRESET, FALSE)
                a: WSPSendTo(s, "x", 0, 127.0.0.1:99)
                a: WSPIoctl(s, FIONBIO, 1)
                a: WSPRecvFrom(s, [buffer(9)]) => WSAEWOULDBLOCK
            a: WSPRecvFrom(s, [buffer(9)]) => blocks
                a.other: WSPSendTo(s, "x", 0, 127.0.0.1:99)
                a: returns => WSAECONNRESET
        "#,
    );
}

#[test]
fn a_full_queue_drops_the_newest() {
    table(
        PAIR,
        r#"
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_RCVBUF, 10)
                b: WSPSendTo(t, bytes(8), 0, 127.0.0.1:53)
                b: WSPSendTo(t, bytes(8), 0, 127.0.0.1:53) => 8
                a: WSPIoctl(s, FIONREAD) => 8
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_RCVBUF, 10)
                b: WSPSendTo(t, bytes(20), 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(64)]) => bytes(20)
        "#,
    );
}

#[test]
fn sockets_that_share_a_name() {
    let shared = format!(
        "{PAIR}\nc: WSPSetSockOpt(u, SOL_SOCKET, SO_REUSEADDR, 1)\nc: WSPBind(u, 127.0.0.1:53)\nb: WSPBind(t, 127.0.0.1:99)"
    );
    table(
        &shared,
        r#"
            b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [buffer(9)]) => "x"
            c: WSPConnect(u, 127.0.0.1:99)
                b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                c: WSPRecvFrom(u, [buffer(9)]) => "x"
            a: WSPCloseSocket(s)
                b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                c: WSPRecvFrom(u, [buffer(9)]) => "x"
        "#,
    );
}

#[test]
fn overlapped_datagrams() {
    let prelude = format!(
        "{PAIR}\na: e = CreateEvent(manual_reset=TRUE)\na: o = Overlapped(event=e)\na: x = Buffer(4)\na: f = Buffer(16)\nb: p = Overlapped()"
    );
    table(
        &prelude,
        r#"
            a: WSPRecvFrom(s, [x], from=f, overlapped=o) => pending by WSPRecvFrom.io-pending
            a: WSPRecvFrom(s, [x], from=f, overlapped=o) => pending
                expect event(e).signaled == 0
                expect f == filled(0, 16)
                b: WSPSendTo(t, "abc", 0, 127.0.0.1:53)
                a: WSPGetOverlappedResult(s, o, TRUE) => 3
                expect event(e).signaled
                expect x == "abc\x00"
                expect f == 127.0.0.1:1024
            b: WSPSendTo(t, "abc", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [x], from=f, overlapped=o) => {buffers="abc", from=127.0.0.1:1024}
                a: WSPGetOverlappedResult(s, o, TRUE) => 3
            b: WSPSendTo(t, "abcdef", 0, 127.0.0.1:53)
                a: WSPRecvFrom(s, [x], overlapped=o) => WSAEMSGSIZE
                expect event(e).signaled == 0
                expect o.internal == 0
            a: WSPRecvFrom(s, [x], overlapped=o) => pending
                b: WSPSendTo(t, "abcdef", 0, 127.0.0.1:53)
                a: WSPGetOverlappedResult(s, o, TRUE) => WSAEMSGSIZE
                expect x == "abcd"
            a: WSPRecv(s, [x], overlapped=o) => pending
                b: WSPSendTo(t, "abc", 0, 127.0.0.1:53)
                a: WSPGetOverlappedResult(s, o, TRUE) => 3
                expect x == "abc\x00"
            a: WSPRecvFrom(s, [x], from=f, overlapped=o, fromlen=4) => WSAEFAULT by WSPRecvFrom.efault-fromlen
            b: WSPSendTo(t, "abc", 0, 127.0.0.1:53, overlapped=p) => 3
                b: WSPGetOverlappedResult(t, p, TRUE) => 3
                a: WSPRecvFrom(s, [x]) => "abc"
            a: WSPRecvFrom(s, [x], overlapped=o) => pending
                a.other: WSPCloseSocket(s)
                expect event(e).signaled
                expect o.offset_high == WSA_OPERATION_ABORTED
            # Two posted receives are filled in the order of posting.
            a: y = Buffer(4)
                a: q = Overlapped()
                a: WSPRecvFrom(s, [x], overlapped=o) => pending
                a: WSPRecvFrom(s, [y], overlapped=q) => pending
                b: WSPSendTo(t, "1111", 0, 127.0.0.1:53)
                b: WSPSendTo(t, "2222", 0, 127.0.0.1:53)
                a: WSPGetOverlappedResult(s, q, TRUE) => 4
                expect x == "1111"
                expect y == "2222"
        "#,
    );
}

#[test]
fn a_datagram_socket_is_shared_like_any_other() {
    table(
        PAIR,
        r#"
            a: info = WSPDuplicateSocket(s, b)
                b: d = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.info)
                a: WSPCloseSocket(s)
                b: WSPGetSockName(d) => {name=127.0.0.1:53}
                b: WSPSendTo(t, "x", 0, 127.0.0.1:53)
                b: WSPRecvFrom(d, [buffer(9)]) => "x"
        "#,
    );
}

#[test]
fn raw_sockets_are_made_duplicated_and_closed() {
    table(
        PAIR,
        r#"
            a: info = WSPDuplicateSocket(raw, b)
                b: d = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.info)
                a: WSPCloseSocket(raw)
                expect socket(b.d).handles == 1
                b: WSPCloseSocket(d)
            a: socket(AF_INET, SOCK_RAW, 255)
            a: socket(AF_INET, SOCK_STREAM, 99) => WSAEPROTONOSUPPORT
            a: socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) => WSAEPROTOTYPE
        "#,
    );
}
