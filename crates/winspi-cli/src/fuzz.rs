//! `winspi fuzz`: random programs, checked from outside.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, ValueEnum};
use winspi_core::policy::Policy;
use winspi_explore::fuzz::{self, Checks, Finding, MOST_PROCESSES, Part, Profile, Report};
use winspi_script::syntax::tree::{Above, File};
use winspi_script::{run, syntax};
use winspi_view::fuzz as view;
use winspi_view::fuzz::Kept;

use crate::Ending;
use crate::input::{BadInput, scenario};
use crate::machine::{Machine, cannot_stand, decision};
use crate::output;

/// Run random programs over several processes, and check everything that has to hold of any program
///
/// The invariants of the machine, the duties of providers, what every handle means and how many keep each socket open,
/// that the same program comes to the same twice, and when it is stored and restored on the way. What is found is
/// made as small as it becomes and written to a file that `winspi run` repeats. The same seed gives the same programs.
#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct Options {
    /// Where the random numbers begin
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Stop after so many programs; 1,000 where --seconds is not given
    #[arg(long, value_name = "N")]
    cases: Option<u64>,
    /// Stop after so many seconds
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// How many lines a program has at most
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    steps: usize,
    /// How many processes a program has
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = RangedU64ValueParser::<usize>::new().range(1..=MOST_PROCESSES as u64))]
    processes: usize,
    /// What the programs are about
    #[arg(long, value_enum, value_name = "NAME", default_value_t = About::All)]
    profile: About,
    /// What is checked
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = Check::All)]
    checks: Check,
    /// Choose a value of a decision of docs/decisions.md, with --checks invariants; may be given again
    #[arg(long, value_name = "NAME=VALUE", value_parser = decision)]
    decide: Vec<(String, String)>,
    /// The folder that findings are written to; the scenarios in it are run first
    #[arg(long, value_name = "DIR", default_value = "winspi-fuzz")]
    corpus: PathBuf,
    /// Run one part of the campaign: of every N programs the K-th
    #[arg(long, value_name = "K/N", default_value_t = Part::WHOLE)]
    partition: Part,
    /// Run nothing, and make one report of those of several parts, as --json writes them
    #[arg(long, value_name = "REPORT", num_args = 1.., conflicts_with_all = ["cases", "seconds", "partition"])]
    merge: Vec<PathBuf>,
    /// Write the report as one JSON object
    #[arg(long)]
    json: bool,
}

const STATUS: &str = "\
Exit status:
  0  nothing was found
  1  something was found, a scenario of the corpus does not hold, or 1,000
     programs or more came to too little of what they are about
  2  there was nothing to run: a bad option, a folder or a report that cannot be
     read or written
Ctrl-C ends the campaign with the report of what was run so far.
";

const FOLLOWS_USUAL: &str = "\
error: --decide needs --checks invariants: what every handle means is followed for the usual decisions alone
";

/// What programs are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum About {
    /// Descriptors that are made, duplicated, imported and closed
    Lifetimes,
    /// Connections, data, overlapped operations and network events on shared sockets
    Transfer,
    /// Lifetimes, on layers only
    Layers,
    /// Everything
    All,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Check {
    /// Everything
    All,
    /// The invariants of the machine
    Invariants,
}

impl Options {
    fn campaign(&self) -> fuzz::Options {
        let profile = match self.profile {
            About::Lifetimes => Profile::Lifetimes,
            About::Transfer => Profile::Transfer,
            About::Layers => Profile::Layers,
            About::All => Profile::All,
        };
        let checks = match self.checks {
            Check::All => Checks::All,
            Check::Invariants => Checks::Invariants,
        };
        let (seed, steps, processes) = (self.seed, self.steps, self.processes);
        let mut policy = Policy::default();
        for (name, value) in &self.decide {
            // Checked when the option was read.
            let _ = policy.decide(name, value);
        }
        fuzz::Options { seed, steps, processes, profile, checks, policy }
    }
}

/// Runs the campaign, or merges reports; gives whether everything held.
pub(crate) fn fuzz(options: &Options) -> Result<Ending, BadInput> {
    if !options.merge.is_empty() {
        let reports = options.merge.iter().map(|path| read_report(path)).collect::<Result<Vec<Report>, BadInput>>()?;
        let merged = Report::merge(reports).map_err(|error| BadInput::option(format!("error: {error}\n")))?;
        return finish(options, &merged, &[]);
    }
    let campaign = options.campaign();
    if campaign.policy != Policy::default() && campaign.checks == Checks::All {
        return Err(BadInput::option(FOLLOWS_USUAL.to_owned()));
    }
    let corpus = corpus(&options.corpus)?;
    let stop = Arc::new(AtomicBool::new(false));
    let told = stop.clone();
    // Where no handler can be set Ctrl-C ends the program at once, as ever.
    let _ = ctrlc::set_handler(move || told.store(true, Ordering::Relaxed));
    let begun = Instant::now();
    let cases = options.cases.or(options.seconds.is_none().then_some(1_000));
    let mut progress = Progress::new(begun);
    let mut unwritten = None;
    // What panics is a finding, and is told as one.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let goes_on = |report: &Report| {
        progress.show(report);
        let in_time = options.seconds.is_none_or(|seconds| begun.elapsed() < Duration::from_secs(seconds));
        !stop.load(Ordering::Relaxed) && in_time && cases.is_none_or(|cases| report.cases < cases)
    };
    let found = |finding: &Finding| unwritten = write(&options.corpus, finding).err().or(unwritten.take());
    let report = fuzz::fuzz(&campaign, options.partition, goes_on, found);
    std::panic::set_hook(hook);
    progress.end();
    let ending = finish(options, &report, &corpus)?;
    unwritten.map_or(Ok(ending), Err)
}

