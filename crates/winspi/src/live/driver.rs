//! The driver of a live run: answers questions as soon as they are open, and takes what the order says.

use std::sync::Arc;

use winspi_core::System;
use winspi_core::id::Tid;

use crate::foreign::{NoProgram, Parties, PartyError};
use crate::live::order::Scheduler;
use crate::live::{Crew, Deadlock, LiveError, Order, Panicked, Ran, Recorded, lock};
use crate::{Plan, Waiting, settle};

/// Runs a crew to its end.
pub(super) fn run(plan: Plan, crew: &Arc<Crew>, order: Order) -> Result<Ran<()>, LiveError> {
    let world = plan.world()?;
    let mut system: System<NoProgram> = System::new(world, ());
    system.grain = plan.grain;
    let mut run = Run {
        recorded: Recorded::new(plan, system.clone()),
        system,
        parties: Parties::new(),
        scheduler: Scheduler::new(order),
        panics: Vec::new(),
    };
    for _ in 0..Parties::LONGEST {
        for (party, guest) in lock(&crew.waiting).drain(..) {
            run.parties.play(party, guest);
        }
        if !run.step()? {
            return run.end();
        }
    }
    Err(PartyError::TooLong(Parties::LONGEST).into())
}

struct Run {
    system: System<NoProgram>,
    parties: Parties,
    scheduler: Scheduler,
    recorded: Recorded,
    panics: Vec<Panicked>,
}

impl Run {
    /// Takes one transition; says whether there was one.
    fn step(&mut self) -> Result<bool, PartyError> {
        self.settle()?;
        let transition = match self.next_question() {
            Some(thread) => match self.parties.answer(&self.system, thread) {
                Err(error) => {
                    // The next answer is that its process crashes: the others go on.
                    self.note(error)?;
                    return Ok(true);
                }
                Ok(answer) => answer,
            },
            None => self.scheduler.next(&self.system, &self.system.enabled()),
        };
        let Some(transition) = transition else { return Ok(false) };
        let events = self.system.apply(&transition)?;
        self.recorded.push(transition, events);
        Ok(true)
    }

    /// The thread whose question is answered next, before anything else happens.
    ///
    /// Where calls come one after the other, a closure goes on when the machine is at rest; a callback at once.
    fn next_question(&self) -> Option<Tid> {
        let within = |tid: &Tid| self.system.world().thread(*tid).is_some_and(|thread| !thread.stack.is_empty());
        let open = || self.system.open_questions().map(|(thread, _)| thread);
        let at_once = open().find(within);
        let rests = !self.scheduler.comes_to_rest() || settle::of_itself(&self.system).is_none();
        at_once.or_else(|| open().next().filter(|_| rests))
    }

    /// Ends the closures whose processes have ended.
    fn settle(&mut self) -> Result<(), PartyError> {
        match self.parties.settle(&self.system) {
            Err(error) => self.note(error),
            Ok(()) => Ok(()),
        }
    }

    /// Notes a panic; other errors end the run.
    fn note(&mut self, error: PartyError) -> Result<(), PartyError> {
        match error {
            PartyError::Panicked { thread, message, .. } => {
                let name = self.system.world().thread_name(thread);
                self.panics.push(Panicked { thread, name, message });
                Ok(())
            }
            other => Err(other),
        }
    }

    fn end(mut self) -> Result<Ran<()>, LiveError> {
        self.settle()?;
        let waiting = Waiting::all(self.system.world());
        self.recorded.close(self.system);
        let (recorded, panics) = (self.recorded, self.panics);
        if waiting.is_empty() {
            return Ok(Ran { setup: (), recorded, panics });
        }
        Err(LiveError::Deadlock(Box::new(Deadlock { waiting, recorded, panics })))
    }
}
