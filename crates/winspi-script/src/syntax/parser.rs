//! The state of the parser, and the few ways in which rules look at the text.
//!
//! A rule either gives its part of the tree or fails. Where it fails, it leaves behind what it expected; what was
//! expected farthest in the text becomes the message. [`Parser::refuse`] is for texts that have the form of a rule
//! but mean nothing (a number of 70 bits): its message stands.

use super::cursor::{Cursor, Place};
use super::diagnostic::Diagnostic;
use super::tree::{
    Above, Act, Case, Define, Headline, Item, Layer, Mark, Need, Notes, Process, Rule, Schedule, Setup, Span,
    Statement, Thread, Transition,
};
use super::{MAX_DEPTH, keyword};

/// A rule did not match.
#[derive(Debug)]
pub(super) struct Failed;

pub(super) type Parsed<T> = Result<T, Failed>;

/// Something is open: a bracket or a block.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) symbol: &'static str,
    /// Whether it joins lines, as all but blocks do.
    pub(super) joins: bool,
}

pub(super) struct Parser<'t> {
    pub(super) cursor: Cursor<'t>,
    /// Where the last thing that was read ends.
    pub(super) last: Place,
    /// What is open here; its length is the depth.
    pub(super) open: Vec<Open>,
    /// How many of these join lines.
    joins: usize,
    /// The farthest place at which something was expected, and what.
    pub(super) far: Place,
    pub(super) expected: Vec<String>,
    /// Advice for an error at the place.
    pub(super) advice: Option<(Place, String)>,
    /// An error that stands.
    pub(super) refused: Option<(Place, Diagnostic)>,
    /// Comment lines and blank lines that belong to the next item.
    pub(super) above: Vec<Above>,
    /// Comments between brackets, which belong to the item that is being read.
    pub(super) inner: Vec<String>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// There were so many errors that the rest is not read.
    pub(super) stopped: bool,
}

