//! A model of the lives of descriptors: what every handle means and how many keep each socket open. It is written from
//! the documents and knows nothing of the world: `follow` tells it which calls parties made and what came of them.
//!
//! A process has three tables, as the documents have them. The *kernel's* says what is behind a handle value. That of
//! *Ws2_32* says which provider a socket handle was registered for, and with which context. And each provider has its
//! *records*: what its contexts mean, sockets for the non-IFS base, handles of the provider below for a non-IFS layer.
//! A socket has one number: how many handles, records of the base and waiting duplicates there are of it. That is all.
//!
//! What a descriptor means whose handle was closed behind the back of Ws2_32 follows from the tables (decision
//! `close-handle`): they are looked up one after the other, as a call is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use winspi_core::id::{EndpointId, Pid, ProviderId, Tid};
use winspi_types::RawProtocolInfoW;

/// What the kernel has behind a handle value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// A socket; `raw` where DuplicateHandle made the handle and no provider of this process.
    Socket { socket: usize, raw: bool },
    /// A duplicate that waits, by its place among those of the process.
    Waiting(usize),
    /// A file of Ws2_32's driver.
    File,
    /// A process.
    Process(Pid),
    /// Something else.
    Other,
}

/// What Ws2_32 knows of a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptor {
    /// The value that was registered.
    pub(crate) handle: u64,
    /// For whom.
    pub(crate) provider: ProviderId,
    /// The context of WPUCreateSocketHandle.
    pub(crate) context: Option<u64>,
    /// Which registration it is.
    pub(crate) turn: u64,
    /// Whether the entry is that of a layer for itself, which no program can start it by: the handle is for the layer
    /// above.
    pub(crate) inner: bool,
}

/// What a context of a provider means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// A socket of the non-IFS base; one that is being closed serves no more calls.
    Socket { socket: usize, closing: bool },
    /// A handle of the provider below a non-IFS layer.
    Lower(u64),
}

/// What has become of a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It waits.
    Waits,
    /// It was redeemed, by a call of this thread.
    Redeemed(Tid),
    /// Its handle was closed before anybody asked for it.
    Closed,
}

/// A duplicate that was made for a process.
#[derive(Clone, Debug)]
pub(crate) struct Duplicate {
    /// The info as the base wrote it.
    pub(crate) base: Arc<RawProtocolInfoW>,
    /// The info as the program got it, once it has.
    pub(crate) info: Option<Arc<RawProtocolInfoW>>,
    /// The socket.
    pub(crate) socket: usize,
    /// What has become of it.
    pub(crate) fate: Fate,
}

/// A process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Party {
    /// Whether it has ended.
    pub(crate) ended: bool,
    /// How often Ws2_32 was started more than ended.
    pub(crate) starts: u32,
    /// The kernel's table. Values are multiples of four.
    pub(crate) kernel: BTreeMap<u64, Thing>,
    /// The table of Ws2_32, by the handle without its two low bits.
    pub(crate) descriptors: BTreeMap<u64, Descriptor>,
    /// How often each provider was started more than ended.
    pub(crate) providers: BTreeMap<ProviderId, u32>,
    /// The records of providers.
    pub(crate) records: BTreeMap<(ProviderId, u64), Record>,
    /// What was made for it by WSPDuplicateSocket.
    pub(crate) duplicates: Vec<Duplicate>,
    /// Values that were given to the program for a socket.
    pub(crate) used: BTreeSet<u64>,
}

/// A socket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    /// What the world calls it, since it was first looked at.
    pub(crate) name: Option<EndpointId>,
    /// Handles, records of the base and duplicates that wait.
    pub(crate) handles: u32,
    /// The handle that the program was given for it last.
    pub(crate) last: Option<(Pid, u64)>,
    /// The catalog entry that the base registered its first handle under.
    pub(crate) entry: u32,
}

/// What a provider is: how it holds sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A base provider whose handles are the kernel's.
    KernelBase,
    /// A base provider with records.
    RecordBase,
    /// A layer that gives out the handles of the provider below.
    PlainLayer(ProviderId),
    /// A layer with records of the handles below.
    RecordLayer(ProviderId),
}

/// The model of a machine.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// The processes.
    pub(crate) parties: Vec<Party>,
    /// All sockets that there ever were.
    pub(crate) objects: Vec<Object>,
    /// The providers of the catalog, and which of them a WSP* line enters with a handle that Ws2_32 does not know.
    pub(crate) providers: Vec<Kind>,
    pub(crate) first_base: ProviderId,
    /// Whether a kernel socket that Ws2_32 does not know becomes a descriptor when it is used.
    pub(crate) adopts: bool,
    turns: u64,
}

impl Model {
    /// So many processes in which Ws2_32 is started once.
    pub(crate) fn new(processes: usize, providers: Vec<Kind>, first_base: ProviderId, adopts: bool) -> Model {
        let party = Party { starts: 1, ..Party::default() };
        Model { parties: vec![party; processes], objects: Vec::new(), providers, first_base, adopts, turns: 0 }
    }

