//! The blocking hook: what a base provider does in a thread of a 1.1 program before it waits.
//!
//! Pages: `WinSock/blocking-hook-2`, `WinSock/canceling-blocking-operations-2`. A hook is Ws2_32's, by thread; the
//! provider asks for it with WPUQueryBlockingCallback, calls it, and looks whether it has called WSPCancelBlockingCall.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::{BlockingCallback, Callback, Signature, WPUQueryBlockingCallback, WSPCancelBlockingCall};
use crate::clause;
use crate::id::EndpointId;
use crate::kernel::process::Blocking;
use crate::outcome::{Answer, BlockingHook, Refusal};
use crate::protocol::{Reply, Request, Step};
use crate::rule;
use crate::value::Place;
use crate::wait::Wait;
use crate::world::Cx;

/// A call that is about to wait in a thread with a hook.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Blocked<S> {
    /// What it is going to wait for.
    wait: Wait,
    /// Where it goes on when that is so.
    pub(crate) stage: S,
    /// Whether the hook runs; otherwise it is being asked for.
    hook_runs: bool,
}

/// The two stages of a provider that a call can be at: in its function, or about to wait.
pub(crate) type Stages<S, T> = (fn(S) -> T, fn(Box<Blocked<S>>) -> T);

/// Puts the hook of the thread, if it has one, before a wait for a socket (decision `blocking-hook`).
pub(crate) fn before_wait<S, T>(cx: &mut Cx<'_>, step: Step<S>, (within, blocked): Stages<S, T>) -> Step<T> {
    let thread = cx.world.thread(cx.thread);
    let has_hook = thread.is_some_and(|t| t.hook.is_some() && t.blocking.is_none());
    match step {
        Step::Ask(Request::Wait(wait), stage) if has_hook && waits_for_socket(&wait) => {
            let me = cx.instance().provider;
            let entry = cx.world.catalog().entries().iter().find(|e| e.provider == me).map_or(0, |e| e.id);
            let query =
                WPUQueryBlockingCallback { catalog_entry_id: entry, callback: Place::Room, context: Place::Room };
            Step::up(query, blocked(Box::new(Blocked { wait, stage, hook_runs: false })))
        }
        other => other.map(within),
    }
}

fn waits_for_socket(wait: &Wait) -> bool {
    matches!(wait, Wait::Readable(_) | Wait::Writable(_) | Wait::Backlog(_) | Wait::Connected(_))
}

/// Goes on with a call that has asked for the hook, or called it. `holds` is the socket that its stage keeps.
pub(crate) fn go_on<S, T>(
    cx: &mut Cx<'_>,
    mut blocked: Box<Blocked<S>>,
    reply: Reply,
    holds: Option<EndpointId>,
    (within, again): Stages<S, T>,
) -> Answer<Step<T>> {
    if blocked.hook_runs {
        let cancelled = cx.world.thread_mut(cx.thread).and_then(|t| t.blocking.take()).is_some_and(|b| b.cancelled);
        if cancelled {
            if let Some(endpoint) = holds {
                cx.world.unhold(endpoint);
            }
            return Err(Refusal::code(ErrorCode::WSAEINTR, clause!("WSPCancelBlockingCall.original-eintr")));
        }
        return Ok(Step::wait(blocked.wait, within(blocked.stage)));
    }
    let Ok(BlockingHook { callback: Some(id), context }) = reply.of::<WPUQueryBlockingCallback>() else {
        // WPUQueryBlockingCallback.native-blocking-when-null
        return Ok(Step::wait(blocked.wait, within(blocked.stage)));
    };
    let me = cx.instance();
    if let Some(thread) = cx.world.thread_mut(cx.thread) {
        thread.blocking = Some(Blocking { provider: me, cancelled: false });
    }
    blocked.hook_runs = true;
    let call = Arc::new(BlockingCallback { context }.call());
    Ok(Step::Ask(Request::User(Callback { id, call }), again(blocked)))
}

/// Cancels the call of this thread whose hook runs: it fails with WSAEINTR when the hook has come back.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPCancelBlockingCall.error-einval` | no call of this thread blocks | WSAEINVAL |
///
/// What the call has done stays done: decision `cancelled-call`.
pub(crate) fn cancel(cx: &mut Cx<'_>, _: &WSPCancelBlockingCall) -> Answer<()> {
    let me = cx.instance();
    let thread = cx.world.thread_mut(cx.thread);
    let blocking = thread.and_then(|t| t.blocking.as_mut()).filter(|b| b.provider == me);
    rule!(blocking.is_some(), WSAEINVAL, "WSPCancelBlockingCall.error-einval");
    if let Some(blocking) = blocking {
        blocking.cancelled = true;
    }
    cx.hit(clause!("WSPCancelBlockingCall.from-blocking-hook"));
    Ok(())
}
