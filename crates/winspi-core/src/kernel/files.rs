//! ReadFile and WriteFile on sockets, and the overlapped operations of files.
//!
//! An IFS handle is a kernel object: what is read from it comes from the socket itself, and no layer sees it. A handle
//! that WPUCreateSocketHandle made has nothing in the kernel but a file of Ws2_32's driver, which redirects to WSPRecv
//! and WSPSend of the provider that the handle is registered for.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::{Call, CancelIo, CancelIoEx, GetOverlappedResult, ReadFile, WSPRecv, WSPSend, WriteFile};
use crate::clause;
use crate::id::{CellId, EndpointId, Handle, InstanceId, Tid};
use crate::kernel::handle::Slot;
use crate::kernel::memory::Overlapped;
use crate::kernel::operation::{Completion, Operation, OperationState};
use crate::outcome::{Answer, FileRead, FileWritten, Out, Outcome, Refusal, Transferred};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::{data, network_event};
use crate::value::{Buffers, Length, Pointer, Value};
use crate::wait::{Holder, Socket, Wait};
use crate::world::{Cx, World};

/// What a file handle of the caller is.
enum Target {
    /// A kernel socket.
    Socket(Socket),
    /// A handle that WPUCreateSocketHandle made for a provider.
    Provider(InstanceId),
}

fn target(cx: &Cx<'_>, file: Handle) -> Answer<Target> {
    let process = cx.process();
    let invalid = || Refusal::code(ErrorCode::ERROR_INVALID_HANDLE, Decision::Win32Handle);
    match cx.world.slot(process, file) {
        Slot::Socket(endpoint) => Ok(Target::Socket(Socket { holder: Holder::Handle(process, file), endpoint })),
        Slot::NonIfs => {
            let descriptor = cx.world.running(process).and_then(|p| p.descriptors.get(file));
            let provider = descriptor.and_then(|d| cx.world.catalog().provider_of(d.catalog_entry_id));
            provider.map(|provider| Target::Provider(InstanceId { process, provider })).ok_or_else(invalid)
        }
        _ => Err(invalid()),
    }
}

/// The one buffer of a file function, with a spoiled length.
fn one_buffer(buffers: &Buffers, length: Length) -> Buffers {
    let mut buffers = buffers.clone();
    if let (Pointer::To(list), Some(length)) = (&mut buffers, length.0) {
        for buffer in list.iter_mut().take(1) {
            buffer.len = u32::try_from(length).unwrap_or(0);
        }
    }
    buffers
}

/// Puts the result of the socket function into that of the file function.
fn told(step: Step<data::Recv>) -> Step<Reading> {
    match step {
        Step::Return(outcome) => Step::Return(read(outcome)),
        Step::Ask(request, stage) => Step::Ask(request, Reading::Socket(stage)),
    }
}

fn read(outcome: Outcome) -> Outcome {
    let result = outcome.result.map(|out| match out {
        Out::Received(received) => Out::FileRead(FileRead { data: received.data }),
        other => other,
    });
    Outcome { result, ..outcome }
}

/// ReadFile on a socket.
///
/// Page: `fileapi/nf-fileapi-readfile`. Codes are those of WSPRecv: decision `file-io-codes`.
///
/// | clause | handle |
/// |---|---|
/// | `WPUModifyIFSHandle.lsp-readfile-bypass` | of an IFS provider: the kernel's socket answers |
/// | `WPUCreateSocketHandle.readfile-redirect` | made by WPUCreateSocketHandle: the provider's WSPRecv answers |
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reading {
    /// The socket receives.
    Socket(data::Recv),
    /// The provider receives.
    Redirected,
}

fn receive(a: &ReadFile) -> WSPRecv {
    WSPRecv {
        s: a.file,
        buffers: one_buffer(&a.buffer, a.number_of_bytes_to_read),
        buffer_count: Length(None),
        number_of_bytes_recvd: a.number_of_bytes_read,
        flags: 0,
        overlapped: a.overlapped,
        completion_routine: Pointer::Null,
        thread_id: Value::Null,
    }
}

