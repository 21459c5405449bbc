//! The program of a thread: its lines, and where it stands in them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_core::call::{Call, Callback};
use winspi_core::id::{CellId, Pid, Tid};
use winspi_core::outcome::Outcome;
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::signature::{Function, Kind};
use winspi_core::value::{Buffer, Memory, Pointer};
use winspi_core::{Program, Value, World};

use crate::expect::{Seen, stopped};
use crate::scope::{Binding, Names, Scope, Stop, Used};
use crate::script::Script;
use crate::syntax::tree::{self, ActKind};

/// The program of one thread of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lines {
    #[serde(skip)]
    script: Arc<Script>,
    #[serde(skip)]
    finished: Vec<Finished>,
    /// The lines that this thread has still to take, the next one last; places in the script.
    rest: Vec<u32>,
    /// Where the line, and the callbacks above it, stand.
    frames: Vec<Frame>,
}

/// A line or a callback that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Frame {
    of: FrameOf,
    /// The results of calls that stand as arguments.
    nested: Vec<Value>,
    /// What was asked last.
    asked: Asked,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum FrameOf {
    /// A line of the script.
    Line(u32),
    /// A callback: which one, its next act, and its arguments.
    Callback { id: u32, act: u32, arguments: Vec<(String, Value)> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Asked {
    Nothing,
    /// A call that stands as an argument.
    Nested,
    /// The call of the line.
    Own(Arc<Call>),
}

/// A line that is done: what it called and what came back. For reports; no state.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The thread.
    pub thread: Tid,
    /// The line: a place in the script.
    pub line: usize,
    /// The call, unless the line could not be made one.
    pub call: Option<Arc<Call>>,
    /// What came back.
    pub outcome: Option<Outcome>,
    /// What did not hold.
    pub failure: Option<String>,
}

impl Lines {
    /// A program of these lines.
    pub fn new(script: Arc<Script>, lines: impl DoubleEndedIterator<Item = usize>) -> Lines {
        let rest = lines.rev().filter_map(|line| u32::try_from(line).ok()).collect();
        Lines { script, finished: Vec::new(), rest, frames: Vec::new() }
    }

    /// Gives a program that was restored its scenario back.
    pub fn attach(&mut self, script: Arc<Script>) {
        self.script = script;
    }

    /// Takes what was finished since the last time.
    pub fn take_finished(&mut self) -> Vec<Finished> {
        std::mem::take(&mut self.finished)
    }

    /// Whether something was finished.
    pub fn has_finished(&self) -> bool {
        !self.finished.is_empty()
    }

    /// The line that runs, or is next.
    pub fn line(&self) -> Option<usize> {
        match self.frames.first().map(|f| &f.of) {
            Some(FrameOf::Line(line)) => Some(*line as usize),
            _ => self.rest.last().map(|line| *line as usize),
        }
    }

    /// Whether a line has begun and has not ended.
    pub fn is_within_line(&self) -> bool {
        !self.frames.is_empty()
    }

    fn process(thread: Tid) -> usize {
        thread.process.index().unwrap_or(0)
    }

    /// Goes on with the topmost frame: evaluates what stands next.
    fn go_on(&mut self, shared: &mut Names, world: &World, thread: Tid) -> Step<()> {
        loop {
            if let Some(step) = self.act(shared, world, thread) {
                return step;
            }
        }
    }

    /// One act of the topmost frame; `None` where the next act follows at once.
    fn act(&mut self, shared: &mut Names, world: &World, thread: Tid) -> Option<Step<()>> {
        let script = self.script.clone();
        let Some(frame) = self.frames.last_mut() else { return Some(Step::Ask(Request::Done, ())) };
        let process = Lines::process(thread);
        let nothing = Vec::new();
        let (call, locals) = match &frame.of {
            FrameOf::Line(line) => match script.lines.get(*line as usize) {
                Some(line) => {
                    if line.contends {
                        world.touch();
                    }
                    (&line.call, &nothing)
                }
                None => return Some(Step::Ask(Request::Done, ())),
            },
            FrameOf::Callback { id, act, arguments } => {
                let Some(callback) = script.callbacks.get(*id as usize) else { return Some(give_back(0)) };
                let Some(act) = callback.acts.get(*act as usize) else { return Some(self.end_callback(0)) };
                let scope =
                    Scope { script: &script, names: shared, world, process, locals: arguments, nested: &frame.nested };
                match &act.kind {
                    ActKind::Call(call) => (call, arguments),
                    ActKind::Return(value) => {
                        let value = scope.value(value, &mut Used::default());
                        return Some(match value {
                            Ok(value) => self.end_callback(value.number().unwrap_or(0)),
                            Err(stop) => {
                                self.note_failure(thread, stopped(stop));
                                self.end_callback(0)
                            }
                        });
                    }
                    ActKind::Expect(test) => {
                        let failure = match scope.test(test) {
                            Ok((true, _)) => None,
                            Ok((false, found)) => {
                                Some(format!("the expectation in the callback does not hold: {found}"))
                            }
                            Err(stop) => Some(stopped(stop)),
                        };
                        if let Some(failure) = failure {
                            self.note_failure(thread, failure);
                        }
                        self.next_act();
                        return None;
                    }
                }
            }
        };
        let scope = Scope { script: &script, names: shared, world, process, locals, nested: &frame.nested };
        match build(&scope, call) {
            Ok(call) => {
                let call = Arc::new(call);
                frame.asked = Asked::Own(call.clone());
                Some(Step::Ask(Request::Up(call), ()))
            }
            Err(Stop::Call(call)) => {
                frame.asked = Asked::Nested;
                Some(Step::Ask(Request::Up(call), ()))
            }
            Err(Stop::Bad(message, _)) => {
                if matches!(frame.of, FrameOf::Callback { .. }) {
                    self.note_failure(thread, message);
                    self.next_act();
                    return None;
                }
                Some(self.end_line(world, thread, None, None, Some(message)))
            }
        }
    }

    fn note_failure(&mut self, thread: Tid, failure: String) {
        if let Some(line) = self.line() {
            self.finished.push(Finished { thread, line, call: None, outcome: None, failure: Some(failure) });
        }
    }

    fn next_act(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            if let FrameOf::Callback { act, .. } = &mut frame.of {
                *act += 1;
            }
            frame.nested = Vec::new();
            frame.asked = Asked::Nothing;
        }
    }

    fn end_callback(&mut self, value: i64) -> Step<()> {
        self.frames.pop();
        give_back(value)
    }

    fn end_line(
        &mut self,
        world: &World,
        thread: Tid,
        call: Option<Arc<Call>>,
        outcome: Option<Outcome>,
        failure: Option<String>,
    ) -> Step<()> {
        if let Some(Frame { of: FrameOf::Line(line), .. }) = self.frames.pop() {
            let line = line as usize;
            if self.script.lines.get(line).is_some_and(|l| !l.expects.is_empty()) {
                // What is expected after the line is asked of the world as it is now.
                world.touch();
            }
            self.finished.push(Finished { thread, line, call, outcome, failure });
        }
        let next = if self.rest.is_empty() { Request::Done } else { Request::Rest };
        Step::Ask(next, ())
    }

    /// A call of the line, or of a callback, has come back.
    fn came_back(&mut self, shared: &mut Names, world: &World, thread: Tid, outcome: Outcome) -> Step<()> {
        let script = self.script.clone();
        let process = Lines::process(thread);
        let Some(frame) = self.frames.last_mut() else { return Step::Ask(Request::Rest, ()) };
        let call = match std::mem::replace(&mut frame.asked, Asked::Nothing) {
            Asked::Own(call) => call,
            Asked::Nested | Asked::Nothing => {
                frame.nested.push(Seen::of(&outcome).primary);
                return self.go_on(shared, world, thread);
            }
        };
        let (written, arguments) = match &frame.of {
            FrameOf::Line(line) => (script.lines.get(*line as usize).map(|l| &l.call), Vec::new()),
            FrameOf::Callback { id, act, arguments } => {
                let acts = script.callbacks.get(*id as usize).map(|c| &c.acts);
                let act = acts.and_then(|acts| acts.get(*act as usize));
                match act.map(|a| &a.kind) {
                    Some(ActKind::Call(call)) => (Some(call), arguments.clone()),
                    _ => (None, arguments.clone()),
                }
            }
        };
        let Some(written) = written else { return Step::Ask(Request::Rest, ()) };
        if let Some(bind) = &written.bind {
            let seen = Seen::of(&outcome);
            let meant = match (crate::script::gives_handle(&call), seen.primary.number()) {
                (true, Some(n)) if seen.ok => {
                    world.socket_of(thread.process, winspi_core::id::Handle(n.cast_unsigned()))
                }
                _ => None,
            };
            // A record that nobody asks for would be state for nothing.
            let record = if script.has_fields(&bind.text) { seen.record } else { Vec::new() };
            if script.is_contended(process, &bind.text) {
                world.touch();
            }
            shared.bind(process, &bind.text, Binding { value: seen.primary, record, meant });
        }
        let scope = Scope { script: &script, names: shared, world, process, locals: &arguments, nested: &[] };
        let failure = scope.check(&outcome, written.outcome.as_deref()).err();
        if matches!(frame.of, FrameOf::Callback { .. }) {
            if let Some(failure) = failure {
                self.note_failure(thread, format!("in the callback, {}: {failure}", call.function()));
            }
            self.next_act();
            return self.go_on(shared, world, thread);
        }
        self.end_line(world, thread, Some(call), Some(outcome), failure)
    }
}

