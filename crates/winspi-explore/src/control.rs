//! Control over an exploration that runs: how far it is, and what stops it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

/// How far an exploration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Different states so far.
    pub states: u64,
    /// Transitions so far.
    pub transitions: u64,
    /// States that were met and not expanded.
    pub frontier: u64,
    /// The bytes of the visited set.
    pub bytes: u64,
}

/// Why an exploration ended before it had met all states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// There are more states than may be kept.
    States,
    /// It takes more memory than it may.
    Memory,
    /// It was told to.
    Told,
    /// In some state what was to be exchanged cannot be.
    Symmetry,
}

/// What looks after an exploration that runs. It is asked every thousand states or so.
#[derive(Clone, Copy, Default)]
pub struct Control<'c> {
    /// Set from outside, to end it.
    pub stop: Option<&'c AtomicBool>,
    /// How many bytes it may take, and who says how many the process takes.
    pub memory: Option<(u64, &'c dyn Fn() -> u64)>,
    /// Who is told how far it is.
    pub progress: Option<&'c dyn Fn(&Progress)>,
}

impl Control<'_> {
    /// Tells how far the exploration is, and gives why it is to end now.
    pub(crate) fn stop(&self, progress: &Progress) -> Option<Stopped> {
        if let Some(tell) = self.progress {
            tell(progress);
        }
        if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Some(Stopped::Told);
        }
        self.memory.filter(|(most, taken)| taken() > *most).map(|_| Stopped::Memory)
    }
}

impl fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Control { stop, memory, progress } = self;
        let most = memory.map(|(most, _)| most);
        f.debug_struct("Control")
            .field("stop", stop)
            .field("memory", &most)
            .field("tells", &progress.is_some())
            .finish()
    }
}
