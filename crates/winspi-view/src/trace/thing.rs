//! What a state consists of.

use serde::{Deserialize, Serialize};

use super::is_false;

/// Something in a state. Its key says what it is called: see each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Thing {
    /// `process source`.
    Process(Process),
    /// `thread source`, `thread source.worker`.
    Thread(Thread),
    /// `handle source 0x480`: a place in the table of handles, with the descriptor that Ws2_32 has for it.
    Handle(Handle),
    /// `socket 1`: the object beneath descriptors, numbered in the order in which sockets were made.
    Socket(Socket),
    /// `buffer 1`: the bytes of `socket 1`, while there are any.
    Buffer(Buffer),
    /// `event 1`, `port 1`, `mapping 1`: another object of the system.
    Object(Object),
    /// `operation source 3`: an overlapped operation, by the cell of its WSAOVERLAPPED.
    Operation(Operation),
    /// `faults`: what goes wrong at the moment.
    Faults {
        /// As statements have them.
        on: Vec<String>,
    },
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// The identifier that programs know it by.
    pub pid: u32,
    /// `declared`, `running`, `ended with code 1`.
    pub state: String,
    /// How often Ws2_32 was started there and not ended.
    pub startups: u32,
    /// The providers that are started there, each with how often.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thread {
    /// Its process.
    pub process: String,
    /// Where it stands.
    pub state: ThreadState,
    /// The calls on its stack, the lowest first, as `base WSPRecv`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<String>,
    /// What it waits for, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
    /// Who could bring it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whom: Vec<String>,
    /// The key of the object that it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// When the wait ends by itself, in milliseconds of virtual time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// The code that WSAGetLastError gives, by name; none while there was no failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// Where a thread stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThreadState {
    /// Before a line.
    Ready,
    /// Within a call.
    Calls,
    /// It waits.
    Waits,
    /// It has nothing to do: a thread of a provider.
    Idle,
    /// A party outside was asked.
    Asked,
    /// It has ended, or its lines are done.
    Ended,
}

/// A place in the table of handles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handle {
    /// The process.
    pub process: String,
    /// The value that programs see.
    pub handle: String,
    /// What it leads to.
    pub kind: HandleKind,
    /// The key of the object that it leads to in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// What lies between it and the object: lower numbers, records and lower handles of layers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
    /// The names that the scenario has for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// What Ws2_32 keeps for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descriptor: Option<Descriptor>,
    /// What it means, in words.
    pub means: String,
    /// Whether it came by inheritance or DuplicateHandle, and no provider knows it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub raw: bool,
}

/// What a handle leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandleKind {
    /// A socket of the system.
    Socket,
    /// A handle of Ws2_32 for a provider whose sockets are no handles.
    NonIfs,
    /// A duplicate that nobody has asked for yet.
    Claim,
    /// An event.
    Event,
    /// A process.
    Process,
    /// A thread.
    Thread,
    /// A completion port.
    Port,
    /// A file mapping.
    Mapping,
    /// Nothing any more: Ws2_32 keeps a descriptor, or a name still stands for the value.
    Stale,
}

/// What Ws2_32 keeps for a handle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Descriptor {
    /// dwCatalogEntryId.
    pub entry: u32,
    /// The provider that Ws2_32 calls.
    pub provider: String,
    /// Whether that is a layer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub layer: bool,
    /// The context that WPUQuerySocketHandleContext gives; IFS providers have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

/// A socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Socket {
    /// Family, type and protocol in words: `AF_INET SOCK_STREAM IPPROTO_TCP`.
    pub kind: String,
    /// `unconnected`, `listening`, `connecting`, `connected`, `closed`.
    pub state: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    /// The name of the other end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The key of the socket that has the other end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// How many handles it has, claims and lower numbers included.
    pub handles: u32,
    /// How many references: handles, operations and calls.
    pub references: u32,
    /// Who holds it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<Held>,
    /// How many requests wait, and how many may, where it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog: Option<(u32, u32)>,
    /// What else is not as usual, in words: options, shutdown, registrations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The bytes of a socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buffer {
    /// What can be received, chunk by chunk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<String>,
    /// How many bytes can be received.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unread: u32,
    /// How many bytes are on their way to it.
    #[serde(default, skip_serializing_if = "is_none")]
    pub incoming: u32,
    /// How many bytes of it are on their way or unread at the other end.
    #[serde(default, skip_serializing_if = "is_none")]
    pub outgoing: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(bytes: &u32) -> bool {
    *bytes == 0
}

/// Who holds a socket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The process, if one does.
    pub process: String,
    /// In what way.
    pub how: How,
    /// `0x480`, `claim 0x880`, `lower 1`, `token 1`, `operation 3`, `WSPRecv in progress`.
    pub by: String,
    /// The key of what it is held by, if that is in the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// In what way a socket is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A handle of a process.
    Handle,
    /// A duplicate that its process has not asked for.
    Claim,
    /// A lower number of the non-IFS base.
    Lower,
    /// A duplicate of the non-IFS base that its process has not asked for.
    Token,
    /// An overlapped operation.
    Operation,
    /// A call in progress.
    Call,
}

/// Another object of the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// What it is and how it stands, in words: `event, signalled, manual reset`.
    pub means: String,
    /// How many handles it has.
    pub handles: u32,
}

/// An overlapped operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The process that issued it.
    pub process: String,
    /// The provider that has it.
    pub provider: String,
    /// `receive`, `send of 5 bytes`.
    pub what: String,
    /// The key of the socket.
    pub socket: String,
    /// `pending`, or how it ended.
    pub state: String,
}
