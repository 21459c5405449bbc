//! What a worker does: it takes every transition of some states, and writes down what it finds.
//!
//! It only reads what is known so far. What is new is sorted out afterwards, in the order of the states, so that nothing
//! depends on how many workers there are.

use winspi_core::canon::{Asymmetry, Fingerprint, Scratch};
use winspi_core::event::Event;
use winspi_core::{System, Transition, World};
use winspi_script::Lines;

use crate::Options;
use crate::check::Checker;
use crate::coverage::Strikes;
use crate::crew::Worker;
use crate::end::End;
use crate::faults::{FaultSet, FaultSets, possible};
use crate::findings::{Findings, Log, Place, ViolationKind};
use crate::reduce::{Learned, Reducer};
use crate::states::{StateId, States};
use crate::symmetry::Key;

/// How many candidates a state usually has.
const USUAL: usize = 3;

/// A state that is to be expanded.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) id: StateId,
    pub(crate) system: System<Lines>,
    /// Whether the walk of its fingerprint has met all that lives.
    pub(crate) met_all: bool,
    /// Who has made the system.
    pub(crate) maker: Worker,
}

/// What a worker reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'k> {
    pub(crate) options: &'k Options,
    pub(crate) states: &'k States,
    pub(crate) sets: &'k FaultSets,
    pub(crate) key: &'k Key,
    pub(crate) reducer: Option<&'k Reducer>,
}

/// A state that was not known when its worker looked.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) parent: StateId,
    /// The faults before the transition.
    pub(crate) faults: FaultSet,
    pub(crate) transition: Transition,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) system: System<Lines>,
    /// As in [`Open`].
    pub(crate) met_all: bool,
}

/// What a worker writes down, in the order of the states.
#[derive(Debug)]
pub(crate) struct Batch<'s> {
    /// Who has written it.
    pub(crate) maker: Worker,
    pub(crate) checker: Checker<'s>,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) findings: Findings,
    pub(crate) ends: Vec<End>,
    pub(crate) strikes: Strikes,
    pub(crate) transitions: u64,
    /// The events of the last transition.
    pub(crate) events: Vec<Event>,
    /// Why a state has no key: nothing after it counts.
    pub(crate) asymmetry: Option<Asymmetry>,
    /// What was learned of footprints.
    pub(crate) learned: Learned,
    /// How many states were expanded in part.
    pub(crate) partly: u64,
}

impl<'s> Batch<'s> {
    /// Expands states.
    pub(crate) fn of(
        open: Vec<Open>,
        maker: Worker,
        checker: Checker<'s>,
        known: Known<'_>,
        scratch: &mut Scratch,
    ) -> Batch<'s> {
        let mut batch = Batch {
            maker,
            checker,
            candidates: Vec::with_capacity(open.len() * USUAL),
            findings: Findings::default(),
            ends: Vec::new(),
            strikes: Strikes::default(),
            transitions: 0,
            events: Vec::new(),
            asymmetry: None,
            learned: Learned::default(),
            partly: 0,
        };
        for open in open {
            batch.expand(open, known, scratch);
        }
        batch
    }

    /// Checks a state, and takes every transition of it.
    fn expand(&mut self, open: Open, known: Known<'_>, scratch: &mut Scratch) {
        let Open { id, system, met_all, .. } = open;
        let faults = known.states.get(id).map_or(FaultSet::NONE, |state| state.faults);
        let struck = known.sets.get(faults);
        let mut log = Log { findings: &mut self.findings, place: Place { state: id, transition: None } };
        let sound = Checker::invariants(&system, met_all, &mut log);
        if let Some(reducer) = known.reducer {
            self.checker.tests_watched(&system, id, &mut log, &mut self.learned, reducer);
        } else {
            self.checker.tests(&system, id, &mut log);
        }
        if !sound {
            // What an unsound world leads to says nothing.
            return;
        }
        let mut all = system.enabled();
        if all.is_empty() {
            self.ends.push(End::of(&self.checker, &system, id, struck, scratch, &mut log));
        }
        for fault in possible(&known.options.faults, &system, struck.words.len()) {
            if let Transition::Kill(pid) = fault {
                self.strikes.note(&system, pid);
            }
            all.push(fault);
        }
        if let Some(reducer) = known.reducer {
            self.expand_reduced(id, &system, all, reducer, known, scratch);
            return;
        }
        let last = all.pop();
        let before = system.world().clone();
        for transition in all {
            self.take((id, faults, &before), system.clone(), transition, known, scratch);
        }
        // The system itself goes into its last successor.
        if let Some(transition) = last {
            self.take((id, faults, &before), system, transition, known, scratch);
        }
    }

    /// Takes a transition, and keeps what it leads to if that is new.
    fn take(
        &mut self,
        (id, faults, before): (StateId, FaultSet, &World),
        mut system: System<Lines>,
        transition: Transition,
        known: Known<'_>,
        scratch: &mut Scratch,
    ) {
        let applied = system.apply_checked(&transition, &mut self.events);
        let place = Place { state: id, transition: Some(transition.clone()) };
        let mut log = Log { findings: &mut self.findings, place };
        if let Err(refused) = applied {
            let message = format!("a transition was offered and could not be taken: {refused}");
            log.violation(ViolationKind::Internal, None, message);
            return;
        }
        self.transitions += 1;
        let strikes = transition.is_fault();
        let after = if strikes { known.sets.find(faults, &transition) } else { Some(faults) };
        for violated in system.world().check_step(before, &self.events) {
            log.violation(ViolationKind::Invariant, None, violated.to_string());
        }
        log.events(&mut self.events);
        let struck = (strikes || faults != FaultSet::NONE).then(|| after.unwrap_or(faults));
        self.checker.lines(&mut system, struck, &mut log);
        let fingerprint = match known.key.of(&system, scratch) {
            Ok(fingerprint) => fingerprint,
            Err(asymmetry) => {
                self.asymmetry.get_or_insert(asymmetry);
                return;
            }
        };
        if after.is_some_and(|after| known.states.has(fingerprint, after)) {
            return;
        }
        let met_all = scratch.met_all();
        self.candidates.push(Candidate { parent: id, faults, transition, fingerprint, system, met_all });
    }
}
