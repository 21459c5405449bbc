//! Bytes as they are written between quotation marks.

use std::fmt::Write;

/// The bytes with escapes, without quotation marks. Printable text is left as it is.
pub(super) fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                _ if is_unseen(character) => push_bytes(&mut out, character.encode_utf8(&mut [0; 4]).as_bytes()),
                _ => out.push(character),
            }
        }
        push_bytes(&mut out, chunk.invalid());
    }
    out
}

/// The bytes that a text with escapes stands for; `None` if an escape does not exist.
pub(super) fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'\\' {
            out.push(byte);
            rest = after;
            continue;
        }
        let (byte, length) = escape(after)?;
        out.push(byte);
        rest = after.get(length..)?;
    }
    Some(out)
}

/// The byte that an escape stands for, and its length, both without the backslash.
pub(super) fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text.first()? {
        b'n' => Some((b'\n', 1)),
        b'r' => Some((b'\r', 1)),
        b't' => Some((b'\t', 1)),
        b'"' => Some((b'"', 1)),
        b'\\' => Some((b'\\', 1)),
        b'x' => Some((digit(*text.get(1)?)? << 4 | digit(*text.get(2)?)?, 3)),
        _ => None,
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn push_bytes(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a String does not fail.
        let _ = write!(out, "\\x{byte:02x}");
    }
}

/// Control characters, and those that change the order or the lines of the text around them in an editor.
pub(super) fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
