//! Transitions, and what belongs to which line.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use winspi_core::event::{Event, Hazard};
use winspi_core::id::Tid;
use winspi_core::kernel::process::{Next, ThreadRole};
use winspi_core::protocol::Reply;
use winspi_core::{Grain, System, Transition};

use crate::account::{self, Account};
use crate::expect::stopped;
use crate::program::{Finished, Lines};
use crate::question::{who_answered, who_name};
use crate::report::{Failure, Row, Taken};
use crate::run::MOST;
use crate::run::watch::Watch;
use crate::scope::Scope;
use crate::script::Script;
use crate::syntax::tree::{self, Span};

/// How many failures are told.
const MOST_FAILURES: usize = 100;

pub(super) struct Runner<'w> {
    pub(super) script: Arc<Script>,
    pub(super) system: System<Lines>,
    pub(super) rows: Vec<Row>,
    /// The row of the line that each thread is in, or was last in.
    pub(super) current: BTreeMap<Tid, usize>,
    /// What the lines of blocked threads came back with.
    pub(super) finished: BTreeMap<usize, Finished>,
    pub(super) failures: Vec<Failure>,
    pub(super) breaches: Vec<(usize, winspi_core::event::Breach)>,
    pub(super) hazards: Vec<(usize, Hazard)>,
    pub(super) trace: Vec<Taken>,
    pub(super) hold_network: bool,
    pub(super) hold_bus: bool,
    /// Threads that a `step` has stopped within a call.
    pub(super) stopped: BTreeSet<Tid>,
    /// Lines that a `step` has begun before the text came to them.
    pub(super) ahead: BTreeMap<Tid, VecDeque<usize>>,
    /// How many transitions `setup` took.
    pub(super) setup: usize,
    /// The grain that the arrangement has.
    pub(super) grain: Grain,
    /// Whether the order is not that of the text: `returns` is checked where its line ends.
    pub(super) reordered: bool,
    /// Whether `setup` is over: from then on what holds always is asked after each transition, and what must hold from
    /// one world to the next.
    pub(super) watches: bool,
    /// Whether a recorded fault has struck of which the scenario says nothing: lines may well have other results.
    pub(super) struck: bool,
    /// What such a fault has changed.
    pub(super) changes: Vec<Failure>,
    /// The rows of the lines that the last transition ended.
    pub(super) just_ended: Vec<usize>,
    /// How many statements were taken; repeats without calls would go on otherwise.
    pub(super) statements: usize,
    /// Who looks on.
    watch: Option<&'w mut dyn Watch>,
}

/// Adds to what did not hold: in a repeat once.
fn note(all: &mut Vec<Failure>, failure: Failure) {
    if all.len() < MOST_FAILURES && !all.contains(&failure) {
        all.push(failure);
    }
}

