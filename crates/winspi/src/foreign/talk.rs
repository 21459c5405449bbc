//! What a party says to the core, and hears from it.

use std::fmt;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use winspi_core::call::{Call, Callback, Signature};
use winspi_core::id::{CallbackId, InstanceId, PartyId, Pid, Tid};
use winspi_core::outcome::{Answer, Outcome, Refusal};
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::wait::Wait;
use winspi_core::ws2_32::catalog::Catalog;

use crate::foreign::Stop;

/// What a party is told.
#[derive(Debug)]
pub(super) enum Told {
    /// What it asked for has come.
    Reply(Reply),
    /// While it waits for that, a callback of its program is called.
    Callback(CallbackId, Arc<Call>),
}

/// What the party that an activation belongs to knows from the start.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) party: PartyId,
    pub(super) thread: Tid,
    pub(super) instance: Option<InstanceId>,
    pub(super) lower: Option<InstanceId>,
    pub(super) catalog: Arc<Catalog>,
}

type Routine = Box<dyn FnMut(&Call, &mut Core) -> Result<Outcome, Stop> + Send>;

/// A party's way to the world: each method asks one thing, and comes back when it is there.
///
/// It belongs to one activation: to one call of a provider, or to the run of one program.
pub struct Core {
    place: Place,
    told: Receiver<Told>,
    said: Sender<Step<()>>,
    /// A routine that runs is not here meanwhile.
    routines: Vec<Option<Routine>>,
}

impl Core {
    pub(super) fn new(place: Place, told: Receiver<Told>, said: Sender<Step<()>>) -> Core {
        Core { place, told, said, routines: Vec::new() }
    }

    // ---- what a party knows

    /// The number of the party.
    pub fn party(&self) -> PartyId {
        self.place.party
    }

    /// The thread of the world that this runs on.
    pub fn thread(&self) -> Tid {
        self.place.thread
    }

    /// Its process.
    pub fn process(&self) -> Pid {
        self.place.thread.process
    }

    /// The instance that a provider plays; `None` for a program.
    pub fn instance(&self) -> Option<InstanceId> {
        self.place.instance
    }

    /// The instance below a layer in its process, where the catalog has the layer over something.
    pub fn lower(&self) -> Result<InstanceId, Stop> {
        self.place.lower.ok_or_else(|| Refusal::not_modelled("a call to what is below, where nothing is").into())
    }

    /// The catalog of the machine, as WSCEnumProtocols would show it.
    pub fn catalog(&self) -> &Catalog {
        &self.place.catalog
    }

    /// The catalog entry of a layer for itself: how it finds its place in chains, and registers what has no chain.
    pub fn own_entry(&self) -> Option<u32> {
        self.place.catalog.provider(self.place.instance?.provider).own_entry
    }

    // ---- what a party asks

    /// Calls a provider of this process; its procedure table says who serves the call.
    pub fn down<F: Signature>(&mut self, instance: InstanceId, call: F) -> Result<F::Out, Stop> {
        let reply = self.ask(Request::Down(instance, Arc::new(call.call())))?;
        Ok(reply.of::<F>()?)
    }

    /// Hands a call to the provider below, and gives the outcome as it is: who answered remains who answered.
    pub fn pass(&mut self, call: Call) -> Result<Outcome, Stop> {
        let lower = self.lower()?;
        self.ask(Request::Down(lower, Arc::new(call))).map(Reply::outcome)
    }

    /// Calls Ws2_32 or the system: WPU* of a provider, everything of a program.
    pub fn up<F: Signature>(&mut self, call: F) -> Result<F::Out, Stop> {
        let reply = self.ask(Request::Up(Arc::new(call.call())))?;
        Ok(reply.of::<F>()?)
    }

    /// Makes a call that only its data says which it is. A refusal is an outcome here.
    pub fn call(&mut self, call: Call) -> Result<Outcome, Stop> {
        self.ask(Request::Up(Arc::new(call))).map(Reply::outcome)
    }

    /// Calls a callback of the program on this thread.
    pub fn user<F: Signature>(&mut self, id: CallbackId, call: F) -> Result<F::Out, Stop> {
        let reply = self.ask(Request::User(Callback { id, call: Arc::new(call.call()) }))?;
        Ok(reply.of::<F>()?)
    }

    /// Waits. That it comes back promises nothing: look again.
    pub fn wait(&mut self, wait: Wait) -> Result<(), Stop> {
        self.ask(Request::Wait(wait)).map(drop)
    }

    /// Begins a further thread of this process, whose program that party is; who has registered it decides when it runs.
    /// A provider has none to begin.
    pub fn new_thread(&mut self, name: &str, party: PartyId) -> Result<(), Stop> {
        if self.place.instance.is_some() {
            return Err(Refusal::not_modelled("a thread of a provider").into());
        }
        self.ask(Request::NewThread { name: name.to_owned(), party }).map(drop)
    }

    /// Makes a routine of a program known, so that calls can name it. Providers have none.
    ///
    /// It runs while the program waits for a call of its own; within itself it is not called again.
    pub fn callback<R>(&mut self, routine: R) -> Answer<CallbackId>
    where
        R: FnMut(&Call, &mut Core) -> Result<Outcome, Stop> + Send + 'static,
    {
        let id = u32::try_from(self.routines.len()).ok().filter(|_| self.place.instance.is_none());
        let id = id.ok_or_else(|| Refusal::not_modelled("a callback of a provider"))?;
        self.routines.push(Some(Box::new(routine)));
        Ok(CallbackId(id))
    }

    /// Asks, and serves callbacks until the reply comes.
    fn ask(&mut self, request: Request) -> Result<Reply, Stop> {
        self.say(Step::Ask(request, ()))?;
        loop {
            match self.told.recv() {
                Ok(Told::Reply(reply)) => return Ok(reply),
                Ok(Told::Callback(id, call)) => {
                    let outcome = outcome_of(self.run_routine(id, &call))?;
                    self.say(Step::Return(outcome))?;
                }
                Err(_) => return Err(Stop::Ended),
            }
        }
    }

    fn say(&self, step: Step<()>) -> Result<(), Stop> {
        self.said.send(step).map_err(|_| Stop::Ended)
    }

    fn run_routine(&mut self, id: CallbackId, call: &Call) -> Result<Outcome, Stop> {
        let place = id.0 as usize;
        let Some(mut routine) = self.routines.get_mut(place).and_then(Option::take) else {
            return Err(Refusal::not_modelled(format!("callback {} of a program outside", id.0)).into());
        };
        let result = routine(call, self);
        self.routines[place] = Some(routine);
        result
    }
}

/// What goes back to the world of what a party returned: a refusal is an outcome, too.
fn outcome_of(result: Result<Outcome, Stop>) -> Result<Outcome, Stop> {
    match result {
        Err(Stop::Refused(refusal)) => Ok(Outcome { result: Err(refusal), by: None }),
        other => other,
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { party, thread, instance, .. } = &self.place;
        write!(f, "Core(party {}, thread {thread}, {instance:?})", party.0)
    }
}
