//! The rules in capitals: names, words, strings, line ends. Numbers and addresses are in `numeric.rs`.

use super::escape;
use super::keyword::is_keyword;
use super::parser::{Parsed, Parser};
use super::tree::{Above, Bytes, Name, Text};

impl<'t> Parser<'t> {
    // ---- words

    /// Whether `WORDCHAR` matches so many bytes ahead.
    pub(super) fn is_word_char(&self, ahead: usize) -> bool {
        let is_word = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let first = self.cursor.byte_at(ahead);
        is_word(first) || first == Some(b'-') && is_word(self.cursor.byte_at(ahead + 1))
    }

    /// `WORD` at this place, without taking it; empty if there is none.
    pub(super) fn word_here(&self) -> &'t str {
        let rest = self.cursor.rest();
        if rest.starts_with('-') {
            return "";
        }
        let mut length = 0;
        while self.is_word_char(length) {
            length += 1;
        }
        rest.get(..length).unwrap_or_default()
    }

    /// `FIELD` at this place: a word without hyphens that does not begin with a digit.
    fn field_here(&self) -> Option<&'t str> {
        let word = self.word_here();
        let first = word.as_bytes().first()?;
        (!first.is_ascii_digit() && !word.contains('-')).then_some(word)
    }

    fn take(&mut self, word: &str) -> Name {
        let start = self.cursor.place();
        self.cursor.advance_by(word.len());
        self.took();
        Name { span: self.span_from(start), text: word.to_string() }
    }

    /// `NAME`, of which `what` tells the kind.
    pub(super) fn name(&mut self, what: &str) -> Parsed<Name> {
        self.skip();
        match self.field_here() {
            Some(word) if !is_keyword(word) => Ok(self.take(word)),
            Some(_) => {
                if self.advice.as_ref().is_none_or(|(place, _)| place.offset != self.cursor.place().offset) {
                    self.advise("a keyword cannot be a name; see the end of docs/language.peg");
                }
                self.fail(what)
            }
            None => self.fail(what),
        }
    }

    /// Whether `NAME` matches here.
    pub(super) fn at_name(&mut self) -> bool {
        self.skip();
        self.field_here().is_some_and(|word| !is_keyword(word))
    }

    /// `FIELD`.
    pub(super) fn field_name(&mut self, what: &str) -> Parsed<Name> {
        self.skip();
        match self.field_here() {
            Some(word) => Ok(self.take(word)),
            None => self.fail(what),
        }
    }

    /// `FIELD '='`, if both are there.
    pub(super) fn field_name_and_equal(&mut self) -> Option<Name> {
        self.skip();
        let saved = self.save();
        let word = self.field_here()?;
        let name = self.take(word);
        if self.eat("=") {
            return Some(name);
        }
        self.restore(&saved);
        None
    }

    /// `WORD`.
    pub(super) fn word(&mut self, what: &str) -> Parsed<Name> {
        self.skip();
        match self.word_here() {
            "" => self.fail(what),
            word => Ok(self.take(word)),
        }
    }

    /// `ID`.
    pub(super) fn id(&mut self, what: &str) -> Parsed<Name> {
        let start = self.start();
        self.word(what)?;
        while self.cursor.byte() == Some(b'.') {
            let dot = self.cursor.place();
            self.cursor.advance();
            match self.word_here() {
                "" => {
                    self.cursor.go(dot);
                    break;
                }
                word => self.take(word),
            };
        }
        Ok(Name { span: self.span_from(start), text: self.cursor.from(start).to_string() })
    }

    // ---- strings

    /// `STRING`, for readers.
    pub(super) fn text(&mut self, what: &str) -> Parsed<Text> {
        let start = self.start();
        let bytes = self.string(what)?;
        Ok(Text { span: self.span_from(start), bytes })
    }

    /// `STRING`.
    pub(super) fn string(&mut self, what: &str) -> Parsed<Bytes> {
        let start = self.start();
        if self.cursor.byte() != Some(b'"') {
            return self.fail(what);
        }
        self.cursor.advance();
        let mut bytes = Vec::new();
        loop {
            let here = self.cursor.place();
            match self.cursor.byte() {
                Some(b'"') => {
                    self.cursor.advance();
                    self.took();
                    return Ok(Bytes(bytes));
                }
                None | Some(b'\n' | b'\r') => {
                    return self.refuse(
                        start,
                        here,
                        "this string has no end in its line".to_string(),
                        Some("a string ends with `\"`; a line break in it is `\\n`".to_string()),
                    );
                }
                Some(b'\\') => match escape::escape(self.cursor.rest().as_bytes().get(1..).unwrap_or_default()) {
                    Some((byte, length)) => {
                        bytes.push(byte);
                        self.cursor.advance_by(1 + length);
                    }
                    None => {
                        self.cursor.advance_by(2);
                        let end = self.cursor.place();
                        let message = "`\\` stands before something that it has no meaning for".to_string();
                        return self.refuse(
                            here,
                            end,
                            message,
                            Some("there are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, and `\\x00` to `\\xff`".to_string()),
                        );
                    }
                },
                Some(_) => {
                    self.cursor.advance();
                    bytes.extend_from_slice(self.cursor.from(here).as_bytes());
                }
            }
        }
    }

    /// `TRANSITION`, without the blanks at its end.
    pub(super) fn transition_text(&mut self) -> Parsed<String> {
        let start = self.start();
        loop {
            match self.cursor.byte() {
                Some(b'"') => {
                    self.string("a string")?;
                }
                None | Some(b'{' | b'}' | b'#' | b'\n' | b'\r') => break,
                Some(b' ' | b'\t') => self.cursor.advance(),
                Some(_) => {
                    self.cursor.advance();
                    self.took();
                }
            }
        }
        if self.cursor.place() == start {
            return self.fail("a transition");
        }
        let end = self.cursor.place();
        self.cursor.go(self.last);
        let text = self.cursor.from(start).to_string();
        self.cursor.go(end);
        Ok(text)
    }

    // ---- line ends

    pub(super) fn at_line_end(&self) -> bool {
        match self.cursor.byte() {
            Some(b'\n') => true,
            Some(b'\r') => self.cursor.byte_at(1) == Some(b'\n'),
            _ => false,
        }
    }

    /// `LINEEND`, which must be there.
    pub(super) fn line_end(&mut self) {
        if self.cursor.byte() == Some(b'\r') {
            self.cursor.advance();
        }
        self.cursor.advance();
    }

    /// `COMMENT`, if there is one: what stands behind `#`, without blanks at its end.
    pub(super) fn comment(&mut self) -> Option<String> {
        if self.cursor.byte() != Some(b'#') {
            return None;
        }
        self.cursor.advance();
        let start = self.cursor.place();
        self.cursor.advance_while(|character| character != '\n' && character != '\r');
        Some(self.cursor.from(start).trim_end().to_string())
    }

    /// Whether `NL` matches here, perhaps after blanks.
    pub(super) fn at_nl(&mut self) -> bool {
        self.skip();
        self.at_line_end() || matches!(self.cursor.byte(), None | Some(b'#'))
    }

    /// `NL`: gives the comment at the end of the line, and keeps what stands on the lines after it.
    pub(super) fn nl(&mut self) -> Parsed<Option<String>> {
        if !self.at_nl() {
            return self.fail("the end of the line");
        }
        let comment = self.comment();
        if self.at_line_end() {
            self.line_end();
            self.more_lines();
        } else if !self.cursor.at_end() {
            return self.fail("the end of the line");
        }
        Ok(comment)
    }

    /// Lines that are empty or have only a comment.
    pub(super) fn more_lines(&mut self) {
        loop {
            let start = self.cursor.place();
            self.cursor.advance_while(|character| matches!(character, ' ' | '\t'));
            let line = self.comment().map_or(Above::Blank, Above::Comment);
            if self.at_line_end() {
                self.line_end();
            } else if line == Above::Blank || !self.cursor.at_end() {
                self.cursor.go(start);
                return;
            }
            if line != Above::Blank || self.above.last() != Some(&Above::Blank) {
                self.above.push(line);
            }
        }
    }

    /// `END`.
    pub(super) fn end(&mut self) -> Parsed<()> {
        self.skip();
        if self.cursor.at_end() { Ok(()) } else { self.fail("the end of the file") }
    }
}
