//! Overlapped operations at work: which can end, how they end, and who hears of it.

use std::sync::Arc;

use winspi_types::ErrorCode;
use winspi_types::constants::MSG_PARTIAL;

use crate::clause;
use crate::event::{Event, HazardKind};
use crate::id::{CellId, EndpointId, Handle, InstanceId, OperationId, Pid, Tid};
use crate::kernel::handle::Slot;
use crate::kernel::memory::{Content, Owner};
use crate::kernel::operation::{Completion, Operation, OperationKind, OperationState};
use crate::kernel::process::ThreadRole;
use crate::policy::CloseCancels;
use crate::provider::instance::{Instance, Notice, Record};
use crate::transport::Taking;
use crate::value::{Buffer, Memory};
use crate::wait::Holder;
use crate::world::World;

impl World {
    /// Issues an operation; it holds the socket.
    pub(crate) fn issue(&mut self, mut operation: Operation) -> OperationId {
        let endpoint = operation.socket.endpoint;
        let pending = &mut self.endpoint_mut(endpoint).operations;
        *pending += 1;
        operation.order = *pending;
        operation.age = self.age();
        self.hold(endpoint);
        self.operation_arena().insert(operation)
    }

    /// Takes an operation away; it held the socket.
    pub(crate) fn take_operation(&mut self, id: OperationId) {
        self.leave_order(id);
        if let Some(operation) = self.operation_arena().remove(id) {
            self.unhold(operation.socket.endpoint);
        }
    }

    /// Takes an operation out of the order of its socket: those behind it move up.
    ///
    /// So the numbers say who comes before whom and nothing of what was there before; a counter that only grows would
    /// tell states apart that have the same future.
    fn leave_order(&mut self, id: OperationId) {
        let Some(operation) = self.operation_arena().get_mut(id) else { return };
        let (place, endpoint) = (std::mem::take(&mut operation.order), operation.socket.endpoint);
        if place == 0 {
            return;
        }
        let behind: Vec<OperationId> = self
            .operations()
            .filter(|(_, other)| other.socket.endpoint == endpoint && other.order > place)
            .map(|(other, _)| other)
            .collect();
        for other in behind {
            if let Some(operation) = self.operation_arena().get_mut(other) {
                operation.order -= 1;
            }
        }
        self.endpoint_mut(endpoint).operations -= 1;
    }

    /// The operations that can end now: process, WSAOVERLAPPED and age, in this order of names.
    ///
    /// Of one socket only the oldest of each direction can: posted buffers are filled in the order of posting.
    pub(crate) fn completable(&self) -> Vec<(Pid, CellId, u64)> {
        let mut all: Vec<(Pid, CellId, u64)> = self
            .operations()
            .filter(|(_, op)| op.state == OperationState::Pending && self.can_complete(op))
            .map(|(_, op)| (op.instance.process, op.cell, op.age.0))
            .collect();
        all.sort_unstable();
        // A structure that was given to two operations names both: the older one is meant.
        all.dedup_by_key(|(process, cell, _)| (*process, *cell));
        all
    }

    fn can_complete(&self, operation: &Operation) -> bool {
        let endpoint = operation.socket.endpoint;
        let receives = operation.kind.receives();
        let older = self.operations().any(|(_, other)| {
            other.socket.endpoint == endpoint
                && other.state == OperationState::Pending
                && other.kind.receives() == receives
                && other.order < operation.order
        });
        !older && if receives { self.can_receive(endpoint) } else { self.can_send(endpoint) }
    }

