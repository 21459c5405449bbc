//! Reads scenarios: files, or the standard input; texts, or their JSON form.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use winspi_script::syntax::Diagnostic;
use winspi_script::syntax::tree::{self, Span};
use winspi_script::{Script, json, syntax};

/// The most bytes of a scenario.
const MOST: u64 = 16 << 20;

/// What the standard input is called.
pub(crate) const STDIN: &str = "-";

/// Why there is nothing to run: what is written to the standard error output, with a line feed at its end.
#[derive(Debug)]
pub(crate) struct BadInput {
    /// The file that it is about; empty where it is about an option.
    pub(crate) file: String,
    /// What to write.
    pub(crate) message: String,
}

impl BadInput {
    /// What is wrong with an option.
    pub(crate) fn option(message: String) -> BadInput {
        BadInput { file: String::new(), message }
    }

    /// What is wrong with a file: the whole text, with the name of the file at its beginning.
    pub(crate) fn of(file: &Path, message: String) -> BadInput {
        BadInput { file: file.display().to_string(), message }
    }

    fn diagnostics(file: &str, errors: &[Diagnostic]) -> BadInput {
        let errors: Vec<String> = errors.iter().map(|error| error.render(file)).collect();
        BadInput { file: file.to_owned(), message: errors.join("\n") }
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A text in the language, parsed.
pub(crate) struct Text {
    /// The name of the file, as the user gave it.
    pub(crate) file: String,
    /// What stands in it; of a JSON form the text that it stands for.
    pub(crate) text: String,
    /// Its tree.
    pub(crate) tree: tree::File,
    /// Whether it was in the JSON form.
    pub(crate) was_json: bool,
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
        BadInput::diagnostics(&self.file, &[diagnostic])
    }
}

/// Reads and parses a text, or the JSON form of one: what begins with a brace.
pub(crate) fn text(path: &Path) -> Result<Text, BadInput> {
    let (file, bytes) = bytes(path)?;
    text_of(file, bytes)
}

/// Reads a file, and says what it is called.
pub(crate) fn bytes(path: &Path) -> Result<(String, Vec<u8>), BadInput> {
    let file = path.display().to_string();
    let bytes = read(path).map_err(|message| BadInput::of(path, format!("{file}: {message}\n")))?;
    Ok((file, bytes))
}

/// Parses what was read.
pub(crate) fn text_of(file: String, bytes: Vec<u8>) -> Result<Text, BadInput> {
    let rendered = |errors: Vec<Diagnostic>| BadInput::diagnostics(&file, &errors);
    if bytes.trim_ascii_start().starts_with(b"{") {
        let bad = |message: String| BadInput { file: file.clone(), message: format!("{file}: {message}\n") };
        let form = String::from_utf8(bytes).map_err(|error| bad(format!("no scenario in JSON: {error}")))?;
        let tree = json::from_json(&form).map_err(|error| bad(error.to_string()))?;
        let text = syntax::print(&tree);
        // Read again, so that places are those of the text.
        let tree = syntax::parse(&text).map_err(rendered)?;
        return Ok(Text { file, text, tree, was_json: true });
    }
    let tree = syntax::parse_bytes(&bytes).map_err(rendered)?;
    // The parser has read all of it as UTF-8.
    let text = String::from_utf8(bytes)
        .map_err(|error| BadInput { file: file.clone(), message: format!("{file}: {error}\n") })?;
    Ok(Text { file, text, tree, was_json: false })
}

/// Reads, parses and checks a scenario.
pub(crate) fn scenario(path: &Path) -> Result<Scenario, BadInput> {
    ready(text(path)?)
}

/// Parses and checks what was read.
pub(crate) fn scenario_of(file: String, bytes: Vec<u8>) -> Result<Scenario, BadInput> {
    ready(text_of(file, bytes)?)
}

/// Checks a scenario.
fn ready(text: Text) -> Result<Scenario, BadInput> {
    let Text { file, text, tree, .. } = text;
    let script = Script::new(&tree, &text).map_err(|errors| BadInput::diagnostics(&file, &errors))?;
    if script.lines.is_empty() && script.cases.is_empty() {
        return Err(BadInput { message: format!("{file}: the scenario has no lines\n"), file });
    }
    Ok(Scenario { file, text, script })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if path == Path::new(STDIN) {
        io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
    };
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
