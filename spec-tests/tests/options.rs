//! WSPGetSockOpt and WSPSetSockOpt: the table of the options, on all arrangements.

mod common;

use common::table;
use winspi_core::provider::base::option::{Kind, Of, TABLE};
use winspi_script::Arrangement;

const SOCKETS: &str = "process a\nprocess b\n\
    a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
    a: s6 = WSPSocket(AF_INET6, SOCK_STREAM, IPPROTO_TCP)\n\
    a: d = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\n\
    a: r = WSPSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP)";

#[test]
fn every_option_reads_as_its_default_on_a_new_socket() {
    for row in TABLE {
        let level = if row.level == 6 { "IPPROTO_TCP" } else { "SOL_SOCKET" };
        let expected = match row.default {
            text @ ("TRUE" | "FALSE" | "0") => text.to_owned(),
            text if text.starts_with('{') => format!("{{optval={text}, optlen=4}}"),
            "decision stream-buffer" => "65536".to_owned(),
            _ => continue,
        };
        assert!(row.kind != Kind::Info);
        let s = if row.of == Of::Message { "d" } else { "s" };
        let case = format!("a: WSPGetSockOpt({s}, {level}, {}) => {expected}", row.name);
        table(SOCKETS, &format!("{case} ## {}", row.clause));
    }
}

#[test]
fn values_of_the_socket() {
    table(
        SOCKETS,
        r#"
            a: WSPGetSockOpt(s, SOL_SOCKET, SO_TYPE) => {optval=SOCK_STREAM, optlen=4}  ## WSPGetSockOpt.so-type-value
            a: WSPGetSockOpt(d, SOL_SOCKET, SO_TYPE) => SOCK_DGRAM  ## WSPGetSockOpt.so-type-value
            a: WSPGetSockOpt(r, SOL_SOCKET, SO_TYPE) => SOCK_RAW  ## WSPGetSockOpt.so-type-value
            a: WSPGetSockOpt(d, SOL_SOCKET, SO_TYPE, optlen=64) => {optlen=4}
            a: WSPGetSockOpt(d, SOL_SOCKET, SO_MAX_MSG_SIZE) => 65467  ## WSPGetSockOpt.so-max-msg-size
            a: WSPGetSockOpt(s, SOL_SOCKET, SO_MAX_MSG_SIZE) => 0  ## WSPGetSockOpt.so-max-msg-size
            a: WSPGetSockOpt(d, SOL_SOCKET, SO_MAXDG) => 65467  ## SocketOptions.so-maxdg
            a: WSPGetSockOpt(d, SOL_SOCKET, SO_LINGER) => {optval={onoff=0, linger=0}}  ## WSPGetSockOpt.so-linger-default
            a: WSPGetSockOpt(d, SOL_SOCKET, SO_KEEPALIVE) => FALSE
            a: WSPBind(s, 127.0.0.1:80)
                a: WSPListen(s, 1)
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_ACCEPTCONN) => TRUE
            a: getsockopt(s, SOL_SOCKET, SO_TYPE) => SOCK_STREAM  ## WSPGetSockOpt.so-type-value
        "#,
    );
}

