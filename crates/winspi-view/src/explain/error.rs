//! An error code, or another constant of the headers: its number, what it means, which rules name it.

use serde_json::json;
use winspi_types::ErrorCode;
use winspi_types::constants::Constant;

use super::{Page, decision_rows, decisions_on, names, rule_rows};
use crate::clauses::{self, ClauseText};

/// The page of an error code.
pub(super) fn page(code: ErrorCode) -> Page {
    let name = code.name().unwrap_or_default();
    let also: Vec<&str> = ErrorCode::names().filter(|n| *n != name && ErrorCode::from_name(n) == Some(code)).collect();
    let rules = naming(name, &also);
    let decisions = decisions_on(name);
    let json = json!({
        "kind": "error",
        "name": name,
        "also": also,
        "number": code.number(),
        "text": code.text(),
        "rules": rules,
        "decisions": decisions.iter().map(|d| json!({"name": d.id, "question": d.question})).collect::<Vec<_>>(),
    });
    let others = if also.is_empty() { String::new() } else { format!(", also called {}", also.join(", ")) };
    Page::new(name, format!("error code {}{others}", code.number()), json)
        .paragraph(sentence(code.text()))
        .section("Rules that name it", rule_rows(rules))
        .section("Decisions that name it", decision_rows(&decisions))
}

/// The page of a constant.
pub(super) fn constant(constant: &Constant) -> Page {
    let rules = naming(constant.name, &[]);
    let decisions = decisions_on(constant.name);
    let json = json!({
        "kind": "constant",
        "name": constant.name,
        "number": constant.value,
        "text": constant.text,
        "page": constant.page,
        "rules": rules,
        "decisions": decisions.iter().map(|d| json!({"name": d.id, "question": d.question})).collect::<Vec<_>>(),
    });
    let number = match constant.value {
        value @ 10.. => format!("{value} (0x{value:x})"),
        value => value.to_string(),
    };
    Page::new(constant.name, format!("a constant: {number}"), json)
        .paragraph(sentence(constant.text))
        .section("What to know", vec![vec!["page".to_owned(), constant.page.to_owned()]])
        .section("Rules that name it", rule_rows(rules))
        .section("Decisions that name it", decision_rows(&decisions))
}

/// The rules that name something, by one of its names.
fn naming(name: &str, also: &[&str]) -> Vec<&'static ClauseText> {
    let named = |rule: &&ClauseText| names(rule.text, name) || also.iter().any(|also| names(rule.text, also));
    clauses::all().iter().filter(named).collect()
}

/// A few words as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
