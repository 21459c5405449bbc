//! `winspi conform`: the conformance suite.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use spec_tests::report::{Comparison, FORMAT, Report};
use spec_tests::suite::ARRANGEMENTS;
use spec_tests::{Files, Select, Suite, export, junit, matrix, run_all};
use winspi_core::policy::Policy;

use crate::Ending;
use crate::input::BadInput;
use crate::output;

/// Run the conformance suite: cases that show the clauses of the documents, one by one
///
/// Each case runs on each arrangement to which it applies. A case passes if what it expects holds and it shows its
/// clause: the clause's rule was carried out by the party that it speaks of, and the case asserts on what came of it.
#[derive(Args, Debug)]
#[command(after_help = crate::run::STATUS)]
pub(crate) struct Options {
    /// Only cases whose clause, title or file contains this: `WSPBind`, `error-enotsock`; may be given again
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Only these arrangements, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = PossibleValuesParser::new(ARRANGEMENTS))]
    arrangement: Vec<String>,
    /// Choose as a system does where the documents leave a choice: documented, windows, wine, reactos
    ///
    /// Cases that need another choice then do not apply. Without it each case gets the choices that it needs.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Write the result of each trial as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the report as JSON, for `--compare`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Say what is other than in a report that `--json` wrote
    #[arg(long, value_name = "OLD.json")]
    compare: Option<PathBuf>,
    /// Write the cases as vectors for other implementations, and run nothing
    #[arg(long, value_name = "FILE.json", conflicts_with_all = ["junit", "json", "compare", "profile", "arrangement"])]
    export: Option<PathBuf>,
    /// Take clauses and cases from a folder that is laid out as `spec-tests`, not those that are built in
    #[arg(long, value_name = "FOLDER")]
    suite: Option<PathBuf>,
}

/// Runs the suite; gives whether everything is as it should be.
pub(crate) fn conform(options: &Options) -> Result<Ending, BadInput> {
    let suite = suite(options)?;
    let mut select = Select { filter: options.filter.clone(), ..Select::default() };
    if let Some(path) = &options.export {
        let chosen = Suite { cases: suite.cases.into_iter().filter(|case| select.takes(case)).collect(), ..suite };
        let text = format!("{:#}\n", export::vectors(&chosen));
        save(path, &text)?;
        output::write(&format!("{} cases as vectors in {}\n", chosen.cases.len(), path.display()))?;
        return Ok(Ending::Good);
    }
    if !options.arrangement.is_empty() {
        select.arrangements.clone_from(&options.arrangement);
    }
    if let Some(name) = &options.profile {
        let policy = Policy::profile(name).map_err(|error| BadInput::option(format!("error: {error}\n")))?;
        select.policy = Some(policy);
    }
    // Before the work: what cannot be compared is told at once.
    let old = options.compare.as_ref().map(read_report).transpose()?;
    let trials = suite.trials(&select);
    if trials.is_empty() {
        let asked = select.filter.iter().map(|part| format!("`{part}`")).collect::<Vec<_>>().join(", ");
        return Err(BadInput::option(format!(
            "error: no case has {asked} in its clause, title or file; `winspi conform` without it runs all {}\n",
            suite.cases.len()
        )));
    }
    let ran = run_all(&trials, &progress(trials.len()));
    clear_progress();
    let profile = options.profile.as_deref().unwrap_or("as each case needs");
    let report = Report::of(&suite, profile, &select.arrangements, &trials, &ran);
    if let Some(path) = &options.json {
        let text =
            serde_json::to_string_pretty(&report).map_err(|error| BadInput::option(format!("error: {error}\n")))?;
        save(path, &format!("{text}\n"))?;
    }
    if let Some(path) = &options.junit {
        let text = junit::render(&report).map_err(|error| BadInput::option(format!("error: {error}\n")))?;
        save(path, &text)?;
    }
    let look = output::look();
    let mut shown = matrix::render(&report, look);
    if let Some(mut old) = old {
        // What was not asked for this time is not gone.
        old.trials.retain(|trial| select.asks_for(&trial.clause, &trial.title, &trial.file, &trial.arrangement));
        shown.push_str(&matrix::render_comparison(&Comparison::of(&old, &report), look));
    }
    output::write(&shown)?;
    Ok(Ending::of(report.passed()))
}

/// The suite that is asked for.
fn suite(options: &Options) -> Result<Suite, BadInput> {
    let files = match &options.suite {
        None => Files::built_in(),
        Some(folder) => Files::read(folder).map_err(|error| BadInput::option(format!("error: {error}\n")))?,
    };
    Suite::of(&files).map_err(|problems| {
        let lines = problems.iter().map(|problem| format!("{}\n", problem.trim_end()));
        BadInput::option(format!("error: the suite is not in order\n{}", lines.collect::<String>()))
    })
}

fn read_report(path: &PathBuf) -> Result<Report, BadInput> {
    let bad = |message: String| BadInput::option(format!("{}: {message}\n", path.display()));
    let text = fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| {
        bad(format!("no report of `winspi conform --json`: line {}, column {}: {error}", error.line(), error.column()))
    })?;
    if report.format != FORMAT {
        return Err(bad(format!("format {} of the report is not known; this is format {FORMAT}", report.format)));
    }
    Ok(report)
}

fn save(path: &PathBuf, text: &str) -> Result<(), BadInput> {
    fs::write(path, text)
        .map_err(|error| BadInput::option(format!("error: {} cannot be written: {error}\n", path.display())))
}

/// Says on a terminal how many trials are done.
fn progress(all: usize) -> impl Fn(usize) + Sync {
    let watched = io::stderr().is_terminal();
    move |done| {
        if watched && (done % 64 == 0 || done == all) {
            // What is only for the eye may fail.
            let _ = write!(io::stderr(), "\r{done} of {all} trials");
        }
    }
}

fn clear_progress() {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r{}\r", " ".repeat(40));
    }
}
