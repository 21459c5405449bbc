//! The vocabulary of ws2spi.h and winsock2.h as data.
//!
//! Which part of Windows this is: the numbers, flag words and structures that pass between a program, Ws2_32 and a
//! transport service provider. Nothing here acts. This crate knows no world, no policy, no platform: it builds for
//! any target, has no unsafe code, and panics on no input.
//!
//! # Two forms of a structure
//!
//! Where a structure is sent as bytes there are two forms. The raw form ([`RawProtocolInfoW`]) is the bytes: it may
//! hold nonsense, loses nothing and can still be printed. The typed value ([`ProtocolInfo`], [`StartupData`],
//! [`SocketAddress`]) has named fields. There is one crossing point each way, and its documentation states what it
//! checks and what it loses. All layouts are those of the 64-bit and 32-bit Windows headers, which agree here;
//! numbers are little endian unless a page says network order. The tests compare them with `windows-sys`.
//!
//! serde is for stored forms of our own (scenario, trace, snapshot) and has nothing to do with these layouts.
//!
//! # Names
//!
//! Constants, errors and flags keep the name of the header (`AF_INET`, `WSAENOTSOCK`, `XP1_IFS_HANDLES`). Fields are
//! the header's without the type prefix, in snake case: `dwCatalogEntryId` is `catalog_entry_id`.
//!
//! # Pages to read first
//!
//! In MicrosoftDocs/sdk-api: `winsock2/ns-winsock2-wsaprotocol_infow`, `winsock2/ns-winsock2-wsaprotocolchain`,
//! `ws2spi/ns-ws2spi-wspdata`. In MicrosoftDocs/win32: `WinSock/windows-sockets-error-codes-2`,
//! `WinSock/sockaddr-2`, `WinSock/winsock-ioctls`.
//!
//! # Not here
//!
//! Name service providers (LUP_*, NSP_*), getaddrinfo (AI_*, NI_*), registered I/O, Bluetooth and ATM addresses, and
//! constants whose value depends on the version of the header (AF_MAX).

pub mod address;
pub mod chain;
pub mod constants;
pub mod error;
pub mod flags;
pub mod guid;
pub mod protocol_info;
pub mod startup_data;
mod text;
pub mod version;

pub use address::{AddressError, AddressTextError, SocketAddress};
pub use chain::{ChainError, ChainKind, ProtocolChain};
pub use constants::{Constant, constant, constant_name, constant_names};
pub use error::ErrorCode;
pub use flags::{FlagsTextError, MessageFlags, NetworkEvents, ProviderFlags, ServiceFlags1, Shutdown, SocketFlags};
pub use guid::{Guid, GuidTextError};
pub use protocol_info::{
    FIELDS, Field, FieldError, FieldKind, FieldValue, InfoError, ProtocolInfo, RawProtocolInfoA, RawProtocolInfoW,
};
pub use startup_data::{StartupData, StartupDataError};
pub use version::{Version, VersionTextError};
