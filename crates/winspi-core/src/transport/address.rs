//! Addresses of the machine and names in use.

use winspi_types::SocketAddress;

use crate::world::World;

impl World {
    /// Whether the address, or any for the wildcard, is one of this machine (decision `local-addresses`).
    pub fn is_local_address(&self, address: &SocketAddress) -> bool {
        address.is_unspecified() || address.is_loopback()
    }

    /// Whether a socket of the same protocol has this name, or one that covers it.
    pub fn is_name_in_use(&self, socket_type: i32, name: &SocketAddress) -> bool {
        self.endpoints().any(|(_, endpoint)| {
            endpoint.socket_type == socket_type
                && endpoint.local.as_ref().is_some_and(|local| {
                    let covers = local.ip() == name.ip() || local.is_unspecified() || name.is_unspecified();
                    local.family() == name.family() && local.port() == name.port() && covers
                })
        })
    }

    /// The lowest free port of the range for ports that the provider chooses (decision `ephemeral-ports`).
    pub fn free_port(&self, socket_type: i32, name: &SocketAddress) -> Option<u16> {
        let (first, last) = self.policy().ephemeral_ports.range();
        (first..=last).find(|&port| {
            let candidate = name.with_port(port);
            !self.is_name_in_use(socket_type, &candidate) && !self.is_end_in_use(&candidate)
        })
    }

    /// Whether an end of a connection that still drains has this name.
    fn is_end_in_use(&self, name: &SocketAddress) -> bool {
        let mut ends = self.connections().flat_map(|(_, connection)| &connection.ends);
        ends.any(|end| end.name.port() == name.port() && end.name.family() == name.family())
    }
}
