//! Parties outside: a layer and programs in Rust take part in a world, and a run with them is a value as any other.

#[path = "foreign/handoff.rs"]
mod handoff;
#[path = "foreign/layer.rs"]
mod layer;
#[path = "foreign/parties.rs"]
mod parties;

use std::sync::Arc;

use handoff::{PROCESSES, Seen, Server, machine};
use winspi::core::event::Event;
use winspi::core::id::{Pid, Tid};
use winspi::core::outcome::Who;
use winspi::core::transition::NotEnabled;
use winspi::foreign::{Recording, Stop, first, replay};
use winspi::{Grain, System, Transition};

/// Runs the handoff to its end.
fn run(grain: Grain) -> (System<Server>, Recording) {
    let mut system = machine();
    system.grain = grain;
    let mut recording = Recording::default();
    let seen = Seen::default();
    let mut parties = handoff::parties(&seen);
    parties.drive(&mut system, &mut recording, checked).expect("the handoff is no error");
    for process in &PROCESSES[1..] {
        assert_eq!(parties.end_of(Tid::main(*process)), Some(&Ok(())));
    }
    assert_eq!(parties.running().count(), 0);
    drop(parties);
    assert_eq!(Arc::strong_count(&seen.layer), 1, "a thread still has the layer");
    (system, recording)
}

/// Takes the first of those enabled, after a look at all invariants.
fn checked(system: &System<Server>, enabled: &[Transition]) -> Option<Transition> {
    assert_eq!(system.world().check(), []);
    first(system, enabled)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("it can be stored")
}

fn is_answer(transition: &&Transition) -> bool {
    matches!(transition, Transition::Answer { .. })
}

#[test]
fn a_layer_and_two_programs_outside_hand_a_socket_over() {
    let (system, recording) = run(Grain::Call);
    let server = system.program(Tid::main(PROCESSES[0])).expect("the server is ours");
    assert_eq!(String::from_utf8_lossy(&server.received), "from the target, and again");
    assert!(system.enabled().is_empty() && system.open_questions().next().is_none());
    assert_eq!((system.world().endpoint_count(), system.world().connection_count()), (0, 0));
    assert!(!recording.events.iter().any(|event| matches!(event, Event::Breach(_))));
    let hazards = recording.events.iter().filter_map(|event| match event {
        Event::Hazard(hazard) => Some(hazard.kind.name()),
        _ => None,
    });
    // The source closes before the target has asked.
    assert_eq!(hazards.collect::<Vec<_>>(), ["unclaimed-duplication-keeps-socket"]);
    // The layer serves all three processes, and its closes are the base's, as its procedure table says.
    let by_layer = |event: &&Event| matches!(event, Event::Enter { who: Who::Foreign(..), .. });
    let served = |name: &str| {
        let calls = recording.events.iter().filter(by_layer);
        calls.filter(|e| matches!(e, Event::Enter { call, .. } if call.function().name() == name)).count()
    };
    assert_eq!(["WSPStartup", "WSPSocket", "WSPAccept", "WSPDuplicateSocket"].map(served), [3, 3, 1, 1]);
    assert_eq!(["WSPCloseSocket", "WSPSend", "WSPRecv"].map(served), [0, 0, 0]);
    println!(
        "{} transitions, {} answers",
        recording.schedule.len(),
        recording.schedule.iter().filter(is_answer).count()
    );
}

#[test]
fn two_runs_are_the_same() {
    for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
        let (one, other) = (run(grain), run(grain));
        assert_eq!(json(&one.1), json(&other.1));
        assert_eq!(json(&one.0), json(&other.0));
    }
}

#[test]
fn a_run_is_replayed_without_its_parties() {
    for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
        let (system, recording) = run(grain);
        let stored = json(&recording.schedule);
        let schedule: Vec<Transition> = serde_json::from_str(&stored).expect("it was just stored");
        let mut again = machine();
        again.grain = grain;
        let events = replay(&mut again, &schedule).expect("it went so before");
        assert_eq!(json(&events), json(&recording.events));
        assert_eq!(json(&again), json(&system));
    }
}

