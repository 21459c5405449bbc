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
        let key = |descriptor: &Descriptor| descriptor.handle.0 >> 2;
        let wanted = handle.0 >> 2;
        let distance = self.entries.first().and_then(|first| wanted.checked_sub(key(first)));
        let Some(distance) = distance else { return Err(0) };
        // No value is there twice, so an entry stands no farther from the first than its value says. Where no value
        // between is free it stands just there, which saves a large table the search.
        let most = usize::try_from(distance).map_or(self.entries.len(), |d| d.min(self.entries.len()));
        match self.entries.get(most) {
            Some(entry) if key(entry) == wanted => Ok(most),
            _ => self.entries[..most].binary_search_by_key(&wanted, key),
        }
    }

    /// The descriptor that means the same to the kernel.
    pub fn like(&self, handle: Handle) -> Option<&Descriptor> {
        self.entries.get(self.place(handle).ok()?)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(handle: u64) -> Descriptor {
        Descriptor { handle: Handle(handle), catalog_entry_id: 1, context: None, port: None, turn: 0 }
    }

    #[test]
    fn a_table_finds_what_is_registered_and_nothing_else() {
        for gap in [4, 8, 12, 400] {
            let mut table = DescriptorTable::default();
            // From both ends to the middle, the low bits by turns.
            let handles: Vec<u64> = (0..40).map(|n| 0x80 + gap * n + n % 4).collect();
            for place in (0..20).flat_map(|n| [n, 39 - n]) {
                assert_eq!(table.insert(descriptor(handles[place])), None);
                assert_eq!(table.fault(), None);
            }
            for value in 0..0x80 + gap * 41 {
                let registered = handles.contains(&value);
                assert_eq!(table.get(Handle(value)).is_some(), registered, "{value} by {gap}");
                let like = table.like(Handle(value)).map(|d| d.handle.0 & !3);
                let meant = handles.iter().map(|h| h & !3).find(|h| *h == value & !3);
                assert_eq!(like, meant, "{value} by {gap}");
            }
            for handle in handles.iter().step_by(3) {
                assert!(table.remove(Handle(*handle)).is_some());
                assert_eq!(table.get(Handle(*handle)), None);
            }
            assert_eq!(table.iter().count(), 26);
            assert!(handles.iter().skip(1).step_by(3).all(|h| table.get(Handle(*h)).is_some()));
        }
    }
}