    /// A process that runs.
    pub(crate) fn party(&self, pid: Pid) -> Option<&Party> {
        self.parties.get(pid.index()?).filter(|party| !party.ended)
    }

    pub(crate) fn party_mut(&mut self, pid: Pid) -> Option<&mut Party> {
        self.parties.get_mut(pid.index()?).filter(|party| !party.ended)
    }

    pub(crate) fn kind(&self, provider: ProviderId) -> Option<Kind> {
        self.providers.get(usize::from(provider.0)).copied()
    }

    // ---- what a handle means

    /// What the kernel has behind a value: the two low bits mean nothing to it.
    pub(crate) fn thing(&self, pid: Pid, handle: u64) -> Option<Thing> {
        self.party(pid)?.kernel.get(&(handle & !3)).copied()
    }

    /// What Ws2_32 knows of exactly this value.
    pub(crate) fn descriptor(&self, pid: Pid, handle: u64) -> Option<Descriptor> {
        self.party(pid)?.descriptors.get(&(handle >> 2)).copied().filter(|d| d.handle == handle)
    }

    /// The socket that a call of a program is about. Ws2_32 takes a value exactly; with one that it does not know a WSP*
    /// line enters the base provider, and other names are refused or adopt it (decision `unknown-handle`).
    pub(crate) fn meant(&self, pid: Pid, handle: u64, enters_provider: bool) -> Option<usize> {
        match self.descriptor(pid, handle) {
            Some(descriptor) => self.below(pid, descriptor.provider, handle),
            None if enters_provider => self.below(pid, self.first_base, handle),
            None => self.kernel_socket(pid, handle).filter(|_| self.adopts),
        }
    }

    /// The socket that a handle is to a provider.
    pub(crate) fn below(&self, pid: Pid, provider: ProviderId, handle: u64) -> Option<usize> {
        match self.kind(provider)? {
            Kind::KernelBase => self.kernel_socket(pid, handle),
            Kind::PlainLayer(below) => self.below(pid, below, handle),
            Kind::RecordLayer(_) | Kind::RecordBase => {
                let context = self.descriptor(pid, handle)?.context?;
                self.recorded(pid, provider, context)
            }
        }
    }

    /// What a context means to a provider.
    pub(crate) fn record(&self, pid: Pid, provider: ProviderId, context: u64) -> Option<Record> {
        self.party(pid)?.records.get(&(provider, context)).copied()
    }

    /// The socket that a context is to a provider.
    pub(crate) fn recorded(&self, pid: Pid, provider: ProviderId, context: u64) -> Option<usize> {
        match (self.record(pid, provider, context)?, self.kind(provider)?) {
            (Record::Lower(lower), Kind::RecordLayer(below)) => self.below(pid, below, lower),
            (Record::Socket { socket, closing: false }, Kind::RecordBase) => Some(socket),
            _ => None,
        }
    }

    fn kernel_socket(&self, pid: Pid, handle: u64) -> Option<usize> {
        match self.thing(pid, handle)? {
            Thing::Socket { socket, .. } => Some(socket),
            _ => None,
        }
    }

    // ---- sockets

    /// A new socket with one handle.
    pub(crate) fn make(&mut self, entry: u32) -> usize {
        self.objects.push(Object { handles: 1, entry, ..Object::default() });
        self.objects.len() - 1
    }

    pub(crate) fn one_more(&mut self, socket: usize) {
        self.objects[socket].handles += 1;
    }

    pub(crate) fn one_less(&mut self, socket: usize) {
        let handles = &mut self.objects[socket].handles;
        *handles = handles.saturating_sub(1);
    }

    // ---- the kernel's table

    /// Puts something behind a free value; false where something is there already.
    pub(crate) fn put(&mut self, pid: Pid, handle: u64, thing: Thing) -> bool {
        let Some(party) = self.party_mut(pid) else { return true };
        party.kernel.insert(handle & !3, thing).is_none()
    }

    /// The kernel closes a handle; what was there.
    pub(crate) fn close(&mut self, pid: Pid, handle: u64) -> Option<Thing> {
        let party = self.party_mut(pid)?;
        let thing = party.kernel.remove(&(handle & !3))?;
        match thing {
            Thing::Socket { socket, .. } => self.one_less(socket),
            Thing::Waiting(place) => {
                let duplicate = &mut party.duplicates[place];
                duplicate.fate = Fate::Closed;
                let socket = duplicate.socket;
                self.one_less(socket);
            }
            Thing::File | Thing::Process(_) | Thing::Other => {}
        }
        Some(thing)
    }

    // ---- the table of Ws2_32

    /// Registers a handle: the newest registration of a value wins.
    pub(crate) fn register(&mut self, pid: Pid, descriptor: Descriptor) {
        self.turns += 1;
        let turn = self.turns;
        if let Some(party) = self.party_mut(pid) {
            party.descriptors.insert(descriptor.handle >> 2, Descriptor { turn, ..descriptor });
        }
    }

