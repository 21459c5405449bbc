//! Ws2_32's table of sockets in one process.
//!
//! The table is exact by value: of two handles that mean the same to the kernel only the registered one is a descriptor.
//! The newest registration wins.

use serde::{Deserialize, Serialize};

use crate::id::Handle;
use crate::kernel::port::Association;
use crate::outcome::Context;

/// What Ws2_32 keeps of a socket handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Descriptor {
    /// The handle that the program sees.
    pub handle: Handle,
    /// The catalog entry that registered it: where calls are routed to.
    pub catalog_entry_id: u32,
    /// Set by WPUCreateSocketHandle; an IFS handle has none.
    pub context: Option<Context>,
    /// The completion port that operations on a handle of WPUCreateSocketHandle report to; for an IFS handle the socket
    /// has it.
    pub port: Option<Association>,
    /// Which registration of the value this is among those that a close is still under way for; 0 as a rule.
    pub turn: u32,
}

/// Descriptors by handle value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DescriptorTable {
    // Sorted by handle without its two low bits, of which one is registered at a time.
    entries: Vec<Descriptor>,
}

impl DescriptorTable {
    fn place(&self, handle: Handle) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&(handle.0 >> 2), |d| d.handle.0 >> 2)
    }

    /// The descriptor of exactly this value.
    pub fn get(&self, handle: Handle) -> Option<&Descriptor> {
        let place = self.place(handle).ok()?;
        self.entries.get(place).filter(|d| d.handle == handle)
    }

    /// The descriptor of exactly this value, to be changed.
    pub(crate) fn get_mut(&mut self, handle: Handle) -> Option<&mut Descriptor> {
        let place = self.place(handle).ok()?;
        self.entries.get_mut(place).filter(|d| d.handle == handle)
    }

    /// All descriptors, to be changed; their handles stay.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Descriptor> {
        self.entries.iter_mut()
    }

    /// Registers a descriptor and gives the one that it takes the place of.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Option<Descriptor> {
        match self.place(descriptor.handle) {
            Ok(place) => Some(std::mem::replace(&mut self.entries[place], descriptor)),
            Err(place) => {
                self.entries.insert(place, descriptor);
                None
            }
        }
    }

    /// Takes the descriptor of exactly this value away.
    pub(crate) fn remove(&mut self, handle: Handle) -> Option<Descriptor> {
        let place = self.place(handle).ok().filter(|&p| self.entries[p].handle == handle)?;
        Some(self.entries.remove(place))
    }

    /// What a stored table would have to be and is not.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let sorted = self.entries.is_sorted_by(|a, b| a.handle.0 >> 2 < b.handle.0 >> 2);
        (!sorted).then_some("descriptors in the order of their handles, one for each")
    }

    /// All descriptors by value.
    pub fn iter(&self) -> impl Iterator<Item = &Descriptor> {
        self.entries.iter()
    }
}
