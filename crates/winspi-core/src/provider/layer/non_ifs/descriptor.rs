//! WSPSocket, WSPAccept, WSPCloseSocket and WSPDuplicateSocket of a layer with handles of its own.

use serde::{Deserialize, Serialize};
use winspi_types::constants::WSA_FLAG_NO_HANDLE_INHERIT;

use crate::call::{
    WPUCloseSocketHandle, WPUCreateSocketHandle, WSPAccept, WSPCloseSocket, WSPDuplicateSocket, WSPSocket,
};
use crate::clause;
use crate::id::Handle;
use crate::outcome::{Accepted, Answer, Refusal, SocketName};
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::descriptor::forbid_inheritance;
use crate::provider::layer::non_ifs::LayerSocketAt;
use crate::provider::layer::{breaks, entry_like, ifs, lower_of, record_mut, socket_below};
use crate::wait::Wait;
use crate::world::Cx;
use crate::ws2_32::catalog::Fault;

/// WSPSocket of a non-IFS layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Create {
    /// The provider below makes its handle.
    Lower {
        /// The entry to register under.
        own_entry: u32,
    },
    /// Ws2_32 makes the layer's handle.
    Created {
        /// The number of the record.
        number: u32,
    },
    /// That was refused: the lower handle is being closed.
    Undone(Refusal),
}

impl Staged for Create {
    type Call = WSPSocket;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WSPSocket) -> Answer<Step<Self>> {
        socket_below(cx, a, |own_entry| Create::Lower { own_entry })
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPSocket, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Create::Lower { own_entry } => {
                let lower = reply.of::<WSPSocket>()?;
                let (number, upcall) = ask_for_handle(cx, lower, own_entry);
                Ok(Step::up(upcall, Create::Created { number }))
            }
            Create::Created { number } => match created(cx, number, reply) {
                Ok(handle) => {
                    if a.flags & WSA_FLAG_NO_HANDLE_INHERIT != 0 {
                        forbid_inheritance(cx, handle);
                    }
                    Ok(Step::done(handle))
                }
                Err((refusal, lower)) => {
                    Ok(Step::down(lower_of(cx)?, WSPCloseSocket { s: lower }, Create::Undone(refusal)))
                }
            },
            Create::Undone(refusal) => Err(refusal),
        }
    }
}

/// Makes the record of a lower handle; its number is the context of the handle to be made.
fn ask_for_handle(cx: &mut Cx<'_>, lower: Handle, catalog_entry_id: u32) -> (u32, WPUCreateSocketHandle) {
    let number = record_mut(cx).map_or(0, |record| record.insert(lower));
    (number, WPUCreateSocketHandle { catalog_entry_id, context: u64::from(number) })
}

/// Completes the record, or takes it back and gives the lower handle that is left.
fn created(cx: &mut Cx<'_>, number: u32, reply: Reply) -> Result<Handle, (Refusal, Handle)> {
    match reply.of::<WPUCreateSocketHandle>() {
        Ok(handle) => {
            if let Some(socket) = record_mut(cx).and_then(|r| r.socket_mut(number)) {
                socket.upper = Some(handle);
            }
            cx.hit(clause!("WPUCreateSocketHandle.lsp-may-use-instead-of-modify"));
            Ok(handle)
        }
        Err(refusal) => {
            let socket = record_mut(cx).and_then(|r| r.remove(number));
            Err((refusal, socket.map_or(Handle::INVALID, |s| s.lower)))
        }
    }
}

/// WSPAccept of a non-IFS layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Accept {
    /// The provider below accepts.
    Lower,
    /// Ws2_32 makes the layer's handle.
    Created {
        /// The number of the record.
        number: u32,
        /// The peer.
        addr: Option<SocketName>,
    },
    /// That was refused: the lower handle is being closed.
    Undone(Refusal),
}

impl Staged for Accept {
    type Call = WSPAccept;
    type At = LayerSocketAt;

