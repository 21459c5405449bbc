//! The runner: takes the text order, or a seeded random order, as the schedule, and checks everything.
//!
//! After each line what has been sent arrives, completions happen and who waited goes on, oldest first, before the next
//! line begins. Time passes by itself only where nothing else can happen.

use std::collections::BTreeMap;
use std::sync::Arc;

use winspi_core::event::Event;
use winspi_core::id::{Pid, Tid};
use winspi_core::kernel::process::{Next, ThreadRole};
use winspi_core::protocol::Reply;
use winspi_core::{System, Transition};

use crate::arrangement::{Arrangement, ArrangementError};
use crate::expect::stopped;
use crate::program::{Finished, Lines};
use crate::question::{what_is, who_answered, who_name};
use crate::report::{Failure, Mark, Open, Row, Run, Taken};
use crate::scope::Scope;
use crate::script::{Item, Script};
use crate::syntax::tree::{self, ExpectationKind, Span};

/// How many transitions a run may take before it counts as one that never ends.
const MOST: usize = 1_000_000;

/// Runs a scenario in text order.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn run(script: &Arc<Script>, arrangement: &Arrangement) -> Result<Run, ArrangementError> {
    let mut runner = Runner::new(script, arrangement.system(script)?);
    runner.items(|_| true);
    Ok(runner.finish())
}

/// Runs a scenario in a random order: `setup` in text order, then each thread's lines as its program.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn run_seeded(script: &Arc<Script>, arrangement: &Arrangement, seed: u64) -> Result<Run, ArrangementError> {
    let mut runner = Runner::new(script, arrangement.system(script)?);
    runner.items(|place| script.setup_items.contains(&place));
    runner.seeded(seed);
    Ok(runner.finish())
}

/// The system of a scenario after its `setup`, which runs in text order.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all; or what did not hold in `setup`.
pub fn after_setup(
    script: &Arc<Script>,
    arrangement: &Arrangement,
) -> Result<(System<Lines>, Vec<Failure>), ArrangementError> {
    let mut runner = Runner::new(script, arrangement.system(script)?);
    runner.items(|place| script.setup_items.contains(&place));
    Ok((runner.system, runner.failures))
}

struct Runner {
    script: Arc<Script>,
    system: System<Lines>,
    rows: Vec<Row>,
    /// The row of the line that each thread is in, or was last in.
    current: BTreeMap<Tid, usize>,
    /// What the lines of blocked threads came back with.
    finished: BTreeMap<usize, Finished>,
    failures: Vec<Failure>,
    breaches: Vec<(usize, winspi_core::event::Breach)>,
    hazards: Vec<(usize, winspi_core::event::Hazard)>,
    trace: Vec<Taken>,
    hold_network: bool,
    hold_bus: bool,
}

impl Runner {
    fn new(script: &Arc<Script>, system: System<Lines>) -> Runner {
        Runner {
            script: script.clone(),
            system,
            rows: Vec::new(),
            current: BTreeMap::new(),
            finished: BTreeMap::new(),
            failures: Vec::new(),
            breaches: Vec::new(),
            hazards: Vec::new(),
            trace: Vec::new(),
            hold_network: false,
            hold_bus: false,
        }
    }

    fn fail(&mut self, span: Span, message: impl Into<String>) {
        self.failures.push(Failure { line: span.line, column: span.column, message: message.into() });
    }

    // ---- transitions

    /// Takes a transition, and notes what it belongs to and what it gave.
    fn take(&mut self, transition: Transition) -> bool {
        if self.trace.len() >= MOST {
            return false;
        }
        if let Transition::Go(tid) = transition {
            self.begin_row(tid);
        }
        let events = match self.system.apply(&transition) {
            Ok(events) => events,
            Err(_) => return false,
        };
        let row = match &transition {
            Transition::Go(tid) => self.current.get(tid).copied().or(self.rows.len().checked_sub(1)),
            _ => self.rows.len().checked_sub(1),
        };
        self.note(row, &events);
        self.trace.push(Taken { row, transition, events });
        let tids: Vec<Tid> = self.system.programs().filter(|(_, p)| p.has_finished()).map(|(tid, _)| tid).collect();
        for tid in tids {
            let finished = self.system.program_mut(tid).map_or(Vec::new(), Lines::take_finished);
            for one in finished {
                self.end_row(one);
            }
        }
        true
    }

