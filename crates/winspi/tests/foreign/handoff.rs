//! The ten steps of a handoff: a server of ours, a source and a target outside, and a layer outside beneath all three.

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use winspi::core::call::{
    BusReceive, BusSend, Callback, GetCurrentProcessId, Signature, WSPAccept, WSPBind, WSPCloseSocket, WSPConnect,
    WSPDuplicateSocket, WSPListen, WSPRecv, WSPSend, WSPSocket,
};
use winspi::core::id::{Handle, PartyId, Pid, Tid};
use winspi::core::kernel::process::ThreadRole;
use winspi::core::outcome::{Accepted, Answer, Received, Refusal};
use winspi::core::policy::Policy;
use winspi::core::protocol::{Reply, Request, Step};
use winspi::core::value::{Buffer, Length, LengthAt, Memory, Place, Pointer, Space};
use winspi::core::ws2_32::catalog::{Catalog, ProviderKind};
use winspi::foreign::{Core, Parties, Stop};
use winspi::types::constants::{AF_INET, FROM_PROTOCOL_INFO, IPPROTO_TCP, SOCK_STREAM};
use winspi::types::{RawProtocolInfoW, SocketAddress};
use winspi::{Program, Shared, System, Value, World};

use super::layer::Layer;

pub(crate) const LAYER: PartyId = PartyId(0);
pub(crate) const SOURCE: PartyId = PartyId(1);
pub(crate) const TARGET: PartyId = PartyId(2);

/// The processes, in the order of start.
pub(crate) const PROCESSES: [Pid; 3] = [Pid(1000), Pid(1004), Pid(1008)];

/// A machine with a layer outside over TCP.
pub(crate) fn layered() -> World {
    let mut catalog = Catalog::with_base(ProviderKind::BaseIfs);
    let id = catalog.add_layer("outside", ProviderKind::LayerIfs, "tcp", Vec::new(), Vec::new());
    let id = id.expect("an IFS layer may stand over an IFS base");
    catalog.set_kind(id, ProviderKind::Outside { party: LAYER, ifs: true });
    World::new(catalog, Policy::default())
}

/// The machine of the handoff, before its first step.
pub(crate) fn machine() -> System<Server> {
    let mut world = layered();
    let server = world.add_process("server", true, ThreadRole::Program);
    let source = world.add_process("source", true, ThreadRole::Outside(SOURCE));
    let target = world.add_process("target", true, ThreadRole::Outside(TARGET));
    assert_eq!([server, source, target], PROCESSES);
    let mut system = System::new(world, ());
    system.set_program(Tid::main(server), Server::default());
    system
}

/// What the parties leave for the test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) layer: Arc<Layer>,
    /// The programs that saw the end of their process.
    pub(crate) ends: Arc<Mutex<Vec<Tid>>>,
}

impl Seen {
    /// How often a party saw the end of a process.
    pub(crate) fn ends_of(&self, process: Pid) -> usize {
        let count = |ends: &Mutex<Vec<Tid>>| {
            ends.lock().expect("no party panics").iter().filter(|tid| tid.process == process).count()
        };
        count(&self.ends) + count(&self.layer.ends)
    }
}

/// The parties of the handoff.
pub(crate) fn parties(seen: &Seen) -> Parties {
    let mut parties = Parties::new();
    parties.provider(LAYER, seen.layer.clone());
    for (party, run) in [(SOURCE, source as fn(&mut Core) -> Result<(), Stop>), (TARGET, target)] {
        let ends = seen.ends.clone();
        parties.program(party, move |core: &mut Core| {
            let result = run(core);
            if result == Err(Stop::Ended) {
                ends.lock().expect("no party panics").push(core.thread());
            }
            result
        });
    }
    parties
}

/// Connects, asks the target who it is, makes a duplicate for it, sends the info, closes.
fn source(core: &mut Core) -> Result<(), Stop> {
    let target = PROCESSES[2].0;
    let s = core.up(tcp_socket())?;
    core.up(connect(s))?;
    core.up(BusSend { process: target, value: Value::bytes("pid?") })?;
    let answer = core.up(BusReceive { process: target })?;
    let pid = answer.data.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let info = core.up(WSPDuplicateSocket { s, process_id: pid, protocol_info: Place::Room })?;
    core.up(BusSend { process: pid, value: Value::Info(info) })?;
    core.up(WSPCloseSocket { s })?;
    core.up(BusSend { process: pid, value: Value::bytes("closed") })
}

