//! Places of results that are written later than the call, or whose size matters: memory with a name or a length.

use serde::{Deserialize, Serialize};

use super::{Argument, Place, Value};
use crate::id::CellId;
use crate::signature::Kind;

/// Where a result is written to, perhaps only at completion.
///
/// What is given as a cell can be read afterwards; without one the result is seen in the outcome of the call alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum Target {
    /// Memory of the caller with enough room.
    #[default]
    Room,
    /// No place is given.
    Null,
    /// Memory that may not be touched.
    Bad,
    /// A cell of the process's memory.
    Cell(CellId),
}

impl Target {
    /// The cell, if it is one.
    pub fn cell(self) -> Option<CellId> {
        match self {
            Target::Cell(cell) => Some(cell),
            _ => None,
        }
    }
}

impl Argument for Target {
    const KIND: Kind = Kind::Place;
    const POSITIONAL: bool = false;
    fn absent() -> Self {
        Target::Room
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Cell(cell) => Ok(Target::Cell(*cell)),
            other => Place::read(other).map(|place| match place {
                Place::Room => Target::Room,
                Place::Null => Target::Null,
                Place::Bad => Target::Bad,
            }),
        }
    }
    fn show(&self) -> Value {
        match self {
            Target::Room => Value::Room(0),
            Target::Null => Value::Null,
            Target::Bad => Value::Bad,
            Target::Cell(cell) => Value::Cell(*cell),
        }
    }
}

/// Where a result goes whose length the caller cannot know: a buffer that may be too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Space {
    /// No place is given.
    Null,
    /// Memory that may not be touched.
    Bad,
    /// Memory of the caller with so many bytes.
    Room(u32),
    /// A cell of the process's memory.
    Cell(CellId),
}

impl Default for Space {
    /// Enough of it.
    fn default() -> Space {
        Space::Room(u32::MAX)
    }
}

impl Argument for Space {
    const KIND: Kind = Kind::Place;
    const POSITIONAL: bool = false;
    fn absent() -> Self {
        Space::default()
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Null | Value::Number(0) => Ok(Space::Null),
            Value::Bad => Ok(Space::Bad),
            Value::Room(n) => Ok(Space::Room(*n)),
            Value::Cell(cell) => Ok(Space::Cell(*cell)),
            _ => Err("NULL, bad or a buffer"),
        }
    }
    fn show(&self) -> Value {
        match self {
            Space::Null => Value::Null,
            Space::Bad => Value::Bad,
            Space::Room(n) => Value::Room(*n),
            Space::Cell(cell) => Value::Cell(*cell),
        }
    }
}
