//! Network events at work: when one is due, and who is told.
//!
//! All conditions but one are states: data is there, a connection waits, the peer has closed. So one question, asked
//! after everything that may have changed the answer, indicates what is due and not indicated yet; the re-enabling
//! calls only clear the mark of the last indication. FD_WRITE alone is an edge, kept in `write_due`.

use winspi_types::ErrorCode;
use winspi_types::constants::{FD_ACCEPT, FD_CLOSE, FD_CONNECT, FD_READ, FD_WRITE};

use crate::event::{Event, HazardKind};
use crate::footprint::Part;
use crate::id::{ConnectionId, EndpointId, Handle, Pid};
use crate::kernel::handle::Slot;
use crate::kernel::operation::{OperationKind, OperationState};
use crate::policy::FdCloseAfterData;
use crate::provider::instance::{Notice, Record};
use crate::transport::network_events::{EventRecord, Selection};
use crate::transport::{Cause, EndHolder, Role, Side};
use crate::wait::Holder;
use crate::world::{Cx, World};

impl World {
    /// The events whose condition holds, with their codes; FD_CONNECT comes before FD_WRITE.
    fn due_events(&self, id: EndpointId) -> Vec<(u32, ErrorCode)> {
        const FINE: ErrorCode = ErrorCode(0);
        let endpoint = self.socket(id);
        let mut due = Vec::new();
        match &endpoint.role {
            Role::Unconnected { failure: Some(code) } => due.push((FD_CONNECT, *code)),
            Role::Listening(listening) if !listening.backlog.is_empty() => due.push((FD_ACCEPT, FINE)),
            Role::Connected { .. } => {
                let Some((_, _, end)) = self.end_of(id) else { return due };
                due.push((FD_CONNECT, FINE));
                let data = if endpoint.service().messages { end.has_message() } else { end.unread() > 0 };
                let shut = end.receive_shut || end.receive_ended;
                if data && !shut && !self.receives_overlapped(id) {
                    due.push((FD_READ, FINE));
                }
                if endpoint.events.write_due && !end.reset && !end.send_shut && self.room(id) > 0 {
                    due.push((FD_WRITE, FINE));
                }
                let at_once = self.policy().fd_close_after_data == FdCloseAfterData::AtOnce;
                if end.reset {
                    // The page has no WSAENETRESET for FD_CLOSE.
                    let code = match end.cause {
                        Cause::TimeOut => ErrorCode::WSAECONNABORTED,
                        Cause::Reset | Cause::KeepAlive => ErrorCode::WSAECONNRESET,
                    };
                    due.push((FD_CLOSE, code));
                } else if end.finished && (!data || at_once) {
                    due.push((FD_CLOSE, FINE));
                }
            }
            Role::Datagram(datagrams) => {
                if !datagrams.received.is_empty() && !datagrams.receive_shut && !self.receives_overlapped(id) {
                    due.push((FD_READ, FINE));
                }
                // A datagram never waits: decision `datagram-send`.
                if endpoint.events.write_due && !datagrams.send_shut {
                    due.push((FD_WRITE, FINE));
                }
            }
            Role::Unconnected { .. } | Role::Listening(_) | Role::Connecting { .. } | Role::Closed => {}
        }
        due
    }

    /// Whether an overlapped receive will take what arrives.
    fn receives_overlapped(&self, id: EndpointId) -> bool {
        self.operations().any(|(_, op)| {
            op.socket.endpoint == id
                && op.state == OperationState::Pending
                && matches!(op.kind, OperationKind::Receive(_) | OperationKind::ReceiveFrom { .. })
        })
    }

    /// Indicates what is due, was asked for, and was not indicated since it was last enabled.
    pub(crate) fn indicate_events(&mut self, id: EndpointId) {
        let Some(selection) = self.find_socket(id).and_then(|e| e.events.selection) else { return };
        for (event, code) in self.due_events(id) {
            if selection.mask & event & !self.socket(id).events.indicated != 0 {
                self.record_network_event(id, event, code);
            }
        }
    }

    /// The same for the socket that has an end of a connection.
    pub(crate) fn indicate_at_end(&mut self, id: ConnectionId, side: Side) {
        let holder = self.connection(id).map(|c| c.end(side).holder);
        if let Some(EndHolder::Endpoint(endpoint) | EndHolder::Backlog(endpoint)) = holder {
            self.indicate_events(endpoint);
        }
    }

