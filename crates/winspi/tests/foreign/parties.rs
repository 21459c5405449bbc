//! Single parties: what the system makes of bad answers, panics, branches, callbacks and waits.

use std::sync::Arc;

use winspi::core::call::{
    Call, ConditionFunc, GetCurrentProcessId, Signature, WSPAccept, WSPBind, WSPCloseSocket, WSPListen, WSPStartup,
};
use winspi::core::event::{Breach, Duty, Event};
use winspi::core::id::{CallbackId, Handle, InstanceId, PartyId, Pid, ProviderId, Tid};
use winspi::core::kernel::process::{ProcessState, ThreadRole};
use winspi::core::outcome::{Out, Outcome, ProcTable, Refusal, Started, Who};
use winspi::core::protocol::{Request, Step};
use winspi::core::value::{Length, Place, Pointer, Value};
use winspi::core::wait::Wait;
use winspi::foreign::{CRASHED, Core, NoProgram, Parties, PartyError, Provider, Recording, Stop, done, first};
use winspi::types::constants::{CF_ACCEPT, CF_REJECT};
use winspi::types::{ErrorCode, StartupData, Version};
use winspi::{System, Transition};

use super::handoff::{LAYER, accept, connect, here, layered, tcp_socket};
use super::layer::Layer;

const ONE: PartyId = PartyId(1);
const OTHER: PartyId = PartyId(2);

/// A machine with a layer outside and so many processes, of the parties 1, 2, ...
fn machine(processes: u16) -> (System<NoProgram>, Vec<Tid>) {
    let mut world = layered();
    let add = |n: u16| Tid::main(world.add_process(&format!("p{n}"), true, ThreadRole::Outside(PartyId(n))));
    let threads = (1..=processes).map(add).collect();
    (System::new(world, ()), threads)
}

/// Runs to the end.
#[track_caller]
fn drive(parties: &mut Parties, system: &mut System<NoProgram>) -> Vec<Event> {
    let mut recording = Recording::default();
    parties.drive(system, &mut recording, first).expect("nothing goes wrong");
    recording.events
}

/// The error of a refusal.
fn code(stop: &Stop) -> Option<ErrorCode> {
    match stop {
        Stop::Refused(Refusal::Code { code, .. }) => Some(*code),
        _ => None,
    }
}

/// A layer that answers some functions itself.
struct But<F>(Layer, F);

impl<F: Fn(&Call) -> Option<Result<Outcome, Stop>> + Send + Sync> Provider for But<F> {
    fn call(&self, call: Call, core: &mut Core) -> Result<Outcome, Stop> {
        (self.1)(&call).unwrap_or_else(|| self.0.call(call, core))
    }
}

#[test]
fn the_result_of_another_function_is_a_breach() {
    for name in ["WSPSocket", "WSPStartup"] {
        let (mut system, threads) = machine(1);
        let mut parties = Parties::new();
        let wrong = move |call: &Call| (call.function().name() == name).then(|| Ok(done(String::from("socket"))));
        parties.provider(LAYER, Arc::new(But(Layer::default(), wrong)));
        parties.program(ONE, |core: &mut Core| core.up(tcp_socket()).map(drop));
        let events = drive(&mut parties, &mut system);
        let breaches: Vec<&Breach> =
            events.iter().filter_map(|e| if let Event::Breach(breach) = e { Some(breach) } else { None }).collect();
        let [breach] = breaches[..] else { panic!("{name}: {breaches:?}") };
        assert_eq!((breach.duty, breach.provider.process), (Duty::ForeignShape, threads[0].process));
        let end = parties.end_of(threads[0]).expect("the program is through");
        assert_eq!(end.as_ref().map_err(code), Err(Some(ErrorCode::WSASYSCALLFAILURE)), "{name}");
    }
}

