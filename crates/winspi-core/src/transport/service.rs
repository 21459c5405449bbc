//! What a protocol offers, beyond that its bytes arrive in order: boundaries of messages, user data, directions.
//!
//! TCP and UDP are two rows of a table whose others are simulated, because the pages describe what neither has: decision
//! `simulated-protocols`. The catalog makes the service flags of its entries of the same rows.

use winspi_types::ServiceFlags1;
use winspi_types::constants::{SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM};

/// The first of the two protocol numbers that are set aside for experiments (RFC 3692).
pub const EXPERIMENT_1: i32 = 253;
/// The second.
pub const EXPERIMENT_2: i32 = 254;

/// What a protocol offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// A connection carries messages: a receive gives one, whole, or says that there is more of it.
    pub messages: bool,
    /// A message can be sent and received in parts: MSG_PARTIAL.
    pub partial: bool,
    /// Messages are sent, but the boundaries are gone at the receiver.
    pub pseudo_stream: bool,
    /// User data can go with a request, a grant and a disconnect.
    pub user_data: bool,
    /// Which way data goes.
    pub direction: Direction,
}

/// Which way the data of a socket goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    Both,
    /// It only sends.
    Send,
    /// It only receives.
    Receive,
}

impl Service {
    /// The most bytes of user data with a request or a grant: those of ISO 8073, class 4.
    pub const CONNECT_DATA: usize = 32;
    /// The most bytes of user data with a disconnect.
    pub const DISCONNECT_DATA: usize = 64;

    /// The service of TCP, UDP and raw sockets.
    const PLAIN: Service =
        Service { messages: false, partial: false, pseudo_stream: false, user_data: false, direction: Direction::Both };

    /// What the protocol of a socket offers.
    pub fn of(socket_type: i32, protocol: i32) -> Service {
        match (socket_type, protocol) {
            (SOCK_SEQPACKET, EXPERIMENT_1) => {
                Service { messages: true, partial: true, user_data: true, ..Service::PLAIN }
            }
            (SOCK_SEQPACKET, _) => Service { messages: true, ..Service::PLAIN },
            (SOCK_STREAM, EXPERIMENT_1) => Service { pseudo_stream: true, user_data: true, ..Service::PLAIN },
            (SOCK_DGRAM, EXPERIMENT_1) => Service { direction: Direction::Send, ..Service::PLAIN },
            (SOCK_DGRAM, EXPERIMENT_2) => Service { direction: Direction::Receive, ..Service::PLAIN },
            _ => Service::PLAIN,
        }
    }

    /// The service flags of its catalog entry, without those for what descriptors are.
    pub fn flags(self, socket_type: i32) -> ServiceFlags1 {
        let mut flags = if is_circuit(socket_type) {
            ServiceFlags1::XP1_GUARANTEED_DELIVERY
                | ServiceFlags1::XP1_GUARANTEED_ORDER
                | ServiceFlags1::XP1_GRACEFUL_CLOSE
        } else {
            ServiceFlags1::XP1_CONNECTIONLESS
                | ServiceFlags1::XP1_MESSAGE_ORIENTED
                | ServiceFlags1::XP1_SUPPORT_BROADCAST
                | ServiceFlags1::XP1_SUPPORT_MULTIPOINT
        };
        if self.messages || self.pseudo_stream {
            flags |= ServiceFlags1::XP1_MESSAGE_ORIENTED;
        }
        // Out-of-band data is TCP's.
        flags.set(ServiceFlags1::XP1_EXPEDITED_DATA, socket_type == SOCK_STREAM && !self.pseudo_stream);
        flags.set(ServiceFlags1::XP1_PSEUDO_STREAM, self.pseudo_stream);
        flags.set(ServiceFlags1::XP1_PARTIAL_MESSAGE, self.partial);
        let both = ServiceFlags1::XP1_CONNECT_DATA | ServiceFlags1::XP1_DISCONNECT_DATA;
        flags.set(both, self.user_data);
        flags.set(ServiceFlags1::XP1_UNI_SEND, self.direction == Direction::Send);
        flags.set(ServiceFlags1::XP1_UNI_RECV, self.direction == Direction::Receive);
        flags
    }
}

/// Whether sockets of this type have connections.
pub fn is_circuit(socket_type: i32) -> bool {
    matches!(socket_type, SOCK_STREAM | SOCK_SEQPACKET)
}

/// Whether sockets of two types take their ports from the same numbers: all connections do, because a connection is known
/// by the names of its ends.
pub(crate) fn shares_ports(socket_type: i32, other: i32) -> bool {
    socket_type == other || (is_circuit(socket_type) && is_circuit(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_flags_say() {
        use ServiceFlags1 as F;
        let circuit = F::XP1_GUARANTEED_DELIVERY | F::XP1_GUARANTEED_ORDER | F::XP1_GRACEFUL_CLOSE;
        let datagram =
            F::XP1_CONNECTIONLESS | F::XP1_MESSAGE_ORIENTED | F::XP1_SUPPORT_BROADCAST | F::XP1_SUPPORT_MULTIPOINT;
        let user_data = F::XP1_CONNECT_DATA | F::XP1_DISCONNECT_DATA;
        for (socket_type, protocol, flags) in [
            (SOCK_STREAM, 6, circuit | F::XP1_EXPEDITED_DATA),
            (SOCK_DGRAM, 17, datagram),
            (SOCK_SEQPACKET, 253, circuit | user_data | F::XP1_MESSAGE_ORIENTED | F::XP1_PARTIAL_MESSAGE),
            (SOCK_SEQPACKET, 254, circuit | F::XP1_MESSAGE_ORIENTED),
            (SOCK_STREAM, 253, circuit | user_data | F::XP1_MESSAGE_ORIENTED | F::XP1_PSEUDO_STREAM),
            (SOCK_DGRAM, 253, datagram | F::XP1_UNI_SEND),
            (SOCK_DGRAM, 254, datagram | F::XP1_UNI_RECV),
        ] {
            assert_eq!(Service::of(socket_type, protocol).flags(socket_type), flags, "{socket_type} {protocol}");
        }
    }
}
