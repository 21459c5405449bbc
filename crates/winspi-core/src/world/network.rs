//! Datagrams at work: what is sent, whom it reaches, what is lost.

use std::sync::Arc;

use winspi_types::{ErrorCode, SocketAddress};

use crate::event::{Event, Travelled};
use crate::footprint::Part;
use crate::id::{CellId, EndpointId, OperationId, Pid};
use crate::kernel::operation::{Completion, OperationKind};
use crate::policy::DatagramToNobody;
use crate::transport::{Arrival, Packet};
use crate::value::Buffer;
use crate::world::World;

/// What a receive takes from a datagram socket.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// Who sent it.
    pub(crate) from: SocketAddress,
    /// What fits into the room.
    pub(crate) data: Arc<[u8]>,
    /// 0, WSAEMSGSIZE where more was there, WSAECONNRESET for the news that a datagram found nobody.
    pub(crate) error: ErrorCode,
}

impl World {
    /// Puts a datagram on its way.
    pub(crate) fn send_datagram(&mut self, from: SocketAddress, to: SocketAddress, data: Arc<[u8]>) {
        let age = self.age();
        self.network_mut().send(World::concrete(from), to, Packet::Datagram(data), age);
    }

    /// The oldest datagram between two names arrives. Whether there was one.
    pub(crate) fn deliver_datagram(&mut self, from: SocketAddress, to: SocketAddress) -> bool {
        let Some(packet) = self.network_mut().take(&from, &to) else { return false };
        let what = match packet {
            Packet::Datagram(data) => self.datagram_arrives(from, to, data),
            Packet::Unreachable => self.unreachable_arrives(from, to),
        };
        self.record(Event::Delivered { from, to, what });
        true
    }

    /// The oldest datagram between two names is lost. Whether there was one.
    pub(crate) fn lose_datagram(&mut self, from: SocketAddress, to: SocketAddress) -> bool {
        let Some(packet) = self.network_mut().take(&from, &to) else { return false };
        let length = match packet {
            Packet::Datagram(data) => data.len(),
            Packet::Unreachable => 0,
        };
        self.record(Event::Delivered { from, to, what: Travelled::DatagramLost(length) });
        true
    }

    /// The datagrams on their way to a socket: from, to and the age of the oldest between each two names.
    pub fn datagrams_arriving_at(&self, id: EndpointId) -> Vec<(SocketAddress, SocketAddress, u64)> {
        let all = self.network().in_flight();
        let reaches = |from: &SocketAddress, to: &SocketAddress| self.receiver_at(from, to) == Some(id);
        all.map(|(from, to, age)| (from, to, age.0)).filter(|(from, to, _)| reaches(from, to)).collect()
    }

    fn datagram_arrives(&mut self, from: SocketAddress, to: SocketAddress, data: Arc<[u8]>) -> Travelled {
        let length = data.len();
        let everybody = self.is_broadcast_address(&to);
        let reached = if everybody {
            self.broadcast_receivers(&to)
        } else {
            let Some(reached) = self.receiver_at(&from, &to) else {
                if self.policy().datagram_to_nobody == DatagramToNobody::Answered {
                    let age = self.age();
                    self.network_mut().send(to, from, Packet::Unreachable, age);
                }
                return Travelled::DatagramDropped(length);
            };
            vec![reached]
        };
        let mut taken = false;
        for id in reached {
            taken |= self.queue_datagram(id, from, &data);
            self.indicate_events(id);
        }
        if taken { Travelled::Datagram(length) } else { Travelled::DatagramDropped(length) }
    }

    /// Puts a datagram into the queue of a socket, where it is from the peer and there is room (`datagram-send`).
    fn queue_datagram(&mut self, id: EndpointId, from: SocketAddress, data: &Arc<[u8]>) -> bool {
        let endpoint = self.socket_mut(id);
        let room = endpoint.options.receive_buffer as usize;
        let Some(datagrams) = endpoint.datagrams_mut() else { return false };
        let fits = datagrams.received.is_empty() || datagrams.unread() + data.len() <= room;
        let takes = fits && datagrams.accepts(&from);
        if takes {
            datagrams.received.push_back(Arrival::Datagram { from, data: data.clone() });
        }
        takes
    }

