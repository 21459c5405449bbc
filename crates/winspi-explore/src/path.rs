//! Ways: how a state was reached, as transitions, and as a list for readers.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use winspi_core::event::Event;
use winspi_core::id::Tid;
use winspi_core::{System, Transition};
use winspi_script::account::{self, Account};
use winspi_script::expect::describe as describe_outcome;
use winspi_script::question::who_name;
use winspi_script::waiting::{handle_name, process_name, waiting};
use winspi_script::{Lines, Script, schedule};

use crate::exploration::Exploration;
use crate::findings::Place;
use crate::states::StateId;

/// One transition of a way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// From 1.
    pub n: usize,
    /// The transition.
    pub transition: Transition,
    /// Who did what: the thread with line and call, or what arrived.
    pub what: String,
    /// What came of it, in short: what calls of the program gave, who waits, breaches and hazards.
    pub gist: Vec<String>,
    /// What happened, for readers: calls between parties, results, waits, breaches and hazards.
    pub happened: Vec<String>,
    /// The events.
    pub events: Vec<Event>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:3} {}", self.n, self.what)?;
        for line in &self.happened {
            write!(f, "\n      {line}")?;
        }
        Ok(())
    }
}

impl Exploration {
    /// A shortest way from the start to a state; empty for the start, and for a number that no state has.
    pub fn path_to(&self, state: StateId) -> Vec<Transition> {
        let mut path = Vec::new();
        let mut at = state;
        while let (Some(transition), Some(parent)) = (self.states.transition(at), self.parent(at)) {
            path.push(transition.clone());
            at = parent;
        }
        path.reverse();
        path
    }

    /// The way to where something was found, the transition that shows it included.
    pub fn path_to_place(&self, place: &Place) -> Vec<Transition> {
        let mut path = self.path_to(place.state);
        path.extend(place.transition.clone());
        path
    }

    /// Takes a way from the start: the system at its end, or the place of the first transition that cannot be taken.
    ///
    /// # Errors
    ///
    /// Where a transition cannot be taken: a way that [`Exploration::path_to`] gives always can.
    pub fn replay(&self, path: &[Transition]) -> Result<System<Lines>, usize> {
        let mut system = self.start.clone();
        for (place, transition) in path.iter().enumerate() {
            system.apply_silently(transition).map_err(|_| place)?;
            forget_finished(&mut system);
        }
        Ok(system)
    }

    /// A way for readers, as far as it can be taken.
    pub fn describe_path(&self, path: &[Transition]) -> Vec<Step> {
        describe(&self.script, &self.start, path).0
    }

    /// Adds to each hazard what the way to it says of its handle: who closed it, and who got it.
    pub(crate) fn tell_hazards(&mut self) {
        for place in 0..self.hazards.len() {
            let found = &self.hazards[place];
            let Some(mut account) = Account::of(&found.what) else { continue };
            let mut system = self.start.clone();
            // The line in which each thread made its last call.
            let mut lines: BTreeMap<Tid, u32> = BTreeMap::new();
            for transition in self.path_to_place(&found.place) {
                let before = line_of(&self.script, &system, &transition, |_| true);
                let Ok(events) = system.apply(&transition) else { break };
                // A thread may end a line and begin the next one at once.
                let now = line_of(&self.script, &system, &transition, Lines::is_within_line);
                for event in &events {
                    let (Event::Enter { thread, .. } | Event::Leave { thread, .. }) = event else { continue };
                    if let (Event::Enter { depth: 0, .. }, Some(line)) = (event, now.or(before)) {
                        lines.insert(*thread, line);
                    }
                    account.note(event, lines.get(thread).copied());
                }
            }
            let told = account.told(system.world());
            account::tell(&mut self.hazards[place].what, &told);
        }
    }
}

/// A way for readers, as far as it can be taken, and the system at its end.
pub(crate) fn describe(script: &Script, start: &System<Lines>, path: &[Transition]) -> (Vec<Step>, System<Lines>) {
    let mut system = start.clone();
    let mut steps = Vec::new();
    for (place, transition) in path.iter().enumerate() {
        let what = describe_transition(script, &system, transition);
        let Ok(events) = system.apply(transition) else { break };
        forget_finished(&mut system);
        let gist = events.iter().filter_map(|event| brief(script, &system, event)).collect();
        let happened = events.iter().filter_map(|event| describe_event(script, &system, event)).collect();
        steps.push(Step { n: place + 1, transition: transition.clone(), what, gist, happened, events });
    }
    (steps, system)
}

/// An event in short, if it is one that a reader of an order looks for.
fn brief(script: &Script, system: &System<Lines>, event: &Event) -> Option<String> {
    match event {
        Event::Leave { depth: 0, outcome, .. } => Some(describe_outcome(outcome)),
        Event::Waits { .. }
        | Event::Delivered { .. }
        | Event::Completed { .. }
        | Event::Started { .. }
        | Event::Breach(_)
        | Event::Hazard(_) => describe_event(script, system, event),
        _ => None,
    }
}