#[test]
fn a_refusal_goes_up_and_names_its_author() {
    let (mut system, threads) = machine(1);
    let mut parties = Parties::new();
    let refuse = |call: &Call| {
        let refusal = Refusal::code(ErrorCode::WSAENOBUFS, winspi::core::clause!("WSPSocket.error-enobufs"));
        matches!(call, Call::WSPSocket(_)).then_some(Err(Stop::Refused(refusal)))
    };
    parties.provider(LAYER, Arc::new(But(Layer::default(), refuse)));
    parties.program(ONE, |core: &mut Core| core.up(tcp_socket()).map(drop));
    let events = drive(&mut parties, &mut system);
    let authors = events.iter().filter_map(|event| match event {
        Event::Leave { outcome, .. } if outcome.error() == Some(ErrorCode::WSAENOBUFS) => outcome.by,
        _ => None,
    });
    let instance = InstanceId { process: threads[0].process, provider: ProviderId(1) };
    assert_eq!(authors.collect::<Vec<_>>(), [Who::Foreign(LAYER, instance); 2]);
}

#[test]
fn a_party_that_says_it_has_ended_and_has_not_is_refused() {
    let (mut system, threads) = machine(1);
    let mut parties = Parties::new();
    parties.provider(LAYER, Arc::new(|_: Call, _: &mut Core| Err(Stop::Ended)));
    parties.program(ONE, |core: &mut Core| core.up(tcp_socket()).map(drop));
    drive(&mut parties, &mut system);
    let end = parties.end_of(threads[0]).expect("the program is through");
    assert_eq!(end.as_ref().map_err(code), Err(Some(ErrorCode::WSASYSCALLFAILURE)));
}

#[test]
fn an_open_question_is_no_end_state() {
    let (mut system, threads) = machine(1);
    assert_eq!(system.enabled(), [Transition::Go(threads[0])]);
    system.apply(&Transition::Go(threads[0])).expect("it is enabled");
    assert!(system.enabled().is_empty());
    assert_eq!(system.open_questions().collect::<Vec<_>>(), [(threads[0], 1)]);
    // Nobody is there to answer, and that is said.
    let error = Parties::new().answer(&system, threads[0]);
    assert_eq!(error, Err(PartyError::Nobody { party: ONE, thread: threads[0] }));
    // With an answer the system goes on, and at its end nothing is open.
    let mut parties = Parties::new();
    parties.program(ONE, |_: &mut Core| Ok(()));
    drive(&mut parties, &mut system);
    assert!(system.enabled().is_empty() && system.open_questions().next().is_none());
}

#[test]
fn a_party_plays_what_it_was_registered_for() {
    let (mut system, threads) = machine(2);
    let thread = threads[0];
    system.apply(&Transition::Go(thread)).expect("it is enabled");
    let mut parties = Parties::new();
    parties.provider(ONE, Arc::new(Layer::default()));
    assert_eq!(parties.answer(&system, thread), Err(PartyError::Miscast { party: ONE, thread }));
    assert_eq!(parties.answer(&system, threads[1]), Ok(None), "it has no question");
}

#[test]
fn a_panic_is_an_error_and_then_a_crash_of_the_process() {
    let (mut system, threads) = machine(2);
    let mut parties = Parties::new();
    let crash = |call: &Call| match call {
        Call::WSPSocket(_) => panic!("this layer has a bug"),
        _ => None,
    };
    parties.provider(LAYER, Arc::new(But(Layer::default(), crash)));
    parties.program(ONE, |core: &mut Core| core.up(tcp_socket()).map(drop));
    parties.program(OTHER, |_: &mut Core| Ok(()));
    let mut recording = Recording::default();
    let error = parties.drive(&mut system, &mut recording, first).expect_err("the layer panics");
    let message = "this layer has a bug".to_owned();
    assert_eq!(error, PartyError::Panicked { party: LAYER, thread: threads[0], message });
    assert_eq!(system.open_questions().count(), 1);
    // Who goes on sees the process end, and the others go on.
    parties.drive(&mut system, &mut recording, first).expect("the rest goes well");
    let process = system.world().process(threads[0].process).expect("it was there");
    assert_eq!(process.state, ProcessState::Ended(CRASHED));
    assert_eq!(parties.end_of(threads[0]), Some(&Err(Stop::Ended)));
    assert_eq!(parties.end_of(threads[1]), Some(&Ok(())));
    assert_eq!((system.world().endpoint_count(), parties.running().count()), (0, 0));
}

