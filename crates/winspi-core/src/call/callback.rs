//! Calls from a provider back into the program.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::id::CallbackId;

/// A callback that a party asks for: which one of the program, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Callback {
    /// The program's name for it.
    pub id: CallbackId,
    /// The arguments.
    pub call: Arc<Call>,
}
