//! WSPSend and WSPRecv: blocking, nonblocking and overlapped. On datagrams see `datagram.rs`, on connections with
//! messages `message.rs`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;
use winspi_types::constants::{MSG_DONTROUTE, MSG_PEEK, WSA_FLAG_OVERLAPPED};

use crate::call::{WSPRecv, WSPSend};
use crate::id::{Age, CellId, EndpointId, Handle, OperationId};
use crate::kernel::operation::{Completion, Operation, OperationKind, OperationState};
use crate::outcome::{Answer, Received, Refusal, Sent};
use crate::policy::{Decision, OverlappedOnPlain, UnboundSend};
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::datagram::{self, Incoming, Outgoing};
use crate::provider::base::{check_held, message};
use crate::rule;
use crate::transport::Cause;
use crate::value::{Buffer, Buffers, Length, Memory, OverlappedIn, Pointer, Routine};
use crate::wait::{Socket, Wait};
use crate::world::{Cx, cells_of};
use crate::{Clause, clause};

/// WSPSend: waits for room where the socket blocks.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPSend.eopnotsupp-oob-not-stream`, `.eopnotsupp-oob-domain` | MSG_OOB where there is none | WSAEOPNOTSUPP |
/// | `WSPSend.eopnotsupp-partial` | MSG_PARTIAL where there are no parts of messages | WSAEOPNOTSUPP |
/// | decision `bad-memory` | `overlapped` is no memory | WSAEFAULT |
/// | `WSPSend.einval-unbound` | the socket has no name: decision `unbound-send` | WSAEINVAL |
/// | `WSPSend.enotconn` | the socket is not connected | WSAENOTCONN |
/// | `WSPSend.eshutdown-sd-send`, `.eshutdown-sd-both` | sending was ended | WSAESHUTDOWN |
/// | `WSPSend.econnreset` | the connection was reset | WSAECONNRESET |
/// | `WSPSend.econnaborted` | what was sent was never acknowledged | WSAECONNABORTED |
/// | `WSPSend.enetreset` | keep-alive has found the connection broken | WSAENETRESET |
/// | `WSPSend.efault-buffers` | a buffer is no memory | WSAEFAULT |
/// | `WSPSend.emsgsize` | a message of more than SO_MAX_MSG_SIZE bytes | WSAEMSGSIZE |
/// | `WSPSend.ewouldblock-nonblocking` | nonblocking, and no room | WSAEWOULDBLOCK |
/// | `WSPSend.io-pending` | overlapped, and no room for all | WSA_IO_PENDING |
///
/// Checked in this order (decision `order-of-checks`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Send {
    /// There has to be room; so many bytes are gone already.
    Room {
        /// The socket.
        socket: Socket,
        /// In bytes.
        sent: u32,
    },
}

impl Staged for Send {
    type Call = WSPSend;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, socket: Socket, a: &WSPSend) -> Answer<Step<Self>> {
        if datagram::is_datagram(cx, socket)? {
            return datagram::send(cx, socket, Outgoing::to_peer(a)).map(Step::done);
        }
        message::check_send_flags(cx, socket, a.flags)?;
        let pending = overlapped(cx, socket, a.overlapped, a.completion_routine)?;
        check_sending(cx, socket)?;
        let data = gather(cx, &a.buffers, a.buffer_count)?;
        if a.flags & MSG_DONTROUTE != 0 {
            // There is one route.
            cx.hit(clause!("WSPSend.flag-msg-dontroute"));
        }
        if cx.world.socket(socket.endpoint).service().messages {
            return message::send(cx, socket, a, data, pending);
        }
        let Some(cell) = pending else { return Send::go_on(cx, socket, &data, 0) };
        let length = data.len();
        let now = cx.world.room(socket.endpoint) >= length && !is_busy(cx, socket, false);
        let operation = issue(cx, socket, a.s, cell, sending_of(data.clone(), &a.buffers));
        if now {
            cx.world.send_bytes(socket.endpoint, data);
            let transferred = u32::try_from(length).unwrap_or(u32::MAX);
            cx.world.end_operation(operation, Completion { error: ErrorCode(0), transferred, flags: 0 });
            return Ok(Step::done(Sent { number_of_bytes_sent: transferred }));
        }
        Err(Refusal::code(ErrorCode::WSA_IO_PENDING, clause!("WSPSend.io-pending")))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPSend, _: Reply) -> Answer<Step<Self>> {
        let Send::Room { socket, sent } = self;
        cx.world.unhold(socket.endpoint);
        check_held(cx, &socket)?;
        check_sending(cx, socket)?;
        let data = gather(cx, &a.buffers, a.buffer_count)?;
        if cx.world.socket(socket.endpoint).service().messages {
            return message::send(cx, socket, a, data, None);
        }
        Send::go_on(cx, socket, &data, sent)
    }

    fn holds(&self) -> Option<EndpointId> {
        let Send::Room { socket, .. } = self;
        Some(socket.endpoint)
    }
}

