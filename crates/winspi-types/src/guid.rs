//! GUIDs: identities of providers and of extension functions.
//!
//! Pages: `winsock2/ns-winsock2-wsaprotocol_infow` (ProviderId), `guiddef/ns-guiddef-guid`, `WinSock/winsock-ioctls`
//! (SIO_GET_EXTENSION_FUNCTION_POINTER).

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A GUID with the four members of the C structure.
///
/// Ordering is that of the members, hence that of the printed text. Page: `guiddef/ns-guiddef-guid`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Guid {
    /// The first eight hexadecimal digits.
    pub data1: u32,
    /// The first group of four digits.
    pub data2: u16,
    /// The second group of four digits.
    pub data3: u16,
    /// The third group of four digits (two bytes) and the last group of twelve (six bytes).
    pub data4: [u8; 8],
}

impl Guid {
    /// Size of the C structure in bytes.
    pub const SIZE: usize = 16;

    /// All zero: no provider.
    pub const ZERO: Self = Self::from_u128(0);

    /// The GUID whose digits, in the order of the printed text, are those of `number`.
    #[must_use]
    pub const fn from_u128(number: u128) -> Self {
        Self {
            data1: (number >> 96) as u32,
            data2: (number >> 80) as u16,
            data3: (number >> 64) as u16,
            data4: (number as u64).to_be_bytes(),
        }
    }

    /// The digits in the order of the printed text as one number.
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        (self.data1 as u128) << 96
            | (self.data2 as u128) << 80
            | (self.data3 as u128) << 64
            | u64::from_be_bytes(self.data4) as u128
    }

    /// The 16 bytes of the C structure: the first three members little endian, then `data4` as it is.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[0..4].copy_from_slice(&self.data1.to_le_bytes());
        bytes[4..6].copy_from_slice(&self.data2.to_le_bytes());
        bytes[6..8].copy_from_slice(&self.data3.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.data4);
        bytes
    }

    /// Reads the 16 bytes of the C structure; every 16 bytes are a GUID.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, data4 @ ..] = bytes;
        Self {
            data1: u32::from_le_bytes([a, b, c, d]),
            data2: u16::from_le_bytes([e, f]),
            data3: u16::from_le_bytes([g, h]),
            data4,
        }
    }

    /// The GUID that the headers call `name` (`WSAID_ACCEPTEX`).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        NAMED.iter().find(|(n, _)| *n == name).map(|(_, guid)| *guid)
    }

    /// The name that the headers have for this GUID.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMED.iter().find(|(_, guid)| *guid == self).map(|(n, _)| *n)
    }

    /// The names that [`Guid::from_name`] knows, in alphabetical order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }
}

macro_rules! named {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        impl Guid {
            $(
                #[doc = $text]
                #[doc = ""]
                #[doc = "Page: `WinSock/winsock-ioctls` (SIO_GET_EXTENSION_FUNCTION_POINTER)."]
                pub const $name: Self = Self::from_u128($number);
            )*
        }

        const NAMED: &[(&str, Guid)] = &[$((stringify!($name), Guid::$name),)*];
    };
}

named! {
    WSAID_ACCEPTEX = 0xb5367df1_cbac_11cf_95ca_00805f48a192, "Asks for AcceptEx.";
    WSAID_CONNECTEX = 0x25a207b9_ddf3_4660_8ee9_76e58c74063e, "Asks for ConnectEx.";
    WSAID_DISCONNECTEX = 0x7fda2e11_8630_436f_a031_f536a6eec157, "Asks for DisconnectEx.";
    WSAID_GETACCEPTEXSOCKADDRS = 0xb5367df2_cbac_11cf_95ca_00805f48a192, "Asks for GetAcceptExSockaddrs.";
    WSAID_TRANSMITFILE = 0xb5367df0_cbac_11cf_95ca_00805f48a192, "Asks for TransmitFile.";
    WSAID_TRANSMITPACKETS = 0xd9689da0_1f90_11d3_9971_00c04f68c876, "Asks for TransmitPackets.";
    WSAID_WSAPOLL = 0x18c76f85_dc66_4964_972e_23c27238312b, "Asks for WSAPoll.";
    WSAID_WSARECVMSG = 0xf689d7c8_6f1f_436b_8a53_e54fe351c322, "Asks for WSARecvMsg.";
    WSAID_WSASENDMSG = 0xa441e712_754f_43ca_84a7_0dee44cf606d, "Asks for WSASendMsg.";
}

