//! What must hold from one world to the next: what a walk of one world cannot see.
//!
//! | name | what holds |
//! |---|---|
//! | `bytes-consumed-once` | what a receive gives are the oldest bytes of its end of the connection, and they are gone then; nothing else takes any |
//! | `close-changes-no-other` | a close of one descriptor leaves the socket's other descriptors, its connection, queues and options, and all handles of other processes as they were |
//! | `endpoint-seen-alike` | what a provider says of a name or an option is what the socket has, whoever asks |
//! | `claim-redeemed-once` | a process gets one more descriptor of a socket that is there already only where a duplicate that was made for it is used up |

use winspi_types::constants::{
    IPPROTO_TCP, MSG_PEEK, SO_ACCEPTCONN, SO_BROADCAST, SO_KEEPALIVE, SO_RCVBUF, SO_REUSEADDR, SO_SNDBUF, SO_TYPE,
    SOL_SOCKET, TCP_NODELAY,
};

use super::{Findings, Violation, in_order};
use crate::activation::Stage;
use crate::arena::Arena;
use crate::call::{Call, WPUQuerySocketHandleContext, WSPGetSockOpt};
use crate::event::Event;
use crate::id::{ConnectionId, EndpointId, Handle, InstanceId, Pid, Tid};
use crate::kernel::handle::Slot;
use crate::kernel::operation::{Operation, OperationKind, OperationState};
use crate::kernel::process::Next;
use crate::outcome::{Out, Outcome, SocketName, Who};
use crate::policy::{InfoRedeemedByTarget, UnclaimedDuplicate};
use crate::provider::base_non_ifs;
use crate::provider::instance::Record;
use crate::shared::Shared;
use crate::transport::{Connection, End, EndHolder, Endpoint, Role, Segment, Side};
use crate::value::Memory;
use crate::world::World;
use crate::world::holders::Held;
use crate::ws2_32::catalog::ProviderKind;

/// The names of what must hold from one world to the next.
pub const STEP_INVARIANTS: [&str; 4] =
    ["bytes-consumed-once", "close-changes-no-other", "endpoint-seen-alike", "claim-redeemed-once"];

impl World {
    /// Whether what must hold from one world to the next does: `self` came from `before` by one transition, which gave
    /// these events. `before` is a clone of the world as it was, not a restored one.
    ///
    /// Events have to be recorded; never panics. What nothing has touched is not looked at, so it is cheap beside
    /// [`World::check`].
    pub fn check_step(&self, before: &World, events: &[Event]) -> Vec<Violation> {
        let mut findings = Findings::default();
        let step = Step { before, after: self, events };
        step.bytes(&mut findings);
        step.closes(&mut findings);
        step.answers(&mut findings);
        step.redeemed(&mut findings);
        in_order(findings)
    }
}

struct Step<'w> {
    before: &'w World,
    after: &'w World,
    events: &'w [Event],
}

/// Bytes that a receive gave: how many, and which if that is known.
struct Given {
    endpoint: EndpointId,
    length: usize,
    bytes: Option<Vec<u8>>,
}

impl<'w> Step<'w> {
    /// The calls that came back from a base provider, or from the system, with success; each with its place among the
    /// events.
    fn answered(&self) -> impl Iterator<Item = (usize, Who, Pid, &'w Call, &'w Out)> {
        let (events, catalog) = (self.events, self.after.catalog());
        events.iter().enumerate().filter_map(move |(at, event)| {
            let Event::Leave { thread, who, call, outcome: Outcome { result: Ok(out), .. }, .. } = event else {
                return None;
            };
            let base = match who {
                Who::Kernel => true,
                Who::Provider(InstanceId { provider, .. }) => {
                    matches!(catalog.provider(*provider).kind, ProviderKind::BaseIfs | ProviderKind::BaseNonIfs)
                }
                Who::Program | Who::Ws2_32 | Who::Foreign(..) => false,
            };
            base.then_some((at, *who, thread.process, &**call, out))
        })
    }

    /// The socket of a call that came back, by the place of that event. One that had found its socket before has it in
    /// hand, whatever its handle means by now; of another it is what the handle means, which the call may have closed,
    /// or just made.
    fn socket(&self, at: usize, handle: Handle) -> Option<EndpointId> {
        let Some(Event::Leave { thread, depth, .. }) = self.events.get(at) else { return None };
        let enters =
            |event: &Event| matches!(event, Event::Enter { thread: t, depth: d, .. } if t == thread && d == depth);
        let begun = !self.events[..at].iter().any(enters);
        let found = if begun { self.in_hand(*thread, usize::from(*depth)) } else { None };
        let meant = || self.before.socket_of(thread.process, handle);
        found.or_else(meant).or_else(|| self.after.socket_of(thread.process, handle))
    }