impl Send {
    /// Sends what there is room for.
    fn go_on(cx: &mut Cx<'_>, socket: Socket, data: &Arc<[u8]>, sent: u32) -> Answer<Step<Self>> {
        let left = &data[(sent as usize).min(data.len())..];
        let room = cx.world.room(socket.endpoint).min(left.len());
        let chunk = if room == data.len() { data.clone() } else { Arc::from(&left[..room]) };
        cx.world.send_bytes(socket.endpoint, chunk);
        let sent = sent + u32::try_from(room).unwrap_or(u32::MAX);
        let all = room == left.len();
        let nonblocking = cx.world.socket(socket.endpoint).nonblocking;
        if all || (nonblocking && sent > 0) {
            cx.hit(if all {
                clause!("WSPSend.return-zero-immediate")
            } else {
                clause!("WSPSend.nonblocking-stream-partial")
            });
            return Ok(Step::done(Sent { number_of_bytes_sent: sent }));
        }
        rule!(!nonblocking, WSAEWOULDBLOCK, "WSPSend.ewouldblock-nonblocking");
        cx.world.hold(socket.endpoint);
        Ok(Step::wait(Wait::Writable(socket), Send::Room { socket, sent }))
    }
}

/// The states in which nothing can be sent.
fn check_sending(cx: &Cx<'_>, socket: Socket) -> Answer<()> {
    let Some((_, _, end)) = cx.world.end_of(socket.endpoint) else {
        let unbound = cx.world.socket(socket.endpoint).local.is_none();
        rule!(!unbound || !einval_when_unbound(cx), WSAEINVAL, "WSPSend.einval-unbound");
        return Err(Refusal::code(ErrorCode::WSAENOTCONN, clause!("WSPSend.enotconn")));
    };
    rule!(!end.send_shut || !end.receive_shut, WSAESHUTDOWN, "WSPSend.eshutdown-sd-both");
    rule!(!end.send_shut, WSAESHUTDOWN, "WSPSend.eshutdown-sd-send");
    match end.failure(cx.world.policy().time_out_code) {
        None => Ok(()),
        Some(code) => Err(Refusal::code(
            code,
            match end.cause {
                Cause::Reset => clause!("WSPSend.econnreset"),
                Cause::TimeOut if code == ErrorCode::WSAETIMEDOUT => clause!("WSPSocket.stream-timeout"),
                Cause::TimeOut => clause!("WSPSend.econnaborted"),
                Cause::KeepAlive => clause!("WSPSend.enetreset"),
            },
        )),
    }
}

/// Whether a socket without a name gives WSAEINVAL before WSAENOTCONN.
fn einval_when_unbound(cx: &Cx<'_>) -> bool {
    cx.world.policy().unbound_send == UnboundSend::Einval
}

/// WSPRecv: waits for data where the socket blocks.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPRecv.eopnotsupp-oob-not-stream`, `.eopnotsupp-oob-domain` | MSG_OOB where there is none | WSAEOPNOTSUPP |
/// | decision `bad-memory` | `overlapped` is no memory | WSAEFAULT |
/// | `WSPRecv.einval-unbound` | the socket has no name: decision `unbound-send` | WSAEINVAL |
/// | `WSPRecv.enotconn` | the socket is not connected | WSAENOTCONN |
/// | `WSPRecv.eshutdown-sd-receive`, `.eshutdown-sd-both` | receiving was ended | WSAESHUTDOWN |
/// | `WSPRecv.abortive-close-econnreset` | the connection was reset | WSAECONNRESET |
/// | `WSPRecv.econnaborted` | what was sent was never acknowledged | WSAECONNABORTED |
/// | `WSPRecv.enetreset` | keep-alive has found the connection broken | WSAENETRESET |
/// | `WSPRecv.efault-buffers` | a buffer is no memory | WSAEFAULT |
/// | `WSPRecv.ewouldblock-nonblocking` | nonblocking, and nothing there | WSAEWOULDBLOCK |
/// | `WSPRecv.io-pending` | overlapped, and nothing there | WSA_IO_PENDING |
///
/// Checked in this order (decision `order-of-checks`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Recv {
    /// Something has to arrive.
    Arrives(Socket),
}

