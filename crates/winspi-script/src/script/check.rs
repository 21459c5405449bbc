//! Names that nothing can mean: neither bound anywhere, nor a constant, process, layer or callback.

use crate::script::{Script, constant_of, error, nearest};
use crate::syntax::Diagnostic;
use crate::syntax::tree::{self, PathStep, ValueKind};

/// The value forms of the language: names that are followed by arguments and are no functions.
pub(crate) const FORMS: [&str; 5] = ["bytes", "buffer", "filled", "sockaddr", "first"];

/// The questions that a test may ask.
pub(crate) const QUESTIONS: [&str; 6] = ["socket", "descriptor", "handles", "running", "event", "every"];

/// Checks all names of a scenario.
pub(crate) fn names(script: &Script, text: &str, errors: &mut Vec<Diagnostic>) {
    let mut check = Check { script, text, errors, extra: Vec::new() };
    for line in &script.lines {
        for argument in &line.call.arguments {
            check.value(&argument.value, line.process, false);
        }
        if let Some(bind) = &line.call.bind {
            check.bound(bind);
        }
        for test in &line.expects {
            check.test(test, line.process);
        }
    }
    for (test, process) in script.at_end.iter().chain(&script.always).chain(&script.reachable) {
        check.test(test, *process);
    }
    for callback in &script.callbacks {
        check.extra = ["caller_id", "caller_data", "callee_id", "callee_data", "group", "callback_data"]
            .map(String::from)
            .to_vec();
        for act in &callback.acts {
            match &act.kind {
                tree::ActKind::Return(value) => check.value(value, callback.process, false),
                tree::ActKind::Expect(test) => check.test(test, callback.process),
                tree::ActKind::Call(call) => {
                    for argument in &call.arguments {
                        check.value(&argument.value, callback.process, false);
                    }
                }
            }
        }
        check.extra = Vec::new();
    }
}

struct Check<'a> {
    script: &'a Script,
    text: &'a str,
    errors: &'a mut Vec<Diagnostic>,
    /// Names that a callback sees.
    extra: Vec<String>,
}

impl Check<'_> {
    fn bound(&mut self, name: &tree::Name) {
        let script = self.script;
        let taken = if script.processes.iter().any(|p| p.name == name.text) {
            "a process"
        } else if constant_of(&name.text).is_some() {
            "a constant"
        } else {
            return;
        };
        self.errors.push(error(self.text, name.span, format!("`{name}` is {taken} and cannot be bound"), None));
    }

    fn test(&mut self, test: &tree::Test, process: usize) {
        self.value(&test.left, process, true);
        if let Some(right) = &test.right {
            match &right.operand {
                tree::Operand::Value(value) => self.value(value, process, true),
                tree::Operand::OneOf(_) => {}
            }
        }
    }

    fn value(&mut self, value: &tree::Value, process: usize, question: bool) {
        match &value.kind {
            ValueKind::List(items) | ValueKind::Or(items) | ValueKind::And(items) => {
                for item in items {
                    self.value(item, process, question);
                }
            }
            ValueKind::Struct(fields) => {
                for field in fields {
                    self.value(&field.value, process, question);
                }
            }
            ValueKind::With { value, changes } => {
                self.value(value, process, question);
                for change in changes {
                    self.value(&change.value, process, question);
                }
            }
            ValueKind::Group(inner) => self.value(inner, process, question),
            ValueKind::Path(path) => self.path(path, process, question),
            _ => {}
        }
    }

    fn path(&mut self, path: &tree::Path, process: usize, question: bool) {
        let name = path.name.text.as_str();
        if let Some(arguments) = &path.arguments {
            let known = if question { QUESTIONS.contains(&name) } else { false }
                || FORMS.contains(&name)
                || super::function(name).is_some();
            if !known {
                let functions = winspi_core::signature::Function::all().map(|f| f.declaration().name);
                let near = nearest(name, FORMS.into_iter().chain(QUESTIONS).chain(functions));
                self.errors.push(error(self.text, path.name.span, format!("nothing is called `{name}(...)`"), near));
            }
            for argument in arguments {
                self.value(&argument.value, process, question);
            }
            return;
        }
        let script = self.script;
        if let Some(other) = script.processes.iter().position(|p| p.name == name) {
            if let Some(PathStep::Field(field)) = path.steps.first() {
                if !self.is_bound(other, &field.text) {
                    let near = nearest(&field.text, self.bound_in(other));
                    let message = format!("nothing in process `{name}` is called `{field}`");
                    self.errors.push(error(self.text, field.span, message, near));
                }
            }
            return;
        }
        let known = self.is_bound(process, name)
            || constant_of(name).is_some()
            || self.extra.iter().any(|n| n == name)
            || script.layers.iter().any(|l| l.name == name)
            || name == "base"
            || script.callback(process, name).is_some();
        if !known {
            let constants = winspi_types::constant_names().chain(winspi_types::ErrorCode::names());
            let names = self.bound_in(process).into_iter().map(str::to_owned).chain(constants.map(str::to_owned));
            let names: Vec<String> = names.collect();
            let near = nearest(name, names.iter().map(String::as_str));
            let message = format!("`{name}` is bound nowhere in process `{}`", script.processes[process].name);
            self.errors.push(error(self.text, path.name.span, message, near));
        }
    }

    fn bound_in(&self, process: usize) -> Vec<&str> {
        let lines = self.script.lines.iter().filter(|l| l.process == process);
        lines.filter_map(|l| l.call.bind.as_ref().map(|b| b.text.as_str())).collect()
    }

    fn is_bound(&self, process: usize, name: &str) -> bool {
        self.bound_in(process).contains(&name)
            || self.script.callbacks.iter().filter(|c| c.process == process).any(|c| {
                c.acts.iter().any(|act| {
                    matches!(&act.kind, tree::ActKind::Call(call) if call.bind.as_ref().is_some_and(|b| b.text == name))
                })
            })
    }
}
