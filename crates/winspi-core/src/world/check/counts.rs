//! Counts and references, by a walk over everything that leads to sockets and events.

use super::{Findings, place_of_call};
use crate::arena::{ArenaKey, place};
use crate::id::{EndpointId, EventId, PortId, SectionId};
use crate::kernel::handle::Slot;
use crate::kernel::memory::Content;
use crate::kernel::operation::OperationState;
use crate::provider::instance::Record;
use crate::transport::Role;
use crate::world::World;

/// What a walk has found to lead to a socket.
#[derive(Clone, Copy, Default)]
struct Found {
    handles: u32,
    references: u32,
    pending: u32,
}

impl Found {
    const REFERENCE: Found = Found { handles: 0, references: 1, pending: 0 };
    const HANDLE: Found = Found { handles: 1, ..Found::REFERENCE };
}

struct Walk<'w> {
    world: &'w World,
    endpoints: Tally<Found>,
    events: Tally<u32>,
    ports: Tally<u32>,
    sections: Tally<(u32, u32)>,
    findings: &'w mut Findings,
}

/// What a walk has found of each object of an arena that lives.
#[derive(Default)]
struct Tally<T>(Vec<T>);

impl<T: Copy + Default> Tally<T> {
    fn of(&mut self, key: impl ArenaKey) -> &mut T {
        let place = place(key.key());
        if self.0.len() <= place {
            self.0.resize(place + 1, T::default());
        }
        &mut self.0[place]
    }

    fn get(&self, key: impl ArenaKey) -> T {
        self.0.get(place(key.key())).copied().unwrap_or_default()
    }
}

/// Whether each socket, event, port and mapping is led to, by what the canonical walk begins with.
pub(super) fn check(world: &World, findings: &mut Findings) -> bool {
    let mut walk = Walk {
        world,
        endpoints: Tally::default(),
        events: Tally::default(),
        ports: Tally::default(),
        sections: Tally::default(),
        findings,
    };
    walk.handles();
    walk.views();
    walk.associations();
    walk.records_and_tokens();
    walk.operations();
    walk.stacks();
    walk.compare()
}

