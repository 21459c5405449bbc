//! What stored threads and programs have to be: calls that fit their stages and the parties that run them.

use super::{Damage, expect};
use crate::activation::{Activation, Stage};
use crate::call::Call;
use crate::id::{InstanceId, ProviderId, Tid};
use crate::kernel::process::{Next, ProcessState, Thread, ThreadRole};
use crate::outcome::Who;
use crate::provider::layer;
use crate::system::{Program, System};
use crate::world::World;
use crate::ws2_32;
use crate::ws2_32::catalog::ProviderKind;

pub(super) fn check<P: Program>(system: &System<P>) -> Result<(), Damage> {
    let world = system.world();
    for (tid, thread) in world.threads() {
        check_thread(world, tid, thread)?;
    }
    let mut before = None;
    for (tid, _) in system.programs() {
        let place = || format!("the program of thread {tid}");
        expect(before < Some(tid), place, "programs in the order of their threads, one for each")?;
        let role = world.thread(tid).map(|thread| thread.role);
        expect(role == Some(ThreadRole::Program), place, "a thread that runs it")?;
        before = Some(tid);
    }
    Ok(())
}

fn check_thread(world: &World, tid: Tid, thread: &Thread) -> Result<(), Damage> {
    let place = || format!("thread {tid}");
    let ended = thread.next == Next::Ended;
    let gone = matches!(world.process(tid.process).map(|p| p.state), Some(ProcessState::Ended(_)) | None);
    // A thread may have ended before its process, and a worker never does.
    let worker = matches!(thread.role, ThreadRole::Worker(_));
    expect(ended == gone || (ended && !worker), place, "to have ended where its process has")?;
    expect(!ended || thread.stack.is_empty(), place, "no calls where it has ended")?;
    expect(thread.asked.0 < crate::world::check::MOST, place, "fewer questions")?;
    if let ThreadRole::Worker(id) = thread.role {
        expect(is_instance(world, tid, id), place, "to serve a provider of its process")?;
        let busy = thread.next != Next::Idle || thread.stack.is_empty();
        expect(busy, place, "an empty stack where it has nothing to do")?;
    }
    if let Next::Asked { party, .. } = thread.next {
        let asked = match (thread.stack.last().map(|top| top.who), thread.role) {
            (Some(Who::Foreign(foreign, _)), _) => foreign == party,
            (_, ThreadRole::Outside(outside)) => outside == party,
            _ => false,
        };
        expect(asked, place, "to have asked a party that runs on it")?;
    }
    for (depth, activation) in thread.stack.iter().enumerate() {
        check_activation(world, tid, depth, activation)?;
        check_start(tid, depth, &thread.stack)?;
    }
    Ok(())
}

/// A start stands on the call that needs it: what Ws2_32 has started is the only call above it, and a
/// WSPStartup is above nothing else than such a call of Ws2_32, or a call of the layer over this provider.
fn check_start(tid: Tid, depth: usize, stack: &[Activation]) -> Result<(), Damage> {
    let place = || format!("thread {tid}, call {depth} of its stack");
    let Some(activation) = stack.get(depth) else { return Ok(()) };
    let below = depth.checked_sub(1).and_then(|depth| stack.get(depth));
    let started = match activation.who {
        Who::Provider(id) | Who::Foreign(_, id) if matches!(&*activation.call, Call::WSPStartup(_)) => {
            Some(id.provider)
        }
        _ => None,
    };
    let wanted = below.and_then(|below| match &below.stage {
        Stage::Ws2_32(ws2_32::Stage::Starting(choice)) => Some(choice.provider),
        _ => None,
    });
    let layered = below.is_some_and(|below| matches!(below.who, Who::Provider(_) | Who::Foreign(..)));
    let fits = started == wanted || (wanted.is_none() && layered);
    expect(fits, place, "WSPStartup where a provider is started, and nowhere else")
}

fn is_provider(world: &World, id: ProviderId) -> bool {
    usize::from(id.0) < world.catalog().providers().len()
}

fn is_instance(world: &World, tid: Tid, id: InstanceId) -> bool {
    id.process == tid.process && is_provider(world, id.provider)
}

fn check_activation(world: &World, tid: Tid, depth: usize, activation: &Activation) -> Result<(), Damage> {
    let place = || format!("thread {tid}, call {depth} of its stack");
    expect(activation.fits(), place, "a stage that belongs to its call and its party")?;
    match activation.who {
        Who::Provider(id) => {
            expect(is_instance(world, tid, id), place, "a provider of its process")?;
            let kind = world.catalog().provider(id.provider).kind;
            expect(is_of_kind(&activation.stage, kind), place, "a stage of a provider of its kind")?;
        }
        Who::Foreign(party, id) => {
            expect(is_instance(world, tid, id), place, "a provider of its process")?;
            let kind = world.catalog().provider(id.provider).kind;
            let outside = matches!(kind, ProviderKind::Outside { party: known, .. } if known == party);
            expect(outside, place, "the party outside that is the provider")?;
        }
        Who::Program | Who::Ws2_32 | Who::Kernel => {}
    }
    let known = match &activation.stage {
        Stage::Ws2_32(ws2_32::Stage::Starting(choice) | ws2_32::Stage::StartedByAnother(choice)) => {
            world.catalog().provider_of(choice.entry) == Some(choice.provider)
        }
        Stage::Ws2_32(ws2_32::Stage::CleaningUp { rest }) => rest.iter().all(|id| is_provider(world, *id)),
        _ => true,
    };
    expect(known, place, "providers of the catalog")
}

/// Whether a stage can be one of a provider of this kind.
fn is_of_kind(stage: &Stage, kind: ProviderKind) -> bool {
    match stage {
        Stage::Enter => !matches!(kind, ProviderKind::Outside { .. }),
        Stage::BaseIfs(_) => kind == ProviderKind::BaseIfs,
        Stage::BaseNonIfs(_) => kind == ProviderKind::BaseNonIfs,
        Stage::Layer(layer::Stage::Ifs(_)) => kind == ProviderKind::LayerIfs,
        Stage::Layer(layer::Stage::NonIfs(_)) => kind == ProviderKind::LayerNonIfs,
        // A program can stand in for any provider.
        Stage::Posed => true,
        Stage::Outside | Stage::Ws2_32(_) | Stage::Kernel(_) => false,
    }
}
