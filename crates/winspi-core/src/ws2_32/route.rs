//! The way of a call: which provider gets it, starting it if need be, and what Ws2_32 does when it comes back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::{Call, WSASocket, WSPCleanup, WSPSocket, WSPStartup};
use crate::clause;
use crate::event::HazardKind;
use crate::id::{Handle, InstanceId, ProviderId};
use crate::kernel::handle::Slot;
use crate::kernel::process::Loaded;
use crate::outcome::{Answer, Basis, Outcome, Refusal, Started};
use crate::policy::{Decision, DescriptorRemoval, UnknownHandle};
use crate::protocol::{Reply, Request, Step};
use crate::rule;
use crate::signature::Home;
use crate::value::Pointer;
use crate::wait::Wait;
use crate::world::Cx;
use crate::ws2_32::{Choice, startup, translate, upcall};

/// Where a call in Ws2_32 goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(private_interfaces)]
pub enum Stage {
    /// It has called WSPStartup of the provider that the call needs.
    Starting(Choice),
    /// The provider is not to be used: its WSPCleanup runs, then the call fails with this.
    Unacceptable(Refusal),
    /// Another thread is starting that provider.
    StartedByAnother(Choice),
    /// The call is with the provider.
    Routed,
    /// WSPCloseSocket is with the provider: what Ws2_32 knew of the handle.
    Closing {
        /// The handle.
        handle: Handle,
        /// Which registration of it.
        turn: u32,
    },
    /// WSPCleanup of a provider runs; these come next.
    CleaningUp {
        /// The providers whose WSPCleanup is still to be called.
        rest: Vec<ProviderId>,
    },
}

impl Stage {
    /// Whether the stage can belong to the call.
    pub(crate) fn fits(&self, call: &Call) -> bool {
        match self {
            Stage::Closing { .. } => matches!(call, Call::WSPCloseSocket(_) | Call::closesocket(_)),
            Stage::CleaningUp { .. } => matches!(call, Call::WSACleanup(_)),
            Stage::Starting(_) | Stage::Unacceptable(_) | Stage::StartedByAnother(_) | Stage::Routed => {
                matches!(call.function().home(), Home::Provider | Home::Ws2_32)
            }
        }
    }
}

/// Begins a call that a provider answers.
pub(crate) fn begin(cx: &mut Cx<'_>, call: &Arc<Call>) -> Answer<Step<Stage>> {
    if let Call::NotModelled { function, .. } = &**call {
        return Err(Refusal::not_modelled(function.name()));
    }
    if call.function().home() == Home::Ws2_32 {
        startup::check_started(cx)?;
    }
    let choice = choose(cx, call)?;
    match &**call {
        Call::WSASocket(WSASocket { protocol_info: Pointer::To(_), .. })
        | Call::WSPSocket(WSPSocket { protocol_info: Pointer::To(_), .. }) => {
            cx.hit(clause!("WSPSocket.dll-no-match-when-info"));
        }
        _ => {}
    }
    with_provider(cx, call, choice)
}

/// Which catalog entry answers the call.
fn choose(cx: &mut Cx<'_>, call: &Call) -> Answer<Choice> {
    let entry = match call {
        Call::WSPSocket(a) => choose_for_socket(cx, a.af, a.socket_type, a.protocol, &a.protocol_info)?,
        Call::WSASocket(a) => choose_for_socket(cx, a.af, a.socket_type, a.protocol, &a.protocol_info)?,
        Call::socket(a) => choose_for_socket(cx, a.af, a.socket_type, a.protocol, &Pointer::Null)?,
        Call::WSPStartup(a) => match a.protocol_info.get() {
            Some(info) => cx.world.catalog().entry_of(info)?.id,
            None => cx.world.catalog().base_entry().id,
        },
        _ => match call.socket() {
            Some(handle) => return choose_by_handle(cx, call, handle),
            None => cx.world.catalog().base_entry().id,
        },
    };
    choice_of(cx, entry)
}

