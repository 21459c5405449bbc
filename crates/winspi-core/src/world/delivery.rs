//! The transport at work: what is sent, what arrives, what an end of a connection can do.

use std::collections::VecDeque;
use std::sync::Arc;

use winspi_types::{ErrorCode, SocketAddress};

use crate::event::{Event, Travelled};
use crate::footprint::Part as Footing;
use crate::id::{ConnectionId, EndpointId};
use crate::transport::{Cause, Connection, End, EndHolder, Part, Role, Segment, Service, Side, Taking, Wanted};
use crate::world::World;

impl World {
    /// Sends a request for a connection from a named socket.
    pub(crate) fn request_connection(&mut self, id: EndpointId, local: SocketAddress, peer: SocketAddress) {
        let client = End::new(local, EndHolder::Endpoint(id));
        let server = End::new(peer, EndHolder::Awaited);
        let origin = self.origin();
        self.reads(Footing::End(local.port()));
        let connection = self.connection_arena().insert(Connection { ends: [client, server], origin });
        let endpoint = self.socket_mut(id);
        endpoint.role = Role::Connecting { connection };
        // A new attempt: its end is indicated, and what a connection can bring.
        endpoint.events.indicated = 0;
        endpoint.events.write_due = endpoint.events.selection.is_some();
        self.travel(connection, Side::Server, Segment::Request);
    }

    /// Puts a segment on its way to an end.
    fn travel(&mut self, id: ConnectionId, to: Side, segment: Segment) {
        let age = self.age();
        if let Some(connection) = self.connection_mut(id) {
            connection.end_mut(to).incoming.push_back((age, segment));
        }
    }

    /// Everything that may arrive next: from, to, and the age of the oldest segment; in the order of the names.
    pub(crate) fn deliveries(&self) -> Vec<(SocketAddress, SocketAddress, u64)> {
        let mut all = Vec::new();
        for (_, connection) in self.connections() {
            for side in [Side::Client, Side::Server] {
                if let Some((age, _)) = connection.end(side).incoming.front() {
                    all.push((connection.end(side.other()).name, connection.end(side).name, age.0));
                }
            }
        }
        all.sort_unstable();
        // Two sockets that connect to each other at once have two connections between the same two names.
        all.dedup_by_key(|(from, to, _)| (*from, *to));
        all
    }

    /// The oldest segment on the way between two ends arrives. Whether there was one.
    pub(crate) fn deliver(&mut self, from: SocketAddress, to: SocketAddress) -> bool {
        let Some((id, side)) = self.way_between(from, to) else { return false };
        let Some(end) = self.connection_mut(id).map(|c| c.end_mut(side)) else { return false };
        let Some((_, segment)) = end.incoming.pop_front() else { return false };
        let what = match segment {
            Segment::Request => self.request_arrives(id, to),
            Segment::Grant => self.grant_arrives(id),
            Segment::Data(data) => self.data_arrives(id, side, data, true),
            Segment::Part(data) => self.data_arrives(id, side, data, false),
            Segment::Finish => self.finish_arrives(id, side, None),
            Segment::Disconnect(data) => self.finish_arrives(id, side, Some(data)),
            Segment::Reset => self.reset_arrives(id, side),
        };
        self.indicate_at_end(id, side);
        self.drop_if_abandoned(id);
        self.record(Event::Delivered { from, to, what });
        true
    }

    /// What is on its way to a socket: from, to and the age of the oldest segment of each connection. To a listening
    /// socket that is the requests that its name is for, and what comes after them while they wait in the backlog.
    pub fn arriving_at(&self, id: EndpointId) -> Vec<(SocketAddress, SocketAddress, u64)> {
        let mut all = Vec::new();
        for (_, connection) in self.connections() {
            for side in [Side::Client, Side::Server] {
                let end = connection.end(side);
                let Some((age, segment)) = end.incoming.front() else { continue };
                let reaches = match end.holder {
                    EndHolder::Endpoint(holder) | EndHolder::Backlog(holder) => holder == id,
                    EndHolder::Awaited => *segment == Segment::Request && self.is_named(id, &end.name),
                    EndHolder::Gone => false,
                };
                if reaches {
                    all.push((connection.end(side.other()).name, end.name, age.0));
                }
            }
        }
        all.sort_by_key(|(from, to, _)| (*from, *to));
        all
    }

