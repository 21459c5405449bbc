//! A live run as a scenario, and back.

use winspi::live::{Live, LiveError, Order, Recorded};
use winspi::script::run::run;
use winspi::script::syntax;
use winspi::script::{Run, Script};
use winspi::{Plan, Winsock};

use super::programs::{condition, handoff, layered, non_ifs, prefork, workers};

/// Runs a recorded run as a scenario in text order.
#[track_caller]
fn repeated(recorded: &Recorded) -> (String, Run) {
    let text = recorded.to_script().expect("it can be written");
    let file = syntax::parse(&text).unwrap_or_else(|errors| panic!("{text}\n{}", errors[0]));
    assert_eq!(syntax::print(&file), text, "it is not in its canonical form");
    let script = Script::new(&file, &text).unwrap_or_else(|errors| panic!("{text}\n{}", errors[0]));
    let run = run(&script, &recorded.arrangement()).expect("it was a machine before");
    (text, run)
}

#[track_caller]
fn passes(name: &str, recorded: &Recorded) -> String {
    let (text, run) = repeated(recorded);
    assert!(run.passed, "{name}\n{text}\n{:#?}", run.failures);
    text
}

type Program = (&'static str, fn(&mut Live));

const PROGRAMS: [Program; 4] = [
    ("handoff", |live| drop(handoff(live))),
    ("workers", |live| drop(workers(live))),
    ("condition", |live| drop(condition(live))),
    ("prefork", |live| drop(prefork(live))),
];

#[test]
fn a_run_call_by_call_is_repeated_by_its_scenario() {
    for plan in [Plan::new(), non_ifs(), layered()] {
        for (name, program) in PROGRAMS {
            for seed in 0..40 {
                let mut live = plan.clone().live();
                program(&mut live);
                let ran = live.run(Order::Calls(seed)).unwrap_or_else(|error| panic!("{name}: {error}"));
                passes(&format!("{name}, seed {seed}"), &ran.recorded);
            }
        }
    }
}

#[test]
fn most_runs_of_any_order_are_repeated_and_all_are_scenarios() {
    for (name, program) in PROGRAMS {
        let mut passed = 0;
        for seed in 0..40 {
            let mut live = Plan::new().live();
            program(&mut live);
            let ran = live.run(Order::Seeded(seed)).unwrap_or_else(|error| panic!("{name}: {error}"));
            let (_, run) = repeated(&ran.recorded);
            passed += usize::from(run.passed);
        }
        println!("{name}: {passed} of 40 seeds");
    }
}

#[test]
fn the_scenario_of_a_handoff_reads_like_one() {
    let mut live = layered().live();
    handoff(&mut live);
    let ran = live.run(Order::Calls(1)).expect("it ends");
    let text = passes("handoff", &ran.recorded);
    println!("{text}");
    for part in [
        "process source\n",
        "layer upper (non-ifs) over lower\n",
        "    hooks WSPSend\n",
        "server: s1 = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n",
        "server: bind(s1, 127.0.0.1:5000)\n",
        "source: info1 = WSADuplicateSocket(s1, target)\n",
        "source: BusSend(target, info1)\n",
        "FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, m1, flags=1)\n",
        "source: send(s1, \"late\") => WSAENOTSOCK\n",
        "target: send(s1, \"from \") => 5\n",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[test]
fn a_deadlock_is_a_scenario_with_calls_that_block_for_ever() {
    let mut live = Plan::new().live();
    live.process("a process", |p| p.bus_receive());
    live.process("a.process", |p| p.bus_receive_from(p.pid_of("a process")?));
    let error = live.run(Order::Calls(0));
    let Err(LiveError::Deadlock(deadlock)) = error else { panic!("{error:?}") };
    let text = passes("deadlock", &deadlock.recorded);
    assert!(text.contains("a_process: BusReceive() => blocks for ever\n"), "{text}");
    assert!(text.contains("a_process_2: BusReceive(a_process) => blocks for ever\n"), "{text}");
}

#[test]
fn a_crash_is_a_scenario_with_a_kill() {
    for seed in 0..10 {
        let mut live = Plan::new().live();
        super::connection_with_a_crash(&mut live);
        let ran = live.run(Order::Calls(seed)).expect("the server returns");
        let text = passes("crash", &ran.recorded);
        assert!(text.contains("kill client\n"), "{text}");
    }
}
