//! Values that cross between a program and a call.
//!
//! A [`Value`] is untyped: it is what a scenario writes and what a result shows. A call holds typed arguments instead;
//! [`Argument`] is the one crossing point in each direction and says what it accepts.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::{Guid, RawProtocolInfoW, SocketAddress, Version};

use crate::id::{CallbackId, CellId, Handle};
use crate::signature::Kind;

mod length_at;
mod target;

pub use length_at::LengthAt;
pub use target::{Space, Target};

/// An untyped value: an argument as a scenario writes it, or a part of a result.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// The null pointer.
    Null,
    /// A pointer to memory that may not be touched.
    Bad,
    /// A number, a handle, a flag word or a truth value.
    Number(i64),
    /// Bytes in memory.
    Bytes(#[serde(serialize_with = "crate::canon::bytes")] Arc<[u8]>),
    /// A socket address, before it becomes the bytes of a `sockaddr`.
    Address(SocketAddress),
    /// Room for so many bytes, without a name.
    Room(u32),
    /// A protocol info: 628 bytes.
    Info(Arc<RawProtocolInfoW>),
    /// A version, major before minor.
    Version(Version),
    /// A GUID.
    Guid(Guid),
    /// A time in milliseconds.
    Time(u64),
    /// A cell of the process's memory.
    Cell(CellId),
    /// A callback of the program.
    Callback(CallbackId),
    /// Several values in order.
    List(Vec<Value>),
    /// Named values in order.
    Record(Vec<(String, Value)>),
}

impl Value {
    /// The bytes of `text`.
    pub fn bytes(text: impl AsRef<[u8]>) -> Value {
        Value::Bytes(Arc::from(text.as_ref()))
    }

    /// The number, where the value is one; a time counts as its milliseconds, null as 0.
    pub fn number(&self) -> Option<i64> {
        match self {
            Value::Number(n) => Some(*n),
            Value::Null => Some(0),
            Value::Time(ms) => i64::try_from(*ms).ok(),
            Value::Version(v) => Some(i64::from(v.to_word())),
            _ => None,
        }
    }

    /// The number where one is wanted: also four or eight bytes, as they come over the bus, little endian.
    pub fn as_number(&self) -> Option<i64> {
        match self {
            Value::Bytes(b) => match b.len() {
                4 => b[..].try_into().ok().map(|word| i64::from(u32::from_le_bytes(word))),
                8 => b[..].try_into().ok().map(i64::from_le_bytes),
                _ => None,
            },
            other => other.number(),
        }
    }

    /// The bytes that this value is in memory: what `BusSend` and a buffer take. A number that fits is a DWORD.
    pub fn to_bytes(&self) -> Option<Arc<[u8]>> {
        match self {
            Value::Bytes(b) => Some(b.clone()),
            Value::Info(i) => Some(Arc::from(i.as_bytes())),
            Value::Address(a) => Some(Arc::from(a.to_bytes().as_slice())),
            Value::Number(n) => Some(match u32::try_from(*n) {
                Ok(word) => Arc::from(&word.to_le_bytes()[..]),
                Err(_) => Arc::from(&n.to_le_bytes()[..]),
            }),
            _ => None,
        }
    }

    /// The field `name` of a record.
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Record(fields) => fields.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    /// A word for the kind of this value, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "NULL",
            Value::Bad => "a bad pointer",
            Value::Number(_) => "a number",
            Value::Bytes(_) => "bytes",
            Value::Address(_) => "a socket address",
            Value::Room(_) => "a buffer",
            Value::Info(_) => "a protocol info",
            Value::Version(_) => "a version",
            Value::Guid(_) => "a GUID",
            Value::Time(_) => "a time",
            Value::Cell(_) => "a cell",
            Value::Callback(_) => "a callback",
            Value::List(_) => "a list",
            Value::Record(_) => "a structure",
        }
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Number(n)
    }
}

impl From<Handle> for Value {
    fn from(h: Handle) -> Value {
        Value::Number(h.0.cast_signed())
    }
}