#[test]
fn a_system_that_went_back_is_elsewhere() {
    let (mut system, threads) = machine(1);
    let mut parties = Parties::new();
    parties.provider(LAYER, Arc::new(Layer::default()));
    parties.program(ONE, |core: &mut Core| core.up(tcp_socket()).map(drop));
    system.apply(&Transition::Go(threads[0])).expect("it is enabled");
    let before = system.clone();
    let answer = parties.answer(&system, threads[0]).expect("it answers").expect("it was asked");
    // The same question has the same answer, in the copy as well.
    assert_eq!(parties.answer(&before, threads[0]), Ok(Some(answer.clone())));
    system.apply(&answer).expect("it was asked");
    drive(&mut parties, &mut system);
    let elsewhere = Err(PartyError::Elsewhere { thread: threads[0], number: 1 });
    assert_eq!(parties.answer(&before, threads[0]), elsewhere);
}

#[test]
fn a_question_that_somebody_else_answered_is_elsewhere() {
    let (mut system, threads) = machine(1);
    let mut parties = Parties::new();
    parties.program(ONE, |core: &mut Core| core.up(GetCurrentProcessId {}).map(drop));
    let mut recording = Recording::default();
    while system.open_questions().all(|(_, number)| number < 2) {
        assert!(parties.step(&mut system, &mut recording, first).expect("nothing goes wrong"));
    }
    // The program waits for the answer to its call; it does not know of one more call between.
    let call = Arc::new(GetCurrentProcessId {}.call());
    let step = Step::Ask(Request::Up(call), ());
    system.apply(&Transition::Answer { thread: threads[0], number: 2, step }).expect("it is asked");
    let error = parties.drive(&mut system, &mut recording, first);
    assert_eq!(error, Err(PartyError::Elsewhere { thread: threads[0], number: 3 }));
}

#[test]
fn a_program_begins_once() {
    let (mut system, threads) = machine(1);
    let process = threads[0].process;
    let second = system.world_mut().add_thread(process, "second", ThreadRole::Outside(ONE)).expect("there is room");
    let mut parties = Parties::new();
    parties.program(ONE, |_: &mut Core| Ok(()));
    let error = parties.drive(&mut system, &mut Recording::default(), first);
    assert_eq!(error, Err(PartyError::Begun { party: ONE, thread: second }));
}

/// Listens and accepts with this condition function; another process connects.
fn accept_if(decide: impl FnMut(&Call, &mut Core) -> Result<Outcome, Stop> + Send + 'static) -> Result<(), Stop> {
    let (mut system, threads) = machine(2);
    let mut parties = Parties::new();
    parties.provider(LAYER, Arc::new(Layer::default()));
    parties.program(ONE, move |core: &mut Core| {
        let s = core.up(tcp_socket())?;
        core.up(WSPBind { s, name: here(), namelen: Length(None) })?;
        core.up(WSPListen { s, backlog: 1 })?;
        let condition = Pointer::To(core.callback(decide)?);
        let accepted = core.up(WSPAccept { condition, callback_data: 7, ..accept(s) })?;
        core.up(WSPCloseSocket { s: accepted.s })
    });
    parties.program(OTHER, |core: &mut Core| {
        let s = core.up(tcp_socket())?;
        core.up(connect(s)).map(|_| ())
    });
    drive(&mut parties, &mut system);
    parties.end_of(threads[0]).expect("the program is through").clone()
}

