//! The record of network events of a socket.
//!
//! A socket has one registration, whichever of its descriptors made it: `WSPDuplicateSocket.event-select-cancels`. Of
//! each event it is known whether it was indicated and not yet re-enabled, whether it is recorded and not yet fetched,
//! and with which code. Without a registration nothing is recorded, and the record is empty.
//!
//! Pages: `ws2spi/nc-ws2spi-lpwspeventselect`, `ws2spi/nc-ws2spi-lpwspenumnetworkevents`.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;
use winspi_types::constants::{FD_CONNECT, FD_MAX_EVENTS};

use crate::id::{Handle, InstanceId, Pid};
use crate::wait::Holder;

/// What a socket remembers of its network events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EventRecord {
    /// Who is told; set by WSPEventSelect, cleared by it with no events, and by the close of its process's descriptors.
    pub selection: Option<Selection>,
    /// FD_*: what happened and was not fetched. Cleared by WSPEnumNetworkEvents.
    pub recorded: u32,
    /// FD_*: what was indicated and not re-enabled since; it is not indicated again.
    pub indicated: u32,
    /// FD_WRITE is due as soon as there is room: after a registration, after a connection was established, and after a
    /// send that failed with WSAEWOULDBLOCK.
    pub write_due: bool,
    /// The code of each recorded event by its FD_*_BIT.
    codes: [i32; FD_MAX_EVENTS as usize],
}

/// A registration for network events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Selection {
    /// The process whose event it is.
    pub process: Pid,
    /// The event; looked up when it is to be set (decision `event-of-registration`).
    pub event: Handle,
    /// FD_*: the events that were asked for; never none.
    pub mask: u32,
    /// The descriptor that it was made through; none where it came from a listening socket.
    pub by: Option<Holder>,
    /// The provider whose worker sets the event by WPUSetEvent; none where the system sets it.
    pub setter: Option<InstanceId>,
}

impl EventRecord {
    /// The record after a registration: whatever was there is cleared, `WSPEventSelect.clears-record`.
    pub(crate) fn of(selection: Selection) -> EventRecord {
        EventRecord { selection: Some(selection), write_due: true, ..EventRecord::default() }
    }

    /// The record of a socket that comes from a listening one: the same events, the same event object.
    ///
    /// It is connected already, of which FD_CONNECT does not speak.
    pub(crate) fn inherited(&self) -> EventRecord {
        match self.selection {
            Some(selection) => {
                EventRecord { indicated: FD_CONNECT, ..EventRecord::of(Selection { by: None, ..selection }) }
            }
            None => EventRecord::default(),
        }
    }

    /// Records an event. The code of one that is recorded already is that of the last time.
    pub(crate) fn record(&mut self, event: u32, code: ErrorCode) {
        self.recorded |= event;
        self.indicated |= event;
        if let Some(place) = self.codes.get_mut(event.trailing_zeros() as usize) {
            *place = code.number();
        }
    }

    /// Takes what is recorded: the events, and the code of each by its bit.
    pub(crate) fn take(&mut self) -> (u32, Vec<(u32, ErrorCode)>) {
        let recorded = std::mem::take(&mut self.recorded);
        let codes = std::mem::take(&mut self.codes);
        let bits = codes.iter().zip(0u32..).filter(|(_, bit)| recorded & (1 << bit) != 0);
        (recorded, bits.map(|(code, bit)| (bit, ErrorCode(*code))).collect())
    }
}
