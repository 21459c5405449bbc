//! Exchange of processes and handles: what is taken for one behaves as one, nothing is lost, and where it would not be
//! sound it is refused.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::lifetimes::scenario;
use common::{explored, messages, on, script};
use winspi_core::canon::{Fingerprint, Scratch, Symmetry};
use winspi_core::{Grain, System};
use winspi_explore::{Exchange, Exploration, Options, Stopped, explore, symmetry};
use winspi_script::Lines;

/// Two clients that do the same, and a server that takes both.
const CLIENTS: &str = "process server\nprocess first\nprocess second\n\
    setup { server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) ; server: WSPBind(l, 127.0.0.1:80) ; server: WSPListen(l, 5) }\n\
    first: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nfirst: WSPConnect(s, 127.0.0.1:80)\nfirst: WSPSend(s, \"x\")\nfirst: WSPCloseSocket(s)\n\
    second: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nsecond: WSPConnect(s, 127.0.0.1:80)\nsecond: WSPSend(s, \"x\")\nsecond: WSPCloseSocket(s)\n\
    server: a = WSPAccept(l)\nserver: WSPRecv(a, [buffer(5)])\n";

/// Two processes that send to a third, which takes one message; each may wait for an answer that only one gets.
const SENDERS: &str = "process server\nprocess first\nprocess second\n\
    first: BusSend(server, \"x\")\nfirst: BusReceive(server) => \"y\"\n\
    second: BusSend(server, \"x\")\nsecond: BusReceive(server) => \"y\"\n\
    server: BusReceive() => \"x\"\nserver: BusReceive() => \"x\"\n";

fn asked(symmetry: Exchange) -> Options {
    Options { symmetry: Some(symmetry), ..Options::without_faults() }
}

/// All states of an exploration without symmetry, as systems.
fn systems(text: &str, grain: Grain) -> Vec<System<Lines>> {
    let found = explored(&script(text), &on(0, grain), &Options::without_faults());
    let way = |state| found.replay(&found.path_to(state)).expect("a way that can be taken");
    (0..found.unique as u32).map(way).collect()
}

/// Whether states with the same key lead to states with the same keys; the number of keys if so.
fn sound(all: &[System<Lines>], key: impl Fn(&System<Lines>) -> Vec<u8>) -> Option<usize> {
    let mut successors: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for system in all {
        let next = system.enabled().into_iter().map(|transition| {
            let mut next = system.clone();
            next.apply_silently(&transition).expect("it was offered");
            key(&next)
        });
        let next: BTreeSet<Vec<u8>> = next.collect();
        match successors.get(&key(system)) {
            Some(others) if *others != next => return None,
            Some(_) => {}
            None => drop(successors.insert(key(system), next)),
        }
    }
    Some(successors.len())
}

fn up_to(symmetry: &Symmetry) -> impl Fn(&System<Lines>) -> Vec<u8> {
    |system| system.encoding_up_to(symmetry, &mut Scratch::default()).expect("a state that can be renamed")
}

/// What may be exchanged in a scenario on the IFS base.
#[track_caller]
fn allowed(text: &str, exchange: Exchange) -> Symmetry {
    let found = symmetry(&script(text), &on(0, Grain::Call), &asked(exchange));
    found.expect("it may be exchanged").expect("it was asked for")
}

#[test]
fn what_is_taken_for_one_behaves_as_one() {
    let lifetimes = scenario(3, 2, 2);
    let table: [(&str, Grain, &[Exchange]); 4] = [
        (&lifetimes, Grain::Call, &[Exchange::Handles, Exchange::Both]),
        (CLIENTS, Grain::Call, &[Exchange::Processes]),
        (SENDERS, Grain::Call, &[Exchange::Processes]),
        (SENDERS, Grain::Boundary, &[Exchange::Processes]),
    ];
    for (text, grain, exchanges) in table {
        let all = systems(text, grain);
        for exchange in exchanges {
            let allowed = allowed(text, *exchange);
            let classes = sound(&all, up_to(&allowed)).expect("states of a class behave alike");
            let found = explored(&script(text), &on(0, grain), &asked(*exchange));
            assert_eq!(found.unique, classes as u64, "{exchange:?} at {grain:?} of {text}");
            assert!(classes < all.len(), "{exchange:?} of {text}");
        }
    }
}

