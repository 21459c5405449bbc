//! What a closure gets: the way of its thread to the machine.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex};

use winspi_core::call::{Call, ConditionFunc, Signature, WSAAccept};
use winspi_core::id::{Handle, Pid, Tid};
use winspi_core::value::{LengthAt, Place, Pointer};

use crate::foreign::{Core, Guest, Stop, done};
use crate::live::{Crew, Played, lock};
use crate::{CallError, Winsock};

/// A thread of a live process: its methods block until the machine gives what they ask.
pub struct Process<'c> {
    core: RefCell<&'c mut Core>,
    thread: Tid,
    crew: Arc<Crew>,
}

/// What a condition function is asked about.
pub type Asked = ConditionFunc;

/// A closure as a guest of the machine.
pub(super) fn guest<T, F>(body: F, crew: Arc<Crew>, result: Arc<Mutex<Option<Result<T, CallError>>>>) -> Box<dyn Guest>
where
    T: Send + 'static,
    F: FnOnce(&Process<'_>) -> Result<T, CallError> + Send + 'static,
{
    Box::new(move |core: &mut Core| {
        let given = body(&Process::new(core, crew));
        let ended = matches!(given, Err(CallError::Ended));
        *lock(&result) = Some(given);
        if ended { Err(Stop::Ended) } else { Ok(()) }
    })
}

impl<'c> Process<'c> {
    fn new(core: &'c mut Core, crew: Arc<Crew>) -> Process<'c> {
        Process { thread: core.thread(), core: RefCell::new(core), crew }
    }

    /// Asks the machine. A routine that runs meanwhile has a `Process` of its own.
    fn ask<T>(&self, ask: impl FnOnce(&mut Core) -> Result<T, CallError>) -> Result<T, CallError> {
        let mut core = self.core.try_borrow_mut().map_err(|error| CallError::Internal(error.to_string()))?;
        ask(&mut core)
    }

    /// The identifier of a process, as it would come on a command line.
    ///
    /// # Errors
    ///
    /// [`CallError::Argument`] where no process has this name.
    pub fn pid_of(&self, name: &str) -> Result<Pid, CallError> {
        let names = lock(&self.crew.names);
        let found = names.iter().find(|(known, _)| known == name).map(|(_, pid)| *pid);
        found.ok_or_else(|| CallError::Argument { expected: "the name of a process", found: name.to_owned() })
    }

    /// Begins a further thread of this process. What it does is up to the schedule from now on.
    ///
    /// # Errors
    ///
    /// [`CallError::Ended`].
    pub fn spawn<T, F>(&self, name: &str, body: F) -> Result<Played<T>, CallError>
    where
        T: Send + 'static,
        F: FnOnce(&Process<'_>) -> Result<T, CallError> + Send + 'static,
    {
        let (party, played) = self.crew.enlist(self.thread.process, body);
        self.ask(|core| {
            core.new_thread(name, party).map_err(|stop| match stop {
                Stop::Ended => CallError::Ended,
                Stop::Refused(refusal) => CallError::Internal(format!("{refusal:?}")),
            })
        })?;
        Ok(played)
    }

    /// `WSAAccept` with a condition function, which answers CF_ACCEPT, CF_REJECT or CF_DEFER and may call itself.
    ///
    /// # Errors
    ///
    /// What the call gives instead.
    pub fn accept_if<R>(&self, s: Handle, mut condition: R) -> Result<Handle, CallError>
    where
        R: FnMut(&Process<'_>, &Asked) -> Result<i64, CallError> + Send + 'static,
    {
        let crew = self.crew.clone();
        let routine = move |call: &Call, core: &mut Core| match call {
            Call::ConditionFunc(asked) => match condition(&Process::new(core, crew.clone()), asked) {
                Ok(answer) => Ok(done(answer)),
                Err(CallError::Refused { refusal, .. }) => Err(Stop::Refused(refusal)),
                // A condition that cannot answer does not take the connection.
                Err(CallError::Ended) => Err(Stop::Ended),
                Err(_) => Ok(done(i64::from(winspi_types::constants::CF_REJECT))),
            },
            other => Err(winspi_core::outcome::Refusal::not_modelled(other.function().name()).into()),
        };
        let id = self.ask(|core| {
            core.callback(routine).map_err(|refusal| CallError::Refused { function: WSAAccept::FUNCTION, refusal })
        })?;
        let (addr, addrlen, condition) = (Place::Room, LengthAt::Fits, Pointer::To(id));
        self.call(WSAAccept { s, addr, addrlen, condition, callback_data: 0 }).map(|accepted| accepted.s)
    }
}

impl Winsock for Process<'_> {
    fn call<F: Signature>(&self, call: F) -> Result<F::Out, CallError> {
        self.ask(|core| core.up(call).map_err(|stop| CallError::stopped(F::FUNCTION, stop)))
    }

    fn thread_id(&self) -> Tid {
        self.thread
    }
}

impl fmt::Debug for Process<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Process({})", self.thread)
    }
}
