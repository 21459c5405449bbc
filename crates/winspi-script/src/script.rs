//! A scenario that is ready to run: names resolved as far as the text alone allows, lines put to their threads.

use std::collections::BTreeSet;
use std::sync::Arc;

use winspi_core::call::Call;
use winspi_core::id::{Pid, Tid};
use winspi_core::signature::Function;
use winspi_types::{ErrorCode, constant};

use crate::syntax::Diagnostic;
use crate::syntax::tree;
use crate::syntax::{print_statement, print_value};

mod check;

pub(crate) use check::QUESTIONS;

/// A scenario that is ready to run.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The title, if there is one.
    pub title: Option<String>,
    /// The `about` texts.
    pub about: Vec<String>,
    /// The processes in the order of their declarations.
    pub processes: Vec<ProcessDeclaration>,
    /// The layers, bottom first as declared.
    pub layers: Vec<LayerDeclaration>,
    /// The lines that make calls, in text order.
    pub lines: Vec<Line>,
    /// All statements in text order.
    pub items: Vec<Item>,
    /// Which of them stand in `setup`: places in `items`.
    pub setup_items: BTreeSet<usize>,
    /// The marks.
    pub marks: Vec<(i64, String)>,
    /// Conditions and other callbacks.
    pub callbacks: Vec<CallbackDeclaration>,
    /// What has to hold in the end.
    pub at_end: Vec<(tree::Test, usize)>,
    /// What has to hold in every state.
    pub always: Vec<(tree::Test, usize)>,
    /// What has to hold in some state.
    pub reachable: Vec<(tree::Test, usize)>,
    /// `finally no leaks`.
    pub no_leaks: bool,
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
    /// Its further threads.
    pub threads: Vec<String>,
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
    /// The call as written.
    pub call: tree::Call,
    /// The function.
    pub function: Function,
    /// Where it stands.
    pub span: tree::Span,
    /// The mark that it stands under.
    pub mark: Option<usize>,
    /// Whether it stands in `setup`.
    pub setup: bool,
    /// The bare expectations that follow it.
    pub expects: Vec<tree::Test>,
    /// The names of other processes that its arguments read: process and name.
    pub reads: Vec<(usize, String)>,
    /// Whether it reads a name that a line of another thread may bind meanwhile.
    pub contends: bool,
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
    /// A bare expectation, and the process that bare names in it belong to.
    Expect(tree::Test, usize),
    /// Something about the world around.
    World(tree::World, tree::Span),
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

impl Script {
    /// Makes a scenario ready to run.
    ///
    /// # Errors
    ///
    /// Everything in the text that cannot be: names, functions, parameters, and statements that this version does not
    /// carry out.
    pub fn new(file: &tree::File, text: &str) -> Result<Arc<Script>, Vec<Diagnostic>> {
        let mut builder =
            Builder { script: Script::default(), text, errors: Vec::new(), mark: None, last: None, setup: false };
        builder.file(file);
        builder.script.note_names();
        builder.script.note_contention();
        builder.script.note_seen_by_others();
        if builder.errors.is_empty() {
            check::names(&builder.script, text, &mut builder.errors);
        }
        if builder.errors.is_empty() { Ok(Arc::new(builder.script)) } else { Err(builder.errors) }
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

    /// The lines of a thread in text order.
    pub fn lines_of(&self, thread: Tid) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.lines.iter().enumerate().filter(move |(_, line)| line.thread == thread).map(|(i, _)| i)
    }

    /// Whether some line asks for a field of this name.
    pub fn has_fields(&self, name: &str) -> bool {
        self.fielded.contains(name)
    }

    /// Notes which names are read across processes, and of which a field is read.
    fn note_names(&mut self) {
        let processes: Vec<String> = self.processes.iter().map(|p| p.name.clone()).collect();
        let mut fielded = BTreeSet::new();
        for line in &mut self.lines {
            let mut reads = Vec::new();
            let mut paths = Vec::new();
            line.call.arguments.iter().for_each(|a| paths_of(&a.value, &mut paths));
            for test in &line.expects {
                paths_of_test(test, &mut paths);
            }
            for path in &paths {
                fielded.extend(path.fields());
            }
            paths.clear();
            line.call.arguments.iter().for_each(|a| paths_of(&a.value, &mut paths));
            for path in paths {
                let other = processes.iter().position(|p| *p == path.name.text);
                if let (Some(other), Some(tree::PathStep::Field(field))) = (other, path.steps.first()) {
                    reads.push((other, field.text.clone()));
                }
            }
            line.reads = reads;
        }
        let tests = self.at_end.iter().chain(&self.always).chain(&self.reachable).map(|(test, _)| test);
        let expects = self.items.iter().filter_map(|item| match item {
            Item::Expect(test, _) => Some(test),
            _ => None,
        });
        for test in tests.chain(expects) {
            let mut paths = Vec::new();
            paths_of_test(test, &mut paths);
            for path in paths {
                fielded.extend(path.fields());
            }
        }
        self.fielded = fielded;
    }

