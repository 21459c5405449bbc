//! What a scenario cannot set up: versions of providers and of Ws2_32, datagrams that are lost, other policies.

use serde::{Deserialize, Serialize};
use winspi_core::call::{
    Call, Callback, Signature, WSACleanup, WSAStartup, WSPBind, WSPCleanup, WSPIoctl, WSPRecvFrom, WSPSendTo,
    WSPSocket, WSPStartup, socket,
};
use winspi_core::id::{Handle, Pid, Tid};
use winspi_core::kernel::process::ThreadRole;
use winspi_core::outcome::{Out, Outcome};
use winspi_core::policy::ProviderVersions::{Only10, Only11, Only22, UpTo11, UpTo20, UpTo22};
use winspi_core::policy::{DatagramToNobody, Policy, WildcardBind};
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::value::{Buffer, Length, Memory, Place, Pointer, Target};
use winspi_core::ws2_32::catalog::{Catalog, ProviderKind};
use winspi_core::{Program, Shared, System, Transition, Value, World};
use winspi_types::constants::{
    AF_INET, FIONBIO, FROM_PROTOCOL_INFO, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM,
};
use winspi_types::{ErrorCode, SocketAddress, Version};

const V1_0: Version = Version::V1_0;
const V1_1: Version = Version::V1_1;
const V2_0: Version = Version::V2_0;
const V2_2: Version = Version::V2_2;

/// A program that makes one call and keeps what comes back.
#[derive(Clone, Serialize, Deserialize)]
struct One {
    call: Option<std::sync::Arc<Call>>,
    outcome: Option<Outcome>,
}

impl Program for One {
    type Shared = ();

    fn enter(&mut self, _: &Callback) {}

    fn step(&mut self, _: &mut Shared<()>, _: &World, _: Tid, reply: Reply) -> Step<()> {
        if let Reply::Outcome(outcome) = reply {
            self.outcome = Some(outcome);
        }
        match self.call.take() {
            Some(call) => Step::Ask(Request::Up(call), ()),
            None => Step::Ask(Request::Rest, ()),
        }
    }

    fn is_ready(&self, (): &(), _: &World, _: Tid) -> bool {
        self.call.is_some()
    }

    fn end(&mut self) {}
}

/// One process on a machine; calls are made one after the other.
struct Machine {
    system: System<One>,
    process: Pid,
    /// WSPCleanup calls that a provider has seen.
    cleanups: usize,
}

impl Machine {
    fn new(catalog: Catalog, policy: Policy) -> Machine {
        let mut world = World::new(catalog, policy);
        let process = world.add_process("a", true, ThreadRole::Program);
        let mut system = System::new(world, ());
        system.set_program(Tid::main(process), One { call: None, outcome: None });
        Machine { system, process, cleanups: 0 }
    }

    /// Makes a call, without anything arriving.
    fn call(&mut self, call: impl Signature) -> Outcome {
        let tid = Tid::main(self.process);
        let program = self.system.program_mut(tid).expect("it was set");
        *program = One { call: Some(std::sync::Arc::new(call.call())), outcome: None };
        while self.system.can_go(tid) {
            let events = self.system.apply(&Transition::Go(tid)).expect("it can go");
            self.cleanups += events
                .iter()
                .filter(|e| matches!(e, winspi_core::event::Event::Enter { call, .. } if matches!(**call, Call::WSPCleanup(_))))
                .count();
        }
        let program = self.system.program(tid).expect("it was set");
        program.outcome.clone().expect("the call has come back")
    }

    fn handle(&mut self, call: impl Signature) -> Handle {
        match self.call(call).result {
            Ok(Out::Handle(handle)) => handle,
            other => panic!("{other:?}"),
        }
    }

    fn datagram_socket(&mut self) -> Handle {
        self.handle(wsp_socket(SOCK_DGRAM, IPPROTO_UDP))
    }

    fn bound(&mut self, port: u16) -> Handle {
        let s = self.datagram_socket();
        assert_eq!(self.bind(s, SocketAddress::v4([127, 0, 0, 1], port)), None);
        s
    }

    fn bind(&mut self, s: Handle, name: SocketAddress) -> Option<ErrorCode> {
        self.call(WSPBind { s, name: Pointer::To(name.to_bytes().into()), namelen: Length(None) }).error()
    }

    fn nonblocking(&mut self, s: Handle) {
        let ioctl = WSPIoctl {
            s,
            io_control_code: FIONBIO,
            in_buffer: Value::Number(1),
            in_buffer_len: Length(None),
            out_buffer: Place::Room,
            out_buffer_len: Length(None),
            bytes_returned: Place::Room,
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        };
        assert_eq!(self.call(ioctl).error(), None);
    }

