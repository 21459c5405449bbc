//! What a thread waits for, in words, and who could end that.

use std::fmt;
use std::sync::Arc;

use winspi_core::World;
use winspi_core::call::Call;
use winspi_core::id::{EndpointId, Pid, Tid};
use winspi_core::kernel::handle::Slot;
use winspi_core::kernel::process::{Next, ThreadRole};
use winspi_core::transport::{EndHolder, Role};
use winspi_core::wait::{Holder, Socket, Wait};

/// A thread that waits: in which call, what for, and who could end that.
#[derive(Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The thread.
    pub thread: Tid,
    /// Its name: that of its process, or `process.thread`.
    pub name: String,
    /// The call that has not come back.
    pub call: Arc<Call>,
    /// What it waits for.
    pub wait: Wait,
    /// The same in words.
    pub what: String,
    /// Who could end it; empty where nobody is left who could.
    pub by: Vec<Ender>,
}

/// A process that could end a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ender {
    /// The process.
    pub process: Pid,
    /// Its name.
    pub name: String,
    /// What makes it the one: `holds the other end by 0x484`.
    pub why: String,
    /// What it does instead.
    pub doing: Doing,
}

/// What the threads of a process do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// One of them can go on, or has not been asked what it does next.
    Runs,
    /// All that have not returned wait themselves.
    Waits,
    /// All have returned.
    Returned,
    /// The process has ended.
    Ended,
}

impl Waiting {
    /// What a thread waits for; `None` if it does not.
    pub fn of(world: &World, thread: Tid) -> Option<Waiting> {
        let state = world.thread(thread)?;
        let Next::Waits(wait) = &state.next else { return None };
        let call = state.stack.first()?.call.clone();
        let (what, by) = explain(world, thread, wait);
        let mut enders: Vec<Ender> = Vec::new();
        for (process, why) in by {
            let name = world.process(process).map_or_else(|| process.to_string(), |p| p.name.clone());
            match enders.iter_mut().find(|ender| ender.process == process) {
                Some(ender) => ender.why = format!("{} and {why}", ender.why),
                None => enders.push(Ender { process, name, why, doing: doing(world, process) }),
            }
        }
        Some(Waiting { thread, name: world.thread_name(thread), call, wait: wait.clone(), what, by: enders })
    }

    /// All threads that wait within a call of their program.
    pub fn all(world: &World) -> Vec<Waiting> {
        let threads = world.threads().filter(|(_, thread)| !matches!(thread.role, ThreadRole::Worker(_)));
        threads.filter_map(|(tid, _)| Waiting::of(world, tid)).collect()
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} waits in {} for {}", self.name, self.call, self.what)?;
        if self.by.is_empty() {
            return f.write_str("; nobody can end that");
        }
        for (place, ender) in self.by.iter().enumerate() {
            let before = if place == 0 { "; " } else { ", or " };
            write!(f, "{before}{}, which {}, {}", ender.name, ender.why, ender.doing)?;
        }
        f.write_str(", could end that")
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doing::Runs => "and runs",
            Doing::Waits => "and waits itself",
            Doing::Returned => "and has returned",
            Doing::Ended => "and has ended",
        })
    }
}

fn doing(world: &World, process: Pid) -> Doing {
    if world.running(process).is_none() {
        return Doing::Ended;
    }
    let own = world.threads().filter(|(tid, thread)| {
        tid.process == process && !matches!((thread.role, &thread.next), (ThreadRole::Worker(_), Next::Idle))
    });
    let mut doing = Doing::Returned;
    for (_, thread) in own {
        match thread.next {
            Next::Idle | Next::Ended => {}
            Next::Waits(_) => doing = Doing::Waits,
            Next::Run(_) | Next::Asked { .. } => return Doing::Runs,
        }
    }
    doing
}

