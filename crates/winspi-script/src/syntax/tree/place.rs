//! Places, names, comments and braces.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// A place in a text. All spans are equal to each other, so that trees can be compared without regard to layout.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    /// The line, from 1; 0 for what does not come from a text.
    pub line: u32,
    /// The column, from 1, counted in characters.
    pub column: u32,
    /// The number of characters; if there are several lines, those to the end of the first.
    pub length: u32,
}

impl PartialEq for Span {
    fn eq(&self, _: &Span) -> bool {
        true
    }
}

impl Eq for Span {}

impl Hash for Span {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Display for Span {
    /// `line:column`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A name, field, word or clause id with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Name {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The name itself.
    pub text: String,
}

impl Name {
    /// A name that stands in no text.
    pub fn new(text: impl Into<String>) -> Name {
        Name { span: Span::default(), text: text.into() }
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

/// The comments that belong to an item. Those inside of its parentheses or brackets are moved above it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notes {
    /// Comment lines and blank lines above it.
    pub above: Vec<Above>,
    /// The comment at the end of its (last) line, without `#`.
    pub after: Option<String>,
}

impl Notes {
    /// Whether there is nothing to print.
    pub fn is_empty(&self) -> bool {
        self.above.is_empty() && self.after.is_none()
    }
}

/// A line that is no statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Above {
    /// An empty line, or several.
    Blank,
    /// A comment, without `#` and without blanks at its end.
    Comment(String),
}

/// What stands in the braces of a block.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Braced<T> {
    /// The lines or, on one line, what is separated by `;`.
    pub items: Vec<T>,
    /// Whether the block is written on one line. The printer takes several lines where one is not possible.
    pub one_line: bool,
    /// The comment behind `{`.
    pub comment: Option<String>,
    /// Comments before `}`.
    pub tail: Vec<Above>,
}

impl<T> Braced<T> {
    /// A block over several lines, without comments.
    pub fn lines(items: Vec<T>) -> Braced<T> {
        Braced { one_line: items.is_empty(), items, comment: None, tail: Vec::new() }
    }

    /// A block on one line.
    pub fn one_line(items: Vec<T>) -> Braced<T> {
        Braced { items, one_line: true, comment: None, tail: Vec::new() }
    }
}

impl<T> Default for Braced<T> {
    fn default() -> Braced<T> {
        Braced::one_line(Vec::new())
    }
}
