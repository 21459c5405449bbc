//! A machine for tests and lessons: one call after the other, each to its end.
//!
//! # What a call does
//!
//! A thread of a [`Machine`] is a [`Process`], with the methods of [`Winsock`](crate::Winsock). A call runs to its end,
//! and then the machine comes to rest: what has been sent arrives, operations are carried out, and who waited goes on,
//! the oldest first. Time passes only where the call waits with a deadline and nothing else can happen.
//!
//! # Calls that wait
//!
//! A call that cannot come back gives [`CallError::Blocked`], which says what it waits for and who could end that. It
//! is not given up: it goes on as soon as another thread makes it possible, and what it gives is lost unless the call
//! was begun with [`Process::start`]. Until then its thread can make no other call.
//!
//! ```
//! use winspi::types::constants::{AF_INET, IPPROTO_TCP, SOCK_STREAM};
//! use winspi::core::call::accept;
//! use winspi::core::value::{LengthAt, Place};
//! use winspi::{Machine, Winsock};
//!
//! let machine = Machine::of(["server", "client"])?;
//! let (server, client) = (machine.process("server")?, machine.process("client")?);
//! let l = server.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
//! server.bind(l, "127.0.0.1:5000")?;
//! server.listen(l, 5)?;
//!
//! let accepting = server.start(accept { s: l, addr: Place::Room, addrlen: LengthAt::Fits })?;
//! let blocked = server.finish(&accepting).unwrap_err();
//! assert_eq!(blocked.waiting().unwrap().what, "a connection to 0x80 (127.0.0.1:5000)");
//!
//! let c = client.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
//! client.connect(c, "127.0.0.1:5000")?;
//! assert_eq!(server.finish(&accepting)?.s.to_string(), "0x84");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The machine is a value
//!
//! [`Machine::clone`] is a snapshot, and [`Machine::restore`] goes back to one: what the processes hold, what travels,
//! and where each thread waits. A [`Process`] is only a name for a thread and stays good.

use std::cell::RefCell;
use std::collections::BTreeMap;

use winspi_core::event::{Breach, Event, Hazard};
use winspi_core::id::{Pid, Tid};
use winspi_core::kernel::process::{Next, ThreadRole};
use winspi_core::outcome::Outcome;
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::world::check::Violation;
use winspi_core::{System, Transition, World};

use crate::foreign::{NoProgram, Recording};
use crate::{CallError, Plan, PlanError, Waiting, settle};

mod process;
mod question;

pub use process::{Process, Started};
pub use question::{Holding, SocketState};

/// A machine whose threads are called one after the other. See the [module](self).
#[derive(Clone, Debug)]
pub struct Machine {
    state: RefCell<State>,
}

#[derive(Clone, Debug)]
struct State {
    system: System<NoProgram>,
    recording: Recording,
    /// How many calls each thread has begun: names the last one.
    calls: BTreeMap<Tid, u64>,
}

/// A name that no process or thread has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is called `{0}` here")]
pub struct NotThere(pub String);

/// What [`Machine::check`] found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub struct Findings {
    /// Duties that providers broke.
    pub breaches: Vec<Breach>,
    /// What works and may not be meant.
    pub hazards: Vec<Hazard>,
    /// Invariants that do not hold: mistakes of winspi.
    pub violations: Vec<Violation>,
}

impl Findings {
    fn words(&self) -> String {
        let breaches = self.breaches.iter().map(|b| format!("{} is broken ({}): {}", b.duty.name(), b.basis, b.seen));
        let hazards = self.hazards.iter().map(|h| format!("{}: {}", h.kind.name(), h.seen));
        let violations = self.violations.iter().map(Violation::to_string);
        breaches.chain(hazards).chain(violations).collect::<Vec<_>>().join("; ")
    }
}

