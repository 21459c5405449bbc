//! Completion ports: queues of what is done.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::id::{CellId, PortId};
use crate::kernel::operation::Completion;

/// A completion port. It lives while a handle leads to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CompletionPort {
    /// How many handles lead to it.
    pub handles: u32,
    /// What was reported and not taken, the oldest first.
    pub packets: VecDeque<Packet>,
}

/// A report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Packet {
    /// The key of the association, or what PostQueuedCompletionStatus gave.
    pub key: u64,
    /// The WSAOVERLAPPED, a pointer of the process that issued the operation; none if a post gave none.
    pub overlapped: Option<CellId>,
    /// How the operation ended.
    pub completion: Completion,
}

/// That a socket reports to a port. It is made once and stays: `completion-port-once`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Association {
    /// The port; none when its last handle was closed.
    pub port: Option<PortId>,
    /// What its reports carry.
    pub key: u64,
}