    fn unreachable_arrives(&mut self, at: SocketAddress, to: SocketAddress) -> Travelled {
        if let Some(id) = self.receiver_at(&at, &to) {
            let endpoint = self.socket_mut(id);
            let told = endpoint.options.udp_connreset;
            if let Some(datagrams) = endpoint.datagrams_mut().filter(|d| told && d.accepts(&at)) {
                datagrams.received.push_back(Arrival::Unreachable { at });
            }
            self.indicate_events(id);
        }
        Travelled::Unreachable
    }

    /// The socket that a datagram reaches: one connected to the sender before others, an exact name before a wildcard,
    /// the first bound before later ones (decision `shared-name-receiver`).
    fn receiver_at(&self, from: &SocketAddress, to: &SocketAddress) -> Option<EndpointId> {
        self.reads(Part::Name(to.port()));
        let bound = self.all_endpoints().filter_map(|(id, endpoint)| {
            let datagrams = endpoint.datagrams()?;
            let local = endpoint.local?;
            let address = local.ip() == to.ip() || local.is_unspecified();
            if !(address && local.port() == to.port() && local.family() == to.family()) {
                return None;
            }
            let place = match datagrams.peer() {
                Some(peer) if peer == *from => 0u8,
                None => 1,
                Some(_) => 2,
            };
            Some(((place, local.is_unspecified(), endpoint.bound.turn), id))
        });
        bound.min_by_key(|(place, _)| *place).map(|(_, id)| id)
    }

    /// All sockets with the port of a broadcast. Each has a queue of its own, so their order means nothing.
    fn broadcast_receivers(&self, to: &SocketAddress) -> Vec<EndpointId> {
        self.reads(Part::Name(to.port()));
        let bound = self.all_endpoints().filter(|(_, endpoint)| {
            let named = endpoint.local.is_some_and(|l| l.port() == to.port() && l.family() == to.family());
            named && endpoint.datagrams().is_some()
        });
        bound.map(|(id, _)| id).collect()
    }

    /// Takes the first arrival of a datagram socket, or only looks at it; news of a datagram that found nobody is
    /// told once.
    pub(crate) fn take_datagram(&mut self, id: EndpointId, room: usize, peek: bool) -> Option<Taken> {
        let datagrams = self.socket_mut(id).datagrams_mut()?;
        let first = match datagrams.received.front()? {
            Arrival::Datagram { .. } if peek => datagrams.received.front()?.clone(),
            _ => datagrams.received.pop_front()?,
        };
        Some(match first {
            Arrival::Unreachable { at } => {
                Taken { from: at, data: Arc::from(&[][..]), error: ErrorCode::WSAECONNRESET }
            }
            Arrival::Datagram { from, data } if data.len() > room => {
                Taken { from, data: Arc::from(&data[..room]), error: ErrorCode::WSAEMSGSIZE }
            }
            Arrival::Datagram { from, data } => Taken { from, data, error: ErrorCode(0) },
        })
    }

    /// Ends an overlapped receive of a datagram socket with what has arrived.
    pub(crate) fn complete_datagram(&mut self, id: OperationId) -> bool {
        let Some(operation) = self.operation(id) else { return false };
        let (endpoint, process) = (operation.socket.endpoint, operation.instance.process);
        let (buffers, from) = match &operation.kind {
            OperationKind::Receive(buffers) => (buffers.clone(), None),
            OperationKind::ReceiveFrom { buffers, from } => (buffers.clone(), *from),
            OperationKind::Send { .. } => return false,
        };
        let room = buffers.iter().map(|b| b.len as usize).sum();
        let Some(taken) = self.take_datagram(endpoint, room, false) else { return false };
        self.fill_from(process, &buffers, from, &taken);
        let transferred = u32::try_from(taken.data.len()).unwrap_or(u32::MAX);
        self.end_operation(id, Completion { error: taken.error, transferred, flags: 0 });
        true
    }

    /// Puts what was received into buffers, and the sender's name into its place.
    pub(crate) fn fill_from(&mut self, process: Pid, buffers: &[Buffer], from: Option<CellId>, taken: &Taken) {
        self.fill(process, buffers, &taken.data);
        if let Some(cell) = from.filter(|_| taken.error != ErrorCode::WSAECONNRESET) {
            self.write_cell(process, cell, &taken.from.to_bytes());
        }
    }
}
