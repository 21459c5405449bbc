//! `winspi run`: scenarios in text order, or in a random one; conformance files case by case.

use std::path::{Path, PathBuf};

use clap::Args;
use winspi_core::Transition;
use winspi_explore::{Origin, counterexample};
use winspi_script::run::{
    CaseRun, after_setup, lacking, run as run_in_text_order, run_by_priorities, run_case, run_seeded,
};
use winspi_script::script::CaseDeclaration;
use winspi_script::{Arrangement, Run};
use winspi_view::overview::{self, Entry, Status};
use winspi_view::trace::{self, Trace};
use winspi_view::{Given, json, table};

use crate::Ending;
use crate::input::{BadInput, STDIN, Scenario, scenario};
use crate::machine::{Machine, cannot_stand};
use crate::order::Random;
use crate::output::{self, stem, write_file};
use crate::paths::{Sources, sources};

/// Run scenarios, check what they expect, and say why each call gave what it gave
///
/// The lines are taken in the order of the text. After each line what has been sent arrives, completions happen, and
/// whoever waited goes on, before the next line begins. A file with cases runs each case in a fresh machine.
///
/// One file is reported in full; several, or a folder, in a line each.
#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct Options {
    /// Scenarios in the language of docs/language.md, or in its JSON form; folders, for all *.winspi in them; `-` for
    /// the standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write the report as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    random: Random,
    /// With --seed: write a run that fails as a scenario with its order into this folder: `winspi run` repeats it
    #[arg(long, value_name = "DIR", requires = "seed")]
    counterexamples: Option<PathBuf>,
    /// Run only the cases whose clause or title contains this, in full if it is one
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
    /// Write what happened, moment by moment, as JSON: `winspi view` shows it; `-` is the standard output, without a
    /// report
    ///
    /// Of one scenario, or of one case.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    machine: Machine,
}

/// What the exit status means.
pub(crate) const STATUS: &str = "\
Exit status:
  0  everything held; what is not modelled, or does not apply to this machine,
     is reported as such
  1  something did not hold: an expectation, a duty of a provider, a call that is
     still blocked, a leak
  2  there was nothing to run: a bad option, a file that cannot be read, a text
     that is not in the language

What is wrong with the input is written to the standard error output, as text even
with --json. Of one file the standard output stays empty then; of several all
others are run.";

/// What became of a scenario.
enum Outcome {
    /// It was run.
    Ran(Box<Run>),
    /// Its cases were run.
    Cases(Vec<CaseRun>),
    /// The arrangement lacks something.
    Lacks(String),
}

/// Runs the scenarios.
pub(crate) fn run(options: &Options) -> Result<Ending, BadInput> {
    let arrangement = options.machine.checked()?;
    let sources = sources(&options.paths, false);
    match sources.found.as_slice() {
        [Ok(path)] if !sources.several => one(path, &arrangement, options),
        _ if options.trace.is_some() => {
            Err(BadInput::option("error: a trace (--trace) is of one scenario: name one file\n".to_owned()))
        }
        _ => many(sources, &arrangement, options),
    }
}

/// Several scenarios, a line for each.
fn many(sources: Sources, arrangement: &Arrangement, options: &Options) -> Result<Ending, BadInput> {
    let (mut entries, mut bad) = (Vec::new(), false);
    for path in sources.found {
        let done = path.and_then(|path| scenario(&path)).and_then(|scenario| {
            if options.case.is_some() && chosen(&scenario, options.case.as_deref()).is_empty() {
                return Ok(None);
            }
            let outcome = outcome(&scenario, arrangement, options)?;
            let given = given(&scenario, arrangement, options);
            Ok(Some(match outcome {
                Outcome::Ran(run) => Entry::of_run(&run, &given),
                Outcome::Cases(cases) => Entry::of_cases(&cases, &given),
                Outcome::Lacks(lacks) => Entry::not_applicable(&scenario.file, lacks),
            }))
        });
        match done {
            Ok(entry) => entries.extend(entry),
            Err(error) => {
                if bad {
                    output::complain("\n");
                }
                bad = true;
                output::complain(&error.message);
                entries.push(Entry::bad_input(&error.file, &error.message));
            }
        }
    }
    if let Some(filter) = options.case.as_ref().filter(|_| entries.is_empty()) {
        return Err(no_case("error", filter));
    }
    let report = if options.json {
        overview::render_json(&entries, &sources.left_out)
    } else {
        overview::render(&entries, &sources.left_out, output::look())
    };
    if bad && !options.json {
        output::complain("\n");
    }
    output::write(&report)?;
    let failed = entries.iter().any(|entry| entry.status == Status::Failed);
    Ok(if bad { Ending::BadInput } else { Ending::of(!failed) })
}

