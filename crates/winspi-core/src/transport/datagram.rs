//! Datagrams: what a datagram socket keeps, and what is on its way between names.
//!
//! A datagram on its way belongs to the network, not to a socket: its sender may close first, and whom it reaches is
//! found when it arrives. Datagrams between the same two names arrive in the order of sending, or are lost; between
//! other names there is no order.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::SocketAddress;

use crate::id::Age;

/// What a datagram socket keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DatagramSocket {
    /// The peer of WSPSend and WSPRecv.
    pub peer: Peer,
    /// What has arrived and was not received, the oldest first.
    pub received: VecDeque<Arrival>,
    /// Sending was ended.
    pub send_shut: bool,
    /// Receiving was ended; datagrams still arrive (`WSPShutdown.sd-receive-udp`).
    pub receive_shut: bool,
}

/// The default peer of a datagram socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Peer {
    /// WSPConnect was never called: WSPRecv takes datagrams from anybody.
    #[default]
    Never,
    /// Set by WSPConnect; datagrams from others are discarded.
    Is(SocketAddress),
    /// Taken away by WSPConnect to the zero address: WSPSend and WSPRecv give WSAENOTCONN.
    Removed,
}

/// What has arrived at a datagram socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Arrival {
    /// A datagram.
    Datagram {
        /// Who sent it.
        from: SocketAddress,
        /// Its bytes.
        data: Arc<[u8]>,
    },
    /// The news that a datagram found nobody.
    Unreachable {
        /// Where it was sent to.
        at: SocketAddress,
    },
}

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Packet {
    /// A datagram.
    Datagram(Arc<[u8]>),
    /// The answer that a datagram found nobody (ICMP port unreachable).
    Unreachable,
}

/// All datagrams on their way, by sender and receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Network {
    // Sorted by from and to; no lane is empty.
    lanes: Vec<Lane>,
}

/// The datagrams on their way from one name to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Lane {
    from: SocketAddress,
    to: SocketAddress,
    packets: VecDeque<(Age, Packet)>,
}

impl DatagramSocket {
    /// Where WSPSend sends to.
    pub fn peer(&self) -> Option<SocketAddress> {
        match self.peer {
            Peer::Is(peer) => Some(peer),
            Peer::Never | Peer::Removed => None,
        }
    }

    /// Whether datagrams from this name are received.
    pub fn accepts(&self, from: &SocketAddress) -> bool {
        self.peer().is_none_or(|peer| peer == *from)
    }

    /// Bytes of the datagrams that were not received.
    pub fn unread(&self) -> usize {
        self.received.iter().map(Arrival::len).sum()
    }
}

impl Arrival {
    /// Its length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Arrival::Datagram { data, .. } => data.len(),
            Arrival::Unreachable { .. } => 0,
        }
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Network {
    fn place(&self, from: &SocketAddress, to: &SocketAddress) -> Result<usize, usize> {
        self.lanes.binary_search_by(|lane| (&lane.from, &lane.to).cmp(&(from, to)))
    }

    /// Puts a packet on its way.
    pub(crate) fn send(&mut self, from: SocketAddress, to: SocketAddress, packet: Packet, age: Age) {
        match self.place(&from, &to) {
            Ok(place) => self.lanes[place].packets.push_back((age, packet)),
            Err(place) => self.lanes.insert(place, Lane { from, to, packets: VecDeque::from([(age, packet)]) }),
        }
    }

    /// Takes the oldest packet between two names out of flight.
    pub(crate) fn take(&mut self, from: &SocketAddress, to: &SocketAddress) -> Option<Packet> {
        let place = self.place(from, to).ok()?;
        let (_, packet) = self.lanes[place].packets.pop_front()?;
        if self.lanes[place].packets.is_empty() {
            self.lanes.remove(place);
        }
        Some(packet)
    }

    /// The names between which something is on its way, with the age of the oldest, in the order of the names.
    pub fn in_flight(&self) -> impl Iterator<Item = (SocketAddress, SocketAddress, Age)> + '_ {
        self.lanes.iter().filter_map(|lane| lane.packets.front().map(|(age, _)| (lane.from, lane.to, *age)))
    }

    /// All datagrams on their way, lane by lane, the oldest of each first.
    pub fn packets(&self) -> impl Iterator<Item = (SocketAddress, SocketAddress, Age, &Packet)> + '_ {
        self.lanes.iter().flat_map(|lane| lane.packets.iter().map(|(age, packet)| (lane.from, lane.to, *age, packet)))
    }

    /// What is wrong with lanes that were stored.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let in_order = self.lanes.is_sorted_by(|a, b| (&a.from, &a.to) < (&b.from, &b.to));
        let used = self.lanes.iter().all(|lane| !lane.packets.is_empty());
        (!in_order || !used).then_some("lanes by sender and receiver, each with a datagram")
    }

    /// Whether nothing is on its way.
    pub fn is_quiet(&self) -> bool {
        self.lanes.is_empty()
    }
}
