//! WSPListen, WSPAccept, WSPConnect, WSPShutdown.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::constants::{AF_INET6, CF_ACCEPT, CF_DEFER, CF_REJECT, FD_ACCEPT, SOCK_STREAM, SOMAXCONN};
use winspi_types::{AddressError, ErrorCode, Shutdown, SocketAddress};

use crate::call::{Callback, ConditionFunc, Signature, WSPAccept, WSPConnect, WSPListen, WSPShutdown};
use crate::clause;
use crate::id::{ConnectionId, EndpointId};
use crate::outcome::{Accepted, Answer, Refusal, SocketName};
use crate::protocol::{Reply, Request, Staged, Step};
use crate::provider::base::bind::size_of_name;
use crate::provider::base::{Base, check_held, datagram, entry_for, peer};
use crate::rule;
use crate::transport::{EndHolder, Listening, Options, Role, Side};
use crate::value::{LengthAt, Place, Pointer, Value};
use crate::wait::{Socket, Wait};
use crate::world::{Cx, World};

/// Makes a bound socket wait for connections; on a listening one, changes the length of its queue.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPListen.error-eopnotsupp` | the socket is no stream | WSAEOPNOTSUPP |
/// | `WSPListen.error-eisconn` | the socket is connected, or an attempt is on its way | WSAEISCONN |
/// | `WSPListen.error-einval` | the socket has no name | WSAEINVAL |
/// | `WSPListen.error-emfile` | it does not listen yet, and no descriptor is left | WSAEMFILE |
///
/// One that listens goes on without descriptors: decision `listen-without-descriptors`.
pub(crate) fn listen(cx: &mut Cx<'_>, s: Socket, a: &WSPListen) -> Answer<()> {
    let longest = cx.world.policy().limits.backlog.max(1);
    let could_accept = crate::fault::has_descriptor_left(cx);
    let endpoint = cx.world.endpoint_mut(s.endpoint);
    rule!(endpoint.socket_type == SOCK_STREAM, WSAEOPNOTSUPP, "WSPListen.error-eopnotsupp");
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

/// WSPAccept: waits for a connection, for the condition function, and for the registration of the new descriptor.
///
/// The connection stays in the backlog while the condition function is asked; when another thread has taken it in the
/// meantime, the call looks again.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPAccept.error-eopnotsupp` | the socket is no stream | WSAEOPNOTSUPP |
/// | `WSPAccept.error-einval-state` | the socket is connected, or an attempt is on its way | WSAEINVAL |
/// | `WSPAccept.error-einval-not-listening` | the socket does not listen | WSAEINVAL |
/// | `WSPAccept.error-efault-condition` | the condition function is no memory | WSAEFAULT |
/// | `WSPAccept.error-efault-addrlen` | `addrlen` is too small | WSAEFAULT |
/// | `WSPAccept.error-ewouldblock` | nonblocking, and nobody waits | WSAEWOULDBLOCK |
/// | `WSPAccept.error-econnreset` | the peer has ended the connection | WSAECONNRESET |
/// | `WSPAccept.error-eacces` | the peer has withdrawn a request that nobody has granted | WSAEACCES |
/// | `WSPAccept.error-econnrefused` | the condition function says CF_REJECT | WSAECONNREFUSED |
/// | `WSPAccept.error-try-again` | it says CF_DEFER | WSATRY_AGAIN |
/// | `WSPAccept.error-einval-condition-result` | it says anything else | WSAEINVAL |
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Accept<B: Base> {
    /// A connection has to arrive.
    Arrives(Socket),
    /// The condition function is asked about this connection.
    Decided {
        /// The listening socket.
        socket: Socket,
        /// The connection.
        connection: ConnectionId,
    },
    /// The new descriptor is being registered.
    Registered {
        /// The new socket.
        proposed: B::Proposed,
        /// The peer.
        peer: SocketAddress,
        /// Which provider.
        base: PhantomData<B>,
    },
}

impl<B: Base> Staged for Accept<B> {
    type Call = WSPAccept;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, socket: Socket, a: &WSPAccept) -> Answer<Step<Self>> {
        let endpoint = cx.world.endpoint(socket.endpoint);
        rule!(endpoint.socket_type == SOCK_STREAM, WSAEOPNOTSUPP, "WSPAccept.error-eopnotsupp");
        let connects = matches!(endpoint.role, Role::Connected { .. } | Role::Connecting { .. });
        rule!(!connects, WSAEINVAL, "WSPAccept.error-einval-state");
        rule!(matches!(endpoint.role, Role::Listening(_)), WSAEINVAL, "WSPAccept.error-einval-not-listening");
        rule!(!a.condition.is_bad(), WSAEFAULT, "WSPAccept.error-efault-condition");
        let room = a.addr != Place::Room || a.addrlen.has_room(size_of_name(endpoint.family));
        rule!(room, WSAEFAULT, "WSPAccept.error-efault-addrlen");
        Accept::look(cx, socket, a)
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPAccept, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Accept::Arrives(socket) => {
                cx.world.unhold(socket.endpoint);
                check_held(cx, &socket)?;
                Accept::look(cx, socket, a)
            }
            Accept::Decided { socket, connection } => {
                cx.world.unhold(socket.endpoint);
                let decision = reply.of::<ConditionFunc>()?;
                check_held(cx, &socket)?;
                Accept::decided(cx, socket, connection, decision, a)
            }
            Accept::Registered { proposed, peer, .. } => {
                let s = B::registered(cx, proposed, reply)?;
                let addr = wants_name(a).then(|| SocketName::of(&peer));
                Ok(Step::done(Accepted { s, addr }))
            }
        }
    }

    fn holds(&self) -> Option<EndpointId> {
        match self {
            Accept::Arrives(socket) | Accept::Decided { socket, .. } => Some(socket.endpoint),
            Accept::Registered { .. } => None,
        }
    }
}