/// One scenario, reported in full.
fn one(path: &Path, arrangement: &Arrangement, options: &Options) -> Result<Ending, BadInput> {
    let scenario = scenario(path)?;
    if let Some(filter) = options.case.as_ref().filter(|filter| chosen(&scenario, Some(filter)).is_empty()) {
        return Err(no_case(&scenario.file, filter));
    }
    let outcome = outcome(&scenario, arrangement, options)?;
    if let Some(file) = &options.trace {
        let traced = traced(&scenario, arrangement, &options.machine, options.random, options.case.as_deref())?;
        output::write_to(file, traced.trace.to_json().as_bytes())?;
        if file.as_path() == Path::new(STDIN) {
            return Ok(Ending::of(traced.good));
        }
    }
    let given = given(&scenario, arrangement, options);
    let (script, look) = (&scenario.script, output::look());
    let (report, good) = match &outcome {
        Outcome::Ran(run) => {
            let report = if options.json { json::render(run, &given) } else { table::render(run, &given, look) };
            (report, Status::of_run(run) != Status::Failed)
        }
        Outcome::Cases(cases) => {
            let report = match cases.as_slice() {
                _ if options.json => overview::render_cases_json(cases, script, &given),
                [CaseRun { run: Some(run), title, .. }] if options.case.is_some() => {
                    let run = Run { scenario: title.clone(), ..run.clone() };
                    table::render(&run, &given, look)
                }
                cases => overview::render_cases(cases, script, &given, look),
            };
            (report, !cases.iter().any(|case| Status::of_case(case) == Status::Failed))
        }
        Outcome::Lacks(lacks) if options.json => (overview::render_lacking_json(lacks, script, &given), true),
        Outcome::Lacks(lacks) => (overview::render_lacking(lacks, script, &given, look), true),
    };
    output::write(&report)?;
    Ok(Ending::of(good))
}

/// A trace, and whether everything held in it.
pub(crate) struct Traced {
    pub(crate) trace: Trace,
    pub(crate) good: bool,
}

/// Runs a scenario or one case of it, and gives its trace.
pub(crate) fn traced(
    scenario: &Scenario,
    arrangement: &Arrangement,
    machine: &Machine,
    random: Random,
    case: Option<&str>,
) -> Result<Traced, BadInput> {
    let script = &scenario.script;
    let wrong = |message: String| {
        let message = format!("{}: {message}\n", scenario.file);
        BadInput { file: scenario.file.clone(), message }
    };
    let options = machine.written();
    let origin = trace::Origin { file: &scenario.file, text: &scenario.text, options: &options };
    if !script.cases.is_empty() {
        let chosen = chosen(scenario, case);
        let one = match chosen.as_slice() {
            [one] => one,
            [] => return Err(no_case(&scenario.file, case.unwrap_or_default())),
            all => return Err(wrong(which_case(all))),
        };
        return match trace::of_case(one, arrangement, &origin) {
            (ran, Some(trace)) => Ok(Traced { trace, good: Status::of_case(&ran) != Status::Failed }),
            (ran, None) => Err(wrong(format!("the case does not run here: {}", ran.message))),
        };
    }
    if case.is_some() {
        return Err(wrong("the file has no cases (--case)".to_owned()));
    }
    if random.seed.is_some() {
        takes_random_order(scenario)?;
    }
    if let Some(lacks) = lacking(script, arrangement) {
        return Err(wrong(format!("the scenario does not run here: {lacks}")));
    }
    let order = random.order(script);
    let (run, trace) =
        trace::of_run(script, arrangement, order, &origin).map_err(|error| cannot_stand(&error, scenario))?;
    Ok(Traced { trace, good: Status::of_run(&run) != Status::Failed })
}

