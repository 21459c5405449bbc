//! The transport: sockets as the kernel keeps them, and connections between them.
//!
//! A stream is a queue of chunks, one per send; a delivery moves one chunk. Where a protocol has messages a chunk is one. A connection that still drains belongs to
//! the transport, not to a socket.

pub mod address;
pub mod datagram;
pub mod endpoint;
pub mod network_events;
pub mod options;
pub mod service;
pub mod stream;

pub use datagram::{Arrival, DatagramSocket, Network, Packet, Peer};
pub use endpoint::{Bound, Endpoint, Listening, Role};
pub use options::{Linger, Options};
pub use service::{Direction, Service};
pub use stream::{Cause, Connection, End, EndHolder, Segment, Side, UserData, Wanted};
pub(crate) use stream::{Part, Taking};