    /// Ends a pending operation that can end. Whether there was one.
    pub(crate) fn complete(&mut self, process: Pid, cell: CellId) -> bool {
        let found = self
            .operations()
            .filter(|(_, op)| op.instance.process == process && op.cell == cell)
            .filter(|(_, op)| op.state == OperationState::Pending && self.can_complete(op))
            .min_by_key(|(_, op)| op.place());
        let Some((id, operation)) = found.map(|(id, op)| (id, op.clone())) else { return false };
        let endpoint = operation.socket.endpoint;
        if operation.kind.receives() && self.endpoint(endpoint).datagrams().is_some() {
            return self.complete_datagram(id);
        }
        let failure = self
            .end_of(endpoint)
            .map_or(Some(ErrorCode::WSAECONNRESET), |(_, _, end)| end.failure(self.policy().time_out_code));
        let messages = self.endpoint(endpoint).service().messages;
        let completion = match operation.kind {
            _ if failure.is_some() => {
                Completion { error: failure.unwrap_or(ErrorCode::WSAECONNRESET), transferred: 0, flags: 0 }
            }
            OperationKind::Receive(buffers) | OperationKind::ReceiveFrom { buffers, .. } if messages => {
                self.complete_message(process, endpoint, &buffers)
            }
            OperationKind::Send { data, .. } if messages => {
                let transferred = data.len() as u32;
                self.send_message(endpoint, data, true);
                Completion { error: ErrorCode(0), transferred, flags: 0 }
            }
            OperationKind::Receive(buffers) | OperationKind::ReceiveFrom { buffers, .. } => {
                let room = buffers.iter().map(|b| b.len as usize).sum();
                let bytes = self.take_bytes(endpoint, room, false);
                self.fill(process, &buffers, &bytes);
                Completion { error: ErrorCode(0), transferred: bytes.len() as u32, flags: 0 }
            }
            OperationKind::Send { data, sent, cells } => {
                let room = self.room(endpoint).min(data.len() - sent);
                self.send_bytes(endpoint, Arc::from(&data[sent..sent + room]));
                if sent + room < data.len() {
                    if let Some(op) = self.operation_arena().get_mut(id) {
                        op.kind = OperationKind::Send { data, sent: sent + room, cells };
                    }
                    return true;
                }
                Completion { error: ErrorCode(0), transferred: data.len() as u32, flags: 0 }
            }
        };
        self.end_operation(id, completion);
        true
    }

    /// What an overlapped receive gives of the first message of a connection, or of its end.
    pub(crate) fn complete_message(&mut self, process: Pid, id: EndpointId, buffers: &[Buffer]) -> Completion {
        let room = buffers.iter().map(|b| b.len as usize).sum();
        let in_parts = self.endpoint(id).service().partial;
        let Some(part) = self.take_message(id, room, Taking { peek: false, part: false, in_parts }) else {
            return Completion { error: ErrorCode::WSAEDISCON, transferred: 0, flags: 0 };
        };
        self.fill(process, buffers, &part.data);
        let (error, flags) = match (part.last, in_parts) {
            (true, _) => (ErrorCode(0), 0),
            (false, true) => (ErrorCode(0), MSG_PARTIAL),
            (false, false) => (ErrorCode::WSAEMSGSIZE, 0),
        };
        Completion { error, transferred: part.data.len() as u32, flags }
    }

    /// Ends an operation: the system announces it for an IFS provider, a worker of the provider for another.
    pub(crate) fn end_operation(&mut self, id: OperationId, completion: Completion) {
        let Some(operation) = self.operation(id) else { return };
        let (instance, cell) = (operation.instance, operation.cell);
        let endpoint = operation.socket.endpoint;
        let port = self.find_endpoint(endpoint).and_then(|e| e.port);
        self.record(Event::Completed { process: instance.process, cell, completion });
        if self.instance(instance).is_some_and(|i| matches!(i.record, Record::BaseNonIfs(_))) {
            if let Some(op) = self.operation_arena().get_mut(id) {
                op.state = OperationState::Done(completion);
            }
            self.leave_order(id);
            self.notify(instance, Notice::Completed(cell));
        } else {
            self.take_operation(id);
            if let Some(overlapped) = self.overlapped_mut(instance.process, cell) {
                overlapped.offset = completion.flags;
                overlapped.offset_high = completion.error.number().cast_unsigned();
            }
            self.indicate(instance.process, cell, completion);
            self.report_unless_suppressed(instance.process, cell, port, completion);
        }
        // What a receive has left is there for the others.
        self.indicate_events(endpoint);
    }

    /// Writes the result into a WSAOVERLAPPED and tells who waits for it: its event, or the provider that owns it.
    pub(crate) fn indicate(&mut self, process: Pid, cell: CellId, completion: Completion) {
        let Some(overlapped) = self.overlapped_mut(process, cell) else { return };
        // InternalHigh first: WPUCompleteOverlappedRequest.internalhigh-before-internal.
        overlapped.internal_high = u64::from(completion.transferred);
        overlapped.internal = completion.error.number().cast_unsigned().into();
        let event = overlapped.event;
        match self.cell(process, cell).map(|c| c.owner) {
            Some(Owner::Provider(instance)) => self.notify(instance, Notice::Completed(cell)),
            _ => {
                if let Slot::Event(event) = self.slot(process, event)
                    && let Some(event) = self.event_mut(event)
                {
                    event.signaled = true;
                }
            }
        }
    }

