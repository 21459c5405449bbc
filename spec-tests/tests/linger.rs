//! The table of WSPCloseSocket: what a close does with data that is not sent; on all arrangements.

mod common;

use common::table;
use winspi_script::Arrangement;

/// A connected pair with data on its way from `a` to `b`.
const UNSENT: &str = "process a\nprocess b\nprocess c\nthread a.other\n\
    b: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nb: WSPBind(l, 127.0.0.1:80)\nb: WSPListen(l, 5)\n\
    a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPConnect(s, 127.0.0.1:80)\nb: t = WSPAccept(l)\n\
    hold network\na: WSPSend(s, \"data\") => 4";

#[test]
fn without_lingering_the_close_is_graceful_and_in_the_background() {
    table(
        UNSENT,
        r#"
            a: WSPCloseSocket(s)  ## WSPCloseSocket.dontlinger-immediate
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPCloseSocket(s)  ## WSPCloseSocket.dontlinger-immediate
            a: WSPCloseSocket(s)
                release network
                b: WSPRecv(t, [buffer(9)]) => "data"
                b: WSPRecv(t, [buffer(9)]) => ""  ## WSPRecv.stream-graceful-close-zero
        "#,
    );
}

#[test]
fn lingering_for_no_time_resets() {
    let zero = format!("{UNSENT}\na: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {{onoff=1, linger=0}})");
    table(
        &zero,
        r#"
            a: WSPCloseSocket(s)  ## WSPCloseSocket.linger-zero-resets
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPCloseSocket(s)  ## WSPCloseSocket.linger-zero-resets
            a: WSPCloseSocket(s)
                release network
                b: WSPRecv(t, [buffer(9)]) => WSAECONNRESET by WSPRecv.abortive-close-econnreset
            a: WSPCloseSocket(s)
                release network
                b: WSPGetSockOpt(t, SOL_SOCKET, SO_ERROR) => value WSAECONNRESET  ## WSPGetSockOpt.so-error-resets
            # Not the last descriptor: nothing happens to the connection.
            a: info = WSPDuplicateSocket(s, c)
                a: WSPCloseSocket(s)
                release network
                b: WSPRecv(t, [buffer(9)]) => "data"
                c: d = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.info)
                c: WSPSend(d, "more")
                b: WSPRecv(t, [buffer(9)]) => "more"
            # A process that ends closes in the same way.
            kill a
                release network
                b: WSPRecv(t, [buffer(9)]) => WSAECONNRESET
            a: WSACleanup()
                release network
                b: WSPRecv(t, [buffer(9)]) => WSAECONNRESET
        "#,
    );
}

