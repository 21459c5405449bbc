//! The raw forms: bytes that may hold nonsense.

use core::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::field::{FIELDS, Field, FieldError, FieldKind, FieldValue};
use super::stored;
use super::typed::{InfoError, ProtocolInfo};
use super::{NAME, SIZE_A, SIZE_W};
use crate::chain::ProtocolChain;
use crate::constants::{AF_INET, AF_INET6, constant_name};
use crate::flags::{ProviderFlags, ServiceFlags1};
use crate::guid::Guid;
use crate::text;

/// The 628 bytes of WSAPROTOCOL_INFOW, as they came. Display decodes them, one field a line.
///
/// The stored form is a text of 1256 hexadecimal digits, or the bytes where the format is binary.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawProtocolInfoW(pub [u8; SIZE_W]);

/// The 372 bytes of WSAPROTOCOL_INFOA, as they came. Display decodes them, one field a line.
///
/// The stored form is a text of 744 hexadecimal digits, or the bytes where the format is binary.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawProtocolInfoA(pub [u8; SIZE_A]);

/// Number fields: getter, setter, offset. The offsets are checked against [`FIELDS`] and windows-sys in the tests.
macro_rules! numbers {
    ($($get:ident $set:ident $c_name:literal $type:ty;)*) => {$(
        #[doc = concat!($c_name, ", little endian in the bytes.")]
        #[must_use]
        pub fn $get(&self) -> $type {
            const AT: usize = offset_of($c_name);
            read_word(&self.0, AT) as $type
        }

        #[doc = concat!("Sets ", $c_name, " and nothing else.")]
        pub fn $set(&mut self, value: $type) {
            const AT: usize = offset_of($c_name);
            write_bytes(&mut self.0, AT, &value.to_le_bytes());
        }
    )*};
}

