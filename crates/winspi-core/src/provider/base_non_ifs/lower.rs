//! The lower numbers of the non-IFS base: its own names for sockets, per process.
//!
//! A lower number is the context that the provider gives to WPUCreateSocketHandle. The table belongs to the process and
//! the provider, so that a process that ends between the lower socket and its handle leaves nothing behind.

use serde::{Deserialize, Serialize};

use crate::id::EndpointId;

/// Sockets by lower number, from 1, the lowest free number first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LowerTable {
    sockets: Vec<Option<Lower>>,
}

/// What a lower number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Lower {
    endpoint: EndpointId,
    /// A close has begun: calls that come now find no socket, so that no operation can begin that nobody would announce.
    closing: bool,
}

impl LowerTable {
    fn get(&self, number: u32) -> Option<&Lower> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.sockets.get(place)?.as_ref()
    }

    /// The socket of a number, until the number is free again.
    pub fn endpoint(&self, number: u32) -> Option<EndpointId> {
        self.get(number).map(|lower| lower.endpoint)
    }

    /// The socket of a number for calls: none once its close has begun.
    pub fn serving(&self, number: u32) -> Option<EndpointId> {
        self.get(number).filter(|lower| !lower.closing).map(|lower| lower.endpoint)
    }

    /// Calls find no socket from now on.
    pub(crate) fn begin_close(&mut self, number: u32) {
        let place = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        if let Some(Some(lower)) = place.and_then(|place| self.sockets.get_mut(place)) {
            lower.closing = true;
        }
    }

    /// Gives a socket the lowest free number.
    pub(crate) fn insert(&mut self, endpoint: EndpointId) -> u32 {
        let lower = Some(Lower { endpoint, closing: false });
        let place = match self.sockets.iter().position(Option::is_none) {
            Some(place) => {
                self.sockets[place] = lower;
                place
            }
            None => {
                self.sockets.push(lower);
                self.sockets.len() - 1
            }
        };
        place as u32 + 1
    }

    /// Frees a number.
    pub(crate) fn remove(&mut self, number: u32) -> Option<EndpointId> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        let lower = self.sockets.get_mut(place)?.take();
        self.trim();
        lower.map(|lower| lower.endpoint)
    }

    /// Frees all numbers.
    pub(crate) fn take_all(&mut self) -> Vec<EndpointId> {
        std::mem::take(&mut self.sockets).into_iter().flatten().map(|lower| lower.endpoint).collect()
    }

    /// What a stored table would have to be and is not.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        (self.sockets.last() == Some(&None)).then_some("lower numbers without free places at their end")
    }

    /// All numbers in use.
    pub fn iter(&self) -> impl Iterator<Item = (u32, EndpointId)> + '_ {
        let used = self.sockets.iter().enumerate();
        used.filter_map(|(place, lower)| lower.map(|lower| (place as u32 + 1, lower.endpoint)))
    }

    fn trim(&mut self) {
        while self.sockets.last() == Some(&None) {
            self.sockets.pop();
        }
    }
}
