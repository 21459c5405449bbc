//! Who looks on while a scenario runs: reports that show the machine at every moment.

use std::sync::Arc;

use winspi_core::{System, Transition};

use crate::arrangement::{Arrangement, ArrangementError};
use crate::program::Lines;
use crate::report::{Run, Taken};
use crate::run::runner::Runner;
use crate::script::Script;

/// Sees the system of a run before the first transition, and around each one. It changes nothing.
pub trait Watch {
    /// The system as it stands before the first transition.
    fn begins(&mut self, system: &System<Lines>);

    /// A transition is about to be taken; what else could happen is still enabled.
    ///
    /// Where it turns out that it cannot be taken, [`Watch::after`] does not follow.
    fn before(&mut self, system: &System<Lines>, transition: &Transition);

    /// The transition was taken. It is the last of the run so far.
    fn after(&mut self, system: &System<Lines>, taken: &Taken);
}

/// The order in which a scenario runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// That of the text, whatever the file has recorded.
    Text,
    /// The one that the file has recorded; nothing after `setup` where it has none.
    Recorded,
    /// A random one, always the same for the same number.
    Seed(u64),
    /// A random one by priorities, always the same for the same numbers.
    Priorities {
        /// What the priorities are drawn from.
        seed: u64,
        /// How many events have to come in a certain order for what is looked for.
        depth: u32,
    },
}

impl Order {
    /// The recorded order where the file has one, else that of the text.
    pub fn of(script: &Script) -> Order {
        if script.schedule.is_some() { Order::Recorded } else { Order::Text }
    }
}

/// Runs a scenario while somebody looks on.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn run_watched(
    script: &Arc<Script>,
    arrangement: &Arrangement,
    order: Order,
    watch: &mut dyn Watch,
) -> Result<Run, ArrangementError> {
    in_order(script, arrangement, order, Some(watch))
}

/// Runs a scenario.
pub(super) fn in_order(
    script: &Arc<Script>,
    arrangement: &Arrangement,
    order: Order,
    mut watch: Option<&mut dyn Watch>,
) -> Result<Run, ArrangementError> {
    let system = arrangement.system(script)?;
    if let Some(watch) = watch.as_deref_mut() {
        watch.begins(&system);
    }
    let mut runner = Runner::new(script, system, watch);
    if runner.set_up() {
        match order {
            Order::Text => {
                runner.check_state();
                runner.items(&script.items);
            }
            Order::Recorded => script.schedule.iter().for_each(|schedule| runner.recorded(schedule)),
            Order::Seed(seed) => runner.seeded(seed, None),
            Order::Priorities { seed, depth } => runner.seeded(seed, Some(depth)),
        }
    }
    Ok(runner.finish())
}
