//! Names and values: what an expression of a scenario means where it stands.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_core::call::Call;
use winspi_core::footprint::Part;
use winspi_core::id::{CallbackId, EndpointId, Handle, Pid, Tid};
use winspi_core::{Value, World};
use winspi_types::{FieldValue, RawProtocolInfoW, SocketAddress, Version};

use crate::script::{Recycled, Script, constant_of, shown};
use crate::syntax::tree::{self, PathStep, ValueKind};

/// What the threads of all processes have bound, by process and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Names {
    bound: Vec<Arc<(usize, String, Binding)>>,
    /// Who waits at which `sync`, in order.
    waiting: Vec<(u32, Tid)>,
    /// How often callbacks ran, of those that a scenario asks for.
    runs: Vec<(u32, u32)>,
}

/// A bound name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Binding {
    /// The primary part of the result.
    pub value: Value,
    /// The record: `value`, `error`, and the out parameters that were written.
    pub record: Vec<(String, Value)>,
    /// The socket that a handle meant when it was bound.
    pub meant: Option<EndpointId>,
}

impl Names {
    fn place(&self, process: usize, name: &str) -> Result<usize, usize> {
        self.bound.binary_search_by(|bound| (bound.0, bound.1.as_str()).cmp(&(process, name)))
    }

    /// What a name of a process is bound to.
    pub fn get(&self, process: usize, name: &str) -> Option<&Binding> {
        self.place(process, name).ok().map(|place| &self.bound[place].2)
    }

    /// The names of a process with what they are bound to, in the order of the names.
    pub(crate) fn of_process(&self, process: usize) -> impl Iterator<Item = (&str, &Binding)> {
        let own = self.bound.iter().filter(move |bound| bound.0 == process);
        own.map(|bound| (bound.1.as_str(), &bound.2))
    }

    /// Binds a name, anew perhaps.
    pub fn bind(&mut self, process: usize, name: &str, binding: Binding) {
        let bound = Arc::new((process, name.to_owned(), binding));
        match self.place(process, name) {
            Ok(place) => self.bound[place] = bound,
            Err(place) => self.bound.insert(place, bound),
        }
    }

    /// Whether a process has names but for those that are to stay.
    pub(crate) fn has_other(&self, process: usize, stays: impl Fn(&str) -> bool) -> bool {
        self.bound.iter().any(|bound| bound.0 == process && !stays(&bound.1))
    }

    /// Forgets the names of a process but for those that are to stay.
    pub(crate) fn forget(&mut self, process: usize, stays: impl Fn(&str) -> bool) {
        self.bound.retain(|bound| bound.0 != process || stays(&bound.1));
    }

    /// Whether a thread waits at a `sync`.
    pub(crate) fn waits(&self, sync: u32, thread: Tid) -> bool {
        self.waiting.binary_search(&(sync, thread)).is_ok()
    }

    /// A thread waits at a `sync`.
    pub(crate) fn arrive(&mut self, sync: u32, thread: Tid) {
        if let Err(place) = self.waiting.binary_search(&(sync, thread)) {
            self.waiting.insert(place, (sync, thread));
        }
    }

    /// All who wait at a `sync` have met.
    pub(crate) fn meet(&mut self, sync: u32) {
        self.waiting.retain(|(of, _)| *of != sync);
    }

    /// Counts a run of a callback.
    pub(crate) fn count_run(&mut self, callback: u32) {
        match self.runs.binary_search_by_key(&callback, |(id, _)| *id) {
            Ok(place) => self.runs[place].1 = self.runs[place].1.saturating_add(1),
            Err(place) => self.runs.insert(place, (callback, 1)),
        }
    }

    /// How often a callback ran.
    pub fn runs(&self, callback: u32) -> u32 {
        self.runs.binary_search_by_key(&callback, |(id, _)| *id).map_or(0, |place| self.runs[place].1)
    }

    /// The names of a process that are bound to a number.
    pub fn of_number(&self, process: usize, number: i64) -> impl Iterator<Item = &str> {
        let mine = self.bound.iter().filter(move |b| b.0 == process && b.2.value == Value::Number(number));
        mine.map(|bound| bound.1.as_str())
    }
}

/// Why a value cannot be had now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A call that stands as an argument has to be made first.
    Call(Arc<Call>),
    /// It means nothing; what, and where.
    Bad(String, tree::Span),
}

