//! Corners in which counts went wrong or calls went round in circles once.

mod common;

use std::sync::Arc;

use common::{Argument, Base, Seen, at, b, call, go, machine, n, null, process, r, run, sound, thread};
use winspi_core::call::WSPStartup;
use winspi_core::event::Duty;
use winspi_core::id::{InstanceId, PartyId, Pid, ProviderId, Tid};
use winspi_core::outcome::{Outcome, ProcTable, Started};
use winspi_core::policy::{Decision, Limits, Policy};
use winspi_core::protocol::{Request, Step};
use winspi_core::ws2_32::catalog::ProviderKind;
use winspi_core::{System, Transition, Value, World};
use winspi_types::{ProtocolChain, RawProtocolInfoW, StartupData, Version};

const WSAEINVAL: Seen = Seen::Error(10022);
const WSAEWOULDBLOCK: Seen = Seen::Error(10035);
const WSAEADDRINUSE: Seen = Seen::Error(10048);
const WSAEISCONN: Seen = Seen::Error(10056);

#[test]
fn listen_while_an_attempt_to_connect_is_under_way() {
    for base in Base::ALL {
        let mut system = machine(base);
        let pid = process(
            &mut system,
            "one",
            [
                call("socket", [n(2), n(1), n(6)]),
                call("ioctlsocket", [r(0), n(0x8004_667e), n(1)]),
                call("connect", [r(0), at("127.0.0.1:80")]),
                call("listen", [r(0), n(5)]),
            ],
        );
        let results = go(&mut system, Tid::main(pid));
        assert_eq!(results[2..], [WSAEWOULDBLOCK, WSAEISCONN], "{base:?}");
        sound(&system);
        run(&mut system);
        sound(&system);
    }
}

#[test]
fn connect_between_two_names_that_still_have_a_connection() {
    for base in Base::ALL {
        let mut system = machine(base);
        process(
            &mut system,
            "server",
            [
                call("socket", [n(2), n(1), n(6)]),
                call("bind", [r(0), at("127.0.0.1:80")]),
                call("listen", [r(0), n(5)]),
            ],
        );
        run(&mut system);
        let client = process(
            &mut system,
            "client",
            [
                call("socket", [n(2), n(1), n(6)]),
                call("bind", [r(0), at("127.0.0.1:1024")]),
                call("connect", [r(0), at("127.0.0.1:80")]),
                call("closesocket", [r(0)]),
                call("socket", [n(2), n(1), n(6)]),
                call("bind", [r(4), at("127.0.0.1:1024")]),
                call("connect", [r(4), at("127.0.0.1:80")]),
            ],
        );
        run(&mut system);
        // The first connection waits in the backlog; a second of the same name could not be told from it.
        let results = &system.program(Tid::main(client)).expect("a program").results;
        assert_eq!(results[5..], [Seen::Value(Value::Number(0)), WSAEADDRINUSE], "{base:?}");
        sound(&system);
    }
}

#[test]
fn close_a_handle_whose_value_means_something_else_to_the_kernel() {
    for base in [Base::NonIfs, Base::LayerNonIfs, Base::LayerOverNonIfs, Base::Tower] {
        let mut system = machine(base);
        let pid = process(
            &mut system,
            "one",
            [
                call("socket", [n(2), n(1), n(6)]),
                call("CloseHandle", [r(0)]),
                call("CreateEvent", [null(), n(1), n(1)]),
                call("closesocket", [r(0)]),
                call("WaitForSingleObject", [r(2)]),
            ],
        );
        let results = go(&mut system, Tid::main(pid));
        assert_eq!(results[0], results[2], "the value is used again");
        assert_eq!(results[4], Seen::Value(Value::Number(0)), "{base:?}: the event is still there");
        sound(&system);
    }
}