    fn send_to(&mut self, s: Handle, data: &[u8], port: u16) {
        let to = SocketAddress::v4([127, 0, 0, 1], port);
        let buffer = Buffer { memory: Memory::Bytes(data.into()), len: data.len() as u32 };
        let call = WSPSendTo {
            s,
            buffers: Pointer::To(vec![buffer]),
            buffer_count: Length(None),
            number_of_bytes_sent: Place::Room,
            flags: 0,
            to: Pointer::To(to.to_bytes().into()),
            tolen: Length(None),
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        };
        assert_eq!(self.call(call).error(), None);
    }

    fn recv_from(&mut self, s: Handle) -> Result<Vec<u8>, ErrorCode> {
        let call = WSPRecvFrom {
            s,
            buffers: Pointer::To(vec![Buffer { memory: Memory::Room, len: 64 }]),
            buffer_count: Length(None),
            number_of_bytes_recvd: Place::Room,
            flags: 0,
            from: Target::Room,
            fromlen: Length(None),
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        };
        let outcome = self.call(call);
        match &outcome.result {
            Ok(Out::ReceivedFrom(received)) => Ok(received.data.to_vec()),
            _ => Err(outcome.error().expect("a code")),
        }
    }

    /// What can happen on the network.
    fn network(&self) -> Vec<Transition> {
        self.system.deliveries().into_iter().map(|(transition, _)| transition).collect()
    }

    fn settle(&mut self) {
        while let Some(transition) = self.network().first() {
            self.system.apply(transition).expect("it was offered");
        }
    }
}

fn wsp_socket(socket_type: i32, protocol: i32) -> WSPSocket {
    WSPSocket { af: AF_INET, socket_type, protocol, protocol_info: Pointer::Null, g: 0, flags: 0 }
}

fn machine(provider: (Version, Version), dll: (Version, Version)) -> Machine {
    let mut catalog = Catalog::with_base(ProviderKind::BaseIfs);
    let base = catalog.provider_named("base").expect("there is a base");
    catalog.set_versions(base, provider.0, provider.1);
    let all = [Only22, Only10, Only11, UpTo11, UpTo20, UpTo22];
    let provider_versions = all.into_iter().find(|versions| versions.range() == dll).expect("there is one");
    Machine::new(catalog, Policy { provider_versions, ..Policy::default() })
}

/// WSPStartup with a version, directly: `wVersion` and `wHighVersion`, or the code.
fn negotiate(provider: (Version, Version), version_requested: Version) -> Result<(Version, Version), ErrorCode> {
    let startup = WSPStartup {
        version_requested,
        protocol_info: Pointer::Null,
        upcall_table: Place::Room,
        wsp_data: Place::Room,
        proc_table: Place::Room,
    };
    let outcome = machine(provider, (V2_2, V2_2)).call(startup);
    match &outcome.result {
        Ok(Out::Started(started)) => Ok((started.wsp_data.version, started.wsp_data.high_version)),
        _ => Err(outcome.error().expect("a code")),
    }
}

/// The chart on the page of WSPStartup: row, versions of the DLL, of the provider, the request, what comes back, and
/// what the program sees that makes a socket.
#[test]
fn the_version_chart() {
    type Row = (u32, (Version, Version), (Version, Version), Result<(Version, Version), ErrorCode>, Option<ErrorCode>);
    let refused = Err(ErrorCode::WSAVERNOTSUPPORTED);
    let rows: [Row; 10] = [
        (1, (V1_1, V1_1), (V1_1, V1_1), Ok((V1_1, V1_1)), None),
        (2, (V1_0, V1_1), (V1_0, V1_0), Ok((V1_0, V1_0)), None),
        (3, (V1_0, V1_0), (V1_0, V1_1), Ok((V1_0, V1_1)), None),
        (4, (V1_1, V1_1), (V1_0, V1_1), Ok((V1_1, V1_1)), None),
        (5, (V1_1, V1_1), (V1_0, V1_0), Ok((V1_0, V1_0)), Some(ErrorCode::WSAEINVALIDPROVIDER)),
        (6, (V1_0, V1_0), (V1_1, V1_1), refused, Some(ErrorCode::WSAEPROVIDERFAILEDINIT)),
        (7, (V1_0, V1_1), (V1_0, V1_1), Ok((V1_1, V1_1)), None),
        (8, (V1_0, V2_0), (V1_1, V1_1), Ok((V1_1, V1_1)), None),
        (9, (V1_0, V2_0), (V2_0, V2_0), Ok((V2_0, V2_0)), None),
        (10, (V1_0, V2_2), (V2_2, V2_2), Ok((V2_2, V2_2)), None),
    ];
    for (row, dll, provider, negotiated, seen) in rows {
        assert_eq!(negotiate(provider, dll.1), negotiated, "row {row}: what the provider answers");
        let mut machine = machine(provider, dll);
        let outcome = machine.call(wsp_socket(SOCK_STREAM, IPPROTO_TCP));
        assert_eq!(outcome.error(), seen, "row {row}: what a program sees");
        // A provider that started and is not used gets its WSPCleanup.
        assert_eq!(machine.cleanups, usize::from(row == 5), "row {row}");
    }
}