impl<B: Base> Accept<B> {
    /// Looks at the first connection of the backlog.
    fn look(cx: &mut Cx<'_>, socket: Socket, a: &WSPAccept) -> Answer<Step<Self>> {
        let endpoint = cx.world.endpoint(socket.endpoint);
        let (nonblocking, waits_for_answer) = (endpoint.nonblocking, endpoint.options.conditional_accept);
        let Role::Listening(listening) = &endpoint.role else {
            return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPAccept.error-einval-not-listening")));
        };
        let Some(&first) = listening.backlog.front() else {
            rule!(!nonblocking, WSAEWOULDBLOCK, "WSPAccept.error-ewouldblock");
            cx.world.hold(socket.endpoint);
            return Ok(Step::wait(Wait::Backlog(socket), Accept::Arrives(socket)));
        };
        let ends = cx.world.connection(first).map(|c| (c.end(Side::Client).name, c.end(Side::Server).clone()));
        let Some((peer, server)) = ends else {
            return Err(Refusal::code(ErrorCode::WSAECONNRESET, clause!("WSPAccept.error-econnreset")));
        };
        if server.reset {
            take_from_backlog(cx, socket, first);
            cx.world.finish_end(first, Side::Server);
            // Decision withdrawn-request: nobody has granted it, so that it was no connection.
            rule!(!waits_for_answer, WSAEACCES, "WSPAccept.error-eacces");
            return Err(Refusal::code(ErrorCode::WSAECONNRESET, clause!("WSPAccept.error-econnreset")));
        }
        let Pointer::To(condition) = a.condition else { return Accept::make(cx, socket, first) };
        let call = ConditionFunc {
            caller_id: Pointer::To(Arc::from(peer.to_bytes().as_slice())),
            caller_data: Pointer::Null,
            callee_id: Pointer::To(Arc::from(server.name.to_bytes().as_slice())),
            callee_data: Pointer::Null,
            group: 0,
            callback_data: a.callback_data,
        };
        cx.world.hold(socket.endpoint);
        cx.hit(clause!("WSPAccept.condition-called"));
        let callback = Callback { id: condition, call: Arc::new(call.call()) };
        Ok(Step::Ask(Request::User(callback), Accept::Decided { socket, connection: first }))
    }

