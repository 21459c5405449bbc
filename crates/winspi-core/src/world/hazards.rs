//! Hazards that need a look at the world: who uses a cell, what keeps a socket open, who will never ask for a duplicate.

use std::fmt;

use crate::event::{Event, Hazard, HazardKind};
use crate::id::{CellId, EndpointId, Pid};
use crate::kernel::handle::Slot;
use crate::kernel::operation::OperationKind;
use crate::provider::instance::Record;
use crate::value::{Buffer, Memory};
use crate::wait::Holder;
use crate::world::holders::Held;
use crate::world::{Cx, World};

/// A duplicate that a process has not asked for.
pub(super) struct Unclaimed {
    endpoint: EndpointId,
    held: Held,
    creator: Pid,
}

impl World {
    /// The name of a process, for messages.
    pub(super) fn name_of(&self, pid: Pid) -> String {
        self.all_processes().find(|p| p.pid == pid).map_or_else(|| format!("process {pid}"), |p| p.name.clone())
    }

    /// A holder of a socket, for messages.
    pub(super) fn told(&self, holder: Holder) -> String {
        match holder {
            Holder::Handle(pid, handle) => format!("{handle} of {}", self.name_of(pid)),
            Holder::Lower(instance, number) => format!("socket record {number} of {}", self.name_of(instance.process)),
        }
    }

    /// A socket, for messages.
    fn socket_named(&self, id: EndpointId) -> String {
        match self.find_socket(id).and_then(|endpoint| endpoint.local) {
            Some(name) => format!("the socket {name}"),
            None => "a socket without a name".to_owned(),
        }
    }

    // ---- duplicates

    /// The duplicates that a process has not asked for, of others' making.
    pub(super) fn unclaimed_of(&self, pid: Pid) -> Vec<Unclaimed> {
        let slots = self.process(pid).into_iter().flat_map(|p| p.handles.iter());
        let claims = slots.filter_map(|(handle, slot)| match slot {
            Slot::Claim(c) => Some(Unclaimed { endpoint: c.endpoint, held: Held::Claim(handle), creator: c.creator }),
            _ => None,
        });
        let tokens = self.tokens_of(pid);
        let tokens =
            tokens.map(|t| Unclaimed { endpoint: t.endpoint, held: Held::Token(t.number), creator: t.creator });
        claims.chain(tokens).filter(|unclaimed| unclaimed.creator != pid).collect()
    }

    /// The sockets of which a process has a descriptor, each once, in the order of handles.
    pub(crate) fn sockets_of(&self, pid: Pid) -> Vec<EndpointId> {
        let slots = self.process(pid).into_iter().flat_map(|p| p.handles.iter());
        let by_handle = slots.filter_map(|(_, slot)| match slot {
            Slot::Socket(endpoint) => Some(endpoint),
            _ => None,
        });
        let records = self.instances_of(pid).filter_map(|(_, i)| match &i.record {
            Record::BaseNonIfs(table) => Some(table),
            _ => None,
        });
        let by_number = records.flat_map(|table| table.iter().map(|(_, endpoint)| endpoint));
        let mut all: Vec<EndpointId> = Vec::new();
        for endpoint in by_handle.chain(by_number) {
            if !all.contains(&endpoint) {
                all.push(endpoint);
            }
        }
        all
    }

    /// A process has ended that had these duplicates to ask for, and these sockets.
    pub(super) fn notice_end(&mut self, pid: Pid, unclaimed: &[Unclaimed], sockets: &[EndpointId]) {
        let name = self.name_of(pid);
        for one in unclaimed {
            let lives = self.find_counts(one.endpoint).is_some_and(|e| e.handles > 0);
            let then = if lives { "" } else { "; it was the last that kept the socket open" };
            let seen = format!(
                "{name} ended and had not asked for the duplicate that {} made for it ({}){then}",
                self.name_of(one.creator),
                one.held
            );
            self.record_hazard(HazardKind::ClaimTargetDied, seen);
        }
        for endpoint in sockets {
            if let Some(kept) = self.kept_by_unclaimed(*endpoint) {
                let seen = format!("{name} ended, and with it the last descriptor of {kept}");
                self.record_hazard(HazardKind::UnclaimedDuplicationKeepsSocket, seen);
            }
        }
    }

    /// A socket that only duplicates keep open that nobody has asked for, with these.
    fn kept_by_unclaimed(&self, id: EndpointId) -> Option<String> {
        self.find_counts(id).filter(|endpoint| endpoint.handles > 0)?;
        let mut kept = Vec::new();
        for (pid, held) in self.holders(id) {
            let creator = match held {
                Held::Handle(_) | Held::Lower(_) => return None,
                Held::Claim(handle) => match self.slot(pid, handle) {
                    Slot::Claim(claim) => claim.creator,
                    _ => continue,
                },
                Held::Token(number) => {
                    let token = self.tokens_of(pid).find(|token| token.number == number);
                    token.map_or(pid, |token| token.creator)
                }
            };
            kept.push(format!(
                "{held}, which {} made and {} has not asked for",
                self.name_of(creator),
                self.name_of(pid)
            ));
        }
        (!kept.is_empty()).then(|| format!("{}; it stays open by {}", self.socket_named(id), kept.join(" and ")))
    }

