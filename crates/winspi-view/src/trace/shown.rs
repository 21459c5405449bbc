//! Values and rules as text.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::{self, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use winspi_core::Value;
use winspi_core::call::Call;
use winspi_core::id::Handle;
use winspi_core::outcome::{Out, Outcome, Refusal};
use winspi_core::policy::{DECLARED, Policy, Sure};
use winspi_core::signature::Kind;
use winspi_types::RawProtocolInfoW;
use winspi_types::constants::constant_name;
use winspi_types::protocol_info::FIELDS;

use super::{Field, Info, Named, Rule};
use crate::clauses::text_of;
use crate::value::{notation, value};

/// The protocol infos of a run, each once.
#[derive(Debug, Default)]
pub(super) struct Infos {
    known: BTreeMap<Arc<RawProtocolInfoW>, u32>,
    all: Vec<Info>,
}

impl Infos {
    /// The place of an info.
    pub(super) fn place(&mut self, info: &Arc<RawProtocolInfoW>) -> u32 {
        if let Some(place) = self.known.get(info) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let bytes = info.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let values = info.decoded().map(|(field, text)| match (field.c_name, info.provider_reserved()) {
            // Handles are read in hexadecimal.
            ("dwProviderReserved", reserved) if reserved > 0 => format!("{text} ({reserved:#x})"),
            _ => text,
        });
        self.all.push(Info { bytes, values: values.collect() });
        self.known.insert(info.clone(), place);
        place
    }

    /// The same for bytes, if they are one.
    pub(super) fn of_bytes(&mut self, bytes: &[u8]) -> Option<u32> {
        let info = RawProtocolInfoW::from_slice(bytes).ok()?;
        Some(self.place(&Arc::new(info)))
    }

    pub(super) fn into_all(self) -> Vec<Info> {
        self.all
    }

    fn named(&mut self, name: &str, text: String, of: &Value) -> Named {
        let info = match of {
            Value::Info(info) => Some(self.place(info)),
            Value::Bytes(bytes) => self.of_bytes(bytes),
            _ => None,
        };
        Named { name: name.to_owned(), text, info }
    }

    /// The arguments of a call that say something.
    pub(super) fn arguments(&mut self, call: &Call) -> Vec<Named> {
        let parameters = call.function().declaration().parameters;
        let kind = |name: &str| parameters.iter().find(|p| p.name == name).map(|p| p.kind);
        let all = call.arguments().into_iter().map(|(name, of)| (name, kind(name), of));
        // A length that follows from the data and room for a result say nothing.
        let says = |kind: Option<Kind>, of: &Value| {
            !matches!((kind, of), (Some(Kind::Place), Value::Room(_)) | (Some(Kind::Length), Value::Null))
        };
        let all = all.filter(|(_, kind, of)| says(*kind, of));
        all.map(|(name, kind, of)| self.named(name, argument(name, kind, &of), &of)).collect()
    }

    /// What a call wrote to the caller's memory.
    pub(super) fn written(&mut self, outcome: &Outcome) -> Vec<Named> {
        let written = match &outcome.result {
            Ok(out) => out.written(),
            Err(Refusal::Code { written, .. }) => written.clone(),
            Err(Refusal::NotModelled(_)) => Vec::new(),
        };
        written.into_iter().map(|(name, of)| self.named(&name, written_text(&name, &of), &of)).collect()
    }
}

/// The members of a protocol info.
pub(super) fn fields() -> Vec<Field> {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let all = FIELDS.iter();
    all.map(|f| Field { name: f.c_name.to_owned(), at: number(f.offset), size: number(f.size_w) }).collect()
}

