//! Connect data and disconnect data; on all arrangements.
//!
//! SOCK_SEQPACKET 253 carries both, TCP carries none (decision `simulated-protocols`).

mod common;

use common::table;

const CONDITIONS: &str = "process a\nprocess b\nthread a.other\nthread b.other\n\
    condition looks in a { expect caller_data == \"who?\" ; return {value=CF_ACCEPT, callee_data=\"me\"} }\n\
    condition has_none in a { expect caller_data == NULL ; return CF_ACCEPT }\n\
    condition has_room in a { expect callee_data.len == 32 ; return CF_ACCEPT }\n\
    condition has_no_room in a { expect callee_data.len == 0 ; expect caller_data == NULL ; return CF_ACCEPT }\n\
    condition gives_too_much in a { return {value=CF_ACCEPT, callee_data=bytes(33)} }\n\
    condition gives_all in a { return {value=CF_ACCEPT, callee_data=bytes(32)} }";

fn prelude(triple: &str) -> String {
    format!(
        "{CONDITIONS}\na: l = WSPSocket({triple})\na: WSPBind(l, 127.0.0.1:80)\na: WSPListen(l, 5)\n\
         b: s = WSPSocket({triple}, flags=WSA_FLAG_OVERLAPPED)"
    )
}

fn with_data() -> String {
    prelude("AF_INET, SOCK_SEQPACKET, 253")
}

fn tcp() -> String {
    prelude("AF_INET, SOCK_STREAM, IPPROTO_TCP")
}

/// A connection of a protocol: `s` in b, `t` in a.
fn connected(prelude: &str) -> String {
    format!(
        "{prelude}\nb: WSPIoctl(s, FIONBIO, 1)\nb: WSPConnect(s, 127.0.0.1:80) => any\na: t = WSPAccept(l)\n\
        b: WSPIoctl(s, FIONBIO, 0)"
    )
}

#[test]
fn connect_data_goes_with_the_request_and_comes_back_with_the_grant() {
    table(
        &with_data(),
        r#"
            b: WSPConnect(s, 127.0.0.1:80, "who?") => blocks
                a: WSPAccept(l, looks)
                b: returns => {value=0, callee_data="me"}
            b: WSPConnect(s, 127.0.0.1:80) => blocks
                a: WSPAccept(l, has_none)
                b: returns => {callee_data=""}
            b: WSPConnect(s, 127.0.0.1:80, "") => blocks
                a: WSPAccept(l, has_none)
                b: returns => {callee_data=""}
            b: WSPConnect(s, 127.0.0.1:80, bytes(32)) => blocks
                a: WSPAccept(l)
                b: returns => {callee_data=""}
            b: WSPConnect(s, 127.0.0.1:80) => blocks
                a: WSPAccept(l, has_room)
                b: returns => ok
            b: WSAConnect(s, 127.0.0.1:80, "who?") => blocks
                a: WSAAccept(l, looks)
                b: returns => {callee_data="me"}
            # No place, a place with a name, a place that is too small: the connection is there in any case.
            b: WSPConnect(s, 127.0.0.1:80, "who?", callee_data=NULL) => blocks
                a: WSPAccept(l, looks)
                b: returns => {callee_data=untouched}
            b: x = Buffer(2)
                b: WSPConnect(s, 127.0.0.1:80, "who?", callee_data=x) => blocks
                a: WSPAccept(l, looks)
                b: returns => ok
                expect b.x == "me"
            b: WSPConnect(s, 127.0.0.1:80, "who?", callee_data=buffer(1)) => blocks
                a: t = WSPAccept(l, looks)
                b: returns => {error=WSAEFAULT, callee_data="m"} by WSPConnect.error-efault-calleedata
                b: WSPSend(s, "there")
                a: WSPRecv(t, [buffer(9)]) => "there"
            b: WSPConnect(s, 127.0.0.1:80, callee_data=buffer(32)) => blocks
                a: WSPAccept(l, gives_all)
                b: returns => {callee_data=bytes(32)}
            # Nonblocking: a buffer with a name is filled by the grant, not before.
            b: x = Buffer("--")
                b: WSPIoctl(s, FIONBIO, 1)
                b: WSPConnect(s, 127.0.0.1:80, "who?", callee_data=x) => WSAEWOULDBLOCK
                expect b.x == "--"
                a: WSPAccept(l, looks)
                expect b.x == "me"
            b: WSPIoctl(s, FIONBIO, 1)
                b: WSPConnect(s, 127.0.0.1:80, "who?") => WSAEWOULDBLOCK
                a: t = WSPAccept(l, looks)
                b: WSPSend(s, "x") => 1
        "#,
    );
}