fn give_back(value: i64) -> Step<()> {
    Step::Return(Outcome::of(Ok(value)))
}

/// The call of a line.
fn build(scope: &Scope<'_>, written: &tree::Call) -> Result<Call, Stop> {
    let mut used = Used::default();
    let mut arguments = Vec::new();
    for argument in &written.arguments {
        let value = scope.value(&argument.value, &mut used)?;
        arguments.push((argument.name.as_ref().map(|n| n.text.clone()), value));
    }
    let function = crate::script::function(&written.function.text)
        .ok_or_else(|| Stop::Bad(format!("no function is called `{}`", written.function), written.span))?;
    infos_in_memory(scope, function, &mut arguments);
    let mut call = Call::build(function, arguments).map_err(|e| Stop::Bad(e.to_string(), written.span))?;
    lengths(scope, &mut call);
    Ok(call)
}

/// An info may lie in a buffer or a view: its 628 bytes are read there.
fn infos_in_memory(scope: &Scope<'_>, function: Function, arguments: &mut [(Option<String>, Value)]) {
    let parameters = function.declaration().parameters;
    for (place, (name, value)) in arguments.iter_mut().enumerate() {
        let parameter = match name {
            Some(name) => parameters.iter().find(|p| p.name == *name || p.page_name == *name),
            None => parameters.iter().filter(|p| p.positional).nth(place),
        };
        if let (Value::Cell(cell), Some(Kind::Info)) = (&*value, parameter.map(|p| p.kind))
            && let Some(bytes) = scope.world.bytes_of(Pid::of_index(scope.process), *cell)
        {
            let length = bytes.len().min(628);
            *value = Value::bytes(&bytes[..length]);
        }
    }
}

