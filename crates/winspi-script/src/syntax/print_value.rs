//! The canonical form of what stands on a line: values, expectations, arguments.

use std::fmt::Write;

use super::escape::escaped;
use super::tree::{
    Address, Argument, Bytes, Expectation, ExpectationKind, Expected, ExpectedField, ExpectedKind, Field, FieldValue,
    Name, Network, NetworkPart, Number, Operand, Outcome, Path, PathStep, Setting, SettingValue, Spelling, Test, Time,
    TimeUnit, Value, ValueKind,
};

/// How tight a form of a value binds: `|`, `&`, `with`, and what stands for itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Or,
    And,
    With,
    Plain,
}

fn tightness(value: &Value) -> Tightness {
    match &value.kind {
        ValueKind::Or(values) if values.len() > 1 => Tightness::Or,
        ValueKind::And(values) if values.len() > 1 => Tightness::And,
        ValueKind::Or(values) | ValueKind::And(values) => values.first().map_or(Tightness::Plain, tightness),
        ValueKind::With { .. } => Tightness::With,
        _ => Tightness::Plain,
    }
}

/// Prints with commas between.
fn separated<T>(out: &mut String, items: &[T], item: fn(&mut String, &T)) {
    for (index, part) in items.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        item(out, part);
    }
}

fn enclosed<T>(out: &mut String, (open, close): (char, char), items: &[T], item: fn(&mut String, &T)) {
    out.push(open);
    separated(out, items, item);
    out.push(close);
}

// ---- values

pub(super) fn value(out: &mut String, value: &Value) {
    value_at_least(out, value, Tightness::Or);
}

/// Prints a value, in parentheses if it binds less tight than it should.
fn value_at_least(out: &mut String, value: &Value, least: Tightness) {
    if tightness(value) < least {
        grouped(out, value);
    } else {
        value_kind(out, &value.kind);
    }
}

fn value_kind(out: &mut String, kind: &ValueKind) {
    match kind {
        ValueKind::Number(value) => number(out, *value),
        ValueKind::String(bytes) => string(out, bytes),
        ValueKind::Address(value) => address(out, value),
        ValueKind::Version(major, minor) => put(out, format_args!("{major}.{minor}")),
        ValueKind::Time(value) => time(out, *value),
        ValueKind::Guid(bytes) => {
            out.push_str("guid ");
            string(out, bytes);
        }
        ValueKind::True => out.push_str("TRUE"),
        ValueKind::False => out.push_str("FALSE"),
        ValueKind::Null => out.push_str("NULL"),
        ValueKind::Bad => out.push_str("bad"),
        ValueKind::List(values) => enclosed(out, ('[', ']'), values, value),
        ValueKind::Struct(fields) => structure(out, fields),
        ValueKind::Path(value) => path(out, value),
        ValueKind::Or(values) => operands(out, values, " | ", Tightness::And),
        ValueKind::And(values) => operands(out, values, " & ", Tightness::With),
        ValueKind::With { value, changes } => {
            value_at_least(out, value, Tightness::Plain);
            out.push_str(" with ");
            structure(out, changes);
        }
        ValueKind::Group(inner) => grouped(out, inner),
    }
}

fn grouped(out: &mut String, inner: &Value) {
    out.push('(');
    value(out, inner);
    out.push(')');
}

fn operands(out: &mut String, values: &[Value], operator: &str, least: Tightness) {
    if let [only] = values {
        return value(out, only);
    }
    for (index, operand) in values.iter().enumerate() {
        out.push_str(if index > 0 { operator } else { "" });
        value_at_least(out, operand, least);
    }
}

fn structure(out: &mut String, fields: &[FieldValue]) {
    enclosed(out, ('{', '}'), fields, |out, part| {
        field(out, &part.field);
        out.push('=');
        value(out, &part.value);
    });
}

fn field(out: &mut String, field: &Field) {
    out.push_str(field.name.as_str());
    if let Some(index) = &field.index {
        out.push('[');
        value(out, index);
        out.push(']');
    }
}

fn path(out: &mut String, path: &Path) {
    out.push_str(path.name.as_str());
    if let Some(given) = &path.arguments {
        arguments(out, given);
    }
    for step in &path.steps {
        match step {
            PathStep::Field(name) => {
                out.push('.');
                out.push_str(name.as_str());
            }
            PathStep::Index(index) => {
                out.push('[');
                value(out, index);
                out.push(']');
            }
        }
    }
}

pub(super) fn arguments(out: &mut String, arguments: &[Argument]) {
    enclosed(out, ('(', ')'), arguments, |out, argument| {
        if let Some(name) = &argument.name {
            out.push_str(name.as_str());
            out.push('=');
        }
        value(out, &argument.value);
    });
}

pub(super) fn names(out: &mut String, names: &[Name]) {
    separated(out, names, |out, name| out.push_str(name.as_str()));
}

pub(super) fn settings(out: &mut String, settings: &[Setting]) {
    if settings.is_empty() {
        return;
    }
    out.push(' ');
    enclosed(out, ('(', ')'), settings, |out, setting| {
        out.push_str(setting.name.as_str());
        match &setting.value {
            None => {}
            Some(SettingValue::Yes) => out.push_str("=yes"),
            Some(SettingValue::No) => out.push_str("=no"),
            Some(SettingValue::Value(given)) => {
                out.push('=');
                // `yes` and `no` are no names here.
                if begins_with(
                    given,
                    |kind| matches!(kind, ValueKind::Path(path) if path.name == "yes" || path.name == "no"),
                ) {
                    return grouped(out, given);
                }
                value(out, given);
            }
        }
    });
}

