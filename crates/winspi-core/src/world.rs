//! The world: the machine as a value.
//!
//! A [`World`] holds the catalog, processes, threads, providers, sockets, connections, events and the bus. It is plain
//! data: no clock, no thread of the host, no file, no unordered walk. It changes in one way only, by the transitions of
//! [`crate::system::System`]. Inputs are the transitions, in any order that `enabled` offers; outputs are the events
//! that each gives. The same world and the same transition give the same next world and the same events, always.
//!
//! Fields are private; each kind of component has one accessor that reads and one that changes. The accessors note that
//! something shared was touched, which is what the grain `boundary` stops at.

use std::cell::Cell as StdCell;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::arena::Arena;
use crate::bus::Bus;
use crate::call::Call;
use crate::event::{Breach, Duty, Event, Hazard, HazardKind};
use crate::fault::Faults;
use crate::footprint::{Part, Watch};
use crate::id::{Age, ConnectionId, EndpointId, EventId, InstanceId, OperationId, Pid, PortId, SectionId, Tid};
use crate::kernel::event::EventObject;
use crate::kernel::operation::Operation;
use crate::kernel::port::CompletionPort;
use crate::kernel::process::{Process, Thread, ThreadRole};
use crate::kernel::section::Section;
use crate::outcome::{Basis, ProcTable, Who};
use crate::policy::Policy;
use crate::provider::base_non_ifs::tokens::{Token, Tokens};
use crate::provider::instance::{Instance, Record};
use crate::shared::Shared;
use crate::transport::{Connection, Endpoint, Network};
use crate::ws2_32::catalog::Catalog;

mod apart;
pub mod check;
mod completion;
mod delivery;
mod hazards;
pub mod holders;
mod life;
mod network;

pub(crate) use hazards::cells_of;
pub(crate) use network::Taken;
mod network_events;
mod ports;
mod processes;
mod questions;
mod sections;
mod sockets;

/// The machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    policy: Arc<Policy>,
    catalog: Arc<Catalog>,
    now: u64,
    ages: u64,
    processes: List<Shared<Process>>,
    threads: List<List<Shared<Thread>>>,
    instances: List<List<Option<Shared<Instance>>>>,
    endpoints: Arena<EndpointId, Endpoint>,
    connections: Arena<ConnectionId, Connection>,
    events: Arena<EventId, EventObject>,
    operations: Arena<OperationId, Operation>,
    ports: Arena<PortId, CompletionPort>,
    sections: Arena<SectionId, Section>,
    tokens: Shared<Tokens>,
    network: Shared<Network>,
    bus: Shared<Bus>,
    faults: Faults,
    #[serde(skip)]
    constants: Constants,
    #[serde(skip)]
    log: Log,
    #[serde(skip)]
    touched: Touched,
    #[serde(skip)]
    watch: Watch,
}

/// The components as worlds share them, for the fingerprint. Threads and instances: [`World::shared_threads`],
/// [`World::shared_instances`].
pub(crate) struct Components<'w> {
    pub(crate) processes: &'w [Shared<Process>],
    pub(crate) endpoints: &'w Arena<EndpointId, Endpoint>,
    pub(crate) connections: &'w Arena<ConnectionId, Connection>,
    pub(crate) events: &'w Arena<EventId, EventObject>,
    pub(crate) operations: &'w Arena<OperationId, Operation>,
    pub(crate) ports: &'w Arena<PortId, CompletionPort>,
    pub(crate) sections: &'w Arena<SectionId, Section>,
    pub(crate) tokens: &'w Shared<Tokens>,
    pub(crate) network: &'w Shared<Network>,
    pub(crate) bus: &'w Shared<Bus>,
    pub(crate) faults: &'w Faults,
    pub(crate) now: u64,
}

/// The events since they were last taken; not state.
#[derive(Clone, Debug, Default)]
struct Log {
    listens: Listens,
    events: Vec<Event>,
}

