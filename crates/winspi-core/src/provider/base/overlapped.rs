//! WSPGetOverlappedResult. Layers with handles of their own use it, too.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::WSPGetOverlappedResult;
use crate::clause;
use crate::id::CellId;
use crate::kernel::memory::Overlapped;
use crate::outcome::{Answer, OverlappedResult, Refusal};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::rule;
use crate::value::{Place, Pointer};
use crate::wait::{Socket, Wait};
use crate::world::Cx;

/// WSPGetOverlappedResult: waits for the end of the operation if asked to.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPGetOverlappedResult.einval` | a pointer is no memory | WSAEINVAL |
/// | `WSPGetOverlappedResult.io-incomplete` | the operation is pending and `wait` is FALSE | WSA_IO_INCOMPLETE |
/// | `WSPGetOverlappedResult.return-false-on-failed-operation` | it failed | its code |
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GetOverlappedResult {
    /// The operation has to end.
    Ends(CellId),
}

impl Staged for GetOverlappedResult {
    type Call = WSPGetOverlappedResult;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, _: Socket, a: &WSPGetOverlappedResult) -> Answer<Step<Self>> {
        begin(cx, a)
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPGetOverlappedResult, _: Reply) -> Answer<Step<Self>> {
        let GetOverlappedResult::Ends(cell) = self;
        look(cx, a, cell)
    }
}

/// The first step, for parties whose socket is another.
pub(crate) fn begin(cx: &mut Cx<'_>, a: &WSPGetOverlappedResult) -> Answer<Step<GetOverlappedResult>> {
    let places = a.transfer == Place::Room && a.flags == Place::Room;
    rule!(places, WSAEINVAL, "WSPGetOverlappedResult.einval");
    let Pointer::To(cell) = a.overlapped else {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPGetOverlappedResult.einval")));
    };
    look(cx, a, cell)
}

fn look(cx: &mut Cx<'_>, a: &WSPGetOverlappedResult, cell: CellId) -> Answer<Step<GetOverlappedResult>> {
    let Some(overlapped) = cx.world.overlapped(cx.process(), cell) else {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, Decision::BadMemory));
    };
    if overlapped.internal == Overlapped::IN_PROGRESS {
        rule!(a.wait, WSA_IO_INCOMPLETE, "WSPGetOverlappedResult.io-incomplete");
        let wait = Wait::Completed { process: cx.process(), cell };
        return Ok(Step::wait(wait, GetOverlappedResult::Ends(cell)));
    }
    let error = ErrorCode(overlapped.offset_high.cast_signed());
    if error != ErrorCode(0) {
        return Err(Refusal::code(error, clause!("WSPGetOverlappedResult.return-false-on-failed-operation")));
    }
    cx.hit(clause!("WSPGetOverlappedResult.reads-internal-to-decide"));
    let transfer = u32::try_from(overlapped.internal_high).unwrap_or(u32::MAX);
    Ok(Step::done(OverlappedResult { transfer, flags: overlapped.offset }))
}
