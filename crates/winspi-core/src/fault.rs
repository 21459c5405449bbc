//! Faults: what can go wrong with the machine around programs and providers, switched on from outside.
//!
//! A fault is plain data in the world until it is cleared. Where one is on, the functions that its clauses speak of
//! refuse: `refuse` is asked by both base providers before each function, the few others by who carries them out.
//! What cannot go wrong without a fault, a network that is down for instance, has its rules here and nowhere else.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::Call;
use crate::clause;
use crate::clause::Clause;
use crate::id::{Pid, ProviderId};
use crate::kernel::handle::Slot;
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::provider::base::shared_socket;
use crate::provider::instance::Record;
use crate::rule;
use crate::value::Pointer;
use crate::world::{Cx, World};
use crate::ws2_32::catalog::ProviderKind;

/// Something that goes wrong from now on, until all faults are cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// A process can have so many socket descriptors, duplicates that wait for it included.
    Descriptors {
        /// The process.
        process: Pid,
        /// How many.
        limit: u32,
    },
    /// No buffers are left: WSAENOBUFS. In one process, or in all.
    Buffers(Option<Pid>),
    /// No memory is left for objects of the system. In one process, or in all.
    Memory(Option<Pid>),
    /// The network has failed: WSAENETDOWN.
    NetworkDown,
    /// The network subsystem is not ready: no provider starts, with WSASYSNOTREADY.
    SubsystemNotReady,
    /// A provider serves no more tasks: none starts, with WSAEPROCLIM.
    Tasks,
    /// The DLL of a provider is not there.
    ProviderMissing(ProviderId),
    /// WSPStartup of a provider fails with this code.
    Startup {
        /// The provider.
        provider: ProviderId,
        /// The code.
        code: ErrorCode,
    },
    /// Nobody may open this process.
    AccessDenied(Pid),
    /// The next process that is created gets the identifier of this one, which has ended; then the fault is over.
    PidReuse(Pid),
    /// No thread can be made: a provider that needs one of its own gets none. In one process, or in all.
    Threads(Option<Pid>),
}

impl Fault {
    /// Whether two faults are about the same, so that the later one takes the place of the earlier.
    fn replaces(&self, other: &Fault) -> bool {
        match (self, other) {
            (Fault::Descriptors { process: a, .. }, Fault::Descriptors { process: b, .. }) => a == b,
            (Fault::Startup { provider: a, .. }, Fault::Startup { provider: b, .. }) => a == b,
            (Fault::PidReuse(_), Fault::PidReuse(_)) => true,
            _ => self == other,
        }
    }
}

/// The faults that are on, in an order of their own: the order in which they came is no state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Faults(Arc<Vec<Fault>>);

impl Faults {
    /// Switches a fault on.
    pub(crate) fn add(&mut self, fault: Fault) {
        let faults = Arc::make_mut(&mut self.0);
        faults.retain(|other| !fault.replaces(other));
        let place = faults.partition_point(|other| *other < fault);
        faults.insert(place, fault);
    }

    /// Switches all faults off.
    pub(crate) fn clear(&mut self) {
        self.0 = Arc::default();
    }

    /// The faults that are on.
    pub fn iter(&self) -> impl Iterator<Item = Fault> + '_ {
        self.0.iter().copied()
    }

    /// Whether none is on.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a process has no memory left.
    pub(crate) fn lacks_memory(&self, process: Pid) -> bool {
        self.iter().any(|f| matches!(f, Fault::Memory(of) if of.is_none_or(|pid| pid == process)))
    }

    /// Whether a process has no buffers left.
    pub(crate) fn lacks_buffers(&self, process: Pid) -> bool {
        self.iter().any(|f| matches!(f, Fault::Buffers(of) if of.is_none_or(|pid| pid == process)))
    }

    /// Whether nobody may open a process.
    pub(crate) fn denies(&self, process: Pid) -> bool {
        self.iter().any(|f| f == Fault::AccessDenied(process))
    }

    /// Whose identifier the process gets that is created now, if not one of its own.
    pub(crate) fn take_identifier(&mut self) -> Option<Pid> {
        let place = self.0.iter().position(|f| matches!(f, Fault::PidReuse(_)))?;
        match Arc::make_mut(&mut self.0).remove(place) {
            Fault::PidReuse(ended) => Some(ended),
            _ => None,
        }
    }

    /// Whether the DLL of a provider is not there.
    pub(crate) fn lacks(&self, provider: ProviderId) -> bool {
        self.iter().any(|f| f == Fault::ProviderMissing(provider))
    }
}

