//! The ten steps of the handoff as a typed program: the lines of `scenarios/handoff.winspi` in Rust.
//!
//! This is what a user of the core writes who needs no text. It makes the same calls in the same order, so the
//! transitions that a run of the script takes fit it, and give the same events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_core::call::{
    BusReceive, BusSend, Call, Callback, GetCurrentProcessId, Signature, WSPAccept, WSPBind, WSPCloseSocket,
    WSPConnect, WSPDuplicateSocket, WSPListen, WSPRecv, WSPSend, WSPSocket,
};
use winspi_core::id::{Handle, Pid, Tid};
use winspi_core::kernel::process::ThreadRole;
use winspi_core::outcome::{Out, Outcome};
use winspi_core::policy::Policy;
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::value::{Buffer, Memory, Name, Place, Pointer, Space};
use winspi_core::ws2_32::catalog::{Catalog, ProviderKind};
use winspi_core::{Program, Shared, System, Value, World};
use winspi_types::constants::{AF_INET, FROM_PROTOCOL_INFO, IPPROTO_TCP, SOCK_STREAM};
use winspi_types::{ErrorCode, RawProtocolInfoW, SocketAddress};

/// One of the three, and where it stands in its lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Party {
    role: Role,
    /// The line that runs, or is next.
    line: u8,
    /// The socket that it uses.
    s: Handle,
    /// What was received, or asked for, for a later line.
    kept: Kept,
}

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Role {
    Server,
    Source,
    Target,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Kept {
    Nothing,
    Identifier(u32),
    Info(Arc<RawProtocolInfoW>),
}

/// The system with the three processes, before their first line.
pub fn typed() -> System<Party> {
    let world = World::new(Catalog::with_base(ProviderKind::BaseIfs), Policy::default());
    let mut system = System::new(world, ());
    for (name, role) in [("server", Role::Server), ("source", Role::Source), ("target", Role::Target)] {
        let pid = system.world_mut().add_process(name, true, ThreadRole::Program);
        let party = Party { role, line: 0, s: Handle(0), kept: Kept::Nothing };
        system.set_program(Tid::main(pid), party);
    }
    system
}

impl Program for Party {
    type Shared = ();

    fn enter(&mut self, _: &Callback) {}

    fn step(&mut self, _: &mut Shared<()>, _: &World, _: Tid, reply: Reply) -> Step<()> {
        let request = match reply {
            Reply::Enter | Reply::Woken => self.ask(),
            Reply::Outcome(outcome) => self.came_back(outcome),
        };
        Step::Ask(request, ())
    }

    fn end(&mut self) {
        self.line = u8::MAX;
    }
}

impl Party {
    /// The call of the line.
    fn ask(&self) -> Request {
        use Role::{Server, Source, Target};
        let (source, target) = (Pid::of_index(1).0, Pid::of_index(2).0);
        Request::Up(Arc::new(match (self.role, self.line) {
            (Server | Source, 0) => stream(),
            (Server, 1) => WSPBind { s: self.s, name: server(), namelen: Default::default() }.call(),
            (Server, 2) => WSPListen { s: self.s, backlog: 5 }.call(),
            (Server, 3) => self.accept(),
            (Server, 4) => self.receive(5),

            (Source, 1) => self.connect(),
            (Source, 2) => tell(target, Value::bytes("pid?")),
            (Source, 3 | 6) | (Target, 0 | 2) => BusReceive { process: 0 }.call(),
            (Source, 4) => {
                WSPDuplicateSocket { s: self.s, process_id: self.kept.identifier(), protocol_info: Place::Room }.call()
            }
            (Source, 5) => tell(target, Value::Info(self.kept.info())),
            (Source, 7) => WSPCloseSocket { s: self.s }.call(),
            (Source, 8) => self.send("late"),

            // The line asks for its own identifier first.
            (Target, 1) => match self.kept {
                Kept::Identifier(own) => tell(source, Value::Number(i64::from(own))),
                _ => GetCurrentProcessId {}.call(),
            },
            (Target, 3) => duplicate(self.kept.info()),
            (Target, 4) => tell(source, Value::bytes("mine")),
            (Target, 5) => self.send("hello"),
            (Target, 6) => self.send("still here"),
            _ => return Request::Done,
        }))
    }

    /// Takes what the line's call has given.
    fn came_back(&mut self, outcome: Outcome) -> Request {
        use Role::{Source, Target};
        match (self.role, self.line, outcome.result) {
            (_, _, Ok(Out::Handle(s))) => self.s = s,
            (_, _, Ok(Out::Accepted(accepted))) => self.s = accepted.s,
            (_, _, Ok(Out::Info(info))) => self.kept = Kept::Info(info),
            (Target, 1, Ok(Out::Number(own))) => {
                self.kept = Kept::Identifier(u32::try_from(own).expect("an identifier"));
                return self.ask();
            }
            (Source, 3, Ok(Out::Message(pid))) => {
                let pid = pid.data[..].try_into().expect("four bytes");
                self.kept = Kept::Identifier(u32::from_le_bytes(pid));
            }
            (Target, 2, Ok(Out::Message(info))) => {
                let info = RawProtocolInfoW::from_slice(&info.data).expect("628 bytes");
                self.kept = Kept::Info(Arc::new(info));
            }
            (Source, 8, Err(refusal)) => {
                let error = Outcome { result: Err(refusal), by: None }.error();
                assert_eq!(error, Some(ErrorCode::WSAENOTSOCK));
            }
            (_, _, Ok(_)) => {}
            (role, line, Err(refusal)) => panic!("{role:?}, line {line}: {refusal:?}"),
        }
        self.line += 1;
        Request::Rest
    }

    fn connect(&self) -> Call {
        let call = WSPConnect {
            s: self.s,
            name: server(),
            namelen: Default::default(),
            caller_data: Value::Null,
            callee_data: Space::default(),
            sqos: Value::Null,
            gqos: Value::Null,
        };
        call.call()
    }

    fn accept(&self) -> Call {
        let call = WSPAccept {
            s: self.s,
            addr: Default::default(),
            addrlen: Default::default(),
            condition: Pointer::Null,
            callback_data: 0,
        };
        call.call()
    }

    fn send(&self, text: &str) -> Call {
        let len = u32::try_from(text.len()).expect("a short text");
        let call = WSPSend {
            s: self.s,
            buffers: Pointer::To(vec![Buffer { memory: Memory::Bytes(Arc::from(text.as_bytes())), len }]),
            buffer_count: Default::default(),
            number_of_bytes_sent: Place::Room,
            flags: 0,
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        };
        call.call()
    }

    fn receive(&self, len: u32) -> Call {
        let call = WSPRecv {
            s: self.s,
            buffers: Pointer::To(vec![Buffer { memory: Memory::Room, len }]),
            buffer_count: Default::default(),
            number_of_bytes_recvd: Place::Room,
            flags: 0,
            overlapped: Pointer::Null,
            completion_routine: Pointer::Null,
            thread_id: Value::Null,
        };
        call.call()
    }
}

impl Kept {
    fn identifier(&self) -> u32 {
        match self {
            Kept::Identifier(number) => *number,
            other => panic!("no identifier: {other:?}"),
        }
    }

    fn info(&self) -> Arc<RawProtocolInfoW> {
        match self {
            Kept::Info(info) => info.clone(),
            other => panic!("no info: {other:?}"),
        }
    }
}

fn stream() -> Call {
    let call = WSPSocket {
        af: AF_INET,
        socket_type: SOCK_STREAM,
        protocol: IPPROTO_TCP,
        protocol_info: Pointer::Null,
        g: 0,
        flags: 0,
    };
    call.call()
}

fn duplicate(info: Arc<RawProtocolInfoW>) -> Call {
    let call = WSPSocket {
        af: FROM_PROTOCOL_INFO,
        socket_type: FROM_PROTOCOL_INFO,
        protocol: FROM_PROTOCOL_INFO,
        protocol_info: Pointer::To(info),
        g: 0,
        flags: 0,
    };
    call.call()
}

fn server() -> Name {
    let address: SocketAddress = "127.0.0.1:5000".parse().expect("an address");
    Pointer::To(Arc::from(address.to_bytes().as_slice()))
}

fn tell(process: u32, value: Value) -> Call {
    BusSend { process, value }.call()
}
