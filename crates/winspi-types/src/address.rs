//! Socket addresses: sockaddr_in and sockaddr_in6 as values and as bytes.
//!
//! Pages: `WinSock/sockaddr-2`, `WinSock/byte-ordering-assumptions-2`, `ws2def/ns-ws2def-sockaddr_in`,
//! `ws2ipdef/ns-ws2ipdef-sockaddr_in6_lh`.
//!
//! Omitted: other families. Their bytes are refused here and stay bytes for those who pass them on.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::constants::{AF_INET, AF_INET6};

/// An address of one of the two families that Windows supports by itself.
///
/// As bytes, the family is in host order (little endian) and the port in network order (big endian).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SocketAddress {
    /// sockaddr_in, 16 bytes, family AF_INET (2). Page: `ws2def/ns-ws2def-sockaddr_in`.
    V4 {
        /// sin_port as a number; network order in the bytes. 0 on bind asks for any free port.
        port: u16,
        /// sin_addr, first byte first: 127.0.0.1 is `[127, 0, 0, 1]`.
        address: [u8; 4],
        /// sin_zero. Should be zero; kept, so that bytes survive and a program's omission can be seen.
        zero: [u8; 8],
    },
    /// sockaddr_in6, 28 bytes, family AF_INET6 (23). Page: `ws2ipdef/ns-ws2ipdef-sockaddr_in6_lh`.
    V6 {
        /// sin6_port as a number; network order in the bytes.
        port: u16,
        /// sin6_flowinfo as the number that a C program reads from the member (little endian in the bytes); its
        /// meaning is the program's.
        flow_info: u32,
        /// sin6_addr, first byte first.
        address: [u8; 16],
        /// sin6_scope_id, host order (little endian in the bytes); 0 for none.
        scope_id: u32,
    },
}

/// Why bytes are no [`SocketAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error, Serialize, Deserialize)]
pub enum AddressError {
    /// Fewer than the two bytes of the family.
    #[error("an address of {len} bytes has no family; it needs at least 2")]
    NoFamily {
        /// Bytes given, 0 or 1.
        len: usize,
    },
    /// A known family, but too few bytes for its structure.
    #[error("an address of family {family} needs {needed} bytes, not {len}")]
    TooShort {
        /// 2 or 23.
        family: u16,
        /// Bytes given.
        len: usize,
        /// Bytes needed: 16 or 28.
        needed: usize,
    },
    /// Neither AF_INET nor AF_INET6.
    #[error("address family {0} is neither AF_INET (2) nor AF_INET6 (23)")]
    UnknownFamily(u16),
}

impl SocketAddress {
    /// Size of sockaddr_in in bytes.
    pub const SIZE_V4: usize = 16;
    /// Size of sockaddr_in6 in bytes.
    pub const SIZE_V6: usize = 28;

    /// An IPv4 address with a port; sin_zero is zero.
    #[must_use]
    pub const fn v4(address: [u8; 4], port: u16) -> Self {
        Self::V4 { port, address, zero: [0; 8] }
    }

    /// An IPv6 address with a port, without flow information and scope.
    #[must_use]
    pub const fn v6(address: [u8; 16], port: u16) -> Self {
        Self::V6 { port, flow_info: 0, address, scope_id: 0 }
    }

