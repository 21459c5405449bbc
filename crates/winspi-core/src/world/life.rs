//! Lives of sockets and processes: the two counts, and what happens at their zeros.
//!
//! `handles` counts what keeps a socket open: descriptors, claims, tokens, lower numbers. At zero the close starts.
//! `references` counts handles, pending operations and calls that wait. At zero the object is freed.

use winspi_types::{ErrorCode, SocketAddress};

use crate::event::Event;
use crate::id::{EndpointId, InstanceId, Pid};
use crate::kernel::handle::Slot;
use crate::kernel::process::{Next, ProcessState};
use crate::provider::instance::Record;
use crate::transport::{Endpoint, Role};
use crate::world::World;

impl World {
    /// Makes a socket without a handle; the caller opens it at once.
    pub(crate) fn make_endpoint(&mut self, family: i32, socket_type: i32, protocol: i32, flags: u32) -> EndpointId {
        self.endpoint_arena().insert(Endpoint {
            family,
            socket_type,
            protocol,
            flags,
            nonblocking: false,
            local: None,
            role: Role::Unconnected { failure: None },
            handles: 0,
            references: 0,
            operations: 0,
        })
    }

    /// One handle more.
    pub(crate) fn open(&mut self, id: EndpointId) {
        let endpoint = self.endpoint_mut(id);
        endpoint.handles += 1;
        endpoint.references += 1;
    }

    /// One handle less; the last one starts the close.
    pub(crate) fn close(&mut self, id: EndpointId) {
        let endpoint = self.endpoint_mut(id);
        endpoint.handles -= 1;
        if endpoint.handles == 0 {
            self.start_close(id);
        }
        self.unhold(id);
    }

    /// One reference more: an operation or a call that waits.
    pub(crate) fn hold(&mut self, id: EndpointId) {
        self.endpoint_mut(id).references += 1;
    }

    /// One reference less; the last one frees the socket.
    pub(crate) fn unhold(&mut self, id: EndpointId) {
        let endpoint = self.endpoint_mut(id);
        endpoint.references -= 1;
        if endpoint.references == 0 {
            self.endpoint_arena().remove(id);
        }
    }

    /// What the last close does to connections; data that was sent still arrives (decision `close-unread`).
    fn start_close(&mut self, id: EndpointId) {
        let endpoint = self.endpoint_mut(id);
        endpoint.local = None;
        match std::mem::replace(&mut endpoint.role, Role::Closed) {
            Role::Unconnected { .. } | Role::Closed => {}
            Role::Listening(listening) => {
                for connection in listening.backlog {
                    self.abort_end(connection, crate::transport::Side::Server);
                }
            }
            Role::Connecting { connection } => self.abort_end(connection, crate::transport::Side::Client),
            Role::Connected { connection, side } => self.finish_end(connection, side),
        }
    }

    /// Ends a process at once: all that it holds goes back, and nobody of it runs any more.
    ///
    /// The stack of the running thread is not in the world while the thread steps; the loop gives back what it holds.
    pub(crate) fn end_process(&mut self, pid: Pid, code: u32) {
        if self.running(pid).is_none() {
            return;
        }
        let tids: Vec<_> = self.threads().map(|(tid, _)| tid).filter(|tid| tid.process == pid).collect();
        for tid in tids {
            let Some(thread) = self.thread_mut(tid) else { continue };
            thread.next = Next::Ended;
            for activation in std::mem::take(&mut thread.stack) {
                if let Some(endpoint) = activation.holds() {
                    self.unhold(endpoint);
                }
            }
        }
        let mut operations: Vec<_> =
            self.operations().filter(|(_, op)| op.instance.process == pid).map(|(id, op)| (op.place(), id)).collect();
        operations.sort_unstable();
        for (_, id) in operations {
            self.take_operation(id);
        }
        let instances: Vec<InstanceId> = self.instances().map(|(id, _)| id).filter(|id| id.process == pid).collect();
        for id in instances {
            self.release_record(id);
            self.drop_instance(id);
        }
        for endpoint in self.tokens_mut().forget_target(pid) {
            self.close(endpoint);
        }
        let handles: Vec<_> = self.running(pid).map_or(Vec::new(), |p| p.handles.iter().collect());
        for (handle, slot) in handles {
            if let Some(process) = self.process_mut(pid) {
                process.handles.remove(handle);
            }
            self.release_slot(slot);
        }
        if let Some(process) = self.process_mut(pid) {
            process.state = ProcessState::Ended(code);
            process.descriptors = Default::default();
            process.cells = Default::default();
            process.loaded = Vec::new();
            process.startups = 0;
            process.claims_made = 0;
        }
        self.bus_mut().forget(pid);
        self.record(Event::Ended { process: pid, code });
    }

    /// Gives back what was behind a handle.
    pub(crate) fn release_slot(&mut self, slot: Slot) {
        match slot {
            Slot::Free | Slot::NonIfs | Slot::Process(_) => {}
            Slot::Socket(endpoint) => self.close(endpoint),
            Slot::Claim(claim) => self.close(claim.endpoint),
            Slot::Event(id) => {
                let gone = self.event_mut(id).is_some_and(|event| {
                    event.handles -= 1;
                    event.handles == 0
                });
                if gone {
                    self.event_arena().remove(id);
                }
            }
        }
    }

    /// Gives back what the record of an instance holds beside handles.
    pub(crate) fn release_record(&mut self, id: InstanceId) {
        let Some(instance) = self.instance_mut(id) else { return };
        if let Record::BaseNonIfs(base) = &mut instance.record {
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
        self.endpoint_mut(id).local = Some(name);
        Ok(name)
    }
}