#[test]
fn what_is_set_is_read() {
    table(
        SOCKETS,
        r#"
            a: WSPSetSockOpt(d, SOL_SOCKET, SO_BROADCAST, 0x40000000)  ## WSPSetSockOpt.set-then-get
            a: WSPSetSockOpt(d, SOL_SOCKET, SO_BROADCAST, 0x40000000)
                a: WSPGetSockOpt(d, SOL_SOCKET, SO_BROADCAST) => 1
            a: setsockopt(d, SOL_SOCKET, SO_BROADCAST, 1)
                a: setsockopt(d, SOL_SOCKET, SO_BROADCAST, 0)
                a: getsockopt(d, SOL_SOCKET, SO_BROADCAST) => 0
            a: WSPSetSockOpt(s, IPPROTO_TCP, TCP_NODELAY, "\x01\x00\x00\x00")
                a: WSPGetSockOpt(s, IPPROTO_TCP, TCP_NODELAY) => TRUE  ## SocketOptions.tcp-nodelay-default
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_KEEPALIVE, TRUE)
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_KEEPALIVE) => TRUE
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_OOBINLINE, TRUE)
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_OOBINLINE) => TRUE
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_RCVBUF, 100)
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_RCVBUF) => 100
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_RCVBUF, 0x7fffffff)
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_RCVBUF) => 65536
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_DONTROUTE, TRUE)
            # Lingering: two options, one state.
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5})
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_LINGER) => {optval={onoff=1, linger=5}, optlen=4}
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5})
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_DONTLINGER) => FALSE
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5})
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=0, linger=9})
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_DONTLINGER) => TRUE
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5})
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_DONTLINGER, TRUE)
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_LINGER) => {optval={onoff=0, linger=5}}
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5})
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_DONTLINGER, TRUE)
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_DONTLINGER, FALSE)
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_LINGER) => {optval={onoff=1, linger=5}}
        "#,
    );
}

#[test]
fn what_is_refused() {
    table(
        SOCKETS,
        r#"
            a: WSPGetSockOpt(0x7fc, SOL_SOCKET, SO_TYPE) => WSAENOTSOCK by WSPGetSockOpt.enotsock
            a: WSPSetSockOpt(0x7fc, SOL_SOCKET, SO_DEBUG, 1) => WSAENOTSOCK by WSPSetSockOpt.enotsock
            a: WSPGetSockOpt(s, 0x7777, SO_TYPE) => WSAEINVAL by WSPGetSockOpt.einval-level
            a: WSPSetSockOpt(s, 0x7777, SO_DEBUG, 1) => WSAEINVAL by WSPSetSockOpt.einval-level
            a: WSPGetSockOpt(s, SOL_SOCKET, 0x1234) => WSAENOPROTOOPT by WSPGetSockOpt.enoprotoopt
            a: WSPSetSockOpt(s, SOL_SOCKET, 0x1234, 1) => WSAENOPROTOOPT by WSPSetSockOpt.enoprotoopt
            a: WSPGetSockOpt(s, SOL_SOCKET, PVD_CONFIG) => WSAENOPROTOOPT by WSPGetSockOpt.enoprotoopt
            a: WSPGetSockOpt(d, IPPROTO_TCP, TCP_NODELAY) => WSAENOPROTOOPT by WSPGetSockOpt.enoprotoopt
            a: WSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, optval=NULL) => WSAEFAULT by WSPGetSockOpt.efault-pointer
            a: WSPGetSockOpt(s, SOL_SOCKET, SO_LINGER, optlen=1) => WSAEFAULT by WSPGetSockOpt.efault-too-small
            a: WSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, optlen=627) => WSAEFAULT by WSPGetSockOpt.efault-too-small
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_DEBUG, NULL) => WSAEFAULT by WSPSetSockOpt.efault-pointer
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_DEBUG, bad) => WSAEFAULT by WSPSetSockOpt.efault-pointer
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=1}, optlen=1) => WSAEFAULT by WSPSetSockOpt.efault-too-small
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, "abc") => WSAEFAULT by WSPSetSockOpt.efault-too-small
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_DEBUG, 1, optlen=-1) => WSAEFAULT by WSPSetSockOpt.efault-too-small
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_RCVBUF, -1) => WSAEINVAL by WSPSetSockOpt.einval-optval
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_TYPE, 2) => WSAENOPROTOOPT by WSPSetSockOpt.get-only-so-type
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_ERROR, 2) => WSAENOPROTOOPT by WSPSetSockOpt.get-only-so-error
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_ACCEPTCONN, 2) => WSAENOPROTOOPT by WSPSetSockOpt.get-only-so-acceptconn
            a: WSPSetSockOpt(d, SOL_SOCKET, SO_MAX_MSG_SIZE, 2) => WSAENOPROTOOPT by WSPSetSockOpt.get-only-so-max-msg-size
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_GROUP_ID, 2) => WSAENOPROTOOPT by WSPSetSockOpt.get-only-so-group-id
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_GROUP_PRIORITY, 2) => WSAENOPROTOOPT by reserved-options
            a: WSPSetSockOpt(s6, SOL_SOCKET, SO_DONTROUTE, 1) => WSAENOPROTOOPT by WSPSetSockOpt.so-dontroute-af-inet6-fails
            a: WSPSetSockOpt(d, SOL_SOCKET, SO_KEEPALIVE, 1) => WSAENOPROTOOPT by SocketOptions.so-keepalive-datagram
            a: WSPSetSockOpt(d, SOL_SOCKET, SO_OOBINLINE, 1) => WSAENOPROTOOPT by SocketOptions.so-oobinline-connection-oriented
            a: WSPSetSockOpt(d, SOL_SOCKET, SO_LINGER, {onoff=1, linger=1}) => WSAENOPROTOOPT by WSPSetSockOpt.enoprotoopt
            a: WSPGetSockOpt(s, SOL_SOCKET, SO_RCVLOWAT) => WSAEINVAL by SocketOptions.so-rcvlowat-unsupported
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_SNDLOWAT, 1) => WSAEINVAL by SocketOptions.so-sndlowat-unsupported
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_USELOOPBACK, 1) => WSAEINVAL by SocketOptions.so-useloopback-unsupported
            a: WSPGetSockOpt(s, SOL_SOCKET, SO_CONNDATA) => WSAENOPROTOOPT by SocketOptions.connect-data-options-unsupported
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_REUSEADDR, 1)
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1) => WSAEINVAL by address-options
            a: WSPBind(s, 127.0.0.1:80)
                a: WSPListen(s, 1)
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1) => WSAEINVAL by SocketOptions.so-conditional-accept-listening
            hold network
                a: WSPIoctl(s, FIONBIO, 1)
                a: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_KEEPALIVE, 1) => WSAEINVAL by SocketOptions.so-keepalive-transitional
        "#,
    );
}

