//! The text order: one statement after the other.

use winspi_core::Transition;
use winspi_core::id::Tid;

use crate::expect::describe;
use crate::program::Lines;
use crate::run::MOST;
use crate::run::end::{gap_of, is_blocking};
use crate::run::runner::Runner;
use crate::script::Item;
use crate::syntax::tree::{self, Span};

impl Runner<'_> {
    /// Statements in text order. False where the scenario cannot go on.
    pub(super) fn items(&mut self, items: &[Item]) -> bool {
        for item in items {
            self.statements += 1;
            if self.statements > MOST {
                self.never_ends();
                return false;
            }
            let goes_on = match item {
                Item::Line(line) => self.line(*line),
                Item::Returns { thread, outcome, span } => {
                    self.returns(*thread, outcome.as_ref(), *span);
                    true
                }
                Item::Sync { thread, sync, span } => self.sync(*thread, *sync, *span),
                Item::Expect(test, process) => {
                    self.expect(test, *process);
                    true
                }
                Item::World { world, process, span } => self.world(world, *process, *span),
                Item::Any(items) => self.any(items),
                Item::Repeat { times, items } => (0..*times).all(|_| self.items(items)),
            };
            if !goes_on {
                return false;
            }
        }
        true
    }

    /// `repeat any` in text order: once each line that can be taken, with the lowest handles that fit.
    fn any(&mut self, items: &[Item]) -> bool {
        let script = self.script.clone();
        for item in items {
            let Item::Line(place) = item else {
                // What is expected behind a line is asked where that line was taken.
                continue;
            };
            let line = &script.lines[*place];
            if !self.is_free(line.thread, line.span) {
                return false;
            }
            let Some(program) = self.system.program(line.thread).cloned() else { continue };
            let mut choices = self.system.choices(line.thread).into_iter();
            let Some(choice) = choices.find(|choice| program.line_of(choice) == Some(*place)) else { continue };
            if !self.take(Transition::Choose { thread: line.thread, choice }) {
                self.never_ends();
                return false;
            }
            if self.is_midway(line.thread) {
                self.run_thread(line.thread);
            }
            self.settle();
            if !self.after_line(*place) {
                return false;
            }
            for test in &line.expects {
                self.expect(test, line.process);
            }
        }
        true
    }

    /// One line in text order. False where the scenario cannot go on.
    fn line(&mut self, place: usize) -> bool {
        let script = self.script.clone();
        let line = &script.lines[place];
        let tid = line.thread;
        if self.ahead.get(&tid).and_then(|lines| lines.front()) == Some(&place) {
            return self.line_ahead(place);
        }
        if !self.is_free(tid, line.span) {
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
        loop {
            self.run_thread(tid);
            self.settle();
            if !self.begins_again(tid, place) {
                break;
            }
            if self.trace.len() >= MOST {
                self.never_ends();
                return false;
            }
        }
        self.after_line(place)
    }

    /// Whether the thread's process was started, and the thread is not suspended.
    fn has_begun(&self, tid: Tid) -> bool {
        let world = self.system.world();
        world.running(tid.process).is_some() && world.thread(tid).is_some_and(|t| t.suspended == 0)
    }

    /// Whether the line of a `repeat until` comes once more.
    fn begins_again(&self, tid: Tid, place: usize) -> bool {
        self.system.program(tid).is_some_and(Lines::repeats) && self.begins_line(tid) == Some(place)
    }

    /// The text has come to a line that a `step` has begun: it goes on to its end.
    fn line_ahead(&mut self, place: usize) -> bool {
        let script = self.script.clone();
        let tid = script.lines[place].thread;
        let lines = self.ahead.entry(tid).or_default();
        lines.pop_front();
        if !lines.is_empty() {
            // It is over: a `step` has begun the next one, too.
            return true;
        }
        self.stopped.remove(&tid);
        if self.is_midway(tid) {
            self.run_thread(tid);
        }
        self.settle();
        self.after_line(place)
    }

    /// What there is to say when a line is over, or blocked.
    fn after_line(&mut self, place: usize) -> bool {
        let script = self.script.clone();
        let line = &script.lines[place];
        let Some(&row) = self.current.get(&line.thread) else { return true };
        let blocks = line.call.outcome.as_ref().is_some_and(|o| is_blocking(&o.expectation.kind));
        if self.is_blocked(line.thread) {
            self.rows[row].blocked = true;
        } else if blocks {
            let found = self.rows[row].outcome.as_ref().map_or("its end".to_owned(), describe);
            let gap = self.rows[row].outcome.as_ref().and_then(gap_of);
            self.rows[row].held = false;
            let message = format!("{}: expected the call to block, found {found}", self.rows[row].text);
            self.fail_by(line.span, message, gap);
        }
        // A line that could not be made a call leaves its name unbound: what follows would only repeat that.
        self.finished.get(&row).is_none_or(|finished| finished.call.is_some())
    }

    /// Whether a thread can begin something; it is a failure otherwise.
    fn is_free(&mut self, tid: Tid, span: Span) -> bool {
        while self.is_blocked(tid) && self.time_passes() {}
        if self.is_blocked(tid) {
            let message = self.where_blocked(tid);
            self.fail(span, message);
            return false;
        }
        true
    }

    /// Where a thread is blocked.
    pub(super) fn where_blocked(&self, tid: Tid) -> String {
        let name = self.system.world().thread_name(tid);
        let program = self.system.program(tid);
        match program.and_then(Lines::sync).and_then(|sync| self.script.syncs.get(sync)) {
            Some(sync) => format!("{name} still waits at `sync {}`", sync.name),
            None => {
                let line = program.and_then(Lines::line).map_or(0, |line| self.script.lines[line].span.line);
                format!("{name} is still blocked in line {line}")
            }
        }
    }

    /// `WHO: sync NAME`
    fn sync(&mut self, tid: Tid, sync: usize, span: Span) -> bool {
        if !self.is_free(tid, span) {
            return false;
        }
        if self.system.program(tid).and_then(Lines::sync) != Some(sync) {
            let name = self.system.world().thread_name(tid);
            self.fail(span, format!("{name} has ended"));
            return false;
        }
        if self.system.can_go(tid) {
            self.take(Transition::Go(tid));
        }
        self.settle();
        true
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
        let (Some(call), Some(outcome)) = (finished.call, finished.outcome) else { return };
        let process = tid.process.index().unwrap_or(0);
        let failure = self.scope(process).check(&call, &outcome, expected).err();
        if let Some(failure) = failure {
            self.rows[row].held = false;
            self.fail_by(span, failure, gap_of(&outcome));
        }
    }
}
