//! WSPDATA: what a provider says of itself on WSPStartup.
//!
//! Page: `ws2spi/ns-ws2spi-wspdata`. Clauses: `WSPDATA.*`.

use serde::{Deserialize, Serialize};

use crate::constants::WSPDESCRIPTION_LEN;
use crate::text;
use crate::version::Version;

/// WSPDATA: 516 bytes, two WORDs and `WCHAR[256]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StartupData {
    /// wVersion: the version that the provider expects its caller to use.
    pub version: Version,
    /// wHighVersion: the highest version that the provider supports; usually the same.
    pub high_version: Version,
    /// szDescription: text about the provider, at most 255 UTF-16 units, no NUL in it. By the page it has no control
    /// or formatting characters, which is a duty of the provider and not checked here.
    pub description: String,
}

/// Why a [`StartupData`] has no bytes, or bytes are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
pub enum StartupDataError {
    /// Not exactly 516 bytes.
    #[error("WSPDATA has 516 bytes, not {len}")]
    Length {
        /// Bytes given.
        len: usize,
    },
    /// More than 255 UTF-16 units of text.
    #[error("the description has {units} UTF-16 units; there is room for 255 and the NUL")]
    DescriptionTooLong {
        /// Units of the description.
        units: usize,
    },
    /// A NUL in the text would end it.
    #[error("the description has a NUL in it")]
    DescriptionHasNul,
}

impl StartupData {
    /// Size of the C structure in bytes.
    pub const SIZE: usize = 516;

    /// The 516 bytes: both versions as WORDs with the major number in the low byte, then UTF-16LE, NUL, zeros.
    ///
    /// The page allows 256 characters without saying whether the NUL counts; the header has room for 255 and it.
    ///
    /// # Errors
    ///
    /// When the description does not fit or has a NUL in it.
    pub fn to_bytes(&self) -> Result<[u8; Self::SIZE], StartupDataError> {
        let units = text::units(&self.description);
        if units > WSPDESCRIPTION_LEN {
            return Err(StartupDataError::DescriptionTooLong { units });
        }
        if self.description.contains('\0') {
            return Err(StartupDataError::DescriptionHasNul);
        }
        let mut bytes = [0; Self::SIZE];
        bytes[0..2].copy_from_slice(&self.version.to_word().to_le_bytes());
        bytes[2..4].copy_from_slice(&self.high_version.to_word().to_le_bytes());
        text::put_wide(&mut bytes[4..], &self.description);
        Ok(bytes)
    }

    /// Reads 516 bytes; only their number is checked.
    ///
    /// Lost: what follows the NUL; unpaired surrogates, which become U+FFFD; the last unit where there is no NUL.
    ///
    /// # Errors
    ///
    /// [`StartupDataError::Length`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StartupDataError> {
        let bytes: &[u8; Self::SIZE] = bytes.try_into().map_err(|_| StartupDataError::Length { len: bytes.len() })?;
        Ok(Self {
            version: Version::from_word(u16::from_le_bytes([bytes[0], bytes[1]])),
            high_version: Version::from_word(u16::from_le_bytes([bytes[2], bytes[3]])),
            description: text::get_wide(&bytes[4..]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn data(description: &str) -> StartupData {
        StartupData { version: Version::V2_2, high_version: Version::new(2, 3), description: description.to_owned() }
    }

    #[test]
    fn bytes_of_a_description() {
        let bytes = data("Aé").to_bytes().expect("fits");
        assert_eq!(&bytes[..10], b"\x02\x02\x02\x03A\0\xe9\0\0\0");
        assert!(bytes[10..].iter().all(|byte| *byte == 0));
        assert_eq!(StartupData::from_bytes(&bytes), Ok(data("Aé")));
    }

    #[test]
    fn description_length_is_counted_in_units() {
        for (text, error) in [
            ("x".repeat(255), None),
            ("x".repeat(256), Some(StartupDataError::DescriptionTooLong { units: 256 })),
            ("😀".repeat(127), None),
            ("😀".repeat(128), Some(StartupDataError::DescriptionTooLong { units: 256 })),
            ("a\0b".to_owned(), Some(StartupDataError::DescriptionHasNul)),
        ] {
            assert_eq!(data(&text).to_bytes().err(), error);
        }
    }

    #[test]
    fn from_bytes_refuses_other_lengths() {
        for len in [0, 515, 517] {
            assert_eq!(StartupData::from_bytes(&vec![0; len]), Err(StartupDataError::Length { len }));
        }
    }

    #[test]
    fn without_a_nul_the_last_unit_is_dropped() {
        let mut bytes = [b'x'; 516];
        bytes[4..].iter_mut().skip(1).step_by(2).for_each(|b| *b = 0);
        let read = StartupData::from_bytes(&bytes).expect("516 bytes");
        assert_eq!(read.description, "x".repeat(255));
    }

    proptest! {
        #[test]
        fn any_bytes_read_and_then_round_trip(bytes in proptest::collection::vec(any::<u8>(), 516)) {
            let first = StartupData::from_bytes(&bytes).expect("516 bytes");
            let again = first.to_bytes().expect("what was read fits");
            prop_assert_eq!(StartupData::from_bytes(&again), Ok(first));
            prop_assert_eq!(&again[..4], &bytes[..4]);
        }

        #[test]
        fn values_that_fit_round_trip(major: u8, minor: u8, high: u16, text in "[^\0]{0,127}") {
            let value = StartupData {
                version: Version::new(major, minor),
                high_version: Version::from_word(high),
                description: text,
            };
            let bytes = value.to_bytes().expect("fits");
            prop_assert_eq!(StartupData::from_bytes(&bytes), Ok(value));
        }
    }
}
