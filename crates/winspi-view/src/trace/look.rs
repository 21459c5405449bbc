//! From a system to what a trace says of it.

use std::collections::BTreeMap;

use winspi_core::id::{EndpointId, EventId, Handle as Value, InstanceId, Pid, PortId, SectionId, Tid};
use winspi_core::kernel::handle::Slot;
use winspi_core::kernel::operation::{OperationKind, OperationState};
use winspi_core::kernel::process::{Next, ProcessState, ThreadRole};
use winspi_core::protocol::Reply;
use winspi_core::provider::instance::Record;
use winspi_core::transport::{Arrival, Connection, EndHolder, Endpoint, Role, Side};
use winspi_core::wait::Wait;
use winspi_core::world::holders::Held as HeldBy;
use winspi_core::ws2_32::descriptor::Descriptor as Registered;
use winspi_core::{System, World};
use winspi_script::question::{state_word, what_is, who_name};
use winspi_script::waiting::waiting;
use winspi_script::{Lines, Script};
use winspi_types::constants::constant_name;
use winspi_types::{ErrorCode, SocketAddress};

use super::shown;
use super::thing::{
    Buffer, Descriptor, Handle, HandleKind, Held, How, Object, Operation, Process, Socket, Thing, Thread, ThreadState,
};

/// The most chunks of a buffer that are shown one by one.
const MOST_CHUNKS: usize = 16;

/// What objects are called: numbered as they are found, for the length of a run.
#[derive(Debug, Default)]
pub(super) struct Ids {
    sockets: BTreeMap<EndpointId, usize>,
    events: BTreeMap<EventId, usize>,
    ports: BTreeMap<PortId, usize>,
    sections: BTreeMap<SectionId, usize>,
    /// Values that were handles once, by process: a name may still stand for one.
    handles: BTreeMap<(Pid, u64), ()>,
}

fn numbered<K: Ord>(known: &mut BTreeMap<K, usize>, key: K, kind: &str) -> String {
    let next = known.len() + 1;
    format!("{kind} {}", known.entry(key).or_insert(next))
}

impl Ids {
    /// The key of a socket.
    pub(super) fn socket(&mut self, id: EndpointId) -> String {
        numbered(&mut self.sockets, id, "socket")
    }
}

/// Looks at a system.
pub(super) struct Look<'a> {
    pub(super) script: &'a Script,
    pub(super) system: &'a System<Lines>,
    pub(super) ids: &'a mut Ids,
}

