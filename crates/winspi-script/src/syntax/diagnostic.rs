//! What is said about a text that is not in the language.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::escape::is_unseen;

/// One error in a text, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, counted in characters.
    pub column: u32,
    /// How many characters are meant, at least 1.
    pub length: u32,
    /// What is wrong, in a sentence without a stop.
    pub message: String,
    /// What could stand there, in words; empty if that is not what is wrong.
    pub expected: Vec<String>,
    /// What might help: "did you mean ...?" and the like.
    pub suggestion: Option<String>,
    /// The whole line.
    pub line_text: String,
}

/// The most characters of a line that are shown.
const WIDTH: usize = 120;

impl Diagnostic {
    /// The message with its place, the line, and a mark below it.
    pub fn render(&self, file_name: &str) -> String {
        let margin = self.line.to_string().len().max(2) + 3;
        let (shown, offset) = self.excerpt();
        let room = shown.chars().count().saturating_sub(offset).max(1);
        let marks = usize::try_from(self.length).unwrap_or(usize::MAX).clamp(1, room);
        let mut out = format!("{file_name}:{}:{}: {}\n", self.line, self.column, self.message);
        out.push_str(&format!("{:>margin$} | {shown}\n", self.line));
        out.push_str(&format!("{:>margin$} | {}{}\n", "", " ".repeat(offset), "^".repeat(marks)));
        if let Some(suggestion) = &self.suggestion {
            out.push_str(&format!("{:>margin$} = help: {suggestion}\n", ""));
        }
        out
    }

    /// The part of the line around the column, as it can be shown, and how far into it the column is.
    fn excerpt(&self) -> (String, usize) {
        let column = usize::try_from(self.column).unwrap_or(usize::MAX).saturating_sub(1);
        let first = if column < WIDTH - 20 { 0 } else { column - WIDTH / 2 };
        let mut characters = self.line_text.chars().skip(first);
        let mut shown: String = if first > 0 { "...".to_string() } else { String::new() };
        let offset = column - first + shown.len();
        shown.extend(characters.by_ref().take(WIDTH).map(visible));
        if characters.next().is_some() {
            shown.push_str("...");
        }
        (shown, offset)
    }
}

fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        _ if is_unseen(character) => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

impl fmt::Display for Diagnostic {
    /// `line:column: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// "a, b or c".
pub(super) fn alternatives(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
