//! Handles as the kernel has them, whatever Ws2_32 knows: duplicating them, their flags, what they are.

use winspi_types::ErrorCode;
use winspi_types::constants::{
    DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS, FILE_TYPE_PIPE, HANDLE_FLAG_INHERIT, HANDLE_FLAG_PROTECT_FROM_CLOSE,
};

use crate::call::{CloseHandle, DuplicateHandle, GetFileType, GetHandleInformation, SetHandleInformation};
use crate::id::{Handle, Pid};
use crate::kernel::creation::CURRENT_THREAD;
use crate::kernel::handle::{HandleFlags, Slot};
use crate::kernel::processes::CURRENT_PROCESS;
use crate::outcome::{Answer, HandleInformation, Refusal, TargetHandle};
use crate::policy::Decision;
use crate::world::Cx;

fn invalid_handle() -> Refusal {
    Refusal::code(ErrorCode::ERROR_INVALID_HANDLE, Decision::Win32Handle)
}

/// Closes a handle in the kernel; Ws2_32 keeps its descriptor, which then leads to nothing.
///
/// Page: `handleapi/nf-handleapi-closehandle`. A handle that is protected from close stays: ERROR_INVALID_HANDLE.
pub(crate) fn close_handle(cx: &mut Cx<'_>, a: &CloseHandle) -> Answer<()> {
    if a.object == CURRENT_PROCESS || a.object == CURRENT_THREAD {
        return Ok(());
    }
    let process = cx.process();
    close(cx, process, a.object)
}

/// Closes a handle of any process; operations of that process on a socket end, as by WSPCloseSocket.
fn close(cx: &mut Cx<'_>, process: Pid, handle: Handle) -> Answer<()> {
    let flags = cx.world.running(process).and_then(|p| p.handles.flags(handle)).ok_or_else(invalid_handle)?;
    if flags.protect {
        return Err(invalid_handle());
    }
    let slot = cx.world.slot(process, handle);
    if let Slot::Socket(endpoint) = slot {
        cx.world.cancel_operations(process, endpoint);
    }
    cx.world.process_mut(process).map(|p| p.handles.remove(handle));
    cx.world.release_slot(slot);
    if let Slot::Socket(endpoint) = slot {
        cx.notice_close(handle, endpoint);
        cx.world.cancel_selection_at_close(process, endpoint);
    }
    Ok(())
}

/// Makes a handle of the same object, in the same or another process.
///
/// Page: `handleapi/nf-handleapi-duplicatehandle`.
///
/// Without error: the handle, a value of the target. Of a socket it is a kernel handle that no Ws2_32 knows (decision
/// `unknown-handle`); of a handle that WPUCreateSocketHandle made it is a file of Ws2_32's driver without a descriptor.
/// With DUPLICATE_CLOSE_SOURCE the source is closed whatever happens. Access rights are not checked.
///
/// | when | code |
/// |---|---|
/// | one of the processes is none, or the source handle is not valid there | ERROR_INVALID_HANDLE |
/// | `options` has other bits | ERROR_INVALID_PARAMETER |
/// | the target has no handle left | ERROR_NOT_ENOUGH_MEMORY |
pub(crate) fn duplicate_handle(cx: &mut Cx<'_>, a: &DuplicateHandle) -> Answer<TargetHandle> {
    let own = cx.process();
    let known = DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS;
    if a.options & !known != 0 {
        return Err(Refusal::code(ErrorCode::ERROR_INVALID_PARAMETER, Decision::Win32Handle));
    }
    let process = |cx: &Cx<'_>, handle: Handle| match (handle, cx.world.slot(own, handle)) {
        (CURRENT_PROCESS, _) => Some(own),
        (_, Slot::Process(pid)) => cx.world.running(pid).map(|p| p.pid),
        _ => None,
    };
    let source = process(cx, a.source_process_handle).ok_or_else(invalid_handle)?;
    let target = process(cx, a.target_process_handle);
    let slot = match a.source_handle {
        CURRENT_PROCESS => Slot::Process(source),
        CURRENT_THREAD => Slot::Thread(cx.thread),
        handle => cx.world.slot(source, handle),
    };
    let made = match target {
        Some(target) => duplicate_into(cx, target, slot, a.inherit_handle),
        None => Err(invalid_handle()),
    };
    if a.options & DUPLICATE_CLOSE_SOURCE != 0 {
        // What cannot be closed stays, and the call does not fail for it.
        close(cx, source, a.source_handle).ok();
    }
    made.map(|target_handle| TargetHandle { target_handle })
}

fn duplicate_into(cx: &mut Cx<'_>, target: Pid, slot: Slot, inherit: bool) -> Answer<Handle> {
    if !cx.world.lead_to(slot) {
        return Err(invalid_handle());
    }
    let handle = cx.world.process_mut(target).and_then(|p| {
        let handle = p.handles.insert(slot)?;
        p.handles.set_flags(handle, HandleFlags { inherit, protect: false, raw: matches!(slot, Slot::Socket(_)) });
        Some(handle)
    });
    handle.ok_or_else(|| {
        cx.world.release_slot(slot);
        Refusal::code(ErrorCode::ERROR_NOT_ENOUGH_MEMORY, Decision::Win32Handle)
    })
}

/// The flags of a handle.
pub(crate) fn get_handle_information(cx: &mut Cx<'_>, a: &GetHandleInformation) -> Answer<HandleInformation> {
    let process = cx.world.running(cx.process());
    let flags = process.and_then(|p| p.handles.flags(a.object)).ok_or_else(invalid_handle)?;
    let inherit = if flags.inherit { HANDLE_FLAG_INHERIT } else { 0 };
    let protect = if flags.protect { HANDLE_FLAG_PROTECT_FROM_CLOSE } else { 0 };
    Ok(HandleInformation { flags: inherit | protect })
}

/// Sets those flags of a handle that `mask` names.
pub(crate) fn set_handle_information(cx: &mut Cx<'_>, a: &SetHandleInformation) -> Answer<()> {
    if a.mask & !(HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0 {
        return Err(Refusal::code(ErrorCode::ERROR_INVALID_PARAMETER, Decision::Win32Handle));
    }
    let own = cx.process();
    let table = cx.world.process_mut(own).map(|p| &mut p.handles);
    let table = table.ok_or_else(invalid_handle)?;
    let mut flags = table.flags(a.object).ok_or_else(invalid_handle)?;
    if a.mask & HANDLE_FLAG_INHERIT != 0 {
        flags.inherit = a.flags & HANDLE_FLAG_INHERIT != 0;
    }
    if a.mask & HANDLE_FLAG_PROTECT_FROM_CLOSE != 0 {
        flags.protect = a.flags & HANDLE_FLAG_PROTECT_FROM_CLOSE != 0;
    }
    table.set_flags(a.object, flags);
    Ok(())
}

/// FILE_TYPE_PIPE for sockets of both kinds; all else is no file.
pub(crate) fn get_file_type(cx: &mut Cx<'_>, a: &GetFileType) -> Answer<i64> {
    match cx.world.slot(cx.process(), a.file) {
        Slot::Socket(_) | Slot::NonIfs => Ok(i64::from(FILE_TYPE_PIPE)),
        _ => Err(invalid_handle()),
    }
}