#[test]
fn so_error_tells_a_failed_attempt_once() {
    table(
        SOCKETS,
        r#"
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK
                a: WSPGetSockName(s)
                a: WSPSend(s, "x") => WSAENOTCONN
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR) => value WSAECONNREFUSED  ## WSPGetSockOpt.so-error-resets
            a: WSPIoctl(s, FIONBIO, 1)
                a: WSPConnect(s, 127.0.0.1:80) => WSAEWOULDBLOCK
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR) => value WSAECONNREFUSED
                a: WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR) => 0  ## WSPGetSockOpt.so-error-default
        "#,
    );
}

#[test]
fn an_address_in_use_is_shared_by_the_options_at_the_bind() {
    let prelude = "process a\nprocess b\n\
        a: s = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\n\
        b: t = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)";
    table(
        prelude,
        r#"
            a: WSPBind(s, 127.0.0.1:53)
                b: WSPBind(t, 127.0.0.1:53) => WSAEADDRINUSE by WSPBind.error-eaddrinuse
            a: WSPBind(s, 127.0.0.1:53)
                b: WSPBind(t, 127.0.0.2:53)  ## WSPBind.assigns-name
            a: WSPBind(s, 0.0.0.0:53)
                b: WSPBind(t, 127.0.0.1:53) => WSAEADDRINUSE by WSPBind.error-eaddrinuse
            a: WSPBind(s, 127.0.0.1:53)
                b: WSPSetSockOpt(t, SOL_SOCKET, SO_REUSEADDR, 1)
                b: WSPBind(t, 127.0.0.1:53)  ## WSPBind.reuseaddr-allows
            a: WSPBind(s, 127.0.0.1:53)
                b: WSPSetSockOpt(t, SOL_SOCKET, SO_REUSEADDR, 1)
                b: WSPSetSockOpt(t, SOL_SOCKET, SO_REUSEADDR, 0)
                b: WSPBind(t, 127.0.0.1:53) => WSAEADDRINUSE by WSPBind.error-eaddrinuse
            a: WSPBind(s, 127.0.0.1:53)
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_REUSEADDR, 1)
                b: WSPBind(t, 127.0.0.1:53) => WSAEADDRINUSE by WSPBind.error-eaddrinuse
            b: WSPSetSockOpt(t, SOL_SOCKET, SO_REUSEADDR, 1)
                b: WSPBind(t, 127.0.0.1:53)  ## WSPBind.assigns-name
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)
                a: WSPBind(s, 127.0.0.1:53)
                b: WSPSetSockOpt(t, SOL_SOCKET, SO_REUSEADDR, 1)
                b: WSPBind(t, 127.0.0.1:53) => WSAEACCES by SocketOptions.so-exclusiveaddruse-blocks-reuseaddr
            a: WSPBind(s, 127.0.0.1:53)
                a: WSPSetSockOpt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)
                b: WSPSetSockOpt(t, SOL_SOCKET, SO_REUSEADDR, 1)
                b: WSPBind(t, 127.0.0.1:53)  ## WSPBind.reuseaddr-allows
            a: WSPSetSockOpt(s, SOL_SOCKET, SO_REUSEADDR, 1)
                a: WSPBind(s, 127.0.0.1:53)
                b: WSPSetSockOpt(t, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)
                b: WSPBind(t, 127.0.0.1:53) => WSAEADDRINUSE by SocketOptions.so-exclusiveaddruse-second-exclusive
        "#,
    );
}

