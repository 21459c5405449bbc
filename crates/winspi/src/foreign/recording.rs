//! Runs with parties: driven, recorded, and repeated without them.

use serde::{Deserialize, Serialize};
use winspi_core::call::Callback;
use winspi_core::event::Event;
use winspi_core::id::Tid;
use winspi_core::protocol::{Reply, Step};
use winspi_core::transition::NotEnabled;
use winspi_core::{Program, Shared, System, Transition, World};

use crate::foreign::{Parties, PartyError};

/// What was done and what happened, in order. The schedule alone is enough to repeat it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// All transitions, answers of parties included.
    pub schedule: Vec<Transition>,
    /// All events.
    pub events: Vec<Event>,
}

impl Recording {
    /// Takes a transition and records it; one that is refused is not recorded.
    pub fn apply<P: Program>(&mut self, system: &mut System<P>, transition: Transition) -> Result<(), NotEnabled> {
        self.events.extend(system.apply(&transition)?);
        self.schedule.push(transition);
        Ok(())
    }
}

/// A transition of a schedule that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("transition {at} of the schedule: {why}")]
pub struct NotReplayed {
    /// Its place in the schedule, from 0.
    pub at: usize,
    /// Why not.
    #[source]
    pub why: NotEnabled,
}

/// Repeats a schedule without any party, and gives the events. Where it fails, the transitions before were taken.
pub fn replay<P: Program>(system: &mut System<P>, schedule: &[Transition]) -> Result<Vec<Event>, NotReplayed> {
    let mut events = Vec::new();
    for (at, transition) in schedule.iter().enumerate() {
        events.extend(system.apply(transition).map_err(|why| NotReplayed { at, why })?);
    }
    Ok(events)
}

/// The choice of [`Parties::drive`] that takes the first transition of those enabled, to the end.
pub fn first<P: Program>(_: &System<P>, enabled: &[Transition]) -> Option<Transition> {
    enabled.first().cloned()
}

impl Parties {
    /// After so many transitions [`Parties::drive`] gives up.
    pub const LONGEST: usize = 100_000;

    /// Takes one transition: the answer to the first open question, or else what is chosen of those enabled.
    ///
    /// The choice may also be a fault. Says whether there was one to take.
    pub fn step<P: Program>(
        &mut self,
        system: &mut System<P>,
        recording: &mut Recording,
        choose: impl FnOnce(&System<P>, &[Transition]) -> Option<Transition>,
    ) -> Result<bool, PartyError> {
        self.settle(system)?;
        let open = system.open_questions().next();
        let transition = match open {
            Some((thread, _)) => self.answer(system, thread)?,
            None => choose(system, &system.enabled()),
        };
        let Some(transition) = transition else { return Ok(false) };
        recording.apply(system, transition)?;
        self.settle(system)?;
        Ok(true)
    }

    /// Goes on until nothing is chosen, and gives how many transitions were taken. Questions are answered as soon as
    /// they are open; [`first`] is a choice.
    ///
    /// What was taken before an error is in the recording.
    pub fn drive<P: Program>(
        &mut self,
        system: &mut System<P>,
        recording: &mut Recording,
        mut choose: impl FnMut(&System<P>, &[Transition]) -> Option<Transition>,
    ) -> Result<usize, PartyError> {
        for taken in 0..Parties::LONGEST {
            if !self.step(system, recording, &mut choose)? {
                return Ok(taken);
            }
        }
        Err(PartyError::TooLong(Parties::LONGEST))
    }
}

/// The program of a system in which all programs are outside: there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NoProgram {}

impl Program for NoProgram {
    type Shared = ();

    fn enter(&mut self, _: &Callback) {
        match *self {}
    }

    fn step(&mut self, _: &mut Shared<()>, _: &World, _: Tid, _: Reply) -> Step<()> {
        match *self {}
    }

    fn end(&mut self) {
        match *self {}
    }
}
