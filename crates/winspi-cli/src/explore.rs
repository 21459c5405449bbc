//! `winspi explore`: a scenario in every order.

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum, value_parser};
use winspi_explore::{
    Control, Counterexample, Exchange, Exploration, ExploreError, Faults, Options as Search, Progress, explore_from,
    start,
};
use winspi_script::run::lacking;
use winspi_script::syntax::tree::Span;
use winspi_view::exploration::number;
use winspi_view::{Given, exploration, overview};

use crate::Ending;
use crate::input::{BadInput, Scenario, scenario};
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
    /// How many faults may strike in one run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=8))]
    fault_budget: u32,
    /// Damage this byte of messages, instead of one of each field that says something of its own
    #[arg(long, value_name = "N")]
    damage_byte: Option<u32>,
    /// Stop after so many states; what was not reached then counts as not checked
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    max_states: usize,
    /// Stop where the program takes more than so many megabytes
    #[arg(long, value_name = "MB", value_parser = value_parser!(u64).range(1..=1 << 40))]
    max_memory: Option<u64>,
    /// How many threads work on it; the report is the same for any number
    #[arg(long, value_name = "N", default_value = "1")]
    threads: NonZeroUsize,
    /// Take states for one that differ only by an exchange: of the values of handles, or of processes that do the same
    #[arg(long, value_enum, value_name = "WHAT")]
    symmetry: Option<Symmetry>,
    /// Leave out orders of what is independent: the same is found in fewer states, by an order that may not be the
    /// shortest
    #[arg(long)]
    reduce: bool,
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
    /// A message of the bus, or a datagram, never arrives
    Lose,
    /// A message of the bus arrives twice
    Duplicate,
    /// A byte of a message of the bus is another
    Damage,
    /// A process has no descriptors, no buffers or no memory left
    Exhaust,
}

/// What may be exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Symmetry {
    /// The values of the handles of each process
    Handles,
    /// Processes that do the same
    Processes,
    /// Handles and processes
    Both,
}

impl Symmetry {
    /// What the report adds.
    fn words(self) -> &'static str {
        match self {
            Symmetry::Handles => " · handle values exchanged",
            Symmetry::Processes => " · equal processes exchanged",
            Symmetry::Both => " · handle values and equal processes exchanged",
        }
    }

    fn exchange(self) -> Exchange {
        match self {
            Symmetry::Handles => Exchange::Handles,
            Symmetry::Processes => Exchange::Processes,
            Symmetry::Both => Exchange::Both,
        }
    }
}

