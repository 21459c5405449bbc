//! The states that were met: what each is known by, and how it was reached first.

use winspi_core::Transition;
use winspi_core::canon::Fingerprint;
use winspi_core::id::Pid;

/// A state by its number in the order in which the states were met; 0 is the start.
pub type StateId = u32;

/// The states that were met.
#[derive(Clone, Debug)]
pub(crate) struct States {
    all: Vec<State>,
    /// For each place of the table the number of a state and one more, or 0. Only looked up, never walked.
    table: Vec<u32>,
    transitions: Vec<Transition>,
    faults: Vec<Vec<Pid>>,
}

/// A state that was met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// What the state is.
    pub(crate) fingerprint: Fingerprint,
    /// Who was killed before it: a place among the sets.
    pub(crate) faults: FaultSet,
    /// The state before it; its own number for the start.
    pub(crate) parent: StateId,
    /// How many transitions lie before it.
    pub(crate) depth: u32,
    transition: u32,
}

/// A set of processes that were killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FaultSet(u32);

impl FaultSet {
    /// No fault so far.
    pub(crate) const NONE: FaultSet = FaultSet(0);
}

impl States {
    /// Only the start.
    pub(crate) fn new(start: Fingerprint) -> States {
        let mut states =
            States { all: Vec::new(), table: vec![0; 64], transitions: Vec::new(), faults: vec![Vec::new()] };
        let place = states.place(start, FaultSet::NONE);
        states.table[place] = 1;
        states.all.push(State { fingerprint: start, faults: FaultSet::NONE, parent: 0, depth: 0, transition: 0 });
        states
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, id: StateId) -> Option<&State> {
        self.all.get(id as usize)
    }

    /// The transition that led to a state first; `None` for the start.
    pub(crate) fn transition(&self, id: StateId) -> Option<&Transition> {
        let state = self.get(id).filter(|_| id > 0)?;
        self.transitions.get(state.transition as usize)
    }

    /// The processes of a set, in the order of their start.
    pub(crate) fn killed(&self, faults: FaultSet) -> &[Pid] {
        self.faults.get(faults.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The set with one process more.
    pub(crate) fn with_fault(&mut self, faults: FaultSet, killed: Pid) -> FaultSet {
        let mut set = self.killed(faults).to_vec();
        set.push(killed);
        set.sort_unstable();
        let known = self.faults.iter().position(|other| *other == set);
        let place = known.unwrap_or_else(|| {
            self.faults.push(set);
            self.faults.len() - 1
        });
        FaultSet(place as u32)
    }

    /// The number of a state, if it was met.
    pub(crate) fn find(&self, fingerprint: Fingerprint, faults: FaultSet) -> Option<StateId> {
        self.table[self.place(fingerprint, faults)].checked_sub(1)
    }

    /// Adds a state that was not met before.
    pub(crate) fn add(
        &mut self,
        fingerprint: Fingerprint,
        faults: FaultSet,
        parent: StateId,
        transition: &Transition,
    ) -> StateId {
        if self.all.len() * 4 >= self.table.len() * 3 {
            self.grow();
        }
        // There are few transitions, for they are named by what they are.
        let known = self.transitions.iter().position(|t| t == transition);
        let transition = known.unwrap_or_else(|| {
            self.transitions.push(transition.clone());
            self.transitions.len() - 1
        });
        let id = self.all.len() as StateId;
        let depth = self.get(parent).map_or(0, |state| state.depth + 1);
        let place = self.place(fingerprint, faults);
        self.table[place] = id + 1;
        self.all.push(State { fingerprint, faults, parent, depth, transition: transition as u32 });
        id
    }

    /// Where a state stands in the table, or would.
    fn place(&self, fingerprint: Fingerprint, faults: FaultSet) -> usize {
        let mask = self.table.len() - 1;
        let mut place = (fingerprint.0 as usize).wrapping_add(faults.0 as usize) & mask;
        loop {
            let found = self.table[place].checked_sub(1).and_then(|id| self.get(id));
            match found {
                Some(state) if state.fingerprint != fingerprint || state.faults != faults => place = (place + 1) & mask,
                _ => return place,
            }
        }
    }

    fn grow(&mut self) {
        self.table = vec![0; self.table.len() * 2];
        for id in 0..self.all.len() {
            let State { fingerprint, faults, .. } = self.all[id];
            let place = self.place(fingerprint, faults);
            self.table[place] = id as u32 + 1;
        }
    }
}
