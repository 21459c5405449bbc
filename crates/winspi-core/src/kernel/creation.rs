//! CreateProcess, threads and their ends.
//!
//! A scenario declares its processes; one that is declared as created does not run until CreateProcess names it. What
//! the new process gets from its parent is modelled: handles, a command line, an environment.

use winspi_types::ErrorCode;
use winspi_types::constants::{CREATE_SUSPENDED, STILL_ACTIVE};

use crate::call::{
    CreateProcess, GetCommandLine, GetCurrentThread, GetCurrentThreadId, GetExitCodeProcess, ResumeThread,
};
use crate::id::{Handle, Pid, Tid};
use crate::kernel::handle::Slot;
use crate::kernel::process::{Created, ProcessState};
use crate::kernel::processes::CURRENT_PROCESS;
use crate::outcome::{Answer, ExitCode, ProcessInformation, Refusal};
use crate::policy::Decision;
use crate::value::{Argument, Place, Value};
use crate::world::Cx;

/// The pseudo handle that GetCurrentThread gives.
pub(crate) const CURRENT_THREAD: Handle = Handle(u64::MAX - 1);

fn refused(code: ErrorCode) -> Refusal {
    Refusal::code(code, Decision::Win32Handle)
}

/// `bInheritHandle` of a SECURITY_ATTRIBUTES, which a scenario writes as `{inherit_handle=TRUE}`.
pub(crate) fn is_inheritable(attributes: &Value) -> bool {
    attributes.field("inherit_handle").and_then(Value::number).is_some_and(|n| n != 0)
}

/// Puts something behind a new handle of the caller; `inheritable` by its attributes.
pub(crate) fn new_handle(cx: &mut Cx<'_>, slot: Slot, inheritable: bool) -> Answer<Handle> {
    let process = cx.process();
    let handle = cx.world.process_mut(process).and_then(|p| {
        let handle = p.handles.insert(slot)?;
        if let Some(flags) = p.handles.flags(handle).filter(|_| inheritable) {
            p.handles.set_flags(handle, crate::kernel::handle::HandleFlags { inherit: true, ..flags });
        }
        Some(handle)
    });
    handle.ok_or_else(|| refused(ErrorCode::ERROR_NOT_ENOUGH_MEMORY))
}

/// Starts a process that the scenario declares as created.
///
/// Page: `processthreadsapi/nf-processthreadsapi-createprocessw`.
///
/// Which one: that whose name is `application_name`, or the first word of `command_line` (decision
/// `created-process`). It gets the inheritable handles of the caller under the same values if `inherit_handles` says so;
/// of these only the ones in `startup_info={handle_list=[...]}` where there is such a list. A socket comes as a kernel
/// handle that no Ws2_32 of the new process knows: decision `inherited-socket`.
///
/// | when | code |
/// |---|---|
/// | no such process is declared | ERROR_FILE_NOT_FOUND |
/// | a handle of the list is not inheritable, or there is a list and `inherit_handles` is FALSE | ERROR_INVALID_PARAMETER |
pub(crate) fn create_process(cx: &mut Cx<'_>, a: &CreateProcess) -> Answer<ProcessInformation> {
    if a.process_information != Place::Room {
        return Err(refused(ErrorCode::ERROR_INVALID_PARAMETER));
    }
    let child = named(cx, a)?;
    let list = match a.startup_info.field("handle_list") {
        Some(Value::List(items)) => Some(handle_list(cx, items)?),
        _ => None,
    };
    if list.is_some() && !a.inherit_handles {
        return Err(refused(ErrorCode::ERROR_INVALID_PARAMETER));
    }
    let process = new_handle(cx, Slot::Process(child), is_inheritable(&a.process_attributes))?;
    let main = Tid::main(child);
    let thread = new_handle(cx, Slot::Thread(main), is_inheritable(&a.thread_attributes));
    if thread.is_err() {
        let own = cx.process();
        cx.world.process_mut(own).map(|p| p.handles.remove(process));
    }
    let thread = thread?;
    if a.inherit_handles {
        let parent = cx.process();
        cx.world.inherit_handles(parent, child, list.as_deref());
    }
    let own = cx.process();
    let environment = match &a.environment {
        Value::Null | Value::Number(0) => cx.world.running(own).map(|p| p.created.environment.clone()),
        given => Some(given.clone()),
    };
    let created = Created { command_line: a.command_line.clone(), environment: environment.unwrap_or(Value::Null) };
    cx.world.start_process(child, created, a.creation_flags & CREATE_SUSPENDED != 0);
    let process_id = cx.world.identifier(child);
    Ok(ProcessInformation { process, thread, process_id, thread_id: main.number() })
}

