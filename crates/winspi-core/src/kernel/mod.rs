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
pub mod port;
pub mod process;
pub mod section;

mod cells;
mod creation;
mod files;
mod messages;
mod objects;
mod ports;
mod processes;
mod raw;
mod sections;
pub(crate) mod waiting;

entries! {
    at ();
    free plain {
        CreateEvent => objects::create_event,
        SetEvent => objects::set_event,
        ResetEvent => objects::reset_event,
        CloseHandle => raw::close_handle,
        DuplicateHandle => raw::duplicate_handle,
        GetHandleInformation => raw::get_handle_information,
        SetHandleInformation => raw::set_handle_information,
        GetFileType => raw::get_file_type,
        CreateProcess => creation::create_process,
        GetCommandLine => creation::get_command_line,
        GetExitCodeProcess => creation::get_exit_code_process,
        GetCurrentThread => creation::get_current_thread,
        GetCurrentThreadId => creation::get_current_thread_id,
        ResumeThread => creation::resume_thread,
        CancelIo => files::cancel_io,
        CancelIoEx => files::cancel_io_ex,
        CreateIoCompletionPort => ports::create,
        PostQueuedCompletionStatus => ports::post,
        CreateFileMapping => sections::create_file_mapping,
        OpenFileMapping => sections::open_file_mapping,
        MapViewOfFile => sections::map_view_of_file,
        UnmapViewOfFile => sections::unmap_view_of_file,
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
        WaitForMultipleObjects => waiting::WaitForObjects,
        Sleep => waiting::Asleep,
        SleepEx => waiting::AsleepEx,
        ExitProcess => processes::Exit,
        ExitThread => processes::ExitOfThread,
        TerminateProcess => processes::Terminate,
        BusReceive => messages::Receive,
        ReadFile => files::Reading,
        WriteFile => files::Writing,
        GetOverlappedResult => files::Result,
        GetQueuedCompletionStatus => ports::Dequeue,
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