/// The line of the file at which the thread of a transition stands, if that is one that counts.
fn line_of(
    script: &Script,
    system: &System<Lines>,
    transition: &Transition,
    counts: impl Fn(&Lines) -> bool,
) -> Option<u32> {
    let program = system.program(transition.thread()?)?;
    let line = match transition {
        // Before it is taken the thread stands in no line yet.
        Transition::Choose { choice, .. } => program.line_of(choice).or_else(|| program.line()),
        _ => program.line(),
    };
    let line = line.filter(|_| counts(program))?;
    script.lines.get(line).map(|line| line.span.line)
}

fn forget_finished(system: &mut System<Lines>) {
    let tids: Vec<Tid> = system.programs().filter(|(_, p)| p.has_finished()).map(|(tid, _)| tid).collect();
    for tid in tids {
        system.program_mut(tid).map(Lines::take_finished);
    }
}

fn describe_transition(script: &Script, system: &System<Lines>, transition: &Transition) -> String {
    let world = system.world();
    match transition {
        Transition::Go(tid) => {
            let name = world.thread_name(*tid);
            let program = system.program(*tid);
            let line = program.and_then(Lines::line).and_then(|line| script.lines.get(line));
            match line {
                Some(line) => {
                    let verb = if program.is_some_and(Lines::is_within_line) { "goes on with" } else { "begins" };
                    format!("{name} {verb} line {}, {}", line.span.line, line.text())
                }
                None if program.is_some() => format!("{name} has no line left"),
                None => format!("{name} serves its provider"),
            }
        }
        Transition::Choose { thread, choice } => {
            let line = system.program(*thread).and_then(|program| program.line_of(choice));
            let line = line.and_then(|line| script.lines.get(line));
            let text = line.map_or(String::new(), |line| format!(" line {}, {}", line.span.line, line.text()));
            let handles: Vec<String> = choice.handles.iter().map(|h| handle_name(system, thread.process, *h)).collect();
            let with = if handles.is_empty() { String::new() } else { format!(" with {}", handles.join(", ")) };
            format!("{} chooses{text}{with}", world.thread_name(*thread))
        }
        Transition::Deliver { from, to } => format!("what was sent from {from} arrives at {to}"),
        Transition::DeliverDatagram { from, to } => format!("the datagram from {from} arrives at {to}"),
        Transition::LoseDatagram { from, to } => format!("the datagram from {from} to {to} is lost"),
        Transition::DeliverMessage { from, to } => {
            format!("the message of {} arrives at {}", process_name(world, *from), process_name(world, *to))
        }
        Transition::Complete { process, cell } => {
            format!("the operation of {} with WSAOVERLAPPED {} is carried out", process_name(world, *process), cell.0)
        }
        Transition::TimePasses => "time passes to the next deadline".to_owned(),
        Transition::Advance(by) => format!("{by} milliseconds pass"),
        Transition::Kill(pid) => format!("{} is killed", process_name(world, *pid)),
        Transition::Answer { thread, number, .. } => {
            format!("a party outside answers question {number} of {}", world.thread_name(*thread))
        }
        other => format!("`{}`", schedule::print(other, &schedule::Naming::of(world))),
    }
}

fn describe_event(script: &Script, system: &System<Lines>, event: &Event) -> Option<String> {
    let world = system.world();
    let indent = |depth: u16| "  ".repeat(usize::from(depth.min(20)));
    Some(match event {
        Event::Enter { depth, who, call, .. } => {
            format!("{}> {} {}", indent(*depth), who_name(world, *who), call.function())
        }
        Event::Leave { depth, who, call, outcome, .. } => {
            let (who, outcome) = (who_name(world, *who), describe_outcome(outcome));
            format!("{}< {who} {}: {outcome}", indent(*depth), call.function())
        }
        Event::Rule { .. } => return None,
        Event::Waits { thread, .. } => {
            let what = waiting(script, system, *thread).map_or("something".to_owned(), |w| w.what);
            format!("{} waits for {what}", world.thread_name(*thread))
        }
        Event::Delivered { what, .. } => what.to_string(),
        Event::Message { length, .. } => format!("{length} bytes"),
        Event::Completed { completion, .. } => match completion.error.number() {
            0 => format!("it ends with {} bytes", completion.transferred),
            _ => format!("it ends with {}", completion.error),
        },
        Event::NetworkEvent { process, event, network_event, error } => {
            let name = winspi_types::NetworkEvents::from_bits_retain(*network_event);
            let code = if error.number() == 0 { String::new() } else { format!(" with {error}") };
            format!("the network event {name}{code} is recorded for event {event} of {}", process_name(world, *process))
        }
        Event::Started { process } => format!("{} was created", process_name(world, *process)),
        Event::Ended { process, code } => format!("{} has ended with code {code}", process_name(world, *process)),
        Event::Time { now } => format!("it is {now} ms"),
        Event::Breach(breach) => {
            let name = who_name(world, winspi_core::outcome::Who::Provider(breach.provider));
            format!("BREACH of {} by {name} ({}): {}", breach.duty.name(), breach.basis, breach.seen)
        }
        Event::Hazard(hazard) => format!("HAZARD {}: {}", hazard.kind.name(), hazard.seen),
    })
}
