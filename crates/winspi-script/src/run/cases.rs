//! Conformance files: each case in a fresh system, after the prelude.

use std::fmt;

use serde::{Deserialize, Serialize};
use winspi_core::ws2_32::catalog::LayerError;

use crate::arrangement::Arrangement;
use crate::report::{Run, Verdict};
use crate::run::lacking;
use crate::run::needs::lacking_of;
use crate::run::watch::{Order, Watch, in_order};
use crate::script::{CaseDeclaration, Script};

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRun {
    /// The clause that it checks.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Whether it passed.
    pub passed: bool,
    /// What did not hold, what is not modelled, or what the arrangement lacks; empty if it passed.
    pub message: String,
    /// The line that the message is about, or on which the case begins.
    pub line: u32,
    /// What became of it.
    pub state: CaseState,
    /// The run, unless the case does not apply.
    pub run: Option<Run>,
}

/// What became of a case, in a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CaseState {
    /// Everything held.
    Passed,
    /// Something did not hold.
    Failed,
    /// The model has a gap where the case needs it.
    NotModelled,
    /// The arrangement lacks what the case needs: the text says what.
    NotApplicable(String),
}

impl fmt::Display for CaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CaseState::Passed => f.write_str("passed"),
            CaseState::Failed => f.write_str("failed"),
            CaseState::NotModelled => f.write_str("not modelled"),
            CaseState::NotApplicable(needs) => write!(f, "not applicable: {needs}"),
        }
    }
}

/// Runs all cases of a file, in their order.
pub fn run_cases(script: &Script, arrangement: &Arrangement) -> Vec<CaseRun> {
    script.cases.iter().map(|case| run_case(case, arrangement)).collect()
}

/// Runs one case.
pub fn run_case(case: &CaseDeclaration, arrangement: &Arrangement) -> CaseRun {
    of_case(case, arrangement, None)
}

/// Runs one case while somebody looks on.
pub fn run_case_watched(case: &CaseDeclaration, arrangement: &Arrangement, watch: &mut dyn Watch) -> CaseRun {
    of_case(case, arrangement, Some(watch))
}

fn of_case(case: &CaseDeclaration, arrangement: &Arrangement, watch: Option<&mut dyn Watch>) -> CaseRun {
    let mut result = CaseRun {
        name: case.name.clone(),
        title: case.title.clone(),
        passed: false,
        message: String::new(),
        line: case.line,
        state: CaseState::Failed,
        run: None,
    };
    if let Some(lacks) = case.lacks(arrangement) {
        result.message.clone_from(&lacks);
        result.state = CaseState::NotApplicable(lacks);
        return result;
    }
    let run = match in_order(&case.script, arrangement, Order::Text, watch) {
        Ok(run) => run,
        Err(error) => {
            result.message = error.to_string();
            result.line = error.span.map_or(case.line, |span| span.line);
            if matches!(error.error, LayerError::IfsOverNonIfs(_) | LayerError::Taken(_)) {
                result.state = CaseState::NotApplicable(result.message.clone());
            }
            return result;
        }
    };
    (result.state, result.message) = match run.verdict() {
        Verdict::Passed => (CaseState::Passed, String::new()),
        Verdict::NotModelled(gap) => (CaseState::NotModelled, format!("not modelled: {gap}")),
        Verdict::Failed => (CaseState::Failed, first_problem(&run)),
    };
    if let Some(failure) = run.failures.first().filter(|failure| failure.line > 0) {
        result.line = failure.line;
    }
    result.passed = result.state == CaseState::Passed;
    result.run = Some(run);
    result
}

/// What did not hold first, in a sentence; empty where everything did.
pub fn first_problem(run: &Run) -> String {
    match (run.failures.first(), run.breaches.first(), run.leaks.first()) {
        (Some(failure), ..) => failure.message.clone(),
        (None, Some((_, breach)), _) => format!("breach of {}: {}", breach.duty.name(), breach.seen),
        (None, None, Some(leak)) => format!("leak: {leak}"),
        (None, None, None) => String::new(),
    }
}

impl CaseDeclaration {
    /// What an arrangement lacks of what the case and its file need, if anything.
    pub fn lacks(&self, arrangement: &Arrangement) -> Option<String> {
        lacking(&self.script, arrangement).or_else(|| lacking_of(&self.needs, arrangement))
    }
}
