//! Transitions: the one way in which a system changes.

use serde::{Deserialize, Serialize};
use winspi_types::SocketAddress;

use crate::fault::Fault;
use crate::id::{CellId, Handle, Pid, Tid};
use crate::protocol::Step;

/// Something that may happen next. It is named by what it is, not by a place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Transition {
    /// A thread goes on, to its next boundary.
    Go(Tid),
    /// A thread goes on by one step of an activation, whatever the grain.
    Step(Tid),
    /// A thread that may choose takes one of its choices, and goes on to its next boundary.
    Choose {
        /// The thread.
        thread: Tid,
        /// What it takes.
        choice: Choice,
    },
    /// The oldest segment between two ends of a connection arrives.
    Deliver {
        /// The end that sent it.
        from: SocketAddress,
        /// The end that it reaches.
        to: SocketAddress,
    },
    /// The oldest datagram between two names arrives.
    DeliverDatagram {
        /// The name that sent it.
        from: SocketAddress,
        /// The name that it was sent to.
        to: SocketAddress,
    },
    /// The oldest datagram between two names is lost: a fault.
    LoseDatagram {
        /// The name that sent it.
        from: SocketAddress,
        /// The name that it was sent to.
        to: SocketAddress,
    },
    /// The oldest message between two processes arrives.
    DeliverMessage {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
    },
    /// An overlapped operation is carried out, or a part of it.
    Complete {
        /// The process that issued it.
        process: Pid,
        /// Its WSAOVERLAPPED.
        cell: CellId,
    },
    /// Time passes to the next deadline.
    TimePasses,
    /// So many milliseconds pass, or as many as there are to the next deadline.
    Advance(u64),
    /// A message of the bus arrives before older ones between the same processes.
    Overtake {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// Which message on its way, from 1, the oldest first.
        number: u32,
    },
    /// A message of the bus is lost.
    LoseMessage {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// Which message.
        number: u32,
    },
    /// A message of the bus is on its way twice.
    DuplicateMessage {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// Which message.
        number: u32,
    },
    /// All bits of one byte of a message of the bus are turned over.
    DamageMessage {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// Which message.
        number: u32,
        /// Which byte, from 0.
        byte: u32,
    },
    /// The oldest segment between two ends of a connection is lost for good (decision `lost-segment`).
    LoseSegment {
        /// The end that sent it.
        from: SocketAddress,
        /// The end that it does not reach.
        to: SocketAddress,
    },
    /// Something goes wrong from now on.
    Fault(Fault),
    /// Nothing that [`Transition::Fault`] switched on goes wrong any more.
    ClearFaults,
    /// A process ends at once: a fault.
    Kill(Pid),
    /// A party outside answers.
    Answer {
        /// The thread that it was asked on.
        thread: Tid,
        /// The number of the question.
        number: u64,
        /// What it returns or asks.
        step: Step<()>,
    },
}

/// One of several ways in which a program may go on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Choice {
    /// Which of the alternatives, from 1.
    pub alternative: u32,
    /// The handles that it takes, in the order in which it asks for some.
    pub handles: Vec<Handle>,
}

/// Why a transition cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEnabled {
    /// The thread does not exist, waits, has nothing to do, or has ended.
    #[error("thread {0} cannot go on now")]
    Thread(Tid),
    /// The thread has other choices, or none.
    #[error("thread {0} has no such choice now")]
    Choice(Tid),
    /// Nothing is on the way between these ends.
    #[error("nothing is on its way from {from} to {to}")]
    Nothing {
        /// The end that would have sent it.
        from: SocketAddress,
        /// The end that would be reached.
        to: SocketAddress,
    },
    /// No message is on the way between these processes.
    #[error("no message is on its way from process {from} to process {to}")]
    NoMessage {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
    },
    /// A message has no such byte.
    #[error("the message from process {from} to process {to} has {length} bytes, and no byte {byte}")]
    NoByte {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// The byte.
        byte: u32,
        /// The length of the message.
        length: usize,
    },
    /// No operation of this name can be carried out.
    #[error("no operation of process {process} with WSAOVERLAPPED {} can be carried out now", cell.0)]
    Operation {
        /// The process.
        process: Pid,
        /// The WSAOVERLAPPED.
        cell: CellId,
    },
    /// Nobody waits with a deadline.
    #[error("no thread waits with a deadline")]
    NoDeadline,
    /// The process does not run.
    #[error("process {0} does not run")]
    Process(Pid),
    /// The identifier of the process cannot be another's: it has not ended, or another has it already.
    #[error("the identifier of process {0} is in use")]
    Identifier(Pid),
    /// Nobody was asked this; the question was answered, or its thread has ended.
    #[error("thread {thread} has not asked question {number}")]
    NotAsked {
        /// The thread.
        thread: Tid,
        /// The number.
        number: u64,
    },
}

impl Transition {
    /// The thread that goes on by it.
    pub fn thread(&self) -> Option<Tid> {
        match self {
            Transition::Go(thread) | Transition::Step(thread) | Transition::Choose { thread, .. } => Some(*thread),
            _ => None,
        }
    }

    /// Whether it is a fault, which only a schedule or an explorer brings about.
    pub fn is_fault(&self) -> bool {
        match self {
            Transition::Kill(_)
            | Transition::Overtake { .. }
            | Transition::LoseMessage { .. }
            | Transition::DuplicateMessage { .. }
            | Transition::DamageMessage { .. }
            | Transition::LoseSegment { .. }
            | Transition::LoseDatagram { .. }
            | Transition::Fault(_)
            | Transition::ClearFaults => true,
            Transition::Go(_)
            | Transition::Step(_)
            | Transition::Choose { .. }
            | Transition::Deliver { .. }
            | Transition::DeliverDatagram { .. }
            | Transition::DeliverMessage { .. }
            | Transition::Complete { .. }
            | Transition::TimePasses
            | Transition::Advance(_)
            | Transition::Answer { .. } => false,
        }
    }
}
