//! What the formatter did, or would do, to files.

use serde_json::{Value as Json, json};

use crate::text::{Paint, count, visible};
use crate::{Look, diff};

/// A file that was looked at.
#[derive(Clone, Debug)]
pub struct Formatted {
    /// The file, as the user named it.
    pub file: String,
    /// What became of it.
    pub change: Change,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub enum Change {
    /// It is in its canonical form.
    None,
    /// It was written in its canonical form.
    Formatted,
    /// It was not a file: this is its canonical form.
    Written(String),
    /// It is not in its canonical form.
    WouldChange {
        /// What stands in it.
        from: String,
        /// Its canonical form.
        to: String,
    },
    /// It could not be read or written, or is not in the language: the errors as they are told.
    BadInput(String),
}

impl Change {
    /// The words for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Change::None => "unchanged",
            Change::Formatted | Change::Written(_) => "formatted",
            Change::WouldChange { .. } => "would change",
            Change::BadInput(_) => "bad input",
        }
    }
}

/// The words in the order in which files are counted.
const NAMES: [&str; 4] = ["formatted", "would change", "unchanged", "bad input"];

/// The report for people: what would change, a line for each file that did or could not, and the sum.
pub fn render(files: &[Formatted], look: Look) -> String {
    let mut out = String::new();
    for Formatted { file, change } in files {
        match change {
            Change::None | Change::Written(_) => {}
            Change::Formatted => out.push_str(&format!("  formatted  {}\n", visible(file))),
            Change::WouldChange { from, to } => {
                out.push_str(&diff::render(file, from, to, look));
                out.push('\n');
            }
            Change::BadInput(_) => {
                let line = format!("✗ bad input  {}", visible(file));
                out.push_str(&format!("{}\n", Paint::Bad.on(&line, look.colour)));
            }
        }
    }
    let number = |name: &str| files.iter().filter(|file| file.change.name() == name).count();
    let parts: Vec<String> =
        NAMES.iter().filter(|name| number(name) > 0).map(|name| format!("{} {name}", number(name))).collect();
    let paint = if number("would change") + number("bad input") > 0 { Paint::Bad } else { Paint::Good };
    let sum = format!("{}: {}", count(files.len(), "file"), parts.join(", "));
    format!("{out}{}\n", paint.on(&sum, look.colour))
}

/// The report for programs.
pub fn render_json(files: &[Formatted]) -> String {
    let object = |file: &Formatted| {
        let mut object = json!({"file": file.file, "status": file.change.name()});
        match &file.change {
            Change::Written(text) => object["text"] = json!(text),
            Change::WouldChange { from, to } => {
                object["diff"] = json!(diff::render(&file.file, from, to, Look::PLAIN));
            }
            Change::BadInput(errors) => object["errors"] = json!(errors),
            Change::None | Change::Formatted => {}
        }
        object
    };
    let wrong = |file: &Formatted| matches!(file.change, Change::WouldChange { .. } | Change::BadInput(_));
    let passed = !files.iter().any(wrong);
    format!("{:#}\n", json!({"passed": passed, "files": files.iter().map(object).collect::<Vec<Json>>()}))
}
