//! Flag words with their bits by name.
//!
//! Bits without a name are kept and print as hexadecimal, because providers and programs may set any. Each type
//! prints its names with ` | ` between them, and `0` for none; the same text parses.
//!
//! Pages: `winsock2/ns-winsock2-wsaprotocol_infow`, `winsock2/nf-winsock2-wsasocketw`,
//! `ws2spi/nc-ws2spi-lpwsprecv`, `ws2spi/nc-ws2spi-lpwspeventselect`, `ws2spi/nc-ws2spi-lpwspshutdown`.

use core::fmt;
use core::str::FromStr;

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

use crate::constants;

/// A text that is no set of flags of the type asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
#[error("`{text}` is no set of {kind} flags: expected names with `|` between them, 0x..., or 0")]
pub struct FlagsTextError {
    /// The text that was given.
    pub text: String,
    /// Prefix of the names expected, such as `XP1_`.
    pub kind: String,
}

macro_rules! flag_words {
    ($($(#[$meta:meta])* $type:ident $prefix:literal { $($name:ident,)* })*) => {$(
        bitflags! {
            $(#[$meta])*
            #[derive(
                Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            )]
            #[serde(transparent)]
            pub struct $type: u32 {
                $(
                    #[doc = concat!("See [`constants::", stringify!($name), "`].")]
                    const $name = constants::$name;
                )*
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if self.is_empty() {
                    return f.write_str("0");
                }
                bitflags::parser::to_writer(self, f)
            }
        }

        impl FromStr for $type {
            type Err = FlagsTextError;

            fn from_str(text: &str) -> Result<Self, FlagsTextError> {
                if text.trim() == "0" {
                    return Ok(Self::empty());
                }
                bitflags::parser::from_str(text).map_err(|_| FlagsTextError {
                    text: text.to_owned(),
                    kind: $prefix.to_owned(),
                })
            }
        }
    )*};
}

flag_words! {
    /// dwServiceFlags1: what a protocol offers. Page: `winsock2/ns-winsock2-wsaprotocol_infow`.
    ServiceFlags1 "XP1_" {
        XP1_CONNECTIONLESS,
        XP1_GUARANTEED_DELIVERY,
        XP1_GUARANTEED_ORDER,
        XP1_MESSAGE_ORIENTED,
        XP1_PSEUDO_STREAM,
        XP1_GRACEFUL_CLOSE,
        XP1_EXPEDITED_DATA,
        XP1_CONNECT_DATA,
        XP1_DISCONNECT_DATA,
        XP1_SUPPORT_BROADCAST,
        XP1_SUPPORT_MULTIPOINT,
        XP1_MULTIPOINT_CONTROL_PLANE,
        XP1_MULTIPOINT_DATA_PLANE,
        XP1_QOS_SUPPORTED,
        XP1_INTERRUPT,
        XP1_UNI_SEND,
        XP1_UNI_RECV,
        XP1_IFS_HANDLES,
        XP1_PARTIAL_MESSAGE,
        XP1_SAN_SUPPORT_SDP,
    }

    /// dwProviderFlags: how the entry stands in the catalog. Page: `winsock2/ns-winsock2-wsaprotocol_infow`.
    ProviderFlags "PFL_" {
        PFL_MULTIPLE_PROTO_ENTRIES,
        PFL_RECOMMENDED_PROTO_ENTRY,
        PFL_HIDDEN,
        PFL_MATCHES_PROTOCOL_ZERO,
        PFL_NETWORKDIRECT_PROVIDER,
    }

    /// dwFlags of WSPSocket, WSASocket: attributes of a new socket. Page: `winsock2/nf-winsock2-wsasocketw`.
    SocketFlags "WSA_FLAG_" {
        WSA_FLAG_OVERLAPPED,
        WSA_FLAG_MULTIPOINT_C_ROOT,
        WSA_FLAG_MULTIPOINT_C_LEAF,
        WSA_FLAG_MULTIPOINT_D_ROOT,
        WSA_FLAG_MULTIPOINT_D_LEAF,
        WSA_FLAG_ACCESS_SYSTEM_SECURITY,
        WSA_FLAG_NO_HANDLE_INHERIT,
        WSA_FLAG_REGISTERED_IO,
    }

    /// Flags of sends and receives, going in and coming out. Pages: `ws2spi/nc-ws2spi-lpwspsend`,
    /// `ws2spi/nc-ws2spi-lpwsprecv`.
    MessageFlags "MSG_" {
        MSG_OOB,
        MSG_PEEK,
        MSG_DONTROUTE,
        MSG_WAITALL,
        MSG_INTERRUPT,
        MSG_PUSH_IMMEDIATE,
        MSG_TRUNC,
        MSG_CTRUNC,
        MSG_BCAST,
        MSG_MCAST,
        MSG_ERRQUEUE,
        MSG_PARTIAL,
    }

    /// lNetworkEvents of WSPEventSelect, WSPAsyncSelect and WSANETWORKEVENTS. The C type is a long, of which these
    /// are the 32 bits. Page: `ws2spi/nc-ws2spi-lpwspeventselect`.
    NetworkEvents "FD_" {
        FD_READ,
        FD_WRITE,
        FD_OOB,
        FD_ACCEPT,
        FD_CONNECT,
        FD_CLOSE,
        FD_QOS,
        FD_GROUP_QOS,
        FD_ROUTING_INTERFACE_CHANGE,
        FD_ADDRESS_LIST_CHANGE,
    }
}

