//! Which processes of a scenario may be exchanged, and whether the values of handles may.
//!
//! An exchange is allowed where no line and no test can tell. What that takes is read from the text, and where it cannot
//! be seen there the answer is no, with the place and the reason. Lines may use only functions of which it is known
//! that they treat processes and handle values alike; `setup` may do what it likes, for it is over.
//!
//! *Handles*: programs keep none. They take some handle of a kind (`some(Event)`), so a value is never held, compared or
//! sent. *Processes*: two processes are of one class where they are declared alike and their threads run the same lines,
//! and where nobody else names them; their own names stand in tests of their lines only.

use serde::{Deserialize, Serialize};
use winspi_core::canon::Symmetry;
use winspi_core::id::{Pid, Tid};
use winspi_core::signature::{Kind, Parameter};

use crate::Arrangement;
use crate::script::{Line, Op, QUESTIONS, Script, constant_of, walk};
use crate::syntax::tree::{self, ExpectationKind, ValueKind};
use crate::syntax::{print_statement, print_test};

/// What is to be exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exchange {
    /// The values of the handles of each process.
    Handles,
    /// Processes that do the same.
    Processes,
    /// Both.
    Both,
}

impl Exchange {
    fn handles(self) -> bool {
        self != Exchange::Processes
    }

    fn processes(self) -> bool {
        self != Exchange::Handles
    }
}

/// Why nothing can be exchanged, and the place that says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {}: {reason}", span.line)]
pub struct Refused {
    /// The place.
    pub span: tree::Span,
    /// The reason.
    pub reason: String,
}

type Checked = Result<(), Refused>;

fn refuse<T>(span: tree::Span, reason: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { span, reason: reason.into() })
}

/// Functions of kernel objects that say and see nothing of a value or a process.
const OF_OBJECTS: [&str; 7] = [
    "CreateEvent",
    "SetEvent",
    "ResetEvent",
    "WaitForSingleObject",
    "DuplicateHandle",
    "CloseHandle",
    "GetCurrentProcess",
];

/// Functions of sockets of which that is known, and of the bus.
#[rustfmt::skip]
const OF_SOCKETS: [&str; 31] = [
    "socket", "WSASocket", "WSPSocket", "bind", "WSPBind", "listen", "WSPListen", "connect", "WSAConnect", "WSPConnect",
    "accept", "WSAAccept", "WSPAccept", "send", "WSASend", "WSPSend", "recv", "WSARecv", "WSPRecv", "shutdown",
    "WSPShutdown", "closesocket", "WSPCloseSocket", "getsockname", "WSPGetSockName", "getpeername", "WSPGetPeerName",
    "BusSend", "BusReceive", "SleepEx", "WSASetLastError",
];

/// Those of all functions that give a handle.
const GIVE_HANDLES: [&str; 9] = [
    "socket",
    "WSASocket",
    "WSPSocket",
    "accept",
    "WSAAccept",
    "WSPAccept",
    "CreateEvent",
    "OpenProcess",
    "DuplicateHandle",
];

/// What may be exchanged in a scenario.
///
/// # Errors
///
/// Where nothing can be, or it cannot be seen that it can.
pub fn symmetry(script: &Script, arrangement: &Arrangement, asked: Exchange) -> Result<Symmetry, Refused> {
    whole(script, arrangement)?;
    for line in lines(script) {
        functions(line, asked)?;
        if asked.handles() {
            keeps_no_handle(script, line)?;
        } else {
            handles_stay_handles(script, line)?;
        }
    }
    if asked.handles() {
        for (test, _) in claims(script) {
            test_keeps_no_handle(script, test, &[])?;
        }
    }
    let classes = if asked.processes() { classes(script)? } else { Vec::new() };
    Ok(Symmetry { handles: asked.handles(), classes })
}

