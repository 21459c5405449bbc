//! A decision: what is asked, what the answer rests on, which values there are and who takes which.

use serde_json::json;
use winspi_core::policy::{Declared, Policy, Sure};

use super::{Page, functions, is_telling, names, plain, rule_rows};
use crate::clauses::{self, ClauseText};

/// The profiles, in the order in which they are shown.
const PROFILES: [&str; 4] = ["documented", "windows", "wine", "reactos"];

/// The page of a decision.
pub(super) fn page(declared: &Declared) -> Page {
    let rules: Vec<&ClauseText> = clauses::all().iter().filter(|rule| names(declared.text, rule.id)).collect();
    let functions: Vec<&str> = functions()
        .map(|function| function.name())
        .filter(|name| is_telling(name) && (names(declared.text, name) || names(declared.question, name)))
        .collect();
    let (sure, meaning) = sure(declared.sure);
    let values: Vec<(&str, &str, Vec<&str>)> =
        declared.values.iter().map(|(value, what)| (*value, *what, profiles(declared.id, value))).collect();
    let json = json!({
        "kind": "decision",
        "name": declared.id,
        "question": declared.question,
        "text": plain(declared.text).join("\n\n"),
        "sure": sure,
        "values": values.iter().map(|(value, what, profiles)| json!({
            "name": value, "text": what, "profiles": profiles,
        })).collect::<Vec<_>>(),
        "rules": rules,
        "functions": functions,
    });
    let mut page = Page::new(declared.id, "a decision of winspi", json).paragraph(declared.question);
    for text in plain(declared.text) {
        page = page.paragraph(text);
    }
    let rows = values.iter().map(|(value, what, profiles)| {
        vec![
            (*value).to_owned(),
            if profiles.is_empty() { "no profile".to_owned() } else { profiles.join(", ") },
            (*what).to_owned(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let mut facts = vec![vec!["how sure".to_owned(), format!("{sure}: {meaning}")]];
    if !rows.is_empty() {
        let id = declared.id;
        facts.push(vec!["to choose".to_owned(), format!("winspi run --decide {id}=VALUE")]);
        facts.push(vec!["to rely on it".to_owned(), format!("needs decision {id}=VALUE, in a scenario")]);
    }
    page = page.section("Values, and the profiles that take them", rows).section("What to know", facts);
    page = page.section("Rules that it names", rule_rows(rules));
    if !functions.is_empty() {
        page = page.section("Functions that it names", vec![vec![functions.join(", ")]]);
    }
    page
}

/// The profiles that take a value.
fn profiles(decision: &str, value: &str) -> Vec<&'static str> {
    let takes = |profile: &&str| Policy::profile(profile).ok().and_then(|p| p.chosen(decision)) == Some(value);
    PROFILES.into_iter().filter(takes).collect()
}

fn sure(sure: Sure) -> (&'static str, &'static str) {
    match sure {
        Sure::Documented => ("documented", "a page says so, perhaps not where one would look"),
        Sure::Observed => ("observed", "seen in a real system or its tests"),
        Sure::Inferred => ("inferred", "it follows from what is documented"),
        Sure::Ours => ("ours", "a choice that something has to make"),
    }
}