    /// Whether a socket listens under a name, exactly or by a wildcard.
    fn is_named(&self, id: EndpointId, name: &SocketAddress) -> bool {
        let Some(endpoint) = self.find_socket(id) else { return false };
        let listens = matches!(endpoint.role, Role::Listening(_));
        listens
            && endpoint.local.is_some_and(|local| {
                (local.ip() == name.ip() || local.is_unspecified())
                    && local.port() == name.port()
                    && local.family() == name.family()
            })
    }

    /// The oldest segment between two ends is lost for good. Whether there was one.
    ///
    /// A stream cannot go on without it: whoever sent it gives up. A request or grant that is lost ends the attempt to
    /// connect with WSAETIMEDOUT; anything else ends the connection: WSAETIMEDOUT for who sent it
    /// (`WSPSocket.stream-timeout`), a reset for the other. Decision `lost-segment`.
    pub(crate) fn lose_segment(&mut self, from: SocketAddress, to: SocketAddress) -> bool {
        let Some((id, side)) = self.way_between(from, to) else { return false };
        let Some(connection) = self.connection_mut(id) else { return false };
        let Some((_, segment)) = connection.end_mut(side).incoming.pop_front() else { return false };
        match segment {
            Segment::Request | Segment::Grant => {
                connection.end_mut(Side::Server).incoming = VecDeque::new();
                connection.end_mut(Side::Client).incoming = VecDeque::new();
                let holder = connection.end(Side::Client).holder;
                connection.end_mut(Side::Client).holder = EndHolder::Gone;
                if connection.end(Side::Server).holder == EndHolder::Awaited {
                    connection.end_mut(Side::Server).holder = EndHolder::Gone;
                }
                if let EndHolder::Endpoint(endpoint) = holder {
                    let failure = Some(ErrorCode::WSAETIMEDOUT);
                    self.socket_mut(endpoint).role = Role::Unconnected { failure };
                }
                if segment == Segment::Grant {
                    self.travel(id, Side::Server, Segment::Reset);
                }
            }
            Segment::Data(_) | Segment::Part(_) | Segment::Finish | Segment::Disconnect(_) => {
                connection.end_mut(side).incoming = VecDeque::new();
                let sender = connection.end_mut(side.other());
                sender.reset = true;
                sender.cause = Cause::TimeOut;
                sender.discard();
                self.travel(id, side, Segment::Reset);
            }
            Segment::Reset => self.reset_lost(id, side),
        }
        self.drop_if_abandoned(id);
        true
    }

    /// The connection with something on its way between two ends, and the side that it goes to.
    fn way_between(&self, from: SocketAddress, to: SocketAddress) -> Option<(ConnectionId, Side)> {
        // Of several the one with the least names: the order of arenas never shows.
        // Both names are known, so it is enough that no connection of one of them comes or goes.
        self.reads(Footing::End(from.port().max(to.port())));
        let found = self.all_connections().filter_map(|(id, connection)| {
            let reached = |side: &Side| {
                let end = connection.end(*side);
                let named = end.name == to && connection.end(side.other()).name == from;
                if named {
                    self.reads(Footing::Connection(connection.origin));
                }
                named && !end.incoming.is_empty()
            };
            [Side::Client, Side::Server].into_iter().find(reached).map(|side| (connection.names(), id, side))
        });
        found.min_by_key(|(names, ..)| *names).map(|(_, id, side)| (id, side))
    }

