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
                lines.push((None, statement(tree::StatementKind::World(kill))));
            }
            Happening::Call(made) => {
                if let Some(routine) = made.routines.first() {
                    if made.routines.iter().any(|other| other != routine) {
                        return Err(NotWritten::Condition { call: made.call.to_string() });
                    }
                }
                let name = condition_of(&made.call).map(|_| {
                    conditions += 1;
                    format!("condition{conditions}")
                });
                if let Some(name) = &name {
                    let process = tree::Name::new(names.process(made.thread.process));
                    let kind = tree::CallbackKind::Condition;
                    let body = tree::Braced::lines(acts(&mut names, made)?);
                    let callback = tree::Callback { kind, name: tree::Name::new(name.clone()), process, body };
                    lines.push((None, statement(tree::StatementKind::Callback(callback))));
                }
                let call = values::call(&mut names, made, name.as_deref())?;
                let bound = call.bind.as_ref().map(|bind| (made.thread.process, bind.text.clone()));
                let who = names.who(made.thread);
                let line = tree::ThreadLine { who, action: tree::Action::Call(call) };
                lines.push((bound, statement(tree::StatementKind::Thread(line))));
            }
        }
    }
    // A message has a name where a later line speaks of it.
    for (bound, mut line) in lines {
        if let (Some((process, name)), tree::StatementKind::Thread(thread)) = (&bound, &mut line.kind) {
            if let tree::Action::Call(call) = &mut thread.action {
                if !names.is_wanted(*process, name) {
                    call.bind = None;
                }
            }
        }
        items.push(tree::Item::Statement(line));
    }
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

/// What the condition function of a call did.
fn acts(names: &mut Names, made: &Made) -> Result<Vec<tree::Act>, NotWritten> {
    let (span, notes) = (tree::Span::default(), tree::Notes::default());
    let act = |kind| tree::Act { span, notes: notes.clone(), kind };
    let unasked = Routine::default();
    let routine = made.routines.first().unwrap_or(&unasked);
    let mut acts = Vec::new();
    for inner in &routine.calls {
        let call = values::call(names, inner, None)?;
        if let Some(bind) = &call.bind {
            names.want(inner.thread.process, &bind.text.clone());
        }
        acts.push(act(tree::ActKind::Call(call)));
    }
    let answer = match routine.answer {
        Some(answer) => answer,
        // It was never asked, or its process ended while it was: what it would have answered nobody knows.
        None => 0,
    };
    acts.push(act(tree::ActKind::Return(values::constant("CF_", answer))));
    Ok(acts)
}

/// The condition function that a call was given.
fn condition_of(call: &Call) -> Option<()> {
    call.arguments().iter().any(|(_, value)| matches!(value, Value::Callback(_))).then_some(())
}

fn statement(kind: tree::StatementKind) -> tree::Statement {
    tree::Statement { span: tree::Span::default(), notes: tree::Notes::default(), kind }
}
