//! Lives of sockets and processes: the two counts, and what happens at their zeros.
//!
//! `handles` counts what keeps a socket open: descriptors, claims, tokens, lower numbers. At zero the close starts.
//! `references` counts handles, pending operations and calls that wait. At zero the object is freed.

use winspi_types::constants::SOCK_DGRAM;
use winspi_types::{ErrorCode, SocketAddress};

use crate::activation::Activation;
use crate::event::Event;
use crate::footprint::Part;
use crate::id::{EndpointId, InstanceId, Pid, Tid};
use crate::kernel::handle::Slot;
use crate::kernel::memory::Cells;
use crate::kernel::process::{Next, Process, ProcessState, Thread, ThreadRole};
use crate::policy::{CloseUnread, UnclaimedDuplicate};
use crate::provider::instance::Record;
use crate::shared::Shared;
use crate::transport::network_events::EventRecord;
use crate::transport::service::shares_ports;
use crate::transport::{Bound, DatagramSocket, Endpoint, Linger, Options, Role, Side};
use crate::world::World;
use crate::world::holders::Held;

impl World {
    /// Makes a socket without a handle; the caller opens it at once.
    pub(crate) fn make_endpoint(&mut self, family: i32, socket_type: i32, protocol: i32, flags: u32) -> EndpointId {
        let role = match socket_type {
            SOCK_DGRAM => Role::Datagram(DatagramSocket::default()),
            _ => Role::Unconnected { failure: None },
        };
        let (options, origin) = (Options::new(self.policy().limits.stream_buffer), self.origin());
        self.endpoint_arena().insert(Endpoint {
            family,
            socket_type,
            protocol,
            flags,
            nonblocking: false,
            local: None,
            bound: Bound::default(),
            options,
            role,
            events: EventRecord::default(),
            port: None,
            handles: 0,
            references: 0,
            operations: 0,
            origin,
        })
    }

    /// One handle more.
    pub(crate) fn open(&mut self, id: EndpointId) {
        if is_wrong!(self, DuplicateNotCounted) && self.counts_mut(id).handles > 0 {
            return;
        }
        let endpoint = self.counts_mut(id);
        endpoint.handles += 1;
        endpoint.references += 1;
    }

    /// One handle less; the last one starts the close.
    pub(crate) fn close(&mut self, id: EndpointId) {
        let endpoint = self.counts_mut(id);
        endpoint.handles -= 1;
        let left = endpoint.handles;
        if is_wrong!(self, FirstCloseFrees) && left > 0 {
            self.endpoint_arena().remove(id);
            return;
        }
        if is_wrong!(self, CloseShutsForAll) && left > 0 {
            self.shut_end(id, false, true);
        }
        if left == 0 {
            self.start_close(id);
        }
        self.unhold(id);
        if left > 0 && self.policy().unclaimed_duplicate == UnclaimedDuplicate::DoesNotKeep {
            self.drop_unclaimed(id, left as usize);
        }
    }

    /// Takes duplicates that nobody has asked for away, where nothing else is left (decision `unclaimed-duplicate`).
    fn drop_unclaimed(&mut self, id: EndpointId, left: usize) {
        let is_claim = |slot: &Slot| matches!(slot, Slot::Claim(claim) if claim.endpoint == id);
        let claims: Vec<_> = self
            .processes()
            .flat_map(|p| p.handles.iter().filter(|(_, slot)| is_claim(slot)).map(|(handle, _)| (p.pid, handle)))
            .collect();
        let tokens: Vec<_> = self.tokens().iter().filter(|(_, t)| t.endpoint == id).map(|(p, t)| (p, *t)).collect();
        if claims.len() + tokens.len() != left {
            return;
        }
        for (process, handle) in &claims {
            if let Some(process) = self.process_mut(*process) {
                process.handles.remove(*handle);
            }
        }
        for (target, token) in &tokens {
            self.tokens_mut(*target).take(*target, token.number, token.serial);
        }
        for place in 1..=left {
            self.endpoint_mut(id).handles -= 1;
            if place == left {
                self.start_close(id);
            }
            self.unhold(id);
        }
    }