    /// Notes what threads share beside the world: names that one binds and another reads.
    fn note_contention(&mut self) {
        let mut bound: Vec<(usize, String, Tid)> = Vec::new();
        for line in self.lines.iter().filter(|line| !line.setup) {
            bound.extend(line.call.bind.iter().map(|name| (line.process, name.text.clone(), line.thread)));
        }
        for place in 0..self.lines.len() {
            let line = &self.lines[place];
            let mut paths = Vec::new();
            line.call.arguments.iter().for_each(|a| paths_of(&a.value, &mut paths));
            let own = paths.iter().map(|path| (line.process, path.name.text.clone()));
            let read: Vec<_> = own.chain(line.reads.iter().cloned()).collect();
            let mut contends = false;
            for (process, name) in read {
                let binders = bound.iter().filter(|(p, n, _)| *p == process && *n == name);
                if binders.clone().any(|(.., thread)| *thread != line.thread) {
                    // A name of another process is waited for: what is bound once does not change afterwards.
                    contends |= process == line.process || binders.count() > 1;
                    self.contended.insert((process, name));
                }
            }
            self.lines[place].contends = contends;
        }
    }

    /// Notes the names that count even when their process has ended: those that others and tests read.
    fn note_seen_by_others(&mut self) {
        let mut seen = BTreeSet::new();
        for line in &self.lines {
            seen.extend(line.reads.iter().filter(|(process, _)| *process != line.process).cloned());
        }
        let of_lines = self.lines.iter().flat_map(|line| line.expects.iter().map(|test| (test, line.process)));
        let of_items = self.items.iter().filter_map(|item| match item {
            Item::Expect(test, process) => Some((test, *process)),
            _ => None,
        });
        let claims = self.at_end.iter().chain(&self.always).chain(&self.reachable);
        for (test, process) in of_lines.chain(of_items).chain(claims.map(|(test, process)| (test, *process))) {
            let mut paths = Vec::new();
            paths_of_test(test, &mut paths);
            for path in paths {
                seen.insert((process, path.name.text.clone()));
                let other = self.processes.iter().position(|p| p.name == path.name.text);
                if let (Some(other), Some(tree::PathStep::Field(field))) = (other, path.steps.first()) {
                    seen.insert((other, field.text.clone()));
                }
            }
        }
        self.seen_by_others = seen;
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
        format!("{}({})", self.call.function, arguments.collect::<Vec<_>>().join(", "))
    }

    /// The expectation as written.
    pub fn expected(&self) -> Option<String> {
        self.call.outcome.as_deref().map(print_outcome)
    }
}

/// All paths in a value, those in arguments included.
fn paths_of<'t>(value: &'t tree::Value, out: &mut Vec<&'t tree::Path>) {
    match &value.kind {
        tree::ValueKind::List(items) | tree::ValueKind::Or(items) | tree::ValueKind::And(items) => {
            items.iter().for_each(|item| paths_of(item, out));
        }
        tree::ValueKind::Struct(fields) => fields.iter().for_each(|f| paths_of(&f.value, out)),
        tree::ValueKind::With { value, changes } => {
            paths_of(value, out);
            changes.iter().for_each(|c| paths_of(&c.value, out));
        }
        tree::ValueKind::Group(inner) => paths_of(inner, out),
        tree::ValueKind::Path(path) => {
            out.push(path);
            path.arguments.iter().flatten().for_each(|a| paths_of(&a.value, out));
        }
        _ => {}
    }
}

fn paths_of_test<'t>(test: &'t tree::Test, out: &mut Vec<&'t tree::Path>) {
    paths_of(&test.left, out);
    if let Some(tree::TestRight { operand: tree::Operand::Value(value), .. }) = &test.right {
        paths_of(value, out);
    }
}

