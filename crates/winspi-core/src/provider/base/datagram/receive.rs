//! WSPRecvFrom, and what WSPRecv does on a datagram socket.
//!
//! Page: `ws2spi/nc-ws2spi-lpwsprecvfrom`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::constants::{MSG_OOB, MSG_PARTIAL, MSG_PEEK};
use winspi_types::{ErrorCode, MessageFlags};

use super::{datagrams, is_datagram, with_address};
use crate::call::{WSPRecv, WSPRecvFrom};
use crate::clause;
use crate::clause::Clause;
use crate::id::{CellId, EndpointId, Handle};
use crate::kernel::memory::Content;
use crate::kernel::operation::{Completion, OperationKind};
use crate::outcome::{Answer, Received, ReceivedFrom, Refusal, SocketName};
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::bind::size_of_name;
use crate::provider::base::check_held;
use crate::provider::base::data::{Recv, is_busy, issue, overlapped, resolve, room_of};
use crate::transport::{Direction, Peer};
use crate::value::{Buffer, Buffers, Length, OverlappedIn, Routine, Target, Value};
use crate::wait::{Socket, Wait};
use crate::world::{Cx, Taken};

/// A clause of WSPRecv or WSPRecvFrom.
macro_rules! receiving {
    ($from:expr, $slug:literal) => {
        of!($from, "WSPRecv" "WSPRecvFrom", $slug)
    };
}

