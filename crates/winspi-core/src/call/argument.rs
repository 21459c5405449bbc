//! Arguments that only calls have: time-outs and cells.

use serde::{Deserialize, Serialize};

use crate::id::CellId;
use crate::signature::Kind;
use crate::value::{Argument, Value};

/// How long a wait lasts, in milliseconds; `None` is INFINITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timeout(pub Option<u32>);

impl Argument for Timeout {
    const KIND: Kind = Kind::Dword;
    fn absent() -> Self {
        Timeout(None)
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        u32::read(value).map(|ms| Timeout((ms != u32::MAX).then_some(ms)))
    }
    fn show(&self) -> Value {
        Value::Number(i64::from(self.0.unwrap_or(u32::MAX)))
    }
}

/// A cell that must be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CellArgument(pub CellId);

impl Argument for CellArgument {
    const KIND: Kind = Kind::Value;
    fn absent() -> Self {
        CellArgument(CellId(u32::MAX))
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Cell(c) => Ok(CellArgument(*c)),
            _ => Err("an object made by Buffer(...) or Overlapped(...)"),
        }
    }
    fn show(&self) -> Value {
        Value::Cell(self.0)
    }
}

impl Argument for CellId {
    const KIND: Kind = Kind::Value;
    fn absent() -> Self {
        CellId(u32::MAX)
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        CellArgument::read(value).map(|c| c.0)
    }
    fn show(&self) -> Value {
        Value::Cell(*self)
    }
}
