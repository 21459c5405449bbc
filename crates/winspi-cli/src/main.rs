//! The command `winspi`.
//!
//! One file for each subcommand. Files, streams and the terminal are known here and nowhere else; what is shown is made
//! by `winspi-view`, what happens by `winspi-script`.

mod catalog;
mod conform;
mod explain;
mod explore;
mod fmt;
mod fuzz;
mod input;
mod machine;
mod order;
mod output;
mod paths;
mod run;
mod view;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The Winsock 2 Service Provider Interface as a value: runs scenarios of calls in several processes on a machine that
/// is simulated, checks what they expect, and says which rule each result rests on.
#[derive(Parser)]
#[command(name = "winspi", version, max_term_width = 100, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Options),
    View(view::Options),
    Explore(explore::Options),
    Fuzz(fuzz::Options),
    Conform(conform::Options),
    Fmt(fmt::Options),
    Catalog(catalog::Options),
    Explain(explain::Options),
}

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Everything held.
    Good,
    /// Something did not hold.
    Failed,
    /// Something could not be read, or is not in the language.
    BadInput,
}

impl Ending {
    /// Whether everything held.
    fn of(good: bool) -> Ending {
        if good { Ending::Good } else { Ending::Failed }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> ExitCode {
        ExitCode::from(match ending {
            Ending::Good => 0,
            Ending::Failed => 1,
            Ending::BadInput => 2,
        })
    }
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(options) => run::run(&options),
        Command::View(options) => view::view(&options),
        Command::Explore(options) => explore::explore(&options),
        Command::Fuzz(options) => fuzz::fuzz(&options),
        Command::Conform(options) => conform::conform(&options),
        Command::Catalog(options) => catalog::show(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::Fmt(options) => fmt::fmt(&options),
    };
    match done {
        Ok(ending) => ending.into(),
        Err(error) => {
            output::complain(&error.message);
            Ending::BadInput.into()
        }
    }
}
