//! Fixed-size strings with a NUL inside structures: `WCHAR[n]`, little endian, and `CHAR[n]`.

/// Units of `text` in UTF-16.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Writes `text` as UTF-16LE into `room`, from its start; the caller has checked that it fits, what does not fit
/// is left out.
pub(crate) fn put_wide(room: &mut [u8], text: &str) {
    for (pair, unit) in room.chunks_exact_mut(2).zip(text.encode_utf16()) {
        pair.copy_from_slice(&unit.to_le_bytes());
    }
}

/// Reads UTF-16LE up to the NUL; without one the last unit counts as the NUL. Unpaired surrogates become U+FFFD.
pub(crate) fn get_wide(room: &[u8]) -> String {
    let units: Vec<u16> = room
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .take((room.len() / 2).saturating_sub(1))
        .take_while(|unit| *unit != 0)
        .collect();
    String::from_utf16_lossy(&units)
}

/// Writes `text` in Latin-1 into `room`; a character above U+00FF becomes `?`.
pub(crate) fn put_narrow(room: &mut [u8], text: &str) {
    for (byte, character) in room.iter_mut().zip(text.chars()) {
        *byte = u8::try_from(u32::from(character)).unwrap_or(b'?');
    }
}

/// Reads Latin-1 up to the NUL; without one the last byte counts as the NUL.
pub(crate) fn get_narrow(room: &[u8]) -> String {
    room.iter()
        .take(room.len().saturating_sub(1))
        .take_while(|byte| **byte != 0)
        .map(|byte| char::from(*byte))
        .collect()
}
