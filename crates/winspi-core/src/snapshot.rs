//! The stored form of a system: JSON text that the same build reads again.
//!
//! A snapshot holds all that a [`System`] is, ages included, so that a run that is restored goes on as it would have.
//! What is restored is checked before it is used, because the world trusts its keys and counts: an untrue one would be
//! a panic later. A text that is damaged is refused with the place of the damage. It may also have been changed into
//! another state that a world can be in; then it is that state.
//!
//! What a program keeps for itself is the program's to check: see [`Program`].

use serde::{Deserialize, Serialize};

use crate::system::{Program, System};
use crate::world::check::Violation;

mod catalog;
mod threads;

/// The name of the format.
pub const FORMAT: &str = "winspi-snapshot";
/// The version of the format.
pub const VERSION: u32 = 1;
/// The build that wrote a snapshot: only the same can read it.
pub const BUILD: &str = env!("CARGO_PKG_VERSION");

/// A system at one moment, to be stored.
#[derive(Clone)]
pub struct Snapshot<P: Program> {
    system: System<P>,
}

/// Why a text is no snapshot, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// It is no JSON, or the JSON of something else.
    #[error("line {line}, column {column}: {what}")]
    Text {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// It is the JSON of another format.
    #[error("format: `{FORMAT}` is expected, this is `{0}`")]
    Format(String),
    /// It is of another version of the format.
    #[error("version: {VERSION} is expected, this is {0}")]
    Version(u32),
    /// It was written by another build.
    #[error("build: `{BUILD}` is expected, this is `{0}`; snapshots are for the same build only")]
    Build(String),
    /// A part of it is nothing that a world can hold.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// Its parts do not agree: a key that leads nowhere, a count that is not what a walk finds.
    #[error(transparent)]
    Disagreement(#[from] Violation),
}

/// A part of a stored world that no world can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: expected {expected}")]
pub struct Damage {
    /// The part.
    pub place: String,
    /// What it has to be.
    pub expected: String,
}

impl Damage {
    pub(crate) fn new(place: impl Into<String>, expected: impl Into<String>) -> Damage {
        Damage { place: place.into(), expected: expected.into() }
    }
}

/// Refuses a part unless the condition holds.
pub(crate) fn expect(holds: bool, place: impl FnOnce() -> String, expected: impl Into<String>) -> Result<(), Damage> {
    if holds { Ok(()) } else { Err(Damage::new(place(), expected)) }
}

#[derive(Serialize)]
#[serde(bound = "")]
struct Written<'a, P: Program> {
    format: &'a str,
    version: u32,
    build: &'a str,
    system: &'a System<P>,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
    build: String,
}

#[derive(Deserialize)]
#[serde(bound = "")]
struct Body<P: Program> {
    system: System<P>,
}

impl<P: Program> System<P> {
    /// The system as it is now, to be stored.
    pub fn snapshot(&self) -> Snapshot<P> {
        Snapshot { system: self.clone() }
    }
}

impl<P: Program> Snapshot<P> {
    /// The stored form.
    ///
    /// A program whose values have no JSON gives a text that says so, and that [`Snapshot::from_json`] refuses.
    pub fn to_json(&self) -> String {
        let written = Written { format: FORMAT, version: VERSION, build: BUILD, system: &self.system };
        serde_json::to_string(&written).unwrap_or_else(|error| {
            serde_json::json!({ "format": FORMAT, "version": VERSION, "build": BUILD, "error": error.to_string() })
                .to_string()
        })
    }

    /// Reads a stored form and checks it.
    pub fn from_json(text: &str) -> Result<System<P>, SnapshotError> {
        let system = Snapshot::restore_unchecked(text)?;
        catalog::check(system.world().catalog())?;
        system.world().check_stored()?;
        threads::check(&system)?;
        match system.world().check().into_iter().next() {
            Some(violation) => Err(violation.into()),
            None => Ok(system),
        }
    }

    /// Reads a stored form and believes it. For tests that need a world that no transition gives.
    #[doc(hidden)]
    pub fn restore_unchecked(text: &str) -> Result<System<P>, SnapshotError> {
        let head: Head = serde_json::from_str(text).map_err(at_place)?;
        if head.format != FORMAT {
            return Err(SnapshotError::Format(head.format));
        }
        if head.version != VERSION {
            return Err(SnapshotError::Version(head.version));
        }
        if head.build != BUILD {
            return Err(SnapshotError::Build(head.build));
        }
        let body: Body<P> = serde_json::from_str(text).map_err(at_place)?;
        Ok(body.system)
    }

    /// The system.
    pub fn into_system(self) -> System<P> {
        self.system
    }
}

fn at_place(error: serde_json::Error) -> SnapshotError {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    // The library puts the place behind the message; it stands in front here.
    let what = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text).to_owned();
    SnapshotError::Text { line, column, what }
}
