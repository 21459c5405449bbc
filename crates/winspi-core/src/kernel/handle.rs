//! The handle table of a process.
//!
//! Handles are multiples of four, the lowest free value first, and start at a different offset in each process, so that
//! a number from elsewhere is not valid by accident. The two low bits of a handle mean nothing to the kernel.

use serde::{Deserialize, Serialize};

use crate::id::{EndpointId, EventId, Handle, Pid, PortId, SectionId, Tid};

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
    /// A thread.
    Thread(Tid),
    /// A completion port.
    Port(PortId),
    /// A file mapping.
    Section(SectionId),
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
    /// What came by inheritance, by value: it has the parent's values, which are not of this table's range.
    inherited: Vec<(Handle, Slot)>,
    /// Handles whose flags are not those of their kind, by value.
    marked: Vec<(Handle, HandleFlags)>,
    /// No value below this place is free. A hint, no state.
    #[serde(skip)]
    hint: Hint,
}

/// What SetHandleInformation sets on a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HandleFlags {
    /// HANDLE_FLAG_INHERIT: a process that is created with inheritance gets the handle, too.
    pub inherit: bool,
    /// HANDLE_FLAG_PROTECT_FROM_CLOSE.
    pub protect: bool,
    /// A socket that came by inheritance or DuplicateHandle: no provider of this process made the handle.
    pub raw: bool,
}

impl HandleFlags {
    /// What a new handle has: sockets are inheritable unless WSA_FLAG_NO_HANDLE_INHERIT, all else is not.
    fn of(slot: Slot) -> HandleFlags {
        HandleFlags { inherit: matches!(slot, Slot::Socket(_) | Slot::NonIfs), protect: false, raw: false }
    }
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
    pub(crate) const DISTANCE: u64 = 0x400;
    /// The first handle of the first process.
    pub(crate) const FIRST: u64 = 0x80;

    /// The table of the process that is the `index`-th to start.
    pub(crate) fn new(index: usize) -> HandleTable {
        let base = HandleTable::FIRST + HandleTable::DISTANCE * (index as u64);
        HandleTable {
            base,
            limit: 1 << 24,
            slots: Vec::new(),
            inherited: Vec::new(),
            marked: Vec::new(),
            hint: Hint(0),
        }
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
        if let Ok(place) = self.inherited_place(handle) {
            return self.inherited[place].1;
        }
        self.own(handle)
    }

    fn own(&self, handle: Handle) -> Slot {
        self.place(handle).and_then(|place| self.slots.get(place)).copied().unwrap_or(Slot::Free)
    }

    /// Puts something behind the lowest free value; `None` when the table is full.
    pub(crate) fn insert(&mut self, slot: Slot) -> Option<Handle> {
        let free = self.slots.iter().skip(self.hint.0).position(|s| *s == Slot::Free);
        let mut place = free.map_or(self.slots.len(), |p| p + self.hint.0);
        while self.inherited_place(self.value(place)).is_ok() {
            let later = self.slots.iter().skip(place + 1).position(|s| *s == Slot::Free);
            place = later.map_or(self.slots.len().max(place + 1), |p| p + place + 1);
        }
        if place >= self.limit as usize {
            return None;
        }
        if place >= self.slots.len() {
            self.slots.resize(place, Slot::Free);
            self.slots.push(slot);
        } else {
            self.slots[place] = slot;
        }
        self.hint = Hint(place + 1);
        Some(self.value(place))
    }

    /// Puts something else behind a value that is in use.
    pub(crate) fn replace(&mut self, handle: Handle, slot: Slot) {
        if let Ok(place) = self.inherited_place(handle) {
            self.inherited[place].1 = slot;
        } else if let Some(place) = self.place(handle).filter(|&p| p < self.slots.len()) {
            self.slots[place] = slot;
        }
    }

    /// The place of a handle among those that came by inheritance, or where it would be.
    fn inherited_place(&self, handle: Handle) -> Result<usize, usize> {
        self.inherited.binary_search_by_key(&(handle.0 >> 2), |(h, _)| h.0 >> 2)
    }

