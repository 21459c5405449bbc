//! Upcalls: what Ws2_32 does for providers. None of them waits.

use winspi_types::ErrorCode;

use crate::activation;
use crate::call::{
    Call, WPUCloseSocketHandle, WPUCompleteOverlappedRequest, WPUCreateSocketHandle, WPUFDIsSet, WPUGetProviderPath,
    WPUModifyIFSHandle, WPUQuerySocketHandleContext,
};
use crate::clause;
use crate::event::Duty;
use crate::id::{Handle, InstanceId};
use crate::kernel::handle::Slot;
use crate::kernel::operation::Completion;
use crate::outcome::{Answer, Context, Out, OutValue, Refusal};
use crate::policy::{Decision, ModifyHandle};
use crate::rule;
use crate::value::{Place, Pointer, Value};
use crate::world::Cx;
use crate::ws2_32::Stage;
use crate::ws2_32::descriptor::Descriptor;

/// Answers an upcall; `None` for a call that is none.
pub(crate) fn answer(cx: &mut Cx<'_>, call: &Call) -> Option<Answer<Out>> {
    Some(match call {
        Call::WPUCreateSocketHandle(a) => create_socket_handle(cx, a).map(OutValue::wrap),
        Call::WPUCloseSocketHandle(a) => close_socket_handle(cx, a).map(OutValue::wrap),
        Call::WPUModifyIFSHandle(a) => modify_ifs_handle(cx, a).map(OutValue::wrap),
        Call::WPUQuerySocketHandleContext(a) => query_socket_handle_context(cx, a).map(OutValue::wrap),
        Call::WPUGetProviderPath(a) => get_provider_path(cx, a).map(OutValue::wrap),
        Call::WPUCompleteOverlappedRequest(a) => complete_overlapped_request(cx, a).map(OutValue::wrap),
        Call::WPUFDIsSet(a) => fd_is_set(cx, a).map(OutValue::wrap),
        _ => return None,
    })
}

/// The descriptor of a handle that WPUCreateSocketHandle made.
fn created(cx: &Cx<'_>, handle: Handle) -> Option<Descriptor> {
    let descriptor = cx.world.running(cx.process())?.descriptors.get(handle)?;
    descriptor.context.is_some().then_some(*descriptor)
}

pub(crate) fn register(cx: &mut Cx<'_>, handle: Handle, catalog_entry_id: u32, context: Option<Context>) {
    let process = cx.process();
    let turn = turn(cx, handle);
    let descriptor = Descriptor { handle, catalog_entry_id, context, port: None, turn };
    let displaced = cx.world.process_mut(process).and_then(|process| process.descriptors.insert(descriptor));
    // Somebody had closed the handle behind Ws2_32 (decision `close-handle`).
    if let Some(displaced) = displaced {
        cx.world.stray(process, displaced.handle);
    }
}

/// The turn of a new registration: after those that other threads are closing.
fn turn(cx: &Cx<'_>, handle: Handle) -> u32 {
    let threads = cx.world.threads_of(cx.process());
    let closing = threads.flat_map(|(_, thread)| &thread.stack).filter_map(|activation| match &activation.stage {
        activation::Stage::Ws2_32(Stage::Closing { handle: closed, turn }) if *closed == handle => {
            Some(turn.saturating_add(1))
        }
        _ => None,
    });
    closing.max().unwrap_or(0)
}

/// The catalog entry that an upcall names: one of a provider that is started here. A provider that was ended while one
/// of its calls was still under way has no descriptors any more.
fn entry_of_started(cx: &Cx<'_>, id: u32) -> Answer<u32> {
    let entry = cx.world.catalog().entry_or_refuse(id)?;
    let instance = InstanceId { process: cx.process(), provider: entry.provider };
    if cx.world.instance(instance).is_none() {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, Decision::UnknownCatalogEntry));
    }
    Ok(entry.id)
}

fn create_socket_handle(cx: &mut Cx<'_>, a: &WPUCreateSocketHandle) -> Answer<Handle> {
    let entry = entry_of_started(cx, a.catalog_entry_id)?;
    let process = cx.process();
    rule!(!cx.world.faults().lacks_buffers(process), WSAENOBUFS, "WPUCreateSocketHandle.no-buffers");
    let handle = cx.world.process_mut(process).and_then(|p| p.handles.insert(Slot::NonIfs));
    let handle =
        handle.ok_or_else(|| Refusal::code(ErrorCode::WSAENOBUFS, clause!("WPUCreateSocketHandle.no-buffers")))?;
    register(cx, handle, entry, Some(Context(a.context)));
    cx.hit(clause!("WPUCreateSocketHandle.associates-context"));
    Ok(handle)
}

