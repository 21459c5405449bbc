//! What a run of the suite says: of each trial, of each clause, of each function; and two runs compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Clause, Kind, Level};
use crate::suite::{Reason, Suite};
use crate::trial::{Outcome, State, Trial};

/// The version of the stored form.
pub const FORMAT: u32 = 1;

/// A run of the suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The version of the stored form.
    pub format: u32,
    /// The profile, or `as needed` where each case got what it needs.
    pub profile: String,
    /// The arrangements.
    pub arrangements: Vec<String>,
    /// The trials, in the order of the cases.
    pub trials: Vec<TrialReport>,
    /// The clauses, in the order of the catalogue.
    pub clauses: Vec<ClauseReport>,
}

/// A trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialReport {
    /// The clause.
    pub clause: String,
    /// The title of the case.
    pub title: String,
    /// The arrangement.
    pub arrangement: String,
    /// The file.
    pub file: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseReport {
    /// The id.
    pub id: String,
    /// What it speaks of.
    pub kind: Kind,
    /// How strongly.
    pub level: Level,
    /// The part of the work that owns it.
    pub part: String,
    /// What is known of it.
    pub state: ClauseState,
    /// Why, where it is not shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What is known of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClauseState {
    /// Cases show it on every arrangement to which they apply.
    Passed,
    /// A case failed.
    Failed,
    /// A case made winspi panic.
    Panicked,
    /// A case met a gap of the model.
    NotModelled,
    /// It belongs to a later part of the work, or its cases need one.
    Waits,
    /// No case can show it.
    NotTestable,
    /// It has no case, or none that applies.
    NotCovered,
    /// No case of it was asked for.
    NotAsked,
}

impl ClauseState {
    /// All, in the order of reports.
    pub const ALL: [ClauseState; 7] = [
        ClauseState::Passed,
        ClauseState::Failed,
        ClauseState::Panicked,
        ClauseState::NotModelled,
        ClauseState::Waits,
        ClauseState::NotTestable,
        ClauseState::NotCovered,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            ClauseState::Passed => "passed",
            ClauseState::Failed => "failed",
            ClauseState::Panicked => "panicked",
            ClauseState::NotModelled => "not modelled",
            ClauseState::Waits => "waits",
            ClauseState::NotTestable => "not testable",
            ClauseState::NotCovered => "not covered",
            ClauseState::NotAsked => "not asked",
        }
    }
}

/// The part of the work whose clauses have to be covered now; those of the others wait for it.
pub const COVERED: [&str; 1] = ["core"];