/// Shows a value in the notation of the scenario language; bytes that are not printable as `\xNN`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("NULL"),
            Value::Bad => f.write_str("bad"),
            Value::Number(n) => write!(f, "{n}"),
            Value::Bytes(b) if b.len() > 40 => write!(f, "<{} bytes>", b.len()),
            Value::Bytes(b) => write_bytes(f, b),
            Value::Address(a) => write!(f, "{a}"),
            Value::Room(n) => write!(f, "buffer({n})"),
            Value::Info(i) => write!(
                f,
                "info(catalog_entry_id={}, provider_reserved={:#x})",
                i.catalog_entry_id(),
                i.provider_reserved()
            ),
            Value::Version(v) => write!(f, "{v}"),
            Value::Guid(g) => write!(f, "{g}"),
            Value::Time(ms) if *ms % 1000 == 0 => write!(f, "{}s", ms / 1000),
            Value::Time(ms) => write!(f, "{ms}ms"),
            Value::Cell(c) => write!(f, "cell#{}", c.0),
            Value::Callback(c) => write!(f, "callback#{}", c.0),
            Value::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Record(fields) => {
                f.write_str("{")?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}={value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("\"")?;
    for &b in bytes {
        match b {
            b'"' => f.write_str("\\\"")?,
            b'\\' => f.write_str("\\\\")?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            0x20..=0x7e => write!(f, "{}", b as char)?,
            _ => write!(f, "\\x{b:02x}")?,
        }
    }
    f.write_str("\"")
}

/// A pointer argument: null, memory that may not be touched, or something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pointer<T> {
    /// The null pointer.
    Null,
    /// Memory that may not be touched.
    Bad,
    /// What the pointer leads to.
    To(T),
}

impl<T> Pointer<T> {
    /// What the pointer leads to, if anything.
    pub fn get(&self) -> Option<&T> {
        match self {
            Pointer::To(t) => Some(t),
            _ => None,
        }
    }

    /// Whether this is memory that may not be touched.
    pub fn is_bad(&self) -> bool {
        matches!(self, Pointer::Bad)
    }

    /// Whether this is the null pointer.
    pub fn is_null(&self) -> bool {
        matches!(self, Pointer::Null)
    }
}

/// The bytes of a `sockaddr`: family in host order, the rest in network order.
pub type Name = Pointer<Arc<[u8]>>;

/// A protocol info that is read: a request for a socket, or a special one that duplicates.
pub type InfoIn = Pointer<Arc<RawProtocolInfoW>>;

/// A `WSAOVERLAPPED`: always a cell, because it is written later.
pub type OverlappedIn = Pointer<CellId>;

/// A function of the program that the call may call.
pub type Routine = Pointer<CallbackId>;

/// A length or count in bytes that follows from the data unless the caller spoils it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Length(pub Option<i32>);

impl Length {
    /// The length that the callee sees, given the true one.
    pub fn or(self, natural: usize) -> i64 {
        match self.0 {
            Some(n) => i64::from(n),
            None => i64::try_from(natural).unwrap_or(i64::MAX),
        }
    }
}

/// Where a result is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum Place {
    /// Memory of the caller with enough room.
    #[default]
    Room,
    /// No place is given.
    Null,
    /// Memory that may not be touched.
    Bad,
}

/// One element of a `WSABUF` array.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Buffer {
    /// What `buf` points to.
    pub memory: Memory,
    /// `len`, in bytes.
    pub len: u32,
}

/// What the `buf` of a `WSABUF` points to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Memory {
    /// The null pointer.
    Null,
    /// Memory that may not be touched.
    Bad,
    /// A cell with a name in the program.
    Cell(CellId),
    /// Bytes that are only read.
    Bytes(Arc<[u8]>),
    /// Room without a name; what is written there is seen in the result alone.
    Room,
}

/// A `WSABUF` array.
pub type Buffers = Pointer<Vec<Buffer>>;

/// A kind of typed argument: how it is read from a [`Value`] and shown as one.
pub trait Argument: Sized {
    /// The word for this kind in the signature table.
    const KIND: Kind;
    /// Whether the argument has a position in a scenario's call; lengths and places of results are given by name only.
    const POSITIONAL: bool = true;

    /// What a call that leaves the argument out passes.
    fn absent() -> Self;

    /// Reads the argument; the error says what is expected.
    fn read(value: &Value) -> Result<Self, &'static str>;

    /// The argument as a value.
    fn show(&self) -> Value;

    /// The socket that the argument names, if it is a handle.
    fn handle(&self) -> Option<Handle> {
        None
    }

    /// The same for a party that passes the call on under another handle.
    fn handle_mut(&mut self) -> Option<&mut Handle> {
        None
    }
}

