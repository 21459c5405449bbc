//! Layers: providers that stand over another one in a protocol chain.
//!
//! An IFS layer gives out the handles of the provider below, relabelled as its own by WPUModifyIFSHandle; what it does
//! not hook never passes it. A non-IFS layer has handles and contexts of its own, and every call passes it.
//! Here are the questions that both ask: what is below, and which catalog entry is mine.

use serde::{Deserialize, Serialize};
use winspi_types::{ChainKind, ErrorCode, RawProtocolInfoW};

use std::sync::Arc;

use crate::call::{Call, WSPSocket};
use crate::clause;
use crate::id::{Handle, InstanceId};
use crate::outcome::{Answer, Refusal};
use crate::protocol::{Reply, Step};
use crate::provider::instance::Record;
use crate::value::Pointer;
use crate::world::Cx;
use crate::ws2_32::catalog::{Fault, ProviderKind};
use record::LayerRecord;

mod ifs;
mod non_ifs;
mod protocol_info;
pub mod record;
mod startup;

/// Where a function of a layer goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// An IFS layer.
    Ifs(ifs::Stage),
    /// A non-IFS layer.
    NonIfs(non_ifs::Stage),
}

impl Stage {
    pub(crate) fn fits(&self, call: &Call) -> bool {
        match self {
            Stage::Ifs(stage) => stage.fits(call),
            Stage::NonIfs(stage) => stage.fits(call),
        }
    }
}

/// Steps an activation of a layer.
pub(crate) fn step(cx: &mut Cx<'_>, call: &Arc<Call>, stage: Option<Stage>, reply: Reply) -> Step<Stage> {
    let kind = cx.world.catalog().provider(cx.instance().provider).kind;
    if stage.is_none() {
        let refused = match **call {
            Call::WSPStartup(_) => crate::fault::refuse_start(cx),
            _ => crate::fault::refuse_service_thread(cx, call),
        };
        if let Err(refusal) = refused {
            return Step::of(Err(refusal));
        }
    }
    Step::of(match (kind, stage) {
        (ProviderKind::LayerIfs, None) => ifs::enter(cx, call).map(|s| s.map(Stage::Ifs)),
        (ProviderKind::LayerIfs, Some(Stage::Ifs(stage))) => {
            ifs::go_on(cx, call, stage, reply).map(|s| s.map(Stage::Ifs))
        }
        (ProviderKind::LayerNonIfs, None) => non_ifs::enter(cx, call).map(|s| s.map(Stage::NonIfs)),
        (ProviderKind::LayerNonIfs, Some(Stage::NonIfs(stage))) => {
            non_ifs::go_on(cx, call, stage, reply).map(|s| s.map(Stage::NonIfs))
        }
        _ => Err(Refusal::not_modelled("a stage of another layer")),
    })
}

/// What a layer finds out from the info that it is called with.
struct Below {
    /// The catalog entry under which it registers handles.
    own_entry: u32,
    /// The provider below, in this process.
    lower: InstanceId,
    /// The info to call it with.
    info: Arc<RawProtocolInfoW>,
}

/// Finds the layer's place in a chain: it looks for its own entry, the one after it is what is below.
///
/// To another layer the info goes on unchanged; a base gets its own, with the members that a duplicate needs copied
/// over (`WSPSocket.layer-substitutes-base-info`).
fn below(cx: &Cx<'_>, info: &RawProtocolInfoW) -> Answer<Below> {
    let invalid = || Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.invalid-info-error"));
    let process = cx.process();
    let catalog = cx.world.catalog();
    let own = catalog.provider(cx.instance().provider).own_entry.ok_or_else(invalid)?;
    let chain = info.protocol_chain();
    let place = chain.members().iter().position(|id| *id == own).ok_or_else(invalid)?;
    let next = chain.members().get(place + 1).and_then(|id| catalog.entry(*id)).ok_or_else(invalid)?;
    // A program may have written the chain: it leads to the provider below or nowhere, never round and round.
    if catalog.provider(cx.instance().provider).over != Some(next.provider) {
        return Err(invalid());
    }
    let lower = InstanceId { process, provider: next.provider };
    let own_entry = if place == 0 { info.catalog_entry_id() } else { own };
    let info = match next.info.protocol_chain().kind() {
        ChainKind::Base => {
            let mut base = (*next.info).clone();
            base.set_provider_reserved(info.provider_reserved());
            base.set_service_flags3(info.service_flags3());
            base.set_service_flags4(info.service_flags4());
            Arc::new(base)
        }
        _ => Arc::new(info.clone()),
    };
    Ok(Below { own_entry, lower, info })
}

