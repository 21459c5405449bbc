//! What a call gives: [`Outcome`], with who answered and what the answer rests on.
//!
//! Errors are sorted by who is to blame. A code for the program is a [`Refusal`]; a provider that breaks a duty is a
//! [`crate::event::Breach`]; what winspi does not model is [`Refusal::NotModelled`], never a plausible result.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, RawProtocolInfoW, SocketAddress, StartupData, Version};

use crate::call::Call;
use crate::clause::Clause;
use crate::id::{CallbackId, CellId, Handle, InstanceId, PartyId, Pid};
use crate::policy::Decision;
use crate::value::Value;

/// The answer of a function: what it gives, or why not.
pub type Answer<T> = Result<T, Refusal>;

/// The result of a call as it goes back to who asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Outcome {
    /// What the call gave.
    pub result: Answer<Out>,
    /// Who answered; set when the outcome first passes the loop.
    pub by: Option<Who>,
}

/// Why a call does not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    /// A code for the program; also WSA_IO_PENDING.
    Code {
        /// The code.
        code: ErrorCode,
        /// What it rests on.
        basis: Basis,
        /// Out parameters that are written all the same.
        written: Vec<(String, Value)>,
    },
    /// winspi does not model this; the text names the gap.
    NotModelled(String),
}

impl Refusal {
    /// A refusal with a code and its basis.
    pub fn code(code: ErrorCode, basis: impl Into<Basis>) -> Refusal {
        Refusal::Code { code, basis: basis.into(), written: Vec::new() }
    }

    /// The same with an out parameter that is written all the same.
    #[must_use]
    pub fn writing(mut self, name: &str, value: Value) -> Refusal {
        if let Refusal::Code { written, .. } = &mut self {
            written.push((name.to_owned(), value));
        }
        self
    }

    /// A gap of the model.
    pub fn not_modelled(gap: impl Into<String>) -> Refusal {
        Refusal::NotModelled(gap.into())
    }
}

/// What a rule rests on: a clause of the catalogue, or a decision where the documents leave it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Basis {
    /// A clause.
    Clause(Clause),
    /// A decision.
    Decision(Decision),
}

impl From<Clause> for Basis {
    fn from(clause: Clause) -> Basis {
        Basis::Clause(clause)
    }
}

impl From<Decision> for Basis {
    fn from(decision: Decision) -> Basis {
        Basis::Decision(decision)
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Basis::Clause(clause) => write!(f, "{clause}"),
            Basis::Decision(decision) => write!(f, "{decision}"),
        }
    }
}

/// Who runs an activation, and so who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Who {
    /// The program, in a callback.
    Program,
    /// Ws2_32.
    Ws2_32,
    /// The system.
    Kernel,
    /// A provider in a process.
    Provider(InstanceId),
    /// A provider outside the world, and the instance it plays.
    Foreign(PartyId, InstanceId),
}

/// Refuses with a code and a clause unless the condition holds.
#[macro_export]
macro_rules! rule {
    ($holds:expr, $code:ident, $clause:expr) => {
        if !$holds {
            return Err($crate::outcome::Refusal::code(winspi_types::ErrorCode::$code, $crate::clause!($clause)));
        }
    };
}

/// A result of a function of some type.
pub trait OutValue: Sized {
    /// What the primary part is, in words: what a scenario means when it names the result as a whole.
    const GIVES: &'static str;
    /// The untyped result.
    fn wrap(self) -> Out;
    /// The typed result, if it is one of this type.
    fn open(out: Out) -> Option<Self>;
}