#[test]
fn what_is_refused_before_a_request_is_sent() {
    table(
        &with_data(),
        r#"
            b: WSPConnect(s, 127.0.0.1:80, bad) => WSAEFAULT by WSPConnect.error-efault-callerdata
            b: WSPConnect(s, 127.0.0.1:80, bytes(33)) => WSAEFAULT by WSPConnect.error-efault-callerdata
            b: WSPConnect(s, 127.0.0.1:80, callee_data=bad) => WSAEFAULT by WSPConnect.error-efault-calleedata
            b: WSPConnect(s, 127.0.0.1:80, bytes(33)) => WSAEFAULT
                b: WSPConnect(s, 127.0.0.1:80) => blocks for ever
        "#,
    );
    table(
        &tcp(),
        r#"
            b: WSPConnect(s, 127.0.0.1:80, "who?") => WSAEPROTONOSUPPORT by WSPConnect.error-eprotonosupport
            b: connect(s, 127.0.0.1:80)
                a: WSPAccept(l, has_no_room)
            b: WSPConnect(s, 127.0.0.1:80, callee_data=bad) => {value=0, callee_data=untouched}
            b: WSPConnect(s, 127.0.0.1:80)
                a: WSPAccept(l, gives_too_much) => WSAEINVAL by condition-answer
        "#,
    );
}

#[test]
fn disconnect_data_comes_with_the_end_of_sending() {
    table(
        &connected(&with_data()),
        r#"
            b: WSPSendDisconnect(s, "bye")
                a: WSPRecv(t, [buffer(9)]) => WSAEDISCON by WSPRecv.edisconn-message-graceful
                a: WSPRecvDisconnect(t) => "bye"  ## WSPRecvDisconnect.data-retrieved
            b: WSASendDisconnect(s, "bye")
                a: WSARecvDisconnect(t, inbound_disconnect_data=buffer(3)) => {inbound_disconnect_data="bye"}
            b: WSPSendDisconnect(s)
                a: WSPRecvDisconnect(t) => ""
            b: WSPSendDisconnect(s, bytes(64))
                a: WSPRecvDisconnect(t) => bytes(64)
            b: WSPSendDisconnect(s, "bye")
                a: x = Buffer(3)
                a: WSPRecvDisconnect(t, inbound_disconnect_data=x)
                expect a.x == "bye"
            # The data before it is still received, the socket is still there, the other direction goes on.
            b: WSPSend(s, "data")
                b: WSPSendDisconnect(s, "bye")
                b: WSPSend(s, "x") => WSAESHUTDOWN by WSPSend.eshutdown-sd-send
                a: WSPRecv(t, [buffer(9)]) => "data"
                a: WSPSend(t, "more")
                a: WSPSendDisconnect(t, "too")
                b: WSPRecv(s, [buffer(9)]) => "more"
                b: WSPRecvDisconnect(s) => "too"
                a: WSPRecvDisconnect(t) => "bye"
                b: WSPCloseSocket(s)
            # Too small: the data stays. It is given once.
            b: WSPSendDisconnect(s, "bye")
                a: WSPRecvDisconnect(t, inbound_disconnect_data=buffer(2)) => WSAEFAULT by WSPRecvDisconnect.error-efault
                a: WSPRecvDisconnect(t, inbound_disconnect_data=bad) => WSAEFAULT by WSPRecvDisconnect.error-efault
                a: WSPRecvDisconnect(t, inbound_disconnect_data=NULL) => {inbound_disconnect_data=untouched}
                a: WSPRecvDisconnect(t) => "bye"
                a: WSPRecvDisconnect(t) => ""
            # Before the peer disconnects there is nothing, and receiving has ended all the same.
            a: WSPRecvDisconnect(t) => ""  ## WSPRecvDisconnect.lower-layers
            a: WSPRecvDisconnect(t)
                a: WSPRecv(t, [buffer(9)]) => WSAESHUTDOWN by WSPRecv.eshutdown-sd-receive
                b: WSPSendDisconnect(s, "bye")
                a: WSPRecvDisconnect(t) => "bye"
            # Twice, and after the end of sending.
            b: WSPSendDisconnect(s, "bye")
                b: WSPSendDisconnect(s, "again")
                a: WSPRecvDisconnect(t) => "bye"
            b: WSPShutdown(s, SD_SEND)
                b: WSPSendDisconnect(s, "bye")
                a: WSPRecvDisconnect(t) => ""
            # It never waits, and a reader hears of it.
            hold network
                b: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5})
                b: WSPSend(s, "x")
                b: WSPSendDisconnect(s, "bye")
            a: WSPRecv(t, [buffer(9)]) => blocks
                a.other: WSPRecvDisconnect(t)
                a: returns => WSAESHUTDOWN
            a: le = CreateEvent(manual_reset=TRUE)
                a: WSPEventSelect(t, le, FD_CLOSE)
                b: WSPSendDisconnect(s, "bye")
                a: WSPEnumNetworkEvents(t) => FD_CLOSE
                a: WSPRecvDisconnect(t) => "bye"
        "#,
    );
}