impl Staged for Recv {
    type Call = WSPRecv;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, socket: Socket, a: &WSPRecv) -> Answer<Step<Self>> {
        if datagram::is_datagram(cx, socket)? {
            return Recv::datagram(cx, socket, a);
        }
        message::check_receive_flags(cx, socket, a.flags)?;
        let pending = overlapped(cx, socket, a.overlapped, a.completion_routine)?;
        check_receiving(cx, socket)?;
        let buffers = resolve(cx, &a.buffers, a.buffer_count, clause!("WSPRecv.efault-buffers"))?;
        let Some(cell) = pending else { return Recv::look(cx, socket, a, &buffers) };
        if cx.world.socket(socket.endpoint).service().messages {
            return message::receive_overlapped(cx, socket, a, buffers, cell);
        }
        if a.flags & MSG_PEEK != 0 {
            return Err(Refusal::not_modelled("overlapped WSPRecv with MSG_PEEK"));
        }
        let now = cx.world.can_receive(socket.endpoint) && !is_busy(cx, socket, true);
        let operation = issue(cx, socket, a.s, cell, OperationKind::Receive(buffers.clone()));
        if now {
            let data = cx.world.take_bytes(socket.endpoint, room_of(&buffers), false);
            let process = cx.process();
            cx.world.fill(process, &buffers, &data);
            let transferred = u32::try_from(data.len()).unwrap_or(u32::MAX);
            cx.world.end_operation(operation, Completion { error: ErrorCode(0), transferred, flags: 0 });
            return Ok(Step::done(Received { data: data.into(), number_of_bytes_recvd: transferred, flags: 0 }));
        }
        Err(Refusal::code(ErrorCode::WSA_IO_PENDING, clause!("WSPRecv.io-pending")))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPRecv, _: Reply) -> Answer<Step<Self>> {
        let Recv::Arrives(socket) = self;
        cx.world.unhold(socket.endpoint);
        check_held(cx, &socket)?;
        if datagram::is_datagram(cx, socket)? {
            return Recv::datagram(cx, socket, a);
        }
        check_receiving(cx, socket)?;
        let buffers = resolve(cx, &a.buffers, a.buffer_count, clause!("WSPRecv.efault-buffers"))?;
        Recv::look(cx, socket, a, &buffers)
    }

    fn holds(&self) -> Option<EndpointId> {
        let Recv::Arrives(socket) = self;
        Some(socket.endpoint)
    }
}

impl Recv {
    /// Takes the next datagram, or waits for one.
    fn datagram(cx: &mut Cx<'_>, socket: Socket, a: &WSPRecv) -> Answer<Step<Self>> {
        Ok(match datagram::receive(cx, socket, Incoming::from_peer(a))? {
            Some(received) => Step::done(datagram::received(received)),
            None => Step::wait(Wait::Readable(socket), Recv::Arrives(socket)),
        })
    }

