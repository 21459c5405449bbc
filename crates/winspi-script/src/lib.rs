//! The scenario language: parser, printer, program and runner.

pub mod syntax;
