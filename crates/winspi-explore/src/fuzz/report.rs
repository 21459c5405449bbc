//! What a campaign gives, and how the reports of its parts become one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Options;
use super::campaign::Part;
use super::finding::Finding;
use super::statistics::{Reached, Statistics};

/// What a campaign gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `winspi-fuzz`.
    pub format: String,
    /// The version of the format.
    pub version: u32,
    /// What was asked for.
    pub options: Options,
    /// The parts of the campaign that are in this report.
    pub parts: Vec<Part>,
    /// How many programs were run.
    pub cases: u64,
    /// How many calls of programs came back.
    pub calls: u64,
    /// How many transitions were taken.
    pub transitions: u64,
    /// What was reached.
    pub statistics: Statistics,
    /// What is wrong, each once.
    pub findings: Vec<Finding>,
}

/// The name of the format.
const FORMAT: &str = "winspi-fuzz";

/// Why reports cannot become one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("there is no report")]
    Nothing,
    /// It is something else.
    #[error("report {0} is no report of `winspi fuzz` of this version")]
    Format(usize),
    /// Reports of other campaigns.
    #[error("report {0} is of another campaign: seed, steps, processes, profile and checks have to be the same")]
    Other(usize),
    /// The same part twice.
    #[error("report {0} has part {1}, which another has, too")]
    Twice(usize, Part),
}

impl Report {
    /// A report of nothing yet.
    pub(super) fn new(options: &Options, part: Part) -> Report {
        Report {
            format: FORMAT.to_owned(),
            version: 1,
            options: options.clone(),
            parts: vec![part],
            cases: 0,
            calls: 0,
            transitions: 0,
            statistics: Statistics::default(),
            findings: Vec::new(),
        }
    }

    /// What the campaign should have reached and did not. Without a model nothing is counted but kills.
    pub fn lacking(&self) -> Vec<Reached> {
        match self.options.checks {
            super::Checks::All => self.statistics.lacking(self.options.profile, self.cases),
            super::Checks::Invariants => Vec::new(),
        }
    }

    /// Whether nothing was found, and enough was reached.
    pub fn passed(&self) -> bool {
        self.findings.is_empty() && self.lacking().is_empty()
    }

    /// Takes a finding in; of what was found before only the number of times.
    pub(super) fn take(&mut self, finding: Finding) {
        match self.findings.iter_mut().find(|known| known.rule == finding.rule) {
            Some(known) => {
                known.times += finding.times;
                if finding.case < known.case {
                    let times = known.times;
                    *known = Finding { times, ..finding };
                }
            }
            None => self.findings.push(finding),
        }
    }

    /// One report of several parts of a campaign, in any order.
    ///
    /// # Errors
    ///
    /// Where they are not parts of one campaign.
    pub fn merge(mut reports: Vec<Report>) -> Result<Report, MergeError> {
        let first = reports.first().ok_or(MergeError::Nothing)?.options.clone();
        let mut known = BTreeSet::new();
        for (place, report) in (1..).zip(&reports) {
            if report.format != FORMAT || report.version != 1 {
                return Err(MergeError::Format(place));
            }
            if report.options != first {
                return Err(MergeError::Other(place));
            }
            let parts = report.parts.iter().map(|part| (part.number, part.of));
            for (number, of) in parts {
                let overlaps = known.iter().any(|(n, o): &(u64, u64)| *o != of || *n == number);
                if overlaps {
                    return Err(MergeError::Twice(place, Part { number, of }));
                }
                known.insert((number, of));
            }
        }
        reports.sort_by_key(|report| report.parts.first().map(|part| part.number));
        let mut merged = Report { parts: Vec::new(), ..Report::new(&first, Part::WHOLE) };
        for report in reports {
            merged.parts.extend(report.parts);
            merged.cases += report.cases;
            merged.calls += report.calls;
            merged.transitions += report.transitions;
            merged.statistics.add(&report.statistics);
            report.findings.into_iter().for_each(|finding| merged.take(finding));
        }
        merged.findings.sort_by_key(|finding| finding.case);
        Ok(merged)
    }
}
