//! A small program for tests of the core: a list of calls whose arguments may be results of earlier ones.
//!
//!     let mut system = machine(Base::Ifs, &[]);
//!     let server = process(&mut system, "server", [
//!         call("socket", [n(2), n(1), n(6)]),                 // result 0
//!         call("bind", [r(0), at("127.0.0.1:80")]),
//!         call("listen", [r(0), n(5)]),
//!     ]);
//!     run(&mut system);
#![allow(dead_code, unreachable_pub)]

use serde::{Deserialize, Serialize};
use winspi_core::call::{Call, Callback};
use winspi_core::event::Event;
use winspi_core::id::{Pid, Tid};
use winspi_core::kernel::process::ThreadRole;
use winspi_core::outcome::{Outcome, Refusal};
use winspi_core::policy::Policy;
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::signature::Function;
use winspi_core::ws2_32::catalog::{Catalog, Fault, ProviderKind};
use winspi_core::{Program, Shared, System, Transition, Value, World};

/// A list of calls, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    calls: Vec<LineCall>,
    next: usize,
    asked: bool,
    callbacks: Vec<u32>,
    /// What the calls gave: the value, or the error.
    pub results: Vec<Seen>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCall {
    function: String,
    arguments: Vec<(Option<String>, Argument)>,
}

/// An argument: a value, or the result of an earlier call of the same program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Argument {
    Value(Value),
    Result(usize),
    List(Vec<Argument>),
}

/// What a call gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seen {
    Value(Value),
    Error(i32),
    Gap(String),
}

/// A call with arguments by position.
pub fn call(function: &str, arguments: impl IntoIterator<Item = Argument>) -> LineCall {
    let arguments = arguments.into_iter().map(|argument| (None, argument)).collect();
    LineCall { function: function.to_owned(), arguments }
}

impl LineCall {
    /// The same with one more argument, by name.
    pub fn with(mut self, name: &str, argument: Argument) -> LineCall {
        self.arguments.push((Some(name.to_owned()), argument));
        self
    }
}

/// A number.
pub fn n(number: i64) -> Argument {
    Argument::Value(Value::Number(number))
}

/// Null.
pub fn null() -> Argument {
    Argument::Value(Value::Null)
}

/// The result of the call of this number, from 0.
pub fn r(result: usize) -> Argument {
    Argument::Result(result)
}

/// A socket address.
pub fn at(address: &str) -> Argument {
    Argument::Value(Value::Address(address.parse().expect("an address")))
}

/// Bytes.
pub fn b(bytes: &str) -> Argument {
    Argument::Value(Value::bytes(bytes))
}

/// Room for so many bytes.
pub fn room(length: u32) -> Argument {
    Argument::Value(Value::Room(length))
}

/// The callback that answers with this number.
pub fn callback(answer: u32) -> Argument {
    Argument::Value(Value::Callback(winspi_core::id::CallbackId(answer)))
}

/// Several arguments as one.
pub fn list(items: impl IntoIterator<Item = Argument>) -> Argument {
    Argument::List(items.into_iter().collect())
}

/// The identifier of the `index`-th process.
pub fn pid(index: usize) -> Argument {
    n(i64::from(Pid::of_index(index).0))
}

impl Line {
    pub fn new(calls: impl IntoIterator<Item = LineCall>) -> Line {
        let calls = calls.into_iter().collect();
        Line { calls, next: 0, asked: false, callbacks: Vec::new(), results: Vec::new() }
    }

    fn value(&self, argument: &Argument) -> Value {
        match argument {
            Argument::Value(value) => value.clone(),
            Argument::Result(result) => match self.results.get(*result) {
                Some(Seen::Value(value)) => value.clone(),
                Some(Seen::Error(_) | Seen::Gap(_)) | None => Value::Number(-1),
            },
            Argument::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect()),
        }
    }

    fn note(&mut self, outcome: &Outcome) {
        self.results.push(match &outcome.result {
            Ok(out) => Seen::Value(out.primary()),
            Err(Refusal::Code { code, .. }) => Seen::Error(code.number()),
            Err(Refusal::NotModelled(gap)) => Seen::Gap(gap.clone()),
        });
    }

    fn build(&self, line: &LineCall) -> Result<Call, String> {
        let function = Function::named(&line.function).ok_or("no such function")?;
        let arguments = line.arguments.iter().map(|(name, argument)| (name.clone(), self.value(argument))).collect();
        Call::build(function, arguments).map_err(|error| error.to_string())
    }
}