/// Which events are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Listens {
    /// All.
    #[default]
    All,
    /// What [`World::check_step`] asks for, breaches and hazards.
    Checks,
    /// None.
    No,
}

/// A hash of catalog and policy, which stay as they are, once it was needed; not state.
#[derive(Clone, Debug, Default)]
struct Constants(StdCell<Option<u128>>);

/// Whether something shared was touched; not state.
#[derive(Clone, Debug, Default)]
struct Touched(StdCell<bool>);

/// What a function of a party has at hand.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The world.
    pub world: &'a mut World,
    /// The thread that runs.
    pub thread: Tid,
    /// The provider that runs, if it is one.
    pub me: Option<InstanceId>,
    /// Who asked, if it is a provider: the activation below this one.
    pub caller: Option<InstanceId>,
    /// The callback of the program that is in progress on the thread, as clauses call it: [`Call::in_progress`].
    pub(crate) in_progress: Option<&'static str>,
}

impl Cx<'_> {
    /// The process of the thread.
    pub fn process(&self) -> Pid {
        self.thread.process
    }

    /// The instance that runs. A function of a provider always has one; the first of the process stands in otherwise.
    pub fn instance(&self) -> InstanceId {
        self.me.unwrap_or(InstanceId { process: self.thread.process, provider: crate::id::ProviderId(0) })
    }

    /// Notes that a rule was carried out.
    pub fn hit(&mut self, basis: impl Into<Basis>) {
        if self.world.listens_to_all() {
            let event = Event::Rule { thread: self.thread, by: self.me, basis: basis.into() };
            self.world.record(event);
        }
    }

    /// Notes a hazard.
    pub fn hazard(&mut self, kind: HazardKind, seen: String) {
        let hazard = Hazard { kind, thread: Some(self.thread), handle: None, seen };
        self.world.record(Event::Hazard(hazard));
    }
}

/// A list that worlds share until one of them changes it.
type List<T> = Arc<[T]>;

/// Adds to a list.
fn push<T: Clone>(list: &mut List<T>, item: T) {
    *list = list.iter().cloned().chain([item]).collect();
}

impl World {
    /// A machine with this catalog and these choices, and no process.
    pub fn new(catalog: Catalog, policy: Policy) -> World {
        World {
            policy: Arc::new(policy),
            catalog: Arc::new(catalog),
            now: 0,
            ages: 0,
            processes: Arc::default(),
            threads: Arc::default(),
            instances: Arc::default(),
            endpoints: Arena::default(),
            connections: Arena::default(),
            events: Arena::default(),
            operations: Arena::default(),
            ports: Arena::default(),
            sections: Arena::default(),
            tokens: Shared::default(),
            network: Shared::default(),
            bus: Shared::default(),
            faults: Faults::default(),
            constants: Constants::default(),
            log: Log::default(),
            touched: Touched::default(),
            watch: Watch::default(),
        }
    }

    /// Adds a process with its main thread. With `started`, Ws2_32 is started there.
    pub fn add_process(&mut self, name: &str, started: bool, role: ThreadRole) -> Pid {
        let index = self.processes.len();
        let mut process = Process::new(name, index);
        process.startups = u32::from(started);
        push(&mut self.processes, Shared::new(process));
        push(&mut self.threads, Arc::from([Shared::new(Thread::new(name, role))]));
        push(&mut self.instances, Arc::default());
        Pid::of_index(index)
    }

    /// Adds a thread to a process that exists.
    pub fn add_thread(&mut self, process: Pid, name: &str, role: ThreadRole) -> Option<Tid> {
        let threads = Arc::make_mut(&mut self.threads).get_mut(process.index()?)?;
        let ordinal = u16::try_from(threads.len()).ok()?;
        push(threads, Shared::new(Thread::new(name, role)));
        Some(Tid { process, ordinal })
    }

    // ---- what does not change

