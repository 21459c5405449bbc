//! The reduced search: orders of what is independent are left out.
//!
//! In a state only a part of what may happen is taken, if what is left out commutes with it now and later. Such a part
//! is a persistent set. `docs/book/reduction.md` has the argument; in short:
//!
//! - An *actor* is what does one thing after the other: a thread, what is on its way between two ends, a fault.
//! - The footprint of a transition is what it reads and writes ([`winspi_core::footprint`]).
//! - The [`Reducer`] knows for each actor, and for a thread for each place in its program, what it may touch from there
//!   on. It begins with nothing and learns in each round of the search; a round in which nothing new is learned is
//!   final, all others are thrown away.
//! - A part is closed: with an actor come all that may touch what its next transition touches, and with one that waits
//!   all that may end its wait. A kill of the process of a transition that only changes what the kill forgets need not
//!   come along.
//! - A part with a transition that `always` or `reachable` may see is not taken for less than all.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use winspi_core::footprint::{Footprint, Part, number_of};
use winspi_core::id::Tid;
use winspi_core::kernel::process::ThreadRole;
use winspi_core::ws2_32::catalog::ProviderKind;
use winspi_core::{System, Transition};
use winspi_script::script::Op;
use winspi_script::{Lines, Script};

mod bits;
mod choice;
mod expand;

use bits::Bits;

/// Whether orders were left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    /// Nobody has asked for it.
    NotAsked,
    /// It cannot be, for this reason: everything was explored.
    Refused(String),
    /// Orders of what is independent were left out.
    Reduced {
        /// In how many states not everything was taken that may happen.
        partly: u64,
        /// How many times the search was made until nothing new was learned of what touches what.
        rounds: u32,
    },
}

/// What an actor touches, as numbers of parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Foot {
    reads: Bits,
    writes: Bits,
}

impl Foot {
    fn add(&mut self, other: &Foot) -> bool {
        let reads = self.reads.add(&other.reads);
        self.writes.add(&other.writes) | reads
    }

    /// Whether one changes what the other touches.
    fn conflicts(&self, other: &Foot) -> bool {
        self.writes.meets(&other.writes) || self.writes.meets(&other.reads) || self.reads.meets(&other.writes)
    }
}

/// What was seen of actors.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// By place in its program what a thread touches there.
    threads: BTreeMap<(Tid, u32), Foot>,
    /// The others, by what they do. Only looked up; the order is that in which they were met.
    places: HashMap<Transition, usize>,
    others: Vec<(Transition, Foot)>,
    /// What `always` and `reachable` look at.
    observed: Bits,
}

impl Learned {
    fn thread(&mut self, tid: Tid, at: u32, foot: &Foot) -> bool {
        self.threads.entry((tid, at)).or_default().add(foot)
    }

    fn other(&mut self, transition: &Transition, foot: &Foot) -> bool {
        let place = match self.places.get(transition) {
            Some(place) => *place,
            None => {
                self.places.insert(transition.clone(), self.others.len());
                self.others.push((transition.clone(), Foot::default()));
                self.others.len() - 1
            }
        };
        self.others[place].1.add(foot)
    }

    pub(crate) fn observe(&mut self, parts: &Bits) -> bool {
        self.observed.add(parts)
    }

    /// Adds what another has seen; whether that was new.
    fn add(&mut self, other: Learned) -> bool {
        let mut grew = self.observed.add(&other.observed);
        for ((tid, at), foot) in &other.threads {
            grew |= self.thread(*tid, *at, foot);
        }
        for (transition, foot) in &other.others {
            grew |= self.other(transition, foot);
        }
        grew
    }
}

/// What decides which transitions of a state are taken.
#[derive(Debug)]
pub(crate) struct Reducer {
    /// The numbers of parts. Which part has which number means nothing.
    numbers: Mutex<HashMap<Part, u32>>,
    known: Learned,
    /// For each thread and place what it may touch from there on.
    later: BTreeMap<Tid, Vec<Foot>>,
    stale: bool,
    grew: bool,
    rounds: u32,
}

