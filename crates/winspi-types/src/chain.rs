//! WSAPROTOCOLCHAIN: whether an entry is a layer, a base protocol or a chain, and of which entries.
//!
//! Page: `winsock2/ns-winsock2-wsaprotocolchain`. Clauses: `WSAPROTOCOLCHAIN.*`.

use serde::{Deserialize, Serialize};

use crate::constants::{BASE_PROTOCOL, LAYERED_PROTOCOL, MAX_PROTOCOL_CHAIN};

/// The 32 bytes of WSAPROTOCOLCHAIN as two members. Every 32 bytes are one and come back unchanged, so the length
/// may be nonsense: [`ProtocolChain::kind`] says what it means, [`ProtocolChain::members`] never reaches too far.
///
/// The page calls ChainLen a length in bytes, but gives meanings to 0, 1 and more; it is a count.
///
/// The default is that of a layered protocol: all zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProtocolChain {
    /// ChainLen: 0 layered protocol, 1 base protocol, 2 to 7 entries of a chain. Anything else is nonsense.
    pub chain_len: i32,
    /// ChainEntries: catalog entry ids, top layer first, base protocol last. Only the first `chain_len` count.
    pub chain_entries: [u32; MAX_PROTOCOL_CHAIN],
}

/// What a chain length means. Clauses: `WSAPROTOCOLCHAIN.chainlen-zero-layered`, `.chainlen-one-base`,
/// `.chainlen-above-one-chain`, `.capacity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ChainKind {
    /// 0: a layered protocol, used only as a part of chains.
    Layered,
    /// 1: a base protocol.
    Base,
    /// 2 to 7: a protocol chain of so many entries.
    Chain(usize),
    /// Negative or above 7: no meaning.
    Invalid(i32),
}

/// Why a list of entries is no chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error, Serialize, Deserialize)]
pub enum ChainError {
    /// Fewer than two entries: that is no chain by ChainLen.
    #[error("a chain has at least 2 entries, not {0}")]
    TooShort(usize),
    /// More than seven entries, the room of ChainEntries.
    #[error("a chain has at most 7 entries, not {0}")]
    TooLong(usize),
}

impl ProtocolChain {
    /// Size of the C structure in bytes.
    pub const SIZE: usize = 32;

    /// The chain member of a layered protocol: length 0.
    #[must_use]
    pub const fn layered() -> Self {
        Self { chain_len: LAYERED_PROTOCOL, chain_entries: [0; MAX_PROTOCOL_CHAIN] }
    }

    /// The chain member of a base protocol: length 1, entries zero. The entry's own id is what counts
    /// (`WSAPROTOCOL_INFOW.chainlen-one`).
    #[must_use]
    pub const fn base() -> Self {
        Self { chain_len: BASE_PROTOCOL, chain_entries: [0; MAX_PROTOCOL_CHAIN] }
    }

    /// A chain of 2 to 7 catalog entry ids, top layer first; unused room is zero.
    ///
    /// # Errors
    ///
    /// [`ChainError`] when there are fewer or more.
    pub fn chain(entries: &[u32]) -> Result<Self, ChainError> {
        if entries.len() < 2 {
            return Err(ChainError::TooShort(entries.len()));
        }
        let mut chain = Self::default();
        let room = chain.chain_entries.get_mut(..entries.len()).ok_or(ChainError::TooLong(entries.len()))?;
        room.copy_from_slice(entries);
        chain.chain_len = entries.len() as i32;
        Ok(chain)
    }

    /// What the length says.
    #[must_use]
    pub fn kind(&self) -> ChainKind {
        match self.chain_len {
            LAYERED_PROTOCOL => ChainKind::Layered,
            BASE_PROTOCOL => ChainKind::Base,
            len => match usize::try_from(len) {
                Ok(count) if count <= MAX_PROTOCOL_CHAIN => ChainKind::Chain(count),
                _ => ChainKind::Invalid(len),
            },
        }
    }

    /// The entries that the length covers; none when the length is 0 or nonsense. For a base protocol this is one
    /// entry, which need not be set.
    #[must_use]
    pub fn members(&self) -> &[u32] {
        usize::try_from(self.chain_len).ok().and_then(|len| self.chain_entries.get(..len)).unwrap_or(&[])
    }

    /// The 32 bytes: length, then seven ids, all little endian.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (len, entries) = bytes.split_at_mut(4);
        len.copy_from_slice(&self.chain_len.to_le_bytes());
        for (place, entry) in entries.chunks_exact_mut(4).zip(self.chain_entries) {
            place.copy_from_slice(&entry.to_le_bytes());
        }
        bytes
    }

    /// Reads the 32 bytes; every 32 bytes are a chain.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        Self { chain_len: word(0) as i32, chain_entries: core::array::from_fn(|index| word(4 + 4 * index)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn length_decides_the_kind_and_the_members() {
        for (chain_len, kind, members) in [
            (0, ChainKind::Layered, 0),
            (1, ChainKind::Base, 1),
            (2, ChainKind::Chain(2), 2),
            (7, ChainKind::Chain(7), 7),
            (8, ChainKind::Invalid(8), 0),
            (-1, ChainKind::Invalid(-1), 0),
            (i32::MIN, ChainKind::Invalid(i32::MIN), 0),
            (i32::MAX, ChainKind::Invalid(i32::MAX), 0),
        ] {
            let chain = ProtocolChain { chain_len, chain_entries: [1, 2, 3, 4, 5, 6, 7] };
            assert_eq!(chain.kind(), kind);
            assert_eq!(chain.members().len(), members, "{chain_len}");
        }
    }

    #[test]
    fn chain_takes_two_to_seven_entries() {
        for (count, error) in [
            (0, Some(ChainError::TooShort(0))),
            (1, Some(ChainError::TooShort(1))),
            (2, None),
            (7, None),
            (8, Some(ChainError::TooLong(8))),
        ] {
            let entries: Vec<u32> = (1001..).take(count).collect();
            match ProtocolChain::chain(&entries) {
                Ok(chain) => {
                    assert_eq!(error, None);
                    assert_eq!(chain.members(), entries);
                }
                Err(e) => assert_eq!(Some(e), error),
            }
        }
    }

    #[test]
    fn bytes_of_a_chain() {
        let chain = ProtocolChain::chain(&[1002, 1001]).expect("two entries");
        let mut bytes = [0; 32];
        bytes[0] = 2;
        bytes[4..6].copy_from_slice(&[0xea, 0x03]);
        bytes[8..10].copy_from_slice(&[0xe9, 0x03]);
        assert_eq!(chain.to_bytes(), bytes);
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes: [u8; 32]) {
            let chain = ProtocolChain::from_bytes(bytes);
            prop_assert_eq!(chain.to_bytes(), bytes);
            prop_assert!(chain.members().len() <= MAX_PROTOCOL_CHAIN);
        }
    }
}
