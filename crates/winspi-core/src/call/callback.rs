//! Calls from a provider back into the program, and how many functions a provider has.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::{Call, Index, Signature, WSPStartup};
use crate::id::CallbackId;
use crate::signature::{Function, Home};

/// A callback that a party asks for: which one of the program, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Callback {
    /// The program's name for it.
    pub id: CallbackId,
    /// The arguments.
    pub call: Arc<Call>,
}

impl Call {
    /// How many functions of [`Home::Provider`] are modelled: they come first in the table.
    pub(crate) const PROVIDER_FUNCTIONS: usize = Index::WSPIoctl as usize + 1;

    /// How many entries of a WSPPROC_TABLE are set where a provider sets so many of the modelled functions. What is not
    /// modelled is the owner's, and set.
    pub(crate) fn entries_set(modelled: usize) -> usize {
        let entries = Function::all().filter(|f| f.home() == Home::Provider && f.name().starts_with("WSP"));
        let set = |f: &Function| usize::from(f.0) < modelled || usize::from(f.0) >= Call::PROVIDER_FUNCTIONS;
        entries.filter(|f| *f != WSPStartup::FUNCTION).filter(set).count()
    }

    /// What clauses call it, if it is a callback that keeps a client of version 1.1 from further calls on its thread.
    /// From completion routines calls are accepted (`WSPRecv.einprogress-callback`).
    pub(crate) fn in_progress(&self) -> Option<&'static str> {
        match self {
            Call::ConditionFunc(_) => Some("einprogress-callback"),
            Call::BlockingCallback(_) => Some("einprogress-blocking-call"),
            _ => None,
        }
    }
}