fn choice_of(cx: &Cx<'_>, entry: u32) -> Answer<Choice> {
    let entry = cx.world.catalog().entry_or_refuse(entry)?;
    Ok(Choice { entry: entry.id, provider: entry.provider })
}

fn choose_for_socket(
    cx: &mut Cx<'_>,
    family: i32,
    socket_type: i32,
    protocol: i32,
    info: &crate::value::InfoIn,
) -> Answer<u32> {
    let catalog = cx.world.catalog();
    match info {
        // TransportDivisionOfResponsibilities.wsasocket-null-info
        Pointer::Null => {
            let entry = catalog.choose(family, socket_type, protocol)?;
            let (id, own) = (entry.id, entry.info.protocol());
            if protocol == 0 {
                cx.hit(clause!("WSAPROTOCOL_INFOW.pfl-matches-protocol-zero"));
            } else if protocol != own {
                cx.hit(clause!("WSAPROTOCOL_INFOW.iprotocolmaxoffset"));
            }
            if family == 0 {
                cx.hit(clause!("TransportDivisionOfResponsibilities.af-zero-wildcard"));
            }
            if socket_type == 0 {
                cx.hit(clause!("TransportDivisionOfResponsibilities.type-zero-wildcard"));
            }
            cx.hit(clause!("TransportDivisionOfResponsibilities.socket-first-match"));
            Ok(id)
        }
        Pointer::Bad => Err(Refusal::code(ErrorCode::WSAEFAULT, Decision::BadMemory)),
        // WSPSocket.dll-no-match-when-info
        Pointer::To(info) => catalog.entry_of(info).map(|e| e.id),
    }
}

/// The provider of a handle: by Ws2_32's table, exact by value.
pub(super) fn choose_by_handle(cx: &mut Cx<'_>, call: &Call, handle: Handle) -> Answer<Choice> {
    let descriptor = cx.world.running(cx.process()).and_then(|p| p.descriptors.get(handle)).copied();
    match descriptor {
        Some(descriptor) => choice_of(cx, descriptor.catalog_entry_id),
        // As the SPI client would, a WSP* line asks a provider, which answers for itself.
        None if call.function().home() == Home::Provider => choice_of(cx, cx.world.catalog().base_entry().id),
        None => adopt(cx, handle),
    }
}

/// Takes over a kernel socket that came by inheritance or DuplicateHandle, where the decision `unknown-handle` says so.
///
/// It is registered for the first IFS entry of the catalog that fits it, a chain before what it stands over, and stays
/// registered.
fn adopt(cx: &mut Cx<'_>, handle: Handle) -> Answer<Choice> {
    let refused = || Refusal::code(ErrorCode::WSAENOTSOCK, Decision::UnknownHandle);
    let process = cx.process();
    let (UnknownHandle::Adopt, Slot::Socket(id)) = (cx.world.policy().unknown_handle, cx.world.slot(process, handle))
    else {
        return Err(refused());
    };
    let endpoint = cx.world.endpoint(id);
    let wanted = (endpoint.family, endpoint.socket_type, endpoint.protocol);
    let entry = cx.world.catalog().ifs_entry_for(wanted).map(|e| e.id).ok_or_else(refused)?;
    upcall::register(cx, handle, entry, None);
    cx.hit(Decision::UnknownHandle);
    choice_of(cx, entry)
}

