//! What an exploration finds, each thing once, with the shortest way to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use winspi_core::Transition;
use winspi_core::event::{Breach, Event, Hazard, HazardKind};
use winspi_core::id::Pid;

use crate::faults::{FaultSet, FaultSets};
use crate::states::StateId;

/// Where something was found: in a state, or during a transition from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The state.
    pub state: StateId,
    /// The transition that shows it; `None` where the state does.
    pub transition: Option<Transition>,
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Which kind.
    pub kind: ViolationKind,
    /// The line of the file, where it is about one.
    pub line: Option<u32>,
    /// What was expected and what was found.
    pub message: String,
    /// Where it was found first.
    pub place: Place,
    /// How often it was found.
    pub times: u64,
}

/// Kinds of violations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViolationKind {
    /// An invariant of the world does not hold: a mistake of winspi.
    Invariant,
    /// Something is left when all processes have ended and the transport is quiet: a mistake of winspi.
    Leak,
    /// A transition that was offered could not be taken: a mistake of winspi.
    Internal,
    /// A test of `always` does not hold.
    Always,
    /// A test of `reachable` holds nowhere.
    Reachable,
    /// A test could not be asked in any state.
    Unanswered,
    /// A line has another result than expected.
    Expectation,
    /// A thread waits for ever, and its line does not say so.
    Deadlock,
    /// A test of `at end` does not hold, or `finally no leaks`.
    AtEnd,
}

impl ViolationKind {
    /// Its name, in a word that a file name takes.
    pub fn name(self) -> &'static str {
        match self {
            ViolationKind::Invariant => "invariant",
            ViolationKind::Leak => "leak",
            ViolationKind::Internal => "internal",
            ViolationKind::Always => "always",
            ViolationKind::Reachable => "reachable",
            ViolationKind::Unanswered => "unanswered",
            ViolationKind::Expectation => "expectation",
            ViolationKind::Deadlock => "deadlock",
            ViolationKind::AtEnd => "at-end",
        }
    }
}

/// A breach or a hazard, with the transition that showed it first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found<T> {
    /// What it is.
    pub what: T,
    /// The transition, and the state that it was taken from.
    pub place: Place,
    /// How many transitions showed it.
    pub times: u64,
}

/// What a fault changes: a line that has another result than expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What has struck before, in words.
    pub faults: Vec<String>,
    /// The names of the processes that were killed before.
    pub killed: Vec<String>,
    /// The line of the file.
    pub line: u32,
    /// The thread.
    pub thread: String,
    /// What was expected and what was found.
    pub message: String,
    /// Where it was found first.
    pub place: Place,
    /// How many transitions showed it.
    pub times: u64,
}

/// Everything that was found, in the order of its kinds.
pub(crate) type All = (Vec<Violation>, Vec<Found<Breach>>, Vec<Found<Hazard>>, Vec<Change>);

/// Where something was found first, how often, and which finding it was.
type Seen = (Place, u64, usize);

/// Something that was found in a state or during a transition.
#[derive(Debug)]
pub(crate) enum What {
    Violation(ViolationKind, Option<u32>, String),
    Breach(Breach),
    Hazard(Hazard),
    /// After these faults, and the transition of the place where that is one: a line, its thread, what is other.
    Change(FaultSet, u32, String, String),
}

/// What was found in one place.
#[derive(Debug)]
pub(crate) struct Log<'l> {
    pub(crate) findings: &'l mut Findings,
    pub(crate) place: Place,
}

impl Log<'_> {
    pub(crate) fn note(&mut self, what: What) {
        self.findings.add(what, &self.place);
    }

    pub(crate) fn violation(&mut self, kind: ViolationKind, line: Option<u32>, message: String) {
        self.note(What::Violation(kind, line, message));
    }

    /// Notes breaches and hazards of a transition.
    pub(crate) fn events(&mut self, events: &mut Vec<Event>) {
        for event in events.drain(..) {
            match event {
                Event::Breach(breach) => self.note(What::Breach(breach)),
                Event::Hazard(hazard) => self.note(What::Hazard(hazard)),
                _ => {}
            }
        }
    }
}

/// What was found so far, by all or by one who works on some states.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    violations: BTreeMap<(ViolationKind, Option<u32>, String), Seen>,
    breaches: BTreeMap<Breach, Seen>,
    hazards: BTreeMap<Hazard, Seen>,
    changes: BTreeMap<(FaultSet, u32, String, String), Seen>,
    order: usize,
}

/// Adds to what was found; the first place stays.
fn add<K: Ord>(all: &mut BTreeMap<K, Seen>, order: &mut usize, key: K, place: &Place) {
    let (_, times, _) = all.entry(key).or_insert_with(|| {
        *order += 1;
        (place.clone(), 0, *order)
    });
    *times += 1;
}

/// Adds what another has found behind all that is there.
fn append<K: Ord>(all: &mut BTreeMap<K, Seen>, order: &mut usize, others: BTreeMap<K, Seen>) {
    let mut others: Vec<_> = others.into_iter().collect();
    others.sort_unstable_by_key(|(_, (_, _, order))| *order);
    for (key, (place, times, _)) in others {
        let (_, all_times, _) = all.entry(key).or_insert_with(|| {
            *order += 1;
            (place, 0, *order)
        });
        *all_times += times;
    }
}

impl Findings {
    /// Puts something in its place.
    pub(crate) fn add(&mut self, what: What, place: &Place) {
        let order = &mut self.order;
        match what {
            What::Violation(kind, line, message) => add(&mut self.violations, order, (kind, line, message), place),
            What::Breach(breach) => add(&mut self.breaches, order, breach, place),
            What::Hazard(hazard) => add(&mut self.hazards, order, hazard, place),
            What::Change(faults, line, thread, message) => {
                add(&mut self.changes, order, (faults, line, thread, message), place);
            }
        }
    }

    /// Takes in what another has found in later states.
    pub(crate) fn append(&mut self, later: Findings) {
        let order = &mut self.order;
        append(&mut self.violations, order, later.violations);
        append(&mut self.breaches, order, later.breaches);
        append(&mut self.hazards, order, later.hazards);
        append(&mut self.changes, order, later.changes);
    }

    /// Whether a hazard of this kind was met.
    pub(crate) fn has_hazard(&self, kind: HazardKind) -> bool {
        self.hazards.keys().any(|hazard| hazard.kind == kind)
    }

    /// The violations, breaches and hazards in the order in which they were found, and the changes by what has struck
    /// and by line.
    pub(crate) fn finish(self, sets: &FaultSets, name: impl Fn(Pid) -> String) -> All {
        let violations = in_order(self.violations, |(kind, line, message), place, times| Violation {
            kind,
            line,
            message,
            place,
            times,
        });
        let breaches = in_order(self.breaches, |what, place, times| Found { what, place, times });
        let hazards = in_order(self.hazards, |what, place, times| Found { what, place, times });
        let changes = self.changes.into_iter().map(|((faults, line, thread, message), (place, times, _))| Change {
            faults: sets.get(faults).words.clone(),
            killed: sets.get(faults).killed.iter().copied().map(&name).collect(),
            line,
            thread,
            message,
            place,
            times,
        });
        (violations, breaches, hazards, changes.collect())
    }
}

fn in_order<K, T>(all: BTreeMap<K, Seen>, make: impl Fn(K, Place, u64) -> T) -> Vec<T> {
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, (_, _, order))| *order);
    all.into_iter().map(|(key, (place, times, _))| make(key, place, times)).collect()
}
