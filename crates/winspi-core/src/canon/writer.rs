//! The serializer behind the canonical encoding.
//!
//! Every value begins with a byte that holds its kind and a number: itself, a length, or a choice. The number stands in
//! the low half of the byte when it is below twelve, otherwise in one, two, four or eight bytes that follow. So each
//! value says where it ends, and two different values never have the same bytes.

use serde::ser::{self, Serialize};
use slotmap::{DefaultKey, KeyData};

use super::{Canon, Kind, Open};

/// Why a value could not be encoded. Values of this crate always can; those of a program may refuse.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Failure(pub(super) String);

impl ser::Error for Failure {
    fn custom<T: std::fmt::Display>(text: T) -> Failure {
        Failure(text.to_string())
    }
}

/// Kinds of values.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Tag {
    Unsigned,
    /// -1 - n.
    Negative,
    Bytes,
    Text,
    Sequence,
    Map,
    /// A variant without content.
    Variant,
    /// A variant; its content follows.
    VariantOf,
    /// The number of an object.
    Reference,
    Char,
    Special,
    /// A value that could not be encoded; the text of the error follows.
    Failed,
}

/// Values without a number.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Special {
    False,
    True,
    None,
    Some,
    Unit,
    /// A field that is left out.
    Skipped,
    /// A key that leads nowhere any more.
    Dead,
    /// A sequence or map whose length was not known; `End` closes it.
    Open,
    End,
    Float,
    Wide,
}

/// The least number that does not stand in the low half of a head.
const SMALL: u64 = 12;

impl Canon<'_> {
    #[inline]
    pub(super) fn head(&mut self, tag: Tag, number: u64) {
        if number < SMALL {
            self.scratch.out.push((tag as u8) << 4 | number as u8);
        } else {
            self.wide_head(tag, number);
        }
    }

    fn wide_head(&mut self, tag: Tag, number: u64) {
        let out = &mut self.scratch.out;
        let tag = (tag as u8) << 4;
        match number {
            0..0x100 => out.extend_from_slice(&[tag | 12, number as u8]),
            0x100..0x1_0000 => {
                out.push(tag | 13);
                out.extend_from_slice(&(number as u16).to_le_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                out.push(tag | 14);
                out.extend_from_slice(&(number as u32).to_le_bytes());
            }
            _ => {
                out.push(tag | 15);
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
    }

    pub(super) fn special(&mut self, special: Special) {
        self.head(Tag::Special, special as u64);
    }

    /// Writes a key as the number of its object.
    ///
    /// A key shows what is in it only to a serializer: it is written as any value, read back and replaced.
    fn key<T: Serialize + ?Sized>(&mut self, kind: Kind, value: &T) -> Result<(), Failure> {
        let start = self.scratch.out.len();
        value.serialize(&mut *self)?;
        let mut written = &self.scratch.out[start..];
        // The fields of a key: its place and its version.
        let parts = (number(&mut written), number(&mut written), number(&mut written));
        let (Some(_), Some(place), Some(version)) = parts else { return Ok(()) };
        self.scratch.out.truncate(start);
        let key = DefaultKey::from(KeyData::from_ffi(version << 32 | place));
        self.open(Open::Object(kind, key));
        Ok(())
    }

    /// Writes a moment as what is left until then.
    fn moment<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        let start = self.scratch.out.len();
        value.serialize(&mut *self)?;
        let Some(moment) = number(&mut &self.scratch.out[start..]) else { return Ok(()) };
        self.scratch.out.truncate(start);
        self.open(Open::Moment(moment));
        Ok(())
    }
}

impl Canon<'_> {
    /// Writes a number as what it is called.
    fn renamed<T: Serialize + ?Sized>(&mut self, value: &T, write: impl Fn(&mut Self, u64)) -> Result<(), Failure> {
        let start = self.scratch.out.len();
        value.serialize(&mut *self)?;
        let Some(number) = number(&mut &self.scratch.out[start..]) else { return Ok(()) };
        self.scratch.out.truncate(start);
        write(self, number);
        Ok(())
    }
}

/// Reads the number of a head back.
fn number(written: &mut &[u8]) -> Option<u64> {
    let (head, rest) = written.split_first()?;
    let width = match head & 0xf {
        small @ 0..12 => {
            *written = rest;
            return Some(u64::from(small));
        }
        wide => 1 << (wide - 12),
    };
    let (bytes, rest) = rest.split_at_checked(width)?;
    *written = rest;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A sequence, map or structure that is being written.
pub(super) struct Compound<'a, 'w> {
    canon: &'a mut Canon<'w>,
    open: bool,
    /// Fields that are written elsewhere.
    without: &'static [&'static str],
}

impl<'w> Canon<'w> {
    fn compound<'a>(&'a mut self, tag: Tag, length: Option<usize>) -> Compound<'a, 'w> {
        match length {
            Some(length) => self.head(tag, length as u64),
            None => self.special(Special::Open),
        }
        Compound { canon: self, open: length.is_none(), without: &[] }
    }
}