macro_rules! raw_form {
    ($type:ident, $size:expr, $c_type:literal, $get_name:path, $put_name:path, $fits:path) => {
        impl $type {
            #[doc = concat!("Size of ", $c_type, " in bytes.")]
            pub const SIZE: usize = $size;

            /// Takes exactly as many bytes as the structure has, whatever they say.
            ///
            /// # Errors
            ///
            /// [`InfoError::Length`].
            pub fn from_slice(bytes: &[u8]) -> Result<Self, InfoError> {
                bytes.try_into().map(Self).map_err(|_| InfoError::Length { len: bytes.len(), needed: $size })
            }

            /// The bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            numbers! {
                service_flags2 set_service_flags2 "dwServiceFlags2" u32;
                service_flags3 set_service_flags3 "dwServiceFlags3" u32;
                service_flags4 set_service_flags4 "dwServiceFlags4" u32;
                catalog_entry_id set_catalog_entry_id "dwCatalogEntryId" u32;
                version set_version "iVersion" i32;
                address_family set_address_family "iAddressFamily" i32;
                max_sock_addr set_max_sock_addr "iMaxSockAddr" i32;
                min_sock_addr set_min_sock_addr "iMinSockAddr" i32;
                socket_type set_socket_type "iSocketType" i32;
                protocol set_protocol "iProtocol" i32;
                protocol_max_offset set_protocol_max_offset "iProtocolMaxOffset" i32;
                network_byte_order set_network_byte_order "iNetworkByteOrder" i32;
                security_scheme set_security_scheme "iSecurityScheme" i32;
                message_size set_message_size "dwMessageSize" u32;
                provider_reserved set_provider_reserved "dwProviderReserved" u32;
            }

            /// dwServiceFlags1, unknown bits kept.
            #[must_use]
            pub fn service_flags1(&self) -> ServiceFlags1 {
                const AT: usize = offset_of("dwServiceFlags1");
                ServiceFlags1::from_bits_retain(read_word(&self.0, AT))
            }

            /// Sets dwServiceFlags1 and nothing else.
            pub fn set_service_flags1(&mut self, value: ServiceFlags1) {
                const AT: usize = offset_of("dwServiceFlags1");
                write_bytes(&mut self.0, AT, &value.bits().to_le_bytes());
            }

            /// dwProviderFlags, unknown bits kept.
            #[must_use]
            pub fn provider_flags(&self) -> ProviderFlags {
                const AT: usize = offset_of("dwProviderFlags");
                ProviderFlags::from_bits_retain(read_word(&self.0, AT))
            }

            /// Sets dwProviderFlags and nothing else.
            pub fn set_provider_flags(&mut self, value: ProviderFlags) {
                const AT: usize = offset_of("dwProviderFlags");
                write_bytes(&mut self.0, AT, &value.bits().to_le_bytes());
            }

            /// ProviderId.
            #[must_use]
            pub fn provider_id(&self) -> Guid {
                const AT: usize = offset_of("ProviderId");
                Guid::from_bytes(read_bytes(&self.0, AT))
            }

            /// Sets ProviderId and nothing else.
            pub fn set_provider_id(&mut self, value: Guid) {
                const AT: usize = offset_of("ProviderId");
                write_bytes(&mut self.0, AT, &value.to_bytes());
            }

            /// ProtocolChain, whose length may be nonsense.
            #[must_use]
            pub fn protocol_chain(&self) -> ProtocolChain {
                const AT: usize = offset_of("ProtocolChain.ChainLen");
                ProtocolChain::from_bytes(read_bytes(&self.0, AT))
            }

            /// Sets ProtocolChain and nothing else.
            pub fn set_protocol_chain(&mut self, value: &ProtocolChain) {
                const AT: usize = offset_of("ProtocolChain.ChainLen");
                write_bytes(&mut self.0, AT, &value.to_bytes());
            }

            /// szProtocol up to its NUL, or without its last unit where there is none. In the wide form an unpaired
            /// surrogate reads as U+FFFD; in the narrow form a byte is the character of that number (Latin-1).
            #[must_use]
            pub fn protocol_name(&self) -> String {
                $get_name(&self.0[NAME..])
            }

            /// Sets szProtocol; all room after the text becomes zero. In the narrow form a character above U+00FF
            /// becomes `?`.
            ///
            /// # Errors
            ///
            /// [`InfoError::NameTooLong`] and [`InfoError::NameHasNul`]; nothing is changed then.
            pub fn set_protocol_name(&mut self, name: &str) -> Result<(), InfoError> {
                $fits(name)?;
                self.0[NAME..].fill(0);
                $put_name(&mut self.0[NAME..], name);
                Ok(())
            }

            /// Reads the field of this name, ours or the header's.
            ///
            /// # Errors
            ///
            /// [`FieldError::Unknown`].
            pub fn get(&self, name: &str) -> Result<FieldValue, FieldError> {
                Field::named(name).map(|field| self.value(field))
            }

            /// Sets the field of this name, ours or the header's, and nothing else.
            ///
            /// A number may be given signed or unsigned, whatever the field is: -1 and 4294967295 are the same bits.
            ///
            /// # Errors
            ///
            /// See [`FieldError`]; nothing is changed then.
            pub fn set(&mut self, name: &str, value: &FieldValue) -> Result<(), FieldError> {
                let field = Field::named(name)?;
                let wrong =
                    |given: &str| FieldError::WrongKind { name: field.name.to_owned(), given: given.to_owned() };
                match (field.kind, value) {
                    (FieldKind::U32 | FieldKind::I32, FieldValue::Number(value)) => {
                        let bits = word_of(*value)
                            .ok_or_else(|| FieldError::OutOfRange { name: field.name.to_owned(), value: *value })?;
                        write_bytes(&mut self.0, field.offset, &bits.to_le_bytes());
                        Ok(())
                    }
                    (FieldKind::Guid, FieldValue::Guid(guid)) => {
                        write_bytes(&mut self.0, field.offset, &guid.to_bytes());
                        Ok(())
                    }
                    (FieldKind::Name, FieldValue::Text(text)) => self.set_protocol_name(text).map_err(FieldError::Name),
                    (_, FieldValue::Number(_)) => Err(wrong("number")),
                    (_, FieldValue::Guid(_)) => Err(wrong("GUID")),
                    (_, FieldValue::Text(_)) => Err(wrong("text")),
                }
            }

            /// The value of a field of the table.
            #[must_use]
            pub fn value(&self, field: &Field) -> FieldValue {
                match field.kind {
                    FieldKind::U32 => FieldValue::Number(read_word(&self.0, field.offset).into()),
                    FieldKind::I32 => FieldValue::Number((read_word(&self.0, field.offset) as i32).into()),
                    FieldKind::Guid => FieldValue::Guid(Guid::from_bytes(read_bytes(&self.0, field.offset))),
                    FieldKind::Name => FieldValue::Text(self.protocol_name()),
                }
            }

            /// All fields with a text for readers: flags and families by name, numbers in decimal.
            pub fn decoded(&self) -> impl Iterator<Item = (&'static Field, String)> {
                let family = self.address_family();
                FIELDS.iter().map(move |field| (field, decode(field, &self.value(field), family)))
            }

            /// The typed value; see [`ProtocolInfo`] for what is lost. Nothing is checked, every value has one.
            #[must_use]
            pub fn to_typed(&self) -> ProtocolInfo {
                ProtocolInfo {
                    service_flags1: self.service_flags1(),
                    service_flags2: self.service_flags2(),
                    service_flags3: self.service_flags3(),
                    service_flags4: self.service_flags4(),
                    provider_flags: self.provider_flags(),
                    provider_id: self.provider_id(),
                    catalog_entry_id: self.catalog_entry_id(),
                    protocol_chain: self.protocol_chain(),
                    version: self.version(),
                    address_family: self.address_family(),
                    max_sock_addr: self.max_sock_addr(),
                    min_sock_addr: self.min_sock_addr(),
                    socket_type: self.socket_type(),
                    protocol: self.protocol(),
                    protocol_max_offset: self.protocol_max_offset(),
                    network_byte_order: self.network_byte_order(),
                    security_scheme: self.security_scheme(),
                    message_size: self.message_size(),
                    provider_reserved: self.provider_reserved(),
                    protocol_name: self.protocol_name(),
                }
            }

            /// The bytes of a typed value.
            pub(super) fn from_typed(info: &ProtocolInfo) -> Result<Self, InfoError> {
                let mut raw = Self([0; $size]);
                raw.set_service_flags1(info.service_flags1);
                raw.set_service_flags2(info.service_flags2);
                raw.set_service_flags3(info.service_flags3);
                raw.set_service_flags4(info.service_flags4);
                raw.set_provider_flags(info.provider_flags);
                raw.set_provider_id(info.provider_id);
                raw.set_catalog_entry_id(info.catalog_entry_id);
                raw.set_protocol_chain(&info.protocol_chain);
                raw.set_version(info.version);
                raw.set_address_family(info.address_family);
                raw.set_max_sock_addr(info.max_sock_addr);
                raw.set_min_sock_addr(info.min_sock_addr);
                raw.set_socket_type(info.socket_type);
                raw.set_protocol(info.protocol);
                raw.set_protocol_max_offset(info.protocol_max_offset);
                raw.set_network_byte_order(info.network_byte_order);
                raw.set_security_scheme(info.security_scheme);
                raw.set_message_size(info.message_size);
                raw.set_provider_reserved(info.provider_reserved);
                raw.set_protocol_name(&info.protocol_name)?;
                Ok(raw)
            }
        }

        impl Default for $type {
            /// All bytes zero.
            fn default() -> Self {
                Self([0; $size])
            }
        }

        impl fmt::Debug for $type {
            /// The four fields that tell entries apart; Display shows all.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type))
                    .field("catalog_entry_id", &self.catalog_entry_id())
                    .field("chain_len", &self.protocol_chain().chain_len)
                    .field("provider_reserved", &self.provider_reserved())
                    .field("protocol_name", &self.protocol_name())
                    .finish_non_exhaustive()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for (field, text) in self.decoded() {
                    writeln!(f, "{} = {text}", field.name)?;
                }
                Ok(())
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                stored::serialize(&self.0, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = stored::deserialize(deserializer)?;
                Self::from_slice(&bytes).map_err(D::Error::custom)
            }
        }
    };
}

