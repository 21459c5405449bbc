//! What a layer keeps for a process.

use serde::{Deserialize, Serialize};

use crate::id::{CellId, Handle};

/// The record of a layer in one process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LayerRecord {
    sockets: Vec<Option<LayerSocket>>,
    operations: Vec<LayerOperation>,
}

/// A socket of a non-IFS layer: its context is the number of this record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LayerSocket {
    /// The handle of the provider below.
    pub lower: Handle,
    /// The handle that the program has, once it was made.
    pub upper: Option<Handle>,
}

/// An overlapped operation that passes through a non-IFS layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LayerOperation {
    /// The layer's own WSAOVERLAPPED, given to the provider below.
    pub lower: CellId,
    /// The program's WSAOVERLAPPED.
    pub upper: CellId,
    /// The record of the socket.
    pub record: u32,
    /// The handle that the program named.
    pub handle: Handle,
    /// Whether the value of that handle was registered anew since.
    pub strayed: bool,
}

impl LayerRecord {
    /// The socket of a number.
    pub fn socket(&self, number: u32) -> Option<&LayerSocket> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.sockets.get(place)?.as_ref()
    }

    pub(crate) fn socket_mut(&mut self, number: u32) -> Option<&mut LayerSocket> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.sockets.get_mut(place)?.as_mut()
    }

    /// Gives a socket the lowest free number, from 1.
    pub(crate) fn insert(&mut self, lower: Handle) -> u32 {
        let socket = LayerSocket { lower, upper: None };
        let place = match self.sockets.iter().position(Option::is_none) {
            Some(place) => {
                self.sockets[place] = Some(socket);
                place
            }
            None => {
                self.sockets.push(Some(socket));
                self.sockets.len() - 1
            }
        };
        place as u32 + 1
    }

    /// Frees a number.
    pub(crate) fn remove(&mut self, number: u32) -> Option<LayerSocket> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        let socket = self.sockets.get_mut(place)?.take();
        while self.sockets.last() == Some(&None) {
            self.sockets.pop();
        }
        socket
    }

    /// All sockets with their numbers.
    pub fn sockets(&self) -> impl Iterator<Item = (u32, &LayerSocket)> {
        self.sockets.iter().enumerate().filter_map(|(place, s)| s.as_ref().map(|s| (place as u32 + 1, s)))
    }

    pub(crate) fn begin_operation(&mut self, operation: LayerOperation) {
        self.operations.push(operation);
    }

    /// Takes the operation of a lower WSAOVERLAPPED.
    pub(crate) fn end_operation(&mut self, lower: CellId) -> Option<LayerOperation> {
        let place = self.operations.iter().position(|op| op.lower == lower)?;
        Some(self.operations.remove(place))
    }

    /// The operations that name a handle stray: its value was registered anew.
    pub(crate) fn stray(&mut self, handle: Handle) {
        self.operations.iter_mut().filter(|op| op.handle == handle).for_each(|op| op.strayed = true);
    }

    /// The operation of a lower WSAOVERLAPPED.
    pub(crate) fn operation(&self, lower: CellId) -> Option<&LayerOperation> {
        self.operations.iter().find(|op| op.lower == lower)
    }

    /// What a stored record would have to be and is not.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        (self.sockets.last() == Some(&None)).then_some("socket records without free places at their end")
    }

    /// How many operations a socket has.
    pub fn operations_of(&self, record: u32) -> usize {
        self.operations.iter().filter(|op| op.record == record).count()
    }

    /// All operations.
    pub fn operations(&self) -> &[LayerOperation] {
        &self.operations
    }
}
