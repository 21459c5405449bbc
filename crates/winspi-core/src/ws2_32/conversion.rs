//! Byte order and the text of IPv4 addresses: what Ws2_32 carries out by itself.
//!
//! No provider is asked and none is started. The names without WSA need no WSAStartup either.

use winspi_types::ErrorCode;
use winspi_types::constants::{BIGENDIAN, INADDR_NONE};

use crate::call::{Call, InAddr};
use crate::clause;
use crate::id::Handle;
use crate::outcome::{Answer, Converted, ConvertedPlace, Out, OutValue, Refusal};
use crate::policy::Decision;
use crate::value::{Place, Value};
use crate::world::Cx;
use crate::ws2_32::{route, startup};

/// Answers a call about byte order or the text of an address; `None` for a call that is about neither.
pub(crate) fn answer(cx: &mut Cx<'_>, call: &Call) -> Option<Answer<Out>> {
    use ConvertedPlace::{Hostlong, Hostshort, Netlong, Netshort};
    let rule = match call {
        Call::htonl(_) | Call::WSAHtonl(_) => clause!("TransportMapping.local-htonl"),
        Call::htons(_) | Call::WSAHtons(_) => clause!("TransportMapping.local-htons"),
        Call::ntohl(_) | Call::WSANtohl(_) => clause!("TransportMapping.local-ntohl"),
        Call::ntohs(_) | Call::WSANtohs(_) => clause!("TransportMapping.local-ntohs"),
        Call::inet_addr(_) => clause!("TransportMapping.local-inet-addr"),
        Call::inet_ntoa(_) => clause!("TransportMapping.local-inet-ntoa"),
        _ => return None,
    };
    cx.hit(rule);
    Some(match call {
        Call::htonl(a) => number(long(a.hostlong)),
        Call::ntohl(a) => number(long(a.netlong)),
        Call::htons(a) => number(short(a.hostshort)),
        Call::ntohs(a) => number(short(a.netshort)),
        Call::WSAHtonl(a) => of_socket(cx, call, a.s, a.netlong, Netlong, (a.hostlong, long)),
        Call::WSANtohl(a) => of_socket(cx, call, a.s, a.hostlong, Hostlong, (a.netlong, long)),
        Call::WSAHtons(a) => of_socket(cx, call, a.s, a.netshort, Netshort, (a.hostshort, short)),
        Call::WSANtohs(a) => of_socket(cx, call, a.s, a.hostshort, Hostshort, (a.netshort, short)),
        Call::inet_addr(a) => Ok(i64::from(address(&a.cp)).wrap()),
        Call::inet_ntoa(a) => Ok(text(a.address).wrap()),
        _ => return None,
    })
}

fn number(n: u32) -> Answer<Out> {
    Ok(i64::from(n).wrap())
}

/// Between the order of TCP/IP and that of this machine, which is little endian.
fn long(n: u32) -> u32 {
    n.swap_bytes()
}

/// As [`long`], of the low 16 bits: what a u_short takes of a number.
fn short(n: u32) -> u32 {
    u32::from((n as u16).swap_bytes())
}

/// The order is that of the catalog entry behind the socket.
fn of_socket(
    cx: &mut Cx<'_>,
    call: &Call,
    s: Handle,
    to: Place,
    place: ConvertedPlace,
    (number, turned): (u32, fn(u32) -> u32),
) -> Answer<Out> {
    startup::check_started(cx)?;
    let entry = route::choose_by_handle(cx, call, s)?.entry;
    if to != Place::Room {
        return Err(Refusal::code(ErrorCode::WSAEFAULT, Decision::BadMemory));
    }
    let order = cx.world.catalog().entry_or_refuse(entry)?.info.network_byte_order();
    let number = if order == BIGENDIAN { turned(number) } else { number };
    Ok(Converted { place, number }.wrap())
}

/// The address that a text means, in network byte order.
fn address(text: &Value) -> u32 {
    let parsed = match text {
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok().and_then(parse),
        _ => None,
    };
    parsed.map_or(INADDR_NONE, u32::from_le_bytes)
}

/// One to four numbers, the last of which fills what is left; a blank alone is 0.
fn parse(text: &str) -> Option<[u8; 4]> {
    if text == " " {
        return Some([0; 4]);
    }
    let parts = text.split('.').map(part).collect::<Option<Vec<u32>>>()?;
    let (last, first) = parts.split_last()?;
    let left = 4_u32.checked_sub(u32::try_from(first.len()).ok()?).filter(|left| *left > 0)?;
    let fits = |n: u32, bytes: u32| u64::from(n) < 1 << (8 * bytes);
    if !fits(*last, left) || !first.iter().all(|n| fits(*n, 1)) {
        return None;
    }
    let mut address = last.to_be_bytes();
    for (byte, n) in address.iter_mut().zip(first) {
        *byte = u8::try_from(*n).ok()?;
    }
    Some(address)
}

/// A number as C writes it: decimal, octal, or hexadecimal.
fn part(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    let only_digits = digits.chars().all(|c| c.is_digit(radix));
    only_digits.then(|| u32::from_str_radix(digits, radix).ok())?
}

fn text(InAddr([a, b, c, d]): InAddr) -> Value {
    Value::bytes(format!("{a}.{b}.{c}.{d}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_addresses() {
        for (text, bytes) in [
            ("4.3.2.16", Some([4, 3, 2, 16])),
            ("004.003.002.020", Some([4, 3, 2, 16])),
            ("0x4.0x3.0x2.0X10", Some([4, 3, 2, 16])),
            ("4.003.002.0x10", Some([4, 3, 2, 16])),
            ("128.1.258", Some([128, 1, 1, 2])),
            ("10.65536", Some([10, 1, 0, 0])),
            ("1", Some([0, 0, 0, 1])),
            ("4294967295", Some([255; 4])),
            (" ", Some([0; 4])),
            ("0", Some([0; 4])),
            ("", None),
            (".", None),
            ("256.1.1.1", None),
            ("1.1.1.256", None),
            ("1.1.65536", None),
            ("1.16777216", None),
            ("4294967296", None),
            ("1.2.3.4.5", None),
            ("+1.2.3.4", None),
            ("1.2.3.08", None),
            ("0x.2.3.4", None),
            ("host", None),
        ] {
            assert_eq!(parse(text), bytes, "{text}");
        }
    }

    #[test]
    fn bytes_change_their_places() {
        assert_eq!(long(0x7f00_0001), 0x0100_007f);
        assert_eq!(short(0x1388), 0x8813);
        assert_eq!(short(0xabcd_1388), 0x8813);
    }
}
