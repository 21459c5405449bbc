//! Whether the suite is complete: every clause that has to be covered now is shown or listed, and the lists are short.

use crate::report::{COVERED, ClauseState, Report};
use crate::suite::Suite;

/// In percent, of the cases.
const MOST_EXCEPTIONS: usize = 5;

/// In percent, of the clauses that have to be covered.
const MOST_NOT_TESTABLE: usize = 5;

/// In percent, of the clauses that have to be covered.
const MOST_WAITING: usize = 5;

/// What is missing, a line each; nothing if the suite is complete.
pub fn missing(suite: &Suite, report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    let due = |part: &str| COVERED.contains(&part);
    for clause in report.clauses.iter().filter(|clause| due(&clause.part)) {
        match clause.state {
            ClauseState::Passed | ClauseState::NotTestable | ClauseState::Waits => {}
            state => lines.push(format!("{}: {}: {}", clause.id, state.name(), clause.why)),
        }
    }
    let (cases, excepted) = (suite.cases.len(), suite.exceptions.len());
    if excepted * 100 > cases * MOST_EXCEPTIONS {
        lines.push(format!("exceptions.toml has {excepted} entries for {cases} cases: more than {MOST_EXCEPTIONS} %"));
    }
    let all = report.clauses.iter().filter(|clause| due(&clause.part)).count();
    let of = |state| report.clauses.iter().filter(|c| due(&c.part) && c.state == state).count();
    let (listed, waiting) = (of(ClauseState::NotTestable), of(ClauseState::Waits));
    if listed * 100 > all * MOST_NOT_TESTABLE {
        lines.push(format!("not-testable.toml lists {listed} of {all} clauses: more than {MOST_NOT_TESTABLE} %"));
    }
    if waiting * 100 > all * MOST_WAITING {
        let most = format!("more than {MOST_WAITING} %");
        lines.push(format!("{waiting} of {all} clauses wait for a part that comes later: {most}"));
    }
    lines
}
