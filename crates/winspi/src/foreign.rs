//! Foreign parties: a provider or a program in ordinary, blocking Rust takes part in a world from outside.
//!
//! # Who is who
//!
//! A *party* has a number, [`PartyId`](winspi_core::id::PartyId), and the world knows no more of it. A provider of the
//! catalog is one when its kind is [`ProviderKind::Outside`](winspi_core::ws2_32::catalog::ProviderKind); a program is
//! one when its thread has the role [`ThreadRole::Outside`](winspi_core::kernel::process::ThreadRole). What plays the
//! party is a [`Provider`] or a [`Guest`], registered with [`Parties`].
//!
//! # How it goes
//!
//! The system says "thread 1000.0 has asked party 3 question 7" and waits. [`Parties::answer`] hands the reply to the
//! party, which runs on a real thread of its own until it asks the next thing of its [`Core`] or returns; that is the
//! answer, and it is a [`Transition::Answer`](winspi_core::Transition) like any other. Only one party runs at a time,
//! and only while `answer` waits for it: the same parties and the same choices give the same run.
//!
//! A run that was recorded ([`Recording`]) can be repeated without the parties: see [`replay`].
//!
//! # Example
//!
//! ```
//! use winspi::core::kernel::process::ThreadRole;
//! use winspi::core::policy::Policy;
//! use winspi::core::ws2_32::catalog::{Catalog, ProviderKind};
//! use winspi::{System, World, foreign, types};
//! use winspi::core::call::WSPSocket;
//! use winspi::core::id::PartyId;
//! use winspi::core::value::Pointer;
//! use types::constants::{AF_INET, IPPROTO_TCP, SOCK_STREAM};
//!
//! let mut world = World::new(Catalog::with_base(ProviderKind::BaseIfs), Policy::default());
//! let visitor = PartyId(0);
//! world.add_process("visitor", true, ThreadRole::Outside(visitor));
//! let mut system: System<foreign::NoProgram> = System::new(world, ());
//!
//! let mut parties = foreign::Parties::new();
//! parties.program(visitor, |core: &mut foreign::Core| {
//!     let triple = (AF_INET, SOCK_STREAM, IPPROTO_TCP);
//!     let call = WSPSocket {
//!         af: triple.0, socket_type: triple.1, protocol: triple.2, protocol_info: Pointer::Null, g: 0, flags: 0,
//!     };
//!     core.up(call).map(drop)
//! });
//! let mut recording = foreign::Recording::default();
//! parties.drive(&mut system, &mut recording, foreign::first).expect("nothing goes wrong");
//! assert_eq!(system.world().endpoint_count(), 1);
//! ```
//!
//! # What ends a party
//!
//! When its process ends, what the party asked for never comes back: its call of [`Core`] gives [`Stop::Ended`], and
//! so does each later one. The party then has to return; whoever ended the process waits for it. What it gives is
//! looked at no more, and an answer that was ready is refused by the system as not asked.
//!
//! A party that panics is a [`PartyError::Panicked`]. Whoever goes on nevertheless gets the answer that a crash gives:
//! the process ends with the exit code [`CRASHED`].
//!
//! # What cannot be done
//!
//! A system with a foreign party cannot be branched: where a party stands, no copy of the system knows. `Parties`
//! notices a system that is not where it left it ([`PartyError::Elsewhere`]). A party that never returns nor asks
//! cannot be stopped. Foreign providers hear of no completions: only a provider of ours has a worker thread.

use winspi_core::call::Call;
use winspi_core::outcome::{OutValue, Outcome, Refusal};

mod parties;
mod recording;
mod seat;
mod talk;

pub use parties::{CRASHED, Parties, PartyError};
pub use recording::{NoProgram, NotReplayed, Recording, first, replay};
pub use talk::Core;

/// A provider in Rust: one for all processes, as one DLL file is.
///
/// It must keep apart what belongs to different processes; [`Core::instance`] says which one a call is for.
pub trait Provider: Send + Sync {
    /// Serves a call. Everything that it wants of the world goes through `core`.
    ///
    /// [`done`] makes an outcome of a typed result; a refusal may be handed on with `?`.
    fn call(&self, call: Call, core: &mut Core) -> Result<Outcome, Stop>;
}

impl<F: Fn(Call, &mut Core) -> Result<Outcome, Stop> + Send + Sync> Provider for F {
    fn call(&self, call: Call, core: &mut Core) -> Result<Outcome, Stop> {
        self(call, core)
    }
}

/// A program in Rust: it runs once, on one thread of the world.
pub trait Guest: Send {
    /// Runs the program. When it returns, the thread has nothing left to do; the process goes on.
    ///
    /// What it returns is for the caller of [`Parties::end_of`]; the world does not see it.
    fn run(self: Box<Self>, core: &mut Core) -> Result<(), Stop>;
}

impl<F: FnOnce(&mut Core) -> Result<(), Stop> + Send> Guest for F {
    fn run(self: Box<Self>, core: &mut Core) -> Result<(), Stop> {
        self(core)
    }
}

/// Why what a party asked for was not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The call was refused.
    Refused(Refusal),
    /// The process has ended: nothing comes back any more, and the party has to return.
    Ended,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stop::Refused(Refusal::Code { code, basis, .. }) => write!(f, "refused with {code}: {basis}"),
            Stop::Refused(Refusal::NotModelled(gap)) => write!(f, "not modelled: {gap}"),
            Stop::Ended => f.write_str("the process has ended"),
        }
    }
}

impl std::error::Error for Stop {}

/// The outcome of a call that succeeds with this result.
pub fn done<T: OutValue>(result: T) -> Outcome {
    Outcome::of(Ok(result))
}
