//! Exploration: every order in which a scenario can happen, and every place at which a process of it can be killed.
//!
//! [`explore`] takes `setup` in text order; then each thread's remaining lines are its program, and from each state all
//! transitions that may happen are taken, breadth first. A state is known by its fingerprint and by the faults so far;
//! its parent and the transition that led to it are kept, so that [`Exploration::path_to`] is a shortest way.
//!
//! | what is checked | where |
//! |---|---|
//! | the invariants of the world | in every state; what follows on a state that violates one is not looked at |
//! | what must hold from one world to the next | at every transition |
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
mod control;
mod counterexample;
mod coverage;
mod crew;
mod end;
mod engine;
mod expand;
mod exploration;
mod faults;
mod findings;
pub mod fuzz;
mod path;
mod reduce;
mod states;
mod symmetry;

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_core::System;
use winspi_core::canon::Symmetry;
use winspi_script::arrangement::ArrangementError;
use winspi_script::report::Failure;
use winspi_script::symmetry::Refused;
use winspi_script::{Arrangement, Lines, Script, run};

pub use control::{Control, Progress, Stopped};
pub use counterexample::{Counterexample, Origin, counterexample, order};
pub use coverage::{Coverage, KillPoint};
pub use end::{EndClass, EndKind, OpenSocket};
pub use exploration::Exploration;
pub use findings::{Change, Found, Place, Violation, ViolationKind};
pub use path::Step;
pub use reduce::Reduction;
pub use states::StateId;
pub use winspi_core::canon::Asymmetry;
pub use winspi_script::rest::{ThreadEnd, ThreadState};
pub use winspi_script::symmetry::Exchange;

/// What is explored, beside the scenario and what it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// The faults that may strike.
    pub faults: Faults,
    /// How many states may be kept; where there are more the exploration is not complete.
    pub max_states: usize,
    /// How many threads work on it; no result depends on that.
    #[serde(default)]
    pub threads: Option<NonZeroUsize>,
    /// States that differ only by an exchange of these count as one. Not with faults that strike one process where
    /// processes are exchanged.
    #[serde(default)]
    pub symmetry: Option<Exchange>,
    /// Whether orders of what is independent are left out ([`Reduction`]).
    #[serde(default)]
    pub reduce: bool,
}

/// The faults that may strike, at any boundary. What they lead to is no violation where it is only a line with another
/// result, a thread that waits for ever, or `at end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// A process may be killed.
    pub kill: bool,
    /// A message of the bus or a datagram that is on its way may be lost.
    pub lose: bool,
    /// A message of the bus that is on its way may be there twice.
    pub duplicate: bool,
    /// All bits of a byte of a message of the bus that is on its way may be turned over: of an info a byte of each of
    /// the fields that say different things, of another message the first.
    pub damage: bool,
    /// The byte that is damaged in all messages instead.
    pub damage_byte: Option<u32>,
    /// A process may have no descriptors, no buffers or no memory left from then on.
    pub exhaust: bool,
    /// How many faults may strike in one run.
    pub budget: u32,
}

impl Faults {
    /// Whether any fault may strike at all.
    pub fn may_strike(&self) -> bool {
        self.budget > 0 && (self.kill || self.lose || self.duplicate || self.damage || self.exhaust)
    }
}

impl Default for Options {
    /// One kill, a million states.
    fn default() -> Options {
        Options::kills(1)
    }
}

impl Options {
    /// No fault at all.
    pub fn without_faults() -> Options {
        Options::with(Faults::default())
    }

    /// So many kills.
    pub fn kills(budget: u32) -> Options {
        Options::with(Faults { kill: true, budget, ..Faults::default() })
    }

    /// These faults.
    pub fn with(faults: Faults) -> Options {
        Options { faults, max_states: 1_000_000, threads: None, symmetry: None, reduce: false }
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
    /// Nothing can be exchanged.
    #[error(transparent)]
    Symmetry(#[from] Refused),
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
    let system = start(script, arrangement)?;
    let symmetry = symmetry(script, arrangement, options)?;
    Ok(explore_from(script, system, options, symmetry, &Control::default()))
}

/// What the exploration may exchange, by [`Options::symmetry`].
///
/// # Errors
///
/// Where it would not be sound, or cannot be seen to be; with the place and the reason.
pub fn symmetry(
    script: &Script,
    arrangement: &Arrangement,
    options: &Options,
) -> Result<Option<Symmetry>, ExploreError> {
    let Some(asked) = options.symmetry else { return Ok(None) };
    let found = winspi_script::symmetry::symmetry(script, arrangement, asked)?;
    if !found.classes.is_empty() && options.faults.may_strike() {
        let reason = "a fault names the process that it strikes: exchange handles alone, or have no faults".to_owned();
        return Err(Refused { span: script.first_span(), reason }.into());
    }
    Ok(Some(found))
}

/// The system that an exploration begins with.
///
/// # Errors
///
/// As [`explore`].
pub fn start(script: &Arc<Script>, arrangement: &Arrangement) -> Result<System<Lines>, ExploreError> {
    if let Some(span) = script.first_decision() {
        return Err(ExploreError::Decided { line: span.line, column: span.column });
    }
    let (system, failures) = run::after_setup(script, arrangement)?;
    if failures.is_empty() { Ok(system) } else { Err(ExploreError::Setup(failures)) }
}

/// Explores from a system on, under control: the programs of its threads are lines of the scenario.
///
/// Whether threads stop at the ends of lines is set here, by the grain. States that differ by an exchange count as one
/// where [`symmetry`] has allowed it. A thread that waits for the answer of a party outside cannot be branched: where
/// nothing else can happen the state is an end of its own kind.
pub fn explore_from(
    script: &Arc<Script>,
    system: System<Lines>,
    options: &Options,
    symmetry: Option<Symmetry>,
    control: &Control<'_>,
) -> Exploration {
    let mut found = engine::run(script, system, options, symmetry, control);
    found.tell_hazards();
    found
}