/// Where an expression stands.
pub struct Scope<'a> {
    /// The scenario.
    pub script: &'a Script,
    /// The names.
    pub names: &'a Names,
    /// The world, for the contents of cells.
    pub world: &'a World,
    /// The process that bare names belong to.
    pub process: usize,
    /// The arguments of a callback.
    pub locals: &'a [(String, Value)],
    /// The results of calls that stand as arguments, in the order of the text.
    pub nested: &'a [Value],
}

/// How many nested results, and how many chosen handles, were used.
#[derive(Default)]
pub struct Used(usize, usize);

fn bad<T>(span: tree::Span, message: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Bad(message.into(), span))
}

impl Scope<'_> {
    /// The value of an expression.
    pub fn value(&self, value: &tree::Value, used: &mut Used) -> Result<Value, Stop> {
        let span = value.span;
        Ok(match &value.kind {
            ValueKind::Number(n) => Value::Number(number(n.value)),
            ValueKind::String(bytes) => Value::bytes(&bytes.0),
            ValueKind::Address(a) => Value::Address(address(a)),
            ValueKind::Version(major, minor) => match (u8::try_from(*major), u8::try_from(*minor)) {
                (Ok(major), Ok(minor)) => Value::Version(Version::new(major, minor)),
                _ => return bad(span, "the numbers of a version are 0 to 255"),
            },
            ValueKind::Time(time) => Value::Time(time.milliseconds),
            ValueKind::Guid(text) => match std::str::from_utf8(&text.0).ok().and_then(|t| t.parse().ok()) {
                Some(guid) => Value::Guid(guid),
                None => return bad(span, "this is no GUID"),
            },
            ValueKind::True => Value::Number(1),
            ValueKind::False => Value::Number(0),
            ValueKind::Null => Value::Null,
            ValueKind::Bad => Value::Bad,
            ValueKind::List(items) => {
                Value::List(items.iter().map(|item| self.value(item, used)).collect::<Result<_, _>>()?)
            }
            ValueKind::Struct(fields) => {
                let fields = fields.iter().map(|f| Ok((f.field.name.text.clone(), self.value(&f.value, used)?)));
                Value::Record(fields.collect::<Result<_, Stop>>()?)
            }
            ValueKind::Group(inner) => self.value(inner, used)?,
            ValueKind::Or(items) => self.fold(items, used, |a, b| a | b)?,
            ValueKind::And(items) => self.fold(items, used, |a, b| a & b)?,
            ValueKind::With { value, changes } => self.with(value, changes, used)?,
            ValueKind::Path(path) => self.path(path, span, used)?,
        })
    }

    fn fold(&self, items: &[tree::Value], used: &mut Used, f: impl Fn(i64, i64) -> i64) -> Result<Value, Stop> {
        let mut result: Option<i64> = None;
        for item in items {
            let value = self.value(item, used)?;
            let Some(n) = value.number() else {
                return bad(item.span, format!("this is {}, not a number", value.kind()));
            };
            result = Some(result.map_or(n, |r| f(r, n)));
        }
        Ok(Value::Number(result.unwrap_or(0)))
    }

    /// `info with {field=value}`
    fn with(&self, value: &tree::Value, changes: &[tree::FieldValue], used: &mut Used) -> Result<Value, Stop> {
        let of = self.value(value, used)?;
        let info = match &of {
            Value::Info(info) => Some((**info).clone()),
            Value::Bytes(bytes) => RawProtocolInfoW::from_slice(bytes).ok(),
            _ => None,
        };
        let Some(mut info) = info else {
            return bad(value.span, format!("this is {}, not a protocol info", of.kind()));
        };
        for change in changes {
            let new = match self.value(&change.value, used)? {
                Value::Guid(guid) => FieldValue::Guid(guid),
                Value::Bytes(bytes) => FieldValue::Text(String::from_utf8_lossy(&bytes).into_owned()),
                other => match other.number() {
                    Some(n) => FieldValue::Number(n),
                    None => return bad(change.value.span, format!("this is {}, not a number", other.kind())),
                },
            };
            if let Err(error) = info.set(&change.field.name.text, &new) {
                return bad(change.span, error.to_string());
            }
        }
        Ok(Value::Info(Arc::new(info)))
    }

    fn path(&self, path: &tree::Path, span: tree::Span, used: &mut Used) -> Result<Value, Stop> {
        let name = path.name.text.as_str();
        let mut steps = path.steps.as_slice();
        let mut value = if let Some(arguments) = &path.arguments {
            self.form(name, arguments, span, used)?
        } else if let Some((_, value)) = self.locals.iter().find(|(n, _)| n == name) {
            value.clone()
        } else if let Some(binding) = self.bound(self.process, name) {
            return self.of_binding(binding, steps, used);
        } else if let Some(other) = self.script.processes.iter().position(|p| p.name == name) {
            match steps.split_first() {
                Some((PathStep::Field(field), rest)) => {
                    if let Some(binding) = self.bound(other, &field.text) {
                        let theirs = Scope { process: other, locals: &[], ..*self };
                        let value = theirs.of_binding(binding, rest, used)?;
                        return Ok(theirs.content_of(value, self.process));
                    }
                    let Some(place) = self.script.callback(other, &field.text) else {
                        return bad(field.span, format!("`{name}.{field}` is not bound yet"));
                    };
                    steps = rest;
                    self.callback(place, &mut steps)
                }
                _ => Value::Number(i64::from(self.world.identifier(Pid::of_index(other)))),
            }
        } else if let Some(place) = self.script.callback(self.process, name) {
            self.callback(place, &mut steps)
        } else if let Some(n) = constant_of(name) {
            Value::Number(n)
        } else if name == "base" || self.script.layers.iter().any(|l| l.name == name) {
            Value::bytes(name)
        } else {
            return bad(path.name.span, format!("`{}` is not bound yet", shown(name)));
        };
        while let Some((step, rest)) = steps.split_first() {
            value = self.step(value, step, used)?;
            steps = rest;
        }
        Ok(value)
    }

    /// The argument of a call that is a handle by name and means another socket than when the name was bound.
    pub(crate) fn recycled(&self, call: &tree::Call, meanwhile: bool) -> Option<Recycled> {
        call.arguments.iter().zip(0..).find_map(|(argument, place)| {
            let ValueKind::Path(path) = &argument.value.kind else { return None };
            let (process, name) = match (self.script.process(&path.name.text).and_then(Pid::index), &path.steps[..]) {
                (Some(other), [PathStep::Field(field)]) => (other, field.text.as_str()),
                (None, []) => (self.process, path.name.text.as_str()),
                _ => return None,
            };
            let binding = self.bound(process, name).filter(|_| process == self.process)?;
            let handle = binding.value.number().map(|n| Handle(n.cast_unsigned()));
            let (meant, handle) = (binding.meant?, handle?);
            let now = self.world.aside(|world| world.socket_of(Pid::of_index(process), handle));
            now.filter(|now| *now != meant).map(|_| Recycled { argument: place, handle, meanwhile })
        })
    }

    /// What a name of a process is bound to.
    fn bound(&self, process: usize, name: &str) -> Option<&Binding> {
        self.world.reads(self.script.part_of(process, name));
        self.names.get(process, name)
    }

    /// A callback, or how often it ran.
    fn callback(&self, place: usize, steps: &mut &[PathStep]) -> Value {
        let id = u32::try_from(place).unwrap_or(u32::MAX);
        match steps.split_first() {
            Some((PathStep::Field(field), rest)) if field.text == "runs" => {
                *steps = rest;
                self.world.reads(Part::Runs(id));
                Value::Number(i64::from(self.names.runs(id)))
            }
            _ => Value::Callback(CallbackId(id)),
        }
    }

    /// A bound name: as a whole its primary part, with a field the record's or the primary part's.
    fn of_binding(&self, binding: &Binding, steps: &[PathStep], used: &mut Used) -> Result<Value, Stop> {
        let mut value = binding.value.clone();
        let mut steps = steps;
        if let Some((PathStep::Field(field), rest)) = steps.split_first()
            && let Some((_, found)) = binding.record.iter().find(|(name, _)| *name == field.text)
        {
            value = found.clone();
            steps = rest;
        }
        while let Some((step, rest)) = steps.split_first() {
            value = self.step(value, step, used)?;
            steps = rest;
        }
        Ok(value)
    }

    /// What another process sees of a value of this one: a cell is an address here, and its bytes there.
    fn content_of(&self, value: Value, seen_by: usize) -> Value {
        let Value::Cell(cell) = value else { return value };
        match self.world.bytes_of(Pid::of_index(self.process), cell) {
            Some(bytes) if seen_by != self.process => Value::Bytes(bytes),
            _ => Value::Cell(cell),
        }
    }

    pub(crate) fn step(&self, value: Value, step: &PathStep, used: &mut Used) -> Result<Value, Stop> {
        match step {
            PathStep::Field(field) => match self.field(&value, &field.text) {
                Some(found) => Ok(found),
                None => bad(field.span, format!("{} has no field `{field}`", value.kind())),
            },
            PathStep::Index(index) => {
                let at = self.value(index, used)?.number();
                match (&value, at) {
                    (Value::List(items), Some(at)) => {
                        let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                        item.cloned().ok_or(Stop::Bad(format!("the list has {} elements", items.len()), index.span))
                    }
                    _ => bad(index.span, format!("{} has no elements", value.kind())),
                }
            }
        }
    }

    /// A field of a value.
    fn field(&self, value: &Value, name: &str) -> Option<Value> {
        match value {
            Value::Record(_) => value.field(name).cloned(),
            Value::Info(info) if name == "protocol_chain" => {
                let chain = info.protocol_chain();
                let entries = chain.chain_entries.iter().map(|id| Value::Number(i64::from(*id))).collect();
                Some(Value::Record(vec![
                    ("chain_len".to_owned(), Value::Number(i64::from(chain.chain_len))),
                    ("chain_entries".to_owned(), Value::List(entries)),
                ]))
            }
            Value::Info(info) => match info.get(name).ok()? {
                FieldValue::Number(n) => Some(Value::Number(n)),
                FieldValue::Guid(guid) => Some(Value::Guid(guid)),
                FieldValue::Text(text) => Some(Value::bytes(text)),
            },
            Value::Address(a) => Some(match name {
                "family" => Value::Number(i64::from(a.family())),
                "port" => Value::Number(i64::from(a.port())),
                "address" => Value::Address(a.with_port(0)),
                _ => return None,
            }),
            Value::Cell(cell) => {
                let overlapped = self.world.overlapped(Pid::of_index(self.process), *cell)?;
                Some(match name {
                    "internal" => Value::Number(overlapped.internal.cast_signed()),
                    "internal_high" => Value::Number(overlapped.internal_high.cast_signed()),
                    "offset" => Value::Number(i64::from(overlapped.offset)),
                    "offset_high" => Value::Number(i64::from(overlapped.offset_high)),
                    "event" => Value::from(overlapped.event),
                    _ => return None,
                })
            }
            Value::Bytes(bytes) if name == "len" => Some(Value::Number(bytes.len() as i64)),
            Value::Room(n) if name == "len" => Some(Value::Number(i64::from(*n))),
            Value::Bytes(bytes) => {
                let info = RawProtocolInfoW::from_slice(bytes).ok()?;
                self.field(&Value::Info(Arc::new(info)), name)
            }
            _ => None,
        }
    }

    /// A value form, or a call that stands as an argument.
    fn form(&self, name: &str, arguments: &[tree::Argument], span: tree::Span, used: &mut Used) -> Result<Value, Stop> {
        const MOST: i64 = 16 << 20;
        if name == "some" {
            let place = used.1;
            used.1 += 1;
            let chosen = self.locals.iter().find(|(name, _)| *name == chosen_name(place));
            return match chosen {
                Some((_, handle)) => Ok(handle.clone()),
                None => bad(span, "no handle was chosen"),
            };
        }
        let mut values = Vec::new();
        for argument in arguments {
            values.push((argument.name.as_ref().map(|n| n.text.clone()), self.value(&argument.value, used)?));
        }
        let length = |value: Option<&(Option<String>, Value)>| match value.and_then(|(_, v)| v.number()) {
            Some(n) if (0..=MOST).contains(&n) => Ok(n as usize),
            _ => bad(span, format!("`{name}` takes a length of 0 to {MOST}")),
        };
        Ok(match (name, values.as_slice()) {
            ("buffer", [_]) => Value::Room(length(values.first())? as u32),
            // A fixed pattern without a short period, so that a shifted or lost byte shows.
            ("bytes", [_]) => Value::bytes((0..length(values.first())?).map(|i| (i % 251) as u8).collect::<Vec<_>>()),
            ("filled", [(_, byte), _]) => match byte.number().and_then(|n| u8::try_from(n).ok()) {
                Some(byte) => Value::bytes(vec![byte; length(values.get(1))?]),
                None => return bad(span, "`filled` takes a byte and a length"),
            },
            ("first", [_, (_, of)]) => match of.to_bytes() {
                Some(bytes) => Value::bytes(&bytes[..length(values.first())?.min(bytes.len())]),
                None => return bad(span, "`first` takes a length and bytes"),
            },
            ("where", [(None, Value::List(items)), wanted @ ..]) => {
                let mut kept = Vec::new();
                for item in items {
                    if self.has_fields(item, wanted, span)? {
                        kept.push(item.clone());
                    }
                }
                Value::List(kept)
            }
            ("where", _) => return bad(span, "`where` takes a list, then FIELD=VALUE"),
            ("sockaddr", _) => {
                let field = |name: &str| values.iter().find(|(n, _)| n.as_deref() == Some(name)).map(|(_, v)| v);
                let family = field("family").and_then(Value::number).and_then(|n| u16::try_from(n).ok());
                let data = field("data").map_or(Some(Arc::from(&[][..])), Value::to_bytes);
                match (family, data) {
                    (Some(family), Some(data)) => Value::bytes([&family.to_le_bytes()[..], &data].concat()),
                    _ => return bad(span, "`sockaddr` takes family=NUMBER and data=BYTES"),
                }
            }
            _ => {
                let Some(function) = crate::script::function(name) else {
                    return bad(span, format!("nothing is called `{name}(...)`"));
                };
                let place = used.0;
                used.0 += 1;
                match self.nested.get(place) {
                    Some(result) => result.clone(),
                    None => {
                        let call = Call::build(function, values);
                        return Err(match call {
                            Ok(call) => Stop::Call(Arc::new(call)),
                            Err(error) => Stop::Bad(error.to_string(), span),
                        });
                    }
                }
            }
        })
    }

    /// Whether the fields of an element of a list are these; `chain_len` is one of a protocol info, too.
    fn has_fields(&self, item: &Value, wanted: &[(Option<String>, Value)], span: tree::Span) -> Result<bool, Stop> {
        for (name, value) in wanted {
            let Some(name) = name else { return bad(span, "`where` takes a list, then FIELD=VALUE") };
            let chain = self.field(item, "protocol_chain").filter(|_| name == "chain_len");
            match self.field(&chain.unwrap_or_else(|| item.clone()), name) {
                Some(found) if self.equal(&found, value) => {}
                Some(_) => return Ok(false),
                None => return bad(span, format!("{} has no field `{name}`", item.kind())),
            }
        }
        Ok(true)
    }

    /// Whether two values are the same for a scenario.
    pub fn equal(&self, found: &Value, wanted: &Value) -> bool {
        match (found, wanted) {
            (Value::Cell(cell), other) if !matches!(other, Value::Cell(_)) => {
                match (self.world.bytes_of(Pid::of_index(self.process), *cell), other.to_bytes()) {
                    (Some(bytes), Some(other)) => bytes == other,
                    _ => false,
                }
            }
            (other, Value::Cell(_)) if !matches!(other, Value::Cell(_)) => self.equal(wanted, found),
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.equal(a, b)),
            _ if found == wanted => true,
            _ => match (found.number(), wanted.number()) {
                (Some(a), Some(b)) => a == b,
                (None, None) => matches!((found.to_bytes(), wanted.to_bytes()), (Some(a), Some(b)) if a == b),
                _ => false,
            },
        }
    }

    /// The process and the handle that a value of a question names: `target.t`, `s`, or a number.
    pub fn handle_of(&self, value: &tree::Value) -> Result<(Pid, Handle), Stop> {
        let mut process = self.process;
        if let ValueKind::Path(path) = &value.ungrouped().kind
            && path.arguments.is_none()
            && self.bound(self.process, &path.name.text).is_none()
            && let Some(other) = self.script.processes.iter().position(|p| p.name == path.name.text)
        {
            process = other;
        }
        let found = self.value(value, &mut Used::default())?;
        match found.number() {
            Some(n) => Ok((Pid::of_index(process), Handle(n.cast_unsigned()))),
            None => bad(value.span, format!("this is {}, not a handle", found.kind())),
        }
    }
}

/// What a scope calls the handle that was chosen for the line's `some(...)` of this place.
pub(crate) fn chosen_name(place: usize) -> String {
    format!("some {place}")
}

/// A number of 64 bits, signed or not.
fn number(n: i128) -> i64 {
    i64::try_from(n).unwrap_or_else(|_| u64::try_from(n).unwrap_or(u64::MAX).cast_signed())
}

fn address(a: &tree::Address) -> SocketAddress {
    let mut address = SocketAddress::new(a.ip, a.port.unwrap_or(0));
    if let (SocketAddress::V6 { scope_id, .. }, Some(scope)) = (&mut address, a.scope) {
        *scope_id = scope;
    }
    address
}
