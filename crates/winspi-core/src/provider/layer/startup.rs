//! WSPStartup and WSPCleanup of a layer: it is itself the client that starts and ends the provider below.

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, Version};

use crate::call::{
    Signature, WPUGetProviderPath, WSPAccept, WSPCleanup, WSPDuplicateSocket, WSPGetSockOpt, WSPSocket, WSPStartup,
};
use crate::clause;
use crate::outcome::{Answer, ProcTable, Refusal, Started};
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::startup::{check_cleanup, forget_descriptors};
use crate::provider::layer::{below, lower_of};
use crate::rule;
use crate::signature::Function;
use crate::value::{Length, Place, Pointer};
use crate::world::Cx;

/// What an IFS layer has to take part in, whatever it hooks.
const NECESSARY: [Function; 6] = [
    WSPStartup::FUNCTION,
    WSPCleanup::FUNCTION,
    WSPSocket::FUNCTION,
    WSPAccept::FUNCTION,
    WSPDuplicateSocket::FUNCTION,
    WSPGetSockOpt::FUNCTION,
];

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
        rule!(a.wsp_data == Place::Room, WSAEFAULT, "WSPStartup.error-efault-wspdata");
        rule!(a.proc_table == Place::Room, WSAEFAULT, "WSPStartup.error-efault-proctable");
        let (lowest, _) = cx.world.catalog().provider(cx.instance().provider).versions;
        rule!(a.version_requested >= lowest, WSAVERNOTSUPPORTED, "WSPStartup.error-vernotsupported");
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
                    version_requested: Version::V2_2,
                    protocol_info: Pointer::To(below.info),
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
                // The layer can do no more than it knows, and no more than what is below it.
                let (_, highest) = provider.versions;
                let mut wsp_data = started.wsp_data;
                wsp_data.version = wsp_data.version.min(a.version_requested).min(highest);
                wsp_data.high_version = wsp_data.high_version.min(highest);
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
