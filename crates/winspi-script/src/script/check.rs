//! Names that nothing can mean: neither bound anywhere, nor a constant, process, layer or callback.

use std::collections::BTreeSet;

use winspi_core::Clause;
use winspi_core::policy::{DECLARED, Decision};

use crate::script::build::MOST;
use crate::script::{Item, ObjectKind, Pick, Script, constant_of, error, nearest, shown};
use crate::syntax::Diagnostic;
use crate::syntax::tree::{self, ActKind, CallbackKind, ExpectationKind, ExpectedKind, PathStep, ValueKind};

/// The value forms of the language: names that are followed by arguments and are no functions.
pub(crate) const FORMS: [&str; 7] = ["bytes", "buffer", "filled", "sockaddr", "first", "where", "some"];

/// The questions that a test may ask.
pub(crate) const QUESTIONS: [&str; 7] = ["socket", "descriptor", "handles", "running", "event", "every", "objects"];

/// Checks all names of a scenario.
pub(super) fn names(script: &Script, text: &str, errors: &mut Vec<Diagnostic>) {
    let mut bound = vec![BTreeSet::new(); script.processes.len()];
    for line in &script.lines {
        bound[line.process].extend(line.call.bind.as_ref().map(|b| b.text.as_str()));
    }
    for callback in &script.callbacks {
        for act in &callback.acts {
            if let ActKind::Call(tree::Call { bind: Some(bind), .. }) = &act.kind {
                bound[callback.process].insert(bind.text.as_str());
            }
        }
    }
    let mut check = Check { script, text, errors, bound, locals: &[], chosen: &[] };
    for line in &script.lines {
        check.call(&line.call, line.process);
        if let Some(until) = &line.until {
            check.expectation(until, line.process);
        }
        check.chosen = &line.picks;
        line.when.iter().for_each(|test| check.test(test, line.process));
        check.chosen = &[];
    }
    check.items(&script.setup);
    check.items(&script.items);
    for (test, process) in script.at_end.iter().chain(&script.always).chain(&script.reachable) {
        check.test(test, *process);
    }
    for callback in &script.callbacks {
        check.locals = match callback.kind {
            CallbackKind::Condition => &CONDITION,
            CallbackKind::Callback => &ROUTINE,
            CallbackKind::Hook => &["context"],
        };
        for act in &callback.acts {
            match &act.kind {
                ActKind::Return(value) => {
                    check.answer(value, callback.kind);
                    check.value(value, callback.process, Place::Argument);
                }
                ActKind::Expect(test) => check.test(test, callback.process),
                ActKind::Call(call) => check.call(call, callback.process),
            }
        }
        check.locals = &[];
    }
}

/// What a condition function gives back: the fields of its answer.
const ANSWER: [&str; 3] = ["value", "callee_data", "group"];

/// What a condition function sees.
const CONDITION: [&str; 8] =
    ["caller_id", "caller_data", "callee_id", "callee_data", "group", "callback_data", "sqos", "gqos"];

/// What a completion routine or APC sees.
const ROUTINE: [&str; 5] = ["error", "transferred", "overlapped", "flags", "context"];

/// Where a value stands: only arguments make calls, only tests ask questions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Argument,
    Expected,
    Test,
}

struct Check<'a> {
    script: &'a Script,
    text: &'a str,
    errors: &'a mut Vec<Diagnostic>,
    /// What the lines and callbacks of each process bind.
    bound: Vec<BTreeSet<&'a str>>,
    /// Names that a callback sees.
    locals: &'static [&'static str],
    /// The handles that are chosen for the line.
    chosen: &'a [Pick],
}

