//! Descriptors that WPUCreateSocketHandle makes for lower numbers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::{Call, WPUCloseSocketHandle, WPUCreateSocketHandle, WSPCleanup, WSPCloseSocket};
use crate::clause;
use crate::id::{EndpointId, Handle, Pid};
use crate::outcome::{Answer, Refusal};
use crate::protocol::{Reply, Request, Staged, Step};
use crate::provider::base::{Base, linger, startup};
use crate::provider::base_non_ifs::shared_socket;
use crate::provider::instance::Record;
use crate::wait::{Deadline, Holder, Socket, Wait};
use crate::world::Cx;
use crate::ws2_32::descriptor::Descriptor;

/// The non-IFS base provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NonIfs;

impl Base for NonIfs {
    /// A lower number.
    type Proposed = u32;

    fn open(cx: &mut Cx<'_>, endpoint: EndpointId) -> Answer<u32> {
        let number = insert(cx, endpoint)
            .ok_or_else(|| Refusal::code(ErrorCode::WSAEMFILE, clause!("WSPSocket.error-emfile")))?;
        cx.world.open(endpoint);
        Ok(number)
    }

    fn register(_: &mut Cx<'_>, number: u32, catalog_entry_id: u32) -> Request {
        let context = u64::from(number);
        Request::Up(Arc::new(Call::WPUCreateSocketHandle(WPUCreateSocketHandle { catalog_entry_id, context })))
    }

    fn registered(cx: &mut Cx<'_>, number: u32, reply: Reply) -> Answer<Handle> {
        let answer = reply.of::<WPUCreateSocketHandle>();
        match &answer {
            Ok(_) => cx.hit(clause!("WSPSocket.nonifs-create-handle")),
            Err(_) => remove(cx, number, None),
        }
        answer
    }

    fn keep(cx: &mut Cx<'_>, endpoint: EndpointId, target: Pid, serial: u32) -> Answer<u32> {
        shared_socket::keep(cx, endpoint, target, serial)
    }

    fn take(cx: &mut Cx<'_>, target: Pid, reserved: u32, serial: u32) -> Option<u32> {
        shared_socket::take(cx, target, reserved, serial)
    }

    fn number(proposed: u32) -> u64 {
        u64::from(proposed)
    }

    fn descriptor(cx: &Cx<'_>, number: u64) -> Option<Handle> {
        let me = cx.instance();
        cx.world.held(Holder::Lower(me, u32::try_from(number).ok()?))?;
        let mut descriptors = cx.world.running(me.process)?.descriptors.iter();
        let own = |d: &&Descriptor| cx.world.catalog().provider_of(d.catalog_entry_id) == Some(me.provider);
        descriptors.find(|d| d.context.is_some_and(|c| c.0 == number) && own(d)).map(|d| d.handle)
    }
}

/// Gives a socket a lower number; its count is the caller's business.
pub(crate) fn insert(cx: &mut Cx<'_>, endpoint: EndpointId) -> Option<u32> {
    let me = cx.instance();
    match &mut cx.world.instance_mut(me)?.record {
        Record::BaseNonIfs(table) => Some(table.insert(endpoint)),
        _ => None,
    }
}

/// The socket of a lower number whose close has begun.
fn endpoint(cx: &Cx<'_>, number: u32) -> Option<EndpointId> {
    match &cx.world.instance(cx.instance())?.record {
        Record::BaseNonIfs(table) => table.endpoint(number),
        _ => None,
    }
}

/// Calls find no socket under this number from now on; those that wait end.
fn begin_close(cx: &mut Cx<'_>, number: u32) {
    let me = cx.instance();
    if let Some(Record::BaseNonIfs(table)) = cx.world.instance_mut(me).map(|i| &mut i.record) {
        table.begin_close(number);
    }
}

/// Frees a lower number and closes its socket; the handle that the program closed, if it was one.
fn remove(cx: &mut Cx<'_>, number: u32, handle: Option<Handle>) {
    let me = cx.instance();
    let endpoint = match cx.world.instance_mut(me).map(|i| &mut i.record) {
        Some(Record::BaseNonIfs(table)) => table.remove(number),
        _ => None,
    };
    if let Some(endpoint) = endpoint {
        cx.world.close(endpoint);
        if let Some(handle) = handle {
            cx.notice_close(handle, endpoint);
        }
    }
}

