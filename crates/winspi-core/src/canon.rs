//! The canonical encoding of a state, and its fingerprint.
//!
//! Two states have the same encoding exactly when nobody can tell them apart by what may happen from here on. The
//! encoding is what a walk finds that begins at what has a name of its own, processes and handle values, and numbers
//! sockets, connections, operations, events, ports and mappings in the order in which it first meets them.
//!
//! In are: processes with handles, descriptors, memory and counts; threads with their stacks and what is next for them;
//! what providers keep; tokens; datagrams on their way; the bus; all that these lead to; programs, and what they share; a
//! hash of catalog and policy, which do not change during a run.
//!
//! Not in are, because they are history or a choice of ours: keys of arenas and the order in them; [`crate::id::Age`],
//! which decides what a scheduler takes first and never what may happen; the time, of which only what is left until a
//! [`crate::wait::Deadline`] counts; hints and caches. A program may remember a key of an object that is gone: it is
//! written as `dead`, and all dead keys are alike. Keys in programs lead nobody to an object, so they number nothing.
//!
//! What lives and is not met is a leak. Leaks are counted at the end of the encoding, so that it stays a function of the
//! state; [`World::check`] reports them.
//!
//! The fingerprint has two levels. Of each component that worlds share (`Shared`) the first is kept beside it: the hash
//! of its encoding with all keys and deadlines left open, and the list of these. The second is the same walk over hashes
//! and lists, which gives every key its number. Two states have the same fingerprint exactly when they have the same
//! encoding, but for collisions of the hash; `tests/fingerprint.rs` walks and compares.
//!
//! Types of programs: a newtype structure with the name of one of the six keys, `Age` or `Deadline` is taken for it.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use slotmap::DefaultKey;
use xxhash_rust::xxh3::xxh3_128;

use crate::arena::{ArenaKey, place};
use crate::id::{ConnectionId, EndpointId, EventId, InstanceId, OperationId, PortId, SectionId, Tid};
use crate::shared::Shared;
use crate::system::{Program, System};
use crate::world::World;

mod symmetry;
#[cfg(test)]
mod tests;
mod writer;

pub use symmetry::{Asymmetry, Symmetric, Symmetry};

use symmetry::Renaming;
use writer::{Special, Tag};

/// The identity of a state: 128 bits of a hash, the same for two states exactly when their encodings are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u128);

/// Memory that fingerprints of many states can use again.
#[derive(Debug, Default)]
pub struct Scratch {
    out: Vec<u8>,
    queue: VecDeque<(Kind, DefaultKey)>,
    /// What components for themselves leave open, while they are written.
    open: Vec<Open>,
    /// For each kind, by the place of a key: the walk that numbered it, and the number.
    numbers: [Vec<(u64, u64)>; 6],
    /// Which walk this is.
    walk: u64,
    next: u64,
    /// How many objects the walk has not met, once that is counted.
    leaks: Option<u64>,
}

/// Kinds of objects that are known by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Endpoint,
    Connection,
    Event,
    Operation,
    Port,
    Section,
}

/// A component for itself: what its fingerprint needs of it, whatever the world around it is.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    /// A hash of its encoding without what was left open.
    hash: u128,
    /// What was left open, in the order of the encoding.
    open: Box<[Open]>,
}

/// What in a component only the world around it gives a meaning.
#[derive(Clone, Copy, Debug)]
enum Open {
    Object(Kind, DefaultKey),
    Moment(u64),
}

/// A walk under way.
struct Canon<'w> {
    world: &'w World,
    scratch: &'w mut Scratch,
    /// Whether a key numbers its object and puts it on the way.
    follows: bool,
    /// How a component that worlds share is written.
    form: Form,
    /// What processes and handles are called, if not by their numbers.
    names: Option<Renaming>,
}

/// How a component is written.
enum Form {
    /// As a whole.
    Whole,
    /// As the hash that is kept beside it, and what that leaves open.
    Hashed,
    /// It is the component for itself that is being written: what is left open goes to [`Scratch::open`].
    Local,
}