    /// Whether the close of one descriptor is the close of the socket. Duplicates that nobody has asked for count by
    /// decision `unclaimed-duplicate`.
    pub(crate) fn is_last(&self, id: EndpointId) -> bool {
        let unclaimed = |held: &Held| matches!(held, Held::Claim(_) | Held::Token(_));
        match self.policy().unclaimed_duplicate {
            UnclaimedDuplicate::DoesNotKeep => {
                self.holders(id).iter().filter(|(_, held)| !unclaimed(held)).count() == 1
            }
            UnclaimedDuplicate::Keeps => self.counts(id).handles == 1,
        }
    }

    /// One reference more: an operation or a call that waits.
    pub(crate) fn hold(&mut self, id: EndpointId) {
        self.counts_mut(id).references += 1;
    }

    /// One reference less; the last one frees the socket.
    pub(crate) fn unhold(&mut self, id: EndpointId) {
        let endpoint = self.counts_mut(id);
        endpoint.references -= 1;
        if endpoint.references == 0 && !is_wrong!(self, SocketOutlives) {
            self.endpoint_arena().remove(id);
        }
    }

    /// What the last close does to connections; data that was sent still arrives (decision `close-unread`).
    fn start_close(&mut self, id: EndpointId) {
        let linger = self.endpoint(id).options.linger;
        self.unname(id);
        self.endpoint_mut(id).events = EventRecord::default();
        match std::mem::replace(&mut self.endpoint_mut(id).role, Role::Closed) {
            Role::Unconnected { .. } | Role::Datagram(_) | Role::Closed => {}
            Role::Listening(listening) => {
                for connection in listening.backlog {
                    self.abort_end(connection, Side::Server);
                }
            }
            Role::Connecting { connection } => self.abort_end(connection, Side::Client),
            // WSPCloseSocket.linger-zero-resets
            Role::Connected { .. } if is_wrong!(self, CloseForgetsConnection) => {}
            Role::Connected { connection, side } if linger == (Linger { on: true, seconds: 0 }) => {
                self.recall_sent(connection, side);
                self.abort_end(connection, side);
            }
            Role::Connected { connection, side } => {
                let unread = self.connection(connection).is_some_and(|c| c.end(side).unread() > 0);
                match self.policy().close_unread {
                    CloseUnread::Reset if unread => self.abort_end(connection, side),
                    CloseUnread::Reset | CloseUnread::Finish => self.finish_end(connection, side),
                }
            }
        }
    }

    /// Ends a process at once: all that it holds goes back, and nobody of it runs any more.
    ///
    /// The stack of the running thread is not in the world while the thread steps; the loop gives back what it holds.
    pub(crate) fn end_process(&mut self, pid: Pid, code: u32) {
        if self.running(pid).is_none() {
            return;
        }
        let tids: Vec<_> = self.threads_of(pid).map(|(tid, _)| tid).collect();
        for tid in tids {
            let Some(thread) = self.shared_thread_mut(tid) else { continue };
            let held: Vec<EndpointId> = thread.stack.iter().filter_map(Activation::holds).collect();
            // Nobody can ask for the last error any more.
            let ended = Thread {
                asked: thread.asked,
                since: thread.since,
                next: Next::Ended,
                ..Thread::new(&thread.name, thread.role)
            };
            *thread = Shared::new(ended);
            held.into_iter().for_each(|endpoint| self.unhold(endpoint));
        }
        let (unclaimed, sockets) = match self.listens() {
            true => (self.unclaimed_of(pid), self.sockets_of(pid)),
            false => Default::default(),
        };
        self.cancel_selections(pid);
        let mut operations: Vec<_> =
            self.operations().filter(|(_, op)| op.instance.process == pid).map(|(id, op)| (op.place(), id)).collect();
        operations.sort_unstable();
        for (_, id) in operations {
            self.take_operation(id);
        }
        let instances: Vec<InstanceId> = self.instances_of(pid).map(|(id, _)| id).collect();
        for id in instances {
            self.release_record(id);
            self.drop_instance(id);
        }
        if self.tokens_of(pid).next().is_some() {
            for endpoint in self.tokens_mut(pid).forget_target(pid) {
                self.close(endpoint);
            }
        }
        self.release_views(pid);
        let leaves_memory = is_wrong!(self, EndLeavesMemory);
        let mut slots = Vec::new();
        if let Some(process) = self.shared_process_mut(pid) {
            slots.extend(process.handles.iter().map(|(_, slot)| slot));
            // It still runs: what follows is its last deed.
            let emptied = Process {
                known_as: process.known_as,
                administrator: process.administrator,
                handles: process.handles.emptied(),
                cells: if leaves_memory { process.cells.clone() } else { Cells::default() },
                ..Process::new(&process.name, process.pid.index().unwrap_or_default())
            };
            *process = Shared::new(emptied);
        }
        slots.into_iter().for_each(|slot| self.release_slot(slot));
        if let Some(process) = self.process_mut(pid) {
            process.state = ProcessState::Ended(code);
        }
        for process in self.all_processes() {
            self.reads(Part::Lane(process.pid, pid));
        }
        if self.inbox(pid, None).is_receiver(pid) {
            self.inbox_mut(pid, None).forget(pid);
        }
        self.record(Event::Ended { process: pid, code });
        self.notice_end(pid, &unclaimed, &sockets);
    }

