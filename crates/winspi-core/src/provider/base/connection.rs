//! WSPListen and WSPConnect; WSPAccept, and the ends of a connection, are in `connection/`.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::constants::{AF_INET6, SOMAXCONN};
use winspi_types::{AddressError, ErrorCode, SocketAddress};

use crate::call::{WSPConnect, WSPListen};
use crate::clause;
use crate::clause::Clause;
use crate::id::EndpointId;
use crate::outcome::{Answer, CalleeData, Connected, Refusal};
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::bind::size_of_name;
use crate::provider::base::data::gather;
use crate::provider::base::{check_held, datagram, peer};
use crate::rule;
use crate::transport::{Listening, Role, Service, Side, Wanted};
use crate::value::{Argument, Buffers, Length, Pointer, Space, Value};
use crate::wait::{Socket, Wait};
use crate::world::{Cx, World};

mod accept;
mod disconnect;

pub use accept::Accept;
pub(crate) use disconnect::{recv_disconnect, send_disconnect, shutdown};

/// Makes a bound socket wait for connections; on a listening one, changes the length of its queue.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPListen.error-eopnotsupp` | its protocol has no connections | WSAEOPNOTSUPP |
/// | `WSPListen.error-eisconn` | the socket is connected, or an attempt is on its way | WSAEISCONN |
/// | `WSPListen.error-einval` | the socket has no name | WSAEINVAL |
/// | `WSPListen.error-emfile` | it does not listen yet, and no descriptor is left | WSAEMFILE |
///
/// One that listens goes on without descriptors: decision `listen-without-descriptors`.
///
/// Checked in this order (decision `order-of-checks`).
pub(crate) fn listen(cx: &mut Cx<'_>, s: Socket, a: &WSPListen) -> Answer<()> {
    let longest = cx.world.policy().limits.backlog.max(1);
    let could_accept = crate::fault::has_descriptor_left(cx);
    let endpoint = cx.world.endpoint_mut(s.endpoint);
    rule!(endpoint.is_circuit(), WSAEOPNOTSUPP, "WSPListen.error-eopnotsupp");
    // An attempt under way counts: it would be lost, and its answer would find a socket that listens.
    let connects = matches!(endpoint.role, Role::Connected { .. } | Role::Connecting { .. });
    rule!(!connects, WSAEISCONN, "WSPListen.error-eisconn");
    rule!(endpoint.local.is_some(), WSAEINVAL, "WSPListen.error-einval");
    // Illegal values become the nearest legal one; SOMAXCONN is the longest (decision backlog-limit).
    let limit = u32::try_from(a.backlog).unwrap_or(1).clamp(1, longest);
    match &mut endpoint.role {
        Role::Listening(listening) => {
            listening.limit = limit;
            let excess = listening.backlog.split_off(listening.backlog.len().min(limit as usize));
            if !excess.is_empty() {
                cx.hit(clause!("WSPListen.relisten-shrink-resets"));
            }
            for connection in excess {
                cx.world.abort_end(connection, Side::Server);
            }
            cx.hit(clause!("WSPListen.relisten-updates"));
            if !could_accept {
                cx.hit(clause!("WSPListen.no-descriptors-rational"));
            }
        }
        role => {
            rule!(could_accept, WSAEMFILE, "WSPListen.error-emfile");
            *role = Role::Listening(Listening { limit, backlog: VecDeque::new() });
            cx.hit(clause!("WSPListen.passive-mode"));
        }
    }
    match a.backlog {
        SOMAXCONN => cx.hit(clause!("WSPListen.backlog-somaxconn")),
        illegal if illegal < 1 => cx.hit(clause!("WSPListen.backlog-illegal-nearest")),
        more if i64::from(more) > i64::from(longest) => cx.hit(clause!("WSPListen.backlog-clamped")),
        _ => {}
    }
    Ok(())
}

