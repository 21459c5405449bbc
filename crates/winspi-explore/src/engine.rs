//! The engine: a frontier of systems, and the states that were met.

use std::collections::VecDeque;
use std::sync::Arc;

use winspi_core::canon::Scratch;
use winspi_core::id::Pid;
use winspi_core::{Grain, System, Transition};
use winspi_script::{Lines, Script};

use crate::Options;
use crate::check::Checker;
use crate::coverage::Strikes;
use crate::end::Ends;
use crate::exploration::Exploration;
use crate::findings::{Findings, Place, ViolationKind};
use crate::states::{FaultSet, StateId, States};

/// Explores from a system on.
pub(crate) fn run(script: &Arc<Script>, mut system: System<Lines>, options: &Options) -> Exploration {
    // The end of a line is a boundary only where nothing finer is.
    system.stop_at_lines = system.grain == Grain::Call;
    let mut scratch = Scratch::default();
    let start = system.clone();
    let states = States::new(system.fingerprint_in(&mut scratch));
    let mut engine = Engine {
        checker: Checker::new(script),
        most: options.max_states.clamp(1, u32::MAX as usize - 1),
        options: *options,
        states,
        findings: Findings::default(),
        ends: Ends::default(),
        strikes: Strikes::default(),
        frontier: VecDeque::new(),
        transitions: 0,
        complete: true,
        scratch,
    };
    engine.checker.state(&system, 0, &mut engine.findings);
    engine.frontier.push_back((0, system));
    while let Some((id, system)) = engine.frontier.pop_front() {
        engine.expand(id, system);
        if !engine.complete {
            break;
        }
    }
    engine.finish(script, start)
}

struct Engine<'s> {
    checker: Checker<'s>,
    options: Options,
    most: usize,
    states: States,
    findings: Findings,
    ends: Ends,
    strikes: Strikes,
    frontier: VecDeque<(StateId, System<Lines>)>,
    transitions: u64,
    complete: bool,
    scratch: Scratch,
}

impl Engine<'_> {
    /// Takes every transition of a state.
    fn expand(&mut self, id: StateId, system: System<Lines>) {
        let faults = self.states.get(id).map_or(FaultSet::NONE, |state| state.faults);
        let enabled = system.enabled();
        if enabled.is_empty() {
            let killed = self.states.killed(faults).to_vec();
            self.ends.add(&self.checker, &system, id, &killed, &mut self.scratch, &mut self.findings);
        }
        let kills = self.kills(&system, faults);
        for pid in &kills {
            self.strikes.note(&system, *pid);
        }
        let mut all: VecDeque<Transition> =
            enabled.into_iter().chain(kills.into_iter().map(Transition::Kill)).collect();
        let last = all.pop_back();
        for transition in all {
            self.take(id, faults, system.clone(), transition);
        }
        // The system itself goes into its last successor.
        if let Some(transition) = last {
            self.take(id, faults, system, transition);
        }
    }

    /// The processes that may be killed now.
    fn kills(&self, system: &System<Lines>, faults: FaultSet) -> Vec<Pid> {
        let used = self.states.killed(faults).len();
        if !self.options.faults.kill || used >= self.options.faults.budget as usize {
            return Vec::new();
        }
        system.world().processes().filter(|p| p.runs()).map(|p| p.pid).collect()
    }

    /// Takes a transition, and keeps what it leads to if that is new.
    fn take(&mut self, id: StateId, faults: FaultSet, mut system: System<Lines>, transition: Transition) {
        let place = || Place { state: id, transition: Some(transition.clone()) };
        let events = match system.apply(&transition) {
            Ok(events) => events,
            Err(refused) => {
                let message = format!("a transition was offered and could not be taken: {refused}");
                self.findings.violation(ViolationKind::Internal, None, message, place);
                return;
            }
        };
        self.transitions += 1;
        let faults = match transition {
            Transition::Kill(pid) => self.states.with_fault(faults, pid),
            _ => faults,
        };
        self.findings.events(events, place);
        self.checker.lines(&mut system, faults, &place, &mut self.findings);
        let fingerprint = system.fingerprint_in(&mut self.scratch);
        if self.states.find(fingerprint, faults).is_some() {
            return;
        }
        if self.states.len() >= self.most {
            self.complete = false;
            return;
        }
        let new = self.states.add(fingerprint, faults, id, &transition);
        self.checker.state(&system, new, &mut self.findings);
        self.frontier.push_back((new, system));
    }

    fn finish(mut self, script: &Arc<Script>, start: System<Lines>) -> Exploration {
        let reachable = self.checker.finish(self.complete, &mut self.findings);
        let world = start.world();
        let name = |pid: Pid| world.process(pid).map_or("?".to_owned(), |p| p.name.clone());
        let states = &self.states;
        let killed = |faults| states.killed(faults).to_vec();
        let (violations, breaches, hazards, changes) = self.findings.finish(killed, name);
        let depth = (0..self.states.len()).filter_map(|id| self.states.get(id as StateId)).map(|s| s.depth).max();
        let (ends, end_fingerprints) = self.ends.finish();
        Exploration {
            generated: self.transitions + 1,
            unique: self.states.len() as u64,
            transitions: self.transitions,
            depth: depth.unwrap_or(0),
            complete: self.complete,
            end_states: end_fingerprints.len() as u64,
            ends,
            violations,
            breaches,
            hazards,
            changes,
            coverage: self.strikes.finish(script, &start),
            reachable,
            end_fingerprints,
            states: self.states,
            script: script.clone(),
            start,
        }
    }
}