impl Look<'_> {
    /// The state.
    pub(super) fn state(mut self) -> BTreeMap<String, Thing> {
        let system = self.system;
        system.world().aside(|world| {
            let mut state = BTreeMap::new();
            self.handles(world, &mut state);
            self.processes(world, &mut state);
            self.objects(world, &mut state);
            self.sockets(world, &mut state);
            self.operations(world, &mut state);
            self.threads(world, &mut state);
            let faults: Vec<String> = world.faults().iter().map(|fault| self.fault(world, fault)).collect();
            if !faults.is_empty() {
                state.insert("faults".to_owned(), Thing::Faults { on: faults });
            }
            state
        })
    }

    fn fault(&self, world: &World, fault: winspi_core::fault::Fault) -> String {
        let naming = winspi_script::schedule::Naming::of(world);
        let text = winspi_script::schedule::print(&winspi_core::Transition::Fault(fault), &naming);
        text.trim_start_matches("fault ").to_owned()
    }

    fn processes(&self, world: &World, state: &mut BTreeMap<String, Thing>) {
        for process in world.processes() {
            let started = world.instances().filter(|(id, instance)| id.process == process.pid && instance.starts > 0);
            let providers = started.map(|(id, instance)| {
                let name = &world.catalog().provider(id.provider).name;
                if instance.starts == 1 { name.clone() } else { format!("{name} ×{}", instance.starts) }
            });
            let thing = Process {
                pid: world.identifier(process.pid),
                state: match process.state {
                    ProcessState::Declared => "declared".to_owned(),
                    ProcessState::Running => "running".to_owned(),
                    ProcessState::Ended(code) => format!("ended with code {code}"),
                },
                startups: process.startups,
                providers: providers.collect(),
            };
            state.insert(format!("process {}", process.name), Thing::Process(thing));
        }
    }

    fn threads(&mut self, world: &World, state: &mut BTreeMap<String, Thing>) {
        for (tid, thread) in world.threads() {
            let can_go = self.system.can_go(tid);
            let done = self.system.program(tid).is_none_or(|program| program.line().is_none());
            let stands = match &thread.next {
                Next::Ended => ThreadState::Ended,
                Next::Idle if thread.role == ThreadRole::Program => ThreadState::Ended,
                Next::Idle => ThreadState::Idle,
                Next::Asked { .. } => ThreadState::Asked,
                Next::Waits(_) => ThreadState::Waits,
                Next::Run(Reply::Enter) if thread.stack.is_empty() && done => ThreadState::Ended,
                Next::Run(Reply::Enter) if thread.stack.is_empty() && !can_go => ThreadState::Waits,
                Next::Run(Reply::Enter) if thread.stack.is_empty() => ThreadState::Ready,
                Next::Run(_) => ThreadState::Calls,
            };
            let wait = (stands == ThreadState::Waits).then(|| waiting(self.script, self.system, tid)).flatten();
            let asked = (stands == ThreadState::Asked).then(|| "the answer of a party outside".to_owned());
            let on = match &thread.next {
                Next::Waits(wait) => self.waited_for(wait),
                _ => None,
            };
            let thing = Thread {
                process: world.process(tid.process).map_or_else(String::new, |p| p.name.clone()),
                state: stands,
                stack: thread
                    .stack
                    .iter()
                    .map(|a| format!("{} {}", who_name(world, a.who), a.call.function()))
                    .collect(),
                whom: wait.as_ref().map_or_else(Vec::new, |w| w.whom.clone()),
                waits: wait.map(|w| w.what).or(asked),
                on,
                until: match &thread.next {
                    Next::Waits(wait) => wait.deadline(),
                    _ => None,
                },
                last_error: (thread.last_error != ErrorCode(0)).then(|| thread.last_error.to_string()),
            };
            state.insert(format!("thread {}", thread_name(world, tid)), Thing::Thread(thing));
        }
    }

    fn waited_for(&mut self, wait: &Wait) -> Option<String> {
        match wait {
            Wait::Readable(s)
            | Wait::Part(s)
            | Wait::Writable(s)
            | Wait::Backlog(s)
            | Wait::Connected(s)
            | Wait::Sent { socket: s, .. } => Some(self.ids.socket(s.endpoint)),
            _ => None,
        }
    }

    fn handles(&mut self, world: &World, state: &mut BTreeMap<String, Thing>) {
        for process in world.processes().filter(|p| p.runs()) {
            let name = &process.name;
            for (handle, slot) in process.handles.iter() {
                let registered = process.descriptors.like(handle);
                let value = registered.map_or(handle, |d| d.handle);
                self.ids.handles.insert((process.pid, value.0), ());
                let (object, through) = self.behind(world, process.pid, value, slot);
                let thing = Handle {
                    process: name.clone(),
                    handle: value.to_string(),
                    kind: kind_of(slot),
                    object,
                    through,
                    names: self.names(process.pid, value),
                    descriptor: registered.map(|d| descriptor(world, d)),
                    means: what_is(world, process.pid, handle, slot),
                    raw: process.is_raw_socket(handle),
                };
                state.insert(format!("handle {name} {value}"), Thing::Handle(thing));
            }
            // What Ws2_32 keeps for handles that are no more.
            for registered in process.descriptors.iter().filter(|d| process.handles.get(d.handle) == Slot::Free) {
                let thing = Handle {
                    descriptor: Some(descriptor(world, registered)),
                    means: "a descriptor without a handle".to_owned(),
                    ..stale(name, registered.handle, self.names(process.pid, registered.handle))
                };
                state.insert(format!("handle {name} {}", registered.handle), Thing::Handle(thing));
            }
        }
        let known: Vec<(Pid, u64)> = self.ids.handles.keys().copied().collect();
        for (pid, value) in known {
            let Some(process) = world.running(pid) else { continue };
            let (value, key) = (Value(value), format!("handle {} {}", process.name, Value(value)));
            let names = self.names(pid, value);
            if !names.is_empty() && !state.contains_key(&key) && process.handles.get(value) == Slot::Free {
                state.insert(key, Thing::Handle(stale(&process.name, value, names)));
            }
        }
    }

    fn names(&self, pid: Pid, value: Value) -> Vec<String> {
        let Some(place) = pid.index() else { return Vec::new() };
        let mut names: Vec<String> =
            self.system.shared.of_number(place, value.0.cast_signed()).map(str::to_owned).collect();
        names.dedup();
        names
    }

    /// The object that a handle leads to, and what lies between.
    fn behind(&mut self, world: &World, pid: Pid, value: Value, slot: Slot) -> (Option<String>, Vec<String>) {
        let key = match slot {
            Slot::Socket(id) => Some(self.ids.socket(id)),
            Slot::Claim(claim) => Some(self.ids.socket(claim.endpoint)),
            Slot::NonIfs => world.socket_of(pid, value).map(|id| self.ids.socket(id)),
            Slot::Event(id) => Some(numbered(&mut self.ids.events, id, "event")),
            Slot::Port(id) => Some(numbered(&mut self.ids.ports, id, "port")),
            Slot::Section(id) => Some(numbered(&mut self.ids.sections, id, "mapping")),
            Slot::Process(of) => world.process(of).map(|p| format!("process {}", p.name)),
            Slot::Thread(of) => Some(format!("thread {}", thread_name(world, of))),
            Slot::Free => None,
        };
        let through = if slot == Slot::NonIfs { way_down(world, pid, value) } else { Vec::new() };
        (key, through)
    }

    fn objects(&mut self, world: &World, state: &mut BTreeMap<String, Thing>) {
        for (id, event) in world.events() {
            let signalled = if event.signaled { "signalled" } else { "not signalled" };
            let reset = if event.manual_reset { "manual reset" } else { "auto reset" };
            let means = format!("event, {signalled}, {reset}");
            let key = numbered(&mut self.ids.events, id, "event");
            state.insert(key, Thing::Object(Object { means, handles: event.handles }));
        }
        for (id, port) in world.ports() {
            let means = format!("completion port, {} in its queue", port.packets.len());
            let key = numbered(&mut self.ids.ports, id, "port");
            state.insert(key, Thing::Object(Object { means, handles: port.handles }));
        }
        for (id, section) in world.sections() {
            let views = section.views;
            let means = format!("file mapping of {} bytes, seen in {views} places", section.bytes.len());
            let key = numbered(&mut self.ids.sections, id, "mapping");
            state.insert(key, Thing::Object(Object { means, handles: section.handles }));
        }
    }

    fn operations(&mut self, world: &World, state: &mut BTreeMap<String, Thing>) {
        for (_, operation) in world.operations() {
            let process = process_name(world, operation.instance.process);
            let what = match &operation.kind {
                OperationKind::Receive(_) => "receive".to_owned(),
                OperationKind::ReceiveFrom { .. } => "receive of a datagram".to_owned(),
                OperationKind::Send { data, sent, .. } => format!("send of {} bytes, {sent} taken", data.len()),
            };
            let key = format!("operation {process} {}", operation.cell.0);
            let done = |code: ErrorCode, bytes: u32| match code {
                ErrorCode(0) => format!("done, {bytes} bytes"),
                code => format!("done with {code}"),
            };
            let thing = Operation {
                process,
                provider: world.catalog().provider(operation.instance.provider).name.clone(),
                what,
                socket: self.ids.socket(operation.socket.endpoint),
                state: match operation.state {
                    OperationState::Pending => "pending".to_owned(),
                    OperationState::Done(completion) => done(completion.error, completion.transferred),
                },
            };
            state.insert(key, Thing::Operation(thing));
        }
    }

    fn sockets(&mut self, world: &World, state: &mut BTreeMap<String, Thing>) {
        for (id, endpoint) in world.endpoints() {
            let key = self.ids.socket(id);
            let (socket, buffer) = self.socket(world, id, endpoint);
            if buffer != Buffer::default() {
                state.insert(key.replace("socket", "buffer"), Thing::Buffer(buffer));
            }
            state.insert(key, Thing::Socket(socket));
        }
    }

    fn socket(&mut self, world: &World, id: EndpointId, endpoint: &Endpoint) -> (Socket, Buffer) {
        let mut buffer = Buffer::default();
        let connection = match &endpoint.role {
            Role::Connected { connection, side } => world.connection(*connection).map(|c| (c, *side)),
            Role::Connecting { connection } => world.connection(*connection).map(|c| (c, Side::Client)),
            _ => None,
        };
        let mut socket = Socket {
            kind: kind_words(endpoint),
            state: state_word(&endpoint.role).to_owned(),
            local: endpoint.local.map(|name| name.to_string()),
            peer: None,
            other: None,
            handles: endpoint.handles,
            references: endpoint.references,
            holders: self.holders(world, id),
            backlog: None,
            notes: notes(world, endpoint),
        };
        if let Some((connection, side)) = connection {
            self.connected(&mut socket, &mut buffer, connection, side);
        }
        match &endpoint.role {
            Role::Listening(listening) => {
                socket.backlog = Some((count(listening.backlog.len()), listening.limit));
            }
            Role::Datagram(datagrams) => {
                socket.peer = datagrams.peer().map(|peer| peer.to_string());
                buffer.unread = count(datagrams.unread());
                buffer.received = chunks(datagrams.received.iter().map(|arrival| match arrival {
                    Arrival::Datagram { from, data } => format!("{} from {from}", shown::bytes(data)),
                    Arrival::Unreachable { at } => format!("nobody at {at}"),
                }));
            }
            _ => {}
        }
        (socket, buffer)
    }

    fn connected(&mut self, socket: &mut Socket, buffer: &mut Buffer, connection: &Connection, side: Side) {
        let (here, there) = (connection.end(side), connection.end(side.other()));
        socket.peer = Some(there.name.to_string());
        socket.other = match there.holder {
            EndHolder::Endpoint(id) => Some(self.ids.socket(id)),
            _ => None,
        };
        let mut read = here.read;
        buffer.received = chunks(here.received.iter().map(|chunk| {
            let from = std::mem::take(&mut read).min(chunk.len());
            shown::bytes(chunk.get(from..).unwrap_or_default())
        }));
        buffer.unread = count(here.unread());
        buffer.incoming = count(here.buffered().saturating_sub(here.unread()));
        buffer.outgoing = count(there.buffered());
        let says = [
            (here.send_shut, "sends no more"),
            (here.receive_shut || here.receive_ended, "receives no more"),
            (here.finished, "the other end sends no more"),
            (here.reset, "the connection is gone"),
            (there.holder == EndHolder::Gone, "nobody has the other end"),
            (matches!(there.holder, EndHolder::Backlog(_)), "the other end waits in a backlog"),
        ];
        socket.notes.extend(says.into_iter().filter(|(so, _)| *so).map(|(_, words)| words.to_owned()));
    }

    fn holders(&mut self, world: &World, id: EndpointId) -> Vec<Held> {
        let mut all: Vec<Held> = Vec::new();
        for (pid, by) in world.holders(id) {
            let process = process_name(world, pid);
            let (how, key) = match by {
                HeldBy::Handle(handle) => (How::Handle, Some(handle_key(world, pid, handle))),
                HeldBy::Claim(handle) => (How::Claim, Some(handle_key(world, pid, handle))),
                HeldBy::Lower(number) => (How::Lower, over_lower(world, pid, number)),
                HeldBy::Token(_) => (How::Token, None),
            };
            all.push(Held { process, how, by: by.to_string(), key });
        }
        for (_, operation) in world.operations().filter(|(_, o)| o.socket.endpoint == id) {
            let process = process_name(world, operation.instance.process);
            let key = format!("operation {process} {}", operation.cell.0);
            all.push(Held {
                process,
                how: How::Operation,
                by: format!("operation {}", operation.cell.0),
                key: Some(key),
            });
        }
        for (tid, thread) in world.threads() {
            for activation in thread.stack.iter().filter(|a| a.holds() == Some(id)) {
                let by = format!("{} in progress", activation.call.function());
                let process = process_name(world, tid.process);
                let key = Some(format!("thread {}", thread_name(world, tid)));
                all.push(Held { process, how: How::Call, by, key });
            }
        }
        all
    }
}

