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
use crate::id::Handle;
use crate::kernel::handle::Slot;
use crate::outcome::{Answer, Refusal};
use crate::policy::{Decision, InfoRedeemedByTarget, InfoSecondUse, InfoWithoutReserved};
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
    let target = cx.world.identified(a.process_id);
    let runs = cx.world.running(target).is_some();
    rule!(runs || is_wrong!(cx.world, DuplicateForNobody), WSAEINVAL, "WSPDuplicateSocket.error-einval");
    rule!(a.protocol_info == Place::Room, WSAEFAULT, "WSPDuplicateSocket.error-efault");
    let endpoint = cx.world.endpoint(s.endpoint);
    let (family, socket_type, protocol) = (endpoint.family, endpoint.socket_type, endpoint.protocol);
    let entry = entry_for(cx, family, socket_type, protocol).and_then(|id| cx.world.catalog().entry(id));
    let Some(mut info) = entry.map(|e| (*e.info).clone()) else {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.error-einval")));
    };
    if !runs {
        return Ok(Arc::new(info));
    }
    let repeats = is_wrong!(cx.world, SerialRepeats);
    let serial = cx.world.process_mut(target).map_or(0, |process| {
        process.claims_made = if repeats { 1 } else { process.claims_made + 1 };
        process.claims_made
    });
    let kept = match is_wrong!(cx.world, DuplicateOfAnother) {
        true => cx.world.sockets_of(cx.process()).first().copied().unwrap_or(s.endpoint),
        false => s.endpoint,
    };
    let reserved = B::keep(cx, kept, target, serial)?;
    info.set_provider_reserved(reserved);
    info.set_service_flags3(a.process_id);
    info.set_service_flags4(serial);
    cx.hit(clause!("WSPDuplicateSocket.info-written"));
    Ok(Arc::new(info))
}

/// Whether an info asks for a socket that exists.
pub(crate) fn is_special(cx: &Cx<'_>, info: &RawProtocolInfoW) -> bool {
    if is_wrong!(cx.world, InfoIgnored) {
        return false;
    }
    let refuses = cx.world.policy().info_without_reserved == InfoWithoutReserved::Refuse;
    info.provider_reserved() != 0 || (refuses && info.service_flags3() != 0)
}

/// What an info stands for.
pub(crate) enum Redeemed<B: Base> {
    /// A duplicate, and the catalog entry to register its descriptor under.
    Duplicate(B::Proposed, u32),
    /// The descriptor of its first use (decision `info-second-use`).
    SameDescriptor(Handle),
}

/// Takes the duplicate that an info stands for.
pub(crate) fn redeem<B: Base>(cx: &mut Cx<'_>, info: &RawProtocolInfoW) -> Answer<Redeemed<B>> {
    let (reserved, serial) = (info.provider_reserved(), info.service_flags4());
    let target = cx.world.identified(info.service_flags3());
    let policy = cx.world.policy();
    let same = policy.info_second_use == InfoSecondUse::SameDescriptor;
    let foreign = target != cx.process() || is_wrong!(cx.world, InfoRefused);
    if foreign && policy.info_redeemed_by_target == InfoRedeemedByTarget::Target {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, Decision::InfoRedeemedByTarget));
    }
    let Some(proposed) = B::take(cx, target, reserved, serial) else {
        let process = cx.world.running(cx.process());
        let used = process.and_then(|p| p.redeemed.iter().find(|(s, _)| *s == serial)).map(|(_, number)| *number);
        if let Some(handle) = used.and_then(|number| B::descriptor(cx, number)) {
            return Ok(Redeemed::SameDescriptor(handle));
        }
        let (before, made) = cx.world.running(target).map_or((0, 0), |p| (p.claims_before, p.claims_made));
        if (1..=before).contains(&serial) {
            return Err(Refusal::code(ErrorCode::WSAEINVAL, Decision::InfoOfEndedProcess));
        }
        return Err(if (1..=made).contains(&serial) && !waits(cx, serial) {
            Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.reused-info-error"))
        } else {
            Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.invalid-info-error"))
        });
    };
    let process = cx.process();
    if let Some(process) = cx.world.process_mut(process).filter(|_| same) {
        process.redeemed.push((serial, B::number(proposed)));
    }
    cx.hit(clause!("WSPDuplicateSocket.recognised-in-target"));
    let entry = entry_for(cx, info.address_family(), info.socket_type(), info.protocol());
    Ok(Redeemed::Duplicate(proposed, entry.unwrap_or(cx.world.catalog().base_entry().id)))
}

/// Whether the duplicate with this serial is still kept for the calling process.
fn waits(cx: &Cx<'_>, serial: u32) -> bool {
    let process = cx.process();
    let mut slots = cx.world.running(process).into_iter().flat_map(|p| p.handles.iter());
    slots.any(|(_, slot)| matches!(slot, Slot::Claim(claim) if claim.serial == serial))
        || cx.world.tokens_of(process).any(|token| token.serial == serial)
}
