//! Recorded schedules: their text, and that a run can be repeated by them.

mod common;

use std::sync::Arc;

use common::{CONNECTED, read, refused, script};
use proptest::prelude::*;
use winspi_core::fault::Fault;
use winspi_core::id::{CellId, Pid, ProviderId, Tid};
use winspi_core::outcome::{Outcome, Refusal};
use winspi_core::protocol::{Request, Step};
use winspi_core::{Grain, Transition};
use winspi_script::report::{Run, Verdict};
use winspi_script::schedule::{self, Entry, Naming, Recorded};
use winspi_script::scope::{Names, Scope};
use winspi_script::{Arrangement, Script, run, syntax};
use winspi_types::{ErrorCode, SocketAddress};

const HANDOFF: &str = include_str!("../../../scenarios/handoff.winspi");
const OVERLAPPED: &str = include_str!("../../../scenarios/overlapped.winspi");
const CONDITION: &str = include_str!("../../../scenarios/condition.winspi");

/// The text of a scenario with the order of a run behind it.
fn with_schedule(text: &str, run: &Run) -> String {
    let mut file = syntax::parse(text).expect("the text is in order");
    file.schedule = Some(run.schedule());
    syntax::print(&file)
}

fn outcomes(run: &Run) -> Vec<String> {
    run.rows.iter().map(|row| format!("{} {} {:?}", row.thread, row.text, row.outcome)).collect()
}

fn repeated(text: &str, recorded: &Run, arrangement: &Arrangement) {
    let text = with_schedule(text, recorded);
    let script = script(&text);
    let again = run::run(&script, arrangement).expect("possible");
    let told = |run: &Run| run.failures.iter().map(|f| f.message.clone()).collect::<Vec<_>>();
    assert_eq!(told(&again), told(recorded), "{text}");
    assert_eq!(outcomes(&again), outcomes(recorded));
    let transitions = |run: &Run| run.trace.iter().skip(run.setup).map(|t| t.transition.clone()).collect::<Vec<_>>();
    assert_eq!(transitions(&again), transitions(recorded));
    assert_eq!(again.schedule(), recorded.schedule());
}

#[test]
fn text_order_is_repeated() {
    for text in [HANDOFF, OVERLAPPED, CONDITION] {
        for arrangement in Arrangement::five() {
            for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
                let arrangement = Arrangement { grain, ..arrangement.clone() };
                let recorded = run::run(&script(text), &arrangement).expect("possible");
                repeated(text, &recorded, &Arrangement { grain: Grain::Call, ..arrangement });
            }
        }
    }
}

#[test]
fn random_orders_are_repeated() {
    for seed in 0..10 {
        let recorded = run::run_seeded(&script(HANDOFF), &Arrangement::default(), seed).expect("possible");
        repeated(HANDOFF, &recorded, &Arrangement::default());
    }
}

#[test]
fn orders_by_priorities_are_repeated() {
    for grain in [Grain::Call, Grain::Boundary] {
        let arrangement = Arrangement { grain, ..Arrangement::default() };
        for (seed, depth) in [(0, 1), (1, 2), (2, 3), (3, 10)] {
            let of = || run::run_by_priorities(&script(HANDOFF), &arrangement, seed, depth).expect("possible");
            let recorded = of();
            assert_eq!(recorded.verdict(), Verdict::Passed, "{:?}", recorded.failures);
            assert_eq!(of().schedule(), recorded.schedule());
            repeated(HANDOFF, &recorded, &Arrangement::default());
        }
    }
}

#[test]
fn priorities_come_to_orders_in_which_one_waits_long() {
    // It passes only where the message of `a` arrives before all that `b` sends itself.
    let lines = "b: BusSend(b, \"x\")\n".repeat(10);
    let text = format!("process a\nprocess b\na: BusSend(b, \"first\")\n{lines}b: BusReceive() => \"first\"\n");
    let script = script(&text);
    let finds = |run: &dyn Fn(u64) -> Run| (0..50).filter(|seed| run(*seed).passed).count();
    let by_priorities =
        finds(&|seed| run::run_by_priorities(&script, &Arrangement::default(), seed, 2).expect("possible"));
    assert!(by_priorities > 5, "{by_priorities} of 50");
}