impl Reducer {
    /// One that knows nothing yet; or why the search cannot be reduced.
    pub(crate) fn new(script: &Script, system: &System<Lines>, symmetric: bool) -> Result<Reducer, String> {
        if symmetric {
            return Err("states are counted up to an exchange".to_owned());
        }
        let chooses = |(tid, _)| script.code(tid).iter().any(|op| matches!(op, Op::Choose(_)));
        if system.programs().any(chooses) {
            return Err("a thread chooses among its lines, and what it chooses later is not known".to_owned());
        }
        let world = system.world();
        let outside = world.threads().any(|(_, thread)| matches!(thread.role, ThreadRole::Outside(_)))
            || world.catalog().providers().iter().any(|p| matches!(p.kind, ProviderKind::Outside { .. }));
        if outside {
            return Err("a party outside takes part, and nobody knows what it touches".to_owned());
        }
        Ok(Reducer {
            numbers: Mutex::default(),
            known: Learned::default(),
            later: BTreeMap::new(),
            stale: false,
            grew: false,
            rounds: 1,
        })
    }

    /// Takes in what a worker has seen.
    pub(crate) fn learn(&mut self, learned: Learned) {
        if self.known.add(learned) {
            self.grew = true;
            self.stale = true;
        }
    }

    /// What comes later follows from what is known.
    pub(crate) fn refresh(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let mut later: BTreeMap<Tid, Vec<Foot>> = BTreeMap::new();
        for ((tid, at), foot) in &self.known.threads {
            let all = later.entry(*tid).or_default();
            if all.len() <= *at as usize {
                all.resize(*at as usize + 1, Foot::default());
            }
            for one in &mut all[..=*at as usize] {
                one.add(foot);
            }
        }
        self.later = later;
    }

    /// Whether something was learned in this round that was not known when it began.
    pub(crate) fn is_to_go_on(&self) -> bool {
        self.grew
    }

    /// The same, for a search from the beginning.
    pub(crate) fn next_round(self) -> Reducer {
        Reducer { grew: false, rounds: self.rounds + 1, ..self }
    }

    pub(crate) fn told(&self, partly: u64) -> Reduction {
        Reduction::Reduced { partly, rounds: self.rounds }
    }

    fn bits(&self, parts: &[Part]) -> Bits {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bits = Bits::default();
        for part in parts {
            let next = numbers.len() as u32;
            bits.insert(*numbers.entry(*part).or_insert(next));
        }
        bits
    }

    fn foot(&self, footprint: &Footprint) -> Foot {
        Foot { reads: self.bits(&footprint.reads), writes: self.bits(&footprint.writes) }
    }

    /// What it depends on whether a transition that is no thread's may happen: all that it reads, or less where that is
    /// plain.
    fn brought_by(&self, transition: &Transition, foot: &Foot) -> Bits {
        match transition {
            Transition::DeliverMessage { from, to }
            | Transition::LoseMessage { from, to, .. }
            | Transition::DuplicateMessage { from, to, .. }
            | Transition::DamageMessage { from, to, .. } => self.bits(&[Part::Lane(*from, *to)]),
            Transition::Kill(pid) => self.bits(&[Part::Life(*pid)]),
            _ => foot.reads.clone(),
        }
    }

    /// What a thread may touch from a place on.
    fn later(&self, tid: Tid, at: u32) -> Option<&Foot> {
        self.later.get(&tid)?.get(at as usize)
    }
}

/// The place of a thread in its program that it may come back to at the earliest; a thread without one has one place.
fn place_of(system: &System<Lines>, tid: Tid) -> u32 {
    system.program(tid).map_or(0, Lines::earliest)
}

/// A number for who makes something: the same whatever happens before that is independent. Never zero, and none of
/// those that the start gives out.
fn origin_of(transition: &Transition, system: &System<Lines>) -> u32 {
    let place = match transition {
        Transition::Go(tid) => place_of(system, *tid),
        _ => 0,
    };
    number_of(&format!("{transition:?} at {place}")) | (1 << 31)
}
