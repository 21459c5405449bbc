//! A scenario that is ready to run: names resolved as far as the text alone allows, lines put to their threads.
//!
//! [`Script::new`] is the one way from a tree to a scenario. A file with cases gives one scenario for each: the prelude
//! and the case's own statements, under [`Script::cases`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_core::Value;
use winspi_core::call::Call;
use winspi_core::event::{Hazard, HazardKind};
use winspi_core::footprint::{Part, number_of};
use winspi_core::id::{Handle, Pid, Tid};
use winspi_core::signature::Function;
use winspi_types::{ErrorCode, FieldValue, Version, constant};

use crate::syntax::Diagnostic;
use crate::syntax::tree;
use crate::syntax::{print_statement, print_value};

mod build;
mod check;
mod choice;
mod define;
mod layer;
mod names;
mod statement;
pub(crate) mod walk;

pub(crate) use check::QUESTIONS;
pub(crate) use choice::ObjectKind;

/// A scenario that is ready to run.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The title, if there is one.
    pub title: Option<String>,
    /// The `about` texts.
    pub about: Vec<String>,
    /// What an arrangement has to be for the file to apply.
    pub needs: Vec<tree::NeedKind>,
    /// The processes in the order of their declarations.
    pub processes: Vec<ProcessDeclaration>,
    /// The layers, bottom first as declared.
    pub layers: Vec<LayerDeclaration>,
    /// The lines that make calls, in text order; a line in a `repeat` is here once.
    pub lines: Vec<Line>,
    /// The statements of `setup`.
    pub setup: Vec<Item>,
    /// All other statements in text order.
    pub items: Vec<Item>,
    /// The marks.
    pub marks: Vec<(i64, String)>,
    /// Conditions and other callbacks.
    pub callbacks: Vec<CallbackDeclaration>,
    /// Where threads wait for each other.
    pub syncs: Vec<Sync>,
    /// For each `repeat any` the lines of each of its threads: what the thread may choose.
    pub(crate) choices: Vec<Vec<u32>>,
    /// What has to hold in the end.
    pub at_end: Vec<(tree::Test, usize)>,
    /// What has to hold in every state.
    pub always: Vec<(tree::Test, usize)>,
    /// What has to hold in some state.
    pub reachable: Vec<(tree::Test, usize)>,
    /// `finally no leaks`.
    pub no_leaks: bool,
    /// The hazards that have to be met, and where they are named.
    pub hazards: Vec<(HazardKind, tree::Span)>,
    /// The cases of a conformance file, each with the prelude before it.
    pub cases: Vec<CaseDeclaration>,
    /// The recorded schedule, if there is one.
    pub schedule: Option<tree::Schedule>,
    /// What each thread runs.
    code: BTreeMap<Tid, Vec<Op>>,
    /// How much of that belongs to `setup`.
    setup_code: BTreeMap<Tid, u32>,
    /// The names of which some line asks for a field.
    fielded: BTreeSet<String>,
    /// The names that a line of one thread binds and a line of another reads: process and name.
    contended: BTreeSet<(usize, String)>,
    /// The names that lines of other processes or tests read: process and name.
    seen_by_others: BTreeSet<(usize, String)>,
}

/// A process as declared.
#[derive(Clone, Debug)]
pub struct ProcessDeclaration {
    /// Its name.
    pub name: String,
    /// Whether Ws2_32 is started in it.
    pub started: bool,
    /// Whether it does not run until CreateProcess names it.
    pub created: bool,
    /// Whether it has the rights of an administrator.
    pub administrator: bool,
    /// The variables of its environment; null for that of the machine.
    pub environment: Value,
    /// Its further threads.
    pub threads: Vec<String>,
}

impl ProcessDeclaration {
    fn new(name: &str) -> ProcessDeclaration {
        let (name, environment) = (name.to_owned(), Value::Null);
        ProcessDeclaration {
            name,
            started: true,
            created: false,
            administrator: true,
            environment,
            threads: Vec::new(),
        }
    }
}

/// A layer as declared.
#[derive(Clone, Debug)]
pub struct LayerDeclaration {
    /// Its name.
    pub name: String,
    /// Whether it gives out system handles.
    pub ifs: bool,
    /// What it stands over.
    pub over: String,
    /// What it hooks.
    pub hooks: Vec<Function>,
    /// What it breaks.
    pub breaks: Vec<winspi_core::ws2_32::catalog::Fault>,
    /// The lowest and the highest version that it supports, where they are declared.
    pub versions: Option<(Version, Version)>,
    /// What it says of itself in WSPDATA, where that is declared.
    pub description: Option<(String, tree::Span)>,
    /// Members of the protocol infos of its chains.
    pub info: Vec<(String, FieldValue, tree::Span)>,
    /// Where it is declared.
    pub span: tree::Span,
}

