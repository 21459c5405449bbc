//! Hazards: what works and may not be meant.
//!
//! A hazard is never part of behaviour: the call gives what it gives, whoever listens. What it is noticed by is in the
//! state, and so in the fingerprint: two worlds that are equal report alike. Who had closed what before is history; it
//! is read from the events of a run, not from the world.

use serde::{Deserialize, Serialize};

use crate::id::{Handle, Tid};

/// Something that works and may not be meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hazard {
    /// Which kind.
    pub kind: HazardKind,
    /// The thread during whose step it happened; `None` where no thread did it.
    pub thread: Option<Tid>,
    /// The handle value that it is about, where it is about one; it is of the thread's process.
    pub handle: Option<Handle>,
    /// What was seen.
    pub seen: String,
}

/// The kinds of hazards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HazardKind {
    /// Ws2_32 took out the table entry of another socket, registered under a value that was used again.
    RemovedAnothersEntry,
    /// A cell was freed while an operation was pending on it.
    CellFreedUnderOperation,
    /// A handle value means another object than when the program got it.
    RecycledHandle,
    /// A registration for network events was cancelled through another descriptor of the socket.
    RegistrationCancelled,
    /// A process ended for which a duplicate was kept.
    ClaimTargetDied,
    /// The last descriptor was closed, and a duplicate that nobody has asked for keeps the socket open.
    UnclaimedDuplicationKeepsSocket,
    /// A cell was given to something else while an operation was pending on it.
    CellReusedUnderOperation,
}

impl HazardKind {
    /// All kinds, by name.
    pub const ALL: [HazardKind; 7] = [
        HazardKind::CellFreedUnderOperation,
        HazardKind::CellReusedUnderOperation,
        HazardKind::ClaimTargetDied,
        HazardKind::RecycledHandle,
        HazardKind::RegistrationCancelled,
        HazardKind::RemovedAnothersEntry,
        HazardKind::UnclaimedDuplicationKeepsSocket,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            HazardKind::RemovedAnothersEntry => "removed-anothers-entry",
            HazardKind::CellFreedUnderOperation => "cell-freed-under-operation",
            HazardKind::RecycledHandle => "recycled-handle",
            HazardKind::RegistrationCancelled => "registration-cancelled",
            HazardKind::ClaimTargetDied => "claim-target-died",
            HazardKind::UnclaimedDuplicationKeepsSocket => "unclaimed-duplication-keeps-socket",
            HazardKind::CellReusedUnderOperation => "cell-reused-under-operation",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<HazardKind> {
        HazardKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What it is, in a sentence.
    pub fn question(self) -> &'static str {
        match self {
            HazardKind::RemovedAnothersEntry => "A close took the table entry of another socket.",
            HazardKind::CellFreedUnderOperation => "Memory was freed that a pending operation uses.",
            HazardKind::RecycledHandle => "A handle was used that means another socket by now.",
            HazardKind::RegistrationCancelled => "A registration for network events was cancelled by somebody else.",
            HazardKind::ClaimTargetDied => "A process ended before it asked for a socket that was meant for it.",
            HazardKind::UnclaimedDuplicationKeepsSocket => {
                "All descriptors are closed, and a duplicate that nobody has asked for keeps the socket open."
            }
            HazardKind::CellReusedUnderOperation => "Memory was used again that a pending operation uses.",
        }
    }

    /// When it is noticed, what follows, and what helps.
    pub fn text(self) -> &'static str {
        match self {
            HazardKind::RemovedAnothersEntry => {
                "A WSPCloseSocket of an IFS handle is under way: the provider has closed the handle, and Ws2_32 has not yet \
                 taken its entry out. In between another thread is given the same value for a new socket. Ws2_32 then \
                 removes the entry by its value, and the new socket is open without an entry: every call on it fails with \
                 WSAENOTSOCK.\n\nDecision descriptor-removal says who does that. A program avoids it by closing and \
                 opening sockets in turns."
            }
            HazardKind::CellFreedUnderOperation => {
                "A WSAOVERLAPPED, or a buffer, of an overlapped operation belongs to the provider until the operation has \
                 ended. A program that frees it before lets the provider write into memory that may be somebody else's. \
                 Noticed when the cell is freed, and when bytes come for a cell that is gone.\n\nA close or CancelIo does \
                 not end the operation at once: wait for its completion, then free."
            }
            HazardKind::RecycledHandle => {
                "A handle value is a number that is given out again. A line of a program uses a handle that it got \
                 earlier; in the meantime somebody has closed it, and the value was given to another socket. The call \
                 succeeds, on a socket that was not meant. The report says who closed it and who got it.\n\nNoticed also \
                 where a handle is closed and its value used again while a call on it is under way: which of the two the \
                 call worked on is then a matter of luck. One owner for each handle, who alone closes it, avoids both."
            }
            HazardKind::RegistrationCancelled => {
                "A socket has one registration for network events, whatever descriptors there are of it. \
                 WSPEventSelect through one descriptor cancels what was registered through another, in whichever process, \
                 and nobody tells that one: it waits for events that do not come \
                 (WSPDuplicateSocket.event-select-cancels).\n\nAfter a handoff only one of the two processes should \
                 register."
            }
            HazardKind::ClaimTargetDied => {
                "WSPDuplicateSocket keeps a duplicate for the target from the moment of the call. The target ends before \
                 it has called WSPSocket with the info: the duplicate goes with it, and the one who made it is not told. \
                 If the source has closed its own descriptor by then, the connection ends, and the peer sees an end that \
                 nobody meant.\n\nA source that keeps its descriptor until the target has said that it has its own loses \
                 nothing."
            }
            HazardKind::UnclaimedDuplicationKeepsSocket => {
                "A duplicate that WSPDuplicateSocket has made counts as a handle (decision unclaimed-duplicate). Where \
                 the last descriptor is closed and the target has not called WSPSocket, the socket stays open and nobody \
                 can use it: the peer sees no end, a port stays taken, a listening socket goes on to accept. It lasts \
                 until the target asks for it, or ends.\n\nThis is what makes it safe to close first; it becomes a leak \
                 where the info is lost on its way."
            }
            HazardKind::CellReusedUnderOperation => {
                "An overlapped operation is pending, and its WSAOVERLAPPED or one of its buffers is used for something \
                 else: another operation, or bytes that the program writes. Of two operations with one structure the \
                 program cannot tell which has ended; bytes that two receives write mix; bytes that are written under a \
                 pending send may go out or not.\n\nEach pending operation needs a structure and buffers of its own."
            }
        }
    }
}