    /// Enters an event into the record of a socket that asked for it, and has the event object set.
    pub(crate) fn record_network_event(&mut self, id: EndpointId, event: u32, code: ErrorCode) {
        let Some(selection) = self.find_socket(id).and_then(|e| e.events.selection) else { return };
        if selection.mask & event == 0 {
            return;
        }
        let record = &mut self.socket_mut(id).events;
        record.record(event, code);
        if event == FD_WRITE {
            // It is an edge: the mark of the indication is the edge's.
            record.write_due = false;
            record.indicated &= !FD_WRITE;
        }
        let (process, handle) = (selection.process, selection.event);
        self.record(Event::NetworkEvent { process, event: handle, network_event: event, error: code });
        match selection.setter {
            Some(instance) => self.notify(instance, Notice::SetEvent(handle)),
            None => self.set_event_of(process, handle),
        }
    }

    /// Sets an event of a process, if the handle leads to one.
    pub(crate) fn set_event_of(&mut self, process: Pid, handle: Handle) {
        let Slot::Event(id) = self.slot(process, handle) else { return };
        if let Some(event) = self.event_mut(id) {
            event.signaled = true;
        }
    }

    /// What the end of a wait does to the object: an event that resets itself is reset.
    pub(crate) fn pass_object(&mut self, process: Pid, handle: Handle) {
        let Slot::Event(id) = self.slot(process, handle) else { return };
        if let Some(event) = self.event_mut(id) {
            event.signaled = event.manual_reset;
        }
    }

    /// A re-enabling call: the event is indicated again, at once where its condition holds. Whether it was off.
    pub(crate) fn reenable_event(&mut self, id: EndpointId, event: u32) -> bool {
        let Some(endpoint) = self.find_socket(id) else { return false };
        let was_off = endpoint.events.indicated & event != 0;
        if was_off {
            self.socket_mut(id).events.indicated &= !event;
        }
        self.indicate_events(id);
        was_off
    }

    /// Notes that a send found no room: FD_WRITE is due when there is some.
    pub(crate) fn want_write_event(&mut self, id: EndpointId) {
        if self.find_socket(id).is_some_and(|e| e.events.selection.is_some()) {
            self.socket_mut(id).events.write_due = true;
            self.indicate_events(id);
        }
    }

    /// Ends the registration of a process that has closed its last descriptor of a socket: decision
    /// `close-cancels-registration`.
    pub(crate) fn cancel_selection_at_close(&mut self, process: Pid, id: EndpointId) {
        let selected = self.find_socket(id).and_then(|e| e.events.selection);
        if selected.is_some_and(|s| s.process == process) && !self.has_descriptor_of(process, id) {
            self.socket_mut(id).events = EventRecord::default();
        }
    }

    /// Ends the registrations of a process on sockets of which it has no descriptor any more: after its last WSPCleanup.
    pub(crate) fn cancel_selections_left(&mut self, process: Pid) {
        self.reads(Part::Selections(process));
        let mine = self.all_endpoints().filter(|(_, e)| e.events.selection.is_some_and(|s| s.process == process));
        let mine: Vec<EndpointId> = mine.map(|(id, _)| id).collect();
        for id in mine {
            self.cancel_selection_at_close(process, id);
        }
    }

    /// Ends all registrations of a process that ends.
    pub(crate) fn cancel_selections(&mut self, process: Pid) {
        self.reads(Part::Selections(process));
        let mine = self.all_endpoints().filter(|(_, e)| e.events.selection.is_some_and(|s| s.process == process));
        let mine: Vec<EndpointId> = mine.map(|(id, _)| id).collect();
        for id in mine {
            self.socket_mut(id).events = EventRecord::default();
        }
    }

    /// Whether a process has a handle or a lower number of a socket.
    fn has_descriptor_of(&self, process: Pid, id: EndpointId) -> bool {
        let by_handle = self.running(process).is_some_and(|p| p.handles.iter().any(|(_, s)| s == Slot::Socket(id)));
        by_handle
            || self.instances_of(process).any(|(_, instance)| {
                matches!(&instance.record, Record::BaseNonIfs(table) if table.iter().any(|(_, e)| e == id))
            })
    }
}

impl Cx<'_> {
    /// Replaces the registration of a socket. One of another descriptor goes silently, which is a hazard.
    pub(crate) fn select_events(&mut self, id: EndpointId, by: Holder, selection: Option<Selection>) {
        let before = self.world.socket(id).events.selection;
        if let Some(before) = before.filter(|s| s.by.is_some_and(|other| other != by)) {
            self.hit(crate::clause!("WSPDuplicateSocket.event-select-cancels"));
            let registered = before.by.map_or_else(String::new, |by| format!(" through {}", self.world.told(by)));
            let seen = format!(
                "{} cancelled, through {}, the registration that was made{registered} for event {}",
                self.world.thread_name(self.thread),
                self.world.told(by),
                before.event
            );
            self.hazard(HazardKind::RegistrationCancelled, seen);
        }
        self.world.socket_mut(id).events = selection.map_or_else(EventRecord::default, EventRecord::of);
        self.world.indicate_events(id);
    }
}
