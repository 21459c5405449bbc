//! The engine: a frontier of systems, level by level, and the states that were met.
//!
//! A level is taken in portions. The states of a portion are expanded by as many workers as there are threads
//! ([`crate::crew`], [`crate::expand`]), which only read what is known; then what they wrote down is put together in the
//! order of the states. So numbers, shortest ways and reports are the same for any number of threads.

use std::collections::VecDeque;
use std::sync::Arc;

use winspi_core::canon::{Asymmetry, Scratch, Symmetry};
use winspi_core::id::Pid;
use winspi_core::{Grain, System};
use winspi_script::waiting::process_name;
use winspi_script::{Lines, Script};

use crate::Options;
use crate::check::Checker;
use crate::control::{Control, Progress, Stopped};
use crate::coverage::Strikes;
use crate::crew::{Book, Crew, Waste};
use crate::end::Ends;
use crate::expand::{Batch, Candidate, Open};
use crate::exploration::Exploration;
use crate::faults::FaultSets;
use crate::findings::Findings;
use crate::reduce::{Reducer, Reduction};
use crate::states::States;
use crate::symmetry::Key;

/// How many states a portion has. No result but that of an exploration that is stopped depends on it.
const PORTION: usize = 1024;

/// Explores from a system on.
pub(crate) fn run(
    script: &Arc<Script>,
    mut system: System<Lines>,
    options: &Options,
    symmetry: Option<Symmetry>,
    control: &Control<'_>,
) -> Exploration {
    // The end of a line is a boundary only where nothing finer is.
    system.stop_at_lines = system.grain == Grain::Call;
    let (mut reducer, refused) = match options.reduce.then(|| Reducer::new(script, &system, symmetry.is_some())) {
        Some(Ok(reducer)) => (Some(reducer), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    loop {
        let (mut engine, book) = round(script, &system, options, symmetry.clone(), reducer.take(), control);
        match book.reducer {
            // What was learned on the way may forbid what was left out before: then all is done again, knowing it.
            Some(learned) if learned.is_to_go_on() && engine.stopped.is_none() => reducer = Some(learned.next_round()),
            Some(ref learned) => {
                engine.reduction = learned.told(engine.partly);
                return engine.finish(script, book);
            }
            None => {
                engine.reduction = refused.map_or(Reduction::NotAsked, Reduction::Refused);
                return engine.finish(script, book);
            }
        }
    }
}

/// Explores once.
fn round<'s>(
    script: &'s Arc<Script>,
    start: &'s System<Lines>,
    options: &'s Options,
    symmetry: Option<Symmetry>,
    reducer: Option<Reducer>,
    control: &Control<'_>,
) -> (Engine<'s>, Book<'s>) {
    let mut scratch = Scratch::default();
    let (mut system, reduces) = (start.clone(), reducer.is_some());
    if reduces {
        system.world_mut().set_origins(true);
    }
    let key = Key::up_to(symmetry);
    let first = key.of(&system, &mut scratch);
    let asymmetry = first.as_ref().err().cloned();
    let states = States::new(first.unwrap_or_else(|_| system.fingerprint()));
    let book = Book { checker: Checker::new(script), states, sets: FaultSets::new(), key, reducer };
    let crew = Crew::new(options, book);
    let mut engine = Engine {
        most: options.max_states.clamp(1, u32::MAX as usize - 1),
        findings: Findings::default(),
        ends: Ends::new(reduces),
        strikes: Strikes::default(),
        next: Vec::new(),
        transitions: 0,
        stopped: asymmetry.as_ref().map(|_| Stopped::Symmetry),
        asymmetry,
        scratch,
        start,
        partly: 0,
        reduction: Reduction::NotAsked,
    };
    let level = VecDeque::from([Open { id: 0, system, met_all: false, maker: 0 }]);
    crew.led_by(|| engine.explore(&crew, level, control));
    (engine, crew.into_book())
}

struct Engine<'s> {
    most: usize,
    findings: Findings,
    ends: Ends,
    strikes: Strikes,
    /// The states of the next level.
    next: Vec<Open>,
    transitions: u64,
    stopped: Option<Stopped>,
    /// Why a state has no key.
    asymmetry: Option<Asymmetry>,
    /// The memory that fingerprints are made in.
    scratch: Scratch,
    start: &'s System<Lines>,
    /// How many states were expanded in part.
    partly: u64,
    reduction: Reduction,
}

