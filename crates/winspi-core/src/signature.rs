//! The signature table: one declaration per function.
//!
//! A function that is modelled is declared in [`crate::call`], with a typed structure for its arguments; all others are
//! declared here as data, so that a scenario can name them and gets "not modelled" instead of a wrong result.
//! Names of parameters are those of the page in snake case without the type prefix; the page's own spelling is accepted
//! as well.

use std::fmt;

use serde::{Deserialize, Serialize};

mod bsd;
mod win32;
mod wpu;
mod wsa;
mod wsc;
mod wsp;

/// A function of the table, by its place in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Function(pub(crate) u16);

/// What the table says about one function.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The name, as in the header.
    pub name: &'static str,
    /// The page that describes it, as the catalogue of clauses names pages.
    pub page: &'static str,
    /// What it does, in Markdown; empty where nobody models it.
    pub summary: &'static str,
    /// Who answers it.
    pub home: Home,
    /// The parameters in the order of the page.
    pub parameters: &'static [Parameter],
    /// What the primary part of its result is, in words; empty where nobody models it.
    pub gives: &'static str,
    /// How much of it is modelled.
    pub support: Support,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Snake case, without the type prefix.
    pub name: &'static str,
    /// The page's spelling.
    pub page_name: &'static str,
    /// What the parameter takes.
    pub kind: Kind,
    /// Whether it has a position in a scenario's call; otherwise it is given by name only.
    pub positional: bool,
}

/// Who answers a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// A service provider: the WSP* functions.
    Provider,
    /// Ws2_32 as providers see it: the WPU* functions.
    Upcall,
    /// Ws2_32 as programs see it: WSA* and BSD names, WSC*.
    Ws2_32,
    /// The system: Win32, memory, the bus.
    Kernel,
    /// The program: a function that is called back.
    Program,
}

/// How much of a function is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// All of the page that the core knows of.
    Full,
    /// A part; the text says which.
    Partial(&'static str),
    /// Nothing; the call answers "not modelled".
    None,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A SOCKET, HANDLE or WSAEVENT.
    Handle,
    /// A 32-bit number with sign.
    Int,
    /// A 32-bit number without sign.
    Dword,
    /// A pointer-sized number.
    Long,
    /// A truth value.
    Bool,
    /// A version word.
    Version,
    /// A GUID.
    Guid,
    /// Bytes in memory, or a socket address.
    Bytes,
    /// A `WSABUF` array.
    Buffers,
    /// A protocol info.
    Info,
    /// A `WSAOVERLAPPED`.
    Overlapped,
    /// A function of the program.
    Callback,
    /// A count of bytes or elements that follows from the data.
    Length,
    /// Where a result is written to.
    Place,
    /// A list or structure of another kind, text, or anything.
    Value,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Handle => "a handle",
            Kind::Int | Kind::Dword => "a 32-bit number",
            Kind::Long => "a number",
            Kind::Bool => "TRUE or FALSE",
            Kind::Version => "a version like 2.2",
            Kind::Guid => "a GUID",
            Kind::Bytes => "a socket address or bytes",
            Kind::Buffers => "bytes, a buffer, or a list of these",
            Kind::Info => "a protocol info",
            Kind::Overlapped => "an object made by Overlapped(...)",
            Kind::Callback => "a callback",
            Kind::Length => "a count",
            Kind::Place => "NULL, bad or a buffer",
            Kind::Value => "a value",
        })
    }
}

/// The families, in the order of the table.
const FAMILIES: [&[Declaration]; 7] = [
    crate::call::MODELLED,
    wsp::FUNCTIONS,
    wpu::FUNCTIONS,
    wsc::FUNCTIONS,
    wsa::FUNCTIONS,
    bsd::FUNCTIONS,
    win32::FUNCTIONS,
];

impl Function {
    /// The function of this name; names are exact, except that the `W` of a wide form may be left out.
    pub fn named(name: &str) -> Option<Function> {
        let exact = Function::all().find(|f| f.name() == name);
        exact.or_else(|| Function::all().find(|f| name.strip_suffix('W') == Some(f.name())))
    }

    /// All functions, in the order of the table.
    pub fn all() -> impl Iterator<Item = Function> {
        let count: usize = FAMILIES.iter().map(|f| f.len()).sum();
        (0..u16::try_from(count).unwrap_or(u16::MAX)).map(Function)
    }

    /// What the table says about the function.
    pub fn declaration(self) -> &'static Declaration {
        let mut index = usize::from(self.0);
        for family in FAMILIES {
            match family.get(index) {
                Some(declaration) => return declaration,
                None => index -= family.len(),
            }
        }
        // A Function is only made by the table; the first entry is as good as any for a value that cannot be.
        &crate::call::MODELLED[0]
    }

    /// The name, as in the header.
    pub fn name(self) -> &'static str {
        self.declaration().name
    }

    /// Who answers it.
    pub fn home(self) -> Home {
        self.declaration().home
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Function {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Function {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Function::all()
            .find(|f| f.name() == name)
            .ok_or_else(|| serde::de::Error::custom(format!("no function is called {name}")))
    }
}

/// Declares a function that is not modelled.
const fn unmodelled(
    name: &'static str,
    page: &'static str,
    home: Home,
    parameters: &'static [Parameter],
) -> Declaration {
    Declaration { name, page, summary: "", home, parameters, gives: "", support: Support::None }
}

/// Declares a parameter that has a position in a scenario's call.
const fn input(name: &'static str, page_name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, page_name, kind, positional: true }
}

/// Declares a length, a count or a place of a result: given by name only.
const fn by_name(name: &'static str, page_name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, page_name, kind, positional: false }
}
