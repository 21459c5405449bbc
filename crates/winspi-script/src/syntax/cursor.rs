//! A position in a text.

use super::tree::Span;

/// A position in a text, with line and column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// In bytes, from 0.
    pub(super) offset: usize,
    /// From 1.
    pub(super) line: u32,
    /// From 1, in characters.
    pub(super) column: u32,
}

/// Goes through a text, and knows line and column.
pub(super) struct Cursor<'t> {
    text: &'t str,
    place: Place,
    /// The end (a column) of each line that has been passed, so that the length of a span over lines can be told.
    line_ends: Vec<u32>,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Cursor<'t> {
        Cursor { text, place: Place { offset: 0, line: 1, column: 1 }, line_ends: Vec::new() }
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Goes back (or forward) to where it was.
    pub(super) fn go(&mut self, place: Place) {
        self.place = place;
    }

    /// What is still to come.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.place.offset..).unwrap_or_default()
    }

    pub(super) fn from(&self, start: Place) -> &'t str {
        self.text.get(start.offset..self.place.offset).unwrap_or_default()
    }

    pub(super) fn at_end(&self) -> bool {
        self.place.offset >= self.text.len()
    }

    /// The next byte.
    pub(super) fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place.offset).copied()
    }

    /// The byte after so many others.
    pub(super) fn byte_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.place.offset + ahead).copied()
    }

    pub(super) fn starts_with(&self, literal: &str) -> bool {
        self.text.as_bytes().get(self.place.offset..).is_some_and(|rest| rest.starts_with(literal.as_bytes()))
    }

    /// Goes past the next character.
    pub(super) fn advance(&mut self) {
        let Some(character) = self.rest().chars().next() else {
            return;
        };
        let after_return = self.place.offset > 0 && self.text.as_bytes().get(self.place.offset - 1) == Some(&b'\r');
        self.place.offset += character.len_utf8();
        if character == '\n' {
            let line = usize::try_from(self.place.line).unwrap_or(usize::MAX);
            if self.line_ends.len() < line {
                self.line_ends.push(self.place.column - u32::from(after_return));
            }
            self.place.line = self.place.line.saturating_add(1);
            self.place.column = 1;
        } else {
            self.place.column = self.place.column.saturating_add(1);
        }
    }

    /// Goes past so many characters.
    pub(super) fn advance_by(&mut self, characters: usize) {
        for _ in 0..characters {
            self.advance();
        }
    }

    /// Goes past all characters that are like this.
    pub(super) fn advance_while(&mut self, accept: impl Fn(char) -> bool) {
        while self.rest().chars().next().is_some_and(&accept) {
            self.advance();
        }
    }

    /// The span between two places; over lines it ends with the first.
    pub(super) fn span(&self, start: Place, end: Place) -> Span {
        let last = if start.line == end.line {
            end.column
        } else {
            let line = usize::try_from(start.line).unwrap_or(usize::MAX);
            self.line_ends.get(line.saturating_sub(1)).copied().unwrap_or(start.column)
        };
        Span { line: start.line, column: start.column, length: last.saturating_sub(start.column) }
    }

    /// The whole line that a place is in, without its end.
    pub(super) fn line_text(&self, place: Place) -> &'t str {
        let offset = place.offset.min(self.text.len());
        let start = self
            .text
            .as_bytes()
            .get(..offset)
            .and_then(|before| before.iter().rposition(|byte| *byte == b'\n'))
            .map_or(0, |at| at + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }
}
