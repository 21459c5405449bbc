//! Commands for people who work on winspi: `cargo xtask COMMAND`.
//!
//! One file per command. `tidy` is no command but a test of this crate: it runs with all others.

mod bench;
mod browser;
mod catalogue;
mod check;
mod decisions;
mod docs;
mod generate;
mod mutants;
mod wasm;

#[cfg(test)]
mod tidy;

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// What a command gives: nothing, or what went wrong in words.
type Result<T = ()> = std::result::Result<T, String>;

const USAGE: &str = "\
cargo xtask COMMAND

  bench [N]     measures everything beside its peer in N rounds, 3 unless given, and prints the table
  browser       installs Chromium and its WebDriver where they are missing and apt-get may, for the tests of pages
  check         all that must hold before a change goes in: generated files, format, lints, tests, documentation
  coverage      runs the conformance suite, writes what it covers into docs/conformance.md and the README, and fails while
                a clause that has to be covered is not
  coverage --check   compares the two pages instead
  docs          builds the book into target/site with mdbook, which is installed where it is missing; every link leads somewhere
  gen           writes the files that are made from spec-tests/clauses
  gen --check   compares them instead, and fails with the name of each that is old
  mutants [--sample N] [--seed S]   runs the conformance suite against so many mutants of the core (cargo-mutants)
  wasm          builds the crates without platform code for wasm32-unknown-unknown, if that target is installed";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["bench"] => bench::run(None),
        ["bench", rounds] => bench::run(Some(rounds)),
        ["browser"] => browser::run(),
        ["check"] => check::run(),
        ["coverage", rest @ ..] => coverage(rest),
        ["docs"] => docs::run(),
        ["gen"] => generate::write(),
        ["gen", "--check"] => generate::check(),
        ["mutants", rest @ ..] => mutants::run(rest),
        ["wasm"] => wasm::run(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => Err(USAGE.to_owned()),
        other => Err(format!("no such command: {}\n\n{USAGE}", other.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask is a folder of the workspace").to_path_buf()
}

/// Runs the suite: in a program of its own, for this one has to build where generated files are old.
fn coverage(rest: &[&str]) -> Result {
    let fixed = ["run", "--quiet", "--release", "-p", "spec-tests", "--bin", "coverage", "--"];
    cargo(&[fixed.as_slice(), rest].concat(), &[])
}

/// Runs cargo in the workspace, with its output shown.
fn cargo(arguments: &[&str], variables: &[(&str, &str)]) -> Result {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let line = format!("cargo {}", arguments.join(" "));
    eprintln!("$ {line}");
    let status = Command::new(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|error| format!("{line}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("failed: {line}")) }
}
