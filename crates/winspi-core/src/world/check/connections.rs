//! Connections: the sockets at their ends, backlogs, what is on its way, and how much was read.

use super::Findings;
use crate::arena::ArenaKey;
use crate::id::{ConnectionId, EndpointId};
use crate::transport::{Connection, End, EndHolder, Role, Segment, Side};
use crate::world::World;

const NAME: &str = "connection-ends-agree";

/// Whether each connection is on its way, or with a socket that says so.
pub(super) fn check(world: &World, findings: &mut Findings) -> bool {
    let mut all_led_to = true;
    for (id, connection) in world.connections() {
        let mut led_to = connection.is_on_its_way();
        for side in [Side::Client, Side::Server] {
            led_to |= end(world, id, connection, side, findings);
        }
        all_led_to &= led_to;
    }
    for (id, endpoint) in world.endpoints() {
        role(world, id, &endpoint.role, findings);
    }
    all_led_to
}

fn place_of_end(connection: &Connection, side: Side) -> String {
    let which = match side {
        Side::Client => "client",
        Side::Server => "server",
    };
    let (client, server) = connection.names();
    format!("the {which} end of the connection from {client} to {server}")
}

/// Whether a socket has the end, and both say so.
fn end(world: &World, id: ConnectionId, connection: &Connection, side: Side, findings: &mut Findings) -> bool {
    let end = connection.end(side);
    let place = || place_of_end(connection, side);
    let agrees = match end.holder {
        EndHolder::Endpoint(endpoint) => match world.find_endpoint(endpoint).map(|e| &e.role) {
            Some(Role::Connected { connection, side: its }) => *connection == id && *its == side,
            Some(Role::Connecting { connection }) => *connection == id && side == Side::Client,
            _ => false,
        },
        EndHolder::Backlog(listener) => match world.find_endpoint(listener).map(|e| &e.role) {
            Some(Role::Listening(listening)) => side == Side::Server && listening.backlog.contains(&id),
            _ => false,
        },
        EndHolder::Awaited => side == Side::Server,
        EndHolder::Gone => true,
    };
    if !agrees {
        findings.add(NAME, place(), format!("it is with {:?}, which does not have it", end.holder));
    }
    travelling(end, side, &place, findings);
    let first = end.received.front().map_or(0, |chunk| chunk.len());
    if end.read > 0 && end.read >= first {
        let seen = format!("{} bytes of the first chunk are read, it has {first}", end.read);
        findings.add(NAME, place(), seen);
    }
    agrees && end.holder.is_socket()
}

/// A request travels alone, to an end that nobody has, and nothing else does; a grant travels to the client.
fn travelling(end: &End, side: Side, place: &impl Fn() -> String, findings: &mut Findings) {
    let is_request = |segment: &Segment| matches!(segment, Segment::Request);
    let requests = end.incoming.iter().filter(|(_, segment)| is_request(segment)).count();
    let awaited = end.holder == EndHolder::Awaited;
    if requests != usize::from(awaited) || (awaited && end.incoming.len() != 1) {
        let seen = format!("{requests} requests are on their way to it, and it is with {:?}", end.holder);
        findings.add(NAME, place(), seen);
    }
    let grants = end.incoming.iter().filter(|(_, segment)| matches!(segment, Segment::Grant)).count();
    if grants > usize::from(side == Side::Client) {
        findings.add(NAME, place(), format!("{grants} grants are on their way to it"));
    }
}

fn role(world: &World, id: EndpointId, role: &Role, findings: &mut Findings) {
    let mut claims = |connection: ConnectionId, side: Side, holder: EndHolder, as_what: &str| {
        let stored = world.connection(connection).map(|c| c.end(side).holder);
        if stored != Some(holder) {
            let place = format!("the socket {:?}, {as_what}", id.key());
            let seen = match stored {
                Some(other) => format!("the end that it means is with {other:?}"),
                None => "its connection does not exist".to_owned(),
            };
            findings.add(NAME, place, seen);
        }
    };
    match role {
        Role::Unconnected { .. } | Role::Datagram(_) | Role::Closed => {}
        Role::Connecting { connection } => {
            claims(*connection, Side::Client, EndHolder::Endpoint(id), "which is connecting");
        }
        Role::Connected { connection, side } => {
            claims(*connection, *side, EndHolder::Endpoint(id), "which is connected");
        }
        Role::Listening(listening) => {
            for connection in &listening.backlog {
                claims(*connection, Side::Server, EndHolder::Backlog(id), "in its backlog");
            }
            let mut keys: Vec<_> = listening.backlog.iter().collect();
            keys.sort_unstable();
            keys.dedup();
            let (length, limit) = (listening.backlog.len(), listening.limit);
            if keys.len() != length || length > limit as usize {
                let seen = format!("{length} connections wait, {} different ones, at most {limit} may", keys.len());
                findings.add(NAME, format!("the socket {:?}, which listens", id.key()), seen);
            }
        }
    }
}
