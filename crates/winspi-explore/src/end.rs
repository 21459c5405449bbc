//! End states: nothing can happen any more, and every one is accounted for.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use winspi_core::canon::{Fingerprint, Scratch};
use winspi_core::id::Pid;
use winspi_core::kernel::handle::Slot;
use winspi_core::kernel::process::{Next, ThreadRole};
use winspi_core::{Grain, System, Transition, World};
use winspi_script::Lines;
use winspi_script::expect::stopped;
use winspi_script::question::state_word;

use crate::check::Checker;
use crate::findings::{Findings, Place, ViolationKind};
use crate::states::StateId;
use crate::wait::{handle_name, process_name, waiting};

/// End states that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndClass {
    /// The kind.
    pub kind: EndKind,
    /// The names of the processes that were killed.
    pub killed: Vec<String>,
    /// Whether this end is as it should be: nobody waits, or the line says that it blocks, or there was a fault.
    pub expected: bool,
    /// The threads, by process and number.
    pub threads: Vec<ThreadEnd>,
    /// The handles of sockets that are open, by process and value.
    pub open: Vec<OpenSocket>,
    /// What nobody can reach any more, and what would be left if all processes ended now.
    pub leaks: Vec<String>,
    /// How many end states are like this.
    pub count: u64,
    /// The first of them.
    pub first: StateId,
}

/// Kinds of end states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndKind {
    /// Every thread that still runs has run all its lines.
    Done,
    /// Some thread waits for what never comes.
    Blocked,
    /// A party outside has not answered: what comes after cannot be explored, for it cannot be branched.
    Outside,
}

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

/// A handle of a socket that is open at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpenSocket {
    /// The process.
    pub process: String,
    /// The names that it has for the handle, or the value.
    pub handle: String,
    /// What the socket does; `claim` for a duplicate that nobody has asked for.
    pub state: String,
    /// How many handles the socket has.
    pub handles: u32,
}

/// What tells one class from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    killed: Vec<String>,
    kind: EndKind,
    expected: bool,
    threads: Vec<ThreadEnd>,
    open: Vec<OpenSocket>,
    leaks: Vec<String>,
}

/// The end states that were met so far.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    classes: BTreeMap<Likeness, (u64, StateId)>,
    fingerprints: Vec<Fingerprint>,
}

impl Ends {
    /// Classifies and checks an end state.
    pub(crate) fn add(
        &mut self,
        checker: &Checker<'_>,
        system: &System<Lines>,
        id: StateId,
        killed: &[Pid],
        scratch: &mut Scratch,
        findings: &mut Findings,
    ) {
        let world = system.world();
        let place = || Place { state: id, transition: None };
        let threads = threads(checker, system);
        let asks = threads.iter().any(|t| t.state == ThreadState::Asks);
        let waits = |t: &ThreadEnd| matches!(t.state, ThreadState::Waits { .. });
        let kind = match (asks, threads.iter().any(waits)) {
            (true, _) => EndKind::Outside,
            (false, true) => EndKind::Blocked,
            (false, false) => EndKind::Done,
        };
        let unexpected = |t: &&ThreadEnd| matches!(t.state, ThreadState::Waits { expected: false, .. });
        let expected = !killed.is_empty() || kind != EndKind::Blocked || !threads.iter().any(|t| unexpected(&t));
        if !expected {
            let all: Vec<String> = threads.iter().filter(|t| waits(t)).map(ToString::to_string).collect();
            let line = threads.iter().filter(unexpected).find_map(|t| t.state.line());
            findings.violation(ViolationKind::Deadlock, line, format!("deadlock: {}", all.join("; ")), place);
        }
        let mut leaks = system.leaks();
        if killed.is_empty() && kind != EndKind::Outside {
            at_end(checker, system, &leaks, place, findings);
        }
        for left in left_over(system) {
            findings.violation(ViolationKind::Leak, None, left.clone(), place);
            leaks.push(left);
        }
        let killed = killed.iter().map(|pid| process_name(world, *pid)).collect();
        let likeness = Likeness { killed, kind, expected, threads, open: open(system), leaks };
        let (count, _) = self.classes.entry(likeness).or_insert((0, id));
        *count += 1;
        // What an end state is does not depend on the grain that led to it.
        let mut plain = system.clone();
        (plain.grain, plain.stop_at_lines) = (Grain::Call, true);
        self.fingerprints.push(plain.fingerprint_in(scratch));
    }

    /// The classes in order of who was killed and how they end, and what each end state is.
    pub(crate) fn finish(self) -> (Vec<EndClass>, Vec<Fingerprint>) {
        let classes = self.classes.into_iter().map(|(likeness, (count, first))| {
            let Likeness { killed, kind, expected, threads, open, leaks } = likeness;
            EndClass { kind, killed, expected, threads, open, leaks, count, first }
        });
        (classes.collect(), self.fingerprints)
    }
}

