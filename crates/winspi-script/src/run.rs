//! The runner: takes the text order, a seeded random order or a recorded one as the schedule, and checks everything.
//!
//! In text order, after each line what has been sent arrives, completions happen and who waited goes on, oldest first,
//! before the next line begins. Time passes by itself only where nothing else can happen.
//!
//! `runner.rs` takes transitions and notes what they give, `text.rs` is the text order, `by_hand.rs` the statements about
//! the world around, `orders.rs` the random and the recorded order, `cases.rs` conformance files, `needs.rs` what an
//! arrangement lacks, `end.rs` the report, `watch.rs` who looks on.

use std::sync::Arc;

use winspi_core::System;

use crate::arrangement::{Arrangement, ArrangementError};
use crate::program::Lines;
use crate::report::{Failure, Run};
use crate::script::Script;
use runner::Runner;

mod by_hand;
mod cases;
mod end;
mod needs;
mod orders;
mod pct;
mod runner;
mod text;
mod watch;

pub use cases::{CaseRun, CaseState, first_problem, run_case, run_case_watched, run_cases};
pub use needs::lacking;
pub use watch::{Order, Watch, run_watched};

/// How many transitions a run may take before it counts as one that never ends.
pub(crate) const MOST: usize = 1_000_000;

/// Runs a scenario: in text order, or in the recorded order where the file has one.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn run(script: &Arc<Script>, arrangement: &Arrangement) -> Result<Run, ArrangementError> {
    watch::in_order(script, arrangement, Order::of(script), None)
}

/// Repeats the order that the file has recorded: `setup` in text order, then its transitions. Where one no longer fits,
/// that is a failure of the run, with its line and what could have happened instead.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn replay(script: &Arc<Script>, arrangement: &Arrangement) -> Result<Run, ArrangementError> {
    watch::in_order(script, arrangement, Order::Recorded, None)
}

/// Runs a scenario in text order, whatever the file has recorded.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn run_in_text_order(script: &Arc<Script>, arrangement: &Arrangement) -> Result<Run, ArrangementError> {
    watch::in_order(script, arrangement, Order::Text, None)
}

/// Runs a scenario in a random order: `setup` in text order, then each thread's lines as its program.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn run_seeded(script: &Arc<Script>, arrangement: &Arrangement, seed: u64) -> Result<Run, ArrangementError> {
    watch::in_order(script, arrangement, Order::Seed(seed), None)
}

/// Runs a scenario in a random order by priorities: `setup` in text order, then each thread's lines as its program. Who
/// has the highest priority goes on; `depth` is how many events have to come in a certain order for what is looked for.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn run_by_priorities(
    script: &Arc<Script>,
    arrangement: &Arrangement,
    seed: u64,
    depth: u32,
) -> Result<Run, ArrangementError> {
    watch::in_order(script, arrangement, Order::Priorities { seed, depth }, None)
}

/// The system of a scenario after its `setup`.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all; or what did not hold in `setup`.
pub fn after_setup(
    script: &Arc<Script>,
    arrangement: &Arrangement,
) -> Result<(System<Lines>, Vec<Failure>), ArrangementError> {
    let mut runner = Runner::new(script, arrangement.system(script)?, None);
    runner.set_up();
    Ok(runner.into_parts())
}