pub(super) fn string(out: &mut String, bytes: &Bytes) {
    out.push('"');
    out.push_str(&escaped(&bytes.0));
    out.push('"');
}

pub(super) fn number(out: &mut String, number: Number) {
    let sign = if number.value < 0 { "-" } else { "" };
    let magnitude = number.value.unsigned_abs();
    match number.spelling {
        Spelling::Decimal => put(out, format_args!("{sign}{magnitude}")),
        Spelling::Hexadecimal { digits, upper } => {
            let width = usize::from(digits.min(16));
            if upper {
                put(out, format_args!("{sign}0x{magnitude:0width$X}"))
            } else {
                put(out, format_args!("{sign}0x{magnitude:0width$x}"))
            }
        }
    }
}

pub(super) fn time(out: &mut String, time: Time) {
    match time.unit {
        TimeUnit::Seconds if time.milliseconds.is_multiple_of(1000) => {
            put(out, format_args!("{}s", time.milliseconds / 1000))
        }
        _ => put(out, format_args!("{}ms", time.milliseconds)),
    }
}

pub(super) fn address(out: &mut String, address: &Address) {
    ip(out, address.ip, address.scope);
    if let Some(port) = address.port {
        put(out, format_args!(":{port}"));
    }
}

pub(super) fn network(out: &mut String, network: &Network) {
    ip(out, network.ip, network.scope);
    match network.part {
        Some(NetworkPart::Port(port)) => put(out, format_args!(":{port}")),
        Some(NetworkPart::Prefix(bits)) => put(out, format_args!("/{bits}")),
        None => {}
    }
}

fn ip(out: &mut String, ip: std::net::IpAddr, scope: Option<u32>) {
    match (ip, scope) {
        (std::net::IpAddr::V4(ip), _) => put(out, format_args!("{ip}")),
        (std::net::IpAddr::V6(ip), None) => put(out, format_args!("[{ip}]")),
        (std::net::IpAddr::V6(ip), Some(scope)) => put(out, format_args!("[{ip}%{scope}]")),
    }
}

/// Writing to a String does not fail.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

// ---- expectations

/// ` => ...`, if there is one.
pub(super) fn outcome(out: &mut String, outcome: Option<&Outcome>) {
    let Some(outcome) = outcome else { return };
    out.push_str(" => ");
    expectation(out, &outcome.expectation);
    for (word, name) in [(" by ", &outcome.by), (" from ", &outcome.from)] {
        if let Some(name) = name {
            out.push_str(word);
            out.push_str(name.as_str());
        }
    }
}

pub(super) fn expectation(out: &mut String, expectation: &Expectation) {
    match &expectation.kind {
        ExpectationKind::Ok => out.push_str("ok"),
        ExpectationKind::Any => out.push_str("any"),
        ExpectationKind::Pending => out.push_str("pending"),
        ExpectationKind::Fails(None) => out.push_str("fails"),
        ExpectationKind::Fails(Some(code)) => {
            out.push_str("fails ");
            number(out, *code);
        }
        ExpectationKind::Blocks => out.push_str("blocks"),
        ExpectationKind::BlocksForEver => out.push_str("blocks for ever"),
        ExpectationKind::AsValue(expected) => {
            out.push_str("value ");
            value(out, expected);
        }
        ExpectationKind::OneOf(all) => one_of(out, all),
        ExpectationKind::Record(fields) => record(out, fields),
        ExpectationKind::Each(all) => enclosed(out, ('[', ']'), all, expected),
        ExpectationKind::Compare(comparison, expected) => {
            out.push_str(comparison.symbol());
            out.push(' ');
            value(out, expected);
        }
        ExpectationKind::Value(expected) => expected_value(out, expected),
    }
}

fn expected(out: &mut String, part: &Expected) {
    match &part.kind {
        ExpectedKind::Untouched => out.push_str("untouched"),
        ExpectedKind::OneOf(all) => one_of(out, all),
        ExpectedKind::Record(fields) => record(out, fields),
        ExpectedKind::Each(all) => enclosed(out, ('[', ']'), all, expected),
        ExpectedKind::Value(expected) => expected_value(out, expected),
    }
}

fn one_of(out: &mut String, all: &[Expectation]) {
    out.push_str("one of ");
    enclosed(out, ('[', ']'), all, expectation);
}

fn record(out: &mut String, fields: &[ExpectedField]) {
    enclosed(out, ('{', '}'), fields, |out, part| {
        field(out, &part.field);
        out.push('=');
        expected(out, &part.expected);
    });
}

/// A value where `{` and `[` would begin something else.
fn expected_value(out: &mut String, expected: &Value) {
    if begins_with(expected, |kind| matches!(kind, ValueKind::List(_) | ValueKind::Struct(_))) {
        grouped(out, expected);
    } else {
        value(out, expected);
    }
}

/// Whether the first thing that is printed of a value is such a one.
fn begins_with(value: &Value, such: fn(&ValueKind) -> bool) -> bool {
    match &value.kind {
        ValueKind::Or(values) | ValueKind::And(values) => values.first().is_some_and(|first| begins_with(first, such)),
        ValueKind::With { value, .. } => begins_with(value, such),
        kind => such(kind),
    }
}

pub(super) fn test(out: &mut String, test: &Test) {
    value(out, &test.left);
    if let Some(right) = &test.right {
        out.push(' ');
        out.push_str(right.comparison.symbol());
        out.push(' ');
        match &right.operand {
            Operand::OneOf(all) => one_of(out, all),
            Operand::Value(operand) => value(out, operand),
        }
    }
}