impl Staged for Reading {
    type Call = ReadFile;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &ReadFile) -> Answer<Step<Self>> {
        let call = receive(a);
        match target(cx, a.file)? {
            Target::Socket(socket) => {
                cx.hit(clause!("WPUModifyIFSHandle.lsp-readfile-bypass"));
                let answer = data::Recv::begin(cx, socket, &call);
                network_event::after(cx, socket, &Call::WSPRecv(call), &answer);
                answer.map(told)
            }
            Target::Provider(instance) => {
                cx.hit(clause!("WPUCreateSocketHandle.readfile-redirect"));
                Ok(Step::down(instance, call, Reading::Redirected))
            }
        }
    }

    fn resume(self, cx: &mut Cx<'_>, a: &ReadFile, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Reading::Socket(stage) => stage.resume(cx, &receive(a), reply).map(told),
            Reading::Redirected => Ok(Step::Return(read(reply.outcome()))),
        }
    }

    fn holds(&self) -> Option<EndpointId> {
        match self {
            Reading::Socket(stage) => stage.holds(),
            Reading::Redirected => None,
        }
    }
}

/// WriteFile on a socket.
///
/// Page: `fileapi/nf-fileapi-writefile`. Codes are those of WSPSend: decision `file-io-codes`.
///
/// | clause | handle |
/// |---|---|
/// | `WPUModifyIFSHandle.lsp-writefile-bypass` | of an IFS provider: the kernel's socket answers |
/// | `WPUCreateSocketHandle.writefile-redirect` | made by WPUCreateSocketHandle: the provider's WSPSend answers |
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Writing {
    /// The socket sends.
    Socket(data::Send),
    /// The provider sends.
    Redirected,
}

fn send(a: &WriteFile) -> WSPSend {
    WSPSend {
        s: a.file,
        buffers: one_buffer(&a.buffer, a.number_of_bytes_to_write),
        buffer_count: Length(None),
        number_of_bytes_sent: a.number_of_bytes_written,
        flags: 0,
        overlapped: a.overlapped,
        completion_routine: Pointer::Null,
        thread_id: Value::Null,
    }
}

fn written(outcome: Outcome) -> Outcome {
    let result = outcome.result.map(|out| match out {
        Out::Sent(sent) => Out::FileWritten(FileWritten { number_of_bytes_written: sent.number_of_bytes_sent }),
        other => other,
    });
    Outcome { result, ..outcome }
}

fn told_of_sending(step: Step<data::Send>) -> Step<Writing> {
    match step {
        Step::Return(outcome) => Step::Return(written(outcome)),
        Step::Ask(request, stage) => Step::Ask(request, Writing::Socket(stage)),
    }
}

impl Staged for Writing {
    type Call = WriteFile;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WriteFile) -> Answer<Step<Self>> {
        let call = send(a);
        match target(cx, a.file)? {
            Target::Socket(socket) => {
                cx.hit(clause!("WPUModifyIFSHandle.lsp-writefile-bypass"));
                let answer = data::Send::begin(cx, socket, &call);
                network_event::after(cx, socket, &Call::WSPSend(call), &answer);
                answer.map(told_of_sending)
            }
            Target::Provider(instance) => {
                cx.hit(clause!("WPUCreateSocketHandle.writefile-redirect"));
                Ok(Step::down(instance, call, Writing::Redirected))
            }
        }
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WriteFile, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Writing::Socket(stage) => stage.resume(cx, &send(a), reply).map(told_of_sending),
            Writing::Redirected => Ok(Step::Return(written(reply.outcome()))),
        }
    }

    fn holds(&self) -> Option<EndpointId> {
        match self {
            Writing::Socket(stage) => stage.holds(),
            Writing::Redirected => None,
        }
    }
}

/// GetOverlappedResult: looks at the WSAOVERLAPPED alone, and waits for its end if asked to.
///
/// Page: `ioapiset/nf-ioapiset-getoverlappedresult`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Result {
    /// The operation has to end.
    Ends(CellId),
}