/// The handle that stands over a lower number of the non-IFS base.
fn over_lower(world: &World, pid: Pid, number: u32) -> Option<String> {
    let process = world.running(pid)?;
    let found = process.descriptors.iter().find(|d| {
        let provider = world.catalog().provider_of(d.catalog_entry_id);
        let instance = provider.and_then(|provider| world.instance(InstanceId { process: pid, provider }));
        let base = instance.is_some_and(|i| matches!(i.record, Record::BaseNonIfs(_)));
        base && d.context.is_some_and(|c| c.0 == u64::from(number))
    })?;
    Some(format!("handle {} {}", process.name, found.handle))
}

fn handle_key(world: &World, pid: Pid, handle: Value) -> String {
    let process = world.process(pid);
    let value = process.and_then(|p| p.descriptors.like(handle)).map_or(handle, |d| d.handle);
    format!("handle {} {value}", process.map_or("?", |p| p.name.as_str()))
}

/// What lies between a handle of Ws2_32 and the socket, in words.
fn way_down(world: &World, pid: Pid, mut handle: Value) -> Vec<String> {
    let mut way = Vec::new();
    // A layer stands over providers that were there before it, so there are no more turns than providers.
    for _ in world.catalog().providers() {
        let Some(descriptor) = world.running(pid).and_then(|p| p.descriptors.get(handle)) else { break };
        let Some(provider) = world.catalog().provider_of(descriptor.catalog_entry_id) else { break };
        let Some(number) = descriptor.context.and_then(|c| u32::try_from(c.0).ok()) else { break };
        let name = &world.catalog().provider(provider).name;
        match world.instance(InstanceId { process: pid, provider }).map(|i| &i.record) {
            Some(Record::BaseNonIfs(_)) => {
                way.push(format!("lower {number} of {name}"));
                break;
            }
            Some(Record::Layer(record)) => {
                way.push(format!("record {number} of {name}"));
                let Some(socket) = record.socket(number) else { break };
                handle = socket.lower;
                way.push(handle.to_string());
            }
            _ => break,
        }
    }
    way
}

