//! Trials: a case on an arrangement, and what became of it.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::{Deserialize, Serialize};
use winspi_core::policy::Policy;
use winspi_script::Arrangement;
use winspi_script::run::{CaseState, run_case};
use winspi_script::syntax::tree::NeedKind;

use crate::evidence::shows;
use crate::suite::{ARRANGEMENTS, Case, Suite, arrangement};

/// What to run.
#[derive(Clone, Debug)]
pub struct Select {
    /// Only cases whose clause, title or file contains one of these; all if there is none.
    pub filter: Vec<String>,
    /// The arrangements, by name.
    pub arrangements: Vec<String>,
    /// What is chosen where the documents leave a choice. Without it each case gets what it needs.
    pub policy: Option<Policy>,
}

impl Default for Select {
    fn default() -> Select {
        let arrangements = ARRANGEMENTS.iter().map(|name| (*name).to_owned()).collect();
        Select { filter: Vec::new(), arrangements, policy: None }
    }
}

impl Select {
    /// Whether a case is asked for.
    pub fn takes(&self, case: &Case) -> bool {
        self.has(case.clause(), case.title(), &case.file)
    }

    /// Whether a trial is asked for.
    pub fn asks_for(&self, clause: &str, title: &str, file: &str, arrangement: &str) -> bool {
        self.has(clause, title, file) && self.arrangements.iter().any(|name| name == arrangement)
    }

    fn has(&self, clause: &str, title: &str, file: &str) -> bool {
        let within = |part: &String| [clause, title, file].iter().any(|text| text.contains(part.as_str()));
        self.filter.is_empty() || self.filter.iter().any(within)
    }
}

/// A case on an arrangement.
#[derive(Clone, Debug)]
pub struct Trial<'s> {
    /// The suite that it is of.
    pub suite: &'s Suite,
    /// The case.
    pub case: &'s Case,
    /// The name of the arrangement.
    pub name: String,
    /// The arrangement, with what the case needs.
    pub arrangement: Arrangement,
}

/// What became of a trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// In a word.
    pub state: State,
    /// What did not hold, and why; empty if it passed.
    pub message: String,
    /// The line that the message is about.
    pub line: u32,
    /// Whether it is listed in `known-failures.toml`.
    pub known: bool,
}

/// What became of a trial, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Everything held, and the clause was shown.
    Passed,
    /// Something did not hold, or the clause was not shown.
    Failed,
    /// winspi itself failed.
    Panicked,
    /// The model has a gap where the case needs it.
    NotModelled,
    /// The arrangement lacks what the case needs.
    NotApplicable,
    /// It is listed in `exceptions.toml`.
    Excepted,
}

impl State {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            State::Passed => "passed",
            State::Failed => "failed",
            State::Panicked => "panicked",
            State::NotModelled => "not modelled",
            State::NotApplicable => "not applicable",
            State::Excepted => "excepted",
        }
    }
}

impl Outcome {
    /// Whether it is as it should be: what is known to fail has to fail.
    pub fn is_expected(&self) -> bool {
        match self.state {
            State::Passed => !self.known,
            State::Failed | State::NotModelled => self.known,
            State::Panicked => false,
            State::NotApplicable | State::Excepted => true,
        }
    }

    /// What is wrong, if anything is.
    pub fn complaint(&self) -> Option<String> {
        match self.state {
            _ if self.is_expected() => None,
            State::Passed => Some("it passes, and is listed in known-failures.toml".to_owned()),
            _ => Some(format!("line {}: {}", self.line, self.message)),
        }
    }
}

impl Suite {
    /// The trials that are asked for: each case on each arrangement.
    pub fn trials(&self, select: &Select) -> Vec<Trial<'_>> {
        let mut trials = Vec::new();
        for case in self.cases.iter().filter(|case| select.takes(case)) {
            for name in &select.arrangements {
                let Some(mut arrangement) = arrangement(name) else { continue };
                arrangement.policy = select.policy.clone().unwrap_or_else(|| what_it_needs(case));
                trials.push(Trial { suite: self, case, name: name.clone(), arrangement });
            }
        }
        trials
    }
}

/// The choices that a case needs, beside those of the documents.
fn what_it_needs(case: &Case) -> Policy {
    let mut policy = Policy::default();
    for need in &case.declaration.needs {
        match need {
            NeedKind::Profile(name) => policy = Policy::profile(&name.text).unwrap_or(policy),
            NeedKind::Decision { name, value } => {
                // Of no effect where there is no such value: the case then lacks it.
                let _ = policy.decide(&name.text, &value.text);
            }
            NeedKind::Ifs | NeedKind::NonIfs | NeedKind::BaseIfs | NeedKind::BaseNonIfs | NeedKind::Layered => {}
        }
    }
    policy
}

impl Trial<'_> {
    /// `WSPBind.error-enotsock: a closed socket [non-ifs]`
    pub fn title(&self) -> String {
        let title = self.case.title();
        let colon = if title.is_empty() { "" } else { ": " };
        format!("{}{colon}{title} [{}]", self.case.clause(), self.name)
    }

    /// Whether the arrangement has what the case needs, and the lists do not except it.
    pub fn applies(&self) -> bool {
        self.case.declaration.lacks(&self.arrangement).is_none() && !self.is_excepted()
    }

    fn is_excepted(&self) -> bool {
        self.suite.exceptions.iter().any(|exception| exception.is_about(self.case, &self.name))
    }

    /// Runs it.
    pub fn run(&self) -> Outcome {
        let known = self.suite.known_failures.iter().any(|failure| failure.is_about(self.case, &self.name));
        let line = self.case.declaration.line;
        let outcome = |state, message: String, line| Outcome { state, message, line, known };
        if let Some(exception) = self.suite.exceptions.iter().find(|e| e.is_about(self.case, &self.name)) {
            return outcome(State::Excepted, exception.reason.clone(), line);
        }
        let ran = catch_unwind(AssertUnwindSafe(|| run_case(&self.case.declaration, &self.arrangement)));
        let Ok(ran) = ran else {
            return outcome(State::Panicked, "winspi panicked, which is a bug of winspi".to_owned(), line);
        };
        let state = match &ran.state {
            CaseState::Passed => State::Passed,
            CaseState::Failed => State::Failed,
            CaseState::NotModelled => State::NotModelled,
            CaseState::NotApplicable(_) => State::NotApplicable,
        };
        let clause = self.suite.catalogue.find(self.case.clause());
        if let (State::Passed, Some(clause), Some(run)) = (state, clause, &ran.run) {
            if let Err(lack) = shows(clause, &self.case.declaration, run) {
                return outcome(State::Failed, format!("it does not show its clause: {lack}"), line);
            }
        }
        outcome(state, ran.message, ran.line)
    }
}

/// Runs trials on all cores; `done` is told how many are done.
pub fn run_all(trials: &[Trial<'_>], done: &(dyn Fn(usize) + Sync)) -> Vec<Outcome> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut results = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(trial) = trials.get(place) else { return results };
            results.push((place, trial.run()));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let mut all = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        // A trial that panics is caught in its run.
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect::<Vec<_>>()
    });
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, outcome)| outcome).collect()
}