/// WSPConnect: waits for the end of the attempt.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPConnect.error-einval-listening` | the socket listens | WSAEINVAL |
/// | `WSPConnect.error-eisconn` | it is connected | WSAEISCONN |
/// | `WSPConnect.error-ealready` | an attempt is on its way | WSAEALREADY |
/// | `WSPConnect.error-efault-callerdata` | the caller data is no memory | WSAEFAULT |
/// | `WSPConnect.error-eprotonosupport` | caller data is given, and the protocol carries none | WSAEPROTONOSUPPORT |
/// | `WSPConnect.error-efault-callerdata` | it is longer than 32 bytes | WSAEFAULT |
/// | `WSPConnect.error-efault-calleedata` | the place for callee data is no memory | WSAEFAULT |
/// | `WSPConnect.error-efault-memory` | `name` is no memory | WSAEFAULT |
/// | `WSPConnect.error-eafnosupport` | the family is not the socket's | WSAEAFNOSUPPORT |
/// | `WSPConnect.error-efault-namelen` | `namelen` is too small | WSAEFAULT |
/// | `WSPConnect.stream-zero-address` | address and port are zero | WSAEADDRNOTAVAIL |
/// | `WSPConnect.error-eaddrnotavail` | one of them is | WSAEADDRNOTAVAIL |
/// | `WSPConnect.error-enetunreach` | the address is not one of this machine | WSAENETUNREACH |
/// | `WSPConnect.error-eaddrinuse` | a connection between the same two names still drains | WSAEADDRINUSE |
/// | `WSPConnect.error-ewouldblock` | nonblocking: the attempt goes on | WSAEWOULDBLOCK |
/// | `WSPConnect.error-econnrefused` | nobody listens there, the queue is full, or the request was rejected | WSAECONNREFUSED |
/// | `WSPConnect.error-etimedout` | the request or its answer was lost | WSAETIMEDOUT |
/// | `WSPConnect.error-efault-calleedata` | connected, but the callee data does not fit | WSAEFAULT |
///
/// Checked in this order (decision `order-of-checks`).
/// On a datagram socket see `peer.rs`: nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Connect {
    /// The attempt has to end.
    Answered(Socket),
}

impl Staged for Connect {
    type Call = WSPConnect;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, socket: Socket, a: &WSPConnect) -> Answer<Step<Self>> {
        for (given, what) in [(&a.sqos, "SQOS"), (&a.gqos, "GQOS")] {
            if !matches!(given, Value::Null | Value::Number(0)) {
                return Err(Refusal::not_modelled(format!("{what} of WSPConnect")));
            }
        }
        if datagram::is_datagram(cx, socket)? {
            return peer::connect(cx, socket, a).map(|()| Step::done(Connected(None)));
        }
        let endpoint = cx.world.endpoint(socket.endpoint);
        let (family, local, nonblocking) = (endpoint.family, endpoint.local, endpoint.nonblocking);
        match endpoint.role {
            Role::Listening(_) => {
                return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPConnect.error-einval-listening")));
            }
            Role::Connected { .. } | Role::Datagram(_) | Role::Closed => {
                return Err(Refusal::code(ErrorCode::WSAEISCONN, clause!("WSPConnect.error-eisconn")));
            }
            Role::Connecting { .. } => {
                return Err(Refusal::code(ErrorCode::WSAEALREADY, clause!("WSPConnect.error-ealready")));
            }
            Role::Unconnected { .. } => {}
        }
        let user_data = endpoint.service().user_data;
        let data = bytes_of(cx, &a.caller_data, clause!("WSPConnect.error-efault-callerdata"))?;
        rule!(user_data || data.is_none(), WSAEPROTONOSUPPORT, "WSPConnect.error-eprotonosupport");
        let data = data.unwrap_or_default();
        rule!(data.len() <= Service::CONNECT_DATA, WSAEFAULT, "WSPConnect.error-efault-callerdata");
        let place = !user_data || room_in(cx, a.callee_data).is_some();
        rule!(place, WSAEFAULT, "WSPConnect.error-efault-calleedata");
        let peer = peer_name(family, a)?;
        rule!(!peer.is_unspecified() || peer.port() != 0, WSAEADDRNOTAVAIL, "WSPConnect.stream-zero-address");
        rule!(!peer.is_unspecified() && peer.port() != 0, WSAEADDRNOTAVAIL, "WSPConnect.error-eaddrnotavail");
        rule!(peer.is_loopback(), WSAENETUNREACH, "WSPConnect.error-enetunreach");
        let local = match local {
            Some(local) if !local.is_unspecified() => local,
            bound => {
                cx.hit(clause!("WSPConnect.implicit-bind"));
                bind_concrete(cx, socket, bound)?
            }
        };
        // The names of its ends are what a connection is known by.
        let same = cx.world.is_connected(&local, &peer);
        rule!(!same, WSAEADDRINUSE, "WSPConnect.error-eaddrinuse");
        let user = user_data.then(|| {
            let wanted = match a.callee_data {
                _ if !nonblocking => Wanted::Call,
                Space::Cell(cell) => Wanted::Cell(cx.process(), cell),
                _ => Wanted::Nobody,
            };
            (data, wanted)
        });
        if user.as_ref().is_some_and(|(data, _)| !data.is_empty()) {
            cx.hit(clause!("WSPConnect.caller-data-sent"));
        }
        cx.world.request_connection(socket.endpoint, local, peer);
        if let Some((data, wanted)) = user {
            cx.world.attach_user_data(socket.endpoint, data, wanted);
        }
        rule!(!nonblocking, WSAEWOULDBLOCK, "WSPConnect.error-ewouldblock");
        cx.world.hold(socket.endpoint);
        Ok(Step::wait(Wait::Connected(socket), Connect::Answered(socket)))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPConnect, _: Reply) -> Answer<Step<Self>> {
        let Connect::Answered(socket) = self;
        cx.world.unhold(socket.endpoint);
        check_held(cx, &socket)?;
        let endpoint = cx.world.endpoint_mut(socket.endpoint);
        match &mut endpoint.role {
            Role::Connecting { .. } => {
                cx.world.hold(socket.endpoint);
                Ok(Step::wait(Wait::Connected(socket), Connect::Answered(socket)))
            }
            Role::Unconnected { failure } => {
                let code = failure.take().unwrap_or(ErrorCode::WSAECONNREFUSED);
                Err(Refusal::code(
                    code,
                    match code {
                        ErrorCode::WSAETIMEDOUT => clause!("WSPConnect.error-etimedout"),
                        _ => clause!("WSPConnect.error-econnrefused"),
                    },
                ))
            }
            _ => {
                cx.hit(clause!("WSPConnect.stream-connects"));
                callee_data(cx, socket, a).map(|data| Step::done(Connected(data)))
            }
        }
    }

    fn holds(&self) -> Option<EndpointId> {
        let Connect::Answered(socket) = self;
        Some(socket.endpoint)
    }
}