/// The declared process that a call means.
fn named(cx: &Cx<'_>, a: &CreateProcess) -> Answer<Pid> {
    let none = || Refusal::code(ErrorCode::ERROR_FILE_NOT_FOUND, Decision::CreatedProcess);
    let first = |line: &Value| match line {
        Value::List(words) => words.first().cloned(),
        Value::Bytes(text) => text.split(|b| *b == b' ').next().map(Value::bytes),
        other => Some(other.clone()),
    };
    let name = match &a.application_name {
        Value::Null | Value::Number(0) => first(&a.command_line),
        given => Some(given.clone()),
    };
    let found = match name {
        Some(Value::Bytes(name)) => cx.world.all_processes().find(|p| p.name.as_bytes() == &*name),
        // A process that stands by itself in a scenario is its identifier.
        Some(Value::Number(n)) => u32::try_from(n).ok().and_then(|n| cx.world.process(cx.world.identified(n))),
        _ => None,
    };
    match found.map(|p| (p.pid, p.state)) {
        Some((pid, ProcessState::Declared)) => Ok(pid),
        Some(_) => Err(Refusal::not_modelled("a second process of one declaration")),
        None => Err(none()),
    }
}

/// PROC_THREAD_ATTRIBUTE_HANDLE_LIST: the handles still have to be inheritable.
fn handle_list(cx: &Cx<'_>, items: &[Value]) -> Answer<Vec<Handle>> {
    let invalid = || refused(ErrorCode::ERROR_INVALID_PARAMETER);
    let handles: Result<Vec<Handle>, _> = items.iter().map(Handle::read).collect();
    let handles = handles.map_err(|_| invalid())?;
    let process = cx.world.running(cx.process()).ok_or_else(invalid)?;
    let all = handles.iter().all(|h| process.handles.flags(*h).is_some_and(|f| f.inherit));
    if all { Ok(handles) } else { Err(invalid()) }
}

/// The command line that the process was created with, as its parent gave it.
pub(crate) fn get_command_line(cx: &mut Cx<'_>, _: &GetCommandLine) -> Answer<Value> {
    Ok(cx.world.running(cx.process()).map_or(Value::Null, |p| p.created.command_line.clone()))
}

/// The exit code of a process, or STILL_ACTIVE.
pub(crate) fn get_exit_code_process(cx: &mut Cx<'_>, a: &GetExitCodeProcess) -> Answer<ExitCode> {
    let own = cx.process();
    let process = match (a.process, cx.world.slot(own, a.process)) {
        (CURRENT_PROCESS, _) => own,
        (_, Slot::Process(pid)) => pid,
        _ => return Err(refused(ErrorCode::ERROR_INVALID_HANDLE)),
    };
    let exit_code = match cx.world.process(process).map(|p| p.state) {
        Some(ProcessState::Ended(code)) => code,
        _ => STILL_ACTIVE,
    };
    Ok(ExitCode { exit_code })
}

/// The pseudo handle of the calling thread.
pub(crate) fn get_current_thread(_: &mut Cx<'_>, _: &GetCurrentThread) -> Answer<Handle> {
    Ok(CURRENT_THREAD)
}

/// The identifier of the calling thread.
pub(crate) fn get_current_thread_id(cx: &mut Cx<'_>, _: &GetCurrentThreadId) -> Answer<i64> {
    Ok(i64::from(cx.thread.number()))
}

/// Lets a suspended thread go on; gives how often it was suspended before.
pub(crate) fn resume_thread(cx: &mut Cx<'_>, a: &ResumeThread) -> Answer<i64> {
    let own = cx.process();
    let thread = match (a.thread, cx.world.slot(own, a.thread)) {
        (CURRENT_THREAD, _) => cx.thread,
        (_, Slot::Thread(tid)) => tid,
        _ => return Err(refused(ErrorCode::ERROR_INVALID_HANDLE)),
    };
    cx.world.resume_thread(thread).map(i64::from).ok_or_else(|| refused(ErrorCode::ERROR_INVALID_HANDLE))
}
