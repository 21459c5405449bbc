//! WSPSendTo, and what WSPSend does on a datagram socket; WSPRecvFrom is in `datagram/receive.rs`.
//!
//! Page: `ws2spi/nc-ws2spi-lpwspsendto`. The two pairs differ in the address alone,
//! so each rule stands once; the macro `of` takes the clause of the function that was called. On a connection the
//! functions with an address are those without (`WSPSendTo.connection-oriented-ignores-lpto`).

use serde::{Deserialize, Serialize};
use winspi_types::constants::{MSG_DONTROUTE, MSG_OOB, MSG_PARTIAL, SOCK_RAW};
use winspi_types::{AddressError, ErrorCode, MessageFlags, SocketAddress};

use crate::call::{WSPSend, WSPSendTo};
use crate::clause;
use crate::clause::Clause;
use crate::id::{EndpointId, Handle};
use crate::kernel::operation::Completion;
use crate::outcome::{Answer, Basis, Refusal, Sent};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::bind::size_of_name;
use crate::provider::base::data::{Send, gather, issue, overlapped, sending_of};
use crate::provider::base::entry_for;
use crate::transport::{DatagramSocket, Direction};
use crate::value::{Buffers, Length, Name, OverlappedIn, Pointer, Routine};
use crate::wait::Socket;
use crate::world::Cx;

/// The clause of the function with an address or of the one without, which have the same rule.
macro_rules! of {
    ($address:expr, $plain:literal $with:literal, $slug:literal) => {{
        const PLAIN: Clause = clause::clause(concat!($plain, ".", $slug));
        const WITH: Clause = clause::clause(concat!($with, ".", $slug));
        if $address { WITH } else { PLAIN }
    }};
}

/// A clause of WSPSend or WSPSendTo.
macro_rules! sending {
    ($to:expr, $slug:literal) => {
        of!($to, "WSPSend" "WSPSendTo", $slug)
    };
}

mod receive;

pub use receive::RecvFrom;
pub(crate) use receive::{Incoming, receive, received};

/// Whether a socket sends and receives datagrams; raw sockets are not modelled.
pub(crate) fn is_datagram(cx: &Cx<'_>, socket: Socket) -> Answer<bool> {
    let endpoint = cx.world.endpoint(socket.endpoint);
    if endpoint.socket_type == SOCK_RAW {
        return Err(Refusal::not_modelled("sending and receiving on raw sockets"));
    }
    Ok(endpoint.datagrams().is_some())
}

/// WSPSendTo: on a datagram socket it never waits (decision `datagram-send`), on a connection it is WSPSend.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPSendTo.eopnotsupp-receive-only` | the socket only receives | WSAEOPNOTSUPP |
/// | `WSPSendTo.eopnotsupp-oob-not-stream` | MSG_OOB | WSAEOPNOTSUPP |
/// | `WSPSendTo.eopnotsupp-partial` | MSG_PARTIAL | WSAEOPNOTSUPP |
/// | decision `bad-memory` | `overlapped` is no memory | WSAEFAULT |
/// | `WSPSendTo.eshutdown-sd-send`, `.eshutdown-sd-both` | sending was ended | WSAESHUTDOWN |
/// | `WSPSendTo.edestaddrreq` | no `to`, and no peer | WSAEDESTADDRREQ |
/// | `WSPSendTo.efault-lpto` | `to` is no memory | WSAEFAULT |
/// | `WSPSendTo.eafnosupport` | the family is not the socket's | WSAEAFNOSUPPORT |
/// | `WSPSendTo.efault-lpto-too-small` | `tolen` is too small for the family | WSAEFAULT |
/// | `WSPSendTo.eaddrnotavail` | address or port is zero | WSAEADDRNOTAVAIL |
/// | `WSPSendTo.eacces-broadcast` | a broadcast without SO_BROADCAST | WSAEACCES |
/// | `WSPSendTo.enetunreach` | the address is not one of this machine | WSAENETUNREACH |
/// | `WSPSendTo.efault-buffers` | a buffer is no memory | WSAEFAULT |
/// | `WSPSendTo.emsgsize` | more than SO_MAX_MSG_SIZE bytes | WSAEMSGSIZE |
///
/// Checked in this order (decision `order-of-checks`). An unbound socket is bound (`WSPSendTo.implicit-bind`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SendTo {
    /// On a connection.
    Connection(Send),
}

impl Staged for SendTo {
    type Call = WSPSendTo;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, socket: Socket, a: &WSPSendTo) -> Answer<Step<Self>> {
        if is_datagram(cx, socket)? {
            return send(cx, socket, Outgoing::to(a)).map(Step::done);
        }
        let step = Send::begin(cx, socket, &without_address(a)).map_err(with_address)?;
        if a.to != Pointer::Null {
            cx.hit(clause!("WSPSendTo.connection-oriented-ignores-lpto"));
        }
        Ok(step.map(SendTo::Connection))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPSendTo, reply: Reply) -> Answer<Step<Self>> {
        let SendTo::Connection(stage) = self;
        let step = stage.resume(cx, &without_address(a), reply).map_err(with_address)?;
        Ok(step.map(SendTo::Connection))
    }

    fn holds(&self) -> Option<EndpointId> {
        let SendTo::Connection(stage) = self;
        stage.holds()
    }
}

