//! What processes and providers hold: descriptors, duplicates, starts, and what is left at the end.

use super::Findings;
use crate::activation::Stage;
use crate::call::Call;
use crate::id::{Handle, InstanceId, Pid, ProviderId};
use crate::kernel::handle::Slot;
use crate::kernel::process::{Process, ProcessState};
use crate::world::World;
use crate::ws2_32;

pub(super) fn check(world: &World, findings: &mut Findings) {
    for process in world.processes() {
        if process.runs() {
            descriptors(world, process, findings);
            claims(world, process, findings);
            loaded(world, process, findings);
        } else if process.state == ProcessState::Declared {
            // It was never there: its threads wait for CreateProcess.
        } else {
            ended(world, process, findings);
        }
    }
    for (id, instance) in world.instances() {
        if instance.starts == 0 && !world.is_within(id, |call| matches!(call, Call::WSPStartup(_))) {
            findings.add("startup-balance", place_of_instance(id), "it is there and was not started");
        }
    }
    all_ended(world, findings);
}

fn place_of_instance(id: InstanceId) -> String {
    format!("provider {} in process {}", id.provider.0, id.process)
}

fn descriptors(world: &World, process: &Process, findings: &mut Findings) {
    for descriptor in process.descriptors.iter() {
        let entry = descriptor.catalog_entry_id;
        let provider = world.catalog().provider_of(entry);
        let instance = provider.map(|provider| InstanceId { process: process.pid, provider });
        let started = instance.and_then(|id| world.instance(id)).is_some_and(|instance| instance.starts > 0);
        let under_way = |id| world.is_within(id, |call| matches!(call, Call::WSPStartup(_) | Call::WSPCleanup(_)));
        if !started && !instance.is_some_and(under_way) {
            let place = format!("descriptor {} of process {}", descriptor.handle, process.pid);
            let seen = format!("the provider of its catalog entry {entry} is not started there");
            findings.add("descriptor-belongs-to-started-provider", place, seen);
        }
    }
}

/// A duplicate that waits for its target.
#[derive(Clone, Copy)]
enum Waiting {
    Claim(Handle),
    Token(u32),
}

/// The duplicates that wait for a process: claims in its handle table, and tokens.
fn claims(world: &World, process: &Process, findings: &mut Findings) {
    let pid = process.pid;
    let claims = process.handles.iter().filter_map(|(handle, slot)| match slot {
        Slot::Claim(claim) => Some((claim.serial, Waiting::Claim(handle))),
        _ => None,
    });
    let tokens = world.tokens().iter().filter(|(target, _)| *target == pid);
    let tokens = tokens.map(|(_, token)| (token.serial, Waiting::Token(token.number)));
    let place = |waiting| match waiting {
        Waiting::Claim(handle) => format!("the claim at handle {handle} of process {pid}"),
        Waiting::Token(number) => format!("token {number} of process {pid}"),
    };
    let mut known = Vec::new();
    for (serial, waiting) in claims.chain(tokens) {
        if !(1..=process.claims_made).contains(&serial) {
            let seen = format!("its serial {serial} was never given out, the last was {}", process.claims_made);
            findings.add("claim-redeemed-once", place(waiting), seen);
        }
        match known.binary_search(&serial) {
            Ok(_) => {
                findings.add("claim-redeemed-once", place(waiting), format!("its serial {serial} has a second one"))
            }
            Err(at) => known.insert(at, serial),
        }
    }
}

/// A provider that Ws2_32 is starting: somebody has to come back with it.
fn loaded(world: &World, process: &Process, findings: &mut Findings) {
    for loaded in process.loaded.iter().filter(|loaded| !loaded.ready) {
        let stacks = world.threads().filter(|(tid, _)| tid.process == process.pid);
        let starts = |provider: ProviderId, stage: &Stage| match stage {
            Stage::Ws2_32(ws2_32::Stage::Starting(choice)) => choice.provider == provider,
            _ => false,
        };
        let mut calls = stacks.flat_map(|(_, thread)| &thread.stack);
        if !calls.any(|activation| starts(loaded.provider, &activation.stage)) {
            let id = InstanceId { process: process.pid, provider: loaded.provider };
            findings.add("startup-balance", place_of_instance(id), "Ws2_32 waits for a start that nobody makes");
        }
    }
}

/// What a process that has ended must not have any more.
fn ended(world: &World, process: &Process, findings: &mut Findings) {
    let pid = process.pid;
    let mut left = |what: &str, is_left: bool| {
        if is_left {
            findings.add("nothing-left", format!("process {pid}, which has ended"), what);
        }
    };
    left("it has handles", !process.handles.is_empty());
    left("it has descriptors", process.descriptors.iter().next().is_some());
    left("it has memory", process.cells.iter().next().is_some());
    left("it has started providers", process.startups > 0 || !process.loaded.is_empty());
    left("it has providers", world.instances().any(|(id, _)| id.process == pid));
    left("it has duplicates that wait for it", world.tokens().iter().any(|(target, _)| target == pid));
    left("it has operations", world.operations().any(|(_, op)| op.instance.process == pid));
    left("messages are there for it", world.bus().is_receiver(pid));
    let mut threads = world.threads().filter(|(tid, _)| tid.process == pid);
    let runs =
        threads.any(|(_, thread)| !thread.stack.is_empty() || thread.next != crate::kernel::process::Next::Ended);
    left("it has threads that have not ended", runs);
}

/// When all processes have ended: what is left of the machine.
fn all_ended(world: &World, findings: &mut Findings) {
    if world.processes().any(Process::runs) {
        return;
    }
    let in_flight = !world.deliveries().is_empty() || !world.bus().is_quiet();
    let left = [
        ("sockets", world.endpoint_count()),
        ("events", world.event_count()),
        ("completion ports", world.port_count()),
        ("file mappings", world.section_count()),
        ("operations", world.operation_count()),
        ("tokens", world.tokens().iter().count()),
        ("connections", if in_flight { 0 } else { world.connection_count() }),
        ("providers", world.instances().count()),
    ];
    for (what, count) in left {
        if count > 0 {
            findings.add("nothing-left", "the machine, all of whose processes have ended", format!("{count} {what}"));
        }
    }
    for target in targets_of_nobody(world) {
        findings.add("nothing-left", format!("a token for process {target}"), "there is no such process");
    }
}

/// Tokens for processes that never were.
fn targets_of_nobody(world: &World) -> impl Iterator<Item = Pid> {
    world.tokens().iter().map(|(target, _)| target).filter(|target| world.process(*target).is_none())
}
