//! A live run as a scenario.
//!
//! [`calls`] finds the calls of the run in its transitions, [`names`] knows what everything is called, [`values`] turns
//! arguments and results into the language, and this file puts the lines together.

use winspi_core::call::Call;
use winspi_core::{Value, World};
use winspi_script::syntax::{self, tree};

use crate::Plan;
use crate::live::Taken;

mod calls;
mod names;
mod values;

use calls::{Happening, Made, Routine};
use names::Names;

/// What a scenario cannot say of a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// A value that has no literal, and no name in the run.
    #[error("{call} has an argument that a scenario has no notation for: {value}")]
    Value {
        /// The call.
        call: String,
        /// The value.
        value: String,
    },
    /// A condition function that answered differently for two connections of one call, or failed.
    #[error("the condition function of {call} did not do the same each time, which a scenario cannot say")]
    Condition {
        /// The call.
        call: String,
    },
}

/// Writes a run.
pub(super) fn write(plan: &Plan, end: &World, taken: &[Taken]) -> Result<String, NotWritten> {
    let happenings = calls::find(end, taken);
    let mut names = Names::new(plan, end);
    let mut items = declarations(plan, end, &names);
    let mut lines = Vec::new();
    let mut conditions = 0;
    for happening in &happenings {
        match happening {
            Happening::Ended(pid) => {
                let kill = tree::World::Kill(tree::Name::new(names.process(*pid)));
                lines.push(statement(tree::StatementKind::World(kill)));
            }
            Happening::Call(made) => {
                let name = has_condition(&made.call).then(|| {
                    conditions += 1;
                    format!("condition{conditions}")
                });
                if let Some(name) = &name {
                    lines.push(condition(&mut names, made, name)?);
                }
                let call = values::call(&mut names, made, name.as_deref())?;
                let line = tree::ThreadLine { who: names.who(made.thread), action: tree::Action::Call(call) };
                lines.push(statement(tree::StatementKind::Thread(line)));
            }
        }
    }
    for line in &mut lines {
        names.drop_unwanted(&mut line.kind);
    }
    items.extend(lines.into_iter().map(tree::Item::Statement));
    let title = tree::Text::new("a recorded run");
    let title = tree::Headline { span: tree::Span::default(), notes: tree::Notes::default(), text: title };
    Ok(syntax::print(&tree::File { title: Some(title), items, ..tree::File::default() }))
}

/// Processes, threads and layers.
fn declarations(plan: &Plan, end: &World, names: &Names) -> Vec<tree::Item> {
    let (span, notes) = (tree::Span::default(), tree::Notes::default());
    let setting = |name: &str, value| tree::Setting { span, name: tree::Name::new(name), value };
    let mut items = Vec::new();
    for (process, planned) in end.processes().zip(&plan.processes) {
        let name = tree::Name::new(names.process(process.pid));
        let unstarted = (!planned.started).then(|| setting("started", Some(tree::SettingValue::No)));
        let options = unstarted.into_iter().collect();
        items.push(tree::Item::Process(tree::Process { span, notes: notes.clone(), name, options }));
    }
    for (process, name) in names.threads() {
        let (process, name) = (tree::Name::new(names.process(process)), tree::Name::new(name));
        items.push(tree::Item::Thread(tree::Thread { span, notes: notes.clone(), process, name }));
    }
    for (place, layer) in plan.layers.iter().enumerate() {
        let hooks: Vec<_> = layer.hooks.iter().map(|hook| tree::Name::new(hook.as_str())).collect();
        let hooks = (!hooks.is_empty()).then_some(tree::RuleKind::Hooks(hooks));
        let breaks = layer.breaks.iter().map(|fault| tree::RuleKind::Breaks(tree::Name::new(fault.name())));
        let rules: Vec<_> =
            hooks.into_iter().chain(breaks).map(|kind| tree::Rule { span, notes: notes.clone(), kind }).collect();
        items.push(tree::Item::Layer(tree::Layer {
            span,
            notes: notes.clone(),
            name: tree::Name::new(names.layer(&layer.name)),
            options: vec![setting(if layer.ifs { "ifs" } else { "non-ifs" }, None)],
            over: vec![tree::Name::new(names.layer(plan.below(place)))],
            rules: (!rules.is_empty()).then(|| tree::Braced::lines(rules)),
        }));
    }
    items
}

/// The condition function of a call: what it did each time that it was asked.
fn condition(names: &mut Names, made: &Made, name: &str) -> Result<tree::Statement, NotWritten> {
    let (span, notes) = (tree::Span::default(), tree::Notes::default());
    let act = |kind| tree::Act { span, notes: notes.clone(), kind };
    // One that was never asked does nothing: what it would have answered nobody knows.
    let unasked = Routine::default();
    let routine = made.routines.first().unwrap_or(&unasked);
    if routine.failed || made.routines.iter().any(|other| other != routine) {
        return Err(NotWritten::Condition { call: made.call.to_string() });
    }
    let mut acts = Vec::new();
    for inner in &routine.calls {
        let call = values::call(names, inner, None)?;
        if let Some(bind) = &call.bind {
            names.want(inner.thread.process, bind.as_str());
        }
        acts.push(act(tree::ActKind::Call(call)));
    }
    acts.push(act(tree::ActKind::Return(values::constant("CF_", routine.answer))));
    let process = tree::Name::new(names.process(made.thread.process));
    let (kind, body) = (tree::CallbackKind::Condition, tree::Braced::lines(acts));
    let callback = tree::Callback { kind, name: tree::Name::new(name), process, body };
    Ok(statement(tree::StatementKind::Callback(callback)))
}

/// Whether a call was given a condition function.
fn has_condition(call: &Call) -> bool {
    call.arguments().iter().any(|(_, value)| matches!(value, Value::Callback(_)))
}

fn statement(kind: tree::StatementKind) -> tree::Statement {
    tree::Statement { span: tree::Span::default(), notes: tree::Notes::default(), kind }
}