impl Script {
    /// Whether a name of a process is that of a handle.
    pub(crate) fn holds_handle(&self, process: usize, name: &str) -> bool {
        let mut binds = self.lines.iter().filter(|line| line.process == process && binds(line, name));
        binds.any(|line| GIVE_HANDLES.contains(&line.function.name()))
    }
}

fn binds(line: &Line, name: &str) -> bool {
    line.call.bind.as_ref().is_some_and(|bind| bind.text == name)
}

/// The lines after `setup`.
fn lines(script: &Script) -> impl Iterator<Item = &Line> {
    script.lines.iter().filter(|line| !line.setup)
}

/// The tests that belong to no line, each with the process that bare names in it belong to.
fn claims(script: &Script) -> impl Iterator<Item = (&tree::Test, usize)> {
    let all = script.at_end.iter().chain(&script.always).chain(&script.reachable);
    all.map(|(test, process)| (test, *process))
}

/// The tests of a line.
fn tests(line: &Line) -> impl Iterator<Item = &tree::Test> {
    line.when.iter().chain(&line.expects)
}

/// What of a file as a whole has a say in who comes first.
fn whole(script: &Script, arrangement: &Arrangement) -> Checked {
    if let Some(schedule) = &script.schedule {
        return refuse(schedule.span, "a recorded order names processes and handles as they are");
    }
    if let Some(sync) = script.syncs.first() {
        return refuse(sync.span, "threads that wait for each other at a `sync` cannot be exchanged");
    }
    let acts = script.callbacks.iter().flat_map(|callback| &callback.acts);
    if let Some(act) = acts.map(|act| act.span).next() {
        return refuse(act, "what a callback does is not looked at: it could tell processes and handles apart");
    }
    let plain = arrangement.ifs && arrangement.layers.is_empty();
    let layer = script.layers.first().map(|layer| layer.span);
    if !plain || layer.is_some() {
        let span = layer.unwrap_or_default();
        return refuse(span, "layers and non-IFS providers number their sockets themselves: use the IFS base alone");
    }
    Ok(())
}

/// A line uses only functions that tell nobody apart.
fn functions(line: &Line, asked: Exchange) -> Checked {
    let known = |name: &str| OF_OBJECTS.contains(&name) || (!asked.handles() && OF_SOCKETS.contains(&name));
    let name = line.function.name();
    if !known(name) {
        return refuse(line.span, format!("{name} may tell apart what is to be exchanged"));
    }
    if line.call.provider.is_some() {
        return refuse(line.span, "an upcall may tell apart what is to be exchanged");
    }
    for path in walk::paths(&line.call, walk::call) {
        let inner = path.name.text.as_str();
        if path.arguments.is_some() && crate::script::function(inner).is_some() && inner != "GetCurrentProcess" {
            return refuse(path.name.span, format!("{inner} within an argument is not looked at"));
        }
    }
    if name.ends_with("ocket") && line.call.arguments.len() > 3 && !name.starts_with("close") {
        return refuse(line.span, "a socket from an info has its handle from another process");
    }
    if name == "DuplicateHandle" && !leaves_its_source(line) {
        return refuse(line.span, "a duplication that closes its source frees a value while it takes another");
    }
    gives_no_number(line)
}

/// The parameter that an argument of a line is for, by its name or its place.
fn parameter_of(line: &Line, place: usize, argument: &tree::Argument) -> Option<&'static Parameter> {
    let parameters = line.function.declaration().parameters;
    match &argument.name {
        Some(name) => parameters.iter().find(|p| p.name == name.text || p.page_name == name.text),
        None => parameters.iter().filter(|p| p.positional).nth(place),
    }
}

