//! `winspi fmt`: scenarios in their canonical form, and from the text to JSON and back.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tempfile::NamedTempFile;
use winspi_script::{json, syntax};
use winspi_view::formatted::{self, Change, Formatted};

use crate::Ending;
use crate::input::{BadInput, STDIN, Text, text};
use crate::output;
use crate::paths::sources;

/// Bring scenarios into their canonical form, in place
///
/// Comments are kept. A file is written beside and then renamed, and only if it changes. `-` reads the standard input
/// and writes the standard output.
#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct Options {
    /// Scenarios; folders, for all *.winspi in them; `-` for the standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; show what would change
    #[arg(long)]
    check: bool,
    /// Write one file to the standard output instead: as its text, or in its JSON form (docs/scenario.schema.json)
    #[arg(long, value_enum, value_name = "FORM", conflicts_with_all = ["check", "json"])]
    to: Option<Form>,
    /// Write the report as one JSON object
    #[arg(long)]
    json: bool,
}

/// How a scenario is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The text in the language of docs/language.md
    Text,
    /// The tree in JSON
    Json,
}

/// What the exit status means.
const STATUS: &str = "\
Exit status:
  0  every file is in its canonical form now
  1  with --check: some file is not
  2  a bad option, a file that cannot be read or written, a text that is not in
     the language; all others are formatted";

/// Formats the scenarios.
pub(crate) fn fmt(options: &Options) -> Result<Ending, BadInput> {
    let sources = sources(&options.paths, true);
    let is_stdin = |path: &PathBuf| path.as_path() == Path::new(STDIN);
    if let Some(form) = options.to {
        return match sources.found.as_slice() {
            [Ok(path)] if !sources.several => convert(&text(path)?, form),
            _ => Err(BadInput::option("error: the option '--to <FORM>' takes one file\n".to_owned())),
        };
    }
    if sources.several && options.paths.iter().any(is_stdin) {
        return Err(BadInput::option("error: the standard input (-) is formatted alone\n".to_owned()));
    }
    if !options.check && !options.json && options.paths.iter().any(is_stdin) {
        let text = read(Path::new(STDIN))?;
        output::write(&canonical(&text)?)?;
        return Ok(Ending::Good);
    }
    let (mut files, mut bad) = (Vec::new(), false);
    for path in sources.found {
        match path.and_then(|path| format(&path, options)) {
            Ok(file) => files.push(file),
            Err(error) => {
                if bad {
                    output::complain("\n");
                }
                bad = true;
                output::complain(&error.message);
                files.push(Formatted { file: error.file, change: Change::BadInput(error.message) });
            }
        }
    }
    let would_change = files.iter().any(|file| matches!(file.change, Change::WouldChange { .. }));
    let report = if options.json { formatted::render_json(&files) } else { formatted::render(&files, output::look()) };
    output::write(&report)?;
    Ok(if bad { Ending::BadInput } else { Ending::of(!would_change) })
}

/// Writes a file in one of its forms.
fn convert(text: &Text, form: Form) -> Result<Ending, BadInput> {
    let written = match form {
        Form::Text => canonical(text)?,
        Form::Json => {
            let written = json::to_short_json(&text.tree)
                .map_err(|error| BadInput { message: format!("{}: {error}\n", text.file), file: text.file.clone() })?;
            format!("{written}\n")
        }
    };
    output::write(&written)?;
    Ok(Ending::Good)
}

fn read(path: &Path) -> Result<Text, BadInput> {
    let text = text(path)?;
    if text.was_json {
        let message = format!(
            "{}: this is the JSON form of a scenario; `winspi fmt --to text` writes its text, `--to json` the form\n",
            text.file
        );
        return Err(BadInput { file: text.file, message });
    }
    Ok(text)
}

/// The canonical form of a text, with the line ends that it has.
fn canonical(text: &Text) -> Result<String, BadInput> {
    let printed = syntax::print(&text.tree);
    // Nobody's file is replaced by one that means something else.
    if syntax::parse(&printed).as_ref() != Ok(&text.tree) {
        let message = format!("{}: internal: the canonical form would mean something else; it stays\n", text.file);
        return Err(BadInput { file: text.file.clone(), message });
    }
    let first = text.text.split_inclusive('\n').next().unwrap_or_default();
    Ok(if first.ends_with("\r\n") { printed.replace('\n', "\r\n") } else { printed })
}

/// Formats one file, unless it is to be checked only.
fn format(path: &Path, options: &Options) -> Result<Formatted, BadInput> {
    let text = read(path)?;
    let printed = canonical(&text)?;
    let change = if printed == text.text {
        Change::None
    } else if options.check {
        Change::WouldChange { from: text.text, to: printed }
    } else if path == Path::new(STDIN) {
        Change::Written(printed)
    } else {
        replace(path, &printed)
            .map_err(|error| BadInput::of(path, format!("{}: it cannot be written: {error}\n", path.display())))?;
        Change::Formatted
    };
    Ok(Formatted { file: text.file, change })
}

/// Replaces a file by another one of the same permissions: a reader sees the old or the new one, never a part.
fn replace(path: &Path, content: &str) -> std::io::Result<()> {
    // What a link leads to is replaced, not the link.
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(std::io::Error::other("it is read-only"));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut beside = NamedTempFile::new_in(folder)?;
    beside.write_all(content.as_bytes())?;
    beside.as_file().set_permissions(permissions)?;
    beside.as_file().sync_all()?;
    beside.persist(&path).map_err(|error| error.error)?;
    Ok(())
}