fn descriptor(world: &World, registered: &Registered) -> Descriptor {
    let provider = world.catalog().provider_of(registered.catalog_entry_id).map(|id| world.catalog().provider(id));
    Descriptor {
        entry: registered.catalog_entry_id,
        provider: provider.map_or("?", |p| p.name.as_str()).to_owned(),
        layer: provider.is_some_and(|p| p.over.is_some()),
        context: registered.context.map(|c| format!("{:#x}", c.0)),
    }
}

fn stale(process: &str, value: Value, names: Vec<String>) -> Handle {
    Handle {
        process: process.to_owned(),
        handle: value.to_string(),
        kind: HandleKind::Stale,
        object: None,
        through: Vec::new(),
        names,
        descriptor: None,
        means: "closed; the name still stands for the value".to_owned(),
        raw: false,
    }
}

fn kind_of(slot: Slot) -> HandleKind {
    match slot {
        Slot::Free => HandleKind::Stale,
        Slot::Socket(_) => HandleKind::Socket,
        Slot::Claim(_) => HandleKind::Claim,
        Slot::Event(_) => HandleKind::Event,
        Slot::Process(_) => HandleKind::Process,
        Slot::Thread(_) => HandleKind::Thread,
        Slot::Port(_) => HandleKind::Port,
        Slot::Section(_) => HandleKind::Mapping,
        Slot::NonIfs => HandleKind::NonIfs,
    }
}

