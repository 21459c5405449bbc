//! Connections that carry messages, whole or in parts, a pseudo-stream, and sockets of one direction; on all
//! arrangements. Which protocols these are: decision `simulated-protocols`.

mod common;

use common::{passes, table};
use winspi_script::Arrangement;

/// A connection of a protocol, `s` in a and `t` in b, with both nonblocking so that what would wait shows.
fn pair(triple: &str) -> String {
    format!(
        "process a\nprocess b\nthread a.other\nthread b.other\n\
         b: l = WSPSocket({triple}, flags=WSA_FLAG_OVERLAPPED)\nb: WSPBind(l, 127.0.0.1:80)\nb: WSPListen(l, 5)\n\
         a: s = WSPSocket({triple}, flags=WSA_FLAG_OVERLAPPED)\na: WSPIoctl(s, FIONBIO, 1)\n\
         a: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK\nb: t = WSPAccept(l)\nb: WSPIoctl(t, FIONBIO, 1)"
    )
}

const IN_PARTS: &str = "AF_INET, SOCK_SEQPACKET, 253";
const WHOLE: &str = "AF_INET, SOCK_SEQPACKET, 254";
const PSEUDO: &str = "AF_INET, SOCK_STREAM, 253";
const TCP: &str = "AF_INET, SOCK_STREAM, IPPROTO_TCP";

#[test]
fn messages_keep_their_boundaries() {
    for triple in [IN_PARTS, WHOLE] {
        table(
            &pair(triple),
            r#"
                a: WSPSend(s, "one")
                    a: WSPSend(s, ["t", "wo"])
                    b: WSPRecv(t, [buffer(64)]) => {buffers="one", flags=0}
                    b: WSPRecv(t, [buffer(1), buffer(64)]) => {buffers="two", number_of_bytes_recvd=3}
                # An empty one is a message, and no end.
                a: WSPSend(s, "")
                    b: WSPRecv(t, [buffer(64)]) => {number_of_bytes_recvd=0, flags=0}
                    b: WSPRecv(t, [buffer(64)]) => WSAEWOULDBLOCK by WSPRecv.ewouldblock-nonblocking
                a: WSPSend(s, "one")
                    b: WSPRecv(t, [buffer(64)], MSG_PEEK) => "one"
                    b: WSPRecv(t, [buffer(64)]) => "one"
                a: WSPSend(s, "one")
                    b: WSPRecvFrom(t, [buffer(64)], from=NULL) => {buffers="one", flags=0}
                a: WSPSend(s, "one", MSG_DONTROUTE) => 3
                a: WSPSend(s, bytes(65467)) => 65467
                a: WSPSend(s, bytes(65468)) => WSAEMSGSIZE by WSPSend.emsgsize
                # The end: not in the middle of the queue.
                a: WSPSend(s, "last")
                    a: WSPShutdown(s, SD_SEND)
                    b: WSPRecv(t, [buffer(64)]) => "last"
                    b: WSPRecv(t, [buffer(64)]) => WSAEDISCON by WSPRecv.edisconn-message-graceful
                    b: WSPRecvFrom(t, [buffer(64)]) => WSAEDISCON by WSPRecvFrom.edisconn-message-graceful
                a: WSPCloseSocket(s)
                    b: WSPRecv(t, [buffer(64)]) => WSAEDISCON
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})
                    a: WSPCloseSocket(s)
                    b: WSPRecv(t, [buffer(64)]) => WSAECONNRESET by WSPRecv.abortive-close-econnreset
                a: WSPSend(s, "x", MSG_OOB) => WSAEOPNOTSUPP by WSPSend.eopnotsupp-oob-not-stream
                b: WSPRecv(t, [buffer(1)], MSG_OOB) => WSAEOPNOTSUPP by WSPRecv.eopnotsupp-oob-not-stream
                b: WSPRecvFrom(t, [buffer(1)], MSG_OOB) => WSAEOPNOTSUPP by WSPRecvFrom.eopnotsupp-oob-not-stream
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_MAX_MSG_SIZE) => 65467
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_TYPE) => SOCK_SEQPACKET
                a: WSPGetSockOpt(s, IPPROTO_TCP, TCP_NODELAY) => WSAENOPROTOOPT
                a: u = WSPSocket(AF_INET, SOCK_SEQPACKET, 253)
                    a: WSPSend(u, "x") => WSAENOTCONN by WSPSend.enotconn
            "#,
        );
    }
}

