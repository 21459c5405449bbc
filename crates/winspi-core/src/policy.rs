//! Decisions: what winspi does where the documents are silent, contradict each other, or differ from real systems.
//!
//! Each has a name, and a heading with question, alternatives and evidence in `docs/decisions.md`. Those that a world
//! can take either way are fields of [`Policy`].

use std::fmt;

use serde::{Deserialize, Serialize};
use winspi_types::Version;

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
    /// Which layers may stand over which.
    IfsOverNonIfs = "ifs-over-non-ifs",
    /// When a layer gives a closed handle back while operations are pending.
    CloseWaitsForCompletions = "close-waits-for-completions",
    /// What becomes of a datagram that finds nobody.
    DatagramToNobody = "datagram-to-nobody",
    /// When a datagram has to wait before it is sent, and when it finds no room.
    DatagramSend = "datagram-send",
    /// Which addresses are broadcast addresses, and who receives what is sent there.
    BroadcastAddresses = "broadcast-addresses",
    /// Who of several sockets with one name receives.
    SharedNameReceiver = "shared-name-receiver",
    /// Whether a wildcard name and a specific one with the same port conflict.
    WildcardBind = "wildcard-bind",
    /// What WSPRecvFrom gives on a connected socket.
    RecvFromConnected = "recvfrom-connected",
    /// When a place for the sender's name that is too small is noticed.
    SmallFromLength = "small-fromlen",
    /// What WSPRecv gives on a datagram socket without a peer.
    RecvWithoutPeer = "recv-without-peer",
    /// What an option gives on a socket that it is not for.
    PlausibleOptions = "plausible-options",
    /// What the reserved options give.
    ReservedOptions = "reserved-options",
    /// How much of a requested buffer is granted.
    BufferSizes = "buffer-sizes",
    /// Whether SO_REUSEADDR and SO_EXCLUSIVEADDRUSE can both be set.
    AddressOptions = "address-options",
    /// Which failures SO_ERROR tells.
    SocketError = "socket-error",
    /// What the linger options mean where nobody can wait, and what a close gives when its time is up.
    LingerClose = "linger-close",
    /// Who may make raw sockets.
    RawSockets = "raw-sockets",
    /// Which versions Ws2_32 takes from a provider.
    ProviderVersions = "provider-versions",
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
    /// See `datagram-to-nobody`.
    pub datagram_to_nobody: DatagramToNobody,
    /// See `wildcard-bind`.
    pub wildcard_bind: WildcardBind,
    /// See `provider-versions`: the lowest and the highest; the highest is asked for.
    pub provider_versions: (Version, Version),
}

impl Default for Policy {
    /// The profile `documented`.
    fn default() -> Policy {
        Policy {
            modify_handle: ModifyHandle::Same,
            ephemeral_ports: (1024, 5000),
            stream_buffer: 65_536,
            backlog_limit: 200,
            datagram_to_nobody: DatagramToNobody::Answered,
            wildcard_bind: WildcardBind::Conflicts,
            provider_versions: (Version::V2_2, Version::V2_2),
        }
    }
}

/// What becomes of a datagram that finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DatagramToNobody {
    /// It is dropped, and its sender never knows.
    Dropped,
    /// Its sender is answered, and told by the next receive unless SIO_UDP_CONNRESET was set to FALSE.
    Answered,
}

/// Whether a wildcard name and a specific one with the same port conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WildcardBind {
    /// The second bind is as if the names were alike.
    Conflicts,
    /// Both may be; the specific one receives before the wildcard.
    Coexists,
}

/// Which handle WPUModifyIFSHandle gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModifyHandle {
    /// The proposed one.
    Same,
    /// Another value that means the same kernel object: the two low bits differ.
    Changed,
}
