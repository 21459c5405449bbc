//! `winspi catalog`: the provider catalog of a machine.

use std::path::PathBuf;

use clap::Args;
use winspi_script::Script;
use winspi_view::catalog;

use crate::Ending;
use crate::input::{BadInput, scenario};
use crate::machine::{Machine, cannot_stand, layers_cannot_stand};
use crate::output;

/// Show the provider catalog of a machine, as `netsh winsock show catalog` does
///
/// The entries stand in the order in which programs find them: the chains of layers first.
#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct Options {
    /// A scenario whose layers are installed, too
    #[arg(value_name = "PATH")]
    file: Option<PathBuf>,
    /// Write the catalog as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    machine: Machine,
}

/// What the exit status means.
const STATUS: &str = "\
Exit status:
  0  the catalog was written
  2  a bad option, layers that cannot stand, a scenario that cannot be read";

/// Shows the catalog.
pub(crate) fn show(options: &Options) -> Result<Ending, BadInput> {
    let arrangement = options.machine.checked()?;
    let catalog = match &options.file {
        None => arrangement.catalog(&Script::default()).map_err(|error| layers_cannot_stand(&error))?,
        Some(path) => {
            let scenario = scenario(path)?;
            arrangement.catalog(&scenario.script).map_err(|error| cannot_stand(&error, &scenario))?
        }
    };
    let report = if options.json { catalog::render_json(&catalog) } else { catalog::render(&catalog, output::look()) };
    output::write(&report)?;
    Ok(Ending::Good)
}
