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
        let mine = cx.world.operations().filter(|(_, op)| op.instance == me && op.cell == a.notice);
        let done = mine.filter_map(|(id, op)| match op.state {
            OperationState::Done(completion) => Some((op.place(), id, op.handle, completion)),
            OperationState::Pending => None,
        });
        let Some((_, id, s, completion)) = done.min_by_key(|(place, ..)| *place) else { return Ok(Step::done(())) };
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
        cx.world.take_operation(id);
        answer.map(Step::done)
    }
}
