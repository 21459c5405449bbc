//! From what was expected to a message, and on to the next line.

use super::cursor::Place;
use super::diagnostic::{Diagnostic, alternatives};
use super::keyword::is_keyword;
use super::parser::{Parsed, Parser};

/// After so many errors the rest of a text is not read.
const MAX_ERRORS: usize = 20;

/// The most alternatives that a message lists, and the most characters of a word that it quotes.
const MAX_LISTED: usize = 6;
const MAX_QUOTED: usize = 40;

/// What a rule was in when it began, so that one can go on after it failed.
pub(super) struct Line {
    place: Place,
    open: usize,
}

impl Parser<'_> {
    /// The result, or the errors.
    pub(super) fn finish<T>(mut self, result: Parsed<T>) -> Result<T, Vec<Diagnostic>> {
        match result {
            Ok(tree) if self.diagnostics.is_empty() => Ok(tree),
            Ok(_) => Err(self.diagnostics),
            Err(_) => {
                if !self.stopped {
                    self.report();
                }
                Err(self.diagnostics)
            }
        }
    }

    pub(super) fn line_begins(&mut self) -> Line {
        let place = self.start();
        Line { place, open: self.open.len() }
    }

    /// Reports the error and goes to a line where something may begin. Gives false where it is of no use to go on.
    pub(super) fn recover(&mut self, line: &Line) -> bool {
        if self.stopped {
            return false;
        }
        let error = self.report();
        let joined = self.open.iter().skip(line.open).any(|open| open.joins);
        self.close_down_to(line.open);
        self.inner.clear();
        self.above.clear();
        self.cursor.go(error);
        let first_of_its_line = self.cursor.line_text(error).trim_start().len() == self.rest_of_line();
        if !(joined && error.line > line.place.line && first_of_its_line) {
            self.skip_line_and_its_block();
        }
        self.more_lines();
        self.above.clear();
        self.stopped = self.diagnostics.len() >= MAX_ERRORS;
        !self.stopped
    }

    fn rest_of_line(&self) -> usize {
        let rest = self.cursor.rest();
        let line = rest.split('\n').next().unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Goes to the line after this one or, if this one opens a block, after that block.
    fn skip_line_and_its_block(&mut self) {
        let mut depth = 0usize;
        let mut first = true;
        while !self.cursor.at_end() {
            let start = self.cursor.place();
            self.cursor.advance_while(|character| character != '\n');
            let line = self.cursor.from(start);
            self.cursor.advance();
            let code = line.split(" #").next().unwrap_or_default().trim();
            if !first && code.starts_with('}') {
                depth = depth.saturating_sub(1);
            }
            if code.ends_with('{') {
                depth += 1;
            }
            first = false;
            if depth == 0 {
                return;
            }
        }
    }

    /// Makes a message of what was expected, or takes the one that stands. Gives the place of the error.
    fn report(&mut self) -> Place {
        if let Some((place, diagnostic)) = self.refused.take() {
            self.expected.clear();
            self.advice = None;
            self.diagnostics.push(diagnostic);
            return place;
        }
        let place = self.far;
        self.cursor.go(place);
        let at_end = self.cursor.at_end();
        let found = self.found();
        let mut expected = std::mem::take(&mut self.expected);
        expected.truncate(MAX_LISTED);
        let message = format!("expected {}, found {}", alternatives(&expected), found.words);
        let suggestion = self.advice.take().filter(|(at, _)| at.offset == place.offset).map(|(_, advice)| advice);
        let suggestion = suggestion.or_else(|| self.still_open(place, at_end));
        // What is missing at the end follows from an error before.
        if !at_end || self.diagnostics.is_empty() {
            self.diagnostics.push(Diagnostic {
                line: place.line,
                column: place.column,
                length: found.length,
                message,
                expected,
                suggestion,
                line_text: self.cursor.line_text(place).to_string(),
            });
        }
        place
    }

    /// A bracket of a line before can be the reason.
    fn still_open(&self, place: Place, at_end: bool) -> Option<String> {
        let open = self.open.last()?;
        let joined = open.joins && open.place.line < place.line;
        if !at_end && !joined {
            return None;
        }
        Some(format!("the `{}` in line {}, column {} is still open", open.symbol, open.place.line, open.place.column))
    }

    /// What stands at the cursor.
    fn found(&self) -> Found {
        let words = |words: &str| Found { words: words.to_string(), length: 1 };
        let word = self.word_here();
        if !word.is_empty() {
            let length = u32::try_from(word.len()).unwrap_or(u32::MAX);
            let kind = if is_keyword(word) && self.expected_a_name() { "the keyword " } else { "" };
            let shown = match word.get(..MAX_QUOTED) {
                Some(part) if word.len() > MAX_QUOTED => format!("{part}..."),
                _ => word.to_string(),
            };
            return Found { words: format!("{kind}`{shown}`"), length };
        }
        if self.at_line_end() {
            return words("the end of the line");
        }
        for symbol in ["=>", "==", "!=", "<=", ">=", "->"] {
            if self.cursor.starts_with(symbol) {
                return Found { words: format!("`{symbol}`"), length: 2 };
            }
        }
        match self.cursor.rest().chars().next() {
            None => words("the end of the file"),
            Some('#') => words("the end of the line"),
            Some('"') => words("a string"),
            Some('\u{feff}') => words("a byte order mark (U+FEFF)"),
            Some(character) if character.is_control() => {
                words(&format!("the character U+{:04X}", u32::from(character)))
            }
            Some(character) => words(&format!("`{character}`")),
        }
    }

    fn expected_a_name(&self) -> bool {
        !self.expected.iter().any(|what| what.starts_with('`'))
    }
}

struct Found {
    words: String,
    length: u32,
}

/// The error for a text that is UTF-8 only so far.
pub(super) fn not_utf8(bytes: &[u8], valid: usize) -> Diagnostic {
    let before = bytes.get(..valid).unwrap_or_default();
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line_bytes = bytes.get(line_start..).unwrap_or_default();
    let line_bytes = line_bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let column = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default()).chars().count() + 1;
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let byte = bytes.get(valid).copied().unwrap_or_default();
    Diagnostic {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        length: 1,
        message: format!("this is not UTF-8: byte 0x{byte:02x} at offset {valid} of the file"),
        expected: Vec::new(),
        suggestion: Some("in strings, `\\x00` to `\\xff` stand for any byte".to_string()),
        line_text: String::from_utf8_lossy(line_bytes).trim_end_matches('\r').to_string(),
    }
}
