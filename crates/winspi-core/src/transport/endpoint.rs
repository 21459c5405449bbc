//! A socket: the object beneath descriptors. What is here is seen alike through all of them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, SocketAddress};

use crate::id::ConnectionId;
use crate::kernel::port::Association;
use crate::transport::datagram::DatagramSocket;
use crate::transport::network_events::EventRecord;
use crate::transport::options::Options;
use crate::transport::service::{Service, is_circuit};
use crate::transport::stream::Side;

/// A socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// AF_*.
    pub family: i32,
    /// SOCK_*.
    pub socket_type: i32,
    /// IPPROTO_*.
    pub protocol: i32,
    /// WSA_FLAG_* of its creation.
    pub flags: u32,
    /// Set and cleared by FIONBIO.
    pub nonblocking: bool,
    /// Set by a bind or a connect.
    pub local: Option<SocketAddress>,
    /// How it shares its local name.
    pub bound: Bound,
    /// What WSPSetSockOpt has set.
    pub options: Options,
    /// What it does.
    pub role: Role,
    /// Its registration for network events, and what happened.
    pub events: EventRecord,
    /// The completion port that its operations report to, once there was one.
    pub port: Option<Association>,
    /// What keeps it open: descriptors, claims, lower numbers. At zero the close starts.
    pub handles: u32,
    /// What keeps it at all: handles, pending operations, calls that wait. At zero it is freed.
    pub references: u32,
    /// How many operations on it are pending: the place of the newest.
    pub operations: u32,
    /// Who made it, where a footprint asks for that ([`crate::footprint`]); zero otherwise.
    #[serde(default, skip_serializing_if = "crate::footprint::is_nobody")]
    pub origin: u32,
}

impl Endpoint {
    /// Whether what is sent to its local name may be for it; a connected stream has its own way.
    pub(crate) fn competes(&self) -> bool {
        !matches!(self.role, Role::Connected { .. } | Role::Closed)
    }

    /// Whether it is as another was, but for how many handles and references it has.
    pub(crate) fn is_but_for_counts(&self, other: &Endpoint) -> bool {
        let (handles, references, operations) = (other.handles, other.references, other.operations);
        Endpoint { handles, references, operations, ..self.clone() } == *other
    }

    /// What its protocol offers.
    pub fn service(&self) -> Service {
        Service::of(self.socket_type, self.protocol)
    }

    /// Whether it has connections.
    pub fn is_circuit(&self) -> bool {
        is_circuit(self.socket_type)
    }

    /// Whether a request is granted only by WSPAccept: SO_CONDITIONAL_ACCEPT, or because user data goes with the grant.
    pub fn grants_at_accept(&self) -> bool {
        self.options.conditional_accept || self.service().user_data
    }

    /// What a datagram socket keeps.
    pub fn datagrams(&self) -> Option<&DatagramSocket> {
        match &self.role {
            Role::Datagram(datagrams) => Some(datagrams),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn datagrams_mut(&mut self) -> Option<&mut DatagramSocket> {
        match &mut self.role {
            Role::Datagram(datagrams) => Some(datagrams),
            _ => None,
        }
    }
}

/// What a socket does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Nothing yet.
    Unconnected {
        /// Why the last attempt to connect failed, until someone has been told.
        failure: Option<ErrorCode>,
    },
    /// It waits for connections.
    Listening(Listening),
    /// An attempt to connect is on its way.
    Connecting {
        /// The connection.
        connection: ConnectionId,
    },
    /// It is connected, perhaps to an end that is gone.
    Connected {
        /// The connection.
        connection: ConnectionId,
        /// Which end it is.
        side: Side,
    },
    /// It sends and receives datagrams.
    Datagram(DatagramSocket),
    /// The last handle is closed; only references keep the object.
    Closed,
}

/// How a socket shares its local name; set by the bind, and not changed by options that are set later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bound {
    /// SO_EXCLUSIVEADDRUSE was set at the bind.
    pub exclusive: bool,
    /// Its place among the sockets that have the same name, from 0, by time of bind. It decides who receives what is
    /// sent there (decision `shared-name-receiver`).
    pub turn: u32,
}

/// A listening socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listening {
    /// How many connections may wait.
    pub limit: u32,
    /// The connections that wait, the oldest first.
    pub backlog: VecDeque<ConnectionId>,
}
