//! What the clauses of the catalogue say, for reports that explain a result.
//!
//! The texts are ours; the pages that they sum up are named with each. States and calls of a clause stay in
//! `spec-tests/clauses`: reports show the rule, the conformance suite shows its cases.

use std::fmt;

use serde::{Deserialize, Serialize};

mod texts;

use texts::TEXTS;

/// What the catalogue says of one clause.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct ClauseText {
    /// The id, such as `WSPBind.error-einval`.
    pub id: &'static str,
    /// How strongly the documents say it.
    pub level: Level,
    /// What the clause speaks of.
    pub kind: Kind,
    /// The names of the pages that say it, separated by commas; some with a remark in brackets.
    pub source: &'static str,
    /// The rule, in a sentence or two.
    pub text: &'static str,
}

/// How strongly the documents say a clause.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It holds always.
    Must,
    /// It holds unless there is a reason.
    Should,
    /// It is allowed.
    May,
    /// The documents leave it open or contradict each other; a decision settles it.
    Unspecified,
}

/// What a clause speaks of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What a call does.
    Behaviour,
    /// When a call fails, and with which code.
    Error,
    /// What a call gives back.
    Return,
    /// What an argument or a field means.
    Parameter,
    /// What is told later: events, messages, completions.
    Notification,
    /// When a call waits, and what ends the wait.
    Blocking,
    /// Who holds what for how long.
    Lifetime,
    /// What passes between Ws2_32, layers and base providers.
    Layering,
}

impl Level {
    /// The word that the catalogue uses.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
            Level::Unspecified => "unspecified",
        }
    }
}

impl Kind {
    /// The word that the catalogue uses.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Behaviour => "behaviour",
            Kind::Error => "error",
            Kind::Return => "return",
            Kind::Parameter => "parameter",
            Kind::Notification => "notification",
            Kind::Blocking => "blocking",
            Kind::Lifetime => "lifetime",
            Kind::Layering => "layering",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What the clause with this id says, if the catalogue has it.
pub fn text_of(id: &str) -> Option<&'static ClauseText> {
    let at = TEXTS.binary_search_by_key(&id, |clause| clause.id).ok()?;
    TEXTS.get(at)
}

/// All clauses, sorted by id.
pub fn all() -> &'static [ClauseText] {
    &TEXTS
}

/// A row of the generated table.
const fn clause(id: &'static str, level: Level, kind: Kind, source: &'static str, text: &'static str) -> ClauseText {
    ClauseText { id, level, kind, source, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_clause_is_found_by_its_id() {
        for clause in all() {
            assert_eq!(text_of(clause.id), Some(clause));
            assert!(!clause.text.is_empty() && !clause.source.is_empty(), "{}", clause.id);
        }
        assert_eq!(text_of("WSPBind.no-such-rule"), None);
    }

    #[test]
    fn sorted_by_id() {
        assert!(all().is_sorted_by(|left, right| left.id < right.id));
    }

    #[test]
    fn words_are_those_of_the_catalogue() {
        let clause = text_of("WSPBind.error-enotsock").expect("the catalogue has it");
        assert_eq!((clause.level.to_string(), clause.kind.to_string()), ("must".to_owned(), "error".to_owned()));
        assert_eq!(serde_json::to_value(clause.kind).expect("a word can be stored"), "error");
    }
}
