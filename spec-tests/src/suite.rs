//! The suite: the catalogue, the cases, and the lists of what cannot be shown, does not hold everywhere, or fails.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use winspi_core::policy::{DECLARED, Policy};
use winspi_script::script::CaseDeclaration;
use winspi_script::syntax::tree::NeedKind;
use winspi_script::{Arrangement, Script, syntax};

use crate::catalogue::{Catalogue, Clause, Level, parsed};
use crate::evidence::{Sign, signs};
use crate::files::Files;
use crate::report::COVERED;

/// A case: its clause, its text, where it stands.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file within `spec-tests`.
    pub file: String,
    /// The case with its prelude, ready to run.
    pub declaration: CaseDeclaration,
}

impl Case {
    /// The clause that it shows.
    pub fn clause(&self) -> &str {
        &self.declaration.name
    }

    /// What it is called, beside its clause.
    pub fn title(&self) -> &str {
        &self.declaration.title
    }
}

/// A case that cannot hold in one arrangement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The clause.
    pub case: String,
    /// The title, if only one of its cases is meant.
    pub title: Option<String>,
    /// The arrangement; all if none is named.
    pub arrangement: Option<String>,
    /// Why.
    pub reason: String,
    /// Of a known failure: the part of the work that will make it pass, where that is a later one.
    pub waits: Option<String>,
}

impl Exception {
    /// Whether it speaks of a case in an arrangement.
    pub fn is_about(&self, case: &Case, arrangement: &str) -> bool {
        self.case == case.clause()
            && self.title.as_deref().is_none_or(|title| title == case.title())
            && self.arrangement.as_deref().is_none_or(|name| name == arrangement)
    }
}

/// A clause that no case can show.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotTestable {
    /// The clause.
    pub id: String,
    /// Which of the few reasons.
    pub reason: Reason,
    /// In words.
    pub why: String,
}

/// Why no case can show a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is a duty of the program that calls, which nobody checks.
    ClientDuty,
    /// Nothing that a program or provider can see depends on it.
    NoObservableEffect,
    /// It speaks of something beside the SPI: compilers, files of a DLL, documents.
    OutsideTheSpi,
}