impl tree::Path {
    /// The names of which this path asks for a field: its own, or after a process the next one.
    fn fields(&self) -> Vec<String> {
        let names = std::iter::once(&self.name).chain(self.steps.iter().filter_map(|step| match step {
            tree::PathStep::Field(field) => Some(field),
            tree::PathStep::Index(_) => None,
        }));
        let names: Vec<_> = names.map(|n| n.text.clone()).collect();
        names[..names.len() - 1].to_vec()
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
    text.split_once("=> ").map_or(String::new(), |(_, expected)| expected.trim_end().to_owned())
}

struct Builder<'a> {
    script: Script,
    text: &'a str,
    errors: Vec<Diagnostic>,
    mark: Option<usize>,
    last: Option<usize>,
    setup: bool,
}

/// An error at a place of a text.
pub(crate) fn error(text: &str, span: tree::Span, message: String, suggestion: Option<String>) -> Diagnostic {
    let line_text = text.lines().nth((span.line as usize).saturating_sub(1)).unwrap_or("").to_owned();
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

/// The nearest of some names, if one is near.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let near = names.into_iter().map(|n| (strsim::damerau_levenshtein(&n.to_lowercase(), &name.to_lowercase()), n));
    let (distance, best) = near.min_by_key(|(d, _)| *d)?;
    (distance <= 1 + name.len() / 4).then(|| format!("did you mean `{best}`?"))
}