#[test]
fn a_chain_that_leads_to_itself() {
    for base in [Base::LayerIfs, Base::LayerNonIfs, Base::LayerOverNonIfs, Base::Tower] {
        let mut system = machine(base);
        let catalog = system.world().catalog();
        let chain = catalog.entries()[0].info.clone();
        let first = chain.protocol_chain().members()[0];
        let mut info = chain.to_typed();
        info.protocol_chain = ProtocolChain::chain(&[first, first]).expect("two members");
        let info = Arc::new(RawProtocolInfoW::try_from(&info).expect("an info"));
        let pid = process(
            &mut system,
            "one",
            [
                call("socket", [n(2), n(1), n(6)]),
                call("WSASocket", [n(2), n(1), n(6), Argument::Value(Value::Info(info))]),
            ],
        );
        assert_eq!(go(&mut system, Tid::main(pid))[1], WSAEINVAL, "{base:?}");
    }
}

#[test]
fn a_procedure_table_that_leads_up() {
    let mut catalog = Base::LayerIfs.catalog(&[]);
    catalog.set_kind(ProviderId(0), ProviderKind::Outside { party: PartyId(0), ifs: true });
    let mut system = System::new(World::new(catalog, Policy::default()), ());
    let pid = process(&mut system, "one", [call("socket", [n(2), n(1), n(6)])]);
    go(&mut system, Tid::main(pid));
    let layer = InstanceId { process: pid, provider: ProviderId(1) };
    let (thread, number) = system.open_questions().next().expect("WSPStartup of the base");
    let asked = system.asked_thread(thread).and_then(|t| t.stack.last()).expect("a call");
    assert_eq!(asked.call.function(), <WSPStartup as winspi_core::call::Signature>::FUNCTION);
    let wsp_data =
        StartupData { version: Version::V2_2, high_version: Version::V2_2, description: "from outside".to_owned() };
    let step = Step::Return(Outcome::of(Ok(Started { wsp_data, proc_table: ProcTable::of(layer) })));
    system.apply(&Transition::Answer { thread, number, step }).expect("the question is open");
    // The base would send what it is asked to the layer, which would send it down again.
    go(&mut system, Tid::main(pid));
    let (thread, _) = system.open_questions().next().expect("WSPSocket of the base");
    assert_eq!(system.asked_thread(thread).expect("a thread").stack.len(), 3);
    sound(&system);
}

#[test]
fn two_operations_with_one_structure_on_two_sockets() {
    for base in Base::ALL {
        let mut system = machine(base);
        let server = process(
            &mut system,
            "server",
            [
                call("socket", [n(2), n(1), n(6)]),
                call("bind", [r(0), at("127.0.0.1:80")]),
                call("listen", [r(0), n(5)]),
                call("accept", [r(0)]),
                call("accept", [r(0)]),
                call("Overlapped", [n(0)]),
                call("WSARecv", [r(3), common::list([common::room(4)])]).with("overlapped", r(5)),
                call("WSARecv", [r(4), common::list([common::room(4)])]).with("overlapped", r(5)),
            ],
        );
        let client = process(
            &mut system,
            "client",
            [
                call("socket", [n(2), n(1), n(6)]),
                call("socket", [n(2), n(1), n(6)]),
                call("connect", [r(0), at("127.0.0.1:80")]),
                call("connect", [r(1), at("127.0.0.1:80")]),
            ],
        );
        run(&mut system);
        assert_eq!(system.world().operation_count(), 2, "{base:?}");
        // The second socket has data, the first has none: what is enabled can be taken.
        let sends = thread(&mut system, client, [call("send", [n(0x484), b("x")]), call("send", [n(0x48c), b("x")])]);
        go(&mut system, sends);
        run(&mut system);
        sound(&system);
        system.apply(&Transition::Kill(server)).expect("a process that runs");
        run(&mut system);
        sound(&system);
    }
}

#[test]
fn cleanup_takes_descriptors_whose_handle_is_gone() {
    for base in Base::ALL {
        let mut system = machine(base);
        let pid = process(
            &mut system,
            "one",
            [call("socket", [n(2), n(1), n(6)]), call("CloseHandle", [r(0)]), call("WSACleanup", [])],
        );
        go(&mut system, Tid::main(pid));
        sound(&system);
        assert_eq!(system.world().process(pid).map(|p| p.descriptors.iter().count()), Some(0), "{base:?}");
        assert_eq!(pid, Pid::of_index(0));
    }
}