#[test]
fn waits_and_room() {
    table(
        &pair(IN_PARTS),
        r#"
            b: WSPIoctl(t, FIONBIO, 0)
                b: WSPRecv(t, [buffer(64)]) => blocks
                a: WSPSend(s, "pa", MSG_PARTIAL)
                a: WSPSend(s, "rt")
                b: returns => {buffers="part", flags=0}
            # Only a full message ends the wait, part of one with MSG_PARTIAL.
            b: WSPIoctl(t, FIONBIO, 0)
                a: WSPSend(s, "pa", MSG_PARTIAL)
                b: WSPRecv(t, [buffer(64)]) => blocks for ever
            b: WSPIoctl(t, FIONBIO, 0)
                b: WSPRecv(t, [buffer(64)], MSG_PARTIAL) => blocks
                a: WSPSend(s, "pa", MSG_PARTIAL)
                b: returns => {buffers="pa", flags=MSG_PARTIAL}
            b: WSPIoctl(t, FIONBIO, 0)
                b: WSPRecv(t, [buffer(64)]) => blocks
                a: WSPSendDisconnect(s)
                b: returns => WSAEDISCON
            # A message goes whole, or not at all.
            repeat until WSAEWOULDBLOCK { a: WSPSend(s, bytes(5000)) => 5000 }
                b: WSPRecv(t, [buffer(64000)]) => bytes(5000)
                b: WSPRecv(t, [buffer(64000)]) => bytes(5000)
                a: WSPSend(s, bytes(60000)) => 60000
                a: WSPSend(s, "x") => WSAEWOULDBLOCK by WSPSend.ewouldblock-nonblocking
            repeat until WSAEWOULDBLOCK { a: WSPSend(s, bytes(60000)) => 60000 }
                a: WSPIoctl(s, FIONBIO, 0)
                a: WSPSend(s, "x") => blocks
                b: WSPRecv(t, [buffer(60000)])
                b: WSPRecv(t, [buffer(60000)])
                a: returns => 1
            # Indications: a message that is not whole is none.
            b: e = CreateEvent(manual_reset=TRUE)
                b: WSPEventSelect(t, e, FD_READ | FD_CLOSE)
                a: WSPSend(s, "pa", MSG_PARTIAL)
                b: WSPEnumNetworkEvents(t) => 0
                a: WSPSend(s, "rt")
                b: WSPEnumNetworkEvents(t) => FD_READ
                a: WSPCloseSocket(s)
                b: WSPEnumNetworkEvents(t) => 0
                b: WSPRecv(t, [buffer(9)]) => "part"
                b: WSPEnumNetworkEvents(t) => FD_CLOSE
            b: e = CreateEvent(manual_reset=TRUE)
                b: WSPEventSelect(t, e, FD_READ)
                a: WSPSend(s, "")
                b: WSPEnumNetworkEvents(t) => FD_READ
        "#,
    );
}