#[test]
fn conditional_accept_grants_only_when_accepted() {
    let prelude = "process a\nprocess b\nthread a.other\n\
        condition rejects in a { return CF_REJECT }\n\
        condition accepts in a { return CF_ACCEPT }\n\
        condition defers in a { return CF_DEFER }\n\
        a: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
        a: WSPSetSockOpt(l, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, TRUE)\n\
        a: WSPBind(l, 127.0.0.1:80)\n\
        a: WSPListen(l, 5)\n\
        b: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)";
    table(
        prelude,
        r#"
            b: WSPConnect(s, 127.0.0.1:80) => blocks
                a: c = WSPAccept(l, accepts)
                b: returns => ok
                b: WSPSend(s, "hi") => 2
                a: WSPRecv(c, [buffer(9)]) => "hi"
            b: WSPConnect(s, 127.0.0.1:80) => blocks
                a: WSPAccept(l, rejects) => WSAECONNREFUSED
                b: returns => WSAECONNREFUSED
            b: WSPConnect(s, 127.0.0.1:80) => blocks
                a: WSPAccept(l, defers) => WSATRY_AGAIN
                a: c = WSPAccept(l)
                b: returns => ok
            # Options are inherited from the listening socket.
            b: WSPConnect(s, 127.0.0.1:80) => blocks
                a: WSPSetSockOpt(l, SOL_SOCKET, SO_KEEPALIVE, TRUE)
                a: c = WSPAccept(l)
                a: WSPGetSockOpt(c, SOL_SOCKET, SO_KEEPALIVE) => TRUE
        "#,
    );
}

#[test]
fn options_are_on_the_socket_and_seen_through_every_descriptor() {
    for (made_by, line) in [
        ("a", "b: WSPGetSockOpt(t, SOL_SOCKET, SO_DEBUG) => TRUE"),
        ("b", "a: WSPGetSockOpt(s, SOL_SOCKET, SO_DEBUG) => TRUE"),
    ] {
        let set = if made_by == "a" {
            "a: WSPSetSockOpt(s, SOL_SOCKET, SO_DEBUG, 1)"
        } else {
            "b: WSPSetSockOpt(t, SOL_SOCKET, SO_DEBUG, 1)"
        };
        let case = format!(
            "a: info = WSPDuplicateSocket(s, b)\n \
             b: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.info)\n {set}\n {line}"
        );
        table(SOCKETS, &case);
    }
}

