//! Recorded schedules: the text of a transition, and back.
//!
//! A line of `schedule { }` names a transition by what it is:
//!
//! | line | transition |
//! |---|---|
//! | `go source`, `go source.worker`, `go source worker of base` | a thread goes on to its next boundary |
//! | `go source choice 2 with 0x84` | a thread takes the second line of its `repeat any`, with that handle |
//! | `step source` | a thread goes on by one step of an activation |
//! | `deliver 127.0.0.1:1024 -> 127.0.0.1:80` | the oldest segment between two ends arrives |
//! | `lose 127.0.0.1:1024 -> 127.0.0.1:80` | it is lost |
//! | `deliver datagram 127.0.0.1:1024 -> 127.0.0.1:53`, `lose datagram ...` | likewise the oldest datagram |
//! | `deliver bus source -> target`, `... message 2` | a message of the bus arrives |
//! | `complete source cell 3` | an overlapped operation is carried out |
//! | `time` | time passes to the next deadline |
//! | `answer source 3 "..."` | a party outside answers question 3 (JSON) |
//! | `kill`, `advance`, `lose bus`, `duplicate`, `damage`, `fault`, `clear faults` | as the statements |
//!
//! A first line `grain boundary` says how far `go` goes where that is not to the end of a call; with `through lines` a
//! thread does not stop between two lines of its program.

use serde::{Deserialize, Serialize};
use winspi_core::id::{CellId, Handle, Pid, ProviderId, Tid};
use winspi_core::kernel::process::ThreadRole;
use winspi_core::protocol::Step;
use winspi_core::{Choice, Grain, Transition, World};
use winspi_types::SocketAddress;

use crate::around::{self, print_fault};
use crate::scope::Scope;
use crate::script::{Script, error};
use crate::syntax::tree::{self, StatementKind};
use crate::syntax::{self, Diagnostic, print_value};

/// What threads and providers are called in a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Naming {
    /// All threads, those of providers included.
    threads: Vec<(Tid, String)>,
    /// The providers in the order of the catalog.
    providers: Vec<String>,
}

impl Naming {
    /// The names of a world.
    pub fn of(world: &World) -> Naming {
        let providers: Vec<String> = world.catalog().providers().iter().map(|p| p.name.clone()).collect();
        let threads = world.threads().map(|(tid, thread)| {
            let name = match thread.role {
                ThreadRole::Worker(instance) => {
                    let provider = world.catalog().provider(instance.provider).name.clone();
                    format!("{} worker of {provider}", world.thread_name(Tid::main(tid.process)))
                }
                ThreadRole::Program | ThreadRole::Outside(_) => world.thread_name(tid),
            };
            (tid, name)
        });
        Naming { threads: threads.collect(), providers }
    }

    /// All threads with their names, by process and number.
    pub fn threads(&self) -> &[(Tid, String)] {
        &self.threads
    }

    fn thread(&self, tid: Tid) -> String {
        let found = self.threads.iter().find(|(t, _)| *t == tid);
        found.map_or_else(|| tid.to_string(), |(_, name)| name.clone())
    }

    fn process(&self, pid: Pid) -> String {
        self.thread(Tid::main(pid))
    }

    fn provider(&self, id: ProviderId) -> String {
        self.providers.get(usize::from(id.0)).cloned().unwrap_or_else(|| id.0.to_string())
    }

    fn find(&self, name: &str) -> Result<Tid, String> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let name = words.join(" ");
        let found = self.threads.iter().find(|(_, n)| *n == name);
        found.map(|(tid, _)| *tid).ok_or_else(|| format!("no thread is called `{name}` now"))
    }
}

/// A schedule as it was recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// How far one `go` goes.
    pub grain: Grain,
    /// Whether a thread goes on through the ends of its lines.
    pub through_lines: bool,
    /// The transitions after `setup`.
    pub transitions: Vec<Transition>,
}

impl Recorded {
    /// The schedule as the end of a file.
    pub fn to_tree(&self, naming: &Naming) -> tree::Schedule {
        let line = |text| tree::Transition { span: tree::Span::default(), notes: tree::Notes::default(), text };
        let mut lines = Vec::new();
        if self.grain != Grain::Call || self.through_lines {
            lines.push(line(print_grain(self.grain, self.through_lines)));
        }
        lines.extend(self.transitions.iter().map(|t| line(print(t, naming))));
        tree::Schedule {
            span: tree::Span::default(),
            notes: tree::Notes::default(),
            transitions: tree::Braced::lines(lines),
        }
    }
}

