//! The host of parties: it owns them, and lets one of them run when the system asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use winspi_core::call::Call;
use winspi_core::id::{InstanceId, PartyId, Tid};
use winspi_core::kernel::process::{Next, Thread};
use winspi_core::outcome::{Outcome, Refusal, Who};
use winspi_core::policy::Decision;
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::transition::NotEnabled;
use winspi_core::{Program, System, Transition};
use winspi_types::ErrorCode;

use crate::foreign::seat::{End, Panic, Seat};
use crate::foreign::talk::{Place, Told};
use crate::foreign::{Guest, Provider, Stop};

/// The exit code of a process whose party panicked: STATUS_STACK_BUFFER_OVERRUN, which a fail-fast gives.
pub const CRASHED: u32 = 0xC000_0409;

/// All parties of one system, and where each of them stands.
///
/// Answer questions with [`Parties::answer`], or let [`Parties::drive`] do it. When it is dropped, all parties see the
/// end of their process, and it waits for their threads.
#[derive(Default)]
pub struct Parties {
    parties: BTreeMap<PartyId, Party>,
    /// What has begun, by thread and depth on its stack; a program is at depth 0, its callbacks are on its seat.
    seats: BTreeMap<(Tid, usize), Seat>,
    /// The last question of each thread that was answered, with the answer.
    answered: BTreeMap<Tid, (u64, Transition)>,
    ends: BTreeMap<Tid, Result<(), Stop>>,
}

enum Party {
    Provider(Arc<dyn Provider>),
    /// Not there any more once it has begun.
    Guest(Option<Box<dyn Guest>>),
}

/// Why a question was not answered, or a run did not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartyError {
    /// Nobody was registered for a party.
    #[error("nobody plays party {}, which thread {thread} asks", party.0)]
    Nobody {
        /// The party.
        party: PartyId,
        /// Where it is asked.
        thread: Tid,
    },
    /// A program was registered where the system has a provider, or the other way round.
    #[error("party {} is not what thread {thread} asks for: a provider plays providers, a program a thread", party.0)]
    Miscast {
        /// The party.
        party: PartyId,
        /// Where it is asked.
        thread: Tid,
    },
    /// A program runs once.
    #[error("party {} has begun already, and thread {thread} asks it to begin", party.0)]
    Begun {
        /// The party.
        party: PartyId,
        /// Where it is asked.
        thread: Tid,
    },
    /// The system is not where its parties are: it went back, is a copy, or was answered by somebody else.
    #[error(
        "question {number} of thread {thread} is not one that its parties wait for: a system with parties outside \
         cannot be branched"
    )]
    Elsewhere {
        /// The thread.
        thread: Tid,
        /// The number of the question.
        number: u64,
    },
    /// A party panicked. Its next answer is the end of its process, with the exit code [`CRASHED`].
    #[error("party {} panicked on thread {thread}: {message}", party.0)]
    Panicked {
        /// The party.
        party: PartyId,
        /// Where it ran.
        thread: Tid,
        /// What the panic said.
        message: String,
    },
    /// The machine gave no thread.
    #[error("no thread for party {}: {reason}", party.0)]
    NoThread {
        /// The party.
        party: PartyId,
        /// What the machine says.
        reason: String,
    },
    /// A transition was chosen that cannot be taken.
    #[error("what was chosen cannot be: {0}")]
    NotEnabled(#[from] NotEnabled),
    /// The run does not end.
    #[error("after {0} transitions the run has not ended")]
    TooLong(usize),
}

impl Parties {
    /// No parties.
    pub fn new() -> Parties {
        Parties::default()
    }

    /// Registers who plays a party that is a provider, in whatever process.
    pub fn provider(&mut self, party: PartyId, provider: Arc<dyn Provider>) {
        self.parties.insert(party, Party::Provider(provider));
    }

    /// Registers who plays a party that is the program of one thread.
    pub fn program(&mut self, party: PartyId, guest: impl Guest + 'static) {
        self.play(party, Box::new(guest));
    }

