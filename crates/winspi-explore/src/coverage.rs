//! Where kills struck: for each process that may be killed, the lines at which the threads stood.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use winspi_core::System;
use winspi_core::id::{Pid, Tid};
use winspi_script::{Lines, Script};

/// Where kills struck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// All places, by process, thread and line.
    pub points: Vec<KillPoint>,
    /// How many kills were taken in all.
    pub kills: u64,
}

/// A process was killed while a thread, its own or another's, stood somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KillPoint {
    /// The name of the process that was killed.
    pub killed: String,
    /// The name of the thread.
    pub thread: String,
    /// Whether the thread was one of the process that was killed.
    pub own: bool,
    /// The line of the file; `None` after the last line.
    pub line: Option<u32>,
    /// Whether the line had begun; otherwise it was the next one.
    pub within: bool,
    /// In how many states.
    pub states: u64,
}

impl Coverage {
    /// The lines of its own within which a process was killed.
    pub fn lines_within(&self, process: &str) -> Vec<u32> {
        self.lines(|p| p.own && p.within && p.killed == process)
    }

    /// The lines of its own within or before which a process was killed.
    pub fn lines_at(&self, process: &str) -> Vec<u32> {
        self.lines(|p| p.own && p.killed == process)
    }

    fn lines(&self, which: impl Fn(&KillPoint) -> bool) -> Vec<u32> {
        let mut lines: Vec<u32> = self.points.iter().filter(|p| which(p)).filter_map(|p| p.line).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }
}

/// Where kills struck so far.
#[derive(Debug, Default)]
pub(crate) struct Strikes {
    points: BTreeMap<(Pid, Tid, Option<usize>, bool), u64>,
    kills: u64,
}

impl Strikes {
    /// Notes that a process is killed in a state.
    pub(crate) fn note(&mut self, system: &System<Lines>, killed: Pid) {
        self.kills += 1;
        for (tid, program) in system.programs() {
            *self.points.entry((killed, tid, program.line(), program.is_within_line())).or_default() += 1;
        }
    }

    /// Adds what others have noted.
    pub(crate) fn add(&mut self, other: Strikes) {
        self.kills += other.kills;
        for (point, states) in other.points {
            *self.points.entry(point).or_default() += states;
        }
    }

    pub(crate) fn finish(self, script: &Script, system: &System<Lines>) -> Coverage {
        let world = system.world();
        let name = |pid: Pid| world.process(pid).map_or("?".to_owned(), |p| p.name.clone());
        let points = self.points.into_iter().map(|((killed, tid, line, within), states)| KillPoint {
            killed: name(killed),
            thread: world.thread_name(tid),
            own: tid.process == killed,
            line: line.and_then(|line| script.lines.get(line)).map(|line| line.span.line),
            within,
            states,
        });
        Coverage { points: points.collect(), kills: self.kills }
    }
}
