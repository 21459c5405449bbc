//! Reads a scenario.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use winspi_script::syntax::Diagnostic;
use winspi_script::syntax::tree::Span;
use winspi_script::{Script, syntax};

/// The most bytes of a scenario.
const MOST: u64 = 16 << 20;

/// Why there is nothing to run: what is written to the standard error output, with a line feed at its end.
#[derive(Debug)]
pub(crate) struct BadInput(pub(crate) String);

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A scenario that is ready to run.
pub(crate) struct Scenario {
    /// The name of the file, as the user gave it.
    pub(crate) file: String,
    /// What stands in it.
    pub(crate) text: String,
    /// What it means.
    pub(crate) script: Arc<Script>,
}

impl Scenario {
    /// What is wrong at a place of the text.
    pub(crate) fn wrong_at(&self, span: Span, message: impl Into<String>) -> BadInput {
        let line = (span.line as usize).saturating_sub(1);
        let diagnostic = Diagnostic {
            line: span.line,
            column: span.column,
            length: span.length.max(1),
            message: message.into(),
            expected: Vec::new(),
            suggestion: None,
            line_text: self.text.lines().nth(line).unwrap_or_default().to_owned(),
        };
        BadInput(diagnostic.render(&self.file))
    }
}

/// Reads, parses and checks a scenario.
pub(crate) fn scenario(path: &Path) -> Result<Scenario, BadInput> {
    let file = path.display().to_string();
    let bad = |message: &str| BadInput(format!("{file}: {message}\n"));
    if path == Path::new("-") {
        return Err(bad("the standard input cannot be read yet; give the name of a file"));
    }
    let bytes = read(path).map_err(|message| bad(&message))?;
    let rendered = |errors: Vec<Diagnostic>| {
        let errors: Vec<String> = errors.iter().map(|error| error.render(&file)).collect();
        BadInput(errors.join("\n"))
    };
    let tree = syntax::parse_bytes(&bytes).map_err(rendered)?;
    // The parser has read all of it as UTF-8.
    let text = String::from_utf8(bytes).map_err(|error| bad(&error.to_string()))?;
    let script = Script::new(&tree, &text).map_err(rendered)?;
    if script.lines.is_empty() {
        return Err(bad("the scenario has no lines"));
    }
    Ok(Scenario { file, text, script })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > MOST => Err(format!("the file has more than {} MiB", MOST >> 20)),
        Ok(_) => Ok(bytes),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound => "there is no such file".to_owned(),
            ErrorKind::IsADirectory => "this is a directory, not a file".to_owned(),
            ErrorKind::PermissionDenied => "the file may not be read".to_owned(),
            _ => format!("the file cannot be read: {error}"),
        }),
    }
}
