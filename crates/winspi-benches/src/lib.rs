//! What the benchmarks share: a machine whose threads make the calls that they are given.
//!
//! The calls take the way of every program's: through `System::apply`, with the events that it gives. What is measured
//! stands in `benches/speed`, what memory holds in `benches/memory.rs`; `docs/benchmarks.md` has the figures.

pub mod handoff;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_core::call::{Call, Callback};
use winspi_core::id::{Handle, Pid, Tid};
use winspi_core::kernel::process::ThreadRole;
use winspi_core::outcome::{Out, Outcome};
use winspi_core::policy::Policy;
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::signature::Function;
use winspi_core::ws2_32::catalog::{Catalog, ProviderKind};
use winspi_core::{Program, Shared, System, Transition, Value, World};

/// A program that makes the call it was given, and keeps what that gave.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Caller {
    next: Option<Arc<Call>>,
    last: Option<Outcome>,
}

impl Program for Caller {
    type Shared = ();

    fn enter(&mut self, _: &Callback) {}

    fn step(&mut self, _: &mut Shared<()>, _: &World, _: Tid, reply: Reply) -> Step<()> {
        if let Reply::Outcome(outcome) = reply {
            self.last = Some(outcome);
            return Step::Ask(Request::Rest, ());
        }
        let request = self.next.take().map_or(Request::Done, Request::Up);
        Step::Ask(request, ())
    }

    fn end(&mut self) {}
}

/// A machine with an IFS base provider and processes that call.
#[derive(Clone, Debug)]
pub struct Calls {
    /// The machine.
    pub system: System<Caller>,
}

impl Calls {
    /// A machine with these processes, in each of which Ws2_32 is started.
    pub fn of(processes: &[&str]) -> Calls {
        let world = World::new(Catalog::with_base(ProviderKind::BaseIfs), Policy::default());
        let mut system = System::new(world, ());
        for name in processes {
            let pid = system.world_mut().add_process(name, true, ThreadRole::Program);
            system.set_program(Tid::main(pid), Caller::default());
        }
        Calls { system }
    }

    /// The main thread of the process of this place.
    pub fn thread(place: usize) -> Tid {
        Tid::main(Pid::of_index(place))
    }

    /// Begins a call; `None` where it waits.
    pub fn begin(&mut self, thread: Tid, call: Arc<Call>) -> Option<Outcome> {
        self.system.program_mut(thread)?.next = Some(call);
        self.go_on(thread)
    }

    /// Lets a thread whose call waits go on.
    pub fn go_on(&mut self, thread: Tid) -> Option<Outcome> {
        self.system.apply(&Transition::Go(thread)).expect("a thread that can go on");
        self.system.program_mut(thread)?.last.take()
    }

    /// Makes a call that comes back at once, and has to succeed.
    pub fn call(&mut self, thread: Tid, call: Arc<Call>) -> Out {
        let outcome = self.begin(thread, call).expect("a call that comes back");
        outcome.result.expect("a call that succeeds")
    }

    /// The same, without the events.
    pub fn call_silently(&mut self, thread: Tid, call: Arc<Call>) -> Out {
        let caller = self.system.program_mut(thread).expect("a thread with a program");
        caller.next = Some(call);
        self.system.apply_silently(&Transition::Go(thread)).expect("a thread that can go on");
        let outcome = self.system.program_mut(thread).and_then(|caller| caller.last.take());
        outcome.expect("a call that comes back").result.expect("a call that succeeds")
    }

    /// As [`Calls::call`], for a call that gives a handle.
    pub fn handle(&mut self, thread: Tid, call: Arc<Call>) -> Handle {
        match self.call(thread, call) {
            Out::Handle(handle) => handle,
            Out::Accepted(accepted) => accepted.s,
            other => panic!("not a handle: {other:?}"),
        }
    }

    /// Lets all arrive that travels.
    pub fn deliver(&mut self) {
        while let Some((transition, _)) = self.system.deliveries().into_iter().next() {
            self.system.apply(&transition).expect("a delivery that was offered");
        }
    }
}

/// A call by name, with arguments by position.
pub fn call(function: &str, arguments: impl IntoIterator<Item = Value>) -> Arc<Call> {
    let function = Function::named(function).expect("the name of a function");
    let arguments = arguments.into_iter().map(|argument| (None, argument)).collect();
    Arc::new(Call::build(function, arguments).expect("arguments that fit"))
}

/// WSPSocket for TCP over IPv4.
pub fn stream() -> Arc<Call> {
    call("WSPSocket", [2, 1, 6].map(Value::Number))
}

/// A machine with a process that has so many sockets open.
pub fn open(sockets: usize) -> (Calls, Vec<Handle>) {
    let mut calls = Calls::of(&["opener"]);
    let (thread, stream) = (Calls::thread(0), stream());
    let handles = (0..sockets).map(|_| calls.handle(thread, stream.clone())).collect();
    (calls, handles)
}

/// The numbers below `length` in an order that is always the same and nobody can foresee.
pub fn shuffled(length: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for place in (1..length).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        order.swap(place, (random % (place as u64 + 1)) as usize);
    }
    order
}
