//! Waiting in words: what a thread waits for, and who could bring it.

use winspi_core::id::{EndpointId, Handle, Pid, Tid};
use winspi_core::kernel::handle::Slot;
use winspi_core::kernel::process::Next;
use winspi_core::transport::{EndHolder, Role};
use winspi_core::wait::{Holder, Socket, Wait};
use winspi_core::{System, World};

use crate::program::Lines;
use crate::question::holders;
use crate::script::Script;

/// What a thread waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// In words, after `waits ... for`.
    pub what: String,
    /// Who could bring it: processes, or what holds the other end of a connection; empty where anybody could.
    pub whom: Vec<String>,
}

/// What a thread waits for; `None` where it does not wait.
pub fn waiting(script: &Script, system: &System<Lines>, tid: Tid) -> Option<Waiting> {
    let world = system.world();
    match &world.thread(tid)?.next {
        Next::Waits(wait) => Some(of_wait(system, tid.process, wait)),
        Next::Run(_) => unbound(script, system, tid),
        Next::Asked { .. } => Some(Waiting { what: "the answer of a party outside".to_owned(), whom: Vec::new() }),
        Next::Idle | Next::Ended => None,
    }
}

/// The names of other processes that the next line reads and that are not bound.
fn unbound(script: &Script, system: &System<Lines>, tid: Tid) -> Option<Waiting> {
    let program = system.program(tid)?;
    if let Some(sync) = program.sync().and_then(|sync| script.syncs.get(sync)) {
        let others = sync.threads.iter().filter(|other| **other != tid);
        let whom = others.map(|other| process_name(system.world(), other.process)).collect();
        return Some(Waiting { what: format!("the others at `sync {}`", sync.name), whom });
    }
    let line = script.lines.get(program.line()?)?;
    let missing = line.reads.iter().filter(|(process, name)| system.shared.get(*process, name).is_none());
    let named = missing.filter_map(|(process, name)| Some((script.processes.get(*process)?.name.as_str(), name)));
    let mut names: Vec<(&str, &String)> = named.collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let what = names.iter().map(|(process, name)| format!("{process}.{name}")).collect::<Vec<_>>().join(", ");
    let mut whom: Vec<String> = names.iter().map(|(process, _)| (*process).to_owned()).collect();
    whom.dedup();
    Some(Waiting { what: format!("{what} to be bound"), whom })
}

fn of_wait(system: &System<Lines>, own: Pid, wait: &Wait) -> Waiting {
    let world = system.world();
    let name = |pid: Pid| process_name(world, pid);
    let (what, whom) = match wait {
        Wait::Readable(s) | Wait::Part(s) => {
            (format!("something to receive on {}", socket_name(system, s)), peers(world, s.endpoint))
        }
        Wait::Writable(s) => (format!("room to send on {}", socket_name(system, s)), peers(world, s.endpoint)),
        Wait::Backlog(s) => (format!("a connection to {}", socket_name(system, s)), Vec::new()),
        Wait::Connected(s) => {
            (format!("the end of the attempt to connect {}", socket_name(system, s)), peers(world, s.endpoint))
        }
        Wait::Sent { socket: s, .. } => {
            (format!("the arrival of what {} has sent", socket_name(system, s)), peers(world, s.endpoint))
        }
        Wait::Message { from: Some(from), .. } => (format!("a message from {}", name(*from)), vec![name(*from)]),
        Wait::Message { from: None, .. } => {
            let others = world.processes().filter(|p| p.runs() && p.pid != own);
            ("a message from anybody".to_owned(), others.map(|p| p.name.clone()).collect())
        }
        Wait::Signalled { process, handle, .. } => match world.slot(*process, *handle) {
            Slot::Process(of) => (format!("the end of {}", name(of)), vec![name(of)]),
            _ => (format!("{} to be signalled", handle_name(system, *process, *handle)), Vec::new()),
        },
        Wait::Several { process, handles, all, .. } => {
            let names: Vec<String> = handles.iter().map(|h| handle_name(system, *process, *h)).collect();
            let how = if *all { "all" } else { "one" };
            (format!("{how} of {} to be signalled", names.join(", ")), Vec::new())
        }
        Wait::Packet { process, port, .. } => {
            (format!("a report in the completion port {}", handle_name(system, *process, *port)), Vec::new())
        }
        Wait::Time(_) => ("time to pass".to_owned(), Vec::new()),
        Wait::Completed { process, .. } => ("the end of an overlapped operation".to_owned(), vec![name(*process)]),
        Wait::Started(instance) => (
            format!("another thread's start of the provider {}", provider_name(world, instance.provider.0)),
            vec![name(instance.process)],
        ),
        Wait::Drained { instance, .. } => (
            format!(
                "the provider {} to announce the operations on the socket",
                provider_name(world, instance.provider.0)
            ),
            vec![name(instance.process)],
        ),
    };
    Waiting { what, whom }
}

fn provider_name(world: &World, id: u16) -> String {
    world.catalog().providers().get(usize::from(id)).map_or("?".to_owned(), |p| p.name.clone())
}

/// The name of a process.
pub fn process_name(world: &World, pid: Pid) -> String {
    world.process(pid).map_or_else(|| format!("process {pid}"), |p| p.name.clone())
}

/// The names that a process has for a handle, or its value.
pub fn handle_name(system: &System<Lines>, pid: Pid, handle: Handle) -> String {
    let names: Vec<&str> =
        pid.index().map_or(Vec::new(), |i| system.shared.of_number(i, handle.0.cast_signed()).collect());
    if names.is_empty() { handle.to_string() } else { names.join(", ") }
}

/// The names that the waiting process has for a socket.
fn socket_name(system: &System<Lines>, socket: &Socket) -> String {
    let world = system.world();
    let (pid, held) = match socket.holder {
        Holder::Handle(pid, handle) => (pid, handle.to_string()),
        Holder::Lower(instance, number) => (instance.process, format!("lower socket {number}")),
    };
    let Some(process) = world.process(pid) else { return held };
    let mut names = Vec::new();
    for descriptor in process.descriptors.iter() {
        if world.socket_of(pid, descriptor.handle) == Some(socket.endpoint) {
            let of_number = pid.index().map(|i| system.shared.of_number(i, descriptor.handle.0.cast_signed()));
            names.extend(of_number.into_iter().flatten());
        }
    }
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { held } else { names.join(", ") }
}

/// What holds the other end of a socket's connection.
fn peers(world: &World, id: EndpointId) -> Vec<String> {
    let role = world.find_endpoint(id).map(|e| &e.role);
    let (connection, other) = match role {
        Some(Role::Connected { connection, side }) => (*connection, side.other()),
        Some(Role::Connecting { connection }) => (*connection, winspi_core::transport::Side::Server),
        _ => return Vec::new(),
    };
    match world.connection(connection).map(|c| c.end(other).holder) {
        Some(EndHolder::Endpoint(peer) | EndHolder::Backlog(peer)) => holders(world, peer),
        Some(EndHolder::Gone) => vec!["nobody".to_owned()],
        Some(EndHolder::Awaited) | None => Vec::new(),
    }
}
