//! Overlapped operations: what is left of a call after WSA_IO_PENDING.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::id::{Age, CellId, Handle, InstanceId, Tid};
use crate::value::Buffer;
use crate::wait::{Holder, Socket};

/// An operation that a base provider has pending, or finished and not yet indicated.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Operation {
    /// The provider that carries it out; its process issued the operation.
    pub instance: InstanceId,
    /// The thread that issued it: CancelIo takes its own only.
    pub thread: Tid,
    /// The socket, and what the issuer held it by.
    pub socket: Socket,
    /// The handle that the client named.
    pub handle: Handle,
    /// Whether the value of that handle was registered anew since.
    pub strayed: bool,
    /// The WSAOVERLAPPED.
    pub cell: CellId,
    /// What is to be done.
    pub kind: OperationKind,
    /// Pending, or how it ended.
    pub state: OperationState,
    /// When it was issued: the oldest is served first.
    pub age: Age,
    /// Its place among the pending operations of its socket, from 1; 0 once it is done.
    pub order: u32,
}

impl Operation {
    /// What tells it from others: an order that does not depend on the arena.
    pub(crate) fn place(&self) -> (InstanceId, CellId, u32, Holder, Handle) {
        (self.instance, self.cell, self.order, self.socket.holder, self.handle)
    }
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OperationKind {
    /// Receive into these buffers.
    Receive(Vec<Buffer>),
    /// Receive one datagram into these buffers.
    ReceiveFrom {
        /// Where its bytes go.
        buffers: Vec<Buffer>,
        /// Where the sender's name goes.
        from: Option<CellId>,
    },
    /// Send what is left of these bytes.
    Send {
        /// The bytes.
        data: Arc<[u8]>,
        /// How many are gone already.
        sent: usize,
        /// The cells that they stand in: the program's until the end.
        cells: Vec<CellId>,
    },
}

impl OperationKind {
    /// Whether it is one that receives.
    pub fn receives(&self) -> bool {
        matches!(self, OperationKind::Receive(_) | OperationKind::ReceiveFrom { .. })
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OperationState {
    /// It is pending.
    Pending,
    /// It is done, and the provider has still to announce it.
    Done(Completion),
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Completion {
    /// 0, or the code.
    pub error: ErrorCode,
    /// In bytes.
    pub transferred: u32,
    /// MSG_*.
    pub flags: u32,
}
