//! A layer that gives out the handles of the provider below, relabelled as its own.
//!
//! It takes part in WSPStartup, WSPCleanup, WSPSocket, WSPAccept, WSPDuplicateSocket and WSPGetSockOpt, and in what it
//! hooks; a call that it hooks and has nothing to do with goes down unchanged.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::{Call, WPUModifyIFSHandle, WSPAccept, WSPCloseSocket, WSPDuplicateSocket, WSPSocket};
use crate::clause;
use crate::id::Handle;
use crate::outcome::{Accepted, Answer, Outcome, Refusal, SocketName};
use crate::protocol::{Reply, Request, Staged, Step, entries};
use crate::provider::layer::{breaks, entry_like, lower_of, protocol_info, restore, socket_below, startup};
use crate::world::Cx;
use crate::ws2_32::catalog::Fault;

mod functions {
    //! The list, and the stages that the macro makes of it.
    use super::*;

    entries! {
        at ();
        free plain {}
        free staged {
            WSPStartup => startup::Start,
            WSPCleanup => startup::End,
            WSPSocket => Create,
            WSPAccept => Accept,
            WSPDuplicateSocket => Duplicate,
            WSPGetSockOpt => protocol_info::OfIfs,
        }
        plain {}
        staged {}
    }
}

/// Where a function goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// The call went down unchanged; its outcome goes up unchanged.
    Passed,
    /// A function that the layer takes part in.
    In(functions::Stage),
}

impl Stage {
    pub(crate) fn fits(&self, call: &Call) -> bool {
        match self {
            Stage::Passed => call.socket().is_some(),
            Stage::In(stage) => stage.fits(call),
        }
    }
}

pub(crate) fn enter(cx: &mut Cx<'_>, call: &Arc<Call>) -> Answer<Step<Stage>> {
    match functions::begin_free(cx, call) {
        Some(answer) => answer.map(|step| step.map(Stage::In)),
        None => Ok(Step::Ask(Request::Down(lower_of(cx)?, call.clone()), Stage::Passed)),
    }
}

pub(crate) fn go_on(cx: &mut Cx<'_>, call: &Arc<Call>, stage: Stage, reply: Reply) -> Answer<Step<Stage>> {
    match stage {
        Stage::Passed => Ok(Step::Return(reply.outcome())),
        Stage::In(stage) => functions::resume(cx, stage, call, reply).map(|step| step.map(Stage::In)),
    }
}

/// WSPSocket of an IFS layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Create {
    /// The provider below makes the handle.
    Lower {
        /// The entry to register it under.
        own_entry: u32,
    },
    /// Ws2_32 registers it for the layer.
    Relabelled {
        /// The handle of the provider below.
        lower: Handle,
    },
    /// The registration was refused: the lower handle is being closed.
    Undone(Refusal),
}

impl Staged for Create {
    type Call = WSPSocket;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WSPSocket) -> Answer<Step<Self>> {
        socket_below(cx, a, |own_entry| Create::Lower { own_entry })
    }

    fn resume(self, cx: &mut Cx<'_>, _: &WSPSocket, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Create::Lower { own_entry } => {
                let lower = reply.of::<WSPSocket>()?;
                if breaks(cx, Fault::UnregisteredHandle) {
                    return Ok(Step::done(lower));
                }
                let upcall = WPUModifyIFSHandle { catalog_entry_id: own_entry, proposed_handle: lower };
                Ok(Step::up(upcall, Create::Relabelled { lower }))
            }
            Create::Relabelled { lower } => match reply.of::<WPUModifyIFSHandle>() {
                Ok(handle) => {
                    cx.hit(clause!("WPUModifyIFSHandle.lsp-becomes-target"));
                    Ok(Step::done(handle))
                }
                Err(refusal) => Ok(Step::down(lower_of(cx)?, WSPCloseSocket { s: lower }, Create::Undone(refusal))),
            },
            Create::Undone(refusal) => Err(refusal),
        }
    }
}

/// WSPAccept of an IFS layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Accept {
    /// The provider below accepts.
    Lower,
    /// Ws2_32 registers the handle for the layer.
    Relabelled {
        /// The handle of the provider below.
        lower: Handle,
        /// The peer.
        addr: Option<SocketName>,
    },
    /// The registration was refused: the lower handle is being closed.
    Undone(Refusal),
}

impl Staged for Accept {
    type Call = WSPAccept;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WSPAccept) -> Answer<Step<Self>> {
        Ok(Step::down(lower_of(cx)?, a.clone(), Accept::Lower))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPAccept, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Accept::Lower => {
                let outcome = reply.outcome();
                if outcome.result.is_err() {
                    return Ok(Step::Return(outcome));
                }
                let Accepted { s: lower, addr } = Reply::Outcome(outcome).of::<WSPAccept>()?;
                if breaks(cx, Fault::UnregisteredHandle) {
                    return Ok(Step::done(Accepted { s: lower, addr }));
                }
                let catalog_entry_id = entry_like(cx, a.s);
                let upcall = WPUModifyIFSHandle { catalog_entry_id, proposed_handle: lower };
                Ok(Step::up(upcall, Accept::Relabelled { lower, addr }))
            }
            Accept::Relabelled { lower, addr } => match reply.of::<WPUModifyIFSHandle>() {
                Ok(s) => Ok(Step::done(Accepted { s, addr })),
                Err(refusal) => Ok(Step::down(lower_of(cx)?, WSPCloseSocket { s: lower }, Accept::Undone(refusal))),
            },
            Accept::Undone(refusal) => Err(refusal),
        }
    }
}

/// WSPDuplicateSocket of an IFS layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Duplicate {
    /// The provider below makes the info.
    Lower,
}

impl Staged for Duplicate {
    type Call = WSPDuplicateSocket;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WSPDuplicateSocket) -> Answer<Step<Self>> {
        cx.hit(clause!("WSPDuplicateSocket.layer-calls-next"));
        Ok(Step::down(lower_of(cx)?, a.clone(), Duplicate::Lower))
    }

    fn resume(self, cx: &mut Cx<'_>, _: &WSPDuplicateSocket, reply: Reply) -> Answer<Step<Self>> {
        duplicated(cx, reply).map(Step::Return)
    }
}

/// The info of the provider below with the layer's identity; a refusal goes up unchanged.
pub(crate) fn duplicated(cx: &mut Cx<'_>, reply: Reply) -> Answer<Outcome> {
    let outcome = reply.outcome();
    if outcome.result.is_err() {
        return Ok(outcome);
    }
    let info = Reply::Outcome(outcome).of::<WSPDuplicateSocket>()?;
    let restored = restore(cx, &info)?;
    cx.hit(clause!("WSPDuplicateSocket.layer-substitutes-base-info"));
    Ok(Outcome::of(Ok(restored)))
}