/// The clause of a function for an error, under either of the names that pages give it.
fn clause_of(call: &Call, slug: &str) -> Option<Clause> {
    let name = call.function().name();
    Clause::of(name, &format!("error-{slug}")).or_else(|| Clause::of(name, slug))
}

/// Refuses a function of a base provider where a fault says so, or a callback that is in progress. Both come before
/// all other checks: decision `order-of-checks`.
pub(crate) fn refuse(cx: &Cx<'_>, call: &Call) -> Answer<()> {
    refuse_by_fault(cx, call)?;
    refuse_nested(cx, call)
}

/// Refuses a call from a callback of the program, for instance from the condition function of WSPAccept, in a process
/// that has negotiated less than version 2.0.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPBind.error-einprogress`, `WSPSend.einprogress-callback` and their like | a callback is in progress | WSAEINPROGRESS |
///
/// Functions without such a clause go on; from a blocking hook they are refused, too, all but WSPCancelBlockingCall
/// (`BlockingHook.nested-call-einprogress`). From 2.0 on nothing is refused (`BlockingHook.no-nesting-limit-in-2`).
fn refuse_nested(cx: &Cx<'_>, call: &Call) -> Answer<()> {
    let Some(slug) = cx.in_progress else { return Ok(()) };
    let old = cx.world.is_of_version_1(cx.process());
    let hook = slug == "einprogress-blocking-call" && !matches!(call, Call::WSPCancelBlockingCall(_));
    let any = hook.then_some(clause!("BlockingHook.nested-call-einprogress"));
    match clause_of(call, "einprogress").or_else(|| clause_of(call, slug)).or(any).filter(|_| old) {
        Some(clause) => Err(Refusal::code(ErrorCode::WSAEINPROGRESS, clause)),
        None => Ok(()),
    }
}

fn refuse_by_fault(cx: &Cx<'_>, call: &Call) -> Answer<()> {
    let faults = cx.world.faults();
    if faults.is_empty() {
        return Ok(());
    }
    if matches!(call, Call::WSPStartup(_)) {
        refuse_start(cx)?;
    }
    refuse_service_thread(cx, call)?;
    for fault in faults.iter() {
        let (slug, code) = match fault {
            Fault::NetworkDown => ("enetdown", ErrorCode::WSAENETDOWN),
            Fault::Buffers(of) if of.is_none_or(|pid| pid == cx.process()) => ("enobufs", ErrorCode::WSAENOBUFS),
            Fault::Descriptors { process, limit } if lacks_descriptors(cx, call, process, limit) => {
                ("emfile", ErrorCode::WSAEMFILE)
            }
            Fault::AccessDenied(pid) if matches!(call, Call::WSPDuplicateSocket(a) if cx.world.identified(a.process_id) == pid) =>
            {
                return Err(Refusal::code(ErrorCode::WSAEACCES, Decision::AccessDenied));
            }
            _ => continue,
        };
        if let Some(clause) = clause_of(call, slug) {
            return Err(Refusal::code(code, clause));
        }
    }
    Ok(())
}

