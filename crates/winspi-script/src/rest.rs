//! A system at rest: nothing can happen any more. How its threads have ended, who waits for whom, what is left over.

use std::fmt;

use serde::{Deserialize, Serialize};
use winspi_core::id::Pid;
use winspi_core::kernel::process::{Next, ThreadRole};
use winspi_core::{System, Transition, World};

use crate::program::Lines;
use crate::script::{Line, Script};
use crate::syntax::tree::ExpectationKind;
use crate::waiting::waiting;

/// A thread at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ThreadEnd {
    /// Its name.
    pub thread: String,
    /// How it ended.
    pub state: ThreadState,
}

/// How a thread ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThreadState {
    /// It has run all its lines.
    Done,
    /// Its process has ended.
    Ended,
    /// It waits.
    Waits {
        /// The line of the file that it is in, or that it cannot begin; `None` for a thread without lines.
        line: Option<u32>,
        /// The call as written.
        text: String,
        /// What for.
        what: String,
        /// Who could bring it.
        whom: Vec<String>,
        /// Whether the line says so.
        expected: bool,
    },
    /// It waits for the answer of a party outside.
    Asks,
}

/// How the threads ended. Threads that serve providers count only while they wait.
pub fn threads(script: &Script, system: &System<Lines>) -> Vec<ThreadEnd> {
    let world = system.world();
    let mut all = Vec::new();
    for (tid, thread) in world.threads() {
        let name = world.thread_name(tid);
        let program = system.program(tid);
        let line = program.and_then(Lines::line);
        let state = match &thread.next {
            Next::Ended => ThreadState::Ended,
            Next::Asked { .. } => ThreadState::Asks,
            Next::Idle if matches!(thread.role, ThreadRole::Worker(_)) => continue,
            _ => match waiting(script, system, tid) {
                None => ThreadState::Done,
                Some(waiting) => {
                    let written = line.and_then(|line| script.lines.get(line));
                    ThreadState::Waits {
                        line: written.map(|l| l.span.line),
                        text: written.map_or(String::new(), Line::text),
                        what: waiting.what,
                        whom: waiting.whom,
                        expected: line.is_some_and(|line| may_block(script, line)),
                    }
                }
            },
        };
        all.push(ThreadEnd { thread: name, state });
    }
    all
}

/// Whether a line may wait for ever: it says so, and no `returns` says the contrary.
pub fn may_block(script: &Script, line: usize) -> bool {
    let Some(line) = script.lines.get(line) else { return false };
    match line.call.outcome.as_deref().map(|o| &o.expectation.kind) {
        Some(ExpectationKind::Blocks) => line.returns.is_none(),
        Some(ExpectationKind::BlocksForEver) => true,
        _ => false,
    }
}

/// What every message of a deadlock begins with.
pub const DEADLOCK: &str = "deadlock: ";

/// The deadlock that threads are in: the line of the first that should not wait, and who waits for whom. `None` where
/// nobody waits who should not, and where a party outside may still answer.
pub fn deadlock(threads: &[ThreadEnd]) -> Option<(Option<u32>, String)> {
    if threads.iter().any(|t| t.state == ThreadState::Asks) {
        return None;
    }
    let stuck = threads.iter().find(|t| matches!(t.state, ThreadState::Waits { expected: false, .. }))?;
    let waits = threads.iter().filter(|t| matches!(t.state, ThreadState::Waits { .. }));
    let all: Vec<String> = waits.map(ToString::to_string).collect();
    Some((stuck.state.line(), format!("{DEADLOCK}{}", all.join("; "))))
}

/// What would be left if all processes ended now and everything on its way arrived.
pub fn left_over(system: &System<Lines>) -> Vec<String> {
    /// More than any transport holds: what is on its way only becomes less.
    const MOST: usize = 1_000_000;
    let mut system = system.clone();
    let running: Vec<Pid> = system.world().processes().filter(|p| p.runs()).map(|p| p.pid).collect();
    for pid in running {
        if let Err(refused) = system.apply_silently(&Transition::Kill(pid)) {
            return vec![refused.to_string()];
        }
    }
    for _ in 0..MOST {
        let Some((transition, _)) = system.deliveries().into_iter().next() else { break };
        if let Err(refused) = system.apply_silently(&transition) {
            return vec![refused.to_string()];
        }
    }
    let world = system.world();
    let mut left: Vec<String> = world.check().iter().map(ToString::to_string).collect();
    for (count, what) in remains(world) {
        if count > 0 {
            left.push(format!("{count} {what} left when all processes have ended and the transport is quiet"));
        }
    }
    left
}

fn remains(world: &World) -> [(usize, &'static str); 6] {
    [
        (world.endpoint_count(), "sockets are"),
        (world.connection_count(), "connections are"),
        (world.event_count(), "events are"),
        (world.operation_count(), "operations are"),
        (world.tokens().iter().count(), "tokens are"),
        (world.instances().count(), "providers are"),
    ]
}

impl ThreadState {
    /// The line of the file in which the thread waits.
    pub fn line(&self) -> Option<u32> {
        match self {
            ThreadState::Waits { line, .. } => *line,
            ThreadState::Done | ThreadState::Ended | ThreadState::Asks => None,
        }
    }
}

impl fmt::Display for ThreadEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ThreadEnd { thread, state } = self;
        match state {
            ThreadState::Done => write!(f, "{thread} is done"),
            ThreadState::Ended => write!(f, "{thread} has ended"),
            ThreadState::Asks => write!(f, "{thread} waits for the answer of a party outside"),
            ThreadState::Waits { line, text, what, whom, .. } => {
                write!(f, "{thread} waits")?;
                if let Some(line) = line {
                    write!(f, " in line {line}, `{text}`,")?;
                }
                write!(f, " for {what}")?;
                // Where the words name them already there is nothing to add.
                let unnamed: Vec<&str> = whom.iter().map(String::as_str).filter(|w| !what.contains(w)).collect();
                if !unnamed.is_empty() {
                    write!(f, " (from {})", unnamed.join(", "))?;
                }
                Ok(())
            }
        }
    }
}