macro_rules! outs {
    ($( $(#[$doc:meta])* $variant:ident($ty:ty) = $gives:literal, )*) => {
        /// The result of a call that succeeds, by shape.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Out {
            /// Nothing but success.
            Done,
            $( $(#[$doc])* $variant($ty), )*
        }

        impl OutValue for () {
            const GIVES: &'static str = "nothing but success";
            fn wrap(self) -> Out {
                Out::Done
            }
            fn open(out: Out) -> Option<Self> {
                matches!(out, Out::Done).then_some(())
            }
        }

        $( impl OutValue for $ty {
            const GIVES: &'static str = $gives;
            fn wrap(self) -> Out {
                Out::$variant(self)
            }
            fn open(out: Out) -> Option<Self> {
                match out {
                    Out::$variant(inner) => Some(inner),
                    _ => None,
                }
            }
        } )*
    };
}

outs! {
    /// A number: the return value.
    Number(i64) = "the return value",
    /// A handle: the return value.
    Handle(Handle) = "the returned handle",
    /// A connection that was accepted.
    Accepted(Accepted) = "the new descriptor",
    /// Bytes that were sent.
    Sent(Sent) = "how many bytes were sent",
    /// Bytes that were received.
    Received(Received) = "the received bytes",
    /// A datagram that was received.
    ReceivedFrom(ReceivedFrom) = "the received bytes",
    /// The value of an option.
    Option(OptionValue) = "the value of the option",
    /// A protocol info.
    Info(Arc<RawProtocolInfoW>) = "the protocol info",
    /// A name of a socket.
    Name(SocketName) = "the name: a socket address",
    /// The result of an overlapped operation.
    Overlapped(OverlappedResult) = "how many bytes were transferred",
    /// A provider that was started.
    Started(Started) = "the version that was agreed on",
    /// Ws2_32 that was started.
    Startup(Startup) = "the version that was agreed on",
    /// A context.
    Context(Context) = "the context",
    /// The blocking hook of a thread.
    BlockingHook(BlockingHook) = "the hook of the thread",
    /// A number in another byte order.
    Converted(Converted) = "the number in the other byte order",
    /// A path.
    Path(String) = "the path",
    /// A message of the bus.
    Message(Message) = "the bytes of the message",
    /// The result of an ioctl.
    Ioctl(IoctlResult) = "what is in the out buffer",
    /// What the peer gave back with its grant.
    CalleeData(CalleeData) = "the callee data",
    /// What the peer sent with its disconnect.
    Disconnected(Disconnected) = "the disconnect data",
    /// Network events that were recorded.
    NetworkEvents(NetworkEvents) = "the network events",
    /// A process that was created.
    Process(ProcessInformation) = "the handles and identifiers of process and thread",
    /// Bytes that were read from a file.
    FileRead(FileRead) = "the bytes that were read",
    /// Bytes that were written to a file.
    FileWritten(FileWritten) = "how many bytes were written",
    /// The result of an overlapped operation on a file.
    Transferred(Transferred) = "how many bytes were transferred",
    /// A report of a completion port.
    Dequeued(Dequeued) = "the report of the port",
    /// A handle that was made in a process.
    TargetHandle(TargetHandle) = "the handle in the target process",
    /// The flags of a handle.
    HandleFlags(HandleInformation) = "the flags of the handle",
    /// An exit code.
    ExitCode(ExitCode) = "the exit code",
    /// Entries of the catalog.
    Protocols(Enumerated) = "the protocol infos: a list",
    /// A value as it is.
    Value(Value) = "a value",
    /// A cell of the process's memory.
    Cell(CellId) = "the object",
}

/// What WSPAccept gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Accepted {
    /// The new descriptor.
    pub s: Handle,
    /// The peer's name, if a place for it was given.
    pub addr: Option<SocketName>,
}

/// What WSPConnect gives: nothing but success, or what the peer gave back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Connected(pub Option<CalleeData>);

impl OutValue for Connected {
    const GIVES: &'static str = "the callee data, if the protocol carries any";
    fn wrap(self) -> Out {
        self.0.map_or(Out::Done, Out::CalleeData)
    }
    fn open(out: Out) -> Option<Connected> {
        match out {
            Out::Done => Some(Connected(None)),
            Out::CalleeData(data) => Some(Connected(Some(data))),
            _ => None,
        }
    }
}

/// What WSPConnect writes where the protocol carries connect data.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CalleeData {
    /// The bytes; none where the peer has given none.
    pub callee_data: Arc<[u8]>,
}

/// What WSPRecvDisconnect gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Disconnected {
    /// The bytes, if a place for them was given.
    pub inbound_disconnect_data: Option<Arc<[u8]>>,
}