    /// The socket that a call under way has found.
    fn in_hand(&self, thread: Tid, depth: usize) -> Option<EndpointId> {
        let thread = self.before.thread(thread)?;
        let activation = thread.stack.get(depth)?;
        match (&activation.stage, activation.who, &thread.next) {
            // It was just told the number of its socket.
            (Stage::BaseNonIfs(base_non_ifs::Stage::Context), Who::Provider(instance), Next::Run(reply)) => {
                let context = reply.clone().of::<WPUQuerySocketHandleContext>().ok()?;
                let Record::BaseNonIfs(base) = &self.before.instance(instance)?.record else { return None };
                base.endpoint(u32::try_from(context.0).ok()?)
            }
            _ => activation.holds(),
        }
    }

    // ---- bytes

    fn bytes(&self, findings: &mut Findings) {
        let (before, after) = (self.before.components().connections, self.after.components().connections);
        if Arena::same(before, after) {
            return;
        }
        let changed: Vec<ConnectionId> = after
            .iter()
            .map(|(id, _)| id)
            .filter(|id| match (before.shared(*id), after.shared(*id)) {
                (Some(was), Some(is)) => !Shared::same(was, is),
                _ => false,
            })
            .collect();
        if changed.is_empty() {
            return;
        }
        let given = self.given();
        for id in changed {
            let (Some(was), Some(is)) = (before.get(id), after.get(id)) else { continue };
            for side in [Side::Client, Side::Server] {
                self.end(id, (was, is), side, &given, findings);
            }
        }
    }

    /// What the receives of this transition gave.
    fn given(&self) -> Vec<Given> {
        let mut all = Vec::new();
        for (at, _, process, call, out) in self.answered() {
            let (handle, data) = match (call, out) {
                (Call::WSPRecv(a), Out::Received(received)) if a.flags & MSG_PEEK == 0 => (a.s, &received.data),
                (Call::WSPRecvFrom(a), Out::ReceivedFrom(received)) if a.flags & MSG_PEEK == 0 => (a.s, &received.data),
                (Call::ReadFile(a), Out::FileRead(read))
                    if matches!(self.before.slot(process, a.file), Slot::Socket(_)) =>
                {
                    (a.file, &read.data)
                }
                _ => continue,
            };
            if let Some(endpoint) = self.socket(at, handle) {
                all.push(Given { endpoint, length: data.len(), bytes: Some(data.to_vec()) });
            }
        }
        for event in self.events {
            let Event::Completed { process, cell, completion } = event else { continue };
            // One that has ended in the call that began it is an answer of that call.
            let pending = self.before.operations().map(|(_, op)| op).filter(|op| {
                op.instance.process == *process
                    && op.cell == *cell
                    && op.state == OperationState::Pending
                    && op.kind.receives()
            });
            if let Some(operation) = pending.min_by_key(|op| op.place()).filter(|_| completion.error.number() == 0) {
                let length = completion.transferred as usize;
                let bytes = self.filled(operation, length);
                all.push(Given { endpoint: operation.socket.endpoint, length, bytes });
            }
        }
        all
    }

    /// What the buffers of an operation hold now; nothing where one of them cannot be read.
    fn filled(&self, operation: &Operation, length: usize) -> Option<Vec<u8>> {
        let (OperationKind::Receive(buffers) | OperationKind::ReceiveFrom { buffers, .. }) = &operation.kind else {
            return None;
        };
        let mut all = Vec::new();
        for buffer in buffers {
            let Memory::Cell(cell) = buffer.memory else { return None };
            let bytes = self.after.bytes_of(operation.instance.process, cell)?;
            all.extend_from_slice(bytes.get(..buffer.len as usize)?);
        }
        all.truncate(length);
        Some(all)
    }

    fn end(
        &self,
        id: ConnectionId,
        (was, is): (&Connection, &Connection),
        side: Side,
        given: &[Given],
        findings: &mut Findings,
    ) {
        let (old, new) = (was.end(side), is.end(side));
        if given.is_empty() && old == new {
            return;
        }
        // What is reset or shut may lose what was there.
        if breaks_off(old) || breaks_off(new) {
            return;
        }
        let reads =
            |endpoint: EndpointId| match (self.before.find_endpoint(endpoint), self.after.find_endpoint(endpoint)) {
                (Some(e), _) | (None, Some(e)) => has_end(e, id, side),
                (None, None) => false,
            };
        let mine: Vec<&Given> = given.iter().filter(|g| reads(g.endpoint)).collect();
        let taken: usize = mine.iter().map(|g| g.length).sum();
        let (before, after) = (stream(old), stream(new));
        let (client, server) = was.names();
        let place = || format!("the connection from {client} to {server}, at its {side:?} end");
        let left = before.get(taken..);
        if !left.is_some_and(|left| after.starts_with(left)) {
            let seen = format!(
                "{} bytes were there or on their way, receives gave {taken}, and what is left is not the rest: {} bytes",
                before.len(),
                after.len()
            );
            findings.add("bytes-consumed-once", place(), seen);
            return;
        }
        let mut at = 0;
        for one in mine {
            let due = before.get(at..at + one.length);
            at += one.length;
            if one.bytes.as_deref().is_some_and(|bytes| Some(bytes) != due) {
                let seen = format!("a receive gave {} bytes that are not the oldest", one.length);
                findings.add("bytes-consumed-once", place(), seen);
            }
        }
    }

