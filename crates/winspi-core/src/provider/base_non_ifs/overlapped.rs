//! Completions of the non-IFS base: a worker thread announces them by WPUCompleteOverlappedRequest.

use serde::{Deserialize, Serialize};

use crate::call::{Completed, WPUCompleteOverlappedRequest};
use crate::id::OperationId;
use crate::kernel::operation::OperationState;
use crate::outcome::Answer;
use crate::protocol::{Reply, Staged, Step};
use crate::value::Pointer;
use crate::world::Cx;

/// What a worker does with a finished operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Announce {
    /// The upcall has to come back.
    Announced(OperationId),
}

impl Staged for Announce {
    type Call = Completed;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &Completed) -> Answer<Step<Self>> {
        let me = cx.instance();
        let done = cx.world.operations().find_map(|(id, op)| match op.state {
            OperationState::Done(completion) if op.instance == me && op.cell == a.notice => {
                Some((id, op.handle, completion))
            }
            _ => None,
        });
        let Some((id, s, completion)) = done else { return Ok(Step::done(())) };
        let error = completion.error.number().cast_unsigned();
        let process = cx.process();
        if let Some(overlapped) = cx.world.overlapped_mut(process, a.notice) {
            // WPUCompleteOverlappedRequest.offsethigh-error-code, .offset-flags
            overlapped.offset = completion.flags;
            overlapped.offset_high = error;
        }
        let upcall = WPUCompleteOverlappedRequest {
            s,
            overlapped: Pointer::To(a.notice),
            error,
            transferred: completion.transferred,
        };
        Ok(Step::up(upcall, Announce::Announced(id)))
    }

    fn resume(self, cx: &mut Cx<'_>, _: &Completed, reply: Reply) -> Answer<Step<Self>> {
        let Announce::Announced(id) = self;
        let answer = reply.of::<WPUCompleteOverlappedRequest>();
        if let Some(endpoint) = cx.world.operation(id).map(|op| op.socket.endpoint) {
            cx.world.operation_arena().remove(id);
            cx.world.unhold(endpoint);
        }
        answer.map(Step::done)
    }
}
