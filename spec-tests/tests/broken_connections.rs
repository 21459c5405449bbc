//! Connections that break: reset, timed out, found gone by keep-alive; and what the functions of data say then.

mod common;

use common::table;

fn pair(triple: &str) -> String {
    format!(
        "process a\nprocess b\nthread a.other\n\
         b: l = WSPSocket({triple})\nb: WSPBind(l, 127.0.0.1:80)\nb: WSPListen(l, 5)\n\
         a: s = WSPSocket({triple}, flags=WSA_FLAG_OVERLAPPED)\na: WSPIoctl(s, FIONBIO, 1)\n\
         a: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK\nb: t = WSPAccept(l)\na: WSPIoctl(s, FIONBIO, 0)"
    )
}

#[test]
fn each_way_to_break_has_its_code() {
    for triple in ["AF_INET, SOCK_STREAM, IPPROTO_TCP", "AF_INET, SOCK_SEQPACKET, 253"] {
        let reset = "b: WSPSetSockOpt(t, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})\nb: WSPCloseSocket(t)";
        table(
            &format!("{}\n{reset}", pair(triple)),
            r#"
                a: WSPSend(s, "x") => WSAECONNRESET by WSPSend.econnreset
                a: WSPSendTo(s, "x", 0, NULL) => WSAECONNRESET by WSPSendTo.econnreset
                a: WSPRecv(s, [buffer(1)]) => WSAECONNRESET by WSPRecv.abortive-close-econnreset
                a: WSPRecvFrom(s, [buffer(1)]) => WSAECONNRESET by WSPRecvFrom.econnreset
            "#,
        );
        // Who sent what was lost gives up after a time.
        let lost = "hold network\na: WSPSend(s, \"x\")\nlose b.t\nrelease network";
        table(
            &format!("{}\n{lost}", pair(triple)),
            r#"
                a: WSPSend(s, "x") => WSAECONNABORTED by WSPSend.econnaborted
                a: WSPSendTo(s, "x", 0, NULL) => WSAECONNABORTED by WSPSendTo.econnaborted
                a: WSPRecv(s, [buffer(1)]) => WSAECONNABORTED by WSPRecv.econnaborted
                b: WSPRecv(t, [buffer(1)]) => WSAECONNRESET by WSPRecv.abortive-close-econnreset
                a: e = CreateEvent(manual_reset=TRUE)
                    a: WSPEventSelect(s, e, FD_CLOSE)
                    a: WSPEnumNetworkEvents(s) => {network_events=FD_CLOSE, error_code[FD_CLOSE_BIT]=WSAECONNABORTED}
            "#,
        );
        // The reset is lost, too: only keep-alive finds out.
        let silent = "hold network\nb: WSPSetSockOpt(t, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})\n\
                      b: WSPCloseSocket(t)\nlose a.s\nrelease network";
        table(
            &format!("{}\na: WSPSetSockOpt(s, SOL_SOCKET, SO_KEEPALIVE, TRUE)\n{silent}", pair(triple)),
            r#"
                a: WSPSend(s, "x") => WSAENETRESET by WSPSend.enetreset
                a: WSPSendTo(s, "x", 0, NULL) => WSAENETRESET by WSPSendTo.enetreset
                a: WSPRecv(s, [buffer(1)]) => WSAENETRESET by WSPRecv.enetreset
                a: WSPRecvFrom(s, [buffer(1)]) => WSAENETRESET by WSPRecvFrom.enetreset
            "#,
        );
        table(
            &format!("{}\n{silent}", pair(triple)),
            r#"
                a: WSPSend(s, "x") => 1
                    a: WSPSend(s, "x") => WSAECONNRESET
                a: WSPRecv(s, [buffer(1)]) => blocks for ever
            "#,
        );
    }
}

#[test]
fn who_waits_meanwhile_hears_of_it() {
    table(
        &pair("AF_INET, SOCK_STREAM, IPPROTO_TCP"),
        r#"
            a: WSPRecv(s, [buffer(1)]) => blocks
                hold network
                a.other: WSPSend(s, "x")
                lose b.t
                release network
                a: returns => WSAECONNABORTED by WSPRecv.econnaborted
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_KEEPALIVE, TRUE)
                a: WSPRecv(s, [buffer(1)]) => blocks
                hold network
                kill b
                lose a.s
                release network
                a: returns => any
            a: o = Overlapped()
                a: WSPRecv(s, [buffer(1)], overlapped=o) => pending
                hold network
                a: WSPSend(s, "x")
                lose b.t
                release network
                a: WSPGetOverlappedResult(s, o) => WSAECONNABORTED
        "#,
    );
}

#[test]
fn both_directions_ended() {
    table(
        &pair("AF_INET, SOCK_STREAM, IPPROTO_TCP"),
        r#"
            a: WSPShutdown(s, SD_BOTH)
                a: WSPSend(s, "x") => WSAESHUTDOWN by WSPSend.eshutdown-sd-both
                a: WSPSendTo(s, "x", 0, NULL) => WSAESHUTDOWN by WSPSendTo.eshutdown-sd-both
                a: WSPRecv(s, [buffer(1)]) => WSAESHUTDOWN by WSPRecv.eshutdown-sd-both
                a: WSPRecvFrom(s, [buffer(1)]) => WSAESHUTDOWN by WSPRecvFrom.eshutdown-sd-both
            a: WSPShutdown(s, SD_SEND)
                a: WSPSend(s, "x") => WSAESHUTDOWN by WSPSend.eshutdown-sd-send
            a: WSPShutdown(s, SD_RECEIVE)
                a: WSPRecv(s, [buffer(1)]) => WSAESHUTDOWN by WSPRecv.eshutdown-sd-receive
                a: WSPRecvFrom(s, [buffer(1)]) => WSAESHUTDOWN by WSPRecvFrom.eshutdown-sd-receive
        "#,
    );
}
