//! Fuzzing: random programs over several processes, checked against the invariants, an independent model of descriptor
//! lifetimes, and themselves.
//!
//! `generate` writes a scenario from random words, `execute` takes it in the order of the text or in a random one with
//! kills and faults of the bus, and checks after every transition. `model` says what every handle means and how many
//! keep a socket open; it was written without a look at the world. `shrink` takes lines away until no further one can
//! go, and `finding` writes what is left as a scenario that `winspi run` repeats.
//!
//! | what is checked | when |
//! |---|---|
//! | the invariants of the world | after every transition |
//! | no provider breaks a duty, nothing panics | at every transition |
//! | calls on handles against the model: who must be refused, who must not, what is given | when a call comes back |
//! | handles, descriptors and counts of the world against the model | after every transition |
//! | the same transitions on a new system come to the same state | at the end |
//! | so they do when the system is stored and restored on the way | at the end of one case in eight |
//!
//! With [`Checks::Invariants`] only the first.

mod campaign;
mod compare;
mod execute;
mod finding;
mod follow;
mod generate;
mod judge;
mod model;
mod report;
mod shrink;
mod statistics;
mod tree;

use serde::{Deserialize, Serialize};
use winspi_core::Transition;
use winspi_core::policy::Policy;
use winspi_script::Arrangement;
use winspi_script::syntax::tree::File;

pub use campaign::{Part, fuzz};
pub use finding::Finding;
pub use generate::MOST_PROCESSES;
pub use report::{MergeError, Report};
pub use statistics::{ENOUGH, Reached, Statistics};

/// What is fuzzed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Where random numbers begin.
    pub seed: u64,
    /// How many lines a program has at most; one has at least half as many.
    pub steps: usize,
    /// How many processes a program has: 1 to [`MOST_PROCESSES`].
    pub processes: usize,
    /// What the programs are about.
    pub profile: Profile,
    /// What is checked.
    pub checks: Checks,
    /// What is chosen where the documents leave a choice. What handles mean is followed for the usual choices alone.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub policy: Policy,
}

fn is_usual(policy: &Policy) -> bool {
    *policy == Policy::default()
}

impl Default for Options {
    fn default() -> Options {
        Options {
            seed: 0,
            steps: 40,
            processes: 3,
            profile: Profile::All,
            checks: Checks::All,
            policy: Policy::default(),
        }
    }
}

/// What programs are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Descriptors that are made, duplicated, imported and closed, and handles behind the back of Ws2_32.
    Lifetimes,
    /// Connections, data, overlapped operations and network events on sockets that are shared.
    Transfer,
    /// The first on layers only.
    Layers,
    /// Everything.
    #[default]
    All,
}

/// What is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checks {
    /// Everything.
    #[default]
    All,
    /// The invariants of the world alone.
    Invariants,
}

/// A program, what it runs on, and an order.
#[derive(Clone, Debug)]
struct Case {
    file: File,
    arrangement: Arrangement,
    order: Order,
}

/// In which order a case happens.
#[derive(Clone, Debug)]
enum Order {
    /// In that of the text.
    Text,
    /// A random one.
    Random(u64),
    /// This one, without what cannot happen.
    Wishes(Vec<Transition>),
}