/// A line that makes a call.
#[derive(Clone, Debug)]
pub struct Line {
    /// The thread.
    pub thread: Tid,
    /// The process, by its place in the declarations.
    pub process: usize,
    /// The call as written; for a line of a define with its arguments in their places.
    pub call: tree::Call,
    /// The function.
    pub function: Function,
    /// Where it stands: for a line of a define, where the define is used.
    pub span: tree::Span,
    /// The mark that it stands under.
    pub mark: Option<usize>,
    /// Whether it stands in `setup`.
    pub setup: bool,
    /// The bare expectations that follow it.
    pub expects: Vec<tree::Test>,
    /// The `returns` that belongs to it.
    pub returns: Option<Returns>,
    /// The names of other processes that it reads: process and name.
    pub reads: Vec<(usize, String)>,
    /// Whether it reads a name that a line of another thread may bind meanwhile.
    pub contends: bool,
    /// The line is made again and again until its outcome is this one.
    pub until: Option<tree::Expectation>,
    /// What has to hold for the line to be chosen: `when`.
    pub when: Vec<tree::Test>,
    /// The handles that are chosen for it: its arguments `some(...)`.
    pub(crate) picks: Vec<Pick>,
}

/// `WHO: returns`, with what the call gives.
#[derive(Clone, Debug)]
pub struct Returns {
    /// What the call gives; success, if nothing is said.
    pub outcome: Option<tree::Outcome>,
    /// Where it stands.
    pub span: tree::Span,
}

/// Threads that wait for each other: `sync NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    /// The name.
    pub name: String,
    /// The threads that have it.
    pub threads: Vec<Tid>,
    /// Where it stands first.
    pub span: tree::Span,
}

/// A statement in text order.
#[derive(Clone, Debug)]
pub enum Item {
    /// A line that makes a call: a place in `lines`.
    Line(usize),
    /// `WHO: returns`.
    Returns {
        /// The thread.
        thread: Tid,
        /// What the call gives.
        outcome: Option<tree::Outcome>,
        /// Where it stands.
        span: tree::Span,
    },
    /// `WHO: sync NAME`.
    Sync {
        /// The thread.
        thread: Tid,
        /// A place in `syncs`.
        sync: usize,
        /// Where it stands.
        span: tree::Span,
    },
    /// A bare expectation, and the process that bare names in it belong to.
    Expect(tree::Test, usize),
    /// Something about the world around.
    World {
        /// The statement.
        world: tree::World,
        /// The process that bare names in it belong to.
        process: usize,
        /// Where it stands.
        span: tree::Span,
    },
    /// `repeat any`: for ever one of these lines.
    Any(Vec<Item>),
    /// `repeat N`.
    Repeat {
        /// How often.
        times: u32,
        /// What.
        items: Vec<Item>,
    },
}

/// `some(Event)`, `some(Process, q)`: a handle of the process that leads to such an object, whichever.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    /// What it leads to.
    pub(crate) kind: ObjectKind,
    /// What `when` calls it.
    pub(crate) name: Option<String>,
}

/// A handle by name that means another socket than when the name was bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recycled {
    /// The place of the argument.
    pub(crate) argument: u32,
    /// The value.
    pub(crate) handle: Handle,
    /// It has come to that while the call was under way.
    pub(crate) meanwhile: bool,
}

/// What a thread does next: one step of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A line: a place in `lines`.
    Line(u32),
    /// It waits for others: a place in `syncs`.
    Sync(u32),
    /// For ever one of several lines: a place in `choices`.
    Choose(u32),
    /// A loop of so many rounds begins; `past` is the place behind its end.
    Begin {
        /// How often.
        times: u32,
        /// Where its end is left behind.
        past: u32,
    },
    /// The end of a round; the loop's first step is at this place.
    End {
        /// The place.
        first: u32,
    },
}

/// A callback as declared.
#[derive(Clone, Debug)]
pub struct CallbackDeclaration {
    /// Its name.
    pub name: String,
    /// Its process, by place.
    pub process: usize,
    /// Condition, completion routine or hook.
    pub kind: tree::CallbackKind,
    /// What it does.
    pub acts: Vec<tree::Act>,
}

/// A case of a conformance file.
#[derive(Clone, Debug)]
pub struct CaseDeclaration {
    /// The clause that it checks.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it needs, beside what the file does.
    pub needs: Vec<tree::NeedKind>,
    /// The line on which it begins.
    pub line: u32,
    /// The prelude and the case.
    pub script: Arc<Script>,
}

