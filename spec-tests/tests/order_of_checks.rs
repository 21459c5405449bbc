//! Calls for which two or more errors hold: the one that is checked first is given (decision `order-of-checks`).
//!
//! Each line breaks a rule and the one that stands below it in the table of the function, or a later one.

mod common;

use common::table;

/// A socket of each kind in each state.
const SOCKETS: &str = "process a\nprocess b\nthread a.other\n\
    condition says_77 in a { return {value=77, callee_data=\"x\", group=4711} }\n\
    condition rejects in a { return {value=CF_REJECT, callee_data=\"x\", group=4711} }\n\
    condition gives in a { return {value=CF_ACCEPT, callee_data=\"x\", group=4711} }\n\
    a: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPBind(l, 127.0.0.1:80)\na: WSPListen(l, 5)\n\
    a: fresh = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, flags=WSA_FLAG_OVERLAPPED)\n\
    a: dgram = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, flags=WSA_FLAG_OVERLAPPED)\n\
    a: bound = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, flags=WSA_FLAG_OVERLAPPED)\na: WSPBind(bound, 127.0.0.1:53)\n\
    a: sends = WSPSocket(AF_INET, SOCK_DGRAM, 253)\na: receives = WSPSocket(AF_INET, SOCK_DGRAM, 254)\n\
    a: q = WSPSocket(AF_INET, SOCK_SEQPACKET, 253)\n\
    b: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, flags=WSA_FLAG_OVERLAPPED)\nb: WSPConnect(s, 127.0.0.1:80)\n\
    a: t = WSPAccept(l)";

#[test]
fn what_comes_before_all_others() {
    table(
        SOCKETS,
        r#"
            fault network_down
                a: WSPBind(0x7fc, bad) => WSAENETDOWN by WSPBind.error-enetdown
            fault network_down
                a: WSPAccept(0x7fc, bad) => WSAENETDOWN by WSPAccept.error-enetdown
            fault network_down
                a: WSPConnect(0x7fc, bad) => WSAENETDOWN by WSPConnect.error-enetdown
            fault network_down
                a: WSPSend(0x7fc, bad) => WSAENETDOWN by WSPSend.enetdown
            fault network_down
                a: WSPRecvFrom(0x7fc, bad) => WSAENETDOWN by WSPRecvFrom.enetdown
            fault network_down
                a: WSACleanup() => any
                a: send(t, "x") => WSANOTINITIALISED
            a: WSPBind(0x7fc, bad) => WSAENOTSOCK by WSPBind.error-enotsock
            a: WSPListen(0x7fc, -1) => WSAENOTSOCK by WSPListen.error-enotsock
            a: WSPAccept(0x7fc, bad, addrlen=1) => WSAENOTSOCK by WSPAccept.error-enotsock
            a: WSPConnect(0x7fc, bad, bad) => WSAENOTSOCK by WSPConnect.error-enotsock
            a: WSPShutdown(0x7fc, 9) => WSAENOTSOCK by WSPShutdown.error-enotsock
            a: WSPSendDisconnect(0x7fc, bad) => WSAENOTSOCK by WSPSendDisconnect.error-enotsock
            a: WSPRecvDisconnect(0x7fc, inbound_disconnect_data=bad) => WSAENOTSOCK by WSPRecvDisconnect.error-enotsock
            a: WSPSend(0x7fc, bad, MSG_PARTIAL) => WSAENOTSOCK by WSPSend.enotsock
            a: WSPRecv(0x7fc, bad) => WSAENOTSOCK by WSPRecv.enotsock
            a: WSPSendTo(0x7fc, bad, MSG_OOB, bad) => WSAENOTSOCK by WSPSendTo.enotsock
            a: WSPRecvFrom(0x7fc, bad, MSG_OOB) => WSAENOTSOCK by WSPRecvFrom.enotsock
            a: WSPGetSockName(0x7fc, name=bad) => WSAENOTSOCK by WSPGetSockName.error-enotsock
            a: WSPGetPeerName(0x7fc, name=bad) => WSAENOTSOCK by WSPGetPeerName.error-enotsock
        "#,
    );
}

