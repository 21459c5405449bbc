//! WSAStartup and WSACleanup: starts and ends of Ws2_32 in a process, and with the last end the providers' ends.

use std::sync::Arc;

use winspi_types::{ErrorCode, Version};

use crate::call::{Call, WSAStartup, WSPCleanup};
use crate::clause;
use crate::id::{InstanceId, ProviderId};
use crate::kernel::process::Loaded;
use crate::outcome::{Answer, Refusal, Startup};
use crate::policy::Decision;
use crate::protocol::{Request, Step};
use crate::signature::Home;
use crate::value::Place;
use crate::world::Cx;
use crate::ws2_32::route::Stage;

/// Starts Ws2_32 once more. Versions below 1.0 are not supported; above 2.2 the answer is 2.2.
pub(crate) fn startup(cx: &mut Cx<'_>, a: &WSAStartup) -> Answer<Step<Stage>> {
    if a.version_requested < Version::new(1, 0) {
        return Err(Refusal::code(ErrorCode::WSAVERNOTSUPPORTED, Decision::OrderOfChecks));
    }
    if a.wsa_data != Place::Room {
        return Err(Refusal::code(ErrorCode::WSAEFAULT, Decision::OrderOfChecks));
    }
    if a.version_requested <= Version::V2_2 {
        cx.hit(clause!("WSPStartup.dll-supported-versions"));
    }
    let process = cx.process();
    let version = a.version_requested.min(Version::V2_2);
    if let Some(process) = cx.world.process_mut(process) {
        process.startups += 1;
        // Decision version-of-process; before the first start it is 2.2.
        process.version = process.version.min(version);
    }
    Ok(Step::done(Startup { version, high_version: Version::V2_2 }))
}

/// Refuses where Ws2_32 is not started.
pub(crate) fn check_started(cx: &Cx<'_>) -> Answer<()> {
    match cx.world.running(cx.process()).map(|p| p.startups) {
        Some(n) if n > 0 => Ok(()),
        _ => Err(Refusal::code(ErrorCode::WSANOTINITIALISED, Decision::OrderOfChecks)),
    }
}

/// Why a call of a program does not go on after a wait: the last WSACleanup has come meanwhile.
pub(crate) fn ended_meanwhile(cx: &Cx<'_>, call: &Call) -> Option<Refusal> {
    check_started(cx).err().filter(|_| call.function().home() == Home::Ws2_32)
}

/// Ends one start; the last one calls WSPCleanup of every provider that was started here.
pub(crate) fn cleanup(cx: &mut Cx<'_>) -> Answer<Step<Stage>> {
    check_started(cx)?;
    let process = cx.process();
    let Some(process) = cx.world.process_mut(process) else { return Ok(Step::done(())) };
    process.startups -= 1;
    if process.startups > 0 {
        return Ok(Step::done(()));
    }
    process.version = Version::V2_2;
    // A start that another thread makes is ended when it has come back.
    let (ready, starting) = std::mem::take(&mut process.loaded).into_iter().partition(|loaded| loaded.ready);
    process.loaded = starting;
    let ready: Vec<Loaded> = ready;
    let rest = ready.iter().map(|loaded| loaded.provider).collect();
    if !ready.is_empty() {
        cx.hit(clause!("WSPStartup.client-must-cleanup"));
    }
    cx.world.forget_hooks(cx.process());
    clean_up_next(cx, rest)
}

/// Calls the next WSPCleanup, or is done.
pub(crate) fn clean_up_next(cx: &mut Cx<'_>, mut rest: Vec<ProviderId>) -> Answer<Step<Stage>> {
    if rest.is_empty() {
        return Ok(Step::done(()));
    }
    let instance = InstanceId { process: cx.process(), provider: rest.remove(0) };
    cx.hit(clause!("WSPCleanup.one-per-startup"));
    let call = Arc::new(Call::WSPCleanup(WSPCleanup {}));
    Ok(Step::Ask(Request::Down(instance, call), Stage::CleaningUp { rest }))
}