/// Sends the call to the provider, after starting it where that is still to be done.
fn with_provider(cx: &mut Cx<'_>, call: &Arc<Call>, choice: Choice) -> Answer<Step<Stage>> {
    let instance = InstanceId { process: cx.process(), provider: choice.provider };
    if matches!(**call, Call::WSPStartup(_) | Call::WSPCleanup(_)) {
        return Ok(Step::Ask(Request::Down(instance, call.clone()), Stage::Routed));
    }
    let process = cx.world.running(cx.process());
    let loaded = process.and_then(|p| p.loaded.iter().find(|l| l.provider == choice.provider)).copied();
    match loaded {
        Some(Loaded { ready: true, .. }) => send(cx, call, choice, instance),
        Some(Loaded { ready: false, .. }) => Ok(Step::wait(Wait::Started(instance), Stage::StartedByAnother(choice))),
        None if cx.world.faults().lacks(choice.provider) => {
            Err(Refusal::code(ErrorCode::WSAEPROVIDERFAILEDINIT, crate::clause!("WSPStartup.dll-init-failure")))
        }
        None => {
            // A path that cannot be expanded leads to no DLL.
            let path = &cx.world.catalog().provider(choice.provider).path;
            let lost = path.contains("%SystemRoot%") && process.is_some_and(|p| p.lacks_system_root());
            rule!(!lost, WSAEPROVIDERFAILEDINIT, "WSPStartup.dll-init-failure");
            if let Some(process) = cx.world.process_mut(instance.process) {
                process.loaded.push(Loaded { provider: choice.provider, ready: false });
            }
            let info = cx.world.catalog().entry_or_refuse(choice.entry)?.info.clone();
            cx.hit(clause!("WSPStartup.dll-load-trigger"));
            let startup = WSPStartup {
                version_requested: cx.world.policy().provider_versions.range().1,
                protocol_info: Pointer::To(info),
                upcall_table: Default::default(),
                wsp_data: Default::default(),
                proc_table: Default::default(),
            };
            Ok(Step::down(instance, startup, Stage::Starting(choice)))
        }
    }
}

fn send(cx: &mut Cx<'_>, call: &Arc<Call>, choice: Choice, instance: InstanceId) -> Answer<Step<Stage>> {
    let mut down = translate::to_provider(call);
    // Looked at before it is changed: the call is shared with the activation above.
    if matches!(&*down, Call::WSPSocket(WSPSocket { protocol_info: Pointer::Null, .. }))
        && let Call::WSPSocket(WSPSocket { protocol_info: info, .. }) = Arc::make_mut(&mut down)
    {
        *info = Pointer::To(cx.world.catalog().entry_or_refuse(choice.entry)?.info.clone());
    }
    if matches!(**call, Call::WSASocket(_) | Call::socket(_)) {
        cx.hit(clause!("WSPSocket.triple-passed-through"));
    }
    let stage = match &*down {
        Call::WSPCloseSocket(a) => {
            let known = cx.world.running(cx.process()).and_then(|p| p.descriptors.get(a.s)).copied();
            known.map_or(Stage::Routed, |d| Stage::Closing { handle: a.s, turn: d.turn })
        }
        _ => Stage::Routed,
    };
    Ok(Step::Ask(Request::Down(instance, down), stage))
}

/// Goes on with a call.
pub(crate) fn resume(cx: &mut Cx<'_>, call: &Arc<Call>, stage: Stage, reply: Reply) -> Answer<Step<Stage>> {
    match stage {
        Stage::Starting(choice) => {
            let answer = reply.of::<WSPStartup>();
            let process = cx.process();
            let started = answer.as_ref().ok();
            let unacceptable =
                started.and_then(|started| unacceptable(cx, started).or_else(|| startup::ended_meanwhile(cx, call)));
            if let Some(process) = cx.world.process_mut(process) {
                let place = process.loaded.iter().position(|l| l.provider == choice.provider);
                match (place, &answer) {
                    (Some(place), Ok(_)) if unacceptable.is_none() => process.loaded[place].ready = true,
                    (Some(place), _) => {
                        process.loaded.remove(place);
                    }
                    (None, _) => {}
                }
            }
            if let Some(refusal) = unacceptable {
                cx.hit(clause!("WSPStartup.negotiate-unacceptable-cleanup"));
                let instance = InstanceId { process, provider: choice.provider };
                return Ok(Step::down(instance, WSPCleanup {}, Stage::Unacceptable(refusal)));
            }
            answer.map_err(failed_start)?;
            with_provider(cx, call, choice)
        }
        Stage::Unacceptable(refusal) => Err(refusal),
        Stage::StartedByAnother(choice) => match startup::ended_meanwhile(cx, call) {
            Some(refusal) => Err(refusal),
            None => with_provider(cx, call, choice),
        },
        Stage::Routed => {
            let outcome = reply.outcome();
            as_wsock32(cx, call, &outcome)?;
            Ok(Step::Return(outcome))
        }
        Stage::Closing { handle, turn } => {
            let outcome = reply.outcome();
            if outcome.result.is_ok() {
                remove_descriptor(cx, handle, turn);
            }
            Ok(Step::Return(outcome))
        }
        Stage::CleaningUp { rest } => {
            reply.of::<WSPCleanup>()?;
            if rest.is_empty() {
                cx.hit(clause!("WSPStartup.dll-unloads"));
            }
            startup::clean_up_next(cx, rest)
        }
    }
}