/// What a condition function answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Verdict {
    /// CF_ACCEPT, CF_REJECT or CF_DEFER; a program may answer anything.
    pub value: i64,
    /// What it has put into the storage for callee data.
    pub callee_data: Arc<[u8]>,
    /// What it has put into `g`.
    pub group: i64,
}

impl From<i64> for Verdict {
    fn from(value: i64) -> Verdict {
        Verdict { value, callee_data: Arc::default(), group: 0 }
    }
}

/// A number, or a record where there is more than a number.
impl OutValue for Verdict {
    const GIVES: &'static str = "the answer";
    fn wrap(self) -> Out {
        if self.callee_data.is_empty() && self.group == 0 {
            return Out::Number(self.value);
        }
        Out::Value(record(vec![
            ("value", Value::Number(self.value)),
            ("callee_data", Value::Bytes(self.callee_data)),
            ("group", Value::Number(self.group)),
        ]))
    }
    fn open(out: Out) -> Option<Verdict> {
        let of = match out {
            Out::Number(value) => return Some(Verdict::from(value)),
            Out::Value(of @ Value::Record(_)) => of,
            _ => return None,
        };
        let number = |name: &str| of.field(name).map_or(Some(0), Value::number);
        let callee_data = of.field("callee_data").map_or_else(|| Some(Arc::default()), Value::to_bytes)?;
        Some(Verdict { value: number("value")?, callee_data, group: number("group")? })
    }
}

/// What a send gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sent {
    /// In bytes.
    pub number_of_bytes_sent: u32,
}

/// What a receive gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Received {
    /// What is in the buffers now.
    #[serde(serialize_with = "crate::canon::bytes")]
    pub data: Arc<[u8]>,
    /// In bytes.
    pub number_of_bytes_recvd: u32,
    /// MSG_* on return.
    pub flags: u32,
}

/// What WSPRecvFrom gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReceivedFrom {
    /// What is in the buffers now.
    #[serde(serialize_with = "crate::canon::bytes")]
    pub data: Arc<[u8]>,
    /// In bytes.
    pub number_of_bytes_recvd: u32,
    /// MSG_* on return.
    pub flags: u32,
    /// Who sent it, if a place for the name was given and the socket is connectionless.
    pub from: Option<SocketName>,
}

/// What WSPGetSockOpt gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OptionValue {
    /// The value: a number, a linger structure, a protocol info.
    pub optval: Value,
    /// Its size in bytes.
    pub optlen: u32,
}

/// A name and its length.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SocketName {
    /// The bytes of the sockaddr.
    pub name: Arc<[u8]>,
}

/// What WSPGetOverlappedResult gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OverlappedResult {
    /// In bytes.
    pub transfer: u32,
    /// MSG_* of the operation.
    pub flags: u32,
}

/// What WSPStartup gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Started {
    /// WSPDATA.
    pub wsp_data: StartupData,
    /// Which instance serves each function.
    pub proc_table: ProcTable,
}

/// A procedure table: for each function of a provider the instance that serves it.
///
/// An IFS layer takes the table of the provider below and puts itself where it hooks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProcTable(pub Arc<[InstanceId]>);

/// What WSAStartup gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Startup {
    /// The version that is used.
    pub version: Version,
    /// The highest version that there is.
    pub high_version: Version,
}

/// The context of a socket handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Context(pub u64);

/// What WPUQueryBlockingCallback gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlockingHook {
    /// The hook, if the thread has one.
    pub callback: Option<CallbackId>,
    /// What the provider passes to it.
    pub context: u32,
}

/// What BusReceive gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// The bytes.
    #[serde(serialize_with = "crate::canon::bytes")]
    pub data: Arc<[u8]>,
    /// The process that sent them.
    pub sender: Pid,
}

/// What WSPEnumNetworkEvents gives: a WSANETWORKEVENTS.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NetworkEvents {
    /// FD_*: what happened.
    pub network_events: u32,
    /// The code of each of them by its FD_*_BIT; the other members of iErrorCode are not written.
    pub error_code: Vec<(u32, ErrorCode)>,
}