    fn begin(cx: &mut Cx<'_>, at: LayerSocketAt, a: &WSPAccept) -> Answer<Step<Self>> {
        Ok(Step::down(lower_of(cx)?, WSPAccept { s: at.lower, ..a.clone() }, Accept::Lower))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPAccept, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Accept::Lower => {
                let outcome = reply.outcome();
                if outcome.result.is_err() {
                    return Ok(Step::Return(outcome));
                }
                let Accepted { s: lower, addr } = Reply::Outcome(outcome).of::<WSPAccept>()?;
                let entry = entry_like(cx, a.s);
                let (number, upcall) = ask_for_handle(cx, lower, entry);
                Ok(Step::up(upcall, Accept::Created { number, addr }))
            }
            Accept::Created { number, addr } => match created(cx, number, reply) {
                Ok(s) => Ok(Step::done(Accepted { s, addr })),
                Err((refusal, lower)) => {
                    Ok(Step::down(lower_of(cx)?, WSPCloseSocket { s: lower }, Accept::Undone(refusal)))
                }
            },
            Accept::Undone(refusal) => Err(refusal),
        }
    }
}

/// WSPCloseSocket of a non-IFS layer: the lower handle, the completions, then its own handle.
///
/// The layer counts the operations of a socket and keeps handle and record until the last is announced (decision
/// `close-waits-for-completions`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Close {
    /// The provider below closes its handle.
    Lower(LayerSocketAt),
    /// The completions have to be announced.
    Drained(LayerSocketAt),
    /// Ws2_32 takes the handle back.
    HandleClosed(LayerSocketAt),
}

impl Staged for Close {
    type Call = WSPCloseSocket;
    type At = LayerSocketAt;

    fn begin(cx: &mut Cx<'_>, at: LayerSocketAt, _: &WSPCloseSocket) -> Answer<Step<Self>> {
        Ok(Step::down(lower_of(cx)?, WSPCloseSocket { s: at.lower }, Close::Lower(at)))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPCloseSocket, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Close::Lower(at) => {
                let outcome = reply.outcome();
                if outcome.result.is_err() {
                    return Ok(Step::Return(outcome));
                }
                Ok(Close::when_drained(cx, at, a))
            }
            Close::Drained(at) => Ok(Close::when_drained(cx, at, a)),
            Close::HandleClosed(at) => {
                reply.of::<WPUCloseSocketHandle>()?;
                if let Some(record) = record_mut(cx) {
                    record.remove(at.number);
                }
                Ok(Step::done(()))
            }
        }
    }
}

impl Close {
    fn when_drained(cx: &mut Cx<'_>, at: LayerSocketAt, a: &WSPCloseSocket) -> Step<Self> {
        let instance = cx.instance();
        let pending = cx.world.operations_of_record(instance, at.number) > 0;
        if pending && !breaks(cx, Fault::UncompletedOperation) {
            return Step::wait(Wait::Drained { instance, record: at.number }, Close::Drained(at));
        }
        Step::up(WPUCloseSocketHandle { s: a.s }, Close::HandleClosed(at))
    }
}

/// WSPDuplicateSocket of a non-IFS layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Duplicate {
    /// The provider below makes the info.
    Lower,
}

impl Staged for Duplicate {
    type Call = WSPDuplicateSocket;
    type At = LayerSocketAt;

    fn begin(cx: &mut Cx<'_>, at: LayerSocketAt, a: &WSPDuplicateSocket) -> Answer<Step<Self>> {
        cx.hit(clause!("WSPDuplicateSocket.layer-calls-next"));
        Ok(Step::down(lower_of(cx)?, WSPDuplicateSocket { s: at.lower, ..a.clone() }, Duplicate::Lower))
    }

    fn resume(self, cx: &mut Cx<'_>, _: &WSPDuplicateSocket, reply: Reply) -> Answer<Step<Self>> {
        ifs::duplicated(cx, reply).map(Step::Return)
    }
}
