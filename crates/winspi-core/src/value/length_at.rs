//! Lengths that a pointer leads to: read by the callee, and written.

use serde::{Deserialize, Serialize};

use super::{Argument, Value};
use crate::signature::Kind;

/// A length in memory of the caller, such as `*addrlen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum LengthAt {
    /// The length that fits.
    #[default]
    Fits,
    /// This one.
    Is(i32),
    /// No place is given.
    Null,
    /// Memory that may not be touched.
    Bad,
}

impl LengthAt {
    /// Whether something of this size has room; where the memory may not be touched nothing has.
    pub fn has_room(self, size: i64) -> bool {
        match self {
            LengthAt::Fits | LengthAt::Null => true,
            LengthAt::Is(n) => i64::from(n) >= size,
            LengthAt::Bad => false,
        }
    }
}

impl Argument for LengthAt {
    const KIND: Kind = Kind::Length;
    const POSITIONAL: bool = false;
    fn absent() -> Self {
        LengthAt::Fits
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Room(0) => Ok(LengthAt::Fits),
            Value::Null => Ok(LengthAt::Null),
            Value::Bad => Ok(LengthAt::Bad),
            other => i32::read(other).map(LengthAt::Is).map_err(|_| "a length, NULL or bad"),
        }
    }
    fn show(&self) -> Value {
        match self {
            LengthAt::Fits => Value::Room(0),
            LengthAt::Is(n) => Value::Number(i64::from(*n)),
            LengthAt::Null => Value::Null,
            LengthAt::Bad => Value::Bad,
        }
    }
}
