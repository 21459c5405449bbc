//! From the names that programs use to the functions of providers.

use std::sync::Arc;

use winspi_types::constants::WSA_FLAG_OVERLAPPED;

use crate::call::{
    Call, WSPAccept, WSPBind, WSPCancelBlockingCall, WSPCloseSocket, WSPConnect, WSPDuplicateSocket,
    WSPEnumNetworkEvents, WSPEventSelect, WSPGetOverlappedResult, WSPGetPeerName, WSPGetSockName, WSPGetSockOpt,
    WSPIoctl, WSPListen, WSPRecv, WSPRecvDisconnect, WSPRecvFrom, WSPSend, WSPSendDisconnect, WSPSendTo, WSPSetSockOpt,
    WSPShutdown, WSPSocket,
};
use crate::value::{Place, Pointer, Value};

/// The provider's call for a program's; a WSP* call is itself.
///
/// `TransportMapping`: the API functions and the SPI functions correspond one to one, but for what is filled in here.
pub(crate) fn to_provider(call: &Arc<Call>) -> Arc<Call> {
    let down = match &**call {
        Call::WSASocket(a) => Call::WSPSocket(WSPSocket {
            af: a.af,
            socket_type: a.socket_type,
            protocol: a.protocol,
            protocol_info: a.protocol_info.clone(),
            g: a.g,
            flags: a.flags,
        }),
        Call::socket(a) => Call::WSPSocket(WSPSocket {
            af: a.af,
            socket_type: a.socket_type,
            protocol: a.protocol,
            protocol_info: Pointer::Null,
            g: 0,
            flags: WSA_FLAG_OVERLAPPED,
        }),
        Call::WSACancelBlockingCall(_) => Call::WSPCancelBlockingCall(WSPCancelBlockingCall {}),
        Call::closesocket(a) => Call::WSPCloseSocket(WSPCloseSocket { s: a.s }),
        Call::bind(a) => Call::WSPBind(WSPBind { s: a.s, name: a.name.clone(), namelen: a.namelen }),
        Call::listen(a) => Call::WSPListen(WSPListen { s: a.s, backlog: a.backlog }),
        Call::WSAAccept(a) => Call::WSPAccept(WSPAccept {
            s: a.s,
            addr: a.addr,
            addrlen: a.addrlen,
            condition: a.condition,
            callback_data: a.callback_data,
        }),
        Call::accept(a) => Call::WSPAccept(WSPAccept {
            s: a.s,
            addr: a.addr,
            addrlen: a.addrlen,
            condition: Pointer::Null,
            callback_data: 0,
        }),
        Call::WSAConnect(a) => Call::WSPConnect(WSPConnect {
            s: a.s,
            name: a.name.clone(),
            namelen: a.namelen,
            caller_data: a.caller_data.clone(),
            callee_data: a.callee_data,
            sqos: a.sqos.clone(),
            gqos: a.gqos.clone(),
        }),
        Call::connect(a) => Call::WSPConnect(WSPConnect {
            s: a.s,
            name: a.name.clone(),
            namelen: a.namelen,
            caller_data: Value::Null,
            callee_data: Default::default(),
            sqos: Value::Null,
            gqos: Value::Null,
        }),
        Call::shutdown(a) => Call::WSPShutdown(WSPShutdown { s: a.s, how: a.how }),
        Call::WSASendDisconnect(a) => Call::WSPSendDisconnect(WSPSendDisconnect {
            s: a.s,
            outbound_disconnect_data: a.outbound_disconnect_data.clone(),
        }),
        Call::WSARecvDisconnect(a) => {
            Call::WSPRecvDisconnect(WSPRecvDisconnect { s: a.s, inbound_disconnect_data: a.inbound_disconnect_data })
        }
        Call::WSASend(a) => Call::WSPSend(WSPSend {
            s: a.s,
            buffers: a.buffers.clone(),
            buffer_count: a.buffer_count,
            number_of_bytes_sent: a.number_of_bytes_sent,
            flags: a.flags,
            overlapped: a.overlapped,
            completion_routine: a.completion_routine,
            thread_id: Value::Null,
        }),
        Call::send(a) => Call::WSPSend(WSPSend {
            s: a.s,
            buffers: spoil(&a.buf, a.len),
            buffer_count: Default::default(),
            number_of_bytes_sent: Default::default(),
            flags: a.flags,
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        }),
        Call::WSARecv(a) => Call::WSPRecv(WSPRecv {
            s: a.s,
            buffers: a.buffers.clone(),
            buffer_count: a.buffer_count,
            number_of_bytes_recvd: a.number_of_bytes_recvd,
            flags: a.flags,
            overlapped: a.overlapped,
            completion_routine: a.completion_routine,
            thread_id: Value::Null,
        }),
        Call::recv(a) => Call::WSPRecv(WSPRecv {
            s: a.s,
            buffers: spoil(&a.buf, a.len),
            buffer_count: Default::default(),
            number_of_bytes_recvd: Default::default(),
            flags: a.flags,
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        }),
        Call::WSASendTo(a) => Call::WSPSendTo(WSPSendTo {
            s: a.s,
            buffers: a.buffers.clone(),
            buffer_count: a.buffer_count,
            number_of_bytes_sent: a.number_of_bytes_sent,
            flags: a.flags,
            to: a.to.clone(),
            tolen: a.tolen,
            overlapped: a.overlapped,
            completion_routine: a.completion_routine,
            thread_id: Value::Null,
        }),
        Call::sendto(a) => Call::WSPSendTo(WSPSendTo {
            s: a.s,
            buffers: spoil(&a.buf, a.len),
            buffer_count: Default::default(),
            number_of_bytes_sent: Default::default(),
            flags: a.flags,
            to: a.to.clone(),
            tolen: a.tolen,
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        }),
        Call::WSARecvFrom(a) => Call::WSPRecvFrom(WSPRecvFrom {
            s: a.s,
            buffers: a.buffers.clone(),
            buffer_count: a.buffer_count,
            number_of_bytes_recvd: a.number_of_bytes_recvd,
            flags: a.flags,
            from: a.from,
            fromlen: a.fromlen,
            overlapped: a.overlapped,
            completion_routine: a.completion_routine,
            thread_id: Value::Null,
        }),
        Call::recvfrom(a) => Call::WSPRecvFrom(WSPRecvFrom {
            s: a.s,
            buffers: spoil(&a.buf, a.len),
            buffer_count: Default::default(),
            number_of_bytes_recvd: Default::default(),
            flags: a.flags,
            from: a.from,
            fromlen: a.fromlen,
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        }),
        Call::getpeername(a) => Call::WSPGetPeerName(WSPGetPeerName { s: a.s, name: a.name, namelen: a.namelen }),
        Call::getsockopt(a) => Call::WSPGetSockOpt(WSPGetSockOpt {
            s: a.s,
            level: a.level,
            optname: a.optname,
            optval: a.optval,
            optlen: a.optlen,
        }),
        Call::setsockopt(a) => Call::WSPSetSockOpt(WSPSetSockOpt {
            s: a.s,
            level: a.level,
            optname: a.optname,
            optval: a.optval.clone(),
            optlen: a.optlen,
        }),
        Call::WSAGetOverlappedResult(a) => Call::WSPGetOverlappedResult(WSPGetOverlappedResult {
            s: a.s,
            overlapped: a.overlapped,
            transfer: a.transfer,
            wait: a.wait,
            flags: a.flags,
        }),
        Call::WSAEventSelect(a) => Call::WSPEventSelect(WSPEventSelect {
            s: a.s,
            event_object: a.event_object,
            network_events: a.network_events,
        }),
        Call::WSAEnumNetworkEvents(a) => Call::WSPEnumNetworkEvents(WSPEnumNetworkEvents {
            s: a.s,
            event_object: a.event_object,
            network_events: a.network_events,
        }),
        Call::WSADuplicateSocket(a) => Call::WSPDuplicateSocket(WSPDuplicateSocket {
            s: a.s,
            process_id: a.process_id,
            protocol_info: a.protocol_info,
        }),
        Call::getsockname(a) => Call::WSPGetSockName(WSPGetSockName { s: a.s, name: a.name, namelen: a.namelen }),
        Call::WSAIoctl(a) => Call::WSPIoctl(WSPIoctl {
            s: a.s,
            io_control_code: a.io_control_code,
            in_buffer: a.in_buffer.clone(),
            in_buffer_len: a.in_buffer_len,
            out_buffer: a.out_buffer,
            out_buffer_len: a.out_buffer_len,
            bytes_returned: a.bytes_returned,
            overlapped: a.overlapped,
            completion_routine: a.completion_routine,
            thread_id: Value::Null,
        }),
        Call::ioctlsocket(a) => Call::WSPIoctl(WSPIoctl {
            s: a.s,
            io_control_code: a.cmd,
            in_buffer: a.argp.clone(),
            in_buffer_len: Default::default(),
            out_buffer: if a.argp == Value::Bad { Place::Bad } else { Place::Room },
            out_buffer_len: Default::default(),
            bytes_returned: Default::default(),
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        }),
        _ => return call.clone(),
    };
    Arc::new(down)
}

/// The one buffer of a BSD call, with a spoiled length.
fn spoil(buffers: &crate::value::Buffers, len: crate::value::Length) -> crate::value::Buffers {
    let mut buffers = buffers.clone();
    if let (Pointer::To(list), Some(len)) = (&mut buffers, len.0) {
        for buffer in list.iter_mut().take(1) {
            buffer.len = u32::try_from(len).unwrap_or(0);
        }
    }
    buffers
}