/// Bytes: a list of numbers in stored forms, one piece in the encoding.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { self.0.serialize(serializer) } else { serializer.serialize_bytes(self.0) }
    }
}

/// The same for a field.
pub(crate) fn bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    Bytes(bytes).serialize(serializer)
}

impl World {
    /// The canonical encoding of the machine.
    pub fn encoding(&self) -> Vec<u8> {
        let mut scratch = Scratch::default();
        Canon::begin(self, &mut scratch, Form::Whole).world();
        scratch.out
    }

    /// The fingerprint of the machine.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut scratch = Scratch::default();
        Canon::begin(self, &mut scratch, Form::Hashed).world();
        scratch.fingerprint()
    }

    /// What lives and nobody leads to, in words.
    pub(crate) fn unreached(&self) -> Vec<String> {
        let mut scratch = Scratch::default();
        Canon::begin(self, &mut scratch, Form::Hashed).world();
        if scratch.met_all() {
            return Vec::new();
        }
        let met = |kind: Kind, key: DefaultKey| scratch.number(kind, key).is_some();
        let mut found = Vec::new();
        for (id, endpoint) in self.endpoints().filter(|(id, _)| !met(Kind::Endpoint, id.key())) {
            let name = endpoint.local.map_or_else(|| "without a name".to_owned(), |name| name.to_string());
            found.push(format!("the socket {name}, {} handles, {:?}", endpoint.handles, id.key()));
        }
        for (id, connection) in self.connections().filter(|(id, _)| !met(Kind::Connection, id.key())) {
            let [client, server] = &connection.ends;
            found.push(format!("the connection from {} to {}, {:?}", client.name, server.name, id.key()));
        }
        for (id, event) in self.events().filter(|(id, _)| !met(Kind::Event, id.key())) {
            found.push(format!("an event with {} handles, {:?}", event.handles, id.key()));
        }
        for (id, port) in self.ports().filter(|(id, _)| !met(Kind::Port, id.key())) {
            found.push(format!("a completion port with {} handles, {:?}", port.handles, id.key()));
        }
        for (id, section) in self.sections().filter(|(id, _)| !met(Kind::Section, id.key())) {
            found.push(format!("a file mapping with {} handles, {:?}", section.handles, id.key()));
        }
        found.sort();
        found
    }

    /// How many objects there are that are known by a key.
    fn live_objects(&self) -> u64 {
        let sockets = [self.endpoint_count(), self.connection_count(), self.operation_count()];
        let others = [self.event_count(), self.port_count(), self.section_count()];
        sockets.iter().chain(&others).map(|count| *count as u64).sum()
    }

    /// A hash of what never changes during a run.
    pub(crate) fn hash_of_constants(&self) -> u128 {
        let mut scratch = Scratch::default();
        let mut canon = Canon::begin(self, &mut scratch, Form::Whole);
        canon.value(self.policy());
        canon.value(self.catalog());
        scratch.fingerprint().0
    }
}

impl<P: Program> System<P> {
    /// The canonical encoding of the state: the world, the programs, and what they share.
    pub fn encoding(&self) -> Vec<u8> {
        let mut scratch = Scratch::default();
        self.encode(&mut scratch, Form::Whole);
        scratch.out
    }

    /// The fingerprint of the state.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint_in(&mut Scratch::default())
    }

    /// The same, in memory that was used before.
    pub fn fingerprint_in(&self, scratch: &mut Scratch) -> Fingerprint {
        self.encode(scratch, Form::Hashed);
        scratch.fingerprint()
    }

    fn encode(&self, scratch: &mut Scratch, form: Form) {
        let mut canon = Canon::begin(self.world(), scratch, form);
        canon.world();
        canon.follows = false;
        canon.head(Tag::Sequence, self.shared_programs().len() as u64);
        for (tid, program) in self.shared_programs() {
            canon.named(([tid.process.0, tid.ordinal.into()], program));
        }
        canon.component(&self.shared);
        canon.value(&(self.grain, self.stop_at_lines));
    }
}

