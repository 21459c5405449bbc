//! The command `winspi`.
//!
//! One file for each subcommand. Files, streams and the terminal are known here and nowhere else; what is shown is made
//! by `winspi-view`, what happens by `winspi-script`.

mod conform;
mod explore;
mod input;
mod machine;
mod output;
mod run;

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
    Explore(explore::Options),
    Conform(conform::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Explore(options) => explore::explore(&options),
        Command::Conform(options) => conform::conform(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            output::complain(&error);
            ExitCode::from(2)
        }
    }
}
