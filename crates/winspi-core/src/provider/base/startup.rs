//! WSPStartup and WSPCleanup of a base provider.

use std::cmp::Ordering;

use winspi_types::{ErrorCode, StartupData, Version};

use crate::call::{WSPCleanup, WSPStartup};
use crate::clause;
use crate::id::EndpointId;
use crate::outcome::{Answer, ProcTable, Refusal, Started};
use crate::policy::{Decision, FinalCleanup};
use crate::rule;
use crate::transport::Role;
use crate::value::Place;
use crate::world::Cx;

/// Starts the provider once more for the process.
pub(crate) fn startup(cx: &mut Cx<'_>, a: &WSPStartup) -> Answer<Started> {
    check(cx, a)?;
    let (_, highest) = cx.world.catalog().provider(cx.instance().provider).versions;
    let wsp_data = negotiated(cx, a, highest);
    Ok(Started { wsp_data, proc_table: ProcTable::of(cx.instance()) })
}

/// Refuses a WSPStartup of a provider, base or layer. The catalog says which versions it supports: of a base 1.0 to 2.2,
/// of a layer 2.2, if nothing else was set. Versions are compared by major number first
/// (`WSPStartup.version-compare-major-first`).
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPStartup.error-efault-wspdata` | `wsp_data` is no memory | WSAEFAULT |
/// | `WSPStartup.error-efault-proctable` | `proc_table` is no memory | WSAEFAULT |
/// | `WSPStartup.error-vernotsupported` | a version below the lowest is asked for | WSAVERNOTSUPPORTED |
pub(crate) fn check(cx: &Cx<'_>, a: &WSPStartup) -> Answer<()> {
    rule!(a.wsp_data == Place::Room, WSAEFAULT, "WSPStartup.error-efault-wspdata");
    rule!(a.proc_table == Place::Room, WSAEFAULT, "WSPStartup.error-efault-proctable");
    let (lowest, _) = cx.world.catalog().provider(cx.instance().provider).versions;
    rule!(a.version_requested >= lowest, WSAVERNOTSUPPORTED, "WSPStartup.error-vernotsupported");
    Ok(())
}

/// What a provider, base or layer, says of itself when it starts, given the highest version that it supports.
///
/// `wVersion` is the smaller of the version asked for and the highest (`WSPStartup.negotiate-wversion-min`),
/// `wHighVersion` always the latter (`.negotiate-whighversion`).
pub(crate) fn negotiated(cx: &mut Cx<'_>, a: &WSPStartup, highest: Version) -> StartupData {
    cx.hit(match a.version_requested.cmp(&highest) {
        Ordering::Less => clause!("WSPStartup.negotiate-higher-provider"),
        Ordering::Equal => clause!("WSPStartup.negotiate-accept"),
        Ordering::Greater => clause!("WSPStartup.negotiate-wversion-min"),
    });
    if cx.world.instance(cx.instance()).is_some_and(|instance| instance.starts > 0) {
        cx.hit(clause!("WSPStartup.repeat-allowed"));
    }
    cx.hit(clause!("WSPStartup.proc-table-filled"));
    StartupData {
        version: a.version_requested.min(highest),
        high_version: highest,
        description: cx.world.catalog().provider(cx.instance().provider).description.clone(),
    }
}

/// Takes the provider's descriptors out of the table of Ws2_32 at its end: nobody answers for them any more.
pub(crate) fn forget_descriptors(cx: &mut Cx<'_>) {
    let me = cx.instance();
    if is_wrong!(cx.world, CleanupLeavesDescriptors) {
        return;
    }
    let entries = cx.world.catalog().entries().iter().filter(|e| e.provider == me.provider);
    let entries: Vec<u32> = entries.map(|e| e.id).collect();
    let Some(process) = cx.world.process_mut(me.process) else { return };
    let mine = process.descriptors.iter().filter(|d| entries.contains(&d.catalog_entry_id));
    let mine: Vec<_> = mine.map(|d| d.handle).collect();
    for handle in mine {
        process.remove_descriptor(handle);
    }
}

/// What the final WSPCleanup does to the connection of a socket that no other process holds, before the socket is
/// closed (decision `final-cleanup`).
pub(crate) fn reset_if_last(cx: &mut Cx<'_>, endpoint: EndpointId) {
    let Role::Connected { connection, side } = cx.world.endpoint(endpoint).role else { return };
    if !cx.world.is_last(endpoint) {
        return;
    }
    match cx.world.policy().final_cleanup {
        FinalCleanup::Close => cx.hit(Decision::FinalCleanup),
        FinalCleanup::Reset => {
            cx.hit(clause!("WSPCleanup.final-resets-sockets"));
            cx.world.endpoint_mut(endpoint).role = Role::Unconnected { failure: None };
            cx.world.abort_end(connection, side);
        }
    }
}

/// Refuses a WSPCleanup without a start; says whether this is the last.
pub(crate) fn check_cleanup(cx: &mut Cx<'_>, _: &WSPCleanup) -> Answer<bool> {
    let starts = cx.world.instance(cx.instance()).map_or(0, |i| i.starts);
    if starts == 0 {
        return Err(Refusal::code(ErrorCode::WSANOTINITIALISED, clause!("WSPCleanup.error-notinitialised")));
    }
    cx.hit(if starts == 1 { clause!("WSPCleanup.final-does-cleanup") } else { clause!("WSPCleanup.count-decrement") });
    Ok(starts == 1)
}
