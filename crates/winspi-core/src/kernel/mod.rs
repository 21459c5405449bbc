//! The system: Win32 calls as far as sockets need them, memory, the bus.

use winspi_types::ErrorCode;

use crate::call::Call;
use crate::outcome::Refusal;
use crate::policy::Decision;
use crate::protocol::{Reply, Step, entries};
use crate::world::Cx;

pub mod event;
pub mod handle;
pub mod memory;
pub mod operation;
pub mod process;

mod cells;
mod messages;
mod objects;
mod processes;

entries! {
    at ();
    free plain {
        CreateEvent => objects::create_event,
        SetEvent => objects::set_event,
        ResetEvent => objects::reset_event,
        CloseHandle => objects::close_handle,
        GetCurrentProcess => processes::get_current_process,
        GetCurrentProcessId => processes::get_current_process_id,
        OpenProcess => processes::open_process,
        BusSend => messages::bus_send,
        Overlapped => cells::overlapped,
        Buffer => cells::buffer,
        Write => cells::write,
        Free => cells::free,
    }
    free staged {
        WaitForSingleObject => objects::WaitForObject,
        ExitProcess => processes::Exit,
        TerminateProcess => processes::Terminate,
        BusReceive => messages::Receive,
    }
    plain {}
    staged {}
}

/// Whether a call needs memory: decision `no-memory`.
fn makes_object(call: &Call) -> bool {
    matches!(call, Call::CreateEvent(_) | Call::Overlapped(_) | Call::Buffer(_))
}

/// Steps an activation of the system.
pub(crate) fn step(cx: &mut Cx<'_>, call: &Call, stage: Option<Stage>, reply: Reply) -> Step<Stage> {
    Step::of(match stage {
        None if makes_object(call) && cx.world.faults().lacks_memory(cx.process()) => {
            Err(Refusal::code(ErrorCode::ERROR_NOT_ENOUGH_MEMORY, Decision::NoMemory))
        }
        None => begin_free(cx, call).unwrap_or_else(|| Err(Refusal::not_modelled(call.function().name()))),
        Some(stage) => resume(cx, stage, call, reply),
    })
}
