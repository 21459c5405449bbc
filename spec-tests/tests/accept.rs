//! WSPAccept: the condition function with all its parameters, its answers, addresses, states; on all arrangements.

mod common;

use common::table;

/// A listening socket `l` in a, and `b` with a socket that asks for a connection: of TCP, where the request is granted at
/// once, or of a protocol where it waits for WSPAccept.
fn prelude(triple: &str) -> String {
    format!(
        "process a\nprocess b\nthread a.other\nthread b.other\n\
         condition accepts in a {{ return CF_ACCEPT }}\n\
         condition rejects in a {{ return CF_REJECT }}\n\
         condition defers in a {{ return CF_DEFER }}\n\
         condition says_77 in a {{ return 77 }}\n\
         condition says_nothing in a {{ expect TRUE }}\n\
         condition looks in a {{ expect caller_id == 127.0.0.1:1024 ; expect caller_data == NULL ; expect sqos == NULL ; \
         expect gqos == NULL ; expect callee_id == 127.0.0.1:80 ; expect group == 0 ; \
         expect callback_data == 0xdeadbeef ; return CF_ACCEPT }}\n\
         condition joins in a {{ return {{value=CF_ACCEPT, group=4711}} }}\n\
         condition joins_none in a {{ return {{value=CF_ACCEPT, group=0}} }}\n\
         condition asks in a {{ n = WSPGetSockName(l) => 0.0.0.0:80 ; return CF_ACCEPT }}\n\
         a: l = WSPSocket({triple})\na: WSPBind(l, 0.0.0.0:80)\na: WSPListen(l, 5)\n\
         b: s = WSPSocket({triple})\nb: WSPIoctl(s, FIONBIO, 1)\nb: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK"
    )
}

const TCP: &str = "AF_INET, SOCK_STREAM, IPPROTO_TCP";
const WAITS: &str = "AF_INET, SOCK_SEQPACKET, 253";

#[test]
fn what_the_condition_function_says_is_done() {
    for triple in [TCP, WAITS] {
        table(
            &prelude(triple),
            r#"
                a: t = WSPAccept(l, accepts)
                    expect accepts.runs == 1
                    b: WSPSend(s, "x") => 1
                    a: WSPRecv(t, [buffer(9)]) => "x"
                a: WSPAccept(l, looks, 0xdeadbeef)
                a: WSAAccept(l, looks, 0xdeadbeef)
                a: WSPAccept(l, asks)
                a: WSPAccept(l, joins_none)
                a: WSPAccept(l, rejects) => WSAECONNREFUSED by WSPAccept.error-econnrefused
                a: WSPAccept(l, defers) => WSATRY_AGAIN by WSPAccept.error-try-again
                a: WSPAccept(l, says_77) => WSAEINVAL by WSPAccept.error-einval-condition-result
                a: WSPAccept(l, joins) => WSAEINVAL by WSPAccept.error-einval-group
                a: WSPAccept(l, bad) => WSAEFAULT by WSPAccept.error-efault-condition
                # CF_ACCEPT is 0: a function that returns nothing accepts.
                a: WSPAccept(l, says_nothing)
                # What was deferred, or could not be carried out, is still the first.
                b: u = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
                    b: WSPIoctl(u, FIONBIO, 1)
                    b: WSPConnect(u, 127.0.0.1:80) => any
                    a: WSPAccept(l, defers) => {error=WSATRY_AGAIN, addr=127.0.0.1:1024}
                    a: WSPAccept(l, says_77) => {error=WSAEINVAL, addr=127.0.0.1:1024}
                    a: WSPAccept(l, joins) => {error=WSAEINVAL, addr=127.0.0.1:1024}
                    a: WSPAccept(l, accepts) => {addr=127.0.0.1:1024}
                a: WSPAccept(l, defers) => WSATRY_AGAIN
                    a: WSPAccept(l, rejects) => {error=WSAECONNREFUSED, addr=127.0.0.1:1024}
                    a: WSPIoctl(l, FIONBIO, 1)
                    a: WSPAccept(l, rejects) => WSAEWOULDBLOCK by WSPAccept.error-ewouldblock
            "#,
        );
    }
}