impl Script {
    /// Makes a scenario ready to run.
    ///
    /// # Errors
    ///
    /// Everything in the text that cannot be: names, functions, parameters, and statements that this version does not
    /// carry out.
    pub fn new(file: &tree::File, text: &str) -> Result<Arc<Script>, Vec<Diagnostic>> {
        build::script(file, text)
    }

    /// Where the first line after `setup` stands.
    pub fn first_span(&self) -> tree::Span {
        self.lines.iter().find(|line| !line.setup).map_or(tree::Span::default(), |line| line.span)
    }

    /// The thread of a WHO.
    pub fn thread(&self, who: &tree::Who) -> Option<(usize, Tid)> {
        let process = self.processes.iter().position(|p| p.name == who.process.text)?;
        let ordinal = match &who.thread {
            None => 0,
            Some(name) => self.processes[process].threads.iter().position(|t| *t == name.text)? + 1,
        };
        Some((process, Tid { process: Pid::of_index(process), ordinal: u16::try_from(ordinal).ok()? }))
    }

    /// The process of a name.
    pub fn process(&self, name: &str) -> Option<Pid> {
        self.processes.iter().position(|p| p.name == name).map(Pid::of_index)
    }

    /// The lines of a thread in text order; one in a `repeat` is here once.
    pub fn lines_of(&self, thread: Tid) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.lines.iter().enumerate().filter(move |(_, line)| line.thread == thread).map(|(i, _)| i)
    }

    /// The hazard of a line that has worked on a handle whose value has become another socket's.
    pub(crate) fn recycled(&self, line: usize, recycled: Recycled, thread: Tid) -> Option<Hazard> {
        let argument = self.lines.get(line)?.call.arguments.get(recycled.argument as usize)?;
        let (name, handle) = (define::shown(&print_value(&argument.value)), recycled.handle);
        let seen = match recycled.meanwhile {
            false => format!("`{name}`, {handle}, means another socket than when it was bound"),
            true => format!("`{name}`, {handle}, became another socket while the call on it was under way"),
        };
        Some(Hazard { kind: HazardKind::RecycledHandle, thread: Some(thread), handle: Some(handle), seen })
    }

    /// All statements in text order, those of `setup` first, and what is in a `repeat` once.
    pub fn statements(&self) -> Vec<&Item> {
        fn flatten<'s>(items: &'s [Item], out: &mut Vec<&'s Item>) {
            for item in items {
                out.push(item);
                if let Item::Repeat { items, .. } | Item::Any(items) = item {
                    flatten(items, out);
                }
            }
        }
        let mut all = Vec::new();
        flatten(&self.setup, &mut all);
        flatten(&self.items, &mut all);
        all
    }

    /// The first statement after `setup` that does something to the world around: it takes the decisions of whoever
    /// tries other orders than that of the text.
    pub fn first_decision(&self) -> Option<tree::Span> {
        fn first(items: &[Item]) -> Option<tree::Span> {
            items.iter().find_map(|item| match item {
                Item::World { span, .. } => Some(*span),
                Item::Repeat { items, .. } => first(items),
                _ => None,
            })
        }
        first(&self.items)
    }

    /// What a thread runs.
    pub fn code(&self, thread: Tid) -> &[Op] {
        self.code.get(&thread).map_or(&[], Vec::as_slice)
    }

    /// How many steps of a thread's code belong to `setup`.
    pub(crate) fn setup_length(&self, thread: Tid) -> u32 {
        self.setup_code.get(&thread).copied().unwrap_or(0)
    }

    /// Whether some line asks for a field of this name.
    pub fn has_fields(&self, name: &str) -> bool {
        self.fielded.contains(name)
    }

    /// A name of a process, as footprints know it.
    pub(crate) fn part_of(&self, process: usize, name: &str) -> Part {
        let (pid, number) = (Pid::of_index(process), number_of(name));
        match self.is_seen_by_others(process, name) {
            true => Part::Bound(pid, number),
            false => Part::Own(pid, number),
        }
    }

    /// Whether a line of another process, or a test, reads this name.
    pub fn is_seen_by_others(&self, process: usize, name: &str) -> bool {
        self.seen_by_others.iter().any(|(p, n)| *p == process && n == name)
    }

    /// Whether a line of another thread than the one that binds this name reads it.
    pub fn is_contended(&self, process: usize, name: &str) -> bool {
        self.contended.iter().any(|(p, n)| *p == process && n == name)
    }

    /// The callback of a name in a process.
    pub fn callback(&self, process: usize, name: &str) -> Option<usize> {
        self.callbacks.iter().position(|c| c.process == process && c.name == name)
    }
}

