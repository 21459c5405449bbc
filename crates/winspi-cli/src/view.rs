//! `winspi view`: a run as a page that a person understands.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::{Args, ValueEnum};
use winspi_script::run::Order;
use winspi_script::{Script, syntax};
use winspi_view::picture::{self, Picture};
use winspi_view::trace::{self, ReadError, Trace};
use winspi_view::{Look, mermaid, page, svg};

use crate::Ending;
use crate::input::{BadInput, STDIN, Scenario, bytes, scenario_of};
use crate::machine::{Machine, cannot_stand};
use crate::order::Random;
use crate::output;
use crate::run::traced;

/// Show a run as one HTML page: who does what, what each call gives and why, and what is there at every moment
///
/// The page needs nothing else: no network, no other file. With two files it has both runs side by side.
#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct Options {
    /// A scenario, also with a schedule, or in its JSON form; a trace that `winspi run --trace` has written; `-` for the
    /// standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Another run, to be shown beside the first
    #[arg(value_name = "OTHER")]
    other: Option<PathBuf>,
    /// Where to write it; `-` is the standard output [default: the name of the file with the ending of the format]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Html, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    random: Random,
    /// The case of a conformance file whose clause or title contains this
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
    /// Take another transition in the place of an event: its number, and the line of a schedule: `'17 go target'`
    ///
    /// The run goes as without this up to the event before, takes the transition, and ends there.
    #[arg(long, value_name = "EVENT")]
    instead: Option<String>,
    #[command(flatten)]
    machine: Machine,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page
    Html,
    /// Lanes in columns, for terminals; written to the standard output unless `--output` says otherwise
    Text,
    /// A sequence diagram for Mermaid
    Mermaid,
    /// A drawing that follows the light or dark of its reader
    Svg,
    /// The trace: what `winspi run --trace` writes
    Json,
}

impl Format {
    /// How the names of files end.
    fn ending(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Text => "txt",
            Format::Mermaid => "mmd",
            Format::Svg => "svg",
            Format::Json => "trace.json",
        }
    }
}

const STATUS: &str = "\
Exit status:
  0  the page was written; what did not hold in the run is shown in it
  2  there was nothing to show: a bad option, a file that cannot be read, a text
     that is not in the language, a trace that is not whole";

/// Shows a run, or two.
pub(crate) fn view(options: &Options) -> Result<Ending, BadInput> {
    if options.other.is_some() && options.format != Format::Html {
        return Err(BadInput::option("error: two runs have one form only: --format html\n".to_owned()));
    }
    let one = read(&options.file, options)?;
    let contents = match &options.other {
        None => match options.format {
            Format::Html => page::render(&one),
            Format::Text => picture::text::render(
                &Picture::of(&one),
                if options.output.is_some() { Look::PLAIN } else { output::look() },
            ),
            Format::Mermaid => mermaid::render(&Picture::of(&one)),
            Format::Svg => svg::render(&Picture::of(&one)),
            Format::Json => one.to_json(),
        },
        Some(other) => page::render_two(&one, &read(other, options)?),
    };
    let output = options.output.clone().unwrap_or_else(|| match options.format {
        Format::Text => PathBuf::from(STDIN),
        format => beside(&options.file, format),
    });
    output::write_to(&output, contents.as_bytes())?;
    if output.as_path() != Path::new(STDIN) {
        output::write(&format!("{}\n", output.display()))?;
    }
    if options.open {
        open(&output)?;
    }
    Ok(Ending::Good)
}