impl Compound<'_, '_> {
    fn put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        value.serialize(&mut *self.canon)
    }

    fn close(self) -> Result<(), Failure> {
        if self.open {
            self.canon.special(Special::End);
        }
        Ok(())
    }
}

macro_rules! numbers {
    ($($name:ident $ty:ty,)*) => {$(
        #[inline]
        fn $name(self, value: $ty) -> Result<(), Failure> {
            self.head(Tag::Unsigned, u64::from(value));
            Ok(())
        }
    )*};
}

macro_rules! signed_numbers {
    ($($name:ident $ty:ty,)*) => {$(
        fn $name(self, value: $ty) -> Result<(), Failure> {
            let value = i64::from(value);
            match u64::try_from(value) {
                Ok(value) => self.head(Tag::Unsigned, value),
                Err(_) => self.head(Tag::Negative, (!value).cast_unsigned()),
            }
            Ok(())
        }
    )*};
}

impl<'a, 'w> ser::Serializer for &'a mut Canon<'w> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Compound<'a, 'w>;
    type SerializeTuple = Compound<'a, 'w>;
    type SerializeTupleStruct = Compound<'a, 'w>;
    type SerializeTupleVariant = Compound<'a, 'w>;
    type SerializeMap = Compound<'a, 'w>;
    type SerializeStruct = Compound<'a, 'w>;
    type SerializeStructVariant = Compound<'a, 'w>;

    numbers! { serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, }
    signed_numbers! { serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, }

    #[inline]
    fn serialize_u8(self, value: u8) -> Result<(), Failure> {
        if value < SMALL as u8 {
            self.scratch.out.push(value);
        } else {
            self.scratch.out.extend_from_slice(&[(Tag::Unsigned as u8) << 4 | SMALL as u8, value]);
        }
        Ok(())
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<(), Failure> {
        self.special(if value { Special::True } else { Special::False });
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Failure> {
        self.special(Special::Wide);
        self.scratch.out.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Failure> {
        self.serialize_u128(value.cast_unsigned())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failure> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Failure> {
        self.special(Special::Float);
        self.scratch.out.extend_from_slice(&value.to_bits().to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Failure> {
        self.head(Tag::Char, u64::from(u32::from(value)));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        self.head(Tag::Text, value.len() as u64);
        self.scratch.out.extend_from_slice(value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Failure> {
        self.head(Tag::Bytes, value.len() as u64);
        self.scratch.out.extend_from_slice(value);
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Failure> {
        self.special(Special::None);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
        self.special(Special::Some);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        self.special(Special::Unit);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failure> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Failure> {
        self.head(Tag::Variant, u64::from(index));
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Failure> {
        match name {
            "EndpointId" => self.key(Kind::Endpoint, value),
            "ConnectionId" => self.key(Kind::Connection, value),
            "EventId" => self.key(Kind::Event, value),
            "OperationId" => self.key(Kind::Operation, value),
            "PortId" => self.key(Kind::Port, value),
            "SectionId" => self.key(Kind::Section, value),
            "Age" => Ok(()),
            "Pid" if self.names.is_some() => self.renamed(value, Canon::renamed_pid),
            "Handle" if self.names.is_some() => self.renamed(value, Canon::renamed_handle),
            "Deadline" => self.moment(value),
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.head(Tag::VariantOf, u64::from(index));
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Tag::Sequence, length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Tag::Sequence, Some(length)))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Tag::Sequence, Some(length)))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        length: usize,
    ) -> Result<Compound<'a, 'w>, Failure> {
        self.head(Tag::VariantOf, u64::from(index));
        Ok(self.compound(Tag::Sequence, Some(length)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Tag::Map, length))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Compound<'a, 'w>, Failure> {
        let without = self.written_elsewhere(name);
        Ok(Compound { without, ..self.compound(Tag::Sequence, Some(length)) })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        length: usize,
    ) -> Result<Compound<'a, 'w>, Failure> {
        self.head(Tag::VariantOf, u64::from(index));
        Ok(self.compound(Tag::Sequence, Some(length)))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! compounds {
    ($($tr:ident $method:ident,)*) => {$(
        impl ser::$tr for Compound<'_, '_> {
            type Ok = ();
            type Error = Failure;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
                self.put(value)
            }
            fn end(self) -> Result<(), Failure> {
                self.close()
            }
        }
    )*};
}

compounds! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! structures {
    ($($tr:ident,)*) => {$(
        impl ser::$tr for Compound<'_, '_> {
            type Ok = ();
            type Error = Failure;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failure> {
                if self.without.contains(&name) { Ok(()) } else { self.put(value) }
            }
            fn skip_field(&mut self, _: &'static str) -> Result<(), Failure> {
                self.canon.special(Special::Skipped);
                Ok(())
            }
            fn end(self) -> Result<(), Failure> {
                self.close()
            }
        }
    )*};
}

structures! { SerializeStruct, SerializeStructVariant, }

impl ser::SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = Failure;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.put(key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.put(value)
    }
    fn end(self) -> Result<(), Failure> {
        self.close()
    }
}