    fn begin_row(&mut self, tid: Tid) {
        let Some(program) = self.system.program(tid) else { return };
        let starts = matches!(self.system.world().thread(tid).map(|t| &t.next), Some(Next::Run(Reply::Enter)));
        let (false, true, Some(line)) = (program.is_within_line(), starts, program.line()) else { return };
        let place = line;
        let line = &self.script.lines[place];
        self.rows.push(Row {
            n: self.rows.len() + 1,
            line: line.span.line,
            mark: line.mark,
            setup: line.setup,
            thread: self.system.world().thread_name(tid),
            bind: line.call.bind.as_ref().map(|b| b.text.clone()),
            text: line.text(),
            call: line.function.name().to_owned(),
            args: Vec::new(),
            outcome: None,
            from: None,
            rules: Vec::new(),
            path: Vec::new(),
            expected: line.expected(),
            held: true,
            blocked: false,
        });
        self.current.insert(tid, self.rows.len() - 1);
    }

    /// Notes rules, ways, breaches and hazards.
    fn note(&mut self, row: Option<usize>, events: &[Event]) {
        for event in events {
            match event {
                Event::Enter { thread, depth, who, call } if *depth > 0 => {
                    let name = who_name(self.system.world(), *who);
                    if let Some(row) = self.current.get(thread) {
                        self.rows[*row].path.push(format!("{name} {}", call.function()));
                    }
                }
                Event::Rule { thread, basis, .. } => {
                    if let Some(row) = self.current.get(thread) {
                        self.rows[*row].rules.push(basis.to_string());
                    }
                }
                Event::Breach(breach) => self.breaches.push((row.unwrap_or(0), breach.clone())),
                Event::Hazard(hazard) => self.hazards.push((row.unwrap_or(0), hazard.clone())),
                _ => {}
            }
        }
    }

    fn end_row(&mut self, finished: Finished) {
        let span = self.script.lines[finished.line].span;
        let Some(&place) = self.current.get(&finished.thread) else { return };
        let row = &mut self.rows[place];
        if let Some(call) = &finished.call {
            row.args = call.arguments().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        }
        if let Some(outcome) = &finished.outcome {
            row.from = who_answered(self.system.world(), outcome);
            row.outcome = Some(outcome.clone());
        }
        if let Some(failure) = &finished.failure {
            row.held = false;
            let message = format!("{}: {failure}", row.text);
            self.fail(span, message);
        }
        if finished.outcome.is_some() || finished.call.is_none() {
            self.finished.insert(place, finished);
        }
    }

    // ---- text order

    fn items(&mut self, which: impl Fn(usize) -> bool) {
        let script = self.script.clone();
        for (_, item) in script.items.iter().enumerate().filter(|(place, _)| which(*place)) {
            let goes_on = match item {
                Item::Line(line) => self.line(*line),
                Item::Returns { thread, outcome, span } => {
                    self.returns(*thread, outcome.as_ref(), *span);
                    true
                }
                Item::Expect(test, process) => {
                    self.expect(test, *process);
                    true
                }
                Item::World(world, span) => self.world(world, *span),
            };
            if !goes_on {
                return;
            }
        }
    }

    /// One line in text order. False where the scenario cannot go on.
    fn line(&mut self, place: usize) -> bool {
        let script = self.script.clone();
        let line = &script.lines[place];
        let tid = line.thread;
        while self.is_blocked(tid) && self.time_passes() {}
        if self.is_blocked(tid) {
            let before = self.current.get(&tid).map_or(0, |row| self.rows[*row].line);
            let name = self.system.world().thread_name(tid);
            self.fail(line.span, format!("{name} is still blocked in line {before}"));
            return false;
        }
        if self.system.program(tid).and_then(Lines::line) != Some(place) {
            let name = self.system.world().thread_name(tid);
            self.fail(line.span, format!("{name} has ended"));
            return false;
        }
        if !self.has_begun(tid) {
            let name = self.system.world().thread_name(tid);
            let message = format!("{name} does not run: no CreateProcess has started it, or it is suspended");
            self.fail(line.span, message);
            return false;
        }
        self.run_thread(tid);
        self.settle();
        let Some(&row) = self.current.get(&tid) else { return true };
        let blocks = line.call.outcome.as_ref().is_some_and(|o| is_blocking(&o.expectation.kind));
        if self.is_blocked(tid) {
            self.rows[row].blocked = true;
        } else if blocks {
            let found = self.rows[row].outcome.as_ref().map_or("its end".to_owned(), crate::expect::describe);
            self.rows[row].held = false;
            let message = format!("{}: expected the call to block, found {found}", self.rows[row].text);
            self.fail(line.span, message);
        }
        // A line that could not be made a call leaves its name unbound: what follows would only repeat that.
        self.finished.get(&row).is_none_or(|finished| finished.call.is_some())
    }

    /// Whether the thread's process was started, and the thread is not suspended.
    fn has_begun(&self, tid: Tid) -> bool {
        let world = self.system.world();
        world.running(tid.process).is_some() && world.thread(tid).is_some_and(|t| t.suspended == 0)
    }

