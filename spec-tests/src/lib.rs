//! The conformance suite: the clause catalogue, cases in the scenario language that show its clauses, and what runs them.
//!
//! - `clauses/`: the catalogue, a file for each function, structure or concept. `owners.toml`: which part of the work
//!   owns which clause.
//! - `cases/`: a file for each of these, each case named by its clause.
//! - `exceptions.toml`: cases that cannot hold in an arrangement; `known-failures.toml`: cases that fail, and must go on
//!   to fail until they are taken out; `not-testable.toml`: clauses that no case can show. Each entry has its reason.
//!
//! A case passes if all its expectations hold **and** it shows its clause: see [`evidence`].

pub mod catalogue;
pub mod coverage;
pub mod evidence;
pub mod export;
pub mod files;
pub mod junit;
pub mod matrix;
pub mod report;
pub mod suite;
pub mod trial;

pub use catalogue::Catalogue;
pub use files::Files;
pub use report::Report;
pub use suite::Suite;
pub use trial::{Select, Trial, run_all};