#[test]
fn versions_compare_by_major_first() {
    let version = Version::new;
    for (provider, requested, expected) in [
        ((V2_2, V2_2), version(2, 1), Err(ErrorCode::WSAVERNOTSUPPORTED)),
        ((V2_2, V2_2), version(1, 9), Err(ErrorCode::WSAVERNOTSUPPORTED)),
        ((V2_2, V2_2), version(3, 0), Ok((V2_2, V2_2))),
        ((V1_1, V2_2), V1_1, Ok((V1_1, V2_2))),
        ((V1_1, V2_2), V2_0, Ok((V2_0, V2_2))),
        ((V2_2, version(3, 0)), V2_2, Ok((V2_2, version(3, 0)))),
        ((V1_0, V2_2), version(0, 9), Err(ErrorCode::WSAVERNOTSUPPORTED)),
    ] {
        assert_eq!(negotiate(provider, requested), expected, "{provider:?} asked for {requested}");
    }
}

#[test]
fn todays_ws2_32_takes_only_2_2_from_a_provider() {
    let mut machine = machine((V1_0, V2_0), (V2_2, V2_2));
    let outcome = machine.call(socket { af: AF_INET, socket_type: SOCK_STREAM, protocol: IPPROTO_TCP });
    assert_eq!(outcome.error(), Some(ErrorCode::WSAEINVALIDPROVIDER));
    assert_eq!(outcome.basis().map(|b| b.to_string()).as_deref(), Some("WSPStartup.dll-rejects-non-22"));
    assert_eq!(machine.cleanups, 1);
    assert_eq!(machine.system.world().instances().count(), 0, "nothing is left of it");
}

#[test]
fn a_layer_is_no_newer_than_what_is_below_it() {
    for (layer, base, seen) in [
        ((V2_2, V2_2), (V1_0, V2_2), None),
        ((V2_2, V2_2), (V1_0, V2_0), Some(ErrorCode::WSAEINVALIDPROVIDER)),
        ((V1_0, V2_0), (V1_0, V2_2), Some(ErrorCode::WSAEINVALIDPROVIDER)),
    ] {
        let mut catalog = Catalog::with_base(ProviderKind::BaseIfs);
        let lower = catalog.provider_named("base").expect("there is a base");
        let added = catalog.add_layer("layer", ProviderKind::LayerNonIfs, "base", Vec::new(), Vec::new());
        catalog.set_versions(lower, base.0, base.1);
        catalog.set_versions(added.expect("it can stand there"), layer.0, layer.1);
        let mut machine = Machine::new(catalog, Policy::default());
        let outcome = machine.call(wsp_socket(SOCK_STREAM, IPPROTO_TCP));
        assert_eq!(outcome.error(), seen, "{layer:?} over {base:?}");
        assert_eq!(machine.cleanups, if seen.is_some() { 2 } else { 0 }, "the layer's and its lower one's");
    }
}

#[test]
fn ws2_32_serves_programs_from_1_0_to_2_2() {
    for (requested, answered) in [
        (V1_0, Some(V1_0)),
        (V1_1, Some(V1_1)),
        (V2_0, Some(V2_0)),
        (Version::V2_1, Some(Version::V2_1)),
        (V2_2, Some(V2_2)),
        (Version::new(3, 0), Some(V2_2)),
        (Version::new(0, 9), None),
    ] {
        let mut machine = machine((V2_2, V2_2), (V2_2, V2_2));
        let outcome = machine.call(WSAStartup { version_requested: requested, wsa_data: Place::Room });
        let version = match &outcome.result {
            Ok(Out::Startup(startup)) => Some(startup.version),
            _ => None,
        };
        assert_eq!(version, answered);
    }
}

#[test]
fn starts_and_ends_of_a_provider_balance() {
    let mut machine = machine((V1_0, V2_2), (V2_2, V2_2));
    let startup = WSPStartup {
        version_requested: V2_2,
        protocol_info: Pointer::Null,
        upcall_table: Place::Room,
        wsp_data: Place::Room,
        proc_table: Place::Room,
    };
    assert_eq!(machine.call(WSPCleanup {}).error(), Some(ErrorCode::WSANOTINITIALISED));
    for _ in 0..2 {
        assert_eq!(machine.call(startup.clone()).error(), None);
    }
    // A start that fails is not counted: WSPStartup.failed-start-not-counted.
    let refused = WSPStartup { version_requested: Version::new(0, 1), ..startup };
    assert_eq!(machine.call(refused).error(), Some(ErrorCode::WSAVERNOTSUPPORTED));
    for expected in [None, None, Some(ErrorCode::WSANOTINITIALISED)] {
        assert_eq!(machine.call(WSPCleanup {}).error(), expected);
    }
}