#[test]
fn names() {
    table(
        SOCKETS,
        r#"
            a: WSPBind(bound, bad) => WSAEINVAL by WSPBind.error-einval
            a: WSPBind(bound, 10.0.0.1:80, namelen=3) => WSAEINVAL by WSPBind.error-einval
            a: WSPBind(fresh, bad, namelen=3) => WSAEFAULT by WSPBind.error-efault-memory
            a: WSPBind(fresh, [::1]:80, namelen=3) => WSAEFAULT by WSPBind.error-efault-namelen
            a: WSPBind(fresh, [::2]:80) => WSAEFAULT by WSPBind.error-efault-family
            a: WSPBind(fresh, 10.0.0.1:80) => WSAEADDRNOTAVAIL by WSPBind.error-eaddrnotavail
            a: WSPGetSockName(fresh, name=bad, namelen=3) => WSAEINVAL by WSPGetSockName.error-einval-unbound
            a: WSPGetSockName(l, name=bad, namelen=3) => WSAEFAULT by WSPGetSockName.error-efault-memory
            a: WSPGetPeerName(l, name=bad, namelen=3) => WSAENOTCONN by WSPGetPeerName.error-enotconn
            a: WSPGetPeerName(t, name=bad, namelen=3) => WSAEFAULT by WSPGetPeerName.error-efault-memory
        "#,
    );
}