/// The suite, ready to run.
#[derive(Debug, Default)]
pub struct Suite {
    /// The clauses.
    pub catalogue: Catalogue,
    /// The cases, file by file.
    pub cases: Vec<Case>,
    /// What cannot hold in some arrangement.
    pub exceptions: Vec<Exception>,
    /// What is known to fail.
    pub known_failures: Vec<Exception>,
    /// What no case can show.
    pub not_testable: BTreeMap<String, NotTestable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failures {
    #[serde(default)]
    failure: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Untestable {
    #[serde(default)]
    clause: Vec<NotTestable>,
}

impl Suite {
    /// The suite that is built in.
    ///
    /// # Errors
    ///
    /// See [`Suite::of`].
    pub fn built_in() -> Result<Suite, Vec<String>> {
        Suite::of(&Files::built_in())
    }

    /// Reads the suite.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in its files: what is no case, no clause, no decision, or stands in the wrong file.
    pub fn of(files: &Files) -> Result<Suite, Vec<String>> {
        let mut suite = Suite { catalogue: Catalogue::of(files)?, ..Suite::default() };
        let mut problems = Vec::new();
        for (name, text) in files.within("cases", ".winspi") {
            let path = format!("cases/{name}.winspi");
            match syntax::parse(text).and_then(|file| Script::new(&file, text)) {
                Ok(script) => {
                    let cases = script.cases.iter();
                    suite.cases.extend(cases.map(|c| Case { file: path.clone(), declaration: c.clone() }));
                }
                Err(errors) => problems.extend(errors.iter().map(|error| error.render(&path))),
            }
        }
        let list = |path: &str| files.text(path).unwrap_or_default().to_owned();
        let (exceptions, failures, untestable) =
            (list("exceptions.toml"), list("known-failures.toml"), list("not-testable.toml"));
        match parsed::<Exceptions>("exceptions.toml", &exceptions) {
            Ok(read) => suite.exceptions = read.exception,
            Err(problem) => problems.push(problem),
        }
        match parsed::<Failures>("known-failures.toml", &failures) {
            Ok(read) => suite.known_failures = read.failure,
            Err(problem) => problems.push(problem),
        }
        match parsed::<Untestable>("not-testable.toml", &untestable) {
            Ok(read) => suite.not_testable = read.clause.into_iter().map(|c| (c.id.clone(), c)).collect(),
            Err(problem) => problems.push(problem),
        }
        suite.check(&mut problems);
        if problems.is_empty() { Ok(suite) } else { Err(problems) }
    }

    /// The cases of a clause.
    pub fn cases_of<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s Case> {
        self.cases.iter().filter(move |case| case.clause() == id)
    }

    /// Whether names lead to what there is.
    fn check(&self, problems: &mut Vec<String>) {
        for case in &self.cases {
            let at = format!("{}:{}", case.file, case.declaration.line);
            match self.catalogue.file_of(case.clause()) {
                None => problems.push(format!("{at}: no clause is called {}", case.clause())),
                Some(file) if format!("cases/{file}.winspi") != case.file => {
                    problems.push(format!("{at}: {} belongs to cases/{file}.winspi", case.clause()));
                }
                Some(_) => {}
            }
            if self.not_testable.contains_key(case.clause()) {
                problems.push(format!("{at}: {} is listed in not-testable.toml", case.clause()));
            }
        }
        for (list, entries) in [("exceptions", &self.exceptions), ("known-failures", &self.known_failures)] {
            for entry in entries {
                let name = entry.arrangement.as_deref();
                if name.is_some_and(|name| arrangement(name).is_none()) {
                    problems.push(format!("{list}.toml: no arrangement is called {}", name.unwrap_or_default()));
                } else if !self.cases.iter().any(|case| entry.is_about(case, name.unwrap_or_default())) {
                    problems.push(format!("{list}.toml: there is no case {} {:?}", entry.case, entry.title));
                }
                match entry.waits.as_deref() {
                    Some(_) if list == "exceptions" => {
                        problems.push(format!("{list}.toml: {}: an exception waits for nothing", entry.case));
                    }
                    Some(part) if !self.catalogue.parts.contains_key(part) || COVERED.contains(&part) => {
                        problems.push(format!("{list}.toml: {}: {part} is no part that comes later", entry.case));
                    }
                    _ => {}
                }
            }
        }
        for id in self.not_testable.keys().filter(|id| self.catalogue.find(id).is_none()) {
            problems.push(format!("not-testable.toml: no clause is called {id}"));
        }
        for clause in self.catalogue.clauses() {
            self.check_signs(clause, problems);
        }
    }

    fn check_signs(&self, clause: &Clause, problems: &mut Vec<String>) {
        let is_decision = |id: &str| DECLARED.iter().any(|declared| declared.id == id);
        match signs(clause) {
            Err(error) => problems.push(format!("{}: shown_by: {error}", clause.id)),
            Ok(signs) => {
                for sign in signs {
                    let unknown = match &sign {
                        Sign::Rule(id) => self.catalogue.find(id).is_none() && !is_decision(id),
                        Sign::Entered(function) | Sign::Succeeded(function) | Sign::Failed(function) => {
                            winspi_core::signature::Function::named(function).is_none()
                        }
                    };
                    if unknown {
                        problems.push(format!("{}: shown_by: nothing is called so: {sign:?}", clause.id));
                    }
                }
            }
        }
        if let Some(decision) = clause.decision.as_deref().filter(|decision| !is_decision(decision)) {
            problems.push(format!("{}: no decision is called {decision}", clause.id));
        }
    }

    /// The values of a decision that some profile takes: each wants a case.
    pub fn values_in_use(decision: &str) -> BTreeSet<String> {
        let policies = Policy::profiles().filter_map(|name| Policy::profile(name).ok());
        policies.filter_map(|policy| policy.chosen(decision).map(str::to_owned)).collect()
    }

    /// What a clause that the documents leave open lacks: its decision, or a case for a value that a profile takes.
    pub fn lacks_decision(&self, clause: &Clause) -> Option<String> {
        if clause.level != Level::Unspecified {
            return None;
        }
        let Some(decision) = clause.decision.as_deref() else {
            return Some("the documents leave it open, and it names no decision".to_owned());
        };
        let used = Suite::values_in_use(decision);
        let shown: BTreeSet<String> = self
            .cases_of(&clause.id)
            .flat_map(|case| &case.declaration.needs)
            .filter_map(|need| match need {
                NeedKind::Decision { name, value } if name.text == decision => Some(value.text.clone()),
                _ => None,
            })
            .collect();
        let missing: Vec<String> = used.difference(&shown).cloned().collect();
        let all = used.len() < 2 || missing.is_empty();
        (!all).then(|| format!("no case for decision {decision} = {}", missing.join(", ")))
    }
}

/// The arrangements on which each case runs, by name.
pub const ARRANGEMENTS: [&str; 5] = ["ifs", "non-ifs", "ifs-layer", "non-ifs-layer", "both-layers"];

/// The arrangement of a name.
pub fn arrangement(name: &str) -> Option<Arrangement> {
    let place = ARRANGEMENTS.iter().position(|known| *known == name)?;
    Arrangement::five().into_iter().nth(place)
}
