//! Why a call gave nothing.

use std::sync::Arc;

use winspi_core::Clause;
use winspi_core::outcome::{Basis, Refusal};
use winspi_core::signature::Function;
use winspi_types::ErrorCode;

use crate::Waiting;
use crate::foreign::Stop;

/// Why a call of [`Winsock`](crate::Winsock) gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It was refused; [`CallError::code`] and [`CallError::basis`] say with what and why.
    #[error("{function}: {}", told(refusal))]
    Refused {
        /// What was called.
        function: Function,
        /// The answer.
        refusal: Refusal,
    },
    /// It has not come back: the call goes on and waits. See [`Machine`](crate::Machine), "Calls that wait".
    #[error("blocked: {0}")]
    Blocked(Arc<Waiting>),
    /// The process has ended. A party in [`live`](crate::live) has to return.
    #[error("the process has ended")]
    Ended,
    /// An argument is not what it should be; nothing was called.
    #[error("{found:?} is not {expected}")]
    Argument {
        /// What was wanted.
        expected: &'static str,
        /// What there is.
        found: String,
    },
    /// The call that is asked for is not the last one of its thread any more: what it gave is gone.
    #[error("a later call of the same thread has taken the place of this one")]
    Overtaken,
    /// So many transitions were taken, and the machine has not come to rest.
    #[error("the machine does not come to rest within {0} transitions")]
    Restless(usize),
    /// A mistake of winspi.
    #[error("internal: {0}")]
    Internal(String),
}

impl CallError {
    /// The code that the program sees, if the call failed with one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            CallError::Refused { refusal: Refusal::Code { code, .. }, .. } => Some(*code),
            _ => None,
        }
    }

    /// The clause or decision that a code rests on.
    pub fn basis(&self) -> Option<Basis> {
        match self {
            CallError::Refused { refusal: Refusal::Code { basis, .. }, .. } => Some(*basis),
            _ => None,
        }
    }

    /// The clause that a code rests on, if it is no decision.
    pub fn clause(&self) -> Option<Clause> {
        match self.basis() {
            Some(Basis::Clause(clause)) => Some(clause),
            _ => None,
        }
    }

    /// What the call waits for, if it has not come back.
    pub fn waiting(&self) -> Option<&Waiting> {
        match self {
            CallError::Blocked(waiting) => Some(waiting),
            _ => None,
        }
    }

    pub(crate) fn stopped(function: Function, stop: Stop) -> CallError {
        match stop {
            Stop::Refused(refusal) => CallError::Refused { function, refusal },
            Stop::Ended => CallError::Ended,
        }
    }
}

fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Code { code, basis, .. } => format!("{code} ({basis})"),
        Refusal::NotModelled(gap) => format!("not modelled: {gap}"),
    }
}
