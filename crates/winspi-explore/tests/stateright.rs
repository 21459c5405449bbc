//! The peer: stateright explores the same systems by its own search, and counts the same states.
//!
//! It knows of winspi only what a system can do next and what that gives; search, visited set and counting are its own.

mod common;

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use common::{CLOSE_RACES_COMPLETION, HANDOFF, RECYCLED_HANDLE, explored, on, script};
use stateright::{Checker, Model, Property};
use winspi_core::canon::Fingerprint;
use winspi_core::id::{Pid, Tid};
use winspi_core::{Grain, System, Transition};
use winspi_explore::{Options, start};
use winspi_script::{Arrangement, Lines, Script};

/// A scenario as a model of stateright.
struct Scenario {
    start: State,
    kills: u32,
}

impl Scenario {
    fn new(script: &Arc<Script>, arrangement: &Arrangement, kills: u32) -> Scenario {
        let mut system = start(script, arrangement).expect("the scenario can be explored");
        system.stop_at_lines = arrangement.grain == Grain::Call;
        Scenario { start: State::new(system, Vec::new()), kills }
    }
}

/// A system, and who was killed on the way to it. It is known by its fingerprint.
#[derive(Clone, Debug)]
struct State {
    /// The peer shares states between threads, which a system cannot be.
    system: Arc<Mutex<System<Lines>>>,
    fingerprint: Fingerprint,
    killed: Vec<Pid>,
}

impl State {
    fn new(mut system: System<Lines>, killed: Vec<Pid>) -> State {
        // What the lines that have ended gave is for those who check it, and no part of the state.
        let tids: Vec<Tid> = system.programs().map(|(tid, _)| tid).collect();
        for tid in tids {
            system.program_mut(tid).map(Lines::take_finished);
        }
        State { fingerprint: system.fingerprint(), system: Arc::new(Mutex::new(system)), killed }
    }

    fn system(&self) -> MutexGuard<'_, System<Lines>> {
        self.system.lock().expect("nothing panics while it has a system")
    }
}

impl PartialEq for State {
    fn eq(&self, other: &State) -> bool {
        (self.fingerprint, &self.killed) == (other.fingerprint, &other.killed)
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.fingerprint, &self.killed).hash(state);
    }
}

impl Model for Scenario {
    type State = State;
    type Action = Transition;

    fn init_states(&self) -> Vec<State> {
        vec![self.start.clone()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Transition>) {
        let system = state.system();
        actions.extend(system.enabled());
        if state.killed.len() < self.kills as usize {
            let running = system.world().processes().filter(|process| process.runs());
            actions.extend(running.map(|process| Transition::Kill(process.pid)));
        }
    }

    fn next_state(&self, state: &State, transition: Transition) -> Option<State> {
        let mut system = state.system().clone();
        system.apply(&transition).expect("what is enabled can be taken");
        let mut killed = state.killed.clone();
        if let Transition::Kill(pid) = transition {
            killed.push(pid);
            killed.sort_unstable();
        }
        Some(State::new(system, killed))
    }

    fn properties(&self) -> Vec<Property<Scenario>> {
        vec![Property::always("invariants", |_, state: &State| state.system().world().check().is_empty())]
    }
}

/// Both explore a scenario: the same states, reached by as many transitions.
#[track_caller]
fn both_count(text: &str, arrangement: &Arrangement, kills: u32) -> u64 {
    let script = script(text);
    let own = explored(&script, arrangement, &Options::kills(kills));
    let peer = Scenario::new(&script, arrangement, kills).checker().spawn_bfs().join();
    peer.assert_properties();
    assert_eq!(peer.unique_state_count() as u64, own.unique, "states with {kills} kills at {:?}", arrangement.grain);
    assert_eq!(peer.state_count() as u64, own.generated, "generated with {kills} kills at {:?}", arrangement.grain);
    own.unique
}

#[test]
fn of_the_handoff() {
    // The numbers of `UNIQUE` in handoff.rs.
    for (place, kills, unique) in [(0, 0, 361), (0, 1, 1434), (4, 0, 361)] {
        assert_eq!(both_count(HANDOFF, &on(place, Grain::Call), kills), unique);
    }
    assert_eq!(both_count(HANDOFF, &on(0, Grain::Boundary), 0), 1658);
}

#[test]
fn of_a_close_and_a_new_socket() {
    for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
        for kills in [0, 1] {
            assert!(both_count(RECYCLED_HANDLE, &on(0, grain), kills) > 1);
        }
    }
}

#[test]
fn of_a_close_and_a_completion() {
    for (place, grain) in [(0, Grain::Call), (0, Grain::Boundary), (1, Grain::Boundary)] {
        for kills in [0, 1] {
            assert!(both_count(CLOSE_RACES_COMPLETION, &on(place, grain), kills) > 1);
        }
    }
}

#[test]
fn of_three_who_speak_over_the_bus() {
    let text = r#"
process a
process b
process c
a: BusSend(b, "1")
a: BusSend(c, "2")
a: BusReceive() => any
a: BusReceive() => any
b: BusReceive(a) => "1"
b: BusSend(c, "3")
b: BusSend(a, "4")
c: BusReceive() => any
c: BusReceive() => any
c: BusSend(a, "5")
"#;
    for kills in 0..3 {
        assert!(both_count(text, &on(0, Grain::Call), kills) > 1);
    }
}

#[test]
fn states_that_one_of_them_does_not_meet_are_noticed() {
    // Here the peer leaves out the kills.
    let script = script(HANDOFF);
    let arrangement = on(0, Grain::Call);
    let own = explored(&script, &arrangement, &Options::kills(1));
    let peer = Scenario::new(&script, &arrangement, 0).checker().spawn_bfs().join();
    assert!((peer.unique_state_count() as u64) < own.unique);
}