impl Argument for Handle {
    const KIND: Kind = Kind::Handle;
    fn absent() -> Self {
        Handle(0)
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        value.as_number().map(|n| Handle(n.cast_unsigned())).ok_or("a handle")
    }
    fn show(&self) -> Value {
        Value::from(*self)
    }
    fn handle(&self) -> Option<Handle> {
        Some(*self)
    }
    fn handle_mut(&mut self) -> Option<&mut Handle> {
        Some(self)
    }
}

macro_rules! number_argument {
    ($($ty:ty, $kind:ident, $text:literal;)*) => {$(
        impl Argument for $ty {
            const KIND: Kind = Kind::$kind;
            fn absent() -> Self {
                0
            }
            fn read(value: &Value) -> Result<Self, &'static str> {
                let n = value.as_number().ok_or($text)?;
                // A C caller may write -1 for an unsigned parameter and 0xFFFFFFFF for a signed one.
                <$ty>::try_from(n).or_else(|_| narrow::<$ty>(n)).map_err(|_| $text)
            }
            fn show(&self) -> Value {
                Value::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )*};
}

/// Takes a 32-bit pattern as the other signedness.
fn narrow<T: TryFrom<i64>>(n: i64) -> Result<T, T::Error> {
    let word = match n {
        0x8000_0000..=0xFFFF_FFFF => i64::from((n as u32).cast_signed()),
        -0x8000_0000..=-1 => i64::from((n as i32).cast_unsigned()),
        other => other,
    };
    T::try_from(word)
}

number_argument! {
    i32, Int, "a 32-bit number";
    u32, Dword, "a 32-bit number";
    i64, Long, "a number";
}

impl Argument for u64 {
    const KIND: Kind = Kind::Long;
    fn absent() -> Self {
        0
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        value.as_number().map(i64::cast_unsigned).ok_or("a number")
    }
    fn show(&self) -> Value {
        Value::Number(self.cast_signed())
    }
}

impl Argument for bool {
    const KIND: Kind = Kind::Bool;
    fn absent() -> Self {
        false
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        value.as_number().map(|n| n != 0).ok_or("TRUE or FALSE")
    }
    fn show(&self) -> Value {
        Value::Number(i64::from(*self))
    }
}

impl Argument for Version {
    const KIND: Kind = Kind::Version;
    fn absent() -> Self {
        Version::V2_2
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Version(v) => Ok(*v),
            Value::Number(n) => u16::try_from(*n).map(Version::from_word).map_err(|_| "a version like 2.2"),
            _ => Err("a version like 2.2"),
        }
    }
    fn show(&self) -> Value {
        Value::Version(*self)
    }
}

impl Argument for Guid {
    const KIND: Kind = Kind::Guid;
    fn absent() -> Self {
        Guid::default()
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Guid(g) => Ok(*g),
            _ => Err("a GUID"),
        }
    }
    fn show(&self) -> Value {
        Value::Guid(*self)
    }
}

impl Argument for Length {
    const KIND: Kind = Kind::Length;
    const POSITIONAL: bool = false;
    fn absent() -> Self {
        Length(None)
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        i32::read(value).map(|n| Length(Some(n)))
    }
    fn show(&self) -> Value {
        self.0.map_or(Value::Null, |n| Value::Number(i64::from(n)))
    }
}

impl Argument for Place {
    const KIND: Kind = Kind::Place;
    const POSITIONAL: bool = false;
    fn absent() -> Self {
        Place::Room
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Null | Value::Number(0) => Ok(Place::Null),
            Value::Bad => Ok(Place::Bad),
            Value::Room(_) => Ok(Place::Room),
            _ => Err("NULL, bad or a buffer"),
        }
    }
    fn show(&self) -> Value {
        match self {
            Place::Room => Value::Room(0),
            Place::Null => Value::Null,
            Place::Bad => Value::Bad,
        }
    }
}

