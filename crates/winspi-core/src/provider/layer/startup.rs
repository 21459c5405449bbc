//! WSPStartup and WSPCleanup of a layer: it is itself the client that starts and ends the provider below.

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, Version};

use crate::call::{
    Signature, WPUGetProviderPath, WSPAccept, WSPCleanup, WSPDuplicateSocket, WSPGetSockOpt, WSPSocket, WSPStartup,
};
use crate::clause;
use crate::outcome::{Answer, ProcTable, Refusal, Started};
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::startup::{check, check_cleanup, forget_descriptors, negotiated};
use crate::provider::layer::{below, breaks, lower_of};
use crate::signature::Function;
use crate::value::{Length, Place, Pointer};
use crate::world::Cx;
use crate::ws2_32::catalog::Fault;

/// What an IFS layer has to take part in, whatever it hooks.
const NECESSARY: [Function; 6] = [
    WSPStartup::FUNCTION,
    WSPCleanup::FUNCTION,
    WSPSocket::FUNCTION,
    WSPAccept::FUNCTION,
    WSPDuplicateSocket::FUNCTION,
    WSPGetSockOpt::FUNCTION,
];

/// The version that a layer asks of the provider below.
const ASKED: Version = Version::V2_2;

/// WSPStartup of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Start {
    /// It asks where the DLL of the provider below is.
    Path,
    /// The provider below is starting.
    Lower,
}

impl Staged for Start {
    type Call = WSPStartup;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WSPStartup) -> Answer<Step<Self>> {
        check(cx, a)?;
        let Pointer::To(info) = &a.protocol_info else {
            return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPStartup.error-efault-wspdata")));
        };
        cx.hit(clause!("WSPStartup.layer-finds-itself"));
        let lower = below(cx, info)?.lower;
        let guid = cx.world.catalog().provider(lower.provider).guid;
        let upcall = WPUGetProviderPath {
            provider_id: guid,
            provider_dll_path: Place::Room,
            provider_dll_path_len: Length(None),
        };
        Ok(Step::up(upcall, Start::Path))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPStartup, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Start::Path => {
                reply.of::<WPUGetProviderPath>()?;
                let Pointer::To(info) = &a.protocol_info else {
                    return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPStartup.error-efault-wspdata")));
                };
                let below = below(cx, info)?;
                cx.hit(clause!("WSPStartup.layer-starts-next"));
                let startup = WSPStartup {
                    version_requested: ASKED,
                    protocol_info: Pointer::To(below.info),
                    upcall_table: a.upcall_table,
                    wsp_data: Place::Room,
                    proc_table: Place::Room,
                };
                Ok(Step::down(below.lower, startup, Start::Lower))
            }
            Start::Lower => {
                let started = reply.of::<WSPStartup>()?;
                let me = cx.instance();
                let provider = cx.world.catalog().provider(me.provider);
                let proc_table = if provider.kind.is_ifs() {
                    // WSPStartup.table-may-inherit: what is not hooked stays the lower provider's entry.
                    started.proc_table.with(me, &NECESSARY).with(me, &provider.hooks)
                } else {
                    ProcTable::of(me)
                };
                // It can do no more than what is below it, where that gives less than was asked for.
                let (_, highest) = provider.versions;
                let below = started.wsp_data.version;
                let highest = if below < ASKED { below.min(highest) } else { highest };
                let proc_table = if breaks(cx, Fault::IncompleteTable) { proc_table.cut_short() } else { proc_table };
                let wsp_data = negotiated(cx, a, highest);
                Ok(Step::done(Started { wsp_data, proc_table }))
            }
        }
    }
}

/// WSPCleanup of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum End {
    /// The provider below is ending.
    Lower,
}

impl Staged for End {
    type Call = WSPCleanup;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WSPCleanup) -> Answer<Step<Self>> {
        if check_cleanup(cx, a)? {
            forget_descriptors(cx);
        }
        Ok(Step::down(lower_of(cx)?, WSPCleanup {}, End::Lower))
    }

    fn resume(self, cx: &mut Cx<'_>, _: &WSPCleanup, reply: Reply) -> Answer<Step<Self>> {
        reply.of::<WSPCleanup>()?;
        if cx.world.instance(cx.instance()).is_some_and(|i| i.starts <= 1) {
            // Calls of other threads may have come back with new ones in the meantime.
            forget_descriptors(cx);
        }
        Ok(Step::done(()))
    }
}