    /// Leaves a note for the worker thread of a provider, which is made when it is first needed.
    pub(crate) fn notify(&mut self, id: InstanceId, notice: Notice) {
        let Some(instance) = self.instance_mut(id) else { return };
        instance.notices.push_back(notice);
        if instance.worker.is_none() {
            let worker = self.add_thread(id.process, "worker", ThreadRole::Worker(id));
            if let Some(instance) = self.instance_mut(id) {
                instance.worker = worker.map(|tid| tid.ordinal);
            }
        }
    }

    /// The worker thread of a provider that has a note and nothing to do, and the note.
    pub(crate) fn take_notice(&mut self, id: InstanceId) -> Option<Notice> {
        self.instance_mut(id)?.notices.pop_front()
    }

    /// Whether a worker thread has a note to look at.
    pub(crate) fn has_notice(&self, tid: Tid) -> bool {
        match self.thread(tid).map(|t| t.role) {
            Some(ThreadRole::Worker(id)) => self.instance(id).is_some_and(|i| !i.notices.is_empty()),
            _ => false,
        }
    }

    /// Ends the operations that the close of a system handle ends: decision `close-cancels`.
    pub(crate) fn cancel_operations_at_close(&mut self, process: Pid, endpoint: EndpointId) {
        let last = match self.policy().close_cancels {
            CloseCancels::ClosingProcess => true,
            CloseCancels::LastOfProcess => {
                self.holders(endpoint).iter().filter(|(holder, _)| *holder == process).count() == 1
            }
            CloseCancels::LastOfAll => {
                let last = self.endpoint(endpoint).handles == 1;
                if last {
                    let others: Vec<Pid> = self.all_processes().map(|p| p.pid).filter(|pid| *pid != process).collect();
                    others.into_iter().for_each(|other| self.cancel_operations(other, endpoint));
                }
                last
            }
        };
        if last {
            self.cancel_operations(process, endpoint);
        }
    }

    /// Ends the pending operations on a socket that a process issued, with WSA_OPERATION_ABORTED.
    pub(crate) fn cancel_operations(&mut self, process: Pid, endpoint: EndpointId) {
        let mut pending: Vec<_> = self
            .operations()
            .filter(|(_, op)| {
                op.instance.process == process && op.socket.endpoint == endpoint && op.state == OperationState::Pending
            })
            .map(|(id, op)| (op.order, id))
            .collect();
        pending.sort_by_key(|(order, _)| *order);
        for (_, id) in pending {
            let aborted = Completion { error: ErrorCode::WSA_OPERATION_ABORTED, transferred: 0, flags: 0 };
            self.end_operation(id, aborted);
        }
    }

    /// Ends the pending operations that a thread issued, with WSA_OPERATION_ABORTED: it ends, and its process goes on.
    pub(crate) fn cancel_of_thread(&mut self, thread: Tid) {
        let mine = self.operations().filter(|(_, op)| op.thread == thread && op.state == OperationState::Pending);
        let cancels = |kind: &OperationKind| match kind {
            OperationKind::Receive(_) => clause!("WSPRecv.thread-exit-cancels"),
            OperationKind::ReceiveFrom { .. } => clause!("WSPRecvFrom.thread-exit-cancels"),
            OperationKind::Send { .. } => clause!("WSPSend.thread-exit-cancels"),
        };
        let mut mine: Vec<_> = mine.map(|(id, op)| (op.place(), id, cancels(&op.kind))).collect();
        mine.sort_unstable_by_key(|(place, id, _)| (*place, *id));
        for (_, id, cancels) in mine {
            self.record(Event::Rule { thread, by: None, basis: cancels.into() });
            let aborted = Completion { error: ErrorCode::WSA_OPERATION_ABORTED, transferred: 0, flags: 0 };
            self.end_operation(id, aborted);
        }
    }