/// Reads a pointer: null and bad are common to all kinds.
fn pointer<T>(
    value: &Value,
    expected: &'static str,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Result<Pointer<T>, &'static str> {
    match value {
        Value::Null | Value::Number(0) => Ok(Pointer::Null),
        Value::Bad => Ok(Pointer::Bad),
        other => read(other).map(Pointer::To).ok_or(expected),
    }
}

fn show_pointer<T>(pointer: &Pointer<T>, show: impl FnOnce(&T) -> Value) -> Value {
    match pointer {
        Pointer::Null => Value::Null,
        Pointer::Bad => Value::Bad,
        Pointer::To(t) => show(t),
    }
}

impl Argument for Name {
    const KIND: Kind = Kind::Bytes;
    fn absent() -> Self {
        Pointer::Null
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        pointer(value, "a socket address or bytes", |v| match v {
            Value::Address(_) | Value::Bytes(_) | Value::Info(_) => v.to_bytes(),
            _ => None,
        })
    }
    fn show(&self) -> Value {
        show_pointer(self, |b| match SocketAddress::from_bytes(b) {
            Ok(address) if address.to_bytes().as_slice() == &b[..] => Value::Address(address),
            _ => Value::Bytes(b.clone()),
        })
    }
}

impl Argument for InfoIn {
    const KIND: Kind = Kind::Info;
    fn absent() -> Self {
        Pointer::Null
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        pointer(value, "a protocol info (628 bytes)", |v| match v {
            Value::Info(i) => Some(i.clone()),
            // What was cut short on its way lies in zeroed memory.
            Value::Bytes(b) if b.len() <= 628 => {
                let mut whole = [0; 628];
                whole[..b.len()].copy_from_slice(b);
                Some(Arc::new(RawProtocolInfoW(whole)))
            }
            _ => None,
        })
    }
    fn show(&self) -> Value {
        show_pointer(self, |i| Value::Info(i.clone()))
    }
}

impl Argument for OverlappedIn {
    const KIND: Kind = Kind::Overlapped;
    fn absent() -> Self {
        Pointer::Null
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        pointer(value, "an object made by Overlapped(...)", |v| match v {
            Value::Cell(c) => Some(*c),
            _ => None,
        })
    }
    fn show(&self) -> Value {
        show_pointer(self, |c| Value::Cell(*c))
    }
}

impl Argument for Routine {
    const KIND: Kind = Kind::Callback;
    fn absent() -> Self {
        Pointer::Null
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        pointer(value, "a callback or a condition", |v| match v {
            Value::Callback(c) => Some(*c),
            _ => None,
        })
    }
    fn show(&self) -> Value {
        show_pointer(self, |c| Value::Callback(*c))
    }
}

impl Argument for Buffers {
    const KIND: Kind = Kind::Buffers;
    fn absent() -> Self {
        Pointer::Null
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        const EXPECTED: &str = "bytes, a buffer, or a list of these";
        match value {
            Value::Null => Ok(Pointer::Null),
            Value::Bad => Ok(Pointer::Bad),
            Value::List(items) => {
                items.iter().map(|item| Buffer::read(item).ok_or(EXPECTED)).collect::<Result<_, _>>().map(Pointer::To)
            }
            single => Buffer::read(single).map(|b| Pointer::To(vec![b])).ok_or(EXPECTED),
        }
    }
    fn show(&self) -> Value {
        show_pointer(self, |buffers| Value::List(buffers.iter().map(Buffer::show).collect()))
    }
}

impl Buffer {
    fn read(value: &Value) -> Option<Buffer> {
        let (memory, len) = match value {
            Value::Null => (Memory::Null, 0),
            Value::Bad => (Memory::Bad, 0),
            Value::Room(n) => (Memory::Room, *n),
            // The length of a cell is filled in by the caller, who can look at it.
            Value::Cell(c) => (Memory::Cell(*c), u32::MAX),
            Value::Record(_) => {
                let inner = Buffer::read(value.field("buf").unwrap_or(&Value::Null))?;
                let len = value.field("len").and_then(Value::number).and_then(|n| u32::try_from(n).ok());
                (inner.memory, len.unwrap_or(inner.len))
            }
            other => {
                let bytes = other.to_bytes()?;
                let len = u32::try_from(bytes.len()).ok()?;
                (Memory::Bytes(bytes), len)
            }
        };
        Some(Buffer { memory, len })
    }

    fn show(&self) -> Value {
        match &self.memory {
            Memory::Null => Value::Null,
            Memory::Bad => Value::Bad,
            Memory::Cell(c) => Value::Cell(*c),
            Memory::Bytes(b) => Value::Bytes(b.clone()),
            Memory::Room => Value::Room(self.len),
        }
    }
}

impl Argument for Value {
    const KIND: Kind = Kind::Value;
    fn absent() -> Self {
        Value::Null
    }
    fn read(value: &Value) -> Result<Self, &'static str> {
        Ok(value.clone())
    }
    fn show(&self) -> Value {
        self.clone()
    }
}