/// Whether the options of a DuplicateHandle are not DUPLICATE_CLOSE_SOURCE for certain.
fn leaves_its_source(line: &Line) -> bool {
    let is_options = |(place, argument): &(usize, &tree::Argument)| {
        parameter_of(line, *place, argument).is_some_and(|parameter| parameter.name == "options")
    };
    let given = line.call.arguments.iter().enumerate().find(is_options);
    match given.map(|(_, argument)| &argument.value.ungrouped().kind) {
        None => true,
        Some(ValueKind::Path(path)) => path.name.text == "DUPLICATE_SAME_ACCESS" && path.steps.is_empty(),
        Some(ValueKind::Number(number)) => number.value & 1 == 0,
        Some(_) => false,
    }
}

/// What a call that gives a handle should give is no number.
fn gives_no_number(line: &Line) -> Checked {
    if !GIVE_HANDLES.contains(&line.function.name()) {
        return Ok(());
    }
    let outcomes =
        line.call.outcome.as_deref().into_iter().chain(line.returns.iter().filter_map(|r| r.outcome.as_ref()));
    let expected = outcomes.map(|outcome| &outcome.expectation).chain(&line.until);
    for expectation in expected {
        let constant = |value: &tree::Value| match &value.kind {
            ValueKind::Path(path) => constant_of(&path.name.text).is_some(),
            _ => false,
        };
        let allowed = match &expectation.kind {
            ExpectationKind::Ok
            | ExpectationKind::Any
            | ExpectationKind::Pending
            | ExpectationKind::Fails(_)
            | ExpectationKind::Blocks
            | ExpectationKind::BlocksForEver => true,
            ExpectationKind::Value(value) => constant(value),
            _ => false,
        };
        if !allowed {
            return refuse(expectation.span, "this compares the value of a handle");
        }
    }
    Ok(())
}

/// No name, no number: handles are `some(...)`.
fn keeps_no_handle(script: &Script, line: &Line) -> Checked {
    if let Some(bind) = &line.call.bind {
        return refuse(bind.span, format!("`{bind}` keeps what the call gives, by its number perhaps"));
    }
    for (place, argument) in line.call.arguments.iter().enumerate() {
        let parameter = parameter_of(line, place, argument);
        let is_handle = parameter.is_none_or(|p| p.kind == Kind::Handle);
        let open = match &argument.value.kind {
            ValueKind::Path(path) => matches!(path.name.text.as_str(), "some" | "GetCurrentProcess"),
            ValueKind::Null => true,
            _ => false,
        };
        if is_handle && !open {
            return refuse(argument.span, "this names a handle by its value; `some(...)` takes any");
        }
    }
    for path in walk::paths(&line.call, walk::call) {
        let name = path.name.text.as_str();
        if path.arguments.is_none() && script.process(name).is_none() && constant_of(name).is_none() {
            let is_kind = crate::script::ObjectKind::named(name) || is_chosen(line, name);
            if !is_kind {
                return refuse(path.name.span, format!("`{name}` keeps a value, that of a handle perhaps"));
            }
        }
    }
    let chosen: Vec<&str> = line.picks.iter().filter_map(|pick| pick.name.as_deref()).collect();
    tests(line).try_for_each(|test| test_keeps_no_handle(script, test, &chosen))
}

fn is_chosen(line: &Line, name: &str) -> bool {
    line.picks.iter().any(|pick| pick.name.as_deref() == Some(name))
}

/// A test asks questions, and compares the answers with numbers: of handles it knows those that were chosen.
fn test_keeps_no_handle(script: &Script, test: &tree::Test, chosen: &[&str]) -> Checked {
    let of_questions = |value: &tree::Value| match &value.ungrouped().kind {
        ValueKind::Path(path) => {
            let asks = path.arguments.is_some() && QUESTIONS.contains(&path.name.text.as_str());
            asks || constant_of(&path.name.text).is_some()
        }
        ValueKind::Number(_) | ValueKind::True | ValueKind::False | ValueKind::String(_) => true,
        _ => false,
    };
    let right = test.right.as_ref().map(|right| &right.operand);
    let compares = match right {
        None => true,
        Some(tree::Operand::Value(value)) => of_questions(value),
        Some(tree::Operand::OneOf(_)) => false,
    };
    if !of_questions(&test.left) || !compares {
        return refuse(test.span, "this test is no comparison of a question with a number");
    }
    for path in walk::paths(test, walk::test) {
        let name = path.name.text.as_str();
        let known = path.arguments.is_some()
            || script.process(name).is_some()
            || constant_of(name).is_some()
            || crate::script::ObjectKind::named(name)
            || chosen.contains(&name);
        if !known {
            return refuse(path.name.span, format!("`{name}` keeps a value, that of a handle perhaps"));
        }
        tells_no_names(&path)?;
    }
    Ok(())
}