    fn request_arrives(&mut self, id: ConnectionId, to: SocketAddress) -> Travelled {
        match self.listener_at(id, &to) {
            Some(listener) => {
                let waits = self.socket(listener).grants_at_accept();
                if let Role::Listening(listening) = &mut self.socket_mut(listener).role {
                    listening.backlog.push_back(id);
                }
                if let Some(connection) = self.connection_mut(id) {
                    connection.end_mut(Side::Server).holder = EndHolder::Backlog(listener);
                }
                if !waits {
                    self.travel(id, Side::Client, Segment::Grant);
                }
                Travelled::Request
            }
            None => {
                if let Some(connection) = self.connection_mut(id) {
                    connection.end_mut(Side::Server).holder = EndHolder::Gone;
                }
                self.travel(id, Side::Client, Segment::Reset);
                Travelled::RequestRefused
            }
        }
    }

    /// The listening socket with room that a request to this name reaches: of the same protocol, an exact name before a
    /// wildcard.
    fn listener_at(&self, request: ConnectionId, to: &SocketAddress) -> Option<EndpointId> {
        let protocol = match self.connection(request)?.end(Side::Client).holder {
            EndHolder::Endpoint(client) => self.find_socket(client).map(|e| (e.socket_type, e.protocol)),
            // A request whose sender is gone was taken back.
            EndHolder::Awaited | EndHolder::Backlog(_) | EndHolder::Gone => None,
        };
        let reached = |exact: bool| {
            self.reads(Footing::Name(to.port()));
            let reached = self.all_endpoints().filter(|(_, endpoint)| {
                let Role::Listening(_) = &endpoint.role else { return false };
                let theirs = (endpoint.socket_type, endpoint.protocol);
                protocol.is_none_or(|protocol| protocol == theirs)
                    && endpoint.local.as_ref().is_some_and(|local| {
                        let address = if exact { local.ip() == to.ip() } else { local.is_unspecified() };
                        address && local.port() == to.port() && local.family() == to.family()
                    })
            });
            // Several of one name: decision shared-name-receiver.
            reached.min_by_key(|(_, endpoint)| endpoint.bound.turn)
        };
        let (id, endpoint) = reached(true).or_else(|| reached(false))?;
        self.reads(Footing::Endpoint(endpoint.origin));
        match &endpoint.role {
            Role::Listening(l) if l.backlog.len() < l.limit as usize => Some(id),
            _ => None,
        }
    }

    /// Grants a request that waited for WSPAccept (`SocketOptions.so-conditional-accept-defers`), with user data where
    /// the protocol carries it.
    pub(crate) fn grant(&mut self, id: ConnectionId, data: Arc<[u8]>) {
        if let Some(user) = self.connection_mut(id).and_then(|c| c.end_mut(Side::Client).user.as_mut()) {
            user.connect = data;
        }
        self.travel(id, Side::Client, Segment::Grant);
    }

    fn grant_arrives(&mut self, id: ConnectionId) -> Travelled {
        let holder = self.connection(id).map(|c| c.end(Side::Client).holder);
        let user = self.connection_mut(id).and_then(|c| c.end_mut(Side::Client).user.as_mut());
        if let Some(user) = user
            && user.wanted != Wanted::Call
        {
            let (wanted, data) = (std::mem::take(&mut user.wanted), std::mem::take(&mut user.connect));
            if let Wanted::Cell(process, cell) = wanted {
                self.write_cell(process, cell, &data);
            }
        }
        if let Some(EndHolder::Endpoint(endpoint)) = holder {
            self.socket_mut(endpoint).role = Role::Connected { connection: id, side: Side::Client };
        }
        Travelled::Grant
    }