    fn decided(
        cx: &mut Cx<'_>,
        socket: Socket,
        connection: ConnectionId,
        decision: i64,
        a: &WSPAccept,
    ) -> Answer<Step<Self>> {
        let waits = match &cx.world.endpoint(socket.endpoint).role {
            Role::Listening(listening) => listening.backlog.contains(&connection),
            _ => false,
        };
        let peer = cx.world.connection(connection).map(|c| (c.end(Side::Client).name, c.end(Side::Server).reset));
        let (Some((peer, false)), true) = (peer, waits) else { return Accept::look(cx, socket, a) };
        let told = |refusal: Refusal| match wants_name(a) {
            // WSPAccept.addr-filled-regardless
            true => refusal.writing("addr", Value::Address(peer)),
            false => refusal,
        };
        if decision == i64::from(CF_ACCEPT) {
            cx.hit(clause!("WSPAccept.cf-accept"));
            Accept::make(cx, socket, connection)
        } else if decision == i64::from(CF_REJECT) {
            take_from_backlog(cx, socket, connection);
            cx.world.abort_end(connection, Side::Server);
            Err(told(Refusal::code(ErrorCode::WSAECONNREFUSED, clause!("WSPAccept.error-econnrefused"))))
        } else if decision == i64::from(CF_DEFER) {
            Err(told(Refusal::code(ErrorCode::WSATRY_AGAIN, clause!("WSPAccept.error-try-again"))))
        } else {
            Err(told(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPAccept.error-einval-condition-result"))))
        }
    }

    /// Makes the socket for a connection. Where no handle is left the connection stays in the backlog.
    fn make(cx: &mut Cx<'_>, socket: Socket, connection: ConnectionId) -> Answer<Step<Self>> {
        let listener = cx.world.endpoint(socket.endpoint);
        let events = listener.events.inherited();
        let (family, socket_type, protocol) = (listener.family, listener.socket_type, listener.protocol);
        let (flags, nonblocking, options) = (listener.flags, listener.nonblocking, listener.options.clone());
        let names = cx.world.connection(connection).map(|c| (c.end(Side::Client).name, c.end(Side::Server).name));
        let Some((peer, local)) = names else {
            return Err(Refusal::code(ErrorCode::WSAECONNRESET, clause!("WSPAccept.error-econnreset")));
        };
        rule!(crate::fault::has_descriptor_left(cx), WSAEMFILE, "WSPAccept.error-emfile");
        let endpoint = cx.world.make_endpoint(family, socket_type, protocol, flags);
        let proposed = match B::open(cx, endpoint) {
            Ok(proposed) => proposed,
            Err(_) => {
                cx.world.endpoint_arena().remove(endpoint);
                return Err(Refusal::code(ErrorCode::WSAEMFILE, clause!("WSPAccept.error-emfile")));
            }
        };
        take_from_backlog(cx, socket, connection);
        // WSPAccept.new-socket-properties
        let new = cx.world.endpoint_mut(endpoint);
        new.nonblocking = nonblocking;
        let conditional = options.conditional_accept;
        new.options = Options { error: None, ..options };
        new.events = events;
        new.local = Some(local);
        new.role = Role::Connected { connection, side: Side::Server };
        if let Some(c) = cx.world.connection_mut(connection) {
            c.end_mut(Side::Server).holder = EndHolder::Endpoint(endpoint);
        }
        if conditional {
            cx.world.grant(connection);
        }
        cx.world.indicate_events(endpoint);
        cx.hit(clause!("WSPAccept.first-in-queue"));
        let entry = entry_for(cx, family, socket_type, protocol).unwrap_or(cx.world.catalog().base_entry().id);
        let request = B::register(cx, proposed, entry);
        Ok(Step::Ask(request, Accept::Registered { proposed, peer, base: PhantomData }))
    }
}

/// Whether the peer's name is to be told: both places are given (`WSPAccept.addr-null`, `WSPAccept.addrlen-null`).
fn wants_name(a: &WSPAccept) -> bool {
    a.addr == Place::Room && a.addrlen != LengthAt::Null
}

fn take_from_backlog(cx: &mut Cx<'_>, socket: Socket, connection: ConnectionId) {
    if let Role::Listening(listening) = &mut cx.world.endpoint_mut(socket.endpoint).role {
        listening.backlog.retain(|c| *c != connection);
    }
    if cx.world.reenable_event(socket.endpoint, FD_ACCEPT) {
        cx.hit(clause!("WSPEventSelect.reenable-fd-accept"));
    }
}

/// WSPConnect: waits for the end of the attempt.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPConnect.error-einval-listening` | the socket listens | WSAEINVAL |
/// | `WSPConnect.error-eisconn` | it is connected | WSAEISCONN |
/// | `WSPConnect.error-ealready` | an attempt is on its way | WSAEALREADY |
/// | `WSPConnect.error-eprotonosupport` | caller data is given: TCP has none | WSAEPROTONOSUPPORT |
/// | `WSPConnect.error-efault-memory` | `name` is no memory | WSAEFAULT |
/// | `WSPConnect.error-efault-namelen` | `namelen` is too small | WSAEFAULT |
/// | `WSPConnect.error-eafnosupport` | the family is not the socket's | WSAEAFNOSUPPORT |
/// | `WSPConnect.stream-zero-address` | address and port are zero | WSAEADDRNOTAVAIL |
/// | `WSPConnect.error-eaddrnotavail` | one of them is | WSAEADDRNOTAVAIL |
/// | `WSPConnect.error-enetunreach` | the address is not one of this machine | WSAENETUNREACH |
/// | `WSPConnect.error-eaddrinuse` | a connection between the same two names still drains | WSAEADDRINUSE |
/// | `WSPConnect.error-ewouldblock` | nonblocking: the attempt goes on | WSAEWOULDBLOCK |
/// | `WSPConnect.error-econnrefused` | nobody listens there, or the queue is full | WSAECONNREFUSED |
///
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
            return peer::connect(cx, socket, a).map(Step::done);
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
        let no_data = matches!(a.caller_data, Value::Null | Value::Number(0));
        rule!(no_data, WSAEPROTONOSUPPORT, "WSPConnect.error-eprotonosupport");
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
        let same = cx.world.connections().any(|(_, c)| c.names() == (local, peer));
        rule!(!same, WSAEADDRINUSE, "WSPConnect.error-eaddrinuse");
        cx.world.request_connection(socket.endpoint, local, peer);
        rule!(!nonblocking, WSAEWOULDBLOCK, "WSPConnect.error-ewouldblock");
        cx.world.hold(socket.endpoint);
        Ok(Step::wait(Wait::Connected(socket), Connect::Answered(socket)))
    }