#[test]
fn a_cleanup_closes_what_is_open_and_the_provider_can_be_started_again() {
    let mut machine = machine((V2_2, V2_2), (V2_2, V2_2));
    machine.bound(53);
    assert_eq!(machine.call(WSACleanup {}).error(), None);
    assert_eq!(machine.system.world().endpoint_count(), 0);
    assert_eq!(machine.call(WSAStartup { version_requested: V2_2, wsa_data: Place::Room }).error(), None);
    machine.bound(53);
}

#[test]
fn datagrams_are_named_by_their_ends_ordered_between_them_and_can_be_lost() {
    let mut machine = machine((V2_2, V2_2), (V2_2, V2_2));
    let (s, t, u) = (machine.bound(53), machine.bound(54), machine.bound(55));
    for (from, data) in [(t, b"t1"), (t, b"t2"), (u, b"u1"), (t, b"t3")] {
        machine.send_to(from, data, 53);
    }
    let lane = |port| (SocketAddress::v4([127, 0, 0, 1], port), SocketAddress::v4([127, 0, 0, 1], 53));
    let deliver = |port| Transition::DeliverDatagram { from: lane(port).0, to: lane(port).1 };
    assert_eq!(machine.network(), [deliver(54), deliver(55)]);
    let lose = Transition::LoseDatagram { from: lane(54).0, to: lane(54).1 };
    assert!(lose.is_fault());
    machine.system.apply(&lose).expect("t1 is on its way");
    machine.system.apply(&deliver(55)).expect("u1 overtakes");
    machine.settle();
    machine.nonblocking(s);
    let received: Vec<_> = std::iter::from_fn(|| machine.recv_from(s).ok()).collect();
    assert_eq!(received, [b"u1", b"t2", b"t3"]);
    assert!(machine.system.apply(&lose).is_err(), "nothing is on its way any more");
}

#[test]
fn a_datagram_outlives_its_sender_and_finds_who_is_there_when_it_arrives() {
    let mut machine = machine((V2_2, V2_2), (V2_2, V2_2));
    let t = machine.bound(54);
    machine.send_to(t, b"early", 53);
    assert_eq!(machine.call(winspi_core::call::WSPCloseSocket { s: t }).error(), None);
    let s = machine.bound(53);
    machine.settle();
    assert_eq!(machine.recv_from(s), Ok(b"early".to_vec()));
}

#[test]
fn decision_datagram_to_nobody() {
    for (choice, expected) in
        [(DatagramToNobody::Answered, ErrorCode::WSAECONNRESET), (DatagramToNobody::Dropped, ErrorCode::WSAEWOULDBLOCK)]
    {
        let policy = Policy { datagram_to_nobody: choice, ..Policy::default() };
        let mut machine = Machine::new(Catalog::with_base(ProviderKind::BaseNonIfs), policy);
        let s = machine.bound(53);
        machine.nonblocking(s);
        machine.send_to(s, b"x", 99);
        machine.settle();
        assert_eq!(machine.recv_from(s), Err(expected));
    }
}

#[test]
fn decision_wildcard_bind() {
    for (choice, expected) in
        [(WildcardBind::Conflicts, Some(ErrorCode::WSAEADDRINUSE)), (WildcardBind::Coexists, None)]
    {
        let policy = Policy { wildcard_bind: choice, ..Policy::default() };
        let mut machine = Machine::new(Catalog::with_base(ProviderKind::BaseIfs), policy);
        let (any, one) = (machine.datagram_socket(), machine.datagram_socket());
        assert_eq!(machine.bind(any, SocketAddress::v4([0; 4], 53)), None);
        assert_eq!(machine.bind(one, SocketAddress::v4([127, 0, 0, 1], 53)), expected);
        if expected.is_none() {
            // The specific name receives before the wildcard.
            let t = machine.bound(54);
            machine.send_to(t, b"x", 53);
            machine.settle();
            assert_eq!(machine.recv_from(one), Ok(b"x".to_vec()));
        }
    }
}

#[test]
fn a_socket_of_the_info_takes_the_triple_of_the_info() {
    let catalog = Catalog::with_base(ProviderKind::BaseIfs);
    let udp = catalog.entries().iter().find(|e| e.info.socket_type() == SOCK_DGRAM).expect("there is UDP");
    let protocol_info = Pointer::To(udp.info.clone());
    let mut machine = Machine::new(catalog, Policy::default());
    let all = FROM_PROTOCOL_INFO;
    let s = machine.handle(WSPSocket { af: all, socket_type: all, protocol: all, protocol_info, g: 0, flags: 0 });
    assert_eq!(machine.bind(s, SocketAddress::v4([127, 0, 0, 1], 53)), None);
}
