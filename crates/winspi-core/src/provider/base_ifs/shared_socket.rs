//! Duplicates of the IFS base: a claim in the handle table of the target.
//!
//! dwProviderReserved carries the handle value, which becomes the descriptor when the target asks for it. The slot turns
//! from claim to socket in place: no count changes, and there is no moment without a holder.

use winspi_types::ErrorCode;

use crate::clause;
use crate::id::{EndpointId, Handle, Pid};
use crate::kernel::handle::{Claim, Slot};
use crate::outcome::{Answer, Refusal};
use crate::world::Cx;

/// Puts a claim into the target.
pub(crate) fn keep(cx: &mut Cx<'_>, endpoint: EndpointId, target: Pid, serial: u32) -> Answer<u32> {
    let claim = Claim { endpoint, creator: cx.process(), serial };
    let handle = cx.world.process_mut(target).and_then(|p| p.handles.insert(Slot::Claim(claim)));
    let reserved = handle.and_then(|h| u32::try_from(h.0).ok());
    let reserved =
        reserved.ok_or_else(|| Refusal::code(ErrorCode::WSAEMFILE, clause!("WSPDuplicateSocket.error-emfile")))?;
    cx.world.open(endpoint);
    cx.hit(clause!("WSPDuplicateSocket.ifs-duplicatehandle"));
    Ok(reserved)
}

/// Turns the claim of the calling process, or of another one, into its socket.
pub(crate) fn take(cx: &mut Cx<'_>, target: Pid, reserved: u32, serial: u32) -> Option<Handle> {
    let handle = Handle(u64::from(reserved));
    let process = cx.process();
    match cx.world.slot(target, handle) {
        Slot::Claim(claim) if claim.serial == serial && handle.0.is_multiple_of(4) && target != process => {
            // Decision info-redeemed-by-target, anyone: the duplicate moves.
            let own = cx.world.process_mut(process)?.handles.insert(Slot::Socket(claim.endpoint))?;
            cx.world.process_mut(target)?.handles.remove(handle);
            Some(own)
        }
        Slot::Claim(claim) if is_wrong!(cx.world, ClaimStays) => {
            cx.world.open(claim.endpoint);
            cx.world.process_mut(process)?.handles.insert(Slot::Socket(claim.endpoint))
        }
        Slot::Claim(claim) if claim.serial == serial && handle.0.is_multiple_of(4) => {
            cx.world.process_mut(process)?.handles.replace(handle, Slot::Socket(claim.endpoint));
            Some(handle)
        }
        _ => None,
    }
}
