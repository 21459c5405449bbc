//! Reads the clause catalogue, as far as the commands need it. The test of spec-tests checks the whole of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::Result;

/// The clauses by id. The map orders them as generated tables need them: byte by byte.
pub(crate) type Catalogue = BTreeMap<String, Clause>;

/// One clause, with the pages of its file.
pub(crate) struct Clause {
    pub(crate) kind: Kind,
    pub(crate) level: Level,
    pub(crate) text: String,
    pub(crate) source: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Behaviour,
    Error,
    Return,
    Parameter,
    Notification,
    Blocking,
    Lifetime,
    Layering,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Must,
    Should,
    May,
    Unspecified,
}

#[derive(Deserialize)]
struct File {
    source: String,
    clause: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    kind: Kind,
    level: Level,
    text: String,
}

/// Reads `spec-tests/clauses` of the workspace at `root`.
pub(crate) fn read(root: &Path) -> Result<Catalogue> {
    let folder = root.join("spec-tests/clauses");
    let mut catalogue = Catalogue::new();
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let place = path.display();
        let text = fs::read_to_string(&path).map_err(|e| format!("{place}: {e}"))?;
        let file: File = toml::from_str(&text).map_err(|e| format!("{place}: {e}"))?;
        for entry in file.clause {
            let clause = Clause { kind: entry.kind, level: entry.level, text: entry.text, source: file.source.clone() };
            if catalogue.insert(entry.id.clone(), clause).is_some() {
                return Err(format!("{place}: there are two clauses {}", entry.id));
            }
        }
    }
    Ok(catalogue)
}
