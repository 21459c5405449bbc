//! Sets of small numbers.

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    /// Adds all of another; whether one was new.
    pub(super) fn add(&mut self, other: &Bits) -> bool {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut grew = false;
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            grew |= *theirs & !*mine != 0;
            *mine |= *theirs;
        }
        grew
    }

    /// Whether some number is in both.
    pub(super) fn meets(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_grows_and_meets_others() {
        let of = |numbers: &[u32]| {
            let mut bits = Bits::default();
            numbers.iter().for_each(|n| bits.insert(*n));
            bits
        };
        let mut all = of(&[1, 130]);
        assert!(all.meets(&of(&[130])) && !all.meets(&of(&[0, 64, 129])) && !all.meets(&Bits::default()));
        assert!(all.add(&of(&[200])) && !all.add(&of(&[1, 200])) && !all.add(&Bits::default()));
        assert_eq!(all, of(&[1, 130, 200]));
    }
}
