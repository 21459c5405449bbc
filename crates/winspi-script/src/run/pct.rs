//! The random order by priorities, PCT: "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS
//! 2010.
//!
//! Each thread has a random priority, and so has each way on which something travels: the one with the highest priority
//! goes on until it waits. At `depth - 1` random places the one that would go on falls behind all others. A fault that
//! needs the order of `depth` events only is so found with a known probability, where a choice at each step rarely comes
//! to it.

use winspi_core::{System, Transition};

use crate::program::Lines;
use crate::run::MOST;
use crate::run::orders::may_happen;

/// The priorities of one run.
#[derive(Clone, Debug)]
pub(super) struct Priorities {
    random: u64,
    /// Who may go on, with the priority of each, in the order in which they came.
    all: Vec<(Transition, u64)>,
    /// After how many steps the one that would go on falls behind, in ascending order.
    falls: Vec<usize>,
    steps: usize,
    /// The next priority of one that falls behind: below all that are drawn.
    lowest: u64,
}

/// What is drawn lies above this, what falls behind below it.
const DRAWN: u64 = 1 << 32;

impl Priorities {
    /// The priorities of a seed, for a run that takes about so many steps.
    fn new(seed: u64, depth: u32, length: usize) -> Priorities {
        let mut random = seed;
        let places = (1..depth).map(|_| (next_random(&mut random) % length.max(1) as u64) as usize);
        let mut falls: Vec<usize> = places.collect();
        falls.sort_unstable();
        Priorities { random, all: Vec::new(), falls, steps: 0, lowest: DRAWN }
    }

    /// The priorities of a seed for what comes after a system. How long a run is, one without falls says.
    pub(super) fn of(seed: u64, depth: u32, system: &System<Lines>) -> Priorities {
        let mut priorities = Priorities::new(seed, 1, 0);
        let mut system = system.clone();
        let mut chosen = 0;
        while priorities.steps < MOST {
            let enabled = may_happen(&system, chosen);
            let Some(next) = priorities.choose(&enabled) else { break };
            chosen += usize::from(matches!(next, Transition::Choose { .. }));
            if system.apply_silently(next).is_err() {
                break;
            }
        }
        Priorities::new(seed, depth, priorities.steps)
    }

    /// Which of what may happen now happens.
    pub(super) fn choose<'t>(&mut self, enabled: &'t [Transition]) -> Option<&'t Transition> {
        for transition in enabled {
            if !self.all.iter().any(|(known, _)| known == transition) {
                let priority = DRAWN + (next_random(&mut self.random) >> 1);
                self.all.push((transition.clone(), priority));
            }
        }
        let falls = self.falls.iter().filter(|step| **step == self.steps).count();
        self.steps += 1;
        for _ in 0..falls {
            let highest = self.highest(enabled)?.clone();
            self.lowest = self.lowest.saturating_sub(1);
            let lowest = self.lowest;
            self.all.iter_mut().filter(|(known, _)| *known == highest).for_each(|(_, priority)| *priority = lowest);
        }
        self.highest(enabled)
    }

    fn highest<'t>(&self, enabled: &'t [Transition]) -> Option<&'t Transition> {
        let of = |transition: &Transition| self.all.iter().find(|(known, _)| known == transition).map(|(_, p)| *p);
        enabled.iter().max_by_key(|transition| of(transition))
    }
}

/// SplitMix64: a small generator that gives the same numbers everywhere.
pub(super) fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use winspi_core::id::{Pid, Tid};

    fn go(place: usize) -> Transition {
        Transition::Go(Tid::main(Pid::of_index(place)))
    }

    #[test]
    fn the_highest_goes_on_until_it_falls_behind() {
        let enabled: Vec<Transition> = (0..4).map(go).collect();
        for seed in 0..20 {
            let mut priorities = Priorities::new(seed, 1, 10);
            let first = priorities.choose(&enabled).cloned();
            assert!((0..10).all(|_| priorities.choose(&enabled).cloned() == first), "seed {seed}");
            let mut priorities = Priorities::new(seed, 2, 10);
            let chosen: Vec<_> = (0..10).filter_map(|_| priorities.choose(&enabled).cloned()).collect();
            let changes = chosen.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(changes <= 1, "seed {seed}: {chosen:?}");
            // Who has fallen behind goes on again where nobody else can.
            let fallen = chosen[0].clone();
            assert_eq!(priorities.choose(std::slice::from_ref(&fallen)), Some(&fallen));
        }
        assert_eq!(Priorities::new(0, 3, 0).choose(&[]), None);
    }
}
