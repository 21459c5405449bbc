//! The peer of the explorer: descriptor lifetimes as a model of stateright, as one would write it there.
//!
//! Processes with places for descriptors, and objects. A free place opens an object that nobody has, a descriptor is
//! duplicated into any free place of any process, or closed. There are (objects + 1) ^ (all places) states. A state is
//! two vectors, which a step copies as it copies a system.

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
    places: Vec<u8>,
    references: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Open { place: u8, object: u8 },
    Duplicate { from: u8, to: u8 },
    Close { place: u8 },
}

impl Model for Lifetimes {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State { places: vec![0; PLACES], references: vec![0; OBJECTS + 1] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let numbered = || (0u8..).zip(&state.places);
        for (place, object) in numbered() {
            if *object == 0 {
                let unused = (1u8..).zip(&state.references[1..]).filter(|(_, count)| **count == 0);
                actions.extend(unused.map(|(object, _)| Action::Open { place, object }));
            } else {
                actions.push(Action::Close { place });
                let free = numbered().filter(|(_, object)| **object == 0);
                actions.extend(free.map(|(to, _)| Action::Duplicate { from: place, to }));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        let (place, object) = match action {
            Action::Open { place, object } => (place, object),
            Action::Duplicate { from, to } => (to, next.places[usize::from(from)]),
            Action::Close { place } => {
                let object = std::mem::take(&mut next.places[usize::from(place)]);
                next.references[usize::from(object)] -= 1;
                return Some(next);
            }
        };
        next.places[usize::from(place)] = object;
        next.references[usize::from(object)] += 1;
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Lifetimes>> {
        vec![Property::always("each reference is counted", |_, state: &State| {
            let held = |object| state.places.iter().filter(|place| usize::from(**place) == object).count();
            (1..=OBJECTS).all(|object| held(object) == usize::from(state.references[object]))
        })]
    }
}