/// WSPRecvFrom: waits for a datagram where the socket blocks; on a connection it is WSPRecv (decision
/// `recvfrom-connected`).
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPRecvFrom.eopnotsupp-send-only` | the socket only sends | WSAEOPNOTSUPP |
/// | `WSPRecvFrom.eopnotsupp-oob-not-stream` | MSG_OOB | WSAEOPNOTSUPP |
/// | decision `bad-memory` | `overlapped` is no memory | WSAEFAULT |
/// | `WSPRecvFrom.eshutdown-sd-receive`, `.eshutdown-sd-both` | receiving was ended | WSAESHUTDOWN |
/// | `WSPRecvFrom.einval-unbound` | the socket has no name | WSAEINVAL |
/// | `WSPRecvFrom.efault-buffers` | a buffer is no memory | WSAEFAULT |
/// | `WSPRecvFrom.efault-fromlen` | `from` has no room for a name | WSAEFAULT |
/// | `WSPRecvFrom.ewouldblock-nonblocking` | nonblocking, and nothing there | WSAEWOULDBLOCK |
/// | `WSPRecvFrom.oversized-unreliable-emsgsize` | the datagram is larger than the buffers | WSAEMSGSIZE |
/// | `WSPRecvFrom.econnreset-udp-unreachable` | a datagram of this socket found nobody | WSAECONNRESET |
/// | `WSPRecvFrom.flag-msg-peek-overlapped` | overlapped with MSG_PEEK | not modelled |
///
/// Checked in this order (decision `order-of-checks`). With WSAEMSGSIZE buffers and `from` are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RecvFrom {
    /// On a connection.
    Connection(Recv),
    /// A datagram has to arrive.
    Arrives(Socket),
}

impl Staged for RecvFrom {
    type Call = WSPRecvFrom;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, socket: Socket, a: &WSPRecvFrom) -> Answer<Step<Self>> {
        if !is_datagram(cx, socket)? {
            let step = Recv::begin(cx, socket, &without_from(a)).map_err(with_address)?;
            if a.from != Target::Null {
                cx.hit(clause!("WSPRecvFrom.connection-oriented-ignores-from"));
            }
            return Ok(received_on_connection(step));
        }
        Ok(match receive(cx, socket, Incoming::from(a))? {
            Some(received) => Step::done(received),
            None => Step::wait(Wait::Readable(socket), RecvFrom::Arrives(socket)),
        })
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPRecvFrom, reply: Reply) -> Answer<Step<Self>> {
        match self {
            RecvFrom::Connection(stage) => {
                let step = stage.resume(cx, &without_from(a), reply).map_err(with_address)?;
                Ok(received_on_connection(step))
            }
            RecvFrom::Arrives(socket) => {
                cx.world.unhold(socket.endpoint);
                check_held(cx, &socket)?;
                RecvFrom::begin(cx, socket, a)
            }
        }
    }

    fn holds(&self) -> Option<EndpointId> {
        match self {
            RecvFrom::Connection(stage) => stage.holds(),
            RecvFrom::Arrives(socket) => Some(socket.endpoint),
        }
    }
}

fn without_from(a: &WSPRecvFrom) -> WSPRecv {
    WSPRecv {
        s: a.s,
        buffers: a.buffers.clone(),
        buffer_count: a.buffer_count,
        number_of_bytes_recvd: a.number_of_bytes_recvd,
        flags: a.flags,
        overlapped: a.overlapped,
        completion_routine: a.completion_routine,
        thread_id: a.thread_id.clone(),
    }
}

/// What WSPRecv gives as what WSPRecvFrom gives: `from` stays as it was.
fn received_on_connection(step: Step<Recv>) -> Step<RecvFrom> {
    match step {
        Step::Return(outcome) => match Reply::Outcome(outcome.clone()).of::<WSPRecv>() {
            Ok(Received { data, number_of_bytes_recvd, flags }) => {
                Step::done(ReceivedFrom { data, number_of_bytes_recvd, flags, from: None })
            }
            Err(_) => Step::Return(outcome),
        },
        Step::Ask(request, stage) => Step::Ask(request, RecvFrom::Connection(stage)),
    }
}

/// A receive of one datagram, by either function.
pub(crate) struct Incoming<'a> {
    handle: Handle,
    buffers: &'a Buffers,
    count: Length,
    flags: u32,
    overlapped: OverlappedIn,
    routine: Routine,
    /// The place of the sender's name and its length; WSPRecv has none.
    from: Option<(Target, Length)>,
}

impl<'a> Incoming<'a> {
    /// The arguments of WSPRecvFrom.
    fn from(a: &'a WSPRecvFrom) -> Incoming<'a> {
        Incoming {
            handle: a.s,
            buffers: &a.buffers,
            count: a.buffer_count,
            flags: a.flags,
            overlapped: a.overlapped,
            routine: a.completion_routine,
            from: Some((a.from, a.fromlen)),
        }
    }

    /// The arguments of WSPRecv.
    pub(crate) fn from_peer(a: &'a WSPRecv) -> Incoming<'a> {
        Incoming {
            handle: a.s,
            buffers: &a.buffers,
            count: a.buffer_count,
            flags: a.flags,
            overlapped: a.overlapped,
            routine: a.completion_routine,
            from: None,
        }
    }
}

/// Receives one datagram; `None` where the call has to wait, and then it holds the socket.
pub(crate) fn receive(cx: &mut Cx<'_>, socket: Socket, a: Incoming<'_>) -> Answer<Option<ReceivedFrom>> {
    let from = a.from.is_some();
    let refuse = |code, clause| Err(Refusal::code(code, clause));
    if cx.world.endpoint(socket.endpoint).service().direction == Direction::Send {
        return refuse(ErrorCode::WSAEOPNOTSUPP, receiving!(from, "eopnotsupp-send-only"));
    }
    if a.flags & MSG_OOB != 0 {
        return refuse(ErrorCode::WSAEOPNOTSUPP, receiving!(from, "eopnotsupp-oob-not-stream"));
    }
    // MSG_PARTIAL means nothing here: decision partial-without-parts.
    if a.flags & !(MSG_PEEK | MSG_PARTIAL) != 0 {
        let flags = MessageFlags::from_bits_retain(a.flags);
        return Err(Refusal::not_modelled(format!("receiving a datagram with {flags}")));
    }
    let pending = overlapped(cx, socket, a.overlapped, a.routine)?;
    let endpoint = cx.world.endpoint(socket.endpoint);
    let (bound, nonblocking, family) = (endpoint.local.is_some(), endpoint.nonblocking, endpoint.family);
    let datagrams = datagrams(cx, socket)?;
    match (datagrams.receive_shut, datagrams.send_shut) {
        (true, true) => return refuse(ErrorCode::WSAESHUTDOWN, receiving!(from, "eshutdown-sd-both")),
        (true, false) => return refuse(ErrorCode::WSAESHUTDOWN, receiving!(from, "eshutdown-sd-receive")),
        _ => {}
    }
    if !from && datagrams.peer == Peer::Removed {
        return refuse(ErrorCode::WSAENOTCONN, clause!("WSPConnect.dgram-disconnected-recv"));
    }
    if !bound {
        return refuse(ErrorCode::WSAEINVAL, receiving!(from, "einval-unbound"));
    }
    let there = !datagrams.received.is_empty();
    let buffers = resolve(cx, a.buffers, a.count, receiving!(from, "efault-buffers"))?;
    let name = check_from(cx, a.from, family)?;
    if let Some(cell) = pending {
        if a.flags & MSG_PEEK != 0 {
            return Err(Refusal::not_modelled("an overlapped receive with MSG_PEEK"));
        }
        let mut taken = None;
        if there && !is_busy(cx, socket, true) {
            taken = cx.world.take_datagram(socket.endpoint, room_of(&buffers), false);
        }
        if let Some(taken) = taken.take_if(|taken| taken.error != ErrorCode(0)) {
            // An error at once means that no operation began: WSPRecvFrom.other-error-no-completion.
            return taken_to(cx, &a, &buffers, name, taken);
        }
        let kind = OperationKind::ReceiveFrom { buffers: buffers.clone(), from: name };
        let operation = issue(cx, socket, a.handle, cell, kind);
        let Some(taken) = taken else {
            return refuse(ErrorCode::WSA_IO_PENDING, receiving!(from, "io-pending"));
        };
        let transferred = u32::try_from(taken.data.len()).unwrap_or(u32::MAX);
        cx.world.end_operation(operation, Completion { error: ErrorCode(0), transferred, flags: 0 });
        return taken_to(cx, &a, &buffers, name, taken);
    }
    match cx.world.take_datagram(socket.endpoint, room_of(&buffers), a.flags & MSG_PEEK != 0) {
        Some(taken) => taken_to(cx, &a, &buffers, name, taken),
        None if nonblocking => refuse(ErrorCode::WSAEWOULDBLOCK, receiving!(from, "ewouldblock-nonblocking")),
        None => {
            cx.world.hold(socket.endpoint);
            Ok(None)
        }
    }
}

/// The cell for the sender's name; a place that is too small is noticed at once (decision `small-fromlen`).
fn check_from(cx: &Cx<'_>, from: Option<(Target, Length)>, family: i32) -> Answer<Option<CellId>> {
    let small = || Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPRecvFrom.efault-fromlen"));
    let Some((target, length)) = from else { return Ok(None) };
    let size = size_of_name(family);
    let natural = match target {
        Target::Null => return Ok(None),
        Target::Bad => return Err(small()),
        Target::Room => size as usize,
        Target::Cell(cell) => match cx.world.cell(cx.process(), cell).map(|c| &c.content) {
            Some(Content::Bytes(bytes)) => bytes.len(),
            _ => return Err(small()),
        },
    };
    if length.or(natural) < size || (natural as i64) < size { Err(small()) } else { Ok(target.cell()) }
}

/// Gives what was taken to the program.
fn taken_to(
    cx: &mut Cx<'_>,
    a: &Incoming<'_>,
    buffers: &[Buffer],
    name: Option<CellId>,
    taken: Taken,
) -> Answer<Option<ReceivedFrom>> {
    let process = cx.process();
    cx.world.fill_from(process, buffers, name, &taken);
    let sender = a.from.filter(|(target, _)| *target != Target::Null).map(|_| SocketName::of(&taken.from));
    let from = a.from.is_some();
    match taken.error {
        ErrorCode::WSAECONNRESET => {
            Err(Refusal::code(ErrorCode::WSAECONNRESET, clause!("WSPRecvFrom.econnreset-udp-unreachable")))
        }
        ErrorCode::WSAEMSGSIZE => {
            let clause = receiving!(from, "oversized-unreliable-emsgsize");
            let refusal = Refusal::code(ErrorCode::WSAEMSGSIZE, clause).writing("buffers", Value::Bytes(taken.data));
            Err(match sender {
                Some(_) => refusal.writing("from", Value::Address(taken.from)),
                None => refusal,
            })
        }
        _ => {
            cx.hit(receiving!(from, "message-into-buffers"));
            if buffers.len() > 1 {
                cx.hit(receiving!(from, "buffers-filled-in-array-order"));
            }
            if sender.is_some() {
                cx.hit(clause!("WSPRecvFrom.source-address-copied"));
            }
            let number_of_bytes_recvd = u32::try_from(taken.data.len()).unwrap_or(u32::MAX);
            Ok(Some(ReceivedFrom { data: taken.data, number_of_bytes_recvd, flags: 0, from: sender }))
        }
    }
}

/// What WSPRecv gives of a datagram.
pub(crate) fn received(from: ReceivedFrom) -> Received {
    let ReceivedFrom { data, number_of_bytes_recvd, flags, .. } = from;
    Received { data: Arc::clone(&data), number_of_bytes_recvd, flags }
}
