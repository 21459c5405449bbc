//! Completion ports as programs see them.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;
use winspi_types::constants::WSA_FLAG_OVERLAPPED;

use crate::call::{CreateIoCompletionPort, GetQueuedCompletionStatus, PostQueuedCompletionStatus};
use crate::clause;
use crate::id::{Handle, PortId};
use crate::kernel::creation::new_handle;
use crate::kernel::handle::Slot;
use crate::kernel::operation::Completion;
use crate::kernel::port::{Association, CompletionPort, Packet};
use crate::kernel::waiting::deadline;
use crate::outcome::{Answer, Dequeued, Refusal};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::value::{Pointer, Value};
use crate::wait::{Deadline, Wait};
use crate::world::Cx;

fn refused(code: ErrorCode) -> Refusal {
    Refusal::code(code, Decision::Win32Handle)
}

fn port_of(cx: &Cx<'_>, handle: Handle) -> Option<PortId> {
    match cx.world.slot(cx.process(), handle) {
        Slot::Port(id) => Some(id),
        _ => None,
    }
}

/// Makes a completion port, or has a socket report to one, or both.
///
/// Page: `ioapiset/nf-ioapiset-createiocompletionport`.
///
/// Without error: the handle of the port. An IFS handle associates the socket beneath, and with it all its descriptors;
/// for a handle that WPUCreateSocketHandle made, Ws2_32 remembers the port (`WPUCompleteOverlappedRequest.tracks-port-association`).
/// Either is associated once: decision `completion-port-once`.
///
/// | when | code |
/// |---|---|
/// | `file_handle` is INVALID_HANDLE_VALUE and `existing_completion_port` is given | ERROR_INVALID_PARAMETER |
/// | the socket reports to a port already, or has not the overlapped attribute | ERROR_INVALID_PARAMETER |
/// | `file_handle` is no handle, or `existing_completion_port` no port | ERROR_INVALID_HANDLE |
pub(crate) fn create(cx: &mut Cx<'_>, a: &CreateIoCompletionPort) -> Answer<Handle> {
    let existing = (a.existing_completion_port != Handle(0)).then_some(a.existing_completion_port);
    if a.file_handle == Handle::INVALID {
        return match existing {
            None => make(cx),
            Some(_) => Err(refused(ErrorCode::ERROR_INVALID_PARAMETER)),
        };
    }
    let known = existing.map(|h| port_of(cx, h).ok_or_else(|| refused(ErrorCode::ERROR_INVALID_HANDLE))).transpose()?;
    check_free(cx, a.file_handle)?;
    let (handle, port) = match (existing, known) {
        (Some(handle), Some(port)) => (handle, port),
        _ => {
            let handle = make(cx)?;
            (handle, port_of(cx, handle).ok_or_else(|| refused(ErrorCode::ERROR_INVALID_HANDLE))?)
        }
    };
    associate(cx, a.file_handle, Association { port: Some(port), key: a.completion_key });
    Ok(handle)
}

fn make(cx: &mut Cx<'_>) -> Answer<Handle> {
    let id = cx.world.port_arena().insert(CompletionPort { handles: 1, ..CompletionPort::default() });
    let handle = new_handle(cx, Slot::Port(id), false);
    if handle.is_err() {
        cx.world.port_arena().remove(id);
    }
    handle
}

/// Refuses what cannot be associated.
fn check_free(cx: &Cx<'_>, file: Handle) -> Answer<()> {
    let process = cx.process();
    let once = || Refusal::code(ErrorCode::ERROR_INVALID_PARAMETER, Decision::CompletionPortOnce);
    match cx.world.slot(process, file) {
        Slot::Socket(id) => {
            let endpoint = cx.world.endpoint(id);
            let overlapped = endpoint.flags & WSA_FLAG_OVERLAPPED != 0;
            if overlapped && endpoint.port.is_none() { Ok(()) } else { Err(once()) }
        }
        Slot::NonIfs => match cx.world.running(process).and_then(|p| p.descriptors.get(file)) {
            Some(descriptor) if descriptor.port.is_none() => Ok(()),
            _ => Err(once()),
        },
        Slot::Free => Err(refused(ErrorCode::ERROR_INVALID_HANDLE)),
        _ => Err(refused(ErrorCode::ERROR_INVALID_PARAMETER)),
    }
}