#[test]
fn what_the_connecting_side_hears() {
    table(
        &prelude(TCP),
        r#"
            a: WSPAccept(l, rejects) => WSAECONNREFUSED
                b: WSPRecv(s, [buffer(9)]) => WSAECONNRESET
            a: WSPAccept(l, defers) => WSATRY_AGAIN
                b: WSPSend(s, "x") => 1
        "#,
    );
    let event = "b: e = CreateEvent(manual_reset=TRUE)\nb: WSPEventSelect(s, e, FD_CONNECT | FD_CLOSE)";
    table(
        &format!("{}\n{event}", prelude(WAITS)),
        r#"
            b: WSPSend(s, "x") => WSAENOTCONN
            a: WSPAccept(l, defers) => WSATRY_AGAIN
                b: WSPEnumNetworkEvents(s) => 0
                a: WSPAccept(l)
                b: WSPEnumNetworkEvents(s) => {network_events=FD_CONNECT, error_code[FD_CONNECT_BIT]=0}
            a: WSPAccept(l, rejects) => WSAECONNREFUSED
                b: WSPEnumNetworkEvents(s) => {network_events=FD_CONNECT, error_code[FD_CONNECT_BIT]=WSAECONNREFUSED}
            a: WSPAccept(l, rejects) => WSAECONNREFUSED
                b: WSPIoctl(s, FIONREAD) => 0
                b: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK
                a: WSPAccept(l)
                b: WSPSend(s, "x") => 1
        "#,
    );
}

#[test]
fn the_name_of_the_peer() {
    table(
        &prelude(TCP),
        r#"
            a: WSPAccept(l, addrlen=128) => {addr=127.0.0.1:1024, addrlen=16}
            a: WSPAccept(l, addr=NULL) => {addr=untouched, addrlen=untouched}
            a: WSPAccept(l, addr=NULL, addrlen=1) => ok
            a: WSPAccept(l, addrlen=NULL) => {addr=untouched, addrlen=untouched}
            a: WSPAccept(l, addrlen=1) => WSAEFAULT by WSPAccept.error-efault-addrlen
            a: WSPAccept(l, addrlen=0) => WSAEFAULT by WSPAccept.error-efault-addrlen
            a: WSPAccept(l, addr=bad) => WSAEFAULT by WSPAccept.error-efault-addrlen
            a: WSPAccept(l, addrlen=15) => WSAEFAULT
                a: WSPAccept(l, addrlen=16) => {addr=127.0.0.1:1024}
            a: WSPAccept(l, rejects, addr=NULL) => {error=WSAECONNREFUSED, addr=untouched}
        "#,
    );
}

#[test]
fn states_and_what_the_peer_did_meanwhile() {
    table(
        &prelude(TCP),
        r#"
            a: t = WSPAccept(l)
                a: WSPAccept(t) => WSAEINVAL by WSPAccept.error-einval-state
            b: WSPAccept(s) => WSAEINVAL by WSPAccept.error-einval-state
            a: u = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
                a: WSPBind(u, 127.0.0.1:81)
                a: WSPAccept(u) => WSAEINVAL by WSPAccept.error-einval-not-listening
            a: WSPAccept(0x7fc) => WSAENOTSOCK by WSPAccept.error-enotsock
            fault network_down
                a: WSPAccept(l) => WSAENETDOWN by WSPAccept.error-enetdown
            fault buffers
                a: WSPAccept(l) => WSAENOBUFS by WSPAccept.error-enobufs
            fault descriptors(a, limit=1)
                a: WSPAccept(l) => WSAEMFILE by WSPAccept.error-emfile
                clear faults
                a: WSPAccept(l) => {addr=127.0.0.1:1024}
            b: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})
                b: WSPCloseSocket(s)
                a: WSPAccept(l) => WSAECONNRESET by WSPAccept.error-econnreset
                a: WSPIoctl(l, FIONBIO, 1)
                a: WSPAccept(l) => WSAEWOULDBLOCK
            # FD_ACCEPT comes again for the next one, and after a rejection; not after CF_DEFER.
            a: e = CreateEvent(manual_reset=TRUE)
                a: WSPEventSelect(l, e, FD_ACCEPT)
                a: WSPEnumNetworkEvents(l) => FD_ACCEPT
                b: u = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
                b: WSPConnect(u, 127.0.0.1:80)
                a: WSPEnumNetworkEvents(l) => 0
                a: WSPAccept(l, defers) => WSATRY_AGAIN
                a: WSPEnumNetworkEvents(l) => 0
                a: WSPAccept(l, rejects) => WSAECONNREFUSED
                a: WSPEnumNetworkEvents(l) => FD_ACCEPT
                a: WSPAccept(l)
                a: WSPEnumNetworkEvents(l) => 0
        "#,
    );
    table(
        &prelude(WAITS),
        r#"
            b: WSPCloseSocket(s)
                a: WSPAccept(l) => WSAEACCES by WSPAccept.error-eacces
                a: WSPIoctl(l, FIONBIO, 1)
                a: WSPAccept(l) => WSAEWOULDBLOCK
            kill b
                a: WSPAccept(l, accepts) => WSAEACCES
                expect accepts.runs == 0
            a: e = CreateEvent(manual_reset=TRUE)
                a: WSPEventSelect(l, e, FD_ACCEPT)
                a: WSPEnumNetworkEvents(l) => FD_ACCEPT
                a: WSPAccept(l, rejects) => WSAECONNREFUSED
                b: WSPConnect(s, 127.0.0.1:80) => any
                a: WSPEnumNetworkEvents(l) => FD_ACCEPT
        "#,
    );
}
