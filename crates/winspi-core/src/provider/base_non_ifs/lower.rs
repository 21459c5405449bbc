//! The lower numbers of the non-IFS base: its own names for sockets, per process.
//!
//! A lower number is the context that the provider gives to WPUCreateSocketHandle. The table belongs to the process and
//! the provider, so that a process that ends between the lower socket and its handle leaves nothing behind.

use serde::{Deserialize, Serialize};

use crate::id::EndpointId;

/// Sockets by lower number, from 1, the lowest free number first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LowerTable {
    sockets: Vec<Option<EndpointId>>,
}

impl LowerTable {
    /// The socket of a number.
    pub fn endpoint(&self, number: u32) -> Option<EndpointId> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        *self.sockets.get(place)?
    }

    /// Gives a socket the lowest free number.
    pub(crate) fn insert(&mut self, endpoint: EndpointId) -> u32 {
        let place = match self.sockets.iter().position(Option::is_none) {
            Some(place) => {
                self.sockets[place] = Some(endpoint);
                place
            }
            None => {
                self.sockets.push(Some(endpoint));
                self.sockets.len() - 1
            }
        };
        place as u32 + 1
    }

    /// Frees a number.
    pub(crate) fn remove(&mut self, number: u32) -> Option<EndpointId> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        let endpoint = self.sockets.get_mut(place)?.take();
        self.trim();
        endpoint
    }

    /// Frees all numbers.
    pub(crate) fn take_all(&mut self) -> Vec<EndpointId> {
        std::mem::take(&mut self.sockets).into_iter().flatten().collect()
    }

    /// What a stored table would have to be and is not.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        (self.sockets.last() == Some(&None)).then_some("lower numbers without free places at their end")
    }

    /// All numbers in use.
    pub fn iter(&self) -> impl Iterator<Item = (u32, EndpointId)> + '_ {
        self.sockets.iter().enumerate().filter_map(|(place, e)| e.map(|e| (place as u32 + 1, e)))
    }

    fn trim(&mut self) {
        while self.sockets.last() == Some(&None) {
            self.sockets.pop();
        }
    }
}
