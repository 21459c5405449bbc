//! The fields of a protocol info as a table: for `info with {provider_reserved=0}`, for views, for the raw forms.

use serde::{Deserialize, Serialize};

use super::{NAME, SIZE_A, SIZE_W};
use crate::guid::Guid;

/// One member of the structure. Members of the chain stand one by one, as `protocol_chain.chain_len`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive] // only the table below makes fields, so that all lie inside the structure
pub struct Field {
    /// Our name: the header's without the type prefix, in snake case.
    pub name: &'static str,
    /// The header's name.
    pub c_name: &'static str,
    /// Distance from the start in bytes; the same in WSAPROTOCOL_INFOW and WSAPROTOCOL_INFOA.
    pub offset: usize,
    /// Bytes in WSAPROTOCOL_INFOW.
    pub size_w: usize,
    /// Bytes in WSAPROTOCOL_INFOA; differs from `size_w` for the name only.
    pub size_a: usize,
    /// How the bytes are read.
    pub kind: FieldKind,
}

/// How the bytes of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FieldKind {
    /// DWORD, little endian.
    U32,
    /// int, little endian.
    I32,
    /// GUID in its C layout.
    Guid,
    /// `WCHAR[256]` or `CHAR[256]`, ended by a NUL.
    Name,
}

/// The value of a field, read or to be set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FieldValue {
    /// Of a field of kind U32 or I32.
    Number(i64),
    /// Of a field of kind Guid.
    Guid(Guid),
    /// Of a field of kind Name: at most 255 units without NUL.
    Text(String),
}

/// Why a field cannot be read or set.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
pub enum FieldError {
    /// No field has this name, neither ours nor the header's.
    #[error("a protocol info has no field `{name}`")]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The value is of another kind, such as a text for a number.
    #[error("field `{name}` is no {given}")]
    WrongKind {
        /// Our name of the field.
        name: String,
        /// What was given: number, GUID or text.
        given: String,
    },
    /// The number has more than 32 bits.
    #[error("{value} does not fit into the 32 bits of field `{name}`")]
    OutOfRange {
        /// Our name of the field.
        name: String,
        /// The number given.
        value: i64,
    },
    /// The text does not fit into the room, or has a NUL in it.
    #[error(transparent)]
    Name(super::InfoError),
}

impl Field {
    /// The field of this name, ours (`provider_reserved`) or the header's (`dwProviderReserved`).
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|f| f.name == name || f.c_name == name)
    }

    /// The same with an error that says the name.
    ///
    /// # Errors
    ///
    /// [`FieldError::Unknown`].
    pub fn named(name: &str) -> Result<&'static Self, FieldError> {
        Self::find(name).ok_or_else(|| FieldError::Unknown { name: name.to_owned() })
    }
}

const fn field(name: &'static str, c_name: &'static str, offset: usize, kind: FieldKind) -> Field {
    let (size_w, size_a) = match kind {
        FieldKind::U32 | FieldKind::I32 => (4, 4),
        FieldKind::Guid => (Guid::SIZE, Guid::SIZE),
        FieldKind::Name => (SIZE_W - NAME, SIZE_A - NAME),
    };
    Field { name, c_name, offset, size_w, size_a, kind }
}

/// All fields in the order of the structure, without gaps. Page: `winsock2/ns-winsock2-wsaprotocol_infow`.
#[rustfmt::skip]
pub const FIELDS: &[Field] = {
    use FieldKind::{I32, U32};
    &[
        field("service_flags1", "dwServiceFlags1", 0, U32),
        field("service_flags2", "dwServiceFlags2", 4, U32),
        field("service_flags3", "dwServiceFlags3", 8, U32),
        field("service_flags4", "dwServiceFlags4", 12, U32),
        field("provider_flags", "dwProviderFlags", 16, U32),
        field("provider_id", "ProviderId", 20, FieldKind::Guid),
        field("catalog_entry_id", "dwCatalogEntryId", 36, U32),
        field("protocol_chain.chain_len", "ProtocolChain.ChainLen", 40, I32),
        field("protocol_chain.chain_entries[0]", "ProtocolChain.ChainEntries[0]", 44, U32),
        field("protocol_chain.chain_entries[1]", "ProtocolChain.ChainEntries[1]", 48, U32),
        field("protocol_chain.chain_entries[2]", "ProtocolChain.ChainEntries[2]", 52, U32),
        field("protocol_chain.chain_entries[3]", "ProtocolChain.ChainEntries[3]", 56, U32),
        field("protocol_chain.chain_entries[4]", "ProtocolChain.ChainEntries[4]", 60, U32),
        field("protocol_chain.chain_entries[5]", "ProtocolChain.ChainEntries[5]", 64, U32),
        field("protocol_chain.chain_entries[6]", "ProtocolChain.ChainEntries[6]", 68, U32),
        field("version", "iVersion", 72, I32),
        field("address_family", "iAddressFamily", 76, I32),
        field("max_sock_addr", "iMaxSockAddr", 80, I32),
        field("min_sock_addr", "iMinSockAddr", 84, I32),
        field("socket_type", "iSocketType", 88, I32),
        field("protocol", "iProtocol", 92, I32),
        field("protocol_max_offset", "iProtocolMaxOffset", 96, I32),
        field("network_byte_order", "iNetworkByteOrder", 100, I32),
        field("security_scheme", "iSecurityScheme", 104, I32),
        field("message_size", "dwMessageSize", 108, U32),
        field("provider_reserved", "dwProviderReserved", 112, U32),
        field("protocol_name", "szProtocol", NAME, FieldKind::Name),
    ]
};
