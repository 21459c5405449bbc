//! Calls from a callback: refused in a process of version 1.1, free from 2.0 on; on all arrangements.

mod common;

use common::table;

/// Calls of each function that has the code on its page.
const CALLS: [&str; 19] = [
    "WSPAccept(m)",
    "WSPBind(t, 127.0.0.1:81)",
    "WSPCloseSocket(t)",
    "WSPConnect(t, 127.0.0.1:90)",
    "WSPDuplicateSocket(t, b)",
    "WSPEnumNetworkEvents(t, e)",
    "WSPEventSelect(t, e, FD_READ)",
    "WSPGetPeerName(w)",
    "WSPGetSockName(w)",
    "WSPGetSockOpt(t, SOL_SOCKET, SO_TYPE)",
    "WSPIoctl(t, FIONBIO, 1)",
    "WSPListen(m, 5)",
    "WSPRecv(w, [buffer(2)])",
    "WSPRecvFrom(w, [buffer(2)])",
    "WSPSend(w, \"x\")",
    "WSPSendTo(w, \"x\", to=127.0.0.1:90)",
    "WSPSetSockOpt(t, SOL_SOCKET, SO_KEEPALIVE, 1)",
    "WSPShutdown(w, SD_SEND)",
    "WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)",
];

/// A process of a version, and a call in its condition function.
fn within(version: &str, call: &str) -> String {
    format!(
        "process a (started=no)\nthread a.worker\nprocess b\n\
         define listener(l, where) {{ l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) ; WSPBind(l, where) ; WSPListen(l, 5) }}\n\
         define connected(c, where) {{ c = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) ; WSPConnect(c, where) }}\n\
         condition nests in a {{ {call} ; return CF_ACCEPT }}\n\
         a: WSAStartup({version})\n\
         b: listener(far, 127.0.0.1:90)\n\
         a: connected(w, 127.0.0.1:90)\n\
         b: near = WSPAccept(far)\n\
         b: WSPSend(near, \"hi\")\n\
         a: listener(l, 127.0.0.1:80)\n\
         a: listener(m, 127.0.0.1:82)\n\
         a: t = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
         a: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)\n\
         b: connected(c, 127.0.0.1:80)\n\
         b: connected(d, 127.0.0.1:82)"
    )
}

#[test]
fn a_process_of_1_1_is_refused() {
    for call in CALLS {
        let prelude = within("1.1", &format!("{call} => WSAEINPROGRESS"));
        // The call that the condition function decides about goes on, and afterwards the same call is free.
        let accepted = "a: WSPAccept(l, condition=nests)\n    expect nests.runs == 1\n";
        table(&prelude, accepted);
        table(&prelude, &format!("a: WSPAccept(l, condition=nests)\n    a: {call}"));
    }
}

#[test]
fn a_blocking_hook_is_a_callback() {
    for call in CALLS {
        let prelude = within("1.1", "getsockname(w)").replace(
            "a: WSAStartup",
            &format!("hook nested in a {{ {call} => WSAEINPROGRESS ; return FALSE }}\na: WSAStartup"),
        );
        table(
            &format!("{prelude}\na: listener(k, 127.0.0.1:83)\na: WSASetBlockingHook(nested)"),
            "a: WSPAccept(k) => blocks\n    expect nested.runs == 1\n    b: connected(x, 127.0.0.1:83)\n    a: returns",
        );
    }
}

#[test]
fn a_process_of_2_0_is_not() {
    for call in CALLS {
        table(&within("2.0", call), "a: WSPAccept(l, condition=nests)\n    expect nests.runs == 1");
    }
}

#[test]
fn the_lowest_version_counts() {
    let refused = "WSPGetSockName(w) => WSAEINPROGRESS";
    table(&within("2.2", refused), "a: WSAStartup(1.1)\n    a: WSPAccept(l, condition=nests)");
    table(&within("1.0", refused), "a: WSAStartup(2.2)\n    a: WSPAccept(l, condition=nests)");
}

#[test]
fn another_thread_is_free() {
    let waits = "a.worker: me = WSPGetSockName(w)";
    let prelude = within("1.1", "SetEvent(asked) ; WaitForSingleObject(go, INFINITE)");
    table(
        &format!(
            "{prelude}\na: asked = CreateEvent(manual_reset=TRUE, initial_state=FALSE)\na: go = CreateEvent(manual_reset=TRUE, initial_state=FALSE)"
        ),
        &format!("a: WSPAccept(l, condition=nests) => blocks\n    {waits}\n    a.worker: SetEvent(go)\n    a: returns"),
    );
}
