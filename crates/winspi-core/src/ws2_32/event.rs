//! Event objects: WPU*Event for providers, WSA*Event for programs.
//!
//! The latter map directly to native services and have no function in the SPI: `TransportMapping.native-wsacreateevent`
//! and its like. Ws2_32 hands them to the system and the answer back.

use winspi_types::ErrorCode;

use crate::call::{
    Call, CloseHandle, CreateEvent, ResetEvent, SetEvent, WPUCloseEvent, WPUResetEvent, WPUSetEvent,
    WaitForMultipleObjects,
};
use crate::clause;
use crate::id::{EventId, Handle};
use crate::kernel::event::EventObject;
use crate::kernel::handle::Slot;
use crate::outcome::{Answer, Out, OutValue, Refusal};
use crate::protocol::Step;
use crate::value::Value;
use crate::world::Cx;
use crate::ws2_32::route::Stage;
use crate::ws2_32::startup::check_started;

/// TRUE: what these upcalls return.
const TRUE: i64 = 1;

/// Answers an upcall about events; `None` for a call that is none.
pub(crate) fn answer(cx: &mut Cx<'_>, call: &Call) -> Option<Answer<Out>> {
    Some(match call {
        Call::WPUCreateEvent(_) => create_event(cx).map(OutValue::wrap),
        Call::WPUCloseEvent(a) => close_event(cx, a).map(OutValue::wrap),
        Call::WPUSetEvent(a) => set_event(cx, a).map(OutValue::wrap),
        Call::WPUResetEvent(a) => reset_event(cx, a).map(OutValue::wrap),
        _ => return None,
    })
}

/// Hands a program's call about events to the system; `None` for a call that is none.
pub(crate) fn native(cx: &Cx<'_>, call: &Call) -> Option<Answer<Step<Stage>>> {
    let up = match call {
        Call::WSACreateEvent(_) => {
            let native = CreateEvent {
                event_attributes: Value::Null,
                manual_reset: true,
                initial_state: false,
                name: Value::Null,
            };
            Step::up(native, Stage::Routed)
        }
        Call::WSACloseEvent(a) => Step::up(CloseHandle { object: a.event }, Stage::Routed),
        Call::WSASetEvent(a) => Step::up(SetEvent { event: a.event }, Stage::Routed),
        Call::WSAResetEvent(a) => Step::up(ResetEvent { event: a.event }, Stage::Routed),
        Call::WSAWaitForMultipleEvents(a) => {
            let native = WaitForMultipleObjects {
                count: a.events_len,
                handles: a.events.clone(),
                wait_all: a.wait_all,
                milliseconds: a.timeout,
            };
            Step::up(native, Stage::Routed)
        }
        _ => return None,
    };
    Some(check_started(cx).map(|()| up))
}

fn event_of(cx: &Cx<'_>, handle: Handle) -> Option<EventId> {
    match cx.world.slot(cx.process(), handle) {
        Slot::Event(id) => Some(id),
        _ => None,
    }
}

/// A new event: manual reset, nonsignaled.
fn create_event(cx: &mut Cx<'_>) -> Answer<Handle> {
    let id = cx.world.event_arena().insert(EventObject { manual_reset: true, signaled: false, handles: 1 });
    let process = cx.process();
    let handle = cx.world.process_mut(process).and_then(|p| p.handles.insert(Slot::Event(id)));
    if handle.is_none() {
        cx.world.event_arena().remove(id);
    }
    cx.hit(clause!("WPUCreateEvent.returns-handle"));
    handle.ok_or_else(|| Refusal::code(ErrorCode::WSA_NOT_ENOUGH_MEMORY, clause!("WPUCreateEvent.no-memory")))
}

fn close_event(cx: &mut Cx<'_>, a: &WPUCloseEvent) -> Answer<i64> {
    crate::rule!(event_of(cx, a.event).is_some(), WSA_INVALID_HANDLE, "WPUCloseEvent.invalid-handle");
    let process = cx.process();
    let slot = cx.world.process_mut(process).map_or(Slot::Free, |p| p.handles.remove(a.event));
    cx.world.release_slot(slot);
    cx.hit(clause!("WPUCloseEvent.closes-event"));
    Ok(TRUE)
}

fn set_event(cx: &mut Cx<'_>, a: &WPUSetEvent) -> Answer<i64> {
    crate::rule!(event_of(cx, a.event).is_some(), ERROR_INVALID_HANDLE, "WPUSetEvent.invalid-handle");
    let process = cx.process();
    cx.world.set_event_of(process, a.event);
    cx.hit(clause!("WPUSetEvent.signals"));
    Ok(TRUE)
}

fn reset_event(cx: &mut Cx<'_>, a: &WPUResetEvent) -> Answer<i64> {
    let Some(id) = event_of(cx, a.event) else {
        return Err(Refusal::code(ErrorCode::WSA_INVALID_HANDLE, clause!("WPUResetEvent.invalid-handle")));
    };
    if let Some(event) = cx.world.event_mut(id) {
        event.signaled = false;
    }
    cx.hit(clause!("WPUResetEvent.resets"));
    Ok(TRUE)
}
