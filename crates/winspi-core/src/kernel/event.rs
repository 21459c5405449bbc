//! Event objects.

use serde::{Deserialize, Serialize};

/// An event object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EventObject {
    /// Whether it stays signalled until it is reset.
    pub manual_reset: bool,
    /// Whether it is signalled.
    pub signaled: bool,
    /// How many handles lead to it.
    pub handles: u32,
}