    /// Ends the operations on a socket that a process issued, at the end of the provider: their status is
    /// WSA_OPERATION_ABORTED, and nobody is told (`WSPCleanup.final-overlapped-aborted`, `.final-overlapped-no-event`).
    pub(crate) fn abandon_operations(&mut self, process: Pid, endpoint: EndpointId) {
        let mine = self.operations().filter(|(_, op)| op.instance.process == process && op.socket.endpoint == endpoint);
        let mut mine: Vec<_> = mine.map(|(id, op)| (op.place(), id, op.cell)).collect();
        mine.sort_by_key(|(place, ..)| *place);
        for (_, id, cell) in mine {
            self.take_operation(id);
            if let Some(overlapped) = self.overlapped_mut(process, cell) {
                let code = ErrorCode::WSA_OPERATION_ABORTED.number().cast_unsigned();
                overlapped.offset_high = code;
                overlapped.internal = u64::from(code);
            }
        }
    }

    /// Marks the operations that a process has on a handle whose value is registered anew: what becomes of the value
    /// from now on is none of their provider's doing.
    pub(crate) fn stray(&mut self, process: Pid, handle: Handle) {
        let on_it = |op: &Operation| op.instance.process == process && op.handle == handle && !op.strayed;
        let strayed: Vec<OperationId> = self.operations().filter(|(_, op)| on_it(op)).map(|(id, _)| id).collect();
        for id in strayed {
            if let Some(operation) = self.operation_arena().get_mut(id) {
                operation.strayed = true;
            }
        }
        let with_some = |(id, instance): (InstanceId, &Instance)| match &instance.record {
            Record::Layer(layer) if layer.operations().iter().any(|op| op.handle == handle) => Some(id),
            _ => None,
        };
        let layers: Vec<InstanceId> = self.instances_of(process).filter_map(with_some).collect();
        for id in layers {
            if let Some(Record::Layer(layer)) = self.instance_mut(id).map(|instance| &mut instance.record) {
                layer.stray(handle);
            }
        }
    }

    /// Whether the value of the handle that an operation of a provider was issued on was registered anew since.
    pub(crate) fn has_strayed(&self, provider: InstanceId, cell: CellId) -> bool {
        self.touch();
        match self.instance(provider).map(|instance| &instance.record) {
            Some(Record::Layer(layer)) => layer.operations().iter().any(|op| op.upper == cell && op.strayed),
            _ => self.operations().any(|(_, op)| op.instance == provider && op.cell == cell && op.strayed),
        }
    }

    /// How many operations of a record are pending or not yet announced.
    pub fn operations_of_record(&self, instance: InstanceId, record: u32) -> usize {
        self.touch();
        match self.instance(instance).map(|i| &i.record) {
            Some(Record::Layer(layer)) => layer.operations_of(record),
            _ => {
                let mine = Holder::Lower(instance, record);
                self.operations().filter(|(_, op)| op.socket.holder == mine).count()
            }
        }
    }

    /// Puts bytes into buffers in order. What a freed cell would have got is lost, and a hazard.
    pub(crate) fn fill(&mut self, process: Pid, buffers: &[Buffer], bytes: &[u8]) {
        let mut rest = bytes;
        for buffer in buffers {
            let (now, later) = rest.split_at(rest.len().min(buffer.len as usize));
            rest = later;
            let Memory::Cell(cell) = buffer.memory else { continue };
            // Where nothing is written nothing is lost.
            if !now.is_empty() {
                self.write_cell(process, cell, now);
            }
        }
    }

    /// Writes bytes at the start of a cell. Whether it could.
    pub(crate) fn write_cell(&mut self, process: Pid, cell: CellId, bytes: &[u8]) -> bool {
        let content = self.process_mut(process).and_then(|p| p.cells.get_mut(cell)).map(|c| &mut c.content);
        match content {
            Some(Content::Bytes(old)) => {
                let mut new = old.to_vec();
                let length = bytes.len().min(new.len());
                new[..length].copy_from_slice(&bytes[..length]);
                *old = Arc::from(new);
                true
            }
            Some(Content::View(section)) => {
                let section = *section;
                if let Some(section) = self.section_mut(section) {
                    let mut new = section.bytes.to_vec();
                    let length = bytes.len().min(new.len());
                    new[..length].copy_from_slice(&bytes[..length]);
                    section.bytes = Arc::from(new);
                }
                true
            }
            Some(Content::Freed | Content::Overlapped(_)) | None => {
                let hazard = crate::event::Hazard {
                    kind: HazardKind::CellFreedUnderOperation,
                    thread: None,
                    handle: None,
                    seen: format!(
                        "{} bytes came for cell {} of {}, which is freed",
                        bytes.len(),
                        cell.0,
                        self.name_of(process)
                    ),
                };
                self.record(Event::Hazard(hazard));
                false
            }
        }
    }
}
