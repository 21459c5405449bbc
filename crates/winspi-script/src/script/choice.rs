//! `repeat any`: lines of which a thread takes one after the other, any of them, for ever.
//!
//! A line of it may leave open which handle it takes (`some(Event)`), and may say when it can be taken (`when`).

use winspi_core::World;
use winspi_core::kernel::handle::Slot;

use crate::script::build::Builder;
use crate::script::{Item, Pick, Script, walk};
use crate::syntax::tree::{self, ValueKind};

/// What a handle leads to, as `some(...)` and `objects(...)` name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    Socket,
    Event,
    Process,
    Thread,
    Port,
    Mapping,
}

impl ObjectKind {
    /// All of them with their names.
    pub(crate) const ALL: [(&str, ObjectKind); 6] = [
        ("Socket", ObjectKind::Socket),
        ("Event", ObjectKind::Event),
        ("Process", ObjectKind::Process),
        ("Thread", ObjectKind::Thread),
        ("Port", ObjectKind::Port),
        ("Mapping", ObjectKind::Mapping),
    ];

    /// The kind that a value names.
    pub(crate) fn of(value: &tree::Value) -> Option<ObjectKind> {
        let name = plain_name(value)?;
        ObjectKind::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind)
    }

    /// Whether a name is that of a kind.
    pub(crate) fn named(name: &str) -> bool {
        ObjectKind::ALL.iter().any(|(known, _)| *known == name)
    }

    /// Whether a handle leads to such an object.
    pub(crate) fn is(self, slot: Slot) -> bool {
        match self {
            ObjectKind::Socket => matches!(slot, Slot::Socket(_) | Slot::NonIfs),
            ObjectKind::Event => matches!(slot, Slot::Event(_)),
            ObjectKind::Process => matches!(slot, Slot::Process(_)),
            ObjectKind::Thread => matches!(slot, Slot::Thread(_)),
            ObjectKind::Port => matches!(slot, Slot::Port(_)),
            ObjectKind::Mapping => matches!(slot, Slot::Section(_)),
        }
    }

    /// How many there are in the whole machine.
    pub(crate) fn count(self, world: &World) -> usize {
        match self {
            ObjectKind::Socket => world.endpoint_count(),
            ObjectKind::Event => world.event_count(),
            ObjectKind::Process => world.processes().filter(|p| p.runs()).count(),
            ObjectKind::Thread => world.threads().count(),
            ObjectKind::Port => world.port_count(),
            ObjectKind::Mapping => world.section_count(),
        }
    }
}

/// The name that a value is, without anything around it.
fn plain_name(value: &tree::Value) -> Option<&str> {
    match &value.kind {
        ValueKind::Path(path) if path.arguments.is_none() && path.steps.is_empty() => Some(&path.name.text),
        _ => None,
    }
}

/// The arguments of `some(...)`, if a value is that.
fn some(value: &tree::Value) -> Option<&[tree::Argument]> {
    match &value.kind {
        ValueKind::Path(path) if path.name.text == "some" => path.arguments.as_deref(),
        _ => None,
    }
}

impl Builder<'_> {
    /// `repeat any { ... }`
    pub(super) fn repeat_any(&mut self, block: &tree::Block, span: tree::Span, out: &mut Vec<Item>) {
        if self.setup {
            self.error(span, "`repeat any` never ends: it has no place in `setup`", None);
            return;
        }
        let before = self.script.lines.len();
        self.in_any = true;
        let items = self.items(&block.items);
        self.in_any = false;
        if let Some(other) = block.items.iter().find(|s| !is_line(&s.kind)) {
            self.error(other.span, "`repeat any` has nothing but calls of threads, and `expect` behind them", None);
            return;
        }
        if self.script.lines.len() == before {
            if !self.has_errors() {
                self.error(span, "`repeat any` has at least one line", None);
            }
            return;
        }
        out.push(Item::Any(items));
    }

    /// The handles that a line leaves open.
    pub(super) fn open_handles(&mut self, call: &tree::Call) -> Vec<Pick> {
        let mut found = Vec::new();
        for argument in &call.arguments {
            let Some(arguments) = some(&argument.value) else { continue };
            match arguments {
                [kind] | [kind, _] if ObjectKind::of(&kind.value).is_some() => {
                    let name = arguments.get(1).and_then(|a| plain_name(&a.value)).map(str::to_owned);
                    found.extend(ObjectKind::of(&kind.value).map(|kind| Pick { kind, name }));
                }
                _ => {
                    let kinds = ObjectKind::ALL.map(|(name, _)| name).join(", ");
                    let message = format!("`some` takes what the handle leads to ({kinds}), and perhaps a name");
                    self.error(argument.span, message, None);
                }
            }
        }
        let everywhere = walk::paths(call, walk::call);
        let first = everywhere.iter().find(|path| path.name.text == "some" && path.arguments.is_some());
        if let Some(path) = first {
            let all = everywhere.iter().filter(|path| path.name.text == "some" && path.arguments.is_some()).count();
            if !self.in_any {
                self.error(path.name.span, "which handle `some(...)` is stays open only in `repeat any`", None);
            } else if all != found.len() && !self.has_errors() {
                self.error(path.name.span, "`some(...)` is a whole argument of the call", None);
            }
        }
        found
    }

    /// Nothing of a thread stands behind a `repeat any` that has a line of it.
    pub(super) fn check_endless(&mut self) {
        let mut endless = Vec::new();
        let mut late = Vec::new();
        for item in self.script.items.clone() {
            let threads = super::build::threads_of(std::slice::from_ref(&item), &self.script);
            late.extend(threads.iter().filter(|thread| endless.contains(*thread)).map(|_| item.clone()));
            match &item {
                Item::Any(_) => endless.extend(threads),
                Item::Repeat { items, .. } if has_any(items) => {
                    let span = first_line(items).map_or(tree::Span::default(), |line| self.script.lines[line].span);
                    self.error(span, "`repeat any` never ends: it stands in no other `repeat`", None);
                }
                _ => {}
            }
        }
        if let Some(span) = late.first().and_then(|item| span_of(item, &self.script)) {
            self.error(span, "this thread has a `repeat any` above, which never ends", None);
        }
    }
}

fn has_any(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Any(_) => true,
        Item::Repeat { items, .. } => has_any(items),
        _ => false,
    })
}

fn first_line(items: &[Item]) -> Option<usize> {
    items.iter().find_map(|item| match item {
        Item::Line(line) => Some(*line),
        Item::Any(items) | Item::Repeat { items, .. } => first_line(items),
        _ => None,
    })
}

fn span_of(item: &Item, script: &Script) -> Option<tree::Span> {
    match item {
        Item::Line(line) => script.lines.get(*line).map(|line| line.span),
        Item::Sync { span, .. } | Item::Returns { span, .. } | Item::World { span, .. } => Some(*span),
        Item::Expect(test, _) => Some(test.span),
        Item::Any(items) | Item::Repeat { items, .. } => items.iter().find_map(|item| span_of(item, script)),
    }
}

/// Whether a statement may stand in `repeat any`.
fn is_line(kind: &tree::StatementKind) -> bool {
    match kind {
        tree::StatementKind::Thread(line) => matches!(line.action, tree::Action::Call(_) | tree::Action::When(..)),
        tree::StatementKind::Expect(_) => true,
        _ => false,
    }
}