impl Program for Line {
    type Shared = ();

    fn enter(&mut self, callback: &Callback) {
        self.callbacks.push(callback.id.0);
    }

    fn step(&mut self, _: &mut Shared<()>, _: &World, _: Tid, reply: Reply) -> Step<()> {
        if let Some(answer) = self.callbacks.pop() {
            return Step::done(i64::from(answer));
        }
        if let (Reply::Outcome(outcome), true) = (&reply, self.asked) {
            self.note(outcome);
            self.asked = false;
            return Step::Ask(Request::Rest, ());
        }
        loop {
            let Some(line) = self.calls.get(self.next) else { return Step::Ask(Request::Done, ()) };
            let call = self.build(line);
            self.next = self.next.saturating_add(1);
            match call {
                Ok(call) => {
                    self.asked = true;
                    return Step::Ask(Request::Up(call.into()), ());
                }
                Err(error) => self.results.push(Seen::Gap(error)),
            }
        }
    }

    fn end(&mut self) {
        *self = Line::new([]);
    }
}

/// Which catalog a test runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The IFS base.
    Ifs,
    /// The non-IFS base.
    NonIfs,
    /// An IFS layer over the IFS base.
    LayerIfs,
    /// A non-IFS layer over the IFS base.
    LayerNonIfs,
    /// A non-IFS layer over the non-IFS base.
    LayerOverNonIfs,
    /// A non-IFS layer over an IFS layer over the IFS base.
    Tower,
}

impl Base {
    pub const ALL: [Base; 6] =
        [Base::Ifs, Base::NonIfs, Base::LayerIfs, Base::LayerNonIfs, Base::LayerOverNonIfs, Base::Tower];

    pub fn catalog(self, breaks: &[Fault]) -> Catalog {
        let base = match self {
            Base::NonIfs | Base::LayerOverNonIfs => ProviderKind::BaseNonIfs,
            Base::Ifs | Base::LayerIfs | Base::LayerNonIfs | Base::Tower => ProviderKind::BaseIfs,
        };
        let mut catalog = Catalog::with_base(base);
        let layers: &[(&str, ProviderKind, &str)] = match self {
            Base::Ifs | Base::NonIfs => &[],
            Base::LayerIfs => &[("I", ProviderKind::LayerIfs, "tcp")],
            Base::LayerNonIfs | Base::LayerOverNonIfs => &[("N", ProviderKind::LayerNonIfs, "tcp")],
            Base::Tower => &[("I", ProviderKind::LayerIfs, "tcp"), ("N", ProviderKind::LayerNonIfs, "I")],
        };
        for (name, kind, over) in layers {
            let hooks = Function::named("WSPRecv").into_iter().collect();
            catalog.add_layer(name, *kind, over, hooks, breaks.to_vec()).expect("a layer that can be installed");
        }
        catalog
    }
}

/// A system without processes.
pub fn machine(base: Base) -> System<Line> {
    System::new(World::new(base.catalog(&[]), Policy::default()), ())
}

/// Adds a process that has called WSAStartup, with the program of its main thread.
pub fn process(system: &mut System<Line>, name: &str, calls: impl IntoIterator<Item = LineCall>) -> Pid {
    let pid = system.world_mut().add_process(name, true, ThreadRole::Program);
    system.set_program(Tid::main(pid), Line::new(calls));
    pid
}

/// Adds a thread with its program.
pub fn thread(system: &mut System<Line>, process: Pid, calls: impl IntoIterator<Item = LineCall>) -> Tid {
    let tid = system.world_mut().add_thread(process, "second", ThreadRole::Program).expect("a process");
    system.set_program(tid, Line::new(calls));
    tid
}

/// Takes the first enabled transition until there is none, and gives all events. At most 10,000.
#[track_caller]
pub fn run(system: &mut System<Line>) -> Vec<Event> {
    let mut events = Vec::new();
    for _ in 0..10_000 {
        let Some(first) = system.enabled().into_iter().next() else { return events };
        events.extend(system.apply(&first).expect("an enabled transition"));
    }
    panic!("the run does not end");
}

/// Lets one thread go on until it cannot, and gives its results.
#[track_caller]
pub fn go(system: &mut System<Line>, tid: Tid) -> Vec<Seen> {
    for _ in 0..1_000 {
        if !system.can_go(tid) {
            return system.program(tid).expect("a program").results.clone();
        }
        system.apply(&Transition::Go(tid)).expect("a thread that can go on");
    }
    panic!("the thread does not stop");
}

