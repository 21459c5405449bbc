//! The two sequences of teardown that the pages show: with WSPShutdown, and with disconnect data; on all arrangements.
//!
//! Pages: `WinSock/graceful-shutdown-linger-options-and-socket-closure-in-the-spi-2`,
//! `WinSock/connection-setup-and-teardown-2`.

mod common;

use common::{passes, script};
use winspi_script::Arrangement;

fn on_all(text: &str) {
    let script = script(text);
    for arrangement in Arrangement::five() {
        passes(&script, &arrangement);
    }
}

fn pair(triple: &str) -> String {
    format!(
        "process server\nprocess client\n\
         server: l = WSPSocket({triple})\nserver: WSPBind(l, 127.0.0.1:80)\nserver: WSPListen(l, 5)\n\
         client: c = WSPSocket({triple})\n\
         client: e = CreateEvent(manual_reset=TRUE)\nserver: e = CreateEvent(manual_reset=TRUE)\n\
         client: WSPEventSelect(c, e, FD_CONNECT | FD_READ | FD_CLOSE)\n\
         client: WSPConnect(c, 127.0.0.1:80) => WSAEWOULDBLOCK\n\
         server: t = WSPAccept(l)\nserver: WSPEventSelect(t, e, FD_READ | FD_CLOSE)\n\
         client: WSPEnumNetworkEvents(c) => FD_CONNECT\n"
    )
}

#[test]
fn graceful_shutdown() {
    on_all(&format!(
        "{}{}",
        pair("AF_INET, SOCK_STREAM, IPPROTO_TCP"),
        r#"
        client: WSPSend(c, "request")
        step 1 "the client has no more data"
        client: WSPShutdown(c, SD_SEND)
        client: WSPSend(c, "x") => WSAESHUTDOWN by WSPSend.eshutdown-sd-send
        step 2 "the server hears of it, after all data"
        server: WSPEnumNetworkEvents(t) => FD_READ
        server: WSPRecv(t, [buffer(64)]) => "request"
        server: WSPEnumNetworkEvents(t) => {network_events=FD_CLOSE, error_code[FD_CLOSE_BIT]=0}
        step 3 "it can still send"
        server: WSPSend(t, "response") => 8
        step 4 "until it has no more data either"
        server: WSPShutdown(t, SD_SEND)
        server: WSPCloseSocket(t)
        step 5 "the client reads the response, and hears of the end"
        client: WSPEnumNetworkEvents(c) => FD_READ
        client: WSPRecv(c, [buffer(64)]) => "response"
        client: WSPEnumNetworkEvents(c) => {network_events=FD_CLOSE, error_code[FD_CLOSE_BIT]=0}
        step 6 "and closes"
        client: WSPCloseSocket(c)
        server: WSPCloseSocket(l)
        "#
    ));
}

#[test]
fn teardown_with_disconnect_data() {
    on_all(&format!(
        "{}{}",
        pair("AF_INET, SOCK_SEQPACKET, 253"),
        r#"
        client: WSASendDisconnect(c, "that was all")
        server: WSPEnumNetworkEvents(t) => FD_CLOSE
        server: WSARecv(t, [buffer(64)]) => WSAEDISCON
        server: WSARecvDisconnect(t) => "that was all"
        server: WSASendDisconnect(t, "good bye")
        server: closesocket(t)
        client: WSPEnumNetworkEvents(c) => FD_CLOSE
        client: WSARecvDisconnect(c) => "good bye"
        client: closesocket(c)
        "#
    ));
}

#[test]
fn an_abortive_shutdown_loses_what_was_not_sent() {
    on_all(&format!(
        "{}{}",
        pair("AF_INET, SOCK_STREAM, IPPROTO_TCP"),
        r#"
        hold network
        server: WSPSend(t, "lost")
        server: WSPSetSockOpt(t, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})
        server: WSPCloseSocket(t)
        release network
        client: WSPEnumNetworkEvents(c) => {network_events=FD_CLOSE, error_code[FD_CLOSE_BIT]=WSAECONNRESET}
        client: WSPRecv(c, [buffer(64)]) => WSAECONNRESET
        "#
    ));
}