impl NetworkEvents {
    /// All ten events.
    pub const FD_ALL_EVENTS: Self = Self::from_bits_retain(constants::FD_ALL_EVENTS);

    /// The index of a single event in iErrorCode of WSANETWORKEVENTS: its FD_*_BIT, 0 to 9.
    ///
    /// None unless exactly one event with a name is set. Page: `winsock2/ns-winsock2-wsanetworkevents`.
    #[must_use]
    pub fn index(self) -> Option<usize> {
        let single = self.bits().is_power_of_two() && Self::FD_ALL_EVENTS.contains(self);
        single.then(|| self.bits().trailing_zeros() as usize)
    }
}

/// The how parameter of WSPShutdown and shutdown. Page: `ws2spi/nc-ws2spi-lpwspshutdown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Shutdown {
    /// SD_RECEIVE (0): receives are no longer allowed.
    Receive,
    /// SD_SEND (1): sends are no longer allowed.
    Send,
    /// SD_BOTH (2): neither.
    Both,
}

impl Shutdown {
    /// The value with this number; None for every other number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        [Self::Receive, Self::Send, Self::Both].into_iter().find(|how| how.number() == number)
    }

    /// The number: 0, 1 or 2.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Receive => constants::SD_RECEIVE,
            Self::Send => constants::SD_SEND,
            Self::Both => constants::SD_BOTH,
        }
    }

    /// The name in the header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receive => "SD_RECEIVE",
            Self::Send => "SD_SEND",
            Self::Both => "SD_BOTH",
        }
    }

    /// Whether the receive side is closed by it.
    #[must_use]
    pub const fn receive(self) -> bool {
        matches!(self, Self::Receive | Self::Both)
    }

    /// Whether the send side is closed by it.
    #[must_use]
    pub const fn send(self) -> bool {
        matches!(self, Self::Send | Self::Both)
    }
}

impl fmt::Display for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_print_in_the_order_of_the_bits() {
        for (flags, text) in [
            (NetworkEvents::empty(), "0"),
            (NetworkEvents::FD_CLOSE, "FD_CLOSE"),
            (NetworkEvents::FD_WRITE | NetworkEvents::FD_READ, "FD_READ | FD_WRITE"),
            (NetworkEvents::from_bits_retain(0x8000_0001), "FD_READ | 0x80000000"),
            (NetworkEvents::from_bits_retain(0x400), "0x400"),
        ] {
            assert_eq!(flags.to_string(), text);
            assert_eq!(text.parse(), Ok(flags));
        }
        assert!("FD_REED".parse::<NetworkEvents>().is_err());
        assert!("XP1_INTERRUPT".parse::<NetworkEvents>().is_err());
    }

    #[test]
    fn stored_form_is_the_text_and_keeps_unknown_bits() {
        let flags = ServiceFlags1::from_bits_retain(0x8002_0000);
        let json = serde_json::to_string(&flags).expect("stores");
        assert_eq!(json, r#""XP1_IFS_HANDLES | 0x80000000""#);
        assert_eq!(serde_json::from_str::<ServiceFlags1>(&json).ok(), Some(flags));
    }

    #[test]
    fn index_is_the_bit_of_a_single_event() {
        assert_eq!(NetworkEvents::FD_READ.index(), Some(0));
        assert_eq!(NetworkEvents::FD_CLOSE.index(), Some(5));
        assert_eq!(NetworkEvents::FD_ADDRESS_LIST_CHANGE.index(), Some(9));
        assert_eq!(NetworkEvents::empty().index(), None);
        assert_eq!(NetworkEvents::FD_ALL_EVENTS.index(), None);
        assert_eq!(NetworkEvents::from_bits_retain(0x400).index(), None);
    }

    #[test]
    fn shutdown_has_three_numbers() {
        for (number, how, name) in [
            (0, Some(Shutdown::Receive), "SD_RECEIVE"),
            (1, Some(Shutdown::Send), "SD_SEND"),
            (2, Some(Shutdown::Both), "SD_BOTH"),
            (3, None, ""),
            (-1, None, ""),
        ] {
            assert_eq!(Shutdown::from_number(number), how);
            if let Some(how) = how {
                assert_eq!((how.number(), how.to_string().as_str()), (number, name));
            }
        }
        assert!(Shutdown::Both.send() && Shutdown::Both.receive());
        assert!(!Shutdown::Send.receive() && !Shutdown::Receive.send());
    }

    proptest! {
        #[test]
        fn any_bits_survive_text_and_storage(bits: u32) {
            macro_rules! survive {
                ($($type:ident)*) => {$(
                    let flags = $type::from_bits_retain(bits);
                    prop_assert_eq!(flags.to_string().parse(), Ok(flags));
                    let json = serde_json::to_string(&flags).expect("stores");
                    prop_assert_eq!(serde_json::from_str::<$type>(&json).ok(), Some(flags));
                )*};
            }
            survive!(ServiceFlags1 ProviderFlags SocketFlags MessageFlags NetworkEvents);
        }
    }
}
