//! A connection: two ends, and for each what is on its way to it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, SocketAddress};

use crate::id::{Age, CellId, EndpointId, Pid};
use crate::policy::TimeOutCode;

/// A connection. End 0 is the side that connected, end 1 the one that accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Connection {
    /// The two ends.
    pub ends: [End; 2],
    /// Who made it, where a footprint asks for that ([`crate::footprint`]); zero otherwise.
    #[serde(default, skip_serializing_if = "crate::footprint::is_nobody")]
    pub origin: u32,
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
    /// What has arrived and was not read, the oldest first. Of a protocol with messages a chunk is a message.
    pub received: VecDeque<Arc<[u8]>>,
    /// The rest of the last message has not arrived.
    pub open: bool,
    /// How many bytes of the first chunk were read.
    pub read: usize,
    /// The other end has ended its sending, and that has arrived.
    pub finished: bool,
    /// The connection was reset, and that has arrived.
    pub reset: bool,
    /// Why, where it was no reset of the other end.
    pub cause: Cause,
    /// This end has ended its sending.
    pub send_shut: bool,
    /// This end receives no more.
    pub receive_shut: bool,
    /// It receives no more after WSPRecvDisconnect, and the protocol does not know: what arrives is kept.
    pub receive_ended: bool,
    /// User data, where the protocol has it.
    pub user: Option<Box<UserData>>,
}

/// Why a connection is no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// The other end has reset it.
    #[default]
    Reset,
    /// What this end has sent was never acknowledged.
    TimeOut,
    /// The other end was gone, and keep-alive has found out.
    KeepAlive,
}

impl Cause {
    /// The code for a call on the socket.
    pub fn code(self) -> ErrorCode {
        match self {
            Cause::Reset => ErrorCode::WSAECONNRESET,
            Cause::TimeOut => ErrorCode::WSAECONNABORTED,
            Cause::KeepAlive => ErrorCode::WSAENETRESET,
        }
    }
}

/// The user data that the other end has sent, until it was fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserData {
    /// With the request, or with the grant.
    pub connect: Arc<[u8]>,
    /// With the end of the stream; empty until that has arrived.
    pub disconnect: Arc<[u8]>,
    /// Who wants the data of the grant.
    pub wanted: Wanted,
}

/// Who wants the data of a grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wanted {
    /// Nobody: it is dropped when it arrives.
    #[default]
    Nobody,
    /// The WSPConnect that waits for the grant.
    Call,
    /// A cell of this process: the call is over.
    Cell(Pid, CellId),
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

impl EndHolder {
    /// Whether a socket has the end, or its backlog.
    pub(crate) fn is_socket(self) -> bool {
        matches!(self, EndHolder::Endpoint(_) | EndHolder::Backlog(_))
    }
}

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Segment {
    /// A request for a connection.
    Request,
    /// The request is granted.
    Grant,
    /// Bytes of one send; of a protocol with messages a whole one, or the last part of one.
    Data(#[serde(serialize_with = "crate::canon::bytes")] Arc<[u8]>),
    /// Part of a message that is not the last.
    Part(Arc<[u8]>),
    /// The end of the bytes.
    Finish,
    /// The same with user data.
    Disconnect(Arc<[u8]>),
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
            open: false,
            read: 0,
            finished: false,
            reset: false,
            cause: Cause::default(),
            send_shut: false,
            receive_shut: false,
            receive_ended: false,
            user: None,
        }
    }

    /// Bytes that have arrived and were not read.
    pub fn unread(&self) -> usize {
        self.received.iter().map(|chunk| chunk.len()).sum::<usize>().saturating_sub(self.read)
    }

    /// Bytes on the way and unread: what the other end's sending has to fit beside.
    pub fn buffered(&self) -> usize {
        let on_the_way = self.incoming.iter().map(|(_, segment)| match segment {
            Segment::Data(data) | Segment::Part(data) => data.len(),
            _ => 0,
        });
        self.unread() + on_the_way.sum::<usize>()
    }

    /// Whether a receive finds that nothing more can be received.
    pub fn is_over(&self) -> bool {
        self.finished || self.reset || self.receive_shut || self.receive_ended
    }

    /// The code for calls, where the connection is no more. After a time-out it is that of decision `time-out-code`.
    pub fn failure(&self, time_out: TimeOutCode) -> Option<ErrorCode> {
        let code = match (self.cause, time_out) {
            (Cause::TimeOut, TimeOutCode::Timedout) => ErrorCode::WSAETIMEDOUT,
            (cause, _) => cause.code(),
        };
        self.reset.then_some(code)
    }

    /// Whether a whole message is there.
    pub fn has_message(&self) -> bool {
        self.received.len() > usize::from(self.open)
    }

    /// Bytes of a message have arrived; they are its last, or not.
    pub(crate) fn message_arrives(&mut self, data: Arc<[u8]>, last: bool) {
        match self.received.back_mut().filter(|_| self.open) {
            Some(message) => *message = [&message[..], &data[..]].concat().into(),
            None => self.received.push_back(data),
        }
        self.open = !last;
    }

    /// Takes up to `room` bytes of the first message, or only looks at them; `None` where no message is there, or no
    /// part of one if that is enough. Where the message does not fit and cannot be taken in parts it stays.
    pub(crate) fn take_message(&mut self, room: usize, how: Taking) -> Option<Part> {
        let whole = self.has_message();
        let message = self.received.front()?;
        let left = &message[self.read..];
        if !whole && (!how.part || left.is_empty()) {
            return None;
        }
        let fits = left.len() <= room;
        let data: Arc<[u8]> = Arc::from(&left[..left.len().min(room)]);
        let part = Part { fits, last: fits && whole, data };
        if how.peek || !(fits || how.in_parts) {
            return Some(part);
        }
        match (part.last, fits) {
            (true, _) => {
                self.received.pop_front();
                self.read = 0;
            }
            (false, true) => {
                // The rest comes here.
                self.received[0] = Arc::default();
                self.read = 0;
            }
            (false, false) => self.read += part.data.len(),
        }
        Some(part)
    }

    /// Forgets what was received.
    pub(crate) fn discard(&mut self) {
        self.received = VecDeque::new();
        self.open = false;
        self.read = 0;
    }

    /// The user data of the other end, to be filled in.
    pub(crate) fn user_mut(&mut self) -> &mut UserData {
        self.user.get_or_insert_default()
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

/// How a message is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taking {
    /// It stays.
    pub(crate) peek: bool,
    /// Part of one is enough: MSG_PARTIAL.
    pub(crate) part: bool,
    /// What does not fit stays for the next receive.
    pub(crate) in_parts: bool,
}

/// What was taken of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The bytes.
    pub(crate) data: Arc<[u8]>,
    /// All that was there fits.
    pub(crate) fits: bool,
    /// It is the end of the message.
    pub(crate) last: bool,
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

    /// Whether no socket has an end of it, and one end is still to be reached.
    pub(crate) fn is_on_its_way(&self) -> bool {
        !self.ends.iter().any(|end| end.holder.is_socket()) && !self.is_abandoned()
    }
}
