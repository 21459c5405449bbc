//! What an exploration gives.

use std::sync::Arc;

use winspi_core::System;
use winspi_core::canon::{Asymmetry, Fingerprint};
use winspi_core::event::{Breach, Hazard};
use winspi_script::{Lines, Script};

use crate::control::Stopped;
use crate::coverage::Coverage;
use crate::end::EndClass;
use crate::findings::{Change, Found, Violation};
use crate::reduce::Reduction;
use crate::states::{StateId, States};

/// What an exploration found.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// States that were generated, the start and those that were known already included.
    pub generated: u64,
    /// Different states.
    pub unique: u64,
    /// Transitions that were taken.
    pub transitions: u64,
    /// The longest of the shortest ways.
    pub depth: u32,
    /// Whether all states were met and checked.
    pub complete: bool,
    /// Why not.
    pub stopped: Option<Stopped>,
    /// Where it is [`Stopped::Symmetry`]: why states cannot be exchanged after all.
    pub asymmetry: Option<Asymmetry>,
    /// How many bytes the visited set takes.
    pub bytes: u64,
    /// States in which nothing can happen any more, faults apart.
    pub end_states: u64,
    /// The same, by what they are like; their counts add up to `end_states`.
    pub ends: Vec<EndClass>,
    /// What must not be, in the order in which it was found.
    pub violations: Vec<Violation>,
    /// Duties that providers broke, in the order in which they were found.
    pub breaches: Vec<Found<Breach>>,
    /// What works and may not be meant, in the order in which it was found.
    pub hazards: Vec<Found<Hazard>>,
    /// Lines that a fault gives another result.
    pub changes: Vec<Change>,
    /// Where kills struck.
    pub coverage: Coverage,
    /// For each `reachable` of the scenario the state in which it holds first.
    pub reachable: Vec<Option<StateId>>,
    /// Whether orders were left out, and how many.
    pub reduction: Reduction,
    pub(crate) end_fingerprints: Vec<Fingerprint>,
    pub(crate) states: States,
    pub(crate) script: Arc<Script>,
    pub(crate) start: System<Lines>,
}

impl Exploration {
    /// Whether everything was met, nothing is violated and no duty is broken. Hazards are no failure.
    pub fn passed(&self) -> bool {
        self.complete && self.violations.is_empty() && self.breaches.is_empty()
    }

    /// The scenario.
    pub fn script(&self) -> &Arc<Script> {
        &self.script
    }

    /// The system that the exploration began with.
    pub fn start(&self) -> &System<Lines> {
        &self.start
    }

    /// The end states by what they are, whatever the grain and the way: sorted, each once.
    pub fn end_fingerprints(&self) -> Vec<Fingerprint> {
        let mut all = self.end_fingerprints.clone();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What a state is; `None` for a number that no state has.
    pub fn fingerprint(&self, state: StateId) -> Option<Fingerprint> {
        self.states.get(state).map(|s| s.fingerprint)
    }

    /// The state before a state, on the shortest way; `None` for the start.
    pub fn parent(&self, state: StateId) -> Option<StateId> {
        self.states.get(state).filter(|_| state > 0).map(|s| s.parent)
    }

    /// How many transitions lie before a state on the shortest way.
    pub fn depth_of(&self, state: StateId) -> Option<u32> {
        self.states.get(state).map(|s| s.depth)
    }
}