/// Gives buffers that are cells the length of the cell.
fn lengths(scope: &Scope<'_>, call: &mut Call) {
    let buffers = match call {
        Call::WSPSend(a) => &mut a.buffers,
        Call::WSPRecv(a) => &mut a.buffers,
        Call::WSPSendTo(a) => &mut a.buffers,
        Call::WSPRecvFrom(a) => &mut a.buffers,
        Call::WSASend(a) => &mut a.buffers,
        Call::WSARecv(a) => &mut a.buffers,
        Call::WSASendTo(a) => &mut a.buffers,
        Call::WSARecvFrom(a) => &mut a.buffers,
        Call::send(a) => &mut a.buf,
        Call::recv(a) => &mut a.buf,
        Call::sendto(a) => &mut a.buf,
        Call::recvfrom(a) => &mut a.buf,
        Call::ReadFile(a) => &mut a.buffer,
        Call::WriteFile(a) => &mut a.buffer,
        _ => return,
    };
    let Pointer::To(list) = buffers else { return };
    for buffer in list {
        if let Buffer { memory: Memory::Cell(cell), len } = buffer {
            if *len == u32::MAX {
                *len = cell_length(scope, *cell);
            }
        }
    }
}

fn cell_length(scope: &Scope<'_>, cell: CellId) -> u32 {
    let bytes = scope.world.bytes_of(Pid::of_index(scope.process), cell);
    bytes.map_or(0, |bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX))
}

impl Program for Lines {
    type Shared = Names;

    fn enter(&mut self, callback: &Callback) {
        let arguments = callback.call.arguments().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.frames.push(Frame {
            of: FrameOf::Callback { id: callback.id.0, act: 0, arguments },
            nested: Vec::new(),
            asked: Asked::Nothing,
        });
    }

    fn step(&mut self, shared: &mut Names, world: &World, thread: Tid, reply: Reply) -> Step<()> {
        match reply {
            Reply::Outcome(outcome) => self.came_back(shared, world, thread, outcome),
            Reply::Woken => self.go_on(shared, world, thread),
            Reply::Enter => {
                let begins_callback = matches!(self.frames.last().map(|f| &f.of), Some(FrameOf::Callback { .. }));
                if !begins_callback {
                    let Some(line) = self.rest.pop() else { return Step::Ask(Request::Done, ()) };
                    self.frames.push(Frame { of: FrameOf::Line(line), nested: Vec::new(), asked: Asked::Nothing });
                }
                self.go_on(shared, world, thread)
            }
        }
    }

    fn is_ready(&self, shared: &Names, _: &World, thread: Tid) -> bool {
        // A line that reads a name of another process waits until it is bound.
        let Some(line) = self.rest.last().and_then(|line| self.script.lines.get(*line as usize)) else { return true };
        let process = Lines::process(thread);
        line.reads.iter().all(|(other, name)| *other == process || shared.get(*other, name).is_some())
    }

    fn end(&mut self) {
        self.rest = Vec::new();
        self.frames = Vec::new();
    }

    fn ended(&self, shared: &mut Names, thread: Tid) {
        let process = Lines::process(thread);
        shared.forget(process, |name| self.script.is_seen_by_others(process, name));
    }
}
