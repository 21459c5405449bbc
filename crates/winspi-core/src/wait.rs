//! Waiting: a question about the world, not an entry in a list.
//!
//! [`crate::system::System::enabled`] asks it. Waking promises nothing; who waits looks again. A wait names what the
//! waiter holds its socket by, so that a close by another thread ends it.

use serde::{Deserialize, Serialize};
use slotmap::Key;

use crate::id::{CellId, EndpointId, Handle, InstanceId, Pid};
use crate::kernel::handle::Slot;
use crate::kernel::memory::Overlapped;
use crate::transport::Role;
use crate::world::World;

/// What a thread waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wait {
    /// Something to receive, or the end of the stream.
    Readable(Socket),
    /// The same, or part of a message.
    Part(Socket),
    /// Room to send.
    Writable(Socket),
    /// A connection in the backlog.
    Backlog(Socket),
    /// The end of an attempt to connect.
    Connected(Socket),
    /// A message of the bus, from this process or any.
    Message {
        /// Who waits.
        process: Pid,
        /// From whom.
        from: Option<Pid>,
    },
    /// A signalled object, or the deadline.
    Signalled {
        /// Who waits.
        process: Pid,
        /// The object.
        handle: Handle,
        /// In milliseconds of virtual time.
        deadline: Option<Deadline>,
    },
    /// One or all of several objects, or the deadline.
    Several {
        /// Who waits.
        process: Pid,
        /// The objects.
        handles: Vec<Handle>,
        /// Whether all have to be signalled.
        all: bool,
        /// In milliseconds of virtual time.
        deadline: Option<Deadline>,
    },
    /// Something in a completion port, or the deadline.
    Packet {
        /// Who waits.
        process: Pid,
        /// The port.
        port: Handle,
        /// In milliseconds of virtual time.
        deadline: Option<Deadline>,
    },
    /// Nothing but a moment; none never comes.
    Time(Option<Deadline>),
    /// The end of an overlapped operation.
    Completed {
        /// The process of the WSAOVERLAPPED.
        process: Pid,
        /// The WSAOVERLAPPED.
        cell: CellId,
    },
    /// The arrival of all that a socket has sent, or the deadline.
    Sent {
        /// The socket.
        socket: Socket,
        /// When the close gives up.
        deadline: Deadline,
    },
    /// The end of another thread's start of a provider.
    Started(InstanceId),
    /// The end of all operations of a layer's or base's socket record.
    Drained {
        /// Whose record.
        instance: InstanceId,
        /// Which one.
        record: u32,
    },
}

/// A moment of virtual time, in milliseconds since the world began.
///
/// The fingerprint sees it relative to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Deadline(pub u64);

/// A socket as a provider's function has it: the object and what it is held by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Socket {
    /// What leads to it.
    pub holder: Holder,
    /// The object.
    pub endpoint: EndpointId,
}

/// What leads to a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Holder {
    /// A handle of a process.
    Handle(Pid, Handle),
    /// A lower number of the non-IFS base in a process.
    Lower(InstanceId, u32),
}

impl Wait {
    /// Whether what is waited for is so.
    pub fn is_over(&self, world: &World) -> bool {
        match self {
            Wait::Readable(s) => world.lost(s) || world.can_receive(s.endpoint),
            Wait::Part(s) => world.lost(s) || world.can_receive_part(s.endpoint),
            Wait::Writable(s) => world.lost(s) || world.can_send(s.endpoint),
            Wait::Backlog(s) => {
                world.lost(s)
                    || match &world.socket(s.endpoint).role {
                        Role::Listening(listening) => !listening.backlog.is_empty(),
                        _ => true,
                    }
            }
            Wait::Connected(s) => world.lost(s) || !matches!(world.socket(s.endpoint).role, Role::Connecting { .. }),
            Wait::Message { process, from } => world.inbox(*process, *from).has_message(*process, *from),
            Wait::Signalled { process, handle, deadline } => {
                deadline.is_some_and(|d| d.0 <= world.now()) || world.is_signalled(*process, *handle).unwrap_or(true)
            }
            Wait::Several { process, handles, all, deadline } => {
                let mut signalled = handles.iter().map(|h| world.is_signalled(*process, *h));
                let gone = signalled.clone().any(|s| s.is_none());
                let so = |s| s == Some(true);
                let over = if *all { signalled.all(so) } else { signalled.any(so) };
                gone || over || deadline.is_some_and(|d| d.0 <= world.now())
            }
            Wait::Packet { process, port, deadline } => {
                let waits = match world.slot(*process, *port) {
                    Slot::Port(id) => world.port(id).is_some_and(|port| port.packets.is_empty()),
                    _ => false,
                };
                !waits || deadline.is_some_and(|d| d.0 <= world.now())
            }
            Wait::Time(deadline) => deadline.is_some_and(|d| d.0 <= world.now()),
            Wait::Completed { process, cell } => {
                world.overlapped(*process, *cell).is_none_or(|o| o.internal != Overlapped::IN_PROGRESS)
            }
            Wait::Sent { socket, deadline } => {
                deadline.0 <= world.now() || world.lost(socket) || !world.has_unsent(socket.endpoint)
            }
            Wait::Started(instance) => !world.is_loading(*instance),
            Wait::Drained { instance, record } => world.operations_of_record(*instance, *record) == 0,
        }
    }

    /// The same question as events tell it: a socket is named by what leads to it, and its key, which is history and
    /// would differ after a restore, is null.
    pub(crate) fn told(&self) -> Wait {
        let mut told = self.clone();
        match &mut told {
            Wait::Readable(s)
            | Wait::Part(s)
            | Wait::Writable(s)
            | Wait::Backlog(s)
            | Wait::Connected(s)
            | Wait::Sent { socket: s, .. } => {
                s.endpoint = EndpointId(slotmap::DefaultKey::null());
            }
            _ => {}
        }
        told
    }

    /// When the wait ends by itself, in milliseconds of virtual time.
    pub fn deadline(&self) -> Option<u64> {
        match self {
            Wait::Signalled { deadline, .. }
            | Wait::Several { deadline, .. }
            | Wait::Packet { deadline, .. }
            | Wait::Time(deadline) => deadline.map(|d| d.0),
            Wait::Sent { deadline, .. } => Some(deadline.0),
            _ => None,
        }
    }
}