impl Scratch {
    fn clear(&mut self) {
        self.out.clear();
        self.queue.clear();
        self.open.clear();
        self.walk += 1;
        self.next = 0;
        self.leaks = None;
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint(xxh3_128(&self.out))
    }

    /// Whether the walk before has met all that lives: what `no-leak` asks.
    pub fn met_all(&self) -> bool {
        self.leaks == Some(0)
    }

    /// The number of an object that was met. Of two keys with the same place only one lives.
    fn number(&self, kind: Kind, key: DefaultKey) -> Option<u64> {
        let (walk, number) = self.numbers[kind as usize].get(place(key))?;
        (*walk == self.walk).then_some(*number)
    }

    fn give_number(&mut self, kind: Kind, key: DefaultKey) -> u64 {
        let (numbers, place) = (&mut self.numbers[kind as usize], place(key));
        if numbers.len() <= place {
            numbers.resize(place + 1, (0, 0));
        }
        let number = self.next;
        numbers[place] = (self.walk, number);
        self.next += 1;
        number
    }
}

impl<'w> Canon<'w> {
    fn begin(world: &'w World, scratch: &'w mut Scratch, form: Form) -> Canon<'w> {
        scratch.clear();
        Canon { world, scratch, follows: true, form, names: None }
    }

    /// Writes a value. A program whose value cannot be written has the error in its place.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) {
        if let Err(failure) = value.serialize(&mut *self) {
            self.head(Tag::Failed, failure.0.len() as u64);
            self.scratch.out.extend_from_slice(failure.0.as_bytes());
        }
    }

    /// Writes a component that worlds share.
    fn component<T: Serialize>(&mut self, shared: &Shared<T>) {
        if matches!(self.form, Form::Whole) {
            return self.value(&**shared);
        }
        let local = shared.local(|value| self.local(value));
        self.scratch.out.extend_from_slice(&local.hash.to_le_bytes());
        for open in &local.open {
            self.open(*open);
        }
    }

    /// Encodes a component for itself, behind what is written already.
    fn local<T: Serialize>(&mut self, value: &T) -> Local {
        let (start, first) = (self.scratch.out.len(), self.scratch.open.len());
        let form = std::mem::replace(&mut self.form, Form::Local);
        self.value(value);
        self.form = form;
        let open = Box::from(&self.scratch.open[first..]);
        self.scratch.open.truncate(first);
        let hash = xxh3_128(&self.scratch.out[start..]);
        self.scratch.out.truncate(start);
        Local { hash, open }
    }

    /// Writes what the world around a component says of it; leaves it open in a component for itself.
    fn open(&mut self, open: Open) {
        if matches!(self.form, Form::Local) {
            self.scratch.open.push(open);
            return self.head(Tag::Reference, 0);
        }
        match open {
            Open::Object(kind, key) => match self.number_of(kind, key) {
                Some(number) => self.head(Tag::Reference, number),
                None => self.special(Special::Dead),
            },
            // As what is left until then.
            Open::Moment(moment) => self.head(Tag::Unsigned, moment.saturating_sub(self.world.now())),
        }
    }

    /// The number of an object; `None` for a key that leads nowhere, and for an object that a program alone knows of.
    fn number_of(&mut self, kind: Kind, key: DefaultKey) -> Option<u64> {
        let lives = match kind {
            Kind::Endpoint => self.world.find_endpoint(EndpointId::new(key)).is_some(),
            Kind::Connection => self.world.connection(ConnectionId::new(key)).is_some(),
            Kind::Event => self.world.event(EventId::new(key)).is_some(),
            Kind::Operation => self.world.operation(OperationId::new(key)).is_some(),
            Kind::Port => self.world.port(PortId::new(key)).is_some(),
            Kind::Section => self.world.section(SectionId::new(key)).is_some(),
        };
        if !lives {
            return None;
        }
        if let Some(number) = self.scratch.number(kind, key) {
            return Some(number);
        }
        if !self.follows {
            return None;
        }
        self.scratch.queue.push_back((kind, key));
        Some(self.scratch.give_number(kind, key))
    }

    fn world(&mut self) {
        let world = self.world;
        self.value(&world.constants());
        let parts = world.components();
        self.sequence(parts.processes.iter(), Canon::component);
        let thread = |(tid, shared): (Tid, _)| ([tid.process.0, tid.ordinal.into()], shared);
        self.sequence(world.shared_threads().map(thread), Canon::named);
        let instance = |(id, shared): (InstanceId, _)| ([id.process.0, id.provider.0.into()], shared);
        self.sequence(world.shared_instances().map(instance), Canon::named);
        self.component(parts.tokens);
        self.component(parts.network);
        self.component(parts.bus);
        self.value(world.faults());
        self.operations();
        self.connections_on_their_way();
        self.objects();
        self.leaks();
    }

    /// How much lives and was not met.
    fn leaks(&mut self) {
        let leaks = self.world.live_objects().saturating_sub(self.scratch.next);
        self.scratch.leaks = Some(leaks);
        self.head(Tag::Unsigned, leaks);
    }

    /// The objects that were numbered, and those that these lead to.
    fn objects(&mut self) {
        let parts = self.world.components();
        while let Some((kind, key)) = self.scratch.queue.pop_front() {
            self.head(Tag::Variant, kind as u64);
            match kind {
                Kind::Endpoint => self.found(parts.endpoints.shared(EndpointId::new(key))),
                Kind::Connection => self.found(parts.connections.shared(ConnectionId::new(key))),
                Kind::Event => self.found(parts.events.shared(EventId::new(key))),
                Kind::Operation => self.found(parts.operations.shared(OperationId::new(key))),
                Kind::Port => self.found(parts.ports.shared(PortId::new(key))),
                Kind::Section => self.found(parts.sections.shared(SectionId::new(key))),
            }
        }
    }

    fn sequence<T>(&mut self, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        for item in items {
            self.special(Special::Some);
            write(self, item);
        }
        self.special(Special::End);
    }

    /// A component that has a name of its own: a process, and a number there.
    fn named<T: Serialize>(&mut self, ([process, number], shared): ([u32; 2], &Shared<T>)) {
        self.head(Tag::Unsigned, process.into());
        self.head(Tag::Unsigned, number.into());
        self.component(shared);
    }

    /// An object of an arena that was numbered, so it lives.
    fn found<T: Serialize>(&mut self, shared: Option<&Shared<T>>) {
        match shared {
            Some(shared) => {
                self.special(Special::Some);
                self.component(shared);
            }
            None => self.special(Special::None),
        }
    }

    /// Operations have a name of their own: the process and the WSAOVERLAPPED.
    fn operations(&mut self) {
        if self.world.operation_count() == 0 {
            return self.special(Special::End);
        }
        let mut all: Vec<_> = self.world.operations().map(|(id, operation)| (operation.place(), id)).collect();
        all.sort_unstable();
        self.sequence(all.into_iter(), |canon, (_, id)| canon.value(&id));
    }

    /// Connections of which no socket has an end and one end is still to be reached. The names of the ends tell them
    /// apart: no two connections have the same.
    fn connections_on_their_way(&mut self) {
        let world = self.world;
        let mut all: Vec<_> =
            world.connections().filter(|(_, c)| c.is_on_its_way()).map(|(id, c)| (c.names(), id)).collect();
        all.sort_unstable();
        self.sequence(all.into_iter(), |canon, (_, id)| canon.value(&id));
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no fingerprint: 32 hexadecimal digits are expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no fingerprint: 32 hexadecimal digits are expected")]
pub struct NoFingerprint(pub String);

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Fingerprint, NoFingerprint> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| digits);
        number.map(Fingerprint).ok_or_else(|| NoFingerprint(text.to_owned()))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
