//! Addresses of the machine and names in use.

use winspi_types::SocketAddress;

use crate::footprint::Part;
use crate::id::EndpointId;
use crate::policy::WildcardBind;
use crate::transport::Endpoint;
use crate::transport::service::{is_circuit, shares_ports};
use crate::world::World;

impl World {
    /// Whether the address, or any for the wildcard, is one of this machine (decision `local-addresses`).
    pub fn is_local_address(&self, address: &SocketAddress) -> bool {
        address.is_unspecified() || address.is_loopback()
    }

    /// Whether a socket of the same protocol has this name, or one that covers it.
    pub fn is_name_in_use(&self, socket_type: i32, name: &SocketAddress) -> bool {
        self.users_of(socket_type, name).next().is_some()
    }

    /// The sockets of the same protocol whose names conflict with this one (decision `wildcard-bind`).
    pub(crate) fn users_of(&self, socket_type: i32, name: &SocketAddress) -> impl Iterator<Item = &Endpoint> {
        let (name, wildcard) = (*name, self.policy().wildcard_bind);
        self.reads(Part::Name(name.port()));
        self.all_endpoints().map(|(_, endpoint)| endpoint).filter(move |endpoint| {
            shares_ports(endpoint.socket_type, socket_type)
                && endpoint.local.is_some_and(|local| {
                    let alike = local.ip() == name.ip();
                    let covers = match wildcard {
                        WildcardBind::Conflicts => local.is_unspecified() || name.is_unspecified(),
                        WildcardBind::Coexists => false,
                    };
                    local.family() == name.family() && local.port() == name.port() && (alike || covers)
                })
        })
    }

    /// The turn of one more socket that may receive what is sent to a name: after those that have it.
    pub(crate) fn next_turn(&self, id: EndpointId, name: &SocketAddress) -> u32 {
        let socket_type = self.endpoint(id).socket_type;
        self.reads(Part::Name(name.port()));
        let sharers = self.all_endpoints().filter(|(other, e)| {
            *other != id && e.competes() && shares_ports(e.socket_type, socket_type) && e.local == Some(*name)
        });
        sharers.map(|(_, e)| e.bound.turn.saturating_add(1)).max().unwrap_or(0)
    }

    /// Whether this is an address to which a datagram goes to everybody (decision `broadcast-addresses`).
    pub fn is_broadcast_address(&self, address: &SocketAddress) -> bool {
        match address.ip() {
            std::net::IpAddr::V4(ip) => ip.is_broadcast() || ip.octets() == [127, 255, 255, 255],
            std::net::IpAddr::V6(_) => false,
        }
    }

    /// The name of this machine in place of a wildcard.
    pub(crate) fn concrete(name: SocketAddress) -> SocketAddress {
        match name.ip() {
            ip if !ip.is_unspecified() => name,
            std::net::IpAddr::V4(_) => SocketAddress::v4([127, 0, 0, 1], name.port()),
            std::net::IpAddr::V6(_) => SocketAddress::new(std::net::Ipv6Addr::LOCALHOST.into(), name.port()),
        }
    }

    /// The lowest free port of the range for ports that the provider chooses (decision `ephemeral-ports`).
    pub fn free_port(&self, socket_type: i32, name: &SocketAddress) -> Option<u16> {
        let (first, last) = self.policy().ephemeral_ports.range();
        (first..=last).find(|&port| {
            let candidate = name.with_port(port);
            let draining = is_circuit(socket_type) && self.is_end_in_use(&candidate);
            !draining && !self.is_name_in_use(socket_type, &candidate)
        })
    }

    /// Whether two names are those of a connection already.
    pub(crate) fn is_connected(&self, client: &SocketAddress, server: &SocketAddress) -> bool {
        self.reads(Part::End(client.port()));
        self.all_connections().any(|(_, connection)| connection.names() == (*client, *server))
    }

    /// Whether an end of a connection that still drains has this name.
    fn is_end_in_use(&self, name: &SocketAddress) -> bool {
        self.reads(Part::End(name.port()));
        let mut ends = self.all_connections().flat_map(|(_, connection)| &connection.ends);
        ends.any(|end| end.name.port() == name.port() && end.name.family() == name.family())
    }
}