/// What a call gave, in a word or two.
pub(super) fn result(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(Out::Done) => "0".to_owned(),
        Ok(Out::Handle(handle)) => handle.to_string(),
        Ok(Out::Accepted(accepted)) => accepted.s.to_string(),
        Ok(Out::Context(context)) => format!("{:#x}", context.0),
        Ok(out) => value(&out.primary()),
        Err(Refusal::Code { code, .. }) => code.name().map_or_else(|| format!("error {code}"), str::to_owned),
        Err(Refusal::NotModelled(gap)) => format!("not modelled: {gap}"),
    }
}

fn argument(name: &str, kind: Option<Kind>, of: &Value) -> String {
    match (kind, of) {
        (Some(Kind::Handle), Value::Number(n)) => Handle(n.cast_unsigned()).to_string(),
        (Some(Kind::Bool), Value::Number(n)) => (if *n == 0 { "FALSE" } else { "TRUE" }).to_owned(),
        (_, Value::Number(n)) => constant(name, *n).map_or_else(|| n.to_string(), str::to_owned),
        (_, Value::List(items)) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
        _ => value(of),
    }
}

fn written_text(name: &str, of: &Value) -> String {
    match of {
        Value::Number(n) if ["process", "thread", "target_handle"].contains(&name) => {
            Handle(n.cast_unsigned()).to_string()
        }
        _ => value(of),
    }
}

/// A number by the name that the SDK has for it, where the parameter says which numbers these are.
fn constant(parameter: &str, number: i64) -> Option<&'static str> {
    let prefix = match parameter {
        "af" => "AF_",
        "type" => "SOCK_",
        "protocol" => "IPPROTO_",
        "level" => "SOL_",
        "how" => "SD_",
        _ => return None,
    };
    match (parameter, number) {
        ("af" | "type" | "protocol", -1) => Some("FROM_PROTOCOL_INFO"),
        _ => constant_name(prefix, number),
    }
}

/// Bytes for readers: as the language writes them, long ones cut.
pub(super) fn bytes(bytes: &[u8]) -> String {
    const MOST: usize = 24;
    match bytes.get(..MOST) {
        Some(first) if bytes.len() > MOST => format!("\"{}\"… {} bytes", notation(first), bytes.len()),
        _ => value(&Value::Bytes(bytes.into())),
    }
}

/// A rule with its text, and what a machine chooses.
pub(super) fn rule(id: &str, policy: &Policy) -> Rule {
    if let Some(clause) = text_of(id) {
        return Rule {
            id: id.to_owned(),
            decision: false,
            text: clause.text.to_owned(),
            sure: clause.level.name().to_owned(),
            source: clause.source.to_owned(),
            chosen: None,
        };
    }
    let declared = DECLARED.iter().find(|d| d.id == id);
    Rule {
        id: id.to_owned(),
        decision: true,
        text: declared.map_or("", |d| d.question).to_owned(),
        sure: declared.map_or("ours", |d| sure(d.sure)).to_owned(),
        source: declared.map_or("", |d| d.text).to_owned(),
        chosen: declared.and_then(|d| {
            let chosen = policy.chosen(id)?;
            d.values.iter().find(|(name, _)| *name == chosen).map(|(_, what)| (*what).to_owned())
        }),
    }
}

fn sure(sure: Sure) -> &'static str {
    match sure {
        Sure::Documented => "documented",
        Sure::Observed => "observed",
        Sure::Inferred => "inferred",
        Sure::Ours => "ours",
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(2 + usize::from(self.info.is_some()))?;
        tuple.serialize_element(&self.name)?;
        tuple.serialize_element(&self.text)?;
        if let Some(info) = &self.info {
            tuple.serialize_element(info)?;
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Named, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Named;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array of a name, a text, and perhaps the number of an info")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Named, A::Error> {
                let missing = |place| de::Error::invalid_length(place, &Parts);
                Ok(Named {
                    name: parts.next_element()?.ok_or_else(|| missing(0))?,
                    text: parts.next_element()?.ok_or_else(|| missing(1))?,
                    info: parts.next_element()?,
                })
            }
        }
        deserializer.deserialize_seq(Parts)
    }
}