    /// The choices.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The catalog, to be set up before the first transition.
    pub fn catalog_mut(&mut self) -> &mut Catalog {
        self.constants = Constants::default();
        Arc::make_mut(&mut self.catalog)
    }

    /// A hash of catalog and policy.
    pub(crate) fn constants(&self) -> u128 {
        let known = self.constants.0.get();
        known.unwrap_or_else(|| {
            let hash = self.hash_of_constants();
            self.constants.0.set(Some(hash));
            hash
        })
    }

    /// Virtual time in milliseconds since the world began.
    pub fn now(&self) -> u64 {
        self.reads(Part::Time);
        self.now
    }

    pub(crate) fn set_now(&mut self, now: u64) {
        self.now = now;
        self.record(Event::Time { now });
    }

    /// The next number in the order of events.
    pub(crate) fn age(&mut self) -> Age {
        self.ages += 1;
        Age(self.ages)
    }

    // ---- events

    /// Whether events are recorded: what is costly to tell is not made otherwise.
    pub(crate) fn listens(&self) -> bool {
        self.log.listens != Listens::No
    }

    /// Whether all events are recorded, also those that only tell how it came about.
    pub(crate) fn listens_to_all(&self) -> bool {
        self.log.listens == Listens::All
    }

    /// Notes an event.
    pub(crate) fn record(&mut self, event: Event) {
        /// What a call through Ws2_32 to a provider and back usually gives.
        const USUAL: usize = 8;
        let wanted = match self.log.listens {
            Listens::All => true,
            Listens::Checks => event.is_checked(),
            Listens::No => false,
        };
        if wanted {
            if self.log.events.capacity() == 0 {
                self.log.events.reserve(USUAL);
            }
            self.log.events.push(event);
        }
    }

