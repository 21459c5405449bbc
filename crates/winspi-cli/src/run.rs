//! `winspi run`: a scenario in text order, or in a random one.

use std::path::PathBuf;

use clap::Args;
use winspi_script::run::{run as run_in_text_order, run_seeded};
use winspi_view::{Given, json, table};

use crate::input::{BadInput, Scenario, scenario};
use crate::machine::{Machine, cannot_stand};
use crate::output;

/// Run a scenario, check what it expects, and say why each call gave what it gave
///
/// The lines are taken in the order of the text. After each line what has been sent arrives, completions happen, and
/// whoever waited goes on, before the next line begins.
#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct Options {
    /// The scenario: a text in the language of docs/language.md
    file: PathBuf,
    /// Write the report as one JSON object
    #[arg(long)]
    json: bool,
    /// Take a random order instead of the text's, always the same for the same number
    ///
    /// The lines of `setup` keep their order; then each thread goes through its own lines, and what happens next is
    /// drawn. Statements about the world around, such as `kill`, have no place in a random order.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    machine: Machine,
}

/// What the exit status means.
pub(crate) const STATUS: &str = "\
Exit status:
  0  everything held
  1  something did not hold: an expectation, a duty of a provider, a call that is
     still blocked, a leak
  2  there was nothing to run: a bad option, a file that cannot be read, a text
     that is not in the language

What is wrong with the input is written to the standard error output, as text even
with --json; the standard output stays empty then.";

/// Runs the scenario; gives whether everything held.
pub(crate) fn run(options: &Options) -> Result<bool, BadInput> {
    let scenario = scenario(&options.file)?;
    let arrangement = options.machine.arrangement();
    let run = match options.seed {
        None => run_in_text_order(&scenario.script, &arrangement),
        Some(seed) => {
            takes_random_order(&scenario)?;
            run_seeded(&scenario.script, &arrangement, seed)
        }
    };
    let run = run.map_err(|error| cannot_stand(&error, &scenario))?;
    let given = Given { file: &scenario.file, text: &scenario.text, arrangement: &arrangement, seed: options.seed };
    let report = if options.json { json::render(&run, &given) } else { table::render(&run, &given, output::look()) };
    output::write(&report)?;
    Ok(run.passed)
}

/// Whether a scenario can be run in a random order at all.
fn takes_random_order(scenario: &Scenario) -> Result<(), BadInput> {
    let message = "a random order (--seed) has no place for a statement about the world around";
    scenario.script.first_decision().map_or(Ok(()), |span| Err(scenario.wrong_at(span, message)))
}
