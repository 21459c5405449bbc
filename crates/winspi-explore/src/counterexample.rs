//! Counterexamples: a scenario with the order in which something happens in it, as a file that `winspi run` repeats.
//!
//! The text of the scenario stays as it is, so that its lines keep their numbers. Behind it stands what is shown and how
//! the file is run, as comments, and the `schedule { }`, each transition with what it is and what came of it. Kills and
//! other faults are transitions like all others.

use std::sync::Arc;

use winspi_core::{Grain, System, Transition};
use winspi_script::schedule::{self, Naming, Recorded};
use winspi_script::{Arrangement, Lines, Script, syntax};

use crate::exploration::Exploration;
use crate::findings::{Place, Violation, ViolationKind};
use crate::path::{Step, describe};

/// A scenario, and the system that its orders begin with.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The scenario.
    pub script: &'a Arc<Script>,
    /// Its text.
    pub text: &'a str,
    /// What it runs on.
    pub arrangement: &'a Arrangement,
    /// The system after `setup`.
    pub start: &'a System<Lines>,
}

/// Something that was found, with the order that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What it is, in a word that a file name takes.
    pub kind: &'static str,
    /// What it shows.
    pub shown: String,
    /// The file: the scenario with the order behind it.
    pub text: String,
    /// What stands behind the scenario.
    pub order: String,
}

/// A scenario with the order that a way takes, as a file. What is shown stands above the order as comments, a line each.
///
/// A way that cannot be taken to its end is written whole: `winspi run` then says where it does not fit.
pub fn counterexample(origin: &Origin<'_>, way: &[Transition], shown: &[String]) -> String {
    behind(origin.text, &order(origin, way, shown))
}

/// A scenario with an order behind it, in the place of one that it has.
fn behind(text: &str, order: &str) -> String {
    let text = without_schedule(text);
    let text = text.trim_end_matches('\n');
    if text.is_empty() { order.to_owned() } else { format!("{text}\n\n{order}") }
}

/// The same without the scenario: what is to be written behind it.
pub fn order(origin: &Origin<'_>, way: &[Transition], shown: &[String]) -> String {
    let (steps, end) = describe(origin.script, origin.start, way);
    let naming = Naming::of(end.world());
    let mut out = String::new();
    for line in shown.iter().flat_map(|text| text.lines()) {
        out.push_str(&format!("# {}\n", printable(line)));
    }
    out.push_str(&format!("# To see it: winspi run FILE{}\n", origin.arrangement.options()));
    out.push_str("schedule {\n");
    let (grain, through_lines) = (origin.start.grain, !origin.start.stop_at_lines);
    if grain != Grain::Call || through_lines {
        let head = Recorded { grain, through_lines, transitions: Vec::new() }.to_tree(&naming);
        for line in head.transitions.items {
            out.push_str(&format!("    {}\n", line.text));
        }
    }
    for (place, transition) in way.iter().enumerate() {
        let text = schedule::print(transition, &naming);
        let note = steps.get(place).map(comment).unwrap_or_default();
        out.push_str(&format!("    {text}{note}\n"));
    }
    out.push_str("}\n");
    out
}

/// What a transition is, and what came of it.
fn comment(step: &Step) -> String {
    let came = if step.gist.is_empty() { String::new() } else { format!(": {}", step.gist.join("; ")) };
    format!("  # {} {}", step.n, printable(&format!("{}{came}", step.what)))
}

/// A text without what would end a comment or confuse a terminal.
fn printable(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// The text without a schedule that it has already: always the last that stands in a file.
fn without_schedule(text: &str) -> String {
    let schedule = syntax::parse(text).ok().and_then(|file| file.schedule);
    match schedule {
        Some(schedule) => {
            let before = (schedule.span.line as usize).saturating_sub(1);
            text.lines().take(before).flat_map(|line| [line, "\n"]).collect()
        }
        None => text.to_owned(),
    }
}

impl Exploration {
    /// What the orders of this exploration begin with.
    pub fn origin<'a>(&'a self, text: &'a str, arrangement: &'a Arrangement) -> Origin<'a> {
        Origin { script: self.script(), text, arrangement, start: self.start() }
    }

    /// The shortest way to a violation. `None` for what holds nowhere or could not be asked: no order shows that.
    pub fn way_to(&self, violation: &Violation) -> Option<Vec<Transition>> {
        match violation.kind {
            ViolationKind::Reachable | ViolationKind::Unanswered => None,
            ViolationKind::Invariant
            | ViolationKind::Leak
            | ViolationKind::Internal
            | ViolationKind::Always
            | ViolationKind::Expectation
            | ViolationKind::Deadlock
            | ViolationKind::AtEnd => Some(self.path_to_place(&violation.place)),
        }
    }

    /// All that was found and that an order shows: violations, breaches, hazards.
    pub fn counterexamples(&self, text: &str, arrangement: &Arrangement) -> Vec<Counterexample> {
        let origin = self.origin(text, arrangement);
        let make = |kind: &'static str, line: Option<u32>, shown: String, way: &[Transition]| {
            let at = line.map_or(String::new(), |line| format!("line {line}: "));
            let shown = format!("{at}{shown}");
            let order = order(&origin, way, std::slice::from_ref(&shown));
            Counterexample { kind, shown, text: behind(text, &order), order }
        };
        let violations = self.violations.iter().filter_map(|violation| {
            let way = self.way_to(violation)?;
            Some(make(violation.kind.name(), violation.line, violation.message.clone(), &way))
        });
        let breaches = self.breaches.iter().map(|found| {
            let shown = format!("{} ({}): {}", found.what.duty.name(), found.what.basis, found.what.seen);
            make("breach", None, shown, &self.path_to_place(&found.place))
        });
        let hazards = self.hazards.iter().map(|found| {
            let shown = format!("{}: {}", found.what.kind.name(), found.what.seen);
            make("hazard", None, shown, &self.way_through(&found.place))
        });
        violations.chain(breaches).chain(hazards).collect()
    }

    /// A shortest way to where something was found, and on from there to the end: first what the canonical order has
    /// first. For what is no failure of its own, so that the file is a whole run.
    pub fn way_through(&self, place: &Place) -> Vec<Transition> {
        let mut way = self.path_to_place(place);
        let Ok(mut system) = self.replay(&way) else { return way };
        let most = way.len() + MOST_TO_THE_END;
        while way.len() < most {
            // A `repeat any` never ends.
            let ends = |transition: &Transition| !matches!(transition, Transition::Choose { .. });
            let Some(next) = system.enabled().into_iter().find(ends) else { break };
            if system.apply_silently(&next).is_err() {
                break;
            }
            way.push(next);
        }
        way
    }
}

/// How many transitions are added at most to come to an end.
const MOST_TO_THE_END: usize = 10_000;