/// Where to go back to.
pub(super) struct Saved {
    place: Place,
    last: Place,
    open: usize,
    inner: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Parser<'t> {
        let cursor = Cursor::new(text);
        let place = cursor.place();
        Parser {
            cursor,
            last: place,
            open: Vec::new(),
            joins: 0,
            far: place,
            expected: Vec::new(),
            advice: None,
            refused: None,
            above: Vec::new(),
            inner: Vec::new(),
            diagnostics: Vec::new(),
            stopped: false,
        }
    }

    /// A rule that is the whole text, with empty lines around it.
    pub(super) fn alone<T>(&mut self, rule: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.more_lines();
        let result = rule(self)?;
        self.nl()?;
        self.end()?;
        Ok(result)
    }

    /// A statement that is the whole text.
    pub(super) fn alone_with_notes(&mut self) -> Parsed<Statement> {
        self.more_lines();
        self.no_blank_first();
        let statement = self.line(Self::statement)?;
        self.end()?;
        Ok(statement)
    }

    // ---- going on

    /// Goes past blanks and, between brackets, line ends and comments.
    pub(super) fn skip(&mut self) {
        loop {
            match self.cursor.byte() {
                Some(b' ' | b'\t') => self.cursor.advance(),
                Some(b'\n' | b'\r') if self.joins > 0 && self.at_line_end() => self.line_end(),
                Some(b'#') if self.joins > 0 => {
                    let comment = self.comment();
                    self.inner.extend(comment);
                }
                _ => return,
            }
        }
    }

    /// Where the next thing begins.
    pub(super) fn start(&mut self) -> Place {
        self.skip();
        self.cursor.place()
    }

    /// Remembers that what has been read so far is part of the tree.
    pub(super) fn took(&mut self) {
        self.last = self.cursor.place();
    }

    pub(super) fn span_from(&self, start: Place) -> Span {
        self.cursor.span(start, self.last)
    }

    pub(super) fn save(&self) -> Saved {
        Saved { place: self.cursor.place(), last: self.last, open: self.open.len(), inner: self.inner.len() }
    }

    pub(super) fn restore(&mut self, saved: &Saved) {
        self.cursor.go(saved.place);
        self.last = saved.last;
        self.close_down_to(saved.open);
        self.inner.truncate(saved.inner);
    }

    // ---- expecting

    /// Notes what could stand here.
    pub(super) fn hint(&mut self, what: &str) {
        let here = self.start();
        if here.offset > self.far.offset {
            self.far = here;
            self.expected.clear();
        }
        if here.offset == self.far.offset && !self.expected.iter().any(|known| known == what) {
            self.expected.push(what.to_string());
        }
    }

    /// Fails because this does not stand here.
    pub(super) fn fail<T>(&mut self, what: &str) -> Parsed<T> {
        self.hint(what);
        Err(Failed)
    }

    /// Advice in case that the next thing is wrong.
    pub(super) fn advise(&mut self, advice: impl Into<String>) {
        self.advice = Some((self.start(), advice.into()));
    }

    /// Fails with a message that stands.
    pub(super) fn refuse<T>(
        &mut self,
        start: Place,
        end: Place,
        message: String,
        suggestion: Option<String>,
    ) -> Parsed<T> {
        let span = self.cursor.span(start, end);
        let diagnostic = Diagnostic {
            line: span.line,
            column: span.column,
            length: span.length.max(1),
            message,
            expected: Vec::new(),
            suggestion,
            line_text: self.cursor.line_text(start).to_string(),
        };
        self.refused = Some((start, diagnostic));
        Err(Failed)
    }

    /// Whether a literal stands here. One that begins with a letter is a whole word.
    pub(super) fn at(&mut self, literal: &str) -> bool {
        self.skip();
        if !self.cursor.starts_with(literal) {
            return false;
        }
        match literal {
            "=" => !matches!(self.cursor.byte_at(1), Some(b'=' | b'>')),
            _ => !literal.starts_with(|first: char| first.is_ascii_alphabetic()) || !self.is_word_char(literal.len()),
        }
    }

    /// Takes a literal if it stands here.
    pub(super) fn eat(&mut self, literal: &str) -> bool {
        let found = self.at(literal);
        if found {
            self.cursor.advance_by(literal.len());
            self.took();
        }
        found
    }

    /// Takes a literal.
    pub(super) fn want(&mut self, literal: &str) -> Parsed<()> {
        if self.eat(literal) { Ok(()) } else { self.fail(&format!("`{literal}`")) }
    }

    // ---- brackets

    pub(super) fn enter(&mut self, symbol: &'static str, joins: bool) -> Parsed<()> {
        let place = self.start();
        self.want(symbol)?;
        self.deeper(place, symbol, joins)
    }

    pub(super) fn leave(&mut self, symbol: &str) -> Parsed<()> {
        self.want(symbol)?;
        self.shallower();
        Ok(())
    }

    pub(super) fn deeper(&mut self, place: Place, symbol: &'static str, joins: bool) -> Parsed<()> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("brackets and blocks nest more than {MAX_DEPTH} deep");
            return self.refuse(place, self.cursor.place(), message, None);
        }
        self.open.push(Open { place, symbol, joins });
        self.joins += usize::from(joins);
        Ok(())
    }

    pub(super) fn shallower(&mut self) {
        let joined = self.open.pop().is_some_and(|open| open.joins);
        self.joins -= usize::from(joined);
    }

    pub(super) fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.shallower();
        }
    }

    /// `JOIN(item (',' item)*)` in brackets; perhaps nothing.
    pub(super) fn join<T>(
        &mut self,
        open: &'static str,
        close: &str,
        item: fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.enter(open, true)?;
        let mut items = Vec::new();
        if !self.at(close) {
            items = self.join_rest(item)?;
        }
        self.leave(close)?;
        Ok(items)
    }

    /// `JOIN(item (',' item)*)` in brackets; at least one.
    pub(super) fn join_some<T>(
        &mut self,
        open: &'static str,
        close: &str,
        item: fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.enter(open, true)?;
        let items = self.join_rest(item)?;
        self.leave(close)?;
        Ok(items)
    }

    fn join_rest<T>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat(",") {
            items.push(item(self)?);
        }
        self.hint("`,`");
        Ok(items)
    }

    /// `item (',' item)*` on one line.
    pub(super) fn listed<T>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.join_rest(item)
    }

    // ---- lines

    /// `item NL`, with the comments that belong to it.
    pub(super) fn line<T: Noted>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let outer = std::mem::take(&mut self.inner);
        let mut above = std::mem::take(&mut self.above);
        let mut item = item(self)?;
        let after = self.nl()?;
        let inner = std::mem::replace(&mut self.inner, outer);
        above.extend(inner.into_iter().map(Above::Comment));
        *item.notes_mut() = Notes { above, after };
        Ok(item)
    }

    /// Blank lines at the beginning of a file or block are not kept.
    pub(super) fn no_blank_first(&mut self) {
        if self.above.first() == Some(&Above::Blank) {
            self.above.remove(0);
        }
    }

    /// The comments before the end of a file or block.
    pub(super) fn tail(&mut self) -> Vec<Above> {
        if self.above.last() == Some(&Above::Blank) {
            self.above.pop();
        }
        std::mem::take(&mut self.above)
    }

    /// Advice for a word that is not what was expected here.
    pub(super) fn advise_near(&mut self, candidates: &[&str]) {
        self.skip();
        if let Some(near) = keyword::near(self.word_here(), candidates) {
            self.advise(format!("did you mean `{near}`?"));
        }
    }
}

/// What has a line of its own, and so can have comments.
pub(super) trait Noted {
    fn notes_mut(&mut self) -> &mut Notes;
}

macro_rules! noted {
    ($($type:ty),*) => {
        $(impl Noted for $type {
            fn notes_mut(&mut self) -> &mut Notes {
                &mut self.notes
            }
        })*
    };
}

noted!(Act, Case, Define, Headline, Layer, Mark, Need, Process, Rule, Schedule, Setup, Statement, Thread, Transition);

impl Noted for Item {
    fn notes_mut(&mut self) -> &mut Notes {
        match self {
            Item::Process(item) => item.notes_mut(),
            Item::Thread(item) => item.notes_mut(),
            Item::Layer(item) => item.notes_mut(),
            Item::Define(item) => item.notes_mut(),
            Item::Setup(item) => item.notes_mut(),
            Item::Mark(item) => item.notes_mut(),
            Item::Statement(item) => item.notes_mut(),
        }
    }
}
