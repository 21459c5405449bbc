//! Ws2_32: what stands between programs and providers.
//!
//! It starts providers when they are first needed, chooses one for a socket, keeps the table of descriptors, and serves
//! the upcalls. All else is the provider's.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::outcome::{Answer, Out};
use crate::protocol::{Reply, Step};
use crate::world::Cx;

mod blocking;
pub mod catalog;
mod conversion;
pub mod descriptor;
mod enumeration;
mod event;
pub(crate) mod last_error;
mod route;
mod startup;
mod translate;
mod upcall;

pub use route::Stage;

/// Steps an activation of Ws2_32.
pub(crate) fn step(cx: &mut Cx<'_>, call: &Arc<Call>, stage: Option<Stage>, reply: Reply) -> Step<Stage> {
    Step::of(match stage {
        None => match own_answer(cx, call) {
            Some(answer) => answer.map(|out| Step::Return(crate::outcome::Outcome { result: Ok(out), by: None })),
            None => match &**call {
                Call::WSAStartup(a) => startup::startup(cx, a),
                Call::WSACleanup(_) => startup::cleanup(cx),
                Call::WSAGetLastError(_) => Ok(Step::done(last_error::get(cx))),
                Call::WSASetLastError(a) => {
                    last_error::set(cx, a);
                    Ok(Step::done(()))
                }
                Call::WSAEnumProtocols(a) => enumeration::available(cx, a).map(Step::done),
                Call::WSCEnumProtocols(a) => enumeration::installed(cx, a).map(Step::done),
                _ => event::native(cx, call).unwrap_or_else(|| route::begin(cx, call)),
            },
        },
        Some(stage) => route::resume(cx, call, stage, reply),
    })
}

/// What Ws2_32 answers at once: upcalls, and what it keeps for threads.
fn own_answer(cx: &mut Cx<'_>, call: &Call) -> Option<Answer<Out>> {
    upcall::answer(cx, call)
        .or_else(|| event::answer(cx, call))
        .or_else(|| conversion::answer(cx, call))
        .or_else(|| blocking::answer(cx, call))
}

/// What Ws2_32 remembers at a stage; kept small, so that a process with many calls stays small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// The catalog entry.
    pub(crate) entry: u32,
    /// The provider behind it.
    pub(crate) provider: crate::id::ProviderId,
}