    fn data_arrives(&mut self, id: ConnectionId, side: Side, data: Arc<[u8]>, last: bool) -> Travelled {
        let length = data.len();
        let messages = self.service_of(id).is_some_and(|service| service.messages);
        let Some(connection) = self.connection_mut(id) else { return Travelled::DataRefused(length) };
        let end = connection.end_mut(side);
        if end.holder == EndHolder::Gone || end.receive_shut {
            // Nobody will read it: WSPShutdown.sd-receive-tcp-later, and the same for an end that is closed.
            end.reset = true;
            self.travel(id, side.other(), Segment::Reset);
            return Travelled::DataRefused(length);
        }
        if messages {
            end.message_arrives(data, last);
        } else {
            end.received.push_back(data);
        }
        Travelled::Data(length)
    }

    fn finish_arrives(&mut self, id: ConnectionId, side: Side, data: Option<Arc<[u8]>>) -> Travelled {
        if let Some(connection) = self.connection_mut(id) {
            let end = connection.end_mut(side);
            end.finished = true;
            if let Some(data) = data {
                end.user_mut().disconnect = data;
            }
        }
        Travelled::Finish
    }

    /// Nobody tells an end that the connection is no more: it hears when it sends, or by keep-alive.
    fn reset_lost(&mut self, id: ConnectionId, side: Side) {
        let Some(EndHolder::Endpoint(holder)) = self.connection(id).map(|c| c.end(side).holder) else { return };
        let endpoint = self.socket(holder);
        if !endpoint.options.keep_alive || !matches!(endpoint.role, Role::Connected { .. }) {
            return;
        }
        if let Some(connection) = self.connection_mut(id) {
            let end = connection.end_mut(side);
            end.reset = true;
            end.cause = Cause::KeepAlive;
            end.discard();
        }
        self.indicate_events(holder);
    }

    /// What the protocol of a connection offers, as far as a socket still has an end of it.
    fn service_of(&self, id: ConnectionId) -> Option<Service> {
        self.connection(id)?.ends.iter().find_map(|end| match end.holder {
            EndHolder::Endpoint(holder) | EndHolder::Backlog(holder) => self.find_socket(holder).map(|e| e.service()),
            EndHolder::Awaited | EndHolder::Gone => None,
        })
    }

    fn reset_arrives(&mut self, id: ConnectionId, side: Side) -> Travelled {
        let Some(connection) = self.connection_mut(id) else { return Travelled::Reset };
        let end = connection.end_mut(side);
        end.reset = true;
        end.discard();
        if let EndHolder::Endpoint(endpoint) = end.holder {
            if matches!(self.socket(endpoint).role, Role::Connecting { .. }) {
                let failure = Some(ErrorCode::WSAECONNREFUSED);
                self.socket_mut(endpoint).role = Role::Unconnected { failure };
                if let Some(connection) = self.connection_mut(id) {
                    connection.end_mut(side).holder = EndHolder::Gone;
                }
            } else {
                self.socket_mut(endpoint).options.error = Some(ErrorCode::WSAECONNRESET);
            }
            self.indicate_events(endpoint);
        }
        Travelled::Reset
    }

    /// An end leaves gracefully: what was sent arrives, then the end of the stream.
    pub(crate) fn finish_end(&mut self, id: ConnectionId, side: Side) {
        let Some(connection) = self.connection_mut(id) else { return };
        let end = connection.end_mut(side);
        end.holder = EndHolder::Gone;
        end.discard();
        if !end.send_shut && !end.reset {
            end.send_shut = true;
            self.travel(id, side.other(), Segment::Finish);
        }
        self.drop_if_abandoned(id);
    }

    /// An end leaves with a reset.
    pub(crate) fn abort_end(&mut self, id: ConnectionId, side: Side) {
        let Some(connection) = self.connection_mut(id) else { return };
        connection.end_mut(side).holder = EndHolder::Gone;
        let other = connection.end_mut(side.other());
        if other.holder == EndHolder::Awaited {
            // The request has reached nobody: nobody will ever know of it.
            other.holder = EndHolder::Gone;
        } else {
            self.travel(id, side.other(), Segment::Reset);
        }
        self.drop_if_abandoned(id);
    }

