//! A thread of a machine, to be called.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use winspi_core::call::{Signature, WSAAccept};
use winspi_core::id::{CallbackId, Handle, Tid};
use winspi_core::outcome::OutValue;
use winspi_core::protocol::Request;
use winspi_core::value::{LengthAt, Place, Pointer};

use crate::machine::NotThere;
use crate::{CallError, Machine, Winsock};

/// A thread of a [`Machine`]: a process's main thread, or one of its others.
#[derive(Clone, Copy)]
pub struct Process<'m> {
    machine: &'m Machine,
    thread: Tid,
}

/// A call that was begun with [`Process::start`].
pub struct Started<F> {
    thread: Tid,
    call: u64,
    function: PhantomData<fn() -> F>,
}

impl<'m> Process<'m> {
    pub(super) fn new(machine: &'m Machine, thread: Tid) -> Process<'m> {
        Process { machine, thread }
    }

    /// The name of the thread: that of its process for the main thread, `process.thread` for others.
    pub fn name(&self) -> String {
        self.machine.state.borrow().system.world().thread_name(self.thread)
    }

    /// Another thread of the same process, by name; see [`Plan::thread`](crate::Plan::thread).
    ///
    /// # Errors
    ///
    /// Where the process has none of this name.
    pub fn thread(&self, name: &str) -> Result<Process<'m>, NotThere> {
        let thread = self.machine.state.borrow().thread_named(self.thread.process, name);
        thread.map(|thread| Process::new(self.machine, thread)).ok_or_else(|| NotThere(name.to_owned()))
    }

    /// Whether the process runs.
    pub fn is_running(&self) -> bool {
        self.machine.state.borrow().system.world().running(self.thread.process).is_some()
    }

    /// Begins a call, which may wait. [`Process::finish`] gives what came of it.
    ///
    /// # Errors
    ///
    /// Where the thread cannot call: its call before still waits, or its process has ended.
    pub fn start<F: Signature>(&self, call: F) -> Result<Started<F>, CallError> {
        let request = Request::Up(Arc::new(call.call()));
        let call = self.machine.state.borrow_mut().begin(self.thread, request)?;
        Ok(Started { thread: self.thread, call, function: PhantomData })
    }

    /// What a call gave that was begun before; it may be asked again and again, until the next call of its thread.
    ///
    /// # Errors
    ///
    /// [`CallError::Blocked`] while it waits, and what the call gave instead of a result.
    pub fn finish<F: Signature>(&self, started: &Started<F>) -> Result<F::Out, CallError> {
        let outcome = self.machine.state.borrow_mut().finish(started.thread, started.call)?;
        let out = outcome.result.map_err(|refusal| CallError::Refused { function: F::FUNCTION, refusal })?;
        F::Out::open(out).ok_or_else(|| CallError::Internal(format!("{} gave the result of another", F::FUNCTION)))
    }

    /// `WSAAccept` with a condition function that answers this to each connection: CF_ACCEPT, CF_REJECT or CF_DEFER.
    ///
    /// # Errors
    ///
    /// What the call gives instead; CF_REJECT gives WSAECONNREFUSED, CF_DEFER WSATRY_AGAIN.
    pub fn accept_if(&self, s: Handle, answer: u32) -> Result<Handle, CallError> {
        // The number of the callback is its answer: so a copy of the machine has all that it needs.
        let condition = Pointer::To(CallbackId(answer));
        let (addr, addrlen) = (Place::Room, LengthAt::Fits);
        self.call(WSAAccept { s, addr, addrlen, condition, callback_data: 0 }).map(|accepted| accepted.s)
    }
}

impl Winsock for Process<'_> {
    fn call<F: Signature>(&self, call: F) -> Result<F::Out, CallError> {
        let started = self.start(call)?;
        self.finish(&started)
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

impl<F: Signature> fmt::Debug for Started<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Started({}, call {} of thread {})", F::FUNCTION, self.call, self.thread)
    }
}
