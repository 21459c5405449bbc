//! From a tree to scenarios: declarations, and the way through a file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use winspi_core::Value;
use winspi_core::id::Tid;
use winspi_core::policy::{DECLARED, Policy, PolicyError};
use winspi_core::signature::Function;

use crate::script::{
    CallbackDeclaration, CaseDeclaration, Item, Op, ProcessDeclaration, Script, check, constant_of, define, error,
    function, nearest,
};
use crate::syntax::Diagnostic;
use crate::syntax::tree::{self, ActKind, ValueKind};

/// The most errors that are told.
pub(super) const MOST: usize = 20;

/// How deep defines may use each other.
const DEEPEST: usize = 32;

/// The scenario of a file, with one more for each of its cases.
pub(super) fn script(file: &tree::File, text: &str) -> Result<Arc<Script>, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut script = Builder::new(text).scenario(file, None, &mut errors);
    let mut names = BTreeMap::new();
    for case in &file.cases {
        if let Some(line) = names.insert(case.id.text.as_str(), case.id.span.line) {
            // Several cases of a clause are told apart by their titles.
            let same = file.cases.iter().filter(|c| c.id.text == case.id.text && c.title.bytes == case.title.bytes);
            if same.count() > 1 {
                let message = format!("case `{}` of line {line} has the same title", case.id);
                errors.push(error(text, case.title.span, message, None));
            }
        }
        let built = Builder::new(text).scenario(file, Some(case), &mut errors);
        script.cases.push(CaseDeclaration {
            name: case.id.text.clone(),
            title: case.title.to_str().into_owned(),
            needs: case.needs.iter().map(|need| need.kind.clone()).collect(),
            line: case.span.line,
            script: Arc::new(built),
        });
    }
    // What is wrong in a prelude or define is wrong wherever it is used.
    let mut told = BTreeSet::new();
    errors.retain(|e| told.insert((e.line, e.column, e.message.clone())));
    errors.truncate(MOST);
    if errors.is_empty() { Ok(Arc::new(script)) } else { Err(errors) }
}