    /// Takes back what an end has sent and what has not arrived.
    pub(crate) fn recall_sent(&mut self, id: ConnectionId, side: Side) {
        let Some(connection) = self.connection_mut(id) else { return };
        let on_the_way = &mut connection.end_mut(side.other()).incoming;
        on_the_way.retain(|(_, segment)| matches!(segment, Segment::Request | Segment::Grant | Segment::Reset));
    }

    /// Whether something that a connected socket has sent has not arrived yet.
    pub(crate) fn has_unsent(&self, id: EndpointId) -> bool {
        let Some((connection, side, end)) = self.end_of(id) else { return false };
        let on_the_way = self.connection(connection).map(|c| &c.end(side.other()).incoming);
        !end.reset
            && on_the_way
                .is_some_and(|i| i.iter().any(|(_, segment)| matches!(segment, Segment::Data(_) | Segment::Part(_))))
    }

    fn drop_if_abandoned(&mut self, id: ConnectionId) {
        if self.connection(id).is_some_and(Connection::is_abandoned) {
            self.connection_arena().remove(id);
        }
    }

    /// This end of a connected socket.
    pub(crate) fn end_of(&self, id: EndpointId) -> Option<(ConnectionId, Side, &End)> {
        match self.socket(id).role {
            Role::Connected { connection, side } => {
                self.connection(connection).map(|c| (connection, side, c.end(side)))
            }
            _ => None,
        }
    }

    /// Whether a receive would not wait.
    pub fn can_receive(&self, id: EndpointId) -> bool {
        if let Some(datagrams) = self.socket(id).datagrams() {
            return datagrams.receive_shut || !datagrams.received.is_empty();
        }
        let messages = self.socket(id).service().messages;
        self.end_of(id).is_none_or(|(_, _, end)| {
            let data = if messages { end.has_message() } else { end.unread() > 0 };
            data || end.is_over()
        })
    }

    /// Whether a receive that takes part of a message would not wait.
    pub fn can_receive_part(&self, id: EndpointId) -> bool {
        self.can_receive(id) || self.unread(id) > 0
    }

    /// Bytes that have arrived and were not received.
    pub fn unread(&self, id: EndpointId) -> usize {
        match self.socket(id).datagrams() {
            Some(datagrams) => datagrams.unread(),
            None => self.end_of(id).map_or(0, |(_, _, end)| end.unread()),
        }
    }

    /// Room for sending, in bytes: the direction holds no more than the buffers say (decision `stream-buffer`).
    pub(crate) fn room(&self, id: EndpointId) -> usize {
        let Some((connection, side, _)) = self.end_of(id) else { return 0 };
        let Some(other) = self.connection(connection).map(|c| c.end(side.other())) else { return 0 };
        // SO_SNDBUF here and SO_RCVBUF there, whichever is less.
        let mut size = self.socket(id).options.send_buffer;
        if let EndHolder::Endpoint(peer) = other.holder {
            size = size.min(self.socket(peer).options.receive_buffer);
        }
        (size.max(1) as usize).saturating_sub(other.buffered())
    }

    /// Whether a send would not wait.
    pub fn can_send(&self, id: EndpointId) -> bool {
        // A datagram never waits: decision datagram-send.
        let datagrams = self.socket(id).datagrams().is_some();
        datagrams || self.end_of(id).is_none_or(|(_, _, end)| end.reset || end.send_shut) || self.room(id) > 0
    }

    /// Sends bytes for which there is room.
    pub(crate) fn send_bytes(&mut self, id: EndpointId, data: Arc<[u8]>) {
        let Some((connection, side, _)) = self.end_of(id) else { return };
        if !data.is_empty() {
            self.travel(connection, side.other(), Segment::Data(data));
        }
    }

    /// Sends a message, or part of one.
    pub(crate) fn send_message(&mut self, id: EndpointId, data: Arc<[u8]>, last: bool) {
        let Some((connection, side, _)) = self.end_of(id) else { return };
        let segment = if last { Segment::Data(data) } else { Segment::Part(data) };
        self.travel(connection, side.other(), segment);
    }