fn chunks(all: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = all.len().saturating_sub(MOST_CHUNKS);
    let mut shown: Vec<String> = all.take(MOST_CHUNKS).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown
}

fn kind_words(endpoint: &Endpoint) -> String {
    let word = |prefix: &str, number: i32| {
        constant_name(prefix, i64::from(number)).map_or_else(|| number.to_string(), str::to_owned)
    };
    let of = [word("AF_", endpoint.family), word("SOCK_", endpoint.socket_type), word("IPPROTO_", endpoint.protocol)];
    of.join(" ")
}

fn notes(world: &World, endpoint: &Endpoint) -> Vec<String> {
    let mut notes = Vec::new();
    let options = &endpoint.options;
    let says = [
        (endpoint.nonblocking, "nonblocking"),
        (options.reuse_address, "SO_REUSEADDR"),
        (options.exclusive_address, "SO_EXCLUSIVEADDRUSE"),
        (options.keep_alive, "SO_KEEPALIVE"),
        (options.broadcast, "SO_BROADCAST"),
        (options.oob_inline, "SO_OOBINLINE"),
        (options.conditional_accept, "SO_CONDITIONAL_ACCEPT"),
        (options.no_delay, "TCP_NODELAY"),
    ];
    notes.extend(says.into_iter().filter(|(so, _)| *so).map(|(_, words)| words.to_owned()));
    if options.linger.on {
        notes.push(format!("SO_LINGER {} s", options.linger.seconds));
    }
    if let Some(error) = options.error {
        notes.push(format!("SO_ERROR {error}"));
    }
    if let Some(selection) = endpoint.events.selection {
        let process = process_name(world, selection.process);
        let events = event_names(selection.mask);
        notes.push(format!("reports {events} to event {} of {process}", selection.event));
    }
    if endpoint.events.recorded != 0 {
        notes.push(format!("recorded: {}", event_names(endpoint.events.recorded)));
    }
    if endpoint.port.is_some() {
        notes.push("reports to a completion port".to_owned());
    }
    notes
}