raw_form!(RawProtocolInfoW, SIZE_W, "WSAPROTOCOL_INFOW", text::get_wide, text::put_wide, super::typed::name_fits_w);
raw_form!(RawProtocolInfoA, SIZE_A, "WSAPROTOCOL_INFOA", text::get_narrow, text::put_narrow, super::typed::name_fits_a);

impl RawProtocolInfoW {
    /// Whether szProtocol has any text: as [`Self::protocol_name`] not being empty, without reading it.
    #[must_use]
    pub fn has_protocol_name(&self) -> bool {
        self.0[NAME..NAME + 2] != [0, 0]
    }

    /// The narrow form: all before the name byte for byte, the name with a `?` for each character above U+00FF.
    #[must_use]
    pub fn to_a(&self) -> RawProtocolInfoA {
        let mut narrow = RawProtocolInfoA::default();
        narrow.0[..NAME].copy_from_slice(&self.0[..NAME]);
        text::put_narrow(&mut narrow.0[NAME..], &self.protocol_name());
        narrow
    }
}

impl RawProtocolInfoA {
    /// The wide form: all before the name byte for byte, each byte of the name as the character of that number.
    #[must_use]
    pub fn to_w(&self) -> RawProtocolInfoW {
        let mut wide = RawProtocolInfoW::default();
        wide.0[..NAME].copy_from_slice(&self.0[..NAME]);
        text::put_wide(&mut wide.0[NAME..], &self.protocol_name());
        wide
    }
}

