//! A socket: the object beneath descriptors. What is here is seen alike through all of them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, SocketAddress};

use crate::id::ConnectionId;
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
    /// What it does.
    pub role: Role,
    /// What keeps it open: descriptors, claims, lower numbers. At zero the close starts.
    pub handles: u32,
    /// What keeps it at all: handles, pending operations, calls that wait. At zero it is freed.
    pub references: u32,
    /// How many operations on it are pending: the place of the newest.
    pub operations: u32,
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
    /// The last handle is closed; only references keep the object.
    Closed,
}

/// A listening socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listening {
    /// How many connections may wait.
    pub limit: u32,
    /// The connections that wait, the oldest first.
    pub backlog: VecDeque<ConnectionId>,
}
