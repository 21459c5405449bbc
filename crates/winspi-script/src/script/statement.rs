//! Statements: lines go to their threads, all others into the order of the text.

use winspi_core::event::HazardKind;
use winspi_core::id::Tid;
use winspi_core::signature::{Function, Home};

use crate::script::build::Builder;
use crate::script::{Item, Line, Returns, Sync, nearest};
use crate::syntax::tree::{self, ActKind, Action, Claim, ExpectationKind, RepeatUntil, StatementKind};

/// How often `repeat N` can go round.
const MOST_ROUNDS: u32 = 1_000_000;

impl Builder<'_> {
    /// Statements in text order.
    pub(super) fn items(&mut self, statements: &[tree::Statement]) -> Vec<Item> {
        let mut items = Vec::new();
        for statement in statements {
            self.statement(statement, &mut items);
        }
        items
    }

    fn statement(&mut self, statement: &tree::Statement, out: &mut Vec<Item>) {
        match &statement.kind {
            StatementKind::Thread(line) => self.thread_line(line, statement.span, out),
            StatementKind::Expect(test) => self.expect(test, out),
            StatementKind::AtEnd(block) => {
                for inner in &block.items {
                    match &inner.kind {
                        StatementKind::Expect(test) => self.script.at_end.push((test.clone(), self.who)),
                        _ => self.error(inner.span, "at the end there is nothing but `expect`", None),
                    }
                }
            }
            StatementKind::Claim(Claim::Always(test)) => self.script.always.push((test.clone(), self.who)),
            StatementKind::Claim(Claim::Reachable(test)) => self.script.reachable.push((test.clone(), self.who)),
            StatementKind::Claim(Claim::FinallyNoLeaks) => self.script.no_leaks = true,
            StatementKind::Claim(Claim::Hazard(name)) => self.hazard(name),
            StatementKind::Callback(callback) => {
                // Those of the file and of cases are declared by now; an unknown process was told then.
                let process = self.script.processes.iter().position(|p| p.name == callback.process.text);
                if process.is_some_and(|p| self.script.callback(p, &callback.name.text).is_none()) {
                    self.error(statement.span, "functions that are called back are declared outside of blocks", None);
                }
            }
            StatementKind::Repeat(repeat) => self.repeat(repeat, statement.span, out),
            StatementKind::World(world) => self.world(world, statement.span, out),
        }
    }

    fn hazard(&mut self, name: &tree::Name) {
        let known = HazardKind::ALL.map(HazardKind::name);
        match HazardKind::named(&name.text) {
            Some(kind) => self.script.hazards.push((kind, name.span)),
            None => {
                let near = nearest(&name.text, known).unwrap_or_else(|| format!("they are {}", known.join(", ")));
                self.error(name.span, format!("no hazard is called `{name}`"), Some(near));
            }
        }
    }

    fn expect(&mut self, test: &tree::Test, out: &mut Vec<Item>) {
        if let Some(last) = self.last {
            self.script.lines[last].expects.push(test.clone());
        }
        out.push(Item::Expect(test.clone(), self.who));
    }

    fn repeat(&mut self, repeat: &tree::Repeat, span: tree::Span, out: &mut Vec<Item>) {
        match &repeat.until {
            RepeatUntil::Times(number) => {
                let times = u32::try_from(number.value).ok().filter(|n| *n <= MOST_ROUNDS);
                let Some(times) = times else {
                    self.error(span, format!("`repeat` goes round 0 to {MOST_ROUNDS} times"), None);
                    return;
                };
                let items = self.items(&repeat.block.items);
                out.push(Item::Repeat { times, items });
            }
            RepeatUntil::Any => self.repeat_any(&repeat.block, span, out),
            RepeatUntil::Outcome(until) => {
                if matches!(until.kind, ExpectationKind::Blocks | ExpectationKind::BlocksForEver) {
                    self.error(until.span, "a call that blocks has no outcome to repeat until", None);
                }
                let before = self.script.lines.len();
                let items = self.items(&repeat.block.items);
                match items.as_slice() {
                    [Item::Line(line)] if *line == before => self.script.lines[before].until = Some(until.clone()),
                    _ => self.error(span, "`repeat until` has one statement, a call", None),
                }
                out.extend(items);
            }
        }
    }

    fn world(&mut self, world: &tree::World, span: tree::Span, out: &mut Vec<Item>) {
        let mut processes: Vec<&tree::Name> = Vec::new();
        match world {
            tree::World::Kill(name) => processes.push(name),
            tree::World::Bus { message, .. } => processes.extend([&message.from, &message.to]),
            tree::World::Deliver { process, .. } | tree::World::Lose { process, .. } => processes.push(process),
            tree::World::Step { who, to } => {
                if self.thread_of(who).is_none() {
                    return;
                }
                if let Some(to) = to
                    && Function::named(&to.text).is_none()
                {
                    self.unknown_function(to);
                }
            }
            tree::World::Fault { name, arguments } => {
                let problem = crate::around::check_fault(&self.script, name, arguments.as_deref());
                if let Err((at, message, near)) = problem {
                    self.error(at, message, near);
                }
            }
            tree::World::Advance(_) | tree::World::Hold(_) | tree::World::Release(_) | tree::World::ClearFaults => {}
        }
        for name in processes {
            if self.script.process(&name.text).is_none() {
                self.unknown_process(name);
            }
        }
        out.push(Item::World { world: world.clone(), process: self.who, span });
        self.last = None;
    }

    /// The thread of a WHO, or an error.
    fn thread_of(&mut self, who: &tree::Who) -> Option<(usize, Tid)> {
        let found = self.script.thread(who);
        if found.is_none() {
            match self.script.processes.iter().find(|p| p.name == who.process.text) {
                None => self.unknown_process(&who.process),
                Some(process) => {
                    let near =
                        who.thread.as_ref().and_then(|t| nearest(&t.text, process.threads.iter().map(String::as_str)));
                    let message = format!("process `{}` has no such thread; declare it with `thread`", process.name);
                    self.error(who.span, message, near);
                }
            }
        }
        found
    }

    fn thread_line(&mut self, line: &tree::ThreadLine, span: tree::Span, out: &mut Vec<Item>) {
        let Some((process, thread)) = self.thread_of(&line.who) else { return };
        self.who = process;
        match &line.action {
            Action::Call(call) if self.is_define(&call.function.text) => {
                for act in self.expand_call(call, 0) {
                    match act.kind {
                        ActKind::Call(call) => self.call(thread, process, call, span, out),
                        ActKind::Expect(test) => self.expect(&test, out),
                        ActKind::Return(_) => {}
                    }
                }
            }
            Action::Call(call) => self.call(thread, process, call.clone(), span, out),
            Action::When(call, tests) => self.when(thread, process, call, tests, span, out),
            Action::Returns(outcome) => {
                let outcome = outcome.as_deref().cloned();
                if let Some(line) = self.script.lines.iter_mut().rev().find(|line| line.thread == thread) {
                    line.returns = Some(Returns { outcome: outcome.clone(), span });
                }
                out.push(Item::Returns { thread, outcome, span });
            }
            Action::Sync(name) => {
                let place = match self.script.syncs.iter().position(|s| s.name == name.text) {
                    Some(place) => place,
                    None => {
                        self.script.syncs.push(Sync { name: name.text.clone(), threads: Vec::new(), span: name.span });
                        self.script.syncs.len() - 1
                    }
                };
                let threads = &mut self.script.syncs[place].threads;
                if !threads.contains(&thread) {
                    threads.push(thread);
                }
                out.push(Item::Sync { thread, sync: place, span });
            }
        }
    }

    /// `WHO: ... when TEST`
    fn when(
        &mut self,
        thread: Tid,
        process: usize,
        call: &tree::Call,
        tests: &[tree::Test],
        span: tree::Span,
        out: &mut Vec<Item>,
    ) {
        if !self.in_any {
            self.error(span, "only a line of a `repeat any` has `when`", None);
        } else if self.is_define(&call.function.text) {
            self.error(span, "the use of a `define` has no `when`", None);
        } else {
            self.call(thread, process, call.clone(), span, out);
            if let (Some(line), true) = (self.script.lines.last_mut(), out.last().is_some()) {
                line.when = tests.to_vec();
            }
        }
    }

    fn call(&mut self, thread: Tid, process: usize, call: tree::Call, span: tree::Span, out: &mut Vec<Item>) {
        let Some(function) = self.function_of(&call) else { return };
        if let Some(provider) = &call.provider
            && function.home() != Home::Upcall
        {
            self.error(provider.span, "only an upcall (WPU*) is made `as` a provider", None);
        }
        let picks = self.open_handles(&call);
        let (mark, setup) = (self.mark, self.setup);
        self.script.lines.push(Line {
            thread,
            process,
            call,
            function,
            span,
            mark,
            setup,
            expects: Vec::new(),
            returns: None,
            reads: Vec::new(),
            contends: false,
            until: None,
            when: Vec::new(),
            picks,
        });
        let place = self.script.lines.len() - 1;
        self.last = Some(place);
        out.push(Item::Line(place));
    }

    /// Parameters that do not exist, and arguments that are too many.
    pub(super) fn check_arguments(&mut self, function: Function, call: &tree::Call) {
        let parameters = function.declaration().parameters;
        let positional = parameters.iter().filter(|p| p.positional).count();
        for (place, argument) in call.arguments.iter().enumerate() {
            match &argument.name {
                Some(name) if !parameters.iter().any(|p| p.name == name.text || p.page_name == name.text) => {
                    let near = nearest(&name.text, parameters.iter().map(|p| p.name));
                    let names: Vec<_> = parameters.iter().map(|p| p.name).collect();
                    let has = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                    let message = format!("{function} has no parameter `{name}`; it has {has}");
                    self.error(name.span, message, near);
                }
                None if place >= positional => {
                    let message = format!("{function} takes {positional} arguments by position");
                    self.error(argument.span, message, None);
                }
                None => {}
                Some(_) => {}
            }
        }
    }
}