fn associate(cx: &mut Cx<'_>, file: Handle, association: Association) {
    let process = cx.process();
    match cx.world.slot(process, file) {
        Slot::Socket(id) => cx.world.endpoint_mut(id).port = Some(association),
        _ => {
            let descriptor = cx.world.process_mut(process).and_then(|p| p.descriptors.get_mut(file));
            if let Some(descriptor) = descriptor {
                descriptor.port = Some(association);
                cx.hit(clause!("WPUCreateSocketHandle.completion-port-association"));
            }
        }
    }
}

/// GetQueuedCompletionStatus: takes the oldest report, or waits for one.
///
/// Page: `ioapiset/nf-ioapiset-getqueuedcompletionstatus`.
///
/// An operation that failed gives its code as the error of the call, with all out parameters written
/// (`WPUCompleteOverlappedRequest.dwerror-is-status`). A time-out is the error WAIT_TIMEOUT; a port whose handle is closed
/// meanwhile is ERROR_ABANDONED_WAIT_0.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dequeue {
    /// There has to be a report.
    Arrives(Option<Deadline>),
}

impl Staged for Dequeue {
    type Call = GetQueuedCompletionStatus;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &GetQueuedCompletionStatus) -> Answer<Step<Self>> {
        if port_of(cx, a.completion_port).is_none() {
            return Err(refused(ErrorCode::ERROR_INVALID_HANDLE));
        }
        let deadline = deadline(cx, a.milliseconds);
        Dequeue::Arrives(deadline).look(cx, a)
    }

    fn resume(self, cx: &mut Cx<'_>, a: &GetQueuedCompletionStatus, _: Reply) -> Answer<Step<Self>> {
        self.look(cx, a)
    }
}

impl Dequeue {
    fn look(self, cx: &mut Cx<'_>, a: &GetQueuedCompletionStatus) -> Answer<Step<Self>> {
        let Dequeue::Arrives(deadline) = self;
        let id = port_of(cx, a.completion_port).ok_or_else(|| refused(ErrorCode::ERROR_ABANDONED_WAIT_0))?;
        if let Some(packet) = cx.world.port_mut(id).and_then(|port| port.packets.pop_front()) {
            return told(packet).map(Step::done);
        }
        if deadline.is_some_and(|d| d.0 <= cx.world.now()) {
            return Err(refused(ErrorCode::WAIT_TIMEOUT));
        }
        let wait = Wait::Packet { process: cx.process(), port: a.completion_port, deadline };
        Ok(Step::wait(wait, Dequeue::Arrives(deadline)))
    }
}

fn told(packet: Packet) -> Answer<Dequeued> {
    let Completion { error, transferred, .. } = packet.completion;
    let dequeued = Dequeued {
        number_of_bytes_transferred: transferred,
        completion_key: packet.key,
        overlapped: packet.overlapped,
    };
    if error == ErrorCode(0) {
        return Ok(dequeued);
    }
    let refusal = Refusal::code(error, clause!("WPUCompleteOverlappedRequest.dwerror-is-status"));
    Err(dequeued.fields().into_iter().fold(refusal, |refusal, (name, value)| refusal.writing(name, value)))
}

/// Puts a report of the caller's own into a port. Page: `ioapiset/nf-ioapiset-postqueuedcompletionstatus`.
pub(crate) fn post(cx: &mut Cx<'_>, a: &PostQueuedCompletionStatus) -> Answer<()> {
    let id = port_of(cx, a.completion_port).ok_or_else(|| refused(ErrorCode::ERROR_INVALID_HANDLE))?;
    let overlapped = match a.overlapped {
        Pointer::To(cell) => Some(cell),
        Pointer::Null | Pointer::Bad => None,
    };
    let completion = Completion { error: ErrorCode(0), transferred: a.number_of_bytes_transferred, flags: 0 };
    if let Some(port) = cx.world.port_mut(id) {
        port.packets.push_back(Packet { key: a.completion_key, overlapped, completion });
    }
    Ok(())
}

/// The out parameters as values.
impl Dequeued {
    pub(crate) fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("number_of_bytes_transferred", Value::Number(i64::from(self.number_of_bytes_transferred))),
            ("completion_key", Value::Number(self.completion_key.cast_signed())),
            ("overlapped", self.overlapped.map_or(Value::Null, Value::Cell)),
        ]
    }
}
