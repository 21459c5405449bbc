//! Descriptors that are system handles: registered by WPUModifyIFSHandle, closed in the kernel.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::{Call, WPUModifyIFSHandle, WSPCleanup, WSPCloseSocket};
use crate::clause;
use crate::id::{EndpointId, Handle, Pid};
use crate::kernel::handle::Slot;
use crate::outcome::{Answer, Refusal};
use crate::protocol::{Reply, Request, Staged, Step};
use crate::provider::base::{Base, linger, startup};
use crate::provider::base_ifs::shared_socket;
use crate::wait::{Deadline, Socket, Wait};
use crate::world::Cx;

/// The IFS base provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ifs;

impl Base for Ifs {
    /// A system handle.
    type Proposed = Handle;

    fn open(cx: &mut Cx<'_>, endpoint: EndpointId) -> Answer<Handle> {
        let process = cx.process();
        let handle = cx.world.process_mut(process).and_then(|p| p.handles.insert(Slot::Socket(endpoint)));
        let handle = handle.ok_or_else(|| Refusal::code(ErrorCode::WSAEMFILE, clause!("WSPSocket.error-emfile")))?;
        cx.world.open(endpoint);
        Ok(handle)
    }

    fn forbid_inheritance(cx: &mut Cx<'_>, proposed: Handle) {
        let process = cx.process();
        if let Some(process) = cx.world.process_mut(process) {
            process.handles.forbid_inheritance(proposed);
        }
    }

    fn register(_: &mut Cx<'_>, proposed_handle: Handle, catalog_entry_id: u32) -> Request {
        Request::Up(Arc::new(Call::WPUModifyIFSHandle(WPUModifyIFSHandle { catalog_entry_id, proposed_handle })))
    }

    fn registered(cx: &mut Cx<'_>, proposed: Handle, reply: Reply) -> Answer<Handle> {
        let answer = reply.of::<WPUModifyIFSHandle>();
        match &answer {
            Ok(_) => cx.hit(clause!("WSPSocket.ifs-returns-modified")),
            Err(_) => release(cx, proposed),
        }
        answer
    }

    fn keep(cx: &mut Cx<'_>, endpoint: EndpointId, target: Pid, serial: u32) -> Answer<u32> {
        shared_socket::keep(cx, endpoint, target, serial)
    }

    fn take(cx: &mut Cx<'_>, target: Pid, reserved: u32, serial: u32) -> Option<Handle> {
        shared_socket::take(cx, target, reserved, serial)
    }

    fn number(proposed: Handle) -> u64 {
        proposed.0
    }

    fn descriptor(cx: &Cx<'_>, number: u64) -> Option<Handle> {
        let process = cx.world.running(cx.process())?;
        matches!(process.handles.get(Handle(number)), Slot::Socket(_)).then_some(())?;
        process.descriptors.like(Handle(number)).map(|d| d.handle)
    }
}

/// Frees a handle value and what was behind it.
fn release(cx: &mut Cx<'_>, handle: Handle) {
    let process = cx.process();
    let slot = cx.world.process_mut(process).map_or(Slot::Free, |p| p.handles.remove(handle));
    cx.world.release_slot(slot);
    if let Slot::Socket(endpoint) = slot {
        cx.notice_close(handle, endpoint);
    }
}

/// WSPCloseSocket: waits until data is sent where the socket lingers (`linger.rs`), then operations of this process on
/// the socket end with WSA_OPERATION_ABORTED, then the handle goes.
///
/// Ws2_32 takes the descriptor out of its table after the return; no upcall does it for a system handle. The return to a
/// provider above is none of Ws2_32's: there its entry of the handle goes at once (decision `descriptor-removal`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Close {
    /// What was sent has to arrive, until the deadline.
    Sent(Socket, Deadline),
}

impl Staged for Close {
    type Call = WSPCloseSocket;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, s: Socket, a: &WSPCloseSocket) -> Answer<Step<Self>> {
        let wait = linger::begin(cx, s)?;
        Ok(Close::when_sent(cx, s, wait, a))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPCloseSocket, _: Reply) -> Answer<Step<Self>> {
        let Close::Sent(s, deadline) = self;
        let wait = linger::go_on(cx, s, deadline)?;
        Ok(Close::when_sent(cx, s, wait, a))
    }

    fn holds(&self) -> Option<EndpointId> {
        let Close::Sent(s, _) = self;
        Some(s.endpoint)
    }
}

impl Close {
    fn when_sent(cx: &mut Cx<'_>, s: Socket, deadline: Option<Deadline>, a: &WSPCloseSocket) -> Step<Self> {
        if let Some(deadline) = deadline {
            return Step::wait(Wait::Sent { socket: s, deadline }, Close::Sent(s, deadline));
        }
        let process = cx.process();
        cx.world.cancel_operations_at_close(process, s.endpoint);
        let last = cx.world.is_last(s.endpoint);
        release(cx, a.s);
        cx.world.cancel_selection_at_close(process, s.endpoint);
        if cx.caller.is_some()
            && let Some(process) = cx.world.process_mut(process)
        {
            process.descriptors.remove(a.s);
        }
        cx.hit(if last {
            clause!("WSPDuplicateSocket.close-last-closes-socket")
        } else {
            clause!("WSPCloseSocket.not-last-keeps-socket")
        });
        Step::done(())
    }
}

/// Ends one start; the last one closes all sockets that the process still has.
pub(crate) fn cleanup(cx: &mut Cx<'_>, a: &WSPCleanup) -> Answer<()> {
    if !startup::check_cleanup(cx, a)? {
        return Ok(());
    }
    let process = cx.process();
    let leaves = is_wrong!(cx.world, CleanupLeavesDescriptors);
    let handles: Vec<_> = cx.world.running(process).map_or(Vec::new(), |p| p.handles.iter().collect());
    for (handle, slot) in handles {
        // A raw handle that was not adopted is no socket of the provider's.
        let raw = cx.world.running(process).is_some_and(|p| p.is_raw_socket(handle));
        if let Slot::Socket(endpoint) = slot
            && !raw
        {
            cx.world.abandon_operations(process, endpoint);
            startup::reset_if_last(cx, endpoint);
            release(cx, handle);
            if let Some(process) = cx.world.process_mut(process) {
                let exact = process.descriptors.like(handle).map(|d| d.handle);
                exact.filter(|_| !leaves).map(|handle| process.descriptors.remove(handle));
            }
        }
    }
    // A descriptor whose handle was closed by CloseHandle is still there.
    startup::forget_descriptors(cx);
    cx.world.cancel_selections_left(process);
    Ok(())
}