#[test]
fn what_was_done_by_hand_is_repeated() {
    let text = format!(
        "{CONNECTED}hold bus
client: BusSend(server, \"one\")
damage bus client -> server byte 0
duplicate bus client -> server
deliver bus client -> server message 2
lose bus client -> server
fault descriptors(server, limit=2)
server: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAEMFILE
clear faults
step server to WSPSocket
server: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
server: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
server: WaitForSingleObject(e, 100ms) => WAIT_TIMEOUT
repeat 2 {{ client: send(c, \"x\") }}
repeat until \"\" {{ server: recv(a, buffer(8)) }}
advance 5ms
kill client
"
    );
    let text = text.replace("repeat until \"\" { server: recv(a, buffer(8)) }\n", "server: recv(a, buffer(8))\n");
    let recorded = run::run(&script(&text), &Arrangement::default()).expect("possible");
    assert_eq!(recorded.verdict(), Verdict::Passed, "{:?}", recorded.failures);
    repeated(&text, &recorded, &Arrangement::default());
}

#[test]
fn what_a_blocked_call_comes_back_with_is_checked_in_every_order() {
    let failures = |returns: &str| {
        let text =
            format!("process p\nprocess q\np: BusReceive() => blocks\nq: BusSend(p, \"x\")\np: returns{returns}\n");
        let found =
            |run: Run| -> Vec<String> { run.failures.iter().map(|f| format!("{}: {}", f.line, f.message)).collect() };
        let in_text_order = run::run(&script(&text), &Arrangement::default()).expect("possible");
        let recorded = script(&with_schedule(&text, &in_text_order));
        let replayed = run::replay(&recorded, &Arrangement::default()).expect("possible");
        let all = (0..4).map(|seed| run::run_seeded(&script(&text), &Arrangement::default(), seed).expect("possible"));
        let all: Vec<Vec<String>> = [in_text_order, replayed].into_iter().chain(all).map(found).collect();
        assert!(all.iter().all(|one| *one == all[0]), "{all:#?}");
        all[0].clone()
    };
    assert_eq!(failures(" => \"x\""), Vec::<String>::new());
    assert_eq!(failures(""), Vec::<String>::new());
    assert_eq!(failures(" => \"y\""), ["5: expected \"y\", found \"x\""]);
    assert_eq!(failures(" => WSAEINTR"), ["5: expected WSAEINTR, found \"x\""]);
}

#[test]
fn a_call_that_has_not_come_back_is_told_in_every_order() {
    let text = "process p\nprocess q\np: BusReceive(p) => blocks\nq: BusSend(p, \"x\")\np: returns => \"x\"\n";
    for seed in 0..4 {
        let run = run::run_seeded(&script(text), &Arrangement::default(), seed).expect("possible");
        assert_eq!(run.failures.len(), 1, "{:?}", run.failures);
        assert_eq!(run.failures[0].message, "deadlock: p waits in line 3, `BusReceive(p)`, for a message from p");
    }
    let text = "process p\nprocess q\np: BusReceive() => blocks for ever\nq: BusSend(p, \"x\")\n";
    for seed in 0..4 {
        let run = run::run_seeded(&script(text), &Arrangement::default(), seed).expect("possible");
        assert_eq!(run.failures.len(), 1, "{:?}", run.failures);
        assert_eq!(run.failures[0].message, "BusReceive(): expected the call to block for ever, found \"x\"");
    }
}

#[test]
fn a_schedule_that_no_longer_fits() {
    let text = format!("{CONNECTED}client: send(c, \"x\")\nschedule {{\n    go client\n    go client\n}}\n");
    let run = run::replay(&script(&text), &Arrangement::default()).expect("possible");
    let found: Vec<String> = run.failures.iter().map(|f| format!("{}: {}", f.line, f.message)).collect();
    assert_eq!(
        found,
        ["14: the schedule does not fit any more: `go client` cannot happen now; \
          what can: deliver 127.0.0.1:1024 -> 127.0.0.1:80"]
    );
    let text = text.replace("go client\n    go client", "go server worker of base");
    let run = run::replay(&script(&text), &Arrangement::default()).expect("possible");
    assert_eq!(
        run.failures[0].message,
        "the schedule does not fit any more: no thread is called `server worker of base` now; what can: go client"
    );
}

#[test]
fn lines_of_a_schedule_are_checked() {
    let errors = |line: &str| {
        let text = format!("process p\np: GetCurrentProcessId()\nschedule {{\n    {line}\n}}\n");
        read(&text).err().map(|errors| errors[0].to_string())
    };
    for (line, expected) in [
        ("go p", None),
        ("go q", Some("4:5: no thread is called `q` now")),
        ("go p worker of base", None),
        ("goo p", Some("4:5: `goo p` is no transition")),
        ("hold bus", Some("4:5: `hold bus` is no transition")),
        ("time 5", Some("4:5: `time 5` is no transition")),
        ("complete p 5", Some("4:5: expected `complete PROCESS cell NUMBER`")),
        ("grain fine", Some("4:5: expected `grain call`, `grain boundary` or `grain request`")),
        ("answer p 1 \"{}\"", Some("4:5: the answer is damaged: expected value at line 1 column 2")),
    ] {
        assert_eq!(errors(line).as_deref(), expected, "{line}");
    }
    refused("process p\np: sync x\nschedule { }\n", &["2:9: nobody else has `sync x`"]);
}

fn world() -> (Arc<Script>, winspi_core::System<winspi_script::Lines>) {
    let script =
        script("process p\nprocess q\nthread p.other\nlayer over_it (ifs) over tcp\np: GetCurrentProcessId()\n");
    let system = Arrangement::default().system(&script).expect("possible");
    (script, system)
}

fn transitions() -> impl Strategy<Value = Transition> {
    let pid = || (0usize..2).prop_map(Pid::of_index);
    let tid = || prop_oneof![pid().prop_map(Tid::main), Just(Tid { process: Pid::of_index(0), ordinal: 1 })];
    let of = || proptest::option::of(pid());
    let provider = || (0u16..2).prop_map(ProviderId);
    let address = || {
        prop_oneof![
            any::<([u8; 4], u16)>().prop_map(|(ip, port)| SocketAddress::new(ip.into(), port)),
            any::<([u8; 16], u16)>().prop_map(|(ip, port)| SocketAddress::new(ip.into(), port)),
        ]
    };
    let fault = prop_oneof![
        (pid(), any::<u32>()).prop_map(|(process, limit)| Fault::Descriptors { process, limit }),
        of().prop_map(Fault::Buffers),
        of().prop_map(Fault::Memory),
        Just(Fault::NetworkDown),
        Just(Fault::SubsystemNotReady),
        Just(Fault::Tasks),
        provider().prop_map(Fault::ProviderMissing),
        (provider(), 1i32..20_000).prop_map(|(provider, n)| Fault::Startup { provider, code: ErrorCode(n) }),
        pid().prop_map(Fault::AccessDenied),
        of().prop_map(Fault::Threads),
    ];
    let step = prop_oneof![
        Just(Step::Ask(Request::Rest, ())),
        Just(Step::Ask(Request::Done, ())),
        ".*".prop_map(|gap| Step::Return(Outcome { result: Err(Refusal::not_modelled(gap)), by: None })),
    ];
    prop_oneof![
        tid().prop_map(Transition::Go),
        tid().prop_map(Transition::Step),
        (address(), address()).prop_map(|(from, to)| Transition::Deliver { from, to }),
        (address(), address()).prop_map(|(from, to)| Transition::LoseSegment { from, to }),
        (address(), address()).prop_map(|(from, to)| Transition::DeliverDatagram { from, to }),
        (address(), address()).prop_map(|(from, to)| Transition::LoseDatagram { from, to }),
        (pid(), pid()).prop_map(|(from, to)| Transition::DeliverMessage { from, to }),
        (pid(), pid(), any::<u32>()).prop_map(|(from, to, number)| Transition::Overtake { from, to, number }),
        (pid(), pid(), any::<u32>()).prop_map(|(from, to, number)| Transition::LoseMessage { from, to, number }),
        (pid(), pid(), any::<u32>()).prop_map(|(from, to, number)| Transition::DuplicateMessage { from, to, number }),
        (pid(), pid(), any::<u32>(), any::<u32>()).prop_map(|(from, to, number, byte)| Transition::DamageMessage {
            from,
            to,
            number,
            byte
        }),
        (pid(), any::<u32>()).prop_map(|(process, cell)| Transition::Complete { process, cell: CellId(cell) }),
        Just(Transition::TimePasses),
        any::<u64>().prop_map(Transition::Advance),
        pid().prop_map(Transition::Kill),
        fault.prop_map(Transition::Fault),
        Just(Transition::ClearFaults),
        (tid(), any::<u64>(), step).prop_map(|(thread, number, step)| Transition::Answer { thread, number, step }),
    ]
}

proptest! {
    #[test]
    fn a_transition_is_what_its_text_says(transition in transitions()) {
        let (script, system) = world();
        let naming = Naming::of(system.world());
        let names = Names::default();
        let scope =
            Scope { script: &script, names: &names, world: system.world(), process: 0, locals: &[], nested: &[] };
        let text = schedule::print(&transition, &naming);
        let parsed = schedule::parse(&text, &scope);
        prop_assert_eq!(parsed, Ok(Entry::Transition(transition)), "{}", text);
    }

    #[test]
    fn a_schedule_is_a_part_of_a_file(transitions in proptest::collection::vec(transitions(), 0..5)) {
        let (_, system) = world();
        let naming = Naming::of(system.world());
        let recorded = Recorded { grain: Grain::Boundary, through_lines: true, transitions };
        let file = syntax::tree::File { schedule: Some(recorded.to_tree(&naming)), ..Default::default() };
        let text = syntax::print(&file);
        prop_assert_eq!(syntax::parse(&text), Ok(file), "{}", text);
    }

    #[test]
    fn no_text_of_a_schedule_is_too_strange(text in "\\PC{0,30}|(go|step|deliver|lose|complete|answer|fault|grain|bus|->|p|q|cell|\"|1|:| ){0,9}") {
        let (script, system) = world();
        let names = Names::default();
        let scope =
            Scope { script: &script, names: &names, world: system.world(), process: 0, locals: &[], nested: &[] };
        let _ = schedule::parse(&text, &scope);
    }
}