    /// Takes what fits of the first message, or only looks at it.
    pub(crate) fn take_message(&mut self, id: EndpointId, room: usize, how: Taking) -> Option<Part> {
        let (connection, side, _) = self.end_of(id)?;
        let part = self.connection_mut(connection)?.end_mut(side).take_message(room, how);
        self.indicate_at_end(connection, side.other());
        self.indicate_events(id);
        part
    }

    /// Takes up to `room` bytes that have arrived, or only looks at them.
    pub(crate) fn take_bytes(&mut self, id: EndpointId, room: usize, peek: bool) -> Vec<u8> {
        let Some((connection, side, _)) = self.end_of(id) else { return Vec::new() };
        let peek = peek || is_wrong!(self, ReceiveLeaves);
        let taken = self.connection_mut(connection).map_or(Vec::new(), |c| c.end_mut(side).take(room, peek));
        // The peer may have waited for room; here the end of the stream may be next.
        self.indicate_at_end(connection, side.other());
        self.indicate_events(id);
        taken
    }

    /// Ends sending, receiving, or both.
    pub(crate) fn shut_end(&mut self, id: EndpointId, receive: bool, send: bool) {
        let Some((connection, side, end)) = self.end_of(id) else { return };
        let (finish, unread) = (send && !end.send_shut && !end.reset, receive && end.unread() > 0);
        if let Some(c) = self.connection_mut(connection) {
            let end = c.end_mut(side);
            end.receive_shut |= receive;
            end.send_shut |= send;
            if unread {
                end.reset = true;
                end.discard();
            }
        }
        if finish {
            self.travel(connection, side.other(), Segment::Finish);
        }
        if unread {
            // WSPShutdown.sd-receive-tcp-queued: data that was waiting is lost, and the peer is told.
            self.travel(connection, side.other(), Segment::Reset);
        }
    }

    /// Ends sending with user data that goes along, or with none; receiving goes on.
    pub(crate) fn disconnect_end(&mut self, id: EndpointId, data: Arc<[u8]>) {
        let Some((connection, side, end)) = self.end_of(id) else { return };
        let over = end.send_shut || end.reset;
        if let Some(c) = self.connection_mut(connection) {
            c.end_mut(side).send_shut = true;
        }
        if !over {
            let last = if data.is_empty() { Segment::Finish } else { Segment::Disconnect(data) };
            self.travel(connection, side.other(), last);
        }
    }

    /// Puts user data to the request that a socket has sent, and notes who wants what comes back.
    pub(crate) fn attach_user_data(&mut self, id: EndpointId, data: Arc<[u8]>, wanted: Wanted) {
        let Role::Connecting { connection } = self.socket(id).role else { return };
        if let Some(connection) = self.connection_mut(connection) {
            connection.end_mut(Side::Server).user_mut().connect = data;
            connection.end_mut(Side::Client).user_mut().wanted = wanted;
        }
    }

    /// Takes what came with the request or the grant to this end, where the protocol carries user data.
    pub(crate) fn take_connect_data(&mut self, id: EndpointId) -> Option<Arc<[u8]>> {
        let (connection, side, _) = self.end_of(id)?;
        let user = self.connection_mut(connection)?.end_mut(side).user.as_mut()?;
        user.wanted = Wanted::Nobody;
        Some(std::mem::take(&mut user.connect))
    }

    /// Ends receiving without the protocol's knowing; what came with the peer's disconnect is taken.
    pub(crate) fn end_receiving(&mut self, id: EndpointId, take: bool) {
        let Some((connection, side, _)) = self.end_of(id) else { return };
        let Some(end) = self.connection_mut(connection).map(|c| c.end_mut(side)) else { return };
        end.receive_ended = true;
        if let Some(user) = end.user.as_mut().filter(|_| take) {
            user.disconnect = Arc::default();
        }
    }
}