#[test]
fn where_there_is_no_disconnect_data() {
    let udp = "\na: u = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\na: WSPBind(u, 127.0.0.1:53)";
    table(
        &format!("{}{udp}", connected(&tcp())),
        r#"
            b: WSPSendDisconnect(s, "bye") => WSAENOPROTOOPT by WSPSendDisconnect.error-enoprotoopt
            b: WSPSendDisconnect(s, "bye") => WSAENOPROTOOPT
                b: WSPSend(s, "x") => 1
            b: WSPSendDisconnect(s) => 0  ## WSPSendDisconnect.starts-termination
            b: WSPSendDisconnect(s)
                a: WSPRecv(t, [buffer(9)]) => ""
                b: WSPSend(s, "x") => WSAESHUTDOWN
            a: WSPRecvDisconnect(t) => WSAENOPROTOOPT by WSPRecvDisconnect.error-enoprotoopt
            a: WSPRecvDisconnect(t) => WSAENOPROTOOPT
                b: WSPSend(s, "x")
                a: WSPRecv(t, [buffer(9)]) => "x"
            # What arrives afterwards is kept, until the window is full; the peer is not told.
            a: WSPRecvDisconnect(t, inbound_disconnect_data=NULL)
                a: WSPRecv(t, [buffer(9)]) => WSAESHUTDOWN by WSPRecv.eshutdown-sd-receive
                b: WSPIoctl(s, FIONBIO, 1)
                repeat until WSAEWOULDBLOCK { b: WSPSend(s, bytes(4096)) }
                b: WSPRecv(s, [buffer(9)]) => WSAEWOULDBLOCK
            # Connectionless sockets.
            a: WSPSendDisconnect(u) => 0  ## WSPSendDisconnect.connectionless
            a: WSPSendDisconnect(u)
                a: WSPSendTo(u, "x", 0, 127.0.0.1:53) => WSAESHUTDOWN by WSPSendTo.eshutdown-sd-send
            a: WSPSendDisconnect(u, "bye") => WSAENOPROTOOPT
            a: WSPRecvDisconnect(u) => WSAENOPROTOOPT
            a: WSPRecvDisconnect(u, inbound_disconnect_data=NULL) => 0  ## WSPRecvDisconnect.udp-queued
            a: WSPRecvDisconnect(u, inbound_disconnect_data=NULL)
                b: d = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
                b: WSPSendTo(d, "x", 0, 127.0.0.1:53)
                a: WSPIoctl(u, FIONREAD) => 1
                b: WSPIoctl(d, FIONBIO, 1)
                b: WSPRecvFrom(d, [buffer(9)]) => WSAEWOULDBLOCK
        "#,
    );
}

#[test]
fn what_both_refuse() {
    table(
        &connected(&with_data()),
        r#"
            b: WSPSendDisconnect(0x7fc) => WSAENOTSOCK by WSPSendDisconnect.error-enotsock
            b: WSPRecvDisconnect(0x7fc) => WSAENOTSOCK by WSPRecvDisconnect.error-enotsock
            a: WSPSendDisconnect(l) => WSAENOTCONN by WSPSendDisconnect.error-enotconn
            a: WSPRecvDisconnect(l) => WSAENOTCONN by WSPRecvDisconnect.error-enotconn
            b: WSPSendDisconnect(s, bad) => WSAEFAULT by WSPSendDisconnect.error-efault
            b: WSPSendDisconnect(s, bytes(65)) => WSAEFAULT by user-data
            fault network_down
                b: WSPSendDisconnect(s) => WSAENETDOWN by WSPSendDisconnect.error-enetdown
            fault network_down
                b: WSPRecvDisconnect(s) => WSAENETDOWN by WSPRecvDisconnect.error-enetdown
            b: u = WSPSocket(AF_INET, SOCK_SEQPACKET, 253)
                b: WSPSendDisconnect(u) => WSAENOTCONN
            b: WSACleanup()
                b: WSASendDisconnect(s) => WSANOTINITIALISED
        "#,
    );
}