    /// The address of `ip` with a port, everything else zero.
    #[must_use]
    pub const fn new(ip: IpAddr, port: u16) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::v4(ip.octets(), port),
            IpAddr::V6(ip) => Self::v6(ip.octets(), port),
        }
    }

    /// Reads the bytes of a sockaddr: family in host order, port in network order.
    ///
    /// Checks the family and that its structure is there in full. Bytes after the structure are ignored, as namelen
    /// may be larger than needed. Nothing of the structure is lost: [`SocketAddress::to_bytes`] gives the same bytes.
    ///
    /// # Errors
    ///
    /// See [`AddressError`]. The family is looked at before the length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AddressError> {
        let &[low, high, ref rest @ ..] = bytes else {
            return Err(AddressError::NoFamily { len: bytes.len() });
        };
        let family = u16::from_le_bytes([low, high]);
        let too_short = |needed| AddressError::TooShort { family, len: bytes.len(), needed };
        match i32::from(family) {
            AF_INET => {
                let &[p0, p1, a0, a1, a2, a3, z0, z1, z2, z3, z4, z5, z6, z7, ..] = rest else {
                    return Err(too_short(Self::SIZE_V4));
                };
                Ok(Self::V4 {
                    port: u16::from_be_bytes([p0, p1]),
                    address: [a0, a1, a2, a3],
                    zero: [z0, z1, z2, z3, z4, z5, z6, z7],
                })
            }
            AF_INET6 => {
                let &[p0, p1, f0, f1, f2, f3, ref rest @ ..] = rest else {
                    return Err(too_short(Self::SIZE_V6));
                };
                let Some((address, &[s0, s1, s2, s3, ..])) = rest.split_first_chunk::<16>() else {
                    return Err(too_short(Self::SIZE_V6));
                };
                Ok(Self::V6 {
                    port: u16::from_be_bytes([p0, p1]),
                    flow_info: u32::from_le_bytes([f0, f1, f2, f3]),
                    address: *address,
                    scope_id: u32::from_le_bytes([s0, s1, s2, s3]),
                })
            }
            _ => Err(AddressError::UnknownFamily(family)),
        }
    }

    /// The bytes of sockaddr_in (16) or sockaddr_in6 (28): family in host order, port in network order.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size());
        bytes.extend(self.family().to_le_bytes());
        bytes.extend(self.port().to_be_bytes());
        match self {
            Self::V4 { address, zero, .. } => {
                bytes.extend(address);
                bytes.extend(zero);
            }
            Self::V6 { flow_info, address, scope_id, .. } => {
                bytes.extend(flow_info.to_le_bytes());
                bytes.extend(address);
                bytes.extend(scope_id.to_le_bytes());
            }
        }
        bytes
    }

    /// Bytes of the structure: 16 or 28.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::V4 { .. } => Self::SIZE_V4,
            Self::V6 { .. } => Self::SIZE_V6,
        }
    }

    /// AF_INET (2) or AF_INET6 (23), in the width of the structure's member.
    #[must_use]
    pub const fn family(self) -> u16 {
        match self {
            Self::V4 { .. } => AF_INET as u16,
            Self::V6 { .. } => AF_INET6 as u16,
        }
    }

    /// The port as a number.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::V4 { port, .. } | Self::V6 { port, .. } => port,
        }
    }

    /// The address without port, scope and the rest.
    #[must_use]
    pub const fn ip(self) -> IpAddr {
        match self {
            Self::V4 { address: [a, b, c, d], .. } => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            Self::V6 { address, .. } => IpAddr::V6(Ipv6Addr::from_bits(u128::from_be_bytes(address))),
        }
    }

    /// The same address with another port.
    #[must_use]
    pub const fn with_port(mut self, new: u16) -> Self {
        match &mut self {
            Self::V4 { port, .. } | Self::V6 { port, .. } => *port = new,
        }
        self
    }

    /// Whether the address is 0.0.0.0 (INADDR_ANY) or `::`; the port does not matter.
    #[must_use]
    pub const fn is_unspecified(self) -> bool {
        match self.ip() {
            IpAddr::V4(ip) => ip.is_unspecified(),
            IpAddr::V6(ip) => ip.is_unspecified(),
        }
    }

    /// Whether the address is in 127.0.0.0/8 or is `::1`.
    #[must_use]
    pub const fn is_loopback(self) -> bool {
        match self.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.is_loopback(),
        }
    }

    /// The same address as the standard library has it; sin_zero is lost.
    #[must_use]
    pub const fn to_std(self) -> SocketAddr {
        match (self, self.ip()) {
            (Self::V6 { port, flow_info, scope_id, .. }, IpAddr::V6(ip)) => {
                SocketAddr::V6(SocketAddrV6::new(ip, port, flow_info, scope_id))
            }
            (address, ip) => SocketAddr::new(ip, address.port()),
        }
    }
}

impl From<SocketAddr> for SocketAddress {
    fn from(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(a) => Self::v4(a.ip().octets(), a.port()),
            SocketAddr::V6(a) => {
                Self::V6 { port: a.port(), flow_info: a.flowinfo(), address: a.ip().octets(), scope_id: a.scope_id() }
            }
        }
    }
}

impl fmt::Display for SocketAddress {
    /// `127.0.0.1:80`, `[::1]:80`, `[fe80::1%3]:80`. Flow information and sin_zero are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_std().fmt(f)
    }
}

/// A text that is no address with a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
#[error("`{text}` is no socket address: expected 127.0.0.1:80, [::1]:80 or [fe80::1%3]:80")]
pub struct AddressTextError {
    /// The text that was given.
    pub text: String,
}

