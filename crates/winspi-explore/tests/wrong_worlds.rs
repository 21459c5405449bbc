//! Every invariant can fail: in a world that is wrong in one way an exploration finds it, on a scenario of few lines.

mod common;

use std::collections::{HashSet, VecDeque};

use common::{BREAKS, MODEL, on, script};
use winspi_core::canon::Scratch;
use winspi_core::event::Event;
use winspi_core::id::Pid;
use winspi_core::world::check::{INVARIANTS, STEP_INVARIANTS};
use winspi_core::wrong::{Way, Wrong};
use winspi_core::{Grain, System, Transition};
use winspi_explore::{Exploration, Options, ViolationKind, explore, start};
use winspi_script::Lines;

/// No scenario here has more lines.
const MOST_LINES: usize = 12;
/// And none needs more states, kills included.
const MOST_STATES: usize = 2_000;

const HANDED: &str = "process a
process b
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: info = WSPDuplicateSocket(s, b)
a: BusSend(b, info)
b: info = BusReceive()
b: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info)
a: WSPCloseSocket(s)
b: WSPSetSockOpt(t, SOL_SOCKET, SO_KEEPALIVE, 1) => any
b: WSPGetSockOpt(t, SOL_SOCKET, SO_KEEPALIVE) => any
b: WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info) => any
";

const TWO_INFOS: &str = "process a
process b
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: WSPDuplicateSocket(s, b)
a: WSPDuplicateSocket(s, b)
";

const CONNECTED: &str = "process a
process b
b: l = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
b: bind(l, 127.0.0.1:80)
b: listen(l, 5)
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: connect(s, 127.0.0.1:80) => any
a: send(s, \"ab\") => any
a: info = WSADuplicateSocket(s, a) => any
b: c = accept(l) => any
b: recv(c, buffer(1)) => any
a: closesocket(s) => any
";

const CLEANED: &str = "process a
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: WSACleanup()
";

const EVENT: &str = "process a
a: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
a: CloseHandle(e)
";

const MEMORY: &str = "process a
a: b = Buffer(4)
a: ExitProcess(0)
";

/// The scenario on which it is found.
fn scenario(way: Way) -> &'static str {
    match way {
        Way::SocketOutlives | Way::CloseForgetsConnection | Way::ReceiveLeaves | Way::CloseShutsForAll => CONNECTED,
        Way::CleanupLeavesDescriptors | Way::CleanupLeavesProvider => CLEANED,
        Way::SerialRepeats => TWO_INFOS,
        Way::EndLeavesMemory => MEMORY,
        Way::EventOutlives => EVENT,
        _ => HANDED,
    }
}

fn found(text: &str, wrong: Option<Way>, place: usize) -> Exploration {
    found_by(text, wrong, place, false)
}

fn found_by(text: &str, wrong: Option<Way>, place: usize, reduce: bool) -> Exploration {
    let mut arrangement = on(place, Grain::Boundary);
    arrangement.policy.limits.wrong = wrong.map(Wrong::World);
    // After a first fault an unclaimed duplicate of one's own lives on: one kill is enough.
    let options = Options { max_states: MOST_STATES, reduce, ..Options::kills(1) };
    explore(&script(text), &arrangement, &options).expect("it can be explored")
}

fn broken(found: &Exploration) -> Vec<&str> {
    let invariants = found.violations.iter().filter(|v| v.kind == ViolationKind::Invariant);
    invariants.filter_map(|v| v.message.split(':').next()).collect()
}

#[test]
fn each_invariant_is_seen_to_fail_in_a_world_that_is_wrong() {
    for (way, invariant) in BREAKS {
        let text = scenario(way);
        assert!(text.lines().count() <= MOST_LINES, "{}", way.name());
        assert_eq!(way.name().parse::<Wrong>(), Ok(Wrong::World(way)));
        let wrong = found(text, Some(way), 0);
        assert!(broken(&wrong).contains(&invariant), "{}: {:?}", way.name(), broken(&wrong));
        let wrong = found_by(text, Some(way), 0, true);
        assert!(broken(&wrong).contains(&invariant), "reduced, {}: {:?}", way.name(), broken(&wrong));
    }
    for invariant in INVARIANTS.iter().chain(&STEP_INVARIANTS) {
        assert!(BREAKS.iter().any(|(_, named)| named == invariant), "{invariant} has no wrong world");
    }
    for way in Way::ALL {
        let known = BREAKS.iter().any(|(named, _)| *named == way) || MODEL.contains(&way);
        assert!(known, "{} is in no line of the tables", way.name());
    }
}

#[test]
fn in_a_world_that_is_right_all_of_them_hold() {
    for text in [HANDED, TWO_INFOS, CONNECTED, CLEANED, EVENT, MEMORY] {
        for place in 0..5 {
            let right = found(text, None, place);
            assert!(right.complete || place > 0, "{MOST_STATES} states are enough: {text}");
            assert_eq!(broken(&right), Vec::<&str>::new(), "on {place}: {text}");
        }
    }
}

/// The first states of a world that is wrong, up to those that are unsound, with the transitions that leave them.
fn first_states(way: Way, text: &str) -> Vec<(System<Lines>, Vec<Transition>)> {
    const MOST: usize = 60;
    let mut arrangement = on(0, Grain::Boundary);
    arrangement.policy.limits.wrong = Some(Wrong::World(way));
    let mut open = VecDeque::from([start(&script(text), &arrangement).expect("a state to begin with")]);
    let (mut known, mut all) = (HashSet::new(), Vec::new());
    while let Some(system) = open.pop_front().filter(|_| all.len() < MOST) {
        if !known.insert(system.fingerprint()) {
            continue;
        }
        let mut transitions = system.enabled();
        transitions.push(Transition::Kill(Pid::of_index(0)));
        transitions.retain(|transition| system.clone().apply(transition).is_ok());
        if system.world().check().is_empty() {
            open.extend(transitions.iter().map(|transition| {
                let mut next = system.clone();
                next.apply(transition).expect("it was taken before");
                next
            }));
        } else {
            transitions.clear();
        }
        all.push((system, transitions));
    }
    all
}

#[test]
fn what_saves_a_walk_or_an_event_changes_no_verdict() {
    let mut scratch = Scratch::default();
    for (way, _) in BREAKS {
        for (system, transitions) in first_states(way, scenario(way)) {
            let whole = system.world().check();
            let leaks = whole.iter().filter(|v| v.invariant == "no-leak").map(|v| v.place.clone());
            assert_eq!(leaks.collect::<Vec<_>>(), system.leaks(), "{}", way.name());
            system.fingerprint_in(&mut scratch);
            assert_eq!(system.world().check_walked(scratch.met_all()), whole, "{}", way.name());
            for transition in transitions {
                let (mut told, mut checked, mut events) = (system.clone(), system.clone(), Vec::new());
                let all = told.apply(&transition).expect("it can be taken");
                checked.apply_checked(&transition, &mut events).expect("it can be taken");
                assert_eq!(told.fingerprint(), checked.fingerprint(), "{transition:?}");
                let before = system.world();
                assert_eq!(told.world().check_step(before, &all), checked.world().check_step(before, &events));
                let findings = |events: Vec<Event>| -> Vec<Event> {
                    events.into_iter().filter(|e| matches!(e, Event::Breach(_) | Event::Hazard(_))).collect()
                };
                assert_eq!(findings(all), findings(events), "{transition:?}");
            }
        }
    }
}
