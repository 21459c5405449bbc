//! What happened: the events that a transition gives, in order.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, SocketAddress};

use crate::call::Call;
pub use crate::hazard::{Hazard, HazardKind};
use crate::id::{CellId, Handle, InstanceId, Pid, Tid};
use crate::kernel::operation::Completion;
use crate::outcome::{Basis, Outcome, Who};
use crate::wait::Wait;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event {
    /// A call reached a party.
    Enter {
        /// The thread.
        thread: Tid,
        /// How many calls stand below it on the stack.
        depth: u16,
        /// The party.
        who: Who,
        /// The call.
        call: Arc<Call>,
    },
    /// A call came back from a party.
    Leave {
        /// The thread.
        thread: Tid,
        /// As at the enter.
        depth: u16,
        /// The party.
        who: Who,
        /// The call.
        call: Arc<Call>,
        /// What it gave.
        outcome: Outcome,
    },
    /// A party carried out a rule that does not end in a refusal.
    Rule {
        /// The thread.
        thread: Tid,
        /// The party, if it is a provider.
        by: Option<InstanceId>,
        /// The rule.
        basis: Basis,
    },
    /// A thread began to wait.
    Waits {
        /// The thread.
        thread: Tid,
        /// What for. The key of a socket is null here: what leads to it is its name.
        wait: Wait,
    },
    /// A segment of a connection arrived.
    Delivered {
        /// The name of the end that sent it.
        from: SocketAddress,
        /// The name of the end that it reached.
        to: SocketAddress,
        /// What it was.
        what: Travelled,
    },
    /// A message of the bus arrived.
    Message {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// Its length in bytes.
        length: usize,
    },
    /// An overlapped operation ended.
    Completed {
        /// The process that issued it.
        process: Pid,
        /// Its WSAOVERLAPPED.
        cell: CellId,
        /// How it ended.
        completion: Completion,
    },
    /// A network event was recorded, and the event object of its registration is set.
    NetworkEvent {
        /// The process whose event it is.
        process: Pid,
        /// The event.
        event: Handle,
        /// FD_*.
        network_event: u32,
        /// The code of the event.
        error: ErrorCode,
    },
    /// A declared process was started by CreateProcess.
    Started {
        /// The process.
        process: Pid,
    },
    /// A process ended.
    Ended {
        /// The process.
        process: Pid,
        /// Its exit code.
        code: u32,
    },
    /// Virtual time passed.
    Time {
        /// What time it is now, in milliseconds since the world began.
        now: u64,
    },
    /// A provider broke a duty.
    Breach(Breach),
    /// Something that works and may not be meant.
    Hazard(Hazard),
}

impl Event {
    /// Whether a check asks for it, or it is a finding by itself.
    pub(crate) fn is_checked(&self) -> bool {
        match self {
            Event::Enter { .. } | Event::Leave { .. } | Event::Completed { .. } | Event::Ended { .. } => true,
            Event::Breach(_) | Event::Hazard(_) => true,
            Event::Rule { .. } | Event::Waits { .. } | Event::Delivered { .. } | Event::Message { .. } => false,
            Event::NetworkEvent { .. } | Event::Started { .. } | Event::Time { .. } => false,
        }
    }
}

/// What a delivery brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Travelled {
    /// A request that found room in a backlog.
    Request,
    /// A request that found nobody, or no room.
    RequestRefused,
    /// The grant of a request.
    Grant,
    /// So many bytes.
    Data(usize),
    /// Bytes that found nobody to read them.
    DataRefused(usize),
    /// The end of the stream.
    Finish,
    /// A reset.
    Reset,
    /// A datagram of so many bytes.
    Datagram(usize),
    /// A datagram that nobody there takes, or that finds no room.
    DatagramDropped(usize),
    /// A datagram that was lost on its way.
    DatagramLost(usize),
    /// The answer that a datagram found nobody.
    Unreachable,
}

impl fmt::Display for Travelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Travelled::Request => f.write_str("a request for a connection, which waits in the backlog"),
            Travelled::RequestRefused => f.write_str("a request for a connection, which finds nobody"),
            Travelled::Grant => f.write_str("the grant of the connection"),
            Travelled::Data(length) => write!(f, "{length} bytes"),
            Travelled::DataRefused(length) => write!(f, "{length} bytes, which nobody will read"),
            Travelled::Finish => f.write_str("the end of the stream"),
            Travelled::Reset => f.write_str("a reset"),
            Travelled::Datagram(length) => write!(f, "a datagram of {length} bytes"),
            Travelled::DatagramDropped(length) => write!(f, "a datagram of {length} bytes, which nobody takes"),
            Travelled::DatagramLost(length) => write!(f, "a datagram of {length} bytes, which is lost"),
            Travelled::Unreachable => f.write_str("the news that a datagram found nobody"),
        }
    }
}

/// A provider broke a duty.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Breach {
    /// The provider.
    pub provider: InstanceId,
    /// The duty.
    pub duty: Duty,
    /// The rule that states it.
    pub basis: Basis,
    /// What was seen.
    pub seen: String,
}

/// The duties of providers that the verifier watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Every descriptor that a provider returns is registered for it.
    UnregisteredHandle,
    /// Every overlapped operation that was accepted is completed, once.
    UncompletedOperation,
    /// An outcome is one of the function that was called.
    ForeignShape,
}

impl Duty {
    /// The name, as `breaks NAME` of a layer has it.
    pub fn name(self) -> &'static str {
        match self {
            Duty::UnregisteredHandle => "unregistered-handle",
            Duty::UncompletedOperation => "uncompleted-operation",
            Duty::ForeignShape => "foreign-shape",
        }
    }
}
