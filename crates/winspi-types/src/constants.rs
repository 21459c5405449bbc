//! Constants of ws2spi.h, winsock2.h and their kin, each with its name, number and a short text.
//!
//! One declaration gives the `pub const` for Rust code and the row of the table for the scenario language. All names
//! of the files below stand here side by side, as in the header. Error codes are not here but in
//! [`crate::ErrorCode`]; the two sets of names do not overlap.
//!
//! Numbers in the table are i64. A DWORD stays positive (INFINITE is 4294967295, also STATUS_*, whose C type is a
//! signed long); an int keeps its sign (SO_DONTLINGER is -129); INVALID_SOCKET and INVALID_HANDLE_VALUE, all ones in
//! 64 bits, are -1.
//!
//! Pages: each constant says its own.

mod ioctl;
mod option;
mod socket;
mod spi;
mod status;
mod win32;

pub use ioctl::*;
pub use option::*;
pub use socket::*;
pub use spi::*;
pub use status::*;
pub use win32::*;

use serde::Serialize;

/// A named number of the headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Constant {
    /// The name of the header.
    pub name: &'static str,
    /// The number; see the module for how C types become i64.
    pub value: i64,
    /// What it means, in a few words of our own without a full stop.
    pub text: &'static str,
    /// The page that explains it, in MicrosoftDocs/sdk-api or MicrosoftDocs/win32.
    pub page: &'static str,
}

const TABLES: [&[Constant]; 6] = [SOCKET_TABLE, OPTION_TABLE, IOCTL_TABLE, SPI_TABLE, WIN32_TABLE, STATUS_TABLE];

/// The number of a constant by its exact name.
#[must_use]
pub fn constant(name: &str) -> Option<i64> {
    constants().find(|row| row.name == name).map(|row| row.value)
}

/// The names of all constants, for suggestions; grouped by subject.
pub fn constant_names() -> impl Iterator<Item = &'static str> {
    constants().map(|row| row.name)
}

/// All constants with their texts, grouped by subject.
pub fn constants() -> impl Iterator<Item = &'static Constant> {
    TABLES.into_iter().flatten()
}

/// The first constant whose name begins with `prefix` (`AF_`) and whose number is `value`.
#[must_use]
pub fn constant_name(prefix: &str, value: i64) -> Option<&'static str> {
    constants().find(|row| row.value == value && row.name.starts_with(prefix)).map(|row| row.name)
}

/// One declaration gives the constant and its row.
macro_rules! table {
    ($table:ident, $($page:literal $type:ty { $($name:ident = $value:expr, $text:literal;)* })*) => {
        $($(
            #[doc = concat!($text, ".")]
            #[doc = ""]
            #[doc = concat!("Page: `", $page, "`.")]
            pub const $name: $type = $value;
        )*)*

        pub(super) const $table: &[super::Constant] = &[$($(
            super::Constant {
                name: stringify!($name),
                value: $name as i64,
                text: $text,
                page: $page,
            },
        )*)*];
    };
}
use table;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_none_is_an_error_code() {
        let mut seen = BTreeSet::new();
        for row in constants() {
            assert!(seen.insert(row.name), "{} twice", row.name);
            assert_eq!(constant(row.name), Some(row.value));
            assert_eq!(ErrorCode::from_name(row.name), None, "{}", row.name);
            assert!(!row.text.is_empty() && !row.text.ends_with('.'));
        }
        assert_eq!(constant_names().count(), seen.len());
    }

    #[test]
    fn numbers_of_the_language() {
        for (name, value) in [
            ("AF_INET", Some(2)),
            ("INVALID_SOCKET", Some(-1)),
            ("FROM_PROTOCOL_INFO", Some(-1)),
            ("SOCKET_ERROR", Some(-1)),
            ("INFINITE", Some(0xffff_ffff)),
            ("SO_DONTLINGER", Some(-129)),
            ("STATUS_CANCELLED", Some(0xc000_0120)),
            ("FIONBIO", Some(0x8004_667e)),
            ("WSAENOTSOCK", None),
            ("af_inet", None),
            ("", None),
        ] {
            assert_eq!(constant(name), value, "{name}");
        }
    }

    #[test]
    fn number_leads_to_the_name_with_the_prefix() {
        for (prefix, value, name) in [
            ("AF_", 23, Some("AF_INET6")),
            ("AF_", 6, Some("AF_IPX")),
            ("SOCK_", 1, Some("SOCK_STREAM")),
            ("FD_", 32, Some("FD_CLOSE")),
            ("AF_", 99, None),
        ] {
            assert_eq!(constant_name(prefix, value), name);
        }
    }
}
