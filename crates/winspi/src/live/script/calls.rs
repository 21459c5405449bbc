//! The calls of a run, in the order in which they took their first step.

use std::collections::BTreeMap;
use std::sync::Arc;

use winspi_core::call::Call;
use winspi_core::event::Event;
use winspi_core::id::{Pid, Tid};
use winspi_core::outcome::{Out, Outcome, Who};
use winspi_core::protocol::{Request, Step};
use winspi_core::{Transition, World};

use crate::live::Taken;

/// What a line of the scenario says.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    /// A call.
    Call(Made),
    /// A process crashed.
    Ended(Pid),
}

/// A call of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) thread: Tid,
    pub(super) call: Arc<Call>,
    /// What it gave; `None` if it did not come back.
    pub(super) outcome: Option<Outcome>,
    /// Whether its process ended meanwhile.
    pub(super) ended: bool,
    /// What its condition function did, once for each connection that it was asked about.
    pub(super) routines: Vec<Routine>,
}

/// What a callback did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Routine {
    pub(super) calls: Vec<Made>,
    /// What it answered; 0, CF_ACCEPT, while it has not.
    pub(super) answer: i64,
    /// Whether it came back without an answer.
    pub(super) failed: bool,
}

impl Made {
    fn new(thread: Tid, call: &Arc<Call>) -> Made {
        Made { thread, call: call.clone(), outcome: None, ended: false, routines: Vec::new() }
    }
}

/// Finds them.
pub(super) fn find(end: &World, taken: &[Taken]) -> Vec<Happening> {
    let mut found = Found::default();
    for Taken { transition, events } in taken {
        match transition {
            Transition::Go(tid) | Transition::Choose { thread: tid, .. } => found.begins(*tid),
            Transition::Answer { step: Step::Ask(Request::EndProcess { process, .. }, ()), .. } => {
                found.all.push(Happening::Ended(*process));
            }
            _ => {}
        }
        for event in events {
            found.event(event);
        }
    }
    for happening in &mut found.all {
        if let Happening::Call(made) = happening {
            made.ended = made.outcome.is_none() && end.running(made.thread.process).is_none();
        }
    }
    found.all
}

#[derive(Default)]
struct Found {
    all: Vec<Happening>,
    /// Calls that were asked for and have not taken their first step.
    next: BTreeMap<Tid, Arc<Call>>,
    /// The last call of each thread: a place in `all`.
    last: BTreeMap<Tid, usize>,
    /// The depth of the callback that runs on a thread.
    routine: BTreeMap<Tid, u16>,
}

impl Found {
    /// The first step of a call, if it is one.
    fn begins(&mut self, tid: Tid) {
        if let Some(call) = self.next.remove(&tid) {
            self.last.insert(tid, self.all.len());
            self.all.push(Happening::Call(Made::new(tid, &call)));
        }
    }

    fn made(&mut self, tid: Tid) -> Option<&mut Made> {
        match self.all.get_mut(*self.last.get(&tid)?) {
            Some(Happening::Call(made)) => Some(made),
            _ => None,
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            // A worker of a provider is no program.
            Event::Enter { thread, depth: 0, who: Who::Ws2_32 | Who::Kernel, call } => {
                self.next.insert(*thread, call.clone());
                self.routine.remove(thread);
            }
            Event::Enter { thread, depth, who: Who::Program, .. } => {
                self.routine.insert(*thread, *depth);
                if let Some(made) = self.made(*thread) {
                    made.routines.push(Routine::default());
                }
            }
            Event::Enter { thread, depth, call, .. } if self.is_of_routine(*thread, *depth) => {
                let inner = Made::new(*thread, call);
                if let Some(routine) = self.made(*thread).and_then(|made| made.routines.last_mut()) {
                    routine.calls.push(inner);
                }
            }
            Event::Leave { thread, depth: 0, who: Who::Ws2_32 | Who::Kernel, outcome, .. } => {
                if let Some(made) = self.made(*thread) {
                    made.outcome = Some(outcome.clone());
                }
            }
            Event::Leave { thread, who: Who::Program, outcome, .. } => {
                self.routine.remove(thread);
                if let Some(routine) = self.made(*thread).and_then(|made| made.routines.last_mut()) {
                    match outcome.result {
                        Ok(Out::Number(answer)) => routine.answer = answer,
                        _ => routine.failed = true,
                    }
                }
            }
            Event::Leave { thread, depth, outcome, .. } if self.is_of_routine(*thread, *depth) => {
                let routine = self.made(*thread).and_then(|made| made.routines.last_mut());
                if let Some(inner) = routine.and_then(|routine| routine.calls.last_mut()) {
                    inner.outcome = Some(outcome.clone());
                }
            }
            _ => {}
        }
    }

    /// Whether a call is one that the callback itself makes.
    fn is_of_routine(&self, thread: Tid, depth: u16) -> bool {
        self.routine.get(&thread).is_some_and(|routine| depth == routine + 1)
    }
}