    /// Takes the events since the last time.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.log.events)
    }

    /// Notes a breach of a duty.
    pub(crate) fn breach(&mut self, provider: InstanceId, duty: Duty, basis: impl Into<Basis>, seen: String) {
        self.record(Event::Breach(Breach { provider, duty, basis: basis.into(), seen }));
    }

    /// Notes that something shared was read or written. The accessors do this; a program does it for what it shares
    /// with other programs beside the world.
    pub fn touch(&self) {
        self.touched.0.set(true);
    }

    /// Asks something that nothing depends on but a report: it does not count as a touch.
    pub fn aside<R>(&self, ask: impl FnOnce(&World) -> R) -> R {
        let touched = self.touched.0.get();
        let answer = ask(self);
        self.touched.0.set(touched);
        answer
    }

    /// Whether something shared was touched since the last time.
    pub(crate) fn take_touched(&self) -> bool {
        self.touched.0.replace(false)
    }

    /// What is noted of reads.
    pub(crate) fn watched(&self) -> &Watch {
        &self.watch
    }

    // ---- processes and threads

    /// A process, running or ended.
    pub fn process(&self, pid: Pid) -> Option<&Process> {
        self.touch();
        self.reads_process(pid);
        self.processes.get(pid.index()?).map(|arc| &**arc)
    }

    /// A process that runs.
    pub fn running(&self, pid: Pid) -> Option<&Process> {
        self.process(pid).filter(|p| p.runs())
    }

    /// A process of which only that counts which footprints call its life: whether it runs, and its identifier.
    pub(crate) fn life(&self, pid: Pid) -> Option<&Process> {
        self.touch();
        self.reads(Part::Life(pid));
        self.processes.get(pid.index()?).map(|arc| &**arc)
    }

    /// The process that an identifier means to programs: of those that had it the one that runs. A number that nobody
    /// has leads nowhere.
    pub fn identified(&self, number: u32) -> Pid {
        let has = |p: &&Process| p.known_as.0 == number;
        let all = || self.all_processes().filter(has).inspect(|p| self.reads(Part::Life(p.pid)));
        let found = all().find(|p| p.runs()).or_else(|| all().next());
        if !self.faults().is_empty() {
            // Only `fault pid_reuse` gives an identifier to another.
            self.all_processes().for_each(|p| self.reads(Part::Life(p.pid)));
        }
        self.touch();
        found.map_or(Pid(0), |p| p.pid)
    }

    /// The identifier that programs know a process by.
    pub fn identifier(&self, pid: Pid) -> u32 {
        let known_as = pid.index().and_then(|index| self.processes.get(index)).map_or(pid, |p| p.known_as);
        if known_as != pid || !self.faults().is_empty() {
            self.reads(Part::Life(pid));
            // It changes where `fault pid_reuse` is on, and nowhere else.
            self.touch();
        }
        known_as.0
    }

    pub(crate) fn process_mut(&mut self, pid: Pid) -> Option<&mut Process> {
        self.shared_process_mut(pid).map(Shared::change)
    }

    /// The same for who puts another in its place.
    pub(crate) fn shared_process_mut(&mut self, pid: Pid) -> Option<&mut Shared<Process>> {
        self.touch();
        self.reads_process(pid);
        let place = pid.index().filter(|place| *place < self.processes.len())?;
        Some(&mut Arc::make_mut(&mut self.processes)[place])
    }

    /// All processes in the order of start.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        self.all_processes().inspect(|p| self.reads_process(p.pid))
    }

    /// The same for who looks at what never changes, or says itself what it reads ([`crate::footprint`]).
    pub(crate) fn all_processes(&self) -> impl Iterator<Item = &Process> {
        self.processes.iter().map(|arc| &**arc)
    }

    /// The process of this name.
    pub fn process_named(&self, name: &str) -> Option<&Process> {
        let found = self.all_processes().find(|p| p.name == name);
        found.inspect(|p| self.reads_process(p.pid))
    }

    /// A thread.
    pub fn thread(&self, tid: Tid) -> Option<&Thread> {
        self.reads(Part::Thread(tid));
        self.peek_thread(tid)
    }

    fn peek_thread(&self, tid: Tid) -> Option<&Thread> {
        self.threads.get(tid.process.index()?)?.get(usize::from(tid.ordinal)).map(|arc| &**arc)
    }

    pub(crate) fn thread_mut(&mut self, tid: Tid) -> Option<&mut Thread> {
        self.shared_thread_mut(tid).map(Shared::change)
    }

    /// The same for who puts another in its place.
    pub(crate) fn shared_thread_mut(&mut self, tid: Tid) -> Option<&mut Shared<Thread>> {
        self.reads(Part::Thread(tid));
        let threads = Arc::make_mut(&mut self.threads).get_mut(tid.process.index()?)?;
        Arc::make_mut(threads).get_mut(usize::from(tid.ordinal))
    }

    /// All threads, by process and number.
    pub fn threads(&self) -> impl Iterator<Item = (Tid, &Thread)> {
        self.shared_threads().map(|(tid, thread)| (tid, &**thread)).inspect(|(tid, _)| self.reads(Part::Thread(*tid)))
    }

    /// The threads of a process.
    pub(crate) fn threads_of(&self, process: Pid) -> impl Iterator<Item = (Tid, &Thread)> {
        let all = process.index().and_then(|index| self.threads.get(index)).into_iter();
        let all = all
            .flat_map(|threads| threads.iter())
            .zip(0..)
            .map(move |(thread, ordinal)| (Tid { process, ordinal }, &**thread));
        all.inspect(|(tid, _)| self.reads(Part::Thread(*tid)))
    }

    pub(crate) fn shared_threads(&self) -> impl Iterator<Item = (Tid, &Shared<Thread>)> {
        self.threads.iter().enumerate().flat_map(|(index, threads)| {
            threads
                .iter()
                .enumerate()
                .map(move |(ordinal, thread)| (Tid { process: Pid::of_index(index), ordinal: ordinal as u16 }, thread))
        })
    }

    /// The name of a thread: its process's for the main thread, `process.name` otherwise.
    pub fn thread_name(&self, tid: Tid) -> String {
        let process = self.processes.get(tid.process.index().unwrap_or(usize::MAX));
        let process = process.map_or("?", |p| p.name.as_str());
        match self.peek_thread(tid) {
            Some(thread) if tid.ordinal > 0 => format!("{process}.{}", thread.name),
            _ => process.to_owned(),
        }
    }

    // ---- providers

    /// A provider as a process has it, if it is started.
    pub fn instance(&self, id: InstanceId) -> Option<&Instance> {
        self.touch();
        self.reads_instances(id.process);
        self.instances.get(id.process.index()?)?.get(usize::from(id.provider.0))?.as_deref()
    }

    /// Whether the latest upcall table of a provider leads nowhere.
    ///
    /// No touch: a WSPStartup that changes it commutes with the upcall itself, so it may stand before or after both.
    pub(crate) fn lacks_upcalls(&self, id: InstanceId) -> bool {
        self.reads(Part::Instances(id.process));
        let of_process = id.process.index().and_then(|process| self.instances.get(process));
        let instance = of_process.and_then(|all| all.get(usize::from(id.provider.0))?.as_deref());
        instance.is_some_and(|instance| !instance.upcalls)
    }

    pub(crate) fn instance_mut(&mut self, id: InstanceId) -> Option<&mut Instance> {
        self.touch();
        self.reads_instances(id.process);
        let instances = Arc::make_mut(&mut self.instances).get_mut(id.process.index()?)?;
        Arc::make_mut(instances).get_mut(usize::from(id.provider.0))?.as_mut().map(Shared::change)
    }

    /// All instances, by process and provider.
    pub fn instances(&self) -> impl Iterator<Item = (InstanceId, &Instance)> {
        self.all_instances().inspect(|(id, _)| self.reads_instances(id.process))
    }

    /// The same for who says itself what it reads.
    pub(crate) fn all_instances(&self) -> impl Iterator<Item = (InstanceId, &Instance)> {
        self.shared_instances().map(|(id, instance)| (id, &**instance))
    }

    /// The instances of a process, by provider.
    pub(crate) fn instances_of(&self, process: Pid) -> impl Iterator<Item = (InstanceId, &Instance)> {
        self.reads_instances(process);
        self.all_instances().filter(move |(id, _)| id.process == process)
    }

    pub(crate) fn shared_instances(&self) -> impl Iterator<Item = (InstanceId, &Shared<Instance>)> {
        self.instances.iter().enumerate().flat_map(|(index, instances)| {
            instances.iter().enumerate().filter_map(move |(provider, instance)| {
                let id = InstanceId { process: Pid::of_index(index), provider: crate::id::ProviderId(provider as u16) };
                instance.as_ref().map(|i| (id, i))
            })
        })
    }

    /// Makes an instance at its first WSPStartup.
    pub(crate) fn make_instance(&mut self, id: InstanceId, record: Record) {
        self.touch();
        self.reads_instances(id.process);
        let Some(instances) = id.process.index().and_then(|i| Arc::make_mut(&mut self.instances).get_mut(i)) else {
            return;
        };
        let place = usize::from(id.provider.0);
        if instances.len() <= place {
            let missing = place + 1 - instances.len();
            *instances = instances.iter().cloned().chain(std::iter::repeat_n(None, missing)).collect();
        }
        if instances[place].is_none() {
            Arc::make_mut(instances)[place] = Some(Shared::new(Instance::new(record, ProcTable::of(id))));
        }
    }

    /// Takes an instance away.
    pub(crate) fn drop_instance(&mut self, id: InstanceId) {
        self.touch();
        self.reads_instances(id.process);
        let instances = id.process.index().and_then(|i| Arc::make_mut(&mut self.instances).get_mut(i));
        if let Some(slot) = instances.and_then(|i| Arc::make_mut(i).get_mut(usize::from(id.provider.0))) {
            *slot = None;
        }
    }

    /// Whether another thread's WSPStartup of this provider has not come back yet.
    pub fn is_loading(&self, id: InstanceId) -> bool {
        let process = self.process(id.process);
        process.is_some_and(|p| p.loaded.iter().any(|l| l.provider == id.provider && !l.ready))
    }

    /// Whether a call of a provider has begun and not come back. A thread that steps is not seen.
    pub(crate) fn is_within(&self, id: InstanceId, which: impl Fn(&Call) -> bool) -> bool {
        let mut stacks = self.threads_of(id.process).flat_map(|(_, thread)| &thread.stack);
        stacks.any(|activation| {
            let whose = match activation.who {
                Who::Provider(whose) | Who::Foreign(_, whose) => Some(whose),
                Who::Program | Who::Ws2_32 | Who::Kernel => None,
            };
            whose == Some(id) && which(&activation.call)
        })
    }

    // ---- sockets, connections, events, operations

    /// All sockets, in no order that means anything.
    pub fn endpoints(&self) -> impl Iterator<Item = (EndpointId, &Endpoint)> {
        self.all_endpoints().inspect(|(_, endpoint)| {
            self.reads(Part::Endpoint(endpoint.origin));
            self.reads(Part::Counts(endpoint.origin));
        })
    }

    /// The same for who says itself what it reads.
    pub(crate) fn all_endpoints(&self) -> impl Iterator<Item = (EndpointId, &Endpoint)> {
        self.touch();
        self.endpoints.iter()
    }

    pub(crate) fn endpoint_arena(&mut self) -> &mut Arena<EndpointId, Endpoint> {
        self.touch();
        &mut self.endpoints
    }

    /// How many sockets there are.
    pub fn endpoint_count(&self) -> usize {
        self.endpoints.len()
    }

    /// A connection, if it lives.
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.touch();
        let found = self.connections.get(id);
        if self.watch.is_on() {
            let origin = found.map(|connection| connection.origin).or_else(|| self.watch.of_gone_connection(id.0));
            origin.inspect(|origin| self.reads(Part::Connection(*origin)));
        }
        found
    }

    pub(crate) fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connection(id);
        self.connections.get_mut(id)
    }

    /// All connections, in no order that means anything.
    pub fn connections(&self) -> impl Iterator<Item = (ConnectionId, &Connection)> {
        self.all_connections().inspect(|(_, connection)| self.reads(Part::Connection(connection.origin)))
    }

    /// The same for who says itself what it reads.
    pub(crate) fn all_connections(&self) -> impl Iterator<Item = (ConnectionId, &Connection)> {
        self.touch();
        self.connections.iter()
    }

    pub(crate) fn connection_arena(&mut self) -> &mut Arena<ConnectionId, Connection> {
        self.touch();
        &mut self.connections
    }

    /// How many connections there are.
    pub fn connection_count(&self) -> usize {
        self.connections.len()
    }

    /// An event object, if it lives.
    pub fn event(&self, id: EventId) -> Option<&EventObject> {
        self.touch();
        self.reads(Part::Events);
        self.events.get(id)
    }

    pub(crate) fn event_mut(&mut self, id: EventId) -> Option<&mut EventObject> {
        self.touch();
        self.reads(Part::Events);
        self.events.get_mut(id)
    }

    /// All event objects, in no order that means anything.
    pub fn events(&self) -> impl Iterator<Item = (EventId, &EventObject)> {
        self.touch();
        self.reads(Part::Events);
        self.events.iter()
    }

    pub(crate) fn event_arena(&mut self) -> &mut Arena<EventId, EventObject> {
        self.touch();
        self.reads(Part::Events);
        &mut self.events
    }

    /// How many event objects there are.
    pub fn event_count(&self) -> usize {
        self.events.len()
    }

    /// All pending operations, in no order that means anything.
    pub fn operations(&self) -> impl Iterator<Item = (OperationId, &Operation)> {
        self.touch();
        self.reads(Part::Operations);
        self.operations.iter()
    }

    pub(crate) fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.reads(Part::Operations);
        self.operations.get(id)
    }

    pub(crate) fn operation_arena(&mut self) -> &mut Arena<OperationId, Operation> {
        self.touch();
        self.reads(Part::Operations);
        &mut self.operations
    }

    /// How many operations are pending or not yet announced.
    pub fn operation_count(&self) -> usize {
        self.operations.len()
    }

    /// The components as worlds share them.
    pub(crate) fn components(&self) -> Components<'_> {
        Components {
            processes: &self.processes,
            endpoints: &self.endpoints,
            connections: &self.connections,
            events: &self.events,
            operations: &self.operations,
            ports: &self.ports,
            sections: &self.sections,
            tokens: &self.tokens,
            network: &self.network,
            bus: &self.bus,
            faults: &self.faults,
            now: self.now,
        }
    }

    // ---- machine-wide objects

    /// The tokens of the non-IFS base.
    pub fn tokens(&self) -> &Tokens {
        self.touch();
        self.all_processes().for_each(|p| self.reads(Part::Tokens(p.pid)));
        &self.tokens
    }

    /// The tokens of a target.
    pub(crate) fn tokens_of(&self, target: Pid) -> impl Iterator<Item = &Token> {
        self.touch();
        self.reads(Part::Tokens(target));
        self.tokens.iter().filter(move |(of, _)| *of == target).map(|(_, token)| token)
    }

    /// The tokens, to change those of a target.
    pub(crate) fn tokens_mut(&mut self, target: Pid) -> &mut Tokens {
        self.touch();
        self.reads(Part::Tokens(target));
        self.tokens.change()
    }

    /// The datagrams on their way.
    pub fn network(&self) -> &Network {
        self.touch();
        self.reads(Part::Network);
        &self.network
    }

    pub(crate) fn network_mut(&mut self) -> &mut Network {
        self.touch();
        self.reads(Part::Network);
        self.network.change()
    }

    /// The bus.
    pub fn bus(&self) -> &Bus {
        for (from, to) in self.all_processes().flat_map(|a| self.all_processes().map(|b| (a.pid, b.pid))) {
            self.reads(Part::Lane(from, to));
            self.reads_inbox(to, Some(from));
        }
        self.touch();
        &self.bus
    }

    /// The bus, to look at what has arrived at a process from another, or from any.
    pub(crate) fn inbox(&self, process: Pid, from: Option<Pid>) -> &Bus {
        self.touch();
        self.reads_inbox(process, from);
        &self.bus
    }

    /// The same, to change it.
    pub(crate) fn inbox_mut(&mut self, process: Pid, from: Option<Pid>) -> &mut Bus {
        self.touch();
        self.reads_inbox(process, from);
        self.bus.change()
    }

    fn reads_inbox(&self, process: Pid, from: Option<Pid>) {
        if !self.watch.is_on() {
            return;
        }
        let all = || self.all_processes().map(|sender| sender.pid);
        match from {
            Some(from) => self.reads(Part::Arrived(from, process)),
            None => {
                self.reads(Part::Order(process));
                all().for_each(|from| self.reads(Part::Arrived(from, process)));
            }
        }
    }

    /// The bus, to change what is on its way from one process to another.
    pub(crate) fn lane_mut(&mut self, from: Pid, to: Pid) -> &mut Bus {
        self.touch();
        self.reads(Part::Lane(from, to));
        self.bus.change()
    }

    /// The faults that are on.
    pub fn faults(&self) -> &Faults {
        self.reads(Part::Faults);
        &self.faults
    }

    pub(crate) fn faults_mut(&mut self) -> &mut Faults {
        self.touch();
        self.reads(Part::Faults);
        &mut self.faults
    }

    /// Which events are recorded from now on, and in what memory.
    pub(crate) fn listen(&mut self, listens: Listens, events: Vec<Event>) {
        self.log = Log { listens, events };
    }
}