#[test]
fn a_condition_function_runs_on_its_program() {
    let accepts = accept_if(|call, core| match call {
        // It makes calls of its own while the program waits in WSPAccept.
        Call::ConditionFunc(ConditionFunc { callback_data: 7, .. }) => {
            let s = core.up(tcp_socket())?;
            core.up(WSPCloseSocket { s })?;
            Ok(done(i64::from(CF_ACCEPT)))
        }
        _ => Err(Stop::Ended),
    });
    assert_eq!(accepts, Ok(()));
    let rejects = accept_if(|_, _| Ok(done(i64::from(CF_REJECT))));
    assert_eq!(rejects.as_ref().map_err(code), Err(Some(ErrorCode::WSAECONNREFUSED)));
    // Another function's result is a gap for who asked, not a panic.
    let wrong = accept_if(|_, _| Ok(done(Handle(4))));
    assert!(matches!(wrong, Err(Stop::Refused(Refusal::NotModelled(_)))), "{wrong:?}");
}

#[test]
fn a_layer_asks_the_program_and_waits() {
    let (mut system, threads) = machine(1);
    let process = threads[0].process;
    let mut parties = Parties::new();
    let layer = Layer::default();
    let asks = move |call: Call, core: &mut Core| {
        if let Call::WSPSocket(_) = call {
            let any = || Pointer::Null;
            let condition = ConditionFunc {
                caller_id: any(),
                caller_data: any(),
                callee_id: any(),
                callee_data: Default::default(),
                sqos: Value::Null,
                gqos: Value::Null,
                group: 0,
                callback_data: 1,
            };
            let answer = core.user(CallbackId(0), condition)?;
            // Nobody starts this one: the wait is over at once.
            core.wait(Wait::Started(InstanceId { process: core.process(), provider: ProviderId(0) }))?;
            assert_eq!(answer.value, 5);
            // Providers have no callbacks of their own.
            assert!(core.callback(|_, _| Err(Stop::Ended)).is_err());
        }
        layer.call(call, core)
    };
    parties.provider(LAYER, Arc::new(asks));
    parties.program(ONE, |core: &mut Core| {
        core.callback(|_, _| Ok(done(5_i64)))?;
        core.up(tcp_socket()).map(drop)
    });
    drive(&mut parties, &mut system);
    assert_eq!(parties.end_of(Tid::main(process)), Some(&Ok(())));
    assert_eq!(system.world().endpoint_count(), 1);
}

#[test]
fn a_layer_calls_within_its_process_only() {
    let (mut system, threads) = machine(2);
    let stranger = InstanceId { process: threads[0].process, provider: ProviderId(0) };
    let mut parties = Parties::new();
    let layer = Layer::default();
    let strays = move |call: Call, core: &mut Core| match call {
        Call::WSPSocket(a) if core.process() != stranger.process => core.down(stranger, a).map(done),
        call => layer.call(call, core),
    };
    parties.provider(LAYER, Arc::new(strays));
    parties.program(ONE, |core: &mut Core| core.up(tcp_socket()).map(drop));
    parties.program(OTHER, |core: &mut Core| core.up(tcp_socket()).map(drop));
    drive(&mut parties, &mut system);
    let end = parties.end_of(threads[1]).expect("the program is through");
    assert_eq!(end.as_ref().map_err(code), Err(Some(ErrorCode::WSANOTINITIALISED)));
    assert_eq!(system.world().endpoint_count(), 1, "the other process has made its own");
}