#[test]
fn a_backlog_limit_of_zero() {
    let policy = Policy { limits: Limits { backlog: 0, ..Limits::default() }, ..Policy::default() };
    let mut system = System::new(World::new(Base::Ifs.catalog(&[]), policy), ());
    process(
        &mut system,
        "one",
        [call("socket", [n(2), n(1), n(6)]), call("bind", [r(0), at("127.0.0.1:80")]), call("listen", [r(0), n(5)])],
    );
    run(&mut system);
    sound(&system);
}

#[test]
fn time_passes_only_where_nothing_else_can_happen() {
    let mut system = machine(Base::Ifs);
    let one = process(
        &mut system,
        "one",
        [call("CreateEvent", [null(), n(1), n(0)]), call("WaitForSingleObject", [r(0), n(50)])],
    );
    process(&mut system, "two", [call("CreateEvent", [null(), n(1), n(0)])]);
    go(&mut system, Tid::main(one));
    let enabled = system.enabled();
    assert!(!enabled.is_empty() && !enabled.contains(&Transition::TimePasses), "{enabled:?}");
    go(&mut system, Tid::main(Pid::of_index(1)));
    assert_eq!(system.enabled(), [Transition::TimePasses]);
    run(&mut system);
    assert!(system.enabled().is_empty());
}

#[test]
fn a_procedure_table_that_leads_to_no_provider() {
    let mut catalog = Base::Ifs.catalog(&[]);
    catalog.set_kind(ProviderId(0), ProviderKind::Outside { party: PartyId(0), ifs: true });
    let listed = catalog.providers().len();
    let mut system = System::new(World::new(catalog, Policy::default()), ());
    let pid = process(&mut system, "one", [call("socket", [n(2), n(1), n(6)])]);
    go(&mut system, Tid::main(pid));
    let (thread, number) = system.open_questions().next().expect("WSPStartup");
    let nobody = InstanceId { process: pid, provider: ProviderId(u16::try_from(listed).expect("a few")) };
    let start = system.asked_thread(thread).and_then(|t| t.stack.last()).expect("a call").call.clone();
    let step = Step::Ask(Request::Down(nobody, start), ());
    system.apply(&Transition::Answer { thread, number, step }).expect("the question is open");
    go(&mut system, Tid::main(pid));
    assert_eq!(system.world().instances().count(), 1, "nothing is started that the catalog has not");
    sound(&system);
}

#[test]
fn names_for_people() {
    let mut system = machine(Base::Ifs);
    let pid = process(&mut system, "one", []);
    let second = thread(&mut system, pid, []);
    let world = system.world();
    assert_eq!(
        (world.thread_name(Tid::main(pid)), world.thread_name(second)),
        ("one".to_owned(), "one.second".to_owned())
    );
    let duties = [Duty::UnregisteredHandle, Duty::UncompletedOperation, Duty::ForeignShape].map(Duty::name);
    assert_eq!(duties, ["unregistered-handle", "uncompleted-operation", "foreign-shape"]);
    assert_eq!(format!("{:?}", Decision::InfoSecondUse), "info-second-use");
}

#[test]
fn the_ids_of_the_catalog() {
    let catalog = Base::Ifs.catalog(&[]);
    let ids: Vec<u32> = catalog.entries().iter().map(|entry| entry.id).collect();
    assert_eq!(ids, [1001, 1002, 1003, 1004, 1005, 901, 902, 903, 904, 905]);
}

#[test]
fn nothing_is_left_where_all_processes_have_ended() {
    for base in Base::ALL {
        let mut system = machine(base);
        let pid = process(&mut system, "one", [call("socket", [n(2), n(1), n(6)]), call("ExitProcess", [n(0)])]);
        go(&mut system, Tid::main(pid));
        run(&mut system);
        sound(&system);
    }
}