/// Each class is a whole one: states that are renamings of each other never count as two.
#[test]
fn a_class_has_all_its_states() {
    for (text, grain) in [(CLIENTS, Grain::Call), (SENDERS, Grain::Boundary)] {
        let all = systems(text, grain);
        let symmetry = allowed(text, Exchange::Processes);
        let fixed = Symmetry::default();
        let mut classes: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for system in &all {
            classes.entry(up_to(&symmetry)(system)).or_default().insert(up_to(&fixed)(system));
        }
        let pairs = classes.values().filter(|states| states.len() == 2).count();
        let alone = classes.values().filter(|states| states.len() == 1).count();
        assert_eq!(pairs + alone, classes.len(), "no class of two processes has more than two states");
        assert!(pairs > alone);
    }
}

#[test]
fn a_wrong_canonical_form_is_noticed() {
    let all = systems(&scenario(2, 2, 2), Grain::Call);
    // How many handles each process has and how many objects there are, and not which leads where: too little is told
    // apart, for the last handle of an object ends it.
    let handles = |system: &System<Lines>| {
        let counts = system.world().processes().map(|p| p.handles.len());
        counts.chain([system.world().event_count()]).map(|count| count as u8).collect()
    };
    assert_eq!(sound(&all, handles), None);
    // All values as they are: sound, and no symmetry at all.
    let whole = sound(&all, |system| system.encoding());
    assert_eq!(whole, Some(all.len()));
    let both = allowed(&scenario(2, 2, 2), Exchange::Both);
    assert!(sound(&all, up_to(&both)) < whole);
}

#[test]
fn an_encoding_and_its_fingerprint_tell_the_same_apart() {
    let both = allowed(&scenario(2, 2, 2), Exchange::Both);
    let mut known: BTreeMap<Fingerprint, Vec<u8>> = BTreeMap::new();
    for system in systems(&scenario(2, 2, 2), Grain::Call) {
        let print = system.fingerprint_up_to(&both, &mut Scratch::default()).expect("a state that can be renamed");
        assert_eq!(*known.entry(print).or_insert_with(|| up_to(&both)(&system)), up_to(&both)(&system));
    }
}

/// The violations and the ends of an exploration, with one name for both processes and without lines, in which they
/// differ, too.
fn said(found: &Exploration) -> (BTreeSet<String>, BTreeSet<String>) {
    let one = |text: &str| text.replace("first", "client").replace("second", "client");
    let without_lines = |text: &str| {
        let words = one(text).split(' ').map(str::to_owned).collect::<Vec<_>>();
        let kept = words.iter().enumerate().filter(|(place, _)| *place == 0 || words[place - 1] != "line");
        kept.map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ")
    };
    let violations = messages(found).into_iter().map(|message| in_order(&without_lines(message))).collect();
    let end = |end: &winspi_explore::EndClass| {
        let threads = end.threads.iter().map(|t| without_lines(&t.to_string())).collect::<Vec<_>>().join("; ");
        format!("{:?} {} {}", end.kind, in_order(&threads), end.open.len())
    };
    (violations, found.ends.iter().map(end).collect())
}

/// A list in the order of its parts: who of two that are alike is told of first says nothing.
fn in_order(text: &str) -> String {
    let mut parts: Vec<&str> = text.trim_start_matches("deadlock: ").split("; ").collect();
    parts.sort_unstable();
    parts.join("; ")
}

#[test]
fn nothing_is_lost() {
    for (text, grain) in [(CLIENTS, Grain::Call), (SENDERS, Grain::Call), (SENDERS, Grain::Boundary)] {
        let script = script(text);
        let whole = explored(&script, &on(0, grain), &Options::without_faults());
        let classes = explored(&script, &on(0, grain), &asked(Exchange::Processes));
        assert_eq!(said(&whole), said(&classes), "{text}");
        assert!(classes.unique < whole.unique);
    }
}

#[test]
fn counterexamples_are_ways_of_real_states() {
    let script = script(SENDERS);
    let found = explored(&script, &on(0, Grain::Boundary), &asked(Exchange::Processes));
    let all = found.counterexamples(SENDERS, &on(0, Grain::Boundary));
    assert!(!all.is_empty());
    for one in all {
        let again = common::script(&one.text);
        let run = winspi_script::run::replay(&again, &on(0, Grain::Boundary)).expect("it can run");
        let fits = run.failures.iter().all(|failure| !failure.message.contains("does not fit"));
        assert!(fits && !run.failures.is_empty(), "{:?}", run.failures);
    }
}