/// What an application of version 1.1 sees otherwise than those of 2.0 and later (decision `version-of-process`).
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPConnect.ealready-as-einval-11` | connect, and an attempt is on its way | WSAEINVAL |
fn as_wsock32(cx: &Cx<'_>, call: &Call, outcome: &Outcome) -> Answer<()> {
    let already = matches!(&outcome.result, Err(Refusal::Code { code: ErrorCode::WSAEALREADY, .. }));
    // The process is looked at last: that is a touch, and no other call needs it.
    let old = || cx.world.is_of_version_1(cx.process());
    rule!(!(already && matches!(call, Call::connect(_)) && old()), WSAEINVAL, "WSPConnect.ealready-as-einval-11");
    Ok(())
}

/// Why Ws2_32 does not use a provider that has started: its version is none of those that Ws2_32 takes (decision
/// `provider-versions`), or its procedure table is not whole.
fn unacceptable(cx: &mut Cx<'_>, started: &Started) -> Option<Refusal> {
    let (lowest, highest) = cx.world.policy().provider_versions.range();
    if !(lowest..=highest).contains(&started.wsp_data.version) {
        return Some(Refusal::code(ErrorCode::WSAEINVALIDPROVIDER, clause!("WSPStartup.dll-rejects-non-22")));
    }
    if started.proc_table.0.len() < Call::PROVIDER_FUNCTIONS {
        return Some(Refusal::code(ErrorCode::WSAEINVALIDPROCTABLE, clause!("WSPStartup.dll-rejects-bad-table")));
    }
    None
}

/// What the program sees when a provider refuses to start; what a decision made of an answer that is none stays.
fn failed_start(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Code { basis: Basis::Clause(_), .. } => {
            Refusal::code(ErrorCode::WSAEPROVIDERFAILEDINIT, clause!("WSPStartup.dll-init-failure"))
        }
        other => other,
    }
}

/// Takes the entry of a handle that an IFS provider has closed out of the table.
///
/// For an IFS socket no upcall does this. Ws2_32 does it by value (decision `descriptor-removal`): between the
/// provider's return and this moment another thread may have registered a new socket under the same value.
fn remove_descriptor(cx: &mut Cx<'_>, handle: Handle, turn: u32) {
    let removal = cx.world.policy().descriptor_removal;
    let leaves = is_wrong!(cx.world, CloseLeavesDescriptor);
    let process = cx.process();
    let Some(entry) = cx.world.process_mut(process).map(|p| &mut p.descriptors) else { return };
    let known = entry.get(handle).copied();
    let another = known.is_some_and(|d| d.turn != turn);
    if another && removal == DescriptorRemoval::OwnEntry {
        return;
    }
    if leaves {
        return;
    }
    if known.is_some_and(|d| d.context.is_none()) {
        entry.remove(handle);
        if another {
            let who = cx.world.thread_name(cx.thread);
            let seen = format!(
                "the entry of {handle}, registered again for another socket while {who} closed the old one, was removed by that close"
            );
            cx.hazard(HazardKind::RemovedAnothersEntry, seen);
        }
    }
}
