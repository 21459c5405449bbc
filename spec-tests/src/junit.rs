//! The report as JUnit XML, for what collects test results: a suite for each function, a test for each trial.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::report::Report;
use crate::trial::State;

/// The report as XML.
///
/// # Errors
///
/// Where it cannot be written as XML; the message is the writer's.
pub fn render(report: &Report) -> Result<String, String> {
    let mut junit = Junit::new("winspi conformance");
    let mut suites: Vec<TestSuite> = Vec::new();
    for trial in &report.trials {
        let function = trial.clause.split('.').next().unwrap_or(&trial.clause);
        if suites.last().is_none_or(|suite| suite.name.as_str() != function) {
            suites.push(TestSuite::new(function.to_owned()));
        }
        let status = match trial.outcome.state {
            _ if !trial.outcome.is_expected() => {
                let panicked = trial.outcome.state == State::Panicked;
                let kind = if panicked { NonSuccessKind::Error } else { NonSuccessKind::Failure };
                let mut status = TestCaseStatus::non_success(kind);
                let message = match trial.outcome.state {
                    State::Passed => "it passes, and is listed in known-failures.toml",
                    _ => &trial.outcome.message,
                };
                status.set_message(format!("{}:{}: {message}", trial.file, trial.outcome.line));
                status
            }
            State::Passed => TestCaseStatus::success(),
            state => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(format!("{}: {}", state.name(), trial.outcome.message));
                status
            }
        };
        let colon = if trial.title.is_empty() { "" } else { ": " };
        let mut case = TestCase::new(format!("{}{colon}{}", trial.clause, trial.title), status);
        case.set_classname(trial.arrangement.clone());
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case);
        }
    }
    junit.add_test_suites(suites);
    junit.to_string().map_err(|error| error.to_string())
}