    fn is_blocked(&self, tid: Tid) -> bool {
        self.system.program(tid).is_some_and(Lines::is_within_line)
    }

    /// Lets a thread go on until its line is done, or it waits, or it ends.
    fn run_thread(&mut self, tid: Tid) {
        while self.system.can_go(tid) {
            if !self.take(Transition::Go(tid)) || !self.is_midway(tid) {
                return;
            }
        }
    }

    /// Whether a thread has stopped at a boundary inside a call.
    fn is_midway(&self, tid: Tid) -> bool {
        let Some(thread) = self.system.world().thread(tid) else { return false };
        let within = self.system.program(tid).is_some_and(Lines::is_within_line);
        matches!(thread.next, Next::Run(_)) && (within || !thread.stack.is_empty())
    }

    /// What has been sent arrives, completions happen, who waited goes on; oldest first, until nothing more happens.
    fn settle(&mut self) {
        while let Some(transition) = self.next_of_itself() {
            let tid = match transition {
                Transition::Go(tid) => Some(tid),
                _ => None,
            };
            if !self.take(transition) {
                self.fail(Span::default(), format!("the scenario does not come to rest within {MOST} transitions"));
                return;
            }
            if let Some(tid) = tid.filter(|tid| self.is_midway(*tid)) {
                self.run_thread(tid);
            }
        }
    }

    /// The next thing that happens without a line.
    fn next_of_itself(&self) -> Option<Transition> {
        let world = self.system.world();
        let network = self.system.deliveries().into_iter().filter(|_| !self.hold_network);
        let bus = self.system.messages().into_iter().filter(|_| !self.hold_bus);
        let oldest = network.chain(bus).min_by_key(|(_, age)| *age);
        if let Some((transition, _)) = oldest {
            return Some(transition);
        }
        if let Some((transition, _)) = self.system.completions().into_iter().min_by_key(|(_, age)| *age) {
            return Some(transition);
        }
        let waiting = world.threads().filter(|(tid, thread)| {
            let waits = matches!(thread.next, Next::Waits(_) | Next::Idle) || self.is_midway(*tid);
            waits && self.system.can_go(*tid)
        });
        let first = waiting.min_by_key(|(tid, thread)| (thread.since.0, *tid));
        first.map(|(tid, _)| Transition::Go(tid))
    }

    /// Time passes to the next deadline where nothing else can happen.
    fn time_passes(&mut self) -> bool {
        let passed = self.take(Transition::TimePasses);
        if passed {
            self.settle();
        }
        passed
    }

    fn returns(&mut self, tid: Tid, expected: Option<&tree::Outcome>, span: Span) {
        while self.is_blocked(tid) && self.time_passes() {}
        let name = self.system.world().thread_name(tid);
        let Some(&row) = self.current.get(&tid) else {
            self.fail(span, format!("{name} has not called anything"));
            return;
        };
        let Some(finished) = self.finished.get(&row).cloned() else {
            self.fail(span, format!("{name} is still blocked in line {}", self.rows[row].line));
            return;
        };
        let Some(outcome) = finished.outcome else { return };
        let process = tid.process.index().unwrap_or(0);
        let failure = self.scope(process).check(&outcome, expected).err();
        if let Some(failure) = failure {
            self.rows[row].held = false;
            self.fail(span, failure);
        }
    }