/// WSPCloseSocket: waits until the completions of the socket are announced, then gives the handle back.
///
/// WPUCompleteOverlappedRequest needs the handle, so it must not go first: decision `close-waits-for-completions`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Close {
    /// What was sent has to arrive, until the deadline (`linger.rs`).
    Sent(Socket, Deadline),
    /// Its operations have to be announced.
    Drained {
        /// The lower number.
        number: u32,
    },
    /// Ws2_32 takes the handle back.
    HandleClosed {
        /// The lower number.
        number: u32,
    },
}

impl Staged for Close {
    type Call = WSPCloseSocket;
    type At = Socket;

    fn begin(cx: &mut Cx<'_>, s: Socket, a: &WSPCloseSocket) -> Answer<Step<Self>> {
        let deadline = linger::begin(cx, s)?;
        Close::when_sent(cx, s, deadline, a)
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPCloseSocket, reply: Reply) -> Answer<Step<Self>> {
        match self {
            Close::Sent(s, deadline) => {
                let deadline = linger::go_on(cx, s, deadline)?;
                Close::when_sent(cx, s, deadline, a)
            }
            Close::Drained { number } => Ok(Close::when_drained(cx, number, a)),
            Close::HandleClosed { number } => {
                let answer = reply.of::<WPUCloseSocketHandle>();
                let socket = endpoint(cx, number);
                let last = socket.is_some_and(|e| cx.world.is_last(e));
                if !is_wrong!(cx.world, CloseLeavesNumber) {
                    remove(cx, number, Some(a.s));
                }
                if let Some(endpoint) = socket {
                    let process = cx.process();
                    cx.world.cancel_selection_at_close(process, endpoint);
                }
                answer?;
                cx.hit(if last {
                    clause!("WSPDuplicateSocket.close-last-closes-socket")
                } else {
                    clause!("WSPCloseSocket.not-last-keeps-socket")
                });
                Ok(Step::done(()))
            }
        }
    }

    fn holds(&self) -> Option<EndpointId> {
        match self {
            Close::Sent(s, _) => Some(s.endpoint),
            Close::Drained { .. } | Close::HandleClosed { .. } => None,
        }
    }
}

impl Close {
    fn when_sent(cx: &mut Cx<'_>, s: Socket, deadline: Option<Deadline>, a: &WSPCloseSocket) -> Answer<Step<Self>> {
        if let Some(deadline) = deadline {
            return Ok(Step::wait(Wait::Sent { socket: s, deadline }, Close::Sent(s, deadline)));
        }
        let Holder::Lower(_, number) = s.holder else {
            return Err(crate::provider::base::not_a_socket(<WSPCloseSocket as crate::call::Signature>::FUNCTION));
        };
        begin_close(cx, number);
        let process = cx.process();
        cx.world.cancel_operations(process, s.endpoint);
        Ok(Close::when_drained(cx, number, a))
    }

    fn when_drained(cx: &mut Cx<'_>, number: u32, a: &WSPCloseSocket) -> Step<Self> {
        let instance = cx.instance();
        if cx.world.operations_of_record(instance, number) > 0 {
            return Step::wait(Wait::Drained { instance, record: number }, Close::Drained { number });
        }
        Step::up(WPUCloseSocketHandle { s: a.s }, Close::HandleClosed { number })
    }
}

/// Ends one start; the last one closes all sockets that the provider still has in the process.
pub(crate) fn cleanup(cx: &mut Cx<'_>, a: &WSPCleanup) -> Answer<()> {
    if !startup::check_cleanup(cx, a)? {
        return Ok(());
    }
    let me = cx.instance();
    let mine = cx.world.operations().filter(|(_, op)| op.instance == me);
    let sockets: std::collections::BTreeSet<EndpointId> = mine.map(|(_, op)| op.socket.endpoint).collect();
    for endpoint in sockets {
        cx.world.abandon_operations(me.process, endpoint);
    }
    let sockets: Vec<EndpointId> = match cx.world.instance(me).map(|i| &i.record) {
        Some(Record::BaseNonIfs(table)) => table.iter().map(|(_, endpoint)| endpoint).collect(),
        _ => Vec::new(),
    };
    for endpoint in sockets {
        startup::reset_if_last(cx, endpoint);
    }
    let sockets: Vec<EndpointId> = cx.world.sockets_of(me.process);
    cx.world.release_record(me);
    for endpoint in sockets {
        cx.notice_close("its sockets", endpoint);
    }
    cx.world.cancel_selections_left(me.process);
    startup::forget_descriptors(cx);
    Ok(())
}