fn close_socket_handle(cx: &mut Cx<'_>, a: &WPUCloseSocketHandle) -> Answer<()> {
    rule!(created(cx, a.s).is_some(), WSAENOTSOCK, "WPUCloseSocketHandle.not-a-created-handle");
    let process = cx.process();
    if let Some(process) = cx.world.process_mut(process) {
        process.remove_descriptor(a.s);
    }
    cx.hit(clause!("WPUCloseSocketHandle.removes-from-table"));
    Ok(())
}

fn modify_ifs_handle(cx: &mut Cx<'_>, a: &WPUModifyIFSHandle) -> Answer<Handle> {
    let entry = entry_of_started(cx, a.catalog_entry_id)?;
    let process = cx.process();
    let socket = matches!(cx.world.slot(process, a.proposed_handle), Slot::Socket(_));
    rule!(socket, WSAEINVAL, "WPUModifyIFSHandle.invalid-handle");
    let handle = match cx.world.policy().modify_handle {
        ModifyHandle::Same => a.proposed_handle,
        // The kernel ignores the two low bits: WPUModifyIFSHandle.indistinguishable.
        ModifyHandle::Changed => Handle((a.proposed_handle.0 & !3) | ((a.proposed_handle.0 + 1) & 3)),
    };
    register(cx, handle, entry, None);
    cx.hit(clause!("WPUModifyIFSHandle.registers-association"));
    Ok(handle)
}

fn query_socket_handle_context(cx: &mut Cx<'_>, a: &WPUQuerySocketHandleContext) -> Answer<Context> {
    let context = created(cx, a.s).and_then(|d| d.context);
    context
        .ok_or_else(|| Refusal::code(ErrorCode::WSAENOTSOCK, clause!("WPUQuerySocketHandleContext.not-created-handle")))
}

fn get_provider_path(cx: &mut Cx<'_>, a: &WPUGetProviderPath) -> Answer<String> {
    rule!(a.provider_dll_path != Place::Bad, WSAEFAULT, "WPUGetProviderPath.bad-path-pointer");
    let provider = cx.world.catalog().provider_by_guid(a.provider_id);
    let path = provider.map(|p| p.path.clone());
    let path =
        path.ok_or_else(|| Refusal::code(ErrorCode::WSAEINVAL, clause!("WPUGetProviderPath.unknown-provider")))?;
    // The length counts characters, the final NUL included.
    let needed = path.len() + 1;
    if a.provider_dll_path_len.or(needed) < needed as i64 {
        let small = Refusal::code(ErrorCode::WSAEFAULT, clause!("WPUGetProviderPath.buffer-too-small"));
        return Err(small.writing("provider_dll_path_len", Value::Number(needed as i64)));
    }
    // What the length is afterwards is open.
    cx.hit(Decision::PathLength);
    Ok(path)
}

fn complete_overlapped_request(cx: &mut Cx<'_>, a: &WPUCompleteOverlappedRequest) -> Answer<()> {
    let descriptor = created(cx, a.s);
    if descriptor.is_none() {
        let known = clause!("WPUCompleteOverlappedRequest.not-created-handle");
        // The final WSPCleanup takes all handles, and nobody is told (decision `final-cleanup`). Of a value that was
        // closed behind Ws2_32 the provider cannot know who closes it next (decision `close-handle`).
        if let (Some(provider), Pointer::To(cell)) = (cx.caller, a.overlapped)
            && cx.world.instance(provider).is_some()
            && !cx.world.has_strayed(provider, cell)
            && !cx.world.is_within(provider, |call| matches!(call, Call::WSPCleanup(_)))
        {
            let seen = format!("the completion of an operation on {} came after its handle was closed", a.s);
            cx.world.breach(provider, Duty::UncompletedOperation, known, seen);
        }
        return Err(Refusal::code(ErrorCode::WSAEINVAL, known));
    }
    let Pointer::To(cell) = a.overlapped else {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, Decision::BadMemory));
    };
    let error = ErrorCode(a.error.cast_signed());
    let process = cx.process();
    let flags = cx.world.overlapped(process, cell).map_or(0, |o| o.offset);
    cx.world.indicate(process, cell, Completion { error, transferred: a.transferred, flags });
    // Both: decision `port-and-event`.
    let port = descriptor.and_then(|d| d.port);
    let completion = Completion { error, transferred: a.transferred, flags };
    if cx.world.report_unless_suppressed(process, cell, port, completion) {
        cx.hit(clause!("WPUCompleteOverlappedRequest.queues-to-port"));
    }
    cx.hit(clause!("WPUCompleteOverlappedRequest.signals-event"));
    Ok(())
}

fn fd_is_set(cx: &mut Cx<'_>, a: &WPUFDIsSet) -> Answer<i64> {
    let member = match &a.fdset {
        Value::List(items) => items.iter().any(|item| *item == Value::from(a.s)),
        _ => false,
    };
    cx.hit(if member { clause!("WPUFDIsSet.member") } else { clause!("WPUFDIsSet.non-member") });
    Ok(i64::from(member))
}
