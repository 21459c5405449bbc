//! Who keeps a socket open.

use std::fmt;
use std::sync::Arc;

use crate::footprint::Part;
use crate::id::{EndpointId, Handle, Pid};
use crate::kernel::handle::Slot;
use crate::kernel::process::Process;
use crate::provider::instance::{Instance, Record};
use crate::shared::Shared;
use crate::world::World;

/// What a process keeps a socket open by. Each counts as one of its handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// A handle.
    Handle(Handle),
    /// A duplicate that it has not asked for yet.
    Claim(Handle),
    /// A lower number of the non-IFS base.
    Lower(u32),
    /// A duplicate of the non-IFS base that it has not asked for yet.
    Token(u32),
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Held::Handle(handle) => write!(f, "{handle}"),
            Held::Claim(handle) => write!(f, "claim {handle}"),
            Held::Lower(number) => write!(f, "lower {number}"),
            Held::Token(number) => write!(f, "token {number}"),
        }
    }
}

impl World {
    /// Whether no process can have more handles or lower numbers of a socket than it had in a world before: each that
    /// holds any has the table that it had. When in doubt, no.
    pub(crate) fn gained_none(&self, before: &World) -> bool {
        let same = |(place, is): (usize, &Shared<Process>)| {
            is.handles.is_empty() || before.processes.get(place).is_some_and(|was| Shared::same(was, is))
        };
        let alike = |(place, is): (usize, &Arc<[Option<Shared<Instance>>]>)| {
            is.iter().all(Option::is_none) || before.instances.get(place).is_some_and(|was| Arc::ptr_eq(was, is))
        };
        self.processes.iter().enumerate().all(same) && self.instances.iter().enumerate().all(alike)
    }

    /// Who keeps a socket open: processes with handles and claims first, then the lower numbers and tokens of the
    /// non-IFS base; each in the order of processes.
    pub fn holders(&self, socket: EndpointId) -> Vec<(Pid, Held)> {
        if let Some(endpoint) = self.components().endpoints.get(socket) {
            self.reads(Part::Holders(endpoint.origin));
        }
        self.touch();
        let mut all = Vec::new();
        for process in self.all_processes() {
            all.extend(process.handles.iter().filter_map(|(handle, slot)| match slot {
                Slot::Socket(endpoint) if endpoint == socket => Some((process.pid, Held::Handle(handle))),
                Slot::Claim(claim) if claim.endpoint == socket => Some((process.pid, Held::Claim(handle))),
                _ => None,
            }));
        }
        for (id, instance) in self.all_instances() {
            if let Record::BaseNonIfs(table) = &instance.record {
                let own = table.iter().filter(|(_, endpoint)| *endpoint == socket);
                all.extend(own.map(|(number, _)| (id.process, Held::Lower(number))));
            }
        }
        let tokens = self.components().tokens.iter().filter(|(_, token)| token.endpoint == socket);
        all.extend(tokens.map(|(target, token)| (target, Held::Token(token.number))));
        all
    }
}