/// WSPSocket of the provider below; `stage` keeps the entry to register its handle under.
fn socket_below<S>(cx: &mut Cx<'_>, a: &WSPSocket, stage: impl FnOnce(u32) -> S) -> Answer<Step<S>> {
    let Pointer::To(info) = &a.protocol_info else {
        return Err(Refusal::not_modelled("WSPSocket of a layer without an info"));
    };
    let below = below(cx, info)?;
    cx.hit(clause!("WSPSocket.layer-calls-next"));
    let call = WSPSocket { protocol_info: Pointer::To(below.info), ..a.clone() };
    Ok(Step::down(below.lower, call, stage(below.own_entry)))
}

/// The info of a duplicate as it goes up: the layer's own identity, the base's members for the duplicate.
fn restore(cx: &Cx<'_>, info: &RawProtocolInfoW) -> Answer<Arc<RawProtocolInfoW>> {
    let chain = info.protocol_chain();
    let base = match chain.kind() {
        ChainKind::Chain(_) => chain.members().last().copied().unwrap_or(0),
        _ => info.catalog_entry_id(),
    };
    let own = cx.world.catalog().chain_over(cx.instance().provider, base);
    let own =
        own.ok_or_else(|| Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.invalid-info-error")))?;
    let mut restored = (*own.info).clone();
    restored.set_provider_reserved(info.provider_reserved());
    restored.set_service_flags3(info.service_flags3());
    restored.set_service_flags4(info.service_flags4());
    Ok(Arc::new(restored))
}

/// The entry under which the layer registers a handle that comes from another one: the other's, or its own.
fn entry_like(cx: &Cx<'_>, handle: Handle) -> u32 {
    let me = cx.instance().provider;
    let catalog = cx.world.catalog();
    let descriptor = cx.world.running(cx.process()).and_then(|p| p.descriptors.get(handle));
    match descriptor.map(|d| d.catalog_entry_id) {
        Some(id) if catalog.provider_of(id) == Some(me) => id,
        _ => catalog.provider(me).own_entry.unwrap_or(0),
    }
}

/// The provider below in this process: fixed when the layer was installed.
fn lower_of(cx: &Cx<'_>) -> Answer<InstanceId> {
    let over = cx.world.catalog().provider(cx.instance().provider).over;
    let provider = over.ok_or_else(|| Refusal::not_modelled("a layer over nothing"))?;
    Ok(InstanceId { process: cx.process(), provider })
}

/// Whether the layer breaks a duty on purpose.
fn breaks(cx: &Cx<'_>, fault: Fault) -> bool {
    cx.world.catalog().provider(cx.instance().provider).breaks.contains(&fault)
}

/// What the layer keeps for the process.
fn record<'a>(cx: &'a Cx<'_>) -> Option<&'a LayerRecord> {
    match &cx.world.instance(cx.instance())?.record {
        Record::Layer(record) => Some(record),
        _ => None,
    }
}

/// The same, to be changed.
fn record_mut<'a>(cx: &'a mut Cx<'_>) -> Option<&'a mut LayerRecord> {
    let me = cx.instance();
    match &mut cx.world.instance_mut(me)?.record {
        Record::Layer(record) => Some(record),
        _ => None,
    }
}
