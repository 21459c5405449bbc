//! Exploration: every order in which a scenario can happen, and every place at which a process of it can be killed.
//!
//! [`explore`] takes `setup` in text order; then each thread's remaining lines are its program, and from each state all
//! transitions that may happen are taken, breadth first. A state is known by its fingerprint and by the faults so far;
//! its parent and the transition that led to it are kept, so that [`Exploration::path_to`] is a shortest way.
//!
//! | what is checked | where |
//! |---|---|
//! | the invariants of the world | in every state |
//! | `always` | in every state in which the test has an answer |
//! | `reachable` | in some state |
//! | expectations of lines, `expect` after them, `returns` | when a line ends; without faults |
//! | duties of providers, hazards | at every transition |
//! | `at end`, `finally no leaks`, threads that wait and should not | in every end state without faults |
//! | nothing is left when all processes have ended and the transport is quiet | from every end state |
//!
//! After a fault a line may well have another result: that is no violation, and is counted ([`Change`]).
//!
//! The grain is the arrangement's. At `boundary` a step of a thread ends where it touched something shared, and the end
//! of a line is no boundary of its own; at `call` it ends with the line.
//!
//! ```
//! use winspi_explore::{Options, explore};
//! use winspi_script::{Arrangement, Script, syntax};
//!
//! let text = "process a\nprocess b\na: BusReceive(b)\na: BusSend(b, \"x\")\nb: BusReceive(a)\nb: BusSend(a, \"y\")\n";
//! let script = Script::new(&syntax::parse(text).unwrap(), text).unwrap();
//! let found = explore(&script, &Arrangement::default(), &Options::without_faults()).unwrap();
//! assert!(found.violations[0].message.contains("a waits in line 3, `BusReceive(b)`, for a message from b"));
//! ```

mod check;
mod counterexample;
mod coverage;
mod end;
mod engine;
mod exploration;
mod findings;
mod path;
mod states;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_core::System;
use winspi_script::arrangement::ArrangementError;
use winspi_script::report::Failure;
use winspi_script::{Arrangement, Lines, Script, run};

pub use counterexample::{Counterexample, Origin, counterexample, order};
pub use coverage::{Coverage, KillPoint};
pub use end::{EndClass, EndKind, OpenSocket};
pub use exploration::Exploration;
pub use findings::{Change, Found, Place, Violation, ViolationKind};
pub use path::Step;
pub use states::StateId;
pub use winspi_script::rest::{ThreadEnd, ThreadState};

/// What is explored, beside the scenario and what it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// The faults that may strike.
    pub faults: Faults,
    /// How many states may be kept; where there are more the exploration is not complete.
    pub max_states: usize,
}

/// The faults that may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    /// Whether a process may be killed, at any boundary.
    pub kill: bool,
    /// How many faults may strike in one run.
    pub budget: u32,
}

impl Default for Options {
    /// One kill, a million states.
    fn default() -> Options {
        Options { faults: Faults::default(), max_states: 1_000_000 }
    }
}

impl Options {
    /// No fault at all.
    pub fn without_faults() -> Options {
        Options { faults: Faults { kill: false, budget: 0 }, ..Options::default() }
    }

    /// So many kills.
    pub fn kills(budget: u32) -> Options {
        Options { faults: Faults { kill: true, budget }, ..Options::default() }
    }
}

impl Default for Faults {
    /// One kill.
    fn default() -> Faults {
        Faults { kill: true, budget: 1 }
    }
}

/// Why a scenario cannot be explored.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExploreError {
    /// It cannot run on the arrangement.
    #[error(transparent)]
    Arrangement(#[from] ArrangementError),
    /// It decides itself what only the exploration decides.
    #[error("line {line}: exploring decides itself when this happens; outside `setup` it cannot stand in the scenario")]
    Decided {
        /// The line of the file.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// Something in `setup` does not hold: there is no state to begin with.
    #[error("{}", setup_text(.0))]
    Setup(Vec<Failure>),
}

fn setup_text(failures: &[Failure]) -> String {
    let lines = failures.iter().map(|f| format!("line {}: {}", f.line, f.message));
    format!("`setup` does not hold: {}", lines.collect::<Vec<_>>().join("; "))
}

/// Explores a scenario on an arrangement.
///
/// # Errors
///
/// Where the scenario cannot run there, takes decisions outside `setup` that are the exploration's, or where its `setup`
/// does not hold.
pub fn explore(
    script: &Arc<Script>,
    arrangement: &Arrangement,
    options: &Options,
) -> Result<Exploration, ExploreError> {
    if let Some(span) = script.first_decision() {
        return Err(ExploreError::Decided { line: span.line, column: span.column });
    }
    let (system, failures) = run::after_setup(script, arrangement)?;
    if !failures.is_empty() {
        return Err(ExploreError::Setup(failures));
    }
    Ok(explore_from(script, system, options))
}

/// Explores from a system on: the programs of its threads are lines of the scenario.
///
/// Whether threads stop at the ends of lines is set here, by the grain. A thread that waits for the answer of a party
/// outside cannot be branched: where nothing else can happen the state is an end of its own kind.
pub fn explore_from(script: &Arc<Script>, system: System<Lines>, options: &Options) -> Exploration {
    engine::run(script, system, options)
}
