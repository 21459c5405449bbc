//! Footprints: what a transition reads and what it writes, as parts of the machine.
//!
//! Two transitions commute where neither writes a part that the other reads or writes. That is what the reduced
//! exploration rests on, so a footprint may name too much and never too little:
//!
//! - reads are noted by the accessors of [`World`], those that give a component to be changed included;
//! - writes are found by comparing the world after the transition with the one before it, so none can be forgotten.
//!
//! Nothing is noted unless [`World::watch`] has asked for it. Sockets and connections are named by their *origin*: a
//! number for who made them, which does not depend on the order of what is independent, as a key of an arena does. The
//! origin is part of the state where it is asked for, and zero otherwise.

use std::cell::{Cell as StdCell, RefCell};

use slotmap::DefaultKey;

use crate::arena::{Arena, ArenaKey};
use crate::id::{ConnectionId, EndpointId, Pid, Tid};
use crate::kernel::handle::Slot;
use crate::provider::instance::Record;
use crate::shared::Shared;
use crate::transport::{Connection, Endpoint, Role};
use crate::world::World;

/// A part of the machine, or of what programs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Whether a process runs, and its identifier.
    Life(Pid),
    /// The handle table of a process.
    Handles(Pid),
    /// All else of a process: descriptors, memory, counts.
    Process(Pid),
    /// A thread: where it stands, what it waits for.
    Thread(Tid),
    /// The lower numbers of the non-IFS base in a process.
    Lower(Pid),
    /// All else that providers keep in a process.
    Instances(Pid),
    /// The sockets of an origin, without their counts.
    Endpoint(u32),
    /// How many handles and references they have.
    Counts(u32),
    /// Who keeps the sockets of an origin open.
    Holders(u32),
    /// The connections of an origin.
    Connection(u32),
    /// Which sockets have a name with this port, and how.
    Name(u16),
    /// Which connections have an end with this port.
    End(u16),
    /// Which sockets have a registration of a process.
    Selections(Pid),
    /// Which sockets report to completion ports.
    Associations,
    /// All events.
    Events,
    /// All overlapped operations.
    Operations,
    /// All completion ports.
    Ports,
    /// All file mappings.
    Sections,
    /// The duplicates of the non-IFS base that a process has not asked for.
    Tokens(Pid),
    /// The datagrams on their way.
    Network,
    /// The messages on their way from one process to another.
    Lane(Pid, Pid),
    /// The messages that have arrived at a process from another: from, to.
    Arrived(Pid, Pid),
    /// The order in which messages of different senders have arrived at a process.
    Order(Pid),
    /// The faults that are on.
    Faults,
    /// The time.
    Time,
    /// A name of a process that no other asks for: it goes with the process.
    Own(Pid, u32),
    /// A name of a process that others ask for.
    Bound(Pid, u32),
    /// How often a callback ran.
    Runs(u32),
    /// Who waits at a `sync`.
    Sync(u32),
}

/// What was read and written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// The parts that were looked at, each once, in order.
    pub reads: Vec<Part>,
    /// The parts that were changed, each once, in order.
    pub writes: Vec<Part>,
}

/// What was noted since [`World::watch`]; not state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    on: StdCell<bool>,
    reads: RefCell<Vec<Part>>,
    writes: RefCell<Vec<Part>>,
    /// Whose sockets and connections are made now.
    origin: StdCell<u32>,
    /// The origins of sockets that are gone, and of connections: who asks for one that is gone reads it, too.
    gone: RefCell<Vec<(DefaultKey, u32)>>,
    gone_connections: RefCell<Vec<(DefaultKey, u32)>>,
}

impl Watch {
    /// Whether anything is noted now.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.on.get()
    }

    pub(crate) fn of_gone(&self, key: DefaultKey) -> Option<u32> {
        self.gone.borrow().iter().find(|(gone, _)| *gone == key).map(|(_, origin)| *origin)
    }

    pub(crate) fn of_gone_connection(&self, key: DefaultKey) -> Option<u32> {
        self.gone_connections.borrow().iter().find(|(gone, _)| *gone == key).map(|(_, origin)| *origin)
    }
}

