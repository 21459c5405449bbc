//! The syntax of the scenario language: tree, parser, printer, messages.
//!
//! `docs/language.peg` is the grammar; the parser has one method for each of its rules, of the same name in snake
//! case (`parse_file.rs` and so on; the rules in capitals are in `lexical.rs`). Nothing here knows what a name,
//! function or constant means.
//!
//! [`parse`] and [`print`](print()) fit together: what is printed can be parsed and gives the same tree, comments
//! included, and printing that tree gives the same text.
//!
//! # Example
//!
//! ```
//! use winspi_script::syntax;
//!
//! let file = syntax::parse("process  source\nsource: s=WSPSocket(AF_INET,SOCK_STREAM)  => ok # a stream\n").unwrap();
//! assert_eq!(syntax::print(&file), "process source\nsource: s = WSPSocket(AF_INET, SOCK_STREAM) => ok  # a stream\n");
//!
//! let errors = syntax::parse("proces source\n").unwrap_err();
//! assert_eq!(errors[0].suggestion.as_deref(), Some("did you mean `process`?"));
//! ```

mod cursor;
mod diagnostic;
mod escape;
mod keyword;
mod lexical;
mod numeric;
mod parse_expectation;
mod parse_file;
mod parse_layer;
mod parse_statement;
mod parse_value;
mod parse_world;
mod parser;
mod print;
mod print_statement;
mod print_value;
mod recover;
pub mod tree;

pub use diagnostic::Diagnostic;
pub use print::{print, print_statement, print_test, print_value};

use parser::Parser;
use tree::{File, Statement, Value};

/// How deep brackets and blocks can be nested.
pub const MAX_DEPTH: usize = 100;

/// Parses a file.
///
/// # Errors
///
/// What is wrong with the text, in its order: at least one error, at most 20.
pub fn parse(text: &str) -> Result<File, Vec<Diagnostic>> {
    let mut parser = Parser::new(text);
    let file = parser.file();
    parser.finish(file)
}

/// Parses a file that may be no UTF-8.
///
/// # Errors
///
/// As [`parse`]; for the first byte that is not UTF-8, the place of this byte.
pub fn parse_bytes(bytes: &[u8]) -> Result<File, Vec<Diagnostic>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(text),
        Err(error) => Err(vec![recover::not_utf8(bytes, error.valid_up_to())]),
    }
}

/// Parses a value that stands alone.
///
/// # Errors
///
/// What is wrong with the text.
pub fn parse_value(text: &str) -> Result<Value, Vec<Diagnostic>> {
    let mut parser = Parser::new(text);
    let value = parser.alone(Parser::value);
    parser.finish(value)
}

/// Parses a statement that stands alone, with comments if there are any.
///
/// # Errors
///
/// What is wrong with the text.
pub fn parse_statement(text: &str) -> Result<Statement, Vec<Diagnostic>> {
    let mut parser = Parser::new(text);
    let statement = parser.alone_with_notes();
    parser.finish(statement)
}

/// Whether a word is a keyword: it cannot be the name of a process, thread, layer or object.
pub fn is_keyword(word: &str) -> bool {
    keyword::is_keyword(word)
}
