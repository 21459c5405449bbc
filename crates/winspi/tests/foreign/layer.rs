//! A layer in Rust: it gives out the handles of the provider below, relabelled as its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use winspi::core::call::{
    Call, Signature, WPUModifyIFSHandle, WSPAccept, WSPCleanup, WSPCloseSocket, WSPDuplicateSocket, WSPSocket,
    WSPStartup,
};
use winspi::core::clause;
use winspi::core::id::{Handle, InstanceId, Pid, Tid};
use winspi::core::outcome::{Accepted, Outcome, Refusal, Started};
use winspi::core::value::{Place, Pointer};
use winspi::foreign::{Core, Provider, Stop, done};
use winspi::types::{ChainKind, ErrorCode, RawProtocolInfoW, Version};

/// The entries of the procedure table that are the layer's; the rest is the lower provider's.
const OWN: [winspi::core::signature::Function; 5] = [
    WSPStartup::FUNCTION,
    WSPCleanup::FUNCTION,
    WSPSocket::FUNCTION,
    WSPAccept::FUNCTION,
    WSPDuplicateSocket::FUNCTION,
];

/// The layer, with what it keeps for all processes.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    /// Under which entry each socket was registered.
    entries: Mutex<BTreeMap<(Pid, Handle), u32>>,
    /// The threads on which a call saw the end of its process.
    pub(crate) ends: Mutex<Vec<Tid>>,
}

impl Provider for Layer {
    fn call(&self, call: Call, core: &mut Core) -> Result<Outcome, Stop> {
        let result = match call {
            Call::WSPStartup(a) => start(a, core).map(done),
            Call::WSPCleanup(a) => core.lower().and_then(|lower| core.down(lower, a)).map(done),
            Call::WSPSocket(a) => self.socket(a, core).map(done),
            Call::WSPAccept(a) => self.accept(a, core).map(done),
            Call::WSPDuplicateSocket(a) => duplicate(a, core).map(done),
            other => core.pass(other),
        };
        if result == Err(Stop::Ended) {
            self.ends.lock().expect("no party panics").push(core.thread());
        }
        result
    }
}

impl Layer {
    fn socket(&self, a: WSPSocket, core: &mut Core) -> Result<Handle, Stop> {
        let Pointer::To(info) = &a.protocol_info else { return Err(invalid().into()) };
        let below = below(core, info)?;
        let lower = core.down(below.lower, WSPSocket { protocol_info: Pointer::To(below.info), ..a })?;
        self.relabel(core, below.own_entry, lower)
    }

    fn accept(&self, a: WSPAccept, core: &mut Core) -> Result<Accepted, Stop> {
        let listener = (core.process(), a.s);
        let Accepted { s: lower, addr } = core.lower().and_then(|instance| core.down(instance, a))?;
        let entry = self.entries.lock().expect("no party panics").get(&listener).copied();
        let s = self.relabel(core, entry.or(core.own_entry()).unwrap_or(0), lower)?;
        Ok(Accepted { s, addr })
    }

    /// Registers a lower handle as one of this layer; if that is refused, nothing is left of it.
    fn relabel(&self, core: &mut Core, catalog_entry_id: u32, lower: Handle) -> Result<Handle, Stop> {
        let modified = core.up(WPUModifyIFSHandle { catalog_entry_id, proposed_handle: lower });
        match modified {
            Ok(handle) => {
                let mut entries = self.entries.lock().expect("no party panics");
                entries.insert((core.process(), handle), catalog_entry_id);
            }
            Err(_) => core.lower().and_then(|instance| core.down(instance, WSPCloseSocket { s: lower }))?,
        }
        modified
    }
}

fn start(a: WSPStartup, core: &mut Core) -> Result<Started, Stop> {
    let Pointer::To(info) = &a.protocol_info else { return Err(invalid().into()) };
    let below = below(core, info)?;
    let startup = WSPStartup {
        version_requested: Version::V2_2,
        protocol_info: Pointer::To(below.info),
        upcall_table: Place::Room,
        wsp_data: Place::Room,
        proc_table: Place::Room,
    };
    let started = core.down(below.lower, startup)?;
    let me = core.instance().ok_or_else(invalid)?;
    Ok(Started { proc_table: started.proc_table.with(me, &OWN), ..started })
}

/// The info of the provider below with this layer's identity.
fn duplicate(a: WSPDuplicateSocket, core: &mut Core) -> Result<Arc<RawProtocolInfoW>, Stop> {
    let info = core.lower().and_then(|lower| core.down(lower, a))?;
    let me = core.instance().ok_or_else(invalid)?;
    let own = core.catalog().chain_over(me.provider, info.catalog_entry_id()).ok_or_else(invalid)?;
    let mut restored = (*own.info).clone();
    restored.set_provider_reserved(info.provider_reserved());
    restored.set_service_flags3(info.service_flags3());
    restored.set_service_flags4(info.service_flags4());
    Ok(Arc::new(restored))
}

struct Below {
    own_entry: u32,
    lower: InstanceId,
    info: Arc<RawProtocolInfoW>,
}

/// Finds the layer in a chain; what is below gets its own info, with the members that a duplicate needs.
fn below(core: &Core, info: &RawProtocolInfoW) -> Result<Below, Refusal> {
    let own = core.own_entry().ok_or_else(invalid)?;
    let chain = info.protocol_chain();
    let place = chain.members().iter().position(|id| *id == own).ok_or_else(invalid)?;
    let next = chain.members().get(place + 1).and_then(|id| core.catalog().entry(*id)).ok_or_else(invalid)?;
    let mut lower = info.clone();
    if next.info.protocol_chain().kind() == ChainKind::Base {
        lower = (*next.info).clone();
        lower.set_provider_reserved(info.provider_reserved());
        lower.set_service_flags3(info.service_flags3());
        lower.set_service_flags4(info.service_flags4());
    }
    let own_entry = if place == 0 { info.catalog_entry_id() } else { own };
    let lower_instance = InstanceId { process: core.process(), provider: next.provider };
    Ok(Below { own_entry, lower: lower_instance, info: Arc::new(lower) })
}

fn invalid() -> Refusal {
    Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.invalid-info-error"))
}