/// FD_* by name.
pub(super) fn event_names(mask: u32) -> String {
    let names = (0..32).map(|bit| 1_u32 << bit).filter(|bit| mask & bit != 0);
    let names = names.map(|bit| {
        let known = winspi_types::constants::constants();
        let mut known = known.filter(|row| row.name.starts_with("FD_") && !row.name.ends_with("_BIT"));
        known.find(|row| row.value == i64::from(bit)).map_or_else(|| format!("{bit:#x}"), |row| row.name.to_owned())
    });
    names.collect::<Vec<_>>().join(" ")
}

/// The name of a process.
pub(super) fn process_name(world: &World, pid: Pid) -> String {
    world.process(pid).map_or_else(|| pid.to_string(), |p| p.name.clone())
}

/// The name of a thread; of a provider's with what it is for.
pub(super) fn thread_name(world: &World, tid: Tid) -> String {
    match world.thread(tid).map(|thread| thread.role) {
        Some(ThreadRole::Worker(instance)) => {
            let provider = &world.catalog().provider(instance.provider).name;
            format!("{} worker of {provider}", process_name(world, tid.process))
        }
        _ => world.thread_name(tid),
    }
}

/// The processes that hold the end of a connection with this name.
pub(super) fn process_of_end(world: &World, own: SocketAddress, other: SocketAddress) -> Option<String> {
    let connections = world
        .connections()
        .flat_map(|(_, c)| [(c.end(Side::Client), c.end(Side::Server)), (c.end(Side::Server), c.end(Side::Client))]);
    let mut ends = connections.filter(|(end, peer)| end.name == own && peer.name == other);
    let holder = ends.next()?.0.holder;
    match holder {
        EndHolder::Endpoint(id) | EndHolder::Backlog(id) => {
            world.holders(id).first().map(|(pid, _)| process_name(world, *pid))
        }
        EndHolder::Awaited => process_at(world, own),
        EndHolder::Gone => None,
    }
}

/// The process that holds a socket of this name.
pub(super) fn process_at(world: &World, name: SocketAddress) -> Option<String> {
    let mut named =
        world.endpoints().filter(|(_, e)| e.local == Some(name) && !matches!(e.role, Role::Connected { .. }));
    let (id, _) = named.next()?;
    world.holders(id).first().map(|(pid, _)| process_name(world, *pid))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