impl Machine {
    /// A machine with an IFS base provider, no layers, and these processes; [`Plan`] has more.
    ///
    /// # Errors
    ///
    /// Where a name is there twice.
    pub fn of<'n>(processes: impl IntoIterator<Item = &'n str>) -> Result<Machine, PlanError> {
        Plan::new().processes(processes).machine()
    }

    pub(crate) fn of_plan(plan: Plan) -> Result<Machine, PlanError> {
        let system = System::new(plan.world()?, ());
        let state = State { system, recording: Recording::default(), calls: BTreeMap::new() };
        Ok(Machine { state: RefCell::new(state) })
    }

    /// The main thread of a process, by name.
    ///
    /// # Errors
    ///
    /// Where no process has this name.
    pub fn process(&self, name: &str) -> Result<Process<'_>, NotThere> {
        let state = self.state.borrow();
        let pid = state.system.world().process_named(name).map(|p| p.pid);
        pid.map(|pid| Process::new(self, Tid::main(pid))).ok_or_else(|| NotThere(name.to_owned()))
    }

    /// Goes back, or over, to a snapshot.
    pub fn restore(&self, snapshot: &Machine) {
        let state = snapshot.state.borrow().clone();
        *self.state.borrow_mut() = state;
    }

    /// Ends a process at once, as by TerminateProcess from outside.
    ///
    /// # Errors
    ///
    /// [`CallError::Ended`] where it has ended already.
    pub fn kill(&self, process: Pid) -> Result<(), CallError> {
        let mut state = self.state.borrow_mut();
        if state.system.world().running(process).is_none() {
            return Err(CallError::Ended);
        }
        state.take(Transition::Kill(process))?;
        state.settle()
    }

    /// Lets virtual time pass, in milliseconds.
    ///
    /// # Errors
    ///
    /// Where the machine does not come to rest.
    pub fn advance(&self, milliseconds: u64) -> Result<(), CallError> {
        let mut state = self.state.borrow_mut();
        let until = state.system.world().now().saturating_add(milliseconds);
        while state.system.world().now() < until {
            let by = until - state.system.world().now();
            state.take(Transition::Advance(by))?;
            state.settle()?;
        }
        Ok(())
    }

    /// Whether all is well so far: no provider broke a duty, nothing dangerous was done, all invariants hold.
    ///
    /// # Errors
    ///
    /// What is not well.
    pub fn check(&self) -> Result<(), Findings> {
        let state = self.state.borrow();
        let mut findings =
            Findings { breaches: Vec::new(), hazards: Vec::new(), violations: state.system.world().check() };
        for event in &state.recording.events {
            match event {
                Event::Breach(breach) => findings.breaches.push(breach.clone()),
                Event::Hazard(hazard) => findings.hazards.push(hazard.clone()),
                _ => {}
            }
        }
        let Findings { breaches, hazards, violations } = &findings;
        if breaches.is_empty() && hazards.is_empty() && violations.is_empty() { Ok(()) } else { Err(findings) }
    }

    /// The threads that wait within a call.
    pub fn waiting(&self) -> Vec<Waiting> {
        Waiting::all(self.state.borrow().system.world())
    }

    /// What happened so far, and by which transitions.
    pub fn recording(&self) -> Recording {
        self.state.borrow().recording.clone()
    }

    /// All that happened so far.
    pub fn events(&self) -> Vec<Event> {
        self.state.borrow().recording.events.clone()
    }

    /// The world as it is now; a copy, which costs little.
    pub fn world(&self) -> World {
        self.state.borrow().system.world().clone()
    }
}

impl State {
    fn take(&mut self, transition: Transition) -> Result<(), CallError> {
        self.recording.apply(&mut self.system, transition).map_err(|error| CallError::Internal(error.to_string()))
    }

