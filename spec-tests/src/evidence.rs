//! Whether a run shows a clause: its rule was carried out by the party that it speaks of, within the case, and the case
//! asserts on what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use winspi_core::event::Event;
use winspi_core::id::Tid;
use winspi_core::outcome::Who;
use winspi_script::Run;
use winspi_script::script::{CaseDeclaration, Item};
use winspi_script::syntax::tree::{ExpectationKind, Outcome};

use crate::catalogue::{Clause, Kind, Party};

/// By what a run shows that a rule was carried out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// The rule of this clause or decision, of which the code has the id. Written as the id.
    Rule(String),
    /// The function was entered. `WSPBind is entered`
    Entered(String),
    /// The function succeeded. `WSPBind succeeds`
    Succeeded(String),
    /// The function failed. `WSPBind fails`
    Failed(String),
}

impl FromStr for Sign {
    type Err = String;

    fn from_str(text: &str) -> Result<Sign, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        Ok(match words.as_slice() {
            [id] => Sign::Rule((*id).to_owned()),
            [function, "is", "entered"] => Sign::Entered((*function).to_owned()),
            [function, "succeeds"] => Sign::Succeeded((*function).to_owned()),
            [function, "fails"] => Sign::Failed((*function).to_owned()),
            _ => {
                return Err(format!(
                    "`{text}`: expected an id, `FUNCTION is entered`, `FUNCTION succeeds` or `FUNCTION fails`"
                ));
            }
        })
    }
}

impl Sign {
    /// Who shows it with an event, if the event is one.
    fn by(&self, event: &Event) -> Option<Party> {
        match (self, event) {
            (Sign::Rule(id), Event::Rule { by, basis, .. }) => {
                (basis.to_string() == *id).then(|| by.map_or(Party::Ws2_32, |_| Party::Provider))
            }
            // Where the answer is from, not whom it passes on its way back.
            (Sign::Rule(id), Event::Leave { who, outcome, .. }) => {
                let own = outcome.by == Some(*who) && outcome.basis().is_some_and(|basis| basis.to_string() == *id);
                own.then(|| party(*who))
            }
            (Sign::Entered(function), Event::Enter { who, call, .. }) => {
                (call.function().name() == function).then(|| party(*who))
            }
            (Sign::Succeeded(function), Event::Leave { who, call, outcome, .. }) => {
                (call.function().name() == function && outcome.result.is_ok()).then(|| party(*who))
            }
            (Sign::Failed(function), Event::Leave { who, call, outcome, .. }) => {
                (call.function().name() == function && outcome.error().is_some()).then(|| party(*who))
            }
            _ => None,
        }
    }
}

/// A provider, or who is none.
fn party(who: Who) -> Party {
    match who {
        Who::Provider(_) | Who::Foreign(..) => Party::Provider,
        Who::Program | Who::Ws2_32 | Who::Kernel => Party::Ws2_32,
    }
}

/// Why a case that passes does not show its clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nothing in the case carries the rule out.
    NotReached(Vec<String>),
    /// Only others than the party that the clause speaks of carry it out.
    OtherParty(Party),
    /// No expectation of the case is about what came of it.
    NotAsserted(Vec<u32>),
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = |lines: &[u32]| lines.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Lack::NotReached(signs) => write!(f, "nothing in the case carries its rule out ({})", signs.join(" or ")),
            Lack::OtherParty(Party::Provider) => f.write_str("its rule is one of providers, and none carries it out"),
            Lack::OtherParty(_) => f.write_str("its rule is one of Ws2_32, and only providers carry it out"),
            Lack::NotAsserted(at) => write!(
                f,
                "its rule is carried out in line {}, and no expectation there says more than ok, any, fails or one of",
                lines(at)
            ),
        }
    }
}

/// By what a clause is shown.
///
/// # Errors
///
/// Where the catalogue says something that is no sign.
pub fn signs(clause: &Clause) -> Result<Vec<Sign>, String> {
    if clause.shown_by.is_empty() {
        return Ok(vec![Sign::Rule(clause.id.clone())]);
    }
    clause.shown_by.iter().map(|text| text.parse()).collect()
}

/// Whether a run of a case that passed shows its clause.
///
/// A clause of kind error or return is asserted on where its rule was carried out; what is told later, also by a later
/// line; all others by that line or a later one.
///
/// # Errors
///
/// What is lacking.
pub fn shows(clause: &Clause, case: &CaseDeclaration, run: &Run) -> Result<(), Lack> {
    let signs = signs(clause).unwrap_or_default();
    let mut places = BTreeSet::new();
    let mut others = false;
    for taken in &run.trace {
        let Some(row) = taken.row.and_then(|row| run.rows.get(row)) else { continue };
        if row.setup || row.line < case.line {
            continue;
        }
        for event in &taken.events {
            let by = signs.iter().find_map(|sign| sign.by(event));
            match by {
                Some(by) if clause.party() == Party::Any || clause.party() == by => {
                    places.insert(row.line);
                }
                Some(_) => others = true,
                None => {}
            }
        }
    }
    let Some(&first) = places.first() else {
        if others {
            return Err(Lack::OtherParty(clause.party()));
        }
        let named = if clause.shown_by.is_empty() { vec![clause.id.clone()] } else { clause.shown_by.clone() };
        return Err(Lack::NotReached(named));
    };
    let asserted = asserted_lines(case);
    let holds = match clause.kind {
        Kind::Error | Kind::Return => places.iter().any(|line| asserted.contains(line)),
        _ => asserted.range(first..).next().is_some(),
    };
    if holds { Ok(()) } else { Err(Lack::NotAsserted(places.into_iter().collect())) }
}

/// The lines of a case that assert something; what has to hold at the end or always stands behind all others.
fn asserted_lines(case: &CaseDeclaration) -> BTreeSet<u32> {
    let script = &case.script;
    let mut asserted = BTreeSet::new();
    let mut last: BTreeMap<Tid, u32> = BTreeMap::new();
    for item in script.statements() {
        match item {
            Item::Line(place) => {
                let Some(line) = script.lines.get(*place) else { continue };
                last.insert(line.thread, line.span.line);
                if !line.expects.is_empty() || line.call.outcome.as_deref().is_some_and(is_telling) {
                    asserted.insert(line.span.line);
                }
            }
            Item::Returns { thread, outcome: Some(outcome), span } if is_telling(outcome) => {
                asserted.insert(span.line);
                asserted.extend(last.get(thread));
            }
            Item::Expect(test, _) => {
                asserted.insert(test.span.line);
            }
            _ => {}
        }
    }
    if !script.at_end.is_empty() || !script.always.is_empty() || script.no_leaks {
        asserted.insert(u32::MAX);
    }
    asserted
}

/// Whether an expectation says more than that a call succeeds or fails.
fn is_telling(outcome: &Outcome) -> bool {
    match &outcome.expectation.kind {
        ExpectationKind::Ok | ExpectationKind::Any | ExpectationKind::Fails(None) | ExpectationKind::OneOf(_) => false,
        ExpectationKind::Record(fields) => !fields.is_empty(),
        _ => true,
    }
}
