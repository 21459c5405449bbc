//! WSPSend and WSPRecv on a connection that carries messages.
//!
//! Pages: `ws2spi/nc-ws2spi-lpwspsend`, `ws2spi/nc-ws2spi-lpwsprecv`. A message is sent as one, or in parts with
//! MSG_PARTIAL; a receive gives one message, or the part that is there. Which protocols have messages, and which have
//! parts of them, says [`Service`](crate::transport::Service).

use std::sync::Arc;

use winspi_types::constants::{MSG_DONTROUTE, MSG_OOB, MSG_PARTIAL, MSG_PEEK};
use winspi_types::{ErrorCode, MessageFlags};

use crate::call::{WSPRecv, WSPSend};
use crate::clause;
use crate::clause::Clause;
use crate::id::CellId;
use crate::kernel::operation::{Completion, OperationKind};
use crate::outcome::{Answer, Received, Refusal, Sent};
use crate::protocol::Step;
use crate::provider::base::data::{Recv, Send, is_busy, issue, sending_of};
use crate::provider::base::datagram::largest_message;
use crate::rule;
use crate::transport::Taking;
use crate::value::{Buffer, Value};
use crate::wait::{Socket, Wait};
use crate::world::{Cx, cells_of};

/// Whether a connection takes the flags of a send. MSG_DONTROUTE is accepted and means nothing (`WSPSend.flag-msg-dontroute`).
pub(crate) fn check_send_flags(cx: &Cx<'_>, socket: Socket, flags: u32) -> Answer<()> {
    check_oob(
        cx,
        socket,
        flags,
        [clause!("WSPSend.eopnotsupp-oob-not-stream"), clause!("WSPSend.eopnotsupp-oob-domain")],
    )?;
    let partial = cx.world.endpoint(socket.endpoint).service().partial;
    rule!(partial || flags & MSG_PARTIAL == 0, WSAEOPNOTSUPP, "WSPSend.eopnotsupp-partial");
    check_known("WSPSend", flags & !(MSG_DONTROUTE | MSG_PARTIAL))
}

/// Whether a connection takes the flags of a receive. Where there are no parts of messages MSG_PARTIAL means nothing
/// (decision `partial-without-parts`).
pub(crate) fn check_receive_flags(cx: &Cx<'_>, socket: Socket, flags: u32) -> Answer<()> {
    check_oob(
        cx,
        socket,
        flags,
        [clause!("WSPRecv.eopnotsupp-oob-not-stream"), clause!("WSPRecv.eopnotsupp-oob-domain")],
    )?;
    check_known("WSPRecv", flags & !(MSG_PEEK | MSG_PARTIAL))
}

fn check_oob(cx: &Cx<'_>, socket: Socket, flags: u32, [not_stream, domain]: [Clause; 2]) -> Answer<()> {
    let service = cx.world.endpoint(socket.endpoint).service();
    match flags & MSG_OOB != 0 {
        true if service.messages => Err(Refusal::code(ErrorCode::WSAEOPNOTSUPP, not_stream)),
        true if service.pseudo_stream => Err(Refusal::code(ErrorCode::WSAEOPNOTSUPP, domain)),
        _ => Ok(()),
    }
}

fn check_known(function: &str, unknown: u32) -> Answer<()> {
    match unknown {
        0 => Ok(()),
        _ => Err(Refusal::not_modelled(format!("{function} with {}", MessageFlags::from_bits_retain(unknown)))),
    }
}

/// Sends a message or part of one, whole as soon as there is room for a byte (decision `simulated-protocols`).
pub(crate) fn send(
    cx: &mut Cx<'_>,
    socket: Socket,
    a: &WSPSend,
    data: Arc<[u8]>,
    pending: Option<CellId>,
) -> Answer<Step<Send>> {
    rule!(data.len() <= largest_message(cx, socket), WSAEMSGSIZE, "WSPSend.emsgsize");
    let last = a.flags & MSG_PARTIAL == 0;
    let number_of_bytes_sent = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let room = cx.world.room(socket.endpoint) > 0;
    if let Some(cell) = pending {
        let now = room && !is_busy(cx, socket, false);
        if !now && !last {
            return Err(Refusal::not_modelled("a part of a message that waits for room in an overlapped WSPSend"));
        }
        let operation = issue(cx, socket, a.s, cell, sending_of(data.clone(), &a.buffers));
        rule!(now, WSA_IO_PENDING, "WSPSend.io-pending");
        cx.world.send_message(socket.endpoint, data, last);
        let done = Completion { error: ErrorCode(0), transferred: number_of_bytes_sent, flags: 0 };
        cx.world.end_operation(operation, done);
        return Ok(Step::done(Sent { number_of_bytes_sent }));
    }
    if !room {
        let nonblocking = cx.world.endpoint(socket.endpoint).nonblocking;
        rule!(!nonblocking, WSAEWOULDBLOCK, "WSPSend.ewouldblock-nonblocking");
        cx.world.hold(socket.endpoint);
        return Ok(Step::wait(Wait::Writable(socket), Send::Room { socket, sent: 0 }));
    }
    cx.world.send_message(socket.endpoint, data, last);
    cx.hit(if last { clause!("WSPSend.return-zero-immediate") } else { clause!("WSPSend.flag-msg-partial") });
    Ok(Step::done(Sent { number_of_bytes_sent }))
}

