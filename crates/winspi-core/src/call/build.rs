//! From untyped arguments to the parameters of a function.

use crate::signature::Function;
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
        let positional: Vec<usize> = (0..parameters.len()).filter(|&i| parameters[i].positional).collect();
        for (position, (name, value)) in arguments.into_iter().enumerate() {
            let index = match name {
                None => *positional.get(position).ok_or(BadArgument::TooMany {
                    function: self,
                    takes: positional.len(),
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
