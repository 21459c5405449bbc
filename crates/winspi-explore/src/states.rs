//! The states that were met: what each is known by, and how it was reached first.

use std::collections::HashMap;

use winspi_core::Transition;
use winspi_core::canon::Fingerprint;

use crate::faults::FaultSet;

/// A state by its number in the order in which the states were met; 0 is the start.
pub type StateId = u32;

/// How many states lie together: what grows is a list of blocks, so that no state is ever moved.
const BLOCK: usize = 1 << 12;

/// The states that were met.
#[derive(Clone, Debug)]
pub(crate) struct States {
    blocks: Vec<Vec<State>>,
    count: usize,
    /// For each place of the table the number of a state and one more, or 0. Only looked up, never walked.
    table: Vec<u32>,
    transitions: Vec<Transition>,
    /// The place of each among `transitions`. Only looked up, never walked.
    places: HashMap<Transition, u32>,
}

/// A state that was met: 32 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// What the state is.
    pub(crate) fingerprint: Fingerprint,
    /// The faults before it.
    pub(crate) faults: FaultSet,
    /// The state before it; its own number for the start.
    pub(crate) parent: StateId,
    /// How many transitions lie before it.
    pub(crate) depth: u32,
    transition: u32,
}

impl States {
    /// Only the start.
    pub(crate) fn new(start: Fingerprint) -> States {
        let mut states = States {
            blocks: Vec::new(),
            count: 0,
            table: vec![0; 64],
            transitions: Vec::new(),
            places: HashMap::new(),
        };
        states.push(State { fingerprint: start, faults: FaultSet::NONE, parent: 0, depth: 0, transition: 0 });
        states
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// How many bytes all this takes.
    pub(crate) fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(|block| block.capacity() * size_of::<State>()).sum();
        blocks + self.table.len() * size_of::<u32>()
    }

    pub(crate) fn get(&self, id: StateId) -> Option<&State> {
        self.blocks.get(id as usize / BLOCK)?.get(id as usize % BLOCK)
    }

    /// The transition that led to a state first; `None` for the start.
    pub(crate) fn transition(&self, id: StateId) -> Option<&Transition> {
        let state = self.get(id).filter(|_| id > 0)?;
        self.transitions.get(state.transition as usize)
    }

    /// The number of a state, if it was met.
    pub(crate) fn find(&self, fingerprint: Fingerprint, faults: FaultSet) -> Option<StateId> {
        self.table[self.place(fingerprint, faults)].checked_sub(1)
    }

    /// Whether a state was met.
    pub(crate) fn has(&self, fingerprint: Fingerprint, faults: FaultSet) -> bool {
        self.table[self.place(fingerprint, faults)] != 0
    }

    /// Adds a state that was not met before.
    pub(crate) fn add(
        &mut self,
        fingerprint: Fingerprint,
        faults: FaultSet,
        parent: StateId,
        transition: &Transition,
    ) -> StateId {
        if self.count * 4 >= self.table.len() * 3 {
            self.grow();
        }
        // There are few transitions, for they are named by what they are.
        let transition = match self.places.get(transition) {
            Some(place) => *place,
            None => {
                let place = self.transitions.len() as u32;
                self.transitions.push(transition.clone());
                self.places.insert(transition.clone(), place);
                place
            }
        };
        let depth = self.get(parent).map_or(0, |state| state.depth + 1);
        self.push(State { fingerprint, faults, parent, depth, transition })
    }

    fn push(&mut self, state: State) -> StateId {
        let id = self.count as StateId;
        let place = self.place(state.fingerprint, state.faults);
        self.table[place] = id + 1;
        match self.blocks.last_mut().filter(|block| block.len() < BLOCK) {
            Some(block) => block.push(state),
            // A small exploration does not pay for a whole block.
            None => {
                let mut block = Vec::with_capacity(if self.blocks.is_empty() { 0 } else { BLOCK });
                block.push(state);
                self.blocks.push(block);
            }
        }
        self.count += 1;
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
        for id in 0..self.count as StateId {
            if let Some(State { fingerprint, faults, .. }) = self.get(id).copied() {
                let place = self.place(fingerprint, faults);
                self.table[place] = id + 1;
            }
        }
    }
}
