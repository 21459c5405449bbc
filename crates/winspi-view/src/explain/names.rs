//! Names that are near to one that is not there.

use winspi_core::event::HazardKind;
use winspi_core::policy::DECLARED;
use winspi_types::ErrorCode;
use winspi_types::constants::constant_names;

use super::{functions, subjects};
use crate::clauses;

/// How many names are proposed at most.
const MOST: usize = 5;

/// The names that someone may have meant: those that differ in few letters, then those that contain what was written.
pub fn near(name: &str) -> Vec<&'static str> {
    let wanted = name.trim().to_lowercase();
    // Nobody writes a name of this length, and the comparison would take its time.
    if wanted.is_empty() || wanted.len() > 100 {
        return Vec::new();
    }
    let mut all: Vec<&'static str> = functions().map(|function| function.name()).collect();
    all.extend(ErrorCode::names().chain(DECLARED.iter().map(|declared| declared.id)).chain(subjects()));
    all.extend(HazardKind::ALL.map(HazardKind::name));
    all.extend(constant_names().chain(clauses::all().iter().map(|clause| clause.id)));
    let mut scored: Vec<(usize, usize, &str)> = Vec::new();
    for (place, known) in all.into_iter().enumerate() {
        let lower = known.to_lowercase();
        let distance = strsim::damerau_levenshtein(&lower, &wanted);
        if distance <= 1 + wanted.len() / 5 {
            scored.push((distance, place, known));
        } else if wanted.len() > 2 && lower.contains(&wanted) {
            // After those that differ in letters, the shortest first.
            scored.push((1000 + lower.len(), place, known));
        }
    }
    scored.sort_unstable();
    let mut near: Vec<&str> = scored.into_iter().map(|(_, _, known)| known).collect();
    let mut told = std::collections::BTreeSet::new();
    near.retain(|name| told.insert(*name));
    near.truncate(MOST);
    near
}
