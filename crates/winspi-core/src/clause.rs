//! Clauses: the rules of the documents, named by the ids of the catalogue in `spec-tests/clauses`.
//!
//! A rule in code says which clause it carries out with [`clause!`](crate::clause!), which the compiler checks.
//!
//! Only the ids are here. What a clause says is the matter of reports, which know the texts.
//! The number behind a [`Clause`] changes whenever the catalogue does, so stored forms hold the id.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod ids;

use ids::IDS;

/// A clause of the catalogue. Clauses are ordered as their ids are, byte by byte.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clause(u16);

impl Clause {
    /// How many clauses the catalogue has.
    pub const COUNT: usize = IDS.len();

    /// The id, such as `WSPBind.error-enotsock`.
    pub const fn id(self) -> &'static str {
        IDS[self.0 as usize]
    }

    /// The place in the order of all clauses, below [`Clause::COUNT`]. For tables in memory, never for stored forms.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The clause with this id, if the catalogue has it.
    pub const fn find(id: &str) -> Option<Clause> {
        let mut low = 0;
        let mut high = IDS.len();
        while low < high {
            let middle = low + (high - low) / 2;
            match order(IDS[middle].as_bytes(), id.as_bytes()) {
                // The table is shorter than 65536: see the check below it.
                0 => return Some(Clause(middle as u16)),
                1 => high = middle,
                _ => low = middle + 1,
            }
        }
        None
    }

    /// The clause of a function whose id ends so, if the catalogue has it: `of("WSPBind", "error-enotsock")`.
    pub fn of(function: &str, slug: &str) -> Option<Clause> {
        // Beside the id, not as a text of its own: calls that are refused ask here.
        let parts = || function.bytes().chain([b'.']).chain(slug.bytes());
        let place = IDS.binary_search_by(|id| id.bytes().cmp(parts())).ok()?;
        u16::try_from(place).ok().map(Clause)
    }

    /// All clauses, in order.
    pub fn all() -> impl ExactSizeIterator<Item = Clause> + DoubleEndedIterator {
        (0..IDS.len() as u16).map(Clause)
    }
}

const _: () = assert!(IDS.len() <= u16::MAX as usize);

/// The clause with this id, for use in constants. The macro [`clause!`](crate::clause!) makes sure that it is one.
///
/// # Panics
///
/// When the catalogue has no such id; in a constant this is an error of compilation.
pub const fn clause(id: &str) -> Clause {
    match Clause::find(id) {
        Some(clause) => clause,
        None => panic!("no clause in spec-tests/clauses has this id"),
    }
}

/// The [`Clause`](crate::clause::Clause) with the given id, looked up by the compiler.
///
/// ```
/// use winspi_core::clause;
///
/// assert_eq!(clause!("WSPBind.error-enotsock").id(), "WSPBind.error-enotsock");
/// ```
///
/// An id that the catalogue does not have is an error of compilation:
///
/// ```compile_fail
/// winspi_core::clause!("WSPBind.no-such-rule");
/// ```
#[macro_export]
macro_rules! clause {
    ($id:literal) => {{
        // An item, not `const { .. }`: the compiler evaluates it in unused code and in `cargo check`, too.
        const CLAUSE: $crate::clause::Clause = $crate::clause::clause($id);
        CLAUSE
    }};
}

/// 0 when both are equal, 1 when `left` comes after `right`, -1 when before. `Ord` cannot be called in constants.
const fn order(left: &[u8], right: &[u8]) -> i8 {
    let mut at = 0;
    while at < left.len() && at < right.len() {
        if left[at] != right[at] {
            return if left[at] > right[at] { 1 } else { -1 };
        }
        at += 1;
    }
    if left.len() == right.len() {
        0
    } else if left.len() > right.len() {
        1
    } else {
        -1
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl fmt::Debug for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Serialize for Clause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Clause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Id;

        impl Visitor<'_> for Id {
            type Value = Clause;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the id of a clause")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Clause, E> {
                Clause::find(id).ok_or_else(|| E::custom(format_args!("no clause has the id {id:?}")))
            }
        }

        deserializer.deserialize_str(Id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_sorted_and_unique() {
        assert!(IDS.is_sorted_by(|left, right| left < right));
    }

    #[test]
    fn every_id_is_found_where_it_stands() {
        for (index, clause) in Clause::all().enumerate() {
            assert_eq!(clause.index(), index);
            assert_eq!(Clause::find(clause.id()), Some(clause));
            let (function, slug) = clause.id().split_once('.').expect("an id has a dot");
            assert_eq!(Clause::of(function, slug), Some(clause));
        }
    }

    #[test]
    fn unknown_ids_are_not_found() {
        for id in ["", "A", "WSPBind", "WSPBind.", "WSPBind.error-enotsoc", "WSPBind.error-enotsock-", "zzz", "Ω"] {
            assert_eq!(Clause::find(id), None, "{id}");
            assert_eq!(Clause::of(id, "error-enotsoc"), None, "{id}");
        }
    }

    #[test]
    fn the_macro_is_a_constant() {
        const ENOTSOCK: Clause = crate::clause!("WSPBind.error-enotsock");
        assert_eq!(format!("{ENOTSOCK} {ENOTSOCK:?}"), "WSPBind.error-enotsock WSPBind.error-enotsock");
    }

    #[test]
    fn stored_as_its_id() {
        let clause = crate::clause!("WSPBind.error-enotsock");
        let stored = serde_json::to_string(&clause).expect("a string can be stored");
        assert_eq!(stored, r#""WSPBind.error-enotsock""#);
        assert_eq!(serde_json::from_str::<Clause>(&stored).expect("it was just stored"), clause);
        let error = serde_json::from_str::<Clause>(r#""WSPBind.no""#).expect_err("no such clause");
        assert!(error.to_string().starts_with(r#"no clause has the id "WSPBind.no""#), "{error}");
    }
}