impl fmt::Display for Guid {
    /// `{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}`: braces, upper case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i] = self.data4;
        write!(
            f,
            "{{{:08X}-{:04X}-{:04X}-{a:02X}{b:02X}-{c:02X}{d:02X}{e:02X}{g:02X}{h:02X}{i:02X}}}",
            self.data1, self.data2, self.data3
        )
    }
}

/// A text that is no GUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
#[error("`{text}` is no GUID: expected hexadecimal digits in groups of 8-4-4-4-12, in braces or without")]
pub struct GuidTextError {
    /// The text that was given.
    pub text: String,
}

impl FromStr for Guid {
    type Err = GuidTextError;

    /// Reads groups of 8-4-4-4-12 hexadecimal digits of either case, with both braces or none.
    fn from_str(text: &str) -> Result<Self, GuidTextError> {
        parse(text).ok_or_else(|| GuidTextError { text: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Guid> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut groups = inner.split('-');
    let mut number = 0u128;
    for digits in [8, 4, 4, 4, 12] {
        let group = groups.next()?;
        if group.len() != digits || !group.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        number = number << (4 * digits) | u128::from_str_radix(group, 16).ok()?;
    }
    groups.next().is_none().then(|| Guid::from_u128(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TCP: &str = "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}";

    #[test]
    fn text_and_bytes_of_the_tcp_provider() {
        let guid: Guid = TCP.parse().expect("a GUID");
        assert_eq!(guid.data1, 0xe70f_1aa0);
        assert_eq!(guid.data4, [0x8c, 0xa3, 0, 0x80, 0x5f, 0x48, 0xa1, 0x92]);
        assert_eq!(guid.to_string(), TCP);
        assert_eq!(guid.to_bytes(), *b"\xa0\x1a\x0f\xe7\x8b\xab\xcf\x11\x8c\xa3\x00\x80\x5f\x48\xa1\x92");
        assert_eq!("e70f1aa0-ab8b-11cf-8ca3-00805f48a192".parse(), Ok(guid));
    }

    #[test]
    fn text_refuses() {
        for bad in [
            "",
            "{}",
            "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192",
            "E70F1AA0-AB8B-11CF-8CA3-00805F48A192}",
            "{E70F1AA0AB8B11CF8CA300805F48A192}",
            "{E70F1AA0-AB8B-11CF-8CA3-00805F48A19}",
            "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192-}",
            "{+70F1AA0-AB8B-11CF-8CA3-00805F48A192}",
            "{G70F1AA0-AB8B-11CF-8CA3-00805F48A192}",
        ] {
            assert!(bad.parse::<Guid>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_lead_to_guids_and_back() {
        for name in Guid::names() {
            assert_eq!(Guid::from_name(name).and_then(Guid::name), Some(name));
        }
        assert_eq!(Guid::from_name("WSAID_NOTHING"), None);
        assert_eq!(Guid::ZERO.name(), None);
    }

    proptest! {
        #[test]
        fn every_guid_round_trips(number: u128) {
            let guid = Guid::from_u128(number);
            prop_assert_eq!(guid.to_u128(), number);
            prop_assert_eq!(Guid::from_bytes(guid.to_bytes()), guid);
            prop_assert_eq!(guid.to_string().parse(), Ok(guid));
        }

        #[test]
        fn any_text_is_refused_or_read(text: String) {
            let _ = text.parse::<Guid>();
        }
    }
}