impl World {
    /// Begins to note what is read. What is made meanwhile has this origin.
    pub fn watch(&self, origin: u32) {
        let watch = self.watched();
        watch.on.set(true);
        watch.origin.set(origin);
        watch.reads.borrow_mut().clear();
        watch.writes.borrow_mut().clear();
    }

    /// Ends that; gives what was read, and what was written beside the world. What was written in it:
    /// [`World::written_since`].
    pub fn unwatch(&self) -> Footprint {
        let watch = self.watched();
        watch.on.set(false);
        watch.origin.set(0);
        let (mut reads, mut writes) = (watch.reads.take(), watch.writes.take());
        tidy(&mut reads);
        tidy(&mut writes);
        Footprint { reads, writes }
    }

    /// Notes that a part is read.
    #[inline]
    pub fn reads(&self, part: Part) {
        if self.watched().is_on() {
            self.note_read(part);
        }
    }

    #[cold]
    fn note_read(&self, part: Part) {
        if !is_blind(self, part) {
            let mut reads = self.watched().reads.borrow_mut();
            if reads.last() != Some(&part) {
                reads.push(part);
            }
        }
    }

    /// Notes that a part beside the world is written. What is in the world is found by comparing.
    pub fn writes(&self, part: Part) {
        let watch = self.watched();
        if watch.on.get() {
            watch.writes.borrow_mut().push(part);
        }
    }

    /// The origin of what is made now.
    pub(crate) fn origin(&self) -> u32 {
        self.watched().origin.get()
    }

    #[inline]
    pub(crate) fn reads_process(&self, pid: Pid) {
        if !self.watched().is_on() {
            return;
        }
        self.reads(Part::Life(pid));
        self.reads(Part::Handles(pid));
        self.reads(Part::Process(pid));
    }

    pub(crate) fn reads_instances(&self, pid: Pid) {
        self.reads(Part::Lower(pid));
        self.reads(Part::Instances(pid));
    }

    /// Gives every socket and connection an origin of its own, or takes all origins away.
    pub fn set_origins(&mut self, of_their_own: bool) {
        let mut next = 0;
        let mut number = || {
            next += u32::from(of_their_own);
            next
        };
        let endpoints: Vec<EndpointId> = self.components().endpoints.iter().map(|(id, _)| id).collect();
        for id in endpoints {
            self.endpoint_mut(id).origin = number();
        }
        let connections: Vec<_> = self.components().connections.iter().map(|(id, _)| id).collect();
        for id in connections {
            if let Some(connection) = self.connection_mut(id) {
                connection.origin = number();
            }
        }
    }

    /// What is not as it was before. What is gone since then is remembered by its origin.
    pub fn written_since(&self, before: &World) -> Vec<Part> {
        let mut writes = Vec::new();
        self.processes_written(before, &mut writes);
        self.sockets_written(before, &mut writes);
        let (new, old) = (self.components(), before.components());
        let arenas = [
            (Part::Events, differ(new.events, old.events)),
            (Part::Operations, differ(new.operations, old.operations)),
            (Part::Ports, differ(new.ports, old.ports)),
            (Part::Sections, differ(new.sections, old.sections)),
            (Part::Network, !Shared::same(new.network, old.network)),
            (Part::Time, new.now != old.now),
        ];
        writes.extend(arenas.into_iter().filter(|(_, differ)| *differ).map(|(part, _)| part));
        if new.faults != old.faults {
            writes.push(Part::Faults);
        }
        if !Shared::same(new.bus, old.bus) {
            new.bus.written_since(old.bus, &mut writes);
        }
        if !Shared::same(new.tokens, old.tokens) {
            let (is, was): (Vec<_>, Vec<_>) = (new.tokens.iter().collect(), old.tokens.iter().collect());
            let gone = was.iter().filter(|token| !is.contains(token));
            for &(target, token) in is.iter().filter(|token| !was.contains(token)).chain(gone) {
                writes.push(Part::Tokens(target));
                self.holders_written(before, token.endpoint, &mut writes);
            }
        }
        writes.retain(|part| !is_blind(self, *part));
        tidy(&mut writes);
        writes
    }