/// The reason and the line for which an exchange is refused.
#[track_caller]
fn refused(text: &str, exchange: Exchange) -> String {
    let found = symmetry(&script(text), &on(0, Grain::Call), &asked(exchange));
    found.expect_err(text).to_string()
}

#[test]
fn where_somebody_can_tell_it_is_refused() {
    let lifetimes = scenario(2, 2, 1);
    let with = |line: &str| format!("{lifetimes}{line}\n");
    let line = |line: &str| format!("process a\nprocess b\nrepeat any {{\n{line}\n}}\n");
    for (text, exchange, reason) in [
        (with("always handles(a) <= 4"), Exchange::Both, "so `a` is not any process"),
        (line("a: e = CreateEvent()"), Exchange::Handles, "`e` keeps what the call gives"),
        (line("a: CloseHandle(0x80)"), Exchange::Handles, "line 4: this names a handle by its value"),
        (line("a: CreateEvent() => 0x80"), Exchange::Handles, "compares the value of a handle"),
        (
            line("a: SetEvent(some(Event, e)) when e == 0x80"),
            Exchange::Handles,
            "no comparison of a question with a number",
        ),
        (line("a: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)"), Exchange::Handles, "socket may tell apart"),
        (
            line(
                "a: DuplicateHandle(GetCurrentProcess(), some(Event), GetCurrentProcess(), 0, FALSE, DUPLICATE_CLOSE_SOURCE)",
            ),
            Exchange::Handles,
            "closes its source",
        ),
        (
            "process a\nprocess b\na: BusSend(b, \"x\")\nb: BusReceive(a)\n".to_owned(),
            Exchange::Processes,
            "line 4: this names `a`",
        ),
        (
            "process a\nprocess b\na: SleepEx(0, FALSE)\n".to_owned(),
            Exchange::Processes,
            "no two processes do the same",
        ),
        (
            "process a\nprocess b\na: GetCurrentProcessId()\nb: GetCurrentProcessId()\n".to_owned(),
            Exchange::Processes,
            "GetCurrentProcessId may tell apart",
        ),
        ("process a\nprocess b\na: sync x\nb: sync x\n".to_owned(), Exchange::Processes, "`sync`"),
        (
            "process a\nprocess b\na: SleepEx(0, FALSE)\nschedule {\n    go a\n}\n".to_owned(),
            Exchange::Processes,
            "recorded order",
        ),
    ] {
        let found = refused(&text, exchange);
        assert!(found.contains(reason), "{found} of {text}");
    }
    let kills = Options { symmetry: Some(Exchange::Both), ..Options::kills(1) };
    let found = symmetry(&script(&lifetimes), &on(0, Grain::Call), &kills);
    assert!(found.is_err_and(|e| e.to_string().contains("a fault names the process")));
    for place in 1..5 {
        assert!(symmetry(&script(&lifetimes), &on(place, Grain::Call), &asked(Exchange::Both)).is_err(), "{place}");
    }
}

/// A thread that waits keeps the handle that it waits for, and another closes it meanwhile.
#[test]
fn a_state_in_which_a_closed_handle_is_kept_ends_it() {
    let text = "process a\nthread a.other\nsetup { a: CreateEvent() }\n\
        repeat any {\n    a: WaitForSingleObject(some(Event))\n    a.other: CloseHandle(some(Event))\n}\n";
    let found = explore(&script(text), &on(0, Grain::Call), &asked(Exchange::Handles)).expect("it may be tried");
    assert_eq!((found.complete, found.stopped), (false, Some(Stopped::Symmetry)));
    assert!(found.asymmetry.is_some_and(|a| a.to_string().contains("0x80, which is closed")));
    // Sockets of Ws2_32 from `setup` are kept by their values.
    let text = "process a\nsetup { a: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) }\nrepeat any { a: CreateEvent() when objects(Event) < 1 }\n";
    let found = explore(&script(text), &on(0, Grain::Call), &asked(Exchange::Handles)).expect("it may be tried");
    assert!(found.asymmetry.is_some_and(|a| a.to_string().contains("has sockets")));
}