/// Writes the report.
fn finish(options: &Options, report: &Report, corpus: &[Kept]) -> Result<Ending, BadInput> {
    let text =
        if options.json { view::render_json(report, corpus) } else { view::render(report, corpus, output::look()) };
    output::write(&text)?;
    Ok(Ending::of(view::passed(report, corpus)))
}

fn cannot(verb: &str, path: &Path, error: &io::Error) -> BadInput {
    BadInput::of(path, format!("error: {}: cannot be {verb}: {error}\n", path.display()))
}

fn read_report(path: &Path) -> Result<Report, BadInput> {
    let text = fs::read_to_string(path).map_err(|error| cannot("read", path, &error))?;
    serde_json::from_str(&text).map_err(|error| {
        let place = format!("{}:{}:{}", path.display(), error.line(), error.column());
        BadInput::of(path, format!("{place}: error: no report of `winspi fuzz --json`: {error}\n"))
    })
}

/// Writes a finding at once.
fn write(folder: &Path, finding: &Finding) -> Result<(), BadInput> {
    fs::create_dir_all(folder).map_err(|error| cannot("made", folder, &error))?;
    let path = folder.join(finding.file_name());
    fs::write(&path, &finding.text).map_err(|error| cannot("written", &path, &error))
}

/// The options of `winspi run` that a finding was written with.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Written {
    #[command(flatten)]
    machine: Machine,
}

/// Runs the scenarios that are there already, each on the machine that the comment above its title names.
fn corpus(folder: &Path) -> Result<Vec<Kept>, BadInput> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| cannot("read", folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "winspi") {
            paths.push(path);
        }
    }
    paths.sort();
    let run = |path: &PathBuf| {
        let scenario = scenario(path)?;
        let words = syntax::parse(&scenario.text).map_or_else(|_| String::new(), |file| machine_of(&file));
        let written = Written::try_parse_from(words.split_whitespace())
            .map_err(|error| BadInput::of(path, format!("{}: its machine: {error}", path.display())))?;
        let arrangement = written.machine.checked()?;
        let run = run::run(&scenario.script, &arrangement).map_err(|error| cannot_stand(&error, &scenario))?;
        let failures = run.failures.iter().map(|f| format!("{}:{}: {}", f.line, f.column, f.message));
        let breaches = run.breaches.iter().map(|(_, breach)| format!("{}: {}", breach.duty.name(), breach.seen));
        Ok(Kept { file: scenario.file, failures: failures.chain(breaches).collect() })
    };
    paths.iter().map(run).collect()
}

/// What stands behind `winspi run FILE` in the comment above the title.
fn machine_of(file: &File) -> String {
    let above = file.title.iter().flat_map(|title| &title.notes.above);
    let mut lines = above.filter_map(|line| match line {
        Above::Comment(text) => text.trim().strip_prefix("winspi run FILE"),
        Above::Blank => None,
    });
    lines.next().unwrap_or_default().to_owned()
}

/// A line on the terminal that says how far it is.
struct Progress {
    begun: Instant,
    shown: Option<Instant>,
    shows: bool,
}

impl Progress {
    fn new(begun: Instant) -> Progress {
        Progress { begun, shown: None, shows: io::stderr().is_terminal() }
    }

    fn show(&mut self, report: &Report) {
        let due = self.shown.is_none_or(|shown| shown.elapsed() > Duration::from_millis(250));
        if self.shows && due {
            self.shown = Some(Instant::now());
            let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
            let rate = report.calls as f64 / seconds;
            let (cases, calls, findings) = (report.cases, report.calls, report.findings.len());
            let line = format!("{cases} programs, {calls} calls, {rate:.0} calls/s, {findings} findings");
            let _ = write!(io::stderr(), "\r\x1b[2K{line}");
        }
    }

    fn end(&self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_options_are_taken_and_impossible_ones_are_not() {
        Cli::command().debug_assert();
        let taken = Cli::try_parse_from(["fuzz", "--seed", "7", "--profile", "layers", "--partition", "2/3"]);
        let options = taken.expect("these are options").options;
        assert_eq!((options.seed, options.partition), (7, Part { number: 2, of: 3 }));
        assert_eq!(options.campaign().profile, Profile::Layers);
        for wrong in ["--partition=4/3", "--partition=0/3", "--processes=0", "--steps=0", "--profile=rain"] {
            assert!(Cli::try_parse_from(["fuzz", wrong]).is_err(), "{wrong}");
        }
        assert!(Cli::try_parse_from(["fuzz", "--merge", "a.json", "--cases", "3"]).is_err());
        assert!(Cli::try_parse_from(["fuzz", "--decide", "close-unread=rain"]).is_err());
        let decided = ["fuzz", "--decide", "unclaimed-duplicate=does-not-keep", "--checks", "invariants"];
        let campaign = Cli::try_parse_from(decided).expect("these are options").options.campaign();
        assert_eq!(campaign.policy.chosen("unclaimed-duplicate"), Some("does-not-keep"));
        let followed = Cli::try_parse_from(&decided[..3]).expect("these are options").options;
        assert!(fuzz(&followed).is_err_and(|refused| refused.to_string().contains("--checks invariants")));
    }
}
