//! Processes and threads.

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, Version};

use crate::activation::Activation;
use crate::id::{Age, CallbackId, Handle, InstanceId, PartyId, Pid, ProviderId};
use crate::kernel::handle::{HandleTable, Slot};
use crate::kernel::memory::Cells;
use crate::protocol::Reply;
use crate::value::Value;
use crate::wait::Wait;
use crate::ws2_32::descriptor::DescriptorTable;

/// A process: what is its own and no other sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Process {
    /// The name that people gave it.
    pub name: String,
    /// Its place in the world, and its identifier unless [`Process::known_as`] says otherwise.
    pub pid: Pid,
    /// The identifier that programs see: that of a process that has ended, if `fault pid_reuse` gave it away.
    pub known_as: Pid,
    /// Running, or how it ended.
    pub state: ProcessState,
    /// The kernel's handle table.
    pub handles: HandleTable,
    /// Ws2_32's table of sockets.
    pub descriptors: DescriptorTable,
    /// Memory that calls write later.
    pub cells: Cells,
    /// How often WSAStartup succeeded without a WSACleanup.
    pub startups: u32,
    /// The version that was negotiated: the lowest of its starts (decision `version-of-process`).
    pub version: Version,
    /// Which providers Ws2_32 has started here.
    pub loaded: Vec<Loaded>,
    /// What it was created with.
    pub created: Created,
    /// Whether it has the rights of an administrator.
    pub administrator: bool,
    /// The serial of the last claim that was put into this process.
    pub claims_made: u32,
    /// After which serial its own begin: those of the processes that had its identifier before come first.
    pub claims_before: u32,
    /// Infos that were used here, by serial, and what their sockets are held by. Kept only where a second use gives the
    /// same descriptor (decision `info-second-use`).
    pub redeemed: Vec<(u32, u64)>,
}

/// Whether a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProcessState {
    /// It was declared, and no CreateProcess has started it yet.
    Declared,
    /// It runs.
    Running,
    /// It has ended with this code.
    Ended(u32),
}

/// What CreateProcess gave a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Created {
    /// The command line: text, or a list of words.
    pub command_line: Value,
    /// The environment: its variables by name, or null for that of the machine.
    pub environment: Value,
}

impl Default for Created {
    fn default() -> Created {
        Created { command_line: Value::Null, environment: Value::Null }
    }
}

/// A provider as Ws2_32 of one process knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Loaded {
    /// The provider.
    pub provider: ProviderId,
    /// Whether its WSPStartup has come back.
    pub ready: bool,
}

impl Process {
    pub(crate) fn new(name: &str, index: usize) -> Process {
        Process {
            name: name.to_owned(),
            pid: Pid::of_index(index),
            known_as: Pid::of_index(index),
            state: ProcessState::Running,
            handles: HandleTable::new(index),
            descriptors: DescriptorTable::default(),
            cells: Cells::default(),
            startups: 0,
            version: Version::V2_2,
            loaded: Vec::new(),
            created: Created::default(),
            administrator: true,
            claims_made: 0,
            claims_before: 0,
            redeemed: Vec::new(),
        }
    }

    /// Takes a descriptor out of Ws2_32's table, and the handle behind it where WPUCreateSocketHandle made it.
    ///
    /// After a CloseHandle the value may mean something else to the kernel by now, which stays.
    pub(crate) fn remove_descriptor(&mut self, handle: Handle) {
        let removed = self.descriptors.remove(handle);
        if removed.is_some_and(|d| d.context.is_some()) && self.handles.get(handle) == Slot::NonIfs {
            self.handles.remove(handle);
        }
    }

    /// Whether a handle is a kernel socket that no Ws2_32 knows: inherited or duplicated, and not adopted.
    pub fn is_raw_socket(&self, handle: Handle) -> bool {
        let raw = self.handles.flags(handle).is_some_and(|f| f.raw);
        raw && self.descriptors.like(handle).is_none()
    }

    /// Whether a path that begins with %SystemRoot% leads nowhere: the process was created with an environment of its
    /// own that lacks the variable.
    pub fn lacks_system_root(&self) -> bool {
        match &self.created.environment {
            Value::Record(variables) => !variables.iter().any(|(name, _)| name.eq_ignore_ascii_case("SystemRoot")),
            _ => false,
        }
    }

    /// Whether the process runs.
    pub fn runs(&self) -> bool {
        self.state == ProcessState::Running
    }
}

/// A thread: its stack and what is next.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// The name that people gave it; the main thread has its process's.
    pub name: String,
    /// What the thread is for.
    pub role: ThreadRole,
    /// The calls that run, the innermost last.
    pub stack: Vec<Activation>,
    /// What is next.
    pub next: Next,
    /// How many questions were put to parties outside; names the next one.
    pub asked: Age,
    /// How often it was suspended and not resumed: it does not go on until that is 0.
    pub suspended: u32,
    /// The blocking hook that Ws2_32 keeps for it.
    pub hook: Option<CallbackId>,
    /// The call that blocks while the hook runs.
    pub blocking: Option<Blocking>,
    /// Since when it waits: who waits longest looks first.
    pub since: Age,
    /// What WSAGetLastError gives.
    pub last_error: ErrorCode,
}

/// A call that blocks while the hook of its thread runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Blocking {
    /// Whose call it is.
    pub provider: InstanceId,
    /// Whether WSPCancelBlockingCall has cancelled it.
    pub cancelled: bool,
}

/// What a thread is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ThreadRole {
    /// It runs the program that the system keeps for it.
    Program,
    /// It runs a program outside.
    Outside(PartyId),
    /// It serves a provider: tells it of completions.
    Worker(InstanceId),
}

/// What is next for a thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Next {
    /// It goes on with this reply.
    Run(Reply),
    /// It waits.
    Waits(Wait),
    /// A party outside was asked.
    Asked {
        /// The party.
        party: PartyId,
        /// The number of the question; a late answer has another.
        number: Age,
        /// What it was told.
        reply: Reply,
    },
    /// It has nothing to do.
    Idle,
    /// It has ended, with its process or before it.
    Ended,
}

impl Thread {
    pub(crate) fn new(name: &str, role: ThreadRole) -> Thread {
        let next = match role {
            ThreadRole::Program | ThreadRole::Outside(_) => Next::Run(Reply::Enter),
            ThreadRole::Worker(_) => Next::Idle,
        };
        Thread {
            name: name.to_owned(),
            role,
            stack: Vec::new(),
            next,
            asked: Age(0),
            suspended: 0,
            hook: None,
            blocking: None,
            since: Age(0),
            last_error: ErrorCode(0),
        }
    }
}
