//! WSAEnumProtocols and WSCEnumProtocols: which entries, in which order, and how much room they take.

mod common;

use common::table;

const PRELUDE: &str = "process a\nprocess b (started=no)\n\
    layer top (non-ifs, info={protocol_name=\"of top\"}) over tcp\n\
    layer shy (non-ifs, info={provider_flags=PFL_HIDDEN, protocol_name=\"of shy\"}) over tcp\n\
    a: tcp = WSCEnumProtocols([IPPROTO_TCP])\n\
    a: four = Buffer(where(tcp, chain_len=1, address_family=AF_INET)[0])";

#[test]
fn entries_that_are_meant() {
    table(
        PRELUDE,
        r#"
            a: x = WSCEnumProtocols()
                expect where(x, protocol_name="of shy") == [x[0], x[1]]  ## WSCEnumProtocols.null-filter-all
            a: x = WSCEnumProtocols([IPPROTO_UDP, 0, IPPROTO_TCP])
                expect every(x).protocol == IPPROTO_UDP  ## WSCEnumProtocols.filter
            a: WSCEnumProtocols([99]) => {value=0, buffer_length=0}
            a: WSCEnumProtocols([]) => {value=0}
            a: x = WSAEnumProtocols([IPPROTO_TCP])
                expect every(x).protocol_name != "of shy"  ## WSAPROTOCOL_INFOW.pfl-hidden
            a: x = WSAEnumProtocols([IPPROTO_TCP])
                expect every(x).protocol_chain.chain_len != 0  ## WSCEnumProtocols.wsaenum-excludes-layered
            a: x = WSAEnumProtocols([IPPROTO_TCP])
                expect where(x, protocol_name="of top") == [x[0], x[1]]
            b: WSAEnumProtocols() => WSANOTINITIALISED
            b: WSCEnumProtocols([99]) => {value=0}
        "#,
    );
}

#[test]
fn room_that_entries_take() {
    table(
        PRELUDE,
        r#"
            a: WSCEnumProtocols([99], buffer_length=0) => {value=0}
            a: WSCEnumProtocols([IPPROTO_TCP], buffer_length=0) => {value=SOCKET_ERROR, error=WSAENOBUFS, buffer_length=tcp.buffer_length} by WSCEnumProtocols.buffer-too-small
            a: WSCEnumProtocols([IPPROTO_TCP], buffer_length=tcp.buffer_length) => {value=tcp.value}
            a: WSCEnumProtocols(protocol_buffer=NULL, buffer_length=0) => WSAENOBUFS by WSCEnumProtocols.buffer-too-small
            a: WSCEnumProtocols(protocol_buffer=NULL) => WSAEFAULT by WSCEnumProtocols.bad-pointer
            a: WSCEnumProtocols(protocol_buffer=bad) => {error=WSAEFAULT, protocol_buffer=untouched} by WSCEnumProtocols.bad-pointer
            a: WSCEnumProtocols(bad) => WSAEFAULT by WSCEnumProtocols.bad-pointer
            a: WSAEnumProtocols(bad) => WSAEFAULT by WSCEnumProtocols.bad-pointer
            a: WSAEnumProtocols(buffer_length=1) => WSAENOBUFS by WSCEnumProtocols.buffer-too-small
        "#,
    );
}
