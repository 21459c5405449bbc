//! Names of things.
//!
//! What a program sees is a number: [`Pid`], [`Handle`]. What the world uses inside is a key: [`EndpointId`] and its
//! like lead into an arena, and their order is history that never shows in behaviour or fingerprint.

use std::fmt;

use serde::{Deserialize, Serialize};
use slotmap::DefaultKey;

/// The identifier of a process, as `GetCurrentProcessId` gives it.
///
/// Processes are numbered 1000, 1004, 1008, ... in the order in which they start. Only `fault pid_reuse` lets programs
/// know one by the number of another, which has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pid(pub u32);

impl Pid {
    const FIRST: u32 = 1000;

    /// The identifier of the `index`-th process of a world.
    pub fn of_index(index: usize) -> Pid {
        Pid(Pid::FIRST.saturating_add(u32::try_from(index).unwrap_or(u32::MAX / 4).saturating_mul(4)))
    }

    /// The place of the process in the order of start; `None` for a number that no process can have.
    pub fn index(self) -> Option<usize> {
        let distance = self.0.checked_sub(Pid::FIRST)?;
        (distance % 4 == 0).then_some((distance / 4) as usize)
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A thread: its process and its number there; the main thread is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tid {
    /// The process that the thread belongs to.
    pub process: Pid,
    /// Its number in the order of creation within the process.
    pub ordinal: u16,
}

impl Tid {
    /// The main thread of a process.
    pub fn main(process: Pid) -> Tid {
        Tid { process, ordinal: 0 }
    }
}

impl Tid {
    /// The identifier of the thread, as `GetCurrentThreadId` gives it. No process has the same number.
    pub fn number(self) -> u32 {
        let index = self.process.index().and_then(|index| u32::try_from(index).ok()).unwrap_or(0);
        0x1_0000_u32.saturating_mul(index.saturating_add(1)).saturating_add(2 + 4 * u32::from(self.ordinal))
    }
}

impl fmt::Display for Tid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.process, self.ordinal)
    }
}

/// The number that a program sees: SOCKET, HANDLE or WSAEVENT.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Handle(pub u64);

impl Handle {
    /// `INVALID_SOCKET` and `INVALID_HANDLE_VALUE`.
    pub const INVALID: Handle = Handle(u64::MAX);
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Handle::INVALID { f.write_str("INVALID_SOCKET") } else { write!(f, "{:#x}", self.0) }
    }
}

/// A provider of the catalog, by its place in the list of providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProviderId(pub u16);

/// A provider as one process has it: made by WSPStartup, gone after the last WSPCleanup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstanceId {
    /// The process.
    pub process: Pid,
    /// The provider.
    pub provider: ProviderId,
}

/// A cell of a process's memory, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellId(pub u32);

/// A callback of a program; only the program knows what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallbackId(pub u32);

/// A party outside the world: a provider or a program in Rust that answers by transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartyId(pub u16);

/// A socket: the kernel object beneath descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EndpointId(pub(crate) DefaultKey);

/// A connection of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionId(pub(crate) DefaultKey);

/// An event object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(pub(crate) DefaultKey);

/// A completion port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PortId(pub(crate) DefaultKey);

/// A file mapping: memory that processes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SectionId(pub(crate) DefaultKey);

/// An overlapped operation that is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId(pub(crate) DefaultKey);

/// A number that only the order of events gives: it decides what a scheduler takes first, never what may happen.
///
/// It is no state: all are equal, and the fingerprint leaves it out.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Age(pub u64);

impl PartialEq for Age {
    fn eq(&self, _: &Age) -> bool {
        true
    }
}

impl Eq for Age {}

impl std::hash::Hash for Age {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}
