//! A connection: two ends, and for each what is on its way to it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::SocketAddress;

use crate::id::{Age, EndpointId};

/// A connection. End 0 is the side that connected, end 1 the one that accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Connection {
    /// The two ends.
    pub ends: [End; 2],
}

/// One of the two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The end that connected.
    Client,
    /// The end that accepted.
    Server,
}

impl Side {
    /// The other end.
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct End {
    /// The name of this end.
    pub name: SocketAddress,
    /// Who has it.
    pub holder: EndHolder,
    /// What is on its way to this end, the oldest first.
    pub incoming: VecDeque<(Age, Segment)>,
    /// What has arrived and was not read, the oldest first.
    pub received: VecDeque<Arc<[u8]>>,
    /// How many bytes of the first chunk were read.
    pub read: usize,
    /// The other end has ended its sending, and that has arrived.
    pub finished: bool,
    /// The connection was reset, and that has arrived.
    pub reset: bool,
    /// This end has given up: what it sent was lost. It is reset, too.
    pub timed_out: bool,
    /// This end has ended its sending.
    pub send_shut: bool,
    /// This end receives no more.
    pub receive_shut: bool,
}

/// Who has an end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EndHolder {
    /// Nobody yet: the request is on its way.
    Awaited,
    /// It waits in the backlog of this socket.
    Backlog(EndpointId),
    /// This socket.
    Endpoint(EndpointId),
    /// Nobody any more.
    Gone,
}

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Segment {
    /// A request for a connection.
    Request,
    /// The request is granted.
    Grant,
    /// Bytes of one send.
    Data(Arc<[u8]>),
    /// The end of the bytes.
    Finish,
    /// The connection is no more.
    Reset,
}

impl End {
    pub(crate) fn new(name: SocketAddress, holder: EndHolder) -> End {
        End {
            name,
            holder,
            incoming: VecDeque::new(),
            received: VecDeque::new(),
            read: 0,
            finished: false,
            reset: false,
            timed_out: false,
            send_shut: false,
            receive_shut: false,
        }
    }

    /// Bytes that have arrived and were not read.
    pub fn unread(&self) -> usize {
        self.received.iter().map(|chunk| chunk.len()).sum::<usize>().saturating_sub(self.read)
    }

    /// Bytes on the way and unread: what the other end's sending has to fit beside.
    pub fn buffered(&self) -> usize {
        let on_the_way = self.incoming.iter().map(|(_, segment)| match segment {
            Segment::Data(data) => data.len(),
            _ => 0,
        });
        self.unread() + on_the_way.sum::<usize>()
    }

    /// Takes up to `room` bytes, or only looks at them.
    pub(crate) fn take(&mut self, room: usize, peek: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(room.min(self.unread()));
        let (mut chunk, mut read) = (0, self.read);
        while out.len() < room && chunk < self.received.len() {
            let left = &self.received[chunk][read..];
            let taken = left.len().min(room - out.len());
            out.extend_from_slice(&left[..taken]);
            read += taken;
            if read == self.received[chunk].len() {
                (chunk, read) = (chunk + 1, 0);
            }
        }
        if !peek {
            self.received.drain(..chunk);
            self.read = read;
        }
        out
    }
}

impl Connection {
    /// One end.
    pub fn end(&self, side: Side) -> &End {
        &self.ends[side as usize]
    }

    /// One end, to be changed.
    pub(crate) fn end_mut(&mut self, side: Side) -> &mut End {
        &mut self.ends[side as usize]
    }

    /// The names of its ends: no two connections have the same.
    pub fn names(&self) -> (SocketAddress, SocketAddress) {
        (self.ends[0].name, self.ends[1].name)
    }

    /// Whether nobody has an end of it any more.
    pub fn is_abandoned(&self) -> bool {
        self.ends.iter().all(|end| end.holder == EndHolder::Gone)
    }
}