fn without_address(a: &WSPSendTo) -> WSPSend {
    WSPSend {
        s: a.s,
        buffers: a.buffers.clone(),
        buffer_count: a.buffer_count,
        number_of_bytes_sent: a.number_of_bytes_sent,
        flags: a.flags,
        overlapped: a.overlapped,
        completion_routine: a.completion_routine,
        thread_id: a.thread_id.clone(),
    }
}

/// A refusal of WSPSend or WSPRecv as one of the function with an address, which has the same clause.
fn with_address(refusal: Refusal) -> Refusal {
    let Refusal::Code { code, basis: Basis::Clause(plain), written } = refusal else { return refusal };
    let named = plain.id().split_once('.').and_then(|(function, slug)| match function {
        "WSPSend" => Clause::of("WSPSendTo", slug),
        "WSPRecv" if slug == "abortive-close-econnreset" => Some(clause!("WSPRecvFrom.econnreset")),
        "WSPRecv" => Clause::of("WSPRecvFrom", slug),
        _ => None,
    });
    Refusal::Code { code, basis: Basis::Clause(named.unwrap_or(plain)), written }
}

/// A datagram to be sent, by either function.
pub(crate) struct Outgoing<'a> {
    handle: Handle,
    buffers: &'a Buffers,
    count: Length,
    flags: u32,
    overlapped: OverlappedIn,
    routine: Routine,
    /// The address and its length; WSPSend has none.
    to: Option<(&'a Name, Length)>,
}