impl<'w> Runner<'w> {
    pub(super) fn new(script: &Arc<Script>, system: System<Lines>, watch: Option<&'w mut dyn Watch>) -> Runner<'w> {
        Runner {
            script: script.clone(),
            grain: system.grain,
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
            stopped: BTreeSet::new(),
            ahead: BTreeMap::new(),
            setup: 0,
            reordered: false,
            watches: false,
            struck: false,
            changes: Vec::new(),
            just_ended: Vec::new(),
            statements: 0,
            watch,
        }
    }

    pub(super) fn into_parts(self) -> (System<Lines>, Vec<Failure>) {
        (self.system, self.failures)
    }

    /// Runs `setup`. False where the scenario cannot go on.
    pub(super) fn set_up(&mut self) -> bool {
        let script = self.script.clone();
        let goes_on = self.items(&script.setup);
        self.setup = self.trace.len();
        self.watches = true;
        goes_on
    }

    pub(super) fn fail(&mut self, span: Span, message: impl Into<String>) {
        self.fail_by(span, message.into(), None);
    }

    /// Notes what did not hold; in a repeat once.
    pub(super) fn fail_by(&mut self, span: Span, message: String, gap: Option<String>) {
        note(&mut self.failures, Failure { line: span.line, column: span.column, message, gap });
    }

    /// Notes that a line has not the result that it should have. After a fault of which the scenario says nothing that
    /// is no failure.
    pub(super) fn fail_line(&mut self, span: Span, message: String, gap: Option<String>) {
        if self.struck {
            note(&mut self.changes, Failure { line: span.line, column: span.column, message, gap });
        } else {
            self.fail_by(span, message, gap);
        }
    }

    /// What holds in every state: `always`, and in other orders than the text's the invariants of the world.
    pub(super) fn check_state(&mut self) {
        let script = self.script.clone();
        for (test, process) in &script.always {
            // A test of names that are not bound yet, or of a socket that is gone, has no answer and holds.
            if let Ok((false, found)) = self.scope(*process).test(test) {
                self.fail(test.span, format!("`always` does not hold: {found}"));
            }
        }
        if self.reordered {
            for violated in self.system.world().check() {
                self.fail(Span::default(), violated.to_string());
            }
        }
    }

    pub(super) fn never_ends(&mut self) {
        self.fail(Span::default(), format!("the scenario does not come to rest within {MOST} transitions"));
    }

    /// Takes a transition, and notes what it belongs to and what it gave.
    pub(super) fn take(&mut self, transition: Transition) -> bool {
        if self.trace.len() >= MOST {
            return false;
        }
        match &transition {
            Transition::Go(tid) | Transition::Step(tid) => self.begin_row(*tid),
            Transition::Choose { thread, choice } => {
                if let Some(line) = self.system.program(*thread).and_then(|program| program.line_of(choice)) {
                    self.start_row(*thread, line, None);
                }
            }
            _ => {}
        }
        if let Some(watch) = self.watch.as_deref_mut() {
            watch.before(&self.system, &transition);
        }
        let before = (self.watches || self.reordered).then(|| self.system.world().clone());
        let Ok(events) = self.system.apply(&transition) else { return false };
        for violated in before.map_or(Vec::new(), |before| self.system.world().check_step(&before, &events)) {
            self.fail(Span::default(), violated.to_string());
        }
        let row = transition.thread().and_then(|tid| self.current.get(&tid).copied());
        let row = row.or(self.rows.len().checked_sub(1));
        let tids: Vec<Tid> = self.system.programs().filter(|(_, p)| p.has_finished()).map(|(tid, _)| tid).collect();
        let mut over = VecDeque::new();
        for tid in tids {
            over.extend(self.system.program_mut(tid).map_or(Vec::new(), Lines::take_finished));
        }
        self.just_ended.clear();
        for event in &events {
            // A thread that does not stop between lines may have left one and begun the next.
            if let Event::Enter { thread, depth: 0, .. } = event {
                let line = over.front().filter(|one| one.thread == *thread).map(|one| one.line);
                let line = line.or_else(|| self.system.program(*thread).and_then(Lines::line));
                self.go_over_to(*thread, line);
            }
            self.note(row, event);
            if let Event::Leave { depth: 0, call, .. } = event {
                let own = |one: &Finished| one.call.as_ref().is_some_and(|of| Arc::ptr_eq(of, call));
                if over.front().is_some_and(own)
                    && let Some(one) = over.pop_front()
                {
                    self.end_row(one);
                }
            }
        }
        self.trace.push(Taken { row, transition, events });
        for one in over {
            self.go_over_to(one.thread, Some(one.line));
            self.end_row(one);
        }
        if self.watches {
            self.check_state();
        }
        if let (Some(watch), Some(taken)) = (self.watch.as_deref_mut(), self.trace.last()) {
            watch.after(&self.system, taken);
        }
        true
    }

    /// Whether a thread stands before the beginning of a line, and could begin it.
    pub(super) fn begins_line(&self, tid: Tid) -> Option<usize> {
        let program = self.system.program(tid)?;
        let starts = matches!(self.system.world().thread(tid).map(|t| &t.next), Some(Next::Run(Reply::Enter)));
        program.line().filter(|_| starts && !program.is_within_line())
    }

    fn begin_row(&mut self, tid: Tid) {
        let Some(place) = self.begins_line(tid) else { return };
        // The rounds of a `repeat until` share a row: the last one is what it shows.
        let again = self.system.program(tid).is_some_and(Lines::repeats).then(|| self.current.get(&tid)).flatten();
        let again = again.copied().filter(|row| self.finished.get(row).is_some_and(|f| f.line == place));
        self.start_row(tid, place, again);
    }

    /// A thread is in a line: where its row is that of one before, which is over, it begins one of its own.
    fn go_over_to(&mut self, tid: Tid, line: Option<usize>) {
        let (Some(line), Some(&row)) = (line, self.current.get(&tid)) else { return };
        let Some(before) = self.finished.get(&row).map(|f| f.line) else { return };
        let round = before == line && self.script.lines.get(line).is_some_and(|l| l.until.is_some());
        self.start_row(tid, line, round.then_some(row));
    }

    fn start_row(&mut self, tid: Tid, place: usize, again: Option<usize>) {
        let script = self.script.clone();
        let Some(line) = script.lines.get(place) else { return };
        let row = Row {
            n: again.map_or(self.rows.len(), |row| row) + 1,
            line: line.span.line,
            mark: line.mark,
            setup: line.setup,
            thread: self.system.world().thread_name(tid),
            bind: line.bind(),
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
        };
        match again {
            Some(again) => {
                self.finished.remove(&again);
                self.rows[again] = row;
            }
            None => {
                self.rows.push(row);
                self.current.insert(tid, self.rows.len() - 1);
            }
        }
    }

    /// Notes rules, ways, breaches and hazards.
    fn note(&mut self, row: Option<usize>, event: &Event) {
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
            self.fail_line(span, message, finished.gap.clone());
        }
        if let Some(hazard) = finished.hazard.clone() {
            let hazard = self.told(hazard);
            self.hazards.push((place, hazard));
        }
        if finished.ends {
            self.just_ended.push(place);
            self.finished.insert(place, finished);
        }
    }

