//! A layer with handles and contexts of its own.
//!
//! Every call passes it: it asks for the context of the handle, puts the lower handle in, and hands the outcome back.
//! What needs more is listed here and stands in `non_ifs/`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::{Call, WPUQuerySocketHandleContext};
use crate::id::Handle;
use crate::outcome::Answer;
use crate::protocol::{Reply, Request, Step, entries};
use crate::provider::base::not_a_socket;
use crate::provider::layer::{lower_of, protocol_info, record, startup};
use crate::value::{Place, Pointer};
use crate::world::Cx;

mod descriptor;
mod overlapped;

/// A socket of the layer: the number of its record, and the handle of the provider below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LayerSocketAt {
    /// The number of the record: the context of the handle.
    pub number: u32,
    /// The handle of the provider below.
    pub lower: Handle,
}

mod functions {
    //! The list, and the stages that the macro makes of it.
    use super::*;

    entries! {
        at LayerSocketAt;
        free plain {}
        free staged {
            WSPStartup => startup::Start,
            WSPCleanup => startup::End,
            WSPSocket => descriptor::Create,
            Completed => overlapped::Announce,
        }
        plain {}
        staged {
            WSPAccept => descriptor::Accept,
            WSPCloseSocket => descriptor::Close,
            WSPDuplicateSocket => descriptor::Duplicate,
            WSPGetSockOpt => protocol_info::OfNonIfs,
            WSPSend => overlapped::Send,
            WSPRecv => overlapped::Recv,
            WSPSendTo => overlapped::SendTo,
            WSPRecvFrom => overlapped::RecvFrom,
            WSPGetOverlappedResult => overlapped::GetOverlappedResult,
        }
    }
}

/// Where a function goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// It waits for the context of its handle.
    Context,
    /// The call went down with the lower handle; its outcome goes up unchanged.
    Passed,
    /// A function that the layer does more for.
    In(functions::Stage),
}

impl Stage {
    pub(crate) fn fits(&self, call: &Call) -> bool {
        match self {
            Stage::Context | Stage::Passed => call.socket().is_some(),
            Stage::In(stage) => stage.fits(call),
        }
    }
}

pub(crate) fn enter(cx: &mut Cx<'_>, call: &Arc<Call>) -> Answer<Step<Stage>> {
    if let Some(answer) = functions::begin_free(cx, call) {
        return answer.map(|step| step.map(Stage::In));
    }
    let s = call.socket().ok_or_else(|| not_a_socket(call.function()))?;
    Ok(Step::up(WPUQuerySocketHandleContext { s, context: Place::Room }, Stage::Context))
}

pub(crate) fn go_on(cx: &mut Cx<'_>, call: &Arc<Call>, stage: Stage, reply: Reply) -> Answer<Step<Stage>> {
    match stage {
        Stage::Context => {
            let context = reply.of::<WPUQuerySocketHandleContext>();
            let number = context.ok().and_then(|c| u32::try_from(c.0).ok());
            let socket = number.and_then(|number| Some((number, record(cx)?.socket(number)?.lower)));
            let (number, lower) = socket.ok_or_else(|| not_a_socket(call.function()))?;
            with_socket(cx, call, LayerSocketAt { number, lower })
        }
        Stage::Passed => Ok(Step::Return(reply.outcome())),
        Stage::In(stage) => functions::resume(cx, stage, call, reply).map(|step| step.map(Stage::In)),
    }
}

fn with_socket(cx: &mut Cx<'_>, call: &Arc<Call>, at: LayerSocketAt) -> Answer<Step<Stage>> {
    let takes_part = match &**call {
        Call::WSPAccept(_) | Call::WSPCloseSocket(_) | Call::WSPDuplicateSocket(_) => true,
        Call::WSPGetOverlappedResult(_) => true,
        Call::WSPSend(a) => matches!(a.overlapped, Pointer::To(_)),
        Call::WSPRecv(a) => matches!(a.overlapped, Pointer::To(_)),
        Call::WSPSendTo(a) => matches!(a.overlapped, Pointer::To(_)),
        Call::WSPRecvFrom(a) => matches!(a.overlapped, Pointer::To(_)),
        Call::WSPGetSockOpt(_) => true,
        _ => false,
    };
    if takes_part {
        return functions::begin(cx, at, call).map(|step| step.map(Stage::In));
    }
    let mut down = call.clone();
    if let Some(s) = Arc::make_mut(&mut down).socket_mut() {
        *s = at.lower;
    }
    Ok(Step::Ask(Request::Down(lower_of(cx)?, down), Stage::Passed))
}