    /// Whether no other thread of the program's runs in the process.
    pub(crate) fn is_last_thread(&self, tid: Tid) -> bool {
        let mut others = self.threads_of(tid.process).filter(|(other, _)| *other != tid);
        others.all(|(_, thread)| matches!(thread.role, ThreadRole::Worker(_)) || thread.next == Next::Ended)
    }

    /// Gives back what was behind a handle.
    pub(crate) fn release_slot(&mut self, slot: Slot) {
        match slot {
            Slot::Free | Slot::NonIfs | Slot::Process(_) | Slot::Thread(_) => {}
            Slot::Port(port) => self.close_port(port),
            Slot::Section(section) => self.close_section(section),
            Slot::Socket(endpoint) => self.close(endpoint),
            Slot::Claim(claim) => self.close(claim.endpoint),
            Slot::Event(id) => {
                let gone = self.event_mut(id).is_some_and(|event| {
                    event.handles -= 1;
                    event.handles == 0
                });
                if gone && !is_wrong!(self, EventOutlives) {
                    self.event_arena().remove(id);
                }
            }
        }
    }

    /// Gives back what the record of an instance holds beside handles.
    pub(crate) fn release_record(&mut self, id: InstanceId) {
        if !matches!(self.instance(id).map(|instance| &instance.record), Some(Record::BaseNonIfs(_))) {
            return;
        }
        if let Some(Record::BaseNonIfs(base)) = self.instance_mut(id).map(|instance| &mut instance.record) {
            for endpoint in base.take_all() {
                self.close(endpoint);
            }
        }
    }

    /// Gives a socket a local name in use from now on; a wildcard port becomes a free one.
    pub(crate) fn name_endpoint(&mut self, id: EndpointId, name: SocketAddress) -> Result<SocketAddress, ErrorCode> {
        let socket_type = self.endpoint(id).socket_type;
        let name = match name.port() {
            0 => name.with_port(self.free_port(socket_type, &name).ok_or(ErrorCode::WSAENOBUFS)?),
            _ => name,
        };
        let turn = self.next_turn(id, &name);
        let endpoint = self.endpoint_mut(id);
        let exclusive = match endpoint.local.replace(name) {
            Some(_) => endpoint.bound.exclusive,
            None => endpoint.options.exclusive_address,
        };
        // A wildcard name that becomes a specific one keeps what it was bound with.
        endpoint.bound = Bound { exclusive, turn };
        Ok(name)
    }

    /// Takes the local name of a socket away; those that share it move up.
    fn unname(&mut self, id: EndpointId) {
        let endpoint = self.endpoint_mut(id);
        let (turn, socket_type, competes) = (endpoint.bound.turn, endpoint.socket_type, endpoint.competes());
        let Some(local) = endpoint.local.take() else { return };
        if competes {
            self.reads(Part::Name(local.port()));
        }
        let after = self.all_endpoints().filter(|(_, e)| {
            competes
                && e.competes()
                && shares_ports(e.socket_type, socket_type)
                && e.local == Some(local)
                && e.bound.turn > turn
        });
        let after: Vec<EndpointId> = after.map(|(other, _)| other).collect();
        for other in after {
            self.endpoint_mut(other).bound.turn -= 1;
        }
    }
}
