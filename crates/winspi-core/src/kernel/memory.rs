//! The memory of a process as far as calls write to it later: cells.
//!
//! A buffer or a WSAOVERLAPPED outlives the call that names it. A cell is live or freed; its number is not used again
//! while the process lives, so that a cell that is freed under a pending operation is seen.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{CellId, Handle, InstanceId, SectionId};

/// A cell of memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// What is in it.
    pub content: Content,
    /// Whose memory it is.
    pub owner: Owner,
}

/// Whose memory a cell is, and so who hears of the completion of an operation on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// The program's.
    Program,
    /// A provider's: its own WSAOVERLAPPED for the provider below it.
    Provider(InstanceId),
}

/// What is in a cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Content {
    /// Nothing any more: the cell is freed.
    Freed,
    /// Bytes.
    Bytes(#[serde(serialize_with = "crate::canon::bytes")] Arc<[u8]>),
    /// A view of a file mapping: the bytes are there, and other processes see them.
    View(SectionId),
    /// A WSAOVERLAPPED.
    Overlapped(Overlapped),
}

/// A WSAOVERLAPPED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Overlapped {
    /// WSS_OPERATION_IN_PROGRESS while an operation is pending, then its Winsock error code.
    pub internal: u64,
    /// Bytes that were transferred.
    pub internal_high: u64,
    /// The provider's: the flags of the operation.
    pub offset: u32,
    /// The provider's: the error of the operation.
    pub offset_high: u32,
    /// The event that is set at completion, 0 for none.
    pub event: Handle,
}

impl Overlapped {
    /// WSS_OPERATION_IN_PROGRESS, `ws2spi.h`.
    pub const IN_PROGRESS: u64 = 0x103;
}

/// The cells of one process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cells {
    cells: Vec<Option<Cell>>,
}

impl Cells {
    /// Makes a cell: a program's gets a number of its own, a provider's the lowest that is free.
    pub(crate) fn allocate(&mut self, cell: Cell) -> CellId {
        let place = match cell.owner {
            Owner::Program => None,
            Owner::Provider(_) => self.cells.iter().position(Option::is_none),
        };
        match place {
            Some(place) => {
                self.cells[place] = Some(cell);
                CellId(place as u32)
            }
            None => {
                self.cells.push(Some(cell));
                CellId((self.cells.len() - 1) as u32)
            }
        }
    }

    /// The cell.
    pub fn get(&self, id: CellId) -> Option<&Cell> {
        self.cells.get(id.0 as usize).and_then(Option::as_ref)
    }

    /// The cell, to be written.
    pub(crate) fn get_mut(&mut self, id: CellId) -> Option<&mut Cell> {
        self.cells.get_mut(id.0 as usize).and_then(Option::as_mut)
    }

    /// Takes a provider's cell away; its number is free again.
    pub(crate) fn release(&mut self, id: CellId) {
        if let Some(cell) = self.cells.get_mut(id.0 as usize) {
            *cell = None;
        }
        while matches!(self.cells.last(), Some(None)) {
            self.cells.pop();
        }
    }

    /// What stored cells would have to be and are not.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        matches!(self.cells.last(), Some(None)).then_some("cells without free places at their end")
    }

    /// All cells with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (CellId, &Cell)> {
        self.cells.iter().enumerate().filter_map(|(i, cell)| cell.as_ref().map(|c| (CellId(i as u32), c)))
    }
}