/// Says who it is, makes a descriptor of what it gets, sends before and after the source has closed its own.
fn target(core: &mut Core) -> Result<(), Stop> {
    let question = core.up(BusReceive { process: 0 })?;
    let pid = core.up(GetCurrentProcessId {})?;
    core.up(BusSend { process: question.sender.0, value: Value::Number(pid) })?;
    let message = core.up(BusReceive { process: 0 })?;
    let info = RawProtocolInfoW::from_slice(&message.data);
    let info = info.map_err(|error| Refusal::not_modelled(error.to_string()))?;
    let from_info = WSPSocket {
        af: FROM_PROTOCOL_INFO,
        socket_type: FROM_PROTOCOL_INFO,
        protocol: FROM_PROTOCOL_INFO,
        protocol_info: Pointer::To(Arc::new(info)),
        ..tcp_socket()
    };
    let s = core.up(from_info)?;
    core.up(send(s, "from the target"))?;
    core.up(BusReceive { process: 0 })?;
    core.up(send(s, ", and again"))?;
    core.up(WSPCloseSocket { s })
}

/// A server of ours: it accepts one connection and receives until its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Server {
    listener: Option<Handle>,
    connection: Option<Handle>,
    asked: Option<Asked>,
    pub(crate) received: Vec<u8>,
    pub(crate) ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Asked {
    Socket,
    Bind,
    Listen,
    Accept,
    Receive,
    Close,
}

impl Server {
    fn ask(&mut self, asked: Asked, call: impl Signature) -> Step<()> {
        self.asked = Some(asked);
        Step::Ask(Request::Up(Arc::new(call.call())), ())
    }

    fn next(&mut self, reply: Reply) -> Answer<Step<()>> {
        Ok(match self.asked {
            None => self.ask(Asked::Socket, tcp_socket()),
            Some(Asked::Socket) => {
                let s = reply.of::<WSPSocket>()?;
                self.listener = Some(s);
                self.ask(Asked::Bind, WSPBind { s, name: here(), namelen: Length(None) })
            }
            Some(Asked::Bind) => {
                reply.of::<WSPBind>()?;
                let s = self.listener.unwrap_or(Handle::INVALID);
                self.ask(Asked::Listen, WSPListen { s, backlog: 5 })
            }
            Some(Asked::Listen) => {
                reply.of::<WSPListen>()?;
                self.ask(Asked::Accept, accept(self.listener.unwrap_or(Handle::INVALID)))
            }
            Some(Asked::Accept) => {
                let Accepted { s, .. } = reply.of::<WSPAccept>()?;
                self.connection = Some(s);
                self.ask(Asked::Receive, receive(s))
            }
            Some(Asked::Receive) => {
                let Received { data, .. } = reply.of::<WSPRecv>()?;
                self.received.extend_from_slice(&data);
                let s = self.connection.unwrap_or(Handle::INVALID);
                match data.is_empty() {
                    true => self.ask(Asked::Close, WSPCloseSocket { s }),
                    false => self.ask(Asked::Receive, receive(s)),
                }
            }
            Some(Asked::Close) => match self.listener.take() {
                Some(s) => self.ask(Asked::Close, WSPCloseSocket { s }),
                None => Step::Ask(Request::Done, ()),
            },
        })
    }
}

impl Program for Server {
    type Shared = ();

    fn enter(&mut self, _: &Callback) {}

    fn step(&mut self, _: &mut Shared<()>, _: &World, _: Tid, reply: Reply) -> Step<()> {
        self.next(reply).unwrap_or(Step::Ask(Request::Done, ()))
    }

    fn end(&mut self) {
        *self = Server { ended: true, ..Server::default() };
    }
}

pub(crate) fn tcp_socket() -> WSPSocket {
    WSPSocket {
        af: AF_INET,
        socket_type: SOCK_STREAM,
        protocol: IPPROTO_TCP,
        protocol_info: Pointer::Null,
        g: 0,
        flags: 0,
    }
}

pub(crate) fn here() -> Pointer<Arc<[u8]>> {
    Pointer::To(Arc::from(SocketAddress::v4([127, 0, 0, 1], 80).to_bytes()))
}

pub(crate) fn accept(s: Handle) -> WSPAccept {
    WSPAccept { s, addr: Place::Null, addrlen: LengthAt::Fits, condition: Pointer::Null, callback_data: 0 }
}

pub(crate) fn connect(s: Handle) -> WSPConnect {
    WSPConnect {
        s,
        name: here(),
        namelen: Length(None),
        caller_data: Value::Null,
        callee_data: Space::Null,
        sqos: Value::Null,
        gqos: Value::Null,
    }
}

fn send(s: Handle, text: &str) -> WSPSend {
    let memory = Memory::Bytes(Arc::from(text.as_bytes()));
    WSPSend {
        s,
        buffers: Pointer::To(vec![Buffer { memory, len: text.len() as u32 }]),
        buffer_count: Length(None),
        number_of_bytes_sent: Place::Room,
        flags: 0,
        overlapped: Pointer::Null,
        completion_routine: Pointer::Null,
        thread_id: Value::Null,
    }
}

fn receive(s: Handle) -> WSPRecv {
    WSPRecv {
        s,
        buffers: Pointer::To(vec![Buffer { memory: Memory::Room, len: 100 }]),
        buffer_count: Length(None),
        number_of_bytes_recvd: Place::Room,
        flags: 0,
        overlapped: Pointer::Null,
        completion_routine: Pointer::Null,
        thread_id: Value::Null,
    }
}