    fn resume(self, cx: &mut Cx<'_>, _: &WSPConnect, _: Reply) -> Answer<Step<Self>> {
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
                Ok(Step::done(()))
            }
        }
    }

    fn holds(&self) -> Option<EndpointId> {
        let Connect::Answered(socket) = self;
        Some(socket.endpoint)
    }
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

/// Ends sending, receiving or both.
///
/// Receiving that ends with data unread resets a connection (`WSPShutdown.sd-receive-tcp-queued`). On a raw socket there
/// is nothing to end: what it sends and receives is not modelled (decision `raw-sockets`).
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPShutdown.error-einval-how` | `how` is none of the three | WSAEINVAL |
/// | `WSPShutdown.error-enotconn` | a stream socket is not connected | WSAENOTCONN |
pub(crate) fn shutdown(cx: &mut Cx<'_>, s: Socket, a: &WSPShutdown) -> Answer<()> {
    let Some(how) = Shutdown::from_number(a.how) else {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPShutdown.error-einval-how")));
    };
    if let Some(datagrams) = cx.world.endpoint_mut(s.endpoint).datagrams_mut() {
        datagrams.receive_shut |= how.receive();
        datagrams.send_shut |= how.send();
        cx.hit(clause!("WSPShutdown.all-socket-types"));
        return Ok(());
    }
    if cx.world.endpoint(s.endpoint).socket_type != SOCK_STREAM {
        cx.hit(clause!("WSPShutdown.all-socket-types"));
        return Ok(());
    }
    let connected = matches!(cx.world.endpoint(s.endpoint).role, Role::Connected { .. });
    rule!(connected, WSAENOTCONN, "WSPShutdown.error-enotconn");
    if how.receive() && cx.world.unread(s.endpoint) > 0 {
        cx.hit(clause!("WSPShutdown.sd-receive-tcp-queued"));
    }
    cx.world.shut_end(s.endpoint, how.receive(), how.send());
    cx.hit(match how {
        Shutdown::Receive => clause!("WSPShutdown.sd-receive-disallows"),
        Shutdown::Send => clause!("WSPShutdown.sd-send-fin"),
        Shutdown::Both => clause!("WSPShutdown.sd-both"),
    });
    Ok(())
}
