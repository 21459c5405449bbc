//! WSPAccept: the queue, the condition function, the new socket.
//!
//! Page: `ws2spi/nc-ws2spi-lpwspaccept`.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::constants::{
    CF_ACCEPT, CF_DEFER, CF_REJECT, FD_ACCEPT, SG_CONSTRAINED_GROUP, SG_UNCONSTRAINED_GROUP,
};
use winspi_types::{ErrorCode, SocketAddress};

use crate::call::{Callback, ConditionFunc, Signature, WSPAccept};
use crate::clause;
use crate::id::{ConnectionId, EndpointId};
use crate::outcome::{Accepted, Answer, Basis, Refusal, SocketName, Verdict};
use crate::policy::Decision;
use crate::protocol::{Reply, Request, Staged, Step};
use crate::provider::base::bind::size_of_name;
use crate::provider::base::{Base, check_held, entry_for};
use crate::rule;
use crate::transport::{EndHolder, Role, Service, Side};
use crate::value::{LengthAt, Place, Pointer, Space, Value};
use crate::wait::{Socket, Wait};
use crate::world::Cx;

/// WSPAccept: waits for a connection, for the condition function, and for the registration of the new descriptor.
///
/// The connection stays in the backlog while the condition function is asked; when another thread has taken it in the
/// meantime, the call looks again.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPAccept.error-eopnotsupp` | its protocol has no connections | WSAEOPNOTSUPP |
/// | `WSPAccept.error-einval-state` | the socket is connected or connecting | WSAEINVAL |
/// | `WSPAccept.error-einval-not-listening` | the socket does not listen | WSAEINVAL |
/// | `WSPAccept.error-efault-condition` | the condition function is no memory | WSAEFAULT |
/// | `WSPAccept.error-efault-addrlen` | `addr` or `addrlen` is no memory or too small; the request stays | WSAEFAULT |
/// | `WSPAccept.error-ewouldblock` | nonblocking, and nobody waits | WSAEWOULDBLOCK |
/// | `WSPAccept.error-eacces` | the request was withdrawn (decision `withdrawn-request`) | WSAEACCES |
/// | `WSPAccept.error-econnreset` | the connection was terminated | WSAECONNRESET |
/// | `WSPAccept.error-einval-condition-result` | the condition function says none of the three; the request stays | WSAEINVAL |
/// | `WSPAccept.error-econnrefused` | it says CF_REJECT | WSAECONNREFUSED |
/// | `WSPAccept.error-try-again` | it says CF_DEFER; the request stays | WSATRY_AGAIN |
/// | decision `condition-answer` | its callee data is longer than the storage; the request stays | WSAEINVAL |
/// | `WSPAccept.error-einval-group` | its group does not exist; the request stays | WSAEINVAL |
/// | `WSPAccept.error-emfile` | no descriptor is left; the request stays | WSAEMFILE |
///
/// Checked in this order (decision `order-of-checks`).
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
        rule!(endpoint.is_circuit(), WSAEOPNOTSUPP, "WSPAccept.error-eopnotsupp");
        let other = matches!(endpoint.role, Role::Connected { .. } | Role::Connecting { .. });
        rule!(!other, WSAEINVAL, "WSPAccept.error-einval-state");
        rule!(matches!(endpoint.role, Role::Listening(_)), WSAEINVAL, "WSPAccept.error-einval-not-listening");
        rule!(!a.condition.is_bad(), WSAEFAULT, "WSPAccept.error-efault-condition");
        rule!(a.addr != Place::Bad, WSAEFAULT, "WSPAccept.error-efault-addrlen");
        if wants_name(a) {
            let size = size_of_name(endpoint.family);
            rule!(a.addrlen.has_room(size), WSAEFAULT, "WSPAccept.error-efault-addrlen");
        }
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
                let verdict = reply.of::<ConditionFunc>()?;
                check_held(cx, &socket)?;
                Accept::decided(cx, socket, connection, verdict, a)
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
        let nonblocking = endpoint.nonblocking;
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
            let withdrawn = cx.world.endpoint(socket.endpoint).grants_at_accept();
            take_from_backlog(cx, socket, first);
            cx.world.finish_end(first, Side::Server);
            rule!(!withdrawn, WSAEACCES, "WSPAccept.error-eacces");
            return Err(Refusal::code(ErrorCode::WSAECONNRESET, clause!("WSPAccept.error-econnreset")));
        }
        let Pointer::To(condition) = a.condition else { return Accept::make(cx, socket, first, Arc::default()) };
        let sent = server.user.as_ref().map(|user| &user.connect).filter(|data| !data.is_empty());
        let call = ConditionFunc {
            caller_id: Pointer::To(Arc::from(peer.to_bytes().as_slice())),
            caller_data: sent.map_or(Pointer::Null, |data| Pointer::To(data.clone())),
            sqos: Value::Null,
            gqos: Value::Null,
            callee_id: Pointer::To(Arc::from(server.name.to_bytes().as_slice())),
            callee_data: Space::Room(storage(cx, socket) as u32),
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
        verdict: Verdict,
        a: &WSPAccept,
    ) -> Answer<Step<Self>> {
        let waits = match &cx.world.endpoint(socket.endpoint).role {
            Role::Listening(listening) => listening.backlog.contains(&connection),
            _ => false,
        };
        let peer = cx.world.connection(connection).map(|c| (c.end(Side::Client).name, c.end(Side::Server).reset));
        let (Some((peer, false)), true) = (peer, waits) else { return Accept::look(cx, socket, a) };
        let refuse = |code, basis: Basis| {
            let refusal = Refusal::code(code, basis);
            // WSPAccept.addr-filled-regardless
            Err(if wants_name(a) { refusal.writing("addr", Value::Address(peer)) } else { refusal })
        };
        let [accept, reject, defer] = [CF_ACCEPT, CF_REJECT, CF_DEFER].map(i64::from);
        match verdict.value {
            value if value == reject => {
                take_from_backlog(cx, socket, connection);
                cx.world.abort_end(connection, Side::Server);
                refuse(ErrorCode::WSAECONNREFUSED, clause!("WSPAccept.error-econnrefused").into())
            }
            value if value == defer => refuse(ErrorCode::WSATRY_AGAIN, clause!("WSPAccept.error-try-again").into()),
            value if value != accept => {
                refuse(ErrorCode::WSAEINVAL, clause!("WSPAccept.error-einval-condition-result").into())
            }
            _ if verdict.callee_data.len() > storage(cx, socket) => {
                refuse(ErrorCode::WSAEINVAL, Decision::ConditionAnswer.into())
            }
            _ => {
                let group = u32::try_from(verdict.group).unwrap_or(u32::MAX);
                if [SG_UNCONSTRAINED_GROUP, SG_CONSTRAINED_GROUP].contains(&group) {
                    return Err(Refusal::not_modelled("groups of sockets"));
                }
                if group != 0 {
                    return refuse(ErrorCode::WSAEINVAL, clause!("WSPAccept.error-einval-group").into());
                }
                cx.hit(clause!("WSPAccept.cf-accept"));
                if !verdict.callee_data.is_empty() {
                    cx.hit(clause!("WSPAccept.callee-data-sent"));
                }
                Accept::make(cx, socket, connection, verdict.callee_data)
            }
        }
    }

    /// Makes the socket for a connection. Where no handle is left the connection stays in the backlog.
    fn make(cx: &mut Cx<'_>, socket: Socket, connection: ConnectionId, callee_data: Arc<[u8]>) -> Answer<Step<Self>> {
        let listener = cx.world.endpoint(socket.endpoint);
        let events = listener.events.inherited();
        let (family, socket_type, protocol) = (listener.family, listener.socket_type, listener.protocol);
        let waits = listener.grants_at_accept();
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
        new.options = options;
        new.events = events;
        new.local = Some(local);
        new.role = Role::Connected { connection, side: Side::Server };
        if let Some(c) = cx.world.connection_mut(connection) {
            c.end_mut(Side::Server).holder = EndHolder::Endpoint(endpoint);
        }
        cx.world.take_connect_data(endpoint);
        if waits {
            cx.world.grant(connection, callee_data);
        }
        cx.world.indicate_events(endpoint);
        cx.hit(clause!("WSPAccept.first-in-queue"));
        let entry = entry_for(cx, family, socket_type, protocol).unwrap_or(cx.world.catalog().base_entry().id);
        let request = B::register(cx, proposed, entry);
        Ok(Step::Ask(request, Accept::Registered { proposed, peer, base: PhantomData }))
    }
}

/// Whether the peer's name is wanted: there is a place for it and for its length.
fn wants_name(a: &WSPAccept) -> bool {
    a.addr == Place::Room && a.addrlen != LengthAt::Null
}

/// How many bytes a condition function can pass back.
fn storage(cx: &Cx<'_>, socket: Socket) -> usize {
    match cx.world.endpoint(socket.endpoint).service().user_data {
        true => Service::CONNECT_DATA,
        false => 0,
    }
}

fn take_from_backlog(cx: &mut Cx<'_>, socket: Socket, connection: ConnectionId) {
    if let Role::Listening(listening) = &mut cx.world.endpoint_mut(socket.endpoint).role {
        listening.backlog.retain(|c| *c != connection);
    }
    if cx.world.reenable_event(socket.endpoint, FD_ACCEPT) {
        cx.hit(clause!("WSPEventSelect.reenable-fd-accept"));
    }
}
