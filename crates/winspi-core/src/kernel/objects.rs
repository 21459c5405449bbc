//! Handles of events, and waiting for them.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::{CreateEvent, ResetEvent, SetEvent, WaitForSingleObject};
use crate::id::{EventId, Handle};
use crate::kernel::creation::{is_inheritable, new_handle};
use crate::kernel::event::EventObject;
use crate::kernel::handle::Slot;
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::value::Value;
use crate::wait::{Deadline, Wait};
use crate::world::Cx;

fn invalid_handle() -> Refusal {
    Refusal::code(ErrorCode::ERROR_INVALID_HANDLE, Decision::Win32Handle)
}

/// Makes an event object and a handle of it.
pub(crate) fn create_event(cx: &mut Cx<'_>, a: &CreateEvent) -> Answer<Handle> {
    if !matches!(a.name, Value::Null) {
        return Err(Refusal::not_modelled("events with a name"));
    }
    let event = EventObject { manual_reset: a.manual_reset, signaled: a.initial_state, handles: 1 };
    let id = cx.world.event_arena().insert(event);
    let handle = new_handle(cx, Slot::Event(id), is_inheritable(&a.event_attributes));
    if handle.is_err() {
        cx.world.event_arena().remove(id);
    }
    handle
}

fn event_of(cx: &Cx<'_>, handle: Handle) -> Answer<EventId> {
    match cx.world.slot(cx.process(), handle) {
        Slot::Event(id) => Ok(id),
        _ => Err(invalid_handle()),
    }
}

/// Sets an event.
pub(crate) fn set_event(cx: &mut Cx<'_>, a: &SetEvent) -> Answer<()> {
    let id = event_of(cx, a.event)?;
    if let Some(event) = cx.world.event_mut(id) {
        event.signaled = true;
    }
    Ok(())
}

/// Resets an event.
pub(crate) fn reset_event(cx: &mut Cx<'_>, a: &ResetEvent) -> Answer<()> {
    let id = event_of(cx, a.event)?;
    if let Some(event) = cx.world.event_mut(id) {
        event.signaled = false;
    }
    Ok(())
}

/// WaitForSingleObject: gives WAIT_OBJECT_0 (0), or fails with WAIT_TIMEOUT.
///
/// An event that resets itself lets one waiter through.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WaitForObject {
    /// The object has to be signalled.
    Signalled(Option<Deadline>),
}

impl Staged for WaitForObject {
    type Call = WaitForSingleObject;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WaitForSingleObject) -> Answer<Step<Self>> {
        let deadline = a.milliseconds.0.map(|ms| Deadline(cx.world.now().saturating_add(u64::from(ms))));
        WaitForObject::Signalled(deadline).look(cx, a)
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WaitForSingleObject, _: Reply) -> Answer<Step<Self>> {
        self.look(cx, a)
    }
}

impl WaitForObject {
    fn look(self, cx: &mut Cx<'_>, a: &WaitForSingleObject) -> Answer<Step<Self>> {
        let WaitForObject::Signalled(deadline) = self;
        let process = cx.process();
        if cx.world.is_signalled(process, a.handle).ok_or_else(invalid_handle)? {
            cx.world.pass_object(process, a.handle);
            return Ok(Step::done(0i64));
        }
        if deadline.is_some_and(|d| d.0 <= cx.world.now()) {
            return Err(Refusal::code(ErrorCode::WAIT_TIMEOUT, Decision::Win32Handle));
        }
        let wait = Wait::Signalled { process, handle: a.handle, deadline };
        Ok(Step::wait(wait, WaitForObject::Signalled(deadline)))
    }
}