fn print_grain(grain: Grain, through_lines: bool) -> String {
    let word = match grain {
        Grain::Call => "call",
        Grain::Boundary => "boundary",
        Grain::Request => "request",
    };
    format!("grain {word}{}", if through_lines { " through lines" } else { "" })
}

/// A transition as a line of a schedule.
pub fn print(transition: &Transition, naming: &Naming) -> String {
    let bus = |word: &str, from: Pid, to: Pid| format!("{word} bus {} -> {}", naming.process(from), naming.process(to));
    match transition {
        Transition::Go(tid) => format!("go {}", naming.thread(*tid)),
        Transition::Step(tid) => format!("step {}", naming.thread(*tid)),
        Transition::Choose { thread, choice } => {
            let handles: Vec<String> = choice.handles.iter().map(ToString::to_string).collect();
            let with = if handles.is_empty() { String::new() } else { format!(" with {}", handles.join(", ")) };
            format!("go {} choice {}{with}", naming.thread(*thread), choice.alternative)
        }
        Transition::Deliver { from, to } => format!("deliver {from} -> {to}"),
        Transition::LoseSegment { from, to } => format!("lose {from} -> {to}"),
        Transition::DeliverDatagram { from, to } => format!("deliver datagram {from} -> {to}"),
        Transition::LoseDatagram { from, to } => format!("lose datagram {from} -> {to}"),
        Transition::DeliverMessage { from, to } => bus("deliver", *from, *to),
        Transition::Overtake { from, to, number } => format!("{} message {number}", bus("deliver", *from, *to)),
        Transition::LoseMessage { from, to, number } => format!("{} message {number}", bus("lose", *from, *to)),
        Transition::DuplicateMessage { from, to, number } => {
            format!("{} message {number}", bus("duplicate", *from, *to))
        }
        Transition::DamageMessage { from, to, number, byte } => {
            format!("{} message {number} byte {byte}", bus("damage", *from, *to))
        }
        Transition::Complete { process, cell } => format!("complete {} cell {}", naming.process(*process), cell.0),
        Transition::TimePasses => "time".to_owned(),
        Transition::Advance(ms) => format!("advance {ms}ms"),
        Transition::Kill(pid) => format!("kill {}", naming.process(*pid)),
        Transition::Fault(fault) => {
            let text = print_fault(*fault, |pid| naming.process(pid), |id| naming.provider(id));
            format!("fault {text}")
        }
        Transition::ClearFaults => "clear faults".to_owned(),
        Transition::Answer { thread, number, step } => {
            let json = serde_json::to_string(step).unwrap_or_default();
            let bytes = tree::Bytes(json.into_bytes());
            let text = print_value(&tree::Value::new(tree::ValueKind::String(bytes)));
            format!("answer {} {number} {text}", naming.thread(*thread))
        }
    }
}

/// What a line of a schedule says.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// How far `go` goes, and whether through the ends of lines.
    Grain(Grain, bool),
    /// A transition.
    Transition(Transition),
}

/// A line that needs no statement's meaning.
fn special(text: &str, naming: &Naming) -> Option<Result<Entry, String>> {
    let (word, rest) = text.split_once([' ', '\t']).map_or((text, ""), |(word, rest)| (word, rest.trim()));
    let datagram = rest.strip_prefix("datagram ");
    let between = || {
        let (from, to) = datagram.unwrap_or(rest).split_once("->")?;
        let address = |text: &str| text.trim().parse::<SocketAddress>().ok();
        Some((address(from)?, address(to)?))
    };
    Some(match word {
        "grain" => grain(rest),
        "go" if rest.contains(" choice ") => choice(rest, naming),
        "go" => naming.find(rest).map(|tid| Entry::Transition(Transition::Go(tid))),
        "step" => naming.find(rest).map(|tid| Entry::Transition(Transition::Step(tid))),
        "time" if rest.is_empty() => Ok(Entry::Transition(Transition::TimePasses)),
        "deliver" | "lose" => {
            let (from, to) = between()?;
            Ok(Entry::Transition(match (word, datagram) {
                ("deliver", None) => Transition::Deliver { from, to },
                ("deliver", Some(_)) => Transition::DeliverDatagram { from, to },
                (_, None) => Transition::LoseSegment { from, to },
                (_, Some(_)) => Transition::LoseDatagram { from, to },
            }))
        }
        "complete" => complete(rest, naming),
        "answer" => answer(rest, naming),
        _ => return None,
    })
}

