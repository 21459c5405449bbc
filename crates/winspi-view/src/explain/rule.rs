//! A rule of the documents, and the rules of a subject.

use serde_json::json;
use winspi_core::signature::Function;

use super::{Page, decision_rows, decisions_on, functions, is_telling, names, rules_of, short_rules, subject_of};
use crate::clauses::{ClauseText, Level};

/// The page of a rule.
pub(super) fn page(clause: &ClauseText) -> Page {
    let subject = subject_of(clause);
    let of = |function: &Function| {
        let name = function.name();
        name == subject || is_telling(name) && names(clause.text, name)
    };
    let functions: Vec<&str> = functions().filter(of).map(Function::name).collect();
    let decisions = decisions_on(clause.id);
    let json = json!({
        "kind": "rule",
        "name": clause.id,
        "level": clause.level,
        "speaks_of": clause.kind,
        "text": clause.text,
        "pages": clause.source,
        "functions": functions,
        "decisions": decisions.iter().map(|d| json!({"name": d.id, "question": d.question})).collect::<Vec<_>>(),
    });
    let facts = vec![
        vec!["level".to_owned(), format!("{}: {}", clause.level, level(clause.level))],
        vec!["speaks of".to_owned(), clause.kind.to_string()],
        vec!["functions".to_owned(), functions.join(", ")],
        vec!["pages".to_owned(), clause.source.to_owned()],
    ];
    let facts = facts.into_iter().filter(|fact| fact.iter().all(|part| !part.is_empty())).collect();
    Page::new(clause.id, "a rule of the documents", json)
        .paragraph(clause.text)
        .section("What to know", facts)
        .section("Decisions that name it", decision_rows(&decisions))
}

/// The page of a subject that is no function.
pub(super) fn subject(subject: &'static str) -> Page {
    let rules: Vec<&ClauseText> = rules_of(subject).collect();
    let json = json!({"kind": "subject", "name": subject, "rules": rules});
    Page::new(subject, "a subject of the documents", json).section("Rules", short_rules(&rules))
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "it holds always",
        Level::Should => "it holds unless there is a reason",
        Level::May => "it is allowed",
        Level::Unspecified => "the documents leave it open or contradict each other; a decision settles it",
    }
}