    // ---- closes

    fn closes(&self, findings: &mut Findings) {
        if !self.only_closes() {
            return;
        }
        let closer = self.events.iter().find_map(|event| match event {
            Event::Enter { thread, .. } | Event::Leave { thread, .. } => Some(thread.process),
            Event::Ended { process, .. } => Some(*process),
            _ => None,
        });
        let (before, after) = (self.before.components(), self.after.components());
        let mut shrunk = false;
        for (id, was) in before.endpoints.iter() {
            let Some(is) = after.endpoints.get(id).filter(|is| is.handles > 0 && is.handles < was.handles) else {
                continue;
            };
            shrunk = true;
            let place = || format!("the socket {:?}, which has other descriptors", id.0);
            if essence(was) != essence(is) {
                findings.add("close-changes-no-other", place(), "its state is another after the close");
            }
            if let Role::Connected { connection, .. } | Role::Connecting { connection } = was.role
                && before.connections.get(connection) != after.connections.get(connection)
                && !self.closes_other_end(id, connection)
            {
                findings.add("close-changes-no-other", place(), "its connection is another after the close");
            }
        }
        if !shrunk {
            return;
        }
        // Duplicates that nobody asked for may go with the last descriptor.
        let keeps = self.after.policy().unclaimed_duplicate == UnclaimedDuplicate::Keeps;
        let stays = |(_, slot): &(Handle, Slot)| keeps || !matches!(slot, Slot::Claim(_));
        for (was, is) in before.processes.iter().zip(after.processes) {
            let same = || was.handles.iter().filter(stays).eq(is.handles.iter().filter(stays));
            if Some(was.pid) != closer && !Shared::same(was, is) && !same() {
                let place = format!("process {}", was.pid);
                findings.add("close-changes-no-other", place, "its handles are others after a close elsewhere");
            }
        }
    }

    /// Whether the other end of a connection was closed for good: who ends a process may end both.
    fn closes_other_end(&self, id: EndpointId, of: ConnectionId) -> bool {
        let gone = |other: EndpointId| self.after.find_endpoint(other).is_none_or(|is| is.handles == 0);
        self.before.components().endpoints.iter().any(|(other, was)| {
            let has = match &was.role {
                Role::Connected { connection, .. } | Role::Connecting { connection } => *connection == of,
                Role::Listening(listening) => listening.backlog.contains(&of),
                _ => false,
            };
            has && other != id && gone(other)
        })
    }

    /// Whether nothing happened but closing, by calls or by the end of a process.
    fn only_closes(&self) -> bool {
        let mut closes = false;
        for event in self.events {
            match event {
                Event::Enter { call, .. } | Event::Leave { call, .. } => {
                    if !matches!(
                        **call,
                        Call::WSPCloseSocket(_)
                            | Call::closesocket(_)
                            | Call::CloseHandle(_)
                            | Call::WPUCloseSocketHandle(_)
                    ) {
                        return false;
                    }
                    closes = true;
                }
                Event::Ended { .. } => closes = true,
                _ => {}
            }
        }
        closes
    }

    // ---- answers

    fn answers(&self, findings: &mut Findings) {
        for (_, who, process, call, out) in self.answered() {
            let (handle, what) = match call {
                Call::WSPGetSockName(a) => (a.s, "name"),
                Call::WSPGetSockOpt(a) => (a.s, "option"),
                _ => continue,
            };
            let endpoint = self.after.socket_of(process, handle).and_then(|id| self.after.find_endpoint(id));
            let Some(endpoint) = endpoint else { continue };
            let alike = match (call, out) {
                (Call::WSPGetSockName(_), Out::Name(name)) => {
                    endpoint.local.is_none_or(|local| *name == SocketName::of(&local))
                }
                (Call::WSPGetSockOpt(a), Out::Option(value)) => {
                    option_of(endpoint, a).is_none_or(|has| value.optval.number() == Some(has))
                }
                _ => true,
            };
            if !alike {
                let place = format!("handle {handle} of process {process}");
                let seen = format!("{who:?} gave another {what} than the socket has");
                findings.add("endpoint-seen-alike", place, seen);
            }
        }
    }

