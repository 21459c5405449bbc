//! The end of a run: what still has to hold, and the report.

use winspi_core::id::Tid;
use winspi_core::outcome::{Outcome, Refusal};

use crate::program::Lines;
use crate::question::what_is;
use crate::report::{Mark, Open, Run};
use crate::rest;
use crate::run::runner::Runner;
use crate::schedule::Naming;
use crate::script::shown;
use crate::syntax::tree::{ExpectationKind, Span};

/// Whether an expectation says that the call does not come back now.
pub(super) fn is_blocking(kind: &ExpectationKind) -> bool {
    matches!(kind, ExpectationKind::Blocks | ExpectationKind::BlocksForEver)
}

/// The gap of the model that an outcome names.
pub(super) fn gap_of(outcome: &Outcome) -> Option<String> {
    match &outcome.result {
        Err(Refusal::NotModelled(gap)) => Some(gap.clone()),
        _ => None,
    }
}

impl Runner<'_> {
    pub(super) fn finish(mut self) -> Run {
        self.release_stopped();
        if self.script.schedule.is_none() {
            while self.time_passes() {}
        }
        let script = self.script.clone();
        if self.reordered && self.system.enabled().is_empty() {
            self.check_rest();
        } else if !self.reordered || (self.failures.is_empty() && self.breaches.is_empty()) {
            // A recorded order that ends where it has found something leaves the rest undone.
            self.ask_at_end();
            self.check_blocked();
        }
        if !self.reordered {
            // In other orders they are looked at in every state.
            for violated in self.system.world().check() {
                self.fail(Span::default(), violated.to_string());
            }
        }
        if !self.reordered || self.system.enabled().is_empty() {
            self.check_hazards();
        }
        let leaks = self.system.leaks();
        Run {
            scenario: script.title.clone().unwrap_or_default(),
            about: script.about.clone(),
            passed: self.failures.is_empty() && self.breaches.is_empty() && leaks.is_empty(),
            open: self.open(),
            leaks,
            threads: self.threads(),
            providers: self.system.world().catalog().providers().iter().map(|p| p.name.clone()).collect(),
            naming: Naming::of(self.system.world()),
            rows: self.rows,
            failures: self.failures,
            changes: self.changes,
            marks: script.marks.iter().map(|(number, title)| Mark { number: *number, title: title.clone() }).collect(),
            breaches: self.breaches,
            hazards: self.hazards,
            trace: self.trace,
            grain: self.grain,
            through_lines: !self.system.stop_at_lines,
            setup: self.setup,
        }
    }

    /// A thread that a `step` has stopped, and no line let go on.
    fn release_stopped(&mut self) {
        let stopped: Vec<Tid> = std::mem::take(&mut self.stopped).into_iter().collect();
        for tid in stopped {
            if self.is_midway(tid) {
                self.run_thread(tid);
            }
        }
        if self.script.schedule.is_none() {
            self.settle();
        }
    }

    /// Hazards that the scenario expects, and that were not met.
    fn check_hazards(&mut self) {
        let script = self.script.clone();
        for (kind, span) in &script.hazards {
            if self.hazards.iter().all(|(_, hazard)| hazard.kind != *kind) {
                self.fail(*span, format!("expected the hazard {}, which was not met", kind.name()));
            }
        }
    }

    /// The tests of `at end`. After a fault of which the scenario says nothing they are not asked.
    fn ask_at_end(&mut self) {
        if self.struck {
            return;
        }
        let script = self.script.clone();
        for (test, process) in &script.at_end {
            self.expect(test, *process);
        }
    }

    /// Nothing can happen any more, in another order than the text's: what an exploration asks of such a state.
    fn check_rest(&mut self) {
        self.ask_at_end();
        let script = self.script.clone();
        let threads = rest::threads(&script, &self.system);
        let deadlock = rest::deadlock(&threads).filter(|_| !self.struck);
        if let Some((line, message)) = deadlock {
            let span = script.lines.iter().map(|l| l.span).find(|span| Some(span.line) == line);
            self.fail(span.unwrap_or_default(), message);
            self.mark_blocked();
        }
        for left in rest::left_over(&self.system) {
            self.fail(Span::default(), left);
        }
    }

    /// The rows of calls that have not come back, and should have.
    fn mark_blocked(&mut self) {
        let threads: Vec<Tid> = self.system.programs().map(|(tid, _)| tid).collect();
        for tid in threads.into_iter().filter(|tid| self.is_blocked(*tid)).collect::<Vec<_>>() {
            let line = self.system.program(tid).and_then(Lines::line);
            let blocked = line.filter(|line| !rest::may_block(&self.script, *line)).and(self.current.get(&tid));
            if let Some(row) = blocked {
                self.rows[*row].held = false;
                self.rows[*row].blocked = true;
            }
        }
    }

    /// Who is blocked, and should not be.
    fn check_blocked(&mut self) {
        let script = self.script.clone();
        let threads: Vec<Tid> = self.system.programs().map(|(tid, _)| tid).collect();
        for tid in threads.into_iter().filter(|tid| self.is_blocked(*tid)).collect::<Vec<_>>() {
            let name = self.system.world().thread_name(tid);
            let program = self.system.program(tid);
            if let Some(sync) = program.and_then(Lines::sync).and_then(|sync| script.syncs.get(sync)) {
                self.fail(sync.span, format!("{name} still waits at `sync {}` at the end", sync.name));
                continue;
            }
            let (Some(&row), line) = (self.current.get(&tid), program.and_then(Lines::line)) else { continue };
            let expected = line.and_then(|l| script.lines[l].call.outcome.as_deref());
            // In text order `returns` has said so itself.
            let returns = self.reordered && line.is_some_and(|l| script.lines[l].returns.is_some());
            if returns || !expected.is_some_and(|o| is_blocking(&o.expectation.kind)) {
                let span = line.map_or(Span::default(), |l| script.lines[l].span);
                self.rows[row].held = false;
                self.rows[row].blocked = true;
                let text = self.rows[row].text.clone();
                self.fail(span, format!("{name} is still blocked at the end, in {text}"));
            }
        }
    }

    /// What is open at the end.
    fn open(&self) -> Vec<Open> {
        let world = self.system.world();
        let mut open = Vec::new();
        for (place, process) in world.processes().enumerate().filter(|(_, p)| p.runs()) {
            for (handle, slot) in process.handles.iter() {
                let seen = process.descriptors.like(handle);
                let value = seen.map_or(handle, |d| d.handle);
                let names = self.system.shared.of_number(place, value.0.cast_signed());
                open.push(Open {
                    process: process.name.clone(),
                    handle: value.to_string(),
                    names: names.map(shown).collect(),
                    what: what_is(world, process.pid, handle, slot),
                });
            }
        }
        open
    }
}