impl NetworkEvents {
    /// iErrorCode as a list; NULL stands for a member that is not written.
    fn show_codes(&self) -> Value {
        let code = |bit| self.error_code.iter().find(|(b, _)| *b == bit).map(|(_, code)| code.number());
        let members = (0..winspi_types::constants::FD_MAX_EVENTS).map(code);
        Value::List(members.map(|code| code.map_or(Value::Null, |n| Value::Number(i64::from(n)))).collect())
    }
}

/// What CreateProcess gives: a PROCESS_INFORMATION.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProcessInformation {
    /// A handle of the process.
    pub process: Handle,
    /// A handle of its main thread.
    pub thread: Handle,
    /// The identifier of the process.
    pub process_id: u32,
    /// The identifier of the thread.
    pub thread_id: u32,
}

impl ProcessInformation {
    fn fields(self) -> Vec<(&'static str, Value)> {
        vec![
            ("process", Value::from(self.process)),
            ("thread", Value::from(self.thread)),
            ("process_id", Value::Number(i64::from(self.process_id))),
            ("thread_id", Value::Number(i64::from(self.thread_id))),
        ]
    }
}

/// What DuplicateHandle gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TargetHandle {
    /// A value of the target process.
    pub target_handle: Handle,
}

/// What GetHandleInformation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HandleInformation {
    /// HANDLE_FLAG_*.
    pub flags: u32,
}

/// What GetExitCodeProcess gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ExitCode {
    /// The code, or STILL_ACTIVE.
    pub exit_code: u32,
}

/// What ReadFile gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileRead {
    /// The bytes.
    #[serde(serialize_with = "crate::canon::bytes")]
    pub data: Arc<[u8]>,
}

/// What WriteFile gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileWritten {
    /// In bytes.
    pub number_of_bytes_written: u32,
}

/// What GetOverlappedResult gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Transferred {
    /// In bytes.
    pub number_of_bytes_transferred: u32,
}

/// What GetQueuedCompletionStatus gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dequeued {
    /// In bytes.
    pub number_of_bytes_transferred: u32,
    /// The key of the association, or of the post.
    pub completion_key: u64,
    /// The WSAOVERLAPPED, in the process that issued the operation.
    pub overlapped: Option<CellId>,
}

/// What WSAHtonl and its like give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Converted {
    /// Where it is written to.
    pub place: ConvertedPlace,
    /// The number.
    pub number: u32,
}

/// Where a number in another byte order is written to: a parameter of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ConvertedPlace {
    /// Of WSAHtonl.
    Netlong,
    /// Of WSAHtons.
    Netshort,
    /// Of WSANtohl.
    Hostlong,
    /// Of WSANtohs.
    Hostshort,
}

impl ConvertedPlace {
    /// The name of the parameter.
    pub fn name(self) -> &'static str {
        match self {
            ConvertedPlace::Netlong => "netlong",
            ConvertedPlace::Netshort => "netshort",
            ConvertedPlace::Hostlong => "hostlong",
            ConvertedPlace::Hostshort => "hostshort",
        }
    }
}

/// What an enumeration of the catalog gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Enumerated {
    /// The entries, in the order of the catalog.
    pub protocols: Vec<Arc<RawProtocolInfoW>>,
}

impl Enumerated {
    fn show(&self) -> Value {
        Value::List(self.protocols.iter().cloned().map(Value::Info).collect())
    }

    /// The bytes that so many entries take.
    pub(crate) fn size(&self) -> usize {
        self.protocols.len() * RawProtocolInfoW::SIZE
    }
}

/// What an ioctl gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IoctlResult {
    /// What is in the out buffer.
    pub out_buffer: Arc<[u8]>,
}