#[test]
fn parts_of_messages() {
    table(
        &pair(IN_PARTS),
        r#"
            a: WSPSend(s, "he", MSG_PARTIAL) => 2  ## WSPSend.flag-msg-partial
            a: WSPSend(s, "he", MSG_PARTIAL)
                a: WSPSend(s, "ll", MSG_PARTIAL)
                a: WSPSend(s, "o")
                b: WSPRecv(t, [buffer(64)]) => {buffers="hello", flags=0}
            a: WSPSendTo(s, "he", MSG_PARTIAL, 127.0.0.1:99)
                a: WSPSend(s, "")
                b: WSPRecv(t, [buffer(64)]) => {buffers="he", flags=0}
            # Larger than the buffers: the rest comes next, and says when it is the last.
            a: WSPSend(s, "hello")
                b: WSPRecv(t, [buffer(2)]) => {buffers="he", flags=MSG_PARTIAL}
                b: WSPRecv(t, [buffer(2)], MSG_PARTIAL) => {buffers="ll", flags=MSG_PARTIAL}
                b: WSPRecv(t, [buffer(2)], MSG_PARTIAL) => {buffers="o", flags=0}  ## WSPRecv.message-into-buffers
            a: WSPSend(s, "hello")
                b: WSPRecv(t, [buffer(2)], MSG_PEEK) => {buffers="he", flags=MSG_PARTIAL}
                b: WSPRecv(t, [buffer(5)]) => {buffers="hello", flags=0}
            # What is there of a message that is not.
            a: WSPSend(s, "he", MSG_PARTIAL)
                b: WSPRecv(t, [buffer(64)]) => WSAEWOULDBLOCK
                b: WSPRecv(t, [buffer(64)], MSG_PARTIAL) => {buffers="he", flags=MSG_PARTIAL}
                b: WSPRecv(t, [buffer(64)], MSG_PARTIAL) => WSAEWOULDBLOCK
                a: WSPSend(s, "llo")
                b: WSPRecv(t, [buffer(64)]) => {buffers="llo", flags=0}
            a: WSPSend(s, "he", MSG_PARTIAL)
                b: WSPRecv(t, [buffer(1)], MSG_PARTIAL) => {buffers="h", flags=MSG_PARTIAL}
                a: WSPSend(s, "llo")
                a: WSPSend(s, "next")
                b: WSPRecv(t, [buffer(64)]) => {buffers="ello", flags=0}
                b: WSPRecv(t, [buffer(64)]) => "next"
            a: WSPSend(s, "he", MSG_PARTIAL)
                b: WSPRecv(t, [buffer(64)], MSG_PARTIAL) => "he"
                a: WSPSend(s, "")
                b: WSPRecv(t, [buffer(64)], MSG_PARTIAL) => {buffers="", flags=0}
            # A message that is never finished.
            a: WSPSend(s, "he", MSG_PARTIAL)
                a: WSPCloseSocket(s)
                b: WSPRecv(t, [buffer(64)]) => WSAEDISCON
                b: WSPRecv(t, [buffer(64)], MSG_PARTIAL) => {buffers="he", flags=MSG_PARTIAL}
                b: WSPRecv(t, [buffer(64)], MSG_PARTIAL) => WSAEDISCON
            # Overlapped.
            b: o = Overlapped()
                b: x = Buffer(2)
                b: WSPRecv(t, [x], overlapped=o) => pending
                a: WSPSend(s, "hello")
                b: WSPGetOverlappedResult(t, o) => {transfer=2, flags=MSG_PARTIAL}
                b: WSPRecv(t, [buffer(64)]) => "llo"
            b: o = Overlapped()
                b: x = Buffer(2)
                a: WSPSend(s, "hello")
                b: WSPRecv(t, [x], overlapped=o) => {number_of_bytes_recvd=2, flags=MSG_PARTIAL}
                expect b.x == "he"
            b: o = Overlapped()
                b: x = Buffer(2)
                b: WSPRecv(t, [x], overlapped=o) => pending
                a: WSPCloseSocket(s)
                b: WSPGetOverlappedResult(t, o) => WSAEDISCON
            a: o = Overlapped()
                a: WSPSend(s, "hello", overlapped=o) => 5
                b: WSPRecv(t, [buffer(64)]) => "hello"
        "#,
    );
}

#[test]
fn messages_without_parts() {
    table(
        &pair(WHOLE),
        r#"
            a: WSPSend(s, "he", MSG_PARTIAL) => WSAEOPNOTSUPP by WSPSend.eopnotsupp-partial
            a: WSPSendTo(s, "he", MSG_PARTIAL, NULL) => WSAEOPNOTSUPP by WSPSendTo.eopnotsupp-partial
            # Reliable: a larger buffer gets the whole message.
            a: WSPSend(s, "hello")
                b: WSPRecv(t, [buffer(2)]) => {error=WSAEMSGSIZE, buffers="he"} by WSPRecv.oversized-reliable-emsgsize
                b: WSPRecvFrom(t, [buffer(2)]) => WSAEMSGSIZE by WSPRecvFrom.oversized-reliable-emsgsize
                b: WSPRecv(t, [buffer(5)]) => "hello"
            a: WSPSend(s, "hello")
                b: WSPRecv(t, [buffer(2)], MSG_PARTIAL) => WSAEMSGSIZE
                b: o = Overlapped()
                b: WSPRecv(t, [buffer(2)], overlapped=o) => WSAEMSGSIZE
                b: WSPRecv(t, [buffer(5)]) => {buffers="hello", flags=0}
            b: o = Overlapped()
                b: WSPRecv(t, [buffer(2)], overlapped=o) => pending
                a: WSPSend(s, "hello")
                b: WSPGetOverlappedResult(t, o) => WSAEMSGSIZE
                b: WSPRecv(t, [buffer(5)]) => "hello"
        "#,
    );
}