impl Engine<'_> {
    /// Takes level after level.
    fn explore(&mut self, crew: &Crew<'_>, mut level: VecDeque<Open>, control: &Control<'_>) {
        while self.stopped.is_none() && !level.is_empty() {
            while self.stopped.is_none() && !level.is_empty() {
                self.stopped = control.stop(&self.progress(&crew.read().states, level.len()));
                if self.stopped.is_none() {
                    let portion = level.drain(..level.len().min(PORTION)).collect();
                    let batches = crew.expand(portion, &mut self.scratch);
                    let book = &mut *crew.write();
                    for batch in batches {
                        crew.discard(batch.maker, self.put_in_place(batch, book));
                    }
                    if let Some(reducer) = &mut book.reducer {
                        reducer.refresh();
                    }
                }
            }
            level.extend(self.next.drain(..));
        }
    }

    fn progress(&self, states: &States, level: usize) -> Progress {
        Progress {
            states: states.len() as u64,
            transitions: self.transitions,
            frontier: (level + self.next.len()) as u64,
            bytes: states.bytes() as u64,
        }
    }

    /// Puts what a worker wrote down in its place. What was met before comes back.
    fn put_in_place<'s>(&mut self, batch: Batch<'s>, book: &mut Book<'s>) -> Waste {
        book.checker.add(batch.checker);
        self.findings.append(batch.findings);
        batch.ends.into_iter().for_each(|end| self.ends.add(end));
        self.strikes.add(batch.strikes);
        self.transitions += batch.transitions;
        if let (None, Some(asymmetry)) = (&self.stopped, batch.asymmetry) {
            self.asymmetry = Some(asymmetry);
            self.stopped = Some(Stopped::Symmetry);
        }
        self.partly += batch.partly;
        if let Some(reducer) = &mut book.reducer {
            reducer.learn(batch.learned);
        }
        let (states, mut met) = (&mut book.states, Waste::new());
        for candidate in batch.candidates {
            let mut faults = candidate.faults;
            if candidate.transition.is_fault() {
                faults = book.sets.add(faults, &candidate.transition, self.start.world());
            }
            if states.has(candidate.fingerprint, faults) {
                met.push(candidate.system);
                continue;
            }
            if states.len() >= self.most {
                self.stopped = Some(Stopped::States);
                continue;
            }
            let id = states.add(candidate.fingerprint, faults, candidate.parent, &candidate.transition);
            let Candidate { system, met_all, .. } = candidate;
            self.next.push(Open { id, system, met_all, maker: batch.maker });
        }
        met
    }

    fn finish(mut self, script: &Arc<Script>, book: Book<'_>) -> Exploration {
        let complete = self.stopped.is_none();
        let Book { checker, states, sets, .. } = book;
        let reachable = checker.finish(complete, &mut self.findings);
        let world = self.start.world();
        let name = |pid: Pid| process_name(world, pid);
        let (violations, breaches, hazards, changes) = self.findings.finish(&sets, name);
        let last = (states.len() as u32).saturating_sub(1);
        let (ends, end_fingerprints) = self.ends.finish();
        Exploration {
            generated: self.transitions + 1,
            unique: states.len() as u64,
            transitions: self.transitions,
            // The states are numbered level by level.
            depth: states.get(last).map_or(0, |state| state.depth),
            complete,
            stopped: self.stopped,
            asymmetry: self.asymmetry,
            bytes: states.bytes() as u64,
            end_states: end_fingerprints.len() as u64,
            ends,
            violations,
            breaches,
            hazards,
            changes,
            coverage: self.strikes.finish(script, self.start),
            reachable,
            reduction: self.reduction,
            end_fingerprints,
            states,
            script: script.clone(),
            start: self.start.clone(),
        }
    }
}