    // ---- duplicates

    fn redeemed(&self, findings: &mut Findings) {
        if self.after.gained_none(self.before) {
            return;
        }
        let anyone = self.after.policy().info_redeemed_by_target == InfoRedeemedByTarget::Anyone;
        let (before, after) = (self.before.components().endpoints, self.after.components().endpoints);
        for (id, was) in before.iter() {
            let (Some(old), Some(new)) = (before.shared(id), after.shared(id)) else { continue };
            // A duplicate that is used up changes no count; two handles are the least that it can be one of.
            if Shared::same(old, new) && was.handles < 2 {
                continue;
            }
            let (old, new) = (self.before.holders(id), self.after.holders(id));
            if old == new {
                continue;
            }
            for process in self.after.processes().map(|p| p.pid) {
                let more = open(self.after, &new, process).saturating_sub(open(self.before, &old, process));
                let used = |of: Option<Pid>| waits(&old, of).saturating_sub(waits(&new, of));
                let used = used((!anyone).then_some(process));
                if more > used {
                    let place = format!("the socket {:?}", id.0);
                    let seen = format!("process {process} has {more} descriptors more, and {used} duplicates less");
                    findings.add("claim-redeemed-once", place, seen);
                }
            }
        }
    }
}

/// How many descriptors of a socket providers have made in a process; what came raw needs no duplicate.
fn open(world: &World, holders: &[(Pid, Held)], process: Pid) -> usize {
    let raw = |handle: Handle| {
        let flags = world.running(process).and_then(|p| p.handles.flags(handle));
        flags.is_some_and(|flags| flags.raw)
    };
    let mine = holders.iter().filter(|(pid, held)| {
        *pid == process
            && match held {
                Held::Handle(handle) => !raw(*handle),
                Held::Lower(_) => true,
                Held::Claim(_) | Held::Token(_) => false,
            }
    });
    mine.count()
}

/// How many duplicates of a socket nobody has asked for, of a process or of all.
fn waits(holders: &[(Pid, Held)], process: Option<Pid>) -> usize {
    let waits = |(pid, held): &&(Pid, Held)| {
        matches!(held, Held::Claim(_) | Held::Token(_)) && process.is_none_or(|process| process == *pid)
    };
    holders.iter().filter(waits).count()
}

/// Whether an end has lost, or may lose, what was there.
fn breaks_off(end: &End) -> bool {
    end.reset
        || end.receive_shut
        || end.receive_ended
        || end.holder == EndHolder::Gone
        || end.incoming.iter().any(|(_, segment)| matches!(segment, Segment::Reset))
}

/// The bytes of an end that were not read, and those on their way to it.
fn stream(end: &End) -> Vec<u8> {
    let mut all: Vec<u8> = end.received.iter().flat_map(|chunk| chunk.iter().copied()).skip(end.read).collect();
    for (_, segment) in &end.incoming {
        if let Segment::Data(data) | Segment::Part(data) = segment {
            all.extend_from_slice(data);
        }
    }
    all
}

fn has_end(endpoint: &Endpoint, id: ConnectionId, of: Side) -> bool {
    matches!(endpoint.role, Role::Connected { connection, side } if connection == id && side == of)
}

/// What a close of another descriptor must not change; a registration of the closing process may go.
fn essence(endpoint: &Endpoint) -> Endpoint {
    Endpoint { events: Default::default(), port: None, handles: 0, references: 0, operations: 0, ..endpoint.clone() }
}

/// The value of an option on the socket; nothing where it is not kept there as a number.
fn option_of(endpoint: &Endpoint, a: &WSPGetSockOpt) -> Option<i64> {
    let options = &endpoint.options;
    let flag = |on: bool| Some(i64::from(on));
    match (a.level, a.optname) {
        (SOL_SOCKET, SO_ACCEPTCONN) => flag(matches!(endpoint.role, Role::Listening(_))),
        (SOL_SOCKET, SO_BROADCAST) => flag(options.broadcast),
        (SOL_SOCKET, SO_KEEPALIVE) => flag(options.keep_alive),
        (SOL_SOCKET, SO_REUSEADDR) => flag(options.reuse_address),
        (SOL_SOCKET, SO_RCVBUF) => Some(options.receive_buffer.into()),
        (SOL_SOCKET, SO_SNDBUF) => Some(options.send_buffer.into()),
        (SOL_SOCKET, SO_TYPE) => Some(endpoint.socket_type.into()),
        (IPPROTO_TCP, TCP_NODELAY) => flag(options.no_delay),
        _ => None,
    }
}