    /// Takes over a handle of the parent under the same value; both its uses are free as yet.
    pub(crate) fn inherit(&mut self, handle: Handle, slot: Slot, flags: HandleFlags) {
        if let Err(place) = self.inherited_place(handle) {
            self.inherited.insert(place, (Handle(handle.0 & !3), slot));
            self.set_flags(handle, HandleFlags { raw: matches!(slot, Slot::Socket(_)), ..flags });
        }
    }

    /// The flags of a handle that is in use.
    pub fn flags(&self, handle: Handle) -> Option<HandleFlags> {
        let slot = self.get(handle);
        let marked = self.marked.binary_search_by_key(&(handle.0 & !3), |(h, _)| h.0);
        let flags = marked.map_or_else(|_| HandleFlags::of(slot), |place| self.marked[place].1);
        (slot != Slot::Free).then_some(flags)
    }

    /// Sets the flags of a handle that is in use.
    pub(crate) fn set_flags(&mut self, handle: Handle, flags: HandleFlags) {
        let (exact, usual) = (Handle(handle.0 & !3), HandleFlags::of(self.get(handle)));
        let place = self.marked.binary_search_by_key(&exact, |(h, _)| *h);
        match place {
            Ok(place) if flags == usual => {
                self.marked.remove(place);
            }
            Ok(place) => self.marked[place].1 = flags,
            Err(_) if flags == usual => {}
            Err(place) => self.marked.insert(place, (exact, flags)),
        }
    }

    /// Makes a handle that new processes do not get.
    pub(crate) fn forbid_inheritance(&mut self, handle: Handle) {
        if let Some(flags) = self.flags(handle) {
            self.set_flags(handle, HandleFlags { inherit: false, ..flags });
        }
    }

    /// Frees a value and gives what was behind it.
    pub(crate) fn remove(&mut self, handle: Handle) -> Slot {
        if let Ok(place) = self.marked.binary_search_by_key(&(handle.0 & !3), |(h, _)| h.0) {
            self.marked.remove(place);
        }
        if let Ok(place) = self.inherited_place(handle) {
            return self.inherited.remove(place).1;
        }
        let Some(place) = self.place(handle).filter(|&p| p < self.slots.len()) else { return Slot::Free };
        let slot = std::mem::replace(&mut self.slots[place], Slot::Free);
        // A table is a function of what is open: free places at its end are not kept.
        while self.slots.last() == Some(&Slot::Free) {
            self.slots.pop();
        }
        self.hint = Hint(self.hint.0.min(place));
        slot
    }

    /// The same table with nothing in it.
    pub(crate) fn emptied(&self) -> HandleTable {
        HandleTable {
            base: self.base,
            limit: self.limit,
            slots: Vec::new(),
            inherited: Vec::new(),
            marked: Vec::new(),
            hint: Hint(0),
        }
    }

    /// All handles that are in use, by value.
    pub fn iter(&self) -> impl Iterator<Item = (Handle, Slot)> + '_ {
        let used = self.slots.iter().enumerate().filter(|(_, slot)| **slot != Slot::Free);
        let mut own = used.map(|(place, slot)| (self.value(place), *slot)).peekable();
        let mut inherited = self.inherited.iter().copied().peekable();
        std::iter::from_fn(move || match (own.peek(), inherited.peek()) {
            (Some((own_value, _)), Some((value, _))) if value < own_value => inherited.next(),
            (None, _) => inherited.next(),
            _ => own.next(),
        })
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
        } else if !self.inherited.is_sorted_by(|a, b| a.0 < b.0)
            || self.inherited.iter().any(|(h, s)| h.0 % 4 != 0 || *s == Slot::Free || self.own(*h) != Slot::Free)
        {
            Some("inherited handles in order, each with something behind it and nothing else")
        } else if !self.marked.is_sorted_by(|a, b| a.0 < b.0)
            || self
                .marked
                .iter()
                .any(|(h, f)| h.0 % 4 != 0 || *f == HandleFlags::of(self.get(*h)) || self.get(*h) == Slot::Free)
        {
            Some("flags of handles in order, each of a handle in use and not the usual ones")
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
        self.slots.is_empty() && self.inherited.is_empty()
    }
}