impl Check<'_> {
    fn error(&mut self, span: tree::Span, message: String, near: Option<String>) {
        if !self.is_enough() {
            self.errors.push(error(self.text, span, message, near));
        }
    }

    /// Whether nobody is told of more errors.
    fn is_enough(&self) -> bool {
        self.errors.len() >= MOST
    }

    /// The answer of a callback: only a condition has out parameters.
    fn answer(&mut self, value: &tree::Value, kind: CallbackKind) {
        let ValueKind::Struct(fields) = &value.ungrouped().kind else { return };
        if kind != CallbackKind::Condition {
            self.error(value.span, "only a condition returns a structure".to_owned(), None);
            return;
        }
        for field in fields {
            let name = &field.field.name;
            if !ANSWER.contains(&name.text.as_str()) {
                let message = format!("a condition returns no `{name}`; it returns {}", ANSWER.join(", "));
                self.error(field.span, message, nearest(&name.text, ANSWER));
            }
        }
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Line(_) | Item::Sync { .. } => {}
                Item::Returns { thread, outcome, .. } => {
                    if let Some(outcome) = outcome {
                        self.outcome(outcome, thread.process.index().unwrap_or(0));
                    }
                }
                Item::Expect(test, process) => self.test(test, *process),
                Item::World { world, process, .. } => self.world(world, *process),
                Item::Repeat { items, .. } | Item::Any(items) => self.items(items),
            }
        }
    }

    fn world(&mut self, world: &tree::World, who: usize) {
        match world {
            tree::World::Deliver { process, socket } | tree::World::Lose { process, socket } => {
                if let Some(process) = self.script.process(&process.text).and_then(|pid| pid.index()) {
                    self.bound_name(socket, process);
                }
            }
            tree::World::Fault { arguments, .. } => {
                for argument in arguments.iter().flatten().filter(|a| a.name.is_some()) {
                    self.value(&argument.value, who, Place::Expected);
                }
            }
            _ => {}
        }
    }

    fn bound_name(&mut self, name: &tree::Name, process: usize) {
        if !self.bound[process].contains(name.as_str()) && !self.is_enough() {
            let near = nearest(&name.text, self.bound[process].iter().copied());
            let message = format!("nothing in process `{}` is called `{name}`", self.script.processes[process].name);
            self.error(name.span, message, near);
        }
    }

    fn call(&mut self, call: &tree::Call, process: usize) {
        for argument in &call.arguments {
            self.value(&argument.value, process, Place::Argument);
        }
        if let Some(bind) = &call.bind {
            self.may_be_bound(bind);
        }
        if let Some(provider) = &call.provider {
            self.party(provider, &[]);
        }
        if let Some(outcome) = &call.outcome {
            self.outcome(outcome, process);
        }
    }

    fn may_be_bound(&mut self, name: &tree::Name) {
        let taken = if self.script.process(&name.text).is_some() {
            "a process"
        } else if constant_of(&name.text).is_some() {
            "a constant"
        } else {
            return;
        };
        self.error(name.span, format!("`{name}` is {taken} and cannot be bound"), None);
    }

    /// A provider, or one of these others. The layers of an arrangement are known when it runs.
    fn party(&mut self, name: &tree::Name, others: &[&str]) {
        let layers = self.script.layers.iter().map(|l| l.name.as_str());
        let known: Vec<&str> = layers.chain(["base"]).chain(others.iter().copied()).collect();
        let of_arrangement =
            name.text.strip_prefix("layer").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()) && !n.is_empty());
        if !known.contains(&name.as_str()) && !of_arrangement && !self.is_enough() {
            let near = nearest(&name.text, known);
            self.error(name.span, format!("no provider is called `{name}`"), near);
        }
    }

    fn outcome(&mut self, outcome: &tree::Outcome, process: usize) {
        self.expectation(&outcome.expectation, process);
        if let Some(by) = &outcome.by
            && Clause::find(&by.text).is_none()
            && Decision::find(&by.text).is_none()
            && !self.is_enough()
        {
            let clauses = Clause::all().map(Clause::id);
            let near = nearest(&by.text, clauses.chain(DECLARED.iter().map(|d| d.id)));
            self.error(by.span, format!("no clause or decision is called `{by}`"), near);
        }
        if let Some(from) = &outcome.from {
            self.party(from, &["Ws2_32", "system", "program"]);
        }
    }

    fn expectation(&mut self, expectation: &tree::Expectation, process: usize) {
        match &expectation.kind {
            ExpectationKind::AsValue(v) | ExpectationKind::Compare(_, v) | ExpectationKind::Value(v) => {
                self.value(v, process, Place::Expected);
            }
            ExpectationKind::OneOf(list) => list.iter().for_each(|e| self.expectation(e, process)),
            ExpectationKind::Record(fields) => self.record(fields, process),
            ExpectationKind::Each(items) => items.iter().for_each(|e| self.expected(e, process)),
            ExpectationKind::Ok
            | ExpectationKind::Any
            | ExpectationKind::Pending
            | ExpectationKind::Fails(_)
            | ExpectationKind::Blocks
            | ExpectationKind::BlocksForEver => {}
        }
    }

    fn record(&mut self, fields: &[tree::ExpectedField], process: usize) {
        for field in fields {
            if let Some(index) = &field.field.index {
                self.value(index, process, Place::Expected);
            }
            self.expected(&field.expected, process);
        }
    }

    fn expected(&mut self, expected: &tree::Expected, process: usize) {
        match &expected.kind {
            ExpectedKind::Untouched => {}
            ExpectedKind::OneOf(list) => list.iter().for_each(|e| self.expectation(e, process)),
            ExpectedKind::Record(fields) => self.record(fields, process),
            ExpectedKind::Each(items) => items.iter().for_each(|e| self.expected(e, process)),
            ExpectedKind::Value(value) => self.value(value, process, Place::Expected),
        }
    }

    fn test(&mut self, test: &tree::Test, process: usize) {
        self.value(&test.left, process, Place::Test);
        if let Some(right) = &test.right {
            match &right.operand {
                tree::Operand::Value(value) => self.value(value, process, Place::Test),
                tree::Operand::OneOf(list) => list.iter().for_each(|e| self.expectation(e, process)),
            }
        }
    }

    fn value(&mut self, value: &tree::Value, process: usize, place: Place) {
        match &value.kind {
            ValueKind::List(items) | ValueKind::Or(items) | ValueKind::And(items) => {
                items.iter().for_each(|item| self.value(item, process, place));
            }
            ValueKind::Struct(fields) => {
                fields.iter().for_each(|field| self.value(&field.value, process, place));
            }
            ValueKind::With { value, changes } => {
                self.value(value, process, place);
                changes.iter().for_each(|change| self.value(&change.value, process, place));
            }
            ValueKind::Group(inner) => self.value(inner, process, place),
            ValueKind::Path(path) => self.path(path, process, place),
            _ => {}
        }
    }

    fn path(&mut self, path: &tree::Path, process: usize, place: Place) {
        let name = path.name.text.as_str();
        for step in &path.steps {
            if let PathStep::Index(index) = step {
                self.value(index, process, place);
            }
        }
        if let Some(arguments) = &path.arguments {
            let known = FORMS.contains(&name)
                || (place == Place::Test && QUESTIONS.contains(&name))
                || (place == Place::Argument && super::function(name).is_some());
            if !known && !self.is_enough() {
                let functions = winspi_core::signature::Function::all().map(|f| f.declaration().name);
                let near = nearest(name, FORMS.into_iter().chain(QUESTIONS).chain(functions));
                let message = if super::function(name).is_some() {
                    format!("`{name}` cannot be called here: only statements and their arguments make calls")
                } else if QUESTIONS.contains(&name) {
                    format!("`{name}(...)` is a question: only `expect` and the like ask it")
                } else {
                    format!("nothing is called `{name}(...)`")
                };
                self.error(path.name.span, message, near.filter(|near| !near.contains(&format!("`{name}`"))));
            }
            match name {
                // What it takes is no value; the lines have looked at it.
                "some" => {}
                "objects" => {
                    if !matches!(arguments.as_slice(), [kind] if ObjectKind::of(&kind.value).is_some()) {
                        let kinds = ObjectKind::ALL.map(|(name, _)| name).join(", ");
                        let message = format!("`objects` takes what is counted: {kinds}");
                        self.error(path.name.span, message, None);
                    }
                }
                _ => arguments.iter().for_each(|argument| self.value(&argument.value, process, place)),
            }
            return;
        }
        if let Some(other) = self.script.process(name).and_then(|pid| pid.index()) {
            if let Some(PathStep::Field(field)) = path.steps.first()
                && self.script.callback(other, &field.text).is_none()
            {
                self.bound_name(field, other);
            }
            return;
        }
        let Some(own) = self.bound.get(process) else {
            if constant_of(name).is_none() {
                self.error(path.name.span, format!("`{name}` is bound nowhere: there is no process"), None);
            }
            return;
        };
        let known = own.contains(name)
            || constant_of(name).is_some()
            || self.locals.contains(&name)
            || self.chosen.iter().any(|pick| pick.name.as_deref() == Some(name))
            || self.script.layers.iter().any(|l| l.name == name)
            || name == "base"
            || self.script.callback(process, name).is_some();
        if !known && shown(name) != name {
            let message = format!("`{}` is no parameter of the `define`, and it does not bind it", shown(name));
            self.error(path.name.span, message, None);
        } else if !known && !self.is_enough() {
            let constants = winspi_types::constant_names().chain(winspi_types::ErrorCode::names());
            let names: Vec<String> = own.iter().map(|n| n.to_string()).chain(constants.map(str::to_owned)).collect();
            let near = nearest(name, names.iter().map(String::as_str));
            let message = format!("`{name}` is bound nowhere in process `{}`", self.script.processes[process].name);
            self.error(path.name.span, message, near);
        }
    }
}
