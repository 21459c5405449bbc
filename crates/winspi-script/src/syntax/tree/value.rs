//! Values.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Argument, Name, Span};
use crate::syntax::escape;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Value {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

impl Value {
    /// A value that stands in no text.
    pub fn new(kind: ValueKind) -> Value {
        Value { span: Span::default(), kind }
    }

    /// The value without parentheses around it.
    pub fn ungrouped(&self) -> &Value {
        let mut value = self;
        while let ValueKind::Group(inner) = &value.kind {
            value = inner;
        }
        value
    }
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ValueKind {
    /// `42`, `0x2a`, `-1`
    Number(Number),
    /// `"bytes \x00"`
    String(Bytes),
    /// `127.0.0.1:80`, `[::]`
    Address(Address),
    /// `2.2`
    Version(u64, u64),
    /// `500ms`
    Time(Time),
    /// `guid "..."`
    Guid(Bytes),
    /// `TRUE`
    True,
    /// `FALSE`
    False,
    /// `NULL`
    Null,
    /// `bad`: memory that may not be touched.
    Bad,
    /// `[a, b]`
    List(Vec<Value>),
    /// `{onoff=1, linger=0}`
    Struct(Vec<FieldValue>),
    /// A name, a constant, a value form, a call or a question, with fields and indexes behind it.
    Path(Path),
    /// `a | b | c`: at least two.
    Or(Vec<Value>),
    /// `a & b & c`: at least two.
    And(Vec<Value>),
    /// `info with {provider_reserved=0}`
    With {
        /// What is altered.
        value: Box<Value>,
        /// The fields that get other values.
        changes: Vec<FieldValue>,
    },
    /// `( ... )`: means what is in it; kept for readers.
    Group(Box<Value>),
}

/// `name`, `name.field`, `list[0]`, `bytes(1000)`, `socket(s).handles`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Path {
    /// The name at the beginning.
    pub name: Name,
    /// The arguments, if there are parentheses.
    pub arguments: Option<Vec<Argument>>,
    /// Fields and indexes.
    pub steps: Vec<PathStep>,
}

/// A step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PathStep {
    /// `.field`
    Field(Name),
    /// `[index]`
    Index(Value),
}

/// The left side of `=` in braces: `linger`, `error_code[FD_CLOSE_BIT]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The name of the field.
    pub name: Name,
    /// The index, if there is one.
    pub index: Option<Value>,
}

/// A field with its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldValue {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The field.
    pub field: Field,
    /// Its value.
    pub value: Value,
}

/// A number of 64 bits, signed or unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Number {
    /// The number: -2^63 to 2^64 - 1.
    pub value: i128,
    /// How it is written.
    pub spelling: Spelling,
}

impl Number {
    /// A number in decimal digits.
    pub fn decimal(value: i128) -> Number {
        Number { value, spelling: Spelling::Decimal }
    }

    /// A number in hexadecimal digits, as few as possible.
    pub fn hexadecimal(value: i128) -> Number {
        Number { value, spelling: Spelling::Hexadecimal { digits: 1, upper: false } }
    }
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Spelling {
    /// `42`
    Decimal,
    /// `0x2a`
    Hexadecimal {
        /// The number of digits, with zeros in front, at most 16.
        digits: u8,
        /// Whether letters are capitals.
        upper: bool,
    },
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Time {
    /// How many milliseconds.
    pub milliseconds: u64,
    /// The unit that it is written in.
    pub unit: TimeUnit,
}

/// The unit that a time is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimeUnit {
    /// `ms`
    Milliseconds,
    /// `s`
    Seconds,
}

/// An address, with or without port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The address alone.
    pub ip: IpAddr,
    /// The port, if there is one.
    pub port: Option<u16>,
    /// The scope of an IPv6 address: `[fe80::1%3]`.
    pub scope: Option<u32>,
}

/// The addresses that a rule of a layer speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Network {
    /// The address.
    pub ip: IpAddr,
    /// The scope of an IPv6 address.
    pub scope: Option<u32>,
    /// What narrows or widens it.
    pub part: Option<NetworkPart>,
}

/// What stands behind the address of a [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NetworkPart {
    /// `:80`: this port only.
    Port(u16),
    /// `/8`: all addresses that agree in so many leading bits.
    Prefix(u8),
}

/// A string for readers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The bytes.
    pub bytes: Bytes,
}

impl Text {
    /// A text that stands in no file.
    pub fn new(text: &str) -> Text {
        Text { span: Span::default(), bytes: Bytes(text.as_bytes().to_vec()) }
    }

    /// The text; bytes that are not UTF-8 are replaced.
    pub fn to_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes.0)
    }
}

/// The bytes of a string. In JSON they are a string with the escapes of the language, without the quotation marks.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", escape::escaped(&self.0))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape::escaped(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        escape::unescaped(&text)
            .map(Bytes)
            .ok_or_else(|| serde::de::Error::custom("a string with an escape that does not exist"))
    }
}
