//! Processes as programs see them.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::{ExitProcess, ExitThread, GetCurrentProcess, GetCurrentProcessId, OpenProcess, TerminateProcess};
use crate::clause;
use crate::id::Handle;
use crate::kernel::handle::Slot;
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::protocol::{Reply, Request, Staged, Step};
use crate::world::Cx;

/// The pseudo handle that GetCurrentProcess gives.
pub(crate) const CURRENT_PROCESS: Handle = Handle(u64::MAX);

/// The pseudo handle of the caller.
pub(crate) fn get_current_process(_: &mut Cx<'_>, _: &GetCurrentProcess) -> Answer<Handle> {
    Ok(CURRENT_PROCESS)
}

/// The identifier of the caller.
pub(crate) fn get_current_process_id(cx: &mut Cx<'_>, _: &GetCurrentProcessId) -> Answer<i64> {
    Ok(i64::from(cx.world.identifier(cx.process())))
}

/// A handle of a process that runs.
pub(crate) fn open_process(cx: &mut Cx<'_>, a: &OpenProcess) -> Answer<Handle> {
    let refused = || Refusal::code(ErrorCode::ERROR_INVALID_PARAMETER, Decision::Win32Handle);
    let target = cx.world.running(cx.world.identified(a.process_id)).map(|p| p.pid).ok_or_else(refused)?;
    if cx.world.faults().denies(target) {
        return Err(Refusal::code(ErrorCode::ERROR_ACCESS_DENIED, Decision::AccessDenied));
    }
    let process = cx.process();
    let handle = cx.world.process_mut(process).and_then(|p| p.handles.insert(Slot::Process(target)));
    handle.ok_or_else(refused)
}

/// ExitProcess: never comes back.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Exit {
    /// The loop ends the process.
    Ended,
}

impl Staged for Exit {
    type Call = ExitProcess;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &ExitProcess) -> Answer<Step<Self>> {
        let process = cx.process();
        if cx.world.instances_of(process).next().is_some() {
            cx.hit(clause!("WSPCleanup.exit-without-cleanup"));
        }
        Ok(Step::Ask(Request::EndProcess { process, code: a.exit_code }, Exit::Ended))
    }

    fn resume(self, _: &mut Cx<'_>, _: &ExitProcess, _: Reply) -> Answer<Step<Self>> {
        Ok(Step::done(()))
    }
}

/// ExitThread: never comes back.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExitOfThread {
    /// The loop ends the thread.
    Ended,
}

impl Staged for ExitOfThread {
    type Call = ExitThread;
    type At = ();

    fn begin(_: &mut Cx<'_>, (): (), a: &ExitThread) -> Answer<Step<Self>> {
        Ok(Step::Ask(Request::EndThread { code: a.exit_code }, ExitOfThread::Ended))
    }

    fn resume(self, _: &mut Cx<'_>, _: &ExitThread, _: Reply) -> Answer<Step<Self>> {
        Ok(Step::done(()))
    }
}

/// TerminateProcess: comes back unless the process is the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Terminate {
    /// The loop ends the process.
    Ended,
}

impl Staged for Terminate {
    type Call = TerminateProcess;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &TerminateProcess) -> Answer<Step<Self>> {
        let own = cx.process();
        let process = match (a.process, cx.world.slot(own, a.process)) {
            (CURRENT_PROCESS, _) => own,
            (_, Slot::Process(pid)) => pid,
            _ => return Err(Refusal::code(ErrorCode::ERROR_INVALID_HANDLE, Decision::Win32Handle)),
        };
        if cx.world.running(process).is_none() {
            return Err(Refusal::code(ErrorCode::ERROR_ACCESS_DENIED, Decision::Win32Handle));
        }
        Ok(Step::Ask(Request::EndProcess { process, code: a.exit_code }, Terminate::Ended))
    }

    fn resume(self, _: &mut Cx<'_>, _: &TerminateProcess, _: Reply) -> Answer<Step<Self>> {
        Ok(Step::done(()))
    }
}