fn grain(rest: &str) -> Result<Entry, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (word, through) = match words.as_slice() {
        [word] => (*word, false),
        [word, "through", "lines"] => (*word, true),
        _ => ("", false),
    };
    let grain = match word {
        "call" => Grain::Call,
        "boundary" => Grain::Boundary,
        "request" => Grain::Request,
        _ => return Err("expected `grain call`, `grain boundary` or `grain request`".to_owned()),
    };
    Ok(Entry::Grain(grain, through))
}

fn choice(rest: &str, naming: &Naming) -> Result<Entry, String> {
    let form = || "expected `go THREAD choice NUMBER`, perhaps `with` handles".to_owned();
    let (thread, rest) = rest.split_once(" choice ").ok_or_else(form)?;
    let (number, handles) = rest.split_once(" with ").map_or((rest, None), |(number, all)| (number, Some(all)));
    let alternative = number.trim().parse().map_err(|_| form())?;
    let handle = |text: &str| {
        let digits = text.trim().strip_prefix("0x").ok_or_else(form)?;
        u64::from_str_radix(digits, 16).map(Handle).map_err(|_| form())
    };
    let handles = handles.map_or(Ok(Vec::new()), |all| all.split(',').map(handle).collect())?;
    let choice = Choice { alternative, handles };
    Ok(Entry::Transition(Transition::Choose { thread: naming.find(thread)?, choice }))
}

fn complete(rest: &str, naming: &Naming) -> Result<Entry, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let [process, "cell", number] = words.as_slice() else {
        return Err("expected `complete PROCESS cell NUMBER`".to_owned());
    };
    let cell = number.parse().map(CellId).map_err(|_| format!("`{number}` is no number of a cell"))?;
    let process = naming.find(process)?.process;
    Ok(Entry::Transition(Transition::Complete { process, cell }))
}

fn answer(rest: &str, naming: &Naming) -> Result<Entry, String> {
    let form = || "expected `answer THREAD NUMBER \"...\"`".to_owned();
    let (before, _) = rest.split_once('"').ok_or_else(form)?;
    let (thread, number) = before.trim().rsplit_once([' ', '\t']).ok_or_else(form)?;
    let number = number.parse().map_err(|_| form())?;
    let value = syntax::parse_value(&rest[before.len()..]).map_err(|_| form())?;
    let tree::ValueKind::String(bytes) = value.kind else { return Err(form()) };
    let step: Step<()> = serde_json::from_slice(&bytes.0).map_err(|e| format!("the answer is damaged: {e}"))?;
    Ok(Entry::Transition(Transition::Answer { thread: naming.find(thread)?, number, step }))
}

/// What a line of a schedule says in a world.
///
/// # Errors
///
/// What is wrong with the line, in a sentence.
pub fn parse(text: &str, scope: &Scope<'_>) -> Result<Entry, String> {
    if let Some(entry) = special(text, &Naming::of(scope.world)) {
        return entry;
    }
    around::transition(scope, &statement(text)?).map(Entry::Transition)
}

/// A line that is a statement about the world around.
fn statement(text: &str) -> Result<tree::World, String> {
    let parsed = syntax::parse_statement(text);
    match parsed.map(|statement| statement.kind) {
        Ok(StatementKind::World(world)) if !matches!(world, tree::World::Hold(_) | tree::World::Release(_)) => {
            Ok(world)
        }
        _ => Err(format!("`{text}` is no transition")),
    }
}

/// Checks a schedule as far as the text alone allows.
pub(crate) fn check(script: &Script, schedule: &tree::Schedule, text: &str, errors: &mut Vec<Diagnostic>) {
    let mut threads = Vec::new();
    for (place, process) in script.processes.iter().enumerate() {
        let pid = Pid::of_index(place);
        threads.push((Tid::main(pid), process.name.clone()));
        for (ordinal, name) in (1..).zip(&process.threads) {
            threads.push((Tid { process: pid, ordinal }, format!("{}.{name}", process.name)));
        }
    }
    let naming = Naming { threads, providers: Vec::new() };
    for line in &schedule.transitions.items {
        // Which threads providers will have is not known before the run.
        let problem = match special(&line.text, &naming) {
            Some(Err(_)) if line.text.contains(" worker of ") => None,
            Some(entry) => entry.err(),
            None => statement(&line.text).err(),
        };
        if let Some(problem) = problem {
            errors.push(error(text, line.span, problem, None));
        }
    }
}