impl FromStr for SocketAddress {
    type Err = AddressTextError;

    /// Reads what Display writes; no names are resolved.
    fn from_str(text: &str) -> Result<Self, AddressTextError> {
        text.parse::<SocketAddr>().map(Self::from).map_err(|_| AddressTextError { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_of_known_addresses() {
        let v4 = SocketAddress::v4([127, 0, 0, 1], 80);
        assert_eq!(v4.to_bytes(), b"\x02\x00\x00\x50\x7f\x00\x00\x01\0\0\0\0\0\0\0\0");
        let v6: SocketAddress = "[fe80::1%3]:8080".parse().expect("an address");
        assert_eq!(v6.to_bytes(), b"\x17\x00\x1f\x90\0\0\0\0\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x03\0\0\0");
    }

    #[test]
    fn from_bytes_refuses() {
        let v4 = SocketAddress::v4([1, 2, 3, 4], 5).to_bytes();
        let v6 = SocketAddress::v6([6; 16], 7).to_bytes();
        for (bytes, error) in [
            (&v4[..0], AddressError::NoFamily { len: 0 }),
            (&v4[..1], AddressError::NoFamily { len: 1 }),
            (&v4[..2], AddressError::TooShort { family: 2, len: 2, needed: 16 }),
            (&v4[..15], AddressError::TooShort { family: 2, len: 15, needed: 16 }),
            (&v6[..16], AddressError::TooShort { family: 23, len: 16, needed: 28 }),
            (&v6[..27], AddressError::TooShort { family: 23, len: 27, needed: 28 }),
            (&[99, 0, 0][..], AddressError::UnknownFamily(99)),
            (&[0, 2, 0][..], AddressError::UnknownFamily(512)),
            (&[0, 0][..], AddressError::UnknownFamily(0)),
        ] {
            assert_eq!(SocketAddress::from_bytes(bytes), Err(error), "{bytes:?}");
        }
    }

    #[test]
    fn bytes_after_the_structure_are_ignored() {
        let address = SocketAddress::v4([1, 2, 3, 4], 5);
        let mut bytes = address.to_bytes();
        bytes.extend([9; 100]);
        assert_eq!(SocketAddress::from_bytes(&bytes), Ok(address));
    }

    #[test]
    fn text_and_questions() {
        for (text, unspecified, loopback) in [
            ("127.0.0.1:80", false, true),
            ("127.8.0.1:0", false, true),
            ("0.0.0.0:65535", true, false),
            ("[::]:1", true, false),
            ("[::1]:80", false, true),
            ("[fe80::1%3]:80", false, false),
        ] {
            let address: SocketAddress = text.parse().expect(text);
            assert_eq!(address.to_string(), text);
            assert_eq!(address.is_unspecified(), unspecified, "{text}");
            assert_eq!(address.is_loopback(), loopback, "{text}");
            assert_eq!(SocketAddress::from(address.to_std()), address);
            assert_eq!(address.with_port(7).port(), 7);
            assert_eq!(address.with_port(7).ip(), address.ip());
        }
        for bad in ["", "127.0.0.1", "::1:80", "localhost:80", "127.0.0.1:65536"] {
            assert!(bad.parse::<SocketAddress>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn v4_bytes_round_trip(port: u16, address: [u8; 4], zero: [u8; 8]) {
            let address = SocketAddress::V4 { port, address, zero };
            prop_assert_eq!(address.to_bytes().len(), 16);
            prop_assert_eq!(SocketAddress::from_bytes(&address.to_bytes()), Ok(address));
        }

        #[test]
        fn v6_bytes_round_trip(port: u16, flow_info: u32, address: [u8; 16], scope_id: u32) {
            let address = SocketAddress::V6 { port, flow_info, address, scope_id };
            prop_assert_eq!(address.to_bytes().len(), 28);
            prop_assert_eq!(SocketAddress::from_bytes(&address.to_bytes()), Ok(address));
            prop_assert_eq!(SocketAddress::from(address.to_std()), address);
        }

        #[test]
        fn accepted_bytes_come_back(family in prop_oneof![Just(2u8), Just(23), any::<u8>()], rest: Vec<u8>) {
            let mut bytes = vec![family, 0];
            bytes.extend(rest);
            if let Ok(address) = SocketAddress::from_bytes(&bytes) {
                prop_assert_eq!(&address.to_bytes()[..], &bytes[..address.size()]);
            }
        }
    }
}
