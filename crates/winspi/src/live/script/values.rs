//! Arguments, results and expectations in the language.

use winspi_core::Value;
use winspi_core::call::Call;
use winspi_core::id::{Handle, Pid};
use winspi_core::outcome::{Out, Outcome, Refusal};
use winspi_core::signature::{Kind, Parameter};
use winspi_script::syntax::tree::{self, ExpectationKind, ValueKind};
use winspi_types::{ErrorCode, RawProtocolInfoW, SocketAddress, constant_name};

use super::NotWritten;
use super::calls::Made;
use super::names::Names;

/// Bytes of this length or more are called by the name of a message that had them; shorter ones are a coincidence.
const LONG: usize = 16;

/// A call with its name and what came of it. A callback among its arguments has this name.
pub(super) fn call(names: &mut Names, made: &Made, callback: Option<&str>) -> Result<tree::Call, NotWritten> {
    let arguments = arguments(names, made, callback)?;
    let bind = made.outcome.as_ref().and_then(|outcome| bind(names, made, outcome));
    let kind = match &made.outcome {
        Some(outcome) => expected(made, outcome),
        None if made.ended => Some(ExpectationKind::Any),
        None => Some(ExpectationKind::BlocksForEver),
    };
    let span = tree::Span::default();
    let expectation = kind.map(|kind| tree::Expectation { span, kind });
    let outcome = expectation.map(|expectation| Box::new(tree::Outcome { span, expectation, by: None, from: None }));
    let function = tree::Name::new(made.call.function().name());
    Ok(tree::Call { span, bind: bind.map(tree::Name::new), function, arguments, provider: None, outcome })
}

/// The arguments that differ from what is passed when they are left out: by position up to the first gap, then by name.
fn arguments(names: &mut Names, made: &Made, callback: Option<&str>) -> Result<Vec<tree::Argument>, NotWritten> {
    let function = made.call.function();
    let parameters = function.declaration().parameters;
    let given = made.call.arguments();
    let left_out = Call::build(function, Vec::new()).ok();
    let left_out = left_out.as_ref().map(Call::arguments).unwrap_or_default();
    let differs = |(name, value): &(&str, Value)| !left_out.iter().any(|(n, v)| n == name && v == value);
    let declared = |name: &str| parameters.iter().find(|p| p.name == name);
    let positional = |name: &str| declared(name).is_some_and(|p| p.positional);
    // A call that is not modelled has only what was given, which may be anything.
    let modelled = !matches!(&*made.call, Call::NotModelled { .. });
    let mut in_order = modelled;
    let mut written = Vec::new();
    let mut by_name = Vec::new();
    for argument in &given {
        if !differs(argument) {
            // What follows one that is left out is given by name.
            in_order &= !positional(argument.0);
            continue;
        }
        let writer = Writer { process: made.thread.process, parameter: declared(argument.0), callback };
        let value = writer.value(names, &argument.1).ok_or_else(|| NotWritten::Value {
            call: made.call.to_string(),
            value: format!("{} = {}", argument.0, argument.1),
        })?;
        let by_place = in_order && positional(argument.0);
        let name = (!by_place).then(|| tree::Name::new(argument.0));
        let list = if by_place { &mut written } else { &mut by_name };
        list.push(tree::Argument { span: tree::Span::default(), name, value });
    }
    written.append(&mut by_name);
    Ok(written)
}

/// Names what a call gave.
fn bind(names: &mut Names, made: &Made, outcome: &Outcome) -> Option<String> {
    let process = made.thread.process;
    match outcome.result.as_ref().ok()? {
        Out::Handle(Handle::INVALID) => None,
        Out::Handle(handle) => {
            let kind = match &*made.call {
                Call::CreateEvent(_) => "e",
                Call::OpenProcess(_) => "p",
                _ => "s",
            };
            Some(names.bind_handle(process, *handle, kind))
        }
        Out::Accepted(accepted) => Some(names.bind_handle(process, accepted.s, "a")),
        Out::Info(info) => Some(names.bind_bytes(process, info.as_bytes(), "info")),
        Out::Message(message) => Some(names.bind_bytes(process, &message.data, "m")),
        Out::Cell(cell) => {
            let kind = if matches!(&*made.call, Call::Buffer(_)) { "b" } else { "o" };
            Some(names.bind_cell(process, *cell, kind))
        }
        _ => None,
    }
}

/// What came out, where it is more than success.
fn expected(made: &Made, outcome: &Outcome) -> Option<ExpectationKind> {
    let value = match &outcome.result {
        Err(Refusal::NotModelled(_)) => return Some(ExpectationKind::Fails(None)),
        Err(Refusal::Code { code, .. }) => return Some(failure(*code)),
        Ok(Out::Number(0)) => return None,
        Ok(Out::Message(message)) => {
            // An info is known by what becomes of it.
            let is_info = message.data.len() == RawProtocolInfoW::SIZE;
            return (!is_info).then(|| ExpectationKind::Value(bytes(&message.data)));
        }
        Ok(out @ (Out::Number(_) | Out::Sent(_) | Out::Received(_) | Out::Overlapped(_) | Out::Name(_))) => {
            out.primary()
        }
        Ok(_) => return None,
    };
    let writer = Writer { process: made.thread.process, parameter: None, callback: None };
    writer.literal(&value).map(ExpectationKind::Value)
}

fn failure(code: ErrorCode) -> ExpectationKind {
    match code.name() {
        Some(_) if code == ErrorCode::WSA_IO_PENDING => ExpectationKind::Pending,
        Some(name) => ExpectationKind::Value(name_value(name)),
        None => ExpectationKind::Fails(Some(tree::Number::decimal(i128::from(code.number())))),
    }
}