/// Refuses WSPStartup of any provider, base or layer, where a fault says so.
pub(crate) fn refuse_start(cx: &Cx<'_>) -> Answer<()> {
    let me = cx.instance().provider;
    let refused = cx.world.faults().iter().find_map(|fault| match fault {
        Fault::SubsystemNotReady => Some((ErrorCode::WSASYSNOTREADY, clause!("WSPStartup.error-sysnotready"))),
        Fault::Tasks => Some((ErrorCode::WSAEPROCLIM, clause!("WSPStartup.error-eproclim"))),
        Fault::ProviderMissing(provider) if provider == me => {
            Some((ErrorCode::WSAEPROVIDERFAILEDINIT, clause!("WSPStartup.dll-init-failure")))
        }
        Fault::Startup { provider, code } if provider == me => {
            Some((code, clause_for_start(code).unwrap_or(clause!("WSPStartup.returns-code-directly"))))
        }
        _ => None,
    });
    refused.map_or(Ok(()), |(code, clause)| Err(Refusal::code(code, clause)))
}

/// Refuses what a provider without system handles needs a thread of its own for, where it has none yet and a fault says
/// that none can be made: an overlapped operation, and in the base the indication of events.
pub(crate) fn refuse_service_thread(cx: &Cx<'_>, call: &Call) -> Answer<()> {
    let me = cx.instance();
    let kind = cx.world.catalog().provider(me.provider).kind;
    let needs = match call {
        Call::WSPEventSelect(a) => kind == ProviderKind::BaseNonIfs && a.network_events != 0,
        Call::WSPSend(a) => a.overlapped.get().is_some(),
        Call::WSPRecv(a) => a.overlapped.get().is_some(),
        Call::WSPSendTo(a) => a.overlapped.get().is_some(),
        Call::WSPRecvFrom(a) => a.overlapped.get().is_some(),
        _ => false,
    };
    let lacks = |fault: Fault| matches!(fault, Fault::Threads(of) if of.is_none_or(|pid| pid == cx.process()));
    let refused = needs
        && !kind.is_ifs()
        && cx.world.faults().iter().any(lacks)
        && cx.world.instance(me).is_some_and(|instance| instance.worker.is_none());
    rule!(!refused, WSAEOPNOTSUPP, "WSPStartup.service-thread-failure");
    Ok(())
}

fn clause_for_start(code: ErrorCode) -> Option<Clause> {
    match code {
        ErrorCode::WSASYSNOTREADY => Some(clause!("WSPStartup.error-sysnotready")),
        ErrorCode::WSAVERNOTSUPPORTED => Some(clause!("WSPStartup.error-vernotsupported")),
        ErrorCode::WSAEINPROGRESS => Some(clause!("WSPStartup.error-einprogress")),
        ErrorCode::WSAEPROCLIM => Some(clause!("WSPStartup.error-eproclim")),
        _ => None,
    }
}

/// Whether a call would give a process one descriptor too many: its own, or the one that a duplicate is made for.
fn lacks_descriptors(cx: &Cx<'_>, call: &Call, process: Pid, limit: u32) -> bool {
    let after = match call {
        // The duplicate that an info stands for is one of them already.
        Call::WSPSocket(a) if process == cx.process() => match &a.protocol_info {
            Pointer::To(info) if shared_socket::is_special(cx, info) => 0,
            _ => 1,
        },
        Call::WSPDuplicateSocket(a) if cx.world.identified(a.process_id) == process => 1,
        _ => return false,
    };
    descriptors_of(cx.world, process) + after > limit as usize
}

/// Whether a process may have one more descriptor: asked where WSPAccept has found a connection.
pub(crate) fn has_descriptor_left(cx: &Cx<'_>) -> bool {
    let process = cx.process();
    cx.world.faults().iter().all(|fault| match fault {
        Fault::Descriptors { process: of, limit } if of == process => {
            descriptors_of(cx.world, process) < limit as usize
        }
        _ => true,
    })
}

/// The sockets that a process has from base providers, and those that wait for it; layers add none.
fn descriptors_of(world: &World, process: Pid) -> usize {
    let handles = world
        .running(process)
        .map_or(0, |p| p.handles.iter().filter(|(_, slot)| matches!(slot, Slot::Socket(_) | Slot::Claim(_))).count());
    let instances = world.instances_of(process);
    let lower = instances.map(|(_, instance)| match &instance.record {
        Record::BaseNonIfs(table) => table.iter().count(),
        _ => 0,
    });
    let tokens = world.tokens_of(process).count();
    handles + lower.sum::<usize>() + tokens
}