/// No question gives a text with names and values in it.
fn tells_no_names(path: &tree::Path) -> Checked {
    let names = path.steps.iter().any(|step| matches!(step, tree::PathStep::Field(field) if field.text == "holders"));
    if names { refuse(path.name.span, "`holders` names processes and handles") } else { Ok(()) }
}

/// Names of handles stand where a handle is taken, and nowhere else.
fn handles_stay_handles(script: &Script, line: &Line) -> Checked {
    let holds = |path: &tree::Path| path.arguments.is_none() && script.holds_handle(line.process, &path.name.text);
    if let Some(bind) = &line.call.bind
        && script.holds_handle(line.process, &bind.text) != GIVE_HANDLES.contains(&line.function.name())
    {
        return refuse(bind.span, format!("`{bind}` is a handle here and another value elsewhere"));
    }
    for (place, argument) in line.call.arguments.iter().enumerate() {
        let parameter = parameter_of(line, place, argument);
        let whole = matches!(&argument.value.kind, ValueKind::Path(path) if holds(path) && path.steps.is_empty());
        let takes = parameter.is_some_and(|p| p.kind == Kind::Handle);
        if walk::paths(&argument.value, walk::value).iter().any(holds) && !(whole && takes) {
            return refuse(argument.span, "this makes a value of a handle");
        }
        if takes && matches!(argument.value.ungrouped().kind, ValueKind::Number(_)) {
            return refuse(argument.span, "this names a handle by its value");
        }
    }
    for test in tests(line) {
        let bare = |value: &tree::Value| matches!(&value.ungrouped().kind, ValueKind::Path(path) if holds(path));
        let right = match test.right.as_ref().map(|right| &right.operand) {
            Some(tree::Operand::Value(value)) => bare(value),
            Some(tree::Operand::OneOf(_)) => true,
            None => false,
        };
        if bare(&test.left) || right {
            return refuse(test.span, "this compares the value of a handle");
        }
        walk::paths(test, walk::test).iter().try_for_each(tells_no_names)?;
    }
    if let Some(outcome) = &line.call.outcome
        && walk::paths(&outcome.expectation, walk::expectation).iter().any(holds)
    {
        return refuse(outcome.span, "this compares the value of a handle");
    }
    Ok(())
}

/// The classes of processes that may be exchanged.
fn classes(script: &Script) -> Result<Vec<Vec<Pid>>, Refused> {
    let named: Vec<Option<Refused>> = (0..script.processes.len()).map(|p| named(script, p).err()).collect();
    let mut classes: Vec<(Vec<String>, Vec<Pid>)> = Vec::new();
    for place in (0..script.processes.len()).filter(|place| named[*place].is_none()) {
        let does = what_it_does(script, place);
        match classes.iter_mut().find(|(others, _)| *others == does) {
            Some((_, class)) => class.push(Pid::of_index(place)),
            None => classes.push((does, vec![Pid::of_index(place)])),
        }
    }
    let found: Vec<Vec<Pid>> = classes.into_iter().map(|(_, class)| class).filter(|class| class.len() > 1).collect();
    if found.is_empty() {
        let reason = named.into_iter().flatten().next();
        return Err(
            reason.unwrap_or(Refused { span: script.first_span(), reason: "no two processes do the same".to_owned() })
        );
    }
    Ok(found)
}

