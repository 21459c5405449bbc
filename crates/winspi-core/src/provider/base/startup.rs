//! WSPStartup and WSPCleanup of a base provider.

use winspi_types::{ErrorCode, StartupData};

use crate::call::{WSPCleanup, WSPStartup};
use crate::clause;
use crate::id::EndpointId;
use crate::outcome::{Answer, ProcTable, Refusal, Started};
use crate::policy::{Decision, FinalCleanup};
use crate::rule;
use crate::transport::Role;
use crate::value::Place;
use crate::world::Cx;

/// Starts the provider once more for the process. The catalog says which versions it supports; 1.0 to 2.2 if nothing
/// else was set.
///
/// Without error `wVersion` is the smaller of the version asked for and the highest supported one
/// (`WSPStartup.negotiate-wversion-min`), `wHighVersion` always the latter (`.negotiate-whighversion`). Versions are
/// compared by major number first (`.version-compare-major-first`).
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPStartup.error-vernotsupported` | a version below the lowest is asked for | WSAVERNOTSUPPORTED |
/// | `WSPStartup.error-efault-wspdata` | `wsp_data` is no memory | WSAEFAULT |
/// | `WSPStartup.error-efault-proctable` | `proc_table` is no memory | WSAEFAULT |
pub(crate) fn startup(cx: &mut Cx<'_>, a: &WSPStartup) -> Answer<Started> {
    rule!(a.wsp_data == Place::Room, WSAEFAULT, "WSPStartup.error-efault-wspdata");
    rule!(a.proc_table == Place::Room, WSAEFAULT, "WSPStartup.error-efault-proctable");
    let (lowest, highest) = cx.world.catalog().provider(cx.instance().provider).versions;
    rule!(a.version_requested >= lowest, WSAVERNOTSUPPORTED, "WSPStartup.error-vernotsupported");
    cx.hit(clause!("WSPStartup.proc-table-filled"));
    let wsp_data = StartupData {
        version: a.version_requested.min(highest),
        high_version: highest,
        description: "winspi base provider".to_owned(),
    };
    Ok(Started { wsp_data, proc_table: ProcTable::of(cx.instance()) })
}

/// Takes the provider's descriptors out of the table of Ws2_32 at its end: nobody answers for them any more.
pub(crate) fn forget_descriptors(cx: &mut Cx<'_>) {
    let me = cx.instance();
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
