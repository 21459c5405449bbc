//! What a name means: a function, an error code, a decision, a hazard, a rule, the subject of rules, a constant of the SDK.
//!
//! [`find`] looks a name up, [`contents`] lists what there is. Both give a [`Page`], which is shown to people or to
//! programs. `function.rs`, `error.rs`, `decision.rs`, `hazard.rs` and `rule.rs` have a kind of page each, `contents.rs`
//! the list.

use serde_json::Value as Json;
use winspi_core::event::HazardKind;
use winspi_core::policy::{DECLARED, Declared};
use winspi_core::signature::Function;
use winspi_script::script::is_callable;
use winspi_types::ErrorCode;
use winspi_types::constants::{Constant, constants};

use crate::Look;
use crate::clauses::{self, ClauseText};
use crate::grid::{heading, list};
use crate::text::{Paint, paragraph, visible, width, wrap};

mod contents;
mod decision;
mod error;
mod function;
mod hazard;
mod names;
mod rule;

pub use contents::contents;
pub use names::near;

/// The least room for the last column of a list.
const LEAST: usize = 38;

/// What is said about a name.
#[derive(Clone, Debug)]
pub struct Page {
    /// The name as it is written.
    title: String,
    /// What it is.
    kind: String,
    /// Paragraphs below the title.
    text: Vec<String>,
    /// Lists, each under its heading.
    sections: Vec<Section>,
    /// The same for programs.
    json: Json,
}

/// A list under a heading.
#[derive(Clone, Debug)]
struct Section {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Page {
    fn new(title: &str, kind: impl Into<String>, json: Json) -> Page {
        Page { title: title.to_owned(), kind: kind.into(), text: Vec::new(), sections: Vec::new(), json }
    }

    fn paragraph(mut self, text: impl Into<String>) -> Page {
        self.text.push(text.into());
        self
    }

    /// Adds a list, unless it is empty.
    fn section(mut self, title: impl Into<String>, rows: Vec<Vec<String>>) -> Page {
        if !rows.is_empty() {
            self.sections.push(Section { title: title.into(), rows });
        }
        self
    }

    /// The page for people.
    pub fn render(&self, look: Look) -> String {
        let title = Paint::Strong.on(&self.title, look.colour);
        let mut out = format!("{title}\n{}\n", Paint::Faint.on(&self.kind, look.colour));
        for text in self.text.iter().filter(|text| !text.is_empty()) {
            out.push_str(&format!("\n{}", paragraph(&visible(text), 0, look.width)));
        }
        for section in &self.sections {
            out.push_str(&heading(&section.title, look));
            out.push_str(&section.render(look));
        }
        out
    }

    /// The page for programs: one JSON object.
    pub fn render_json(&self) -> String {
        format!("{:#}\n", self.json)
    }
}

impl Section {
    /// Columns; where they leave too little room for the last one, it stands below the others.
    fn render(&self, look: Look) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(1) - 1;
        let wide = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|t| width(t)).max();
        let before: usize = (0..columns).map(|column| wide(column).unwrap_or(0) + 2).sum();
        if columns == 0 || before + LEAST <= look.width {
            return list(&self.rows, look);
        }
        let mut out = String::new();
        for row in &self.rows {
            let Some((last, first)) = row.split_last() else { continue };
            for line in wrap(&first.join("  "), look.width.saturating_sub(2).max(LEAST), 4) {
                out.push_str(&format!("  {line}\n"));
            }
            out.push_str(&paragraph(last, 6, look.width));
        }
        out
    }
}

/// What is called by a name: exactly, or else without regard to capital letters.
pub fn find(name: &str) -> Option<Page> {
    let name = name.trim();
    if let Ok(number) = name.parse::<i32>() {
        return Some(ErrorCode(number)).filter(|code| code.name().is_some()).map(error::page);
    }
    let exact = |known: &str| known == name;
    let alike = |known: &str| known.eq_ignore_ascii_case(name);
    let wide = |known: &str| name.strip_suffix(['W', 'w', 'A', 'a']).is_some_and(|n| known.eq_ignore_ascii_case(n));
    by(exact).or_else(|| by(alike)).or_else(|| by(wide))
}