    /// A hazard with what is known of its handle.
    fn told(&self, mut hazard: Hazard) -> Hazard {
        let Some(mut account) = Account::of(&hazard) else { return hazard };
        for taken in &self.trace {
            let line = taken.row.map(|row| self.rows[row].line);
            taken.events.iter().for_each(|event| account.note(event, line));
        }
        account::tell(&mut hazard, &account.told(self.system.world()));
        hazard
    }

    /// Whether a line has begun, or a wait for other threads, and has not ended.
    pub(super) fn is_blocked(&self, tid: Tid) -> bool {
        self.system.program(tid).is_some_and(Lines::is_within_line)
    }

    /// Lets a thread go on until its line is done, or it waits, or it ends.
    pub(super) fn run_thread(&mut self, tid: Tid) {
        while self.system.can_go(tid) {
            if !self.take(Transition::Go(tid)) || !self.is_midway(tid) {
                return;
            }
        }
    }

    /// Whether a thread has stopped at a boundary inside a call.
    pub(super) fn is_midway(&self, tid: Tid) -> bool {
        let Some(thread) = self.system.world().thread(tid) else { return false };
        let within = self.system.program(tid).is_some_and(Lines::is_within_line);
        matches!(thread.next, Next::Run(_)) && (within || !thread.stack.is_empty())
    }

    /// What has been sent arrives, completions happen, who waited goes on; oldest first, until nothing more happens.
    pub(super) fn settle(&mut self) {
        while let Some(transition) = self.next_of_itself() {
            let tid = match transition {
                Transition::Go(tid) => Some(tid),
                _ => None,
            };
            if !self.take(transition) {
                self.never_ends();
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
            waits && !self.stopped.contains(tid) && self.system.can_go(*tid)
        });
        let first = waiting.min_by_key(|(tid, thread)| (thread.since.0, *tid));
        first.map(|(tid, _)| Transition::Go(tid))
    }

    /// Time passes to the next deadline where nothing else can happen.
    pub(super) fn time_passes(&mut self) -> bool {
        let passed = self.stopped.is_empty() && self.take(Transition::TimePasses);
        if passed {
            self.settle();
        }
        passed
    }

    pub(super) fn scope(&self, process: usize) -> Scope<'_> {
        Scope {
            script: &self.script,
            names: &self.system.shared,
            world: self.system.world(),
            process,
            locals: &[],
            nested: &[],
        }
    }

    pub(super) fn expect(&mut self, test: &tree::Test, process: usize) {
        let message = match self.scope(process).test(test) {
            Ok((true, _)) => return,
            Ok((false, found)) => format!("the expectation does not hold: {found}"),
            Err(stop) => stopped(stop),
        };
        self.fail_line(test.span, message, None);
    }

    /// The threads of the scenario, without those of providers.
    pub(super) fn threads(&self) -> Vec<(Tid, String)> {
        let world = self.system.world();
        let threads = world.threads().filter(|(_, t)| !matches!(t.role, ThreadRole::Worker(_)));
        threads.map(|(tid, _)| (tid, world.thread_name(tid))).collect()
    }
}
