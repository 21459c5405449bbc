//! A machine that is called one call after the other.

use winspi::core::call::{WSPRecv, WSPSocket, accept, recv};
use winspi::core::id::Handle;
use winspi::core::value::{Buffer, Length, LengthAt, Memory, Place, Pointer};
use winspi::core::ws2_32::catalog::Fault;
use winspi::machine::Process;
use winspi::types::constants::{AF_INET, CF_REJECT, IPPROTO_TCP, SOCK_STREAM};
use winspi::{Base, CallError, Doing, Layer, Machine, Plan, PlanError, Winsock};

fn tcp(process: Process<'_>) -> Handle {
    process.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP).expect("there is TCP")
}

/// A client's and a server's end of one connection.
fn connected(machine: &Machine) -> Result<(Handle, Handle), Box<dyn std::error::Error>> {
    let (server, client) = (machine.process("server")?, machine.process("client")?);
    let l = tcp(server);
    server.bind(l, "127.0.0.1:5000")?;
    server.listen(l, 5)?;
    let c = tcp(client);
    client.connect(c, "127.0.0.1:5000")?;
    Ok((c, server.accept(l)?))
}

fn pair() -> Machine {
    Machine::of(["server", "client", "other"]).expect("it can be")
}

fn receive(s: Handle) -> recv {
    let buf = Pointer::To(vec![Buffer { memory: Memory::Room, len: 16 }]);
    recv { s, buf, len: Length(None), flags: 0 }
}

#[test]
fn a_handoff_on_all_arrangements() {
    let layers = [Layer::ifs("lower"), Layer::non_ifs("upper")];
    let plans = [
        Plan::new(),
        Plan::new().base(Base::NonIfs),
        Plan::new().layer(layers[0].clone()),
        Plan::new().base(Base::NonIfs).layer(layers[1].clone()),
        Plan::new().layer(layers[0].clone()).layer(layers[1].clone()),
    ];
    for plan in plans {
        let machine = plan.processes(["server", "client", "other"]).machine().expect("it can be");
        let (c, a) = connected(&machine).expect("they connect");
        let [server, client, other] = ["server", "client", "other"].map(|name| machine.process(name).expect("it is"));
        let info = client.duplicate_socket(c, other.pid()).expect("a duplicate");
        let before = machine.socket_state(client, c).expect("it lives");
        assert_eq!((before.state, before.handles), ("connected", 2));
        let stolen = server.socket_from_info(&info);
        assert!(stolen.is_err(), "only the target can have it");
        let t = other.socket_from_info(&info).expect("the target can");
        client.close(c).expect("it is open");
        other.send(t, "hello").expect("the socket lives on");
        assert_eq!(server.recv(a, 64).as_deref(), Ok(&b"hello"[..]));
        assert_eq!(machine.socket_state(other, t).expect("it lives").handles, 1);
        assert_eq!(machine.handles_of(client.pid()), []);
        assert_eq!(machine.check(), Ok(()));
    }
}

#[test]
fn a_refusal_has_its_code_and_its_clause() {
    let machine = pair();
    let server = machine.process("server").expect("it is");
    let error = server.listen(Handle(0x7fc), 1).expect_err("no socket");
    assert_eq!(error.code().and_then(|code| code.name()), Some("WSAENOTSOCK"));
    assert!(error.to_string().starts_with("listen: WSAENOTSOCK ("), "{error}");
    let error = server.bind(Handle(0x80), "nowhere").expect_err("no address");
    assert_eq!(error.to_string(), "\"nowhere\" is not a socket address");
    let error = server.socket_from_info("short").expect_err("no info");
    assert!(matches!(error, CallError::Argument { .. }));
    let s = tcp(server);
    server.bind(s, "127.0.0.1:1").expect("free");
    let error = server.bind(s, "127.0.0.1:2").expect_err("bound");
    assert_eq!(error.clause().map(|clause| clause.to_string()).as_deref(), Some("WSPBind.error-einval"));
}

#[test]
fn a_call_that_waits_goes_on_when_it_can() {
    let machine = pair();
    let (c, a) = connected(&machine).expect("they connect");
    let (server, client) = (machine.process("server").expect("it is"), machine.process("client").expect("it is"));
    let receiving = server.start(receive(a)).expect("it may wait");
    let blocked = server.finish(&receiving).expect_err("nothing is there");
    let waiting = blocked.waiting().expect("it waits");
    assert_eq!((waiting.by[0].name.as_str(), waiting.by[0].doing), ("client", Doing::Runs));
    assert_eq!(machine.waiting(), std::slice::from_ref(waiting));
    assert!(matches!(server.listen(a, 1), Err(CallError::Blocked(_))), "one call at a time");
    client.send(c, "at last").expect("there is room");
    assert_eq!(server.finish(&receiving).expect("it came back").data[..], b"at last"[..]);
    assert_eq!(server.finish(&receiving).expect("and again").data[..], b"at last"[..]);
    server.local_name(a).expect("the thread is free");
    assert_eq!(server.finish(&receiving), Err(CallError::Overtaken));
}

#[test]
fn another_thread_ends_a_wait_by_a_close() {
    let machine = Plan::new().processes(["server", "client"]).thread("closer").machine().expect("it can be");
    let (c, _) = connected(&machine).expect("they connect");
    let client = machine.process("client").expect("it is");
    let closer = client.thread("closer").expect("it is");
    assert_eq!(closer.name(), "client.closer");
    let receiving = client.start(receive(c)).expect("it may wait");
    closer.close(c).expect("it is open");
    let error = client.finish(&receiving).expect_err("the socket is gone");
    assert!(error.code().is_some(), "{error}");
    assert!(client.thread("nobody").is_err());
}

