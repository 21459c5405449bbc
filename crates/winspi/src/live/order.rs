//! The scheduler of a live run: which of the things that could happen is next.

use winspi_core::{Program, System, Transition};

use crate::settle;

/// Who decides what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Always the first thing that can happen: the main thread of the first process goes on as far as it can.
    First,
    /// At random among everything that can happen.
    Seeded(u64),
    /// At random which thread makes its next call; between two calls the machine comes to rest, as it does between two
    /// lines of a scenario. Such a run is always one that a scenario in text order repeats.
    Calls(u64),
}

/// An order that is under way.
#[derive(Clone, Debug)]
pub(super) struct Scheduler {
    order: Order,
    random: u64,
}

impl Scheduler {
    pub(super) fn new(order: Order) -> Scheduler {
        let random = match order {
            Order::First => 0,
            Order::Seeded(seed) | Order::Calls(seed) => seed,
        };
        Scheduler { order, random }
    }

    /// Whether the machine comes to rest between two calls.
    pub(super) fn comes_to_rest(&self) -> bool {
        matches!(self.order, Order::Calls(_))
    }

    /// What is next; `None` at the end.
    pub(super) fn next<P: Program>(&mut self, system: &System<P>, enabled: &[Transition]) -> Option<Transition> {
        match self.order {
            Order::First => enabled.first().cloned(),
            Order::Seeded(_) => self.one_of(enabled),
            Order::Calls(_) => settle::of_itself(system).or_else(|| self.one_of(enabled)),
        }
    }

    fn one_of(&mut self, enabled: &[Transition]) -> Option<Transition> {
        if enabled.len() <= 1 {
            return enabled.first().cloned();
        }
        let place = self.number() % enabled.len() as u64;
        usize::try_from(place).ok().and_then(|place| enabled.get(place)).cloned()
    }

    /// SplitMix64: a small generator that gives the same numbers everywhere.
    fn number(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