/// All invariants hold.
#[track_caller]
pub fn sound(system: &System<Line>) {
    let violations = system.world().check();
    assert!(violations.is_empty(), "{violations:#?}");
}

/// Numbers that only a seed decides: xorshift.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.below(2);
        random
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 16) % limit.max(1) as u64) as usize
    }
}

/// Takes one random enabled transition; now and then, if `faults`, a process is killed. Whether there was one.
pub fn random_step(system: &mut System<Line>, random: &mut Random, faults: bool) -> Option<Vec<Event>> {
    let mut enabled = system.enabled();
    if faults && random.below(40) == 0 {
        let running = system.world().processes().filter(|p| p.runs()).map(|p| Transition::Kill(p.pid));
        enabled.extend(running);
    }
    if enabled.is_empty() {
        return None;
    }
    let transition = enabled.swap_remove(random.below(enabled.len()));
    Some(system.apply(&transition).unwrap_or_else(|error| panic!("{transition:?} is enabled: {error}")))
}

/// A server, a client that connects and sends, a source that hands its socket to the client's process, overlapped
/// operations, events, waits with deadlines: something of everything, in three processes with five threads.
pub fn scenario(base: Base) -> System<Line> {
    let mut system = machine(base);
    let server = process(
        &mut system,
        "server",
        [
            call("socket", [n(2), n(1), n(6)]),
            call("bind", [r(0), at("127.0.0.1:80")]),
            call("listen", [r(0), n(2)]),
            call("WSAAccept", [r(0)]).with("lpfnCondition", callback(0)),
            call("WSARecv", [r(3), list([room(4)])]),
            call("CreateEvent", [null(), n(1), n(0)]),
            call("Overlapped", [r(5)]),
            call("Buffer", [n(8)]),
            call("WSARecv", [r(3), list([r(7)])]).with("overlapped", r(6)),
            call("WaitForSingleObject", [r(5), n(50)]),
            call("WSAGetOverlappedResult", [r(3), r(6)]).with("wait", n(0)),
            call("WSADuplicateSocket", [r(3), pid(2)]),
            call("BusSend", [pid(2), r(11)]),
            call("closesocket", [r(3)]),
            call("closesocket", [r(0)]),
            call("WSACleanup", []),
        ],
    );
    thread(
        &mut system,
        server,
        [
            call("CreateEvent", [null(), n(0), n(0)]),
            call("WaitForSingleObject", [r(0), n(30)]),
            call("WSASocket", [n(2), n(1), n(6)]),
            call("closesocket", [r(2)]),
            call("CloseHandle", [r(0)]),
        ],
    );
    process(
        &mut system,
        "client",
        [
            call("socket", [n(2), n(1), n(6)]),
            call("WaitForSingleObject", [n(0), n(10)]),
            call("connect", [r(0), at("127.0.0.1:80")]),
            call("WSASend", [r(0), list([b("hello")])]),
            call("WSASend", [r(0), list([b(" world")])]),
            call("Overlapped", [n(0)]),
            call("WSASend", [r(0), list([b("more")])]).with("overlapped", r(5)),
            call("WSAGetOverlappedResult", [r(0), r(5)]).with("wait", n(1)),
            call("shutdown", [r(0), n(1)]),
            call("recv", [r(0), room(10)]),
            call("closesocket", [r(0)]),
            call("ExitProcess", [n(3)]),
        ],
    );
    let target = process(
        &mut system,
        "target",
        [
            call("BusReceive", [n(0)]),
            call("WSASocket", [n(-1), n(-1), n(-1), r(0)]),
            call("WSASend", [r(1), list([b("from target")])]),
            call("WSARecv", [r(1), list([room(100)])]),
            call("ioctlsocket", [r(1), n(0x8004_667e), n(1)]),
            call("WSARecv", [r(1), list([room(100)])]),
            call("closesocket", [r(1)]),
        ],
    );
    thread(
        &mut system,
        target,
        [
            call("WSPSocket", [n(2), n(1), n(6)]),
            call("WSPBind", [r(0), at("127.0.0.1:0")]),
            call("WSPListen", [r(0), n(3)]),
            call("WSPCloseSocket", [r(0)]),
            call("BusSend", [pid(0), b("done")]),
        ],
    );
    system
}
