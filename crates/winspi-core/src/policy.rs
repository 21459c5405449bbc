//! Decisions: what winspi does where the documents are silent, contradict each other, or differ from real systems.
//!
//! Each has a name, and a heading with question, alternatives and evidence in `docs/decisions.md`. Those that a world
//! can take either way are fields of [`Policy`].

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! decisions {
    ($( $(#[$doc:meta])* $name:ident = $id:literal, )*) => {
        /// A decision by its name in `docs/decisions.md`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Decision {
            $( $(#[$doc])* $name, )*
        }

        impl Decision {
            /// All decisions.
            pub const ALL: &[Decision] = &[$( Decision::$name, )*];

            /// The name.
            pub const fn id(self) -> &'static str {
                match self {
                    $( Decision::$name => $id, )*
                }
            }
        }
    };
}

decisions! {
    /// Which port a bind to port 0 gets.
    EphemeralPorts = "ephemeral-ports",
    /// Which handle WPUModifyIFSHandle gives back.
    ModifyHandle = "modify-handle",
    /// What Ws2_32 takes out of its table after an IFS provider has closed a socket.
    DescriptorRemoval = "descriptor-removal",
    /// What becomes of a number that Ws2_32 does not know.
    UnknownHandle = "unknown-handle",
    /// Which provider answers a WSP* line for a number that Ws2_32 does not know.
    UnknownHandleProvider = "unknown-handle-provider",
    /// When a connection is established.
    ConnectionAtBacklog = "connection-at-backlog",
    /// Who can redeem an info.
    InfoRedeemedByTarget = "info-redeemed-by-target",
    /// Which process an info may be made for.
    DuplicateTarget = "duplicate-target",
    /// How many bytes a direction of a connection holds.
    StreamBuffer = "stream-buffer",
    /// What a close does with data that was not read.
    CloseUnread = "close-unread",
    /// How connections end when a process ends.
    ProcessEndCloses = "process-end-closes",
    /// Whose overlapped operations a close cancels.
    CloseCancels = "close-cancels",
    /// What a blocked call gives when its descriptor is closed.
    CloseUnderCall = "close-under-call",
    /// What overlapped parameters mean on a socket without the overlapped attribute.
    OverlappedOnPlain = "overlapped-on-plain",
    /// What an unknown catalog entry id in an upcall gives.
    UnknownCatalogEntry = "unknown-catalog-entry",
    /// What a send over the bus to no process gives.
    BusToNobody = "bus-to-nobody",
    /// What an outcome of another function becomes.
    ForeignShape = "foreign-shape",
    /// Which addresses the machine has.
    LocalAddresses = "local-addresses",
    /// What an invalid handle gives in a Win32 call.
    Win32Handle = "win32-handle",
    /// The order of checks in WSPDuplicateSocket.
    OrderOfChecks = "order-of-checks",
    /// Which provider WSPSocket chooses.
    ProviderChoice = "provider-choice",
    /// The longest backlog.
    BacklogLimit = "backlog-limit",
    /// What the final WSPCleanup does with open sockets.
    FinalCleanup = "final-cleanup",
    /// What WSPGetSockName gives for a wildcard name.
    WildcardName = "wildcard-name",
    /// What a call of memory that is freed or bad gives.
    BadMemory = "bad-memory",
    /// What becomes of a connection that loses a segment.
    LostSegment = "lost-segment",
    /// What a process that nobody may open gives.
    AccessDenied = "access-denied",
    /// What a call gives when no memory is left.
    NoMemory = "no-memory",
    /// Which layers may stand over which.
    IfsOverNonIfs = "ifs-over-non-ifs",
    /// When a layer gives a closed handle back while operations are pending.
    CloseWaitsForCompletions = "close-waits-for-completions",
}

impl Decision {
    /// The decision of this name.
    pub fn find(id: &str) -> Option<Decision> {
        Decision::ALL.iter().copied().find(|d| d.id() == id)
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Decision {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Decision {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Decision::find(&id).ok_or_else(|| serde::de::Error::custom(format!("no decision is called {id}")))
    }
}

/// The choices of one world.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Policy {
    /// See `modify-handle` in `docs/decisions.md`.
    pub modify_handle: ModifyHandle,
    /// See `ephemeral-ports`: the first and the last port.
    pub ephemeral_ports: (u16, u16),
    /// See `stream-buffer`: in bytes, for each direction.
    pub stream_buffer: u32,
    /// See `backlog-limit`.
    pub backlog_limit: u32,
}

impl Default for Policy {
    /// The profile `documented`.
    fn default() -> Policy {
        Policy {
            modify_handle: ModifyHandle::Same,
            ephemeral_ports: (1024, 5000),
            stream_buffer: 65_536,
            backlog_limit: 200,
        }
    }
}

/// Which handle WPUModifyIFSHandle gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModifyHandle {
    /// The proposed one.
    Same,
    /// Another value that means the same kernel object: the two low bits differ.
    Changed,
}