    /// Forgets a handle, and the file that was made for it.
    pub(crate) fn unregister(&mut self, pid: Pid, handle: u64) {
        let Some(descriptor) = self.descriptor(pid, handle) else { return };
        let Some(party) = self.party_mut(pid) else { return };
        party.descriptors.remove(&(handle >> 2));
        if descriptor.context.is_some() && party.kernel.get(&(handle & !3)) == Some(&Thing::File) {
            party.kernel.remove(&(handle & !3));
        }
    }

    /// Forgets all handles that were registered for a provider.
    pub(crate) fn unregister_all(&mut self, pid: Pid, provider: ProviderId) {
        let Some(party) = self.party(pid) else { return };
        let all = party.descriptors.values().filter(|d| d.provider == provider);
        let all: Vec<u64> = all.map(|d| d.handle).collect();
        all.into_iter().for_each(|handle| self.unregister(pid, handle));
    }

    // ---- records

    /// A provider forgets what a context means.
    pub(crate) fn forget(&mut self, pid: Pid, provider: ProviderId, context: u64) {
        let record = self.party_mut(pid).and_then(|party| party.records.remove(&(provider, context)));
        if let Some(Record::Socket { socket, .. }) = record {
            self.one_less(socket);
        }
    }

    /// The last WSPCleanup of a provider: a base closes all sockets that it has, a layer only forgets.
    pub(crate) fn ends_provider(&mut self, pid: Pid, provider: ProviderId) {
        let Some(party) = self.party(pid) else { return };
        let contexts = party.records.keys().filter(|(whose, _)| *whose == provider);
        let contexts: Vec<u64> = contexts.map(|(_, context)| *context).collect();
        if self.kind(provider) == Some(Kind::KernelBase) {
            // A raw handle that was not adopted is no socket of the provider's.
            let own = party.kernel.iter().filter(|(handle, thing)| match thing {
                Thing::Socket { raw, .. } => !raw || party.descriptors.contains_key(&(**handle >> 2)),
                _ => false,
            });
            for handle in own.map(|(handle, _)| *handle).collect::<Vec<u64>>() {
                self.close(pid, handle);
                if let Some(party) = self.party_mut(pid) {
                    party.descriptors.remove(&(handle >> 2));
                }
            }
        }
        contexts.into_iter().for_each(|context| self.forget(pid, provider, context));
        self.unregister_all(pid, provider);
    }

    // ---- duplicates

    /// WSPDuplicateSocket of the base: one more keeps the socket open, in the name of the target. For an IFS base it has
    /// a value in the target's handle table, dwProviderReserved; false where that is not free.
    pub(crate) fn duplicates(
        &mut self,
        target: Pid,
        socket: usize,
        base: &Arc<RawProtocolInfoW>,
        handle: bool,
    ) -> bool {
        let Some(party) = self.party_mut(target) else { return true };
        party.duplicates.push(Duplicate { base: base.clone(), info: None, socket, fate: Fate::Waits });
        let place = party.duplicates.len() - 1;
        self.one_more(socket);
        !handle || self.put(target, u64::from(base.provider_reserved()), Thing::Waiting(place))
    }

    /// The base was asked for the duplicate of an info: which of those that wait for the process it is. The base knows
    /// it by dwProviderReserved and the serial.
    pub(crate) fn waiting(&self, pid: Pid, info: &RawProtocolInfoW) -> Option<usize> {
        let like = |d: &Duplicate| {
            d.fate == Fate::Waits
                && d.base.provider_reserved() == info.provider_reserved()
                && d.base.service_flags4() == info.service_flags4()
        };
        self.party(pid)?.duplicates.iter().position(like)
    }

    /// A process has ended: all that it has goes back, and what waits for it.
    pub(crate) fn ends(&mut self, pid: Pid) {
        let Some(party) = self.party_mut(pid) else { return };
        let mut gone: Vec<usize> = Vec::new();
        for duplicate in party.duplicates.iter_mut().filter(|d| d.fate == Fate::Waits) {
            duplicate.fate = Fate::Closed;
            gone.push(duplicate.socket);
        }
        gone.extend(std::mem::take(&mut party.kernel).into_values().filter_map(|thing| match thing {
            Thing::Socket { socket, .. } => Some(socket),
            _ => None,
        }));
        gone.extend(std::mem::take(&mut party.records).into_values().filter_map(|record| match record {
            Record::Socket { socket, .. } => Some(socket),
            Record::Lower(_) => None,
        }));
        party.descriptors.clear();
        party.ended = true;
        gone.into_iter().for_each(|socket| self.one_less(socket));
    }
}

impl Party {
    /// Whether a duplicate waits for it.
    pub(crate) fn waits(&self) -> bool {
        self.duplicates.iter().any(|duplicate| duplicate.fate == Fate::Waits)
    }

    /// The duplicate that was given to a program as exactly this info.
    pub(crate) fn duplicate(&self, info: &Arc<RawProtocolInfoW>) -> Option<&Duplicate> {
        let is = |given: &Arc<RawProtocolInfoW>| Arc::ptr_eq(given, info) || given == info;
        self.duplicates.iter().rev().find(|duplicate| duplicate.info.as_ref().is_some_and(is))
    }
}