/// What the peer gave back with its grant, where the protocol carries that.
fn callee_data(cx: &mut Cx<'_>, socket: Socket, a: &WSPConnect) -> Answer<Option<CalleeData>> {
    let Some(data) = cx.world.take_connect_data(socket.endpoint) else { return Ok(None) };
    let room = match a.callee_data {
        // WSPConnect.callee-data-null
        Space::Null => return Ok(None),
        place => room_in(cx, place).unwrap_or(0),
    };
    let process = cx.process();
    if let Space::Cell(cell) = a.callee_data {
        cx.world.write_cell(process, cell, &data);
    }
    if data.len() > room {
        let refusal = Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPConnect.error-efault-calleedata"));
        return Err(refusal.writing("callee_data", Value::bytes(&data[..room])));
    }
    cx.hit(match data.is_empty() {
        true => clause!("WSPConnect.callee-data-none"),
        false => clause!("WSPConnect.callee-data-received"),
    });
    Ok(Some(CalleeData { callee_data: data }))
}

/// The name of the peer, checked.
pub(crate) fn peer_name(family: i32, a: &WSPConnect) -> Answer<SocketAddress> {
    let Pointer::To(bytes) = &a.name else {
        return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPConnect.error-efault-memory")));
    };
    let room = a.namelen.or(bytes.len());
    let peer = match SocketAddress::from_bytes(bytes) {
        Ok(peer) => peer,
        Err(AddressError::UnknownFamily(_)) => {
            return Err(Refusal::code(ErrorCode::WSAEAFNOSUPPORT, clause!("WSPConnect.error-eafnosupport")));
        }
        Err(AddressError::TooShort { .. } | AddressError::NoFamily { .. }) => {
            return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPConnect.error-efault-namelen")));
        }
    };
    rule!(i32::from(peer.family()) == family, WSAEAFNOSUPPORT, "WSPConnect.error-eafnosupport");
    rule!(room >= size_of_name(family), WSAEFAULT, "WSPConnect.error-efault-namelen");
    Ok(peer)
}

/// Gives a socket the address of this machine as its local one; a port that it has stays.
pub(crate) fn bind_concrete(cx: &mut Cx<'_>, s: Socket, bound: Option<SocketAddress>) -> Answer<SocketAddress> {
    let any = match cx.world.endpoint(s.endpoint).family {
        AF_INET6 => SocketAddress::v6([0; 16], 0),
        _ => SocketAddress::v4([0; 4], 0),
    };
    let named = cx.world.name_endpoint(s.endpoint, World::concrete(bound.unwrap_or(any)));
    named.map_err(|code| Refusal::code(code, clause!("WSPConnect.error-enobufs")))
}

/// The bytes that a program gives with a request or a disconnect; `None` for null.
pub(crate) fn bytes_of(cx: &mut Cx<'_>, value: &Value, fault: Clause) -> Answer<Option<Arc<[u8]>>> {
    let refused = |_| Refusal::code(ErrorCode::WSAEFAULT, fault);
    if matches!(value, Value::Null | Value::Number(0)) {
        return Ok(None);
    }
    let buffers = <Buffers as Argument>::read(value).map_err(refused)?;
    gather(cx, &buffers, Length(None)).map(Some).map_err(|_| Refusal::code(ErrorCode::WSAEFAULT, fault))
}

/// How many bytes a place takes; `None` where it is no memory.
pub(crate) fn room_in(cx: &Cx<'_>, place: Space) -> Option<usize> {
    match place {
        Space::Null => Some(0),
        Space::Bad => None,
        Space::Room(n) => Some(n as usize),
        Space::Cell(cell) => cx.world.bytes_of(cx.process(), cell).map(|bytes| bytes.len()),
    }
}
