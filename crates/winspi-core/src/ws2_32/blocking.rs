//! The blocking hook of a thread: what programs of Windows Sockets 1.1 install, and what providers ask for.
//!
//! Programs of version 2 have none: `BlockingHook.not-for-2-wsasetblockinghook` and its like.

use winspi_types::ErrorCode;

use crate::call::{Call, WPUQueryBlockingCallback, WSASetBlockingHook};
use crate::clause;
use crate::clause::Clause;
use crate::outcome::{Answer, BlockingHook, Out, OutValue, Refusal};
use crate::policy::Decision;
use crate::rule;
use crate::signature::Home;
use crate::value::{Place, Pointer, Value};
use crate::world::Cx;
use crate::ws2_32::startup::check_started;

/// Answers a call about the hook, or refuses one from within it; `None` for all others.
pub(crate) fn answer(cx: &mut Cx<'_>, call: &Call) -> Option<Answer<Out>> {
    Some(match call {
        Call::WPUQueryBlockingCallback(a) => query(cx, a).map(OutValue::wrap),
        Call::WSASetBlockingHook(a) => set(cx, a).map(OutValue::wrap),
        Call::WSAUnhookBlockingHook(_) => unhook(cx).map(OutValue::wrap),
        Call::WSAIsBlocking(_) => is_blocking(cx).map(OutValue::wrap),
        Call::WSACancelBlockingCall(_) => match only_for_1(cx, clause!("BlockingHook.not-for-2-wsacancelblockingcall"))
        {
            // What cancels is the provider.
            Ok(()) => return None,
            Err(refusal) => Err(refusal),
        },
        _ if is_nested(cx, call) => {
            Err(Refusal::code(ErrorCode::WSAEINPROGRESS, clause!("BlockingHook.nested-call-einprogress")))
        }
        _ => return None,
    })
}

/// Whether a program of version 1 calls from within its hook.
fn is_nested(cx: &Cx<'_>, call: &Call) -> bool {
    let hook_runs = cx.world.thread(cx.thread).is_some_and(|t| t.blocking.is_some());
    // What does not reach a provider and asks for nothing is no call that could nest.
    let harmless = matches!(call, Call::WSAGetLastError(_) | Call::WSASetLastError(_));
    hook_runs && !harmless && call.function().home() == Home::Ws2_32 && cx.world.is_of_version_1(cx.process())
}

/// Refuses a function of Windows Sockets 1.1 to programs of version 2. The code is that of decision `blocking-hook`.
fn only_for_1(cx: &Cx<'_>, clause: Clause) -> Answer<()> {
    check_started(cx)?;
    if cx.world.is_of_version_1(cx.process()) { Ok(()) } else { Err(Refusal::code(ErrorCode::WSAEOPNOTSUPP, clause)) }
}

/// Installs a hook for the calling thread, and gives the one before.
fn set(cx: &mut Cx<'_>, a: &WSASetBlockingHook) -> Answer<Value> {
    only_for_1(cx, clause!("BlockingHook.not-for-2-wsasetblockinghook"))?;
    let Pointer::To(hook) = a.block_func else {
        return Err(Refusal::code(ErrorCode::WSAEFAULT, Decision::BadMemory));
    };
    let thread = cx.world.thread_mut(cx.thread);
    let before = thread.and_then(|t| t.hook.replace(hook));
    Ok(before.map_or(Value::Null, Value::Callback))
}

/// Takes the hook of the calling thread away.
fn unhook(cx: &mut Cx<'_>) -> Answer<()> {
    only_for_1(cx, clause!("BlockingHook.not-for-2-wsaunhookblockinghook"))?;
    if let Some(thread) = cx.world.thread_mut(cx.thread) {
        thread.hook = None;
    }
    Ok(())
}

/// Whether a call of the thread blocks: TRUE from within its hook, and nowhere else.
fn is_blocking(cx: &mut Cx<'_>) -> Answer<i64> {
    only_for_1(cx, clause!("BlockingHook.not-for-2-wsaisblocking"))?;
    let blocks = cx.world.thread(cx.thread).is_some_and(|t| t.blocking.is_some());
    cx.hit(if blocks {
        clause!("BlockingHook.nested-isblocking-allowed")
    } else {
        clause!("BlockingHook.isblocking-any-time")
    });
    Ok(i64::from(blocks))
}

/// Gives a provider the hook of the thread, or null.
fn query(cx: &mut Cx<'_>, a: &WPUQueryBlockingCallback) -> Answer<BlockingHook> {
    let known = cx.world.catalog().entry(a.catalog_entry_id).is_some();
    rule!(known, WSAEINVAL, "WPUQueryBlockingCallback.invalid-catalog-id");
    rule!(a.callback != Place::Bad, WSAEFAULT, "WPUQueryBlockingCallback.bad-callback-pointer");
    rule!(a.context != Place::Bad, WSAEFAULT, "WPUQueryBlockingCallback.bad-context-pointer");
    let hook = cx.world.thread(cx.thread).and_then(|t| t.hook);
    cx.hit(match hook {
        Some(_) => clause!("WPUQueryBlockingCallback.returns-callback"),
        None => clause!("WPUQueryBlockingCallback.null-when-no-hook"),
    });
    Ok(BlockingHook { callback: hook, context: hook.map_or(0, |_| a.catalog_entry_id) })
}