pub(super) struct Builder<'a> {
    pub(super) script: Script,
    pub(super) text: &'a str,
    pub(super) errors: Vec<Diagnostic>,
    pub(super) mark: Option<usize>,
    /// The line that a bare expectation belongs to.
    pub(super) last: Option<usize>,
    /// The process of the last WHO.
    pub(super) who: usize,
    pub(super) setup: bool,
    /// Whether the lines are those of a `repeat any`.
    pub(super) in_any: bool,
    /// The defines of the file.
    pub(super) defines: Vec<&'a tree::Define>,
    /// How many uses of defines there were.
    uses: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Builder<'a> {
        Builder {
            script: Script::default(),
            text,
            errors: Vec::new(),
            mark: None,
            last: None,
            who: 0,
            setup: false,
            in_any: false,
            defines: Vec::new(),
            uses: 0,
        }
    }

    /// The prelude of a file, and one of its cases.
    fn scenario(mut self, file: &'a tree::File, case: Option<&'a tree::Case>, errors: &mut Vec<Diagnostic>) -> Script {
        self.file(file);
        if let Some(case) = case {
            case.needs.iter().for_each(|need| self.need(need));
            for statement in &case.block.items {
                if let tree::StatementKind::Callback(callback) = &statement.kind {
                    self.callback(callback);
                }
            }
            let items = self.items(&case.block.items);
            self.script.items.extend(items);
        }
        for sync in self.script.syncs.clone() {
            if sync.threads.len() == 1 {
                self.error(sync.span, format!("nobody else has `sync {}`", sync.name), None);
            }
        }
        self.check_endless();
        self.compile();
        self.note_names();
        self.note_contention();
        self.note_seen_by_others();
        if self.errors.is_empty() {
            check::names(&self.script, self.text, &mut self.errors);
        }
        errors.append(&mut self.errors);
        self.script
    }

    /// A need of a file or a case names what there is.
    fn need(&mut self, need: &tree::Need) {
        let (span, problem, known): (_, _, Vec<&str>) = match &need.kind {
            tree::NeedKind::Decision { name, value } => {
                let problem = Policy::default().decide(&name.text, &value.text).err();
                (name.span, problem, DECLARED.iter().filter(|d| !d.values.is_empty()).map(|d| d.id).collect())
            }
            tree::NeedKind::Profile(profile) => (profile.span, Policy::profile(&profile.text).err(), Vec::new()),
            tree::NeedKind::Ifs
            | tree::NeedKind::NonIfs
            | tree::NeedKind::BaseIfs
            | tree::NeedKind::BaseNonIfs
            | tree::NeedKind::Layered => return,
        };
        if let Some(problem) = problem {
            let near = match &problem {
                PolicyError::Unknown(name) => nearest(name, known),
                _ => None,
            };
            self.error(span, problem.to_string(), near);
        }
    }

    pub(super) fn error(&mut self, span: tree::Span, message: impl Into<String>, suggestion: Option<String>) {
        if !self.is_enough() {
            self.errors.push(error(self.text, span, message.into(), suggestion));
        }
    }

    /// Whether nobody is told of more errors: looking for near names would take its time.
    fn is_enough(&self) -> bool {
        self.errors.len() >= MOST
    }

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    pub(super) fn not_carried_out(&mut self, span: tree::Span, what: &str) {
        self.error(span, format!("this version does not carry out {what}"), None);
    }

    fn file(&mut self, file: &'a tree::File) {
        self.script.title = file.title.as_ref().map(|t| t.text.to_str().into_owned());
        self.script.about = file.about.iter().map(|a| a.text.to_str().into_owned()).collect();
        file.needs.iter().for_each(|need| self.need(need));
        self.script.needs = file.needs.iter().map(|need| need.kind.clone()).collect();
        // Declarations first: a line may name what is declared after it.
        for item in &file.items {
            match item {
                tree::Item::Process(process) => self.process(process),
                tree::Item::Thread(thread) => self.declare_thread(thread),
                tree::Item::Layer(layer) => self.layer(layer),
                tree::Item::Define(define) => self.define(define),
                tree::Item::Setup(_) | tree::Item::Mark(_) | tree::Item::Statement(_) => {}
            }
        }
        for item in &file.items {
            if let tree::Item::Statement(statement) = item
                && let tree::StatementKind::Callback(callback) = &statement.kind
            {
                self.callback(callback);
            }
        }
        for item in &file.items {
            match item {
                tree::Item::Setup(setup) => self.setup(setup),
                tree::Item::Mark(mark) => {
                    let number = i64::try_from(mark.number.value).unwrap_or(0);
                    self.script.marks.push((number, mark.title.to_str().into_owned()));
                    self.mark = Some(self.script.marks.len() - 1);
                }
                tree::Item::Statement(statement) => {
                    let items = self.items(std::slice::from_ref(statement));
                    self.script.items.extend(items);
                }
                _ => {}
            }
        }
        if let Some(schedule) = &file.schedule {
            crate::schedule::check(&self.script, schedule, self.text, &mut self.errors);
            self.script.schedule = Some(schedule.clone());
        }
    }

    fn setup(&mut self, setup: &tree::Setup) {
        if !self.script.items.is_empty() {
            self.error(setup.span, "`setup` stands before all other statements", None);
        }
        self.setup = true;
        let items = self.items(&setup.block.items);
        self.script.setup.extend(items);
        self.setup = false;
        self.last = None;
    }

    fn process(&mut self, process: &tree::Process) {
        let name = process.name.text.clone();
        if self.script.processes.iter().any(|p| p.name == name) {
            self.error(process.name.span, format!("process `{name}` is declared twice"), None);
        } else if constant_of(&name).is_some() {
            self.error(process.name.span, format!("`{name}` is a constant"), None);
        }
        let mut declared = ProcessDeclaration::new(&name);
        for option in &process.options {
            match (option.name.as_str(), &option.value) {
                ("started", Some(tree::SettingValue::Yes)) => declared.started = true,
                ("started", Some(tree::SettingValue::No)) => declared.started = false,
                ("created", Some(tree::SettingValue::Yes)) => declared.created = true,
                ("created", Some(tree::SettingValue::No)) => declared.created = false,
                ("administrator", Some(tree::SettingValue::Yes)) => declared.administrator = true,
                ("administrator", Some(tree::SettingValue::No)) => declared.administrator = false,
                ("created" | "started" | "administrator", _) => {
                    self.error(option.span, format!("`{}` takes yes or no", option.name), None);
                }
                ("environment", value) => match environment(value.as_ref()) {
                    Some(environment) => declared.environment = environment,
                    None => self.error(option.span, "`environment` takes variables: `{NAME=\"value\"}`", None),
                },
                ("bits", value) => match number_of(value.as_ref()) {
                    Some(64) => {}
                    Some(32) => {
                        self.error(option.span, "32-bit processes are not modelled: nothing here depends on it", None)
                    }
                    _ => self.error(option.span, "`bits` takes 64 or 32", None),
                },
                ("category", _) => self.error(option.span, "the categories of programs are not modelled", None),
                (other, _) => {
                    let known = ["started", "created", "bits", "administrator", "category", "environment"];
                    let near = nearest(other, known);
                    self.error(option.span, format!("a process has no option `{other}`"), near);
                }
            }
        }
        if declared.created && declared.environment != Value::Null {
            let message = format!("the CreateProcess that starts `{name}` gives its environment");
            self.error(process.name.span, message, None);
        }
        self.script.processes.push(declared);
    }

    fn declare_thread(&mut self, thread: &tree::Thread) {
        let name = thread.name.text.clone();
        match self.script.processes.iter_mut().find(|p| p.name == thread.process.text) {
            Some(process) if process.threads.contains(&name) => {
                self.error(thread.name.span, format!("thread `{}.{name}` is declared twice", thread.process), None);
            }
            Some(process) => process.threads.push(name),
            None => self.unknown_process(&thread.process),
        }
    }

    pub(super) fn unknown_process(&mut self, name: &tree::Name) {
        if self.is_enough() {
            return;
        }
        let near = nearest(&name.text, self.script.processes.iter().map(|p| p.name.as_str()));
        self.error(name.span, format!("no process is called `{name}`"), near);
    }

    fn define(&mut self, define: &'a tree::Define) {
        let name = &define.name;
        if Function::named(&name.text).is_some() || check::FORMS.contains(&name.as_str()) {
            self.error(name.span, format!("`{name}` is a function already"), None);
        } else if self.defines.iter().any(|d| d.name.text == name.text) {
            self.error(name.span, format!("`{name}` is defined twice"), None);
        }
        for (place, parameter) in define.parameters.iter().enumerate() {
            if define.parameters[..place].iter().any(|p| p.text == parameter.text) {
                self.error(parameter.span, format!("parameter `{parameter}` is there twice"), None);
            }
        }
        self.defines.push(define);
    }

    /// The acts of a body, with defines in their places.
    pub(super) fn expand(&mut self, acts: &[tree::Act], depth: usize) -> Vec<tree::Act> {
        let mut all = Vec::new();
        for act in acts {
            match &act.kind {
                ActKind::Call(call) if self.is_define(&call.function.text) => {
                    all.extend(self.expand_call(call, depth));
                }
                _ => all.push(act.clone()),
            }
        }
        all
    }

    pub(super) fn is_define(&self, name: &str) -> bool {
        self.defines.iter().any(|d| d.name.text == name)
    }

    /// What a use of a define stands for.
    pub(super) fn expand_call(&mut self, call: &tree::Call, depth: usize) -> Vec<tree::Act> {
        let Some(define) = self.defines.iter().find(|d| d.name.text == call.function.text).copied() else {
            return Vec::new();
        };
        // A define that is used twice by each of many others would grow without end, too.
        if depth >= DEEPEST || self.uses > 10_000 {
            self.error(call.function.span, format!("`{}` uses itself, or too many others", define.name), None);
            return Vec::new();
        }
        self.uses += 1;
        let common: BTreeSet<&str> = (self.script.processes.iter().map(|p| p.name.as_str()))
            .chain(self.script.layers.iter().map(|l| l.name.as_str()))
            .chain(self.script.callbacks.iter().map(|c| c.name.as_str()))
            .chain(["base", "tcp", "udp"])
            .collect();
        let is_common = |name: &str| constant_of(name).is_some() || common.contains(name);
        match define::expand(define, call, self.uses, &is_common) {
            Ok(acts) => self.expand(&acts, depth + 1),
            Err(errors) => {
                errors.into_iter().for_each(|(span, message)| self.error(span, message, None));
                Vec::new()
            }
        }
    }

    pub(super) fn callback(&mut self, callback: &tree::Callback) {
        let Some(process) = self.script.processes.iter().position(|p| p.name == callback.process.text) else {
            self.unknown_process(&callback.process);
            return;
        };
        if self.script.callback(process, &callback.name.text).is_some() {
            let message = format!("process `{}` has a `{}` already", callback.process, callback.name);
            self.error(callback.name.span, message, None);
        }
        let acts = self.expand(&callback.body.items, 0);
        for act in &acts {
            if let ActKind::Call(call) = &act.kind {
                self.function_of(call);
            }
        }
        let name = callback.name.text.clone();
        self.script.callbacks.push(CallbackDeclaration { name, process, kind: callback.kind, acts });
    }

    /// The function of a call, with its parameters checked.
    pub(super) fn function_of(&mut self, call: &tree::Call) -> Option<Function> {
        let Some(function) = function(&call.function.text) else {
            self.unknown_function(&call.function);
            return None;
        };
        self.check_arguments(function, call);
        Some(function)
    }

    pub(super) fn unknown_function(&mut self, name: &tree::Name) {
        if self.is_enough() {
            return;
        }
        let defines = self.defines.iter().map(|d| d.name.as_str());
        let near = nearest(&name.text, Function::all().map(|f| f.declaration().name).chain(defines));
        self.error(name.span, format!("no function is called `{name}`"), near);
    }

    /// Puts the lines to their threads.
    fn compile(&mut self) {
        let (mut code, mut choices) = (BTreeMap::new(), Vec::new());
        for items in [&self.script.setup, &self.script.items] {
            let threads: BTreeSet<Tid> = threads_of(items, &self.script);
            for thread in threads {
                emit(items, &self.script, thread, code.entry(thread).or_default(), &mut choices);
            }
            if std::ptr::eq(items, &self.script.setup) {
                let length = |code: &Vec<Op>| u32::try_from(code.len()).unwrap_or(u32::MAX);
                self.script.setup_code = code.iter().map(|(thread, code)| (*thread, length(code))).collect();
            }
        }
        self.script.code = code;
        self.script.choices = choices;
    }
}