/// What to say where it is not clear which case is meant.
fn which_case(all: &[&CaseDeclaration]) -> String {
    const MOST: usize = 5;
    let names: Vec<&str> = all.iter().take(MOST).map(|case| case.name.as_str()).collect();
    let more = all.len().saturating_sub(MOST);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    format!("{} cases are meant, a trace is of one; choose one with --case: {}{more}", all.len(), names.join(", "))
}

fn given<'a>(scenario: &'a Scenario, arrangement: &'a Arrangement, options: &Options) -> Given<'a> {
    Given { file: &scenario.file, text: &scenario.text, arrangement, seed: options.random.seed }
}

fn outcome(scenario: &Scenario, arrangement: &Arrangement, options: &Options) -> Result<Outcome, BadInput> {
    let script = &scenario.script;
    if !script.cases.is_empty() {
        if options.random.seed.is_some() {
            let message = format!("{}: a random order (--seed) has no place for cases\n", scenario.file);
            return Err(BadInput { file: scenario.file.clone(), message });
        }
        let cases = chosen(scenario, options.case.as_deref());
        return Ok(Outcome::Cases(cases.into_iter().map(|case| run_case(case, arrangement)).collect()));
    }
    if options.random.seed.is_some() {
        takes_random_order(scenario)?;
    }
    if let Some(lacks) = lacking(script, arrangement) {
        return Ok(Outcome::Lacks(lacks));
    }
    let run = match options.random.seed {
        None => run_in_text_order(script, arrangement),
        Some(seed) => match options.random.pct {
            None => run_seeded(script, arrangement, seed),
            Some(depth) => run_by_priorities(script, arrangement, seed, depth),
        },
    };
    let run = run.map_err(|error| cannot_stand(&error, scenario))?;
    if let (Some(folder), false) = (&options.counterexamples, run.passed) {
        write_order(&run, scenario, arrangement, options, folder)?;
    }
    Ok(Outcome::Ran(Box::new(run)))
}

/// Writes a run that failed in a random order as a scenario with that order.
fn write_order(
    run: &Run,
    scenario: &Scenario,
    arrangement: &Arrangement,
    options: &Options,
    folder: &Path,
) -> Result<(), BadInput> {
    let after_setup = after_setup(&scenario.script, arrangement).map_err(|error| cannot_stand(&error, scenario))?;
    let (script, text) = (&scenario.script, scenario.text.as_str());
    let origin = Origin { script, text, arrangement, start: &after_setup.0 };
    let way: Vec<Transition> = run.trace.iter().skip(run.setup).map(|taken| taken.transition.clone()).collect();
    let shown: Vec<String> = run.failures.iter().map(|f| format!("line {}: {}", f.line, f.message)).collect();
    let name = |by: &str| format!("{}-{by}{}.winspi", stem(&scenario.file), options.random.seed.unwrap_or_default());
    let name = options.random.pct.map_or_else(|| name("seed-"), |depth| name(&format!("pct-{depth}-seed-")));
    write_file(folder, &name, &counterexample(&origin, &way, &shown)).map(|_| ())
}

/// The cases whose clause or title contains a text.
fn chosen<'s>(scenario: &'s Scenario, filter: Option<&str>) -> Vec<&'s CaseDeclaration> {
    let filter = filter.unwrap_or_default().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&filter);
    scenario.script.cases.iter().filter(|case| fits(&case.name) || fits(&case.title)).collect()
}

fn no_case(file: &str, filter: &str) -> BadInput {
    let message = format!("{file}: no case has `{filter}` in its clause or title (--case)\n");
    BadInput { file: file.to_owned(), message }
}

/// Whether a scenario can be run in a random order at all.
fn takes_random_order(scenario: &Scenario) -> Result<(), BadInput> {
    let message = "a random order (--seed) has no place for a statement about the world around";
    scenario.script.first_decision().map_or(Ok(()), |span| Err(scenario.wrong_at(span, message)))
}