/// Writes values of one parameter.
struct Writer<'a> {
    process: Pid,
    parameter: Option<&'static Parameter>,
    callback: Option<&'a str>,
}

impl Writer<'_> {
    /// A value, by the name of what it means if that has one.
    fn value(&self, names: &mut Names, value: &Value) -> Option<tree::Value> {
        let (kind, name) = self.parameter.map_or((Kind::Value, ""), |p| (p.kind, p.name));
        let named = match value {
            Value::Number(n) if kind == Kind::Handle => {
                let handle = Handle(n.cast_unsigned());
                let known = names.handle(self.process, handle).map(name_value);
                let signed = matches!(handle, Handle::INVALID | Handle(0));
                return known.or_else(|| Some(if signed { number(*n) } else { hexadecimal(*n) }));
            }
            Value::Number(n) => match (kind, name) {
                (Kind::Bool, _) => Some(tree::Value::new(if *n == 0 { ValueKind::False } else { ValueKind::True })),
                (_, "process" | "process_id") => names.process_of(*n).map(name_value),
                (_, "af") => Some(constant("AF_", *n)),
                (_, "type") => Some(constant("SOCK_", *n)),
                (_, "protocol") => Some(constant("IPPROTO_", *n)),
                (_, "how") => Some(constant("SD_", *n)),
                (_, "cmd" | "io_control_code") => Some(constant("FION", *n)),
                _ => None,
            },
            Value::Cell(cell) => return names.cell(self.process, *cell).map(name_value),
            Value::Callback(_) => return self.callback.map(name_value),
            Value::Info(info) => self.known(names, info.as_bytes()),
            Value::Bytes(bytes) if bytes.len() >= LONG => self.known(names, bytes),
            Value::List(items) => {
                let written: Option<Vec<_>> = items.iter().map(|item| self.value(names, item)).collect();
                let mut written = written?;
                let one = matches!(items[..], [Value::Bytes(_) | Value::Room(_)]);
                return match (kind, one) {
                    // One buffer may stand alone.
                    (Kind::Buffers, true) => written.pop(),
                    _ => Some(tree::Value::new(ValueKind::List(written))),
                };
            }
            _ => None,
        };
        named.or_else(|| self.literal(value))
    }

    /// Bytes that something is called by.
    fn known(&self, names: &mut Names, bytes: &[u8]) -> Option<tree::Value> {
        let (process, name) = names.of_bytes(self.process, bytes)?;
        if process == self.process {
            return Some(name_value(&name));
        }
        let path = tree::Path {
            name: tree::Name::new(names.process(process)),
            arguments: None,
            steps: vec![tree::PathStep::Field(tree::Name::new(name))],
        };
        Some(tree::Value::new(ValueKind::Path(path)))
    }

    /// A value as it is.
    fn literal(&self, value: &Value) -> Option<tree::Value> {
        let kind = match value {
            Value::Null => ValueKind::Null,
            Value::Bad => ValueKind::Bad,
            Value::Number(n) => return Some(number(*n)),
            Value::Bytes(b) => return Some(bytes(b)),
            Value::Info(info) => return Some(bytes(info.as_bytes())),
            Value::Address(address) => ValueKind::Address(socket_address(address)),
            Value::Room(n) => {
                let argument = tree::Argument { span: tree::Span::default(), name: None, value: number(i64::from(*n)) };
                let arguments = Some(vec![argument]);
                ValueKind::Path(tree::Path { name: tree::Name::new("buffer"), arguments, steps: Vec::new() })
            }
            Value::Version(version) => ValueKind::Version(u64::from(version.major), u64::from(version.minor)),
            Value::Guid(guid) => ValueKind::Guid(tree::Bytes(guid.to_string().into_bytes())),
            Value::Time(ms) => ValueKind::Time(tree::Time { milliseconds: *ms, unit: tree::TimeUnit::Milliseconds }),
            Value::List(items) => {
                ValueKind::List(items.iter().map(|item| self.literal(item)).collect::<Option<Vec<_>>>()?)
            }
            Value::Cell(_) | Value::Callback(_) | Value::Record(_) => return None,
        };
        Some(tree::Value::new(kind))
    }
}

/// A number by the name of the constant that it is, if it is one.
pub(super) fn constant(prefix: &str, n: i64) -> tree::Value {
    match (prefix, n) {
        // The same number says so of all three.
        ("AF_" | "SOCK_" | "IPPROTO_", -1) => name_value("FROM_PROTOCOL_INFO"),
        _ => constant_name(prefix, n).map_or_else(|| number(n), name_value),
    }
}

fn number(n: i64) -> tree::Value {
    tree::Value::new(ValueKind::Number(tree::Number::decimal(i128::from(n))))
}

fn hexadecimal(n: i64) -> tree::Value {
    tree::Value::new(ValueKind::Number(tree::Number::hexadecimal(i128::from(n.cast_unsigned()))))
}

fn bytes(bytes: &[u8]) -> tree::Value {
    tree::Value::new(ValueKind::String(tree::Bytes(bytes.to_vec())))
}

fn name_value(name: &str) -> tree::Value {
    let path = tree::Path { name: tree::Name::new(name), arguments: None, steps: Vec::new() };
    tree::Value::new(ValueKind::Path(path))
}

fn socket_address(address: &SocketAddress) -> tree::Address {
    let scope = match address {
        SocketAddress::V6 { scope_id, .. } if *scope_id != 0 => Some(*scope_id),
        _ => None,
    };
    tree::Address { ip: address.ip(), port: Some(address.port()), scope }
}