impl Line {
    /// The call as written, without what it is bound to and what is expected.
    pub fn text(&self) -> String {
        let arguments = self.call.arguments.iter().map(|argument| match &argument.name {
            Some(name) => format!("{name}={}", print_value(&argument.value)),
            None => print_value(&argument.value),
        });
        let text = format!("{}({})", self.call.function, arguments.collect::<Vec<_>>().join(", "));
        let text = match &self.call.provider {
            Some(provider) => format!("{text} as {provider}"),
            None => text,
        };
        define::shown(&text)
    }

    /// The name that the result is bound to, as people wrote it.
    pub fn bind(&self) -> Option<String> {
        self.call.bind.as_ref().map(|b| define::shown(&b.text))
    }

    /// The expectation as written.
    pub fn expected(&self) -> Option<String> {
        self.call.outcome.as_deref().map(print_outcome)
    }
}

/// An expectation as text: what stands behind `=>`.
pub fn print_outcome(outcome: &tree::Outcome) -> String {
    let call = tree::Call {
        span: tree::Span::default(),
        bind: None,
        function: tree::Name::new("f"),
        arguments: Vec::new(),
        provider: None,
        outcome: Some(Box::new(outcome.clone())),
    };
    let who = tree::Who { span: tree::Span::default(), process: tree::Name::new("p"), thread: None };
    let kind = tree::StatementKind::Thread(tree::ThreadLine { who, action: tree::Action::Call(call) });
    let statement = tree::Statement { span: tree::Span::default(), notes: tree::Notes::default(), kind };
    let text = print_statement(&statement);
    text.split_once("=> ").map_or(String::new(), |(_, expected)| define::shown(expected.trim_end()))
}

/// An expectation that stands alone as text.
pub fn print_expectation(expectation: &tree::Expectation) -> String {
    let expectation = expectation.clone();
    print_outcome(&tree::Outcome { span: tree::Span::default(), expectation, by: None, from: None })
}

/// A name as people wrote it: without what sets a define's own names apart.
pub(crate) fn shown(name: &str) -> String {
    define::shown(name)
}

/// An error at a place of a text.
pub(crate) fn error(text: &str, span: tree::Span, message: String, suggestion: Option<String>) -> Diagnostic {
    let line_text = text.lines().nth((span.line as usize).saturating_sub(1)).unwrap_or("").to_owned();
    let short = message.char_indices().nth(LONGEST_MESSAGE).and_then(|(end, _)| message.get(..end));
    let message = short.map(|short| format!("{short}...")).unwrap_or(message);
    Diagnostic {
        line: span.line,
        column: span.column,
        length: span.length.max(1),
        message,
        expected: Vec::new(),
        suggestion,
        line_text,
    }
}

/// A longer name is near to none: the comparison would take its time.
const LONGEST_NAME: usize = 100;

/// The most characters of a message: names in it can be of any length.
const LONGEST_MESSAGE: usize = 500;

/// The nearest of some names, if one is near.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let near = names.into_iter().map(|n| (strsim::damerau_levenshtein(&n.to_lowercase(), &name.to_lowercase()), n));
    let (distance, best) = near.min_by_key(|(d, _)| *d)?;
    (distance <= 1 + name.len() / 4).then(|| format!("did you mean `{best}`?"))
}

/// The function of a name, unless no program can call it.
pub(crate) fn function(name: &str) -> Option<Function> {
    Function::named(name).filter(|f| is_callable(*f))
}

/// Whether a line can call a function; the others are called by parties only.
pub fn is_callable(function: Function) -> bool {
    !["Completed", "Indicated", "ConditionFunc", "BlockingCallback"].contains(&function.name())
}

/// A constant of the SDK by name: a number, or an error code.
pub(crate) fn constant_of(name: &str) -> Option<i64> {
    constant(name).or_else(|| ErrorCode::from_name(name).map(|code| i64::from(code.number())))
}

/// Whether a function closes the handle that it is given: afterwards the value is anybody's.
pub(crate) fn closes(function: Function) -> bool {
    ["WSPCloseSocket", "closesocket", "CloseHandle", "WPUCloseSocketHandle", "DuplicateHandle"]
        .contains(&function.name())
}

/// Whether a call came back from a function that gives a handle.
pub(crate) fn gives_handle(call: &Call) -> bool {
    use winspi_core::outcome::Out;
    call.fits(&Out::Handle(Handle(0))) || matches!(call, Call::WSPAccept(_) | Call::WSAAccept(_) | Call::accept(_))
}