/// The first thing whose name fits.
fn by(fits: impl Fn(&str) -> bool) -> Option<Page> {
    if let Some(function) = functions().find(|function| fits(function.name())) {
        return Some(function::page(function));
    }
    if let Some(code) = ErrorCode::names().find(|name| fits(name)).and_then(ErrorCode::from_name) {
        return Some(error::page(code));
    }
    if let Some(declared) = DECLARED.iter().find(|declared| fits(declared.id)) {
        return Some(decision::page(declared));
    }
    if let Some(kind) = HazardKind::ALL.into_iter().find(|kind| fits(kind.name())) {
        return Some(hazard::page(kind));
    }
    if let Some(clause) = clauses::all().iter().find(|clause| fits(clause.id)) {
        return Some(rule::page(clause));
    }
    if let Some(constant) = constants().find(|constant| fits(constant.name)) {
        return Some(error::constant(constant));
    }
    subjects().into_iter().find(|subject| fits(subject)).map(rule::subject)
}

/// The functions that a scenario can call.
fn functions() -> impl Iterator<Item = Function> {
    Function::all().filter(|function| is_callable(*function))
}

/// What rules speak of: functions, structures, and notions of the documents.
fn subjects() -> Vec<&'static str> {
    let mut subjects: Vec<&str> = clauses::all().iter().map(|clause| subject_of(clause)).collect();
    subjects.dedup();
    subjects
}

/// What stands before the stop in the id of a rule.
fn subject_of(clause: &ClauseText) -> &'static str {
    clause.id.split_once('.').map_or(clause.id, |(subject, _)| subject)
}

/// The rules of a subject.
fn rules_of(subject: &str) -> impl Iterator<Item = &'static ClauseText> {
    clauses::all().iter().filter(move |clause| subject_of(clause) == subject)
}

/// Whether a text has a name in it as a whole word.
fn names(text: &str, name: &str) -> bool {
    let inside = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    text.match_indices(name).any(|(place, _)| {
        let before = text.get(..place).and_then(|rest| rest.chars().next_back());
        let after = text.get(place + name.len()..).and_then(|rest| rest.chars().next());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

/// Whether a name cannot be a word of a sentence: `WSPBind` and `BusSend`, not `socket` and `Write`.
fn is_telling(name: &str) -> bool {
    name.chars().filter(|c| c.is_uppercase()).count() > 1
}

/// The decisions that name something: id and question.
fn decisions_on(name: &str) -> Vec<&'static Declared> {
    if name.chars().all(char::is_alphabetic) && !is_telling(name) {
        return Vec::new();
    }
    let on = |declared: &&Declared| {
        let values = declared.values.iter().any(|(_, what)| names(what, name));
        names(declared.question, name) || names(declared.text, name) || values
    };
    DECLARED.iter().filter(on).collect()
}

fn decision_rows(decisions: &[&Declared]) -> Vec<Vec<String>> {
    decisions.iter().map(|declared| vec![declared.id.to_owned(), declared.question.to_owned()]).collect()
}

/// Rules with their whole ids.
fn rule_rows<'c>(rules: impl IntoIterator<Item = &'c ClauseText>) -> Vec<Vec<String>> {
    rules.into_iter().map(|rule| vec![rule.level.to_string(), rule.id.to_owned(), rule.text.to_owned()]).collect()
}

/// The rules of a subject, each without its name.
fn short_rules(rules: &[&ClauseText]) -> Vec<Vec<String>> {
    let short =
        |rule: &ClauseText| rule.id.find('.').and_then(|stop| rule.id.get(stop..)).unwrap_or(rule.id).to_owned();
    rules.iter().map(|rule| vec![rule.level.to_string(), short(rule), rule.text.to_owned()]).collect()
}

/// The constants whose name begins in the same way, up to the first underscore.
fn prefix_of(constant: &Constant) -> &'static str {
    constant.name.split_inclusive('_').next().unwrap_or(constant.name)
}

/// Markdown as plain text: paragraphs on one line each, names without the brackets of links.
fn plain(markdown: &str) -> Vec<String> {
    let paragraphs = markdown.trim().split("\n\n");
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    paragraphs.map(|text| one_line(&text.replace("[`", "`").replace("`]", "`"))).collect()
}

#[cfg(test)]
mod tests;