#[test]
fn streams_have_no_boundaries_whatever_is_sent() {
    for triple in [TCP, PSEUDO] {
        table(
            &pair(triple),
            r#"
                a: WSPSend(s, "one")
                    a: WSPSend(s, "two")
                    b: WSPRecv(t, [buffer(64)]) => {buffers="onetwo", flags=0}  ## WSPRecv.stream-returns-available
                a: WSPSend(s, "one")
                    b: WSPRecv(t, [buffer(2)], MSG_PARTIAL) => {buffers="on", flags=0}
                    b: WSPRecv(t, [buffer(2)], MSG_PARTIAL | MSG_PEEK) => "e"
                    b: WSPRecv(t, [buffer(2)]) => "e"
                a: WSPSend(s, "one", MSG_PARTIAL) => WSAEOPNOTSUPP by WSPSend.eopnotsupp-partial
                a: WSPSend(s, "one", MSG_DONTROUTE) => 3
                a: WSPCloseSocket(s)
                    b: WSPRecv(t, [buffer(64)]) => ""  ## WSPRecv.stream-graceful-close-zero
            "#,
        );
    }
    table(
        &pair(PSEUDO),
        r#"
            a: WSPSend(s, "x", MSG_OOB) => WSAEOPNOTSUPP by WSPSend.eopnotsupp-oob-domain
            b: WSPRecv(t, [buffer(1)], MSG_OOB) => WSAEOPNOTSUPP by WSPRecv.eopnotsupp-oob-domain
            a: WSPSendDisconnect(s, "bye")
                b: WSPRecv(t, [buffer(1)]) => ""
                b: WSPRecvDisconnect(t) => "bye"
        "#,
    );
}

#[test]
fn sockets_of_one_direction() {
    table(
        "process a\nprocess b\n\
         a: s = WSPSocket(AF_INET, SOCK_DGRAM, 253)\n\
         b: r = WSPSocket(AF_INET, SOCK_DGRAM, 254)\nb: WSPBind(r, 127.0.0.1:53)\n\
         b: u = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\nb: WSPBind(u, 127.0.0.1:54)",
        r#"
            a: WSPSendTo(s, "x", 0, 127.0.0.1:53)
                a: WSPSendTo(s, "y", 0, 127.0.0.1:54)
                b: WSPRecvFrom(r, [buffer(9)]) => "x"
                b: WSPRecvFrom(u, [buffer(9)]) => "y"
            a: WSPBind(s, 127.0.0.1:55)
                a: WSPRecvFrom(s, [buffer(9)]) => WSAEOPNOTSUPP by WSPRecvFrom.eopnotsupp-send-only
            a: WSPRecv(s, [buffer(9)]) => WSAEOPNOTSUPP by WSPRecv.eopnotsupp-send-only
            b: WSPSendTo(r, "x", 0, 127.0.0.1:54) => WSAEOPNOTSUPP by WSPSendTo.eopnotsupp-receive-only
            b: WSPConnect(r, 127.0.0.1:54)
                b: WSPSend(r, "x") => WSAEOPNOTSUPP by WSPSend.eopnotsupp-receive-only
            a: WSPShutdown(s, SD_RECEIVE) => WSAEINVAL by WSPShutdown.error-einval-type
            b: WSPShutdown(r, SD_SEND) => WSAEINVAL by WSPShutdown.error-einval-type
            a: WSPShutdown(s, SD_SEND)
                a: WSPSendTo(s, "x", 0, 127.0.0.1:53) => WSAESHUTDOWN
            b: WSPShutdown(r, SD_BOTH) => 0  ## WSPShutdown.all-socket-types
        "#,
    );
}

#[test]
fn a_protocol_has_its_own_listeners_and_finds_no_other() {
    table(
        "process a\nprocess b\n\
         a: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPBind(l, 127.0.0.1:80)\na: WSPListen(l, 5)\n\
         b: q = WSPSocket(AF_INET, SOCK_SEQPACKET, 253)",
        r#"
            b: WSPConnect(q, 127.0.0.1:80) => WSAECONNREFUSED by WSPConnect.error-econnrefused
            # Their ports are the same numbers.
            b: WSPBind(q, 127.0.0.1:80) => WSAEADDRINUSE by WSPBind.error-eaddrinuse
            b: s = socket(AF_INET, SOCK_STREAM, 0)
                b: i = WSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFO)
                expect b.i.protocol == IPPROTO_TCP
            b: s = socket(AF_INET, SOCK_DGRAM, 0)
                b: i = WSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFO)
                expect b.i.protocol == IPPROTO_UDP
            b: socket(AF_INET, SOCK_SEQPACKET, 0)
            b: socket(AF_INET6, SOCK_SEQPACKET, 253) => WSAESOCKTNOSUPPORT
        "#,
    );
}

/// A connection of messages that is handed over in the middle of one.
#[test]
fn a_shared_socket_goes_on_in_the_middle_of_a_message() {
    let script = common::script(&format!(
        "{}\n\
         a: WSPSend(s, \"hello\")\n\
         b: WSPRecv(t, [buffer(2)]) => \"he\"\n\
         b: info = WSPDuplicateSocket(t, a)\n\
         a: u = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, b.info)\n\
         b: WSPCloseSocket(t)\n\
         a: WSPRecv(u, [buffer(9)]) => {{buffers=\"llo\", flags=0}}\n",
        pair(IN_PARTS)
    ));
    for arrangement in Arrangement::five() {
        passes(&script, &arrangement);
    }
}
