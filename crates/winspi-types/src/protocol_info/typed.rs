//! The typed form of a protocol info.

use serde::{Deserialize, Serialize};

use super::raw::{RawProtocolInfoA, RawProtocolInfoW};
use super::{SIZE_A, SIZE_W};
use crate::chain::ProtocolChain;
use crate::constants::WSAPROTOCOL_LEN;
use crate::flags::{ProviderFlags, ServiceFlags1};
use crate::guid::Guid;
use crate::text;

/// A catalog entry with named fields. Page: `winsock2/ns-winsock2-wsaprotocol_infow`.
///
/// Every 628 or 372 bytes have such a value, hostile ones too: numbers, flags and chain keep all their bits. From
/// bytes to value and back, only these are lost, all in the name: what follows its NUL; in the wide form unpaired
/// surrogates, which become U+FFFD; the last unit where no unit is a NUL. Who must not lose them keeps the raw form.
///
/// From value to bytes and back nothing is lost in the wide form; in the narrow form a character above U+00FF
/// becomes `?`. Windows would use its ANSI code page there, which this crate does not know; Latin-1 stands for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProtocolInfo {
    /// dwServiceFlags1: services that the protocol offers.
    pub service_flags1: ServiceFlags1,
    /// dwServiceFlags2: reserved.
    pub service_flags2: u32,
    /// dwServiceFlags3: reserved.
    pub service_flags3: u32,
    /// dwServiceFlags4: reserved.
    pub service_flags4: u32,
    /// dwProviderFlags: how the entry stands in the catalog.
    pub provider_flags: ProviderFlags,
    /// ProviderId: given to the provider by its vendor.
    pub provider_id: Guid,
    /// dwCatalogEntryId: given by Ws2_32 on installation, unique in a catalog.
    pub catalog_entry_id: u32,
    /// ProtocolChain: layer, base or chain; its length may be nonsense.
    pub protocol_chain: ProtocolChain,
    /// iVersion: version of the protocol.
    pub version: i32,
    /// iAddressFamily: AF_*, the first parameter of WSPSocket for this entry.
    pub address_family: i32,
    /// iMaxSockAddr: most bytes of an address.
    pub max_sock_addr: i32,
    /// iMinSockAddr: fewest bytes of an address.
    pub min_sock_addr: i32,
    /// iSocketType: SOCK_*, the second parameter of WSPSocket for this entry.
    pub socket_type: i32,
    /// iProtocol: the third parameter of WSPSocket for this entry.
    pub protocol: i32,
    /// iProtocolMaxOffset: protocols from `protocol` to `protocol` plus this belong to the entry.
    pub protocol_max_offset: i32,
    /// iNetworkByteOrder: BIGENDIAN (0) or LITTLEENDIAN (1).
    pub network_byte_order: i32,
    /// iSecurityScheme: SECURITY_PROTOCOL_NONE (0) without security.
    pub security_scheme: i32,
    /// dwMessageSize in bytes: 0 for streams, 1 if it depends on the MTU (ask SO_MAX_MSG_SIZE after bind),
    /// 0xFFFFFFFF without limit, else the largest message that can be sent.
    pub message_size: u32,
    /// dwProviderReserved: the provider's own; WSPDuplicateSocket puts its token here.
    pub provider_reserved: u32,
    /// szProtocol: a name for people; at most 255 units without the NUL, no NUL in it.
    pub protocol_name: String,
}

/// Why bytes are no protocol info, or a typed one has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
pub enum InfoError {
    /// Not exactly the bytes of the structure.
    #[error("a protocol info of this form has {needed} bytes, not {len}")]
    Length {
        /// Bytes given.
        len: usize,
        /// Bytes of the structure: 628 or 372.
        needed: usize,
    },
    /// More than 255 units: UTF-16 units in the wide form, characters in the narrow one.
    #[error("the protocol name has {units} units; there is room for 255 and the NUL")]
    NameTooLong {
        /// Units of the name.
        units: usize,
    },
    /// A NUL in the name would end it.
    #[error("the protocol name has a NUL in it")]
    NameHasNul,
}

impl ProtocolInfo {
    /// The 628 bytes of WSAPROTOCOL_INFOW; the name as UTF-16LE, the room after it zero.
    ///
    /// # Errors
    ///
    /// [`InfoError::NameTooLong`], [`InfoError::NameHasNul`]. No other field is checked.
    pub fn to_bytes_w(&self) -> Result<[u8; SIZE_W], InfoError> {
        RawProtocolInfoW::from_typed(self).map(|raw| raw.0)
    }

    /// The 372 bytes of WSAPROTOCOL_INFOA; the name in Latin-1, the room after it zero.
    ///
    /// # Errors
    ///
    /// [`InfoError::NameTooLong`], [`InfoError::NameHasNul`]. No other field is checked.
    pub fn to_bytes_a(&self) -> Result<[u8; SIZE_A], InfoError> {
        RawProtocolInfoA::from_typed(self).map(|raw| raw.0)
    }

    /// Reads WSAPROTOCOL_INFOW. Checks that there are 628 bytes and nothing else; what is lost is said above.
    ///
    /// # Errors
    ///
    /// [`InfoError::Length`].
    pub fn from_bytes_w(bytes: &[u8]) -> Result<Self, InfoError> {
        RawProtocolInfoW::from_slice(bytes).map(|raw| raw.to_typed())
    }

    /// Reads WSAPROTOCOL_INFOA. Checks that there are 372 bytes and nothing else; what is lost is said above.
    ///
    /// # Errors
    ///
    /// [`InfoError::Length`].
    pub fn from_bytes_a(bytes: &[u8]) -> Result<Self, InfoError> {
        RawProtocolInfoA::from_slice(bytes).map(|raw| raw.to_typed())
    }
}

impl From<&RawProtocolInfoW> for ProtocolInfo {
    fn from(raw: &RawProtocolInfoW) -> Self {
        raw.to_typed()
    }
}

impl From<&RawProtocolInfoA> for ProtocolInfo {
    fn from(raw: &RawProtocolInfoA) -> Self {
        raw.to_typed()
    }
}

impl TryFrom<&ProtocolInfo> for RawProtocolInfoW {
    type Error = InfoError;

    fn try_from(info: &ProtocolInfo) -> Result<Self, InfoError> {
        Self::from_typed(info)
    }
}

impl TryFrom<&ProtocolInfo> for RawProtocolInfoA {
    type Error = InfoError;

    fn try_from(info: &ProtocolInfo) -> Result<Self, InfoError> {
        Self::from_typed(info)
    }
}

/// Whether a name has room in `WCHAR[256]` with its NUL.
pub(super) fn name_fits_w(name: &str) -> Result<(), InfoError> {
    name_fits(name, text::units(name))
}

/// Whether a name has room in `CHAR[256]` with its NUL.
pub(super) fn name_fits_a(name: &str) -> Result<(), InfoError> {
    name_fits(name, name.chars().count())
}

fn name_fits(name: &str, units: usize) -> Result<(), InfoError> {
    if units > WSAPROTOCOL_LEN {
        return Err(InfoError::NameTooLong { units });
    }
    if name.contains('\0') {
        return Err(InfoError::NameHasNul);
    }
    Ok(())
}
