//! Overlapped operations through a layer with handles of its own.
//!
//! The layer starts the lower operation with a WSAOVERLAPPED of its own. When that is done a worker thread of the layer
//! takes the result over into the program's structure and announces it by WPUCompleteOverlappedRequest.

use serde::{Deserialize, Serialize};

use crate::call::{
    Completed, WPUCompleteOverlappedRequest, WSPGetOverlappedResult, WSPRecv, WSPRecvFrom, WSPSend, WSPSendTo,
};
use crate::clause;
use crate::id::{CellId, Handle};
use crate::kernel::handle::Slot;
use crate::kernel::memory::{Cell, Content, Overlapped, Owner};
use crate::outcome::{Answer, Outcome, Refusal};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::overlapped as results;
use crate::provider::layer::non_ifs::LayerSocketAt;
use crate::provider::layer::record::LayerOperation;
use crate::provider::layer::{lower_of, record, record_mut};
use crate::value::{OverlappedIn, Pointer};
use crate::world::Cx;

/// `Internal` of the layer's own structure before the provider below has seen it.
const UNSEEN: u64 = u64::MAX;

/// An operation that was handed down, until the call comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HandedDown {
    /// The layer's structure.
    lower: CellId,
    /// The program's.
    upper: CellId,
    /// What the program's was like before.
    before: Overlapped,
    /// Whether its event was signalled before.
    signaled: bool,
}

/// Makes the layer's structure for an operation of a program.
fn hand_down(cx: &mut Cx<'_>, at: LayerSocketAt, handle: Handle, overlapped: OverlappedIn) -> Answer<HandedDown> {
    let fault = || Refusal::code(winspi_types::ErrorCode::WSAEFAULT, Decision::BadMemory);
    let Pointer::To(upper) = overlapped else { return Err(fault()) };
    let process = cx.process();
    let before = cx.world.overlapped(process, upper).ok_or_else(fault)?;
    cx.notice_structure(upper);
    let owner = Owner::Provider(cx.instance());
    let own = Overlapped { internal: UNSEEN, internal_high: 0, offset: 0, offset_high: 0, event: Handle(0) };
    let cells = cx.world.process_mut(process).map(|p| &mut p.cells);
    let lower = cells.map(|c| c.allocate(Cell { content: Content::Overlapped(own), owner })).ok_or_else(fault)?;
    if let Some(record) = record_mut(cx) {
        record.begin_operation(LayerOperation { lower, upper, record: at.number, handle, strayed: false });
    }
    // WPUCompleteOverlappedRequest.start-marks-in-progress, WSPGetOverlappedResult.pended-operation-resets-event
    if let Some(overlapped) = cx.world.overlapped_mut(process, upper) {
        overlapped.internal = Overlapped::IN_PROGRESS;
        overlapped.internal_high = 0;
    }
    let mut signaled = false;
    if let Slot::Event(event) = cx.world.slot(process, before.event)
        && let Some(event) = cx.world.event_mut(event)
    {
        signaled = std::mem::replace(&mut event.signaled, false);
    }
    Ok(HandedDown { lower, upper, before, signaled })
}

/// What came back: pending and done are both announced later, anything else is not.
fn handed_back(cx: &mut Cx<'_>, operation: HandedDown, reply: Reply) -> Outcome {
    let outcome = reply.outcome();
    let process = cx.process();
    let refused = outcome.result.is_err() && outcome.error() != Some(winspi_types::ErrorCode::WSA_IO_PENDING);
    // A socket without the overlapped attribute: the provider below has ignored the structure.
    let ignored = cx.world.overlapped(process, operation.lower).is_some_and(|o| o.internal == UNSEEN);
    if refused || ignored {
        if let Some(record) = record_mut(cx) {
            record.end_operation(operation.lower);
        }
        if let Some(process) = cx.world.process_mut(process) {
            process.cells.release(operation.lower);
        }
        if let Some(overlapped) = cx.world.overlapped_mut(process, operation.upper) {
            *overlapped = operation.before;
        }
        if let (true, Slot::Event(event)) = (operation.signaled, cx.world.slot(process, operation.before.event))
            && let Some(event) = cx.world.event_mut(event)
        {
            event.signaled = true;
        }
    }
    outcome
}

