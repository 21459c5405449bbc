//! The engine: a frontier of systems, level by level, and the states that were met.
//!
//! A level is taken in portions. The states of a portion are expanded by as many workers as there are threads
//! ([`crate::expand`]), which only read what is known; then what they wrote down is put together in the order of the
//! states. So numbers, shortest ways and reports are the same for any number of threads.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use winspi_core::canon::Scratch;
use winspi_core::id::Pid;
use winspi_core::{Grain, System};
use winspi_script::waiting::process_name;
use winspi_script::{Lines, Script};

use crate::Options;
use crate::check::Checker;
use crate::control::{Control, Progress, Stopped};
use crate::coverage::Strikes;
use crate::end::Ends;
use crate::expand::{Batch, Known, Open};
use crate::exploration::Exploration;
use crate::faults::FaultSets;
use crate::findings::Findings;
use crate::states::States;

/// How many states a portion has. No result but that of an exploration that is stopped depends on it.
const PORTION: usize = 1024;

/// How many states a worker takes at a time.
const BLOCK: usize = 32;

/// Explores from a system on.
pub(crate) fn run(
    script: &Arc<Script>,
    mut system: System<Lines>,
    options: &Options,
    control: &Control<'_>,
) -> Exploration {
    // The end of a line is a boundary only where nothing finer is.
    system.stop_at_lines = system.grain == Grain::Call;
    let start = system.clone();
    let states = States::new(system.fingerprint_in(&mut Scratch::default()));
    let threads = options.threads.map_or(1, NonZeroUsize::get);
    let mut engine = Engine {
        checker: Checker::new(script),
        most: options.max_states.clamp(1, u32::MAX as usize - 1),
        options,
        states,
        sets: FaultSets::new(),
        findings: Findings::default(),
        ends: Ends::default(),
        strikes: Strikes::default(),
        next: Vec::new(),
        transitions: 0,
        stopped: None,
        scratches: (0..threads).map(|_| Scratch::default()).collect(),
        start: &start,
    };
    let mut level = VecDeque::from([Open { id: 0, system, met_all: false }]);
    while engine.stopped.is_none() && !level.is_empty() {
        while engine.stopped.is_none() && !level.is_empty() {
            engine.stopped = control.stop(&engine.progress(level.len()));
            if engine.stopped.is_none() {
                let portion = level.drain(..level.len().min(PORTION)).collect();
                engine.portion(portion);
            }
        }
        level.extend(std::mem::take(&mut engine.next));
    }
    engine.finish(script)
}

struct Engine<'s> {
    checker: Checker<'s>,
    options: &'s Options,
    most: usize,
    states: States,
    sets: FaultSets,
    findings: Findings,
    ends: Ends,
    strikes: Strikes,
    /// The states of the next level.
    next: Vec<Open>,
    transitions: u64,
    stopped: Option<Stopped>,
    /// For each thread the memory that fingerprints are made in.
    scratches: Vec<Scratch>,
    start: &'s System<Lines>,
}

impl<'s> Engine<'s> {
    fn progress(&self, level: usize) -> Progress {
        Progress {
            states: self.states.len() as u64,
            transitions: self.transitions,
            frontier: (level + self.next.len()) as u64,
            bytes: self.states.bytes() as u64,
        }
    }

    /// Expands a portion of a level.
    fn portion(&mut self, mut portion: Vec<Open>) {
        let mut blocks = Vec::new();
        while !portion.is_empty() {
            let rest = portion.split_off(portion.len().min(BLOCK));
            blocks.push(std::mem::replace(&mut portion, rest));
        }
        for batch in self.expand(blocks) {
            self.put_in_place(batch);
        }
    }

    /// Expands blocks of states; what is found comes in their order.
    fn expand(&mut self, blocks: Vec<Vec<Open>>) -> Vec<Batch<'s>> {
        let known = Known { options: self.options, states: &self.states, sets: &self.sets };
        let checker = &self.checker;
        let workers = self.scratches.len().min(blocks.len());
        if let ([scratch, ..], 0 | 1) = (self.scratches.as_mut_slice(), workers) {
            return blocks.into_iter().map(|block| Batch::of(block, checker.clone(), known, scratch)).collect();
        }
        let slots: Vec<Mutex<(Vec<Open>, Option<Batch<'s>>)>> =
            blocks.into_iter().map(|block| Mutex::new((block, None))).collect();
        let turn = AtomicUsize::new(0);
        let (slots_ref, turn) = (&slots, &turn);
        std::thread::scope(|scope| {
            for scratch in self.scratches.iter_mut().take(workers) {
                scope.spawn(move || {
                    // Each block is taken by the one who counted it.
                    while let Some(slot) = slots_ref.get(turn.fetch_add(1, Ordering::Relaxed)) {
                        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                        let block = std::mem::take(&mut slot.0);
                        slot.1 = Some(Batch::of(block, checker.clone(), known, scratch));
                    }
                });
            }
        });
        slots.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner).1).collect()
    }

    /// Puts what a worker wrote down in its place.
    fn put_in_place(&mut self, batch: Batch<'s>) {
        self.checker.add(batch.checker);
        batch.notes.into_iter().for_each(|note| self.findings.add(note));
        batch.ends.into_iter().for_each(|end| self.ends.add(end));
        self.strikes.add(batch.strikes);
        self.transitions += batch.transitions;
        for candidate in batch.candidates {
            let mut faults = candidate.faults;
            if candidate.transition.is_fault() {
                faults = self.sets.add(faults, &candidate.transition, self.start.world());
            }
            if self.states.has(candidate.fingerprint, faults) {
                continue;
            }
            if self.states.len() >= self.most {
                self.stopped = Some(Stopped::States);
                return;
            }
            let id = self.states.add(candidate.fingerprint, faults, candidate.parent, &candidate.transition);
            self.next.push(Open { id, system: candidate.system, met_all: candidate.met_all });
        }
    }

    fn finish(mut self, script: &Arc<Script>) -> Exploration {
        let complete = self.stopped.is_none();
        let reachable = self.checker.finish(complete, &mut self.findings);
        let world = self.start.world();
        let name = |pid: Pid| process_name(world, pid);
        let (violations, breaches, hazards, changes) = self.findings.finish(&self.sets, name);
        let last = (self.states.len() as u32).saturating_sub(1);
        let (ends, end_fingerprints) = self.ends.finish();
        Exploration {
            generated: self.transitions + 1,
            unique: self.states.len() as u64,
            transitions: self.transitions,
            // The states are numbered level by level.
            depth: self.states.get(last).map_or(0, |state| state.depth),
            complete,
            stopped: self.stopped,
            bytes: self.states.bytes() as u64,
            end_states: end_fingerprints.len() as u64,
            ends,
            violations,
            breaches,
            hazards,
            changes,
            coverage: self.strikes.finish(script, self.start),
            reachable,
            end_fingerprints,
            states: self.states,
            script: script.clone(),
            start: self.start.clone(),
        }
    }
}