    /// Takes what is there, the end of the stream included, or waits.
    fn look(cx: &mut Cx<'_>, socket: Socket, a: &WSPRecv, buffers: &[Buffer]) -> Answer<Step<Self>> {
        if cx.world.socket(socket.endpoint).service().messages {
            return message::receive(cx, socket, a, buffers);
        }
        let room = room_of(buffers);
        let data = cx.world.take_bytes(socket.endpoint, room, a.flags & MSG_PEEK != 0);
        if data.is_empty() && room > 0 && !cx.world.can_receive(socket.endpoint) {
            let nonblocking = cx.world.socket(socket.endpoint).nonblocking;
            rule!(!nonblocking, WSAEWOULDBLOCK, "WSPRecv.ewouldblock-nonblocking");
            cx.world.hold(socket.endpoint);
            return Ok(Step::wait(Wait::Readable(socket), Recv::Arrives(socket)));
        }
        let left = cx.world.end_of(socket.endpoint).map(|(_, _, end)| (end.unread(), end.finished));
        cx.hit(match data.is_empty() && room > 0 {
            true => clause!("WSPRecv.stream-graceful-close-zero"),
            false => clause!("WSPRecv.stream-returns-available"),
        });
        match left {
            Some((1.., _)) if a.flags & MSG_PEEK == 0 => cx.hit(clause!("WSPRecv.stream-stops-when-buffers-full")),
            Some((0, true)) if !data.is_empty() && data.len() < room => {
                cx.hit(clause!("WSPRecv.stream-stops-when-closed"));
            }
            _ => {}
        }
        if buffers.len() > 1 {
            cx.hit(clause!("WSPRecv.buffers-filled-in-array-order"));
        }
        let process = cx.process();
        cx.notice_filled(&cells_of(buffers), "receives into");
        cx.world.fill(process, buffers, &data);
        let number_of_bytes_recvd = u32::try_from(data.len()).unwrap_or(u32::MAX);
        Ok(Step::done(Received { data: data.into(), number_of_bytes_recvd, flags: 0 }))
    }
}

/// The states in which nothing can be received.
fn check_receiving(cx: &Cx<'_>, socket: Socket) -> Answer<()> {
    let Some((_, _, end)) = cx.world.end_of(socket.endpoint) else {
        let unbound = cx.world.socket(socket.endpoint).local.is_none();
        rule!(!unbound || !einval_when_unbound(cx), WSAEINVAL, "WSPRecv.einval-unbound");
        return Err(Refusal::code(ErrorCode::WSAENOTCONN, clause!("WSPRecv.enotconn")));
    };
    rule!(!end.receive_shut || !end.send_shut, WSAESHUTDOWN, "WSPRecv.eshutdown-sd-both");
    rule!(!end.receive_shut && !end.receive_ended, WSAESHUTDOWN, "WSPRecv.eshutdown-sd-receive");
    match end.failure(cx.world.policy().time_out_code) {
        None => Ok(()),
        Some(code) => Err(Refusal::code(
            code,
            match end.cause {
                Cause::Reset => clause!("WSPRecv.abortive-close-econnreset"),
                Cause::TimeOut if code == ErrorCode::WSAETIMEDOUT => clause!("WSPSocket.stream-timeout"),
                Cause::TimeOut => clause!("WSPRecv.econnaborted"),
                Cause::KeepAlive => clause!("WSPRecv.enetreset"),
            },
        )),
    }
}

/// The WSAOVERLAPPED of an overlapped call: marked as in progress.
///
/// On a socket without the attribute the parameters are ignored: decision `overlapped-on-plain`.
pub(crate) fn overlapped(
    cx: &mut Cx<'_>,
    socket: Socket,
    overlapped: OverlappedIn,
    routine: Routine,
) -> Answer<Option<CellId>> {
    let plain = cx.world.socket(socket.endpoint).flags & WSA_FLAG_OVERLAPPED == 0;
    let Pointer::To(cell) = overlapped else {
        return match overlapped {
            Pointer::Bad => Err(Refusal::code(ErrorCode::WSAEFAULT, Decision::BadMemory)),
            _ if !routine.is_null() => Err(Refusal::not_modelled("completion routines")),
            _ => Ok(None),
        };
    };
    if plain {
        return match cx.world.policy().overlapped_on_plain {
            OverlappedOnPlain::Ignore => Ok(None),
            OverlappedOnPlain::Refuse => Err(Refusal::code(ErrorCode::WSAEINVAL, Decision::OverlappedOnPlain)),
        };
    }
    if !routine.is_null() {
        return Err(Refusal::not_modelled("completion routines"));
    }
    if cx.world.overlapped(cx.process(), cell).is_none() {
        return Err(Refusal::code(ErrorCode::WSAEFAULT, Decision::BadMemory));
    }
    Ok(Some(cell))
}

/// Whether an older operation of the same direction is pending.
pub(crate) fn is_busy(cx: &Cx<'_>, socket: Socket, receives: bool) -> bool {
    cx.world.operations().any(|(_, op)| {
        op.socket.endpoint == socket.endpoint && op.state == OperationState::Pending && op.kind.receives() == receives
    })
}

/// A send of these bytes, which stand in these buffers.
pub(crate) fn sending_of(data: Arc<[u8]>, buffers: &Buffers) -> OperationKind {
    let cells = match buffers {
        Pointer::To(list) => cells_of(list),
        Pointer::Null | Pointer::Bad => Vec::new(),
    };
    OperationKind::Send { data, sent: 0, cells }
}

