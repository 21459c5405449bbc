//! `winspi explore`: a scenario in every order.

use std::path::{Path, PathBuf};

use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};
use winspi_explore::{Counterexample, ExploreError, Options as Search, explore as search};
use winspi_script::run::lacking;
use winspi_script::syntax::Diagnostic;
use winspi_script::syntax::tree::Span;
use winspi_view::{Given, exploration, overview};

use crate::Ending;
use crate::input::{BadInput, STDIN, Scenario, scenario};
use crate::machine::{Machine, cannot_stand};
use crate::output;

/// Run a scenario in every order that its threads, the network and the bus allow
///
/// `setup` is taken in the order of the text; then each thread goes through its own lines, and every order of what may
/// happen next is taken. States that are the same are visited once.
#[derive(Args, Debug)]
#[command(after_help = crate::run::STATUS)]
pub(crate) struct Options {
    /// The scenario: a text in the language of docs/language.md, or its JSON form; `-` for the standard input
    file: PathBuf,
    /// Write the report as one JSON object
    #[arg(long)]
    json: bool,
    /// Faults that may strike at any moment, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST")]
    faults: Vec<Fault>,
    /// Stop after so many states; what was not reached then counts as not checked
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    max_states: usize,
    /// Write each finding as a scenario with the order that shows it into this folder: `winspi run` repeats it
    #[arg(long, value_name = "DIR")]
    counterexamples: Option<PathBuf>,
    #[command(flatten)]
    machine: Machine,
}

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// A process ends at once
    Kill,
}

/// Explores the scenario; gives whether everything held.
pub(crate) fn explore(options: &Options) -> Result<Ending, BadInput> {
    let scenario = scenario(&options.file)?;
    let arrangement = options.machine.checked()?;
    if let Some(case) = scenario.script.cases.first() {
        let span = Span { line: case.line, column: 1, length: 4 };
        return Err(scenario.wrong_at(span, "a file with cases is run (`winspi run`), not explored"));
    }
    let kill = options.faults.contains(&Fault::Kill);
    let mut asked = if kill { Search::kills(1) } else { Search::without_faults() };
    asked.max_states = options.max_states;
    if let Some(lacks) = lacking(&scenario.script, &arrangement) {
        let given = Given { file: &scenario.file, text: &scenario.text, arrangement: &arrangement, seed: None };
        let report = if options.json {
            overview::render_lacking_json(&lacks, &scenario.script, &given)
        } else {
            overview::render_lacking(&lacks, &scenario.script, &given, output::look())
        };
        output::write(&report)?;
        return Ok(Ending::Good);
    }
    let found = search(&scenario.script, &arrangement, &asked).map_err(|error| refused(&error, &scenario))?;
    let given = Given { file: &scenario.file, text: &scenario.text, arrangement: &arrangement, seed: None };
    let faults = if kill { "one kill of any process at every boundary" } else { "no faults" };
    let report = if options.json {
        exploration::render_json(&found, &given, faults)
    } else {
        exploration::render(&found, &given, faults, output::look())
    };
    let written = match &options.counterexamples {
        Some(folder) => write_all(&found.counterexamples(&scenario.text, &arrangement), &scenario.file, folder)?,
        None => String::new(),
    };
    output::write(&if options.json { report } else { report + &written })?;
    Ok(Ending::of(found.passed()))
}

/// Writes counterexamples into a folder, and says which.
fn write_all(all: &[Counterexample], file: &str, folder: &Path) -> Result<String, BadInput> {
    let failed = |path: &Path, error: std::io::Error| {
        BadInput::of(path, format!("{}: this cannot be written: {error}\n", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let stem = Path::new(file).file_stem().map_or("scenario".into(), |stem| stem.to_string_lossy());
    let stem = if file == STDIN { "scenario".into() } else { stem };
    let mut said = String::new();
    for (number, one) in (1..).zip(all) {
        let path = folder.join(format!("{stem}-{number}-{}.winspi", one.kind));
        std::fs::write(&path, &one.text).map_err(|error| failed(&path, error))?;
        said.push_str(&format!("written: {}\n", path.display()));
    }
    Ok(said)
}

/// What to say where a scenario cannot be explored.
fn refused(error: &ExploreError, scenario: &Scenario) -> BadInput {
    match error {
        ExploreError::Arrangement(error) => cannot_stand(error, scenario),
        ExploreError::Decided { line, column } => {
            let line_text =
                scenario.text.lines().nth((*line as usize).saturating_sub(1)).unwrap_or_default().to_owned();
            let diagnostic = Diagnostic {
                line: *line,
                column: *column,
                length: 1,
                message: "exploring decides itself when this happens: outside `setup` it has no place".to_owned(),
                expected: Vec::new(),
                suggestion: None,
                line_text,
            };
            BadInput { file: scenario.file.clone(), message: diagnostic.render(&scenario.file) }
        }
        ExploreError::Setup(failures) => {
            let lines = failures.iter().map(|f| format!("{}:{}:{}: {}\n", scenario.file, f.line, f.column, f.message));
            let message =
                format!("error: `setup` does not hold, so there is nothing to explore\n{}", lines.collect::<String>());
            BadInput { file: scenario.file.clone(), message }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_options_are_taken_and_a_limit_of_no_state_is_none() {
        Cli::command().debug_assert();
        let cli = Cli::try_parse_from(["explore", "f", "--faults", "kill", "--layers", "ifs,non-ifs", "--json"]);
        let options = cli.expect("these are options").options;
        assert_eq!(options.machine.arrangement().layers, [true, false]);
        assert!(options.faults.contains(&Fault::Kill) && options.json);
        assert!(Cli::try_parse_from(["explore", "f", "--max-states", "0"]).is_err());
        assert!(Cli::try_parse_from(["explore", "f", "--faults", "rain"]).is_err());
    }
}