#[test]
fn a_table_that_leads_nowhere_leads_to_its_provider() {
    for stranger in [InstanceId { process: Pid(1000), provider: ProviderId(9) }, BASE_OF_NOBODY] {
        let (mut system, threads) = machine(1);
        let mut parties = Parties::new();
        let layer = Layer::default();
        let strays = move |call: Call, core: &mut Core| match call {
            Call::WSPStartup(_) => {
                let started = layer.call(call, core)?.result?;
                let Out::Started(started) = started else { return Err(Stop::Ended) };
                let functions = started.proc_table.0.len();
                Ok(done(Started { proc_table: ProcTable(Arc::from(vec![stranger; functions])), ..started }))
            }
            call => layer.call(call, core),
        };
        parties.provider(LAYER, Arc::new(strays));
        parties.program(ONE, |core: &mut Core| {
            let s = core.up(tcp_socket())?;
            core.up(WSPCloseSocket { s })
        });
        drive(&mut parties, &mut system);
        assert_eq!(parties.end_of(threads[0]), Some(&Ok(())), "{stranger:?}");
        assert_eq!(system.world().endpoint_count(), 0);
    }
}

#[test]
fn a_table_that_is_too_short_is_refused_after_a_cleanup() {
    let (mut system, threads) = machine(1);
    let mut parties = Parties::new();
    let layer = Layer::default();
    let shortens = move |call: Call, core: &mut Core| match call {
        Call::WSPStartup(_) => {
            let started = layer.call(call, core)?.result?;
            let Out::Started(started) = started else { return Err(Stop::Ended) };
            Ok(done(Started { proc_table: ProcTable(Arc::from(&started.proc_table.0[..3])), ..started }))
        }
        call => layer.call(call, core),
    };
    parties.provider(LAYER, Arc::new(shortens));
    parties.program(ONE, |core: &mut Core| core.up(tcp_socket()).map(|_| ()));
    drive(&mut parties, &mut system);
    let end = parties.end_of(threads[0]).expect("the program is through");
    assert_eq!(end.as_ref().map_err(code), Err(Some(ErrorCode::WSAEINVALIDPROCTABLE)));
    assert_eq!(system.world().instances().count(), 0, "nothing is left of it and of what it had started");
}

#[test]
fn a_table_of_a_provider_that_is_not_started_leads_to_its_own() {
    let (mut system, threads) = machine(1);
    let mut parties = Parties::new();
    let lazy = |call: Call, core: &mut Core| match call {
        Call::WSPStartup(_) => {
            let (version, high_version, description) = (Version::V2_2, Version::V2_2, String::new());
            let wsp_data = StartupData { version, high_version, description };
            Ok(done(Started { wsp_data, proc_table: ProcTable::of(core.lower()?) }))
        }
        _ => Ok(done(Handle(4))),
    };
    parties.provider(LAYER, Arc::new(lazy));
    parties.program(ONE, |core: &mut Core| {
        assert_eq!(core.up(tcp_socket()), Ok(Handle(4)));
        Ok(())
    });
    let events = drive(&mut parties, &mut system);
    assert_eq!(parties.end_of(threads[0]), Some(&Ok(())));
    // The handle is one that it made up, and that is seen.
    assert!(events.iter().any(|e| matches!(e, Event::Breach(b) if b.duty == Duty::UnregisteredHandle)));
}

const BASE_OF_NOBODY: InstanceId = InstanceId { process: Pid(7), provider: ProviderId(0) };

#[test]
fn a_program_that_calls_what_is_not_there_is_refused() {
    let (mut system, threads) = machine(1);
    let mut parties = Parties::new();
    parties.program(ONE, |core: &mut Core| {
        let own = InstanceId { process: core.process(), provider: ProviderId(99) };
        for instance in [BASE_OF_NOBODY, own] {
            let start = WSPStartup {
                version_requested: Version::V2_2,
                protocol_info: Pointer::Null,
                upcall_table: Place::Room,
                wsp_data: Place::Room,
                proc_table: Place::Room,
            };
            let refused = core.down(instance, start);
            assert_eq!(refused.map_err(|stop| code(&stop)), Err(Some(ErrorCode::WSANOTINITIALISED)));
        }
        assert!(core.lower().is_err() && core.instance().is_none() && core.own_entry().is_none());
        Ok(())
    });
    drive(&mut parties, &mut system);
    assert_eq!(parties.end_of(threads[0]), Some(&Ok(())));
    assert_eq!(system.world().instances().count(), 0);
}