#[test]
fn lingering_for_some_time_waits_until_the_data_is_sent() {
    let five = format!("{UNSENT}\na: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {{onoff=1, linger=5}})");
    table(
        &five,
        r#"
            a: WSPCloseSocket(s) => blocks
                release network
                a: returns => ok
                b: WSPRecv(t, [buffer(9)]) => "data"
                b: WSPRecv(t, [buffer(9)]) => ""
            release network
                a: WSPCloseSocket(s)
                b: WSPRecv(t, [buffer(9)]) => "data"
            # The time is up: a reset.
            a: WSPCloseSocket(s) => blocks
                advance 4999ms
                a.other: WSPGetSockOpt(s, SOL_SOCKET, SO_TYPE) => SOCK_STREAM
                advance 1ms
                a: returns => ok
                release network
                b: WSPRecv(t, [buffer(9)]) => WSAECONNRESET
            # Nonblocking: nothing is begun, and the descriptor stays.
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPCloseSocket(s) => WSAEWOULDBLOCK by WSPCloseSocket.error-ewouldblock
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPCloseSocket(s) => WSAEWOULDBLOCK
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_TYPE) => SOCK_STREAM
                release network
                b: WSPRecv(t, [buffer(9)]) => "data"
                b: WSPRecv(t, [buffer(9)]) => blocks
                a: WSPCloseSocket(s)
                b: returns => ""
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPCloseSocket(s) => WSAEWOULDBLOCK
                a: WSPCloseSocket(s) => WSAEWOULDBLOCK
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_DONTLINGER, TRUE)
                a: WSPCloseSocket(s) => 0  ## WSPCloseSocket.dontlinger-immediate
            a: WSPIoctl(s, FIONBIO, 1)
                a: closesocket(s) => WSAEWOULDBLOCK
                a: setsockopt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})
                a: closesocket(s) => 0
                a: closesocket(s) => WSAENOTSOCK
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPShutdown(s, SD_SEND)
                a: WSPCloseSocket(s) => WSAEWOULDBLOCK
                release network
                a: WSPCloseSocket(s)
            # Not the last descriptor: no wait.
            a: WSPDuplicateSocket(s, c)
                a: WSPCloseSocket(s)  ## WSPCloseSocket.not-last-keeps-socket
            # During the wait the socket gets another descriptor: the close is not the last any more.
            a: WSPCloseSocket(s) => blocks
                a.other: info = WSPDuplicateSocket(s, c)
                release network
                a: returns => ok
                c: d = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.info)
                c: WSPSend(d, "x")
                b: WSPRecv(t, [buffer(9)]) => "datax"
            # Nobody waits for a process that ends: gracefully, in the background.
            kill a
                release network
                b: WSPRecv(t, [buffer(9)]) => "data"
                b: WSPRecv(t, [buffer(9)]) => ""
            a: WSACleanup()
                release network
                b: WSPRecv(t, [buffer(9)]) => "data"
        "#,
    );
}

#[test]
fn a_kill_during_the_wait_leaves_nothing() {
    table(
        UNSENT,
        r#"
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5})
                a: WSPCloseSocket(s) => blocks for ever
                kill a
                release network
                b: WSPRecv(t, [buffer(9)]) => "data"
                b: WSPCloseSocket(t)
                expect socket(t).handles == 0
        "#,
    );
}

#[test]
fn the_final_cleanup_cancels_in_silence() {
    let prelude = "process a\nprocess b\nthread a.other\n\
        a: s = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, flags=WSA_FLAG_OVERLAPPED)\na: WSPBind(s, 127.0.0.1:53)\n\
        a: e = CreateEvent(manual_reset=TRUE)\na: o = Overlapped(event=e)\na: x = Buffer(4)";
    table(
        prelude,
        r#"
            a: WSPRecvFrom(s, [x], overlapped=o) => pending
                a: WSACleanup()
                expect event(e).signaled == 0
            a: WSPRecvFrom(s, [buffer(1)]) => blocks
                a.other: WSACleanup()
                a: returns => fails
            a: WSACleanup()
                a: recvfrom(s, buffer(1)) => WSANOTINITIALISED
                b: t = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
                b: WSPBind(t, 127.0.0.1:53)  ## WSPBind.assigns-name
        "#,
    );
}

/// Where unclaimed duplicates keep no socket, the close that leaves only such is the last.
#[test]
fn a_duplicate_that_nobody_has_asked_for_counts_by_decision() {
    let lines = format!(
        "{UNSENT}\na: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {{onoff=1, linger=5}})\n\
         a: WSPIoctl(s, FIONBIO, 1)\na: WSPDuplicateSocket(s, c)"
    );
    for (choice, close) in [("keeps", "ok"), ("does-not-keep", "WSAEWOULDBLOCK by WSPCloseSocket.error-ewouldblock")] {
        let script = common::script(&format!("{lines}\na: WSPCloseSocket(s) => {close}\n"));
        for arrangement in Arrangement::five() {
            let mut arrangement = arrangement;
            arrangement.policy.decide("unclaimed-duplicate", choice).expect("the table has it");
            common::passes(&script, &arrangement);
        }
    }
}