/// Takes a message or what is there of it, or waits.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPRecv.oversized-reliable-emsgsize` | the message is larger than the buffers, and has no parts | WSAEMSGSIZE |
/// | `WSPRecv.edisconn-message-graceful` | no message is there, and the peer has ended its sending | WSAEDISCON |
/// | `WSPRecv.ewouldblock-nonblocking` | nonblocking, and no message there | WSAEWOULDBLOCK |
pub(crate) fn receive(cx: &mut Cx<'_>, socket: Socket, a: &WSPRecv, buffers: &[Buffer]) -> Answer<Step<Recv>> {
    let in_parts = cx.world.endpoint(socket.endpoint).service().partial;
    let how = Taking { peek: a.flags & MSG_PEEK != 0, part: in_parts && a.flags & MSG_PARTIAL != 0, in_parts };
    let room = buffers.iter().map(|b| b.len as usize).sum();
    let Some(part) = cx.world.take_message(socket.endpoint, room, how) else {
        let over = cx.world.end_of(socket.endpoint).is_none_or(|(_, _, end)| end.finished);
        rule!(!over, WSAEDISCON, "WSPRecv.edisconn-message-graceful");
        let nonblocking = cx.world.endpoint(socket.endpoint).nonblocking;
        rule!(!nonblocking, WSAEWOULDBLOCK, "WSPRecv.ewouldblock-nonblocking");
        cx.world.hold(socket.endpoint);
        let wait = if how.part { Wait::Part(socket) } else { Wait::Readable(socket) };
        return Ok(Step::wait(wait, Recv::Arrives(socket)));
    };
    let process = cx.process();
    cx.notice_filled(&cells_of(buffers), "receives into");
    cx.world.fill(process, buffers, &part.data);
    if !part.fits && !in_parts {
        let refusal = Refusal::code(ErrorCode::WSAEMSGSIZE, clause!("WSPRecv.oversized-reliable-emsgsize"));
        return Err(refusal.writing("buffers", Value::Bytes(part.data)));
    }
    cx.hit(match (part.last, part.fits) {
        (true, _) => clause!("WSPRecv.message-into-buffers"),
        (false, true) => clause!("WSPRecv.flag-msg-partial-input"),
        (false, false) => clause!("WSPRecv.oversized-partial-supported"),
    });
    if part.last && how.part {
        cx.hit(clause!("WSPRecv.flag-msg-partial-output-clear"));
    }
    if buffers.len() > 1 {
        cx.hit(clause!("WSPRecv.buffers-filled-in-array-order"));
    }
    let number_of_bytes_recvd = u32::try_from(part.data.len()).unwrap_or(u32::MAX);
    let flags = if part.last { 0 } else { MSG_PARTIAL };
    Ok(Step::done(Received { data: part.data, number_of_bytes_recvd, flags }))
}

/// An overlapped receive of a message: what is there at once, or the operation is pending.
pub(crate) fn receive_overlapped(
    cx: &mut Cx<'_>,
    socket: Socket,
    a: &WSPRecv,
    buffers: Vec<Buffer>,
    cell: CellId,
) -> Answer<Step<Recv>> {
    if a.flags != 0 {
        return Err(Refusal::not_modelled("an overlapped receive of a message with flags"));
    }
    let end = cx.world.end_of(socket.endpoint);
    let there = end.is_some_and(|(_, _, end)| end.has_message());
    let busy = is_busy(cx, socket, true);
    if !busy {
        // What fails at once begins no operation: WSPRecv.other-error-no-completion.
        let over = end.is_none_or(|(_, _, end)| end.finished);
        rule!(there || !over, WSAEDISCON, "WSPRecv.edisconn-message-graceful");
    }
    let operation = issue(cx, socket, a.s, cell, OperationKind::Receive(buffers.clone()));
    rule!(there && !busy, WSA_IO_PENDING, "WSPRecv.io-pending");
    let process = cx.process();
    let room = buffers.iter().map(|b| b.len as usize).sum();
    let in_parts = cx.world.endpoint(socket.endpoint).service().partial;
    let peeked = cx.world.take_message(socket.endpoint, room, Taking { peek: true, part: false, in_parts });
    let data = peeked.map_or_else(Arc::default, |part| part.data);
    let done = cx.world.complete_message(process, socket.endpoint, &buffers);
    cx.world.end_operation(operation, done);
    if done.error != ErrorCode(0) {
        let refusal = Refusal::code(done.error, clause!("WSPRecv.oversized-reliable-emsgsize"));
        return Err(refusal.writing("buffers", Value::Bytes(data)));
    }
    Ok(Step::done(Received { data, number_of_bytes_recvd: done.transferred, flags: done.flags }))
}
