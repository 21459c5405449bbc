//! `winspi explain`: what a name means.

use clap::Args;
use winspi_view::explain;

use crate::Ending;
use crate::input::BadInput;
use crate::output;

/// Say what a function, an error, a decision, a hazard, a rule or a constant is
///
/// An error may be given by its number. Capital letters do not matter. Without a name: what can be asked.
#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct Options {
    /// WSPBind, WSAENOTSOCK, 10038, unknown-handle, recycled-handle, WSPBind.error-enotsock, SharedSockets, FD_CLOSE ...
    name: Option<String>,
    /// Write the page as one JSON object
    #[arg(long)]
    json: bool,
}

/// What the exit status means.
const STATUS: &str = "\
Exit status:
  0  the page was written
  2  nothing has this name";

/// Explains a name.
pub(crate) fn explain(options: &Options) -> Result<Ending, BadInput> {
    let page = match &options.name {
        None => explain::contents(),
        Some(name) => explain::find(name).ok_or_else(|| unknown(name))?,
    };
    output::write(&if options.json { page.render_json() } else { page.render(output::look()) })?;
    Ok(Ending::Good)
}

fn unknown(name: &str) -> BadInput {
    let near: Vec<String> = explain::near(name).iter().map(|name| format!("`{name}`")).collect();
    let help = match near.split_last() {
        None => "`winspi explain` lists what can be asked".to_owned(),
        Some((last, [])) => format!("did you mean {last}?"),
        Some((last, others)) => format!("did you mean {} or {last}?", others.join(", ")),
    };
    let shown: String = winspi_view::text::visible(name).chars().take(100).collect();
    BadInput::option(format!("error: nothing is called `{shown}`\n  = help: {help}\n"))
}
