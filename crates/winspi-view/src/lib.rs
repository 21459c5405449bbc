//! Reports of a run: terminal tables and JSON.
//!
//! Each report is a pure function of a [`Run`] and of what it was [`Given`]: the same run gives the
//! same bytes. [`table::render`] is for people, [`json::render`] for programs; [`clauses`] has the texts that
//! explain both.
//!
//! This crate must not know files, streams, terminals and the command line: who calls it says how wide a line may be
//! and whether colour helps ([`Look`]). What a report needs stands in the typed rows of the run, what a page needs in its
//! [`trace`]: only the recorder of traces looks into a world, and only it has a scenario run.
//!
//! Whatever a scenario brings along is shown so that it cannot do anything to a terminal: see [`text::visible`].

pub mod catalog;
pub mod clauses;
pub mod diff;
pub mod explain;
pub mod exploration;
pub mod findings;
pub mod footnotes;
pub mod formatted;
pub mod fuzz;
pub mod grid;
pub mod json;
pub mod mermaid;
pub mod overview;
pub mod page;
pub mod picture;
pub mod steps;
pub mod svg;
pub mod table;
pub mod text;
pub mod trace;
pub mod value;
pub mod why;

use winspi_core::id::Pid;
use winspi_script::{Arrangement, Run};

/// What a report needs to know beside the run.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The name of the file, as the user gave it.
    pub file: &'a str,
    /// What stands in the file.
    pub text: &'a str,
    /// On what the scenario ran.
    pub arrangement: &'a Arrangement,
    /// The seed of a random order; `None` for the text order.
    pub seed: Option<u64>,
}

/// How a report for people looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The most columns of a line. What cannot be broken may pass it.
    pub width: usize,
    /// Whether to use colour. Nothing depends on it.
    pub colour: bool,
}

impl Look {
    /// The look where nobody watches: for files and pipes, the same everywhere.
    pub const PLAIN: Look = Look { width: 100, colour: false };
}

/// The name of a process of a run.
pub(crate) fn process_name(run: &Run, pid: Pid) -> Option<&str> {
    let (_, name) = run.threads.iter().find(|(tid, _)| tid.process == pid)?;
    name.split('.').next()
}

/// The name of the process that a thread belongs to.
pub(crate) fn process_of(thread: &str) -> &str {
    thread.split('.').next().unwrap_or(thread)
}

/// The title of a scenario, or the name of its file.
pub(crate) fn title<'a>(run: &'a Run, given: &Given<'a>) -> &'a str {
    if run.scenario.is_empty() { given.file } else { &run.scenario }
}

/// Runs for the tests of this crate.
#[cfg(test)]
mod samples {
    use super::*;
    use winspi_script::{Script, run, syntax};

    /// A handoff in three steps.
    pub(crate) const HANDOFF: &str = r#"scenario "A handoff"
about "In three steps."
process source
process target
setup {
    source: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    target: BusSend(source, GetCurrentProcessId())
}
step 1 "the source asks"
source: pid = BusReceive()
step 2 "and duplicates"
source: info = WSPDuplicateSocket(s, pid)
source: BusSend(target, info)
step 3 "what the target makes a socket of, under a title of some length"
source: WSPCloseSocket(s)
target: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, source.info)
"#;

    /// Two things that do not hold, and a call that blocks.
    pub(crate) const WRONG: &str = r#"# a comment
process source
source: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
source: WSPListen(0x7fc, 5)
expect socket(l).handles == 2
source: BusReceive()
"#;

    /// What a sample was given.
    pub(crate) struct Sample {
        text: &'static str,
        arrangement: Arrangement,
    }

    impl Sample {
        pub(crate) fn given(&self) -> Given<'_> {
            Given { file: "wrong.winspi", text: self.text, arrangement: &self.arrangement, seed: None }
        }
    }

    /// Runs a sample.
    pub(crate) fn ran(text: &'static str) -> (Run, Sample) {
        let file = syntax::parse(text).expect("the sample is in the language");
        let script = Script::new(&file, text).expect("the sample means something");
        let arrangement = Arrangement::default();
        let run = run::run(&script, &arrangement).expect("the arrangement stands");
        (run, Sample { text, arrangement })
    }
}
