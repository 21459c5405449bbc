//! What is noted of names: who reads what of others, and what threads share beside the world.

use std::collections::BTreeSet;

use winspi_core::id::{Pid, Tid};

use crate::script::build::Builder;
use crate::script::{Item, walk};
use crate::syntax::tree::{self, ActKind};

impl Builder<'_> {
    /// Notes which names are read across processes, and of which a field is read.
    pub(super) fn note_names(&mut self) {
        let mut fielded = BTreeSet::new();
        for place in 0..self.script.lines.len() {
            let line = &self.script.lines[place];
            let mut paths = walk::paths(&line.call, walk::call);
            if let Some(until) = &line.until {
                paths.extend(walk::paths(until, walk::expectation));
            }
            let mut reads = Vec::new();
            for path in &paths {
                if let (Some(other), Some(tree::PathStep::Field(field))) =
                    (self.script.process(&path.name.text).and_then(Pid::index), path.steps.first())
                    && self.script.callback(other, &field.text).is_none()
                {
                    reads.push((other, field.text.clone()));
                }
            }
            for test in line.expects.iter().chain(&line.when) {
                paths.extend(walk::paths(test, walk::test));
            }
            if let Some(outcome) = line.returns.as_ref().and_then(|returns| returns.outcome.as_ref()) {
                paths.extend(walk::paths(&outcome.expectation, walk::expectation));
            }
            paths.iter().for_each(|path| fielded.extend(fields_of(path)));
            self.script.lines[place].reads = reads;
        }
        let mut tests = Vec::new();
        tests_of(&self.script.setup, &mut tests);
        tests_of(&self.script.items, &mut tests);
        let claims = self.script.at_end.iter().chain(&self.script.always).chain(&self.script.reachable);
        tests.extend(claims.map(|(test, process)| (test, *process)));
        for (test, _) in tests {
            walk::paths(test, walk::test).iter().for_each(|path| fielded.extend(fields_of(path)));
        }
        for callback in &self.script.callbacks {
            for act in &callback.acts {
                let paths = match &act.kind {
                    ActKind::Call(call) => walk::paths(call, walk::call),
                    ActKind::Expect(test) => walk::paths(test, walk::test),
                    ActKind::Return(value) => walk::paths(value, walk::value),
                };
                paths.iter().for_each(|path| fielded.extend(fields_of(path)));
            }
        }
        self.script.fielded = fielded;
    }

    /// Notes what threads share beside the world: names that one binds and another reads.
    pub(super) fn note_contention(&mut self) {
        let mut bound: Vec<(usize, String, Tid)> = Vec::new();
        for line in self.script.lines.iter().filter(|line| !line.setup) {
            bound.extend(line.call.bind.iter().map(|name| (line.process, name.text.clone(), line.thread)));
        }
        for place in 0..self.script.lines.len() {
            let line = &self.script.lines[place];
            let paths = walk::paths(&line.call, walk::call);
            let own = paths.iter().map(|path| (line.process, path.name.text.clone()));
            let read: Vec<_> = own.chain(line.reads.iter().cloned()).collect();
            let mut contends = false;
            for (process, name) in read {
                let binders = bound.iter().filter(|(p, n, _)| *p == process && *n == name);
                if binders.clone().any(|(.., thread)| *thread != line.thread) {
                    // A name of another process is waited for: what is bound once does not change afterwards.
                    contends |= process == line.process || binders.count() > 1;
                    self.script.contended.insert((process, name));
                }
            }
            self.script.lines[place].contends = contends;
        }
    }

    /// Notes the names that count even when their process has ended: those that others and tests read.
    pub(super) fn note_seen_by_others(&mut self) {
        let mut seen = BTreeSet::new();
        for line in &self.script.lines {
            seen.extend(line.reads.iter().filter(|(process, _)| *process != line.process).cloned());
        }
        let of_lines = self
            .script
            .lines
            .iter()
            .flat_map(|line| line.expects.iter().chain(&line.when).map(|test| (test, line.process)));
        let claims = self.script.at_end.iter().chain(&self.script.always).chain(&self.script.reachable);
        let mut tests: Vec<(&tree::Test, usize)> = of_lines.chain(claims.map(|(test, p)| (test, *p))).collect();
        tests_of(&self.script.setup, &mut tests);
        tests_of(&self.script.items, &mut tests);
        let of_returns =
            self.script.lines.iter().filter_map(|line| Some((line, line.returns.as_ref()?.outcome.as_ref()?)));
        let mut paths: Vec<(tree::Path, usize)> = of_returns
            .flat_map(|(line, outcome)| {
                walk::paths(&outcome.expectation, walk::expectation).into_iter().map(|p| (p, line.process))
            })
            .collect();
        for (test, process) in tests {
            paths.extend(walk::paths(test, walk::test).into_iter().map(|path| (path, process)));
        }
        for (path, process) in paths {
            seen.insert((process, path.name.text.clone()));
            let other = self.script.process(&path.name.text).and_then(Pid::index);
            if let (Some(other), Some(tree::PathStep::Field(field))) = (other, path.steps.first()) {
                seen.insert((other, field.text.clone()));
            }
        }
        self.script.seen_by_others = seen;
    }
}

/// The names of which a path asks for a field: its own, or after a process the next one.
fn fields_of(path: &tree::Path) -> Vec<String> {
    let steps = path.steps.iter().filter_map(|step| match step {
        tree::PathStep::Field(field) => Some(field.text.clone()),
        tree::PathStep::Index(_) => None,
    });
    let mut names: Vec<String> = std::iter::once(path.name.text.clone()).chain(steps).collect();
    names.pop();
    names
}

fn tests_of<'s>(items: &'s [Item], out: &mut Vec<(&'s tree::Test, usize)>) {
    for item in items {
        match item {
            Item::Expect(test, process) => out.push((test, *process)),
            Item::Repeat { items, .. } | Item::Any(items) => tests_of(items, out),
            _ => {}
        }
    }
}
