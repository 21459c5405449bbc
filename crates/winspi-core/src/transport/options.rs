//! The options of a socket: what WSPSetSockOpt sets and WSPGetSockOpt reads.
//!
//! They are on the socket, so all descriptors of a shared socket see the same values. Which options there are, with
//! level, type, default and clause, says the table of `provider/base/option.rs`.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

/// The options of a socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Options {
    /// SO_DEBUG: kept, without effect.
    pub debug: bool,
    /// SO_REUSEADDR: looked at by a bind.
    pub reuse_address: bool,
    /// SO_EXCLUSIVEADDRUSE: looked at by a bind.
    pub exclusive_address: bool,
    /// SO_KEEPALIVE: kept; connections are not probed.
    pub keep_alive: bool,
    /// SO_DONTROUTE: kept, without effect.
    pub dont_route: bool,
    /// SO_BROADCAST: datagrams may be sent to broadcast addresses.
    pub broadcast: bool,
    /// SO_OOBINLINE: kept; there is no out-of-band data.
    pub oob_inline: bool,
    /// SO_CONDITIONAL_ACCEPT: a request is granted only by WSPAccept.
    pub conditional_accept: bool,
    /// SO_LINGER and SO_DONTLINGER.
    pub linger: Linger,
    /// SO_SNDBUF in bytes.
    pub send_buffer: u32,
    /// SO_RCVBUF in bytes.
    pub receive_buffer: u32,
    /// TCP_NODELAY: kept; every send is a chunk of its own.
    pub no_delay: bool,
    /// SIO_UDP_CONNRESET: an unreachable port is told to the next receive.
    pub udp_connreset: bool,
    /// SO_ERROR: set by failures that no call was told, cleared by reading (decision `socket-error`).
    pub error: Option<ErrorCode>,
}

/// What a close does with data that is not sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Linger {
    /// `l_onoff`: SO_LINGER is on, SO_DONTLINGER is off.
    pub on: bool,
    /// `l_linger` in seconds; kept while lingering is off.
    pub seconds: u16,
}

impl Options {
    /// The defaults, with buffers of this size.
    pub(crate) fn new(buffer: u32) -> Options {
        Options {
            debug: false,
            reuse_address: false,
            exclusive_address: false,
            keep_alive: false,
            dont_route: false,
            broadcast: false,
            oob_inline: false,
            conditional_accept: false,
            linger: Linger::default(),
            send_buffer: buffer,
            receive_buffer: buffer,
            no_delay: false,
            udp_connreset: true,
            error: None,
        }
    }
}
