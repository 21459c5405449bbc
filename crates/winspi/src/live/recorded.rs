//! What happened in a live run.

use winspi_core::event::Event;
use winspi_core::{System, Transition, World};
use winspi_script::Arrangement;

use crate::Plan;
use crate::foreign::NoProgram;
use crate::live::script::{self, NotWritten};

/// A transition and what it gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The transition.
    pub transition: Transition,
    /// What happened.
    pub events: Vec<Event>,
}

/// What happened in a live run: enough to repeat it without the closures.
#[derive(Clone, Debug)]
pub struct Recorded {
    plan: Plan,
    before: System<NoProgram>,
    after: System<NoProgram>,
    taken: Vec<Taken>,
}

impl Recorded {
    pub(super) fn new(plan: Plan, before: System<NoProgram>) -> Recorded {
        Recorded { plan, after: before.clone(), before, taken: Vec::new() }
    }

    pub(super) fn push(&mut self, transition: Transition, events: Vec<Event>) {
        self.taken.push(Taken { transition, events });
    }

    pub(super) fn close(&mut self, after: System<NoProgram>) {
        self.after = after;
    }

    /// Every transition with its events.
    pub fn taken(&self) -> &[Taken] {
        &self.taken
    }

    /// The schedule: all transitions, the answers of the closures included. [`replay`](crate::foreign::replay) takes it
    /// from [`Recorded::before`].
    pub fn schedule(&self) -> Vec<Transition> {
        self.taken.iter().map(|taken| taken.transition.clone()).collect()
    }

    /// All events.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.taken.iter().flat_map(|taken| &taken.events)
    }

    /// The system before the first transition.
    pub fn before(&self) -> &System<NoProgram> {
        &self.before
    }

    /// The world at the end.
    pub fn world(&self) -> &World {
        self.after.world()
    }

    /// On what the scenario of [`Recorded::to_script`] has to run: the base provider and the choices, which are no part
    /// of a scenario.
    pub fn arrangement(&self) -> Arrangement {
        self.plan.arrangement()
    }

    /// The run as a scenario: a line for each call, in the order in which they began, with what came of it.
    ///
    /// Handles, protocol infos, events and messages that flow on have names; everything else is a literal. A call that
    /// had not come back at the end says `blocks`; a process that crashed or was ended is killed.
    ///
    /// A scenario in text order comes to rest after each line. A run with [`Order::Calls`](crate::live::Order) does the
    /// same, and its scenario always passes. Other orders may have let a call come between a send and its arrival;
    /// where the outcome depended on that (how many bytes a receive found, which of two messages came first), the
    /// scenario says what came out in this run, and `winspi run` says which line comes out otherwise in text order.
    ///
    /// # Errors
    ///
    /// What the language cannot say: see [`NotWritten`].
    pub fn to_script(&self) -> Result<String, NotWritten> {
        script::write(&self.plan, self.after.world(), &self.taken)
    }
}