impl Walk<'_> {
    /// Notes that something leads to a socket.
    fn leads(&mut self, endpoint: EndpointId, by: Found, place: impl FnOnce() -> String) {
        if self.world.find_endpoint(endpoint).is_none() {
            self.findings.add("no-handle-to-destroyed-object", place(), "it leads to a socket that does not exist");
        } else {
            let found = self.endpoints.of(endpoint);
            found.handles += by.handles;
            found.references += by.references;
            found.pending += by.pending;
        }
    }

    fn leads_to_event(&mut self, event: EventId, place: impl FnOnce() -> String) {
        if self.world.event(event).is_none() {
            self.findings.add("no-handle-to-destroyed-object", place(), "it leads to an event that does not exist");
        } else {
            *self.events.of(event) += 1;
        }
    }

    fn leads_to_port(&mut self, port: PortId, handles: u32, place: impl FnOnce() -> String) {
        if self.world.port(port).is_none() {
            self.findings.add("no-handle-to-destroyed-object", place(), "it leads to a port that does not exist");
        } else {
            *self.ports.of(port) += handles;
        }
    }

    /// Notes that a handle or a view leads to a file mapping.
    fn leads_to_section(&mut self, section: SectionId, by: (u32, u32), place: impl FnOnce() -> String) {
        if self.world.section(section).is_none() {
            self.findings.add("no-handle-to-destroyed-object", place(), "it leads to a mapping that does not exist");
        } else {
            let found = self.sections.of(section);
            *found = (found.0 + by.0, found.1 + by.1);
        }
    }

    fn views(&mut self) {
        let world = self.world;
        for process in world.processes() {
            for (id, cell) in process.cells.iter() {
                if let Content::View(section) = cell.content {
                    let place = || format!("cell {} of process {}", id.0, process.pid);
                    self.leads_to_section(section, (0, 1), place);
                }
            }
        }
    }

    /// Sockets and descriptors that report to a port: they keep none, and are told when it goes.
    fn associations(&mut self) {
        let world = self.world;
        for (id, endpoint) in world.endpoints() {
            if let Some(port) = endpoint.port.and_then(|a| a.port) {
                self.leads_to_port(port, 0, || format!("the socket {:?}, which reports to a port", id.key()));
            }
        }
        for process in world.processes() {
            for descriptor in process.descriptors.iter() {
                if let Some(port) = descriptor.port.and_then(|a| a.port) {
                    let place = || format!("descriptor {} of process {}", descriptor.handle, process.pid);
                    self.leads_to_port(port, 0, place);
                }
            }
        }
    }

    fn handles(&mut self) {
        let world = self.world;
        for process in world.processes() {
            for (handle, slot) in process.handles.iter() {
                let place = || format!("handle {handle} of process {}", process.pid);
                match slot {
                    Slot::Socket(endpoint) => self.leads(endpoint, Found::HANDLE, place),
                    Slot::Claim(claim) => self.leads(claim.endpoint, Found::HANDLE, place),
                    Slot::Event(event) => self.leads_to_event(event, place),
                    Slot::Process(pid) if world.process(pid).is_none() => {
                        self.findings.add("no-handle-to-destroyed-object", place(), "it leads to no process");
                    }
                    Slot::Thread(tid) if world.thread(tid).is_none() => {
                        self.findings.add("no-handle-to-destroyed-object", place(), "it leads to no thread");
                    }
                    Slot::Port(port) => self.leads_to_port(port, 1, place),
                    Slot::Section(section) => self.leads_to_section(section, (1, 0), place),
                    Slot::Process(_) | Slot::Thread(_) | Slot::NonIfs | Slot::Free => {}
                }
            }
        }
    }

    fn records_and_tokens(&mut self) {
        let world = self.world;
        for (id, instance) in world.instances() {
            let Record::BaseNonIfs(table) = &instance.record else { continue };
            for (number, endpoint) in table.iter() {
                let place = || format!("lower number {number} of provider {} in process {}", id.provider.0, id.process);
                self.leads(endpoint, Found::HANDLE, place);
            }
        }
        for (target, token) in world.tokens().iter() {
            self.leads(token.endpoint, Found::HANDLE, || format!("token {} of process {target}", token.number));
        }
    }

    fn operations(&mut self) {
        let world = self.world;
        for (_, operation) in world.operations() {
            let endpoint = operation.socket.endpoint;
            let (process, cell) = (operation.instance.process, operation.cell.0);
            let pending = u32::from(operation.state == OperationState::Pending);
            let by = Found { pending, ..Found::REFERENCE };
            self.leads(endpoint, by, || format!("the operation of process {process} with WSAOVERLAPPED {cell}"));
        }
    }

    fn stacks(&mut self) {
        let world = self.world;
        for (tid, thread) in world.threads() {
            for (depth, activation) in thread.stack.iter().enumerate() {
                if let Some(endpoint) = activation.holds() {
                    self.leads(endpoint, Found::REFERENCE, || place_of_call(tid, depth));
                }
            }
        }
    }

    fn compare(&mut self) -> bool {
        let world = self.world;
        let mut all_led_to = true;
        for (id, endpoint) in world.endpoints() {
            let found = self.endpoints.get(id);
            let place = || {
                let name = endpoint.local.map_or_else(|| "without a name".to_owned(), |name| name.to_string());
                format!("the socket {name}, {:?}", id.key())
            };
            if found.references == 0 {
                all_led_to = false;
                self.findings.add("endpoint-exists-while-referenced", place(), "nothing refers to it");
            }
            let counts = [
                ("handles", endpoint.handles, found.handles),
                ("references", endpoint.references, found.references),
                ("pending operations", endpoint.operations, found.pending),
            ];
            for (what, stored, walked) in counts {
                if stored != walked {
                    let seen = format!("{what}: {stored} are counted, {walked} are there");
                    self.findings.add("counts-agree", place(), seen);
                }
            }
            if (endpoint.handles == 0) != matches!(endpoint.role, Role::Closed) {
                let seen = format!("it has {} handles and is {:?}", endpoint.handles, endpoint.role);
                self.findings.add("counts-agree", place(), seen);
            }
        }
        for (id, port) in world.ports() {
            let walked = self.ports.get(id);
            all_led_to &= walked > 0;
            if port.handles != walked || walked == 0 {
                let seen = format!("handles: {} are counted, {walked} are there", port.handles);
                self.findings.add("counts-agree", format!("the port {:?}", id.key()), seen);
            }
        }
        for (id, section) in world.sections() {
            let walked = self.sections.get(id);
            all_led_to &= walked != (0, 0);
            let counted = (section.handles, section.views);
            if counted != walked || walked == (0, 0) {
                let seen = format!("handles and views: {counted:?} are counted, {walked:?} are there");
                self.findings.add("counts-agree", format!("the mapping {:?}", id.key()), seen);
            }
        }
        for (id, event) in world.events() {
            let walked = self.events.get(id);
            all_led_to &= walked > 0;
            if event.handles != walked {
                let seen = format!("handles: {} are counted, {walked} are there", event.handles);
                self.findings.add("counts-agree", format!("the event {:?}", id.key()), seen);
            }
        }
        all_led_to
    }
}