/// The variables of an environment.
fn environment(value: Option<&tree::SettingValue>) -> Option<Value> {
    let Some(tree::SettingValue::Value(value)) = value else { return None };
    let ValueKind::Struct(fields) = &value.ungrouped().kind else { return None };
    let variable = |field: &tree::FieldValue| match (&field.field.index, &field.value.ungrouped().kind) {
        (None, ValueKind::String(text)) => Some((field.field.name.text.clone(), Value::bytes(&text.0))),
        _ => None,
    };
    fields.iter().map(variable).collect::<Option<Vec<_>>>().map(Value::Record)
}

fn number_of(value: Option<&tree::SettingValue>) -> Option<i128> {
    match value {
        Some(tree::SettingValue::Value(value)) => match &value.ungrouped().kind {
            ValueKind::Number(number) => Some(number.value),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn threads_of(items: &[Item], script: &Script) -> BTreeSet<Tid> {
    let mut threads = BTreeSet::new();
    for item in items {
        match item {
            Item::Line(line) => drop(threads.insert(script.lines[*line].thread)),
            Item::Sync { thread, .. } => drop(threads.insert(*thread)),
            Item::Repeat { items, .. } | Item::Any(items) => threads.extend(threads_of(items, script)),
            Item::Returns { .. } | Item::Expect(..) | Item::World { .. } => {}
        }
    }
    threads
}

/// Adds what a thread does in these statements to its code.
fn emit(items: &[Item], script: &Script, thread: Tid, code: &mut Vec<Op>, choices: &mut Vec<Vec<u32>>) {
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    for item in items {
        match item {
            Item::Line(line) if script.lines[*line].thread == thread => code.push(Op::Line(narrow(*line))),
            Item::Sync { thread: of, sync, .. } if *of == thread => code.push(Op::Sync(narrow(*sync))),
            Item::Any(items) => {
                let own = items.iter().filter_map(|item| match item {
                    Item::Line(line) if script.lines[*line].thread == thread => Some(narrow(*line)),
                    _ => None,
                });
                let own: Vec<u32> = own.collect();
                if !own.is_empty() {
                    code.push(Op::Choose(narrow(choices.len())));
                    choices.push(own);
                }
            }
            Item::Repeat { times, items } => {
                let begin = code.len();
                code.push(Op::Begin { times: *times, past: 0 });
                emit(items, script, thread, code, choices);
                if code.len() == begin + 1 {
                    code.pop();
                    continue;
                }
                code.push(Op::End { first: narrow(begin + 1) });
                code[begin] = Op::Begin { times: *times, past: narrow(code.len()) };
            }
            _ => {}
        }
    }
}
