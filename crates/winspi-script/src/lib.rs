//! The scenario language: parser, printer, program and runner.