    fn scope(&self, process: usize) -> Scope<'_> {
        Scope {
            script: &self.script,
            names: &self.system.shared,
            world: self.system.world(),
            process,
            locals: &[],
            nested: &[],
        }
    }

    fn expect(&mut self, test: &tree::Test, process: usize) {
        let result = self.scope(process).test(test);
        match result {
            Ok((true, _)) => {}
            Ok((false, found)) => self.fail(test.span, format!("the expectation does not hold: {found}")),
            Err(stop) => self.fail(test.span, stopped(stop)),
        }
    }

    fn world(&mut self, world: &tree::World, span: Span) -> bool {
        let pid = |name: &tree::Name| {
            let place = self.script.processes.iter().position(|p| p.name == name.text);
            Pid::of_index(place.unwrap_or(usize::MAX))
        };
        match world {
            tree::World::Kill(name) => {
                let process = pid(name);
                if !self.take(Transition::Kill(process)) {
                    self.fail(span, format!("process `{name}` has ended already"));
                }
            }
            tree::World::Advance(time) => {
                let until = self.system.world().now().saturating_add(time.milliseconds);
                while self.system.world().now() < until {
                    let by = until - self.system.world().now();
                    if !self.take(Transition::Advance(by)) {
                        break;
                    }
                    self.settle();
                }
            }
            tree::World::Hold(tree::Link::Network) => self.hold_network = true,
            tree::World::Hold(tree::Link::Bus) => self.hold_bus = true,
            tree::World::Release(tree::Link::Network) => self.hold_network = false,
            tree::World::Release(tree::Link::Bus) => self.hold_bus = false,
            tree::World::Bus { message, .. } => {
                let (from, to) = (pid(&message.from), pid(&message.to));
                if !self.take(Transition::DeliverMessage { from, to }) {
                    self.fail(span, format!("no message from {} to {} is on its way", message.from, message.to));
                }
            }
            _ => self.fail(span, "this version does not carry this out"),
        }
        self.settle();
        true
    }

    // ---- random order

    fn seeded(&mut self, seed: u64) {
        let script = self.script.clone();
        for (place, item) in script.items.iter().enumerate() {
            if let (Item::World(_, span), false) = (item, script.setup_items.contains(&place)) {
                self.fail(*span, "a random order takes no statements about the world around");
                return;
            }
        }
        let mut random = seed;
        loop {
            let enabled = self.system.enabled();
            if enabled.is_empty() {
                return;
            }
            let choice = (next_random(&mut random) % enabled.len() as u64) as usize;
            let before = self.finished.len();
            if !self.take(enabled[choice].clone()) {
                self.fail(Span::default(), format!("the scenario does not end within {MOST} transitions"));
                return;
            }
            if self.finished.len() > before {
                if let Transition::Go(tid) = enabled[choice] {
                    self.expects_of_last(tid);
                }
            }
        }
    }

    /// The bare expectations of the line that a thread has just finished.
    fn expects_of_last(&mut self, tid: Tid) {
        let Some(row) = self.current.get(&tid) else { return };
        let Some(line) = self.finished.get(row).map(|f| f.line) else { return };
        let script = self.script.clone();
        for test in &script.lines[line].expects {
            self.expect(test, script.lines[line].process);
        }
    }

    // ---- the end

    fn finish(mut self) -> Run {
        while self.time_passes() {}
        let script = self.script.clone();
        for (test, process) in &script.at_end {
            self.expect(test, *process);
        }
        let threads: Vec<Tid> = self.system.programs().map(|(tid, _)| tid).collect();
        for tid in threads {
            let (true, Some(&row)) = (self.is_blocked(tid), self.current.get(&tid)) else { continue };
            let line = self.system.program(tid).and_then(Lines::line);
            let expected = line.and_then(|l| script.lines[l].call.outcome.as_deref());
            if !expected.is_some_and(|o| is_blocking(&o.expectation.kind)) {
                let span = line.map_or(Span::default(), |l| script.lines[l].span);
                self.rows[row].held = false;
                self.rows[row].blocked = true;
                let name = self.system.world().thread_name(tid);
                let text = self.rows[row].text.clone();
                self.fail(span, format!("{name} is still blocked at the end, in {text}"));
            }
        }
        let leaks = self.system.leaks();
        let world = self.system.world();
        let threads = world.threads().filter(|(_, t)| !matches!(t.role, ThreadRole::Worker(_)));
        let threads = threads.map(|(tid, _)| (tid, world.thread_name(tid))).collect();
        Run {
            scenario: script.title.clone().unwrap_or_default(),
            about: script.about.clone(),
            passed: self.failures.is_empty() && self.breaches.is_empty() && leaks.is_empty(),
            open: self.open(),
            leaks,
            rows: self.rows,
            failures: self.failures,
            marks: script.marks.iter().map(|(number, title)| Mark { number: *number, title: title.clone() }).collect(),
            breaches: self.breaches,
            hazards: self.hazards,
            trace: self.trace,
            threads,
            providers: world.catalog().providers().iter().map(|p| p.name.clone()).collect(),
        }
    }

    /// What is open at the end.
    fn open(&self) -> Vec<Open> {
        let world = self.system.world();
        let mut open = Vec::new();
        for (place, process) in world.processes().enumerate().filter(|(_, p)| p.runs()) {
            for (handle, slot) in process.handles.iter() {
                let seen = process.descriptors.iter().find(|d| d.handle.0 >> 2 == handle.0 >> 2);
                let value = seen.map_or(handle, |d| d.handle);
                let names = self.system.shared.of_number(place, value.0.cast_signed());
                open.push(Open {
                    process: process.name.clone(),
                    handle: value.to_string(),
                    names: names.map(str::to_owned).collect(),
                    what: what_is(world, process.pid, handle, slot),
                });
            }
        }
        open
    }
}

/// Whether an expectation says that the call does not come back now.
fn is_blocking(kind: &ExpectationKind) -> bool {
    matches!(kind, ExpectationKind::Blocks | ExpectationKind::BlocksForEver)
}

/// SplitMix64: a small generator that gives the same numbers everywhere.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