#[test]
fn time_passes_where_a_call_waits_for_it() {
    let machine = pair();
    let server = machine.process("server").expect("it is");
    let event = server.create_event(true, false).expect("it is made");
    let error = server.wait_for(event, Some(50)).expect_err("nobody sets it");
    assert_eq!(error.code().and_then(|code| code.name()), Some("WAIT_TIMEOUT"));
    assert_eq!(machine.world().now(), 50);
    machine.advance(20).expect("nothing is in the way");
    assert_eq!(machine.world().now(), 70);
    assert!(matches!(server.wait_for(event, None), Err(CallError::Blocked(_))));
}

#[test]
fn a_clone_is_a_snapshot() {
    let machine = pair();
    let (c, a) = connected(&machine).expect("they connect");
    let (server, client) = (machine.process("server").expect("it is"), machine.process("client").expect("it is"));
    let receiving = server.start(receive(a)).expect("it may wait");
    let snapshot = machine.clone();
    client.send(c, "one").expect("there is room");
    assert_eq!(server.finish(&receiving).expect("it came").data[..], b"one"[..]);
    machine.restore(&snapshot);
    assert!(matches!(server.finish(&receiving), Err(CallError::Blocked(_))));
    client.send(c, "other").expect("there is room");
    assert_eq!(server.finish(&receiving).expect("it came").data[..], b"other"[..]);
    // The snapshot is a machine of its own.
    assert_eq!(snapshot.waiting().len(), 1);
    assert_eq!(snapshot.process("client").expect("it is").send(c, "third"), Ok(5));
}

#[test]
fn the_end_of_a_process_ends_its_calls() {
    let machine = pair();
    let (c, a) = connected(&machine).expect("they connect");
    let (server, client) = (machine.process("server").expect("it is"), machine.process("client").expect("it is"));
    let receiving = server.start(receive(a)).expect("it may wait");
    machine.kill(server.pid()).expect("it runs");
    assert_eq!(machine.kill(server.pid()), Err(CallError::Ended));
    assert!(!server.is_running());
    assert_eq!(server.finish(&receiving).map(drop), Err(CallError::Ended));
    assert_eq!(server.recv(a, 1), Err(CallError::Ended));
    assert!(client.recv(c, 16).is_ok_and(|data| data.is_empty()));
    assert_eq!(client.exit_process(0), CallError::Ended);
    assert_eq!(machine.check(), Ok(()));
}

#[test]
fn a_condition_function_answers() {
    let machine = pair();
    let (server, client) = (machine.process("server").expect("it is"), machine.process("client").expect("it is"));
    let l = tcp(server);
    server.bind(l, "127.0.0.1:5000").expect("free");
    server.listen(l, 5).expect("bound");
    client.connect(tcp(client), "127.0.0.1:5000").expect("it listens");
    let refused = server.accept_if(l, CF_REJECT as u32).expect_err("it is rejected");
    assert_eq!(refused.code().and_then(|code| code.name()), Some("WSAECONNREFUSED"));
}

#[test]
fn a_provider_that_breaks_a_duty_is_found() {
    let layer = Layer::ifs("careless").breaks(Fault::UnregisteredHandle);
    let machine = Plan::new().layer(layer).processes(["one"]).machine().expect("it can be");
    let one = machine.process("one").expect("it is");
    let _ = one.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    let findings = machine.check().expect_err("the layer is careless");
    assert_eq!(findings.breaches.len(), 1);
    assert!(findings.to_string().starts_with("unregistered-handle is broken ("), "{findings}");
}

#[test]
fn plans_that_cannot_be() {
    let error = |plan: Plan| plan.machine().map(drop).expect_err("it cannot be");
    assert_eq!(error(Plan::new().processes(["a", "a"])), PlanError::Twice("a".into()));
    assert_eq!(error(Plan::new().processes(["a"]).thread("t").thread("t")), PlanError::Twice("a.t".into()));
    assert_eq!(
        error(Plan::new().layer(Layer::ifs("x").hooks("WSPNothing"))).to_string(),
        "layer `x` hooks `WSPNothing`, which is no function"
    );
    let ifs_over_non_ifs = Plan::new().base(Base::NonIfs).layer(Layer::ifs("x"));
    assert!(matches!(error(ifs_over_non_ifs), PlanError::Layer { .. }));
    assert!(Machine::of(["a"]).expect("it can be").process("b").is_err());
}

#[test]
fn calls_of_the_provider_interface_go_through_call() {
    let machine = pair();
    let server = machine.process("server").expect("it is");
    let (af, socket_type, protocol) = (AF_INET, SOCK_STREAM, IPPROTO_TCP);
    let info = Pointer::Null;
    let s = server.call(WSPSocket { af, socket_type, protocol, protocol_info: info, g: 0, flags: 0 });
    let s = s.expect("there is TCP");
    let waits = server.call(accept { s, addr: Place::Room, addrlen: LengthAt::Fits });
    assert!(waits.is_err(), "it does not listen");
    let receive = WSPRecv {
        s,
        buffers: Pointer::Null,
        buffer_count: Length(None),
        number_of_bytes_recvd: Place::Room,
        flags: 0,
        overlapped: Pointer::Null,
        completion_routine: Pointer::Null,
        thread_id: winspi::Value::Null,
    };
    assert!(matches!(server.call(receive), Err(CallError::Refused { .. })));
}

#[test]
fn a_process_without_ws2_32_is_told_so() {
    let machine = Plan::new().unstarted("late").machine().expect("it can be");
    let error = machine.process("late").expect("it is").socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    assert_eq!(error.expect_err("it has not started").code().and_then(|c| c.name()), Some("WSANOTINITIALISED"));
}