impl Staged for Result {
    type Call = GetOverlappedResult;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &GetOverlappedResult) -> Answer<Step<Self>> {
        target(cx, a.file)?;
        let Pointer::To(cell) = a.overlapped else {
            return Err(Refusal::code(ErrorCode::ERROR_INVALID_PARAMETER, Decision::BadMemory));
        };
        look(cx, a, cell)
    }

    fn resume(self, cx: &mut Cx<'_>, a: &GetOverlappedResult, _: Reply) -> Answer<Step<Self>> {
        let Result::Ends(cell) = self;
        look(cx, a, cell)
    }
}

fn look(cx: &mut Cx<'_>, a: &GetOverlappedResult, cell: CellId) -> Answer<Step<Result>> {
    let process = cx.process();
    let Some(overlapped) = cx.world.overlapped(process, cell) else {
        return Err(Refusal::code(ErrorCode::ERROR_INVALID_PARAMETER, Decision::BadMemory));
    };
    if overlapped.internal == Overlapped::IN_PROGRESS {
        if !a.wait {
            return Err(Refusal::code(ErrorCode::ERROR_IO_INCOMPLETE, Decision::Win32Handle));
        }
        return Ok(Step::wait(Wait::Completed { process, cell }, Result::Ends(cell)));
    }
    let code = u32::try_from(overlapped.internal).map_or(ErrorCode::ERROR_GEN_FAILURE, |n| ErrorCode(n.cast_signed()));
    let number_of_bytes_transferred = u32::try_from(overlapped.internal_high).unwrap_or(u32::MAX);
    if code != ErrorCode(0) {
        let transferred = Value::Number(i64::from(number_of_bytes_transferred));
        return Err(Refusal::code(code, Decision::FileIoCodes).writing("number_of_bytes_transferred", transferred));
    }
    Ok(Step::done(Transferred { number_of_bytes_transferred }))
}

impl World {
    /// Ends those pending operations that the question picks, with WSA_OPERATION_ABORTED. How many there were.
    fn cancel_where(&mut self, which: impl Fn(&Operation) -> bool) -> usize {
        let picked = self.operations().filter(|(_, op)| op.state == OperationState::Pending && which(op));
        let mut pending: Vec<_> = picked.map(|(id, op)| (op.place(), id)).collect();
        pending.sort_unstable();
        let aborted = Completion { error: ErrorCode::WSA_OPERATION_ABORTED, transferred: 0, flags: 0 };
        for (_, id) in &pending {
            self.end_operation(*id, aborted);
        }
        pending.len()
    }
}

/// What is cancelled: operations of a process on a socket, of one thread perhaps, with one structure perhaps.
fn cancel(cx: &mut Cx<'_>, file: Handle, thread: Option<Tid>, cell: Option<CellId>) -> Answer<usize> {
    let Target::Socket(socket) = target(cx, file)? else {
        // WSCInstallProviderAndChains64_32.non-ifs-no-cancelio; the code is not given.
        return Err(Refusal::code(ErrorCode::ERROR_INVALID_FUNCTION, Decision::CancelOnNonIfs));
    };
    let process = cx.process();
    Ok(cx.world.cancel_where(|op| {
        op.socket.endpoint == socket.endpoint
            && op.instance.process == process
            && thread.is_none_or(|t| t == op.thread)
            && cell.is_none_or(|c| c == op.cell)
    }))
}

/// Cancels what the calling thread has issued on a file. Page: `ioapiset/nf-ioapiset-cancelio`.
///
/// A handle that WPUCreateSocketHandle made gives ERROR_INVALID_FUNCTION, and its operations go on (decision
/// `cancel-on-non-ifs`).
pub(crate) fn cancel_io(cx: &mut Cx<'_>, a: &CancelIo) -> Answer<()> {
    let thread = cx.thread;
    cancel(cx, a.file, Some(thread), None)?;
    Ok(())
}

/// Cancels what the process has issued on a file: all, or the operation with this structure. Page:
/// `ioapiset/nf-ioapiset-cancelioex`. Where there is nothing it gives ERROR_NOT_FOUND.
pub(crate) fn cancel_io_ex(cx: &mut Cx<'_>, a: &CancelIoEx) -> Answer<()> {
    let cell = a.overlapped.get().copied();
    match cancel(cx, a.file, None, cell)? {
        0 => Err(Refusal::code(ErrorCode::ERROR_NOT_FOUND, Decision::Win32Handle)),
        _ => Ok(()),
    }
}
