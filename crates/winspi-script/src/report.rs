//! What a run gives: typed rows from which reports are made.

use serde::{Deserialize, Serialize};
use winspi_core::event::{Breach, Event, Hazard};
use winspi_core::id::Tid;
use winspi_core::outcome::Outcome;
use winspi_core::{Grain, Transition, Value};

use crate::schedule::{Naming, Recorded};
use crate::syntax::tree;

/// A run of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The title, or the name of the file.
    pub scenario: String,
    /// The `about` texts.
    pub about: Vec<String>,
    /// Whether every expectation held, no provider broke a duty, and nothing is blocked that should not be.
    pub passed: bool,
    /// The lines in the order in which they began.
    pub rows: Vec<Row>,
    /// What did not hold, with its place.
    pub failures: Vec<Failure>,
    /// Lines with another result than expected after a fault that the schedule has and the scenario does not: no
    /// failures.
    #[serde(default)]
    pub changes: Vec<Failure>,
    /// The marks of the scenario.
    pub marks: Vec<Mark>,
    /// What is open at the end.
    pub open: Vec<Open>,
    /// What nobody can ever reach again, and is still there.
    pub leaks: Vec<String>,
    /// Duties that providers broke.
    pub breaches: Vec<(usize, Breach)>,
    /// What works and may not be meant.
    pub hazards: Vec<(usize, Hazard)>,
    /// Every transition with its events, and the row that it belongs to.
    pub trace: Vec<Taken>,
    /// The names of processes and threads.
    pub threads: Vec<(Tid, String)>,
    /// The names of the providers, by their ids: the base first, then the layers as they stand over it.
    pub providers: Vec<String>,
    /// The names of all threads and providers in a schedule.
    pub naming: Naming,
    /// How far one transition of a thread went.
    pub grain: Grain,
    /// Whether a thread did not stop between two lines.
    pub through_lines: bool,
    /// How many entries of `trace` belong to `setup`.
    pub setup: usize,
}

/// What a run says about the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Everything held.
    Passed,
    /// Something did not hold.
    Failed,
    /// What did not hold first is a gap of the model, which the text names.
    NotModelled(String),
}

impl Run {
    /// What the run says about the scenario. What comes after a gap of the model says nothing.
    pub fn verdict(&self) -> Verdict {
        match self.failures.first().map(|failure| &failure.gap) {
            Some(Some(gap)) => Verdict::NotModelled(gap.clone()),
            _ if self.passed => Verdict::Passed,
            _ => Verdict::Failed,
        }
    }

    /// The order of everything after `setup`, to be repeated by [`crate::run::replay`].
    pub fn schedule(&self) -> tree::Schedule {
        let transitions = self.trace.iter().skip(self.setup).map(|taken| taken.transition.clone()).collect();
        Recorded { grain: self.grain, through_lines: self.through_lines, transitions }.to_tree(&self.naming)
    }
}

/// One transition of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// The row during which it happened.
    pub row: Option<usize>,
    /// The transition.
    pub transition: Transition,
    /// What it gave.
    pub events: Vec<Event>,
}

/// A line of the scenario that makes a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// From 1, in the order in which the lines began.
    pub n: usize,
    /// The line of the file.
    pub line: u32,
    /// The mark that it stands under: a place in `marks`.
    pub mark: Option<usize>,
    /// Whether it stands in `setup`.
    pub setup: bool,
    /// The name of the thread.
    pub thread: String,
    /// The name that the result is bound to.
    pub bind: Option<String>,
    /// The call as written, without WHO and expectation.
    pub text: String,
    /// The function.
    pub call: String,
    /// The arguments by parameter name.
    pub args: Vec<(String, Value)>,
    /// What came back; `None` while the thread is blocked.
    pub outcome: Option<Outcome>,
    /// Who answered.
    pub from: Option<String>,
    /// The rules that the party that answered carried out without refusing, in order.
    pub rules: Vec<String>,
    /// The upcalls and calls between parties, as `NAME FUNCTION`.
    pub path: Vec<String>,
    /// The expectation as written.
    pub expected: Option<String>,
    /// Whether it held.
    pub held: bool,
    /// Whether the call was blocked when its line was over.
    pub blocked: bool,
}

/// A mark: `step 3 "the target answers"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The number.
    pub number: i64,
    /// The title.
    pub title: String,
}

/// What did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The line of the file.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What was expected and what was found.
    pub message: String,
    /// The gap of the model that it comes from, if that is why.
    pub gap: Option<String>,
}

/// Something that is open at the end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The process.
    pub process: String,
    /// The handle.
    pub handle: String,
    /// The names that the scenario has for it.
    pub names: Vec<String>,
    /// What it is.
    pub what: String,
}