    fn processes_written(&self, before: &World, writes: &mut Vec<Part>) {
        let (new, old) = (self.components(), before.components());
        for (place, process) in new.processes.iter().enumerate() {
            let pid = Pid::of_index(place);
            match old.processes.get(place) {
                Some(was) if Shared::same(process, was) => {}
                Some(was) => {
                    writes.push(Part::Process(pid));
                    if (process.state, process.known_as) != (was.state, was.known_as) {
                        writes.push(Part::Life(pid));
                    }
                    if process.handles != was.handles {
                        writes.push(Part::Handles(pid));
                        let (is, was): (Vec<_>, Vec<_>) =
                            (process.handles.iter().collect(), was.handles.iter().collect());
                        let gone = was.iter().filter(|slot| !is.contains(slot));
                        let come = is.iter().filter(|slot| !was.contains(slot));
                        for (_, slot) in gone.chain(come) {
                            match slot {
                                Slot::Socket(endpoint) => self.holders_written(before, *endpoint, writes),
                                Slot::Claim(claim) => self.holders_written(before, claim.endpoint, writes),
                                _ => {}
                            }
                        }
                    }
                }
                None => writes.extend([Part::Process(pid), Part::Life(pid), Part::Handles(pid)]),
            }
        }
        let threads: Vec<_> = before.shared_threads().collect();
        for (tid, thread) in self.shared_threads() {
            let was = threads.binary_search_by_key(&tid, |(tid, _)| *tid);
            if was.is_err() {
                // How many threads there were is seen even after the process has ended.
                writes.push(Part::Life(tid.process));
            }
            if !was.is_ok_and(|place| Shared::same(threads[place].1, thread)) {
                writes.push(Part::Thread(tid));
            }
        }
        let (is, was): (Vec<_>, Vec<_>) = (self.shared_instances().collect(), before.shared_instances().collect());
        for (one, other, world) in [(&is, &was, self), (&was, &is, before)] {
            for (id, instance) in one.iter() {
                let place = other.binary_search_by_key(id, |(id, _)| *id);
                if place.is_ok_and(|place| Shared::same(other[place].1, instance)) {
                    continue;
                }
                writes.push(Part::Instances(id.process));
                if let Record::BaseNonIfs(table) = &instance.record {
                    writes.push(Part::Lower(id.process));
                    for (_, endpoint) in table.iter() {
                        world.holders_written(before, endpoint, writes);
                    }
                }
            }
        }
    }

    /// Who keeps a socket open has changed.
    fn holders_written(&self, before: &World, endpoint: EndpointId, writes: &mut Vec<Part>) {
        let found = self.components().endpoints.get(endpoint).or_else(|| before.components().endpoints.get(endpoint));
        writes.extend(found.map(|endpoint| Part::Holders(endpoint.origin)));
    }

