//! Questions about more than one component: what a handle leads to, what is signalled, what a cell holds.

use winspi_types::Version;

use crate::id::{CellId, EndpointId, Handle, InstanceId, Pid};
use crate::kernel::handle::Slot;
use crate::kernel::memory::{Cell, Content, Overlapped};
use crate::kernel::process::Next;
use crate::provider::instance::Record;
use crate::wait::{Holder, Socket};
use crate::world::World;

impl World {
    /// Whether a process has negotiated a version below 2.0 (decision `version-of-process`).
    pub(crate) fn is_of_version_1(&self, pid: Pid) -> bool {
        self.running(pid).is_some_and(|process| process.version < Version::V2_0)
    }

    /// What a handle of a process leads to.
    pub fn slot(&self, process: Pid, handle: Handle) -> Slot {
        self.running(process).map_or(Slot::Free, |p| p.handles.get(handle))
    }

    /// The socket that a holder leads to.
    pub fn held(&self, holder: Holder) -> Option<EndpointId> {
        match holder {
            Holder::Handle(process, handle) => match self.slot(process, handle) {
                Slot::Socket(endpoint) => Some(endpoint),
                _ => None,
            },
            Holder::Lower(instance, number) => {
                self.touch();
                self.instance(instance)?.lower_socket(number)
            }
        }
    }

    /// Whether the holder does not lead to the socket any more.
    pub fn lost(&self, socket: &Socket) -> bool {
        self.held(socket.holder) != Some(socket.endpoint)
    }

    /// The socket that a handle of a process means, through descriptors and layers down to the kernel object.
    pub fn socket_of(&self, process: Pid, mut handle: Handle) -> Option<EndpointId> {
        // A layer stands over providers that were there before it: each turn leads down, or a record is damaged.
        let mut above = None;
        loop {
            if let Slot::Socket(endpoint) = self.slot(process, handle) {
                return Some(endpoint);
            }
            let descriptor = *self.running(process)?.descriptors.get(handle)?;
            let provider = self.catalog.provider_of(descriptor.catalog_entry_id)?;
            if above.is_some_and(|above| provider >= above) {
                return None;
            }
            above = Some(provider);
            let number = u32::try_from(descriptor.context?.0).ok()?;
            match &self.instance(InstanceId { process, provider })?.record {
                Record::BaseNonIfs(base) => return base.endpoint(number),
                Record::Layer(layer) => handle = layer.socket(number)?.lower,
                _ => return None,
            }
        }
    }

    /// Whether an object is signalled; `None` where the handle leads to nothing that can be.
    pub fn is_signalled(&self, process: Pid, handle: Handle) -> Option<bool> {
        match self.slot(process, handle) {
            Slot::Event(event) => self.event(event).map(|e| e.signaled),
            Slot::Process(pid) => self.process(pid).map(|p| !p.runs()),
            Slot::Thread(tid) => {
                self.touch();
                self.thread(tid).map(|t| t.next == Next::Ended)
            }
            _ => None,
        }
    }

    /// A cell of a process's memory.
    pub fn cell(&self, process: Pid, cell: CellId) -> Option<&Cell> {
        self.running(process)?.cells.get(cell)
    }

    /// A WSAOVERLAPPED of a process's memory.
    pub fn overlapped(&self, process: Pid, cell: CellId) -> Option<Overlapped> {
        match self.cell(process, cell)?.content {
            Content::Overlapped(overlapped) => Some(overlapped),
            _ => None,
        }
    }

    pub(crate) fn overlapped_mut(&mut self, process: Pid, cell: CellId) -> Option<&mut Overlapped> {
        match &mut self.process_mut(process)?.cells.get_mut(cell)?.content {
            Content::Overlapped(overlapped) => Some(overlapped),
            _ => None,
        }
    }
}
