//! The rules in capitals that begin with a digit, and addresses in brackets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::cursor::Place;
use super::parser::{Parsed, Parser};
use super::tree::{Address, Network, NetworkPart, Number, Spelling, Time, TimeUnit, ValueKind};

/// An address in a text, and its scope.
type Ip = (IpAddr, Option<u32>);

impl Parser<'_> {
    /// `ADDRESS / VERSION / TIME / NUMBER`, at a digit or a minus sign.
    pub(super) fn numeric(&mut self) -> Parsed<ValueKind> {
        let start = self.start();
        let first = self.digits();
        if self.cursor.byte() == Some(b'.') && !first.is_empty() {
            let (parts, end) = self.dotted_parts();
            self.cursor.go(start);
            if parts == 2 {
                return self.version(end);
            }
            if parts > 2 {
                return self.address("a value").map(ValueKind::Address);
            }
        }
        self.cursor.go(start);
        if self.at_time() {
            return self.time("a value").map(ValueKind::Time);
        }
        self.number("a value").map(ValueKind::Number)
    }

    /// How many runs of digits with dots between follow, the one behind us included, and where they end.
    fn dotted_parts(&mut self) -> (usize, Place) {
        let mut parts = 1;
        while self.cursor.byte() == Some(b'.') && self.cursor.byte_at(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.cursor.advance();
            self.digits();
            parts += 1;
        }
        (parts, self.cursor.place())
    }

    fn digits(&mut self) -> String {
        let start = self.cursor.place();
        self.cursor.advance_while(|character| character.is_ascii_digit());
        self.cursor.from(start).to_string()
    }

    /// `NUMBER`.
    pub(super) fn number(&mut self, what: &str) -> Parsed<Number> {
        let start = self.start();
        let negative = self.cursor.byte() == Some(b'-');
        let sign = usize::from(negative);
        if !self.cursor.byte_at(sign).is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fail(what);
        }
        self.cursor.advance_by(sign);
        let rest = self.cursor.rest().as_bytes();
        let is_hex = rest.starts_with(b"0x") && rest.get(2).is_some_and(u8::is_ascii_hexdigit);
        let digits_start = if is_hex {
            self.cursor.advance_by(2);
            self.cursor.place()
        } else {
            self.cursor.place()
        };
        self.cursor.advance_while(
            |character| {
                if is_hex { character.is_ascii_hexdigit() } else { character.is_ascii_digit() }
            },
        );
        let digits = self.cursor.from(digits_start);
        self.no_word_char(start, "a number")?;
        let spelling = if is_hex { hex_spelling(digits) } else { Spelling::Decimal };
        let magnitude = magnitude(digits, if is_hex { 16 } else { 10 });
        let value = magnitude.map(|magnitude| if negative { -magnitude } else { magnitude });
        let Some(value) = value.filter(|value| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(value)) else {
            let end = self.cursor.place();
            return self.refuse(start, end, "this number does not fit into 64 bits".to_string(), None);
        };
        self.took();
        Ok(Number { value, spelling })
    }

    /// Fails if the word goes on behind a number.
    fn no_word_char(&mut self, start: Place, what: &str) -> Parsed<()> {
        if !self.is_word_char(0) {
            return Ok(());
        }
        let mut length = 0;
        while self.is_word_char(length) {
            length += 1;
        }
        self.cursor.advance_by(length);
        let end = self.cursor.place();
        let known = "numbers are `42`, `-1` or `0x2a`, times `500ms` or `2s`, versions `2.2`, addresses `127.0.0.1:80`";
        self.refuse(start, end, format!("this is not {what}"), Some(known.to_string()))
    }

    fn at_time(&mut self) -> bool {
        let start = self.start();
        let has_digits = !self.digits().is_empty();
        let found = has_digits && matches!(self.word_here(), "ms" | "s");
        self.cursor.go(start);
        found
    }

    /// `TIME`.
    pub(super) fn time(&mut self, what: &str) -> Parsed<Time> {
        if !self.at_time() {
            return self.fail(what);
        }
        let start = self.start();
        let digits = self.digits();
        let unit = if self.cursor.byte() == Some(b's') { TimeUnit::Seconds } else { TimeUnit::Milliseconds };
        let (letters, factor) = match unit {
            TimeUnit::Seconds => (1, 1000),
            TimeUnit::Milliseconds => (2, 1),
        };
        self.cursor.advance_by(letters);
        let milliseconds = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        let Some(milliseconds) = milliseconds else {
            let end = self.cursor.place();
            return self.refuse(start, end, "this time does not fit into 64 bits of milliseconds".to_string(), None);
        };
        self.took();
        Ok(Time { milliseconds, unit })
    }

    /// `VERSION`, which ends there.
    fn version(&mut self, end: Place) -> Parsed<ValueKind> {
        let start = self.cursor.place();
        let major = self.digits();
        self.cursor.advance();
        let minor = self.digits();
        self.no_word_char(start, "a version")?;
        let (Ok(major), Ok(minor)) = (major.parse(), minor.parse()) else {
            return self.refuse(start, end, "this version does not fit into 64 bits".to_string(), None);
        };
        self.took();
        Ok(ValueKind::Version(major, minor))
    }

    // ---- addresses

    /// Whether an IPv6 address in brackets begins here: no list begins like this.
    pub(super) fn at_ip6(&mut self) -> bool {
        let start = self.start();
        if self.cursor.byte() != Some(b'[') {
            return false;
        }
        self.cursor.advance();
        self.cursor.advance_while(|character| character.is_ascii_hexdigit());
        let first = self.cursor.byte() == Some(b':');
        self.cursor.advance();
        self.cursor.advance_while(|character| character.is_ascii_hexdigit());
        let found = first && self.cursor.byte() == Some(b':');
        self.cursor.go(start);
        found
    }

    /// `ADDRESS`.
    pub(super) fn address(&mut self, what: &str) -> Parsed<Address> {
        let start = self.start();
        let (ip, scope) = self.ip(what)?;
        let port = self.port(start)?;
        self.no_word_char(start, "an address")?;
        self.took();
        Ok(Address { ip, port, scope })
    }

    /// `NETWORK`.
    pub(super) fn network(&mut self, what: &str) -> Parsed<Network> {
        let start = self.start();
        let (ip, scope) = self.ip(what)?;
        let part = if self.cursor.byte() == Some(b'/') {
            self.prefix(start, ip)?.map(NetworkPart::Prefix)
        } else {
            self.port(start)?.map(NetworkPart::Port)
        };
        self.no_word_char(start, "an address")?;
        self.took();
        Ok(Network { ip, scope, part })
    }

    /// `IP4 / '[' IP6 ']'`.
    fn ip(&mut self, what: &str) -> Parsed<Ip> {
        if self.at_ip6() {
            return self.ip6();
        }
        if self.cursor.byte().is_some_and(|byte| byte.is_ascii_digit()) { self.ip4() } else { self.fail(what) }
    }

    fn ip4(&mut self) -> Parsed<Ip> {
        let start = self.cursor.place();
        self.digits();
        let (_, end) = self.dotted_parts();
        match self.cursor.from(start).parse::<Ipv4Addr>() {
            Ok(ip) => Ok((IpAddr::V4(ip), None)),
            Err(_) => self.refuse(
                start,
                end,
                "this is not an IPv4 address".to_string(),
                Some("it has four numbers from 0 to 255, without leading zeros".to_string()),
            ),
        }
    }

    fn ip6(&mut self) -> Parsed<Ip> {
        let start = self.cursor.place();
        self.cursor.advance();
        let inside = self.cursor.place();
        self.cursor.advance_while(|character| character.is_ascii_hexdigit() || matches!(character, ':' | '.'));
        let ip = self.cursor.from(inside).parse::<Ipv6Addr>().ok();
        let mut scope = Some(None);
        if self.cursor.byte() == Some(b'%') {
            self.cursor.advance();
            scope = self.digits().parse::<u32>().ok().map(Some);
        }
        let closed = self.cursor.byte() == Some(b']');
        self.cursor.advance_by(usize::from(closed));
        let end = self.cursor.place();
        match (ip, scope) {
            (Some(ip), Some(scope)) if closed => Ok((IpAddr::V6(ip), scope)),
            _ => self.refuse(
                start,
                end,
                "this is not an IPv6 address".to_string(),
                Some("such an address is `[::1]` or, with a scope, `[fe80::1%3]`".to_string()),
            ),
        }
    }

    /// `(':' DIGIT+)?`
    fn port(&mut self, start: Place) -> Parsed<Option<u16>> {
        if self.cursor.byte() != Some(b':') || !self.cursor.byte_at(1).is_some_and(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        self.cursor.advance();
        match self.digits().parse::<u16>() {
            Ok(port) => Ok(Some(port)),
            Err(_) => {
                let end = self.cursor.place();
                self.refuse(start, end, "the port of this address is greater than 65535".to_string(), None)
            }
        }
    }

    /// `('/' DIGIT+)?`
    fn prefix(&mut self, start: Place, ip: IpAddr) -> Parsed<Option<u8>> {
        if !self.cursor.byte_at(1).is_some_and(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        self.cursor.advance();
        let most = if ip.is_ipv4() { 32 } else { 128 };
        match self.digits().parse::<u8>() {
            Ok(prefix) if prefix <= most => Ok(Some(prefix)),
            _ => {
                let end = self.cursor.place();
                self.refuse(start, end, format!("the prefix of this address is longer than {most} bits"), None)
            }
        }
    }
}

/// The value of digits; `None` if it is far beyond 64 bits.
fn magnitude(digits: &str, base: u32) -> Option<i128> {
    let mut value: i128 = 0;
    for digit in digits.chars() {
        value = value * i128::from(base) + i128::from(digit.to_digit(base)?);
        if value > i128::from(u64::MAX) {
            return None;
        }
    }
    Some(value)
}

fn hex_spelling(digits: &str) -> Spelling {
    let upper =
        digits.bytes().any(|byte| byte.is_ascii_uppercase()) && !digits.bytes().any(|byte| byte.is_ascii_lowercase());
    let shown = u8::try_from(digits.len()).unwrap_or(u8::MAX).min(16);
    Spelling::Hexadecimal { digits: shown, upper }
}