/// Where a field begins, by the header's name; unknown names do not compile, as this runs in constants only.
const fn offset_of(c_name: &str) -> usize {
    let mut index = 0;
    while index < FIELDS.len() {
        if same(FIELDS[index].c_name.as_bytes(), c_name.as_bytes()) {
            return FIELDS[index].offset;
        }
        index += 1;
    }
    panic!("no such field")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// `N` bytes from `at`; all callers take `at` from the table, whose fields lie inside both forms.
fn read_bytes<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut read = [0; N];
    read.copy_from_slice(&bytes[at..at + N]);
    read
}

fn read_word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(read_bytes(bytes, at))
}

fn write_bytes(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// The 32 bits of a number given signed or unsigned.
fn word_of(value: i64) -> Option<u32> {
    u32::try_from(value).or_else(|_| i32::try_from(value).map(|signed| signed as u32)).ok()
}

/// The text of a field; protocols have names in the two families of IP only.
fn decode(field: &Field, value: &FieldValue, family: i32) -> String {
    let number = match value {
        FieldValue::Number(number) => *number,
        FieldValue::Guid(guid) => return guid.to_string(),
        FieldValue::Text(text) => return format!("{text:?}"),
    };
    let prefix = match field.name {
        "service_flags1" => {
            return ServiceFlags1::from_bits_retain(number as u32).to_string();
        }
        "provider_flags" => {
            return ProviderFlags::from_bits_retain(number as u32).to_string();
        }
        "address_family" => "AF_",
        "socket_type" => "SOCK_",
        "protocol" if matches!(family, AF_INET | AF_INET6) => "IPPROTO_",
        _ => return number.to_string(),
    };
    constant_name(prefix, number).map_or_else(|| number.to_string(), |name| format!("{number} ({name})"))
}