#[test]
fn the_protocol_info_of_a_socket_is_that_of_its_chain() {
    let text = format!(
        "{SOCKETS}\na: i = WSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW)\na: WSPGetSockOpt(d, SOL_SOCKET, SO_PROTOCOL_INFOW)\n\
        expect i.address_family == AF_INET\nexpect i.protocol == IPPROTO_TCP\n\
        b: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.i)\n"
    );
    for arrangement in Arrangement::five() {
        let run = common::passes(&common::script(&text), &arrangement);
        let infos: Vec<_> = run.rows.iter().filter(|row| row.call == "WSPGetSockOpt").collect();
        for row in infos {
            let Some(Ok(winspi_core::outcome::Out::Option(option))) = row.outcome.as_ref().map(|o| &o.result) else {
                panic!("{:?}", row.outcome)
            };
            let winspi_core::Value::Info(info) = &option.optval else { panic!("it is an info") };
            // A base is a chain of one.
            assert_eq!(info.protocol_chain().members().len(), arrangement.layers.len() + 1, "{}", arrangement.name());
            assert_eq!(info.provider_reserved(), 0, "it is no duplicate");
        }
    }
}

#[test]
fn ioctls() {
    let sockets = "process a\nprocess b\n\
         b: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nb: WSPBind(l, 127.0.0.1:80)\nb: WSPListen(l, 5)\n\
         a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPConnect(s, 127.0.0.1:80)\nb: c = WSPAccept(l)\n\
         a: d = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\na: WSPBind(d, 127.0.0.1:53)\n\
         b: e = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)";
    table(
        sockets,
        r#"
            a: WSPIoctl(s, FIONREAD) => 0  ## WSPIoctl.fionread-stream
            b: WSPSend(c, bytes(30))
                b: WSPSend(c, bytes(20))
                a: WSPIoctl(s, FIONREAD) => {out_buffer=50, bytes_returned=4}  ## WSPIoctl.fionread-stream
            b: WSPSend(c, bytes(30))
                a: ioctlsocket(s, FIONREAD) => 30  ## WSPIoctl.fionread-stream
            b: WSPSend(c, bytes(30))
                a: WSPRecv(s, [buffer(10)])
                a: WSAIoctl(s, FIONREAD) => 20  ## WSPIoctl.fionread-stream
            b: WSPSendTo(e, bytes(30), 0, 127.0.0.1:53)
                b: WSPSendTo(e, bytes(20), 0, 127.0.0.1:53)
                a: WSPIoctl(d, FIONREAD) => 50  ## WSPIoctl.fionread-message
            a: WSPIoctl(s, FIONREAD, out_buffer_len=1) => WSAEFAULT by WSPIoctl.efault-too-small
            a: WSPIoctl(s, FIONREAD, out_buffer=bad) => WSAEFAULT by WSPIoctl.efault-buffers
            a: WSPIoctl(s, FIONREAD, bytes_returned=bad) => WSAEFAULT by WSPIoctl.efault-buffers
            a: WSPIoctl(s, FIONBIO, 1, in_buffer_len=1) => WSAEFAULT by WSPIoctl.efault-too-small
            a: ioctlsocket(s, FIONBIO, 1)
                a: WSPRecv(s, [buffer(1)]) => WSAEWOULDBLOCK
            a: WSPIoctl(s, 0x4004aaaa) => WSAEINVAL by WSPIoctl.einval-code
            a: WSPIoctl(s, FIOASYNC) => WSAEINVAL by WSPIoctl.no-fioasync
            a: WSPIoctl(s, SIO_GET_QOS) => WSAENOPROTOOPT by WSPIoctl.sio-get-qos-unsupported
            a: WSPIoctl(d, SIO_SET_QOS, "") => WSAENOPROTOOPT by WSPIoctl.sio-set-qos-unsupported
            a: WSPIoctl(s, SIOCATMARK) => 1  ## WSPIoctl.siocatmark-true-when-no-oob
            a: WSPIoctl(d, SIOCATMARK) => WSAEINVAL by WSPIoctl.siocatmark-stream-inline-only
            a: WSPIoctl(s, SIO_UDP_CONNRESET, TRUE) => WSAEINVAL by WSPIoctl.einval-socket-type
            a: WSPIoctl(0x7fc, FIONREAD) => WSAENOTSOCK by WSPIoctl.enotsock
        "#,
    );
}