    fn record_hazard(&mut self, kind: HazardKind, seen: String) {
        self.record(Event::Hazard(Hazard { kind, thread: None, handle: None, seen }));
    }

    // ---- cells

    /// What a pending operation, or one that is not yet announced, uses a cell for.
    fn use_of(&self, process: Pid, cell: CellId) -> Option<CellUse> {
        let mut uses = Vec::new();
        for (_, operation) in self.operations().filter(|(_, op)| op.instance.process == process) {
            let part = match &operation.kind {
                _ if operation.cell == cell => Part::Structure,
                OperationKind::Receive(buffers) if is_in(buffers, cell) => Part::Filled,
                OperationKind::ReceiveFrom { buffers, from } if is_in(buffers, cell) || *from == Some(cell) => {
                    Part::Filled
                }
                OperationKind::Send { cells, .. } if cells.contains(&cell) => Part::Sent,
                _ => continue,
            };
            uses.push(CellUse { part, receives: operation.kind.receives(), handle: operation.handle });
        }
        for (_, instance) in self.instances_of(process) {
            let Record::Layer(layer) = &instance.record else { continue };
            for operation in layer.operations().iter().filter(|op| op.upper == cell) {
                let lower =
                    self.operations().find(|(_, op)| op.instance.process == process && op.cell == operation.lower);
                let receives = lower.is_none_or(|(_, op)| op.kind.receives());
                uses.push(CellUse { part: Part::Structure, receives, handle: operation.handle });
            }
        }
        // The order of the arena must not show.
        uses.sort_unstable();
        uses.into_iter().next()
    }
}

fn is_in(buffers: &[Buffer], cell: CellId) -> bool {
    buffers.iter().any(|buffer| buffer.memory == Memory::Cell(cell))
}

/// What an operation uses a cell for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Structure,
    Filled,
    Sent,
}

/// An operation that uses a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct CellUse {
    part: Part,
    receives: bool,
    handle: crate::id::Handle,
}

impl fmt::Display for CellUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Structure => "the WSAOVERLAPPED",
            Part::Filled | Part::Sent => "a buffer",
        };
        let what = if self.receives { "receive" } else { "send" };
        write!(f, "{part} of a {what} that is pending on {}", self.handle)
    }
}

impl Cx<'_> {
    /// A descriptor of this value was closed: notes where only duplicates are left that nobody has asked for.
    pub(crate) fn notice_close(&mut self, closed: impl fmt::Display, endpoint: EndpointId) {
        if !self.world.listens() {
            return;
        }
        if let Some(kept) = self.world.aside(|world| world.kept_by_unclaimed(endpoint)) {
            let who = self.world.thread_name(self.thread);
            let seen = format!("{who} closed {closed}, the last descriptor of {kept}");
            self.hazard(HazardKind::UnclaimedDuplicationKeepsSocket, seen);
        }
    }

    /// The program frees a cell.
    pub(crate) fn notice_free(&mut self, cell: CellId) {
        let process = self.process();
        if let Some(used) = self.world.aside(|world| world.use_of(process, cell)) {
            let who = self.world.thread_name(self.thread);
            let seen = format!("{who} freed cell {}, which is {used}", cell.0);
            self.hazard(HazardKind::CellFreedUnderOperation, seen);
        }
    }

    /// A cell becomes the WSAOVERLAPPED of another operation.
    pub(crate) fn notice_structure(&mut self, cell: CellId) {
        self.notice_reuse(cell, "gave", "to another operation", |_| true);
    }

    /// A cell is to be filled: by a receive, or by the program itself.
    pub(crate) fn notice_filled(&mut self, cells: &[CellId], how: &str) {
        for cell in cells {
            self.notice_reuse(*cell, how, "", |_| true);
        }
    }

    /// The cells of a send: two sends may have the same bytes, and only what a receive fills is not theirs.
    pub(crate) fn notice_sent(&mut self, cells: &[CellId]) {
        for cell in cells {
            self.notice_reuse(*cell, "sends", "", |used| used.part != Part::Sent);
        }
    }

    fn notice_reuse(&mut self, cell: CellId, how: &str, then: &str, counts: impl Fn(&CellUse) -> bool) {
        if !self.world.listens() {
            return;
        }
        let process = self.process();
        if let Some(used) = self.world.aside(|world| world.use_of(process, cell)).filter(counts) {
            let who = self.world.thread_name(self.thread);
            let then = if then.is_empty() { String::new() } else { format!(" {then}") };
            let seen = format!("{who} {how} cell {}{then}, which is {used}", cell.0);
            self.hazard(HazardKind::CellReusedUnderOperation, seen);
        }
    }
}

/// The cells among some buffers.
pub(crate) fn cells_of(buffers: &[Buffer]) -> Vec<CellId> {
    let cells = buffers.iter().filter_map(|buffer| match buffer.memory {
        Memory::Cell(cell) => Some(cell),
        _ => None,
    });
    cells.collect()
}
