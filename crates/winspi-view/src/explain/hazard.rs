//! A hazard: what works and may not be meant.

use serde_json::json;
use winspi_core::event::HazardKind;

use super::{Page, names, plain, rule_rows};
use crate::clauses::{self, ClauseText};

/// The page of a hazard.
pub(super) fn page(kind: HazardKind) -> Page {
    let rules: Vec<&ClauseText> = clauses::all().iter().filter(|rule| names(kind.text(), rule.id)).collect();
    let json = json!({
        "kind": "hazard",
        "name": kind.name(),
        "question": kind.question(),
        "text": plain(kind.text()).join("\n\n"),
        "rules": rules,
    });
    let page = Page::new(kind.name(), "a hazard: it works, and may not be meant", json).paragraph(kind.question());
    let page = plain(kind.text()).into_iter().fold(page, Page::paragraph);
    let facts = [
        ("where it is shown", "winspi run and winspi explore; it is no failure"),
        ("to expect it", &format!("expect hazard {}, in a scenario", kind.name())),
    ];
    let facts = facts.into_iter().map(|(what, text)| vec![what.to_owned(), text.to_owned()]);
    page.section("What to know", facts.collect()).section("Rules that it names", rule_rows(rules))
}
