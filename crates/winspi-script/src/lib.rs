//! The scenario language: parser, printer, program and runner.
//!
//! [`syntax`] knows the text, [`script`] makes a scenario ready to run, [`program`] is what a thread runs, and [`run`]
//! takes the text order, or a seeded random one, as the schedule.

pub mod account;
mod around;
pub mod arrangement;
pub mod expect;
pub mod json;
pub mod program;
pub mod question;
pub mod report;
pub mod rest;
pub mod run;
pub mod schedule;
pub mod scope;
pub mod script;
pub mod symmetry;
pub mod syntax;
pub mod waiting;

pub use arrangement::Arrangement;
pub use program::Lines;
pub use report::Run;
pub use script::Script;
