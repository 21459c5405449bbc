//! Bad input never panics and never hangs: random trees and random lines, made ready, run in every order.

mod trees;

use proptest::prelude::*;
use winspi_core::Grain;
use winspi_script::syntax::tree::{Item, Process, Setting, Span, Statement, StatementKind, ThreadLine, Who};
use winspi_script::syntax::{self, tree};
use winspi_script::{Arrangement, Script, run};

/// Runs whatever can be run, in text order, in a random order and as it was recorded.
fn run_all(file: &tree::File, text: &str) {
    let Ok(script) = Script::new(file, text) else { return };
    for arrangement in [Arrangement::default(), Arrangement { ifs: false, grain: Grain::Request, ..Default::default() }]
    {
        if let Ok(run) = run::run(&script, &arrangement) {
            let again = tree::File { schedule: Some(run.schedule()), cases: Vec::new(), ..file.clone() };
            let text = syntax::print(&again);
            if let Ok(script) = Script::new(&again, &text) {
                let _ = run::replay(&script, &arrangement);
            }
        }
        let _ = run::run_seeded(&script, &arrangement, 7);
        let _ = run::run_cases(&script, &arrangement);
    }
}

/// Gives a statement to a thread that there is, and names that there are.
fn at_home(statement: Statement, pick: usize) -> Statement {
    let who = |thread: Option<&str>| Who {
        span: Span::default(),
        process: tree::Name::new(if pick.is_multiple_of(2) { "p" } else { "q" }),
        thread: thread.map(tree::Name::new).filter(|_| pick.is_multiple_of(2)),
    };
    let kind = match statement.kind {
        StatementKind::Thread(line) => {
            let action = match line.action {
                tree::Action::Call(call) => tree::Action::Call(tree::Call {
                    function: tree::Name::new(FUNCTIONS[pick % FUNCTIONS.len()]),
                    provider: None,
                    ..call
                }),
                other => other,
            };
            StatementKind::Thread(ThreadLine { who: who(pick.is_multiple_of(3).then_some("t")), action })
        }
        StatementKind::Repeat(repeat) => {
            let mut block = repeat.block;
            block.items = block.items.into_iter().map(|s| at_home(s, pick + 1)).collect();
            StatementKind::Repeat(tree::Repeat { until: repeat.until, block })
        }
        other => other,
    };
    Statement { kind, ..statement }
}

const FUNCTIONS: [&str; 9] = [
    "socket",
    "closesocket",
    "WSPSocket",
    "WSPDuplicateSocket",
    "BusReceive",
    "GetCurrentProcessId",
    "Overlapped",
    "WPUCreateSocketHandle",
    "WSASend",
];

fn process(name: &str) -> Item {
    let options: Vec<Setting> = Vec::new();
    Item::Process(Process {
        span: Span::default(),
        notes: tree::Notes::default(),
        name: tree::Name::new(name),
        options,
    })
}

/// Lines of which most make sense, in an order that need not.
fn line() -> impl Strategy<Value = String> {
    let who = prop_oneof![Just("p"), Just("q"), Just("p.t")];
    let call = prop::sample::select(vec![
        "s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)",
        "s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => any",
        "bind(s, 127.0.0.1:80) => any",
        "listen(s, 2) => any",
        "connect(s, 127.0.0.1:80) => any",
        "s = accept(s) => any",
        "send(s, bytes(70000)) => any",
        "recv(s, buffer(9)) => any",
        "closesocket(s) => any",
        "i = WSPDuplicateSocket(s, q) => any",
        "s = WSPSocket(0, 0, 0, i) => any",
        "o = Overlapped()",
        "WSPRecv(s, [buffer(5)], overlapped=o) => any",
        "WSPGetOverlappedResult(s, o, TRUE) => any",
        "Free(o) => any",
        "WPUCloseSocketHandle(s) as base => any",
        "BusSend(p, s) => any",
        "s = BusReceive() => any",
        "open(s)",
        "sync met",
        "returns => any",
        "ExitProcess(3) => any",
    ]);
    let world = prop::sample::select(vec![
        "kill q",
        "advance 2s",
        "hold network",
        "release network",
        "hold bus",
        "release bus",
        "deliver bus p -> q",
        "duplicate bus p -> q message 2",
        "damage bus q -> p byte 0",
        "lose bus p -> p",
        "deliver p.s",
        "lose q.s",
        "fault network_down",
        "fault descriptors(p, limit=1)",
        "fault startup(tcp, 5)",
        "clear faults",
        "step p",
        "step p to WPUModifyIFSHandle",
        "step q to WSPBind",
        "step p.t",
        "expect socket(p.s).handles <= 3",
        "always running(p)",
        "at end { expect handles(p) >= 0 }",
    ]);
    prop_oneof![
        3 => (who.clone(), call.clone()).prop_map(|(who, call)| format!("{who}: {call}")),
        2 => world.prop_map(str::to_owned),
        1 => (who.clone(), call.clone(), 0..4).prop_map(|(who, call, n)| format!("repeat {n} {{ {who}: {call} }}")),
        // Of those that come to an end soon: 100,000 rounds are many for a test.
        1 => (who, prop::sample::select(vec!["closesocket(s)", "bind(s, 127.0.0.1:80)", "s = accept(s)", "send(s, bytes(70000))"]))
            .prop_map(|(who, call)| format!("repeat until fails {{ {who}: {call} => ok }}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn random_files(file in trees::file()) {
        run_all(&file, &syntax::print(&file));
    }

    #[test]
    fn random_statements(statements in proptest::collection::vec((trees::statements::statement(), 0usize..1000), 1..6)) {
        let thread = tree::Thread {
            span: Span::default(),
            notes: tree::Notes::default(),
            process: tree::Name::new("p"),
            name: tree::Name::new("t"),
        };
        let mut items = vec![process("p"), process("q"), Item::Thread(thread)];
        items.extend(statements.into_iter().map(|(statement, pick)| Item::Statement(at_home(statement, pick))));
        let file = tree::File { items, ..tree::File::default() };
        run_all(&file, &syntax::print(&file));
    }

    #[test]
    fn random_lines(lines in proptest::collection::vec(line(), 1..25)) {
        let head = "process p\nprocess q\nthread p.t\ndefine open(x) { x = socket(AF_INET, SOCK_STREAM, 0) => any }\np: s = GetCurrentProcessId()\nq: s = GetCurrentProcessId()\np: i = GetCurrentProcessId()\nq: i = GetCurrentProcessId()\np: o = GetCurrentProcessId()\nq: o = GetCurrentProcessId()\np: sync met\nq: sync met\n";
        let text = format!("{head}{}\n", lines.join("\n"));
        let file = syntax::parse(&text).expect("the lines are in order");
        run_all(&file, &text);
    }
}

#[test]
fn loops_within_loops_come_to_an_end() {
    let text = format!("process p\n{}expect 1 == 1\n{}", "repeat 1000000 {\n".repeat(5), "}\n".repeat(5));
    let file = syntax::parse(&text).expect("the text is in order");
    let script = Script::new(&file, &text).expect("the text is in order");
    let run = run::run(&script, &Arrangement::default()).expect("possible");
    assert!(run.failures[0].message.contains("does not come to rest"), "{:?}", run.failures);
}