macro_rules! handed_down {
    ($(#[$doc:meta])* $name:ident $call:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            /// The provider below has the operation.
            Lower(HandedDown),
        }

        impl Staged for $name {
            type Call = $call;
            type At = LayerSocketAt;

            fn begin(cx: &mut Cx<'_>, at: LayerSocketAt, a: &$call) -> Answer<Step<Self>> {
                let operation = hand_down(cx, at, a.s, a.overlapped)?;
                cx.hit(clause!("WPUCreateSocketHandle.lsp-substitutes-overlapped"));
                let down = $call { s: at.lower, overlapped: Pointer::To(operation.lower), ..a.clone() };
                Ok(Step::down(lower_of(cx)?, down, $name::Lower(operation)))
            }

            fn resume(self, cx: &mut Cx<'_>, _: &$call, reply: Reply) -> Answer<Step<Self>> {
                let $name::Lower(operation) = self;
                Ok(Step::Return(handed_back(cx, operation, reply)))
            }
        }
    };
}

handed_down! {
    /// Overlapped WSPSend of a non-IFS layer.
    Send WSPSend
}
handed_down! {
    /// Overlapped WSPRecv of a non-IFS layer.
    Recv WSPRecv
}
handed_down! {
    /// Overlapped WSPSendTo of a non-IFS layer.
    SendTo WSPSendTo
}
handed_down! {
    /// Overlapped WSPRecvFrom of a non-IFS layer; the place for the sender's name is the program's.
    RecvFrom WSPRecvFrom
}

/// WSPGetOverlappedResult of a non-IFS layer: the structure is the program's, the answer is in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GetOverlappedResult(results::GetOverlappedResult);

impl Staged for GetOverlappedResult {
    type Call = WSPGetOverlappedResult;
    type At = LayerSocketAt;

    fn begin(cx: &mut Cx<'_>, _: LayerSocketAt, a: &WSPGetOverlappedResult) -> Answer<Step<Self>> {
        results::begin(cx, a).map(|step| step.map(GetOverlappedResult))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPGetOverlappedResult, reply: Reply) -> Answer<Step<Self>> {
        self.0.resume(cx, a, reply).map(|step| step.map(GetOverlappedResult))
    }
}

/// What a worker of the layer does when a lower operation is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Announce {
    /// The upcall has to come back.
    Announced,
}

impl Staged for Announce {
    type Call = Completed;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &Completed) -> Answer<Step<Self>> {
        let process = cx.process();
        let operation = record(cx).and_then(|r| r.operation(a.notice)).copied();
        let result = cx.world.overlapped(process, a.notice);
        let (Some(operation), Some(result)) = (operation, result) else { return Ok(Step::done(())) };
        if let Some(overlapped) = cx.world.overlapped_mut(process, operation.upper) {
            overlapped.offset = result.offset;
            overlapped.offset_high = result.offset_high;
        }
        cx.hit(clause!("WPUCreateSocketHandle.lsp-forwards-completion"));
        let upcall = WPUCompleteOverlappedRequest {
            s: operation.handle,
            overlapped: Pointer::To(operation.upper),
            error: result.offset_high,
            transferred: u32::try_from(result.internal_high).unwrap_or(u32::MAX),
        };
        Ok(Step::up(upcall, Announce::Announced))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &Completed, reply: Reply) -> Answer<Step<Self>> {
        let answer = reply.of::<WPUCompleteOverlappedRequest>();
        if let Some(record) = record_mut(cx) {
            record.end_operation(a.notice);
        }
        let process = cx.process();
        if let Some(process) = cx.world.process_mut(process) {
            process.cells.release(a.notice);
        }
        cx.hit(clause!("WPUCreateSocketHandle.lsp-discards-substitute"));
        answer.map(Step::done)
    }
}