impl Out {
    /// What a scenario means when it names the result as a whole.
    pub fn primary(&self) -> Value {
        match self {
            Out::Done => Value::Number(0),
            Out::Number(n) => Value::Number(*n),
            Out::Handle(h) => Value::from(*h),
            Out::Accepted(a) => Value::from(a.s),
            Out::Sent(s) => Value::Number(i64::from(s.number_of_bytes_sent)),
            Out::Received(r) => Value::Bytes(r.data.clone()),
            Out::ReceivedFrom(r) => Value::Bytes(r.data.clone()),
            Out::Option(o) => o.optval.clone(),
            Out::Info(i) => Value::Info(i.clone()),
            Out::Name(n) => n.show(),
            Out::Overlapped(o) => Value::Number(i64::from(o.transfer)),
            Out::Started(s) => Value::Version(s.wsp_data.version),
            Out::Startup(s) => Value::Version(s.version),
            Out::Context(c) => Value::Number(c.0.cast_signed()),
            Out::BlockingHook(h) => h.callback.map_or(Value::Null, Value::Callback),
            Out::Converted(c) => Value::Number(i64::from(c.number)),
            Out::Path(p) => Value::bytes(p),
            Out::Message(m) => Value::Bytes(m.data.clone()),
            Out::Ioctl(i) => i.show(),
            Out::CalleeData(_) => Value::Number(0),
            Out::Disconnected(d) => d.inbound_disconnect_data.clone().map_or(Value::Number(0), Value::Bytes),
            Out::NetworkEvents(n) => Value::Number(i64::from(n.network_events)),
            Out::Process(p) => record(p.fields()),
            Out::FileRead(r) => Value::Bytes(r.data.clone()),
            Out::FileWritten(w) => Value::Number(i64::from(w.number_of_bytes_written)),
            Out::Transferred(t) => Value::Number(i64::from(t.number_of_bytes_transferred)),
            Out::Dequeued(d) => record(d.fields()),
            Out::TargetHandle(t) => Value::from(t.target_handle),
            Out::HandleFlags(h) => Value::Number(i64::from(h.flags)),
            Out::ExitCode(e) => Value::Number(i64::from(e.exit_code)),
            Out::Protocols(p) => p.show(),
            Out::Value(v) => v.clone(),
            Out::Cell(c) => Value::Cell(*c),
        }
    }

