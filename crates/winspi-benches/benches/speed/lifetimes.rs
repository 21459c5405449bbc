//! The peer of the explorer: descriptor lifetimes as a model of stateright, with a state of a few bytes.
//!
//! Processes with places for descriptors, and objects. A free place opens an object that nobody has, a descriptor is
//! duplicated into any free place of any process, or closed. There are (objects + 1) ^ (all places) states.

use stateright::{Checker, Model, Property};

/// How many places there are: three processes with three each.
const PLACES: usize = 9;
/// How many objects.
const OBJECTS: usize = 2;

/// Generated and different states.
pub(crate) const COUNTS: (usize, usize) = (437_635, 19_683);

/// All states, breadth first on one thread: how many were generated, and how many different ones.
pub(crate) fn explore() -> (usize, usize) {
    let checker = Lifetimes.checker().threads(1).spawn_bfs().join();
    checker.assert_properties();
    (checker.state_count(), checker.unique_state_count())
}

struct Lifetimes;

/// Which object each place holds, and how many places hold each object; object 0 is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    places: [u8; PLACES],
    references: [u8; OBJECTS + 1],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Open { place: usize, object: u8 },
    Duplicate { from: usize, to: usize },
    Close { place: usize },
}

impl State {
    fn with(&self, place: usize, object: u8) -> State {
        let mut next = self.clone();
        let was = std::mem::replace(&mut next.places[place], object);
        for (changed, by) in [(was, -1), (object, 1)] {
            if let Some(count) = next.references.get_mut(usize::from(changed)).filter(|_| changed != 0) {
                *count = count.saturating_add_signed(by);
            }
        }
        next
    }
}

impl Model for Lifetimes {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State { places: [0; PLACES], references: [0; OBJECTS + 1] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let free = || (0..PLACES).filter(|place| state.places[*place] == 0);
        for place in 0..PLACES {
            if state.places[place] != 0 {
                actions.push(Action::Close { place });
                actions.extend(free().map(|to| Action::Duplicate { from: place, to }));
            } else {
                let unused = (1..=OBJECTS).filter(|object| state.references[*object] == 0);
                actions.extend(unused.map(|object| Action::Open { place, object: object as u8 }));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        Some(match action {
            Action::Open { place, object } => state.with(place, object),
            Action::Duplicate { from, to } => state.with(to, state.places[from]),
            Action::Close { place } => state.with(place, 0),
        })
    }

    fn properties(&self) -> Vec<Property<Lifetimes>> {
        vec![Property::always("each reference is counted", |_, state: &State| {
            let held = |object| state.places.iter().filter(|place| usize::from(**place) == object).count();
            (1..=OBJECTS).all(|object| held(object) == usize::from(state.references[object]))
        })]
    }
}
