//! Decisions: what winspi does where the documents are silent, contradict each other, or differ from real systems.
//!
//! Each has a name, and a heading with question, evidence and values in `docs/decisions.md`. Both come from
//! `docs/decisions.toml`. Those that a world can take more than one way are fields of [`Policy`]; its default is the
//! profile `documented`.

use std::fmt;

use serde::{Deserialize, Serialize};
use winspi_types::Version;

mod table;

use table::PROFILES;
pub use table::*;

/// What is declared of a decision.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The decision.
    pub decision: Decision,
    /// Its name.
    pub id: &'static str,
    /// What is asked.
    pub question: &'static str,
    /// How sure we are.
    pub sure: Sure,
    /// The values that a world can choose, by name and with what happens; the first is the default. None where there
    /// is no choice.
    pub values: &'static [(&'static str, &'static str)],
    /// The answer and its evidence, in Markdown.
    pub text: &'static str,
}

/// How sure a decision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sure {
    /// A page says so, perhaps not where one would look.
    Documented,
    /// Seen in a real system or its tests.
    Observed,
    /// It follows from what is documented.
    Inferred,
    /// A choice that something has to make.
    Ours,
}

/// Numbers that the documents do not give.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limits {
    /// See `stream-buffer` in `docs/decisions.md`: in bytes, for each direction.
    pub stream_buffer: u32,
    /// See `backlog-limit`.
    pub backlog: u32,
    /// In which way the world is wrong.
    #[cfg(feature = "wrong-worlds")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrong: Option<crate::wrong::Wrong>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            stream_buffer: 65_536,
            backlog: 200,
            #[cfg(feature = "wrong-worlds")]
            wrong: None,
        }
    }
}

/// Why a choice cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No such decision.
    #[error("no decision is called `{0}`; docs/decisions.md lists them")]
    Unknown(String),
    /// It can be taken one way only.
    #[error("decision `{0}` has no other value")]
    NoChoice(&'static str),
    /// It has no such value.
    #[error("decision `{decision}` has no value `{value}`; it has {has}")]
    Value {
        /// The decision.
        decision: &'static str,
        /// The value that was asked for.
        value: String,
        /// The values that there are.
        has: String,
    },
    /// No such profile.
    #[error("no profile is called `{0}`; there are documented, windows, wine, reactos")]
    Profile(String),
}

impl PolicyError {
    /// What is wrong with a choice that the table does not have.
    fn of(name: &str, value: &str) -> PolicyError {
        match DECLARED.iter().find(|d| d.id == name) {
            None => PolicyError::Unknown(name.to_owned()),
            Some(declared) if declared.values.is_empty() => PolicyError::NoChoice(declared.id),
            Some(declared) => PolicyError::Value {
                decision: declared.id,
                value: value.to_owned(),
                has: declared.values.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
            },
        }
    }
}

impl Policy {
    /// The names of all profiles.
    pub fn profiles() -> impl Iterator<Item = &'static str> {
        PROFILES.iter().map(|(name, _)| *name)
    }

    /// The choices of a system, as far as they are known.
    ///
    /// # Errors
    ///
    /// Where there is no such profile.
    pub fn profile(name: &str) -> Result<Policy, PolicyError> {
        let choices = PROFILES.iter().find(|(profile, _)| *profile == name);
        let (_, choices) = choices.ok_or_else(|| PolicyError::Profile(name.to_owned()))?;
        let mut policy = Policy::default();
        for (decision, value) in *choices {
            policy.decide(decision, value)?;
        }
        Ok(policy)
    }
}

impl EphemeralPorts {
    /// The first and the last port.
    pub fn range(self) -> (u16, u16) {
        match self {
            EphemeralPorts::DocumentedRange => (1024, 5000),
            EphemeralPorts::DynamicRange => (49_152, 65_535),
        }
    }
}

impl ProviderVersions {
    /// The lowest and the highest; the highest is asked for.
    pub fn range(self) -> (Version, Version) {
        match self {
            ProviderVersions::Only22 => (Version::V2_2, Version::V2_2),
            ProviderVersions::Only10 => (Version::V1_0, Version::V1_0),
            ProviderVersions::Only11 => (Version::V1_1, Version::V1_1),
            ProviderVersions::UpTo11 => (Version::V1_0, Version::V1_1),
            ProviderVersions::UpTo20 => (Version::V1_0, Version::V2_0),
            ProviderVersions::UpTo22 => (Version::V1_0, Version::V2_2),
        }
    }
}

impl Decision {
    /// What is declared of it.
    pub fn declared(self) -> &'static Declared {
        // The table has one line for each variant, in their order.
        &DECLARED[self as usize]
    }

    /// The name.
    pub fn id(self) -> &'static str {
        self.declared().id
    }

    /// The decision of this name.
    pub fn find(id: &str) -> Option<Decision> {
        DECLARED.iter().find(|d| d.id == id).map(|d| d.decision)
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Decision {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Decision {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Decision::find(&id).ok_or_else(|| serde::de::Error::custom(format!("no decision is called {id}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_each_decision_in_their_order() {
        for (place, declared) in DECLARED.iter().enumerate() {
            assert_eq!(declared.decision as usize, place, "{}", declared.id);
            assert_eq!(Decision::find(declared.id), Some(declared.decision));
        }
    }

    #[test]
    fn every_value_can_be_chosen_and_the_first_is_the_default() {
        for declared in DECLARED.iter().filter(|d| !d.values.is_empty()) {
            assert_eq!(Policy::default().chosen(declared.id), Some(declared.values[0].0), "{}", declared.id);
            for (value, _) in declared.values {
                let mut policy = Policy::default();
                policy.decide(declared.id, value).expect("the table has it");
                assert_eq!(policy.chosen(declared.id), Some(*value));
            }
        }
    }

    #[test]
    fn what_the_table_does_not_have_is_refused_with_what_there_is() {
        let mut policy = Policy::default();
        let refused = |policy: &mut Policy, name, value| policy.decide(name, value).expect_err("refused").to_string();
        assert_eq!(
            refused(&mut policy, "modify-handle", "x"),
            "decision `modify-handle` has no value `x`; it has same, changed"
        );
        assert_eq!(refused(&mut policy, "bus-to-nobody", "x"), "decision `bus-to-nobody` has no other value");
        assert_eq!(refused(&mut policy, "x", "y"), "no decision is called `x`; docs/decisions.md lists them");
        assert!(Policy::profile("beos").is_err());
    }

    #[test]
    fn profiles_choose_what_the_page_says() {
        assert_eq!(Policy::profile("documented"), Ok(Policy::default()));
        let wine = Policy::profile("wine").expect("there is one");
        assert_eq!(wine.info_second_use, InfoSecondUse::SameDescriptor);
        let reactos = Policy::profile("reactos").expect("there is one");
        assert_eq!(reactos.unclaimed_duplicate, UnclaimedDuplicate::DoesNotKeep);
    }
}
