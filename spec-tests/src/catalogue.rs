//! The clause catalogue: what the public documents say, rule by rule, and which part of the work owns which rule.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
pub use winspi_view::clauses::{Kind, Level};

use crate::files::Files;

/// A file of `clauses/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseFile {
    /// The function, structure or concept that all ids begin with.
    pub function: String,
    /// Its family.
    pub group: String,
    /// The pages that the clauses come from.
    pub source: String,
    /// The clauses.
    pub clause: Vec<Clause>,
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// `FUNCTION.slug`.
    pub id: String,
    /// What it speaks of.
    pub kind: Kind,
    /// The rule.
    pub text: String,
    /// The state before.
    pub given: String,
    /// The call.
    pub when: String,
    /// The observable result.
    pub then: String,
    /// How strongly the documents say it.
    pub level: Level,
    /// Ambiguities, contradictions, what real systems do.
    pub note: Option<String>,
    /// By what a run shows that the rule was carried out, where that is not a rule of this id: see
    /// [`crate::evidence::Sign`]. One of them is enough.
    #[serde(default)]
    pub shown_by: Vec<String>,
    /// Who carries the rule out, where the name of the function does not say it.
    pub party: Option<Party>,
    /// The decision that settles what the documents leave open.
    pub decision: Option<String>,
}

/// Who carries a rule out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A provider: a base provider or a layer.
    Provider,
    /// Ws2_32, or the system where Ws2_32 is not asked.
    Ws2_32,
    /// Whoever it is.
    Any,
}

impl Clause {
    /// The function, structure or concept: what stands before the dot.
    pub fn function(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id)
    }

    /// Who carries the rule out: providers what is called WSP*, Ws2_32 what is called WPU*, WSC* and WSA*; a concept is
    /// carried out by whoever it is.
    pub fn party(&self) -> Party {
        let by_name = || {
            let function = self.function();
            let is = |prefixes: &[&str]| prefixes.iter().any(|p| function.starts_with(p));
            match () {
                () if function == "WSPUPCALLTABLE" || is(&["WPU", "WSC", "WSA"]) => Party::Ws2_32,
                () if is(&["WSP"]) => Party::Provider,
                () => Party::Any,
            }
        };
        self.party.unwrap_or_else(by_name)
    }
}

/// A part of the work, and the clauses that it owns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What it is about.
    pub title: String,
    /// How many clauses it owns.
    pub count: usize,
    /// Their ids.
    pub clauses: Vec<String>,
}

/// All clauses and their owners.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The files by name, without folder and ending.
    pub files: Vec<(String, ClauseFile)>,
    /// The parts of the work by name.
    pub parts: BTreeMap<String, Part>,
    /// Where each clause stands: file and place there.
    places: BTreeMap<String, (usize, usize)>,
    /// The part that owns each clause.
    owners: BTreeMap<String, String>,
}

impl Catalogue {
    /// Reads the catalogue.
    ///
    /// # Errors
    ///
    /// All files that are not what they should be.
    pub fn of(files: &Files) -> Result<Catalogue, Vec<String>> {
        let mut catalogue = Catalogue::default();
        let mut problems = Vec::new();
        for (name, text) in files.within("clauses", ".toml") {
            match parsed::<ClauseFile>(&format!("clauses/{name}.toml"), text) {
                Ok(file) => catalogue.files.push((name.to_owned(), file)),
                Err(problem) => problems.push(problem),
            }
        }
        match parsed("owners.toml", files.text("owners.toml").unwrap_or_default()) {
            Ok(parts) => catalogue.parts = parts,
            Err(problem) => problems.push(problem),
        }
        for (file, (_, clauses)) in catalogue.files.iter().enumerate() {
            for (place, clause) in clauses.clause.iter().enumerate() {
                catalogue.places.insert(clause.id.clone(), (file, place));
            }
        }
        for (name, part) in &catalogue.parts {
            catalogue.owners.extend(part.clauses.iter().map(|id| (id.clone(), name.clone())));
        }
        if problems.is_empty() { Ok(catalogue) } else { Err(problems) }
    }

    /// The clause of an id.
    pub fn find(&self, id: &str) -> Option<&Clause> {
        let (file, place) = self.places.get(id)?;
        self.files.get(*file)?.1.clause.get(*place)
    }

    /// The file that a clause stands in: its name.
    pub fn file_of(&self, id: &str) -> Option<&str> {
        let (file, _) = self.places.get(id)?;
        Some(self.files.get(*file)?.0.as_str())
    }

    /// The part that owns a clause.
    pub fn owner(&self, id: &str) -> Option<&str> {
        self.owners.get(id).map(String::as_str)
    }

    /// All clauses, file by file.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.files.iter().flat_map(|(_, file)| &file.clause)
    }
}

/// A file of data, with its name in what is wrong.
pub(crate) fn parsed<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| format!("{path}: {error}"))
}
