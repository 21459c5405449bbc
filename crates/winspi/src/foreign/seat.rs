//! A seat: the real thread on which one activation of a party runs, and the two channels to it.

use std::any::Any;
use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use winspi_core::call::Call;
use winspi_core::id::PartyId;
use winspi_core::outcome::Outcome;
use winspi_core::protocol::Step;

use crate::foreign::talk::{Core, Place, Told};
use crate::foreign::{Guest, Provider, Stop};

/// An activation of a party that has begun and not ended.
#[derive(Debug)]
pub(super) struct Seat {
    party: PartyId,
    told: Sender<Told>,
    said: Receiver<Step<()>>,
    thread: JoinHandle<End>,
}

/// How an activation ended.
#[derive(Debug)]
pub(super) enum End {
    /// A provider returned.
    Returned(Result<Outcome, Stop>),
    /// A program is through.
    Finished(Result<(), Stop>),
}

/// The message of a party that panicked.
#[derive(Debug)]
pub(super) struct Panic(pub(super) String);

impl Seat {
    /// Begins a call of a provider.
    pub(super) fn of_provider(place: Place, provider: Arc<dyn Provider>, call: Call) -> io::Result<Seat> {
        Seat::begin(place, move |core| End::Returned(provider.call(call, core)))
    }

    /// Begins a program.
    pub(super) fn of_guest(place: Place, guest: Box<dyn Guest>) -> io::Result<Seat> {
        Seat::begin(place, move |core| End::Finished(guest.run(core)))
    }

    fn begin(place: Place, run: impl FnOnce(&mut Core) -> End + Send + 'static) -> io::Result<Seat> {
        // One message is under way at most: the party and its host take turns.
        let (told, hears) = bounded(1);
        let (says, said) = bounded(1);
        let party = place.party;
        let name = format!("party {}", party.0);
        let thread = Builder::new().name(name).spawn(move || run(&mut Core::new(place, hears, says)))?;
        Ok(Seat { party, told, said, thread })
    }

    /// Tells the party something; one that is gone is found out by [`Seat::listen`].
    pub(super) fn tell(&self, told: Told) {
        let _ = self.told.send(told);
    }

    /// Waits until the party asks something; `None` when it has ended.
    pub(super) fn listen(&self) -> Option<Step<()>> {
        self.said.recv().ok()
    }

    /// Closes both channels and waits for the end of the thread.
    pub(super) fn end(self) -> Result<End, (PartyId, Panic)> {
        let Seat { party, told, said, thread } = self;
        drop((told, said));
        thread.join().map_err(|payload| (party, Panic(message(&*payload))))
    }
}

/// What a panic said.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
