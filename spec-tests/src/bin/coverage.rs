//! Runs the suite and writes what it covers into docs/conformance.md and the README: `cargo xtask coverage`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use spec_tests::report::{COVERED, ClauseReport, ClauseState, Report};
use spec_tests::{Select, Suite, coverage, matrix, run_all};

/// Between these lines of the README the table stands.
const MARKS: (&str, &str) = ("<!-- coverage -->\n", "<!-- end of coverage -->\n");

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{}", message.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<bool, String> {
    let check = match words {
        [] => false,
        [word] if word == "--check" => true,
        other => return Err(format!("expected nothing or --check, found {}", other.join(" "))),
    };
    let suite = Suite::built_in().map_err(|problems| problems.join("\n"))?;
    let select = Select::default();
    let trials = suite.trials(&select);
    let ran = run_all(&trials, &|_| {});
    let report = Report::of(&suite, "as each case needs", &select.arrangements, &trials, &ran);
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = root.join("docs/conformance.md");
    let readme = root.join("README.md");
    let wanted = [(page, document(&suite, &report)), (readme.clone(), with_table(&readme, &report)?)];
    let mut good = true;
    for (path, text) in wanted {
        let old = fs::read_to_string(&path).unwrap_or_default();
        if old == text {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if check {
            eprintln!("{name} does not say what the suite covers now: run `cargo xtask coverage`");
            good = false;
        } else {
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
            println!("{name} is written");
        }
    }
    for trial in report.trials.iter().filter(|trial| !trial.outcome.is_expected()) {
        eprintln!("{} [{}]: {}", trial.clause, trial.arrangement, trial.outcome.message);
        good = false;
    }
    let missing = coverage::missing(&suite, &report);
    missing.iter().for_each(|line| eprintln!("{line}"));
    good &= missing.is_empty();
    let open = missing.len();
    println!("{} clauses, {} shown, {open} to do", report.clauses.len(), shown(&report));
    Ok(good)
}

fn shown(report: &Report) -> usize {
    report.clauses.iter().filter(|clause| clause.state == ClauseState::Passed).count()
}

/// The page of docs.
fn document(suite: &Suite, report: &Report) -> String {
    let mut text = String::from(
        "<!-- Written by `cargo xtask coverage`. Do not edit. -->\n\n# What the conformance suite covers\n\n\
         Each number is a number of clauses of the catalogue in `spec-tests/clauses`. A clause is *passed* if a case \
         carries its rule out and\nasserts on what came of it, on every arrangement to which the case applies. One that \
         *waits* belongs to a part of the work\nthat comes later, or its cases need functions of one.\n\n",
    );
    text.push_str(&format!(
        "{} cases on the arrangements {}. Entries in `exceptions.toml`: {}, in `known-failures.toml`: {}.\n\n",
        suite.cases.len(),
        report.arrangements.join(", "),
        suite.exceptions.len(),
        suite.known_failures.len()
    ));
    text.push_str(&matrix::markdown_sum(report));
    text.push_str("\n## By function\n\n");
    text.push_str(&matrix::markdown(report));
    for (title, state) in [
        ("What fails", ClauseState::Failed),
        ("What the model lacks", ClauseState::NotModelled),
        ("What no case can show", ClauseState::NotTestable),
        ("What is not covered yet", ClauseState::NotCovered),
    ] {
        let list = matrix::markdown_list(report, |clause| clause.state == state);
        if !list.is_empty() {
            text.push_str(&format!("\n## {title}\n\n{list}"));
        }
    }
    let waiting = |clause: &ClauseReport| clause.state == ClauseState::Waits && COVERED.contains(&&*clause.part);
    let list = matrix::markdown_list(report, waiting);
    if !list.is_empty() {
        text.push_str(&format!("\n## What has cases, and waits for functions of a later part\n\n{list}"));
    }
    text
}

/// The README with its table as it should be.
fn with_table(path: &Path, report: &Report) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (begins, ends) = MARKS;
    let (Some(begin), Some(end)) = (text.find(begins), text.find(ends)) else {
        return Err(format!("README.md has no lines `{}` and `{}`", begins.trim(), ends.trim()));
    };
    let (before, after) = (&text[..begin + begins.len()], &text[end..]);
    Ok(format!("{before}{}{after}", matrix::markdown_sum(report)))
}
