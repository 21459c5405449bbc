//! What a state is known by: itself, or what it is up to an exchange of processes and handles.
//!
//! Only the key is that of a whole class of states; what is kept, expanded and led to is the state of the class that was
//! met first. So every way is one of real states, and can be taken again.

use winspi_core::System;
use winspi_core::canon::{Asymmetry, Fingerprint, Scratch, Symmetry};
use winspi_script::Lines;

/// How states are told apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Key {
    symmetry: Option<Symmetry>,
}

impl Key {
    /// States that differ by an exchange count as one.
    pub(crate) fn up_to(symmetry: Option<Symmetry>) -> Key {
        Key { symmetry }
    }

    /// What a state is known by.
    pub(crate) fn of(&self, system: &System<Lines>, scratch: &mut Scratch) -> Result<Fingerprint, Asymmetry> {
        match &self.symmetry {
            None => Ok(system.fingerprint_in(scratch)),
            Some(symmetry) => system.fingerprint_up_to(symmetry, scratch),
        }
    }
}