impl Report {
    /// The report of trials that were run.
    pub fn of(suite: &Suite, profile: &str, arrangements: &[String], trials: &[Trial<'_>], ran: &[Outcome]) -> Report {
        let trials: Vec<TrialReport> = trials
            .iter()
            .zip(ran)
            .map(|(trial, outcome)| TrialReport {
                clause: trial.case.clause().to_owned(),
                title: trial.case.title().to_owned(),
                arrangement: trial.name.clone(),
                file: trial.case.file.clone(),
                outcome: outcome.clone(),
            })
            .collect();
        let mut by_clause: BTreeMap<&str, Vec<&TrialReport>> = BTreeMap::new();
        for trial in &trials {
            by_clause.entry(&trial.clause).or_default().push(trial);
        }
        let none = Vec::new();
        let clauses = suite
            .catalogue
            .clauses()
            .map(|clause| {
                let (state, why) = judge(suite, clause, by_clause.get(clause.id.as_str()).unwrap_or(&none));
                let part = suite.catalogue.owner(&clause.id).unwrap_or_default().to_owned();
                ClauseReport { id: clause.id.clone(), kind: clause.kind, level: clause.level, part, state, why }
            })
            .collect();
        let arrangements = arrangements.to_vec();
        Report { format: FORMAT, profile: profile.to_owned(), arrangements, trials, clauses }
    }

    /// Whether everything is as it should be.
    pub fn passed(&self) -> bool {
        self.trials.iter().all(|trial| trial.outcome.is_expected())
    }

    /// How many trials became what.
    pub fn count(&self, state: State) -> usize {
        self.trials.iter().filter(|trial| trial.outcome.state == state).count()
    }

    /// For each function the number of clauses in each state, in the order of [`ClauseState::ALL`].
    pub fn matrix(&self) -> Vec<(String, [usize; ClauseState::ALL.len()])> {
        let mut rows: BTreeMap<String, [usize; ClauseState::ALL.len()]> = BTreeMap::new();
        for clause in &self.clauses {
            let function = clause.id.split('.').next().unwrap_or(&clause.id);
            let row = rows.entry(function.to_owned()).or_default();
            if let Some(column) = ClauseState::ALL.iter().position(|state| *state == clause.state) {
                row[column] += 1;
            }
        }
        rows.into_iter().collect()
    }
}

/// What the trials of a clause say of it.
fn judge(suite: &Suite, clause: &Clause, trials: &[&TrialReport]) -> (ClauseState, String) {
    if let Some(listed) = suite.not_testable.get(&clause.id) {
        let reason = match listed.reason {
            Reason::ClientDuty => "a duty of the program",
            Reason::NoObservableEffect => "no observable effect",
            Reason::OutsideTheSpi => "outside the SPI",
        };
        return (ClauseState::NotTestable, format!("{reason}: {}", listed.why));
    }
    let told = |state: State| trials.iter().find(|trial| trial.outcome.state == state);
    for (state, of) in [
        (ClauseState::Panicked, State::Panicked),
        (ClauseState::Failed, State::Failed),
        (ClauseState::NotModelled, State::NotModelled),
    ] {
        if let Some(trial) = told(of) {
            if let Some(waits) = waiting(suite, clause, trials) {
                return (ClauseState::Waits, waits);
            }
            let message = &trial.outcome.message;
            return (state, format!("{}:{} on {}: {message}", trial.file, trial.outcome.line, trial.arrangement));
        }
    }
    if told(State::Passed).is_some() {
        return match suite.lacks_decision(clause) {
            Some(lacks) => (ClauseState::NotCovered, lacks),
            None => (ClauseState::Passed, String::new()),
        };
    }
    let part = suite.catalogue.owner(&clause.id).unwrap_or_default();
    let has_case = suite.cases_of(&clause.id).next().is_some();
    match () {
        () if trials.is_empty() && has_case => (ClauseState::NotAsked, String::new()),
        () if has_case => (ClauseState::NotCovered, "no arrangement has what its cases need".to_owned()),
        () if COVERED.contains(&part) => (ClauseState::NotCovered, "it has no case".to_owned()),
        () => (ClauseState::Waits, format!("waits for {part}")),
    }
}

/// What a clause of a present part waits for: all of its trials that fail are known to, for a part that comes later.
fn waiting(suite: &Suite, clause: &Clause, trials: &[&TrialReport]) -> Option<String> {
    let mut told = None;
    for trial in trials.iter().filter(|trial| !matches!(trial.outcome.state, State::Passed | State::NotApplicable)) {
        let case = suite.cases_of(&clause.id).find(|case| case.title() == trial.title)?;
        let mut known = suite.known_failures.iter().filter(|entry| entry.is_about(case, &trial.arrangement));
        let entry = known.find(|_| trial.outcome.known && trial.outcome.state != State::Panicked)?;
        let part = entry.waits.as_deref()?;
        told.get_or_insert_with(|| format!("waits for {part}: {}", entry.reason));
    }
    told
}

/// What is other than it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Did not pass, and does now.
    pub fixed: Vec<String>,
    /// Passed, and does not now.
    pub broken: Vec<String>,
    /// Was not there.
    pub appeared: Vec<String>,
    /// Is no longer there.
    pub gone: Vec<String>,
}

impl Comparison {
    /// Compares a run with an older one.
    pub fn of(old: &Report, new: &Report) -> Comparison {
        let names = |report: &Report| -> BTreeMap<String, bool> {
            let named = report.trials.iter().map(|t| {
                let colon = if t.title.is_empty() { "" } else { ": " };
                let passes = matches!(t.outcome.state, State::Passed | State::NotApplicable | State::Excepted);
                (format!("{}{colon}{} [{}]", t.clause, t.title, t.arrangement), passes)
            });
            named.collect()
        };
        let (before, now) = (names(old), names(new));
        let mut result = Comparison::default();
        for (name, passes) in &now {
            match (before.get(name), passes) {
                (None, _) => result.appeared.push(name.clone()),
                (Some(false), true) => result.fixed.push(name.clone()),
                (Some(true), false) => result.broken.push(name.clone()),
                _ => {}
            }
        }
        result.gone = before.into_keys().filter(|name| !now.contains_key(name)).collect();
        result
    }
}