/// The tests of `at end`, and `finally no leaks`.
fn at_end(
    checker: &Checker<'_>,
    system: &System<Lines>,
    leaks: &[String],
    place: impl Fn() -> Place,
    findings: &mut Findings,
) {
    for (test, process) in &checker.script.at_end {
        let message = match checker.scope(system, *process).test(test) {
            Ok((true, _)) => continue,
            Ok((false, found)) => format!("`at end` does not hold: {found}"),
            Err(stop) => format!("`at end` cannot be asked: {}", stopped(stop)),
        };
        findings.violation(ViolationKind::AtEnd, Some(test.span.line), message, &place);
    }
    if checker.script.no_leaks && !leaks.is_empty() {
        let message = format!("`finally no leaks` does not hold: {}", leaks.join("; "));
        findings.violation(ViolationKind::AtEnd, None, message, &place);
    }
}

/// How the threads ended. Threads that serve providers count only while they wait.
fn threads(checker: &Checker<'_>, system: &System<Lines>) -> Vec<ThreadEnd> {
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
            _ => match waiting(checker.script, system, tid) {
                None => ThreadState::Done,
                Some(waiting) => {
                    let written = line.and_then(|line| checker.script.lines.get(line));
                    ThreadState::Waits {
                        line: written.map(|l| l.span.line),
                        text: written.map_or(String::new(), winspi_script::script::Line::text),
                        what: waiting.what,
                        whom: waiting.whom,
                        expected: line.is_some_and(|line| checker.may_block(line)),
                    }
                }
            },
        };
        all.push(ThreadEnd { thread: name, state });
    }
    all
}

/// The handles of sockets that are open.
fn open(system: &System<Lines>) -> Vec<OpenSocket> {
    let world = system.world();
    let mut all = Vec::new();
    for process in world.processes().filter(|p| p.runs()) {
        for (kernel, slot) in process.handles.iter() {
            let seen = process.descriptors.like(kernel);
            let handle = seen.map_or(kernel, |d| d.handle);
            let (word, endpoint) = match slot {
                Slot::Socket(endpoint) => (None, Some(endpoint)),
                Slot::NonIfs => (None, world.socket_of(process.pid, handle)),
                Slot::Claim(claim) => (Some("claim"), Some(claim.endpoint)),
                Slot::Free | Slot::Event(_) | Slot::Process(_) | Slot::Thread(_) | Slot::Port(_) | Slot::Section(_) => {
                    continue;
                }
            };
            let endpoint = endpoint.and_then(|id| world.find_endpoint(id));
            all.push(OpenSocket {
                process: process.name.clone(),
                handle: handle_name(system, process.pid, handle),
                state: word.unwrap_or_else(|| endpoint.map_or("nothing", |e| state_word(&e.role))).to_owned(),
                handles: endpoint.map_or(0, |e| e.handles),
            });
        }
    }
    for (target, token) in world.tokens().iter() {
        all.push(OpenSocket {
            process: process_name(world, target),
            handle: format!("token {}", token.number),
            state: "claim".to_owned(),
            handles: world.find_endpoint(token.endpoint).map_or(0, |e| e.handles),
        });
    }
    all
}

/// What would be left if all processes ended now and everything on its way arrived.
fn left_over(system: &System<Lines>) -> Vec<String> {
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
    fn line(&self) -> Option<u32> {
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

impl fmt::Display for OpenSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OpenSocket { process, handle, state, handles } = self;
        let plural = if *handles == 1 { "" } else { "s" };
        write!(f, "{process} {handle}: {state}, {handles} handle{plural}")
    }
}

impl fmt::Display for EndClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: Vec<String>| if items.is_empty() { "nothing".to_owned() } else { items.join("; ") };
        let kind = match self.kind {
            EndKind::Done => "done",
            EndKind::Blocked => "blocked",
            EndKind::Outside => "waits for a party outside: cannot be branched",
        };
        let faults = if self.killed.is_empty() { "no fault".to_owned() } else { self.killed.join(" and ") + " killed" };
        write!(f, "{} x {faults}, {kind}", self.count)?;
        let others = self.threads.iter().filter(|t| !matches!(t.state, ThreadState::Done | ThreadState::Ended));
        for thread in others {
            write!(f, "; {thread}")?;
        }
        write!(f, "; open: {}", list(self.open.iter().map(ToString::to_string).collect()))?;
        if !self.leaks.is_empty() {
            write!(f, "; LEAKS: {}", list(self.leaks.clone()))?;
        }
        Ok(())
    }
}
