//! Versions of Windows Sockets and of its service provider interface.
//!
//! Pages: `ws2spi/nf-ws2spi-wspstartup`, `winsock2/nf-winsock2-wsastartup`.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A version of the interface, major number first in the ordering.
///
/// In C it is a WORD: the low byte is the major number, the high byte the minor number, so that 2.2 is 0x0202 and
/// 1.1 is 0x0101, but 2.0 is 0x0002 and 1.2 is 0x0201. Comparing the words would therefore compare minor numbers
/// first; comparing values of this type does not.
///
/// Page: `ws2spi/nf-ws2spi-wspstartup` (wVersionRequested).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Major number, the low byte of the WORD.
    pub major: u8,
    /// Minor number, the high byte of the WORD.
    pub minor: u8,
}

impl Version {
    /// Windows Sockets 1.0.
    pub const V1_0: Self = Self::new(1, 0);
    /// Windows Sockets 1.1.
    pub const V1_1: Self = Self::new(1, 1);
    /// Windows Sockets 2.0.
    pub const V2_0: Self = Self::new(2, 0);
    /// Windows Sockets 2.1.
    pub const V2_1: Self = Self::new(2, 1);
    /// Windows Sockets 2.2, the version of the current service provider interface.
    pub const V2_2: Self = Self::new(2, 2);

    /// The version `major.minor`; every pair of bytes is one.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// Reads a WORD: low byte major, high byte minor. Every word is a version.
    #[must_use]
    pub const fn from_word(word: u16) -> Self {
        let [major, minor] = word.to_le_bytes();
        Self { major, minor }
    }

    /// The WORD: low byte major, high byte minor.
    #[must_use]
    pub const fn to_word(self) -> u16 {
        u16::from_le_bytes([self.major, self.minor])
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
#[error("`{text}` is no version: expected two numbers up to 255, as in 2.2")]
pub struct VersionTextError {
    /// The text that was given.
    pub text: String,
}

impl FromStr for Version {
    type Err = VersionTextError;

    /// Reads two decimal numbers from 0 to 255 with a point between them: `2.2`.
    fn from_str(text: &str) -> Result<Self, VersionTextError> {
        let number = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if digits { part.parse::<u8>().ok() } else { None }
        };
        text.split_once('.')
            .and_then(|(major, minor)| Some(Self::new(number(major)?, number(minor)?)))
            .ok_or_else(|| VersionTextError { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_has_major_in_the_low_byte() {
        for (word, major, minor) in [(0x0202, 2, 2), (0x0101, 1, 1), (0x0002, 2, 0), (0x0201, 1, 2), (0xff00, 0, 255)] {
            let version = Version::new(major, minor);
            assert_eq!(Version::from_word(word), version);
            assert_eq!(version.to_word(), word);
        }
    }

    #[test]
    fn every_word_survives() {
        for word in 0..=u16::MAX {
            assert_eq!(Version::from_word(word).to_word(), word);
        }
    }

    #[test]
    fn order_is_by_major_then_minor() {
        let ordered = [
            Version::V1_0,
            Version::V1_1,
            Version::new(1, 255),
            Version::V2_0,
            Version::V2_1,
            Version::V2_2,
            Version::new(3, 0),
        ];
        assert!(ordered.is_sorted());
        assert!(Version::new(1, 2).to_word() > Version::V2_0.to_word(), "words do not order");
    }

    #[test]
    fn text_round_trips_and_refuses() {
        assert_eq!(Version::V2_2.to_string(), "2.2");
        assert_eq!("2.2".parse(), Ok(Version::V2_2));
        for bad in ["", "2", "2.", ".2", "2.256", "+2.2", "2.2.2", "2,2", " 2.2"] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }
}
