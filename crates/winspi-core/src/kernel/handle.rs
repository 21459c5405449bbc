//! The handle table of a process.
//!
//! Handles are multiples of four, the lowest free value first, and start at a different offset in each process, so that
//! a number from elsewhere is not valid by accident. The two low bits of a handle mean nothing to the kernel.

use serde::{Deserialize, Serialize};

use crate::id::{EndpointId, EventId, Handle, Pid};

/// What the kernel keeps behind a handle value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// Nothing; the value is free.
    Free,
    /// A socket.
    Socket(EndpointId),
    /// A socket that WSPDuplicateSocket of another process has put here and nobody has asked for yet.
    Claim(Claim),
    /// An event object.
    Event(EventId),
    /// A process.
    Process(Pid),
    /// A file of the driver behind WPUCreateSocketHandle: a handle without a kernel socket.
    NonIfs,
}

/// A duplicate that waits for its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Claim {
    /// The socket.
    pub endpoint: EndpointId,
    /// The process that made it.
    pub creator: Pid,
    /// Its number among all claims on this target; a coincidence of handle values is no claim.
    pub serial: u32,
}

/// The handle table of one process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HandleTable {
    base: u64,
    limit: u32,
    slots: Vec<Slot>,
    /// No value below this place is free. A hint, no state.
    #[serde(skip)]
    hint: Hint,
}

#[derive(Clone, Copy, Debug, Default)]
struct Hint(usize);

impl PartialEq for Hint {
    fn eq(&self, _: &Hint) -> bool {
        true
    }
}

impl Eq for Hint {}

impl std::hash::Hash for Hint {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl HandleTable {
    /// How far the tables of two processes are apart.
    const DISTANCE: u64 = 0x400;
    /// The first handle of the first process.
    const FIRST: u64 = 0x80;

    /// The table of the process that is the `index`-th to start.
    pub(crate) fn new(index: usize) -> HandleTable {
        let base = HandleTable::FIRST + HandleTable::DISTANCE * (index as u64);
        HandleTable { base, limit: 1 << 24, slots: Vec::new(), hint: Hint(0) }
    }

    /// The place of a handle in the table, whatever its low bits are.
    pub fn place(&self, handle: Handle) -> Option<usize> {
        let distance = handle.0.checked_sub(self.base)? / 4;
        usize::try_from(distance).ok().filter(|&place| place < self.limit as usize)
    }

    /// The value of a place.
    fn value(&self, place: usize) -> Handle {
        Handle(self.base.saturating_add(4 * place as u64))
    }

    /// What is behind a handle.
    pub fn get(&self, handle: Handle) -> Slot {
        self.place(handle).and_then(|place| self.slots.get(place)).copied().unwrap_or(Slot::Free)
    }

    /// Puts something behind the lowest free value; `None` when the table is full.
    pub(crate) fn insert(&mut self, slot: Slot) -> Option<Handle> {
        let free = self.slots.iter().skip(self.hint.0).position(|s| *s == Slot::Free);
        let place = free.map_or(self.slots.len(), |p| p + self.hint.0);
        if place >= self.limit as usize {
            return None;
        }
        if place == self.slots.len() {
            self.slots.push(slot);
        } else {
            self.slots[place] = slot;
        }
        self.hint = Hint(place + 1);
        Some(self.value(place))
    }

    /// Puts something else behind a value that is in use.
    pub(crate) fn replace(&mut self, handle: Handle, slot: Slot) {
        if let Some(place) = self.place(handle).filter(|&p| p < self.slots.len()) {
            self.slots[place] = slot;
        }
    }

    /// Frees a value and gives what was behind it.
    pub(crate) fn remove(&mut self, handle: Handle) -> Slot {
        let Some(place) = self.place(handle).filter(|&p| p < self.slots.len()) else { return Slot::Free };
        let slot = std::mem::replace(&mut self.slots[place], Slot::Free);
        // A table is a function of what is open: free places at its end are not kept.
        while self.slots.last() == Some(&Slot::Free) {
            self.slots.pop();
        }
        self.hint = Hint(self.hint.0.min(place));
        slot
    }

    /// All handles that are in use, by value.
    pub fn iter(&self) -> impl Iterator<Item = (Handle, Slot)> + '_ {
        let used = self.slots.iter().enumerate().filter(|(_, slot)| **slot != Slot::Free);
        used.map(|(place, slot)| (self.value(place), *slot))
    }

    /// What a stored table of the `index`-th process would have to be and is not.
    pub(crate) fn fault(&self, index: usize) -> Option<&'static str> {
        let new = HandleTable::new(index);
        if self.base != new.base || self.limit > new.limit {
            Some("a handle table that begins and ends where the process's does")
        } else if self.slots.len() > self.limit as usize {
            Some("a handle table within its limit")
        } else if self.slots.last() == Some(&Slot::Free) {
            Some("a handle table without free places at its end")
        } else {
            None
        }
    }

    /// How many handles are in use.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether no handle is in use.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}
