//! WSAPROTOCOL_INFOW and WSAPROTOCOL_INFOA: a catalog entry, and what a duplicated socket travels in.
//!
//! Page: `winsock2/ns-winsock2-wsaprotocol_infow`. Clauses: `WSAPROTOCOL_INFOW.*`. For the second use:
//! `ws2spi/nc-ws2spi-lpwspduplicatesocket`.
//!
//! Two forms: `raw` holds the bytes (628 or 372), whatever they say, with its fields readable and settable by name;
//! [`ProtocolInfo`] is the value with named fields. `field` is the table of fields that both use.

mod field;
mod raw;
mod stored;
mod typed;

pub use field::{FIELDS, Field, FieldError, FieldKind, FieldValue};
pub use raw::{RawProtocolInfoA, RawProtocolInfoW};
pub use typed::{InfoError, ProtocolInfo};

/// Bytes of WSAPROTOCOL_INFOW.
pub const SIZE_W: usize = 628;
/// Bytes of WSAPROTOCOL_INFOA.
pub const SIZE_A: usize = 372;
/// Where szProtocol begins; all before it is the same in both forms.
pub(crate) const NAME: usize = 116;
