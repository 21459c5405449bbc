//! A state is expanded in part.

use std::collections::HashSet;

use winspi_core::canon::Scratch;
use winspi_core::footprint::{Footprint, Part};
use winspi_core::id::Tid;
use winspi_core::kernel::process::Next as Standing;
use winspi_core::wait::Wait;
use winspi_core::{System, Transition};
use winspi_script::Lines;

use super::choice::{Actor, Next, add_others, enough, killed, private_to};
use super::{Foot, Learned, Reducer, origin_of, place_of};
use crate::check::Checker;
use crate::expand::{Batch, Candidate, Known};
use crate::faults::FaultSet;
use crate::findings::{Log, Place, ViolationKind};
use crate::states::StateId;

impl Checker<'_> {
    /// Asks what has to hold in every state and in some, and notes what that looks at.
    pub(crate) fn tests_watched(
        &mut self,
        system: &System<Lines>,
        id: StateId,
        log: &mut Log<'_>,
        learned: &mut Learned,
        reducer: &Reducer,
    ) {
        system.world().watch(0);
        self.tests(system, id, log);
        let looked = system.world().unwatch();
        learned.observe(&reducer.bits(&looked.reads));
    }
}

impl Batch<'_> {
    /// Takes all transitions, and keeps what those lead to that are enough.
    pub(crate) fn expand_reduced(
        &mut self,
        id: StateId,
        system: &System<Lines>,
        all: Vec<Transition>,
        reducer: &Reducer,
        known: Known<'_>,
        scratch: &mut Scratch,
    ) {
        let faults = known.states.get(id).map_or(FaultSet::NONE, |state| state.faults);
        let mut actors = self.threads(system, &all, reducer);
        let (mut next, mut candidates) = (Vec::new(), Vec::new());
        for transition in all {
            let Some((footprint, candidate)) = self.try_out(id, faults, system, transition, known) else {
                return;
            };
            let (place, foot) = (next.len(), reducer.foot(&footprint));
            let transition = &candidate.transition;
            match transition {
                Transition::Go(tid) => {
                    self.learned.thread(*tid, place_of(system, *tid), &foot);
                    if let Some(actor) = actors.iter_mut().find(|actor| actor.next == Some(place)) {
                        actor.later.add(&foot);
                        actor.parks = parks(*tid, &footprint, &candidate.system).map(|parks| reducer.foot(&parks));
                        if actor.parks.is_some() {
                            actor.waits_for.add(&foot.reads);
                        }
                    }
                }
                other => {
                    self.learned.other(other, &foot);
                    let known = reducer.known.places.get(other).map(|place| &reducer.known.others[*place].1);
                    let mut later = foot.clone();
                    if let Some(known) = known {
                        later.add(known);
                    }
                    let waits_for = reducer.brought_by(other, &foot);
                    actors.push(Actor {
                        later,
                        waits_for,
                        next: Some(place),
                        kills: killed(other),
                        thread: None,
                        parks: None,
                    });
                }
            }
            next.push(Next { foot, is_fault: transition.is_fault(), private_to: private_to(&footprint.writes) });
            candidates.push(candidate);
        }
        let time = |c: &Candidate| c.transition == Transition::TimePasses;
        let chosen = if next.iter().all(|next| next.is_fault) || candidates.iter().any(time) {
            (0..next.len()).collect()
        } else {
            let now: HashSet<&Transition> = candidates.iter().map(|c| &c.transition).collect();
            // Where no fault may strike any more there is none to reckon with.
            let spent = known.sets.get(faults).words.len() >= known.options.faults.budget as usize;
            add_others(&mut actors, reducer, |t| now.contains(t) || (spent && t.is_fault()));
            enough(&actors, &next, &reducer.known.observed)
        };
        self.keep(id, chosen, candidates, known, scratch);
    }

    /// What the threads may do, whether they can go on now or not.
    fn threads(&mut self, system: &System<Lines>, all: &[Transition], reducer: &Reducer) -> Vec<Actor> {
        let world = system.world();
        let mut actors = Vec::new();
        let threads: Vec<_> =
            world.threads().filter(|(_, thread)| thread.next != Standing::Ended).map(|(tid, _)| tid).collect();
        for tid in threads {
            world.watch(0);
            system.can_go(tid);
            let waits_for = reducer.bits(&world.unwatch().reads);
            let at = place_of(system, tid);
            let ready = Foot { reads: waits_for.clone(), writes: Default::default() };
            self.learned.thread(tid, at, &ready);
            let mut later = ready;
            if let Some(known) = reducer.later(tid, at) {
                later.add(known);
            }
            let next = all.iter().position(|t| *t == Transition::Go(tid));
            actors.push(Actor { later, waits_for, next, kills: None, thread: Some(tid), parks: None });
        }
        actors
    }

    /// Takes a transition: what it touches, and what it leads to. `None` where it cannot be taken.
    fn try_out(
        &mut self,
        id: StateId,
        faults: FaultSet,
        before: &System<Lines>,
        transition: Transition,
        known: Known<'_>,
    ) -> Option<(Footprint, Candidate)> {
        let mut system = before.clone();
        let place = Place { state: id, transition: Some(transition.clone()) };
        let mut log = Log { findings: &mut self.findings, place };
        system.world().watch(origin_of(&transition, before));
        if let Err(refused) = system.apply_checked(&transition, &mut self.events) {
            let message = format!("a transition was offered and could not be taken: {refused}");
            log.violation(ViolationKind::Internal, None, message);
            return None;
        }
        let strikes = transition.is_fault();
        let after = if strikes { known.sets.find(faults, &transition) } else { Some(faults) };
        let struck = (strikes || faults != FaultSet::NONE).then(|| after.unwrap_or(faults));
        self.checker.lines(&mut system, struck, &mut log);
        let footprint = system.world().unwatch();
        for violated in system.world().check_step(before.world(), &self.events) {
            log.violation(ViolationKind::Invariant, None, violated.to_string());
        }
        log.events(&mut self.events);
        let mut footprint = footprint.with_writes(system.world().written_since(before.world()));
        if let Transition::Go(tid) = transition {
            // What a program keeps goes with its thread.
            footprint.writes.push(Part::Thread(tid));
        }
        let fingerprint = winspi_core::canon::Fingerprint(0);
        let candidate = Candidate { parent: id, faults, transition, fingerprint, system, met_all: false };
        Some((footprint, candidate))
    }

    /// Keeps what some of the transitions lead to, or all where that could go round in a circle.
    fn keep(
        &mut self,
        id: StateId,
        mut chosen: Vec<usize>,
        mut candidates: Vec<Candidate>,
        known: Known<'_>,
        scratch: &mut Scratch,
    ) {
        let depth = known.states.get(id).map_or(0, |state| state.depth);
        let mut met = vec![None; candidates.len()];
        for round in 0..2 {
            let mut back = false;
            for place in &chosen {
                let candidate = &mut candidates[*place];
                candidate.fingerprint = candidate.system.fingerprint_in(scratch);
                candidate.met_all = scratch.met_all();
                let strikes = candidate.transition.is_fault();
                let faults = candidate.faults;
                let after = if strikes { known.sets.find(faults, &candidate.transition) } else { Some(faults) };
                met[*place] = after.and_then(|after| known.states.find(candidate.fingerprint, after));
                let earlier = met[*place].and_then(|met| known.states.get(met)).is_some_and(|met| met.depth <= depth);
                back |= earlier;
            }
            if !back || round == 1 || chosen.len() == candidates.len() {
                break;
            }
            chosen = (0..candidates.len()).collect();
        }
        self.transitions += chosen.len() as u64;
        self.partly += u64::from(chosen.len() < candidates.len());
        for (place, candidate) in candidates.into_iter().enumerate() {
            if chosen.contains(&place) && met[place].is_none() {
                self.candidates.push(candidate);
            }
        }
    }
}

/// What a thread touches that only begins to wait for a message, but for whether there is one: whoever brings it may
/// come first, and then there is no wait.
fn parks(tid: Tid, footprint: &Footprint, after: &System<Lines>) -> Option<Footprint> {
    let waits = after.world().thread(tid).map(|thread| &thread.next);
    let begins = matches!(waits, Some(Standing::Waits(Wait::Message { .. })));
    if !begins || footprint.writes.iter().any(|part| *part != Part::Thread(tid)) {
        return None;
    }
    let mut parks = footprint.clone();
    parks.reads.retain(|part| !matches!(part, Part::Arrived(_, to) | Part::Order(to) if *to == tid.process));
    Some(parks)
}
