//! Which transitions of a state are enough.

use winspi_core::Transition;
use winspi_core::footprint::Part;
use winspi_core::id::{Pid, Tid};

use super::bits::Bits;
use super::{Foot, Reducer};

/// Who may do something now or later.
#[derive(Debug)]
pub(super) struct Actor {
    /// What it may touch from here on, its next transition included.
    pub(super) later: Foot,
    /// What its being ready or not depends on.
    pub(super) waits_for: Bits,
    /// The place of its next transition among those that may happen now.
    pub(super) next: Option<usize>,
    /// The process that it kills.
    pub(super) kills: Option<Pid>,
    /// The thread, where it is one.
    pub(super) thread: Option<Tid>,
    /// Its next transition only begins to wait for a message: it may as well come later, or not at all where the
    /// message is there before.
    pub(super) parks: Option<Foot>,
}

/// A transition that may happen now.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) foot: Foot,
    pub(super) is_fault: bool,
    /// The process with whose end all that it changes is forgotten.
    pub(super) private_to: Option<Pid>,
}

/// The process with whose end all that was changed is forgotten, whatever it was.
pub(super) fn private_to(writes: &[Part]) -> Option<Pid> {
    let mut whose = None;
    for part in writes {
        let of = match part {
            Part::Process(pid) | Part::Instances(pid) | Part::Own(pid, _) => *pid,
            Part::Arrived(_, pid) | Part::Order(pid) | Part::Lane(_, pid) => *pid,
            Part::Thread(tid) => tid.process,
            _ => return None,
        };
        if *whose.get_or_insert(of) != of {
            return None;
        }
    }
    whose
}

/// The fewest transitions that are enough, by their places; all of them where no fewer are.
pub(super) fn enough(actors: &[Actor], next: &[Next], observed: &Bits) -> Vec<usize> {
    let all = || (0..next.len()).collect::<Vec<_>>();
    let mut best = all();
    // What arrives comes first: orders that lead to the same state meet the sooner.
    let seeds = (0..actors.len()).filter(|one| actors[*one].next.is_some_and(|place| !next[place].is_fault));
    let mut seeds: Vec<usize> = seeds.collect();
    seeds.sort_by_key(|one| actors[*one].thread.is_some());
    for seed in seeds {
        let closed = closed(seed, actors, next);
        let mut taken: Vec<usize> = closed.iter().filter_map(|actor| actors[*actor].next).collect();
        let seen = taken.iter().any(|place| next[*place].foot.writes.meets(observed));
        if taken.len() < best.len() && !seen {
            taken.sort_unstable();
            best = taken;
        }
    }
    best
}

/// The actors that have to come along with one.
fn closed(seed: usize, actors: &[Actor], next: &[Next]) -> Vec<usize> {
    let mut inside = vec![false; actors.len()];
    inside[seed] = true;
    let mut closed = vec![seed];
    loop {
        let mut outside = outside(&inside, actors);
        let depends = |other: &usize| closed.iter().any(|one| depends(&actors[*one], &actors[*other], next));
        outside.retain(depends);
        let sees =
            |parks: &Foot| closed.iter().filter_map(|one| actors[*one].next).any(|n| next[n].foot.conflicts(parks));
        let seen = |one: &usize| !inside[*one] && actors[*one].parks.as_ref().is_some_and(sees);
        let parked: Vec<usize> = (0..actors.len()).filter(|one| seen(one) && !outside.contains(one)).collect();
        outside.extend(parked);
        let come = outside;
        if come.is_empty() {
            return closed;
        }
        come.iter().for_each(|other| inside[*other] = true);
        closed.extend(come);
    }
}

/// The actors that may do something as long as none does that is inside: those that may now, and those that these may
/// bring about.
fn outside(inside: &[bool], actors: &[Actor]) -> Vec<usize> {
    let (mut acts, mut asleep): (Vec<usize>, Vec<usize>) = (0..actors.len())
        .filter(|one| !inside[*one])
        .partition(|one| actors[*one].next.is_some() && actors[*one].parks.is_none());
    let mut at = 0;
    while let Some(one) = acts.get(at).copied() {
        at += 1;
        asleep.retain(|other| {
            let woken = actors[one].later.writes.meets(&actors[*other].waits_for);
            if woken {
                acts.push(*other);
            }
            !woken
        });
    }
    acts
}

/// Whether what another may do some time touches what one does next, or ends its wait.
fn depends(one: &Actor, other: &Actor, next: &[Next]) -> bool {
    match one.next.map(|place| &next[place]) {
        Some(next) => {
            let forgotten = other.kills.is_some() && other.kills == next.private_to;
            !forgotten && (next.foot.conflicts(&other.later) || other.later.writes.meets(&one.waits_for))
        }
        None => other.later.writes.meets(&one.waits_for),
    }
}

/// Those who cannot do anything now and have done something elsewhere.
pub(super) fn add_others(actors: &mut Vec<Actor>, reducer: &Reducer, skip: impl Fn(&Transition) -> bool) {
    let others = reducer.known.others.iter().filter(|(transition, _)| !skip(transition));
    actors.extend(others.map(|(transition, foot)| {
        let kills = killed(transition);
        Actor {
            later: foot.clone(),
            waits_for: reducer.brought_by(transition, foot),
            next: None,
            kills,
            thread: None,
            parks: None,
        }
    }));
}

/// The process that a transition kills.
pub(super) fn killed(transition: &Transition) -> Option<Pid> {
    match transition {
        Transition::Kill(pid) => Some(*pid),
        _ => None,
    }
}