    /// Lets everything happen that happens by itself. Callbacks come back with their own number: see
    /// [`Process::accept_if`].
    fn settle(&mut self) -> Result<(), CallError> {
        for _ in 0..settle::MOST {
            let callback = self.system.open_questions().find_map(|(tid, number)| {
                let stack = &self.system.world().thread(tid)?.stack;
                let called = stack.iter().rev().find_map(|activation| condition_of(&activation.call));
                (!stack.is_empty()).then_some((tid, number, called.unwrap_or(0)))
            });
            if let Some((thread, number, result)) = callback {
                let step = Step::Return(Outcome::of(Ok(result)));
                self.take(Transition::Answer { thread, number, step })?;
                continue;
            }
            match settle::of_itself(&self.system) {
                Some(transition) => self.take(transition)?,
                None => return Ok(()),
            }
        }
        Err(CallError::Restless(settle::MOST))
    }

    /// The open question of a thread that stands between two calls, and what its last call gave.
    fn between_calls(&self, tid: Tid) -> Option<(u64, Reply)> {
        let thread = self.system.world().thread(tid).filter(|thread| thread.stack.is_empty())?;
        match &thread.next {
            Next::Asked { number, reply, .. } => Some((number.0, reply.clone())),
            _ => None,
        }
    }

    /// Why a thread is not between two calls.
    fn not_between_calls(&self, tid: Tid) -> CallError {
        let world = self.system.world();
        match Waiting::of(world, tid) {
            Some(waiting) => CallError::Blocked(waiting.into()),
            None if world.running(tid.process).is_none() => CallError::Ended,
            None => CallError::Internal(format!("thread {tid} is neither within nor between calls")),
        }
    }

    /// Lets time pass as long as a thread waits with a deadline.
    fn outwait(&mut self, tid: Tid) -> Result<(), CallError> {
        let waits = |state: &State| match state.system.world().thread(tid).map(|thread| &thread.next) {
            Some(Next::Waits(wait)) => wait.deadline().is_some(),
            _ => false,
        };
        for _ in 0..settle::MOST {
            if !waits(self) {
                return Ok(());
            }
            self.take(Transition::TimePasses)?;
            self.settle()?;
        }
        Err(CallError::Restless(settle::MOST))
    }

    /// Begins a call of a thread that stands between two.
    fn begin(&mut self, thread: Tid, request: Request) -> Result<u64, CallError> {
        if self.system.world().thread(thread).is_some_and(settle::is_before_call) {
            self.take(Transition::Go(thread))?;
        }
        self.outwait(thread)?;
        let (number, _) = self.between_calls(thread).ok_or_else(|| self.not_between_calls(thread))?;
        self.take(Transition::Answer { thread, number, step: Step::Ask(request, ()) })?;
        if self.system.can_go(thread) {
            self.take(Transition::Go(thread))?;
        }
        self.settle()?;
        let calls = self.calls.entry(thread).or_default();
        *calls += 1;
        Ok(*calls)
    }

    /// What the call of a thread gave.
    fn finish(&mut self, thread: Tid, call: u64) -> Result<Outcome, CallError> {
        if self.calls.get(&thread) != Some(&call) {
            return Err(CallError::Overtaken);
        }
        self.outwait(thread)?;
        match self.between_calls(thread) {
            Some((_, Reply::Outcome(outcome))) => Ok(outcome),
            _ => Err(self.not_between_calls(thread)),
        }
    }

    /// The threads of a process that people gave it.
    fn thread_named(&self, process: Pid, name: &str) -> Option<Tid> {
        let mut threads = self.system.world().threads();
        let own = |role| !matches!(role, ThreadRole::Worker(_));
        threads.find(|(tid, t)| tid.process == process && t.name == name && own(t.role)).map(|(tid, _)| tid)
    }
}

/// The condition function that a call was given.
fn condition_of(call: &winspi_core::call::Call) -> Option<i64> {
    use winspi_core::call::Call;
    let condition = match call {
        Call::WSAAccept(accept) => accept.condition,
        Call::WSPAccept(accept) => accept.condition,
        _ => return None,
    };
    condition.get().map(|id| i64::from(id.0))
}
