//! The order in which a scenario runs, by the options of a command.

use clap::{Args, value_parser};
use winspi_script::Script;
use winspi_script::run::Order;

/// The options for a random order.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Random {
    /// Take a random order instead of the text's, always the same for the same number
    ///
    /// The lines of `setup` keep their order; then each thread goes through its own lines, and what happens next is
    /// drawn. Statements about the world around, such as `kill`, have no place in a random order.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// With --seed: draw priorities instead of each step, and let them change so often, less one
    ///
    /// Finds with a known probability what needs the order of so many events (PCT).
    #[arg(long, value_name = "DEPTH", requires = "seed", value_parser = value_parser!(u32).range(1..=64))]
    pub(crate) pct: Option<u32>,
}

impl Random {
    /// The order that is asked for: without a seed what the script itself has.
    pub(crate) fn order(self, script: &Script) -> Order {
        match (self.seed, self.pct) {
            (None, _) => Order::of(script),
            (Some(seed), None) => Order::Seed(seed),
            (Some(seed), Some(depth)) => Order::Priorities { seed, depth },
        }
    }
}
