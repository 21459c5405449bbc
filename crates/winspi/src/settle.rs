//! Coming to rest: what happens by itself between two calls.
//!
//! What has been sent arrives, operations are carried out, and who waited goes on; the oldest first, until nothing more
//! happens. Time does not pass. The runner of scenarios does the same between two lines.

use winspi_core::kernel::process::{Next, Thread, ThreadRole};
use winspi_core::protocol::Reply;
use winspi_core::{Program, System, Transition};

/// After so many transitions a machine counts as one that does not come to rest.
pub(crate) const MOST: usize = 100_000;

/// The next thing that happens by itself; `None` when the machine is at rest.
pub(crate) fn of_itself<P: Program>(system: &System<P>) -> Option<Transition> {
    let world = system.world();
    if let Some((tid, _)) = world.threads().find(|(tid, thread)| is_within_call(thread) && system.can_go(*tid)) {
        return Some(Transition::Go(tid));
    }
    let travels = system.deliveries().into_iter().chain(system.messages());
    if let Some((transition, _)) = travels.min_by_key(|(_, age)| *age) {
        return Some(transition);
    }
    if let Some((transition, _)) = system.completions().into_iter().min_by_key(|(_, age)| *age) {
        return Some(transition);
    }
    let waiting = world.threads().filter(|(tid, thread)| {
        let worker = matches!((thread.role, &thread.next), (ThreadRole::Worker(_), Next::Idle));
        (worker || matches!(thread.next, Next::Waits(_))) && system.can_go(*tid)
    });
    let first = waiting.min_by_key(|(tid, thread)| (thread.since.0, *tid));
    first.map(|(tid, _)| Transition::Go(tid))
}

/// Whether a thread has stopped at a boundary inside a call.
fn is_within_call(thread: &Thread) -> bool {
    match &thread.next {
        Next::Run(_) if matches!(thread.role, ThreadRole::Worker(_)) => true,
        Next::Run(Reply::Enter) => thread.stack.len() > 1,
        Next::Run(_) => true,
        _ => false,
    }
}

/// Whether a thread stands before the first step of a call, or of its program.
pub(crate) fn is_before_call(thread: &Thread) -> bool {
    matches!(thread.next, Next::Run(Reply::Enter)) && thread.stack.len() <= 1
}