impl Builder<'_> {
    fn error(&mut self, span: tree::Span, message: impl Into<String>, suggestion: Option<String>) {
        self.errors.push(error(self.text, span, message.into(), suggestion));
    }

    fn not_carried_out(&mut self, span: tree::Span, what: &str) {
        self.error(span, format!("this version does not carry out {what}"), None);
    }

    fn file(&mut self, file: &tree::File) {
        self.script.title = file.title.as_ref().map(|t| t.text.to_str().into_owned());
        self.script.about = file.about.iter().map(|a| a.text.to_str().into_owned()).collect();
        // Declarations first: a line may name what is declared after it.
        for item in &file.items {
            match item {
                tree::Item::Process(process) => self.process(process),
                tree::Item::Thread(thread) => self.declare_thread(thread),
                tree::Item::Layer(layer) => self.layer(layer),
                tree::Item::Define(define) => self.not_carried_out(define.span, "`define`"),
                _ => {}
            }
        }
        for item in &file.items {
            if let tree::Item::Statement(statement) = item {
                if let tree::StatementKind::Callback(callback) = &statement.kind {
                    self.callback(callback, statement.span);
                }
            }
        }
        for item in &file.items {
            match item {
                tree::Item::Setup(setup) => {
                    self.setup = true;
                    let before = self.script.items.len();
                    for statement in &setup.block.items {
                        self.statement(statement);
                    }
                    self.script.setup_items.extend(before..self.script.items.len());
                    self.setup = false;
                }
                tree::Item::Mark(mark) => {
                    let number = i64::try_from(mark.number.value).unwrap_or(0);
                    self.script.marks.push((number, mark.title.to_str().into_owned()));
                    self.mark = Some(self.script.marks.len() - 1);
                }
                tree::Item::Statement(statement) => self.statement(statement),
                _ => {}
            }
        }
        if let Some(case) = file.cases.first() {
            self.not_carried_out(case.span, "files with cases");
        }
        if let Some(schedule) = &file.schedule {
            self.not_carried_out(schedule.span, "`schedule`");
        }
    }

    fn process(&mut self, process: &tree::Process) {
        let name = process.name.text.clone();
        if self.script.processes.iter().any(|p| p.name == name) {
            self.error(process.name.span, format!("process `{name}` is declared twice"), None);
        }
        let (mut started, mut created) = (true, false);
        for option in &process.options {
            match (option.name.as_str(), &option.value) {
                ("started", Some(tree::SettingValue::Yes)) => started = true,
                ("started", Some(tree::SettingValue::No)) => started = false,
                ("created", Some(tree::SettingValue::Yes)) => created = true,
                ("created", Some(tree::SettingValue::No)) => created = false,
                ("created", _) => self.error(option.span, "`created` takes yes or no", None),
                ("started", _) => self.error(option.span, "`started` takes yes or no", None),
                (other, _) => {
                    let known = ["started", "created", "bits", "administrator", "category", "environment"];
                    if known.contains(&other) {
                        let what = format!("the option `{other}` of a process");
                        self.not_carried_out(option.span, &what);
                    } else {
                        let near = nearest(other, known);
                        self.error(option.span, format!("a process has no option `{other}`"), near);
                    }
                }
            }
        }
        self.script.processes.push(ProcessDeclaration { name, started, created, threads: Vec::new() });
    }

    fn declare_thread(&mut self, thread: &tree::Thread) {
        match self.script.processes.iter_mut().find(|p| p.name == thread.process.text) {
            Some(process) => process.threads.push(thread.name.text.clone()),
            None => self.unknown_process(&thread.process),
        }
    }

    fn unknown_process(&mut self, name: &tree::Name) {
        let near = nearest(&name.text, self.script.processes.iter().map(|p| p.name.as_str()));
        self.error(name.span, format!("no process is called `{name}`"), near);
    }

    fn layer(&mut self, layer: &tree::Layer) {
        use winspi_core::ws2_32::catalog::Fault;
        let mut ifs = None;
        for option in &layer.options {
            match option.name.as_str() {
                "ifs" if option.value.is_none() => ifs = Some(true),
                "non-ifs" if option.value.is_none() => ifs = Some(false),
                other => {
                    let what = format!("the option `{other}` of a layer");
                    self.not_carried_out(option.span, &what);
                }
            }
        }
        let Some(ifs) = ifs else {
            self.error(layer.span, "a layer is (ifs) or (non-ifs)", None);
            return;
        };
        let (mut hooks, mut breaks) = (Vec::new(), Vec::new());
        for rule in layer.rules.iter().flat_map(|r| &r.items) {
            match &rule.kind {
                tree::RuleKind::Hooks(names) if ifs => {
                    for name in names {
                        match function(&name.text) {
                            Some(function) => hooks.push(function),
                            None => self.unknown_function(name),
                        }
                    }
                }
                tree::RuleKind::Hooks(names) => {
                    let span = names.first().map_or(rule.span, |n| n.span);
                    self.error(span, "every call passes a non-IFS layer: only an IFS layer has hooks", None);
                }
                tree::RuleKind::Breaks(name) => match Fault::ALL.iter().find(|f| f.name() == name.text) {
                    Some(fault) => breaks.push(*fault),
                    None => {
                        let near = nearest(&name.text, Fault::ALL.map(Fault::name));
                        self.error(name.span, format!("no duty is called `{name}`"), near);
                    }
                },
                tree::RuleKind::CountBytes => self.not_carried_out(rule.span, "`count bytes`"),
                tree::RuleKind::On { .. } => self.not_carried_out(rule.span, "`on` rules of a layer"),
            }
        }
        if let [over] = layer.over.as_slice() {
            let (name, over) = (layer.name.text.clone(), over.text.clone());
            self.script.layers.push(LayerDeclaration { name, ifs, over, hooks, breaks, span: layer.span });
        } else {
            self.not_carried_out(layer.span, "a layer over several protocols");
        }
    }

    fn callback(&mut self, callback: &tree::Callback, span: tree::Span) {
        let Some(process) = self.script.processes.iter().position(|p| p.name == callback.process.text) else {
            self.unknown_process(&callback.process);
            return;
        };
        if callback.kind != tree::CallbackKind::Condition {
            self.not_carried_out(span, "callbacks other than `condition`");
        }
        for act in &callback.body.items {
            if let tree::ActKind::Call(call) = &act.kind {
                if function(&call.function.text).is_none() {
                    self.unknown_function(&call.function);
                }
            }
        }
        self.script.callbacks.push(CallbackDeclaration {
            name: callback.name.text.clone(),
            process,
            kind: callback.kind,
            acts: callback.body.items.clone(),
        });
    }

    fn unknown_function(&mut self, name: &tree::Name) {
        let near = nearest(&name.text, Function::all().map(|f| f.declaration().name));
        self.error(name.span, format!("no function is called `{name}`"), near);
    }

    fn statement(&mut self, statement: &tree::Statement) {
        let process = self.last.map_or(0, |line| self.script.lines[line].process);
        match &statement.kind {
            tree::StatementKind::Thread(line) => self.thread_line(line, statement.span),
            tree::StatementKind::Expect(test) => {
                if let Some(last) = self.last {
                    self.script.lines[last].expects.push(test.clone());
                }
                self.script.items.push(Item::Expect(test.clone(), process));
            }
            tree::StatementKind::AtEnd(block) => {
                for inner in &block.items {
                    match &inner.kind {
                        tree::StatementKind::Expect(test) => self.script.at_end.push((test.clone(), process)),
                        _ => self.not_carried_out(inner.span, "anything but `expect` at the end"),
                    }
                }
            }
            tree::StatementKind::Claim(tree::Claim::Always(test)) => self.script.always.push((test.clone(), process)),
            tree::StatementKind::Claim(tree::Claim::Reachable(test)) => {
                self.script.reachable.push((test.clone(), process));
            }
            tree::StatementKind::Claim(tree::Claim::FinallyNoLeaks) => self.script.no_leaks = true,
            tree::StatementKind::Callback(_) => {}
            tree::StatementKind::Repeat(_) => self.not_carried_out(statement.span, "`repeat`"),
            tree::StatementKind::World(world) => self.world(world, statement.span),
        }
    }

    fn world(&mut self, world: &tree::World, span: tree::Span) {
        match world {
            tree::World::Kill(name) if !self.script.processes.iter().any(|p| p.name == name.text) => {
                self.unknown_process(name);
            }
            tree::World::Kill(_) | tree::World::Advance(_) | tree::World::Hold(_) | tree::World::Release(_) => {
                self.script.items.push(Item::World(world.clone(), span));
            }
            tree::World::Bus { action: tree::BusAction::Deliver, message } if message.number.is_none() => {
                for name in [&message.from, &message.to] {
                    if !self.script.processes.iter().any(|p| p.name == name.text) {
                        self.unknown_process(name);
                    }
                }
                self.script.items.push(Item::World(world.clone(), span));
            }
            tree::World::Bus { .. } => self.not_carried_out(span, "`lose`, `duplicate` and `damage`"),
            tree::World::Step { .. } => self.not_carried_out(span, "`step WHO`"),
            tree::World::Deliver { .. } | tree::World::Lose { .. } => {
                self.not_carried_out(span, "`deliver` and `lose` of a socket");
            }
            tree::World::Fault { .. } | tree::World::ClearFaults => self.not_carried_out(span, "`fault`"),
        }
    }

    fn thread_line(&mut self, line: &tree::ThreadLine, span: tree::Span) {
        let Some((process, thread)) = self.script.thread(&line.who) else {
            match self.script.processes.iter().find(|p| p.name == line.who.process.text) {
                None => self.unknown_process(&line.who.process),
                Some(process) => {
                    let near = line
                        .who
                        .thread
                        .as_ref()
                        .and_then(|t| nearest(&t.text, process.threads.iter().map(String::as_str)));
                    let message = format!("process `{}` has no such thread; declare it with `thread`", process.name);
                    self.error(line.who.span, message, near);
                }
            }
            return;
        };
        match &line.action {
            tree::Action::Call(call) => {
                if let Some(provider) = &call.provider {
                    self.not_carried_out(provider.span, "`as PROVIDER`");
                }
                let Some(function) = function(&call.function.text) else {
                    self.unknown_function(&call.function);
                    return;
                };
                self.check_arguments(function, call);
                self.script.lines.push(Line {
                    thread,
                    process,
                    call: call.clone(),
                    function,
                    span,
                    mark: self.mark,
                    setup: self.setup,
                    expects: Vec::new(),
                    reads: Vec::new(),
                    contends: false,
                });
                let place = self.script.lines.len() - 1;
                self.last = Some(place);
                self.script.items.push(Item::Line(place));
            }
            tree::Action::Returns(outcome) => {
                let outcome = outcome.as_deref().cloned();
                self.script.items.push(Item::Returns { thread, outcome, span });
            }
            tree::Action::Sync(_) => self.not_carried_out(span, "`sync`"),
        }
    }

    /// Parameters that do not exist, and arguments that are too many.
    fn check_arguments(&mut self, function: Function, call: &tree::Call) {
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
                Some(_) => {}
                None if place >= positional => {
                    let message = format!("{function} takes {positional} arguments by position");
                    self.error(argument.span, message, None);
                }
                None => {}
            }
        }
    }
}

/// The function of a name, unless no program can call it.
pub(crate) fn function(name: &str) -> Option<Function> {
    Function::named(name).filter(|f| !["Completed", "Indicated", "ConditionFunc"].contains(&f.name()))
}

/// A constant of the SDK by name: a number, or an error code.
pub(crate) fn constant_of(name: &str) -> Option<i64> {
    constant(name).or_else(|| ErrorCode::from_name(name).map(|code| i64::from(code.number())))
}

/// Whether a call came back from a function that gives a handle.
pub(crate) fn gives_handle(call: &Call) -> bool {
    use winspi_core::id::Handle;
    use winspi_core::outcome::Out;
    call.fits(&Out::Handle(Handle(0))) || matches!(call, Call::WSPAccept(_) | Call::WSAAccept(_) | Call::accept(_))
}
