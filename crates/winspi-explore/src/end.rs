//! End states: nothing can happen any more, and every one is accounted for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use winspi_core::canon::{Fingerprint, Scratch};
use winspi_core::kernel::handle::Slot;
use winspi_core::{Grain, System};
use winspi_script::Lines;
use winspi_script::expect::stopped;
use winspi_script::question::state_word;
use winspi_script::rest::{self, ThreadEnd, ThreadState};
use winspi_script::waiting::{handle_name, process_name};

use crate::check::Checker;
use crate::faults::Struck;
use crate::findings::{Log, ViolationKind};
use crate::states::StateId;

/// End states that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndClass {
    /// The kind.
    pub kind: EndKind,
    /// What has struck, in words.
    pub faults: Vec<String>,
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
    faults: Vec<String>,
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
    /// The ends that were added, where states that are the same may have been met apart: after a reduced search.
    seen: Option<BTreeSet<(Vec<String>, Fingerprint)>>,
}

/// An end state, as it was found.
#[derive(Debug)]
pub(crate) struct End {
    likeness: Likeness,
    id: StateId,
    fingerprint: Fingerprint,
}

impl End {
    /// Classifies and checks an end state.
    pub(crate) fn of(
        checker: &Checker<'_>,
        system: &System<Lines>,
        id: StateId,
        struck: &Struck,
        scratch: &mut Scratch,
        log: &mut Log<'_>,
    ) -> End {
        let world = system.world();
        let unharmed = struck.words.is_empty();
        let threads = rest::threads(checker.script, system);
        let asks = threads.iter().any(|t| t.state == ThreadState::Asks);
        let waits = |t: &ThreadEnd| matches!(t.state, ThreadState::Waits { .. });
        let kind = match (asks, threads.iter().any(waits)) {
            (true, _) => EndKind::Outside,
            (false, true) => EndKind::Blocked,
            (false, false) => EndKind::Done,
        };
        let deadlock = rest::deadlock(&threads).filter(|_| unharmed);
        let expected = deadlock.is_none();
        if let Some((line, message)) = deadlock {
            log.violation(ViolationKind::Deadlock, line, message);
        }
        let mut leaks = system.leaks();
        if unharmed && kind != EndKind::Outside {
            at_end(checker, system, &leaks, log);
        }
        for left in rest::left_over(system) {
            log.violation(ViolationKind::Leak, None, left.clone());
            leaks.push(left);
        }
        let killed = struck.killed.iter().map(|pid| process_name(world, *pid)).collect();
        let faults = struck.words.clone();
        let likeness = Likeness { faults, killed, kind, expected, threads, open: open(system), leaks };
        // What an end state is does not depend on the grain that led to it.
        let mut plain = system.clone();
        (plain.grain, plain.stop_at_lines) = (Grain::Call, true);
        plain.world_mut().set_origins(false);
        End { likeness, id, fingerprint: plain.fingerprint_in(scratch) }
    }
}

impl Ends {
    /// None so far; of a reduced search the same end may be added twice.
    pub(crate) fn new(reduced: bool) -> Ends {
        Ends { seen: reduced.then(BTreeSet::new), ..Ends::default() }
    }

    /// Adds an end state.
    pub(crate) fn add(&mut self, end: End) {
        if let Some(seen) = &mut self.seen
            && !seen.insert((end.likeness.faults.clone(), end.fingerprint))
        {
            return;
        }
        let (count, _) = self.classes.entry(end.likeness).or_insert((0, end.id));
        *count += 1;
        self.fingerprints.push(end.fingerprint);
    }

    /// The classes in order of who was killed and how they end, and what each end state is.
    pub(crate) fn finish(self) -> (Vec<EndClass>, Vec<Fingerprint>) {
        let classes = self.classes.into_iter().map(|(likeness, (count, first))| {
            let Likeness { faults, killed, kind, expected, threads, open, leaks } = likeness;
            EndClass { kind, faults, killed, expected, threads, open, leaks, count, first }
        });
        (classes.collect(), self.fingerprints)
    }
}

/// The tests of `at end`, and `finally no leaks`.
fn at_end(checker: &Checker<'_>, system: &System<Lines>, leaks: &[String], log: &mut Log<'_>) {
    for (test, process) in &checker.script.at_end {
        let message = match checker.scope(system, *process).test(test) {
            Ok((true, _)) => continue,
            Ok((false, found)) => format!("`at end` does not hold: {found}"),
            Err(stop) => format!("`at end` cannot be asked: {}", stopped(stop)),
        };
        log.violation(ViolationKind::AtEnd, Some(test.span.line), message);
    }
    if checker.script.no_leaks && !leaks.is_empty() {
        let message = format!("`finally no leaks` does not hold: {}", leaks.join("; "));
        log.violation(ViolationKind::AtEnd, None, message);
    }
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
        let faults = if self.faults.is_empty() { "no fault".to_owned() } else { self.faults.join(" and ") };
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
