//! The program of a thread: its lines, and where it stands in them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_core::call::{Call, Callback};
use winspi_core::event::Hazard;
use winspi_core::footprint::Part;
use winspi_core::id::{Handle, InstanceId, Tid};
use winspi_core::kernel::process::Next;
use winspi_core::outcome::{Out, OutValue, Outcome, Refusal, Verdict};
use winspi_core::protocol::{Reply, Request, Step};
use winspi_core::{Choice, Program, Shared, Value, World};

use crate::expect::{Seen, describe, stopped};
use crate::scope::{Binding, Names, Scope, Stop, Used, chosen_name};
use crate::script::{Line, Op, Recycled, Script, closes};
use crate::syntax::tree::ActKind;

mod call;
mod symmetric;

use call::build;

/// How often a line is made again until its outcome is the one it waits for.
const MOST_ROUNDS: u32 = 100_000;

/// The program of one thread of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lines {
    #[serde(skip)]
    script: Arc<Script>,
    #[serde(skip)]
    finished: Vec<Finished>,
    /// Whose lines they are.
    thread: Tid,
    /// The next step of the thread's code.
    at: u32,
    /// The rounds that are left of the loops that the thread is in, the innermost last.
    loops: Vec<u32>,
    /// How often the line of a `repeat until` was made.
    rounds: u32,
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
    /// The argument of the line that is a handle and means another socket than when its name was bound.
    recycled: Option<Recycled>,
    /// The handles that were chosen for the line.
    #[serde(default)]
    chosen: Vec<Handle>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum FrameOf {
    /// A line of the script.
    Line(u32),
    /// It waits for other threads: a place in the script's syncs.
    Sync(u32),
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
    /// The gap of the model that it comes from.
    pub gap: Option<String>,
    /// Whether the line is over; otherwise something in it did not hold.
    pub ends: bool,
    /// What worked, and may not be meant.
    pub hazard: Option<Hazard>,
}