/// The trace of a file: read, or made by a run.
fn read(path: &Path, options: &Options) -> Result<Trace, BadInput> {
    let (file, bytes) = bytes(path)?;
    if let Ok(text) = str::from_utf8(&bytes)
        && Trace::is_meant(text)
    {
        let wrong = |message: String| BadInput { file: file.clone(), message: format!("{file}: {message}\n") };
        if options.instead.is_some() || options.random.seed.is_some() || options.case.is_some() {
            return Err(wrong("a trace is shown as it is: --instead, --seed and --case need the scenario".to_owned()));
        }
        return Trace::read(text).map_err(|error| match error {
            ReadError::Damaged { .. } => BadInput { file: file.clone(), message: format!("{file}:{error}\n") },
            error => wrong(error.to_string()),
        });
    }
    let scenario = scenario_of(file, bytes)?;
    let arrangement = options.machine.checked()?;
    let traced = traced(&scenario, &arrangement, &options.machine, options.random, options.case.as_deref())?.trace;
    let Some(instead) = &options.instead else { return Ok(traced) };
    let text = otherwise(&scenario, &traced, instead)?;
    let tree = syntax::parse(&text).and_then(|tree| Script::new(&tree, &text));
    let script = tree.map_err(|errors| {
        let first = errors.first().map_or_else(String::new, |error| error.message.clone());
        BadInput::option(format!("error: '--instead {instead}': {first}\n"))
    })?;
    let written = options.machine.written();
    let origin = trace::Origin { file: &scenario.file, text: &text, options: &written };
    let (_, trace) = trace::of_run(&script, &arrangement, Order::Recorded, &origin)
        .map_err(|error| cannot_stand(&error, &scenario))?;
    Ok(trace)
}

/// The scenario with the order of a run up to an event, and another transition in its place.
fn otherwise(scenario: &Scenario, traced: &Trace, instead: &str) -> Result<String, BadInput> {
    let wrong = |message: String| BadInput::option(format!("error: '--instead {instead}': {message}\n"));
    let (number, line) = instead.trim().split_once(' ').unwrap_or((instead.trim(), ""));
    let number: u32 =
        number.parse().map_err(|_| wrong("expected an event and a transition: '17 go target'".to_owned()))?;
    let Some(body) = &traced.scenario else {
        return Err(wrong(format!("{} has cases, which have no other order", scenario.file)));
    };
    let Some(event) = traced.event(number).filter(|event| event.n > traced.setup) else {
        let (first, last) = (traced.setup + 1, traced.events.len());
        return Err(wrong(format!("there is no such event after `setup`; there are {first} to {last}")));
    };
    let possible: Vec<&str> = event.others.iter().chain([&event.name]).map(|place| traced.name(*place)).collect();
    let is_fault = ["kill ", "lose ", "duplicate ", "damage ", "fault ", "advance ", "step "];
    if !possible.contains(&line.trim()) && !is_fault.iter().any(|word| line.trim().starts_with(word)) {
        return Err(wrong(format!("`{}` cannot happen there; what can: {}", line.trim(), possible.join(", "))));
    }
    let before = traced.events.iter().take_while(|e| e.n < number).skip(traced.setup as usize);
    let names = before.map(|event| traced.name(event.name));
    let lines = traced.machine.schedule.as_deref().into_iter().chain(names).chain([line.trim()]);
    let lines: String = lines.map(|line| format!("    {line}\n")).collect();
    Ok(format!("{body}schedule {{\n{lines}}}\n"))
}

/// The file beside a file, with another ending, in the folder where the command was called.
fn beside(file: &Path, format: Format) -> PathBuf {
    let stem =
        file.file_stem().filter(|_| file != Path::new(STDIN)).map_or("run".into(), |stem| stem.to_string_lossy());
    let stem = stem.strip_suffix(".trace").unwrap_or(&stem);
    PathBuf::from(format!("{stem}.{}", format.ending()))
}

/// Opens a page as the system opens files.
fn open(page: &Path) -> Result<(), BadInput> {
    if page == Path::new(STDIN) {
        return Err(BadInput::option(
            "error: what is written to the standard output cannot be opened (--open)\n".to_owned(),
        ));
    }
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    };
    let spawned = command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let failed = |error| format!("error: the page is written, but cannot be opened ({error}): {}\n", page.display());
    spawned.map(drop).map_err(|error| BadInput::option(failed(error)))
}