    /// The out parameters that were written, by the names of the pages.
    pub fn written(&self) -> Vec<(String, Value)> {
        let number = |n: usize| Value::Number(i64::try_from(n).unwrap_or(i64::MAX));
        let fields: Vec<(&str, Value)> = match self {
            Out::Done | Out::Number(_) | Out::Handle(_) => vec![],
            Out::Accepted(Accepted { addr: None, .. }) => vec![],
            Out::Accepted(Accepted { addr: Some(n), .. }) => {
                vec![("addr", n.show()), ("addrlen", number(n.name.len()))]
            }
            Out::Sent(s) => vec![("number_of_bytes_sent", Value::Number(i64::from(s.number_of_bytes_sent)))],
            Out::Received(r) => vec![
                ("buffers", Value::Bytes(r.data.clone())),
                ("number_of_bytes_recvd", Value::Number(i64::from(r.number_of_bytes_recvd))),
                ("flags", Value::Number(i64::from(r.flags))),
            ],
            Out::ReceivedFrom(r) => {
                let mut fields = vec![
                    ("buffers", Value::Bytes(r.data.clone())),
                    ("number_of_bytes_recvd", Value::Number(i64::from(r.number_of_bytes_recvd))),
                    ("flags", Value::Number(i64::from(r.flags))),
                ];
                if let Some(from) = &r.from {
                    fields.extend([("from", from.show()), ("fromlen", number(from.name.len()))]);
                }
                fields
            }
            Out::Option(o) => {
                vec![("optval", o.optval.clone()), ("optlen", Value::Number(i64::from(o.optlen)))]
            }
            Out::Info(i) => vec![("protocol_info", Value::Info(i.clone()))],
            Out::Name(n) => vec![("name", n.show()), ("namelen", number(n.name.len()))],
            Out::Overlapped(o) => {
                vec![("transfer", Value::Number(i64::from(o.transfer))), ("flags", Value::Number(i64::from(o.flags)))]
            }
            Out::Started(s) => vec![
                ("version", Value::Version(s.wsp_data.version)),
                ("high_version", Value::Version(s.wsp_data.high_version)),
                ("description", Value::bytes(&s.wsp_data.description)),
                ("proc_table", number(Call::entries_set(s.proc_table.0.len()))),
            ],
            Out::Startup(s) => {
                vec![("version", Value::Version(s.version)), ("high_version", Value::Version(s.high_version))]
            }
            Out::Context(c) => vec![("context", Value::Number(c.0.cast_signed()))],
            Out::BlockingHook(h) => {
                vec![("callback", self.primary()), ("context", Value::Number(i64::from(h.context)))]
            }
            Out::Converted(c) => vec![(c.place.name(), self.primary())],
            Out::Path(p) => {
                vec![("provider_dll_path", Value::bytes(p)), ("provider_dll_path_len", number(p.len()))]
            }
            Out::Message(m) => vec![("sender", Value::Number(i64::from(m.sender.0)))],
            Out::Ioctl(i) => vec![("out_buffer", i.show()), ("bytes_returned", number(i.out_buffer.len()))],
            Out::CalleeData(c) => vec![("callee_data", Value::Bytes(c.callee_data.clone()))],
            Out::Disconnected(d) => {
                d.inbound_disconnect_data.iter().map(|d| ("inbound_disconnect_data", Value::Bytes(d.clone()))).collect()
            }
            Out::NetworkEvents(n) => {
                vec![("network_events", Value::Number(i64::from(n.network_events))), ("error_code", n.show_codes())]
            }
            Out::Process(p) => p.fields(),
            Out::FileRead(r) => {
                vec![("buffer", Value::Bytes(r.data.clone())), ("number_of_bytes_read", number(r.data.len()))]
            }
            Out::FileWritten(_) => vec![("number_of_bytes_written", self.primary())],
            Out::Transferred(_) => vec![("number_of_bytes_transferred", self.primary())],
            Out::Dequeued(d) => d.fields(),
            Out::TargetHandle(_) => vec![("target_handle", self.primary())],
            Out::HandleFlags(_) => vec![("flags", self.primary())],
            Out::ExitCode(_) => vec![("exit_code", self.primary())],
            Out::Protocols(p) => vec![("protocol_buffer", p.show()), ("buffer_length", number(p.size()))],
            Out::Cell(_) | Out::Value(_) => vec![],
        };
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The return value of the function.
    pub fn value(&self) -> Value {
        match self {
            Out::Number(_) | Out::Handle(_) | Out::Accepted(_) | Out::Cell(_) => self.primary(),
            Out::Protocols(p) => Value::Number(i64::try_from(p.protocols.len()).unwrap_or(i64::MAX)),
            _ => Value::Number(0),
        }
    }
}

impl IoctlResult {
    /// Four bytes are the number that they are: an unsigned long.
    fn show(&self) -> Value {
        match <[u8; 4]>::try_from(&self.out_buffer[..]) {
            Ok(word) => Value::Number(i64::from(u32::from_le_bytes(word))),
            Err(_) => Value::Bytes(self.out_buffer.clone()),
        }
    }
}

fn record(fields: Vec<(&'static str, Value)>) -> Value {
    Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

impl SocketName {
    /// The name of an address.
    pub fn of(address: &SocketAddress) -> SocketName {
        SocketName { name: Arc::from(address.to_bytes().as_slice()) }
    }

    fn show(&self) -> Value {
        SocketAddress::from_bytes(&self.name).map_or_else(|_| Value::Bytes(self.name.clone()), Value::Address)
    }
}

impl Outcome {
    /// An outcome of a typed answer.
    pub fn of<T: OutValue>(answer: Answer<T>) -> Outcome {
        Outcome { result: answer.map(OutValue::wrap), by: None }
    }

    /// The code for the program, if the call failed with one.
    pub fn error(&self) -> Option<ErrorCode> {
        match &self.result {
            Err(Refusal::Code { code, .. }) => Some(*code),
            _ => None,
        }
    }

    /// What a failure rests on.
    pub fn basis(&self) -> Option<Basis> {
        match &self.result {
            Err(Refusal::Code { basis, .. }) => Some(*basis),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws2_32::catalog::{Catalog, ProviderKind};

    #[test]
    fn each_entry_takes_the_bytes_of_an_info() {
        let infos: Vec<_> =
            Catalog::with_base(ProviderKind::BaseIfs).entries().iter().map(|entry| entry.info.clone()).collect();
        for count in [0, 1, 3] {
            let list = Enumerated { protocols: infos[..count].to_vec() };
            assert_eq!(list.size(), 628 * count);
        }
    }
}