#[test]
fn connections() {
    table(
        SOCKETS,
        r#"
            a: WSPListen(dgram, 5) => WSAEOPNOTSUPP by WSPListen.error-eopnotsupp
            a: WSPListen(t, 5) => WSAEISCONN by WSPListen.error-eisconn
            a: WSPListen(fresh, 5) => WSAEINVAL by WSPListen.error-einval
            # WSPAccept.
            a: WSPAccept(dgram, bad, addrlen=1) => WSAEOPNOTSUPP by WSPAccept.error-eopnotsupp
            a: WSPAccept(t, bad, addrlen=1) => WSAEINVAL by WSPAccept.error-einval-state
            a: WSPAccept(fresh, bad, addrlen=1) => WSAEINVAL by WSPAccept.error-einval-not-listening
            a: WSPAccept(l, bad, addrlen=1) => WSAEFAULT by WSPAccept.error-efault-condition
            a: WSPIoctl(l, FIONBIO, 1)
                a: WSPAccept(l, addrlen=1) => WSAEFAULT by WSPAccept.error-efault-addrlen
            b: u = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
                b: WSPConnect(u, 127.0.0.1:80)
                fault descriptors(a, limit=1)
                a: WSPAccept(l, says_77) => WSAEINVAL by WSPAccept.error-einval-condition-result
                a: WSPAccept(l, gives) => WSAEINVAL by condition-answer
                a: WSPAccept(l, rejects) => WSAECONNREFUSED by WSPAccept.error-econnrefused
            # WSPConnect: the state, the caller data, the places, the name, the moment.
            a: WSPConnect(l, bad, bad) => WSAEINVAL by WSPConnect.error-einval-listening
            a: WSPConnect(t, bad, bad) => WSAEISCONN by WSPConnect.error-eisconn
            hold network
                a: WSPIoctl(fresh, FIONBIO, 1)
                a: WSPConnect(fresh, 127.0.0.1:80) => WSAEWOULDBLOCK
                a: WSPConnect(fresh, bad, bad) => WSAEALREADY by WSPConnect.error-ealready
            a: WSPConnect(fresh, bad, bad) => WSAEFAULT by WSPConnect.error-efault-callerdata
            a: WSPConnect(fresh, bad, bytes(33)) => WSAEPROTONOSUPPORT by WSPConnect.error-eprotonosupport
            a: WSPConnect(q, bad, bytes(33), callee_data=bad) => WSAEFAULT by WSPConnect.error-efault-callerdata
            a: WSPConnect(q, bad, "x", callee_data=bad) => WSAEFAULT by WSPConnect.error-efault-calleedata
            a: WSPConnect(q, bad, "x", namelen=3) => WSAEFAULT by WSPConnect.error-efault-memory
            a: WSPConnect(fresh, [::1]:80, namelen=3) => WSAEAFNOSUPPORT by WSPConnect.error-eafnosupport
            a: WSPConnect(fresh, 0.0.0.0:80, namelen=3) => WSAEFAULT by WSPConnect.error-efault-namelen
            a: WSPConnect(fresh, 10.0.0.1:0) => WSAEADDRNOTAVAIL by WSPConnect.error-eaddrnotavail
            a: WSPIoctl(fresh, FIONBIO, 1)
                a: WSPConnect(fresh, 10.0.0.1:80) => WSAENETUNREACH by WSPConnect.error-enetunreach
            a: WSPConnect(dgram, bad, "ignored", namelen=3) => WSAEFAULT by WSPConnect.error-efault-memory
            a: WSPConnect(dgram, [::1]:0, namelen=3) => WSAEAFNOSUPPORT by WSPConnect.error-eafnosupport
            a: WSPConnect(dgram, 10.0.0.1:0, namelen=3) => WSAEFAULT by WSPConnect.error-efault-namelen
            a: WSPConnect(dgram, 10.0.0.1:0) => WSAEADDRNOTAVAIL by WSPConnect.error-eaddrnotavail
            a: WSPConnect(dgram, 255.255.255.255:9) => WSAEACCES by WSPConnect.error-eacces
            # The ends.
            a: WSPShutdown(fresh, 9) => WSAEINVAL by WSPShutdown.error-einval-how
            a: WSPShutdown(receives, SD_SEND) => WSAEINVAL by WSPShutdown.error-einval-type
            a: WSPSendDisconnect(fresh, bad) => WSAENOTCONN by WSPSendDisconnect.error-enotconn
            a: WSPSendDisconnect(t, bad) => WSAEFAULT by WSPSendDisconnect.error-efault
            a: WSPSendDisconnect(t, bytes(65)) => WSAENOPROTOOPT by WSPSendDisconnect.error-enoprotoopt
            a: WSPRecvDisconnect(fresh, inbound_disconnect_data=bad) => WSAENOTCONN by WSPRecvDisconnect.error-enotconn
            a: WSPRecvDisconnect(t, inbound_disconnect_data=bad) => WSAENOPROTOOPT by WSPRecvDisconnect.error-enoprotoopt
            # WSPCloseSocket: nothing is begun where it would have to wait.
            hold network
                a: WSPSend(t, "x")
                a: WSPSetSockOpt(t, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5})
                a: WSPIoctl(t, FIONBIO, 1)
                a: WSPCloseSocket(t) => WSAEWOULDBLOCK by WSPCloseSocket.error-ewouldblock
                fault network_down
                a: WSPCloseSocket(t) => WSAENETDOWN by WSPCloseSocket.error-enetdown
        "#,
    );
}

