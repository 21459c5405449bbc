//! Processes as closures on real threads: ordinary blocking code, one baton, a schedule that a seed decides.
//!
//! # What happens
//!
//! Each process is a closure that gets a [`Process`], with the blocking methods of [`Winsock`](crate::Winsock). It runs
//! on a real thread, but only one of them runs at a time: when a closure calls, the call becomes a question to the
//! machine, and the scheduler decides which of all things that could happen is next, of this process or another, or on
//! the wires between them. The same closures and the same [`Order`] give the same run, transition by transition.
//!
//! ```
//! use winspi::types::constants::{AF_INET, IPPROTO_TCP, SOCK_STREAM};
//! use winspi::{Winsock, live};
//!
//! let ran = live::run(7, |live| {
//!     let server = live.process("server", |server| {
//!         let l = server.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
//!         server.bind(l, "127.0.0.1:5000")?;
//!         server.listen(l, 5)?;
//!         server.bus_send(server.pid_of("client")?, "ready")?;
//!         let connection = server.accept(l)?;
//!         server.recv(connection, 64)
//!     });
//!     live.process("client", |client| {
//!         client.bus_receive()?;
//!         let s = client.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
//!         client.connect(s, "127.0.0.1:5000")?;
//!         client.send(s, "hello")
//!     });
//!     server
//! })?;
//! assert_eq!(ran.setup.result(), Some(Ok(b"hello".to_vec())));
//! println!("{}", ran.recorded.to_script()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the caller must do
//!
//! - A closure does nothing that another one has to wait for outside of the machine: it takes no lock across a call,
//!   and receives from no channel. Whatever it needs of others it gets by [`Winsock`](crate::Winsock).
//! - It asks no clock and no random number that is not seeded: otherwise a seed does not give one run.
//! - When a call gives [`CallError::Ended`](crate::CallError), its process has ended, and it returns.
//!
//! # How it ends
//!
//! A run ends when nothing can happen any more. If a thread then still waits, that is a [`Deadlock`], which says who
//! waits for whom. A closure that panics ends its process, as a crash does, with the exit code
//! [`CRASHED`](crate::foreign::CRASHED); the others go on, and [`Ran::panics`] has the message.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use winspi_core::id::{PartyId, Pid, Tid};

use crate::foreign::{Guest, PartyError};
use crate::plan::ProcessPlan;
use crate::{CallError, Plan, PlanError, Waiting};

mod driver;
mod order;
mod process;
mod recorded;
mod script;

pub use order::Order;
pub use process::{Asked, Process};
pub use recorded::{Recorded, Taken};
pub use script::NotWritten;

/// A machine whose processes are closures, before it runs.
///
/// Processes and their threads start in the order in which they are declared, all before the first transition.
pub struct Live {
    plan: Plan,
    crew: Arc<Crew>,
}

/// What all closures of a run share.
#[derive(Default)]
struct Crew {
    /// Closures that wait for their first step.
    waiting: Mutex<Vec<(PartyId, Box<dyn Guest>)>>,
    parties: Mutex<u16>,
    names: Mutex<Vec<(String, Pid)>>,
}

/// What a closure gives when it has returned.
pub struct Played<T> {
    pid: Pid,
    result: Arc<Mutex<Option<Result<T, CallError>>>>,
}

/// A run that came to its end.
#[derive(Debug)]
pub struct Ran<R> {
    /// What the setup gave: handles of what the closures return, as a rule.
    pub setup: R,
    /// What happened.
    pub recorded: Recorded,
    /// The closures that panicked: the process ended, the others went on.
    pub panics: Vec<Panicked>,
}

/// A closure that panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    /// The thread.
    pub thread: Tid,
    /// Its name.
    pub name: String,
    /// What the panic said.
    pub message: String,
}

/// Why a run did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// There can be no such machine.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Nothing can happen any more, and somebody waits.
    #[error(transparent)]
    Deadlock(Box<Deadlock>),
    /// The run does not end, or the host of the closures failed.
    #[error(transparent)]
    Party(#[from] PartyError),
}

/// Nothing can happen any more, and somebody waits.
#[derive(Debug)]
pub struct Deadlock {
    /// Who waits, for what, and who could end that.
    pub waiting: Vec<Waiting>,
    /// What happened up to there.
    pub recorded: Recorded,
    /// The closures that panicked before.
    pub panics: Vec<Panicked>,
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing can happen any more")?;
        self.waiting.iter().try_for_each(|waiting| write!(f, "\n  {waiting}"))?;
        self.panics.iter().try_for_each(|panic| write!(f, "\n  {} panicked: {}", panic.name, panic.message))
    }
}

impl std::error::Error for Deadlock {}

/// Runs closures on a machine with an IFS base provider; the seed decides what comes next. [`Plan::live`] has more.
///
/// # Errors
///
/// A deadlock, or a run that cannot begin or does not end.
pub fn run<R>(seed: u64, setup: impl FnOnce(&mut Live) -> R) -> Result<Ran<R>, LiveError> {
    let mut live = Plan::new().live();
    let setup = setup(&mut live);
    Ok(live.run(Order::Seeded(seed))?.with(setup))
}

impl Live {
    pub(crate) fn of_plan(plan: Plan) -> Live {
        let live = Live { plan, crew: Arc::default() };
        for (place, process) in live.plan.processes.iter().enumerate() {
            let pid = Pid::of_index(place);
            lock(&live.crew.names).push((process.name.clone(), pid));
            // What the plan declares is there, and does nothing.
            for _ in 0..=process.threads.len() {
                let _idle: Played<()> = live.crew.enlist(pid, |_| Ok(())).1;
            }
        }
        live
    }

    /// A process in which Ws2_32 is started, and what its main thread does.
    pub fn process<T, F>(&mut self, name: &str, body: F) -> Played<T>
    where
        T: Send + 'static,
        F: FnOnce(&Process<'_>) -> Result<T, CallError> + Send + 'static,
    {
        let pid = Pid::of_index(self.plan.processes.len());
        self.plan.processes.push(ProcessPlan::new(name, true));
        lock(&self.crew.names).push((name.to_owned(), pid));
        self.crew.enlist(pid, body).1
    }

    /// Runs everything to its end.
    ///
    /// # Errors
    ///
    /// A deadlock, or a run that cannot begin or does not end.
    pub fn run(self, order: Order) -> Result<Ran<()>, LiveError> {
        driver::run(self.plan, &self.crew, order)
    }
}

impl Crew {
    /// Gives a closure the number of its party, and keeps it until the driver comes for it.
    fn enlist<T, F>(self: &Arc<Crew>, pid: Pid, body: F) -> (PartyId, Played<T>)
    where
        T: Send + 'static,
        F: FnOnce(&Process<'_>) -> Result<T, CallError> + Send + 'static,
    {
        let mut parties = lock(&self.parties);
        let party = PartyId(*parties);
        *parties = parties.saturating_add(1);
        let played = Played { pid, result: Arc::default() };
        let guest = process::guest(body, self.clone(), played.result.clone());
        lock(&self.waiting).push((party, guest));
        (party, played)
    }
}

impl<T> Played<T> {
    /// The process of the closure.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Takes what the closure returned; `None` while it runs, if it panicked, and when it was taken before.
    pub fn result(&self) -> Option<Result<T, CallError>> {
        lock(&self.result).take()
    }
}

impl Ran<()> {
    fn with<R>(self, setup: R) -> Ran<R> {
        Ran { setup, recorded: self.recorded, panics: self.panics }
    }
}

/// Locks; a closure that panicked elsewhere has left nothing half done here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Played<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Played(process {})", self.pid)
    }
}