#[test]
fn a_replay_without_an_answer_says_where_it_fails() {
    let (_, recording) = run(Grain::Call);
    let mut schedule = recording.schedule;
    let at = schedule.iter().position(|t| is_answer(&t)).expect("there are answers");
    let Transition::Answer { thread, number, .. } = schedule.remove(at) else { return };
    let error = replay(&mut machine(), &schedule).expect_err("the answer is missing");
    assert!(error.at >= at, "{error}");
    // The answer once more is refused.
    let mut twice = run(Grain::Call).1.schedule;
    twice.insert(at + 1, twice[at].clone());
    let error = replay(&mut machine(), &twice).expect_err("it was answered");
    assert_eq!((error.at, error.why), (at + 1, NotEnabled::NotAsked { thread, number }));
}

/// Runs the handoff up to the question with this number in order; `None` if there are not so many.
fn up_to_question(count: usize, seen: &Seen) -> Option<(System<Server>, winspi::foreign::Parties, Tid)> {
    let mut system = machine();
    let mut parties = handoff::parties(seen);
    let mut recording = Recording::default();
    let mut answers = 0;
    loop {
        let open = system.open_questions().next();
        if let Some((thread, _)) = open {
            if answers == count {
                return Some((system, parties, thread));
            }
            answers += 1;
        }
        if !parties.step(&mut system, &mut recording, checked).expect("the handoff is no error") {
            return None;
        }
    }
}

/// Kills a process at an open question; `ready` says whether the party has already made up its answer.
fn kill_at(count: usize, ready: bool, victim: impl Fn(Tid) -> Pid) -> bool {
    let seen = Seen::default();
    let Some((mut system, mut parties, thread)) = up_to_question(count, &seen) else { return false };
    let victim = victim(thread);
    let answer = match ready {
        true => parties.answer(&system, thread).expect("the party answers"),
        false => None,
    };
    let begun = parties.running().filter(|(tid, _)| tid.process == victim).count();
    let saw_before = seen.ends_of(victim);
    system.apply(&Transition::Kill(victim)).expect("it runs");
    assert_eq!(system.world().check(), []);
    parties.settle(&system).expect("no party panics");
    assert_eq!(parties.running().filter(|(tid, _)| tid.process == victim).count(), 0, "question {count}");
    assert_eq!(seen.ends_of(victim) - saw_before, begun, "who had begun sees the end: question {count}");
    assert_eq!(system.open_questions().filter(|(tid, _)| tid.process == victim).count(), 0);
    if let (Some(Transition::Answer { number, .. }), true) = (&answer, thread.process == victim) {
        let refused = system.apply(answer.as_ref().expect("it is there"));
        assert_eq!(refused, Err(NotEnabled::NotAsked { thread, number: *number }));
    }
    // The others go on as far as they can; then they end, too, and nothing is left.
    let mut recording = Recording::default();
    parties.drive(&mut system, &mut recording, checked).expect("the rest of the handoff is no error");
    for process in PROCESSES {
        if system.world().running(process).is_some() {
            recording.apply(&mut system, Transition::Kill(process)).expect("it runs");
        }
    }
    parties.drive(&mut system, &mut recording, checked).expect("only deliveries are left");
    assert_eq!(parties.running().count(), 0);
    let world = system.world();
    let left = (world.endpoint_count(), world.connection_count(), world.event_count(), world.operation_count());
    assert_eq!(left, (0, 0, 0, 0), "question {count}");
    drop(parties);
    assert_eq!(Arc::strong_count(&seen.layer), 1, "a thread still has the layer");
    true
}

#[test]
fn a_kill_at_each_open_question_ends_its_parties() {
    for ready in [false, true] {
        let count = (0..).take_while(|count| kill_at(*count, ready, |thread| thread.process)).count();
        println!("killed at {count} questions");
        assert!(count > 30, "only {count} questions");
    }
}

#[test]
fn a_kill_of_another_process_at_an_open_question_leaves_the_question_open() {
    for victim in PROCESSES {
        let count = (0..).take_while(|count| kill_at(*count, true, |_| victim)).count();
        assert!(count > 30, "only {count} questions");
    }
}

#[test]
fn a_killed_program_is_known_to_have_ended() {
    let seen = Seen::default();
    let (mut system, mut parties, thread) = up_to_question(12, &seen).expect("there are more");
    system.apply(&Transition::Kill(thread.process)).expect("it runs");
    parties.settle(&system).expect("no party panics");
    let main = Tid::main(thread.process);
    if thread.process != PROCESSES[0] {
        assert_eq!(parties.end_of(main), Some(&Err(Stop::Ended)));
    }
    assert!(system.world().running(thread.process).is_none());
}