/// Issues an operation: the structure is in progress from now on, its event is not signalled.
pub(crate) fn issue(cx: &mut Cx<'_>, socket: Socket, handle: Handle, cell: CellId, kind: OperationKind) -> OperationId {
    cx.notice_structure(cell);
    match &kind {
        OperationKind::Receive(buffers) => cx.notice_filled(&cells_of(buffers), "receives into"),
        OperationKind::ReceiveFrom { buffers, from } => {
            cx.notice_filled(&cells_of(buffers), "receives into");
            cx.notice_filled(from.as_slice(), "receives a name into");
        }
        OperationKind::Send { cells, .. } => cx.notice_sent(cells),
    }
    let process = cx.process();
    let event = cx.world.overlapped_mut(process, cell).map(|overlapped| {
        overlapped.internal = crate::kernel::memory::Overlapped::IN_PROGRESS;
        overlapped.internal_high = 0;
        overlapped.event
    });
    if let Some(crate::kernel::handle::Slot::Event(event)) = event.map(|e| cx.world.slot(process, e))
        && let Some(event) = cx.world.event_mut(event)
    {
        event.signaled = false;
    }
    let instance = cx.instance();
    let thread = cx.thread;
    cx.world.issue(Operation {
        instance,
        thread,
        socket,
        handle,
        strayed: false,
        cell,
        kind,
        state: OperationState::Pending,
        age: Age(0),
        order: 0,
    })
}

/// The buffers with their true lengths; a count that is larger than the array leads into memory that is none.
pub(crate) fn resolve(cx: &Cx<'_>, buffers: &Buffers, count: Length, basis: Clause) -> Answer<Vec<Buffer>> {
    let fault = || Refusal::code(ErrorCode::WSAEFAULT, basis);
    let Pointer::To(list) = buffers else { return Err(fault()) };
    let counted = usize::try_from(count.or(list.len())).ok().and_then(|count| list.get(..count));
    let mut resolved = counted.ok_or_else(fault)?.to_vec();
    for buffer in &mut resolved {
        match &buffer.memory {
            Memory::Bad => return Err(fault()),
            Memory::Null if buffer.len > 0 => return Err(fault()),
            Memory::Null | Memory::Bytes(_) | Memory::Room => {}
            Memory::Cell(cell) => match cx.world.bytes_of(cx.process(), *cell) {
                Some(bytes) => buffer.len = buffer.len.min(bytes.len() as u32),
                None => return Err(fault()),
            },
        }
    }
    Ok(resolved)
}

/// The bytes of the buffers in order.
pub(crate) fn gather(cx: &mut Cx<'_>, buffers: &Buffers, count: Length) -> Answer<Arc<[u8]>> {
    const MOST: usize = 16 << 20;
    let resolved = resolve(cx, buffers, count, clause!("WSPSend.efault-buffers"))?;
    if let [Buffer { memory: Memory::Bytes(bytes), len }] = resolved.as_slice()
        && *len as usize == bytes.len()
    {
        return Ok(bytes.clone());
    }
    if resolved.len() > 1 {
        cx.hit(clause!("ScatterGather.headers-need-no-concatenation"));
    }
    let mut data = Vec::new();
    for Buffer { memory, len } in resolved {
        let length = len as usize;
        match memory {
            Memory::Bytes(bytes) if length <= bytes.len() => data.extend_from_slice(&bytes[..length]),
            Memory::Bytes(_) => {
                return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPSend.efault-buffers")));
            }
            Memory::Cell(cell) => {
                if let Some(bytes) = cx.world.bytes_of(cx.process(), cell) {
                    data.extend_from_slice(&bytes[..length.min(bytes.len())]);
                }
            }
            Memory::Room | Memory::Null | Memory::Bad if data.len() + length > MOST => {
                return Err(Refusal::not_modelled("a send of more than 16 MiB without a cell"));
            }
            Memory::Room | Memory::Null | Memory::Bad => data.resize(data.len() + length, 0),
        }
    }
    Ok(data.into())
}

/// Room in all buffers, in bytes.
pub(crate) fn room_of(buffers: &[Buffer]) -> usize {
    buffers.iter().map(|b| b.len as usize).sum()
}