    /// The same with a guest that is in a box already.
    pub(crate) fn play(&mut self, party: PartyId, guest: Box<dyn Guest>) {
        self.parties.insert(party, Party::Guest(Some(guest)));
    }

    /// How a program returned; `None` while it runs.
    pub fn end_of(&self, thread: Tid) -> Option<&Result<(), Stop>> {
        self.ends.get(&thread)
    }

    /// The activations that have begun and not ended: thread, and depth on its stack; programs are at depth 0.
    pub fn running(&self) -> impl Iterator<Item = (Tid, usize)> + '_ {
        self.seats.keys().copied()
    }

    /// Answers the open question of a thread; `None` if it has none.
    ///
    /// The party runs until it asks the next thing or returns. Asked again, before the system has taken the answer,
    /// this gives the same answer.
    pub fn answer<P: Program>(&mut self, system: &System<P>, thread: Tid) -> Result<Option<Transition>, PartyError> {
        self.settle(system)?;
        let Some(asked) = system.asked_thread(thread) else { return Ok(None) };
        let Next::Asked { party, number, ref reply } = asked.next else { return Ok(None) };
        let number = number.0;
        let elsewhere = Err(PartyError::Elsewhere { thread, number });
        let last = match self.answered.get(&thread) {
            Some((last, answer)) if *last == number => return Ok(Some(answer.clone())),
            Some((last, _)) if *last > number => return elsewhere,
            Some((last, _)) => *last,
            None => 0,
        };
        let next = number == last + 1;
        let depth = asked.stack.len();
        let top = asked.stack.last().map(|activation| activation.who);
        let begins = *reply == Reply::Enter;
        let key = match top {
            Some(Who::Foreign(..)) => (thread, depth),
            _ => (thread, 0),
        };
        match (top, begins, self.seats.get(&key)) {
            (Some(Who::Foreign(_, instance)), true, None) => {
                let call = asked.stack.last().map(|activation| (*activation.call).clone());
                let seat = self.begin_call(system, party, thread, instance, call)?;
                self.seats.insert(key, seat);
            }
            (None, true, None) => {
                let seat = self.begin_program(system, party, thread)?;
                self.seats.insert(key, seat);
            }
            (Some(Who::Program), true, Some(seat)) if next => match self.callback(asked, thread) {
                Some(told) => seat.tell(told),
                None => return elsewhere,
            },
            (_, false, Some(seat)) if next => seat.tell(Told::Reply(reply.clone())),
            _ => return elsewhere,
        }
        let step = self.listen(key, party, number);
        // A crash is an answer, too, for those who go on after they have heard of it.
        let crash = || Step::Ask(Request::EndProcess { process: thread.process, code: CRASHED }, ());
        let (step, error) = match step {
            Ok(step) => (step, None),
            Err(error) => (crash(), Some(error)),
        };
        let answer = Transition::Answer { thread, number, step };
        self.answered.insert(thread, (number, answer.clone()));
        error.map_or(Ok(Some(answer)), Err)
    }

    /// Ends the activations that the system has no more, the innermost first.
    ///
    /// [`Parties::answer`] and [`Parties::drive`] do this themselves.
    pub fn settle<P: Program>(&mut self, system: &System<P>) -> Result<(), PartyError> {
        let gone = |(tid, depth): &(Tid, usize)| match system.world().thread(*tid) {
            Some(Thread { next: Next::Ended, .. }) | None => true,
            Some(thread) => thread.stack.len() < *depth,
        };
        let seats: Vec<_> = self.seats.keys().filter(|key| gone(key)).copied().collect();
        let mut result = Ok(());
        for key in seats.into_iter().rev() {
            if let Err(error) = self.end(key) {
                result = Err(error);
            }
        }
        result
    }

    fn begin_call<P: Program>(
        &self,
        system: &System<P>,
        party: PartyId,
        thread: Tid,
        instance: InstanceId,
        call: Option<Call>,
    ) -> Result<Seat, PartyError> {
        let (provider, call) = match (self.parties.get(&party), call) {
            (None, _) => return Err(PartyError::Nobody { party, thread }),
            (Some(Party::Provider(provider)), Some(call)) => (provider.clone(), call),
            _ => return Err(PartyError::Miscast { party, thread }),
        };
        let over = system.world().catalog().provider(instance.provider).over;
        let lower = over.map(|provider| InstanceId { process: instance.process, provider });
        let place = Place { instance: Some(instance), lower, ..place(system, party, thread) };
        Seat::of_provider(place, provider, call)
            .map_err(|error| PartyError::NoThread { party, reason: error.to_string() })
    }

    fn begin_program<P: Program>(
        &mut self,
        system: &System<P>,
        party: PartyId,
        thread: Tid,
    ) -> Result<Seat, PartyError> {
        let guest = match self.parties.get_mut(&party) {
            None => return Err(PartyError::Nobody { party, thread }),
            Some(Party::Provider(_)) => return Err(PartyError::Miscast { party, thread }),
            Some(Party::Guest(guest)) => guest.take().ok_or(PartyError::Begun { party, thread })?,
        };
        Seat::of_guest(place(system, party, thread), guest)
            .map_err(|error| PartyError::NoThread { party, reason: error.to_string() })
    }

    /// The callback that is on top of a stack. The mark there has no name for it: who asked for it has, which is the
    /// foreign provider that answered last, or the call beneath.
    fn callback(&self, thread: &Thread, tid: Tid) -> Option<Told> {
        let [.., beneath, mark] = &thread.stack[..] else { return None };
        let id = match (self.answered.get(&tid), &*beneath.call) {
            (Some((_, Transition::Answer { step: Step::Ask(Request::User(callback), ()), .. })), _) => callback.id,
            (_, Call::WSPAccept(accept)) => *accept.condition.get()?,
            _ => return None,
        };
        Some(Told::Callback(id, mark.call.clone()))
    }

    /// Waits for what a party that was told something asks or returns.
    fn listen(&mut self, key: (Tid, usize), party: PartyId, number: u64) -> Result<Step<()>, PartyError> {
        let thread = key.0;
        let Some(seat) = self.seats.get(&key) else { return Err(PartyError::Elsewhere { thread, number }) };
        if let Some(step) = seat.listen() {
            return Ok(step);
        }
        match self.end(key)? {
            Some(End::Returned(Ok(outcome))) => Ok(Step::Return(outcome)),
            Some(End::Returned(Err(Stop::Refused(refusal)))) => {
                Ok(Step::Return(Outcome { result: Err(refusal), by: None }))
            }
            // It says that its process has ended, and it has not.
            Some(End::Returned(Err(Stop::Ended))) => {
                let refusal = Refusal::code(ErrorCode::WSASYSCALLFAILURE, Decision::ForeignShape);
                Ok(Step::Return(Outcome { result: Err(refusal), by: None }))
            }
            Some(End::Finished(_)) => Ok(Step::Ask(Request::Done, ())),
            None => Err(PartyError::Nobody { party, thread }),
        }
    }

    /// Waits for the end of the thread of a seat.
    fn end(&mut self, key: (Tid, usize)) -> Result<Option<End>, PartyError> {
        let Some(seat) = self.seats.remove(&key) else { return Ok(None) };
        match seat.end() {
            Ok(end) => {
                if let End::Finished(result) = &end {
                    self.ends.insert(key.0, result.clone());
                }
                Ok(Some(end))
            }
            Err((party, Panic(message))) => Err(PartyError::Panicked { party, thread: key.0, message }),
        }
    }
}

fn place<P: Program>(system: &System<P>, party: PartyId, thread: Tid) -> Place {
    Place { party, thread, instance: None, lower: None, catalog: Arc::new(system.world().catalog().clone()) }
}

impl Drop for Parties {
    fn drop(&mut self) {
        while let Some((_, seat)) = self.seats.pop_last() {
            // Nobody is left to hear of a panic.
            let _ = seat.end();
        }
    }
}

impl std::fmt::Debug for Parties {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parties: Vec<u16> = self.parties.keys().map(|party| party.0).collect();
        f.debug_struct("Parties").field("parties", &parties).field("running", &self.seats.keys()).finish()
    }
}