/// What is waited for, and the processes that could end it, each with the reason.
fn explain(world: &World, thread: Tid, wait: &Wait) -> (String, Vec<(Pid, String)>) {
    let own = thread.process;
    match wait {
        Wait::Readable(s) | Wait::Part(s) => (format!("data on {}", socket(world, s)), peers(world, s.endpoint)),
        Wait::Writable(s) => (format!("room to send on {}", socket(world, s)), peers(world, s.endpoint)),
        Wait::Connected(s) => (format!("the connection of {}", socket(world, s)), peers(world, s.endpoint)),
        Wait::Backlog(s) => {
            let others = world.processes().filter(|p| p.runs() && (p.pid != own || has_others(world, thread)));
            let by = others.map(|p| (p.pid, "could connect to it".to_owned())).collect();
            (format!("a connection to {}", socket(world, s)), by)
        }
        Wait::Message { process, from: Some(from) } => {
            let name = world.process(*from).map_or_else(|| from.to_string(), |p| p.name.clone());
            let by = world.process(*from).map(|p| (p.pid, format!("could send to {process}")));
            (format!("a message of {name}"), by.into_iter().collect())
        }
        Wait::Message { process, from: None } => {
            let others = world.processes().filter(|p| p.runs() && (p.pid != own || has_others(world, thread)));
            ("a message".to_owned(), others.map(|p| (p.pid, format!("could send to {process}"))).collect())
        }
        Wait::Signalled { process, handle, deadline } => {
            let until = deadline.map_or(String::new(), |d| format!(" until {} ms", d.0));
            match world.slot(*process, *handle) {
                Slot::Process(pid) => {
                    let name = world.process(pid).map_or_else(|| pid.to_string(), |p| p.name.clone());
                    (format!("the end of {name}{until}"), vec![(pid, "would have to end".to_owned())])
                }
                Slot::Event(event) => {
                    let holders = world.processes().filter(|p| p.pid != own || has_others(world, thread));
                    let by = holders.flat_map(|p| {
                        let handles = p.handles.iter().filter(move |(_, slot)| *slot == Slot::Event(event));
                        handles.map(|(handle, _)| (p.pid, format!("has the event as {handle}")))
                    });
                    (format!("event {handle}{until}"), by.collect())
                }
                _ => (format!("{handle}{until}"), Vec::new()),
            }
        }
        Wait::Several { handles, all, .. } => {
            let names = handles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let others = world.processes().filter(|p| p.runs() && (p.pid != own || has_others(world, thread)));
            let by = others.map(|p| (p.pid, "could signal one of them".to_owned())).collect();
            (format!("{} of {names}", if *all { "all" } else { "one" }), by)
        }
        Wait::Packet { process, port, .. } => {
            let by = world.process(*process).map(|p| (p.pid, "has the port".to_owned()));
            (format!("a packet of port {port}"), by.into_iter().collect())
        }
        Wait::Time(deadline) => {
            let words = deadline.map_or("ever".to_owned(), |d| format!("the time {} ms", d.0));
            (words, Vec::new())
        }
        Wait::Sent { socket: s, deadline } => {
            let words = format!("the arrival of what {} has sent, until {} ms", socket(world, s), deadline.0);
            (words, peers(world, s.endpoint))
        }
        Wait::Completed { process, cell } => {
            let operation = format!("the end of the operation with WSAOVERLAPPED {}", cell.0);
            let by = world.process(*process).map(|p| (p.pid, "issued it".to_owned()));
            (operation, by.into_iter().collect())
        }
        Wait::Started(instance) => {
            let name = &world.catalog().provider(instance.provider).name;
            let by = vec![(instance.process, "is starting it on another thread".to_owned())];
            (format!("the start of provider {name}"), by)
        }
        Wait::Drained { instance, record } => {
            let name = &world.catalog().provider(instance.provider).name;
            let by = vec![(instance.process, "issued them".to_owned())];
            (format!("the operations of record {record} of provider {name}"), by)
        }
    }
}

/// Whether a process has another thread that could act.
fn has_others(world: &World, thread: Tid) -> bool {
    let mut others = world
        .threads()
        .filter(|(tid, t)| tid.process == thread.process && *tid != thread && !matches!(t.role, ThreadRole::Worker(_)));
    others.any(|(_, t)| !matches!(t.next, Next::Idle | Next::Ended))
}

/// A socket by what it is held by, and its names.
fn socket(world: &World, socket: &Socket) -> String {
    let held = match socket.holder {
        Holder::Handle(_, handle) => handle.to_string(),
        Holder::Lower(_, number) => format!("lower socket {number}"),
    };
    let Some(endpoint) = world.find_endpoint(socket.endpoint) else { return held };
    match &endpoint.role {
        Role::Connected { connection, side } => match world.connection(*connection) {
            Some(c) => format!("{held} ({} to {})", c.end(*side).name, c.end(side.other()).name),
            None => held,
        },
        Role::Connecting { connection } => match world.connection(*connection) {
            Some(c) => format!("{held} ({} to {})", c.ends[0].name, c.ends[1].name),
            None => held,
        },
        _ => endpoint.local.map_or(held.clone(), |local| format!("{held} ({local})")),
    }
}

/// Who has the other end of a connection.
fn peers(world: &World, endpoint: EndpointId) -> Vec<(Pid, String)> {
    let Some(endpoint) = world.find_endpoint(endpoint) else { return Vec::new() };
    let other = match endpoint.role {
        Role::Connected { connection, side } => world.connection(connection).map(|c| c.end(side.other()).holder),
        Role::Connecting { connection } => world.connection(connection).map(|c| c.ends[1].holder),
        _ => None,
    };
    let (id, what) = match other {
        Some(EndHolder::Endpoint(id)) => (id, "holds the other end by"),
        Some(EndHolder::Backlog(id)) => (id, "has the other end in the backlog of"),
        Some(EndHolder::Awaited | EndHolder::Gone) | None => return Vec::new(),
    };
    world.holders(id).into_iter().map(|(pid, held)| (pid, format!("{what} {held}"))).collect()
}