/// Explores the scenario; gives whether everything held.
pub(crate) fn explore(options: &Options) -> Result<Ending, BadInput> {
    let scenario = scenario(&options.file)?;
    let arrangement = options.machine.checked()?;
    if let Some(case) = scenario.script.cases.first() {
        let span = Span { line: case.line, column: 1, length: 4 };
        return Err(scenario.wrong_at(span, "a file with cases is run (`winspi run`), not explored"));
    }
    let has = |fault| options.faults.contains(&fault);
    let faults = Faults {
        kill: has(Fault::Kill),
        lose: has(Fault::Lose),
        duplicate: has(Fault::Duplicate),
        damage: has(Fault::Damage),
        damage_byte: options.damage_byte,
        exhaust: has(Fault::Exhaust),
        budget: options.fault_budget,
    };
    let symmetry = options.symmetry.map(Symmetry::exchange);
    let asked = Search {
        max_states: options.max_states,
        threads: Some(options.threads),
        symmetry,
        reduce: options.reduce,
        ..Search::with(faults)
    };
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
    let system = start(&scenario.script, &arrangement).map_err(|error| refused(&error, &scenario))?;
    let exchanged = winspi_explore::symmetry(&scenario.script, &arrangement, &asked);
    let exchanged = exchanged.map_err(|error| refused(&error, &scenario))?;
    let explore = |control: &Control<'_>| explore_from(&scenario.script, system, &asked, exchanged, control);
    let found = under_control(options, explore)?;
    if let Some(asymmetry) = &found.asymmetry {
        return Err(BadInput::option(format!("error: --symmetry cannot be used here: {asymmetry}\n")));
    }
    let given = Given { file: &scenario.file, text: &scenario.text, arrangement: &arrangement, seed: None };
    let mut faults = words(&faults);
    if let Some(symmetry) = options.symmetry {
        faults.push_str(symmetry.words());
    }
    let faults = faults.as_str();
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

/// The faults that may strike, in words.
fn words(faults: &Faults) -> String {
    if *faults == (Faults { kill: true, budget: 1, ..Faults::default() }) {
        return "one kill of any process at every boundary".to_owned();
    }
    let all = [
        (faults.kill, "a kill of any process"),
        (faults.lose, "the loss of any message or datagram"),
        (faults.duplicate, "a second copy of any message"),
        (faults.damage, "damage to any message"),
        (faults.exhaust, "no descriptors, buffers or memory in any process"),
    ];
    let on: Vec<&str> = all.into_iter().filter(|(on, _)| *on).map(|(_, words)| words).collect();
    if on.is_empty() {
        return "no faults".to_owned();
    }
    let how = if faults.budget == 1 { "one fault".to_owned() } else { format!("up to {} faults", faults.budget) };
    format!("{how} at any boundary: {}", on.join(", "))
}

/// Lets an exploration run: Ctrl-C ends it, a terminal shows how far it is, the memory is looked after.
fn under_control(
    options: &Options,
    explore: impl FnOnce(&Control<'_>) -> Exploration,
) -> Result<Exploration, BadInput> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = stop.clone();
    ctrlc::set_handler(move || told.store(true, Ordering::Relaxed))
        .map_err(|error| BadInput::option(format!("error: Ctrl-C cannot be caught: {error}\n")))?;
    // Where the system does not say how much memory there is nothing is bounded, and that is said.
    if options.max_memory.is_some() && memory_stats::memory_stats().is_none() {
        return Err(BadInput::option("error: this system does not say how much memory a program takes\n".to_owned()));
    }
    let taken = || memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64);
    let shown = Cell::new(Instant::now());
    let shows = output::shows_progress();
    let tell = |progress: &Progress| {
        if shown.get().elapsed() >= BETWEEN {
            shown.set(Instant::now());
            output::progress(&format!(
                "{} states, {} transitions, {} to go on from",
                number(progress.states),
                number(progress.transitions),
                number(progress.frontier)
            ));
        }
    };
    let found = explore(&Control {
        stop: Some(&stop),
        memory: options.max_memory.map(|most| (most.saturating_mul(1 << 20), &taken as &dyn Fn() -> u64)),
        progress: shows.then_some(&tell as &dyn Fn(&Progress)),
    });
    if shows {
        output::progress("");
    }
    Ok(found)
}

/// How long a terminal shows the same.
const BETWEEN: Duration = Duration::from_millis(200);

/// Writes counterexamples into a folder, and says which.
fn write_all(all: &[Counterexample], file: &str, folder: &Path) -> Result<String, BadInput> {
    let mut said = String::new();
    for (number, one) in (1..).zip(all) {
        let path =
            output::write_file(folder, &format!("{}-{number}-{}.winspi", output::stem(file), one.kind), &one.text)?;
        said.push_str(&format!("written: {}\n", path.display()));
    }
    Ok(said)
}

/// What to say where a scenario cannot be explored.
fn refused(error: &ExploreError, scenario: &Scenario) -> BadInput {
    match error {
        ExploreError::Arrangement(error) => cannot_stand(error, scenario),
        ExploreError::Decided { line, column } => scenario.wrong_at(
            Span { line: *line, column: *column, length: 1 },
            "exploring decides itself when this happens: outside `setup` it has no place",
        ),
        ExploreError::Symmetry(refused) => {
            scenario.wrong_at(refused.span, format!("--symmetry cannot be used here: {}", refused.reason))
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
        for wrong in ["--max-states", "--max-memory", "--threads", "--fault-budget"] {
            assert!(Cli::try_parse_from(["explore", "f", wrong, "0"]).is_err(), "{wrong}");
        }
        assert!(Cli::try_parse_from(["explore", "f", "--faults", "rain"]).is_err());
    }
}
