//! Results as a table shows them: short, handles in hexadecimal, bytes that are a number as that number.

use std::fmt::Write;

use winspi_core::Value;
use winspi_core::outcome::{Out, Outcome, Refusal};
use winspi_script::report::Row;

/// The most characters of a value in a table; longer ones are described.
const MOST: usize = 40;

/// What came back, or that nothing did.
pub fn result(row: &Row) -> String {
    match &row.outcome {
        Some(outcome) if row.blocked => format!("blocks, then {}", outcome_text(outcome)),
        Some(outcome) => outcome_text(outcome),
        None if row.blocked => "blocks".to_owned(),
        None => "does not return".to_owned(),
    }
}

/// The same in a word or two.
pub fn short_result(row: &Row) -> String {
    match &row.outcome {
        Some(outcome) => match &outcome.result {
            Ok(Out::Info(_)) => "info".to_owned(),
            Ok(Out::Message(m)) => short_value(&Value::Bytes(m.data.clone())),
            Ok(Out::Received(r)) => short_value(&Value::Bytes(r.data.clone())),
            Err(Refusal::NotModelled(_)) => "not modelled".to_owned(),
            _ => outcome_text(outcome),
        },
        None => result(row),
    }
}

fn outcome_text(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(Out::Done) => "ok".to_owned(),
        Ok(Out::Handle(handle)) => handle.to_string(),
        Ok(Out::Accepted(accepted)) => accepted.s.to_string(),
        Ok(Out::Context(context)) => format!("{:#x}", context.0),
        Ok(out) => value(&out.primary()),
        Err(Refusal::Code { code, .. }) => match code.name() {
            Some(name) => name.to_owned(),
            None => format!("error {code}"),
        },
        Err(Refusal::NotModelled(gap)) => format!("not modelled: {gap}"),
    }
}

/// A value in a table.
pub fn value(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => bytes_text(bytes),
        Value::Info(info) => format!("info of {}, reserved {:#x}", info.catalog_entry_id(), info.provider_reserved()),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(self::value).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// The same in a word or two: for a message on the bus.
pub fn short_value(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => match number_in(bytes) {
            Some(number) => number.to_string(),
            None if bytes.len() > 12 => format!("{} bytes", bytes.len()),
            None => bytes_text(bytes),
        },
        Value::Info(_) => "info".to_owned(),
        other => {
            let text = other.to_string();
            if text.chars().count() > 16 { other.kind().trim_start_matches("a ").to_owned() } else { text }
        }
    }
}

fn bytes_text(bytes: &[u8]) -> String {
    if let Some(number) = number_in(bytes) {
        return format!("{} bytes ({number})", bytes.len());
    }
    let text = format!("\"{}\"", notation(bytes));
    if text.len() > MOST { format!("{} bytes", bytes.len()) } else { text }
}

/// The number that four or eight bytes are, if they are no text.
fn number_in(bytes: &[u8]) -> Option<i64> {
    let text = bytes.iter().all(|b| matches!(b, 0x20..=0x7e | b'\n' | b'\r' | b'\t'));
    if text { None } else { Value::Bytes(bytes.into()).as_number() }
}

/// Bytes as the language writes them between quotation marks.
pub fn notation(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x20..=0x7e => out.push(char::from(*byte)),
            // Writing to a string does not fail.
            _ => write!(out, "\\x{byte:02x}").unwrap_or_default(),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_or_a_number_or_a_count() {
        for (bytes, shown, short) in [
            (&b"pid?"[..], "\"pid?\"", "\"pid?\""),
            (b"\xf0\x03\0\0", "4 bytes (1008)", "1008"),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", "8 bytes (-1)", "-1"),
            (b"\0", "\"\\x00\"", "\"\\x00\""),
            (b"", "\"\"", "\"\""),
            (b"a long message", "\"a long message\"", "14 bytes"),
            (&[7; 628], "628 bytes", "628 bytes"),
        ] {
            let bytes = Value::bytes(bytes);
            assert_eq!((value(&bytes).as_str(), short_value(&bytes).as_str()), (shown, short));
        }
    }

    #[test]
    fn notation_is_that_of_the_language() {
        assert_eq!(notation(b"a\"b\\c\n\r\t\x00\xff"), "a\\\"b\\\\c\\n\\r\\t\\x00\\xff");
    }
}