#[test]
fn data() {
    table(
        SOCKETS,
        r#"
            # WSPSend: the flags, the WSAOVERLAPPED, the state, the buffers, the moment.
            a: WSPSend(fresh, bad, MSG_PARTIAL, overlapped=bad) => WSAEOPNOTSUPP by WSPSend.eopnotsupp-partial
            a: WSPSend(fresh, bad, overlapped=bad) => WSAEFAULT by bad-memory
            a: WSPSend(fresh, bad) => WSAENOTCONN by WSPSend.enotconn
            a: WSPShutdown(t, SD_SEND)
                a: WSPSend(t, bad) => WSAESHUTDOWN by WSPSend.eshutdown-sd-send
            a: WSPShutdown(t, SD_SEND)
                b: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})
                b: WSPCloseSocket(s)
                a: WSPSend(t, bad) => WSAESHUTDOWN by WSPSend.eshutdown-sd-send
            b: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})
                b: WSPCloseSocket(s)
                a: WSPSend(t, bad) => WSAECONNRESET by WSPSend.econnreset
            a: WSPIoctl(t, FIONBIO, 1)
                repeat until WSAEWOULDBLOCK { a: WSPSend(t, bytes(5000)) }
                a: WSPSend(t, bad) => WSAEFAULT by WSPSend.efault-buffers
            # WSPRecv.
            a: WSPRecv(fresh, bad, overlapped=bad) => WSAEFAULT by bad-memory
            a: WSPRecv(fresh, bad) => WSAENOTCONN by WSPRecv.enotconn
            a: WSPShutdown(t, SD_RECEIVE)
                b: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})
                b: WSPCloseSocket(s)
                a: WSPRecv(t, bad) => WSAESHUTDOWN by WSPRecv.eshutdown-sd-receive
            b: WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0})
                b: WSPCloseSocket(s)
                a: WSPRecv(t, bad) => WSAECONNRESET by WSPRecv.abortive-close-econnreset
            a: WSPIoctl(t, FIONBIO, 1)
                a: WSPRecv(t, bad) => WSAEFAULT by WSPRecv.efault-buffers
            # WSPSendTo.
            a: WSPSendTo(receives, bad, MSG_OOB, bad) => WSAEOPNOTSUPP by WSPSendTo.eopnotsupp-receive-only
            a: WSPSendTo(bound, bad, MSG_OOB | MSG_PARTIAL, bad) => WSAEOPNOTSUPP by WSPSendTo.eopnotsupp-oob-not-stream
            a: WSPShutdown(bound, SD_SEND)
                a: WSPSendTo(bound, bad, MSG_PARTIAL, bad) => WSAEOPNOTSUPP by WSPSendTo.eopnotsupp-partial
                a: WSPSendTo(bound, bad, 0, bad, overlapped=bad) => WSAEFAULT by bad-memory
                a: WSPSendTo(bound, bad, 0, NULL) => WSAESHUTDOWN by WSPSendTo.eshutdown-sd-send
            a: WSPSendTo(dgram, bad, 0, NULL) => WSAEDESTADDRREQ by WSPSendTo.edestaddrreq
            a: WSPSendTo(dgram, bad, 0, bad) => WSAEFAULT by WSPSendTo.efault-lpto
            a: WSPSendTo(dgram, bad, 0, [::1]:53, tolen=3) => WSAEAFNOSUPPORT by WSPSendTo.eafnosupport
            a: WSPSendTo(dgram, bad, 0, 0.0.0.0:53, tolen=3) => WSAEFAULT by WSPSendTo.efault-lpto-too-small
            a: WSPSendTo(dgram, bad, 0, 0.0.0.0:53) => WSAEADDRNOTAVAIL by WSPSendTo.eaddrnotavail
            a: WSPSendTo(dgram, bad, 0, 255.255.255.255:53) => WSAEACCES by WSPSendTo.eacces-broadcast
            a: WSPSendTo(dgram, bad, 0, 10.0.0.1:53) => WSAENETUNREACH by WSPSendTo.enetunreach
            a: WSPSendTo(dgram, [bytes(65468), bad], 0, 127.0.0.1:53) => WSAEFAULT by WSPSendTo.efault-buffers
            # WSPRecvFrom.
            a: WSPRecvFrom(sends, bad, MSG_OOB) => WSAEOPNOTSUPP by WSPRecvFrom.eopnotsupp-send-only
            a: WSPRecvFrom(dgram, bad, MSG_OOB, overlapped=bad) => WSAEOPNOTSUPP by WSPRecvFrom.eopnotsupp-oob-not-stream
            a: WSPShutdown(dgram, SD_RECEIVE)
                a: WSPRecvFrom(dgram, bad, overlapped=bad) => WSAEFAULT by bad-memory
                a: WSPRecvFrom(dgram, bad, fromlen=3) => WSAESHUTDOWN by WSPRecvFrom.eshutdown-sd-receive
            a: WSPRecvFrom(dgram, bad, fromlen=3) => WSAEINVAL by WSPRecvFrom.einval-unbound
            a: WSPRecvFrom(bound, bad, fromlen=3) => WSAEFAULT by WSPRecvFrom.efault-buffers
            a: WSPIoctl(bound, FIONBIO, 1)
                a: WSPRecvFrom(bound, [buffer(1)], fromlen=3) => WSAEFAULT by WSPRecvFrom.efault-fromlen
        "#,
    );
}