impl Lines {
    /// The program of a thread.
    pub fn new(script: Arc<Script>, thread: Tid) -> Lines {
        let mut lines =
            Lines { script, finished: Vec::new(), thread, at: 0, loops: Vec::new(), rounds: 0, frames: Vec::new() };
        lines.pass_loops();
        lines
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
            Some(FrameOf::Sync(_) | FrameOf::Callback { .. }) => None,
            None => match self.next() {
                Some(Op::Line(line)) => Some(line as usize),
                _ => None,
            },
        }
    }

    /// The place where the thread waits for others, or does next: a place in the script's syncs.
    pub fn sync(&self) -> Option<usize> {
        match (self.frames.first().map(|f| &f.of), self.next()) {
            (Some(FrameOf::Sync(sync)), _) => Some(*sync as usize),
            (None, Some(Op::Sync(sync))) => Some(sync as usize),
            _ => None,
        }
    }

    /// Whether the thread goes round in a `repeat until`.
    pub fn repeats(&self) -> bool {
        self.rounds > 0
    }

    fn next(&self) -> Option<Op> {
        self.script.code(self.thread).get(self.at as usize).copied()
    }

    /// Leaves the step that was taken behind.
    fn advance(&mut self) {
        self.rounds = 0;
        if !matches!(self.next(), Some(Op::Choose(_))) {
            self.at = self.at.saturating_add(1);
        }
        self.pass_loops();
    }

    /// Goes through beginnings and ends of loops to the next line.
    fn pass_loops(&mut self) {
        loop {
            match self.next() {
                Some(Op::Begin { times: 0, past }) => self.at = past,
                Some(Op::Begin { times, .. }) => {
                    self.loops.push(times);
                    self.at += 1;
                }
                Some(Op::End { first }) => match self.loops.last_mut() {
                    Some(left) if *left > 1 => {
                        *left -= 1;
                        self.at = first;
                    }
                    _ => {
                        self.loops.pop();
                        self.at += 1;
                    }
                },
                Some(Op::Line(_) | Op::Sync(_) | Op::Choose(_)) | None => return,
            }
        }
    }

    /// The lines that the thread may choose from where it stands before a `repeat any`: places in the script.
    fn alternatives(&self) -> &[u32] {
        match self.next().filter(|_| self.frames.is_empty()) {
            Some(Op::Choose(place)) => self.script.choices.get(place as usize).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }

    /// The line that a choice takes.
    pub fn line_of(&self, choice: &Choice) -> Option<usize> {
        let place = (choice.alternative as usize).checked_sub(1)?;
        self.alternatives().get(place).map(|line| *line as usize)
    }

    /// Adds the choices of one line: all handles that it may take, as far as `when` holds.
    fn choices_of(&self, line: &Line, alternative: u32, shared: &Names, world: &World, all: &mut Vec<Choice>) {
        let process = Lines::process(self.thread);
        let slots: Vec<_> = world.process(self.thread.process).map_or(Vec::new(), |p| p.handles.iter().collect());
        let mut ways = vec![Vec::new()];
        for pick in &line.picks {
            let longer = |way: &Vec<Handle>| {
                let fits = slots.iter().filter(|(_, slot)| pick.kind.is(*slot));
                fits.map(|(handle, _)| [way.as_slice(), &[*handle]].concat()).collect::<Vec<_>>()
            };
            ways = ways.iter().flat_map(longer).collect();
        }
        for handles in ways {
            let locals = chosen(line, &handles);
            let scope = Scope { script: &self.script, names: shared, world, process, locals: &locals, nested: &[] };
            // A test that has no answer does not hold.
            if line.when.iter().all(|test| matches!(scope.test(test), Ok((true, _)))) {
                all.push(Choice { alternative, handles });
            }
        }
    }

    /// The first step of the thread's code that may come again, or is next: that of the outermost loop that it is in.
    pub fn earliest(&self) -> u32 {
        let mut open = Vec::new();
        for (op, at) in self.script.code(self.thread).iter().zip(0..self.at) {
            match op {
                Op::Begin { .. } => open.push(at),
                Op::End { .. } => drop(open.pop()),
                Op::Line(_) | Op::Sync(_) | Op::Choose(_) => {}
            }
        }
        open.first().copied().unwrap_or(self.at)
    }

    /// Whether a line has begun and has not ended.
    pub fn is_within_line(&self) -> bool {
        !self.frames.is_empty()
    }

    fn process(thread: Tid) -> usize {
        thread.process.index().unwrap_or(0)
    }

    /// Goes on with the topmost frame: evaluates what stands next.
    fn go_on(&mut self, shared: &mut Shared<Names>, world: &World, thread: Tid) -> Step<()> {
        loop {
            if let Some(step) = self.act(shared, world, thread) {
                return step;
            }
        }
    }

    /// One act of the topmost frame; `None` where the next act follows at once.
    fn act(&mut self, shared: &mut Shared<Names>, world: &World, thread: Tid) -> Option<Step<()>> {
        let script = self.script.clone();
        let Some(frame) = self.frames.last_mut() else { return Some(Step::Ask(Request::Done, ())) };
        let process = Lines::process(thread);
        let mut nothing = Vec::new();
        if let (FrameOf::Line(line), false) = (&frame.of, frame.chosen.is_empty()) {
            nothing = script.lines.get(*line as usize).map_or(nothing, |line| chosen(line, &frame.chosen));
        }
        let (call, known, locals) = match &frame.of {
            FrameOf::Sync(sync) => {
                let sync = *sync;
                return Some(self.synchronize(shared, world, thread, sync));
            }
            FrameOf::Line(line) => match script.lines.get(*line as usize) {
                Some(line) => {
                    if line.contends {
                        world.touch();
                    }
                    (&line.call, Some(line.function), &nothing)
                }
                None => return Some(Step::Ask(Request::Done, ())),
            },
            FrameOf::Callback { id, act, arguments } => {
                let Some(callback) = script.callbacks.get(*id as usize) else { return Some(give_back(0)) };
                let Some(act) = callback.acts.get(*act as usize) else { return Some(self.end_callback(0)) };
                let scope =
                    Scope { script: &script, names: shared, world, process, locals: arguments, nested: &frame.nested };
                match &act.kind {
                    ActKind::Call(call) => (call, None, arguments),
                    ActKind::Return(value) => {
                        let value = scope.value(value, &mut Used::default());
                        let answer = value.map_err(stopped).and_then(|value| answer_of(&value));
                        return Some(match answer {
                            Ok(answer) => self.end_callback(answer),
                            Err(failure) => {
                                self.note_failure(thread, failure);
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
        let is_line = matches!(frame.of, FrameOf::Line(_));
        let recycled = if is_line { scope.recycled(call, false) } else { None };
        match build(&scope, call, known) {
            Ok((call, poses)) => {
                let call = Arc::new(call);
                frame.recycled = recycled;
                frame.asked = Asked::Own(call.clone());
                let request = match poses {
                    Some(provider) => Request::UpAs(InstanceId { process: thread.process, provider }, call),
                    None => Request::Up(call),
                };
                Some(Step::Ask(request, ()))
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

    /// Waits until all the others are here, too, or have ended.
    fn synchronize(&mut self, shared: &mut Shared<Names>, world: &World, thread: Tid, sync: u32) -> Step<()> {
        world.reads(Part::Sync(sync));
        world.writes(Part::Sync(sync));
        let arrives = !matches!(self.frames.last(), Some(Frame { asked: Asked::Nested, .. }));
        if arrives {
            shared.change().arrive(sync, thread);
            if let Some(frame) = self.frames.last_mut() {
                frame.asked = Asked::Nested;
            }
        }
        if !sync_is_over(&self.script, shared, world, sync, thread) {
            return Step::Ask(Request::Rest, ());
        }
        if shared.waits(sync, thread) {
            shared.change().meet(sync);
        }
        self.frames.pop();
        self.advance();
        let next = if self.next().is_none() { Request::Done } else { Request::Rest };
        Step::Ask(next, ())
    }

    fn begin(&mut self, of: FrameOf, chosen: Vec<Handle>) {
        self.frames.push(Frame { of, nested: Vec::new(), asked: Asked::Nothing, recycled: None, chosen });
    }

    fn note_failure(&mut self, thread: Tid, failure: String) {
        if let Some(line) = self.line() {
            let failure = Some(failure);
            self.finished.push(Finished {
                thread,
                line,
                call: None,
                outcome: None,
                failure,
                gap: None,
                ends: false,
                hazard: None,
            });
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

    fn end_callback(&mut self, answer: impl Into<Verdict>) -> Step<()> {
        self.frames.pop();
        give_back(answer)
    }

    fn end_line(
        &mut self,
        world: &World,
        thread: Tid,
        call: Option<Arc<Call>>,
        outcome: Option<Outcome>,
        failure: Option<String>,
    ) -> Step<()> {
        if let Some(Frame { of: FrameOf::Line(line), recycled, .. }) = self.frames.pop() {
            let line = line as usize;
            let hazard = recycled.filter(|_| outcome.as_ref().is_some_and(|o| o.result.is_ok()));
            let hazard = hazard.and_then(|place| self.script.recycled(line, place, thread));
            if self.script.lines.get(line).is_some_and(|l| !l.expects.is_empty()) {
                // What is expected after the line is asked of the world as it is now.
                world.touch();
            }
            let gap = failure.as_ref().and(outcome.as_ref()).and_then(gap_of);
            self.finished.push(Finished { thread, line, call, outcome, failure, gap, ends: true, hazard });
        }
        self.advance();
        let next = if self.next().is_none() { Request::Done } else { Request::Rest };
        Step::Ask(next, ())
    }

    /// One round of a line that is made until its outcome is another is over.
    fn end_round(&mut self, thread: Tid, call: Arc<Call>, outcome: Outcome) -> Step<()> {
        if let Some(Frame { of: FrameOf::Line(line), .. }) = self.frames.pop() {
            let (line, call, outcome) = (line as usize, Some(call), Some(outcome));
            self.finished.push(Finished {
                thread,
                line,
                call,
                outcome,
                failure: None,
                gap: None,
                ends: true,
                hazard: None,
            });
        }
        self.rounds += 1;
        Step::Ask(Request::Rest, ())
    }

    /// A call of the line, or of a callback, has come back.
    fn came_back(&mut self, shared: &mut Shared<Names>, world: &World, thread: Tid, outcome: Outcome) -> Step<()> {
        let script = self.script.clone();
        let process = Lines::process(thread);
        let Some(frame) = self.frames.last_mut() else { return Step::Ask(Request::Rest, ()) };
        let call = match std::mem::replace(&mut frame.asked, Asked::Nothing) {
            Asked::Own(call) => call,
            Asked::Nested | Asked::Nothing => {
                frame.nested.push(Seen::of(&outcome).primary);
                if let (Some(gap), Some(line)) = (gap_of(&outcome), self.line()) {
                    let failure = Some(format!("an argument is not modelled: {gap}"));
                    let gap = Some(gap);
                    self.finished.push(Finished {
                        thread,
                        line,
                        call: None,
                        outcome: None,
                        failure,
                        gap,
                        ends: false,
                        hazard: None,
                    });
                }
                return self.go_on(shared, world, thread);
            }
        };
        let (written, arguments) = match &frame.of {
            FrameOf::Line(line) => {
                let line = script.lines.get(*line as usize);
                (line.map(|l| &l.call), line.map_or(Vec::new(), |line| chosen(line, &frame.chosen)))
            }
            FrameOf::Sync(_) => (None, Vec::new()),
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
        if matches!(frame.of, FrameOf::Line(_)) && frame.recycled.is_none() && !closes(call.function()) {
            let scope = Scope { script: &script, names: shared, world, process, locals: &arguments, nested: &[] };
            frame.recycled = scope.recycled(written, true);
        }
        if let Some(bind) = &written.bind {
            let seen = Seen::of_call(&call, &outcome);
            let meant = match (crate::script::gives_handle(&call), seen.primary.number()) {
                (true, Some(n)) if seen.ok => world.socket_of(thread.process, Handle(n.cast_unsigned())),
                _ => None,
            };
            // A record that nobody asks for would be state for nothing.
            let record = if script.has_fields(&bind.text) { seen.record() } else { Vec::new() };
            if script.is_contended(process, &bind.text) {
                world.touch();
            }
            world.writes(script.part_of(process, &bind.text));
            shared.change().bind(process, &bind.text, Binding { value: seen.primary, record, meant });
        }
        let scope = Scope { script: &script, names: shared, world, process, locals: &arguments, nested: &[] };
        if matches!(frame.of, FrameOf::Callback { .. }) {
            let failure = scope.check(&call, &outcome, written.outcome.as_deref()).err();
            if let Some(failure) = failure {
                self.note_failure(thread, format!("in the callback, {}: {failure}", call.function()));
                if let Some(last) = self.finished.last_mut() {
                    last.gap = gap_of(&outcome);
                }
            }
            self.next_act();
            return self.go_on(shared, world, thread);
        }
        let until = match &frame.of {
            FrameOf::Line(line) => script.lines.get(*line as usize).and_then(|line| line.until.as_ref()),
            _ => None,
        };
        if let Some(until) = until {
            let reached = scope.fits(&outcome, until);
            match reached {
                Ok(true) => return self.end_line(world, thread, Some(call), Some(outcome), None),
                Err(stop) => return self.end_line(world, thread, Some(call), Some(outcome), Some(stopped(stop))),
                Ok(false) => {}
            }
        }
        let failure = scope.check(&call, &outcome, written.outcome.as_deref()).err();
        match (until, failure) {
            (Some(_), None) if self.rounds + 1 < MOST_ROUNDS => self.end_round(thread, call, outcome),
            (Some(until), None) => {
                let until = crate::script::print_expectation(until);
                let failure = format!("{MOST_ROUNDS} rounds without {until}, found {}", describe(&outcome));
                self.end_line(world, thread, Some(call), Some(outcome), Some(failure))
            }
            (_, failure) => self.end_line(world, thread, Some(call), Some(outcome), failure),
        }
    }
}

/// The handles that were chosen for a line, as its names for them.
fn chosen(line: &Line, handles: &[Handle]) -> Vec<(String, Value)> {
    let mut locals = Vec::new();
    for ((place, pick), handle) in line.picks.iter().enumerate().zip(handles) {
        let value = Value::from(*handle);
        locals.extend(pick.name.iter().map(|name| (name.clone(), value.clone())));
        locals.push((chosen_name(place), value));
    }
    locals
}

/// The gap of the model that an outcome names.
fn gap_of(outcome: &Outcome) -> Option<String> {
    match &outcome.result {
        Err(Refusal::NotModelled(gap)) => Some(gap.clone()),
        _ => None,
    }
}

/// Whether a thread need not wait any more: it was met, or all the others are here or have ended.
fn sync_is_over(script: &Script, names: &Names, world: &World, sync: u32, thread: Tid) -> bool {
    let Some(of) = script.syncs.get(sync as usize) else { return true };
    world.reads(Part::Sync(sync));
    let ended = |tid: Tid| world.thread(tid).is_none_or(|t| t.next == Next::Ended);
    !names.waits(sync, thread) || of.threads.iter().all(|tid| names.waits(sync, *tid) || ended(*tid))
}

fn give_back(answer: impl Into<Verdict>) -> Step<()> {
    Step::Return(Outcome::of(Ok(answer.into())))
}

/// What a callback answers: a number, or of a condition the record of its call.
fn answer_of(value: &Value) -> Result<Verdict, String> {
    match value {
        Value::Record(_) => Verdict::open(Out::Value(value.clone()))
            .ok_or_else(|| format!("{value} is no answer: `value` and `group` are numbers, `callee_data` is bytes")),
        other => Ok(other.number().unwrap_or(0).into()),
    }
}

impl Program for Lines {
    type Shared = Names;

    fn enter(&mut self, callback: &Callback) {
        let arguments = callback.call.arguments().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.frames.push(Frame {
            of: FrameOf::Callback { id: callback.id.0, act: 0, arguments },
            nested: Vec::new(),
            asked: Asked::Nothing,
            recycled: None,
            chosen: Vec::new(),
        });
    }

    fn step(&mut self, shared: &mut Shared<Names>, world: &World, thread: Tid, reply: Reply) -> Step<()> {
        match reply {
            Reply::Outcome(outcome) => self.came_back(shared, world, thread, outcome),
            Reply::Woken => self.go_on(shared, world, thread),
            Reply::Enter => match self.frames.last().map(|f| &f.of) {
                Some(FrameOf::Callback { id, .. }) => {
                    let callback = self.script.callbacks.get(*id as usize);
                    if callback.is_some_and(|c| self.script.has_fields(&c.name)) {
                        world.reads(Part::Runs(*id));
                        world.writes(Part::Runs(*id));
                        shared.change().count_run(*id);
                    }
                    self.go_on(shared, world, thread)
                }
                Some(FrameOf::Sync(_) | FrameOf::Line(_)) => self.go_on(shared, world, thread),
                None => {
                    let of = match self.next() {
                        Some(Op::Line(line)) => FrameOf::Line(line),
                        Some(Op::Sync(sync)) => FrameOf::Sync(sync),
                        _ => return Step::Ask(Request::Done, ()),
                    };
                    self.begin(of, Vec::new());
                    self.go_on(shared, world, thread)
                }
            },
        }
    }

    fn chooses(&self) -> bool {
        !self.alternatives().is_empty()
    }

    fn choices(&self, shared: &Names, world: &World, _: Tid) -> Vec<Choice> {
        // Which choices there are depends on what others share with the thread.
        let mut all = Vec::new();
        for (line, alternative) in self.alternatives().iter().zip(1..) {
            if let Some(line) = self.script.lines.get(*line as usize) {
                world.aside(|world| self.choices_of(line, alternative, shared, world, &mut all));
            }
        }
        all
    }

    fn choose(&mut self, choice: &Choice) {
        if let Some(line) = self.line_of(choice) {
            self.begin(FrameOf::Line(line as u32), choice.handles.clone());
        }
    }

    fn is_ready(&self, shared: &Names, world: &World, thread: Tid) -> bool {
        match (self.frames.first().map(|f| &f.of), self.next()) {
            (None, Some(Op::Choose(_))) => !self.choices(shared, world, thread).is_empty(),
            (Some(FrameOf::Sync(sync)), _) => sync_is_over(&self.script, shared, world, *sync, thread),
            // A line that reads a name of another process waits until it is bound.
            (None, Some(Op::Line(line))) => {
                let Some(line) = self.script.lines.get(line as usize) else { return true };
                let process = Lines::process(thread);
                let is_bound = |other: usize, name: &str| {
                    world.reads(self.script.part_of(other, name));
                    shared.get(other, name).is_some()
                };
                line.reads.iter().all(|(other, name)| *other == process || is_bound(*other, name))
            }
            _ => true,
        }
    }

    fn end(&mut self) {
        self.at = u32::MAX;
        self.loops = Vec::new();
        self.rounds = 0;
        self.frames = Vec::new();
    }
    fn ended(&self, shared: &mut Shared<Names>, thread: Tid) {
        let process = Lines::process(thread);
        let stays = |name: &str| self.script.is_seen_by_others(process, name);
        if shared.has_other(process, stays) {
            shared.change().forget(process, stays);
        }
    }
}