    fn sockets_written(&self, before: &World, writes: &mut Vec<Part>) {
        let (new, old) = (self.components(), before.components());
        for_changed(new.endpoints, old.endpoints, |id: EndpointId, is, was| {
            let either = [is, was];
            if let (None, Some(was)) = (is, was) {
                self.watched().gone.borrow_mut().push((id.0, was.origin));
            }
            let counts = |e: &Endpoint| (e.handles, e.references, e.operations);
            if is.map(counts) != was.map(counts) {
                writes.extend(either.iter().flatten().map(|e| Part::Counts(e.origin)));
            }
            let same = matches!((is, was), (Some(is), Some(was)) if is.is_but_for_counts(was));
            if !same {
                writes.extend(either.iter().flatten().map(|e| Part::Endpoint(e.origin)));
            }
            if is.map(naming) != was.map(naming) {
                let names = either.iter().flatten().filter_map(|e| e.local);
                writes.extend(names.map(|name| Part::Name(name.port())));
            }
            let selects = |e: &Endpoint| e.events.selection.map(|s| s.process);
            if is.map(selects) != was.map(selects) {
                writes.extend(either.iter().flatten().filter_map(|e| selects(e)).map(Part::Selections));
            }
            if is.and_then(|e| e.port) != was.and_then(|e| e.port) {
                writes.push(Part::Associations);
            }
        });
        for_changed(new.connections, old.connections, |id: ConnectionId, is, was| {
            let either = [is, was];
            if let (None, Some(was)) = (is, was) {
                self.watched().gone_connections.borrow_mut().push((id.0, was.origin));
            }
            writes.extend(either.iter().flatten().map(|c| Part::Connection(c.origin)));
            if is.map(Connection::names) != was.map(Connection::names) {
                let ends = either.iter().flatten().flat_map(|c| &c.ends);
                writes.extend(ends.map(|end| Part::End(end.name.port())));
            }
        });
    }
}

/// What of a socket those see who look for a name.
fn naming(e: &Endpoint) -> impl PartialEq + use<> {
    let listens = matches!(e.role, Role::Listening(_));
    let peer = e.datagrams().map(|d| d.peer());
    (e.local, e.bound, e.family, e.socket_type, e.protocol, e.competes(), listens, peer)
}

/// Calls for each component that is not as it was, with what it is and what it was.
fn for_changed<K: ArenaKey, T: Clone>(
    new: &Arena<K, T>,
    old: &Arena<K, T>,
    mut changed: impl FnMut(K, Option<&T>, Option<&T>),
) {
    for (key, is) in new.iter() {
        match (new.shared(key), old.shared(key)) {
            (Some(a), Some(b)) if Shared::same(a, b) => {}
            (_, was) => changed(key, Some(is), was.map(|shared| &**shared)),
        }
    }
    for (key, was) in old.iter() {
        if new.shared(key).is_none() {
            changed(key, None, Some(was));
        }
    }
}

fn differ<K: ArenaKey, T: Clone>(new: &Arena<K, T>, old: &Arena<K, T>) -> bool {
    let mut differ = false;
    for_changed(new, old, |_, _, _| differ = true);
    differ
}

/// Whether a world is wrong in this way: never, but in tests that show that tests can fail.
fn is_blind(world: &World, part: Part) -> bool {
    #[cfg(feature = "wrong-worlds")]
    {
        use crate::wrong::{Blind, Wrong};
        let blind = match world.policy().limits.wrong {
            Some(Wrong::Blind(blind)) => blind,
            _ => return false,
        };
        match blind {
            Blind::Messages => matches!(part, Part::Arrived(..) | Part::Order(_)),
            Blind::Connections => matches!(part, Part::Connection(_)),
        }
    }
    #[cfg(not(feature = "wrong-worlds"))]
    {
        let (_, _) = (world, part);
        false
    }
}

fn tidy(parts: &mut Vec<Part>) {
    parts.sort_unstable();
    parts.dedup();
}

/// A number for a name: two names that come to the same are taken for one, and then footprints say too much.
pub fn number_of(name: &str) -> u32 {
    // FNV-1a.
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Whether an origin is none, which no encoding tells of.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_nobody(origin: &u32) -> bool {
    *origin == 0
}

impl Footprint {
    /// Adds what was written.
    pub fn with_writes(mut self, writes: Vec<Part>) -> Footprint {
        self.writes.extend(writes);
        tidy(&mut self.writes);
        self
    }
}
