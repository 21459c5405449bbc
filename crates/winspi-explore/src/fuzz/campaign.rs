//! A campaign: case after case, each with random numbers of its own, so that parts of it can run anywhere.

use std::fmt;
use std::str::FromStr;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use serde::{Deserialize, Serialize};

use super::execute::{execute, random_of};
use super::finding::Finding;
use super::report::Report;
use super::shrink::shrink;
use super::{Options, generate};

/// A part of a campaign: of every so many cases one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which one, from 1.
    pub number: u64,
    /// How many there are.
    pub of: u64,
}

impl Part {
    /// The whole.
    pub const WHOLE: Part = Part { number: 1, of: 1 };
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Part, String> {
        let numbers = text.split_once('/').and_then(|(k, n)| Some((k.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Part { number, of }),
            _ => Err(format!("`{text}` is no part: expected K/N with K from 1 to N, as in 2/3")),
        }
    }
}

/// Fuzzes until `goes_on` says no: it is asked before each case and sees the report so far. `found` is told of each
/// finding at once, shrunk. The same options give the same cases, whatever the part.
pub fn fuzz(
    options: &Options,
    part: Part,
    mut goes_on: impl FnMut(&Report) -> bool,
    mut found: impl FnMut(&Finding),
) -> Report {
    let mut report = Report::new(options, part);
    let strategy = generate::case(options);
    let mut number = part.number - 1;
    while goes_on(&report) {
        // Two multiplications by odd constants: neighbours share nothing.
        let seed = options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03);
        let mut runner = TestRunner::new_with_rng(Config::default(), random_of(seed));
        let Ok(tree) = strategy.new_tree(&mut runner) else { return report };
        let case = tree.current();
        let execution = execute(&case, options.checks);
        report.cases += 1;
        report.calls += execution.calls;
        report.transitions += execution.taken.len() as u64;
        report.statistics.add(&execution.statistics);
        if let Some(problem) = &execution.problem {
            match report.findings.iter_mut().find(|finding| finding.rule == problem.rule) {
                Some(known) => known.times += 1,
                None => {
                    if let Some(shrunk) = shrink(case, execution, options.checks) {
                        let finding = Finding::new(&shrunk, options.seed, number);
                        found(&finding);
                        report.take(finding);
                    }
                }
            }
        }
        number += part.of;
    }
    report
}
