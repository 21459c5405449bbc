//! Completion ports: what is reported to them, and their ends.

use crate::arena::Arena;
use crate::footprint::Part;
use crate::id::{CellId, EndpointId, Pid, PortId};
use crate::kernel::operation::Completion;
use crate::kernel::port::{Association, CompletionPort, Packet};
use crate::world::World;

impl World {
    /// A completion port, if it lives.
    pub fn port(&self, id: PortId) -> Option<&CompletionPort> {
        self.touch();
        self.reads(Part::Ports);
        self.ports.get(id)
    }

    pub(crate) fn port_mut(&mut self, id: PortId) -> Option<&mut CompletionPort> {
        self.touch();
        self.reads(Part::Ports);
        self.ports.get_mut(id)
    }

    pub(crate) fn port_arena(&mut self) -> &mut Arena<PortId, CompletionPort> {
        self.touch();
        self.reads(Part::Ports);
        &mut self.ports
    }

    /// All completion ports, in no order that means anything.
    pub fn ports(&self) -> impl Iterator<Item = (PortId, &CompletionPort)> {
        self.touch();
        self.reads(Part::Ports);
        self.ports.iter()
    }

    /// How many completion ports there are.
    pub fn port_count(&self) -> usize {
        self.ports.len()
    }

    /// Reports the end of an operation to a port that is still there. Whether there is one.
    pub(crate) fn report(&mut self, to: Option<Association>, cell: CellId, completion: Completion) -> bool {
        let Some(Association { port: Some(port), key }) = to else { return false };
        match self.port_mut(port) {
            Some(port) => {
                port.packets.push_back(Packet { key, overlapped: Some(cell), completion });
                true
            }
            None => false,
        }
    }

    /// The same, unless the low bit of the structure's event says that the operation is not to be reported.
    pub(crate) fn report_unless_suppressed(
        &mut self,
        process: Pid,
        cell: CellId,
        to: Option<Association>,
        completion: Completion,
    ) -> bool {
        let suppressed = self.overlapped(process, cell).is_some_and(|o| o.event.0 & 1 == 1);
        !suppressed && self.report(to, cell, completion)
    }

    /// One handle less; with the last one the port goes, and who reported to it reports to nobody.
    pub(crate) fn close_port(&mut self, id: PortId) {
        let gone = self.port_mut(id).is_some_and(|port| {
            port.handles -= 1;
            port.handles == 0
        });
        if !gone {
            return;
        }
        self.port_arena().remove(id);
        let reports = |association: Option<Association>| association.is_some_and(|a| a.port == Some(id));
        self.reads(Part::Associations);
        let sockets: Vec<EndpointId> =
            self.all_endpoints().filter(|(_, e)| reports(e.port)).map(|(endpoint, _)| endpoint).collect();
        for socket in sockets {
            if let Some(association) = &mut self.endpoint_mut(socket).port {
                association.port = None;
            }
        }
        let processes: Vec<_> = self.all_processes().map(|p| p.pid).collect();
        for pid in processes {
            let any = self.process(pid).is_some_and(|p| p.descriptors.iter().any(|d| reports(d.port)));
            let Some(process) = self.process_mut(pid).filter(|_| any) else { continue };
            for association in process.descriptors.iter_mut().filter_map(|d| d.port.as_mut()) {
                if association.port == Some(id) {
                    association.port = None;
                }
            }
        }
    }
}