impl<'a> Outgoing<'a> {
    /// The arguments of WSPSendTo.
    fn to(a: &'a WSPSendTo) -> Outgoing<'a> {
        Outgoing {
            handle: a.s,
            buffers: &a.buffers,
            count: a.buffer_count,
            flags: a.flags,
            overlapped: a.overlapped,
            routine: a.completion_routine,
            to: Some((&a.to, a.tolen)),
        }
    }

    /// The arguments of WSPSend.
    pub(crate) fn to_peer(a: &'a WSPSend) -> Outgoing<'a> {
        Outgoing {
            handle: a.s,
            buffers: &a.buffers,
            count: a.buffer_count,
            flags: a.flags,
            overlapped: a.overlapped,
            routine: a.completion_routine,
            to: None,
        }
    }
}

/// Sends one datagram.
pub(crate) fn send(cx: &mut Cx<'_>, socket: Socket, a: Outgoing<'_>) -> Answer<Sent> {
    let to = a.to.is_some();
    let refuse = |code, clause| Err(Refusal::code(code, clause));
    if cx.world.endpoint(socket.endpoint).service().direction == Direction::Receive {
        return refuse(ErrorCode::WSAEOPNOTSUPP, sending!(to, "eopnotsupp-receive-only"));
    }
    if a.flags & MSG_OOB != 0 {
        return refuse(ErrorCode::WSAEOPNOTSUPP, sending!(to, "eopnotsupp-oob-not-stream"));
    }
    if a.flags & MSG_PARTIAL != 0 {
        return refuse(ErrorCode::WSAEOPNOTSUPP, sending!(to, "eopnotsupp-partial"));
    }
    if a.flags & !MSG_DONTROUTE != 0 {
        let flags = MessageFlags::from_bits_retain(a.flags);
        return Err(Refusal::not_modelled(format!("sending a datagram with {flags}")));
    }
    let pending = overlapped(cx, socket, a.overlapped, a.routine)?;
    let datagrams = datagrams(cx, socket)?;
    match (datagrams.send_shut, datagrams.receive_shut) {
        (true, true) => return refuse(ErrorCode::WSAESHUTDOWN, sending!(to, "eshutdown-sd-both")),
        (true, false) => return refuse(ErrorCode::WSAESHUTDOWN, sending!(to, "eshutdown-sd-send")),
        _ => {}
    }
    let peer = datagrams.peer();
    let destination = match a.to {
        None | Some((Pointer::Null, _)) => match peer {
            Some(peer) => peer,
            None if to => return refuse(ErrorCode::WSAEDESTADDRREQ, clause!("WSPSendTo.edestaddrreq")),
            None => return refuse(ErrorCode::WSAENOTCONN, clause!("WSPSend.enotconn")),
        },
        Some((name, length)) => destination(cx, socket, name, length)?,
    };
    let endpoint = cx.world.endpoint(socket.endpoint);
    let everybody = cx.world.is_broadcast_address(&destination);
    if everybody && !endpoint.options.broadcast {
        return refuse(ErrorCode::WSAEACCES, sending!(to, "eacces-broadcast"));
    }
    if !everybody && !destination.is_loopback() {
        return refuse(ErrorCode::WSAENETUNREACH, clause!("WSPSendTo.enetunreach"));
    }
    let data = gather(cx, a.buffers, a.count).map_err(|refusal| if to { with_address(refusal) } else { refusal })?;
    if data.len() > largest_message(cx, socket) {
        return refuse(ErrorCode::WSAEMSGSIZE, sending!(to, "emsgsize"));
    }
    let from = implicit_bind(cx, socket)?;
    cx.hit(match a.to {
        Some((Pointer::Null, _)) => clause!("WSPSendTo.lpto-optional-when-connected"),
        Some(_) if peer.is_some() => clause!("WSPSendTo.lpto-overrides-connected-peer"),
        Some(_) => clause!("WSPSendTo.connectionless-to-address"),
        None => clause!("WSPSend.connectionless-default-peer"),
    });
    if a.flags & MSG_DONTROUTE != 0 {
        // There is one route.
        cx.hit(sending!(to, "flag-msg-dontroute"));
    }
    let number_of_bytes_sent = u32::try_from(data.len()).unwrap_or(u32::MAX);
    if let Some(cell) = pending {
        let kind = sending_of(data.clone(), a.buffers);
        let operation = issue(cx, socket, a.handle, cell, kind);
        let done = Completion { error: ErrorCode(0), transferred: number_of_bytes_sent, flags: 0 };
        cx.world.end_operation(operation, done);
    }
    cx.world.send_datagram(from, destination, data);
    Ok(Sent { number_of_bytes_sent })
}

/// What the socket keeps; a datagram socket that is closed meanwhile is no socket.
fn datagrams<'a>(cx: &'a Cx<'_>, socket: Socket) -> Answer<&'a DatagramSocket> {
    let gone = || Refusal::code(ErrorCode::WSAENOTSOCK, Decision::CloseUnderCall);
    cx.world.endpoint(socket.endpoint).datagrams().ok_or_else(gone)
}

/// The address that a datagram is sent to, checked.
fn destination(cx: &Cx<'_>, socket: Socket, name: &Name, length: Length) -> Answer<SocketAddress> {
    let family = cx.world.endpoint(socket.endpoint).family;
    let refuse = |code, clause: Clause| Err(Refusal::code(code, clause));
    let Pointer::To(bytes) = name else {
        return refuse(ErrorCode::WSAEFAULT, clause!("WSPSendTo.efault-lpto"));
    };
    let destination = match SocketAddress::from_bytes(bytes) {
        Ok(destination) => destination,
        Err(AddressError::UnknownFamily(_)) => {
            return refuse(ErrorCode::WSAEAFNOSUPPORT, clause!("WSPSendTo.eafnosupport"));
        }
        Err(AddressError::TooShort { .. } | AddressError::NoFamily { .. }) => {
            return refuse(ErrorCode::WSAEFAULT, clause!("WSPSendTo.efault-lpto-too-small"));
        }
    };
    if i32::from(destination.family()) != family {
        return refuse(ErrorCode::WSAEAFNOSUPPORT, clause!("WSPSendTo.eafnosupport"));
    }
    if length.or(bytes.len()) < size_of_name(family) {
        return refuse(ErrorCode::WSAEFAULT, clause!("WSPSendTo.efault-lpto-too-small"));
    }
    if destination.is_unspecified() || destination.port() == 0 {
        return refuse(ErrorCode::WSAEADDRNOTAVAIL, clause!("WSPSendTo.eaddrnotavail"));
    }
    Ok(destination)
}

/// SO_MAX_MSG_SIZE of a datagram socket, in bytes: what the catalog says of its protocol.
pub(crate) fn largest_message(cx: &Cx<'_>, socket: Socket) -> usize {
    let endpoint = cx.world.endpoint(socket.endpoint);
    let entry = entry_for(cx, endpoint.family, endpoint.socket_type, endpoint.protocol);
    let size = entry.and_then(|id| cx.world.catalog().entry(id)).map(|e| e.info.message_size());
    size.map_or(0, |size| size as usize)
}

/// The local name of a socket; one without gets the wildcard address and a free port.
fn implicit_bind(cx: &mut Cx<'_>, socket: Socket) -> Answer<SocketAddress> {
    let endpoint = cx.world.endpoint(socket.endpoint);
    if let Some(local) = endpoint.local {
        return Ok(local);
    }
    let any = match endpoint.family {
        winspi_types::constants::AF_INET6 => SocketAddress::v6([0; 16], 0),
        _ => SocketAddress::v4([0; 4], 0),
    };
    cx.hit(clause!("WSPSendTo.implicit-bind"));
    let named = cx.world.name_endpoint(socket.endpoint, any);
    named.map_err(|code| Refusal::code(code, clause!("WSPSendTo.enobufs")))
}
