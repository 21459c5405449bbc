//! From untyped arguments to the parameters they belong to, and the kinds of arguments that only calls have.

use serde::{Deserialize, Serialize};
use winspi_types::SocketAddress;

use crate::id::CellId;
use crate::signature::{Function, Kind};
use crate::value::{Argument, Value};

/// Why arguments do not make a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadArgument {
    /// An argument by position that the function does not have.
    #[error("{function} takes {takes} arguments by position, this is number {position}")]
    TooMany {
        /// The function.
        function: Function,
        /// How many it takes.
        takes: usize,
        /// Which one this is, from 1.
        position: usize,
    },
    /// A name that is no parameter.
    #[error("{function} has no parameter `{name}`; it has {has}")]
    Unknown {
        /// The function.
        function: Function,
        /// The name given.
        name: String,
        /// The names that exist.
        has: String,
    },
    /// A parameter given twice.
    #[error("`{name}` of {function} is given twice")]
    Twice {
        /// The function.
        function: Function,
        /// The parameter.
        name: &'static str,
    },
    /// A value of the wrong kind.
    #[error("`{name}` of {function} takes {expected}, this is {found}")]
    Kind {
        /// The function.
        function: Function,
        /// The parameter.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What was given.
        found: &'static str,
    },
}

/// Arguments put to the parameters they belong to; `None` where the call leaves one out.
pub(super) type Slots = Vec<Option<Value>>;

impl Function {
    /// Puts arguments by position and by name to the parameters of this function.
    pub(super) fn slots(self, arguments: Vec<(Option<String>, Value)>) -> Result<Slots, BadArgument> {
        let parameters = self.declaration().parameters;
        let mut slots: Slots = vec![None; parameters.len()];
        let positional = || (0..parameters.len()).filter(|&i| parameters[i].positional);
        for (position, (name, value)) in arguments.into_iter().enumerate() {
            let index = match name {
                None => positional().nth(position).ok_or_else(|| BadArgument::TooMany {
                    function: self,
                    takes: positional().count(),
                    position: position + 1,
                })?,
                Some(name) => {
                    let found = parameters.iter().position(|p| p.name == name || p.page_name == name);
                    found.ok_or_else(|| BadArgument::Unknown {
                        function: self,
                        name,
                        has: parameters.iter().map(|p| p.name).collect::<Vec<_>>().join(", "),
                    })?
                }
            };
            if slots[index].replace(value).is_some() {
                return Err(BadArgument::Twice { function: self, name: parameters[index].name });
            }
        }
        Ok(slots)
    }
}

/// Takes the next parameter from its slot.
pub(super) fn take<T: Argument>(
    function: Function,
    name: &'static str,
    slot: Option<Option<Value>>,
) -> Result<T, BadArgument> {
    match slot.flatten() {
        None => Ok(T::absent()),
        Some(value) => {
            T::read(&value).map_err(|expected| BadArgument::Kind { function, name, expected, found: value.kind() })
        }
    }
}

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

/// An IPv4 address: `in_addr`, its bytes in network order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InAddr(pub [u8; 4]);

impl Argument for InAddr {
    const KIND: Kind = Kind::Value;
    fn absent() -> Self {
        InAddr([0; 4])
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        let number = || value.as_number().and_then(|n| u32::try_from(n).ok()).map(u32::to_le_bytes);
        let bytes = match value {
            Value::Address(SocketAddress::V4 { address, .. }) => Some(*address),
            _ => number(),
        };
        bytes.map(InAddr).ok_or("an IPv4 address, or its number in network byte order")
    }
    fn show(&self) -> Value {
        Value::Number(i64::from(u32::from_le_bytes(self.0)))
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
