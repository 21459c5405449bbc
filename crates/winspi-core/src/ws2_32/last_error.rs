//! The last error of a thread: WSAGetLastError and WSASetLastError.
//!
//! Providers report an error together with the return of a function, and know nothing of threads
//! (`ErrorReportingAndParameterValidation.error-with-return`); Ws2_32 keeps it for the thread that called.

use winspi_types::ErrorCode;

use crate::call::{Call, WSASetLastError};
use crate::clause;
use crate::id::Tid;
use crate::outcome::{Outcome, Refusal};
use crate::signature::Home;
use crate::world::{Cx, World};

/// What WSAGetLastError gives.
pub(crate) fn get(cx: &mut Cx<'_>) -> i64 {
    cx.hit(clause!("TransportMapping.local-wsagetlasterror"));
    cx.world.thread(cx.thread).map_or(0, |thread| i64::from(thread.last_error.0))
}

/// Sets it.
pub(crate) fn set(cx: &mut Cx<'_>, a: &WSASetLastError) {
    cx.hit(clause!("TransportMapping.local-wsasetlasterror"));
    let tid = cx.thread;
    keep(cx.world, tid, ErrorCode(a.error));
}

/// Keeps the code of a call that a program made and that failed
/// (`ErrorReportingAndParameterValidation.dll-sets-thread-error`). A WSP* line is no call of Ws2_32; WSAStartup returns
/// its code and leaves the last error alone.
pub(crate) fn note(world: &mut World, thread: Tid, call: &Call, outcome: &Outcome) {
    let own = call.function().home() == Home::Ws2_32 && !matches!(call, Call::WSAStartup(_));
    if let (true, Err(Refusal::Code { code, .. })) = (own, &outcome.result) {
        keep(world, thread, *code);
    }
}

fn keep(world: &mut World, tid: Tid, code: ErrorCode) {
    if let Some(thread) = world.thread_mut(tid) {
        thread.last_error = code;
    }
}