/// Whether somebody names a process, or what is bound in it.
fn named(script: &Script, process: usize) -> Checked {
    let Some(own) = script.processes.get(process).map(|p| p.name.as_str()) else { return Ok(()) };
    for line in lines(script) {
        let calls = walk::paths(&line.call, walk::call).into_iter().map(|path| (path, false));
        let asked = tests(line).flat_map(|test| walk::paths(test, walk::test)).map(|path| (path, true));
        for (path, in_test) in calls.chain(asked) {
            if path.name.text == own && !(in_test && line.process == process && path.steps.is_empty()) {
                return refuse(path.name.span, format!("this names `{own}`, so `{own}` is not any process"));
            }
        }
    }
    for (test, of) in claims(script) {
        for path in walk::paths(test, walk::test) {
            let name = path.name.text.as_str();
            let bound = path.arguments.is_none() && script.process(name).is_none() && constant_of(name).is_none();
            if name == own || (bound && of == process && !crate::script::ObjectKind::named(name)) {
                return refuse(path.name.span, format!("this test speaks of `{own}`, so `{own}` is not any process"));
            }
        }
    }
    Ok(())
}

/// What a process is and does, without its name: equal for two processes where nobody can tell them apart.
fn what_it_does(script: &Script, process: usize) -> Vec<String> {
    let Some(declared) = script.processes.get(process) else { return Vec::new() };
    let mut all = vec![format!(
        "{} {} {} {:?}",
        declared.started, declared.created, declared.administrator, declared.environment
    )];
    for ordinal in 0..=declared.threads.len() {
        let thread = Tid { process: Pid::of_index(process), ordinal: ordinal as u16 };
        let begins = script.setup_length(thread);
        let from = |place: u32| place.wrapping_sub(begins);
        for op in script.code(thread).iter().skip(begins as usize) {
            match op {
                Op::Line(line) => all.extend(written(script, *line, &declared.name)),
                Op::Choose(place) => {
                    all.push("repeat any".to_owned());
                    let lines = script.choices.get(*place as usize).into_iter().flatten();
                    all.extend(lines.flat_map(|line| written(script, *line, &declared.name)));
                }
                Op::Begin { times, past } => all.push(format!("repeat {times} to {}", from(*past))),
                Op::End { first } => all.push(format!("again from {}", from(*first))),
                Op::Sync(_) => all.push("sync".to_owned()),
            }
        }
        all.push("end of a thread".to_owned());
    }
    all
}

/// A line as text, the name of its process replaced.
fn written(script: &Script, line: u32, own: &str) -> Vec<String> {
    let Some(line) = script.lines.get(line as usize) else { return Vec::new() };
    let mut rename = |value: &mut tree::Value| {
        if let ValueKind::Path(path) = &mut value.kind
            && path.name.text == own
        {
            // No name has a blank.
            path.name.text = "the process".to_owned();
        }
    };
    let mut call = line.call.clone();
    walk::call(&mut call, &mut rename);
    let who = tree::Who { span: tree::Span::default(), process: tree::Name::new("p"), thread: None };
    let kind = tree::StatementKind::Thread(tree::ThreadLine { who, action: tree::Action::Call(call) });
    let statement = tree::Statement { span: tree::Span::default(), notes: tree::Notes::default(), kind };
    let mut all = vec![print_statement(&statement)];
    for (word, tests) in [("when", &line.when), ("expect", &line.expects)] {
        for test in tests {
            let mut test = test.clone();
            walk::test(&mut test, &mut rename);
            all.push(format!("{word} {}", print_test(&test)));
        }
    }
    all.extend(line.until.as_ref().map(|until| format!("until {}", crate::script::print_expectation(until))));
    all.extend(line.returns.iter().map(|returns| match &returns.outcome {
        Some(outcome) => format!("returns {}", crate::script::print_outcome(outcome)),
        None => "returns".to_owned(),
    }));
    all
}
