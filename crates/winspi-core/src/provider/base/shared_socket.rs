//! WSPDuplicateSocket, and what WSPSocket does with its special info: make and redeem, side by side.
//!
//! The duplicate is kept for the target from the moment of WSPDuplicateSocket on, so the source may close first
//! (decision `unclaimed-duplicate`). The info names it by dwProviderReserved, the target in dwServiceFlags3, and a serial
//! of the target in dwServiceFlags4, so that a coincidence of numbers in another process is no duplicate. It can be
//! redeemed once, and only in the target (decision `info-redeemed-by-target`).

use std::sync::Arc;

use winspi_types::{ErrorCode, RawProtocolInfoW};

use crate::call::WSPDuplicateSocket;
use crate::clause;
use crate::id::Pid;
use crate::kernel::handle::Slot;
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::provider::base::{Base, entry_for};
use crate::rule;
use crate::value::Place;
use crate::wait::Socket;
use crate::world::Cx;

/// Makes the special info for a process.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPDuplicateSocket.error-einval` | `process_id` names no running process | WSAEINVAL |
/// | `WSPDuplicateSocket.error-efault` | `protocol_info` is no memory | WSAEFAULT |
/// | `WSPDuplicateSocket.error-emfile` | the target has no handle left | WSAEMFILE |
///
/// Checked in this order: decision `order-of-checks`. The process may be the caller's own: decision `duplicate-target`.
pub(crate) fn duplicate<B: Base>(cx: &mut Cx<'_>, s: Socket, a: &WSPDuplicateSocket) -> Answer<Arc<RawProtocolInfoW>> {
    let target = Pid(a.process_id);
    rule!(cx.world.running(target).is_some(), WSAEINVAL, "WSPDuplicateSocket.error-einval");
    rule!(a.protocol_info == Place::Room, WSAEFAULT, "WSPDuplicateSocket.error-efault");
    let endpoint = cx.world.endpoint(s.endpoint);
    let (family, socket_type, protocol) = (endpoint.family, endpoint.socket_type, endpoint.protocol);
    let entry = entry_for(cx, family, socket_type, protocol).and_then(|id| cx.world.catalog().entry(id));
    let Some(mut info) = entry.map(|e| (*e.info).clone()) else {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.error-einval")));
    };
    let serial = cx.world.process_mut(target).map_or(0, |process| {
        process.claims_made += 1;
        process.claims_made
    });
    let reserved = B::keep(cx, s.endpoint, target, serial)?;
    info.set_provider_reserved(reserved);
    info.set_service_flags3(target.0);
    info.set_service_flags4(serial);
    cx.hit(clause!("WSPDuplicateSocket.info-written"));
    Ok(Arc::new(info))
}

/// Whether an info asks for a socket that exists.
pub(crate) fn is_special(info: &RawProtocolInfoW) -> bool {
    info.provider_reserved() != 0
}

/// Takes the duplicate that an info stands for, and the catalog entry to register its descriptor under.
pub(crate) fn redeem<B: Base>(cx: &mut Cx<'_>, info: &RawProtocolInfoW) -> Answer<(B::Proposed, u32)> {
    let (reserved, serial) = (info.provider_reserved(), info.service_flags4());
    if info.service_flags3() != cx.process().0 {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, Decision::InfoRedeemedByTarget));
    }
    let Some(proposed) = B::take(cx, reserved, serial) else {
        let made = cx.world.running(cx.process()).map_or(0, |p| p.claims_made);
        return Err(if (1..=made).contains(&serial) && !waits(cx, serial) {
            Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.reused-info-error"))
        } else {
            Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.invalid-info-error"))
        });
    };
    cx.hit(clause!("WSPDuplicateSocket.recognised-in-target"));
    let entry = entry_for(cx, info.address_family(), info.socket_type(), info.protocol());
    Ok((proposed, entry.unwrap_or(cx.world.catalog().base_entry().id)))
}

/// Whether the duplicate with this serial is still kept for the calling process.
fn waits(cx: &Cx<'_>, serial: u32) -> bool {
    let process = cx.process();
    let mut slots = cx.world.running(process).into_iter().flat_map(|p| p.handles.iter());
    slots.any(|(_, slot)| matches!(slot, Slot::Claim(claim) if claim.serial == serial))
        || cx.world.tokens().iter().any(|(target, token)| target == process && token.serial == serial)
}
