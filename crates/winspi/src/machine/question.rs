//! Questions about a machine; they change nothing.

use winspi_core::id::{Handle, Pid};
use winspi_core::world::holders::Held;
use winspi_script::question::{state_word, what_is};
use winspi_types::SocketAddress;

use crate::{Machine, Winsock};

/// A socket as the kernel has it: what is the same through all descriptors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketState {
    /// `unconnected`, `listening`, `connecting`, `connected` or `closed`.
    pub state: &'static str,
    /// Its local name, if it has one.
    pub local: Option<SocketAddress>,
    /// How many descriptors, claims and lower numbers keep it open.
    pub handles: u32,
    /// How many keep it at all: handles, pending operations, calls that wait.
    pub references: u32,
    /// The handles by process: `worker 0x480`.
    pub holders: Vec<String>,
}

/// A handle of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The value that the program has.
    pub handle: Handle,
    /// What it leads to, for people.
    pub what: String,
}

impl Machine {
    /// The handles that a process has open.
    pub fn handles_of(&self, process: Pid) -> Vec<Holding> {
        let state = self.state.borrow();
        let world = state.system.world();
        let Some(found) = world.running(process) else { return Vec::new() };
        let holding = found.handles.iter().map(|(handle, slot)| {
            let seen = found.descriptors.like(handle);
            let value = seen.map_or(handle, |descriptor| descriptor.handle);
            Holding { handle: value, what: what_is(world, process, handle, slot) }
        });
        holding.collect()
    }

    /// The socket that a handle of a process means, through descriptors and layers; `None` where it means none.
    pub fn socket_state(&self, process: impl Winsock, handle: Handle) -> Option<SocketState> {
        let state = self.state.borrow();
        let world = state.system.world();
        let id = world.socket_of(process.pid(), handle)?;
        let endpoint = world.find_endpoint(id)?;
        let name = |pid: Pid| world.process(pid).map_or_else(|| pid.to_string(), |p| p.name.clone());
        let holder = |(pid, held): (Pid, Held)| format!("{} {held}", name(pid));
        Some(SocketState {
            state: state_word(&endpoint.role),
            local: endpoint.local,
            handles: endpoint.handles,
            references: endpoint.references,
            holders: world.holders(id).into_iter().map(holder).collect(),
        })
    }
}
